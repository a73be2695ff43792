package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/pack"
	"github.com/undersigned/undersigned/internal/store"
)

// The forms in which content is written: one for each kind of noun. Every button sends the whole form, so that nothing that
// was typed is ever lost; the field "do" says which was pressed.

// nounOf reads which noun a path names; of a new one the path has no slug.
func nounOf(r *http.Request) (undersigned.NounID, error) {
	id := undersigned.NounID{Issue: r.PathValue("issue"), Kind: undersigned.NounKind(r.PathValue("kind")), Slug: r.PathValue("slug")}
	if undersigned.NewNoun(id.Kind) == nil || id.Kind == undersigned.IssueNoun && id.Slug != id.Issue {
		return id, undersigned.Fail(undersigned.NotFound, "")
	}
	return id, nil
}

func nounPath(id undersigned.NounID) string {
	return "/admin/issues/" + id.Issue + "/" + string(id.Kind) + "/" + id.Slug
}

// openNoun finds everything there is of the noun that a path names.
func (s *Server) openNoun(ctx context.Context, r *http.Request) (id undersigned.NounID, e *action.Editing, err error) {
	if id, err = nounOf(r); err != nil {
		return id, nil, err
	}
	err = s.db.View(ctx, func(tx *store.Tx) error {
		e, err = action.OpenEditing(tx, id)
		return err
	})
	return id, e, err
}

// showEdit shows the form of a noun: its draft, or what is on the site. With check=1 it says what is missing, too.
func (s *Server) showEdit(d *deskVisit, r *http.Request) error {
	id, e, err := s.openNoun(r.Context(), r)
	if err != nil {
		return err
	}
	form := &editing{id: id, content: e.Content, fields: e.Fields}
	if e.Draft != nil {
		form.problem = draftFaults(e.Content, id, e.Fields, r.URL.Query().Get("check") != "")
	}
	page, err := s.newEdit(r.Context(), d, form, e, e.Base)
	if err != nil {
		return err
	}
	page.deskChrome = page.done(r.URL.Query().Get("done"), "saved", "brought_back", "accepted")
	if page.Done != "" {
		page.Saved = savedAs(form, r)
	}
	return s.show(d, http.StatusOK, "desk/edit", page)
}

// savedAs names what the browser need not keep any more; of what was new until now also that which it had no name for.
func savedAs(form *editing, r *http.Request) []string {
	names := []string{nounPath(form.id)}
	if r.URL.Query().Has("new") {
		names = append(names, newKeep(form))
	}
	return names
}

// draftFaults tells what is wrong with a draft; what is merely missing only where somebody asked.
func draftFaults(content *undersigned.Content, id undersigned.NounID, fields pack.Fields, all bool) *undersigned.Error {
	if content == nil {
		content = &undersigned.Content{Issue: undersigned.Issue{Slug: id.Issue}}
	}
	_, err := pack.ReadForm(content, id, fields)
	var wrong *undersigned.Error
	if !errors.As(err, &wrong) {
		return nil
	}
	if !all {
		wrong.Fields = slices.DeleteFunc(slices.Clone(wrong.Fields), func(f undersigned.FieldError) bool { return f.Key == "want.field" })
		if len(wrong.Fields) == 0 {
			return nil
		}
	}
	return wrong
}

// showNew shows the empty form of a noun that is new.
func (s *Server) showNew(d *deskVisit, r *http.Request) error {
	form, err := s.newNoun(r.Context(), d, r, r.URL.Query().Get("kind"))
	if err != nil {
		return err
	}
	page, err := s.newEdit(r.Context(), d, form, nil, action.Base{})
	if err != nil {
		return err
	}
	return s.show(d, http.StatusOK, "desk/edit", page)
}

