package pack

import (
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/packs"
)

func starter(t *testing.T) *undersigned.Content {
	t.Helper()
	c, err := Read(packs.Starter)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// tree reads every file below a folder.
func tree(t *testing.T, fsys fs.FS) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(fsys, name)
		files[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestStarterPackIsWrittenBackByteForByte(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	if err := Write(dir, starter(t)); err != nil {
		t.Fatal(err)
	}
	want, got := tree(t, packs.Starter), tree(t, os.DirFS(dir))
	for name := range want {
		if got[name] != want[name] {
			t.Errorf("%s is not in canonical form; written back it is:\n%s", name, got[name])
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s was not in the pack", name)
		}
	}
}

// texts lists the fields of a text that hold something, with lists by their lengths and contents.
func texts(v reflect.Value, path string, found map[string]bool) {
	switch v.Kind() {
	case reflect.String:
		found[path] = v.Len() > 0
	case reflect.Struct:
		for i := range v.NumField() {
			texts(v.Field(i), path+"."+v.Type().Field(i).Name, found)
		}
	case reflect.Slice:
		for i := range v.Len() {
			texts(v.Index(i), path+"[]", found)
			found[path+"["+strings.Repeat("i", i)+"]"] = true
		}
	}
}

func sameTexts[T any](t *testing.T, what string, all map[string]T) {
	t.Helper()
	en, es := map[string]bool{}, map[string]bool{}
	texts(reflect.ValueOf(all["en"]), what, en)
	texts(reflect.ValueOf(all["es"]), what, es)
	if !reflect.DeepEqual(en, es) {
		t.Errorf("%s: English has the fields %v, Spanish %v", what, en, es)
	}
	if reflect.DeepEqual(all["en"], all["es"]) {
		t.Errorf("%s says the same in both languages", what)
	}
}

func TestStarterPackIsWholeInBothLanguages(t *testing.T) {
	c := starter(t)
	sameTexts(t, "issue", c.Issue.Texts)
	for i, s := range c.Issue.Texts["en"].Sections {
		if es := c.Issue.Texts["es"].Sections[i]; (s.Nav == "") != (es.Nav == "") || (s.Intro == "") != (es.Intro == "") {
			t.Errorf("section %s is not whole in Spanish", s.ID)
		}
	}
	for _, a := range c.Actions {
		sameTexts(t, a.Slug, a.Texts)
	}
	for _, b := range c.Bills {
		sameTexts(t, b.Name(), b.Texts)
		for _, e := range b.Events {
			sameTexts(t, b.Name()+" "+string(e.Date), e.Texts)
		}
	}
	for _, o := range c.Organizations {
		sameTexts(t, o.Slug, o.Texts)
		for _, campaign := range o.Campaigns {
			sameTexts(t, campaign.Slug, campaign.Texts)
		}
	}
	for _, r := range c.Resources {
		for lang, text := range r.Texts {
			text.Publisher = "" // many are called by the same name in each language
			r.Texts[lang] = text
		}
		sameTexts(t, r.Slug, r.Texts)
	}
	for _, f := range c.Facts {
		sameTexts(t, f.Slug, f.Texts)
	}
}

func decide(c *undersigned.Content, slug string, now time.Time) undersigned.Decision {
	a := c.Action(slug)
	return a.Decide(c.Bill(a.Bill), now)
}

func TestStarterAsksOpenAndCloseByTheirBills(t *testing.T) {
	c := starter(t)
	today := time.Date(2026, time.November, 22, 12, 0, 0, 0, undersigned.Eastern)
	noon := time.Date(2027, time.January, 3, 12, 0, 0, 0, undersigned.Eastern)
	died := time.Date(2013, time.January, 3, 12, 0, 0, 0, undersigned.Eastern)
	for _, slug := range []string{"oppose-hr-1932", "support-hr-6128"} {
		if a := c.Action(slug); a.State != undersigned.ActionOpen {
			t.Errorf("%s is closed by hand", slug)
		}
		if d := decide(c, slug, today); d.Reason != undersigned.ReasonDied || !d.Since.Equal(died) {
			t.Errorf("%s today: %+v, want dead since %s", slug, d, died)
		}
	}
	if d := decide(c, "support-hr-6397", noon.Add(-time.Second)); !d.Open() || !d.Until.Equal(noon) {
		t.Errorf("H.R. 6397 a second before the end of its Congress: %+v, want open until noon", d)
	}
	if d := decide(c, "support-hr-6397", noon); d.Open() || d.Reason != undersigned.ReasonDied {
		t.Errorf("H.R. 6397 at the end of its Congress: %+v, want dead", d)
	}
	for _, slug := range []string{"equality-under-the-law", "keep-families-together", "our-pledge", "aclu-pledge", "volunteer"} {
		if d := decide(c, slug, noon); !d.Open() || !d.Until.IsZero() {
			t.Errorf("%s: %+v, want open with no end", slug, d)
		}
	}
}

func TestStarterHoldsWhatTheOldPageHeld(t *testing.T) {
	c := starter(t)
	if !strings.Contains(c.Issue.Texts["en"].Body, "**must**") || !strings.Contains(c.Issue.Texts["es"].Body, "**debe**") {
		t.Error("the statement has lost its emphasis")
	}
	if len(c.Organizations) != 3 || len(c.On(undersigned.Learn)) != 4 || len(c.On(undersigned.Help)) != 5 {
		t.Errorf("%d organisations, %d to learn from, %d helps; want 3, 4, 5",
			len(c.Organizations), len(c.On(undersigned.Learn)), len(c.On(undersigned.Help)))
	}
	for _, word := range []string{"Public Law 119-1", "H.R. 1901", "S. 2463", "S. 36", "S. 4370"} {
		if !strings.Contains(c.Action("oppose-hr-1932").Texts["en"].Outcome, word) {
			t.Errorf("the outcome of H.R. 1932 does not name %s", word)
		}
	}
	for _, a := range c.Actions {
		d := a.Decide(c.Bill(a.Bill), time.Date(2026, time.November, 22, 0, 0, 0, 0, undersigned.Eastern))
		if !d.Open() && (a.Texts["en"].Outcome == "" || a.Successor == "") {
			t.Errorf("%s is closed and does not tell what became of it", a.Slug)
		}
		if a.Successor != "" && c.Action(a.Successor) == nil || a.Bill.Congress != 0 && c.Bill(a.Bill) == nil {
			t.Errorf("%s names something that is not in the pack", a.Slug)
		}
	}
	var kinds []undersigned.ActionKind
	for _, a := range c.Actions {
		kinds = append(kinds, a.Kind)
	}
	want := []undersigned.ActionKind{"petition", "letter", "letter", "call", "pledge", "elsewhere", "volunteer", "petition", "letter"}
	if !slices.Equal(kinds, want) {
		t.Errorf("the asks are %v, want %v", kinds, want)
	}
}
