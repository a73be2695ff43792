package pack

import (
	"math"
	"slices"
	"time"

	"github.com/undersigned/undersigned"
)

var (
	actionStates = []undersigned.ActionState{undersigned.ActionOpen, undersigned.ActionDraft, undersigned.ActionPaused,
		undersigned.ActionClosed}
	positions = []undersigned.Position{undersigned.Support, undersigned.Oppose}
	publishes = []undersigned.Publish{undersigned.Live, undersigned.Batched}
	targets   = []string{"house", "senate", "president"}
)

func (r *reader) readAction(name, slug string) undersigned.Action {
	r.slug(name, slug)
	if slug == undersigned.HelpSlug || slug == undersigned.SheetSlug {
		r.errs.add(name, 0, "", "want.action_name", "name", slug)
	}
	d := r.open(name)
	d.require("kind", "title", "ask")
	kind := choice(d.mapping, "kind", undersigned.ActionKinds, "")
	checkKind(d, kind)
	a := undersigned.Action{
		Issue:     r.issue.Slug,
		Slug:      slug,
		Kind:      kind,
		State:     choice(d.mapping, "state", actionStates, undersigned.ActionOpen),
		Order:     d.number("order", 0, math.MaxInt32),
		Goal:      d.number("goal", 1, math.MaxInt32),
		Opens:     d.day("opens").Begin(r.zone),
		Closes:    d.day("closes").End(r.zone),
		Ended:     d.day("ended"),
		Targets:   d.words("targets"),
		URL:       d.url("url"),
		KeepDays:  d.number("keep_days", 1, undersigned.MaxKeepDays),
		Owner:     d.one("owner"),
		Successor: d.slug("successor"),
	}
	a.Bill, a.Position = r.readPosition(d)
	a.Addressees = readAddressees(d.mapping)
	if kind.Signable() {
		a.Publish = choice(d.mapping, "publish", publishes, undersigned.Live)
	}
	r.checkAction(d, &a)
	text := readActionText(d)
	if a.Kind == undersigned.Volunteer {
		a.Opportunity, text.Opportunity = readOpportunity(d)
	}
	a.Texts = map[string]undersigned.ActionText{r.first(): text}
	d.done()
	r.translations(name, func(lang string, d *document) {
		d.require("title", "ask")
		other := readActionText(d)
		if a.Kind == undersigned.Volunteer {
			other.Opportunity = readOpportunityTranslation(d, &a, text.Opportunity)
		}
		a.Texts[lang] = other
	})
	return a
}

// readPosition reads the bill of an action, the facts of which must be in the pack too.
func (r *reader) readPosition(d *document) (undersigned.BillID, undersigned.Position) {
	m := d.sub("bill")
	if m == nil || r.forms != nil && !m.has(billField) {
		return undersigned.BillID{}, ""
	}
	id := readBillID(m)
	position := choice(m, "position", positions, "")
	m.done()
	if _, err := undersigned.ParseBillID(id.String()); err == nil && !r.has(billFile(id)) {
		d.fault("bill", "want.bill", "file", billFile(id))
	}
	return id, position
}

// billField is a bill in one field of a form; a file has a field for each part of its name.
const billField = "id"

func readBillID(m *mapping) (id undersigned.BillID) {
	if m.r.forms != nil {
		m.require("position")
		if id, err := undersigned.ParseBillID(m.one(billField)); err == nil {
			return id
		}
		m.fault(billField, "want.bill_id")
		return id
	}
	m.require("congress", "type", "number", "position")
	return undersigned.BillID{
		Congress: m.number("congress", 1, 999),
		Type:     choice(m, "type", undersigned.BillTypes, ""),
		Number:   m.number("number", 1, 99999),
	}
}

// checkKind tells what an action of its kind must have, and what it cannot have.
func checkKind(d *document, kind undersigned.ActionKind) {
	if kind == "" {
		return
	}
	if !kind.Signable() {
		d.forbid(want("want.not_here.kind", "kind", string(kind)), "goal", "publish", "keep_days")
	}
	if kind != undersigned.Elsewhere {
		d.forbid(want("want.not_here.elsewhere"), "url", "owner")
	}
	if kind != undersigned.Volunteer {
		d.forbid(want("want.not_here.volunteer"), opportunityFields...)
	}
	switch kind {
	case undersigned.Elsewhere:
		d.require("url", "owner")
	case undersigned.Letter, undersigned.Call:
		d.require("words")
		if !d.has("addressees") {
			d.require("targets")
		}
		return
	}
	d.forbid(want("want.not_here.addressees"), "addressees")
}

func (r *reader) checkAction(d *document, a *undersigned.Action) {
	for _, t := range a.Targets {
		if !slices.Contains(targets, t) {
			d.fault("targets", "want.any_of", "list", oneOf(targets))
		}
	}
	if a.Successor != "" && (a.Successor == a.Slug || !r.has(actions+"/"+a.Successor+".md")) {
		d.fault("successor", "want.other_action")
	}
	if !a.Opens.IsZero() && !a.Closes.IsZero() && !a.Opens.Before(a.Closes) {
		d.fault("closes", "want.closes")
	}
}

func readActionText(d *document) undersigned.ActionText {
	return undersigned.ActionText{
		Title:   d.one("title"),
		Ask:     d.one("ask"),
		Body:    d.body,
		Subject: d.one("subject"),
		Words:   d.text("words"),
		Outcome: d.markdown("outcome"),
	}
}

func (w *writer) writeAction(a *undersigned.Action) {
	name := actions + "/" + a.Slug + ".md"
	f := w.front()
	f.one("kind", string(a.Kind))
	f.choice("state", string(a.State), string(undersigned.ActionOpen))
	f.number("order", a.Order)
	f.number("goal", a.Goal)
	f.day("opens", w.dayOf(name, a.Opens, undersigned.Day.Begin))
	f.day("closes", w.dayOf(name, a.Closes, undersigned.Day.End))
	f.day("ended", a.Ended)
	f.choice("publish", string(a.Publish), string(undersigned.Live))
	f.number("keep_days", a.KeepDays)
	f.bill("bill", a.Bill, a.Position)
	f.words("targets", a.Targets)
	writeAddressees(f, a.Addressees)
	f.one("url", a.URL)
	f.one("owner", a.Owner)
	f.one("successor", a.Successor)
	writeOpportunity(f, &a.Opportunity)
	w.eachLanguage(name, f, func(f *front, lang string) string {
		text := a.Texts[lang]
		f.one("title", text.Title)
		f.one("ask", text.Ask)
		f.one("subject", text.Subject)
		f.text("words", text.Words)
		f.text("outcome", text.Outcome)
		writeOpportunityText(f, &a.Opportunity, &text.Opportunity, lang == w.languages[0])
		return text.Body
	})
}

// dayOf finds the day that begins or ends at t in the issue's zone.
func (w *writer) dayOf(name string, t time.Time, edge func(undersigned.Day, *time.Location) time.Time) undersigned.Day {
	if t.IsZero() {
		return ""
	}
	// The day that ends at midnight is the one before.
	for _, moment := range []time.Time{t, t.Add(-time.Minute)} {
		day := undersigned.Day(moment.In(w.zone).Format(time.DateOnly))
		if edge(day, w.zone).Equal(t) {
			return day
		}
	}
	if w.form != nil { // it becomes one when the form is read
		return undersigned.Day(t.Add(-time.Minute).In(w.zone).Format(time.DateOnly))
	}
	w.errs.add(name, 0, "", "want.day_edge", "time", t.In(w.zone).Format(time.RFC3339))
	return ""
}
