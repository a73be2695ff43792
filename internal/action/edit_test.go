package action

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/pack"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/store/storetest"
)

var (
	ana, bea   = undersigned.UserID{1}, undersigned.UserID{2}
	petitionID = undersigned.NounID{Issue: "cause", Kind: undersigned.ActionNoun, Slug: "petition"}
	issueID    = undersigned.NounID{Issue: "cause", Kind: undersigned.IssueNoun, Slug: "cause"}
)

func askID(slug string) undersigned.NounID {
	return undersigned.NounID{Issue: "cause", Kind: undersigned.ActionNoun, Slug: slug}
}

// edit opens a noun and gives the form as it would be sent back, with other things typed.
func (s *testSite) edit(by undersigned.UserID, id undersigned.NounID, typed ...string) Edit {
	s.t.Helper()
	var e *Editing
	must(s.t, s.DB.View(s.t.Context(), func(tx *store.Tx) (err error) { e, err = OpenEditing(tx, id); return err }))
	return Edit{By: by, ID: id, Base: e.Base, Fields: with(e.Fields, typed...)}
}

func with(fields pack.Fields, typed ...string) pack.Fields {
	fields = maps.Clone(fields)
	for i := 0; i < len(typed); i += 2 {
		fields[typed[i]] = typed[i+1]
	}
	return fields.Tidy(func(string) bool { return true })
}

// draft saves a form, and gives what publishing it begins from.
func (s *testSite) draft(e Edit) Publishing {
	s.t.Helper()
	base, err := s.SaveDraft(s.t.Context(), e)
	must(s.t, err)
	return Publishing{By: e.By, ID: e.ID, Base: base}
}

// publish writes and publishes in one go, whatever the lists warn of.
func (s *testSite) publishEdit(e Edit) {
	s.t.Helper()
	p := s.draft(e)
	p.Despite, p.Newer = true, true
	_, err := s.Publish(s.t.Context(), p)
	must(s.t, err)
}

// audited counts the lines of the audit log.
func (s *testSite) audited(verb undersigned.AuditVerb) (n int) {
	s.t.Helper()
	must(s.t, s.DB.View(s.t.Context(), func(tx *store.Tx) error {
		list, err := tx.Audit(store.AuditFilter{Verb: verb}, 100)
		n = len(list)
		return err
	}))
	return n
}

func (s *testSite) versions(id undersigned.NounID) (list []undersigned.Version) {
	s.t.Helper()
	must(s.t, s.DB.View(s.t.Context(), func(tx *store.Tx) (err error) { list, err = tx.Versions(id); return err }))
	return list
}

func TestDraftIsShownToNobodyUntilItIsPublished(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		p := s.draft(s.edit(ana, askID("elsewhere"), "title", "Sign there today", "es:title", "Firma allí", "es:ask", "Lo pedimos."))
		if got := s.action("elsewhere").Texts["en"].Title; got != "Sign there" {
			t.Errorf("the site says %q", got)
		}
		_, err := s.Publish(t.Context(), p)
		must(t, err)
		a := s.action("elsewhere")
		if a.Texts["en"].Title != "Sign there today" || a.Texts["es"].Title != "Firma allí" || a.URL != "https://other.example/ask" {
			t.Errorf("%+v", a)
		}
		versions := s.versions(askID("elsewhere"))
		if len(versions) != 2 || versions[0].By != ana || versions[0].How != undersigned.ChangeEdit || versions[1].How != undersigned.ChangeImport || s.audited(undersigned.AuditPublished) != 1 {
			t.Errorf("%+v", versions)
		}
		// The draft is gone, and pressing again finds none.
		_, err = s.Publish(t.Context(), p)
		wantKind(t, err, undersigned.NotFound, "error.not_found")
	})
}

func TestUnfinishedDraftIsKeptAndRefusedWithItsFields(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		e := s.edit(ana, petitionID, "title", "", "closes", "31 February", "body", "[x](javascript:alert(1))")
		p := s.draft(e)
		_, err := s.Publish(t.Context(), p)
		var wrong *undersigned.Error
		if !errors.As(err, &wrong) || len(wrong.Fields) != 3 {
			t.Fatalf("got %v", err)
		}
		again := s.edit(ana, petitionID)
		if !maps.Equal(again.Fields, e.Fields) || again.Base != p.Base {
			t.Errorf("kept %v, typed %v", again.Fields, e.Fields)
		}
		if s.action("petition").Texts["en"].Body != "Because." {
			t.Error("it is on the site")
		}
	})
}

