package pack

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/undersigned/undersigned"
)

const (
	plainFact = "---\nchart: line\nsource: Us\nlicence: CC0\nas_of: 2026-01-01\nfresh_for: 30\ntitle: Water\nunit: litres\n" +
		"series:\n  - column: used\n    title: Used\n---\n\nHow much.\n"
	plainTable = "month,used\n2025-11,1200\n2025-12,\n2026-01,1300.5\n"
)

func withFact(fact, table string) map[string]string {
	return map[string]string{"facts/water.md": fact, "facts/water.csv": table}
}

func TestEachFaultOfAFactNamesFileLineAndColumn(t *testing.T) {
	change := func(text, old, new string) string {
		if !strings.Contains(text, old) {
			t.Fatalf("%q is not in the text", old)
		}
		return strings.Replace(text, old, new, 1)
	}
	for _, test := range []struct{ name, fact, table, want string }{
		{"mark in a cell", plainFact, change(plainTable, "1200", `"1,234*"`), "facts/water.csv:2: used: want a bare number like 1234"},
		{"thousands without quotes", plainFact, change(plainTable, "1200", "1,200"), "facts/water.csv:2: want 2 cells, as in the first line; here are 3. Numbers"},
		{"ragged line", plainFact, change(plainTable, "2025-12,", "2025-12"), "facts/water.csv:3: want 2 cells, as in the first line; here are 1"},
		{"footnote", plainFact, plainTable + "* incomplete,\n", "facts/water.csv:5: month: want a month written YYYY-MM; a note"},
		{"footnote of one cell", plainFact, plainTable + "* incomplete\n", "facts/water.csv:5: month: want a month written YYYY-MM; a note"},
		{"total", plainFact, plainTable + "Total,2500\n", "facts/water.csv:5: month: want a month"},
		{"formula", plainFact, change(plainTable, "1200", "=1+1"), "facts/water.csv:2: used: want a bare number"},
		{"exponent", plainFact, change(plainTable, "1200", "1e3"), "facts/water.csv:2: used: want a bare number"},
		{"not a number", plainFact, change(plainTable, "1200", "NaN"), "facts/water.csv:2: used: want a bare number"},
		{"too many digits", plainFact, change(plainTable, "1200", strings.Repeat("9", 16)), "facts/water.csv:2: used: want a bare number"},
		{"month twice", plainFact, change(plainTable, "2025-12", "2025-11"), "facts/water.csv:3: month: want a line after 2025-11"},
		{"a month that is none", plainFact, change(plainTable, "2025-12", "2025-13"), "facts/water.csv:3: month: want a month"},
		{"a year among months", plainFact, change(plainTable, "2025-12", "2025"), "facts/water.csv:3: month: want a month"},
		{"semicolons, and commas in numbers", plainFact, strings.ReplaceAll(strings.ReplaceAll(plainTable, ",", ";"), "1200", "1,2"), "facts/water.csv:2: used: want"},
		{"no headings", plainFact, "2025-11,1200\n2025-12,1\n", "facts/water.csv:1: 2025-11: want a first column"},
		{"heading of words", plainFact, change(plainTable, "used", "Used Water"), "facts/water.csv:1: Used Water: want headings"},
		{"heading twice", plainFact, "month,a,a\n2025-11,1,1\n", "facts/water.csv:1: a: want headings"},
		{"too many series", plainFact, "month,a,b,c,d,e\n", "facts/water.csv:1: want from 1 to 4 columns"},
		{"one line", plainFact, "month,used\n2025-11,1200\n", "facts/water.csv: want two lines of figures"},
		{"empty", plainFact, "\n", "facts/water.csv:1: want a first line"},
		{"open quotation mark", plainFact, change(plainTable, "1200", `"1200`), "facts/water.csv:2: want cells without quotation"},
		{"a million lines", plainFact, "month,used\n" + strings.Repeat("2025-11,1\n", 1_000_000), "facts/water.csv: want at most 1 MB"},
		{"two thousand lines", plainFact, "year,used\n" + years(1000, 2999), "facts/water.csv:1202: want at most 1,200 lines"},
		{"a hundred bars", change(plainFact, "line", "bars"), "year,used\n" + years(1900, 1999), "facts/water.csv:62: want at most 1,200 lines of figures, or 60"},
		{"bar below zero", change(plainFact, "line", "bars"), change(plainTable, "1200", "-5"), "facts/water.csv:2: used: want no figure below zero"},
		{"Latin-1", plainFact, change(plainTable, "1200", "1200\xa0"), "facts/water.csv:2: want text in UTF-8"},
		{"UTF-16", plainFact, "\xff\xfem\x00o\x00", "facts/water.csv:1: want text in UTF-8, not in UTF-16"},
		{"UTF-16, the other way round", plainFact, "\xfe\xff\x00m\x00o", "facts/water.csv:1: want text in UTF-8, not in UTF-16"},
		{"UTF-16 without a mark", plainFact, "m\x00o\x00", "facts/water.csv:1: want a text without control"},
		{"no figures", plainFact, "", "facts/water.csv: want this file"},
		{"figures of nothing", "", plainTable, "facts/water.csv: want figures of a fact"},
		{"series of other names", change(plainFact, "column: used", "column: lost"), plainTable, "facts/water.md:9: series: want the columns of facts/water.csv after the first, in its order: used"},
		{"unknown chart", change(plainFact, "chart: line", "chart: pie"), plainTable, "facts/water.md:2: chart: want one of line, bars"},
		{"no source", change(plainFact, "source: Us\n", ""), plainTable, "facts/water.md:1: source: want this field"},
		{"fresh for ever", change(plainFact, "30", "9999999"), plainTable, "facts/water.md:6: fresh_for: want a whole number from 1"},
		{"unknown section", with(plainFact, "section: shop"), plainTable, "facts/water.md:2: section: want one of act"},
		{"no text", change(plainFact, "How much.", ""), plainTable, "facts/water.md:1: want a text below"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Read(small(withFact(test.fact, test.table)))
			if !errors.As(err, new(*Error)) {
				t.Fatalf("got the error %v, want a fault", err)
			}
			for line := range strings.SplitSeq(err.Error(), "\n") {
				if strings.HasPrefix(line, test.want) {
					return
				}
			}
			t.Errorf("got the error\n%v\nwant one that begins\n%s", err, test.want)
		})
	}
}

