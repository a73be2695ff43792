package web

import (
	"cmp"
	"html/template"
	"slices"
	"strconv"
	"strings"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/pack"
)

// editView is the form of a noun, each language beside the other.
type editView struct {
	deskChrome
	Heading  string
	Crumbs   []deskLink
	New      bool
	Slug     editField // of what is new
	Action   string    // where it is posted
	Keep     string    // under which name the browser keeps what is typed
	Saved    []string  // such names of what was just saved
	Sent     bool      // the page gives back what was sent
	Base     action.Base
	Problem  string
	Mistakes []mistake
	Clash    *clashView
	Accepts  string // names the correction that is part of it
	Groups   []editGroup
	Pages    []pageTongue // the languages in which the whole page can be looked at
	State    nounState
	Links    editLinks
}

// editLinks are the other pages of the same noun; empty where there is none.
type editLinks struct{ Versions, Publish, Public string }

type pageTongue struct{ Lang, Name string }

type editGroup struct {
	ID, Title string
	Rows      []editRow
}

// editRow is a field, in each language where it has words; or a list.
type editRow struct {
	Fields []editField
	Sides  bool
	List   *editList
}

// Seen tells whether any of its texts is shown as readers will see it.
func (r editRow) Seen() bool {
	return slices.ContainsFunc(r.Fields, func(f editField) bool { return f.Preview != "" })
}

type editField struct {
	ID, Name, Label, Hint, Error string
	Look                         look
	Value                        string
	Lang                         string // of the words in it; empty where they have none
	LangName                     string
	Rows                         int
	Need                         string // says that nothing can be published without it; empty where that is not so
	Options                      []formOption
	Picks                        bool // a day, or nothing yet: the browser may help to pick one
	Preview                      template.HTML
	SeenAs                       string // stands above the preview
}

// Short tells whether a few letters fill it, so that several stand side by side.
func (f editField) Short() bool {
	return f.Lang == "" && slices.Contains([]look{lookDay, lookNumber, lookChoice, lookPhone}, f.Look)
}

// DescribedBy names the elements that explain the field, for aria-describedby.
func (f editField) DescribedBy() string { return describedBy(f.ID, f.Hint, f.Error) }

type editList struct {
	Name, Label, Hint, Error string
	Items                    []editItem
	Add, UpWords, DropWords  string // what the buttons say
}

type editItem struct {
	Title string
	At    int // from 1
	First bool
	Rows  []editRow
}

// editing is what a form is drawn from.
type editing struct {
	id       undersigned.NounID
	content  *undersigned.Content // nil where the issue is new
	fields   pack.Fields
	blank    map[string]int // how many empty entries a list has behind those that say something
	problem  *undersigned.Error
	previews bool
	// correction names the one that is part of what the form says, and is accepted when that is saved; empty where there is none.
	correction string
}

// languages are those of the form: the issue's own, or for the issue itself what its form says.
func (e *editing) languages() []string {
	if e.id.Kind == undersigned.IssueNoun {
		codes := strings.FieldsFunc(e.fields["languages"], func(r rune) bool { return strings.ContainsRune(", \n\t", r) })
		if codes = slices.DeleteFunc(codes, func(code string) bool { return len(code) < 2 || len(code) > 3 }); len(codes) > 0 {
			return codes
		}
	}
	if e.content != nil && len(e.content.Issue.Languages) > 0 {
		return e.content.Issue.Languages
	}
	return []string{"en"}
}

// form draws the groups of a noun's form.
func (c chrome) form(e *editing) (groups []editGroup) {
	for _, g := range forms[e.id.Kind] {
		group := editGroup{ID: "group-" + g.name, Title: c.T("write.group." + g.name)}
		for i := range g.fields {
			if f := &g.fields[i]; f.fitsKind(undersigned.ActionKind(e.fields["kind"])) || e.id.Kind != undersigned.ActionNoun {
				group.Rows = append(group.Rows, c.editRow(e, f, f.name))
			}
		}
		if len(group.Rows) > 0 {
			groups = append(groups, group)
		}
	}
	return groups
}

func (c chrome) editRow(e *editing, f *fieldSpec, name string) editRow {
	if f.look == lookList {
		return editRow{List: c.editList(e, f)}
	}
	if !f.words {
		return editRow{Fields: []editField{c.editField(e, f, name, "")}}
	}
	row := editRow{Sides: true}
	for i, lang := range e.languages() {
		if i > 0 {
			name = lang + ":" + strings.TrimPrefix(name, e.languages()[i-1]+":")
		}
		row.Fields = append(row.Fields, c.editField(e, f, name, lang))
		row.Fields[0].Rows = max(row.Fields[0].Rows, row.Fields[i].Rows)
	}
	for i := range row.Fields {
		row.Fields[i].Rows = row.Fields[0].Rows
	}
	return row
}

// editField draws one field. lang is the language of what is typed into it, empty for what is no words.
func (c chrome) editField(e *editing, f *fieldSpec, name, lang string) editField {
	field := editField{ID: fieldElement(name), Name: name, Look: f.look, Value: e.fields[name],
		Label: c.fieldWords(e.id.Kind, f, name, ""), Hint: c.fieldWords(e.id.Kind, f, name, ".hint"), Error: c.fieldError(e, name)}
	if lang != "" {
		field.Lang, field.LangName = lang, languageName(c, lang)
	}
	first := lang == "" || lang == e.languages()[0]
	if !first {
		field.Hint = ""
	}
	if f.must && first && f.look != lookChoice {
		field.Need = c.T("write.needed")
	}
	switch f.look {
	case lookProse, lookText, lookFigures:
		field.Rows = min(max(3, len(field.Value)/60+strings.Count(field.Value, "\n")+2), 24)
		if f.name == "body" && strings.IndexByte(name, '[') < 0 {
			field.Rows = max(field.Rows, 10)
		}
	case lookDay:
		_, err := undersigned.ParseDay(field.Value)
		field.Picks = field.Value == "" || err == nil
	case lookChoice:
		field.Options = c.fieldOptions(e, f, field.Value)
	case lookTicks:
		chosen := strings.FieldsFunc(field.Value, func(r rune) bool { return r == ',' || r == ' ' })
		for _, value := range f.options {
			field.Options = append(field.Options, formOption{Value: value, Label: c.T(f.keys + value), Selected: slices.Contains(chosen, value)})
		}
	}
	if e.previews && f.look == lookProse && field.Value != "" {
		field.Preview, field.SeenAs = prose(field.Value, 4), c.T("write.preview.as", "field", c.fieldTitle(e.id.Kind, name))
	}
	return field
}

