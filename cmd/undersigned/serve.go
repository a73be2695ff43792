package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/config"
	"github.com/undersigned/undersigned/internal/congress"
	"github.com/undersigned/undersigned/internal/job"
	"github.com/undersigned/undersigned/internal/locale"
	"github.com/undersigned/undersigned/internal/mail"
	"github.com/undersigned/undersigned/internal/pack"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/web"
	"github.com/undersigned/undersigned/packs"
)

type serveCmd struct{}

// drainMail is how long mails that are on their way when the program is told to stop may take.
const drainMail = 10 * time.Second

func (c *serveCmd) Run(ctx context.Context, s *config.Settings, t *terminal) (err error) {
	// What people typed and the keys that seal it are in memory: a crash must not write them to a disk.
	if err := syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}); err != nil {
		return fmt.Errorf("switch core dumps off: %w", err)
	}
	fmt.Fprintf(t.out, "Undersigned opens %s\n", s.BaseURL)
	if s.SMTPURL == "" && !s.Local() {
		return config.UsageError{Err: fmt.Errorf("base-url is %s: a public site needs --smtp-url, or nobody could confirm", s.BaseURL)}
	}
	listener, err := listen(s.Addr)
	if err != nil {
		return err
	}
	defer listener.Close()
	if s.DatabaseURL == "" {
		if err := os.MkdirAll(s.Data, 0o700); err != nil {
			return fmt.Errorf("make the data folder: %w", err)
		}
		release, err := claim(s.Data)
		if err != nil {
			return err
		}
		defer func() { err = first(err, release()) }()
		// One more thread runs Go than there are processors, or than GOMAXPROCS says: SQLite's writer keeps one while it waits
		// for the disk, and the scheduler takes a while to notice.
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 1)
	}
	x, err := openIn(ctx, s, t.err, store.Options{}) // claimed above
	if err != nil {
		return err
	}
	defer func() { err = first(err, x.close()) }()
	if err := x.loadStarter(ctx, t); err != nil {
		return err
	}
	if s.DatabaseURL == "" { // claimed above: what a process that died was sending is ours
		if err := errors.Join(x.actions.ReclaimMail(ctx), x.actions.ReclaimLetters(ctx), x.actions.ReclaimNews(ctx)); err != nil {
			return err
		}
	}
	return x.serve(ctx, listener, t)
}

func listen(addr string) (net.Listener, error) {
	listener, err := net.Listen("tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("another program listens on %s already: stop it, or choose another address with --addr", addr)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("may not listen on %s: choose a port above 1023 with --addr", addr)
	case err != nil:
		return nil, fmt.Errorf("listen on %s: %w", addr, err)
	}
	return listener, nil
}

// loadStarter puts the starter issue into an empty site.
func (x *site) loadStarter(ctx context.Context, t *terminal) error {
	empty, err := x.empty(ctx)
	if err != nil || !empty {
		return err
	}
	content, err := pack.Read(packs.Starter)
	if err != nil {
		return err
	}
	if _, err := x.actions.Import(ctx, undersigned.UserID{}, content, true); err != nil {
		return fmt.Errorf("load the starter issue: %w", err)
	}
	fmt.Fprintf(t.out, "The database is empty: loaded the starter issue, %s\n", content.Issue.Slug)
	return nil
}

// serve runs everything that a site does until ctx ends or the disk fails, then ends it in order: no more requests, the
// mails that are on their way, a last tick of the log.
func (x *site) serve(ctx context.Context, listener net.Listener, t *terminal) error {
	catalogue := locale.Load()
	sender, outbox, closeMail, err := x.openMail(ctx, t)
	if err != nil {
		return err
	}
	defer closeMail()
	seq, public, err := x.publicLog()
	if err != nil {
		return err
	}
	exits, err := x.settings.Exits()
	if err != nil {
		return fmt.Errorf("shared-exits: %w", err)
	}
	composer, err := x.composer(catalogue)
	if err != nil {
		return err
	}
	server, err := web.New(web.Options{Proxies: x.settings.Proxies(), Exits: exits, Congress: x.congress, Geocoder: &congress.Geocoder{}, Given: web.Given{Geocoder: x.settings.GeocoderGiven(), Notices: x.settings.OwnerEmail}, DB: x.db, Actions: x.actions, Catalogue: catalogue, BaseURL: x.settings.Base(),
		Log: x.log, AccessLog: t.err, Outbox: outbox, PublicLog: public, BounceSecret: x.settings.BounceSecret, Composer: composer, DrainDelay: time.Duration(x.settings.DrainDelay) * time.Second})
	if err != nil {
		return err
	}
	post := action.Post{Composer: composer, Sender: sender, BaseURL: x.settings.Base(), Path: web.LocalPath, Sent: server.CountMail}
	queue := x.actions.MailQueue(post)

	letters := x.actions.LetterQueue(post, action.LettersPerMinute(x.settings.LettersPerMinute))
	news := x.actions.NewsSender(post)

	if err := x.inviteFirstOwner(ctx, t); err != nil {
		return err
	}
	news.Working = collectSeldom()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var all sync.WaitGroup
	all.Go(func() { queue.Run(ctx, drainMail) })
	all.Go(func() { letters.Run(ctx, drainMail) })
	all.Go(func() { news.Run(ctx, drainMail) })
	all.Go(func() { seq.Run(ctx) })
	all.Go(func() { job.RunDuties(ctx, x.log, x.duties()...) })
	all.Go(func() {
		select {
		case err := <-x.db.Fatal():
			stop(err)
		case <-ctx.Done():
		}
	})
	fmt.Fprintf(t.out, "Open: %s/\n", x.settings.BaseURL)
	time.AfterFunc(10*time.Second, debug.FreeOSMemory) // what opening and the first pages took, and nobody will ask for again
	err = server.Serve(ctx, listener)
	stop(err)
	all.Wait()
	if cause := context.Cause(ctx); err == nil && !errors.Is(cause, context.Canceled) {
		return cause
	}
	if last := seq.Tick(context.WithoutCancel(ctx)); last != nil {
		// What is not published now, or waits for witnesses, is published by the next start.
		x.log.Error("sequence the log for the last time", "error", last)
	}
	return err
}

