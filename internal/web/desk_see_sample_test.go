package web

import (
	"net/url"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/congress"
	"github.com/undersigned/undersigned/internal/store"
)

// sampleNumbers are those of a petition that has been open for a while.
func sampleNumbers() *action.Numbers {
	n := &action.Numbers{All: store.Hour{Pending: 1500, Confirmed: 1301, Held: 12}, Asked: 17, Waiting: 3, Held: 12,
		Hours: map[int64]store.Hour{}, Removed: map[string]int64{"bot": 25, "dup": 1},
		Sources: []undersigned.Source{{Tag: "may-letter", Note: "The letter of May", At: sampleNow}, {Tag: "poster", Note: "Posters in Boston", At: sampleNow}},
		ByTag:   map[string]store.Source{"may-letter": {Pending: 130, Confirmed: 127}, "old": {Pending: 9, Confirmed: 7}},
		Seats: &undersigned.SeatCounts{At: sampleNow, Seats: []undersigned.SeatCount{{Seat: "MA", AtLeast: 900}, {Seat: "MA-05", AtLeast: 320},
			{Seat: "MA-05", Split: true, AtLeast: 40}, {Seat: "MA-07", Split: true, AtLeast: 40}}}}
	n.Public = store.Count{Counted: 1234, AsOf: sampleNow}
	n.Tally = store.Tally{Counted: 1237, Withdrawn: 4, Erased: 2, Fraud: 26, Shredded: 1}
	for i := range int64(24 * 80) {
		n.Hours[sampleNow.Unix()/3600-i] = store.Hour{Pending: int(3 + i%17), Confirmed: int(2 + i%13), Held: int(i % 11 / 10)}
	}
	return n
}

func sampleHealth() *action.Health {
	h := &action.Health{MailPerHour: 500, MailSpent: 480, MailSlow: true, LogSize: 1300, Published: 1290, Checkpoint: sampleNow.Add(-time.Hour),
		Witnesses: "one says no", WitnessesAt: sampleNow, Purged: sampleNow.AddDate(0, 0, -3), Legislators: "2026-11-01",
		Space:    store.Space{Database: 812_345_678, Free: 900_000_000, Disk: 40_000_000_000},
		Queues:   []action.QueueHealth{{Name: "mail", N: action.Many, Due: sampleNow.Add(-time.Hour)}, {Name: "mail-later", N: 2, Due: sampleNow.Add(time.Hour)}, {Name: "letter"}},
		Congress: []congress.Source{{Name: "Legislators", Trouble: "offline", Since: sampleNow.AddDate(0, 0, -9), Fetched: sampleNow.AddDate(0, 0, -20)}, {Name: "Bills", Trouble: "offline", Since: sampleNow.AddDate(0, 0, -9)}}}
	for i := range int64(48) {
		at := sampleNow.Unix()/3600 - i
		h.Mails = append(h.Mails, store.MailHour{Hour: at, Outcome: action.MailSent, N: int(200 + 11*i%90)},
			store.MailHour{Hour: at, Outcome: action.MailPostponed, N: int(i % 7)}, store.MailHour{Hour: at, Outcome: action.MailRefused, N: int(i % 3)})
	}
	return h
}

