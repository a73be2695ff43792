package web

import (
	"slices"
	"strings"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/pack"
)

// look is how a field of a noun's form is drawn; the template asks for it by name.
type look string

const (
	lookLine    look = "line"
	lookEmail   look = "email"
	lookURL     look = "url"
	lookPhone   look = "phone"
	lookDay     look = "day"
	lookNumber  look = "number"
	lookText    look = "text"    // of many lines
	lookProse   look = "prose"   // of many lines, in Markdown
	lookFigures look = "figures" // CSV
	lookChoice  look = "choice"
	lookTicks   look = "ticks" // several of a few words
	lookTick    look = "tick"
	lookList    look = "list"
	lookHidden  look = "hidden"
)

// fieldSpec says how a field of a pack is drawn in a form. Its rules are the pack's own. Its label is the message
// "write." with its name, or "write.KIND." where that exists, its hint the same with ".hint".
type fieldSpec struct {
	name    string // as pack.Fields has it
	look    look
	words   bool                     // there is one in each language
	must    bool                     // nothing can be published without it
	of      []undersigned.ActionKind // the kinds of ask that have it; nil is all
	options []string                 // of a choice
	keys    string                   // the beginning of the options' message keys; empty shows them as they are
	choose  func(c chrome, content *undersigned.Content, id undersigned.NounID) []formOption
	items   []fieldSpec // of a list
}

// fieldGroup is a part of a form with a heading, the message "write.group." with its name.
type fieldGroup struct {
	name   string
	fields []fieldSpec
}

func texts[T ~string](words []T) []string {
	var all []string
	for _, w := range words {
		all = append(all, string(w))
	}
	return all
}

var (
	signable  = []undersigned.ActionKind{undersigned.Petition, undersigned.Pledge}
	directed  = []undersigned.ActionKind{undersigned.Letter, undersigned.Call}
	volunteer = []undersigned.ActionKind{undersigned.Volunteer}
	elsewhere = []undersigned.ActionKind{undersigned.Elsewhere}
)

