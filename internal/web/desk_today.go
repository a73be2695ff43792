package web

import (
	"context"
	"net/http"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/store"
)

// todoSources are what the desk's first page looks at, the most pressing first. Each is a function that adds what needs a
// person, and is asked only for staff who may do something about it.
var todoSources = []todoSource{
	{undersigned.MaySet, (*watch).guide},
	{undersigned.MaySet, (*watch).log},
	{undersigned.MaySet, (*watch).disk},
	{undersigned.MaySet, (*watch).mail},
	{undersigned.MayModerate, (*watch).held},
	{undersigned.MayCoordinate, (*watch).offers},
	{undersigned.MayModerate, (*watch).paused},
	{undersigned.MayModerate, (*watch).brakes},
	{undersigned.MayWrite, (*watch).outcomes},
	{undersigned.MayManage, onRequest((*Server).attendTodo)},
	{undersigned.MayWrite, onRequest((*Server).writeTodo)},
	{undersigned.MayTell, onRequest((*Server).newsTodo)},
	{undersigned.MayWrite, (*watch).links},
	{undersigned.MayWrite, (*watch).facts},
	{undersigned.MaySet, (*watch).congress},
	{undersigned.MaySet, (*watch).backup},
	{undersigned.MaySet, (*watch).purge},
	{undersigned.MayEnter, (*watch).passkey},
}

type todoSource struct {
	may undersigned.Permission
	add func(*watch) error
}

// watch is one look at everything that may need a person.
type watch struct {
	*Server
	ctx    context.Context
	visit  *deskVisit
	r      *http.Request
	staff  *action.Staff
	now    time.Time
	site   *store.Site
	page   *todayView
	health *action.Health // read by the first that wants it
}

// today is the desk's first page: what needs a person.
func (s *Server) today(d *deskVisit, r *http.Request) error {
	site, err := s.db.Site(r.Context())
	if err != nil {
		return err
	}
	page := newToday(s.deskChrome(d.visit, d.staff).done(r.URL.Query().Get("done"), "mailed"))
	l := &watch{Server: s, ctx: r.Context(), visit: d, r: r, staff: d.staff, now: s.now(), site: site, page: &page}
	for _, source := range todoSources {
		if !d.staff.User.May(source.may) {
			continue
		}
		if err := source.add(l); err != nil { // the others are worth seeing
			s.log.Error("look at what needs a person", "id", d.ID(), "err", err)
			page.Unknown = true
		}
	}
	return s.show(d, http.StatusOK, "desk/today", page)
}

// onRequest makes a source of a function that reads what it needs by itself.
func onRequest(add func(*Server, *deskVisit, *http.Request, *todayView) error) func(*watch) error {
	return func(l *watch) error { return add(l.Server, l.visit, l.r, l.page) }
}

const healthPath = "/admin/health"

func (l *watch) machine() (*action.Health, error) {
	if l.health != nil {
		return l.health, nil
	}
	h, err := l.actions.Health(l.ctx)
	l.health = h
	return h, err
}

func (l *watch) log() error {
	if l.publicLog.Halted != nil && l.publicLog.Halted() {
		l.page.add(l.page.T("desk.todo.log_halted"), healthPath+"#log")
		return nil
	}
	h, err := l.machine()
	if err != nil {
		return err
	}
	if h.Witnesses != "" {
		l.page.add(l.page.T("desk.todo.witnesses"), healthPath+"#log")
	}
	return nil
}

func (l *watch) disk() error {
	h, err := l.machine()
	if err == nil && h.DiskLow() {
		l.page.add(l.page.T("desk.todo.disk", "size", l.page.bytes(h.Space.Free)), healthPath+"#machine")
	}
	return err
}

func (l *watch) mail() error {
	h, err := l.machine()
	if err != nil {
		return err
	}
	if since := h.MailsWait(l.now); !since.IsZero() {
		l.page.add(l.page.T("desk.todo.mail_waits", "date", l.page.DateTime(since.In(undersigned.Eastern))), healthPath)
	}
	if h.MailSlow {
		l.page.add(l.page.N("desk.todo.mail_slow", h.MailPerHour), healthPath)
	}
	if refused := h.MailsRefused(l.now); refused > 0 {
		l.page.add(l.page.N("desk.todo.mail_refused", refused), healthPath)
	}
	return nil
}

func (l *watch) held() error {
	asks, err := l.actions.Held(l.ctx)
	if err != nil {
		return err
	}
	for _, ask := range asks {
		l.page.add(l.page.N("desk.todo.held", int(ask.N), "ask", l.page.askTitle(ask.Content, ask.Action)), moderatePath(ask.Action))
	}
	return nil
}

// offers are those that nobody has touched for a week.
func (l *watch) offers() error {
	n, err := l.actions.OffersLeft(l.ctx, l.staff.User)
	if err == nil && n > 0 {
		l.page.add(l.page.N("desk.todo.offers", int(n)), "/admin/volunteers?state="+string(undersigned.SubmissionReceived))
	}
	return err
}

