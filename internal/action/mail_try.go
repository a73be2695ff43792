package action

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/mail"
	"github.com/undersigned/undersigned/internal/store"
)

// mailTried is the duty under which stands what came of the last mail with which an owner tried whether mails leave.
const mailTried = "mail_tried"

// tryPatience is how long a mail of that kind is waited for before another is promised.
const tryPatience = time.Minute

// tryMail is what the job of such a mail holds.
type tryMail struct {
	To, Language string
	Asked        time.Time
}

// TryMail promises an owner a mail to their own address, in a language that the site has. It goes the way of all mails; what the
// mail server says of it, MailTry tells. While the one before waits there is no other. Forbidden for whoever is no owner.
func (s *Service) TryMail(ctx context.Context, by undersigned.UserID, to *undersigned.User, language string) error {
	if !to.May(undersigned.MaySet) {
		return undersigned.Fail(undersigned.Forbidden, "error.role")
	}
	now := s.Now().UTC()
	args, err := json.Marshal(tryMail{To: to.Email, Language: language, Asked: now})
	if err != nil {
		return doing("seal a mail", err)
	}
	job, err := s.mailJob(ctx, mailQueue, mailTrial, args, now)
	if err != nil {
		return err
	}
	err = s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		last, err := readTry(tx)
		if err != nil || last != nil && last.State == undersigned.TryWaiting && now.Sub(last.Asked) < tryPatience {
			return err
		}
		if err := noteTry(tx, undersigned.MailTry{State: undersigned.TryWaiting, Asked: now}); err != nil {
			return err
		}
		if err := tx.Enqueue(job); err != nil {
			return err
		}
		return tx.AddAudit(undersigned.AuditEntry{By: by, Verb: undersigned.AuditMailTried})
	})
	if err == nil {
		s.wakeMail()
	}
	return err
}

// MailTry tells what came of the last one; nil where there was none.
func (s *Service) MailTry(ctx context.Context) (last *undersigned.MailTry, err error) {
	err = s.DB.View(ctx, func(tx *store.Tx) error { last, err = readTry(tx); return err })
	return last, err
}

func readTry(tx *store.Tx) (*undersigned.MailTry, error) {
	at, note, err := tx.Duty(mailTried)
	if err != nil || at.IsZero() {
		return nil, err
	}
	last := &undersigned.MailTry{}
	if err := json.Unmarshal([]byte(note), last); err != nil {
		return nil, doing("read what came of a mail", err)
	}
	return last, nil
}

func noteTry(tx *store.Tx, last undersigned.MailTry) error {
	note, err := json.Marshal(last)
	if err != nil {
		return doing("note what came of a mail", err)
	}
	return tx.DutyDone(mailTried, string(note))
}

// openTrial reads the job of such a mail.
func (w *mailWorker) openTrial(ctx context.Context, l *letter) (*letter, error) {
	var m tryMail
	if err := json.Unmarshal(l.args, &m); err != nil {
		return nil, errForm
	}
	l.desk, l.staff, l.scope, l.language, l.to = true, w.isStaff(ctx, m.To), "trial", w.Composer.Speaks(m.Language), m.To
	l.write = func(head mail.Letterhead, _ string) (*mail.Message, error) {
		return w.Composer.Trial(head, w.link(l.language, "/admin/settings/mail"))
	}
	l.told = func(outcome string, answer *mail.Error) func(*store.Tx) error {
		now := triedAs(outcome, answer)
		now.Asked, now.At = m.Asked, w.Now().UTC()
		return func(tx *store.Tx) error {
			last, err := readTry(tx)
			if err != nil || last != nil && last.Asked.After(m.Asked) { // another was asked for since
				return err
			}
			return noteTry(tx, now)
		}
	}
	return l, nil
}

// triedAs says what came of a try in the words of an owner. answer is nil where the mail server was not asked, or said yes.
func triedAs(outcome string, answer *mail.Error) undersigned.MailTry {
	if answer == nil {
		states := map[string]undersigned.TryState{MailSent: undersigned.TryAccepted, MailPostponed: undersigned.TryBudget,
			MailLimited: undersigned.TryLimited, MailExpired: undersigned.TryExpired}
		if state, known := states[outcome]; known {
			return undersigned.MailTry{State: state}
		}
		return undersigned.MailTry{State: undersigned.TryRefused}
	}
	last := undersigned.MailTry{Step: answer.Step}
	if answer.Code != 0 {
		last.Reply = strconv.Itoa(answer.Code)
		if answer.Enhanced != "" {
			last.Reply += " " + answer.Enhanced
		}
	}
	switch {
	case answer.Permanent:
		last.State = undersigned.TryRefused
	case answer.Uncertain:
		last.State = undersigned.TryUncertain
	case answer.Code != 0:
		last.State = undersigned.TryPutOff
	default:
		last.State = undersigned.TryUnreached
	}
	return last
}
