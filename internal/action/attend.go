package action

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/mail"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
)

const (
	attendPurpose = "attend"
	// attendLife is longer than the question can be answered.
	attendLife = undersigned.AttentionWithin + reopenTime + 7*24*time.Hour
)

// attendMail is what the job of such a mail holds. How things stand is looked up when it is sent.
type attendMail struct{ PID, To string }

// AskWhetherTheyGoOn asks the owners of petitions and pledges that nothing would ever end, a year after they were opened and
// every year, and again after 30 and 50 days without an answer. After 60 they are closed, which is Decide's word. Where nobody
// is known who could be asked, nobody is, and doctor says so. A regular duty; on several nodes at once it does no harm.
func (s *Service) AskWhetherTheyGoOn(ctx context.Context) error {
	site, err := s.DB.Site(ctx)
	if err != nil {
		return err
	}
	var rows map[[2]string]store.ActionRow
	var opened map[string]time.Time
	err = s.DB.View(ctx, func(tx *store.Tx) error {
		if rows, err = tx.Actions(); err == nil {
			opened, err = tx.ActionsOpened()
		}
		return err
	})
	if err != nil {
		return doing("look whom to ask whether a petition goes on", err)
	}
	for _, row := range rows {
		content, a := site.ByPID(row.PID)
		if a == nil || row.LogState != store.LogOpened || !row.Attention.Ended.IsZero() {
			continue
		}
		if row.Attended.Before(opened[row.PID]) {
			row.Attended = opened[row.PID]
		}
		if err := s.askWhetherItGoesOn(ctx, &row, a.Endless(content.Bill(a.Bill), s.Now())); err != nil {
			return doing("ask whether a petition goes on", err)
		}
	}
	return nil
}

func (s *Service) askWhetherItGoesOn(ctx context.Context, row *store.ActionRow, endless bool) error {
	now, next := s.Now(), *row
	asked := !row.Attention.Asked.IsZero()
	switch {
	case asked && !endless: // somebody has given it a day, or closed it
		next.Attention, next.AskedTimes = undersigned.Attention{}, 0
		return s.setAttention(ctx, row, &next, nil)
	case !asked && endless && !now.Before(row.Attended.Add(undersigned.AttentionEvery)):
		next.Attention.Asked, next.AskedTimes = now, 1
	case asked && row.Attention.MailsDue(now) > row.AskedTimes && now.Before(row.Attention.Asked.Add(undersigned.AttentionWithin)):
		next.AskedTimes = row.Attention.MailsDue(now)
	default:
		return nil
	}
	owners, err := s.owners(ctx)
	if err != nil || len(owners) == 0 {
		return err
	}
	return s.setAttention(ctx, row, &next, owners)
}

