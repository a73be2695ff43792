package action

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// closeDuty does the regular duty.
func (s *testSite) closeDuty() {
	s.t.Helper()
	_, _, err := s.DB.Poll(s.t.Context())
	must(s.t, err)
	must(s.t, s.CloseInLog(s.t.Context()))
}

func closeContent(closed bool) *undersigned.Content {
	c := testContent()
	if closed {
		c.Actions[1].State, c.Actions[1].Ended = undersigned.ActionClosed, "2026-11-22"
	}
	return c
}

func TestPetitionIsClosedInTheLogAfterThreeDaysWithItsTally(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.sign("petition", "Ana", "ana@example.org")
		link := s.request("pledge", "Ana", "ana@example.org")
		s.load(closeContent(true))
		s.closeDuty()
		s.confirm(link, Closed)
		s.clock.Move(72*time.Hour - time.Second)
		s.closeDuty()
		if kinds := s.tick().Kinds(); slices.Contains(kinds, "close") {
			t.Fatalf("closed too early: %q", kinds)
		}
		s.clock.Move(time.Second)
		s.closeDuty()
		s.closeDuty()
		if kinds := s.tick().Kinds(); !slices.Equal(kinds[len(kinds)-2:], []string{"tally", "close"}) {
			t.Errorf("the log ends with %q", kinds)
		}
		s.counts("petition", 1)
	})
}

func TestSignaturesOfABatchArePlacedBeforeTheClose(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		for _, email := range []string{"a@example.org", "b@example.org", "c@example.org"} {
			s.sign("pledge", "Ana", email)
		}
		s.sign("pledge", "Rui", "rui@example.org")
		s.load(closeContent(true))
		s.closeDuty()
		s.clock.Move(72 * time.Hour)
		s.closeDuty()
		log := s.tick()
		if got := log.Counts(s.action("pledge").PID); got.Counted != 4 {
			t.Errorf("closed with %+v", got)
		}
		// What was signed can be taken back after the close.
		my := s.myToken("rui@example.org")
		must(t, s.Withdraw(t.Context(), my, s.mine(my).ID))
		if got := s.tick().Counts(s.action("pledge").PID); got.Counted != 3 || got.Withdrawn != 1 {
			t.Errorf("after a withdrawal %+v", got)
		}
	})
}

func TestPetitionThatReopensWithinThreeDaysIsNotClosed(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.load(closeContent(true))
		s.closeDuty()
		s.clock.Move(71 * time.Hour)
		s.load(closeContent(false))
		s.closeDuty()
		s.clock.Move(2 * time.Hour)
		s.closeDuty()
		s.sign("pledge", "Ana", "ana@example.org")
		if kinds := s.tick().Kinds(); slices.Contains(kinds, "close") {
			t.Errorf("closed: %q", kinds)
		}
		s.load(closeContent(true)) // the three days begin anew
		s.closeDuty()
		s.clock.Move(71 * time.Hour)
		s.closeDuty()
		if kinds := s.tick().Kinds(); slices.Contains(kinds, "close") {
			t.Errorf("closed: %q", kinds)
		}
	})
}

// TestWhatTheLogHasClosedStaysClosedWhateverAPackSays: a signature after a close would make the log INVALID for ever.
func TestWhatTheLogHasClosedStaysClosedWhateverAPackSays(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.load(closeContent(true))
		s.closeDuty()
		s.clock.Move(72 * time.Hour)
		s.closeDuty()
		changed := closeContent(false)
		changed.Actions[1].Texts["en"] = undersigned.ActionText{Title: "New", Ask: "New.", Body: "New."}
		if done := s.load(changed); len(done.Newer) != 0 {
			t.Errorf("a new text after the close: %+v", done)
		}
		s.tick()
		a := s.action("pledge")
		if d := a.Decide(nil, s.Now()); d.Open() || d.Reason != undersigned.ReasonOrganizer {
			t.Errorf("decided %+v", d)
		}
		wantKind(t, s.SignPetition(t.Context(), s.input("pledge", "Ana", "ana@example.org")), undersigned.Gone, "error.closed")
		s.closeDuty()
		s.tick()
	})
}

