package locale

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	xmessage "golang.org/x/text/message"
	"golang.org/x/text/number"
)

// Locale speaks one language.
type Locale struct {
	lang     string
	tag      language.Tag
	messages map[string]message
	rtl      bool
}

// Lang is the code of the language, for paths and the lang attribute: "es".
func (l *Locale) Lang() string { return l.lang }

// Territory is the language with the country whose customs it follows, as Open Graph writes it: es_US.
func (l *Locale) Territory() string { return strings.ReplaceAll(l.tag.String(), "-", "_") }

// Dir is the direction of its script, for the dir attribute: "ltr" or "rtl".
func (l *Locale) Dir() string { return l.T("language.dir") }

// Name is what its speakers call it: "Español".
func (l *Locale) Name() string { return l.T("language.name") }

// T gives the message of a key. args alternate placeholders and values:
//
//	l.T("closed.since", "date", l.Date(t), "title", title)
//
// A whole number among the values is written as [Locale.Number] does, another as [Locale.Decimal] does, with one digit
// behind the point. The result is plain text, to be escaped like any other. A key that does not exist gives the key
// itself, and a panic in tests.
func (l *Locale) T(key string, args ...any) string {
	m, ok := l.messages[key]
	if !ok {
		return l.missing(key)
	}
	return expand(m[plural.Other], l.lookup(args))
}

// N gives the message of a key in the plural form that n needs; {n} is n, written as [Locale.Number] does.
func (l *Locale) N(key string, n int, args ...any) string { return l.plural(cardinal, key, n, args) }

// Ordinal writes the place of n in a row: 119th, 119.º.
func (l *Locale) Ordinal(n int) string {
	return l.plural(plural.Ordinal.MatchPlural, "number.ordinal", n, []any{"n", strconv.Itoa(n)})
}

type rule func(lang language.Tag, i, v, w, f, t int) plural.Form

func (l *Locale) plural(r rule, key string, n int, args []any) string {
	m, ok := l.messages[key]
	if !ok {
		return l.missing(key)
	}
	text, ok := m[r(l.tag, max(n, -n), 0, 0, 0, 0)]
	if !ok {
		text = m[plural.Other]
	}
	return expand(text, l.lookup(append(args[:len(args):len(args)], "n", n)))
}

// cardinal is CLDR's rule for whole numbers. The tables of x/text are those of CLDR 32; since CLDR 38 the Romance
// languages say "1 000 000 de firmas", which is the form many.
func cardinal(lang language.Tag, i, v, w, f, t int) plural.Form {
	form := plural.Cardinal.MatchPlural(lang, i, v, w, f, t)
	if form == plural.Other && i != 0 && i%1_000_000 == 0 {
		switch base, _ := lang.Base(); base.String() {
		case "ca", "es", "fr", "it", "pt":
			return plural.Many
		}
	}
	return form
}

// Has says whether a key exists: for keys that come from data.
func (l *Locale) Has(key string) bool {
	_, ok := l.messages[key]
	return ok
}

func (l *Locale) missing(key string) string {
	if testing.Testing() {
		panic("locale: no message " + key + " in " + l.lang)
	}
	return key
}

func (l *Locale) lookup(args []any) func(name string) (string, bool) {
	return func(name string) (string, bool) {
		for i := 0; i+1 < len(args); i += 2 {
			if args[i] == name {
				return l.value(args[i+1]), true
			}
		}
		return "", false
	}
}

func (l *Locale) value(v any) string {
	switch v := v.(type) {
	case string:
		return l.isolated(v)
	case int:
		return l.Number(v)
	case int64:
		return l.Number(int(v))
	case float64:
		return l.Decimal(v, 1)
	default:
		return fmt.Sprint(v)
	}
}

// isolated keeps a name in letters from left to right from being torn apart in a sentence from right to left: it stands
// between U+2068 and U+2069. An address, which somebody will copy, stays as it is.
func (l *Locale) isolated(s string) string {
	if !l.rtl || s == "" || strings.Contains(s, "://") {
		return s
	}
	return "\u2068" + s + "\u2069"
}

// Number writes a whole number with the separators of the language: 1,234,567.
func (l *Locale) Number(n int) string { return xmessage.NewPrinter(l.tag).Sprint(n) }

// Date writes the day of t, in t's own zone, in full: January 3, 2027; 3 de enero de 2027; 1º de janeiro de 2027.
func (l *Locale) Date(t time.Time) string {
	day := strconv.Itoa(t.Day())
	if t.Day() == 1 {
		day = l.T("date.first")
	}
	return l.T("date.long",
		"day", day,
		"month", l.T(fmt.Sprintf("date.month.%02d", int(t.Month()))),
		"year", strconv.Itoa(t.Year()))
}

// Day writes a calendar day as [Locale.Date] does; empty where the day is not known.
func (l *Locale) Day(d undersigned.Day) string {
	t := d.Begin(time.UTC)
	if t.IsZero() {
		return ""
	}
	return l.Date(t)
}

// DateTime writes the day and the minute of t, in t's own zone, which it names: January 3, 2027 at 12:00 PM EST.
func (l *Locale) DateTime(t time.Time) string {
	return l.T("date.time", "clock", l.Clock(t), "date", l.Date(t))
}

// Clock writes the minute of t, in t's own zone, which it names: 12:00 PM EST.
func (l *Locale) Clock(t time.Time) string {
	half := "date.am"
	if t.Hour() >= 12 {
		half = "date.pm"
	}
	return l.T("date.clock",
		"half", l.T(half),
		"hour12", strconv.Itoa((t.Hour()+11)%12+1),
		"hour24", t.Format("15"),
		"minute", t.Format("04"),
		"zone", t.Format("MST"))
}

// Decimal writes a number with so many digits behind the point, as the language writes both.
func (l *Locale) Decimal(v float64, places int) string {
	return xmessage.NewPrinter(l.tag).Sprint(number.Decimal(v, number.Scale(places)))
}

// Month writes a month of a year: March 2026, marzo de 2026.
func (l *Locale) Month(year int, month time.Month) string {
	return l.T("date.month_year", "month", l.T(fmt.Sprintf("date.month.%02d", int(month))), "year", strconv.Itoa(year))
}