// setAttention notes what is known, and writes to some owners about it: both or neither.
func (s *Service) setAttention(ctx context.Context, was, now *store.ActionRow, owners []string) error {
	var jobs []store.Job
	for _, owner := range owners {
		args, err := json.Marshal(attendMail{PID: was.PID, To: owner})
		if err != nil {
			return err
		}
		job, err := s.mailJob(ctx, mailQueue, mailAttend, args, s.Now())
		if err != nil {
			return err
		}
		jobs = append(jobs, job)
	}
	err := s.DB.Update(ctx, store.Jobs, func(tx *store.Tx) error {
		if first, err := tx.SetAttention(was, now); err != nil || !first {
			return err
		}
		for _, job := range jobs {
			if err := tx.Enqueue(job); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && len(jobs) > 0 {
		s.wakeMail()
	}
	return err
}

// openAttend reads the job of such a mail. Where the question is answered there is nothing to ask.
func (w *mailWorker) openAttend(ctx context.Context, l *letter) (*letter, error) {
	var m attendMail
	if err := json.Unmarshal(l.args, &m); err != nil {
		return nil, errForm
	}
	q, err := w.QuestionOf(ctx, m.PID)
	if err != nil {
		return nil, err
	}
	if q.row.Attention.Asked.IsZero() || q.Over {
		return nil, errStale
	}
	l.desk, l.staff, l.scope, l.to, l.language = true, true, attendPurpose, m.To, q.Content.Issue.Languages[0]
	if u, err := w.UserByEmail(ctx, m.To); err == nil {
		l.language = u.Language
	}
	text, _ := q.Action.Text(l.language, q.Content.Issue.Languages)
	l.write = func(head mail.Letterhead, _ string) (*mail.Message, error) {
		return w.Composer.Attend(head, w.link(l.language, "/attend/"+w.AttendToken(m.PID, m.To)), text.Title, undersigned.DayOf(q.ClosesAt))
	}
	return l, nil
}

// AttendToken makes the link with which an owner answers. It opens nothing any more for somebody who is no owner.
func (s *Service) AttendToken(pid, email string) string {
	whose := s.attendHash(email)
	return s.Keys.SealLink(attendPurpose, append([]byte(pid), whose[:]...), s.Now().Add(attendLife))
}

func (s *Service) attendHash(email string) [32]byte {
	return s.Keys.Hash(attendPurpose, seal.NormalizeEmail(email))
}

// Question is whether a petition goes on, as its owner sees it.
type Question struct {
	Content  *undersigned.Content
	Action   *undersigned.Action
	Asked    bool
	Over     bool      // its owner has answered that it is
	ClosesAt time.Time // where it is asked and not answered
	KeepDays int
	row      store.ActionRow
	by       undersigned.UserID
}

// QuestionOf finds that of an action, asked or not. Gone where the public log has closed the action.
func (s *Service) QuestionOf(ctx context.Context, pid string) (*Question, error) {
	content, a, err := s.findPID(ctx, pid)
	if err != nil {
		return nil, err
	}
	var rows map[[2]string]store.ActionRow
	if err := s.DB.View(ctx, func(tx *store.Tx) (err error) { rows, err = tx.Actions(); return err }); err != nil {
		return nil, err
	}
	row := rows[[2]string{a.Issue, a.Slug}]
	if row.PID != pid || row.LogState != store.LogOpened {
		return nil, errClosed
	}
	q := &Question{Content: content, Action: a, Asked: !row.Attention.Asked.IsZero(), Over: !row.Attention.Ended.IsZero(), KeepDays: row.KeepDays, row: row}
	if q.Asked {
		q.ClosesAt = row.Attention.Asked.Add(undersigned.AttentionWithin)
	}
	return q, nil
}

// OpenQuestion opens the link of such a mail and changes nothing. Gone where the link has died or is none of ours, where its
// reader is no owner any more, and where the public log has closed the action.
func (s *Service) OpenQuestion(ctx context.Context, token string) (*Question, error) {
	plaintext, _, err := s.Keys.OpenLink(attendPurpose, token, s.Now())
	if errors.Is(err, seal.ErrToken) || errors.Is(err, seal.ErrExpired) || err == nil && len(plaintext) != 16+32 {
		return nil, errLinkDead
	}
	if err != nil {
		return nil, doing("open a link", err)
	}
	owners, err := s.owners(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(owners, func(email string) bool { return s.attendHash(email) == [32]byte(plaintext[16:]) })
	if i < 0 {
		return nil, errLinkDead
	}
	q, err := s.QuestionOf(ctx, string(plaintext[:16]))
	if err != nil {
		return nil, err
	}
	if u, err := s.UserByEmail(ctx, owners[i]); err == nil {
		q.by = u.ID
	}
	return q, nil
}

// Answer answers a question through its link: it goes on, or it is over. The last answer counts, until the public log closes
// it three days after its end. The errors are those of OpenQuestion, and Unavailable.
func (s *Service) Answer(ctx context.Context, token string, over bool) error {
	q, err := s.OpenQuestion(ctx, token)
	if err != nil {
		return err
	}
	return s.answer(ctx, q, over)
}

// AnswerFor answers for an action, asked or not: the way of the desk and of the command line.
func (s *Service) AnswerFor(ctx context.Context, by undersigned.UserID, pid string, over bool) error {
	q, err := s.QuestionOf(ctx, pid)
	if err != nil {
		return err
	}
	q.by = by
	return s.answer(ctx, q, over)
}

func (s *Service) answer(ctx context.Context, q *Question, over bool) error {
	if over == q.Over && !q.Asked {
		return nil // nothing was asked, or it is said already
	}
	next, detail := q.row, "goes_on"
	if over {
		next.Attention.Ended, detail = s.Now(), "over"
	} else {
		next.Attended, next.Attention, next.AskedTimes = s.Now(), undersigned.Attention{}, 0
	}
	err := s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		if first, err := tx.SetAttention(&q.row, &next); err != nil || !first {
			return err
		}
		return tx.AddAudit(undersigned.AuditEntry{By: q.by, Verb: undersigned.AuditAttended, Subject: q.Action.Issue + "/" + q.Action.Slug, Detail: detail})
	})
	if err != nil {
		return err
	}
	return s.follow(ctx)
}
