package action

import (
	"database/sql"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/pack"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/store/storetest"
)

var dwnID = undersigned.NounID{Issue: "cause", Kind: undersigned.OrganizationNoun, Slug: "dwn"}

func (s *testSite) withOrganization() {
	c := testContent()
	c.Organizations = []undersigned.Organization{{Slug: "dwn", Name: "Detention Watch Network", URL: "https://dwn.example/", AsOf: "2026-11-01",
		Texts: map[string]undersigned.OrganizationText{"en": {Body: "A coalition."}}}}
	s.load(c)
}

func (s *testSite) correction(fields pack.Fields, note string) CorrectionInput {
	return CorrectionInput{Organization: "dwn", Fields: fields, Note: note, Sender: "ana@dwn.example", FormToken: s.CorrectionToken("dwn"), Language: "en"}
}

// correct sends a correction and gives the token of the link that comes by mail.
func (s *testSite) correct(in CorrectionInput) string {
	s.t.Helper()
	before := len(s.box.mails)
	must(s.t, s.Correct(s.t.Context(), in))
	s.work()
	if len(s.box.mails) != before+1 {
		s.t.Fatalf("%d mails came", len(s.box.mails)-before)
	}
	return tokenIn(s.t, s.box.mails[before], "/confirm/correction/")
}

func (s *testSite) waitingCorrections() []*undersigned.Correction {
	s.t.Helper()
	list, err := s.Corrections(s.t.Context())
	must(s.t, err)
	return list
}

func TestCorrectionOfAnEntryReachesTheStaffByItsMailboxAndBecomesADraft(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.withOrganization()
		token := s.correct(s.correction(pack.Fields{"name": "Detention Watch Network", "phone": "1-800-555-0100", "slug": "other", "order": "7"}, "We have moved."))
		if list := s.waitingCorrections(); len(list) != 0 {
			t.Errorf("before its mailbox is proved: %+v", list)
		}
		storetest.Each(t, s.DB, "select id from correction", func(r *sql.Rows) error { // nor by its id, if staff knew it
			var id []byte
			if err := r.Scan(&id); err != nil {
				return err
			}
			_, err := s.Correction(t.Context(), undersigned.CorrectionID(id))
			wantKind(t, err, undersigned.NotFound, "error.not_found")
			_, err = s.AcceptCorrection(t.Context(), bea, undersigned.CorrectionID(id))
			wantKind(t, err, undersigned.NotFound, "error.not_found")
			return nil
		})
		found, err := s.OpenCorrection(t.Context(), token)
		must(t, err)
		if found.Done || found.Note != "We have moved." || len(found.Fields) != 1 || found.Fields["phone"] != "1-800-555-0100" {
			t.Errorf("%+v", found.Correction)
		}
		for range 2 { // pressing twice changes nothing
			if found, err = s.ConfirmCorrection(t.Context(), token); err != nil || !found.Done {
				t.Errorf("%+v, %v", found, err)
			}
		}
		list := s.waitingCorrections()
		if len(list) != 1 || list[0].Email != "ana@dwn.example" || list[0].Organization != "dwn" {
			t.Fatalf("%+v", list)
		}
		id, err := s.AcceptCorrection(t.Context(), bea, list[0].ID)
		must(t, err)
		e := s.edit(bea, dwnID)
		if id != dwnID || e.Fields["phone"] != "1-800-555-0100" || e.Fields["name"] != "Detention Watch Network" || len(s.waitingCorrections()) != 0 || s.audited(undersigned.AuditCorrectionAccepted) != 1 {
			t.Errorf("%v: %v", id, e.Fields)
		}
		_, err = s.AcceptCorrection(t.Context(), bea, list[0].ID)
		wantKind(t, err, undersigned.NotFound, "error.not_found")
		_, err = s.OpenCorrection(t.Context(), token)
		wantKind(t, err, undersigned.Gone, "error.link_dead")

		// A second one joins the draft that is there, and loses nothing of it.
		s.draft(s.edit(bea, dwnID, "short", "DWN"))
		_, err = s.ConfirmCorrection(t.Context(), s.correct(s.correction(pack.Fields{"email": "us@dwn.example"}, "")))
		must(t, err)
		_, err = s.AcceptCorrection(t.Context(), bea, s.waitingCorrections()[0].ID)
		must(t, err)
		if got := s.edit(bea, dwnID).Fields; got["short"] != "DWN" || got["phone"] != "1-800-555-0100" || got["email"] != "us@dwn.example" {
			t.Errorf("%v", got)
		}
	})
}

