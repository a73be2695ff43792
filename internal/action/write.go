package action

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/mail"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
)

const letterPurpose = "letter"

// draft is a letter on its way: what somebody wrote, and who they are. It is only ever kept sealed, under the key of a day.
type draft struct {
	Issue, Action string // slugs
	Language      string
	Message       undersigned.Message
	Writer        undersigned.Writer
	Rewritten     int
}

// letterScope ties a sealed draft to its row.
func letterScope(id undersigned.OutreachID) []string { return []string{letterPurpose, string(id[:])} }

func (s *Service) sealDraft(ctx context.Context, id undersigned.OutreachID, d *draft) ([]byte, error) {
	plaintext, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	return s.Keys.SealPending(ctx, nil, plaintext, s.Now(), letterScope(id)...)
}

func (s *Service) openDraft(ctx context.Context, row *store.LetterRow) (*draft, error) {
	plaintext, err := s.Keys.OpenPending(ctx, nil, row.Sealed, s.Now(), letterScope(row.Outreach)...)
	if err != nil {
		return nil, err
	}
	d := &draft{}
	return d, json.Unmarshal(plaintext, d)
}

// WriteInput is a letter that somebody wants us to send by e-mail.
type WriteInput struct {
	Issue, Action, Token string // slugs, and the token of the page
	Language             string
	Message              undersigned.Message
	Rewritten            int
	GivenName            string
	FamilyName           string
	Email, Locality      string // as they were typed
	Trap                 string // a field that no reader sees
	Visitor              Visitor
}

// Emails are the addressees of an action that take letters by e-mail.
func Emails(a *undersigned.Action) (list []undersigned.Addressee) {
	for _, t := range a.Addressees {
		if t.Email != "" {
			list = append(list, t)
		}
	}
	return list
}

// WriteLetter keeps a letter, sealed under the key of the day, and promises a mail to its writer: nil means that both are on
// the disk. Nothing goes to an office before the link in that mail was followed and the button pressed. The answer is the
// same whoever's address it is. Sent again from the same page with the same address it is the same letter, as it was typed
// last.
//
// Errors: Invalid with fields, Invalid where the page is too old, NotFound, Gone where the action is closed, TooMany with a
// [Wait], Unavailable.
func (s *Service) WriteLetter(ctx context.Context, in WriteInput) error {
	now := s.Now()
	a, err := s.findMailed(ctx, in.Issue, in.Action, now)
	if err != nil {
		return err
	}
	writer, err := undersigned.NewWriter(in.GivenName, in.FamilyName, in.Email, in.Locality)
	if err != nil {
		return err
	}
	page, err := s.openOutreach(in.Token, a)
	if err != nil {
		return err
	}
	if err := s.refuseNoMail(ctx, writer.Email); err != nil {
		return err
	}
	d := &draft{Issue: a.Issue, Action: a.Slug, Language: in.Language, Message: in.Message, Writer: *writer, Rewritten: in.Rewritten}
	if wait := s.buckets.takeTrapped(in.Visitor, letterLane(a.Issue, a.Slug), in.Trap, now); wait > 0 {
		args, err := json.Marshal(d)
		if err != nil {
			return doing("seal a letter", err)
		}
		return s.askToWait(ctx, letterLane(a.Issue, a.Slug), mailLetter, append(page[:], args...), wait, now)
	}
	return s.promiseLetter(ctx, mailQueue, page, d, now)
}

// WriteAfterWaiting takes a letter that WriteLetter has asked to wait, as SignAfterWaiting does a signature. Its words come
// back.
func (s *Service) WriteAfterWaiting(ctx context.Context, issue, slug, token string) (typed undersigned.Message, err error) {
	now := s.Now()
	a, closed := s.findMailed(ctx, issue, slug, now)
	if a == nil {
		return typed, closed
	}
	w, err := s.openWait(ctx, letterLane(a.Issue, a.Slug), token, now)
	if err != nil {
		return typed, err
	}
	var page undersigned.OutreachID
	d := &draft{}
	if n := copy(page[:], w.args); json.Unmarshal(w.args[n:], d) != nil {
		return typed, errWaitToken
	}
	if closed != nil {
		return d.Message, closed
	}
	return d.Message, s.takeWaiting(token, w, now, func() error { return s.promiseLetter(ctx, laterQueue, page, d, now) })
}