func TestSecondOfTwoEditorsIsShownBothTextsAndLosesNothing(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		anas, beas := s.edit(ana, petitionID, "body", "Ana's reasons."), s.edit(bea, petitionID, "es:title", "Cierren los centros", "es:ask", "Lo pedimos.")
		first := s.draft(anas)
		// Another language, at the same time: both are kept.
		second := s.draft(beas)
		if got := s.edit(bea, petitionID).Fields; got["body"] != "Ana's reasons." || got["es:title"] != "Cierren los centros" {
			t.Fatalf("%v", got)
		}
		// The same field: the second is told.
		_, err := s.SaveDraft(t.Context(), Edit{By: ana, ID: petitionID, Base: first.Base, Fields: with(anas.Fields, "es:title", "Cierren todos")})
		var clash *Clash
		if !errors.As(err, &clash) || !slices.Equal(clash.Groups, []string{"es:title"}) || clash.Theirs["es:title"] != "Cierren los centros" ||
			clash.Merged["es:title"] != "Cierren todos" || clash.Merged["es:ask"] != "Lo pedimos." || clash.By != bea || clash.Base != second.Base {
			t.Fatalf("%+v, %v", clash, err)
		}
		if got := s.edit(ana, petitionID).Fields["es:title"]; got != "Cierren los centros" {
			t.Errorf("saved all the same: %q", got)
		}
		// Having seen both, either can be chosen.
		theirs := clash.TakeTheirs(clash.Merged, []string{"es:title"})
		if theirs["es:title"] != "Cierren los centros" || theirs["body"] != "Ana's reasons." {
			t.Errorf("%v", theirs)
		}
		s.draft(Edit{By: ana, ID: petitionID, Base: clash.Base, Fields: clash.Merged})
		if got := s.edit(ana, petitionID).Fields["es:title"]; got != "Cierren todos" {
			t.Errorf("chosen, and not saved: %q", got)
		}
	})
}

func TestFormThatWasOpenWhileADraftWasPublishedOverwritesNothing(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.draft(s.edit(ana, petitionID, "goal", "50"))
		beas := s.edit(bea, petitionID, "goal", "70")
		s.publishEdit(s.edit(ana, petitionID, "ask", "We ask for all of it."))
		_, err := s.SaveDraft(t.Context(), beas)
		var clash *Clash
		if !errors.As(err, &clash) || !slices.Contains(clash.Groups, "ask") || !slices.Contains(clash.Groups, "goal") {
			t.Fatalf("%+v, %v", clash, err)
		}
		// A draft that was begun anew is another one, although nothing is on the site but what was.
		must(t, s.DiscardDraft(t.Context(), ana, petitionID, s.draft(s.edit(ana, petitionID, "goal", "1")).Base))
		old := s.edit(bea, petitionID, "goal", "2")
		s.draft(s.edit(ana, petitionID, "goal", "3"))
		if _, err := s.SaveDraft(t.Context(), old); !errors.As(err, &clash) {
			t.Errorf("got %v", err)
		}
	})
}

func TestDraftBegunBeforeAnImportIsBroughtTogetherWithIt(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		p := s.draft(s.edit(ana, petitionID, "body", "Ana's reasons."))
		c := testContent()
		c.Actions[0].Goal = 500
		s.load(c)
		p.Newer = true
		_, err := s.Publish(t.Context(), p)
		must(t, err)
		if a := s.action("petition"); a.Goal != 500 || a.Texts["en"].Body != "Ana's reasons." {
			t.Errorf("%+v", a)
		}
		p = s.draft(s.edit(ana, petitionID, "goal", "600"))
		c.Actions[0].Goal = 700
		s.load(c)
		var clash *Clash
		if _, err = s.Publish(t.Context(), p); !errors.As(err, &clash) || !slices.Contains(clash.Groups, "goal") {
			t.Errorf("%v", err)
		}
	})
}