// What an editor is writing must not be lost to what an organisation says, nor the other way.
func TestCorrectionOfWhatADraftSaysOtherwiseShowsBoth(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.withOrganization()
		_, err := s.ConfirmCorrection(t.Context(), s.correct(s.correction(pack.Fields{"phone": "1-800-555-0100", "email": "us@dwn.example"}, "")))
		must(t, err)
		waiting := s.waitingCorrections()[0].ID
		s.draft(s.edit(bea, dwnID, "phone", "1-800-555-0199", "short", "DWN"))
		_, err = s.AcceptCorrection(t.Context(), ana, waiting)
		var clash *Clash
		if !errors.As(err, &clash) || !slices.Equal(clash.Groups, []string{"phone"}) || clash.By != bea || clash.Theirs["phone"] != "1-800-555-0199" ||
			clash.Merged["phone"] != "1-800-555-0100" || clash.Merged["short"] != "DWN" || clash.Merged["email"] != "us@dwn.example" {
			t.Fatalf("%v: %+v", err, clash)
		}
		if got := s.edit(bea, dwnID).Fields; got["phone"] != "1-800-555-0199" || got["email"] != "" || len(s.waitingCorrections()) != 1 {
			t.Errorf("something was done already: %v", got)
		}
		other := s.edit(ana, undersigned.NounID{Issue: "cause", Kind: undersigned.IssueNoun, Slug: "cause"})
		other.Correction = waiting
		_, err = s.SaveDraft(t.Context(), other)
		must(t, err)
		if len(s.waitingCorrections()) != 1 {
			t.Error("another noun's form took it")
		}
		_, err = s.SaveDraft(t.Context(), Edit{By: ana, ID: dwnID, Base: clash.Base, Fields: clash.TakeTheirs(clash.Merged, clash.Groups), Correction: waiting})
		must(t, err)
		if got := s.edit(bea, dwnID).Fields; got["phone"] != "1-800-555-0199" || got["short"] != "DWN" || got["email"] != "us@dwn.example" {
			t.Errorf("%v", got)
		}
		if len(s.waitingCorrections()) != 0 || s.audited(undersigned.AuditCorrectionAccepted) != 1 {
			t.Error("it still waits")
		}
	})
}

func TestCorrectionCanTakeOffWhatTheEntryHas(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		c := testContent()
		c.Organizations = []undersigned.Organization{{Slug: "dwn", Name: "DWN", URL: "https://dwn.example/", Phone: "1-800-555-0100", Address: "1 Some Street\nBoston, MA 02108", AsOf: "2026-11-01",
			Texts: map[string]undersigned.OrganizationText{"en": {Body: "A coalition."}}}}
		s.load(c)
		wantKind(t, s.Correct(t.Context(), s.correction(pack.Fields{"name": ""}, "")), undersigned.Invalid, "error.form; name: want.")
		_, err := s.ConfirmCorrection(t.Context(), s.correct(s.correction(pack.Fields{"phone": "", "email": "", "address": "1 Some Street\nBoston, MA 02108"}, "")))
		must(t, err)
		waiting := s.waitingCorrections()[0]
		if said, ok := waiting.Fields["phone"]; !ok || said != "" || len(waiting.Fields) != 1 {
			t.Errorf("waiting: %q", waiting.Fields)
		}
		_, err = s.AcceptCorrection(t.Context(), bea, waiting.ID)
		must(t, err)
		if got := s.edit(bea, dwnID).Fields; got["phone"] != "" || got["url"] != "https://dwn.example/" {
			t.Errorf("%v", got)
		}
	})
}

