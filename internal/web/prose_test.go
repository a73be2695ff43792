package web

import (
	"strings"
	"testing"
)

func TestProse(t *testing.T) {
	for name, test := range map[string]struct {
		source string
		top    int
		want   string
	}{
		"empty":                        {"", 2, ""},
		"a paragraph":                  {"One **two**.", 2, "<p>One <strong>two</strong>.</p>"},
		"headings begin where told":    {"# A\n\n## B", 3, "<h3>A</h3>\n<h4>B</h4>"},
		"headings leave no gap":        {"## A\n\n#### B\n\n## C", 2, "<h2>A</h2>\n<h3>B</h3>\n<h2>C</h2>"},
		"headings end at six":          {"# A\n\n## B\n\n### C", 5, "<h5>A</h5>\n<h6>B</h6>\n<h6>C</h6>"},
		"raw HTML is left out":         {"a <b onclick=x>b</b> <script>c</script>", 2, "<p>a b c</p>"},
		"a link of ours":               {"[a](#learn) [b](/privacy)", 2, `<p><a href="#learn">a</a> <a href="/privacy">b</a></p>`},
		"a link to elsewhere":          {"[a](https://example.org/)", 2, `<p><a href="https://example.org/" rel="external noopener">a</a></p>`},
		"a link that hides its scheme": {"[a](//example.org/)", 2, `<p><a href="//example.org/" rel="external noopener">a</a></p>`},
		"a link that runs":             {"[a](javascript:alert(1)) [b](data:text/html,x)", 2, "<p>a b</p>"},
		"a picture is left out":        {"![alt](https://example.org/x.png)", 2, "<p></p>"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := strings.TrimSpace(string(prose(test.source, test.top))); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func FuzzProse(f *testing.F) {
	f.Add("# A\n[b](javascript:c) <script>d</script>")
	f.Add("[b](/javascript:c) [b](#javascript:c) [b](?javascript:c) <javascript:c> [b]( javascript:c)")
	f.Add("a [b]: <x>\n\n[b]: //e \"f\"\n> - 1. `g`\n***")
	f.Fuzz(func(t *testing.T, source string) {
		page := string(prose(source, 2))
		for _, never := range []string{"<script", "<h1", `="javascript:`, " style=", " onclick="} {
			if strings.Contains(tags(page), never) {
				t.Errorf("%q gives %q", source, page)
			}
		}
	})
}

// tags is what stands inside the angle brackets of a page, brackets included.
func tags(page string) string {
	var b strings.Builder
	inside := false
	for _, r := range strings.ToLower(page) {
		if r == '<' {
			inside = true
		}
		if inside {
			b.WriteRune(r)
		}
		if r == '>' {
			inside = false
		}
	}
	return b.String()
}
