package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/undersigned/undersigned"
)

// Site is everything the public pages are made of, as it stood at one revision. It is never changed once made, so that
// any number of requests may read it at the same time.
type Site struct {
	Revision int64
	Contents []*undersigned.Content // open and archived issues, by slug
	Brakes   map[string]Brake       // that are on, by pid
	MailSlow bool                   // mails have to wait for the budget
	Sources  map[string]bool        // tags on links that are counted
	Paused   time.Time              // since when staff have paused the whole site; zero while they have not
	Drafts   []*undersigned.Content // shown nowhere; who signed while one was open can still see that and leave
	Settings *undersigned.Settings  // what is sealed in them stays so
}

// Issue finds an issue's content by its slug, nil where there is none.
func (s *Site) Issue(slug string) *undersigned.Content {
	for _, c := range s.Contents {
		if c.Issue.Slug == slug {
			return c
		}
	}
	return nil
}

// All are all issues, those that are shown nowhere last.
func (s *Site) All() []*undersigned.Content {
	return append(s.Contents[:len(s.Contents):len(s.Contents)], s.Drafts...)
}

// Ask finds an action by its slugs, one that is hidden or whose issue is, too; nil where there is none.
func (s *Site) Ask(issue, slug string) (*undersigned.Content, *undersigned.Action) {
	for _, c := range s.All() {
		if a := c.Action(slug); a != nil && c.Issue.Slug == issue {
			return c, a
		}
	}
	return nil, nil
}

// ByPID finds the action that has keys of that pid, nil where there is none: one that the public log knows, or one that takes
// offers.
func (s *Site) ByPID(pid string) (*undersigned.Content, *undersigned.Action) {
	for _, c := range s.Contents {
		for i := range c.Actions {
			if c.Actions[i].PID == pid && pid != "" {
				return c, &c.Actions[i]
			}
		}
	}
	return nil, nil
}

// Count is the number under a petition or pledge as it is shown: one stored row, written when a checkpoint of the public
// log is published.
type Count struct {
	Counted  int64
	AsOf     time.Time // zero before the first checkpoint
	TreeSize int64     // entries of the public log it was counted from
}

// Counts are the numbers of all petitions and pledges, by pid.
type Counts map[string]Count

type countsAt struct {
	size   int64
	counts Counts
}

// Poll reads the one row that tells whether anything public has changed: the revision of the content, and how much of
// the public log is published. Each node calls it once a second; Site and Counts follow it.
func (db *DB) Poll(ctx context.Context) (revision, published int64, err error) {
	err = db.View(ctx, func(tx *Tx) error {
		_, err := tx.one("select revision, published_size from site", nil, &revision, &published)
		return err
	})
	if err != nil {
		return 0, 0, fmt.Errorf("poll the site: %w", err)
	}
	db.revision.Store(revision)
	db.published.Store(published)
	return revision, published, nil
}

