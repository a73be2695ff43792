package action

import (
	"fmt"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

func TestBrakeGoesOnForManyAtOnceOfWhomMostAreDoubtful(t *testing.T) {
	const now = 1000
	week := func(each int, last ...store.Hour) map[int64]store.Hour {
		hours := map[int64]store.Hour{}
		for at := int64(now - 168); at < now-1; at++ {
			hours[at] = store.Hour{Confirmed: each}
		}
		for i, h := range last {
			hours[now-int64(i)] = h
		}
		return hours
	}
	for name, test := range map[string]struct {
		hours    map[int64]store.Hour
		on, want bool
	}{
		"a quiet hour":                    {week(20, store.Hour{Confirmed: 20}), false, false},
		"a crowd":                         {week(20, store.Hour{Confirmed: 5000, Strange: 900}), false, false},
		"many from little-known domains":  {week(20, store.Hour{Confirmed: 200, Strange: 101}), false, true},
		"a crowd, and many that are held": {week(20, store.Hour{Confirmed: 5000, Held: 3000, Strange: 900}), false, false},
		"beside many that are held":       {week(20, store.Hour{Confirmed: 500, Held: 300, Strange: 101}), false, true},
		"fewer than ten times as many":    {week(20, store.Hour{Confirmed: 199, Strange: 199}), false, false},
		"ten times nothing":               {week(0, store.Hour{Confirmed: 99, Strange: 99}), false, false},
		"a new ask":                       {map[int64]store.Hour{now: {Confirmed: 100, Strange: 60}}, false, true},
		"the hour after":                  {week(20, store.Hour{}, store.Hour{Confirmed: 300, Strange: 300}), true, true},
		"the hour after, without a brake": {week(20, store.Hour{}, store.Hour{Confirmed: 300, Strange: 300}), false, false},
		"two hours after":                 {week(20, store.Hour{Confirmed: 20}, store.Hour{Confirmed: 30}), true, false},
	} {
		if got := braking(test.hours, now, test.on); got != test.want {
			t.Errorf("%s: braking %v, want %v", name, got, test.want)
		}
	}
}

func TestBrakeHoldsLittleKnownDomainsCountsTheOthersAndLetsGo(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		a := s.action("petition")
		sign := func(name, email string, want Outcome) {
			t.Helper()
			s.confirm(s.requestAs("petition", name, email, asTyped), want)
		}
		watch := func() (store.Brake, bool) {
			t.Helper()
			must(t, s.WatchBrakes(t.Context()))
			_, _, err := s.DB.Poll(t.Context())
			must(t, err)
			site, err := s.DB.Site(t.Context())
			must(t, err)
			b, on := site.Brakes[a.PID]
			return b, on
		}
		if _, on := watch(); on {
			t.Error("a brake is on before anybody came")
		}
		must(t, s.DB.Update(t.Context(), store.Bulk, func(tx *store.Tx) error {
			tx.AddActionHour(a.PID, store.Hour{Confirmed: 500, Strange: 400})
			return nil
		}))
		if _, on := watch(); on {
			t.Error("a brake after a moment")
		}
		s.clock.Move(brakeAfter)
		if _, on := watch(); !on {
			t.Fatal("no brake after a surge")
		}
		sign("Bot", "x@one-of-hundreds.example", Held)
		sign("Ana", "ana@gmail.com", Counted)
		sign("Rui", "rui@college.edu", Counted)
		if b, on := watch(); !on || b.Waiting != 1 {
			t.Errorf("the page is told that %d wait", b.Waiting)
		}
		s.clock.Move(time.Hour)
		if _, on := watch(); !on {
			t.Error("it lets go within the next hour")
		}
		s.clock.Move(time.Hour)
		if _, on := watch(); on {
			t.Error("it does not let go")
		}
		sign("Bo", "bo@small.example", Counted)
		s.tick()
		s.counts("petition", 3)

		must(t, s.DB.Update(t.Context(), store.Bulk, func(tx *store.Tx) error {
			tx.AddActionHour(a.PID, store.Hour{Confirmed: 500, Strange: 400})
			return nil
		}))
		watch()
		s.clock.Move(brakeAfter)
		if _, on := watch(); !on {
			t.Error("no brake after another surge")
		}
		if done, err := s.SetBrake(t.Context(), moderator, a, false); !done || err != nil {
			t.Errorf("taken off: %v, %v", done, err)
		}
		if _, on := watch(); on {
			t.Error("it goes on again after staff took it off")
		}
		var told []string
		must(t, s.DB.View(t.Context(), func(tx *store.Tx) error {
			events, err := tx.Events("cause", tx.Now.Add(time.Hour), 100)
			for _, e := range events {
				if e.Kind == undersigned.AskBraked || e.Kind == undersigned.AskUnbraked {
					told = append(told, string(e.Kind))
				}
			}
			return err
		}))
		if fmt.Sprint(len(told)) != "4" {
			t.Errorf("the diary tells %v", told)
		}
	})
}