func TestNewTextOfASignedPetitionHasToBeMeant(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.sign("petition", "Ana", "ana@example.org")
		s.tick()
		version := s.action("petition").Version
		for _, typed := range [][]string{{"goal", "77"}, {"outcome", "Nothing yet."}} { // nobody's name is under these
			_, err := s.Publish(t.Context(), s.draft(s.edit(ana, petitionID, typed...)))
			must(t, err)
		}
		p := s.draft(s.edit(ana, petitionID, "body", "Because of more."))
		proof, err := s.Proof(t.Context(), petitionID, s.Now())
		must(t, err)
		if !proof.Newer || proof.Signed != 1 || proof.Faults != nil || len(proof.Opens) != 0 {
			t.Errorf("%+v", proof)
		}
		_, err = s.Publish(t.Context(), p)
		wantKind(t, err, undersigned.Invalid, "error.edit.newer")
		p.Newer = true
		done, err := s.Publish(t.Context(), p)
		must(t, err)
		if !slices.Equal(done.Newer, []string{"petition"}) || s.action("petition").Version != version+1 {
			t.Errorf("%+v", done)
		}
		kinds := s.tick().Kinds()
		if n := strings.Count(strings.Join(kinds, " "), "open"); n != 3 { // two petitions, and the new text
			t.Errorf("the log has %q", kinds)
		}
		s.counts("petition", 1)
	})
}

func TestAskOpensOnlyWhenItsListAllowsIt(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		fresh := Edit{By: ana, ID: askID("fresh"), New: true, Fields: with(pack.Fields{}, "kind", "petition", "state", "open", "title", "Fresh",
			"ask", "We ask.", "body", "Why.", "es:title", "Nueva", "es:ask", "Pedimos.", "es:body", "Por qué.", "closes", "2026-12-24")}
		p := s.draft(fresh)
		_, err := s.Publish(t.Context(), p) // no mail was ever accepted
		wantKind(t, err, undersigned.Invalid, "error.edit.unmet")
		p.Despite = true
		_, err = s.Publish(t.Context(), p)
		wantKind(t, err, undersigned.Invalid, "error.edit.unmet")
		s.request("pledge", "Bea", "bea@example.org")
		proof, err := s.Proof(t.Context(), askID("fresh"), s.Now())
		must(t, err)
		if len(proof.Opens) != 1 || proof.Worst() != undersigned.CheckMet {
			t.Fatalf("%+v", proof.Opens)
		}
		p.Despite = false
		done, err := s.Publish(t.Context(), p)
		must(t, err)
		if !slices.Equal(done.Opened, []string{"fresh"}) || !s.action("fresh").Decide(nil, s.Now()).Open() {
			t.Errorf("%+v", done)
		}
		s.sign("fresh", "Ana", "ana@example.org")
		s.tick()
		s.counts("fresh", 1)

		half := fresh
		half.ID, half.Fields = askID("half"), with(pack.Fields{}, "kind", "petition", "state", "open", "title", "Half", "ask", "We ask.", "closes", "2026-12-24")
		p = s.draft(half)
		_, err = s.Publish(t.Context(), p)
		wantKind(t, err, undersigned.Invalid, "error.edit.despite")
		p.Despite = true
		_, err = s.Publish(t.Context(), p)
		must(t, err)
		_, err = s.SaveDraft(t.Context(), half)
		wantKind(t, err, undersigned.Invalid, "error.form; slug: error.edit.taken")
	})
}

func TestNewIssueIsWrittenFromNothing(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		id := undersigned.NounID{Issue: "water", Kind: undersigned.IssueNoun, Slug: "water"}
		fields := with(pack.Fields{}, "slug", "water", "state", "draft", "languages", "en, es", "timezone", "America/New_York", "title", "Water", "summary", "For all.", "body", "It is life.")
		s.publishEdit(Edit{By: ana, ID: id, New: true, Fields: fields})
		ask := undersigned.NounID{Issue: "water", Kind: undersigned.ActionNoun, Slug: "sign"}
		// Its ask opens with it, and only if it may. What is missing shows before; nothing keeps the ask from waiting so.
		p := s.draft(Edit{By: ana, ID: ask, New: true, Fields: with(pack.Fields{}, "kind", "petition", "state", "open", "title", "T", "ask", "A")})
		proof, err := s.Proof(t.Context(), ask, s.Now())
		must(t, err)
		unmet := func(c undersigned.Check) bool { return c.State == undersigned.CheckUnmet }
		if len(proof.Opens) != 1 || !proof.Opens[0].Later || !slices.ContainsFunc(proof.Opens[0].Checks, unmet) || proof.Worst() != undersigned.CheckMet {
			t.Errorf("%+v", proof.Opens)
		}
		_, err = s.Publish(t.Context(), p)
		must(t, err)
		p = s.draft(s.edit(ana, id, "state", "open"))
		p.Despite = true
		_, err = s.Publish(t.Context(), p)
		wantKind(t, err, undersigned.Invalid, "error.edit.unmet")
		s.request("pledge", "Bea", "bea@example.org")
		done, err := s.Publish(t.Context(), p)
		must(t, err)
		if !slices.Equal(done.Opened, []string{"sign"}) {
			t.Errorf("%+v", done)
		}
		for slug, key := range map[string]string{"admin": "want.free_slug", "Water": "want.slug", "water": "error.edit.taken", "es": "want.free_slug"} {
			_, err := s.SaveDraft(t.Context(), Edit{By: ana, New: true, Fields: fields, ID: undersigned.NounID{Issue: slug, Kind: undersigned.IssueNoun, Slug: slug}})
			wantKind(t, err, undersigned.Invalid, "error.form; slug: "+key)
		}
		_, err = s.SaveDraft(t.Context(), Edit{By: ana, Fields: fields, ID: askID("nothing")})
		wantKind(t, err, undersigned.NotFound, "error.not_found")
		s.tick()
	})
}