// Site gives the content as of the last Poll; the first call reads it. The value is shared and must not be changed.
func (db *DB) Site(ctx context.Context) (*Site, error) {
	fresh := func() *Site {
		if site := db.site.Load(); site != nil && site.Revision >= db.revision.Load() {
			return site
		}
		return nil
	}
	if site := fresh(); site != nil {
		return site, nil
	}
	db.refresh.Lock()
	defer db.refresh.Unlock()
	if site := fresh(); site != nil {
		return site, nil
	}
	var site *Site
	err := db.View(ctx, func(tx *Tx) (err error) {
		site, err = tx.site()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the site: %w", err)
	}
	db.site.Store(site)
	return site, nil
}

// Counts gives the printed numbers as of the last Poll; the first call reads them. The map must not be changed.
func (db *DB) Counts(ctx context.Context) (Counts, error) {
	fresh := func() Counts {
		if at := db.counts.Load(); at != nil && at.size >= db.published.Load() {
			return at.counts
		}
		return nil
	}
	if counts := fresh(); counts != nil {
		return counts, nil
	}
	db.refresh.Lock()
	defer db.refresh.Unlock()
	if counts := fresh(); counts != nil {
		return counts, nil
	}
	at := countsAt{counts: Counts{}}
	err := db.View(ctx, func(tx *Tx) error {
		if _, err := tx.one("select published_size from site", nil, &at.size); err != nil {
			return err
		}
		return tx.each("select pid, public_counted, public_at, public_size from action", nil, func(r *sql.Rows) error {
			var pid string
			var c Count
			var when int64
			if err := r.Scan(&pid, &c.Counted, &when, &c.TreeSize); err != nil {
				return err
			}
			c.AsOf = moment(when)
			at.counts[pid] = c
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read the counts: %w", err)
	}
	db.counts.Store(&at)
	return at.counts, nil
}

// site reads all content, and of what is not a draft its bills as the updater knows them. Of a bill that is only named, as an
// ask's or as a successor, the updater's word is all there is.
func (tx *Tx) site() (*Site, error) {
	site := &Site{}
	if _, err := tx.one("select revision from site", nil, &site.Revision); err != nil {
		return nil, err
	}
	all, err := tx.contents("")
	if err != nil {
		return nil, err
	}
	if site.Settings, err = tx.Settings(); err != nil {
		return nil, err
	}
	if site.Brakes, err = tx.Brakes(); err != nil {
		return nil, err
	}
	_, site.MailSlow = site.Brakes[MailBrake]
	pauses, err := tx.Pauses()
	if err != nil {
		return nil, err
	}
	site.Paused = pauses[[2]string{}].Since
	sources, err := tx.Sources()
	if err != nil {
		return nil, err
	}
	site.Sources = map[string]bool{}
	for _, s := range sources {
		site.Sources[s.Tag] = true
	}
	bills, err := tx.bills()
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		if c.Issue.State == undersigned.IssueDraft {
			site.Drafts = append(site.Drafts, c)
			continue
		}
		for i := range c.Bills {
			c.Bills[i].Follow(bills[c.Bills[i].BillID])
		}
		for _, id := range named(c) {
			if known := bills[id]; known != nil && c.Bill(id) == nil {
				c.Bills = append(c.Bills, *known)
			}
		}
		site.Contents = append(site.Contents, c)
	}
	return site, nil
}

// named are the bills of a content's asks, and those that came after its bills.
func named(c *undersigned.Content) (ids []undersigned.BillID) {
	for i := range c.Actions {
		ids = append(ids, c.Actions[i].Bill)
	}
	for i := range c.Bills {
		for _, successor := range c.Bills[i].Successors {
			ids = append(ids, successor.Bill)
		}
	}
	return ids
}

// Content reads one issue's content, drafts too; nil where there is none.
func (tx *Tx) Content(issue string) (*undersigned.Content, error) {
	all, err := tx.contents(issue)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all[0], nil
}

// Issues lists the slugs of all issues, drafts too.
func (tx *Tx) Issues() (slugs []string, err error) {
	err = tx.each("select slug from content where kind = 'issue' order by slug", nil, func(r *sql.Rows) error {
		var slug string
		err := r.Scan(&slug)
		slugs = append(slugs, slug)
		return err
	})
	return slugs, err
}

// contents reads one issue, or all of them where issue is empty.
func (tx *Tx) contents(issue string) ([]*undersigned.Content, error) {
	byIssue := map[string]*undersigned.Content{}
	var order []string
	err := tx.each("select issue, kind, doc from content where $1 = '' or issue = $1 order by issue, kind, slug", []any{issue},
		func(r *sql.Rows) error {
			var slug, doc string
			var kind undersigned.NounKind
			if err := r.Scan(&slug, &kind, &doc); err != nil {
				return err
			}
			if byIssue[slug] == nil {
				byIssue[slug] = &undersigned.Content{}
				order = append(order, slug)
			}
			noun, err := openDocument(kind, doc)
			if err == nil {
				byIssue[slug].Add(noun)
			}
			return err
		})
	if err != nil {
		return nil, err
	}
	rows, err := tx.Actions()
	if err != nil {
		return nil, err
	}
	opportunities, err := tx.Opportunities()
	if err != nil {
		return nil, err
	}
	var all []*undersigned.Content
	for _, slug := range order {
		c := byIssue[slug]
		for i := range c.Actions {
			a := &c.Actions[i]
			if row, ok := opportunities[[2]string{slug, a.Slug}]; ok {
				a.PID = row.PID
			}
			if row, ok := rows[[2]string{slug, a.Slug}]; ok {
				a.PID, a.Version, a.Attention = row.PID, row.Version, row.Attention
				if row.LogState != LogOpened && a.State != undersigned.ActionClosed { // for good, whatever a later pack says
					a.State, a.Ended = undersigned.ActionClosed, undersigned.DayOf(row.ClosedAt)
				}
			}
		}
		c.Sort()
		all = append(all, c)
	}
	pauses, err := tx.Pauses()
	if err != nil {
		return nil, err
	}
	pauses.in(all)
	return all, tx.knowLinks(all)
}
