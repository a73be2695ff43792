package web

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/undersigned/undersigned"
)

func TestRetentionIsShownWithWhatWasPromisedAndShortenedAfterALookAtWhatItErases(t *testing.T) {
	s := newSite(t)
	c := s.hire(undersigned.RoleOwner, "ana@staff.example")
	wantWords(t, c.get(keptSettingsPath), "People were promised 365 at the most", "Equality under the law", "90 days", "#f-keep_days")
	form := url.Values{"keep-offers": {"180"}, "keep-offers-over": {"90"}, "keep-audit": {"365"}}
	look := c.post(keptSettingsPath, form)
	wantStatus(t, look, http.StatusOK)
	wantWords(t, look, "365 days → 180 days", "Nothing that is there is erased for it", `name="keep-offers" value="180"`)
	kept := func() string {
		settings, err := s.actions.Settings(t.Context())
		s.must(err)
		return settings.Get(undersigned.SettingKeepOffers)
	}
	if kept() != "" {
		t.Error("a look changes it")
	}
	form.Set("sure", "1")
	for range 2 { // pressed twice
		wantStatus(t, c.post(keptSettingsPath, form), http.StatusSeeOther)
	}
	if kept() != "180" {
		t.Errorf("it is %s", kept())
	}
	wantWords(t, c.get("/admin/audit?verb=setting_changed"), "keep-offers", "180")
	for _, value := range []string{"366", "0", "-1", "", "many", "\xff\x00", "9999999999999999999999"} {
		form.Set("keep-offers-over", value)
		w := c.post(keptSettingsPath, form)
		if value == "" {
			wantStatus(t, w, http.StatusSeeOther)
			continue
		}
		if w.Code != http.StatusUnprocessableEntity && w.Code != http.StatusBadRequest {
			t.Errorf("%q: %d", value, w.Code)
		}
	}
	s.pass(undersigned.SessionProof)
	wantStatus(t, c.post(keptSettingsPath, form), http.StatusForbidden)
}
