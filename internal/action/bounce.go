package action

import (
	"context"
	"regexp"
	"slices"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/mail"
	"github.com/undersigned/undersigned/internal/store"
)

// Statuses (RFC 3463) that say that there is no such mailbox, or none any more. All else that is refused for good is about
// the text, the size, a policy or a full mailbox, and the next mail may arrive.
var deadMailbox = []string{"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"}

// reportOf says what a refusal of our mail server means.
func reportOf(answer *mail.Error) undersigned.Report {
	switch {
	case answer.Step == "message": // it is no address that any server takes
		return undersigned.HardBounce
	case answer.Enhanced == "" && answer.Step == "rcpt" && answer.Code == 550:
		return undersigned.HardBounce
	}
	return reportOfStatus(answer.Enhanced)
}

func reportOfStatus(status string) undersigned.Report {
	if slices.Contains(deadMailbox, status) {
		return undersigned.HardBounce
	}
	return undersigned.SoftBounce
}

// noteReport notes in the ledger that a subscriber is about to be struck out for good.
func (s *Service) noteReport(id undersigned.SubscriberID, report undersigned.Report) error {
	if report == undersigned.SoftBounce { // nobody was told, and a restored backup finds out by itself
		return nil
	}
	if err := s.Ledger.Append(undersigned.SignatureID(id), undersigned.SignatureWithdrawn); err != nil {
		return doing("note an erasure", err)
	}
	return nil
}

// takeReport notes what a mail to a subscriber has come to, and strikes out whoever is not to be written to again. It tells
// whether the report was news to us: one that is told twice counts once.
func takeReport(tx *store.Tx, row *store.SubscriberRow, report undersigned.Report, u undersigned.UpdateID) (fresh bool, err error) {
	after, suppress, fresh := row.Bounces.Take(report, u, undersigned.DayOf(tx.Now))
	switch {
	case suppress:
		return tx.BurySubscriber(row.ID, undersigned.SubscriberSuppressed)
	case fresh:
		return true, tx.SetBounces(row.ID, after)
	}
	return false, nil
}

// stopIfUnwelcome pauses an update of which too much comes back, and tells the owners. It is asked when something has come back, and
// before anything goes out: a crash between the two, or what was refused of mails that go alone, is found then.
func (s *Service) stopIfUnwelcome(ctx context.Context, id undersigned.UpdateID) (stopped bool, err error) {
	var u *undersigned.Update
	err = s.DB.View(ctx, func(tx *store.Tx) (err error) { u, err = tx.Update(id); return err })
	if err != nil || u == nil || u.State != undersigned.UpdateSending || !u.Tally.TooManyBounces() {
		return false, err
	}
	u.State, u.Stop = undersigned.UpdatePaused, undersigned.StoppedByBounces
	s.Log.Warn("an update has stopped: too much of it came back", "update", u.ID.String(), "sent", u.Tally.Sent,
		"refused", u.Tally.Refused, "bounced", u.Tally.Bounced)
	owners, err := s.owners(ctx)
	if err != nil {
		return false, err
	}
	var jobs []store.Job
	for _, owner := range owners {
		job, err := s.newsJob(ctx, newsMail{Update: u.ID, To: owner, Stopped: true}, mailQueue)
		if err != nil {
			return false, err
		}
		jobs = append(jobs, job)
	}
	err = s.DB.Update(ctx, store.Jobs, func(tx *store.Tx) error {
		if moved, err := tx.MoveUpdate(u, undersigned.UpdateSending); err != nil || !moved {
			return err
		}
		for _, job := range jobs {
			if err := tx.Enqueue(job); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		s.wakeMail()
	}
	return true, err
}

// owners are the addresses of those who run the site.
func (s *Service) owners(ctx context.Context) (addresses []string, err error) {
	users, err := s.Users(ctx)
	for _, u := range users {
		if u.May(undersigned.MayManage) {
			addresses = append(addresses, u.Email)
		}
	}
	if s.Owner != "" && !slices.Contains(addresses, s.Owner) {
		addresses = append(addresses, s.Owner)
	}
	return addresses, err
}

// TakeReport takes what a mail server or a mailbox provider says of a mail of news, known by its mark, and tells whether it was
// one of ours. Told twice it counts once.
func (s *Service) TakeReport(ctx context.Context, mark string, report undersigned.Report) (ours bool, err error) {
	u, id, ok := s.readMark(mark)
	if !ok {
		return false, nil
	}
	var row *store.SubscriberRow
	err = s.DB.View(ctx, func(tx *store.Tx) (err error) { row, err = tx.Subscriber(id); return err })
	if err != nil || row == nil || row.Sealed == nil {
		return true, err
	}
	if report == undersigned.Complaint { // whoever complains about one wants no other either
		subscriber, err := s.openSubscriber(ctx, row)
		if err != nil {
			return true, doing("open a subscriber", err)
		}
		defer func() {
			if err == nil {
				err = s.leaveAll(ctx, subscriber.Email, undersigned.SubscriberSuppressed)
			}
		}()
	}
	if err := s.noteReport(id, report); err != nil {
		return true, err
	}
	err = s.DB.Update(ctx, store.Jobs, func(tx *store.Tx) error {
		row, err := tx.Subscriber(id)
		if err != nil || row == nil || row.Sealed == nil {
			return err
		}
		fresh, err := takeReport(tx, row, report, u)
		if err != nil || !fresh {
			return err
		}
		if report == undersigned.Complaint {
			return tx.CountReport(u, undersigned.UpdateTally{Complained: 1})
		}
		return tx.CountReport(u, undersigned.UpdateTally{Bounced: 1})
	})
	if err != nil {
		return true, err
	}
	_, err = s.stopIfUnwelcome(ctx, u)
	return true, err
}

// TakeMail takes a report as a mail, and tells whether it was one about a mail of ours that changes something.
func (s *Service) TakeMail(ctx context.Context, r *mail.Report) (ours bool, err error) {
	var report undersigned.Report
	switch {
	case r.Complaint:
		report = undersigned.Complaint
	case r.Action == "failed":
		report = reportOfStatus(r.Status)
	default: // it is late, or has arrived
		return false, nil
	}
	for _, mention := range r.Mentions {
		if ours, err := s.takeMention(ctx, mention, report); ours || err != nil {
			return ours, err
		}
	}
	return false, nil
}

// TakeEvent takes what a mail service says of the mail of a Message-ID. One that is none of ours changes nothing.
func (s *Service) TakeEvent(ctx context.Context, messageID string, report undersigned.Report) error {
	_, err := s.takeMention(ctx, "<"+messageID+">", report)
	return err
}

func (s *Service) takeMention(ctx context.Context, mention string, report undersigned.Report) (ours bool, err error) {
	for _, mark := range marksIn(mention) {
		if ours, err = s.TakeReport(ctx, mark, report); ours || err != nil {
			return ours, err
		}
	}
	return false, nil
}

// marks stand in Message-IDs and in the addresses that reports go to.
var marks = regexp.MustCompile(`(?i)(?:\bnews\.|\+)([a-z2-7]{52})@`)

func marksIn(text string) (found []string) {
	for _, m := range marks.FindAllStringSubmatch(text, 10) {
		found = append(found, m[1])
	}
	return found
}
