package pack

import (
	"errors"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
)

// Fields are what a file of a pack says, as a form holds it: a name such as title, coordinator.email or events[2].date,
// and what was typed. The words of another language have it before them: es:title. The Markdown below a front matter is
// the field body, the figures of a fact are the field figures.
type Fields map[string]string

// The fields that stand beside a front matter.
const (
	bodyField    = "body"
	figuresField = "figures"
)

// MaxItems is how many entries a list in a form may have.
const MaxItems = 60

// sameInAll are the lists that translations have too, and what tells one of their entries from another: it is said
// once, in the first language.
var sameInAll = map[string]string{"sections": "id", "questions": "slug", "campaigns": "slug", "events": "date", "series": "column", "links": "url"}

// FileOf is where a noun stands in a pack.
func FileOf(id undersigned.NounID) string {
	switch id.Kind {
	case undersigned.IssueNoun:
		return "issue.md"
	case undersigned.BillNoun:
		if bill, err := undersigned.ParseBillID(id.Slug); err == nil {
			return billFile(bill)
		}
	}
	return map[undersigned.NounKind]string{undersigned.ActionNoun: actions, undersigned.BillNoun: bills, undersigned.OrganizationNoun: organizations,
		undersigned.ResourceNoun: resources, undersigned.FactNoun: facts}[id.Kind] + "/" + id.Slug + ".md"
}

// Form gives a noun of the content as the fields of a form: what ReadForm makes the same noun of.
func Form(within *undersigned.Content, noun any) Fields {
	w := &writer{files: map[string][]byte{}, languages: within.Issue.Languages, form: Fields{}}
	var err error
	if w.zone, err = time.LoadLocation(within.Issue.Timezone); err != nil {
		w.zone = time.UTC
	}
	if issue, ok := noun.(*undersigned.Issue); ok {
		w.languages = issue.Languages
	}
	w.write(noun)
	for name := range w.form {
		list, key := listOf(name)
		if lang, plain := LanguageOf(list); lang != "" && key == sameInAll[plain] {
			delete(w.form, name)
		}
	}
	return w.form
}

// ReadForm makes a noun of what was typed, by the rules of a pack. within is the content that it stands in, or will. The
// error is an [undersigned.Error] of kind Invalid with the fields at fault.
func ReadForm(within *undersigned.Content, id undersigned.NounID, fields Fields) (any, error) {
	file := FileOf(id)
	r := &reader{files: map[string][]byte{}, forms: map[string]*typed{}, issue: within.Issue}
	for other := range within.Nouns() {
		r.files[FileOf(other)] = []byte{}
	}
	var err error
	if r.zone, err = time.LoadLocation(within.Issue.Timezone); err != nil {
		r.zone = time.UTC
	}
	languages := within.Issue.Languages
	if id.Kind == undersigned.IssueNoun {
		languages = strings.FieldsFunc(fields["languages"], func(r rune) bool { return strings.ContainsRune(", \n\t", r) })
	}
	r.files[file] = []byte{}
	for i, lang := range languages {
		if name := lang + "/" + file; i == 0 {
			r.forms[file] = fields.tree("")
		} else if root := fields.tree(lang + ":"); len(root.keys) > 0 {
			r.forms[name], r.files[name] = root, []byte{}
		}
	}
	if id.Kind == undersigned.FactNoun {
		r.take(tableName(id.Slug), []byte(fields[figuresField]))
	}
	noun := r.readNoun(id)
	if len(r.errs) == 0 {
		r.checkFront(&writer{files: map[string][]byte{}, languages: languages, zone: r.zone}, noun, fields)
	}
	return noun, r.formErrors()
}

// readNoun reads one noun, and nothing else.
func (r *reader) readNoun(id undersigned.NounID) any {
	file := FileOf(id)
	switch id.Kind {
	case undersigned.IssueNoun:
		r.readIssue()
		return &r.issue
	case undersigned.ActionNoun:
		noun := r.readAction(file, id.Slug)
		return &noun
	case undersigned.BillNoun:
		noun := r.readBill(file, strings.TrimSuffix(strings.TrimPrefix(file, bills+"/"), ".md"))
		return &noun
	case undersigned.OrganizationNoun:
		noun := r.readOrganization(file, id.Slug)
		return &noun
	case undersigned.ResourceNoun:
		noun := r.readResource(file, id.Slug)
		return &noun
	default:
		noun := r.readFact(file, id.Slug)
		return &noun
	}
}

// checkFront refuses fields that are too much for one file together, at the one that has most of it.
func (r *reader) checkFront(w *writer, noun any, fields Fields) {
	w.write(noun)
	for name, data := range w.files {
		front, _, _ := split(string(data))
		if len(front) > maxFront {
			most := fields.most(name, func(said string) int { return len(strconv.Quote(said)) })
			r.errs.add(name, 0, most, "want.fields_size", "n", maxFront>>10)
		} else if countAny(front, marks) > maxMarks {
			most := fields.most(name, func(said string) int { return countAny(said, marks) })
			r.errs.add(name, 0, most, "want.fields_marks", "n", maxMarks)
		}
	}
}

