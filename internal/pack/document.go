package pack

import (
	"errors"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// maxFront is the longest front matter, in bytes, and maxMarks the most brackets and other marks in one that can nest:
// the parser takes seconds over thousands of them inside each other.
const (
	maxFront = 64 << 10
	maxMarks = 500
	marks    = "[{&!"
)

const fence = "---"

// document is one file: its front matter, and the Markdown below it.
type document struct {
	*mapping
	body string
}

// open splits and parses a file that is there.
func (r *reader) open(name string) *document {
	if form := r.forms[name]; form != nil {
		return r.openForm(name, form)
	}
	d := &document{mapping: &mapping{r: r, file: name, line: 1, fields: map[string]field{}, broken: true}}
	front, body, ok := split(string(r.files[name]))
	if !ok {
		if r.files[name] != nil { // nil was refused when it was loaded
			r.errs.add(name, 1, "", "want.fence")
		}
		return d
	}
	d.body = body
	root, err := parseFront(front)
	if err != nil {
		line, fault := 1, wanted{}
		var at yaml.Error
		switch {
		case errors.As(err, &fault):
		case errors.As(err, &at) && at.GetToken() != nil:
			line, fault = at.GetToken().Position.Line, want("want.yaml", "why", at.GetMessage())
		default:
			fault = want("want.front_lines")
		}
		r.errs.add(name, line, "", fault.key, fault.args...)
		return d
	}
	d.broken = false
	d.fill(root)
	d.checkBody()
	return d
}

func (r *reader) openForm(name string, form *typed) *document {
	d := &document{mapping: &mapping{r: r, file: name, fields: map[string]field{}}}
	form.fill(d.mapping)
	if body, ok := d.take(bodyField); ok {
		said, _ := body.text()
		d.body = clean(said)
	}
	d.checkBody()
	return d
}

func (d *document) checkBody() {
	d.tooLong("", d.body, maxBody)
	d.checkLinks("", d.body)
	if strings.ContainsFunc(d.body, badRune) {
		d.fault("", "want.no_control")
	}
}

// split parts a file into its front matter, of which the first line is left empty so that lines count as in the file,
// and the text below.
func split(file string) (front, body string, ok bool) {
	file = strings.ReplaceAll(strings.ReplaceAll(file, "\r\n", "\n"), "\r", "\n")
	rest, found := strings.CutPrefix(file, fence+"\n")
	if !found {
		return "", "", false
	}
	for end := 0; end < len(rest); {
		line, _, _ := strings.Cut(rest[end:], "\n")
		if line == fence {
			return "\n" + rest[:end], clean(rest[end+len(fence):]), true
		}
		end += len(line) + 1
	}
	return "", "", false
}

// clean is the one form of a text: lines end in LF, blank ones are empty, and none stand at its ends.
func clean(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		if strings.TrimSpace(line) == "" {
			lines[i] = ""
		}
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// parseFront gives the fields of a front matter, nil where it is empty.
func parseFront(front string) (root ast.MapNode, err error) {
	if len(front) > maxFront {
		return nil, want("want.front_size", "n", maxFront>>10)
	}
	if countAny(front, marks) > maxMarks {
		return nil, want("want.front_marks", "n", maxMarks)
	}
	// A parser of somebody else's, fed with somebody else's file: its panic is that file's fault and not the site's end.
	defer func() {
		if recover() != nil {
			root, err = nil, want("want.front_lines")
		}
	}()
	file, err := parser.ParseBytes([]byte(front), 0, parser.AllowDuplicateMapKey()) // fill tells of them, by name
	if err != nil {
		return nil, err
	}
	if len(file.Docs) == 0 || len(file.Docs) == 1 && file.Docs[0].Body == nil {
		return nil, nil
	}
	root, ok := file.Docs[0].Body.(ast.MapNode)
	if !ok || len(file.Docs) > 1 {
		return nil, want("want.front_lines")
	}
	return root, nil
}

func countAny(s, chars string) (n int) {
	for i := range len(s) {
		if strings.IndexByte(chars, s[i]) >= 0 {
			n++
		}
	}
	return n
}

// needBody refuses a document with no text below its front matter.
func (d *document) needBody() {
	if d.body == "" {
		d.fault("", "want.body")
	}
}