// deskSeeStates are the pages of the desk on which staff see how things stand, and decide about signatures.
func deskSeeStates(at func(path string, user *undersigned.User) deskChrome, content *undersigned.Content, site *store.Site) []pageState {
	petition, letter := content.Action("equality"), content.Action("letter")
	path := "/admin/actions/detention/equality"
	sources := newSources(at("/admin/sources", sampleEditor).done("source_added", "source_added"), sampleNumbers().Sources)
	wrong := newSources(at("/admin/sources", sampleEditor), nil)
	problem := &undersigned.Error{Kind: undersigned.Invalid, Key: "error.form", Fields: []undersigned.FieldError{{Field: "tag", Key: "error.source.tag"}, {Field: "note", Key: "error.source.note"}}}
	wrong.Tag.failed(wrong.chrome, `"><script>`, problem)
	wrong.Note.failed(wrong.chrome, "", problem)
	unknown := newToday(at("/admin", sampleOwner))
	unknown.Unknown = true
	links := []action.WatchedLink{{URL: "https://a.example/", Link: undersigned.Link{State: undersigned.LinkBroken, CheckedAt: sampleNow}}, {URL: "https://b.example/"}}
	return append(deskModerateStates(at, content, site), []pageState{
		{"desk, today, something unknown", "desk/today", unknown},
		{"desk, asks", "desk/actions", newDeskActions(at("/admin/actions", sampleEditor), site, map[string]*action.Numbers{petition.PID: sampleNumbers()}, sampleNow)},
		{"desk, asks, none", "desk/actions", newDeskActions(at("/admin/actions", sampleEditor), &store.Site{}, nil, sampleNow)},
		{"desk, an ask", "desk/action", newDeskAction(at(path, sampleOwner), content, petition, sampleNumbers(), sampleNow)},
		{"desk, an ask, new", "desk/action", newDeskAction(at(path, sampleEditor), content, petition, &action.Numbers{}, sampleNow)},
		{"desk, a letter", "desk/action", newDeskAction(at("/admin/actions/detention/letter", sampleEditor), content, letter, nil, sampleNow)},
		{"desk, health", "desk/health", newHealth(at("/admin/health", sampleOwner), sampleHealth(), site, links, true, sampleNow)},
		{"desk, health, new", "desk/health", newHealth(at("/admin/health", sampleEditor), &action.Health{Queues: []action.QueueHealth{{Name: "mail"}}}, &store.Site{}, nil, false, sampleNow)},
		{"desk, sources", "desk/sources", sources},
		{"desk, sources, wrong", "desk/sources", wrong},
	}...)
}

