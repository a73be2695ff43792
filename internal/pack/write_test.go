package pack

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
)

func smallContent(t *testing.T) *undersigned.Content {
	t.Helper()
	c, err := Read(small(nil))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWriteReplacesAPackAsAWhole(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "above", "pack")
	if err := Write(dir, starter(t)); err != nil {
		t.Fatal(err)
	}
	if err := Write(dir, smallContent(t)); err != nil {
		t.Fatal(err)
	}
	files := tree(t, os.DirFS(dir))
	if len(files) != 3 {
		t.Errorf("the folder holds %d files, want the 3 of the second pack", len(files))
	}
	beside, err := os.ReadDir(filepath.Dir(dir))
	if err != nil || len(beside) != 1 {
		t.Errorf("beside the pack stands %v, %v", beside, err)
	}
}

func TestWriteLeavesAFolderThatIsNoPack(t *testing.T) {
	for _, name := range []string{"thesis.doc", ".git", "actions"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := Write(dir, smallContent(t)); err == nil || !strings.Contains(err.Error(), "not a pack") {
				t.Errorf("got %v, want a refusal", err)
			}
			if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
				t.Errorf("it is gone: %v", err)
			}
		})
	}
}

func TestWriteLeavesAPackThatHoldsSomethingElse(t *testing.T) {
	for _, name := range []string{"actions/thesis.doc", ".gitignore", "photos/a.md", "es/.DS_Store"} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "pack")
			if err := Write(dir, smallContent(t)); err != nil {
				t.Fatal(err)
			}
			stray := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(stray), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(stray, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := Write(dir, smallContent(t)); err == nil || !strings.Contains(err.Error(), "not a pack alone") {
				t.Errorf("got %v, want a refusal", err)
			}
			if _, err := os.Stat(stray); err != nil {
				t.Errorf("it is gone: %v", err)
			}
		})
	}
}

func TestWriteRefusesWhatReadWouldRefuseAndLeavesNothing(t *testing.T) {
	for name, spoil := range map[string]func(c *undersigned.Content){
		"a path for a slug":     func(c *undersigned.Content) { c.Actions[0].Slug = "../../escape" },
		"two of one name":       func(c *undersigned.Content) { c.Actions = append(c.Actions, c.Actions[0]) },
		"a moment within a day": func(c *undersigned.Content) { c.Actions[0].Closes = time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC) },
		"no languages":          func(c *undersigned.Content) { c.Issue.Languages = nil },
		"no title":              func(c *undersigned.Content) { c.Issue.Texts = nil },
		"control characters": func(c *undersigned.Content) {
			c.Actions[0].Texts = map[string]undersigned.ActionText{"en": {Title: "a\x00b", Ask: "c"}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := smallContent(t)
			spoil(c)
			above := t.TempDir()
			err := Write(filepath.Join(above, "pack"), c)
			if !errors.As(err, new(*Error)) {
				t.Errorf("got %v, want a fault", err)
			}
			if left, err := os.ReadDir(above); err != nil || len(left) > 0 {
				t.Errorf("%v was left, %v", left, err)
			}
		})
	}
}

