package action

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

func (s *testSite) set(values map[string]string) error {
	s.t.Helper()
	return s.ChangeSettings(s.t.Context(), anOwner.ID, SettingsForm{Values: values})
}

func TestSettingsAreKeptTogetherAndTheAuditLogTellsWhichChanged(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.Languages = []string{"en", "es", "pt"}
		revision, _, err := s.DB.Poll(t.Context())
		must(t, err)
		must(t, s.set(map[string]string{"name": "Shelter", "accent": "#7a1f2b", "notices": "canary@cause.example"}))
		must(t, s.set(map[string]string{"languages": "es,en", "name": "Shelter"}))
		after, _, err := s.DB.Poll(t.Context())
		must(t, err)
		if after != revision+2 {
			t.Errorf("%d revisions", after-revision)
		}
		got, err := s.Settings(t.Context())
		must(t, err)
		if got.Name != "Shelter" || got.Accent != "#7a1f2b" || got.Notices != "canary@cause.example" || !slices.Equal(got.Languages, []string{"es", "en"}) {
			t.Errorf("%+v", got)
		}
		var raw *undersigned.Settings
		must(t, s.DB.View(t.Context(), func(tx *store.Tx) (err error) { raw, err = tx.Settings(); return err }))
		if raw.Notices != "" || strings.Contains(string(raw.Sealed), "canary") {
			t.Error("an address stands there in the open")
		}
		must(t, s.set(map[string]string{"name": "Shelter"})) // nothing to do
		must(t, s.set(map[string]string{"notices": ""}))
		var told []string
		for _, e := range s.auditLines() {
			told = append(told, e.Subject+"="+e.Detail)
			if e.Verb != undersigned.AuditSettingChanged || e.By != anOwner.ID {
				t.Errorf("the log says %+v", e)
			}
		}
		slices.Sort(told)
		if got := strings.Join(told, " "); got != "accent=#7a1f2b languages=es,en name=Shelter notices= notices=" {
			t.Errorf("the log says %s", got)
		}
		err = s.set(map[string]string{"accent": "#ffff00", "languages": "xx", "name": "Never"})
		wantKind(t, err, undersigned.Invalid, "error.form")
		wantKind(t, s.set(map[string]string{"nonsense": "x"}), undersigned.NotFound, "error.setting")
		if got, err = s.Settings(t.Context()); err != nil || got.Name != "Shelter" {
			t.Errorf("half of it was kept: %+v, %v", got, err)
		}
	})
}

func TestTwoWhoSetAtOnceLoseNothing(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		var both sync.WaitGroup
		for _, values := range []map[string]string{{"name": "Shelter"}, {"accent": "#7a1f2b"}, {"geocoder": "on"}, {"guide": "left"}} {
			both.Go(func() {
				if err := s.set(values); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		got, err := s.Settings(t.Context())
		must(t, err)
		if got.Name == "" || got.Accent == "" || got.Geocoder != "on" || !got.GuideLeft {
			t.Errorf("%+v", got)
		}
	})
}

// Of an offer that is left alone hears whoever was named to the program, or else in the settings, or else every owner.
func TestNoticesGoToWhoIsNamedOrToEveryOwner(t *testing.T) {
	runOffers(t, func(t *testing.T, s *testSite) {
		for _, email := range []string{"ana@staff.example", "bo@staff.example"} {
			_, err := s.AddUser(t.Context(), undersigned.UserID{}, undersigned.UserForm{Email: email, Role: "owner", Language: "en"}, true)
			must(t, err)
		}
		_, err := s.AddUser(t.Context(), undersigned.UserID{}, undersigned.UserForm{Email: "cy@staff.example", Role: "editor", Language: "en"}, true)
		must(t, err)
		for i, test := range []struct {
			flag, setting string
			want          []string
		}{
			{"", "", []string{"ana@staff.example", "bo@staff.example"}},
			{"", "office@cause.example", []string{"office@cause.example"}},
			{owner, "office@cause.example", []string{owner}},
		} {
			s.Owner = test.flag
			must(t, s.set(map[string]string{"notices": test.setting}))
			s.offers(string(rune('a'+i)) + "@mail.example")
			s.clock.Move(8 * 24 * time.Hour)
			must(t, s.RemindOfOffers(t.Context()))
			s.clock.Move(7 * 24 * time.Hour)
			s.work()
			before := len(s.box.mails)
			must(t, s.RemindOfOffers(t.Context()))
			s.work()
			var to []string
			for _, m := range s.box.mails[before:] {
				to = append(to, m.To)
				if _, err := s.Desk(t.Context(), tokenIn(t, m, "/offers/")); err != nil {
					t.Errorf("%s cannot open it: %v", m.To, err)
				}
			}
			if slices.Sort(to); !slices.Equal(to, test.want) {
				t.Errorf("%+v: %v are told", test, to)
			}
			if test.setting == "" { // whoever is not notified any more has no business with it
				m := s.box.mails[before]
				must(t, s.set(map[string]string{"notices": "office@cause.example"}))
				_, err := s.Desk(t.Context(), tokenIn(t, m, "/offers/"))
				wantKind(t, err, undersigned.Gone, "error.link_dead")
			}
		}
	})
}
