package web

import (
	"net/http"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/congress"
	"github.com/undersigned/undersigned/internal/store"
)

// deskHealth is how the machinery stands: mails, jobs, how old everything is that comes from outside, the machine, the log.
func (s *Server) deskHealth(d *deskVisit, r *http.Request) error {
	site, err := s.db.Site(r.Context())
	if err != nil {
		return err
	}
	links, err := s.actions.WatchedLinks(r.Context())
	if err != nil {
		return err
	}
	h, err := s.actions.Health(r.Context())
	if err != nil {
		return err
	}
	halted := s.publicLog.Halted != nil && s.publicLog.Halted()
	return s.show(d, http.StatusOK, "desk/health", newHealth(s.deskChrome(d.visit, d.staff), h, site, links, halted, s.now()))
}

// healthView is a page of tables; each row says whether somebody should look.
type healthView struct {
	deskChrome
	Mail    seriesView
	Parts   []healthPart
	Trouble int // rows that somebody should look at
}

type healthPart struct {
	ID, Title string
	Rows      []healthRow
}

type healthRow struct {
	What, How string
	Look      bool
}

func newHealth(c deskChrome, h *action.Health, site *store.Site, links []action.WatchedLink, halted bool, now time.Time) healthView {
	v := healthView{deskChrome: c.named(c.T("desk.health")), Mail: mailChart(c.chrome, h, now)}
	v.Parts = []healthPart{
		{"mail", c.T("desk.health.mail"), mailRows(c.chrome, h, now)},
		{"data", c.T("desk.health.data"), dataRows(c.chrome, h, site, links, now)},
		{"machine", c.T("desk.health.machine"), machineRows(c.chrome, h, now)},
		{"log", c.T("desk.health.log"), logRows(c.chrome, h, halted, now)},
	}
	for _, part := range v.Parts {
		for _, row := range part.Rows {
			if row.Look {
				v.Trouble++
			}
		}
	}
	return v
}

func mailChart(c chrome, h *action.Health, now time.Time) seriesView {
	sums := map[int64][]int{}
	for _, m := range h.Mails {
		if sums[m.Hour] == nil {
			sums[m.Hour] = make([]int, 3)
		}
		switch m.Outcome {
		case action.MailSent:
			sums[m.Hour][0] += m.N
		case action.MailPostponed:
			sums[m.Hour][1] += m.N
		case action.MailRefused, action.MailUncertain:
			sums[m.Hour][2] += m.N
		}
	}
	var periods []string
	var rows [][]int
	for at := now.Unix()/3600 - 47; at <= now.Unix()/3600; at++ {
		row := sums[at]
		if row == nil {
			row = make([]int, 3)
		}
		periods, rows = append(periods, c.moment(time.Unix(at*3600, 0))), append(rows, row)
	}
	return newSeries(c, "mails", c.T("desk.mails.hours"), c.T("desk.hour"), []string{c.T("desk.mails.sent"), c.T("desk.mails.postponed"), c.T("desk.mails.refused")}, periods, rows)
}

// moment writes a time, or that it never was.
func (c chrome) moment(t time.Time) string {
	if t.IsZero() {
		return c.T("desk.never")
	}
	return c.DateTime(t.In(undersigned.Eastern))
}

func mailRows(c chrome, h *action.Health, now time.Time) (rows []healthRow) {
	late := h.MailsWait(now)
	for _, q := range h.Queues {
		row := healthRow{What: c.T("desk.queue." + q.Name), How: c.T("desk.queue.empty")}
		if q.N > 0 {
			row.How = c.T("desk.queue.waits", "n", c.upTo(q.N), "date", c.moment(q.Due))
			row.Look = q.Name == h.Queues[0].Name && !late.IsZero()
		}
		rows = append(rows, row)
	}
	budget := c.T("desk.budget.none")
	if h.MailPerHour > 0 {
		budget = c.T("desk.budget", "n", h.MailSpent, "max", h.MailPerHour)
	}
	taken := healthRow{What: c.T("desk.mails.taken"), How: c.moment(h.MailTaken)}
	return append(rows, healthRow{What: c.T("desk.budget.title"), How: budget, Look: h.MailSlow}, taken)
}