func TestScheduledDraftIsPublishedOnceByWhicheverNodeIsFirst(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		s := newTestSite(t, db, clock)
		s.load(testContent())
		nodes := []*testSite{s, newNode(t, db, clock, s.Keys), newNode(t, db, clock, s.Keys)}
		ana := s.hire(undersigned.RoleEditor, "ana@staff.example").User.ID
		p := s.draft(s.edit(ana, petitionID, "goal", "900"))
		for _, at := range []time.Time{s.Now(), s.Now().AddDate(2, 0, 0)} {
			wantKind(t, s.Schedule(t.Context(), p, at), undersigned.Invalid, "error.form; at: error.edit.moment")
		}
		must(t, s.Schedule(t.Context(), p, s.Now().Add(time.Hour)))
		clock.Move(59 * time.Minute)
		must(t, s.PublishDue(t.Context()))
		if s.action("petition").Goal != 0 {
			t.Error("published before its time")
		}
		clock.Move(time.Minute)
		var all sync.WaitGroup
		for _, node := range nodes {
			all.Go(func() {
				if err := node.PublishDue(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		versions := s.versions(petitionID)
		if len(versions) != 2 || versions[0].How != undersigned.ChangeSchedule || versions[0].By != ana || s.audited(undersigned.AuditPublished) != 1 || s.action("petition").Goal != 900 {
			t.Errorf("%+v, %d in the audit log", versions, s.audited(undersigned.AuditPublished))
		}
	})
}

func TestScheduledDraftThatCannotBePublishedAnyMoreStaysOne(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		p := s.draft(s.edit(ana, petitionID, "successor", "elsewhere"))
		must(t, s.Schedule(t.Context(), p, s.Now().Add(time.Hour)))
		must(t, s.TakeOff(t.Context(), bea, askID("elsewhere"), 1, true))
		s.clock.Move(time.Hour)
		for range 2 {
			must(t, s.PublishDue(t.Context()))
		}
		var d *undersigned.Draft
		must(t, s.DB.View(t.Context(), func(tx *store.Tx) (err error) { d, err = tx.Draft(petitionID); return err }))
		if d == nil || !d.Missed || !d.PublishAt.IsZero() || s.audited(undersigned.AuditScheduleMissed) != 1 || s.action("petition").Successor != "" {
			t.Errorf("%+v, %d in the audit log", d, s.audited(undersigned.AuditScheduleMissed))
		}
		// Another text is another draft, and one that was scheduled can be taken back.
		p = s.draft(s.edit(ana, petitionID, "successor", "pledge"))
		must(t, s.Schedule(t.Context(), p, s.Now().Add(time.Hour)))
		must(t, s.Schedule(t.Context(), p, time.Time{}))
		s.clock.Move(2 * time.Hour)
		must(t, s.PublishDue(t.Context()))
		if s.action("petition").Successor != "" {
			t.Error("published although it was taken back")
		}
	})
}

