package web

import (
	"bytes"
	"encoding/csv"
	"flag"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
)

func TestScalesEndInRoundNumbersAndHoldEverything(t *testing.T) {
	for _, test := range []struct {
		low, high float64
		want      []float64
	}{
		{0, 71929, []float64{0, 20000, 40000, 60000, 80000}},
		{0, 100, []float64{0, 50, 100}},
		{0, 99, []float64{0, 50, 100}},
		{0, 4, []float64{0, 1, 2, 3, 4}},
		{0, 4.1, []float64{0, 2, 4, 6}},
		{0, .37, []float64{0, .1, .2, .3, .4}},
		{-30, 60, []float64{-50, 0, 50, 100}},
		{0, 0, []float64{0, .5, 1}},
		{0, 1e15, []float64{0, 5e14, 1e15}},
	} {
		got := scale(test.low, test.high, 4)
		if !slices.EqualFunc(got, test.want, func(a, b float64) bool { return math.Abs(a-b) < 1e-9 }) {
			t.Errorf("%v to %v: %v, want %v", test.low, test.high, got, test.want)
		}
	}
}

func TestScaleWritesTheDigitsThatTellItsNumbersApart(t *testing.T) {
	for step, want := range map[float64]int{20000: 0, 1: 0, 2: 0, .5: 1, .1: 1, .02: 2, .001: 3} {
		if got := scalePlaces([]float64{0, step}); got != want {
			t.Errorf("steps of %v have %d digits, want %d", step, got, want)
		}
	}
}

// months is a fact of one series from a month on.
func months(year, month, n int) *undersigned.Fact {
	f := &undersigned.Fact{Slug: "f", Chart: undersigned.LineChart, Step: undersigned.ByMonth, Series: []string{"a"}}
	for i := range n {
		at := time.Date(year, time.Month(month+i), 1, 0, 0, 0, 0, time.UTC)
		f.Rows = append(f.Rows, undersigned.FactRow{Period: at.Format("2006-01"), Figures: []undersigned.Figure{undersigned.Figure(strconv.Itoa(i))}})
	}
	return f
}

