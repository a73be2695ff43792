package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/config"
	"github.com/undersigned/undersigned/internal/store"
)

type doctorCmd struct{}

// report writes one line a finding: "ok" where all is well, "look" where somebody should do something.
type report struct {
	out  io.Writer
	look int
}

func (r *report) ok(format string, args ...any) {
	fmt.Fprintf(r.out, "ok    "+format+"\n", args...)
}

func (r *report) warn(format string, args ...any) {
	r.look++
	fmt.Fprintf(r.out, "look  "+format+"\n", args...)
}

func (c *doctorCmd) Run(ctx context.Context, s *config.Settings, t *terminal) (err error) {
	r := &report{out: t.out}
	x, err := openSite(ctx, s, t.err)
	if err != nil {
		return err
	}
	defer func() { err = first(err, x.close()) }()
	x.checkKeys(r)
	x.checkAddress(r)
	x.checkProxies(r)
	if err := x.checkCongress(r, time.Now()); err != nil {
		return err
	}
	notified, err := x.actions.Notified(ctx)
	if err != nil {
		return err
	}
	err = x.db.View(ctx, func(tx *store.Tx) error {
		return first(x.checkDatabase(tx, r), x.checkContent(tx, r, len(notified) > 0), x.checkMail(tx, r), x.checkLetters(tx, r), x.checkNews(tx, r), x.checkLog(tx, r), x.checkWitnesses(tx, r), x.checkPurge(tx, r))
	})
	if err != nil {
		return err
	}
	if err := first(x.checkHealth(ctx, r), x.checkDNS(ctx, r), x.checkLineage(ctx, r), x.checkLinks(ctx, r), x.checkAttention(ctx, r)); err != nil {
		return err
	}
	if r.look == 0 {
		fmt.Fprintln(t.out, "All is well.")
	}
	return nil
}

func (x *site) checkDatabase(tx *store.Tx, r *report) error {
	unsynced, followers, err := tx.Unsafe()
	if err != nil {
		return err
	}
	if unsynced {
		r.warn("database: its fsync or full_page_writes is off, and a power cut loses what people were told")
	}
	if followers > 0 {
		r.warn("database: %d follow it and no commit waits for any, so that a failover loses what people were told: see docs/operations.md", followers)
	}
	r.ok("database: %s, its schema is current", x.db.Engine())
	return nil
}

func (x *site) checkKeys(r *report) {
	var data, keys syscall.Stat_t
	if syscall.Stat(x.settings.Data, &data) != nil || syscall.Stat(x.settings.KeyDir, &keys) != nil {
		root := x.settings.RootKeyFile
		if root == typedRoot {
			root = "a root key that was typed in"
		}
		r.ok("keys: in the database, wrapped by %s", root)
		return
	}
	if x.settings.RootKeyFile == typedRoot {
		r.ok("keys: wrapped by a root key that was typed in")
		return
	}
	if data.Dev == keys.Dev {
		r.warn("keys: on the same file system as the data, so that whoever takes one disk has both: set --key-dir to another")
		return
	}
	r.ok("keys: apart from the data")
}

func (x *site) checkAddress(r *report) {
	if x.settings.Local() {
		r.warn("address: %s is this machine alone; to go live set --base-url and --smtp-url", x.settings.BaseURL)
	} else if x.settings.Base().Scheme != "https" {
		r.warn("address: %s is not https, and what people type could be read on its way", x.settings.BaseURL)
	} else {
		r.ok("address: %s", x.settings.BaseURL)
	}
	if x.settings.SMTPURL == "" {
		r.warn("mail: no --smtp-url; mails go to the folder outbox")
	} else {
		r.ok("mail: handed to the server of --smtp-url")
	}
}

// checkProxies tells whether forms are limited by address.
func (x *site) checkProxies(r *report) {
	host, _, _ := net.SplitHostPort(x.settings.Addr)
	addr, err := netip.ParseAddr(host)
	switch behind := host == "localhost" || err == nil && addr.IsLoopback(); {
	case len(x.settings.TrustedProxies) > 0:
		r.ok("limits: by the address that the proxies at %s name", strings.Join(x.settings.TrustedProxies, ", "))
	case behind:
		r.warn("limits: off, since all that comes to %s comes from this machine: set --trusted-proxies to the proxy's address", x.settings.Addr)
	default:
		r.ok("limits: by the address of whoever connects; behind a proxy set --trusted-proxies")
	}
}

// checkLineage suggests successors that content does not name yet.
func (x *site) checkLineage(ctx context.Context, r *report) error {
	site, err := x.db.Site(ctx)
	if err != nil {
		return err
	}
	for _, c := range site.Contents {
		for _, pair := range c.Lineage() {
			r.warn("content: %s has the same title as %s: if it is the same bill come back, name it as a successor", pair[1], pair[0])
		}
	}
	return nil
}

// checkContent looks at each issue; notified tells whether anybody hears of an offer that its coordinator leaves alone.
func (x *site) checkContent(tx *store.Tx, r *report, notified bool) error {
	slugs, err := tx.Issues()
	if err != nil {
		return err
	}
	if len(slugs) == 0 {
		r.warn("content: no issue yet; serve loads the starter, import a pack of your own")
	}
	for _, slug := range slugs {
		c, err := tx.Content(slug)
		if err != nil {
			return err
		}
		open := 0
		for i := range c.Actions {
			a := &c.Actions[i]
			d := a.Decide(c.Bill(a.Bill), time.Now())
			if d.Open() {
				open++
			}
			if days := time.Until(d.Until).Hours() / 24; d.Open() && !d.Until.IsZero() && days < 30 {
				r.warn("content: %s/%s closes by itself on %s", slug, a.Slug, d.Until.In(undersigned.Eastern).Format(time.DateOnly))
			}
			if err := x.checkOffers(tx, r, c, a, notified); err != nil {
				return err
			}
		}
		if c.Issue.Contact == "" && len(c.Organizations) > 0 {
			r.warn("content: %s names no contact: organisations have no address to have their entries corrected", slug)
		}
		r.ok("content: %s, %d of %d asks open", slug, open, len(c.Actions))
		if c.Issue.Sealed() {
			r.ok("sealed: what is signed under %s opens with %d offline identities, and not here", slug, len(c.Issue.SealTo))
		}
	}
	return nil
}

