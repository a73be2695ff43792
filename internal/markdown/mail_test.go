package markdown

import (
	"net/url"
	"strings"
	"testing"
)

var base = &url.URL{Scheme: "https", Host: "cause.example"}

func TestMailSaysTheSameInBothForms(t *testing.T) {
	for name, c := range map[string]struct{ source, html, plain string }{
		"words":             {"One **two** *three* `four`.", "<p>One <strong>two</strong> <em>three</em> <code>four</code>.</p>", "One two three four."},
		"paragraphs":        {"One\ntwo\n\nthree\\\nfour", "<p>One\ntwo</p>\n<p>three<br>\nfour</p>", "One two\n\nthree\nfour"},
		"headings":          {"# A\n\nb\n\n## C", "<h2>A</h2>\n<p>b</p>\n<h3>C</h3>", "A\n\nb\n\nC"},
		"a list":            {"- a\n- b\n  c", "<ul>\n<li>a</li>\n<li>b\nc</li>\n</ul>", "- a\n- b c"},
		"a numbered list":   {"3. a\n4. b\n\n   c", "<ol start=\"3\">\n<li>\n<p>a</p>\n</li>\n<li>\n<p>b</p>\n<p>c</p>\n</li>\n</ol>", "3. a\n4. b\n\n   c"},
		"a quotation":       {"> a\n>\n> b", "<blockquote>\n<p>a</p>\n<p>b</p>\n</blockquote>", "> a\n>\n> b"},
		"a rule and code":   {"a\n\n---\n\n    x := 1\n", "<p>a</p>\n<hr>\n<pre><code>x := 1\n</code></pre>", "a\n\n* * *\n\n    x := 1"},
		"a link of ours":    {"[the bill](/bills/119/hr/1)", `<p><a href="https://cause.example/bills/119/hr/1">the bill</a></p>`, "the bill <https://cause.example/bills/119/hr/1>"},
		"a link elsewhere":  {"[there](https://a.example/?b=c&d=e)", `<p><a href="https://a.example/?b=c&amp;d=e">there</a></p>`, "there <https://a.example/?b=c&d=e>"},
		"a bare link":       {"<https://a.example/> or [https://b.example](https://b.example)", `<p><a href="https://a.example/">https://a.example/</a> or <a href="https://b.example">https://b.example</a></p>`, "https://a.example/ or https://b.example"},
		"a mail address":    {"[write](mailto:us@a.example)", `<p><a href="mailto:us@a.example">write</a></p>`, "write <us@a.example>"},
		"a link that runs":  {"[a](javascript:alert(1))", "<p>a</p>", "a"},
		"a picture":         {"a ![b](https://c.example/d.png)", "<p>a </p>", "a"},
		"raw HTML":          {"a <b onclick=x>c</b>\n\n<script>d</script>\n\ne", "<p>a c</p>\n\n<p>e</p>", "a c\n\ne"},
		"escapes":           {"1\\. \\*a\\* &amp; &eacute; < b", "<p>1. *a* &amp; é &lt; b</p>", "1. *a* & é < b"},
		"nothing":           {"", "", ""},
		"Arabic and emoji":  {"مرحبا 🕯", "<p>مرحبا 🕯</p>", "مرحبا 🕯"},
		"a list in a list":  {"- a\n  - b", "<ul>\n<li>a\n<ul>\n<li>b</li>\n</ul>\n</li>\n</ul>", "- a\n  - b"},
		"two lists, a word": {"- a\n\nb\n\n1. c", "<ul>\n<li>a</li>\n</ul>\n<p>b</p>\n<ol>\n<li>c</li>\n</ol>", "- a\n\nb\n\n1. c"},
	} {
		t.Run(name, func(t *testing.T) {
			html, plain := Mail(c.source, base)
			if got := strings.TrimSpace(string(html)); got != strings.TrimSpace(c.html) {
				t.Errorf("HTML\n%q, want\n%q", got, c.html)
			}
			if plain != c.plain {
				t.Errorf("text\n%q, want\n%q", plain, c.plain)
			}
		})
	}
}

func FuzzMail(f *testing.F) {
	f.Add("# A\n[b](javascript:c) <script>d</script>\n\n- e\n  1. f\n\n> g")
	f.Add("a [b]: <x>\n\n[b]: //e \"f\"\n> - 1. `g`\n***")
	f.Fuzz(func(t *testing.T, source string) {
		html, plain := Mail(source, base)
		for _, never := range []string{"<script", "<img", `href="javascript:`, `href="/`} {
			if strings.Contains(strings.ToLower(string(html)), never) {
				t.Errorf("%q gives %q", source, html)
			}
		}
		if strings.HasPrefix(plain, "\n") || strings.HasSuffix(plain, "\n") {
			t.Errorf("%q gives the text %q", source, plain)
		}
	})
}
