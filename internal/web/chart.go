package web

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/undersigned/undersigned"
)

// chartView is a chart as SVG. It is as wide as its place: across, everything is told in percent, and only downwards in
// pixels, so that words keep their size at any width. Series differ in their dashes or hatching, not in colour alone.
// Where the language runs from right to left, so does time.
type chartView struct {
	ID, Title, Desc string
	Lang            string // of the words of the fact
	Height          int    // pixels
	Plot            int    // pixels, from its top to the line of zero
	Keys            []keyView
	Grid            []gridLine  // line
	Lines           []lineView  // line
	Ticks           []chartWord // line
	Words           []chartWord
	Bars            []barView // bars
}

// keyView names a series, where there are several.
type keyView struct {
	Index int
	Title string
	Bars  bool
}

// gridLine is a round number, across the chart.
type gridLine struct {
	Y    int
	Zero bool
	Word chartWord
}

// lineView is a series; its path is drawn in a box of chartWide by Plot that is stretched to the chart's width.
type lineView struct {
	Index int
	Path  string
	Ends  []dot // its last figure
}

type dot struct{ X, Y string }

// chartWord is words at a place. Their anchor is the side they begin at.
type chartWord struct {
	X, Anchor, Text string
	Y, DX           int
}

type barView struct {
	Index, Y  int
	X, Width  string
	Thickness int
}

const (
	chartWide  = 1000
	plotTop    = 24 // room for the word on the highest line
	plotHeight = 190
	belowPlot  = 26  // room for the ticks
	narrowest  = 280 // pixels; what has room there has room everywhere
	letterWide = 7.5 // pixels, of a digit
)

func newChart(c chrome, f *undersigned.Fact, text undersigned.FactText, lang string) chartView {
	v := chartView{ID: "chart-" + f.Slug, Title: text.Title, Lang: lang}
	if len(f.Series) > 1 {
		for i, title := range text.Series {
			v.Keys = append(v.Keys, keyView{i, title, f.Chart == undersigned.BarChart})
		}
	}
	first, last := periodName(c, &f.Rows[0]), periodName(c, &f.Rows[len(f.Rows)-1])
	if f.Chart == undersigned.BarChart {
		v.Desc = c.T("chart.bars", "first", first, "last", last)
		v.bars(c, f)
	} else {
		v.Desc = c.T("chart.line", "first", first, "last", last)
		v.lines(c, plottedFact(c, f))
		v.Ticks = newTicks(c, f, v.Plot+20)
	}
	return v
}

// plotted are figures over time, as lines are drawn of them.
type plotted struct {
	rows, series int
	value        func(row, series int) (value float64, known bool)
	at           func(row int) float64 // percent of the width
	gap          func(row int) bool    // something is missing before the row
	highest      float64               // as far as the scale goes at least
}

// lines draws each series as a line over time, on a scale that begins at zero.
func (v *chartView) lines(c chrome, p plotted) {
	low, high := p.bounds()
	ticks := scale(low, high, 4)
	bottom, top := ticks[0], ticks[len(ticks)-1]
	y := func(value float64) float64 { return plotTop + plotHeight*(top-value)/(top-bottom) }
	v.Plot, v.Height = plotTop+plotHeight, plotTop+plotHeight+belowPlot
	places := scalePlaces(ticks)
	for _, tick := range ticks {
		line := int(math.Round(y(tick)))
		v.Grid = append(v.Grid, gridLine{Y: line, Zero: tick == 0,
			Word: chartWord{X: percent(mirrored(c, 0)), Anchor: "start", Y: line - 5, Text: c.Decimal(tick, places)}})
	}
	for i := range p.series {
		line := lineView{Index: i}
		var path strings.Builder
		pen := "M"
		for row := range p.rows {
			value, known := p.value(row, i)
			if !known {
				pen = "M"
				continue
			}
			if p.gap(row) {
				pen = "M"
			}
			fmt.Fprintf(&path, "%s%s %s", pen, short(p.at(row)*chartWide/100), short(y(value)))
			if pen == "M" {
				path.WriteString("h0") // seen, with round ends, where nothing follows
			}
			pen = "L"
			line.Ends = []dot{{percent(p.at(row)), short(y(value))}}
		}
		line.Path = path.String()
		v.Lines = append(v.Lines, line)
	}
}

// bounds are the lowest and the highest figure, and zero.
func (p plotted) bounds() (low, high float64) {
	high = p.highest
	for row := range p.rows {
		for i := range p.series {
			if value, known := p.value(row, i); known {
				low, high = min(low, value), max(high, value)
			}
		}
	}
	return low, high
}

// plottedFact is a fact as it is drawn.
func plottedFact(c chrome, f *undersigned.Fact) plotted {
	return plotted{rows: len(f.Rows), series: len(f.Series),
		value: func(row, series int) (float64, bool) { return f.Rows[row].Figures[series].Value() },
		at:    func(row int) float64 { return along(c, f, row) },
		gap:   func(row int) bool { return row > 0 && timeOf(&f.Rows[row])-timeOf(&f.Rows[row-1]) > 1 }}
}