// forms are the forms of all kinds of nouns.
var forms = map[undersigned.NounKind][]fieldGroup{
	undersigned.IssueNoun: {
		{"words", []fieldSpec{
			{name: "title", look: lookLine, words: true, must: true},
			{name: "summary", look: lookLine, words: true, must: true},
			{name: "body", look: lookProse, words: true, must: true},
		}},
		{"settings", []fieldSpec{
			{name: "state", look: lookChoice, options: []string{"draft", "open", "archived"}, keys: "write.issue_state."},
			{name: "languages", look: lookLine, must: true},
			{name: "timezone", look: lookLine, must: true},
			{name: "news.bill", look: lookTick},
			{name: "news.closing", look: lookTick},
		}},
		{"who", []fieldSpec{
			{name: "publisher", look: lookLine},
			{name: "organizer", look: lookLine},
			{name: "contact", look: lookEmail},
			{name: "coordinator", look: lookEmail},
			{name: "seal_to", look: lookText},
		}},
		{"page", []fieldSpec{
			{name: "sections", look: lookList, items: []fieldSpec{
				{name: "id", look: lookChoice, options: undersigned.SectionIDs, keys: "write.section.", must: true},
				{name: "title", look: lookLine, words: true, must: true},
				{name: "nav", look: lookLine, words: true},
				{name: "intro", look: lookProse, words: true},
			}},
			{name: "slug", look: lookHidden},
		}},
	},
	undersigned.ActionNoun: {
		{"words", []fieldSpec{
			{name: "title", look: lookLine, words: true, must: true},
			{name: "ask", look: lookText, words: true, must: true},
			{name: "body", look: lookProse, words: true},
			{name: "subject", look: lookLine, words: true, of: directed[:1]},
			{name: "words", look: lookText, words: true, must: true, of: directed},
			{name: "url", look: lookURL, must: true, of: elsewhere},
			{name: "owner", look: lookLine, must: true, of: elsewhere},
			{name: "place", look: lookLine, words: true, of: volunteer},
			{name: "hours", look: lookLine, words: true, of: volunteer},
			{name: "skills", look: lookLine, words: true, of: volunteer},
		}},
		{"settings", []fieldSpec{
			{name: "state", look: lookChoice, options: []string{"draft", "open", "paused", "closed"}, keys: "write.state."},
			{name: "opens", look: lookDay},
			{name: "closes", look: lookDay},
			{name: "goal", look: lookNumber, of: signable},
			{name: "keep_days", look: lookNumber, of: signable},
			{name: "publish", look: lookChoice, options: []string{"live", "batched"}, keys: "write.publish.", of: signable},
			{name: "languages", look: lookLine, of: volunteer},
			{name: "kind", look: lookHidden},
			{name: "order", look: lookHidden},
		}},
		{"bill", []fieldSpec{
			{name: "bill.id", look: lookChoice, choose: billOptions},
			{name: "bill.position", look: lookChoice, options: []string{"", "support", "oppose"}, keys: "write.position."},
		}},
		{"whom", []fieldSpec{
			{name: "targets", look: lookTicks, options: []string{"house", "senate", "president"}, keys: "write.target.", of: append(signable, directed...)},
			{name: "addressees", look: lookList, of: directed, items: []fieldSpec{
				{name: "name", look: lookLine, must: true},
				{name: "role", look: lookLine, must: true},
				{name: "email", look: lookEmail},
				{name: "phone", look: lookPhone},
				{name: "address", look: lookLine},
				{name: "url", look: lookURL},
				{name: "slug", look: lookLine},
			}},
			{name: "coordinator.name", look: lookLine, of: volunteer},
			{name: "coordinator.email", look: lookEmail, of: volunteer},
			{name: "coordinator.show_email", look: lookTick, of: volunteer},
		}},
		{"questions", []fieldSpec{
			{name: "questions", look: lookList, of: volunteer, items: []fieldSpec{
				{name: "question", look: lookLine, words: true, must: true},
				{name: "kind", look: lookChoice, options: append([]string{""}, texts(undersigned.QuestionKinds)...), keys: "write.question_kind.", must: true},
				{name: "choices", look: lookText, words: true},
				{name: "required", look: lookTick},
				{name: "slug", look: lookLine},
			}},
		}},
		{"after", []fieldSpec{
			{name: "outcome", look: lookProse, words: true},
			{name: "ended", look: lookDay},
			{name: "successor", look: lookChoice, choose: actionOptions},
		}},
	},
	undersigned.BillNoun: {
		{"words", []fieldSpec{
			{name: "title", look: lookLine, must: true},
			{name: "summary", look: lookLine, words: true},
			{name: "body", look: lookProse, words: true},
		}},
		{"settings", []fieldSpec{
			{name: "stage", look: lookChoice, options: texts(undersigned.Stages[:len(undersigned.Stages)-1]), keys: "stage.", must: true},
			{name: "introduced", look: lookDay},
			{name: "presented", look: lookDay},
			{name: "decided", look: lookDay},
			{name: "sponsor", look: lookLine},
			{name: "cosponsors", look: lookNumber},
			{name: "as_of", look: lookDay, must: true},
			{name: "source", look: lookURL},
		}},
		{"events", []fieldSpec{
			{name: "events", look: lookList, items: []fieldSpec{
				{name: "date", look: lookDay, must: true},
				{name: "text", look: lookLine, words: true},
			}},
		}},
		{"successors", []fieldSpec{
			{name: "successors", look: lookList, items: []fieldSpec{
				{name: "title", look: lookLine, must: true},
				{name: "bill", look: lookLine},
				{name: "public_law", look: lookLine},
				{name: "date", look: lookDay},
			}},
		}},
	},
	undersigned.OrganizationNoun: {
		{"words", []fieldSpec{
			{name: "name", look: lookLine, must: true},
			{name: "short", look: lookLine},
			{name: "body", look: lookProse, words: true, must: true},
		}},
		{"settings", []fieldSpec{
			{name: "kind", look: lookChoice, options: append([]string{""}, texts(undersigned.OrganizationKinds)...), keys: "organization.kind."},
			{name: "region", look: lookLine, words: true},
			{name: "languages", look: lookLine},
			{name: "founded", look: lookNumber},
			{name: "as_of", look: lookDay, must: true},
			{name: "verified_on", look: lookDay},
			{name: "verified_by", look: lookLine},
			{name: "order", look: lookHidden},
		}},
		{"reach", []fieldSpec{
			{name: "url", look: lookURL},
			{name: "phone", look: lookPhone},
			{name: "email", look: lookEmail},
			{name: "address", look: lookText},
		}},
		{"names", []fieldSpec{
			{name: "former_names", look: lookList, items: []fieldSpec{
				{name: "name", look: lookLine, must: true},
				{name: "until", look: lookDay},
			}},
		}},
		{"campaigns", []fieldSpec{
			{name: "campaigns", look: lookList, items: []fieldSpec{
				{name: "name", look: lookLine, must: true},
				{name: "body", look: lookProse, words: true, must: true},
				{name: "url", look: lookURL},
				{name: "launched", look: lookDay},
				{name: "slug", look: lookLine},
			}},
		}},
	},
	undersigned.ResourceNoun: {
		{"words", []fieldSpec{
			{name: "title", look: lookLine, words: true, must: true},
			{name: "why", look: lookLine, words: true},
			{name: "body", look: lookProse, words: true, must: true},
		}},
		{"settings", []fieldSpec{
			{name: "shelf", look: lookChoice, options: []string{"learn", "help"}, keys: "write.shelf.", must: true},
			{name: "kind", look: lookChoice, options: texts(undersigned.ResourceKinds), keys: "resource.kind.", must: true},
			{name: "publisher", look: lookLine, words: true},
			{name: "published", look: lookDay},
			{name: "minutes", look: lookNumber},
			{name: "language", look: lookLine},
			{name: "phone", look: lookPhone},
			{name: "prepares", look: lookChoice, choose: actionOptions},
			{name: "as_of", look: lookDay, must: true},
			{name: "order", look: lookHidden},
		}},
		{"links", []fieldSpec{
			{name: "links", look: lookList, items: []fieldSpec{
				{name: "url", look: lookURL, must: true},
				{name: "label", look: lookLine, words: true},
				{name: "archived", look: lookURL},
			}},
		}},
	},
	undersigned.FactNoun: {
		{"words", []fieldSpec{
			{name: "title", look: lookLine, words: true, must: true},
			{name: "unit", look: lookLine, words: true, must: true},
			{name: "body", look: lookProse, words: true, must: true},
		}},
		{"figures", []fieldSpec{
			{name: "figures", look: lookFigures, must: true},
			{name: "series", look: lookList, items: []fieldSpec{
				{name: "column", look: lookLine, must: true},
				{name: "title", look: lookLine, words: true, must: true},
			}},
		}},
		{"settings", []fieldSpec{
			{name: "chart", look: lookChoice, options: []string{"line", "bars"}, keys: "write.chart.", must: true},
			{name: "section", look: lookChoice, options: append([]string{""}, undersigned.SectionIDs...), keys: "write.section."},
			{name: "source", look: lookLine, words: true, must: true},
			{name: "source_url", look: lookURL},
			{name: "licence", look: lookLine, words: true, must: true},
			{name: "as_of", look: lookDay, must: true},
			{name: "fresh_for", look: lookNumber, must: true},
			{name: "order", look: lookHidden},
		}},
	},
}