func TestEverythingThatContentHoldsSurvivesAPack(t *testing.T) {
	c := smallContent(t)
	c.Issue.State, c.Issue.Organizer, c.Issue.Coordinator, c.Issue.Contact = undersigned.IssueDraft, "Ann", "ann@example.org", "press@example.org"
	c.Issue.SealTo = []string{recipientA, recipientB}
	c.Issue.News = undersigned.NewsSettings{Bill: true, Closing: true}
	a := &c.Actions[0]
	a.State, a.Goal, a.Publish, a.Order, a.Ended, a.KeepDays = undersigned.ActionPaused, 500, undersigned.Batched, 7, "2026-02-01", 14
	a.Opens, a.Closes = undersigned.Day("2026-01-01").Begin(undersigned.Eastern), undersigned.Day("2026-11-01").End(undersigned.Eastern)
	b := &c.Bills[0]
	b.Stage, b.Presented, b.Decided, b.Cosponsors = undersigned.Vetoed, "2026-03-01", "2026-03-09", 12
	b.Events = []undersigned.BillEvent{{Date: "2026-03-01", Texts: map[string]string{"es": "Solo en español"}}}
	b.Successors = []undersigned.BillSuccessor{{PublicLaw: "119-7", Title: "yes", Date: "2026-04-01"}}
	c.Organizations = []undersigned.Organization{{Slug: "us", Name: "Us: all", AsOf: "2026-01-01", Founded: 1990,
		FormerNames: []undersigned.FormerName{{Name: "We", Until: "2001-01-01"}},
		Kind:        undersigned.LegalHelp, Languages: []string{"en", "ht"}, Phone: "1-800-555-0100", Email: "us@example.org", Address: "1 Street\n\n Boston",
		VerifiedOn: "2026-01-02", VerifiedBy: "Ana: the editor", Region: "New England",
		Texts: map[string]undersigned.OrganizationText{"en": {Body: "We.", Region: "New England"}, "es": {Body: "Nos.", Region: "Nueva Inglaterra"}}}}
	c.Resources = []undersigned.Resource{{Slug: "film", Shelf: undersigned.Learn, Kind: undersigned.Film, AsOf: "2026-01-01", Prepares: "sign",
		Publisher: "The center", Links: []undersigned.ResourceLink{{URL: "https://example.org/", Archived: "https://archive.example/1"},
			{URL: "https://example.org/2", Label: "The list", Labels: map[string]string{"en": "The list", "es": "La lista: aquí"}},
			{URL: "https://example.org/3", Label: "Third", Labels: map[string]string{"en": "Third"}}},
		Texts: map[string]undersigned.ResourceText{"en": {Title: "Film", Why: "yes", Body: "See it.", Publisher: "The center"}, "es": {Title: "Película", Body: "Véala.", Publisher: "El centro"}}}}
	letter := undersigned.Action{Issue: c.Issue.Slug, Slug: "write", Kind: undersigned.Letter, State: undersigned.ActionOpen, Targets: []string{"senate"},
		Addressees: []undersigned.Addressee{
			{Slug: "governor", Name: "Ana Gómez: la gobernadora", Role: "Governor", Email: "office@example.org", Phone: "1-800-555-0100", Address: "State House, 24 Beacon Street, Boston, MA 02133", URL: "https://example.org/contact"},
			{Slug: "field-office", Name: "Field Office", Role: "Director", Address: "12 Main Street"}},
		Texts: map[string]undersigned.ActionText{"en": {Title: "Write", Ask: "Please.", Words: "Dear\n\nyou"}}}
	c.Actions = append(c.Actions, letter)
	files, err := render(c)
	if err != nil {
		t.Fatal(err)
	}
	again := (&reader{files: files}).content()
	second, err := render(again)
	if err != nil {
		t.Fatal(err)
	}
	for name := range files {
		if string(files[name]) != string(second[name]) {
			t.Errorf("%s changes from\n%s\nto\n%s", name, files[name], second[name])
		}
	}
	a2, b2 := again.Action("sign"), again.Bills[0]
	if a2.Goal != 500 || a2.KeepDays != 14 || !a2.Closes.Equal(a.Closes) || !a2.Opens.Equal(a.Opens) || a2.Publish != undersigned.Batched {
		t.Errorf("the action came back as %+v", a2)
	}
	if b2.Decided != "2026-03-09" || b2.Events[0].Texts["es"] != "Solo en español" || b2.Successors[0].Title != "yes" {
		t.Errorf("the bill came back as %+v", b2)
	}
	if !reflect.DeepEqual(again.Organizations, c.Organizations) || !reflect.DeepEqual(again.Resources, c.Resources) {
		t.Errorf("came back as %+v %+v", again.Organizations, again.Resources)
	}
	if got := again.Action("write"); got == nil || !slices.Equal(got.Addressees, letter.Addressees) {
		t.Errorf("the letter came back as %+v", got)
	}
	if got := string(files["bills/119-hr-1.md"]); !strings.Contains(got, `title: "yes"`) || !strings.Contains(got, `public_law: "119-7"`) {
		t.Errorf("words that look like something else stand without quotes:\n%s", got)
	}
}

// What is said in a language stays that language's when the order of the languages changes.
func TestNothingIsLostWhenAnotherLanguageBecomesTheFirst(t *testing.T) {
	c := starter(t)
	c.Issue.Languages = []string{"es", "en"}
	for id, noun := range c.Nouns() {
		again, err := ReadForm(c, id, Form(c, noun).Tidy(anyName))
		if err != nil {
			t.Fatalf("%v: %v", id, err)
		}
		c.Put(id, again)
	}
	r := c.Noun(undersigned.NounID{Issue: c.Issue.Slug, Kind: undersigned.ResourceNoun, Slug: "court-date"}).(*undersigned.Resource)
	f, languages := c.Fact("people-held"), c.Issue.Languages
	for _, in := range []func(string, []string) (string, string){r.PublisherIn, r.Links[0].LabelIn, f.SourceIn, f.LicenceIn, c.Organizations[0].RegionIn} {
		en, one := in("en", languages)
		es, other := in("es", languages)
		if en == es || one != "en" || other != "es" {
			t.Errorf("%q in %s, %q in %s", en, one, es, other)
		}
	}
}

// FuzzText writes any text into a front matter and wants it back.
func FuzzText(f *testing.F) {
	for _, s := range []string{"plain", "a: b", "- a", "true", "12", "a #b", "é\u00a0ñ", "\"quoted\"", "  lead\n\n  more", "a\n\n\nb  \nc",
		strings.Repeat("long words ", 30), "# a\n---\nb", "{a}", "a\\b", "'", "|", ">", "a\n\tb", "💧", "\u200f", "\u2028", "@", "%",
		"a #" + strings.Repeat("{", maxMarks/2+1), "a" + strings.Repeat("\u200f", maxFront/6)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if _, bad := badByte([]byte(s)); bad != "" || strings.TrimSpace(clean(s)) == "" {
			return
		}
		w, line := &front{}, &front{indent: "  "}
		w.text("text", s)
		line.one("one", strings.ReplaceAll(clean(s), "\n", " "))
		front := w.b.String() + "deep:\n" + line.b.String()
		if len(front) > maxFront || countAny(front, marks) > maxMarks {
			return // what no file may have is told at the form: FuzzReadForm
		}
		r := &reader{files: map[string][]byte{"f.md": []byte("---\n" + front + "---\n")}}
		d := r.open("f.md")
		got, deep := d.text("text"), d.sub("deep")
		if len(r.errs) > 0 || deep == nil {
			t.Fatalf("%q is written as\n%s\nand read with %v", s, r.files["f.md"], r.errs)
		}
		if want := clean(s); got != want && strings.TrimSpace(want) != got {
			t.Fatalf("%q is written as\n%s\nand read as %q", s, r.files["f.md"], got)
		}
		if got, want := deep.one("one"), strings.TrimSpace(strings.ReplaceAll(clean(s), "\n", " ")); got != want {
			t.Fatalf("%q is written as\n%s\nand read as %q", want, r.files["f.md"], got)
		}
	})
}