// findMailed finds a letter that we send by e-mail and that can be written now; Gone, with the action, where it is closed.
func (s *Service) findMailed(ctx context.Context, issue, slug string, now time.Time) (*undersigned.Action, error) {
	content, a, err := s.find(ctx, issue, slug)
	switch {
	case err != nil:
		return nil, err
	case a.Kind != undersigned.Letter || len(Emails(a)) == 0:
		return nil, errNoAction
	}
	if d := a.Decide(content.Bill(a.Bill), now); !d.Open() {
		return a, notOpen(d)
	}
	return a, nil
}

// promiseLetter commits the sealed letter and the mail that asks whose it is, both or neither.
func (s *Service) promiseLetter(ctx context.Context, queue string, page undersigned.OutreachID, d *draft, now time.Time) error {
	id := s.outreachID(page, d.Writer.Email)
	sealed, err := s.sealDraft(ctx, id, d)
	if err != nil {
		return doing("seal a letter", err)
	}
	// In the mail's job stands what the mail needs, and not the letter.
	job, err := s.mailJob(ctx, queue, mailLetter, encodeAsk(id, d), now)
	if err != nil {
		return err
	}
	err = s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		if err := tx.KeepDraft(store.LetterRow{Outreach: id, Day: undersigned.DayOf(now), Sealed: sealed}); err != nil {
			return err
		}
		return tx.Enqueue(job)
	})
	if err == nil {
		s.wakeMail()
	}
	return err
}

// encodeAsk is what the mail that asks the writer needs.
func encodeAsk(id undersigned.OutreachID, d *draft) []byte {
	return append(id[:], d.Language+"\n"+d.Issue+"\n"+d.Action+"\n"+d.Writer.Email...)
}

// letterLane names what the mails about the letters of an ask are counted for.
func letterLane(issue, slug string) string { return "letter " + issue + "/" + slug }

// openAsk reads the job of such a mail.
func (w *mailWorker) openAsk(ctx context.Context, l *letter) (*letter, error) {
	var id undersigned.OutreachID
	parts := bytes.SplitN(l.args[min(len(l.args), len(id)):], []byte("\n"), 4)
	if len(parts) != 4 {
		return nil, errForm
	}
	copy(id[:], l.args)
	issue, slug := string(parts[1]), string(parts[2])
	l.language, l.to, l.scope = string(parts[0]), string(parts[3]), letterLane(issue, slug)
	l.write = func(head mail.Letterhead, stop string) (*mail.Message, error) {
		token, err := w.Keys.SealToken(ctx, id[:], w.Now(), letterPurpose)
		if err != nil {
			return nil, err
		}
		content, a, err := w.find(ctx, issue, slug)
		if err != nil {
			return nil, err
		}
		text, _ := a.Text(l.language, content.Issue.Languages)
		return w.Composer.ConfirmLetter(head, w.link(l.language, "/confirm/letter/"+token), text.Title, stop)
	}
	return l, nil
}

// LetterPage is what the page behind the link of a letter's mail shows.
type LetterPage struct {
	MyLetter
	Language  string
	Writer    undersigned.Writer
	To        []undersigned.Addressee
	Confirmed bool
	Closed    bool   // between form and click; nothing is sent
	Paused    bool   // just now; pressed again once it goes on, while the link lives, it is sent
	MyToken   string // to see what becomes of it; empty before it is confirmed, and once its words are gone
}

// OpenLetter reads a link and changes nothing. Gone where the link has died, is cut short, or is none of ours.
func (s *Service) OpenLetter(ctx context.Context, token string) (*LetterPage, error) {
	_, p, err := s.letterPage(ctx, token)
	return p, err
}

