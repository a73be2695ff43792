package pack

import (
	"encoding/csv"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/undersigned/undersigned"
)

// The figures of a fact are a CSV file as RFC 4180 has it, in UTF-8: a line of headings, and a line for each month or
// year in order. The first heading is month or year. Figures are bare numbers; a cell is empty where one is not known.
// Spreadsheets put tabs between the cells that are copied, semicolons where numbers have a comma, and rows of nothing at the
// end: read, they are as good.
const (
	tableExt  = ".csv"
	maxRows   = 1200 // a hundred years of months
	maxBars   = 60
	maxSeries = 4 // what can be told apart on paper without colours
)

var (
	steps = []undersigned.Step{undersigned.ByMonth, undersigned.ByYear}
	// heading is what a column may be called; what readers see is its title.
	heading = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)
	figure  = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,6})?$`)
	periods = map[undersigned.Step]*regexp.Regexp{
		undersigned.ByMonth: regexp.MustCompile(`^[12][0-9]{3}-(0[1-9]|1[0-2])$`),
		undersigned.ByYear:  regexp.MustCompile(`^[12][0-9]{3}$`),
	}
	periodWants = map[undersigned.Step]string{undersigned.ByMonth: "want.period.month", undersigned.ByYear: "want.period.year"}
)

func tableName(slug string) string { return facts + "/" + slug + tableExt }

// tableReader goes through one CSV file.
type tableReader struct {
	*csv.Reader
	name string
	errs *Errors
}

// readTable fills in the figures of a fact.
func (r *reader) readTable(f *undersigned.Fact) {
	name := tableName(f.Slug)
	data, ok := r.files[name]
	switch {
	case !ok:
		r.errs.add(name, 0, "", "want.table_file")
		return
	case data == nil: // refused when it was loaded
		return
	}
	lines := strings.ReplaceAll(strings.ReplaceAll(string(data), "\r\n", "\n"), "\r", "\n")
	t := &tableReader{csv.NewReader(strings.NewReader(lines)), name, &r.errs}
	t.Comma = separator(lines)
	t.FieldsPerRecord = -1 // told here, with what it has to be
	before := len(r.errs)
	head, ok := t.next()
	switch {
	case !ok && len(r.errs) == before:
		r.errs.add(name, 1, "", "want.headings")
		return
	case !ok || !t.headings(head, f):
		return
	}
	for {
		record, more := t.next()
		if !more {
			break
		}
		if len(f.Rows) == maxRows || f.Chart == undersigned.BarChart && len(f.Rows) == maxBars {
			t.fault(0, "", "want.rows_most", "n", maxRows, "bars", maxBars)
			return
		}
		t.row(record, f)
	}
	if len(f.Rows) < 2 && len(r.errs) == before {
		t.errs.add(name, 0, "", "want.rows_least")
	}
}

// Headings are the cells of the first line of a table as somebody typed it.
func Headings(table string) []string {
	line, _, _ := strings.Cut(strings.TrimLeft(table, "\n"), "\n")
	return strings.Split(line, string(separator(line)))
}

// separator is what stands between the cells of a table.
func separator(table string) rune {
	head, _, _ := strings.Cut(strings.TrimLeft(table, "\n"), "\n")
	for _, other := range "\t;" {
		if !strings.Contains(head, ",") && strings.ContainsRune(head, other) {
			return other
		}
	}
	return ','
}

// next reads a line that is not empty; false at the end, or where what follows cannot be told apart.
func (t *tableReader) next() ([]string, bool) {
	for {
		record, err := t.Read()
		var fault *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return nil, false
		case errors.As(err, &fault):
			t.errs.add(t.name, fault.StartLine, "", "want.quotes")
			return nil, false
		}
		for i := range record {
			record[i] = strings.TrimSpace(record[i])
		}
		if strings.Join(record, "") != "" {
			return record, true
		}
	}
}

// fault notes what is wrong with a cell of the line at hand.
func (t *tableReader) fault(cell int, column, expected string, args ...any) {
	line, _ := t.FieldPos(cell)
	t.errs.add(t.name, line, column, expected, args...)
}

func (t *tableReader) headings(head []string, f *undersigned.Fact) bool {
	f.Step = undersigned.Step(head[0])
	switch columns := head[1:]; {
	case !slices.Contains(steps, f.Step):
		t.fault(0, head[0], "want.first_column", "list", oneOf(steps))
	case len(columns) == 0 || len(columns) > maxSeries:
		t.fault(0, "", "want.columns_between", "n", maxSeries)
	default:
		for i, column := range columns {
			if !heading.MatchString(column) || slices.Contains(columns[:i], column) {
				t.fault(i+1, column, "want.column_name")
				return false
			}
		}
		f.Series = columns
		return true
	}
	return false
}

// row takes a line of figures. One that is at fault is left out, and so is what depends on it.
func (t *tableReader) row(record []string, f *undersigned.Fact) {
	if !periods[f.Step].MatchString(record[0]) {
		t.fault(0, string(f.Step), periodWants[f.Step])
		return
	}
	if len(record) != 1+len(f.Series) {
		t.fault(0, "", "want.cells", "want", 1+len(f.Series), "n", len(record))
		return
	}
	if n := len(f.Rows); n > 0 && record[0] <= f.Rows[n-1].Period {
		t.fault(0, string(f.Step), "want.period_after", "period", f.Rows[n-1].Period)
		return
	}
	row := undersigned.FactRow{Period: record[0]}
	for i, cell := range record[1:] {
		if cell != "" && !figure.MatchString(cell) {
			t.fault(i+1, f.Series[i], "want.figure")
			cell = ""
		}
		if f.Chart == undersigned.BarChart && strings.HasPrefix(cell, "-") {
			t.fault(i+1, f.Series[i], "want.no_negative")
		}
		row.Figures = append(row.Figures, undersigned.Figure(cell))
	}
	f.Rows = append(f.Rows, row)
}

func (w *writer) writeTable(f *undersigned.Fact) {
	var b strings.Builder
	b.WriteString(strings.Join(append([]string{string(f.Step)}, f.Series...), ",") + "\n")
	for _, row := range f.Rows {
		b.WriteString(row.Period)
		for _, n := range row.Figures {
			b.WriteString("," + string(n))
		}
		b.WriteString("\n")
	}
	if w.form != nil {
		w.form[figuresField] = b.String()
		return
	}
	w.files[tableName(f.Slug)] = []byte(b.String())
}
