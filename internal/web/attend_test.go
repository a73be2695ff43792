package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/store"
)

// questionStates are the pages on which an owner answers whether a petition goes on.
func questionStates(at func(string) chrome, content *undersigned.Content) (states []pageState) {
	for name, q := range map[string]action.Question{
		"asked":   {Asked: true, ClosesAt: sampleNow},
		"goes on": {},
		"over":    {Asked: true, Over: true, KeepDays: 1},
	} {
		q.Content, q.Action = content, content.Action("equality")
		states = append(states, pageState{"question, " + name, "attend", newQuestionPage(at("/attend/token"), "token", &q)})
	}
	return states
}

// askedOwner is an owner, signed in, who has been asked of the petition and the pledge without a last day.
func (s *testSite) askedOwner() *colleague {
	s.t.Helper()
	owner := s.hire(undersigned.RoleOwner, "ana@staff.example")
	s.pass(undersigned.AttentionEvery)
	s.must(s.actions.Keys.Prepare(s.t.Context(), s.now()))
	s.must(s.actions.AskWhetherTheyGoOn(s.t.Context()))
	s.tick()
	owner.signIn()
	return owner
}

func TestOwnerAnswersByTheLinkInTheMail(t *testing.T) {
	s := newSite(t)
	owner := s.askedOwner()
	wantWords(t, owner.get("/admin"), "Does “Equality under the law” go on?")
	link := ""
	for range 2 { // the petition and the pledge that have no last day
		m := s.letter()
		if m.To != owner.user.Email {
			t.Errorf("asked %s", m.To)
		}
		link = s.pathIn(m)
	}
	wantWords(t, s.get(link), "Does it go on?", "It goes on", "It is over: close it")
	wantStatus(t, s.post(link, url.Values{"answer": {"perhaps"}}), http.StatusUnprocessableEntity)
	wantStatus(t, s.post(link, url.Values{"answer": {"over"}}), http.StatusSeeOther)
	s.tick()
	wantWords(t, s.get(link), "Nobody can sign any more.")
	signed := s.between(s.get(link), `<p class="inset"><a href="`, `"`)
	wantWords(t, s.get(signed), "The organizer has closed it.")
	wantStatus(t, s.post(link, url.Values{"answer": {"goes_on"}}), http.StatusSeeOther)
	s.tick()
	wantWords(t, s.get(link), "You will be asked again in a year.")
	wantWords(t, s.get(signed), `name="given_name"`)
}

// Today leads to a page that ends nothing for whoever has no more than a cookie. The link in the mail needs none.
func TestOwnerWhoEndsAPetitionFromTodayKnowsItAndShowsWhoTheyAre(t *testing.T) {
	s := newSite(t)
	owner := s.askedOwner()
	const page = "/admin/actions/shelter/equality/attend"
	today := owner.get("/admin")
	wantWords(t, today, `href="`+page+`"`)
	if strings.Contains(today.Body.String(), "/attend/") {
		t.Error("it gives away a link that answers for whoever has it")
	}
	s.pass(undersigned.SessionProof)
	wantWords(t, owner.get(page), "Does it go on?", "This ends something for good", "it never opens again")
	over := url.Values{"answer": {"over"}, "ends": {"equality"}}
	w := owner.post(page, over)
	wantStatus(t, w, http.StatusForbidden)
	wantWords(t, w, "once more who you are", `value="over"`)
	owner.signIn()
	for _, form := range []url.Values{{"answer": {"over"}}, {"answer": {"enter"}, "ends": {"equality"}}} {
		wantStatus(t, owner.post(page, form), http.StatusUnprocessableEntity)
	}
	s.tick()
	wantWords(t, s.get("/shelter/equality"), `name="given_name"`)
	wantStatus(t, owner.post(page, over), http.StatusSeeOther)
	s.tick()
	wantWords(t, owner.get(page), "Nobody can sign any more.")
	wantWords(t, s.get("/shelter/equality"), "The organizer has closed it.")
	s.must(s.db.View(t.Context(), func(tx *store.Tx) error {
		noted, err := tx.Audit(store.AuditFilter{By: &owner.user.ID, Verb: undersigned.AuditAttended}, 2)
		if len(noted) != 1 || noted[0].Subject != "shelter/equality" {
			t.Errorf("noted %+v", noted)
		}
		return err
	}))
	wantStatus(t, owner.post(page, url.Values{"answer": {"goes_on"}}), http.StatusSeeOther)
	s.tick()
	wantWords(t, s.get("/shelter/equality"), `name="given_name"`)
	wantStatus(t, owner.get("/admin/actions/shelter/hidden/attend"), http.StatusNotFound)
}

func TestFormSaysForHowLongWhatIsTypedIsKept(t *testing.T) {
	content := testContent()
	content.Actions[0].KeepDays = 7
	s := newSiteOf(t, content, &url.URL{Scheme: "https", Host: testHost})
	wantWords(t, s.get("/shelter/equality"), "It is erased here 7 days after this closes.")
	wantWords(t, s.get("/shelter/promise"), "It is erased here 90 days after this closes.")
}
