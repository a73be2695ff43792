package pack

import (
	"strings"
	"testing"
)

func TestLinksThatNoPageWouldMakeAreRefused(t *testing.T) {
	for source, want := range map[string]string{
		"See [this](https://example.org/a?b=c) and <http://example.org>.": "",
		"[Write](mailto:a@example.org), [call](tel:+16175550100).":        "",
		"[Here](/learn), [there](#act), [elsewhere](page), [x](//e.org/)": "",
		"javascript:alert(1) is only words":                               "",
		"`[x](javascript:alert(1))` is code":                              "",
		"[x](javascript:alert(1))":                                        "javascript:alert(1)",
		"[x](JaVaScRiPt:alert(1))":                                        "JaVaScRiPt:alert(1)",
		"[x](javascript&#58;alert(1))":                                    "javascript&#58;alert(1)",
		"[x](javascript&colon;alert(1))":                                  "javascript&colon;alert(1)",
		"[x][y]\n\n[y]: data:text/html;base64,AAAA":                       "data:text/html;base64,AAAA",
		"<javascript:alert(1)>":                                           "javascript:alert(1)",
		"[x](<java\tscript:alert(1)>)":                                    "java\tscript:alert(1)",
		"[x](vbscript:x)":                                                 "vbscript:x",
		"[x](file:///etc/passwd)":                                         "file:///etc/passwd",
		"[x](ftp://example.org/)":                                         "ftp://example.org/",
	} {
		if got, bad := badLink(source); got != want || bad != (want != "") {
			t.Errorf("%q: %q, %v; want %q", source, got, bad, want)
		}
	}
}

func TestHTMLThatNoPageWouldShowIsRefused(t *testing.T) {
	for source, want := range map[string]string{
		"<p class=MsoNormal>Hello <b>you</b></p>": "<p class=MsoNormal>Hello <b>you</b></p>",
		"Before.\n\n- <div>in a list</div>":       "<div>in a list</div>",
		"<script>alert(1)</script>":               "<script>alert(1)</script>",
		"<!-- a note of ours -->\n\nWords.":       "",
		"a <b>bold</b> word is still read":        "",
		"1 < 2 & <3":                              "",
		"```\n<p>code</p>\n```":                   "",
	} {
		fault, _, got := CheckProse(source)
		if got != want || (fault == "want.markdown") != (want != "") {
			t.Errorf("%q: %s %q, want %q", source, fault, got, want)
		}
	}
}

func TestTextsOfAMegabyteAreRefusedWhereTheyStand(t *testing.T) {
	for name, c := range map[string]struct{ file, text, want string }{
		"body":  {"actions/sign.md", plainAction + strings.Repeat("a", maxBody+1), "actions/sign.md:1: want a text of at most 100,000"},
		"line":  {"actions/sign.md", strings.Replace(plainAction, "We ask.", strings.Repeat("a", maxLine+1), 1), "actions/sign.md:4: ask: want a text of at most 2,000"},
		"text":  {"actions/sign.md", with(plainAction, "outcome: |\n  "+strings.Repeat("a b\n  ", maxText/4+1)), "actions/sign.md:2: outcome: want a text of at most 20,000"},
		"links": {"issue.md", with(plainIssue, "sections:\n  - id: act\n    title: A\n    intro: \"[x](data:text/html,x)\""), "issue.md:5: sections[1].intro: want links that begin"},
	} {
		_, err := Read(small(map[string]string{c.file: c.text}))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %.300v, want %s", name, err, c.want)
		}
	}
}

func FuzzBadLink(f *testing.F) {
	f.Add("[x](javascript:alert(1)) <data:x>")
	f.Add("[x][y]\n\n[y]: <java script:x>")
	f.Fuzz(func(t *testing.T, source string) {
		if link, bad := badLink(source); !bad && link != "" {
			t.Errorf("%q: %q", source, link)
		}
	})
}