func TestTicksNameAsManyYearsAsHaveRoom(t *testing.T) {
	c := testViews(t).chrome("en", "https://example.org", "/")
	byYear := months(2020, 1, 1)
	byYear.Step, byYear.Rows = undersigned.ByYear, nil
	for year := 1990; year <= 2026; year++ {
		byYear.Rows = append(byYear.Rows, undersigned.FactRow{Period: strconv.Itoa(year), Figures: []undersigned.Figure{"1"}})
	}
	for _, test := range []struct {
		name string
		fact *undersigned.Fact
		want string
	}{
		{"seven years of months", months(2018, 10, 90), "2019 2020 2021 2022 2023 2024 2025 2026"},
		{"a year of months", months(2025, 3, 13), "March 2025|March 2026"},
		{"two months", months(2025, 12, 2), "December 2025|January 2026"},
		{"forty years of months", months(1986, 1, 480), "1989 1995 2001 2007 2013 2019 2025"},
		{"years", byYear, "1991 1996 2001 2006 2011 2016 2021 2026"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var words []string
			for _, tick := range newTicks(c, test.fact, 0) {
				words = append(words, tick.Text)
			}
			between := " "
			if strings.Contains(test.want, "|") {
				between = "|"
			}
			if got := strings.Join(words, between); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

var update = flag.Bool("update", false, "write the golden files anew")

// The files hold what a browser showed well; a chart that changes is to be looked at again and its file replaced.
func TestChartsAreDrawnAsTheyWereSeen(t *testing.T) {
	v, content := testViews(t), sampleContent()
	for _, lang := range []string{"en", "es", "pt"} {
		for _, f := range content.Facts {
			text, in := f.Text(lang, content.Issue.Languages)
			c := v.chrome(lang, "https://example.org", "/")
			var svg bytes.Buffer
			if err := v.pages["fact"]().ExecuteTemplate(&svg, "chart", newChart(c, &f, text, c.other(in))); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("testdata", "chart-"+f.Slug+"-"+lang+".svg")
			if *update {
				if err := os.WriteFile(file, svg.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil || !bytes.Equal(want, svg.Bytes()) {
				t.Errorf("%s, %v; it is now:\n%s", file, err, svg.Bytes())
			}
		}
	}
}

func TestFiguresCanBeTakenAwayAndHoldNoFormula(t *testing.T) {
	s := newSite(t)
	w := s.get("/facts/held.csv")
	wantStatus(t, w, http.StatusOK)
	if got := w.Header().Get("Content-Type"); got != csvType {
		t.Errorf("the figures are of type %s", got)
	}
	text, marked := strings.CutPrefix(w.Body.String(), "\ufeff")
	if !marked {
		t.Error("a spreadsheet will take the figures for Latin-1")
	}
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"Month", "Arrested by ICE", "'=Arrested by CBP"}, {"2026-01", "12000", "8000.5"}, {"2026-02", "", "9000"}, {"2026-04", "15000", "7000"}}
	if !slices.EqualFunc(records, want, slices.Equal) {
		t.Errorf("the figures are %q", records)
	}
	if first, _, _ := strings.Cut(s.get("/es/facts/held.csv").Body.String(), "\n"); first != "\ufeffMes,Por ICE,Por CBP" {
		t.Errorf("the Spanish headings are %s", first)
	}
	for _, path := range []string{"/facts/none", "/facts/none.csv", "/facts/held.csv.csv", "/facts/.csv"} {
		wantStatus(t, s.get(path), http.StatusNotFound)
	}
}

func TestFiguresAreCalledOldByTheClockAlone(t *testing.T) {
	s := newSite(t)
	enrolled := undersigned.Day("2027-04-04").End(undersigned.Eastern)
	s.pass(enrolled.Add(-time.Minute).Sub(s.now()))
	s.tick()
	stale := s.catalogue.Locale("en").T("fact.stale", "date", "April 4, 2026")
	for _, path := range []string{"/facts/enrolled", "/shelter"} {
		if body := s.get(path).Body.String(); !strings.Contains(body, "180,701") || strings.Contains(body, stale) {
			t.Errorf("%s calls figures old within their time, or has none", path)
		}
	}
	s.pass(2 * time.Minute)
	for _, path := range []string{"/facts/enrolled", "/shelter"} {
		wantWords(t, s.get(path), stale)
	}
}

// On the narrowest phone no word of a chart leaves it or covers another.
func TestChartsCanBeReadAt320PixelsInABrowser(t *testing.T) {
	for _, kind := range []browserKind{{lang: "pt", width: 320, quick: true}, {lang: "es", width: 320, dark: true, quick: true}} {
		r := newReader(t, kind)
		for _, path := range []string{"/facts/people-held", "/facts/alternatives-enrolment"} {
			r.open(r.path(path), http.StatusOK)
			r.check()
			if bad := evaluate[string](r, `(function () {
				var chart = document.querySelector("svg.chart"), frame = chart.getBoundingClientRect(), words = [], bad = [];
				[].forEach.call(chart.querySelectorAll("text"), function (t) {
					var b = t.getBoundingClientRect();
					if (b.left < -1 || b.right > innerWidth + 1) bad.push(t.textContent + " leaves the screen");
					if (b.height < 12) bad.push(t.textContent + " is " + b.height + " high");
					words.forEach(function (w) {
						if (b.left < w.b.right - 1 && b.right > w.b.left + 1 && b.top < w.b.bottom - 3 && b.bottom > w.b.top + 3) bad.push(t.textContent + " covers " + w.t);
					});
					words.push({ b: b, t: t.textContent });
				});
				if (words.length < 5 || frame.width < 200) bad.push(words.length + " words, " + frame.width + " wide");
				return bad.join("; ");
			})()`); bad != "" {
				t.Errorf("%s in %s: %s", path, r.lang, bad)
			}
		}
	}
}