// along is where a row stands, in percent of the width: at the place of its time.
func along(c chrome, f *undersigned.Fact, row int) float64 {
	first, last := timeOf(&f.Rows[0]), timeOf(&f.Rows[len(f.Rows)-1])
	return mirrored(c, 1+98*float64(timeOf(&f.Rows[row])-first)/float64(max(last-first, 1)))
}

// timeOf counts months, or years.
func timeOf(r *undersigned.FactRow) int {
	year, month := r.Month()
	if month == 0 {
		return year
	}
	return year*12 + int(month) - 1
}

func mirrored(c chrome, x float64) float64 {
	if c.Dir() == "rtl" {
		return 100 - x
	}
	return x
}

// newTicks names as many years as have room, or where there are few months the first and the last.
func newTicks(c chrome, f *undersigned.Fact, y int) (ticks []chartWord) {
	first, last := timeOf(&f.Rows[0]), timeOf(&f.Rows[len(f.Rows)-1])
	perYear := 12
	if f.Step == undersigned.ByYear {
		perYear = 1
	}
	if perYear == 12 && last-first < 24 {
		for i, row := range []int{0, len(f.Rows) - 1} {
			ticks = append(ticks, chartWord{X: percent(mirrored(c, float64(100*i))), Y: y, Anchor: []string{"start", "end"}[i], Text: periodName(c, &f.Rows[row])})
		}
		return ticks
	}
	place := func(at int) float64 { return 1 + 98*float64(at-first)/float64(max(last-first, 1)) }
	room := 100 * 36.0 / narrowest
	every := 1
	for every*perYear*98 < int(room*float64(last-first)) {
		every++
	}
	for year := (first + perYear - 1) / perYear; year*perYear <= last; year++ {
		if (year-last/perYear)%every != 0 {
			continue
		}
		ticks = append(ticks, chartWord{X: percent(mirrored(c, place(year*perYear))), Y: y, Anchor: "middle", Text: strconv.Itoa(year)})
	}
	return ticks
}

// bars draws a bar for each figure, under each other, with the figure behind it: they need no scale.
func (v *chartView) bars(c chrome, f *undersigned.Fact) {
	_, high := plottedFact(c, f).bounds()
	name, number := 0, 0
	for i := range f.Rows {
		name = max(name, utf8.RuneCountInString(periodName(c, &f.Rows[i])))
		for _, figure := range f.Rows[i].Figures {
			number = max(number, utf8.RuneCountInString(c.figure(figure)))
		}
	}
	begin := wide(name) + 2
	room := max(100-begin-wide(number)-2, 10)
	thick, gap := 20, 12
	if len(f.Series) > 1 {
		thick = 16
	}
	y := 4
	for row := range f.Rows {
		group := len(f.Series) * (thick + 2)
		v.Words = append(v.Words, chartWord{X: percent(mirrored(c, 0)), Anchor: "start", Y: y + group/2 + 4, Text: periodName(c, &f.Rows[row])})
		for i, figure := range f.Rows[row].Figures {
			length := 0.0
			if value, known := figure.Value(); known && high > 0 {
				length = room * value / high
			}
			left, dx := begin, 6
			if c.Dir() == "rtl" {
				left, dx = 100-begin-length, -6
			}
			v.Bars = append(v.Bars, barView{Index: i, Y: y, X: percent(left), Width: percent(length), Thickness: thick})
			v.Words = append(v.Words, chartWord{X: percent(mirrored(c, begin+length)), DX: dx, Anchor: "start", Y: y + thick - 5, Text: c.figure(figure)})
			y += thick + 2
		}
		y += gap
	}
	v.Height = y
}

// wide is what a text of so many letters takes on the narrowest page, in percent.
func wide(letters int) float64 { return float64(letters) * letterWide * 100 / narrowest }

// scale gives round numbers, each 1, 2 or 5 times a power of ten after the one before, that enclose low and high with at
// most so many steps.
func scale(low, high float64, steps int) (ticks []float64) {
	if high-low <= 0 {
		high = low + 1
	}
	power := math.Pow(10, math.Floor(math.Log10((high-low)/float64(steps))))
	for _, times := range []float64{1, 2, 5, 10, 20} {
		step := power * times
		from, to := math.Floor(low/step), math.Ceil(high/step)
		if int(to-from) > steps {
			continue
		}
		for i := from; i <= to; i++ {
			ticks = append(ticks, i*step)
		}
		return ticks
	}
	return []float64{low, high}
}

// scalePlaces is how many digits behind the point tell the numbers of a scale apart.
func scalePlaces(ticks []float64) int {
	return max(0, -int(math.Floor(math.Log10(ticks[1]-ticks[0])+1e-9)))
}

func percent(x float64) string { return short(x) + "%" }

// short writes a number with two digits behind the point, or fewer.
func short(x float64) string {
	s := strconv.FormatFloat(x, 'f', 2, 64)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}