// newNoun makes the form of something new, with what is usual filled in.
func (s *Server) newNoun(ctx context.Context, d *deskVisit, r *http.Request, kind string) (*editing, error) {
	form := &editing{id: undersigned.NounID{Issue: r.PathValue("issue"), Kind: undersigned.NounKind(r.PathValue("kind"))}, fields: pack.Fields{}}
	today := string(undersigned.DayOf(s.now()))
	if form.id.Issue == "" {
		form.id.Kind = undersigned.IssueNoun
		languages := append([]string{d.lang}, slices.DeleteFunc(s.catalogue.Languages(), func(lang string) bool { return lang == d.lang })...)
		form.fields = pack.Fields{"state": "open", "timezone": "America/New_York", "languages": strings.Join(languages[:min(2, len(languages))], ", ")}
		return form, nil
	}
	err := s.db.View(ctx, func(tx *store.Tx) (err error) {
		form.content, err = tx.Content(form.id.Issue)
		return err
	})
	if err != nil {
		return nil, err
	}
	if form.content == nil || undersigned.NewNoun(form.id.Kind) == nil || form.id.Kind == undersigned.IssueNoun {
		return nil, undersigned.Fail(undersigned.NotFound, "")
	}
	switch form.id.Kind {
	case undersigned.ActionNoun:
		if !slices.Contains(undersigned.ActionKinds, undersigned.ActionKind(kind)) {
			return nil, undersigned.Fail(undersigned.NotFound, "")
		}
		form.fields = pack.Fields{"kind": kind, "state": "open", "order": strconv.Itoa(len(form.content.Actions) + 1)}
		if undersigned.ActionKind(kind).Signable() {
			form.fields["publish"] = "live"
		}
	case undersigned.OrganizationNoun:
		form.fields = pack.Fields{"as_of": today, "order": strconv.Itoa(len(form.content.Organizations) + 1)}
	case undersigned.ResourceNoun:
		form.fields = pack.Fields{"as_of": today, "shelf": "learn", "kind": "film", "order": strconv.Itoa(len(form.content.Resources) + 1)}
	case undersigned.FactNoun:
		form.fields = pack.Fields{"as_of": today, "chart": "line", "fresh_for": "90", "order": strconv.Itoa(len(form.content.Facts) + 1)}
	case undersigned.BillNoun:
		form.fields = pack.Fields{"as_of": today, "stage": "in_committee"}
	}
	return form, nil
}

// sentForm is a form as it was sent.
type sentForm struct {
	values url.Values
	fields pack.Fields
	base   action.Base
	do     []string // which button was pressed, and for what
}

func readNounForm(r *http.Request, kind undersigned.NounKind) (*sentForm, error) {
	values, err := readForm(r)
	if err != nil {
		return nil, err
	}
	f := &sentForm{values: values, fields: pack.Fields{}, do: strings.Split(values.Get("do"), " ")}
	f.base.Version, _ = strconv.Atoi(values.Get("version"))
	f.base.Save, _ = strconv.Atoi(values.Get("save"))
	for name, said := range values {
		if spec := specOf(kind, name); spec != nil && spec.look == lookTicks {
			f.fields[name] = strings.Join(said, ", ")
		} else {
			f.fields[name] = said[0]
		}
	}
	f.fields = f.fields.Tidy(func(name string) bool { return specOf(kind, name) != nil })
	return f, nil
}

// saveNoun takes the form of a noun, whichever of its buttons was pressed.
func (s *Server) saveNoun(d *deskVisit, r *http.Request) error {
	id, e, err := s.openNoun(r.Context(), r)
	if err != nil {
		return err
	}
	sent, err := readNounForm(r, id.Kind)
	if err != nil {
		return err
	}
	if groups := chosenTheirs(sent.values); len(groups) > 0 && e.Base == sent.base {
		sent.fields = (&action.Clash{Theirs: e.Fields}).TakeTheirs(sent.fields, groups)
	}
	carryOver(id.Kind, e.Fields, sent.fields)
	complete(id.Kind, sent.fields)
	return s.pressed(d, r, &editing{id: id, content: e.Content, fields: sent.fields, correction: sent.values.Get("correction")}, sent, e)
}

// saveNew takes the form of something new.
func (s *Server) saveNew(d *deskVisit, r *http.Request) error {
	kind := undersigned.NounKind(r.PathValue("kind"))
	if r.PathValue("issue") == "" {
		kind = undersigned.IssueNoun
	}
	sent, err := readNounForm(r, kind)
	if err != nil {
		return err
	}
	form, err := s.newNoun(r.Context(), d, r, sent.fields["kind"])
	if err != nil {
		return err
	}
	form.fields = sent.fields
	form.id.Slug = strings.TrimSpace(pack.TidyText(sent.values.Get("slug")))
	if form.id.Slug == "" {
		form.id.Slug = slugOf(cmp.Or(form.fields["title"], form.fields["name"]))
	}
	if kind == undersigned.IssueNoun {
		form.id.Issue, form.fields["slug"] = form.id.Slug, form.id.Slug
	}
	complete(kind, form.fields)
	return s.pressed(d, r, form, sent, nil)
}

