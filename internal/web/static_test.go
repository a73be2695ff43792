package web

import (
	"bytes"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
)

// What a script must not do: make markup or code of words, talk to other windows, keep cookies.
var notInScripts = regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|postMessage|'message'|cookie|sessionStorage|indexedDB`)

func TestScriptsWriteTextAndKeepNothingOfAPerson(t *testing.T) {
	s := newSite(t)
	scripts := 0
	for name, a := range s.views.assets {
		if !strings.HasSuffix(name, ".js") {
			continue
		}
		scripts++
		text := string(a.Body)
		if found := notInScripts.FindAllString(text, -1); found != nil {
			t.Errorf("%s has %v", name, found)
		}
		// What a reader ticked as read in the library, and what staff write in the forms below, is all that a browser keeps.
		kept, seen := strings.Count(text, ".setItem("), strings.Count(text, "localStorage.setItem(key, JSON.stringify(kept))")
		if name == "desk.js" && strings.Contains(text, "all('form[data-keep]').forEach(") {
			seen += strings.Count(text, "s.setItem(key, JSON.stringify({words: values(words), began: values(began)}))")
		} else if seen > 0 && !strings.Contains(text, "var key = 'seen'") {
			t.Errorf("%s keeps something else in the browser", name)
		}
		if kept != seen {
			t.Errorf("%s keeps %d things in the browser, of which %d are known", name, kept, seen)
		}
	}
	if scripts == 0 {
		t.Error("there is no script")
	}
	err := fs.WalkDir(os.DirFS("templates"), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile("templates/" + path)
		// Texts of pages and of news, which are written for everybody.
		if bytes.Contains(text, []byte("data-keep=")) && path != "desk/edit.html" && path != "desk/update.html" {
			t.Errorf("%s: what is typed stays in the browser", path)
		}
		return err
	})
	s.must(err)
}
