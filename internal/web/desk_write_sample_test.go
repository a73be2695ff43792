package web

import (
	"net/url"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/pack"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/packs"
)

// writeStates are the pages on which content is written, with the starter issue.
func writeStates(t *testing.T, at func(path string, user *undersigned.User) deskChrome) (states []pageState) {
	t.Helper()
	content, err := pack.Read(packs.Starter)
	if err != nil {
		t.Fatal(err)
	}
	names := func(id undersigned.UserID) string { return "Ana Gómez" }
	draft := &undersigned.Draft{By: sampleEditor.ID, At: sampleNow, Save: 7, Base: 2}
	versions := []undersigned.Version{{Number: 2, By: sampleOwner.ID, At: sampleNow, How: undersigned.ChangeEdit}, {Number: 1, How: undersigned.ChangeThere}}
	kinds := map[string]bool{}
	var first pageState
	for id, noun := range content.Nouns() {
		name := string(id.Kind)
		if a, ok := noun.(*undersigned.Action); ok {
			name = string(a.Kind)
		}
		if kinds[name] {
			continue
		}
		kinds[name] = true
		e := &action.Editing{Content: content, Noun: noun, Draft: draft, Versions: versions, Base: action.Base{Version: 2, Save: 7}}
		form := &editing{id: id, content: content, fields: pack.Form(content, noun), previews: name == "petition"}
		state := pageState{"desk, write, " + name, "desk/edit", newEdit(at(nounPath(id), sampleEditor).done("saved", "saved"), form, e, e.Base, names)}
		if states = append(states, state); first.view == nil {
			first = state
		}
	}
	id := undersigned.NounID{Issue: content.Issue.Slug, Kind: undersigned.ActionNoun, Slug: content.Actions[0].Slug}
	e := &action.Editing{Content: content, Noun: content.Noun(id), Draft: draft, Versions: versions, Base: action.Base{Version: 2, Save: 7}, Fields: pack.Form(content, content.Noun(id))}
	mine := e.Fields.Tidy(func(string) bool { return true })
	mine["ask"], mine["body"], mine["es:title"], mine["closes"] = "We ask for something else.", "[x](javascript:alert(1))", "", "31 February"
	wrong := &editing{id: id, content: content, fields: mine, problem: draftFaults(content, id, mine, true)}
	clashing := newEdit(at(nounPath(id), sampleEditor), wrong, e, e.Base, names)
	clashing.Clash = newClash(clashing.chrome, wrong, &action.Clash{Merged: mine, Theirs: e.Fields, Groups: []string{"ask", "body", "es:title"}, At: sampleNow}, names)
	fresh := &editing{id: undersigned.NounID{Issue: id.Issue, Kind: undersigned.ActionNoun}, content: content, fields: pack.Fields{"kind": "volunteer", "state": "draft"},
		blank: map[string]int{"questions": 2}}
	issue := &editing{id: undersigned.NounID{Kind: undersigned.IssueNoun}, fields: pack.Fields{"languages": "en, es"}, problem: wrongSlug}

	correction := correctionOfFirst(content)
	entry := &action.Editing{Content: content, Noun: content.Noun(correction.Noun()), Draft: draft, Versions: versions, Fields: pack.Form(content, content.Noun(correction.Noun()))}
	taken := &editing{id: correction.Noun(), content: content, fields: entry.Fields, correction: "01"}
	accepting := newEdit(at("/admin/corrections/01", sampleEditor), taken, entry, entry.Base, names)
	accepting.Clash = newClash(accepting.chrome, taken, &action.Clash{Merged: correction.Fields, Theirs: entry.Fields, Groups: []string{"body", "phone"}, At: sampleNow}, names)

	open := *content.Action(id.Slug)
	open.Kind, open.Bill = undersigned.Petition, undersigned.BillID{Congress: 112, Type: "hr", Number: 1932}
	opening := action.Opening{Action: &open, Checks: []undersigned.Check{{Name: undersigned.CheckBill, State: undersigned.CheckUnmet, Field: "bill.id"},
		{Name: undersigned.CheckLanguages, State: undersigned.CheckWarn, Field: "es:title", Languages: []string{"es"}}, {Name: undersigned.CheckMail, State: undersigned.CheckUnmet},
		{Name: undersigned.CheckCloses, State: undersigned.CheckMet}, {Name: undersigned.CheckIssue, State: undersigned.CheckWarn}}}
	planned := *draft
	planned.PublishAt, planned.PublishBy = sampleNow.Add(time.Hour), sampleOwner.ID
	publish := func(p *action.Proof) publishView {
		p.Editing, p.Before = e, e.Fields
		if p.Fields == nil {
			p.Fields = mine
		}
		if p.Draft = draft; p.Newer {
			p.Draft = &planned
		}
		return newPublish(at(nounPath(id)+"/publish", sampleEditor), id, p, names, sampleNow)
	}
	warned := publish(&action.Proof{With: content, Opens: []action.Opening{{Action: &open, Checks: opening.Checks[1:2]}}, Newer: true, Signed: 1234})
	ending := publish(&action.Proof{With: content, Ends: []action.Ending{{Action: &open, Over: true, Days: 90, Signed: 1234},
		{Action: &open, Sooner: true, Days: 24, Signed: 1, Day: "2027-01-15"}}})
	ending.failed(id.Kind, nil, &undersigned.Error{Kind: undersigned.Invalid, Key: "error.edit.ends", Fields: []undersigned.FieldError{{Field: "ends", Key: "error.edit.tick"},
		{Field: "keep_days", Key: "error.edit.keep_warned", Args: []any{"days", 24}}}})
	warned.failed(id.Kind, nil, &undersigned.Error{Kind: undersigned.Invalid, Key: "error.edit.despite", Fields: []undersigned.FieldError{{Field: "despite", Key: "error.edit.tick"},
		{Field: "newer", Key: "error.edit.tick"}, {Field: "at", Key: "error.edit.moment"}}})
	versionsWrong := newVersions(at(nounPath(id)+"/versions", sampleEditor), id, e, names)
	versionsWrong.failed(&undersigned.Error{Kind: undersigned.Invalid, Key: "error.edit.misfit", Fields: []undersigned.FieldError{{Field: "actions/a.md", Key: "want.other_action"}}})
	over := []action.Ending{{Action: &open, Over: true, Days: 90, Signed: 1234}}
	versionsEnd := newVersions(at(nounPath(id)+"/versions", sampleEditor), id, e, names)
	versionsEnd.endsView = newEnds(versionsEnd.deskChrome, over, content.Issue.Languages)
	versionsEnd.failed(action.ErrEnds)
	version, _ := newVersionPage(at(nounPath(id)+"/versions/1", sampleEditor), id, e, names, 1, 2, [2]pack.Fields{e.Fields, mine})
	off := &action.Editing{Content: content, Versions: append([]undersigned.Version{{Number: 3, At: sampleNow, How: undersigned.ChangeRemove}}, versions...)}
	issues := issuesView{deskChrome: at("/admin/issues", sampleEditor).named("Write")}
	issues.add(content)
	issues.addDrafts([]*undersigned.Draft{{NounID: id}, {NounID: undersigned.NounID{Issue: "water", Kind: undersigned.IssueNoun, Slug: "water"}, Fields: map[string]string{"title": "Water"}}})
	issuesWrong := issues
	issuesWrong.failed(pack.Errors{{File: "actions/a.md", Line: 3, Field: "goal", Key: "want.number_from", Args: []any{"least", 1}}})
	issuesEnd := issues
	issuesEnd.endsView = newEnds(issues.deskChrome, over, content.Issue.Languages)
	issuesEnd.failed(action.ErrEnds)
	asked := &action.Question{Content: content, Action: &open, Asked: true, ClosesAt: sampleNow}
	question := newDeskQuestion(at(attendPath(&open), sampleOwner), asked, newEnds(issues.deskChrome, over, content.Issue.Languages))
	question.failed(action.ErrEnds)
	parts := newParts(at("/admin/issues/"+id.Issue, sampleEditor).done("published", "published"), content, []*undersigned.Draft{{NounID: id, Missed: true}, &planned,
		{NounID: undersigned.NounID{Issue: id.Issue, Kind: undersigned.FactNoun, Slug: "new"}, PublishAt: sampleNow, Fields: map[string]string{"title": "New"}}},
		[]undersigned.NounID{{Issue: id.Issue, Kind: undersigned.ResourceNoun, Slug: "gone"}}, sampleNow)
	return append(states,
		pageState{"desk, write, clash and wrong", "desk/edit", clashing},
		pageState{"desk, write, new volunteer", "desk/edit", newEdit(at("/admin/issues/x/new/action", sampleEditor), fresh, nil, action.Base{}, names)},
		pageState{"desk, write, new issue, wrong", "desk/edit", newEdit(at("/admin/issues/new", sampleEditor), issue, nil, action.Base{}, names)},
		pageState{"desk, look over", "desk/publish", publish(&action.Proof{With: content})},
		pageState{"desk, look over, it cannot open", "desk/publish", publish(&action.Proof{With: content, Opens: []action.Opening{opening}})},
		pageState{"desk, look over, it opens later", "desk/publish", publish(&action.Proof{With: content, Opens: []action.Opening{{Action: &open, Checks: opening.Checks, Later: true}}})},
		pageState{"desk, look over, warned", "desk/publish", warned},
		pageState{"desk, look over, it ends", "desk/publish", ending},
		pageState{"desk, look over, wrong", "desk/publish", publish(&action.Proof{Faults: draftFaults(content, id, mine, true)})},
		pageState{"desk, look over, clash", "desk/publish", publish(&action.Proof{Faults: &action.Clash{Groups: []string{"ask"}}})},
		pageState{"desk, look over, discard", "desk/sure", newSureDiscard(at(nounPath(id)+"/publish", sampleEditor), id, content, "Equality", url.Values{"save": {"1"}})},
		pageState{"desk, versions", "desk/versions", newVersions(at(nounPath(id)+"/versions", sampleEditor), id, e, names)},
		pageState{"desk, versions, wrong", "desk/versions", versionsWrong},
		pageState{"desk, versions, taken off", "desk/versions", newVersions(at(nounPath(id)+"/versions", sampleEditor), id, off, names)},
		pageState{"desk, versions, it ends", "desk/versions", versionsEnd},
		pageState{"desk, question", "desk/attend", question},
		pageState{"desk, question, over", "desk/attend", newDeskQuestion(at(attendPath(&open), sampleOwner), &action.Question{Content: content, Action: &open, Over: true}, endsView{})},
		pageState{"desk, version", "desk/version", version},
		pageState{"desk, issues", "desk/issues", issues},
		pageState{"desk, issues, wrong", "desk/issues", issuesWrong},
		pageState{"desk, issues, a pack ends something", "desk/issues", issuesEnd},
		pageState{"desk, issues, none", "desk/issues", issuesView{deskChrome: at("/admin/issues", sampleEditor).named("Write")}},
		pageState{"desk, parts", "desk/parts", parts},
		pageState{"desk, corrections", "desk/corrections", newCorrections(at("/admin/corrections", sampleEditor), &store.Site{Contents: []*undersigned.Content{content}}, []*undersigned.Correction{sampleCorrection})},
		pageState{"desk, corrections, none", "desk/corrections", newCorrections(at("/admin/corrections", sampleEditor), &store.Site{}, nil)},
		pageState{"desk, correction", "desk/correction", newCorrectionPage(at("/admin/corrections/01", sampleEditor), entry, correction, names)},
		pageState{"desk, correction, clash", "desk/edit", accepting})
}

var wrongSlug = &undersigned.Error{Kind: undersigned.Invalid, Key: "error.form", Fields: []undersigned.FieldError{{Field: "slug", Key: "error.edit.taken"}}}

var sampleCorrection = &undersigned.Correction{ID: undersigned.CorrectionID{1}, Organization: "dwn", Day: "2026-11-22", Email: "ana@dwn.example", Note: "We have moved.",
	Fields: map[string]string{"phone": "1-800-555-0100", "body": "We are **many**."}}

func correctListing(content *undersigned.Content) listing {
	return directory(&store.Site{Contents: []*undersigned.Content{content}})[0]
}

func correctSample(c chrome, content *undersigned.Content, problem *undersigned.Error) correctView {
	l := correctListing(content)
	v := newCorrect(c, l, "token")
	if problem != nil {
		v.failed(l, action.CorrectionInput{Note: `"><script>`, Sender: "a@b@c", Fields: pack.Fields{"url": "javascript:alert(1)"}}, problem)
	}
	return v
}

func correctionOfFirst(content *undersigned.Content) *undersigned.Correction {
	c := *sampleCorrection
	c.Issue, c.Organization = content.Issue.Slug, content.Organizations[0].Slug
	return &c
}
