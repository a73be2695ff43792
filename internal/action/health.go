package action

import (
	"context"
	"slices"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/congress"
	"github.com/undersigned/undersigned/internal/sequencer"
	"github.com/undersigned/undersigned/internal/store"
)

// Health is how the machinery of a site stands: numbers and times, none of which says who.
type Health struct {
	Mails       []store.MailHour // of the last healthHours hours
	Queues      []QueueHealth
	MailPerHour int  // 0 is any number
	MailSpent   int  // of it in the last hour
	MailSlow    bool // the pages say so

	LogSize, Published int64
	Checkpoint         time.Time
	Witnesses          string // what was wrong when they were last asked
	WitnessesAt        time.Time

	Purged, BackedUp, MailTaken time.Time // the last time; zero is never
	Space                       store.Space
	Congress                    []congress.Source
	Legislators                 undersigned.Day // of the table in use; empty is the sample
}

// QueueHealth is how a queue of jobs stands.
type QueueHealth struct {
	Name string
	N    int64     // manyJobs is that many or more
	Due  time.Time // since when the first has been due, or when it will be; zero where there is none
}

const (
	healthHours = 48
	manyJobs    = Many
)

// backupDuty is the name under which the last backup is noted. It is in no backup: a restored site has none yet.
const backupDuty = "backup"

// NoteBackup notes that a backup was written whole.
func (s *Service) NoteBackup(ctx context.Context) error {
	return s.DB.Update(ctx, store.Jobs, func(tx *store.Tx) error { return tx.DutyDone(backupDuty, "") })
}

// Health reads it. Nothing of it takes longer on a large site.
func (s *Service) Health(ctx context.Context) (*Health, error) {
	h := &Health{MailPerHour: s.MailPerHour}
	err := s.DB.View(ctx, func(tx *store.Tx) (err error) {
		if h.Mails, err = tx.MailHours(tx.Now.Unix()/3600 - healthHours + 1); err != nil {
			return err
		}
		for _, name := range []string{mailQueue, laterQueue, letterQueue} {
			q := QueueHealth{Name: name}
			if q.N, q.Due, err = tx.QueueUpTo(name, manyJobs); err != nil {
				return err
			}
			h.Queues = append(h.Queues, q)
		}
		if h.MailSpent, err = tx.MailSent(slotOf(tx.Now) - budgetLife); err != nil {
			return err
		}
		if h.MailSlow, err = tx.Braked(store.MailBrake); err != nil {
			return err
		}
		return h.readLog(tx)
	})
	if err != nil {
		return nil, doing("read how the site is", err)
	}
	if h.Space, err = s.DB.Space(ctx); err != nil {
		return nil, err
	}
	if table := s.Congress.Table(); !table.Sample {
		h.Legislators = table.AsOf
	}
	h.Congress, err = s.Congress.Sources()
	return h, err
}

func (h *Health) readLog(tx *store.Tx) (err error) {
	if h.LogSize, h.Published, err = tx.LogSizes(); err != nil {
		return err
	}
	checkpoint, err := tx.Checkpoint()
	if err != nil {
		return err
	}
	h.Checkpoint = checkpoint.At
	if h.WitnessesAt, h.Witnesses, err = tx.Duty(sequencer.WitnessDuty); err != nil {
		return err
	}
	for name, at := range map[string]*time.Time{purgeDuty: &h.Purged, backupDuty: &h.BackedUp, mailAccepted: &h.MailTaken} {
		if *at, _, err = tx.Duty(name); err != nil {
			return err
		}
	}
	return nil
}

// MailsWait tells since when the first mail has been due that nobody has sent; zero where all is well.
func (h *Health) MailsWait(now time.Time) time.Time {
	for _, q := range h.Queues {
		if q.Name == mailQueue && q.N > 0 && now.Sub(q.Due) > 10*time.Minute {
			return q.Due
		}
	}
	return time.Time{}
}

// Mailed counts the tries of the last day that came to something.
func (h *Health) Mailed(outcome string, now time.Time) (n int) {
	for _, m := range h.Mails {
		if m.Outcome == outcome && m.Hour > now.Unix()/3600-24 {
			n += m.N
		}
	}
	return n
}

// MailsRefused counts the mails of the last day that were refused for good, where those are many; 0 where they are not.
func (h *Health) MailsRefused(now time.Time) int {
	refused := h.Mailed(MailRefused, now)
	if refused < 10 || 20*refused <= h.Mailed(MailSent, now) {
		return 0
	}
	return refused
}

// diskLow is how much of a disk has to be free, in hundredths of it and in bytes.
const (
	diskLow      = 10
	diskLowBytes = 1 << 30
)

// DiskLow tells whether the disk is nearly full.
func (h *Health) DiskLow() bool {
	return h.Space.Disk > 0 && (h.Space.Free < diskLowBytes || h.Space.Free < h.Space.Disk/100*diskLow)
}

// congressLate is how old a file of Congress may be before somebody should look: serve tries daily.
const congressLate = 3 * 24 * time.Hour

// CongressTrouble lists the files of Congress that could not be brought for days. A bill that is not published yet is no fault
// of ours.
func (h *Health) CongressTrouble(now time.Time) []congress.Source {
	return slices.DeleteFunc(slices.Clone(h.Congress), func(s congress.Source) bool {
		fine := s.Trouble == "" || s.Trouble == congress.NotPublished || s.Trouble == congress.Reserved
		return fine || now.Sub(s.Since) < congressLate
	})
}

// CongressLate tells whether the table of who represents whom is old.
func (h *Health) CongressLate(now time.Time) bool {
	return h.Legislators != "" && now.Sub(h.Legislators.Begin(time.UTC)) > congressLate
}

// How old the last backup and the last purge may be.
const (
	backupLate = 7 * 24 * time.Hour
	purgeLate  = 48 * time.Hour
)

// BackupLate tells whether a site that has something to lose should be backed up.
func (h *Health) BackupLate(now time.Time) bool {
	return h.LogSize > 0 && now.Sub(h.BackedUp) > backupLate
}

// PurgeLate tells whether what is past its time has not been erased for days.
func (h *Health) PurgeLate(now time.Time) bool {
	return !h.Purged.IsZero() && now.Sub(h.Purged) > purgeLate
}
