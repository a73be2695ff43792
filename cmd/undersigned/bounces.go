package main

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// readBounces is a duty of serve.
func (x *site) readBounces(ctx context.Context) error {
	n, err := x.actions.ReadBounces(ctx, x.settings.BounceDir)
	if n > 0 {
		x.log.Info("took reports of news that did not arrive", "n", n)
	}
	return err
}

// checkNews looks at updates that have stopped, and at the ways by which we learn that one did not arrive.
func (x *site) checkNews(tx *store.Tx, r *report) error {
	counts, err := tx.CountSubscribers()
	if err != nil {
		return err
	}
	updates, err := tx.Updates()
	if err != nil {
		return err
	}
	readers := int64(0)
	for _, n := range counts {
		readers += n[undersigned.SubscriberActive]
	}
	for _, u := range updates {
		switch {
		case u.Stop == undersigned.StoppedByBounces:
			r.warn("news: the update %s of %s has stopped: of %d mails %d were refused and %d came back: look at why, then undersigned news resume %s",
				u.ID, u.Issue, u.Tally.Sent+u.Tally.Refused, u.Tally.Refused, u.Tally.Bounced, u.ID)
		case u.Stop == undersigned.StoppedByRestore:
			r.warn("news: the update %s of %s was under way when the backup was made: who had it since would get it again; undersigned news resume or cancel %s",
				u.ID, u.Issue, u.ID)
		case u.State == undersigned.UpdateSending && tx.Now.Sub(u.Begun) > 72*time.Hour:
			r.warn("news: the update %s of %s has been on its way since %s: does the mail server take it?", u.ID, u.Issue, u.Begun.Format(time.DateOnly))
		}
	}
	r.ok("news: %d addresses hear of what comes of an issue, %d updates", readers, len(updates))
	if x.settings.BounceDir == "" && x.settings.BounceSecret == "" {
		if readers > 0 && x.settings.SMTPURL != "" {
			r.warn("news: nobody tells us which do not arrive: set --bounce-dir or --bounce-secret, or dead addresses are written to again and again")
		}
		return nil
	}
	return x.checkBounceDir(r)
}

// checkBounceDir tells whether what is delivered there is read.
func (x *site) checkBounceDir(r *report) error {
	dir := x.settings.BounceDir
	if dir == "" {
		r.ok("news: what does not arrive is told to /bounces/…")
		return nil
	}
	entries, err := os.ReadDir(filepath.Join(dir, "new"))
	if err != nil {
		r.warn("news: --bounce-dir %s cannot be read: it must be a Maildir, with a folder new that this program may write to", dir)
		return nil
	}
	old := 0
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil && time.Since(info.ModTime()) > 10*time.Minute {
			old++
		}
	}
	if old > 0 {
		r.warn("news: %d mails have waited in %s for more than ten minutes: is serve running?", old, dir)
		return nil
	}
	r.ok("news: what does not arrive is read from %s", dir)
	return nil
}