// TestLateSignatureOfAClosedPetitionNeverReachesTheLog: another node confirmed it a moment after the log had closed.
func TestLateSignatureOfAClosedPetitionNeverReachesTheLog(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		token := s.request("pledge", "Ana", "ana@example.org")
		signature, c, err := s.openToken(t.Context(), token)
		must(t, err)
		row, err := s.sealRow(t.Context(), signature, &c.Content.Issue)
		must(t, err)
		s.load(closeContent(true))
		s.closeDuty()
		s.clock.Move(72 * time.Hour)
		s.closeDuty()
		s.tick()
		x, err := s.examine(t.Context(), row, signature)
		must(t, err)
		must(t, s.DB.Update(t.Context(), store.Client, func(tx *store.Tx) error { _, err := insert(tx, x, true); return err }))
		s.clock.Move(2 * time.Hour)
		s.tick()
		s.counts("pledge", 0)
	})
}

// Nobody ends a petition, or shortens what was promised to its signers, without having read that this is what they do.
func TestDraftThatEndsAnAskWantsThatToBeSaid(t *testing.T) {
	issue := undersigned.NounID{Issue: "cause", Kind: undersigned.IssueNoun, Slug: "cause"}
	for name, test := range map[string]struct {
		id           undersigned.NounID
		field, typed string
		ends         string
	}{
		"hidden":       {petitionID, "state", "draft", "petition over"},
		"closed":       {petitionID, "state", "closed", "petition over"},
		"its last day": {petitionID, "closes", "2026-11-21", "petition over"},
		"tomorrow":     {petitionID, "closes", "2026-11-23", "petition over"},
		"in a month":   {petitionID, "closes", "2026-12-22", ""},
		"paused":       {petitionID, "state", "paused", ""},
		"kept shorter": {petitionID, "keep_days", "20", "petition sooner"},
		"the issue":    {issue, "state", "draft", "petition over, pledge over"},
		"not joined":   {askID("elsewhere"), "state", "draft", ""},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, func(t *testing.T, s *testSite) {
				s.sign("petition", "Ana", "ana@mail.example")
				p := s.draft(s.edit(ana, test.id, test.field, test.typed))
				p.Newer = true
				proof, err := s.Proof(t.Context(), test.id, s.Now())
				must(t, err)
				var ends []string
				for _, e := range proof.Ends {
					how := map[bool]string{true: " over", false: " sooner"}[e.Over]
					ends = append(ends, e.Action.Slug+how)
					if want := map[string]int64{"petition": 1}[e.Action.Slug]; e.Signed != want {
						t.Errorf("%d have signed %s", e.Signed, e.Action.Slug)
					}
				}
				if got := strings.Join(ends, ", "); got != test.ends {
					t.Errorf("ends %q, want %q", got, test.ends)
				}
				_, err = s.Publish(t.Context(), p)
				if (err == nil) != (test.ends == "") {
					t.Errorf("without having said so: %v", err)
				}
				if err == nil {
					return
				}
				wantFieldError(t, err, "ends", "error.edit.tick")
				p.Ends = true
				_, err = s.Publish(t.Context(), p)
				must(t, err)
			})
		})
	}
}

func TestPackThatEndsAnAskWantsThatToBeSaid(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*undersigned.Content)
		ends   string
	}{
		"as it is":     {func(*undersigned.Content) {}, ""},
		"without it":   {func(c *undersigned.Content) { c.Actions = c.Actions[1:] }, "petition over"},
		"hidden":       {func(c *undersigned.Content) { c.Actions[0].State = undersigned.ActionDraft }, "petition over"},
		"kept shorter": {func(c *undersigned.Content) { c.Actions[0].KeepDays = 20 }, "petition"},
		"not joined":   {func(c *undersigned.Content) { c.Actions = c.Actions[:2] }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, func(t *testing.T, s *testSite) {
				s.sign("petition", "Ana", "ana@mail.example")
				c := testContent()
				if test.change(c); s.mode == sealedMode {
					c.Issue.SealTo = sealTo()
				}
				list, err := s.EndsWith(t.Context(), c)
				must(t, err)
				var ends []string
				for _, e := range list {
					if ends = append(ends, e.Action.Slug); e.Over {
						ends = append(ends, "over")
					}
					if e.Signed != 1 {
						t.Errorf("%d have signed it", e.Signed)
					}
				}
				if got := strings.Join(ends, " "); got != test.ends {
					t.Errorf("ends %q, want %q", got, test.ends)
				}
				_, err = s.Import(t.Context(), ana, c, false)
				if (err == nil) != (test.ends == "") {
					t.Errorf("without having said so: %v", err)
				}
				if err != nil {
					wantFieldError(t, err, "ends", "error.edit.tick")
					_, err = s.Import(t.Context(), ana, c, true)
					must(t, err)
				}
			})
		})
	}
}
