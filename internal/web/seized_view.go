package web

import (
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
)

// seizedView says what somebody would find who took the server this minute.
type seizedView struct {
	Rows          []seizedRow
	LastDestroyed string // when a key was last destroyed
	AsOf          string
}

type seizedRow struct{ What, N, Ends string }

// newSeized lists it. outbox is how many mails with an address lie open there, which only a site on one's own machine has.
func newSeized(c chrome, found *action.Seized, outbox int, now time.Time) seizedView {
	ends := func(unknown, known string, first time.Time) string {
		if first.IsZero() {
			return c.T(unknown)
		}
		return c.T(known, "date", c.Date(first.In(undersigned.Eastern)))
	}
	v := seizedView{AsOf: c.DateTime(now.In(undersigned.Eastern)), LastDestroyed: c.T("privacy.seized.never"), Rows: []seizedRow{
		{c.T("privacy.seized.readable"), c.Number(int(found.Readable) + outbox), ""},
		{c.T("privacy.seized.signatures"), c.Number(int(found.Signatures)), ends("privacy.seized.after_closing", "privacy.seized.after_closing_first", found.SignaturesEnd)},
		{c.T("privacy.seized.waiting"), c.Number(int(found.Waiting)), ends("privacy.seized.four_days", "privacy.seized.four_days_first", found.FormsEnd)},
		{c.T("privacy.seized.letters"), c.Number(int(found.Letters)), c.T("privacy.seized.when_sent")},
		{c.T("privacy.seized.offers"), c.Number(int(found.Offers)), c.T("privacy.seized.within_year")},
		{c.T("privacy.seized.news"), c.Number(int(found.News)), c.T("privacy.seized.until_leaving")},
		{c.T("privacy.seized.corrections"), c.Number(int(found.Corrections)), c.T("privacy.seized.decided")},
		{c.T("privacy.seized.staff"), c.Number(int(found.Staff)), c.T("privacy.seized.staff.ends")},
		{c.T("privacy.seized.written"), c.Number(int(found.Written)), ""},
	}}
	if !found.LastDestroyed.IsZero() {
		v.LastDestroyed = c.T("privacy.seized.last", "time", c.DateTime(found.LastDestroyed.In(undersigned.Eastern)))
	}
	return v
}