func years(from, to int) string {
	var b strings.Builder
	for y := from; y <= to; y++ {
		b.WriteString(string([]byte{byte('0' + y/1000), byte('0' + y/100%10), byte('0' + y/10%10), byte('0' + y%10)}) + ",1\n")
	}
	return b.String()
}

func TestTablesFromSpreadsheetsReadAlike(t *testing.T) {
	for name, table := range map[string]string{
		"plain":         plainTable,
		"a BOM":         "\ufeff" + plainTable,
		"Windows lines": strings.ReplaceAll(plainTable, "\n", "\r\n"),
		"old Mac lines": strings.ReplaceAll(plainTable, "\n", "\r"),
		"quoted cells":  "\"month\",\"used\"\n\"2025-11\",\"1200\"\n2025-12,\"\"\n2026-01, 1300.5 \n",
		"blank lines":   strings.ReplaceAll(plainTable, "\n", "\n\n"),
	} {
		t.Run(name, func(t *testing.T) {
			c, err := Read(small(withFact(plainFact, table)))
			if err != nil {
				t.Fatal(err)
			}
			dir := filepath.Join(t.TempDir(), "out")
			if err := Write(dir, c); err != nil {
				t.Fatal(err)
			}
			for file, want := range withFact(plainFact, plainTable) {
				if got, err := os.ReadFile(filepath.Join(dir, file)); err != nil || string(got) != want {
					t.Errorf("%s is written as\n%s\n%v", file, got, err)
				}
			}
		})
	}
}

