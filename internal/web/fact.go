package web

import (
	"bytes"
	"context"
	"encoding/csv"
	"net/http"
	"strings"

	"github.com/undersigned/undersigned"
)

const csvType = "text/csv; charset=utf-8"

// fact is the page of a fact or, where the address ends in .csv, its figures as a file.
func (s *Server) fact(ctx context.Context, v *visit, r *http.Request) (*draft, error) {
	site, err := s.db.Site(ctx)
	if err != nil {
		return nil, err
	}
	slug, file := strings.CutSuffix(r.PathValue("fact"), ".csv")
	for _, content := range site.Contents {
		fact := content.Fact(slug)
		switch {
		case fact == nil:
			continue
		case file:
			return &draft{contentType: csvType, body: newFactCSV(s.chrome(v), content, fact)}, nil
		}
		return s.html("fact", newFactPage(s.chrome(v), content, fact, s.now()))
	}
	return nil, undersigned.Fail(undersigned.NotFound, "")
}

func factPath(f *undersigned.Fact) string { return "/facts/" + f.Slug }

// newFactCSV is the figures as their source writes them, under the headings of the page's language.
func newFactCSV(c chrome, content *undersigned.Content, f *undersigned.Fact) []byte {
	text, _ := f.Text(c.Lang(), content.Issue.Languages)
	b := bytes.NewBufferString("\ufeff") // or some programs take it for Latin-1
	w := csv.NewWriter(b)                // into a buffer, which does not fail
	w.Write(append([]string{stepName(c, f.Step)}, noFormulas(text.Series)...))
	for _, row := range f.Rows {
		line := []string{row.Period}
		for _, figure := range row.Figures {
			line = append(line, string(figure))
		}
		w.Write(line)
	}
	w.Flush()
	return b.Bytes()
}

// noFormulas keeps spreadsheets from reading words as formulas: with an apostrophe before them they are text.
func noFormulas(cells []string) (safe []string) {
	for _, cell := range cells {
		if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
			cell = "'" + cell
		}
		safe = append(safe, cell)
	}
	return safe
}
