package action

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/translog"
)

func (s *testSite) policy() translog.Policy {
	s.t.Helper()
	key, err := translog.ParseLogKey(s.vkey)
	must(s.t, err)
	return translog.Policy{Log: key}
}

func (s *testSite) order(slug, dir string) PacketOrder {
	s.t.Helper()
	return PacketOrder{Issue: "cause", Action: slug, Dir: dir, Site: "https://cause.example", Policy: s.policy()}
}

// read gives what an office reads.
func read(t *testing.T, dir, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name))
	must(t, err)
	return string(text)
}

func noWatch(*translog.Fold, []byte, int64) error { return nil }

func TestPacketHoldsThoseWhoAllowedItAndStillCount(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.sign("petition", "Ana", "ana@mail.example")
		silent := s.input("petition", "Ben", "ben@mail.example")
		silent.Form.Deliver = false
		must(t, s.SignPetition(t.Context(), silent))
		s.work()
		s.confirm(tokenIn(t, s.box.mails[len(s.box.mails)-1], "/confirm/"), Counted)
		eve, ida := s.sign("petition", "Eve", "eve@mail.example"), s.sign("petition", "Ida", "ida@mail.example")
		s.tick()
		must(t, s.Withdraw(t.Context(), eve, s.mine(eve).ID))
		must(t, s.Erase(t.Context(), ida, s.mine(ida).ID, true))
		s.tick()
		s.sign("petition", "Late", "late@mail.example") // not in the published log yet

		dir := filepath.Join(t.TempDir(), "packet")
		done, err := s.WritePacket(t.Context(), s.order("petition", dir), noWatch)
		must(t, err)
		if done.Rows != 1 || done.Counted != 3 {
			t.Errorf("%+v", done)
		}
		rows, openings := read(t, dir, translog.PacketRows), read(t, dir, translog.PacketOpenings)
		if !strings.Contains(rows, `Ana Silva,US,02139,"MA-05,MA-07"`) || strings.Contains(rows+openings, "@") {
			t.Errorf("the packet:\n%s%s", rows, openings)
		}
		for _, name := range []string{"Ben", "Eve", "Ida", "Late"} {
			if strings.Contains(rows+openings, name) {
				t.Errorf("%s is handed over", name)
			}
		}
		if _, err := translog.VerifyPacket(t.Context(), dir, s.policy()); err != nil {
			t.Error(err)
		}
		if _, err := s.WritePacket(t.Context(), s.order("petition", dir), noWatch); err == nil {
			t.Error("a packet was written over another")
		}
		for _, slug := range []string{"elsewhere", "nothing"} {
			if _, err := s.WritePacket(t.Context(), s.order(slug, filepath.Join(t.TempDir(), slug)), noWatch); err == nil {
				t.Errorf("a packet of %s", slug)
			}
		}
		s.tick()
	})
}

// More rows than are read at a time, and other petitions' between them.
func TestPacketOfManyIsInTheOrderOfTheLog(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		const n = 12
		for i := range n {
			name := string(rune('A' + i))
			s.sign("petition", name, name+"@mail.example")
			s.sign("pledge", name, name+"@mail.example")
		}
		s.tick()
		pid, err := translog.ParsePID(s.action("petition").PID)
		must(t, err)
		for _, page := range []int{1, 5, n, n + 1} {
			seen, after := 0, int64(-1)
			for {
				var rows []*store.SignatureRow
				must(t, s.DB.View(t.Context(), func(tx *store.Tx) (err error) {
					rows, err = tx.CountedSignatures(pid.String(), after, page)
					return err
				}))
				for _, row := range rows {
					if row.LogIndex <= after || row.PID != pid.String() || row.State != undersigned.SignatureCounted {
						t.Fatalf("row at %d after %d", row.LogIndex, after)
					}
					after = row.LogIndex
				}
				if seen += len(rows); len(rows) == 0 {
					break
				}
			}
			if seen != n {
				t.Errorf("%d rows in pages of %d, want %d", seen, page, n)
			}
		}
	})
}

func TestReceiptProvesTheEntryAndOnlyAFullOneOpensIt(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		my := s.sign("petition", "Ana", "ana@mail.example")
		if _, _, err := s.Receipt(t.Context(), my, s.mine(my).ID, false); !errors.Is(err, ErrNotLogged) {
			t.Fatalf("before it is placed: %v", err)
		}
		s.tick()
		for _, full := range []bool{false, true} {
			text, index, err := s.Receipt(t.Context(), my, s.mine(my).ID, full)
			must(t, err)
			receipt, err := translog.ParseReceipt(text)
			must(t, err)
			c, _, err := receipt.Verify(s.policy())
			if err != nil || c.N <= index || receipt.Index != index || (receipt.Seed != nil) != full {
				t.Errorf("full %v: entry %d of %d: %v", full, index, c.N, err)
			}
		}
		batched := s.sign("pledge", "Ana", "ana@mail.example")
		s.tick()
		m, err := s.Mine(t.Context(), batched)
		must(t, err)
		for _, signature := range m.Signatures {
			_, _, err := s.Receipt(t.Context(), batched, signature.ID, false)
			if waits := signature.Action.Slug == "pledge"; waits != errors.Is(err, ErrNotLogged) {
				t.Errorf("%s: %v", signature.Action.Slug, err)
			}
		}
		s.clock.Move(2 * 24 * time.Hour)
		_, _, err = s.Receipt(t.Context(), my, m.Signatures[0].ID, false)
		wantKind(t, err, undersigned.Gone, "error.link_dead")
	})
}
