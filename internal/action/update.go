package action

import (
	"cmp"
	"context"
	"maps"
	"sync"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/mail"
	"github.com/undersigned/undersigned/internal/store"
)

var (
	errUpdateState   = undersigned.Fail(undersigned.Invalid, "error.update.state")
	errUpdateNothing = undersigned.Fail(undersigned.Invalid, "error.update.nothing")
)

// UpdateClash is the error of somebody who would overwrite what another one has made of an update meanwhile. Nothing is saved.
type UpdateClash struct {
	Update *undersigned.Update               // as it stands
	Merged map[string]undersigned.UpdateText // mine, with what only they have changed
	Fields []string                          // those that both have changed (see [undersigned.UpdateFields])
}

func (*UpdateClash) Error() string { return "somebody else has changed the same words" }

// BeginUpdate keeps the words of an update of an issue, by language, as a draft. Invalid with fields for each language
// whose words will not do; NotFound where there is no such issue.
func (s *Service) BeginUpdate(ctx context.Context, by undersigned.UserID, issue string, texts map[string]undersigned.UpdateText) (*undersigned.Update, error) {
	return s.BeginUpdateOnce(ctx, by, undersigned.NewUpdateID(), issue, texts)
}

// BeginUpdateOnce is BeginUpdate with the id that the form came with: a form that is sent twice makes one update. [UpdateClash]
// where that has other words by then.
func (s *Service) BeginUpdateOnce(ctx context.Context, by undersigned.UserID, id undersigned.UpdateID, issue string, texts map[string]undersigned.UpdateText) (*undersigned.Update, error) {
	if _, err := s.issue(ctx, issue); err != nil {
		return nil, err
	}
	u := &undersigned.Update{ID: id, Issue: issue, State: undersigned.UpdateDraft, Texts: texts, Made: s.Now()}
	var made bool
	err := s.DB.Update(ctx, store.Client, func(tx *store.Tx) (err error) {
		if made, err = tx.InsertUpdate(u); err != nil || !made {
			return err
		}
		return tx.AddAudit(undersigned.AuditEntry{By: by, Verb: undersigned.AuditUpdateMade, Subject: u.ID.String(), Detail: u.Issue})
	})
	if err == nil && !made {
		_, err = s.WriteUpdate(ctx, by, id, (&undersigned.Update{}).Version(), texts)
	}
	return u, err
}

// ReadUpdate finds an update and the issue that it is about. NotFound.
func (s *Service) ReadUpdate(ctx context.Context, id undersigned.UpdateID) (u *undersigned.Update, content *undersigned.Content, err error) {
	err = s.DB.View(ctx, func(tx *store.Tx) error {
		if u, err = tx.Update(id); err == nil && u == nil {
			err = errNoAction
		}
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	content, err = s.issueFor(ctx, u)
	return u, content, err
}

// WriteUpdate puts other words in place of those of an update that nobody has had yet; version names those that its writer has
// seen, empty is whichever. What another one has changed meanwhile in other fields is brought together with it. An update that
// we wrote becomes the organiser's. One that somebody has scheduled is taken back to a draft: what they sent was other words.
// Invalid where it is on its way or over; [UpdateClash] where both have changed the same.
func (s *Service) WriteUpdate(ctx context.Context, by undersigned.UserID, id undersigned.UpdateID, version string, texts map[string]undersigned.UpdateText) (takenBack bool, err error) {
	u, _, err := s.ReadUpdate(ctx, id)
	if err != nil {
		return false, err
	}
	if !u.State.Written() {
		return false, errUpdateState
	}
	err = s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		takenBack = false
		now, err := tx.Update(id)
		if err != nil || now == nil {
			return cmp.Or(err, error(errUpdateState))
		}
		if u.Texts = texts; version != "" && now.Version() != version {
			merged, clashes := undersigned.MergeUpdate(version, texts, now.Texts)
			if u.Texts = merged; len(clashes) > 0 {
				return &UpdateClash{Update: now, Merged: merged, Fields: clashes}
			}
		}
		if maps.Equal(u.Texts, now.Texts) { // pressed twice
			return nil
		}
		if done, err := tx.WriteUpdate(u); err != nil || !done {
			return cmp.Or(err, error(errUpdateState))
		}
		if err := tx.AddAudit(undersigned.AuditEntry{By: by, Verb: undersigned.AuditUpdateWritten, Subject: id.String()}); err != nil {
			return err
		}
		if u.State != undersigned.UpdateScheduled || u.Cause != undersigned.ByHand {
			return nil
		}
		takenBack, now.State = true, undersigned.UpdateDraft
		return move(tx, by, now, undersigned.UpdateScheduled)
	})
	return takenBack, err
}