func deskModerateStates(at func(path string, user *undersigned.User) deskChrome, content *undersigned.Content, site *store.Site) []pageState {
	a := content.Action("equality")
	path := moderatePath(a)
	var list []action.Decision
	for _, r := range []store.Review{{Verb: "void", Reason: "bot", Rule: "counted, one domain", N: 25, By: sampleEditor.ID}, {Verb: "release", Rule: "why=trap words", N: 1},
		{Verb: "restore", Rule: "0011223344556677", N: 25}, {Verb: "brake", Rule: "on"}, {Verb: "brake", Rule: "off"}, {Verb: "void", Reason: "dup", Rule: "all held", N: 3}} {
		r.At = sampleNow
		list = append(list, action.Decision{Review: r, Number: "0011223344556677", Action: a, Undo: r.Verb == "void"})
	}
	list[5].Action = nil
	decisions := func(path string) []decisionRow {
		return decisionRows(at(path, sampleEditor), site, list, []*undersigned.User{sampleEditor})
	}
	paused := *site
	paused.Paused = sampleNow
	badAddress := newModerate(at("/admin/moderate", sampleEditor), site, nil, nil)
	badAddress.Email.failed(badAddress.chrome, "a@b@c", &undersigned.Error{Kind: undersigned.Invalid, Fields: []undersigned.FieldError{{Field: "email", Key: "error.email.form"}}})
	groups := []action.HeldGroup{{Doubts: undersigned.DoubtTrap | undersigned.DoubtDomain, Domain: "spam.example", N: action.Grouped}, {Doubts: undersigned.DoubtWords, Domain: "#0a1b2c3d", N: 2}}
	ask := newModerateAsk(at(path, sampleEditor).done("brake_on", "brake_on"), content, a, sampleNow)
	ask.signed(content, groups, true, sampleNow, decisions(path))
	quiet := newModerateAsk(at(path, sampleEditor), content, a, sampleNow)
	quiet.signed(content, nil, false, time.Time{}, nil)
	sealedContent := *content
	sealedContent.Issue.SealTo = []string{"age1one", "age1two"}
	draft := *a
	draft.State = undersigned.ActionDraft
	hidden := newModerateAsk(at(path, sampleEditor), content, &draft, sampleNow)
	hidden.signed(content, groups, false, time.Time{}, nil)
	wrong := newModerateAsk(at(path, sampleEditor), content, a, sampleNow)
	wrong.signed(&sealedContent, groups[1:], false, sampleNow, nil)
	_, problem := readSelection(url.Values{"among": {"held"}, "why": {"nonsense"}, "domain": {"no domain"}, "name": {strings.Repeat("x", 500)}, "id": {"zz"}})
	wrong.failed(url.Values{"domain": {"no domain"}, "name": {"\xff"}}, problem)
	wrong.JudgeDomain.failed(wrong.chrome, "gmail.com", &undersigned.Error{Kind: undersigned.Invalid, Fields: []undersigned.FieldError{{Field: "domain", Key: "error.domain.provider"}}})
	stopped := *a
	stopped.Pause = undersigned.Pause{Since: sampleNow}
	person := undersigned.Person{GivenName: "Ana", FamilyName: "Gómez", Email: "ana@example.org", PostalCode: "02138", Country: "US", Comment: "<b>For</b> my brother."}
	shown := []action.Selected{{ID: "0a", State: undersigned.SignatureHeld, Doubts: undersigned.DoubtTrap, Person: person}, {ID: "0b", State: undersigned.SignatureCounted, Sealed: true},
		{ID: "0c", State: undersigned.SignatureWaiting, Person: person}, {ID: "0d", State: undersigned.SignatureInvalidated, Person: person}}
	sel := action.Selection{Why: undersigned.DoubtTrap, Domain: "spam.example", Name: "Ana", ID: undersigned.SignatureID{1}}
	whole := newLook(at(path+"/look", sampleEditor), content, a, sel, &action.Step{N: 40, Shown: shown})
	whole.Problem = whole.T("error.review.reason")
	form := url.Values{"among": {"counted"}, "domain": {"spam.example"}, "reason": {"bot"}}
	var found []action.FoundAt
	for _, one := range shown {
		found = append(found, action.FoundAt{Content: content, Action: a, Selected: one})
	}
	return []pageState{
		{"desk, signatures", "desk/moderate", newModerate(at("/admin/moderate", sampleEditor).done("restored", "restored"), site, []action.HeldAsk{{Content: content, Action: a, N: action.Many}}, decisions("/admin/moderate"))},
		{"desk, signatures, paused", "desk/moderate", newModerate(at("/admin/moderate", sampleEditor), &paused, nil, nil)},
		{"desk, signatures, wrong", "desk/moderate", badAddress},
		{"desk, signatures of an ask", "desk/moderate_ask", ask},
		{"desk, signatures of an ask, quiet", "desk/moderate_ask", quiet},
		{"desk, signatures of an ask, hidden", "desk/moderate_ask", hidden},
		{"desk, signatures of an ask, wrong", "desk/moderate_ask", wrong},
		{"desk, signatures of an ask, paused", "desk/moderate_ask", newModerateAsk(at(path, sampleOwner), content, &stopped, sampleNow)},
		{"desk, signatures of an ask, over", "desk/moderate_ask", newModerateAsk(at(path, sampleOwner), content, content.Action("oppose"), sampleNow)},
		{"desk, look", "desk/look", whole},
		{"desk, look, in the middle", "desk/look", newLook(at(path+"/look", sampleEditor), content, a, action.Selection{Counted: true, Name: "Ana"}, &action.Step{N: 1, Looked: 20_000, Of: 1_000_000, Shown: shown[1:2], Next: "token"})},
		{"desk, look, nobody", "desk/look", newLook(at(path+"/look", sampleEditor), content, a, action.Selection{}, &action.Step{})},
		{"desk, removed", "desk/decided", newDecided(at(path+"/remove", sampleEditor), content, a, form, "remove", &action.Step{N: 25, Decision: "0011223344556677"})},
		{"desk, removed, in the middle", "desk/decided", newDecided(at(path+"/remove", sampleEditor), content, a, form, "remove", &action.Step{N: 25, Looked: 20_000, Of: 40_000, Next: "token"})},
		{"desk, released, nothing", "desk/decided", newDecided(at(path+"/release", sampleEditor), content, a, form, "release", &action.Step{})},
		{"desk, found", "desk/found", newFound(at("/admin/moderate/find", sampleEditor), "ana@example.org", found)},
		{"desk, found, nothing", "desk/found", newFound(at("/admin/moderate/find", sampleEditor), "ana@example.org", nil)},
	}
}