// letterPage opens a link and finds what it is about. Once all of a letter was sent its words are gone, and the page has
// none.
func (s *Service) letterPage(ctx context.Context, token string) (*store.LetterRow, *LetterPage, error) {
	plaintext, err := s.Keys.OpenToken(ctx, token, s.Now(), letterPurpose)
	if errors.Is(err, seal.ErrToken) || errors.Is(err, seal.ErrKeyDestroyed) || err == nil && len(plaintext) != len(undersigned.OutreachID{}) {
		return nil, nil, errLinkDead
	}
	if err != nil {
		return nil, nil, doing("open a letter's link", err)
	}
	p := &LetterPage{MyLetter: MyLetter{ID: hex.EncodeToString(plaintext)}}
	var row *store.LetterRow
	err = s.DB.View(ctx, func(tx *store.Tx) (err error) {
		if row, err = tx.Letter(undersigned.OutreachID(plaintext)); err != nil || row == nil {
			return err
		}
		p.Deliveries, err = tx.Deliveries(row.Outreach)
		return err
	})
	if err != nil {
		return nil, nil, doing("read a letter", err)
	}
	if row == nil || row.Sealed == nil && row.Writer == nil {
		return nil, nil, errLinkDead
	}
	p.Confirmed = row.Writer != nil
	if row.Sealed == nil {
		return row, p, s.aboutDelivered(ctx, p)
	}
	d, err := s.openDraft(ctx, row)
	if errors.Is(err, seal.ErrKeyDestroyed) {
		return nil, nil, errLinkDead
	}
	if err != nil {
		return nil, nil, doing("open a letter", err)
	}
	p.Language, p.Message, p.Writer, p.draft = d.Language, d.Message, d.Writer, d
	if p.Content, p.Action, err = s.find(ctx, d.Issue, d.Action); err != nil {
		return nil, nil, err
	}
	p.To = Emails(p.Action)
	decision := p.Action.Decide(p.Content.Bill(p.Action.Bill), s.Now())
	p.Open = decision.Open()
	p.Paused = !p.Confirmed && decision.State == undersigned.ActionPaused
	p.Closed = !p.Confirmed && !p.Paused && (len(p.To) == 0 || !p.Open)
	if p.Confirmed {
		p.MyToken = s.myToken(d.Writer.Email)
	}
	return row, p, nil
}

// aboutDelivered finds the action of a letter whose words are gone.
func (s *Service) aboutDelivered(ctx context.Context, p *LetterPage) (err error) {
	if len(p.Deliveries) == 0 {
		return errLinkDead
	}
	p.Content, p.Action, err = s.find(ctx, p.Deliveries[0].Issue, p.Deliveries[0].Action)
	return err
}

// ConfirmLetter is the button: it promises one delivery to each addressee, in one transaction. Pressed again, or through
// another link of the same letter, it changes nothing. The errors are those of OpenLetter, and Unavailable.
func (s *Service) ConfirmLetter(ctx context.Context, token string) (*LetterPage, error) {
	row, p, err := s.letterPage(ctx, token)
	if err != nil || p.Confirmed || p.Closed || p.Paused {
		return p, err
	}
	now := s.Now()
	d := p.draft
	// Sealed anew, under today's key: the tries may last as long as it lives.
	sealed, err := s.sealDraft(ctx, row.Outreach, d)
	if err != nil {
		return nil, doing("seal a letter", err)
	}
	key, err := s.Keys.Letters(ctx, now)
	if err != nil {
		return nil, doing("find the key of the month's letters", err)
	}
	writer, day := key.Email(d.Writer.Email), undersigned.DayOf(now)
	jobs := make([]store.Job, len(p.To))
	for i, t := range p.To {
		jobs[i] = store.NewJob(letterQueue, deliveryArgs(row.Outreach, t.Slug), now)
	}
	err = s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		first, err := tx.ConfirmLetter(store.LetterRow{Outreach: row.Outreach, Day: day, Writer: writer[:], Sealed: sealed})
		if err != nil || !first {
			return err
		}
		for i, t := range p.To {
			about := undersigned.Outreach{ID: row.Outreach, Issue: d.Issue, Action: d.Action, Rewritten: d.Rewritten, Day: day}
			if _, err := tx.InsertDelivery(undersigned.Delivery{Outreach: about, Target: t.Slug, Method: undersigned.ByEmail, State: undersigned.DeliveryQueued}); err != nil {
				return err
			}
			if err := tx.Enqueue(jobs[i]); err != nil {
				return err
			}
		}
		p.Deliveries, err = tx.Deliveries(row.Outreach)
		return err
	})
	if err != nil {
		return nil, err
	}
	p.Confirmed, p.MyToken = true, s.myToken(d.Writer.Email)
	s.wakeLetters()
	return p, nil
}
