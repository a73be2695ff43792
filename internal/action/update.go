package action

import (
	"cmp"
	"context"
	"crypto/rand"
	"sync"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/mail"
	"github.com/undersigned/undersigned/internal/store"
)

var (
	errUpdateState   = undersigned.Fail(undersigned.Invalid, "error.update.state")
	errUpdateNothing = undersigned.Fail(undersigned.Invalid, "error.update.nothing")
	// ErrUpdateChanged: somebody else has written it meanwhile.
	ErrUpdateChanged = undersigned.Fail(undersigned.Invalid, "error.update.changed")
)

// BeginUpdate keeps the words of an update of an issue, by language, as a draft. Invalid with fields for each language
// whose words will not do; NotFound where there is no such issue.
func (s *Service) BeginUpdate(ctx context.Context, by undersigned.UserID, issue string, texts map[string]undersigned.UpdateText) (*undersigned.Update, error) {
	if _, err := s.issue(ctx, issue); err != nil {
		return nil, err
	}
	u := &undersigned.Update{Issue: issue, State: undersigned.UpdateDraft, Texts: texts, Made: s.Now()}
	rand.Read(u.ID[:])
	err := s.DB.Update(ctx, store.Bulk, func(tx *store.Tx) error {
		if _, err := tx.InsertUpdate(u); err != nil {
			return err
		}
		return tx.AddAudit(undersigned.AuditEntry{By: by, Verb: undersigned.AuditUpdateMade, Subject: u.ID.String(), Detail: u.Issue})
	})
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
	content, err = s.issue(ctx, u.Issue)
	return u, content, err
}

// WriteUpdate puts other words in place of those of an update that nobody has had yet; version names those that its writer has
// seen, empty is whichever. An update that we wrote becomes the organiser's. Invalid where it is on its way or over;
// ErrUpdateChanged.
func (s *Service) WriteUpdate(ctx context.Context, by undersigned.UserID, id undersigned.UpdateID, version string, texts map[string]undersigned.UpdateText) error {
	u, _, err := s.ReadUpdate(ctx, id)
	if err != nil {
		return err
	}
	if !u.State.Written() {
		return errUpdateState
	}
	u.Texts = texts
	return s.DB.Update(ctx, store.Bulk, func(tx *store.Tx) error {
		if before, err := tx.Update(id); err != nil || before == nil || version != "" && before.Version() != version {
			return cmp.Or(err, error(ErrUpdateChanged))
		}
		if done, err := tx.WriteUpdate(u); err != nil || !done {
			return cmp.Or(err, error(errUpdateState))
		}
		return tx.AddAudit(undersigned.AuditEntry{By: by, Verb: undersigned.AuditUpdateWritten, Subject: id.String()})
	})
}

// ScheduleUpdate says when an update is to go out; the zero time is now. Invalid where it says nothing in the first language
// of its issue, or is on its way or over.
func (s *Service) ScheduleUpdate(ctx context.Context, by undersigned.UserID, id undersigned.UpdateID, at time.Time) error {
	return s.moveUpdate(ctx, by, id, undersigned.UpdateScheduled, func(u *undersigned.Update, content *undersigned.Content) error {
		u.At = s.Now()
		if at.After(u.At) {
			u.At = at
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
	err = s.DB.Update(ctx, store.Bulk, func(tx *store.Tx) error {
		if moved, err := tx.MoveUpdate(u, from); err != nil || !moved {
			return cmp.Or(err, error(errUpdateState))
		}
		return tx.AddAudit(undersigned.AuditEntry{By: by, Verb: undersigned.AuditUpdateMoved, Subject: id.String(), Detail: string(to)})
	})
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
