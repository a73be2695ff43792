package web

import "slices"

// seriesView is numbers by hour or day as a chart of lines, with the table behind it.
type seriesView struct {
	chrome
	ID, Heading string
	Chart       chartView
	Table       tableView
	Zeros       bool // what the table leaves out is zero
}

// newSeries draws numbers that follow each other without a gap; each row has one for each of the series.
func newSeries(c chrome, id, heading, step string, series, periods []string, rows [][]int) seriesView {
	v := seriesView{chrome: c, ID: id, Heading: heading, Chart: chartView{ID: "chart-" + id, Title: heading},
		Table: tableView{Caption: heading, Step: step, Series: series}}
	first, last := periods[0], periods[len(periods)-1]
	v.Chart.Desc = c.T("chart.line", "first", first, "last", last)
	for i, title := range series {
		if len(series) > 1 {
			v.Chart.Keys = append(v.Chart.Keys, keyView{Index: i, Title: title})
		}
	}
	v.Chart.lines(c, plotted{rows: len(rows), series: len(series), highest: 4,
		value: func(row, i int) (float64, bool) { return float64(rows[row][i]), true },
		at:    func(row int) float64 { return mirrored(c, 1+98*float64(row)/float64(max(len(rows)-1, 1))) },
		gap:   func(int) bool { return false }})
	v.Chart.Height += 18
	for i, word := range []string{first, last} {
		v.Chart.Ticks = append(v.Chart.Ticks, chartWord{X: percent(mirrored(c, float64(100*i))), Y: v.Chart.Plot + 20 + 18*i, // under each other: both are long
			Anchor: []string{"start", "end"}[i], Text: word})
	}
	for i, row := range slices.Backward(rows) { // the latest is read first
		if !slices.ContainsFunc(row, func(n int) bool { return n != 0 }) {
			v.Zeros = true
			continue
		}
		entry := tableRow{Period: periods[i]}
		for _, n := range row {
			entry.Figures = append(entry.Figures, c.Number(n))
		}
		v.Table.Rows = append(v.Table.Rows, entry)
	}
	return v
}
