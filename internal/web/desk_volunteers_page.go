package web

import (
	"encoding/hex"
	"net/url"
	"strings"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
)

// volunteersView lists offers, the latest first.
type volunteersView struct {
	deskChrome
	Asks, States []formOption
	Offers       []offerEntry
	Older        string // the page before; empty where there is none
	None         string // where there is no offer: why
}

type offerEntry struct {
	Link, Name, Ask, Lang, Day, State string
	Waits                             bool // nobody has touched it yet
}

func newVolunteers(c deskChrome, asks []action.OfferAsk, offers []*action.Desk, f action.OfferFilter) volunteersView {
	v := volunteersView{deskChrome: c.named(c.T("desk.volunteers")), None: c.T("desk.volunteers.none")}
	if len(asks) == 0 {
		v.None = c.T("desk.volunteers.no_asks")
	}
	counts := map[undersigned.SubmissionState]int64{}
	var all int64
	for _, ask := range asks {
		text, _ := ask.Action.Text(c.Lang(), ask.Content.Issue.Languages)
		var n int64
		for state, of := range ask.States {
			n += of
			if f.PID == "" || f.PID == ask.Action.PID {
				counts[state] += of
			}
		}
		all += n
		v.Asks = append(v.Asks, formOption{Value: ask.Action.PID, Label: c.T("desk.with_number", "what", text.Title, "n", n), Selected: ask.Action.PID == f.PID})
	}
	if len(asks) > 1 {
		v.Asks = append([]formOption{{Label: c.T("desk.with_number", "what", c.T("desk.volunteers.every_ask"), "n", all)}}, v.Asks...)
	}
	v.States = []formOption{{Label: c.T("desk.volunteers.every_state")}}
	for _, state := range undersigned.SubmissionStates {
		v.States = append(v.States, formOption{Value: string(state), Selected: state == f.State,
			Label: c.T("desk.with_number", "what", c.T("offer.state."+string(state)), "n", counts[state])})
	}
	if len(offers) > offersPage {
		offers = offers[:offersPage]
		last := offers[offersPage-1]
		v.Older = c.Link("/admin/volunteers") + "?" + url.Values{"ask": {f.PID}, "state": {string(f.State)}, "day": {string(last.Day)},
			"before": {hex.EncodeToString(last.ID[:])}}.Encode()
	}
	for _, o := range offers {
		text, lang := o.Action.Text(c.Lang(), o.Content.Issue.Languages)
		entry := offerEntry{Link: c.Link("/admin/volunteers/" + hex.EncodeToString(o.ID[:])), Name: c.T("offer.state.withdrawn"), Ask: text.Title,
			Lang: c.other(lang), Day: c.Day(o.Day), State: c.T("offer.state." + string(o.State)), Waits: o.State == undersigned.SubmissionReceived}
		if o.Submission != nil {
			entry.Name = strings.TrimSpace(o.Submission.Person.GivenName + " " + o.Submission.Person.FamilyName)
		}
		v.Offers = append(v.Offers, entry)
	}
	return v
}

// deskOfferView is one offer, with the notes about it.
type deskOfferView struct {
	deskChrome
	Offer   offerView
	Notes   textArea
	Version string // of the notes that are shown
	Theirs  string // what somebody else has written down meanwhile
	Save    string
}

func newDeskOffer(c deskChrome, d *action.Desk, notes action.OfferNotes) deskOfferView {
	path := "/admin/volunteers/" + hex.EncodeToString(d.ID[:])
	offer := newOffer(c.chrome, d)
	offer.Page = c.Link(path)
	title := c.T("offer.title")
	if offer.Words != nil {
		title = offer.Words.Name
	}
	return deskOfferView{deskChrome: c.named(title), Offer: offer, Save: c.Link(path + "/notes"), Version: notes.Version,
		Notes: textArea{Name: "notes", Label: c.T("desk.volunteers.notes"), Hint: c.T("desk.volunteers.notes.hint", "max", undersigned.MaxNotes), Rows: 6, Value: notes.Text}}
}

// failed says why something could not be done. typed are notes that could not be taken, and kept those that are there.
func (v *deskOfferView) failed(kept action.OfferNotes, typed *string, problem *undersigned.Error) {
	if typed == nil {
		v.Offer.Problem = v.T(problem.Key)
		return
	}
	v.Notes.Value = strings.ToValidUTF8(*typed, "\uFFFD")
	for _, e := range problem.Fields {
		v.Notes.Error = v.T(e.Key, e.Args...)
	}
	if kept.Text != *typed {
		v.Theirs = kept.Text
	}
}
