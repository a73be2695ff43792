package action

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// diary gives what was told since the last call, as "kind subject detail".
func (s *testSite) diary() (told []string) {
	s.t.Helper()
	must(s.t, s.DB.View(s.t.Context(), func(tx *store.Tx) error {
		events, err := tx.Events("", s.clock.Now().AddDate(100, 0, 0), 1000)
		for _, e := range events {
			told = append(told, fmt.Sprintf("%s %s %s", e.Kind, e.Subject, e.Detail))
		}
		return err
	}))
	slices.Sort(told)
	return told
}

// loadBound imports the cause with one more petition, which ends with its bill.
func (s *testSite) loadBound() {
	s.t.Helper()
	content := testContent()
	id := undersigned.BillID{Congress: 119, Type: "hr", Number: 6397}
	content.Bills = []undersigned.Bill{{BillID: id, Title: "A bill", Stage: undersigned.InCommittee, AsOf: "2025-12-04"}}
	content.Actions = append(content.Actions, undersigned.Action{Issue: "cause", Slug: "bound", Kind: undersigned.Petition,
		State: undersigned.ActionOpen, Order: 4, Bill: id, Position: undersigned.Support, Texts: content.Actions[0].Texts})
	s.load(content)
}

func (s *testSite) notice() {
	s.t.Helper()
	_, _, err := s.DB.Poll(s.t.Context())
	must(s.t, err)
	must(s.t, s.NoticeAsks(s.t.Context()))
}

func TestDiaryHearsOfEachAskOnceWhenItOpensAndWhenItCloses(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.loadBound()
		s.notice()
		opened := s.diary()
		if !slices.Contains(opened, "opened bound ") || !slices.Contains(opened, "opened elsewhere ") {
			t.Fatalf("told %q", opened)
		}
		s.notice()
		if again := s.diary(); !slices.Equal(again, opened) {
			t.Errorf("told again: %q", again)
		}
		s.clock.Move(undersigned.CongressEnds(119).Sub(s.clock.Now()) - time.Second)
		s.notice()
		if early := s.diary(); slices.Contains(early, "closed bound bill_died") {
			t.Errorf("a second before the Congress ends: %q", early)
		}
		s.clock.Move(time.Second)
		s.notice()
		if closed := s.diary(); !slices.Contains(closed, "closed bound bill_died") {
			t.Errorf("when the Congress ends: %q", closed)
		}
	})
}

func TestBillThatMovesIsStoredToldAndClosesItsAsk(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.loadBound()
		wanted, err := s.WantedBills(t.Context())
		must(t, err)
		if len(wanted) != 1 {
			t.Fatalf("wanted are %v", wanted)
		}
		bill := &undersigned.Bill{BillID: wanted[0], Title: "A bill", Stage: undersigned.InCommittee, AsOf: "2026-11-22"}
		must(t, s.SaveBills(t.Context(), []*undersigned.Bill{bill}))
		if told := s.diary(); len(told) != 0 {
			t.Errorf("the first sight of a bill was told: %q", told)
		}
		law := *bill
		law.Stage, law.Decided, law.AsOf = undersigned.Enacted, "2026-11-21", "2026-11-23"
		must(t, s.SaveBills(t.Context(), []*undersigned.Bill{&law}))
		if told := s.diary(); !slices.Equal(told, []string{"bill " + bill.String() + " enacted"}) {
			t.Errorf("told %q", told)
		}
		site, err := s.DB.Site(t.Context())
		must(t, err)
		content := site.Issue("cause")
		a := content.Action("bound")
		if d := a.Decide(content.Bill(a.Bill), s.clock.Now()); d.Reason != undersigned.ReasonEnacted {
			t.Errorf("the ask of a law is %+v", d)
		}
	})
}

func TestDiaryHearsOfANewNameAndANewText(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		content := testContent()
		content.Organizations = []undersigned.Organization{{Slug: "refuge", Name: "LIRS"}}
		s.load(content)
		content = testContent()
		content.Organizations = []undersigned.Organization{{Slug: "refuge", Name: "Global Refuge"}}
		a := content.Action("petition")
		a.Texts = map[string]undersigned.ActionText{"en": {Title: "Another", Ask: "Another ask.", Body: "Because."}}
		s.load(content)
		if told := s.diary(); !slices.Equal(told, []string{"name Global Refuge LIRS", "version petition "}) {
			t.Errorf("told %q", told)
		}
	})
}
