package action

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/store/storetest"
	"github.com/undersigned/undersigned/translog"
)

func TestTakingASignatureBack(t *testing.T) {
	for name, c := range map[string]struct {
		take    func(s *testSite, my, id string) error
		state   undersigned.SignatureState
		waiting translog.Counts // what the log says where it was taken back before its place
		counted translog.Counts // and after
	}{
		"withdraw": {func(s *testSite, my, id string) error { return s.Withdraw(s.t.Context(), my, id) },
			undersigned.SignatureWithdrawn, translog.Counts{}, translog.Counts{Withdrawn: 1}},
		"erase": {func(s *testSite, my, id string) error { return s.Erase(s.t.Context(), my, id, false) },
			undersigned.SignatureErased, translog.Counts{}, translog.Counts{Erased: 1}},
		"shred": {func(s *testSite, my, id string) error { return s.Erase(s.t.Context(), my, id, true) },
			undersigned.SignatureShredded, translog.Counts{Counted: 1, Shredded: 1}, translog.Counts{Counted: 1, Shredded: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			runModes(t, func(t *testing.T, s *testSite) {
				pid := s.action("petition").PID
				waiting := s.sign("petition", "Ana", "ana@example.org")
				id := s.mine(waiting).ID
				for range 2 { // the second time changes nothing
					must(t, c.take(s, waiting, id))
					s.recount()
				}
				if got := s.tick().Counts(pid); got != c.waiting {
					t.Errorf("taken back while it waited: %+v", got)
				}
				counted := s.sign("petition", "Rui", "rui@example.org")
				s.tick()
				id = s.mine(counted).ID
				for range 2 {
					must(t, c.take(s, counted, id))
					s.recount()
				}
				want := translog.Counts{Counted: c.waiting.Counted + c.counted.Counted, Withdrawn: c.counted.Withdrawn,
					Erased: c.counted.Erased, Shredded: c.waiting.Shredded + c.counted.Shredded}
				if got := s.tick().Counts(pid); got != want {
					t.Errorf("taken back when it was counted: %+v", got)
				}
				must(t, c.take(s, counted, id)) // after its entry, too
				if n := len(s.tick().Waits); n != 0 {
					t.Errorf("%d entries wait", n)
				}
				if got := s.rows("petition")[c.state]; got != 2 {
					t.Errorf("%d tombstones", got)
				}
				if n := len(s.allMine(counted)); n != 0 {
					t.Errorf("%d are shown still", n)
				}
			})
		})
	}
}

func TestWhoIsForgottenAndKeptTheVoiceIsNotCountedTwice(t *testing.T) {
	runModes(t, func(t *testing.T, s *testSite) {
		pid := s.action("petition").PID
		for _, placed := range []bool{false, true} {
			email := fmt.Sprintf("ana-%t@example.org", placed)
			link := s.request("petition", "Ana", email)
			my := s.confirm(link, Counted).MyToken
			if placed {
				s.tick()
			}
			must(t, s.Erase(t.Context(), my, s.mine(my).ID, true))
			s.recount()
			for range 2 { // before its entry, and after
				old, err := s.OpenConfirmation(t.Context(), link)
				must(t, err)
				if old.Outcome != Forgotten || old.MyToken != "" || len(s.allMine(my)) != 0 {
					t.Errorf("the old link shows %+v", old)
				}
				s.confirm(link, Forgotten)
				s.confirm(s.request("petition", "ANA", email), Forgotten) // the mail comes as ever
				s.tick()
			}
			s.clock.Move(24 * time.Hour)
			s.sign("petition", "Bo", email) // who shares the mailbox
			s.confirm(s.request("petition", "Cy", email), Full)
			s.tick()
		}
		if c := s.tick().Counts(pid); c != (translog.Counts{Counted: 4, Shredded: 2}) {
			t.Errorf("counted: %+v", c)
		}
		// The hashes go with everything else.
		must(t, s.eraseRows(t.Context(), pid))
		for _, row := range storetest.Signatures(t, s.DB) {
			if row.EmailHash != nil || row.EmailNameHash != nil {
				t.Errorf("row %x keeps a hash", row.ID[:4])
			}
		}
		must(t, s.Keys.DestroyAction(t.Context(), pid))
		must(t, s.DB.Update(t.Context(), store.Jobs, func(tx *store.Tx) error {
			return tx.WaitForLog(store.LogWait{PID: pid, Kind: "destroy"})
		}))
	})
}