func (l *watch) paused() error {
	if !l.site.Paused.IsZero() {
		l.page.add(l.page.T("desk.todo.site_paused", "date", l.page.DateTime(l.site.Paused.In(undersigned.Eastern))), "/admin/moderate")
		return nil
	}
	l.asks(func(content *undersigned.Content, a *undersigned.Action) {
		if d := a.Decide(content.Bill(a.Bill), l.now); d.Reason == undersigned.ReasonPaused && !d.Since.IsZero() {
			l.page.add(l.page.T("desk.todo.paused", "ask", l.page.askTitle(content, a), "date", l.page.DateTime(d.Since.In(undersigned.Eastern))), moderatePath(a))
		}
	})
	return nil
}

func (l *watch) brakes() error {
	l.asks(func(content *undersigned.Content, a *undersigned.Action) {
		if _, on := l.site.Brakes[a.PID]; on && a.PID != "" {
			l.page.add(l.page.T("desk.todo.brake", "ask", l.page.askTitle(content, a)), moderatePath(a))
		}
	})
	return nil
}

// closedLately is for how long a closed ask is among what needs a person while it does not say what came of it.
const closedLately = 60 * 24 * time.Hour

// outcomes are asks that closed, or soon will by themselves, and do not say what came of them.
func (l *watch) outcomes() error {
	l.asks(func(content *undersigned.Content, a *undersigned.Action) {
		d := a.Decide(content.Bill(a.Bill), l.now)
		text, _ := a.Text(content.Issue.Languages[0], content.Issue.Languages)
		switch {
		case d.State == undersigned.ActionClosed && text.Outcome == "" && !d.Since.IsZero() && l.now.Sub(d.Since) < closedLately:
			why := l.page.T("closed."+string(d.Reason), "bill", a.Bill.Name(), "congress", l.page.Ordinal(a.Bill.Congress))
			l.page.add(l.page.T("desk.todo.outcome", "ask", l.page.askTitle(content, a), "why", why), askPath(a))
		case d.Open() && !d.Until.IsZero() && d.Until.Sub(l.now) < soon:
			l.page.add(l.page.T("desk.todo.closes", "ask", l.page.askTitle(content, a), "date", lastMoment(l.page.chrome, d.Until, zoneOf(&content.Issue))), askPath(a))
		}
	})
	return nil
}

func (l *watch) links() error {
	links, err := l.actions.WatchedLinks(l.ctx)
	if err != nil {
		return err
	}
	n := 0
	for _, link := range links {
		if link.State == undersigned.LinkBroken || link.State == undersigned.LinkMoved {
			n++
		}
	}
	if n > 0 {
		l.page.add(l.page.N("desk.todo.links", n), "/admin/links")
	}
	return nil
}

func (l *watch) facts() error {
	for _, content := range l.site.Contents {
		for i := range content.Facts {
			f := &content.Facts[i]
			if until := f.FreshUntil(zoneOf(&content.Issue)); !until.IsZero() && !l.now.Before(until) {
				text, _ := f.Text(l.page.Lang(), content.Issue.Languages)
				l.page.add(l.page.T("desk.todo.fact", "title", text.Title, "date", l.page.Day(f.AsOf)), "/facts/"+f.Slug)
			}
		}
	}
	return nil
}

func (l *watch) congress() error {
	h, err := l.machine()
	if err != nil {
		return err
	}
	if h.CongressLate(l.now) {
		l.page.add(l.page.T("desk.todo.congress", "date", l.page.Day(h.Legislators)), healthPath+"#data")
	} else if n := len(h.CongressTrouble(l.now)); n > 0 {
		l.page.add(l.page.N("desk.todo.congress_files", n), healthPath+"#data")
	}
	return nil
}

func (l *watch) backup() error {
	h, err := l.machine()
	if err != nil || !h.BackupLate(l.now) {
		return err
	}
	if h.BackedUp.IsZero() {
		l.page.add(l.page.T("desk.todo.no_backup"), healthPath+"#machine")
	} else {
		l.page.add(l.page.T("desk.todo.backup", "date", l.page.Date(h.BackedUp.In(undersigned.Eastern))), healthPath+"#machine")
	}
	return nil
}

func (l *watch) purge() error {
	h, err := l.machine()
	if err == nil && h.PurgeLate(l.now) {
		l.page.add(l.page.T("desk.todo.purge", "date", l.page.Date(h.Purged.In(undersigned.Eastern))), healthPath+"#machine")
	}
	return err
}

func (l *watch) passkey() error {
	if l.page.Guide != nil { // which says so
		return nil
	}
	passkeys, err := l.actions.Passkeys(l.ctx, l.staff.User.ID)
	if err == nil && len(passkeys) == 0 && l.actions.HasPasskeys() {
		l.page.add(l.page.T("desk.todo.passkey"), "/admin/me")
	}
	return err
}

// asks calls do for every ask that readers see.
func (l *watch) asks(do func(*undersigned.Content, *undersigned.Action)) {
	for _, content := range l.site.Contents {
		for i := range content.Actions {
			if a := &content.Actions[i]; a.State != undersigned.ActionDraft {
				do(content, a)
			}
		}
	}
}

// askPath is the desk's page of an ask, and moderatePath the one for what people signed under it.
func askPath(a *undersigned.Action) string      { return "/admin/actions" + actionPath(a) }
func moderatePath(a *undersigned.Action) string { return "/admin/moderate" + actionPath(a) }
