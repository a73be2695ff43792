package web

import (
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
		// What a reader ticked as read in the library is all that a browser keeps.
		if kept := strings.Count(text, "localStorage.setItem("); kept != strings.Count(text, "localStorage.setItem(key, JSON.stringify(kept))") ||
			kept > 0 && !strings.Contains(text, "var key = 'seen'") {
			t.Errorf("%s keeps something else in the browser", name)
		}
	}
	if scripts == 0 {
		t.Error("there is no script")
	}
}
