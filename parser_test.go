package undersigned_test

import (
	"go/ast"
	"go/token"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

// unfuzzed are functions that are named like parsers and need no fuzz target of their own, each with the reason.
var unfuzzed = map[string]string{
	"internal/congress/UnmarshalJSON": "encoding/json comes to it from FuzzReadLegislators",
	"internal/seal/parseRootFile":     "takes the name of a file; FuzzParseRoot reads what is in it",
	"internal/web/Read":               "a net.Conn's; FuzzConnection speaks through it",
}

// reads is the name of a function that makes something of bytes or text from outside; takes that of one where the type of
// what it is given has to show it, since many a read takes the name of a file.
var (
	reads  = regexp.MustCompile(`^([Pp]arse|[Dd]ecode|[Uu]nmarshal|[Ss]plit)([A-Z]\w*)?$`)
	takes  = regexp.MustCompile(`^([Rr]ead|[Ll]oad|[Ss]can)([A-Z]\w*)?$`)
	opaque = regexp.MustCompile(`^(\[\]byte|io\.Reader|\*json\.Decoder|\*bufio\.(Reader|Scanner)|\*multipart\.Reader|url\.Values|\*http\.Request|http\.Header|fs\.FS|json\.RawMessage)$`)
)

// TestEveryParserIsFuzzed walks from the fuzz targets of each package through what they call.
func TestEveryParserIsFuzzed(t *testing.T) {
	calls := map[string]map[string][]string{} // by folder and name of a function: the names that it mentions
	parsers := map[string][]string{}          // by folder
	targets := 0
	for _, f := range readTree(t, os.DirFS(".")) {
		dir := path.Dir(f.path)
		if f.syntax == nil || f.forTests() || f.room == "bench" || f.room == "external" || f.room == "with" {
			continue
		}
		if calls[dir] == nil {
			calls[dir] = map[string][]string{}
		}
		for _, d := range f.syntax.Decls {
			for _, name := range declared(d) {
				calls[dir][name] = append(calls[dir][name], mentioned(d)...)
			}
			if function, ok := d.(*ast.FuncDecl); ok && !f.test && f.room != "cmd" && parses(function) {
				parsers[dir] = append(parsers[dir], function.Name.Name)
			}
		}
	}
	for dir, of := range calls {
		reached := map[string]bool{}
		var walk func(name string)
		walk = func(name string) {
			if !reached[name] {
				reached[name] = true
				for _, next := range of[name] {
					walk(next)
				}
			}
		}
		for name := range of {
			if strings.HasPrefix(name, "Fuzz") {
				targets++
				walk(name)
			}
		}
		for _, name := range parsers[dir] {
			if key := path.Join(dir, name); !reached[name] && unfuzzed[key] == "" {
				t.Errorf("%s: no fuzz target comes to it", key)
			} else if reached[name] && unfuzzed[key] != "" {
				t.Errorf("%s is fuzzed, and excused", key)
			}
		}
	}
	t.Logf("%d fuzz targets", targets)
}

// declared gives the names that a declaration makes: functions, methods, and variables that hold one.
func declared(d ast.Decl) (names []string) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		names = append(names, d.Name.Name)
	case *ast.GenDecl:
		if d.Tok != token.VAR {
			return nil
		}
		for _, spec := range d.Specs {
			for _, name := range spec.(*ast.ValueSpec).Names {
				names = append(names, name.Name)
			}
		}
	}
	return names
}

func mentioned(d ast.Decl) (names []string) {
	ast.Inspect(d, func(n ast.Node) bool {
		if name, ok := n.(*ast.Ident); ok {
			names = append(names, name.Name)
		}
		return true
	})
	return names
}

func parses(f *ast.FuncDecl) bool {
	named, typed := reads.MatchString(f.Name.Name), takes.MatchString(f.Name.Name)
	if f.Type.Results == nil || !named && !typed {
		return false
	}
	for _, p := range f.Type.Params.List {
		if kind := typeName(p.Type); opaque.MatchString(kind) || named && (kind == "string" || kind == "[]string") {
			return true
		}
	}
	return false
}

// typeName writes the type of a parameter as the source has it.
func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.StarExpr:
		return "*" + typeName(e.X)
	case *ast.ArrayType:
		return "[]" + typeName(e.Elt)
	case *ast.SelectorExpr:
		return typeName(e.X) + "." + e.Sel.Name
	}
	return ""
}