// dataRows are how old everything is that comes from outside.
func dataRows(c chrome, h *action.Health, site *store.Site, links []action.WatchedLink, now time.Time) (rows []healthRow) {
	who := healthRow{What: c.T("desk.data.legislators"), How: c.T("desk.data.sample"), Look: true}
	if h.Legislators != "" {
		who = healthRow{What: who.What, How: c.T("desk.data.as_of", "date", c.Day(h.Legislators)), Look: h.CongressLate(now)}
	}
	rows = append(rows, who)
	for _, s := range h.CongressTrouble(now) {
		rows = append(rows, healthRow{What: s.Name, How: troubleOf(c, s), Look: true})
	}
	seen := map[undersigned.BillID]bool{}
	for _, content := range site.Contents {
		for i := range content.Bills {
			if b := &content.Bills[i]; !seen[b.BillID] {
				seen[b.BillID] = true
				rows = append(rows, healthRow{What: billName(c, b.BillID), How: c.T("desk.data.as_of", "date", c.Day(b.AsOf))})
			}
		}
		for i := range content.Facts {
			f := &content.Facts[i]
			text, _ := f.Text(c.Lang(), content.Issue.Languages)
			rows = append(rows, healthRow{What: text.Title, How: c.T("desk.data.as_of", "date", c.Day(f.AsOf)),
				Look: !now.Before(f.FreshUntil(zoneOf(&content.Issue)))})
		}
	}
	return append(rows, linksRow(c, links))
}

func troubleOf(c chrome, s congress.Source) string {
	if s.Fetched.IsZero() {
		return c.T("desk.data.trouble", "since", c.moment(s.Since))
	}
	return c.T("desk.data.trouble_old", "since", c.moment(s.Since), "date", c.moment(s.Fetched))
}

// linksRow says when the links were looked at, the one that was not for longest.
func linksRow(c chrome, links []action.WatchedLink) healthRow {
	row := healthRow{What: c.T("desk.links")}
	var oldest time.Time
	unchecked, bad := 0, 0
	for _, l := range links {
		switch {
		case l.CheckedAt.IsZero():
			unchecked++
		case oldest.IsZero() || l.CheckedAt.Before(oldest):
			oldest = l.CheckedAt
		}
		if l.State == undersigned.LinkBroken || l.State == undersigned.LinkMoved {
			bad++
		}
	}
	row.How, row.Look = c.T("desk.data.links", "n", len(links), "bad", bad, "unchecked", unchecked, "date", c.moment(oldest)), bad > 0
	return row
}

func machineRows(c chrome, h *action.Health, now time.Time) []healthRow {
	rows := []healthRow{{What: c.T("desk.machine.database"), How: c.bytes(h.Space.Database)}}
	if h.Space.Disk > 0 {
		rows = append(rows, healthRow{What: c.T("desk.machine.disk"), How: c.T("desk.machine.free", "free", c.bytes(h.Space.Free), "all", c.bytes(h.Space.Disk)), Look: h.DiskLow()})
	}
	return append(rows, healthRow{What: c.T("desk.machine.backup"), How: c.moment(h.BackedUp), Look: h.BackupLate(now)},
		healthRow{What: c.T("desk.machine.purge"), How: c.moment(h.Purged), Look: h.PurgeLate(now)})
}

func logRows(c chrome, h *action.Health, halted bool, now time.Time) []healthRow {
	rows := []healthRow{
		{What: c.T("desk.log.size"), How: c.Number(int(h.LogSize))},
		{What: c.T("desk.log.published"), How: c.Number(int(h.Published)), Look: h.LogSize > h.Published && now.Sub(h.Checkpoint) > time.Minute},
		{What: c.T("desk.log.checkpoint"), How: c.moment(h.Checkpoint)},
	}
	if halted {
		rows = append(rows, healthRow{What: c.T("desk.log.state"), How: c.T("desk.todo.log_halted"), Look: true})
	}
	witnesses := healthRow{What: c.T("desk.log.witnesses"), How: c.T("desk.log.witnesses.none")}
	if h.Witnesses != "" {
		witnesses.How, witnesses.Look = c.T("desk.log.witnesses.trouble", "date", c.moment(h.WitnessesAt)), true
	} else if !h.WitnessesAt.IsZero() {
		witnesses.How = c.moment(h.WitnessesAt)
	}
	return append(rows, witnesses)
}