// Of an entry that two issues have, the directory shows what was true last.
func TestCorrectionIsAboutTheEntryThatTheDirectoryShows(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.withOrganization()
		c := testContent()
		c.Issue.Slug, c.Actions, c.Facts, c.Resources = "second", nil, nil, nil
		c.Organizations = []undersigned.Organization{{Slug: "dwn", Name: "DWN of today", URL: "https://dwn.example/", AsOf: "2026-11-20",
			Texts: map[string]undersigned.OrganizationText{"en": {Body: "A coalition."}}}}
		s.load(c)
		_, err := s.ConfirmCorrection(t.Context(), s.correct(s.correction(pack.Fields{"name": "DWN of today", "phone": "1-800-555-0100"}, "")))
		must(t, err)
		if one := s.waitingCorrections()[0]; one.Issue != "second" || len(one.Fields) != 1 {
			t.Errorf("in %s: %q", one.Issue, one.Fields)
		}
	})
}

func TestCorrectionIsCheckedAsTheEntryIs(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.withOrganization()
		for key, in := range map[string]CorrectionInput{
			"error.form; url: want.url":                 s.correction(pack.Fields{"url": "javascript:alert(1)"}, ""),
			"error.form; body: want.link":               s.correction(pack.Fields{"body": "[x](data:text/html,x)"}, ""),
			"error.form; phone: want.phone":             s.correction(pack.Fields{"phone": "call us"}, "note"),
			"error.form; note: error.correction.nothin": s.correction(pack.Fields{"name": "Detention Watch Network"}, " "),
			"error.form; note: error.text.long":         s.correction(nil, strings.Repeat("x", 1<<20)),
		} {
			wantKind(t, s.Correct(t.Context(), in), undersigned.Invalid, key)
		}
		old := s.correction(nil, "note")
		s.clock.Move(50 * time.Hour)
		wantKind(t, s.Correct(t.Context(), old), undersigned.Invalid, "error.form_token")
		in := s.correction(nil, "note")
		in.Organization = "nobody"
		wantKind(t, s.Correct(t.Context(), in), undersigned.NotFound, "error.not_found")
		if s.work() != 0 {
			t.Error("a mail was promised")
		}
	})
}

func TestCorrectionIsForgottenWhenItIsDeclinedOrNobodyDecides(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.withOrganization()
		unconfirmed := s.correct(s.correction(nil, "Never pressed."))
		_, err := s.ConfirmCorrection(t.Context(), s.correct(s.correction(nil, "Decline me.")))
		must(t, err)
		must(t, s.DeclineCorrection(t.Context(), bea, s.waitingCorrections()[0].ID))
		wantKind(t, s.DeclineCorrection(t.Context(), bea, undersigned.CorrectionID{1}), undersigned.NotFound, "error.not_found")
		_, err = s.ConfirmCorrection(t.Context(), s.correct(s.correction(nil, "Wait for ever.")))
		must(t, err)
		rows := func() (n int64) {
			must(t, s.DB.View(t.Context(), func(tx *store.Tx) error {
				sealed, err := tx.SealedRows()
				n = sealed.Waiting + sealed.Corrections
				return err
			}))
			return n
		}
		if rows() != 2 {
			t.Errorf("%d rows, want what waits for its mailbox and what waits for a person", rows())
		}
		s.clock.Move(seal.PendingLife + 48*time.Hour)
		_, err = s.Purge(t.Context())
		must(t, err)
		_, err = s.OpenCorrection(t.Context(), unconfirmed)
		wantKind(t, err, undersigned.Gone, "error.link_dead")
		if rows() != 1 || len(s.waitingCorrections()) != 1 {
			t.Errorf("%d rows", rows())
		}
		s.clock.Move(seal.LettersLife + 40*24*time.Hour)
		_, err = s.Purge(t.Context())
		must(t, err)
		if rows() != 0 || len(s.waitingCorrections()) != 0 {
			t.Errorf("%d rows are left", rows())
		}
	})
}
