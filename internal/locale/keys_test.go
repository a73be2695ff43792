package locale

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/text/feature/plural"
)

// builtAtRunTime are the beginnings of keys that no file spells out: the code ends them with a state or a kind.
var builtAtRunTime = []string{
	"call.outcome.",      // undersigned.CallOutcome
	"check.",             // undersigned.CheckName and undersigned.CheckState
	"write.",             // the fields, groups and choices of the desk's forms; a test draws all of them
	"version.how.",       // undersigned.Change
	"chamber.",           // undersigned.Chamber
	"answer.",            // yes or no
	"closed.",            // undersigned.Reason
	"diary.",             // undersigned.EventKind
	"date.month.",        // 01 to 12
	"office.how.",        // undersigned.Chamber
	"office.shared.",     // undersigned.Chamber
	"desk.news.state.",   // undersigned.UpdateState
	"desk.news.stop.",    // undersigned.UpdateStop
	"desk.news.why.",     // undersigned.UpdateStop
	"desk.news.move.",    // undersigned.UpdateState
	"desk.todo.update.",  // undersigned.UpdateStop
	"mail.news.",         // undersigned.UpdateCause
	"retention.",         // one of undersigned.RetentionNames
	"mail.dns.",          // what stands in the DNS, and undersigned.DNSFinding
	"mail.try.",          // undersigned.TryState
	"mail.step.",         // mail.Error
	"mail.offer.",        // why a coordinator is written to
	"offer.confirm.",     // action.OfferOutcome
	"offer.state.",       // undersigned.SubmissionState
	"offer.step.",        // undersigned.SubmissionState
	"guide.",             // the steps of the guide
	"export.",            // undersigned.ExportKind
	"handover.",          // undersigned.HandoverWay
	"office.handed.",     // undersigned.HandoverWay
	"part.",              // beside what, and undersigned.Part
	"party.",             // as the files of Congress name it
	"sheet.switchboard.", // undersigned.Chamber
	"stage.",             // undersigned.Stage
	"state.",             // two letters
	"organization.kind.", // undersigned.OrganizationKind
	"where.note.",        // congress.Note
	"problem.",           // three sentences for each status that web answers with
	"resource.kind.",     // undersigned.ResourceKind
	"weekday.",           // time.Weekday
	"delivery.",          // undersigned.DeliveryState
	"audit.",             // undersigned.AuditVerb
	"desk.done.",         // what was just done
	"desk.links.",        // undersigned.LinkState and Finding
	"desk.role.",         // undersigned.Role
	"desk.queue.",        // a queue of jobs
	"desk.among.",        // held or counted
	"desk.rule.",         // action.Selection
	"desk.decision.",     // what staff decided about signatures
	"desk.decided.",      // the same, just now
	"desk.signature.",    // undersigned.SignatureState
	"doubt.",             // undersigned.Doubt
	"review.reason.",     // translog.Reason
}

// A key is asked for in a template as {{t "x.y"}} or {{n "x.y" 7}} (also .T and .N), in Go as l.T("x.y"), l.N("x.y", 7)
// or undersigned.Fail(kind, "x.y"); and any string in Go that begins with error. or want. and looks like a key is one.
func TestEveryKeyAskedForExistsAndEveryKeyIsUsed(t *testing.T) {
	var found scan
	if err := found.tree(filepath.Join("..", "..")); err != nil {
		t.Fatal(err)
	}
	english := Load().Locale(English)
	for _, problem := range found.problems(english.messages) {
		t.Error(problem)
	}
	for _, key := range found.unused(english.messages) {
		t.Errorf("%s: nothing uses it", key)
	}
}

type asked struct {
	place, key string
	counted    bool // asked for with a number
}

// scan gathers what the sources say.
type scan struct {
	asked    []asked
	literals map[string]bool // every string they hold: it may be a key on its way to T
}

func (s *scan) tree(root string) error {
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			if name == "testdata" || name == "node_modules" || len(name) > 2 && strings.HasPrefix(name, ".") {
				return filepath.SkipDir
			}
			return nil
		}
		ext := filepath.Ext(name)
		if strings.HasSuffix(name, "_test.go") || ext != ".go" && ext != ".html" && ext != ".txt" {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if ext == ".go" {
			return s.goFile(path, text)
		}
		s.template(path, string(text))
		return nil
	})
}

var errorKey = regexp.MustCompile(`^(error|want)(\.[a-z0-9_-]+)+$`)