// seldom and often are how large the heap grows before garbage is collected, in percent of what lives in it. Requests leave much
// garbage and little that stays: five times as large, not twice, saves a page a seventh of its processor time. News leave
// as much and for hours, and nobody waits for them.
const seldom, often = 400, 100

// collectSeldom sets that, and gives what sets it otherwise while news go out. Near 256 MB it is collected as often as it takes.
// Who has set GOGC knows better.
func collectSeldom() (newsGoOut func(bool)) {
	if before := debug.SetGCPercent(seldom); before != 100 {
		debug.SetGCPercent(before)
		return func(bool) {}
	}
	debug.SetMemoryLimit(256 << 20)
	return func(on bool) {
		if on {
			debug.SetGCPercent(often)
		} else {
			debug.SetGCPercent(seldom)
		}
	}
}

// duties are what the site does again and again.
func (x *site) duties() []job.Duty {
	duties := []job.Duty{
		{Name: "keys", Every: 10 * time.Minute, Do: func(ctx context.Context) error {
			return errors.Join(x.keys.Prepare(ctx, time.Now()), x.actions.DestroyExpired(ctx))
		}},
		{Name: "congress", Every: time.Hour, Do: x.keepCongress},
		{Name: "asks", Every: 15 * time.Second, Do: x.actions.NoticeAsks},
		{Name: "drafts", Every: 15 * time.Second, Do: x.actions.PublishDue},
		{Name: "brakes", Every: 15 * time.Second, Do: x.actions.WatchBrakes},
		{Name: "mail", Every: 15 * time.Second, Do: x.actions.WatchMail},
		{Name: "mail dns", Every: 5 * time.Second, Do: x.actions.AskDNS},
		{Name: "close", Every: time.Minute, Do: x.actions.CloseInLog},
		{Name: "seats", Every: time.Hour, Do: x.countSeats},
		{Name: "offers", Every: time.Hour, Do: x.actions.RemindOfOffers},
		{Name: "warn of erasing", Every: time.Hour, Do: x.actions.WarnOfErasing},
		{Name: "attention", Every: time.Hour, Do: x.actions.AskWhetherTheyGoOn},
		{Name: "news keys", Every: time.Hour, Do: x.actions.ResealNews},
		{Name: "purge", Every: time.Hour, Do: x.purge},
	}
	if x.settings.BounceDir != "" {
		duties = append(duties, job.Duty{Name: "bounces", Every: time.Minute, Do: x.readBounces})
	}
	if x.settings.LinkCheck == "on" {
		duties = append(duties, job.Duty{Name: "links", Every: time.Hour, Do: x.watchLinks()})
	}
	return duties
}

// openMail gives the sender of mails: a mail server, or without one a folder, and then each link on the terminal.
func (x *site) openMail(ctx context.Context, t *terminal) (sender mail.Sender, outbox *mail.Outbox, closing func(), err error) {
	signature, err := x.signMail(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	if x.settings.SMTPURL != "" {
		smtp, err := mail.NewSMTP(x.settings.SMTPURL)
		if err != nil {
			return nil, nil, nil, fmt.Errorf("smtp-url: %w", err)
		}
		smtp.SignWith(signature)
		return smtp, nil, smtp.Close, nil
	}
	outbox, err = mail.OpenOutbox(filepath.Join(x.settings.Data, "outbox"))
	if err != nil {
		return nil, nil, nil, err
	}
	outbox.SignWith(signature)
	return printing{outbox, t}, outbox, func() {}, nil
}

// composer writes the mails, under the name that the site has.
func (x *site) composer(catalogue *locale.Catalogue) (*mail.Composer, error) {
	c, err := mail.NewComposer(catalogue, x.settings.MailFrom, x.settings.Base().Host)
	if err == nil {
		c.Name = x.actions.SiteName
	}
	return c, err
}

// printing shows the links of each mail on the terminal, in development.
type printing struct {
	*mail.Outbox
	t *terminal
}

func (p printing) Send(ctx context.Context, m *mail.Message) error {
	if err := p.Outbox.Send(ctx, m); err != nil {
		return err
	}
	for _, link := range mail.Links(m.Text) {
		fmt.Fprintf(p.t.out, "Mail, in the outbox: %s\n", link)
	}
	return nil
}
