package web

import (
	"net/url"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/congress"
	"github.com/undersigned/undersigned/internal/store"
)

// deskOutStates are the pages of the desk for what leaves the site, and for what came back.
func deskOutStates(at func(path string, user *undersigned.User) deskChrome, content *undersigned.Content, site *store.Site) []pageState {
	var lately []undersigned.AuditEntry
	for range 3 {
		lately = append(lately, undersigned.AuditEntry{AuditMark: undersigned.AuditMark{At: sampleNow}, By: sampleOwner.ID, Verb: undersigned.AuditExported, Subject: "detention/equality", Detail: "signatures, 1234: For the board."})
	}
	sealedContent := *content
	sealedContent.Issue.SealTo = []string{"age1one", "age1two"}
	sealedContent.Issue.State, sealedContent.Issue.Slug = undersigned.IssueDraft, "sealed"
	both := *site
	both.Drafts = []*undersigned.Content{&sealedContent}
	why := func(kind undersigned.ExportKind, form url.Values) exportView {
		return newExport(at("/admin/exports/"+string(kind), sampleOwner), kind, site, form)
	}
	unsaid := why(undersigned.ExportSignatures, url.Values{"issue": {"detention"}, "ask": {"equality"}})
	unsaid.failed("\xff", &undersigned.Error{Kind: undersigned.Invalid, Fields: []undersigned.FieldError{{Field: "reason", Key: "error.reason.empty"}}})
	sealed := why(undersigned.ExportSignatures, url.Values{"issue": {"detention"}, "ask": {"equality"}})
	sealed.failed("For the board.", &undersigned.Error{Kind: undersigned.Invalid, Fields: []undersigned.FieldError{{Field: "action", Key: "error.export.sealed"}}})
	states := []pageState{
		{"desk, exports", "desk/exports", newExports(at("/admin/exports", sampleOwner), &both, []*undersigned.User{sampleOwner}, lately)},
		{"desk, exports, none", "desk/exports", newExports(at("/admin/exports", sampleOwner), &store.Site{}, nil, nil)},
		{"desk, an export, no reason", "desk/export", unsaid},
		{"desk, an export, sealed", "desk/export", sealed},
	}
	for _, kind := range undersigned.ExportKinds {
		states = append(states, pageState{"desk, an export of " + string(kind), "desk/export", why(kind, url.Values{"issue": {"detention"}})})
	}
	return append(states, deskHandOverStates(at, content, &sealedContent, site)...)
}

func deskHandOverStates(at func(path string, user *undersigned.User) deskChrome, content, sealedContent *undersigned.Content, site *store.Site) []pageState {
	table := congress.SampleTable()
	a := content.Action("equality")
	clark, warren := *table.Legislator("C001101", sampleNow), *table.Legislator("W000817", sampleNow)
	passed := map[string]*undersigned.Correspondence{
		"C001101": {Handovers: []undersigned.Handover{{Day: "2026-07-22", How: undersigned.HandedInPerson, Paper: 120, Member: clark}, {Day: "2026-11-20", Member: clark}},
			Answers: []undersigned.Answer{{Day: "2026-08-30", Lang: "fr", Text: "Dear friends,\n\nthank you. <b>We</b> will look into it.\n\nThe office", Member: clark}}},
		"W000817": {Handovers: []undersigned.Handover{{Day: "2026-11-22", How: undersigned.HandedByPost, Member: warren}}},
	}
	facts := handOverFacts{content: content, ask: a, passed: passed, table: table, now: sampleNow}
	languages := []string{"en", "es", "pt"}
	page := func(user *undersigned.User, f handOverFacts, typed url.Values) handOverView {
		return newHandOver(at(handedPath(a), user), f, languages, typed)
	}
	nothing := facts
	nothing.passed = nil
	dark := nothing
	dark.content, dark.seats = sealedContent, &undersigned.SeatCounts{At: sampleNow, LogSize: 1300, Congress: 119}
	badFile := page(sampleEditor, dark, nil)
	badFile.failed(url.Values{"form": {"seats"}}, &undersigned.Error{Kind: undersigned.Invalid, Fields: []undersigned.FieldError{{Field: "seats", Key: "error.seats"}}})
	typed := url.Values{"form": {"handed_over"}, "bioguide": {"X000000"}, "day": {"22/7"}, "how": {"pigeon"}, "paper": {"\xff"}}
	badNote := page(sampleOwner, facts, typed)
	badNote.failed(typed, &undersigned.Error{Kind: undersigned.Invalid, Fields: []undersigned.FieldError{{Field: "bioguide", Key: "error.bioguide"}, {Field: "day", Key: "error.day"},
		{Field: "how", Key: "error.handover.how"}, {Field: "paper", Key: "error.paper"}, {Field: "action", Key: "error.action"}}})
	typed = url.Values{"form": {"answered"}, "bioguide": {"C001101"}, "day": {"2026-01-01"}, "lang": {"nonsense"}, "text": {"</textarea>\xff"}}
	badAnswer := page(sampleOwner, facts, typed)
	badAnswer.failed(typed, &undersigned.Error{Kind: undersigned.Invalid, Fields: []undersigned.FieldError{{Field: "day", Key: "error.answer.early"}, {Field: "lang", Key: "error.language"}, {Field: "text", Key: "error.answer.empty"}}})
	noted := newHandOver(at(handedPath(a), sampleOwner).done("handed_over", "handed_over"), facts, languages, url.Values{"form": {"answered"}, "bioguide": {"C001101"}, "day": {"2026-08-30"}})
	all := map[string]map[string]*undersigned.Correspondence{actionPath(a): passed}
	return []pageState{
		{"desk, hand-overs", "desk/hand_overs", newHandOvers(at(handOverPath, sampleEditor), site, all, sampleNow)},
		{"desk, hand-overs, none", "desk/hand_overs", newHandOvers(at(handOverPath, sampleEditor), &store.Site{}, nil, sampleNow)},
		{"desk, handed over", "desk/hand_over", noted},
		{"desk, handed over, to correct", "desk/hand_over", page(sampleOwner, facts, url.Values{"form": {"handed_over"}, "bioguide": {"C001101"}, "day": {"2026-07-22"}})},
		{"desk, handed over, nothing", "desk/hand_over", page(sampleEditor, nothing, nil)},
		{"desk, handed over, sealed", "desk/hand_over", page(sampleOwner, dark, nil)},
		{"desk, handed over, wrong file", "desk/hand_over", badFile},
		{"desk, handed over, wrong note", "desk/hand_over", badNote},
		{"desk, handed over, wrong answer", "desk/hand_over", badAnswer},
	}
}
