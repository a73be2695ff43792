package pack

import (
	"archive/zip"
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/undersigned/undersigned"
)

func zipped(t *testing.T, files ...string) *bytes.Reader {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		f, err := w.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(b.Bytes())
}

func TestZipOfAPackIsThePack(t *testing.T) {
	c := starter(t)
	var one, two bytes.Buffer
	if err := WriteZip(&one, c); err != nil {
		t.Fatal(err)
	}
	got, err := ReadZip(bytes.NewReader(one.Bytes()), int64(one.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, c) {
		t.Error("another pack came out")
	}
	if err := WriteZip(&two, got); err != nil || !bytes.Equal(one.Bytes(), two.Bytes()) {
		t.Errorf("other bytes the second time, %v", err)
	}
}

func TestZipIsReadFromItsFolder(t *testing.T) {
	for name, c := range map[string]struct {
		files []string
		want  string // part of the error; empty is none
	}{
		"at the top":            {[]string{"issue.md", plainIssue}, ""},
		"in a folder":           {[]string{"My Cause/issue.md", plainIssue, "My Cause/actions/sign.md", plainAction}, ""},
		"by a Mac":              {[]string{"c/issue.md", plainIssue, "__MACOSX/c/._issue.md", "\x00", "c/.DS_Store", "\x00"}, ""},
		"nothing":               {nil, "issue.md: want this file"},
		"no pack":               {[]string{"photo.jpg", "\xff"}, "issue.md: want this file"},
		"a way out":             {[]string{"../issue.md", plainIssue}, "issue.md: want this file"},
		"a way out beside":      {[]string{"c/issue.md", plainIssue, "../../etc/passwd", "x"}, ""},
		"an absolute path":      {[]string{"/c/issue.md", plainIssue}, "issue.md: want this file"},
		"a fault":               {[]string{"c/issue.md", plainIssue, "c/actions/sign.md", "x"}, "actions/sign.md:1: want a front matter"},
		"a file of 2 MB":        {[]string{"c/issue.md", plainIssue, "c/actions/sign.md", strings.Repeat("a", 2<<20)}, "actions/sign.md: want at most 1 MB"},
		"too many files":        {append([]string{"c/issue.md", plainIssue}, make([]string, 2*maxFiles)...), "want at most 50,000 files"},
		"a hundred MB of zeros": {append([]string{"c/issue.md", plainIssue}, many(100)...), "want at most 64 MB"},
	} {
		r := zipped(t, c.files...)
		content, err := ReadZip(r, r.Size())
		if c.want == "" && (err != nil || content.Issue.Slug != "clean-water") || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, broken := range []string{"", "PK", "not a zip file", strings.Repeat("PK\x03\x04", 100)} {
		if _, err := ReadZip(strings.NewReader(broken), int64(len(broken))); err == nil || !strings.Contains(err.Error(), "want a zip file") {
			t.Errorf("%q: %v", broken, err)
		}
	}
}

func many(n int) (files []string) {
	for i := range n {
		files = append(files, "c/actions/a"+strings.Repeat("b", i+1)+".md", strings.Repeat("\x00", 1<<20))
	}
	return files
}

func TestPublicPackHoldsNothingOfTheSitesOwn(t *testing.T) {
	c := starter(t)
	c.Issue.Coordinator, c.Issue.Contact, c.Issue.Organizer, c.Issue.SealTo = "secret@example.org", "desk@example.org", "Nemo", []string{recipientA, recipientB}
	c.Actions = append(c.Actions, undersigned.Action{Issue: c.Issue.Slug, Slug: "hidden", Kind: undersigned.Petition, State: undersigned.ActionDraft,
		Texts: map[string]undersigned.ActionText{"en": {Title: "Hidden", Ask: "Hidden"}}})
	for i := range c.Actions {
		if c.Actions[i].Successor = ""; c.Actions[i].Slug != "hidden" {
			c.Actions[i].Successor = "hidden"
		}
		c.Actions[i].Opportunity.Coordinator.Email = "secret@example.org"
	}
	c.Resources[0].Prepares = "hidden"
	var b bytes.Buffer
	if err := WriteZip(&b, Public(c)); err != nil {
		t.Fatal(err)
	}
	got, err := ReadZip(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	files, err := render(got)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		for _, secret := range []string{"secret@", "desk@", "Nemo", "age1", "idden"} {
			if strings.Contains(string(text), secret) && !strings.Contains(string(text), "forbidden") {
				t.Errorf("%s holds %s", name, secret)
			}
		}
	}
	if c.Issue.Coordinator == "" || len(c.Actions) == len(got.Actions) {
		t.Error("the site's own content was changed")
	}
}

func FuzzReadZip(f *testing.F) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, text := range map[string]string{"c/issue.md": plainIssue, "c/actions/sign.md": plainAction} {
		if file, err := w.Create(name); err == nil {
			file.Write([]byte(text))
		}
	}
	w.Close()
	f.Add(b.Bytes())
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if c, err := ReadZip(bytes.NewReader(data), int64(len(data))); err == nil && c.Issue.Slug == "" {
			t.Error("a pack without an issue")
		}
	})
}