// move sets another state of an update, and tells the audit log.
func move(tx *store.Tx, by undersigned.UserID, u *undersigned.Update, from undersigned.UpdateState) error {
	if moved, err := tx.MoveUpdate(u, from); err != nil || !moved {
		return cmp.Or(err, error(errUpdateState))
	}
	return tx.AddAudit(undersigned.AuditEntry{By: by, Verb: undersigned.AuditUpdateMoved, Subject: u.ID.String(), Detail: string(u.State)})
}

// ScheduleUpdate says when an update is to go out; the zero time is now. Invalid, with the field "at", where it is past; Invalid
// where it says nothing in the first language of its issue, or is on its way or over.
func (s *Service) ScheduleUpdate(ctx context.Context, by undersigned.UserID, id undersigned.UpdateID, at time.Time) error {
	return s.moveUpdate(ctx, by, id, undersigned.UpdateScheduled, func(u *undersigned.Update, content *undersigned.Content) error {
		now := s.Now()
		if !at.IsZero() && !at.After(now) {
			return wrongField("at", "error.update.past")
		}
		if u.At = at; at.IsZero() {
			u.At = now
		}
		if _, ok := u.Texts[content.Issue.Languages[0]]; !ok && len(u.Missing(content.Issue.Languages)) > 0 {
			return errUpdateNothing
		}
		return nil
	})
}

// MoveUpdate sets another state of an update than "scheduled": back to a draft, paused, sending again, cancelled. Invalid where
// its state does not lead there.
func (s *Service) MoveUpdate(ctx context.Context, by undersigned.UserID, id undersigned.UpdateID, to undersigned.UpdateState) error {
	return s.moveUpdate(ctx, by, id, to, nil)
}

func (s *Service) moveUpdate(ctx context.Context, by undersigned.UserID, id undersigned.UpdateID, to undersigned.UpdateState,
	more func(*undersigned.Update, *undersigned.Content) error) error {
	u, content, err := s.ReadUpdate(ctx, id)
	if err != nil {
		return err
	}
	from := u.State
	if !from.Leads(to) {
		return errUpdateState
	}
	u.State, u.Stop = to, ""
	if to == undersigned.UpdateSending {
		u.Tally = u.Tally.LookedAt()
	}
	if to.Ended() {
		u.Ended = s.Now()
	}
	if more != nil {
		if err := more(u, content); err != nil {
			return err
		}
	}
	err = s.DB.Update(ctx, store.Client, func(tx *store.Tx) error { return move(tx, by, u, from) })
	if err == nil {
		s.wakeNews()
	}
	return err
}

// wakeNews tells the sender of this node that something may be due.
func (s *Service) wakeNews() {
	select {
	case s.newsWaits <- struct{}{}:
	default:
	}
}

// PreviewUpdate writes an update as somebody gets it who reads a language; its links lead nowhere.
func (s *Service) PreviewUpdate(p Post, u *undersigned.Update, content *undersigned.Content, language string) (*mail.Message, error) {
	language = p.Composer.Speaks(language)
	head := mail.Letterhead{ID: "preview@localhost", To: "preview@localhost.localdomain", Language: language, Date: s.Now()}
	links := mail.NewsLinks{Stop: p.link(language, "/unsubscribe/-"), Never: p.link(language, "/unsubscribe/-")}
	return p.Composer.News(head, ReadyUpdate(p, u, content, language), undersigned.DayOf(s.Now()), links)
}

// ReadyUpdate makes an update ready for the readers of a language.
func ReadyUpdate(p Post, u *undersigned.Update, content *undersigned.Content, language string) *mail.News {
	n := &newsletter{post: p, update: u, content: content}
	return n.in(language)
}

// newsletter is an update with what it takes to write it; each language is made ready once.
type newsletter struct {
	post    Post
	update  *undersigned.Update
	content *undersigned.Content

	mu    sync.Mutex
	ready map[string]*mail.News
}

// in gives the update for the readers of a language that the site has.
func (n *newsletter) in(language string) *mail.News {
	n.mu.Lock()
	defer n.mu.Unlock()
	if made := n.ready[language]; made != nil {
		return made
	}
	title, _ := n.content.Issue.Text(language)
	text, in, ok := n.update.Text(language, n.content.Issue.Languages)
	if !ok {
		text = n.post.Composer.Words(language, n.update, n.content, func(path string) string { return n.post.link(language, path) })
	}
	made := mail.NewNews(text, in, title.Title, n.post.BaseURL)
	if n.ready == nil {
		n.ready = map[string]*mail.News{}
	}
	n.ready[language] = made
	return made
}