func TestTranslationOfAFactKeepsItsSeries(t *testing.T) {
	files := withFact(plainFact, plainTable)
	files["es/facts/water.md"] = "---\ntitle: Agua\nunit: litros\nseries:\n  - column: used\n    title: Usada\nsource: Nosotros\n---\n\nCuánta.\n"
	c, err := Read(small(files))
	if err != nil {
		t.Fatal(err)
	}
	if text, lang := c.Fact("water").Text("es", c.Issue.Languages); lang != "es" || text.Series[0] != "Usada" {
		t.Errorf("the Spanish text is %+v in %s", text, lang)
	}
	if source, lang := c.Fact("water").SourceIn("es", c.Issue.Languages); source != "Nosotros" || lang != "es" {
		t.Errorf("the Spanish source is %q in %s", source, lang)
	}
	if licence, lang := c.Fact("water").LicenceIn("es", c.Issue.Languages); licence != "CC0" || lang != "en" {
		t.Errorf("the Spanish licence is %q in %s", licence, lang)
	}
	files["es/facts/water.md"] = strings.Replace(files["es/facts/water.md"], "column: used", "column: lost", 1)
	if _, err := Read(small(files)); err == nil || !strings.HasPrefix(err.Error(), "es/facts/water.md:4: series: want the series of facts/water.md") {
		t.Errorf("got %v", err)
	}
	files["es/facts/water.csv"] = plainTable
	if _, err := Read(small(files)); err == nil || !strings.Contains(err.Error(), "es/facts/water.csv: want a Markdown file") {
		t.Errorf("got %v", err)
	}
}

func TestTablesFromASpreadsheetAreReadAsTheyAre(t *testing.T) {
	for _, table := range []string{
		plainTable, strings.ReplaceAll(plainTable, ",", ";"), strings.ReplaceAll(plainTable, ",", "\t"),
		plainTable + ",\n,\n", strings.ReplaceAll(plainTable, ",", "\t") + "\t\n", strings.ReplaceAll(plainTable, "\n", "\r\n"),
	} {
		var errs Errors
		r := &reader{files: map[string][]byte{"facts/water.csv": []byte(table)}, errs: errs}
		fact := undersigned.Fact{Slug: "water", Chart: undersigned.LineChart}
		r.readTable(&fact)
		if len(r.errs) > 0 || !slices.Equal(fact.Series, []string{"used"}) || len(fact.Rows) != strings.Count(plainTable, "\n")-1 || fact.Rows[0].Figures[0] != "1200" {
			t.Errorf("%q: %v, %+v", table, r.errs, fact)
		}
		if head := Headings(table); len(head) != 2 || strings.TrimSpace(head[1]) != "used" {
			t.Errorf("%q has the headings %q", table, head)
		}
	}
}

// FuzzTable reads any figures; what was read is written and read again as it was.
func FuzzTable(f *testing.F) {
	for _, table := range []string{plainTable, "year,a,b\n2019,1,-2\n2020,,0.5\n", "\ufeffmonth,used\r\n2025-11,\"1,234*\"\r\n", "month\n", "month,used\n\"", ",,\n\n;", "year,used\n2020,1\n* note"} {
		f.Add(table)
	}
	f.Fuzz(func(t *testing.T, table string) {
		r := &reader{files: map[string][]byte{}}
		r.take(tableName("x"), []byte(table))
		fact := undersigned.Fact{Slug: "x", Chart: undersigned.LineChart}
		if r.readTable(&fact); len(r.errs) > 0 {
			return
		}
		w := &writer{files: map[string][]byte{}}
		w.writeTable(&fact)
		again := undersigned.Fact{Slug: "x", Chart: undersigned.LineChart}
		r = &reader{files: w.files}
		if r.readTable(&again); len(r.errs) > 0 || len(again.Rows) != len(fact.Rows) || len(again.Series) != len(fact.Series) {
			t.Fatalf("%q is written as %q and read with %v", table, w.files[tableName("x")], r.errs)
		}
		for _, row := range fact.Rows {
			for _, figure := range row.Figures {
				if _, known := figure.Value(); known == (figure == "") {
					t.Fatalf("%q holds the figure %q", table, figure)
				}
			}
		}
	})
}
