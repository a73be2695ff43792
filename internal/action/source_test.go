package action

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/mail"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/store/storetest"
)

// signBy signs with the tag of a link.
func (s *testSite) signBy(tag, email string, press int, want Outcome) {
	s.t.Helper()
	in := s.input("petition", "Ana", email)
	in.Source = tag
	must(s.t, s.SignPetition(s.t.Context(), in))
	s.work()
	token := tokenIn(s.t, s.box.mails[len(s.box.mails)-1], "/confirm/")
	for range press {
		s.confirm(token, want)
		want = Already
	}
}

func (s *testSite) sources() string {
	s.t.Helper()
	var words []string
	must(s.t, s.DB.View(s.t.Context(), func(tx *store.Tx) error {
		days, err := tx.SourceDays(s.action("petition").PID, "2000-01-01")
		for _, d := range days {
			words = append(words, fmt.Sprintf("%s %s %d/%d", d.Tag, d.Day, d.Confirmed, d.Pending))
		}
		return err
	}))
	return strings.Join(words, ", ")
}

// Who comes by a tag is counted when the mail goes out and when it is confirmed, once, and no row knows it.
func TestSourceIsCountedByDayAndStandsInNoRow(t *testing.T) {
	runModes(t, func(t *testing.T, s *testSite) {
		must(t, s.AddSource(t.Context(), moderator, "may-letter", "The letter of May"))
		s.signBy("may-letter", "ana@gmail.com", 2, Counted)
		s.signBy("may-letter", "bo@gmail.com", 0, "")
		s.signBy("", "cy@gmail.com", 1, Counted)
		s.clock.Move(24 * time.Hour)
		s.signBy("may-letter", "di@gmail.com", 1, Counted)
		if got := s.sources(); got != "may-letter 2026-11-22 1/2, may-letter 2026-11-23 1/1" {
			t.Errorf("counted %s", got)
		}
		s.tick()
		for _, row := range storetest.Signatures(t, s.DB) {
			o, err := s.openAnyRow(row)
			must(t, err)
			b, err := o.encode(false)
			must(t, err)
			if o.source != "" || bytes.Contains(b, []byte("may-letter")) || bytes.Contains(row.Sealed, []byte("may-letter")) {
				t.Error("a row says where its signer came from")
			}
		}
	})
}

func TestSourcesAreFewAndEachIsAddedOnce(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		for _, wrong := range [][2]string{{"", "x"}, {"May", "x"}, {"a b", "x"}, {"ünïcode", "x"}, {strings.Repeat("a", 25), "x"}, {"a", ""}, {"a", "\x00"}, {"a", strings.Repeat("x", 200)}} {
			wantKind(t, s.AddSource(t.Context(), moderator, wrong[0], wrong[1]), undersigned.Invalid, "error.form")
		}
		for i := range undersigned.MaxSources {
			must(t, s.AddSource(t.Context(), moderator, fmt.Sprint("tag-", i), "A note"))
		}
		wantKind(t, s.AddSource(t.Context(), moderator, "one-more", "A note"), undersigned.Invalid, "error.form")
		for _, want := range []bool{true, false} {
			if done, err := s.RemoveSource(t.Context(), moderator, "tag-0"); done != want || err != nil {
				t.Errorf("removed %v, %v", done, err)
			}
		}
		wantKind(t, s.AddSource(t.Context(), moderator, "tag-1", "A note"), undersigned.Invalid, "error.form")
		site, err := s.DB.Site(t.Context())
		must(t, err)
		if len(site.Sources) != undersigned.MaxSources-1 || site.Sources["tag-0"] || !site.Sources["tag-1"] {
			t.Errorf("%d are known", len(site.Sources))
		}
		if s.noted(undersigned.AuditSourceAdded) != undersigned.MaxSources || s.noted(undersigned.AuditSourceRemoved) != 1 {
			t.Error("the audit log has other lines")
		}
	})
}

func TestWhatBecomesOfMailsIsCountedByHour(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.request("petition", "Ana", "ana@gmail.com")
		for range mailsPerAction {
			must(t, s.SignPetition(t.Context(), s.input("petition", "Ana", "ana@gmail.com")))
			s.work()
		}
		s.box.wrong = func(int, *mail.Message) error { return &mail.Error{Step: "to", Code: 550, Permanent: true} }
		must(t, s.SignPetition(t.Context(), s.input("petition", "Bo", "bo@gmail.com")))
		s.work()
		s.clock.Move(time.Hour)
		s.box.wrong = func(int, *mail.Message) error { return &mail.Error{Step: "connect"} }
		must(t, s.SignPetition(t.Context(), s.input("petition", "Cy", "cy@gmail.com")))
		s.work()
		var words []string
		must(t, s.DB.View(t.Context(), func(tx *store.Tx) error {
			hours, err := tx.MailHours(0)
			for _, h := range hours {
				words = append(words, fmt.Sprintf("%d %s %d", h.Hour%24, h.Outcome, h.N))
			}
			return err
		}))
		if got := strings.Join(words, ", "); got != "12 limited 1, 12 refused 1, 12 sent 3, 13 postponed 1" {
			t.Errorf("counted %s", got)
		}
		s.clock.Move(keepMailHours)
		must(t, s.ForgetMailCounts(t.Context()))
		must(t, s.DB.View(t.Context(), func(tx *store.Tx) error {
			if hours, err := tx.MailHours(0); err != nil || len(hours) != 1 {
				t.Errorf("%d hours are left, %v", len(hours), err)
			}
			return nil
		}))
	})
}