// fitsKind tells whether a field belongs to a kind of ask; kind is empty for what is no ask.
func (f *fieldSpec) fitsKind(kind undersigned.ActionKind) bool {
	return f.of == nil || slices.Contains(f.of, kind)
}

// specOf finds what a name of a form is: a field, or one of a list's.
func specOf(kind undersigned.NounKind, name string) *fieldSpec {
	_, name = pack.LanguageOf(name)
	list, item, listed := strings.Cut(name, "[")
	for _, group := range forms[kind] {
		for i := range group.fields {
			f := &group.fields[i]
			switch {
			case f.name == name && f.look != lookList:
				return f
			case listed && f.name == list:
				_, item, _ := strings.Cut(item, "].")
				for j := range f.items {
					if f.items[j].name == item {
						return &f.items[j]
					}
				}
			}
		}
	}
	return nil
}

func billOptions(c chrome, content *undersigned.Content, _ undersigned.NounID) []formOption {
	options := []formOption{{Label: c.T("write.none")}}
	if content == nil {
		return options
	}
	for i := range content.Bills {
		b := &content.Bills[i]
		options = append(options, formOption{Value: b.String(), Label: billName(c, b.BillID) + ": " + b.Title})
	}
	return options
}

func actionOptions(c chrome, content *undersigned.Content, id undersigned.NounID) []formOption {
	options := []formOption{{Label: c.T("write.none")}}
	if content == nil {
		return options
	}
	for i := range content.Actions {
		a := &content.Actions[i]
		if id.Kind == undersigned.ActionNoun && a.Slug == id.Slug {
			continue
		}
		text, _ := a.Text(c.Lang(), content.Issue.Languages)
		options = append(options, formOption{Value: a.Slug, Label: text.Title})
	}
	return options
}
