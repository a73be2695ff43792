package pack

import (
	"fmt"
	"math"
	"regexp"
	"strings"

	"github.com/undersigned/undersigned"
)

// stages are those that a source can tell: that a bill died, the clock says.
var stages = undersigned.Stages[:len(undersigned.Stages)-1]

var publicLaw = regexp.MustCompile(`^[1-9][0-9]{0,2}-[1-9][0-9]{0,3}$`)

func billFile(id undersigned.BillID) string {
	return fmt.Sprintf("%s/%d-%s-%d.md", bills, id.Congress, id.Type, id.Number)
}

func (r *reader) readBill(name, slug string) undersigned.Bill {
	id, err := undersigned.ParseBillID(strings.ReplaceAll(slug, "-", ""))
	if err != nil || billFile(id) != name {
		r.errs.add(name, 0, "", "want.bill_file")
	}
	d := r.open(name)
	d.require("title", "stage", "as_of")
	b := undersigned.Bill{
		BillID:     id,
		Title:      d.one("title"),
		Stage:      choice(d.mapping, "stage", stages, ""),
		Introduced: d.day("introduced"),
		Presented:  d.day("presented"),
		Decided:    d.day("decided"),
		Sponsor:    d.one("sponsor"),
		Cosponsors: d.number("cosponsors", 0, math.MaxInt32),
		AsOf:       d.day("as_of"),
		Source:     d.url("source"),
	}
	for _, m := range d.subs("successors") {
		b.Successors = append(b.Successors, readSuccessor(m))
	}
	for _, m := range d.subs("events") {
		m.require("date")
		b.Events = append(b.Events, undersigned.BillEvent{Date: m.day("date"), Texts: map[string]string{}})
		readEventText(m, r.first(), &b.Events[len(b.Events)-1])
	}
	b.Texts = map[string]undersigned.BillText{}
	readBillText(d, r.first(), &b)
	d.done()
	r.translations(name, func(lang string, d *document) {
		readBillText(d, lang, &b)
		readEventTranslations(d, lang, &b)
	})
	return b
}

func readSuccessor(m *mapping) undersigned.BillSuccessor {
	m.require("title")
	s := undersigned.BillSuccessor{PublicLaw: m.one("public_law"), Title: m.one("title"), Date: m.day("date")}
	if m.has("bill") {
		var err error
		if s.Bill, err = undersigned.ParseBillID(m.one("bill")); err != nil {
			m.fault("bill", "want.bill_id")
		}
	}
	if s.PublicLaw != "" && !publicLaw.MatchString(s.PublicLaw) {
		m.fault("public_law", "want.public_law")
	}
	if !m.has("bill") && !m.has("public_law") {
		m.fault("bill", "want.bill_or_law")
	}
	m.done()
	return s
}

func readBillText(d *document, lang string, b *undersigned.Bill) {
	text := undersigned.BillText{Summary: d.one("summary"), Body: d.body}
	if text != (undersigned.BillText{}) {
		b.Texts[lang] = text
	}
}

func readEventText(m *mapping, lang string, e *undersigned.BillEvent) {
	if s := m.one("text"); s != "" {
		e.Texts[lang] = s
	}
	m.done()
}

// readEventTranslations reads the same events in another language. The date is repeated in each, so that one left out
// is noticed and no words come to stand beside another day.
func readEventTranslations(d *document, lang string, b *undersigned.Bill) {
	if !d.has("events") {
		return
	}
	events := d.subs("events")
	if len(events) != len(b.Events) {
		d.fault("events", "want.events_all", "n", len(b.Events))
	}
	for i, m := range events {
		m.require("date")
		if day := m.day("date"); i < len(b.Events) && day != "" {
			if day != b.Events[i].Date {
				m.fault("date", "want.event_date", "day", string(b.Events[i].Date))
			}
			readEventText(m, lang, &b.Events[i])
		}
	}
}

func (w *writer) writeBill(b *undersigned.Bill) {
	f := w.front()
	f.one("title", b.Title)
	f.one("stage", string(b.Stage))
	f.day("introduced", b.Introduced)
	f.day("presented", b.Presented)
	f.day("decided", b.Decided)
	f.one("sponsor", b.Sponsor)
	f.number("cosponsors", b.Cosponsors)
	f.day("as_of", b.AsOf)
	f.one("source", b.Source)
	f.list("successors", len(b.Successors), func(i int, f *front) {
		s := b.Successors[i]
		if s.Bill != (undersigned.BillID{}) {
			f.one("bill", s.Bill.String())
		}
		f.one("public_law", s.PublicLaw)
		f.one("title", s.Title)
		f.day("date", s.Date)
	})
	w.eachLanguage(billFile(b.BillID), f, func(f *front, lang string) string {
		f.one("summary", b.Texts[lang].Summary)
		if lang == w.languages[0] || hasEventText(b, lang) {
			f.list("events", len(b.Events), func(i int, f *front) {
				f.day("date", b.Events[i].Date)
				f.one("text", b.Events[i].Texts[lang])
			})
		}
		return b.Texts[lang].Body
	})
}

func hasEventText(b *undersigned.Bill, lang string) bool {
	for _, e := range b.Events {
		if e.Texts[lang] != "" {
			return true
		}
	}
	return false
}
