package undersigned

import (
	"testing"
	"time"
)

func TestFiguresAreFreshUntilTheEndOfADay(t *testing.T) {
	f := Fact{AsOf: "2026-03-01", FreshFor: 7} // clocks change on March 8
	want := time.Date(2026, time.March, 9, 0, 0, 0, 0, Eastern)
	if got := f.FreshUntil(Eastern); !got.Equal(want) {
		t.Errorf("fresh until %s, want %s", got, want)
	}
}

func TestFigureTellsItsNumberAndItsDigits(t *testing.T) {
	for _, test := range []struct {
		figure Figure
		value  float64
		places int
		known  bool
	}{{"1234", 1234, 0, true}, {"-0.50", -.5, 2, true}, {"", 0, 0, false}, {"NaN", 0, 0, false}, {"1e999", 0, 0, false}} {
		value, known := test.figure.Value()
		if known != test.known || known && value != test.value || test.figure.Places() != test.places {
			t.Errorf("%q: %v, %t, %d places", test.figure, value, known, test.figure.Places())
		}
	}
}

func TestExtremesPassOverWhatIsNotKnown(t *testing.T) {
	f := Fact{Rows: []FactRow{{"2019", []Figure{"", "5"}}, {"2020", []Figure{"9", "5"}}, {"2021", []Figure{"7", "4"}}, {"2022", []Figure{"", "6"}}}}
	for series, want := range [][3]int{{2, 1, 2}, {2, 3, 3}} {
		if low, high, last, ok := f.Extremes(series); !ok || [3]int{low, high, last} != want {
			t.Errorf("series %d: %d, %d, %d, %t; want %v", series, low, high, last, ok, want)
		}
	}
	f.Rows = f.Rows[:1]
	if _, _, _, ok := f.Extremes(0); ok {
		t.Error("a series of nothing has a highest figure")
	}
}