// most is the field of a file's front matter that weighs most.
func (f Fields) most(file string, weigh func(said string) int) (field string) {
	lang, _, _ := strings.Cut(file, "/")
	if !languageCode.MatchString(lang) {
		lang = ""
	}
	most := 0
	for _, name := range slices.Sorted(maps.Keys(f)) {
		of, plain := LanguageOf(name)
		if n := weigh(f[name]); of == lang && plain != bodyField && plain != figuresField && n > most {
			field, most = plain, n
		}
	}
	return field
}

// formErrors tells the faults by the names of the fields that they are in.
func (r *reader) formErrors() error {
	if len(r.errs) == 0 {
		return nil
	}
	wrong := &undersigned.Error{Kind: undersigned.Invalid, Key: "error.form"}
	for _, e := range r.errs {
		f := undersigned.FieldError{Field: e.Field, Key: e.Key, Args: e.Args}
		lang, rest, _ := strings.Cut(e.File, "/")
		switch {
		case strings.HasSuffix(e.File, tableExt):
			f.Field, f.Args = figuresField, append(slices.Clone(e.Args), "line", e.Line, "column", e.Field)
		case e.Field == "" && e.Key == "want.body":
			f.Field, f.Key = bodyField, "want.field"
		case e.Field == "" && r.forms[e.File] != nil && e.Key != "want.bill_file" && e.Key != "want.name" && e.Key != "want.action_name":
			f.Field = bodyField
		case e.Field == "":
			f.Field = "slug"
		}
		if rest != "" && languageCode.MatchString(lang) && f.Field != figuresField {
			f.Field = lang + ":" + f.Field
		}
		wrong.Fields = append(wrong.Fields, f)
	}
	return wrong
}

// Check tells what is wrong with the content as a whole, in the words of a pack: what one noun says of another, too.
func Check(c *undersigned.Content) Errors {
	_, err := render(c)
	var errs Errors
	errors.As(err, &errs)
	return errs
}

var listItem = regexp.MustCompile(`^([^\[\].]+)\[([1-9][0-9]?)\]\.(.+)$`)

// listOf parts "es:questions[2].slug" into "es:questions" and "slug"; both are empty where it is no field of a list.
func listOf(name string) (list, key string) {
	if m := listItem.FindStringSubmatch(name); m != nil {
		return m[1], m[3]
	}
	return "", ""
}

// LanguageOf parts "es:title" into its language and the rest; the language is empty in the first one.
func LanguageOf(name string) (lang, rest string) {
	if lang, rest, found := strings.Cut(name, ":"); found && languageCode.MatchString(lang) {
		return lang, rest
	}
	return "", name
}

// tree gives the fields that begin with a prefix as the value of a form. Empty ones are as good as not there.
func (f Fields) tree(prefix string) *typed {
	root := &typed{inner: map[string]*typed{}}
	for _, name := range slices.Sorted(maps.Keys(f)) {
		rest, ok := strings.CutPrefix(name, prefix)
		said := strings.TrimSpace(f[name])
		if !ok || said == "" || strings.Contains(rest, ":") || name == figuresField {
			continue
		}
		if m := listItem.FindStringSubmatch(rest); m != nil {
			at, _ := strconv.Atoi(m[2])
			if at <= MaxItems {
				root.item(m[1], at).put(m[3], f[name])
			}
			continue
		}
		if outer, inner, nested := strings.Cut(rest, "."); nested {
			root.child(outer).put(inner, f[name])
			continue
		}
		root.put(rest, f[name])
	}
	if prefix != "" {
		f.repeat(root)
	}
	return root
}

// repeat adds to the lists of a translation what it has to say again: which entry each one is.
func (f Fields) repeat(root *typed) {
	for _, list := range root.keys {
		key, items := sameInAll[list], root.inner[list].listed
		if key == "" || items == nil {
			continue
		}
		for i := range f.Items(list) {
			if (list == "campaigns" || list == "links") && (i >= len(items) || len(items[i].keys) == 0) {
				continue // it has no words in this language
			}
			root.item(list, i+1).put(key, f[itemName(list, i+1, key)])
		}
		root.inner[list].listed = slices.DeleteFunc(root.inner[list].listed, func(t *typed) bool { return len(t.keys) == 0 })
	}
}

func itemName(list string, at int, key string) string {
	return list + "[" + strconv.Itoa(at) + "]." + key
}

func (t *typed) put(key, said string) { t.child(key).said, t.child(key).inner = said, nil }

func (t *typed) child(key string) *typed {
	if t.inner == nil {
		t.inner = map[string]*typed{}
	}
	if t.inner[key] == nil {
		t.keys = append(t.keys, key)
		t.inner[key] = &typed{inner: map[string]*typed{}}
	}
	return t.inner[key]
}

// item gives entry at, counted from 1, of a list, and makes those before it.
func (t *typed) item(list string, at int) *typed {
	of := t.child(list)
	of.inner = nil
	for len(of.listed) < at {
		of.listed = append(of.listed, &typed{inner: map[string]*typed{}})
	}
	return of.listed[at-1]
}
