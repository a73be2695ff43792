package web

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
)

// questionStates are the pages on which an owner answers whether a petition goes on.
func questionStates(at func(string) chrome, content *undersigned.Content) (states []pageState) {
	for name, q := range map[string]action.Question{
		"asked":   {Asked: true, ClosesAt: sampleNow},
		"goes on": {},
		"over":    {Asked: true, Over: true, KeepDays: 1},
	} {
		q.Content, q.Action = content, content.Action("equality")
		states = append(states, pageState{"question, " + name, "attend", newQuestion(at("/attend/token"), "token", &q)})
	}
	return states
}

func TestOwnerAnswersByTheLinkInTheMail(t *testing.T) {
	s := newSite(t)
	owner := s.hire(undersigned.RoleOwner, "ana@staff.example")
	s.pass(undersigned.AttentionEvery)
	s.must(s.actions.Keys.Prepare(t.Context(), s.now()))
	s.must(s.actions.AskWhetherTheyGoOn(t.Context()))
	s.tick()
	owner.signIn()
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

func TestFormSaysForHowLongWhatIsTypedIsKept(t *testing.T) {
	content := testContent()
	content.Actions[0].KeepDays = 7
	s := newSiteOf(t, content, &url.URL{Scheme: "https", Host: testHost})
	wantWords(t, s.get("/shelter/equality"), "It is erased here 7 days after this closes.")
	wantWords(t, s.get("/shelter/promise"), "It is erased here 90 days after this closes.")
}
