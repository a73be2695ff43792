package undersigned

import (
	"reflect"
	"testing"
)

func TestNothingIsKeptForLongerThanWasPromised(t *testing.T) {
	for _, name := range RetentionNames {
		s := &Settings{}
		promised, least, most := s.Retention(name)
		if promised != most || least >= most {
			t.Errorf("%s: %d days, from %d to %d", name, promised, least, most)
		}
		for value, want := range map[string]int{"": most, "99999999999999999999": 0, "366": 0, "0": 0, "-1": 0, "1e2": 0, "٣٠": 0, "90 ": 90} {
			before := &Settings{Keep: map[string]int{"another": 7}}
			after := *before
			err := after.Set(name, value, nil)
			if days, _, _ := after.Retention(name); want == 0 && err == nil || want != 0 && (err != nil || days != want) {
				t.Errorf("%s %q: %d days, %v", name, value, days, err)
			}
			if !reflect.DeepEqual(before.Keep, map[string]int{"another": 7}) {
				t.Errorf("%s %q changes the settings before", name, value)
			}
		}
		if err := s.Set(name, "90", nil); err != nil {
			t.Error(err)
		}
		if err := s.Set(name, "", nil); err != nil || s.Keep != nil {
			t.Errorf("%s, unset: %v, %v", name, s.Keep, err)
		}
		s.Keep = map[string]int{name: 100_000} // whatever wrote it
		if days, _, _ := s.Retention(name); days != most {
			t.Errorf("%s: %d days", name, days)
		}
	}
}
