package action

import (
	"context"
	"encoding/base32"
	"encoding/json"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/mail"
	"github.com/undersigned/undersigned/internal/store"
)

// writeNews writes an update to one subscriber, in a language that the site has.
func (w *mailWorker) writeNews(letter *newsletter, subscriber *undersigned.Subscriber) (*mail.Message, error) {
	language, mark := w.Composer.Speaks(subscriber.Language), w.mark(letter.update.ID, subscriber.ID)
	head := mail.Letterhead{ID: markPrefix + mark + "@" + w.domain(), To: subscriber.Email, Language: language, Date: w.Now()}
	links := mail.NewsLinks{
		Stop:   w.link(language, "/unsubscribe/"+w.newsToken(letter.update.ID, subscriber.ID)),
		Never:  w.link(language, "/unsubscribe/"+w.stopToken(subscriber.Email)),
		Bounce: w.bounceTo(mark),
	}
	return w.Composer.News(head, letter.in(language), subscriber.Day, links)
}

// A mail of news carries a mark, in its Message-ID and in the address that is told when it does not arrive: which update it
// was, and to whom, in letters that no mail server changes. It names nobody.
const markPrefix = "news."

var markEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

const markMAC = 8 // bytes

func (s *Service) mark(u undersigned.UpdateID, id undersigned.SubscriberID) string {
	mac := s.Keys.Hash("news mark", string(u[:]), string(id[:]))
	return markEncoding.EncodeToString(append(append(id[:len(id):len(id)], u[:]...), mac[:markMAC]...))
}

// readMark reads one that is ours.
func (s *Service) readMark(mark string) (u undersigned.UpdateID, id undersigned.SubscriberID, ok bool) {
	b, err := markEncoding.DecodeString(strings.ToLower(mark))
	if err != nil || len(b) != len(id)+len(u)+markMAC {
		return u, id, false
	}
	n := copy(id[:], b)
	copy(u[:], b[n:])
	return u, id, s.mark(u, id) == strings.ToLower(mark)
}

// bounceTo gives the address that a mail server tells, empty where there is none beside the sender's.
func (s *Service) bounceTo(mark string) string {
	local, domain, ok := strings.Cut(s.BounceAddress, "@")
	if !ok {
		return ""
	}
	return local + "+" + mark + "@" + domain
}

// newsHeld is how often a mail of an update that has paused asks whether that goes on.
const newsHeld = 15 * time.Minute

// newsMail is what the job of a single mail of news holds: to a subscriber whom a batch could not reach, or to somebody who
// tries an update before it goes out.
type newsMail struct {
	Update     undersigned.UpdateID
	Subscriber undersigned.SubscriberID `json:",omitzero"`
	To         string                   `json:",omitempty"`
	Language   string                   `json:",omitempty"`
	Stopped    bool                     `json:",omitempty"` // it tells the owner that the update has stopped
}

func (s *Service) newsJob(ctx context.Context, m newsMail, queue string) (store.Job, error) {
	args, err := json.Marshal(m)
	if err != nil {
		return store.Job{}, doing("seal a mail", err)
	}
	return s.mailJob(ctx, queue, mailNews, args, s.Now())
}

// TryUpdate promises a mail with an update as its readers of a language would get it. NotFound; Invalid where it is no
// address.
func (s *Service) TryUpdate(ctx context.Context, by undersigned.UserID, id undersigned.UpdateID, email, language string) error {
	if !undersigned.ValidEmail(email) {
		return &undersigned.Error{Kind: undersigned.Invalid, Key: "error.form",
			Fields: []undersigned.FieldError{{Field: "email", Key: "error.email.form"}}}
	}
	if _, _, err := s.ReadUpdate(ctx, id); err != nil {
		return err
	}
	job, err := s.newsJob(ctx, newsMail{Update: id, To: email, Language: language}, mailQueue)
	if err != nil {
		return err
	}
	err = s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		if err := tx.Enqueue(job); err != nil {
			return err
		}
		return tx.AddAudit(undersigned.AuditEntry{By: by, Verb: undersigned.AuditUpdateTried, Subject: id.String(), Detail: language})
	})
	if err == nil {
		s.wakeMail()
	}
	return err
}

// isStaff tells whether one of the staff has an address.
func (s *Service) isStaff(ctx context.Context, email string) bool {
	_, err := s.UserByEmail(ctx, email)
	return err == nil
}

// openNews reads the job of a single mail of news.
func (w *mailWorker) openNews(ctx context.Context, l *letter) (*letter, error) {
	var m newsMail
	if err := json.Unmarshal(l.args, &m); err != nil {
		return nil, errForm
	}
	u, content, err := w.ReadUpdate(ctx, m.Update)
	if err != nil {
		return nil, err
	}
	if m.Stopped {
		return w.openStopped(l, u, content, m.To)
	}
	news := &newsletter{post: w.Post, update: u, content: content}
	l.asked, l.scope = true, newsLane
	if m.To != "" {
		l.to, l.language, l.staff = m.To, w.Composer.Speaks(m.Language), w.isStaff(ctx, m.To)
		l.write = func(head mail.Letterhead, _ string) (*mail.Message, error) {
			nothing := w.link(l.language, "/unsubscribe/"+w.newsToken(u.ID, undersigned.SubscriberID{}))
			return w.Composer.News(head, news.in(l.language), undersigned.DayOf(w.Now()), mail.NewsLinks{Stop: nothing, Never: nothing})
		}
		return l, nil
	}
	var row *store.SubscriberRow
	err = w.DB.View(ctx, func(tx *store.Tx) (err error) { row, err = tx.Subscriber(m.Subscriber); return err })
	if err != nil {
		return nil, err
	}
	if row == nil || row.Sealed == nil || u.State == undersigned.UpdateCancelled {
		return nil, errStale
	}
	if stopped, err := w.stopIfUnwelcome(ctx, u.ID); err != nil || stopped || u.State == undersigned.UpdatePaused {
		l.held = newsHeld
		return l, err
	}
	subscriber, err := w.openSubscriber(ctx, row)
	if err != nil {
		return nil, err
	}
	l.to, l.language = subscriber.Email, subscriber.Language
	l.write = func(mail.Letterhead, string) (*mail.Message, error) { return w.writeNews(news, subscriber) }
	l.sent = func(tx *store.Tx) error { return tx.CountReport(u.ID, undersigned.UpdateTally{Sent: 1}) }
	l.refused = func(answer *mail.Error) func(*store.Tx) error {
		report := reportOf(answer)
		if err := w.noteReport(row.ID, report); err != nil {
			w.Log.Error("note an erasure", "error", err)
		}
		return func(tx *store.Tx) error {
			if _, err := takeReport(tx, row, report, u.ID); err != nil {
				return err
			}
			return tx.CountReport(u.ID, undersigned.UpdateTally{Refused: 1})
		}
	}
	return l, nil
}

// openStopped tells the owner that an update has stopped by itself.
func (w *mailWorker) openStopped(l *letter, u *undersigned.Update, content *undersigned.Content, owner string) (*letter, error) {
	if u.State != undersigned.UpdatePaused || owner == "" {
		return nil, errStale
	}
	l.desk, l.staff, l.scope, l.to, l.language = true, true, "desk", owner, w.Composer.Speaks(content.Issue.Languages[0])
	title, _ := content.Issue.Text(l.language)
	l.write = func(head mail.Letterhead, _ string) (*mail.Message, error) {
		return w.Composer.UpdateStopped(head, w.link(l.language, "/admin/news/"+u.ID.String()), title.Title, u.Tally)
	}
	return l, nil
}
