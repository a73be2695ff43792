package action

import (
	"context"
	"errors"
	"regexp"
	"slices"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// Passed says which office something was handed to, or who answered, and for which petition.
type Passed struct {
	Bioguide      string
	Issue, Action string // slugs
	Day           undersigned.Day
}

// HandOver notes that a petition was handed to an office, with so many signatures on paper, and tells the diary. The same
// day again corrects what was noted. Invalid, with the fields "bioguide", "action", "day", "how" or "paper".
func (s *Service) HandOver(ctx context.Context, by undersigned.UserID, p Passed, how undersigned.HandoverWay, paper int) (*undersigned.Legislator, error) {
	member, err := s.checkPassed(ctx, p)
	if err != nil {
		return nil, err
	}
	if how != "" && !slices.Contains(undersigned.HandoverWays, how) {
		return nil, wrongField("how", "error.handover.how")
	}
	if paper < 0 || paper > maxPaper {
		return nil, wrongField("paper", "error.paper")
	}
	h := &undersigned.Handover{Issue: p.Issue, Action: p.Action, Day: p.Day, How: how, Paper: paper, Member: *member}
	return member, s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		again, err := tx.PutHandover(h)
		return errors.Join(err, tellPassed(tx, undersigned.HandedOver, p, member, again), auditPassed(tx, by, undersigned.AuditHandedOver, p))
	})
}

// maxPaper is more than anybody counts by hand.
const maxPaper = 100_000_000

// Answered notes what an office answered, in its own words, and tells the diary. The same day again corrects what was noted.
// Invalid, with the fields "bioguide", "action", "day", "lang" or "text"; also where nothing was handed over before.
func (s *Service) Answered(ctx context.Context, by undersigned.UserID, p Passed, lang, text string) (*undersigned.Legislator, error) {
	member, err := s.checkPassed(ctx, p)
	if err != nil {
		return nil, err
	}
	if !languageCode.MatchString(lang) {
		return nil, wrongField("lang", "error.language")
	}
	if text, err = undersigned.CleanAnswer(text); err != nil {
		return nil, err
	}
	a := &undersigned.Answer{Issue: p.Issue, Action: p.Action, Day: p.Day, Lang: lang, Text: text, Member: *member}
	return member, s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		all, err := tx.Correspondence(p.Bioguide)
		if err != nil {
			return err
		}
		if c := all[[2]string{p.Issue, p.Action}]; c == nil || len(c.Handovers) == 0 || c.Handovers[0].Day > p.Day {
			return wrongField("day", "error.answer.early")
		}
		again, err := tx.PutAnswer(a)
		return errors.Join(err, tellPassed(tx, undersigned.Answered, p, member, again), auditPassed(tx, by, undersigned.AuditAnswered, p))
	})
}

// TakeBackHandOver forgets a note that was a mistake, and what the diary said of it; the log of who did what remembers. Invalid,
// with the field "day", where an answer stands on it: that is taken back first. False where there is no such note.
func (s *Service) TakeBackHandOver(ctx context.Context, by undersigned.UserID, p Passed) (done bool, err error) {
	err = s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		if done, err = tx.DropHandover(p.Bioguide, p.Issue, p.Action, p.Day); err != nil || !done {
			return err
		}
		all, err := tx.Correspondence(p.Bioguide)
		if err != nil {
			return err
		}
		if c := all[[2]string{p.Issue, p.Action}]; c != nil && len(c.Answers) > 0 && (len(c.Handovers) == 0 || c.Handovers[0].Day > c.Answers[0].Day) {
			return wrongField("day", "error.handover.answered")
		}
		return auditPassed(tx, by, undersigned.AuditHandOverTakenBack, p)
	})
	return done && err == nil, err
}

// TakeBackAnswer does so with an answer.
func (s *Service) TakeBackAnswer(ctx context.Context, by undersigned.UserID, p Passed) (done bool, err error) {
	err = s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		if done, err = tx.DropAnswer(p.Bioguide, p.Issue, p.Action, p.Day); err != nil || !done {
			return err
		}
		return auditPassed(tx, by, undersigned.AuditAnswerTakenBack, p)
	})
	return done && err == nil, err
}

var languageCode = regexp.MustCompile(`^[a-z]{2,3}$`)

// checkPassed finds the office and the petition.
func (s *Service) checkPassed(ctx context.Context, p Passed) (*undersigned.Legislator, error) {
	if _, a, err := s.find(ctx, p.Issue, p.Action); err != nil || a.State == undersigned.ActionDraft {
		if err != nil && undersigned.KindOf(err) != undersigned.NotFound {
			return nil, err
		}
		return nil, wrongField("action", "error.action")
	}
	now, table := s.Now(), s.Congress.Table()
	member := table.Legislator(p.Bioguide, now)
	if member == nil {
		member = table.Former(p.Bioguide, now) // who has left may still be answering for what they were handed
	}
	if member == nil {
		return nil, wrongField("bioguide", "error.bioguide")
	}
	known := *member
	known.Offices = nil
	return &known, p.Day.CheckDay(now)
}

func wrongField(field, key string) error {
	return &undersigned.Error{Kind: undersigned.Invalid, Key: "error.form", Fields: []undersigned.FieldError{{Field: field, Key: key}}}
}

// tellPassed tells the diary, under the day on which it happened; a correction is no news.
func tellPassed(tx *store.Tx, kind undersigned.EventKind, p Passed, member *undersigned.Legislator, again bool) error {
	if again {
		return nil
	}
	return tx.AddEvent(undersigned.Event{At: p.Day.Begin(undersigned.Eastern), Kind: kind, Issue: p.Issue, Subject: p.Action,
		Detail: member.Bioguide + " " + member.Name})
}

// auditPassed notes who has noted it.
func auditPassed(tx *store.Tx, by undersigned.UserID, verb undersigned.AuditVerb, p Passed) error {
	return tx.AddAudit(undersigned.AuditEntry{By: by, Verb: verb, Subject: p.Issue + "/" + p.Action, Detail: p.Bioguide + ", " + string(p.Day)})
}