func (s *scan) goFile(path string, text []byte) error {
	positions := token.NewFileSet()
	file, err := parser.ParseFile(positions, path, text, parser.SkipObjectResolution)
	if err != nil {
		return fmt.Errorf("scan for keys: %w", err)
	}
	ask := func(e ast.Expr, counted bool) {
		if key, ok := stringOf(e); ok {
			s.asked = append(s.asked, asked{positions.Position(e.Pos()).String(), key, counted})
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			switch name := calleeName(n); {
			case (name == "T" || name == "N") && len(n.Args) > 0:
				ask(n.Args[0], name == "N")
			case name == "Fail" && len(n.Args) > 1:
				if key, _ := stringOf(n.Args[1]); key != "" && !errorKey.MatchString(key) { // those are found as literals
					ask(n.Args[1], false)
				}
			}
		case *ast.BasicLit:
			if key, ok := stringOf(n); ok {
				s.hold(key)
				if errorKey.MatchString(key) {
					ask(n, false)
				}
			}
		}
		return true
	})
	return nil
}

func stringOf(e ast.Expr) (string, bool) {
	literal, ok := e.(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(literal.Value)
	return text, err == nil
}

func calleeName(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.SelectorExpr:
		return f.Sel.Name
	case *ast.Ident:
		return f.Name
	}
	return ""
}

var (
	templateAction = regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	templateAsk    = regexp.MustCompile(`(?:^|[^\w"])(t|n|T|N)\s+"([^"]*)"`)
	templateString = regexp.MustCompile(`"([^"]*)"`)
)

func (s *scan) template(path, text string) {
	for _, action := range templateAction.FindAllString(text, -1) {
		for _, m := range templateAsk.FindAllStringSubmatch(action, -1) {
			s.asked = append(s.asked, asked{path, m[2], strings.EqualFold(m[1], "n")})
		}
		for _, m := range templateString.FindAllStringSubmatch(action, -1) {
			s.hold(m[1])
		}
	}
}

func (s *scan) hold(literal string) {
	if s.literals == nil {
		s.literals = map[string]bool{}
	}
	s.literals[literal] = true
}

func (s *scan) problems(messages map[string]message) (problems []string) {
	for _, a := range s.asked {
		m, ok := messages[a.key]
		_, counts := m[plural.One]
		switch {
		case !ok:
			problems = append(problems, fmt.Sprintf("%s: no message %q in en.json", a.place, a.key))
		case a.counted && !counts:
			problems = append(problems, fmt.Sprintf("%s: %q has no plural forms", a.place, a.key))
		case !a.counted && counts:
			problems = append(problems, fmt.Sprintf("%s: %q has plural forms and is asked for without a number", a.place, a.key))
		}
	}
	return problems
}

func (s *scan) unused(messages map[string]message) (keys []string) {
	for key := range maps.Keys(messages) {
		built := slices.ContainsFunc(builtAtRunTime, func(prefix string) bool { return strings.HasPrefix(key, prefix) })
		if !built && !s.literals[key] {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

func TestScanFindsWhatIsAskedFor(t *testing.T) {
	var s scan
	err := s.goFile("a.go", []byte(`package a
		// l.T("only.a.comment")
		var _ = l.T("go.t", "name", x) + T("go.bare") + l.N("go.n", 3)
		var _ = undersigned.Fail(undersigned.Gone, "go.fail")
		func f() { wrong.add("email", "error.email.form"); g("go.passed_on"); use("error.log: " + h) }`))
	if err != nil {
		t.Fatal(err)
	}
	s.template("a.html", `t "not.an.action" {{t "tpl.t"}} {{$.L.T "tpl.t2" "title" .Title}} {{if gt 1 2}}{{- n "tpl.n" .Count}}{{end}}
		{{template "x" (t "tpl.inner")}} {{not "tpl.not"}} {{.Kind | printf "tpl.passed_on"}}`)
	got := map[string]bool{}
	for _, a := range s.asked {
		got[a.key] = a.counted
	}
	want := map[string]bool{"go.t": false, "go.bare": false, "go.n": true, "go.fail": false, "error.email.form": false,
		"tpl.t": false, "tpl.t2": false, "tpl.n": true, "tpl.inner": false}
	if !maps.Equal(got, want) {
		t.Errorf("asked for %v, want %v", got, want)
	}
	for _, literal := range []string{"go.passed_on", "tpl.passed_on"} {
		if !s.literals[literal] {
			t.Errorf("%s was not seen", literal)
		}
	}
}

func TestScanComplains(t *testing.T) {
	messages := map[string]message{
		"one.text":  {plural.Other: "a"},
		"two.texts": {plural.One: "a", plural.Other: "b"},
		"nobodys":   {plural.Other: "a"},
		"closed.x":  {plural.Other: "a"},
	}
	var s scan
	s.template("a.html", `{{t "one.text"}}{{n "two.texts" 7}}`)
	if problems := s.problems(messages); len(problems) != 0 {
		t.Errorf("complains of %v", problems)
	}
	if unused := s.unused(messages); !slices.Equal(unused, []string{"nobodys"}) {
		t.Errorf("unused: %v", unused)
	}
	s.template("b.html", `{{n "one.text" 7}}{{t "two.texts"}}{{t "no.such"}}`)
	if problems := s.problems(messages); len(problems) != 3 {
		t.Errorf("complains of %v", problems)
	}
}