// pressed does what the button says that was pressed. e is nil for what is new.
func (s *Server) pressed(d *deskVisit, r *http.Request, form *editing, sent *sentForm, e *action.Editing) error {
	switch do := sent.do; do[0] {
	case "preview":
		form.previews = true
	case "page":
		return s.showDraftPage(d, r, form, do[len(do)-1])
	case "add", "drop", "up":
		form.change(do)
	default:
		edit := action.Edit{By: d.by(), ID: form.id, New: e == nil, Base: sent.base, Fields: form.fields}
		edit.Correction, _ = parseCorrection(form.correction)
		_, err := s.actions.SaveDraft(r.Context(), edit)
		if err != nil {
			return s.notSaved(r.Context(), d, form, sent, e, err)
		}
		saved := "?done=saved"
		if e == nil {
			saved += "&new=1"
		}
		if do[0] == "publish" {
			return seeOther(d.visit, nounPath(form.id)+"/publish"+saved)
		}
		return seeOther(d.visit, nounPath(form.id)+saved)
	}
	page, err := s.newEdit(r.Context(), d, form, e, sent.base)
	if err != nil {
		return err
	}
	page.Slug.Value, page.Sent = sent.values.Get("slug"), true
	return s.show(d, http.StatusOK, "desk/edit", page)
}

// notSaved shows the form again: with what is wrong, or with what somebody else has written meanwhile.
func (s *Server) notSaved(ctx context.Context, d *deskVisit, form *editing, sent *sentForm, e *action.Editing, err error) error {
	var clash *action.Clash
	base := sent.base
	switch {
	case errors.As(err, &clash):
		form.fields, base = clash.Merged, clash.Base
	case !errors.As(err, &form.problem) || form.problem.Kind != undersigned.Invalid && form.problem.Kind != undersigned.Unavailable:
		return err
	}
	page, err := s.newEdit(ctx, d, form, e, base)
	if err != nil {
		return err
	}
	page.Slug.Value, page.Sent = sent.values.Get("slug"), true
	if clash == nil {
		return s.showProblem(d.visit, form.problem, "desk/edit", page)
	}
	names, err := s.namer(ctx, page.chrome)
	if err != nil {
		return err
	}
	page.Clash = newClash(page.chrome, form, clash, names)
	return s.show(d, http.StatusConflict, "desk/edit", page)
}

// chosenTheirs are the fields of which somebody has chosen the other's text.
func chosenTheirs(values url.Values) (groups []string) {
	for name := range values {
		if group, ok := strings.CutPrefix(name, "take."); ok && values.Get(name) == "theirs" {
			groups = append(groups, group)
		}
	}
	return groups
}

// change adds an empty entry to a list of the form, takes one out or moves it up.
func (e *editing) change(do []string) {
	if len(do) < 2 {
		return
	}
	list, at := do[1], 0
	if len(do) > 2 {
		at, _ = strconv.Atoi(do[2])
	}
	switch n := e.fields.Items(list); {
	case do[0] == "add":
		e.blank = map[string]int{list: 1}
	case at < 1 || at > n:
	case do[0] == "drop":
		e.fields.Drop(list, at)
	case do[0] == "up" && at > 1:
		e.fields.Swap(list, at, at-1)
	}
}

// carryOver keeps what a pack may say of a noun and its form does not show, such as words for a petition.
func carryOver(kind undersigned.NounKind, before, fields pack.Fields) {
	for name, said := range before {
		if f := specOf(kind, name); f == nil || kind == undersigned.ActionNoun && !f.fitsKind(undersigned.ActionKind(fields["kind"])) {
			fields[name] = said
		}
	}
}

// complete fills in what can be told from the rest: the names of a list's entries for addresses, and the columns of figures.
func complete(kind undersigned.NounKind, fields pack.Fields) {
	for list, from := range map[string]string{"addressees": "name", "questions": "question", "campaigns": "name"} {
		if specOf(kind, list+"[1].slug") == nil {
			continue
		}
		for at := range fields.Items(list) {
			item := list + "[" + strconv.Itoa(at+1) + "]."
			if fields[item+"slug"] == "" {
				if slug := slugOf(fields[item+from]); slug != "" {
					fields[item+"slug"] = slug
				}
			}
		}
	}
	if kind == undersigned.FactNoun {
		for i, column := range pack.Headings(fields["figures"])[1:] {
			if name := "series[" + strconv.Itoa(i+1) + "].column"; fields[name] == "" && i < 4 && strings.TrimSpace(column) != "" {
				fields[name] = strings.TrimSpace(column)
			}
		}
	}
}

// slugOf makes of words a name for an address, as far as it goes.
func slugOf(words string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(words)) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r):
		default:
			if s := b.String(); s != "" && !strings.HasSuffix(s, "-") {
				b.WriteByte('-')
			}
		}
		if b.Len() >= 60 {
			break
		}
	}
	return strings.Trim(b.String(), "-")
}