func TestScheduledDraftOfSomebodyWhoMayNotWriteAnyMoreStaysOne(t *testing.T) {
	for name, leave := range map[string]func(*testSite, *undersigned.User) error{
		"removed": func(s *testSite, u *undersigned.User) error { return s.RemoveUser(s.t.Context(), ana, u.ID) },
		"demoted": func(s *testSite, u *undersigned.User) error {
			return s.GiveRole(s.t.Context(), ana, u.ID, undersigned.RoleCoordinator)
		},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, func(t *testing.T, s *testSite) {
				u := s.hire(undersigned.RoleEditor, "bo@staff.example").User
				p := s.draft(s.edit(u.ID, petitionID, "goal", "900"))
				must(t, s.Schedule(t.Context(), p, s.Now().Add(time.Hour)))
				must(t, leave(s, u))
				s.clock.Move(time.Hour)
				must(t, s.PublishDue(t.Context()))
				var d *undersigned.Draft
				must(t, s.DB.View(t.Context(), func(tx *store.Tx) (err error) { d, err = tx.Draft(petitionID); return err }))
				if d == nil || !d.Missed || s.action("petition").Goal != 0 || s.audited(undersigned.AuditScheduleMissed) != 1 {
					t.Errorf("%+v, goal %d", d, s.action("petition").Goal)
				}
			})
		})
	}
}

func TestVersionIsBroughtBackAsANewEdit(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		id := askID("elsewhere")
		s.publishEdit(s.edit(ana, id, "title", "Worse"))
		must(t, s.BringBack(t.Context(), bea, id, 1))
		must(t, s.BringBack(t.Context(), bea, id, 1)) // pressed twice
		wantKind(t, s.BringBack(t.Context(), ana, id, 1), undersigned.Invalid, "error.edit.draft_there")
		wantKind(t, s.BringBack(t.Context(), bea, id, 2), undersigned.Invalid, "error.edit.draft_there")
		e := s.edit(bea, id)
		if e.Fields["title"] != "Sign there" {
			t.Errorf("%v", e.Fields)
		}
		_, err := s.Publish(t.Context(), Publishing{By: bea, ID: id, Base: e.Base})
		must(t, err)
		if versions := s.versions(id); len(versions) != 3 || versions[0].By != bea || s.action("elsewhere").Texts["en"].Title != "Sign there" {
			t.Errorf("%+v", versions)
		}
		// Taken off the site, and brought back.
		must(t, s.TakeOff(t.Context(), ana, id, 3, false)) // nothing ends for good
		if _, _, err := s.find(t.Context(), "cause", "elsewhere"); undersigned.KindOf(err) != undersigned.NotFound {
			t.Errorf("%v", err)
		}
		must(t, s.BringBack(t.Context(), bea, id, 3))
		s.publishEdit(s.edit(bea, id))
		if versions := s.versions(id); len(versions) != 5 || s.action("elsewhere").URL != "https://other.example/ask" {
			t.Errorf("%+v", versions)
		}
		wantKind(t, s.BringBack(t.Context(), bea, id, 4), undersigned.NotFound, "error.not_found")
	})
}

func TestSignedPetitionIsClosedWhenItIsTakenOff(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		my := s.sign("petition", "Ana", "ana@example.org")
		wantKind(t, s.TakeOff(t.Context(), ana, petitionID, 7, true), undersigned.Invalid, "error.edit.changed")
		wantFieldError(t, s.TakeOff(t.Context(), ana, petitionID, 1, false), "ends", "error.edit.tick")
		must(t, s.TakeOff(t.Context(), ana, petitionID, 1, true))
		if d := s.action("petition").Decide(nil, s.Now()); d.Reason != undersigned.ReasonOrganizer {
			t.Errorf("%+v", d)
		}
		s.tick()
		s.mine(my)
		wantKind(t, s.TakeOff(t.Context(), ana, issueID, 1, true), undersigned.NotFound, "error.not_found")
		s.publishEdit(s.edit(ana, askID("elsewhere"), "successor", "pledge"))
		wantKind(t, s.TakeOff(t.Context(), ana, askID("pledge"), 1, true), undersigned.Invalid, "error.edit.misfit")
	})
}

func TestOrderOfThePageChangesWithoutTheTexts(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		must(t, s.Arrange(t.Context(), ana, "cause", undersigned.ActionNoun, []string{"elsewhere", "nothing", "pledge"}))
		site, err := s.DB.Site(t.Context())
		must(t, err)
		var order []string
		for _, a := range site.Issue("cause").Actions {
			order = append(order, a.Slug)
		}
		if !slices.Equal(order, []string{"elsewhere", "pledge", "petition"}) || s.action("petition").Version != 1 {
			t.Errorf("%q", order)
		}
		if versions := s.versions(petitionID); len(versions) != 2 || versions[0].How != undersigned.ChangeOrder {
			t.Errorf("%+v", versions)
		}
	})
}
