package action

import (
	"testing"
	"time"

	"github.com/undersigned/undersigned"
)

func TestShorterTimeSaysWhatItErasesAndThenErasesThat(t *testing.T) {
	runOffers(t, func(t *testing.T, s *testSite) {
		s.offers("ana@mail.example")
		s.clock.Move(100 * 24 * time.Hour)
		s.offers("bo@mail.example")
		shorter := map[string]string{undersigned.SettingKeepOffers: "60"}
		list, err := s.Retentions(t.Context(), shorter)
		must(t, err)
		if r := list[0]; r.Name != undersigned.SettingKeepOffers || r.Days != 365 || r.Wanted != 60 || r.Promised != 365 || r.Erases != 1 {
			t.Errorf("said before: %+v", r)
		}
		if n := len(s.submissions()); n != 2 || list[1].Erases+list[2].Erases != 0 {
			t.Errorf("asking what would be erased leaves %d: %+v", n, list)
		}
		if _, err := s.Retentions(t.Context(), map[string]string{undersigned.SettingKeepOffers: "366"}); undersigned.KindOf(err) != undersigned.Invalid {
			t.Errorf("longer than was promised: %v", err)
		}
		if err := s.ChangeSettings(t.Context(), undersigned.UserID{}, SettingsForm{Values: map[string]string{undersigned.SettingKeepAudit: "1"}}); undersigned.KindOf(err) != undersigned.Invalid {
			t.Errorf("the log of what staff did is forgotten after a day: %v", err)
		}
		must(t, s.ChangeSettings(t.Context(), undersigned.UserID{}, SettingsForm{Values: shorter}))
		_, err = s.Purge(t.Context())
		must(t, err)
		if n := len(s.submissions()); n != 1 {
			t.Errorf("a purge leaves %d", n)
		}
		if list, err = s.Retentions(t.Context(), map[string]string{undersigned.SettingKeepOffers: ""}); err != nil || list[0].Days != 60 || list[0].Wanted != 365 || list[0].Erases != 0 {
			t.Errorf("back to what was promised: %+v, %v", list, err)
		}
	})
}

func TestLogOfStaffIsForgottenSoonerWhereOwnersWishIt(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		must(t, s.ChangeSettings(t.Context(), undersigned.UserID{}, SettingsForm{Values: map[string]string{undersigned.SettingName: "Un techo"}}))
		s.clock.Move(100 * 24 * time.Hour)
		values := map[string]string{undersigned.SettingKeepAudit: "90"}
		list, err := s.Retentions(t.Context(), values)
		must(t, err)
		erases := list[2].Erases
		must(t, s.ChangeSettings(t.Context(), undersigned.UserID{}, SettingsForm{Values: values}))
		erased, err := s.Purge(t.Context())
		must(t, err)
		for _, k := range erased {
			if k.What == "lines of the log of what staff did" && k.N == erases && erases > 0 {
				return
			}
		}
		t.Errorf("%d were said, and this was erased: %+v", erases, erased)
	})
}
