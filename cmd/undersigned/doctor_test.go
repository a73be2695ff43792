package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/store"
)

func TestDoctorTellsWhatTheDeskTellsOfTheMachine(t *testing.T) {
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	ago := func(days int) time.Time { return now.AddDate(0, 0, -days) }
	mails := func(sent, refused int) []store.MailHour {
		return []store.MailHour{{Hour: now.Unix() / 3600, Outcome: action.MailSent, N: sent}, {Hour: now.Unix() / 3600, Outcome: action.MailRefused, N: refused}}
	}
	for name, test := range map[string]struct {
		health action.Health
		want   string
		look   int
	}{
		"never backed up":         {action.Health{LogSize: 1}, "look  backup: none was ever made", 1},
		"backed up long ago":      {action.Health{LogSize: 1, BackedUp: ago(8)}, "look  backup: the last was made on 2026-11-19", 1},
		"backed up":               {action.Health{LogSize: 1, BackedUp: ago(6)}, "ok    backup: made on 2026-11-21", 0},
		"nothing to lose":         {action.Health{}, "ok    backup: none yet", 0},
		"a disk nearly full":      {action.Health{Space: store.Space{Free: 2e9, Disk: 100e9}}, "look  disk: nearly full, 2000 of 100000 MB are free", 1},
		"a disk with room":        {action.Health{Space: store.Space{Free: 20e9, Disk: 100e9}}, "ok    disk: 20000 of 100000 MB are free", 0},
		"many mails are refused":  {action.Health{Mails: mails(100, 10)}, "look  mail: 10 were refused", 1},
		"few mails, few refused":  {action.Health{Mails: mails(10, 9)}, "", 0},
		"many mails, few refused": {action.Health{Mails: mails(200, 10)}, "", 0},
	} {
		var out bytes.Buffer
		r := &report{out: &out}
		tellHealth(&test.health, now, r)
		if !strings.Contains(out.String(), test.want) || r.look != test.look {
			t.Errorf("%s: %d to look at, want %d and %q:\n%s", name, r.look, test.look, test.want, out.String())
		}
	}
}

func TestDoctorTellsOfLettersThatWaitForLongerThanTheirKeysLive(t *testing.T) {
	s := newProgram(t).settings()
	terminal := &terminal{io.Discard, io.Discard}
	must(t, (&importCmd{From: "../../packs/immigration-detention"}).Run(t.Context(), s, terminal))
	for _, test := range []struct {
		turn time.Duration
		late bool
	}{{71 * time.Hour, false}, {2 * time.Hour, true}} {
		db, err := store.Open(t.Context(), store.Options{Dir: s.Data})
		must(t, err)
		err = db.Update(t.Context(), store.Jobs, func(tx *store.Tx) error {
			_, err := tx.TakeTurn([]byte("office"), test.turn)
			return err
		})
		must(t, err, db.Close())
		var out bytes.Buffer
		terminal.out = &out
		must(t, (&doctorCmd{}).Run(t.Context(), s, terminal))
		if strings.Contains(out.String(), "look  letters: those to one address wait for more than three days") != test.late {
			t.Errorf("late is %v:\n%s", test.late, out.String())
		}
	}
}