func (c chrome) fieldOptions(e *editing, f *fieldSpec, value string) (options []formOption) {
	if f.choose != nil {
		options = f.choose(c, e.content, e.id)
	}
	for _, option := range f.options {
		label := c.T("write.none")
		if option != "" || c.Has(f.keys+"none") {
			label = c.T(f.keys + cmp.Or(option, "none"))
		}
		options = append(options, formOption{Value: option, Label: label})
	}
	known := false
	for i := range options {
		options[i].Selected = options[i].Value == value
		known = known || options[i].Selected
	}
	if !known && value != "" { // what somebody has typed is not lost because nobody knows it
		options = append(options, formOption{Value: value, Label: value, Selected: true})
	}
	return options
}

// fieldWords gives the label or the hint of a field; no hint where there is none.
func (c chrome) fieldWords(kind undersigned.NounKind, f *fieldSpec, name, what string) string {
	_, name = pack.LanguageOf(name)
	list, _, listed := strings.Cut(name, "[")
	key := f.name
	if listed {
		key = list + "." + f.name
	}
	keys := []string{"write." + string(kind) + "." + key + what, "write." + key + what}
	if what == "" {
		keys = append(keys, "write."+f.name)
	}
	for _, key := range keys {
		if c.Has(key) {
			return c.T(key)
		}
	}
	return ""
}

// fieldError is what is wrong with a field, in words.
func (c chrome) fieldError(e *editing, name string) string {
	if e.problem == nil {
		return ""
	}
	for _, f := range e.problem.Fields {
		if f.Field == name {
			return c.wanted(f)
		}
	}
	return ""
}

// wanted says what a field should hold, as a sentence.
func (c chrome) wanted(f undersigned.FieldError) string {
	if f.Key == "want.field" {
		return c.T("write.fill_in")
	}
	what := c.T(f.Key, f.Args...)
	if !strings.HasPrefix(f.Key, "want.") {
		return what
	}
	for i := 0; i+1 < len(f.Args); i += 2 {
		if f.Args[i] == "line" && f.Args[i+1] != 0 {
			return c.T("write.want_line", "line", f.Args[i+1], "what", what)
		}
	}
	return c.T("write.want", "what", what)
}

func (c chrome) editList(e *editing, f *fieldSpec) *editList {
	list := &editList{Name: f.name, Label: c.fieldWords(e.id.Kind, f, f.name, ""), Hint: c.fieldWords(e.id.Kind, f, f.name, ".hint"),
		Error: c.fieldError(e, f.name), Add: c.T("write.add." + f.name), UpWords: c.T("write.up"), DropWords: c.T("desk.remove")}
	for at := range min(e.fields.Items(f.name)+e.blank[f.name], pack.MaxItems) {
		item := editItem{At: at + 1, First: at == 0, Title: c.T("write.item."+f.name, "n", at+1)}
		for i := range f.items {
			item.Rows = append(item.Rows, c.editRow(e, &f.items[i], f.name+"["+strconv.Itoa(at+1)+"]."+f.items[i].name))
		}
		list.Items = append(list.Items, item)
	}
	return list
}

// fieldElement names the element of a field: its name with marks that an address can have.
func fieldElement(name string) string {
	return "f-" + strings.NewReplacer("[", "-", "].", "-", ".", "-", ":", "-").Replace(name)
}

// editMistakes lists what is wrong, with links to the fields.
func (c chrome) editMistakes(e *editing) (list []mistake) {
	if e.problem == nil {
		return nil
	}
	for _, f := range e.problem.Fields {
		m := mistake{Field: "#" + fieldElement(f.Field), Text: c.wanted(f), Label: c.fieldTitle(e.id.Kind, f.Field)}
		list = append(list, m)
	}
	return list
}

// fieldTitle is what a field is called where it does not stand in its form, with its language.
func (c chrome) fieldTitle(kind undersigned.NounKind, name string) string {
	lang, rest := pack.LanguageOf(name)
	title := rest
	if f := specOf(kind, rest); f != nil {
		title = cmp.Or(c.fieldWords(kind, f, rest, ""), rest)
	} else if c.Has("write." + rest) {
		title = c.T("write." + rest)
	}
	if _, item, listed := strings.Cut(rest, "["); listed {
		n, _, _ := strings.Cut(item, "]")
		title += " " + n
	}
	if lang != "" {
		title += " (" + languageName(c, lang) + ")"
	}
	return title
}

// nounState says how a noun stands: on the site, and as a draft. Each line may be empty.
type nounState struct{ Site, Draft, Planned, Missed string }

// clashView shows what two have written at the same time: mine is in the form, and theirs here beside it.
type clashView struct {
	What       string // who has written something else, and when
	Mine, Take string // what is in the form is called, and how to keep that
	Items      []clashItem
}

type clashItem struct {
	Group, ID, Label string
	Parts            []compared // theirs before, mine after
}