func TestNobodyTakesBackAnothersSignature(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		ana, rui := s.sign("petition", "Ana", "ana@example.org"), s.sign("petition", "Rui", "rui@example.org")
		s.tick()
		id := s.mine(rui).ID
		for _, id := range []string{id, "", "x", strings.Repeat("0", 32), id[:30], strings.ToUpper(id) + "00"} {
			wantKind(t, s.Withdraw(t.Context(), ana, id), undersigned.NotFound, "error.not_found")
			wantKind(t, s.Erase(t.Context(), ana, id, true), undersigned.NotFound, "error.not_found")
		}
		s.clock.Move(linkLife)
		wantKind(t, s.Withdraw(t.Context(), rui, id), undersigned.Gone, "error.link_dead")
		_, err := s.Mine(t.Context(), rui)
		wantKind(t, err, undersigned.Gone, "error.link_dead")
		s.tick()
		s.counts("petition", 2)
	})
}

func TestMyLinkShowsWhatAnAddressHasSignedAndNothingElse(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.sign("petition", "Ana", "ana@example.org")
		s.sign("petition", "Rui", "ana@example.org")
		s.sign("pledge", "Ana", "Ana+pledge@EXAMPLE.org")
		s.sign("pledge", "Eva", "eva@example.org")
		before := len(s.box.mails)
		asked := s.askFor(" ANA@example.org ", Visitor{})
		asked.Language = "es"
		must(t, s.RequestMyLink(t.Context(), asked))
		s.work()
		m, err := s.Mine(t.Context(), tokenIn(t, s.box.mails[before], "/es/my/"))
		must(t, err)
		var got []string
		for _, x := range m.Signatures {
			got = append(got, x.Action.Slug+" "+x.Name+" "+string(x.Class)+" "+string(x.Day))
		}
		slices.Sort(got)
		want := []string{"petition Ana Silva delivered 2026-11-22", "petition Rui Silva delivered 2026-11-22", "pledge Ana Silva delivered 2026-11-22"}
		if !slices.Equal(got, want) || m.Email != "ana@example.org" || !m.Expires.Equal(s.Now().Add(24*time.Hour)) {
			t.Errorf("%s until %v: %q", m.Email, m.Expires, got)
		}
		for _, bad := range []string{"", "ana", "a@b@example.org", "ana@example.org\nbcc: x@example.org"} {
			wantKind(t, s.RequestMyLink(t.Context(), s.askFor(bad, Visitor{})), undersigned.Invalid, "error.form; email: error.email.form")
		}
		// An action whose keys are destroyed is passed over.
		must(t, s.Keys.DestroyAction(t.Context(), s.action("petition").PID))
		if n := len(s.allMine(tokenIn(t, s.box.mails[before], "/my/"))); n != 1 {
			t.Errorf("%d signatures of living keys", n)
		}
		must(t, s.DB.Update(t.Context(), store.Jobs, func(tx *store.Tx) error { // for the recount that ends the test
			for _, row := range storetest.Signatures(t, s.DB) {
				if row.PID == s.action("petition").PID {
					if _, _, err := tx.Bury(row.ID, undersigned.SignatureWaiting, undersigned.SignatureErased); err != nil {
						return err
					}
				}
			}
			return nil
		}))
	})
}