// checkOffers looks at an ask for volunteers: whether offers are taken, and reach somebody.
func (x *site) checkOffers(tx *store.Tx, r *report, c *undersigned.Content, a *undersigned.Action, notified bool) error {
	if a.Kind != undersigned.Volunteer || a.State == undersigned.ActionDraft {
		return nil
	}
	switch {
	case c.CoordinatorOf(a).Email == "":
		r.warn("content: %s/%s takes no offers: neither it nor issue.md names a coordinator's address", a.Issue, a.Slug)
	case a.PID == "":
		r.warn("content: %s/%s takes no offers yet: import its pack again", a.Issue, a.Slug)
	default:
		all, untold, err := tx.CountSubmissions(a.PID)
		if err != nil {
			return err
		}
		if untold > 0 {
			r.warn("offers: %d of %s/%s have not reached the coordinator: does the mail server take mail for that address? Beyond 100 a day they come the next", untold, a.Issue, a.Slug)
		}
		r.ok("offers: %s/%s has %d", a.Issue, a.Slug, all)
		if !notified {
			r.warn("offers: nobody is told when a coordinator leaves one alone for 14 days: undersigned user add EMAIL --role owner")
		}
	}
	return nil
}

func (x *site) checkMail(tx *store.Tx, r *report) error {
	n, oldest, err := tx.QueueState("mail")
	if err != nil {
		return err
	}
	if limit := x.settings.MailPerHour; limit > 0 {
		slow, err := x.actions.MailSlow(tx, false)
		if err != nil {
			return err
		}
		if slow {
			r.warn("mail: %d wait for the %d that --mail-per-hour lets out in an hour; the pages say that mail is slow", n, limit)
			return nil
		}
		r.ok("mail: at most %d in an hour", limit)
	}
	switch {
	case n > 0 && tx.Now.Sub(oldest) > 10*time.Minute:
		r.warn("mail: %d wait, the first since %s: is serve running, and does the mail server answer?", n, oldest.Format(time.RFC3339))
	default:
		r.ok("mail: %d on their way", n)
	}
	return nil
}

// letterQueueMost is how long a letter may wait for its turn before the key to its words could die.
const letterQueueMost = 72 * time.Hour

func (x *site) checkLetters(tx *store.Tx, r *report) error {
	last, err := tx.LastTurn()
	if err == nil && last.Sub(tx.Now) > letterQueueMost {
		r.warn("letters: those to one address wait for more than three days, and the last will fail: raise --letters-per-minute (%d)", x.settings.LettersPerMinute)
	}
	return err
}

// checkHealth tells what the desk's Health tells of this machine and of its mail.
func (x *site) checkHealth(ctx context.Context, r *report) error {
	h, err := x.actions.Health(ctx)
	if err == nil {
		tellHealth(h, time.Now(), r)
	}
	return err
}

func tellHealth(h *action.Health, now time.Time, r *report) {
	if refused := h.MailsRefused(now); refused > 0 {
		r.warn("mail: %d were refused for good in a day: what does the mail server's log say of them?", refused)
	}
	switch {
	case h.DiskLow():
		r.warn("disk: nearly full, %d of %d MB are free", h.Space.Free/1e6, h.Space.Disk/1e6)
	case h.Space.Disk > 0:
		r.ok("disk: %d of %d MB are free", h.Space.Free/1e6, h.Space.Disk/1e6)
	}
	switch {
	case h.BackupLate(now) && h.BackedUp.IsZero():
		r.warn("backup: none was ever made: undersigned backup FILE --recipient age1…, daily")
	case h.BackupLate(now):
		r.warn("backup: the last was made on %s: undersigned backup FILE --recipient age1…, daily", h.BackedUp.Format(time.DateOnly))
	case h.BackedUp.IsZero():
		r.ok("backup: none yet, and nothing in the public log")
	default:
		r.ok("backup: made on %s", h.BackedUp.Format(time.DateOnly))
	}
}

func (x *site) checkLog(tx *store.Tx, r *report) error {
	size, published, err := tx.LogSizes()
	if err != nil {
		return err
	}
	checkpoint, err := tx.Checkpoint()
	if err != nil {
		return err
	}
	if size > published && tx.Now.Sub(checkpoint.At) > time.Minute {
		r.warn("public log: %d entries, of which only %d are published: is serve running?", size, published)
		return nil
	}
	r.ok("public log: %d entries, published", size)
	return nil
}

func (x *site) checkPurge(tx *store.Tx, r *report) error {
	last, err := action.LastPurge(tx)
	switch {
	case err != nil:
		return err
	case last.IsZero():
		r.warn("erasing: never done yet: serve does it by itself, or run undersigned purge")
	case tx.Now.Sub(last) > 48*time.Hour:
		r.warn("erasing: last done on %s, and due daily: is serve running? See undersigned purge --dry-run", last.Format(time.DateOnly))
	default:
		r.ok("erasing: what is past its time was erased on %s", last.Format(time.DateOnly))
	}
	return nil
}