// TestWhoSignedCanLeaveThoughTheIssueIsADraftAgain: taking a page off the site takes nobody's way out.
func TestWhoSignedCanLeaveThoughTheIssueIsADraftAgain(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		pid := s.action("petition").PID
		my := s.sign("petition", "Ana", "ana@example.org")
		s.tick()
		draft := testContent()
		draft.Issue.State = undersigned.IssueDraft
		s.load(draft)
		must(t, s.Withdraw(t.Context(), my, s.mine(my).ID))
		if got := s.tick().Counts(pid); got != (translog.Counts{Withdrawn: 1}) {
			t.Errorf("the log counts %+v", got)
		}
	})
}

func TestLedgerKnowsOfAnErasureBeforeTheRowIsGone(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		s := newTestSite(t, db, clock)
		s.load(testContent())
		my := s.sign("petition", "Ana", "ana@example.org")
		id := s.mine(my).ID
		dir := t.TempDir()
		ledger, err := OpenLedger(dir)
		must(t, err)
		s.Ledger = ledger
		must(t, s.Withdraw(t.Context(), my, id))
		line, err := os.ReadFile(filepath.Join(dir, LedgerName))
		must(t, err)
		if string(line) != id+" withdrawn\n" {
			t.Errorf("the ledger says %q", line)
		}
		// Where the ledger cannot be written nothing is destroyed, and nobody is told otherwise.
		kept := s.sign("petition", "Rui", "rui@example.org")
		must(t, ledger.Close())
		if err := s.Withdraw(t.Context(), kept, s.mine(kept).ID); err == nil || strings.Contains(err.Error(), "rui") {
			t.Errorf("withdrawn without a ledger: %v", err)
		}
		s.mine(kept)
		s.recount()
	})
}

func TestFullDiskUnderTheLedgerAsksToTryAgainLater(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		my := s.sign("petition", "Ana", "ana@example.org")
		id := s.mine(my).ID
		full, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
		must(t, err)
		defer full.Close()
		whole := s.Ledger
		s.Ledger = &Ledger{file: full}
		wantKind(t, s.Withdraw(t.Context(), my, id), undersigned.Unavailable, "error.disk_full")
		s.Ledger = whole
		must(t, s.Withdraw(t.Context(), my, id))
	})
}

func TestBatchedPetitionIsPlacedAtTwentyOrAfterAnHour(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		signed := 0
		sign := func(n int) {
			for range n {
				signed++
				s.sign("pledge", "Ana", fmt.Sprintf("ana%d@example.org", signed))
			}
		}
		sign(19)
		s.sign("petition", "Ana", "ana@example.org")
		s.tick()
		s.counts("pledge", 0)
		s.counts("petition", 1)
		sign(1)
		s.tick()
		s.counts("pledge", 20)
		sign(1)
		s.tick()
		s.clock.Move(time.Hour - time.Second)
		s.tick()
		s.counts("pledge", 20)
		s.clock.Move(time.Second)
		s.tick()
		s.counts("pledge", 21)
		// The next one waits an hour of its own.
		sign(1)
		s.tick()
		s.counts("pledge", 21)
		s.clock.Move(59 * time.Minute)
		s.tick()
		s.counts("pledge", 21)
		s.clock.Move(time.Minute)
		s.tick()
		s.counts("pledge", 22)
	})
}

func TestOrderInTheLogIsNotThatOfConfirming(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		var confirmed []string
		for i := range 20 {
			my := s.sign("petition", "Ana", "ana"+string(rune('a'+i))+"@example.org")
			confirmed = append(confirmed, s.mine(my).ID)
		}
		s.tick()
		rows := storetest.Signatures(t, s.DB)
		slices.SortFunc(rows, func(a, b *store.SignatureRow) int { return int(a.LogIndex - b.LogIndex) })
		var placed, byID []string
		for _, row := range rows {
			placed = append(placed, idOf(row))
		}
		if byID = slices.Sorted(slices.Values(placed)); slices.Equal(placed, confirmed) || slices.Equal(placed, byID) {
			t.Error("the log tells the order of confirming, or that of the ids")
		}
	})
}
