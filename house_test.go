package undersigned_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"
)

// The rules of the house, which CONTRIBUTING.md gives reasons for. Each comes
// with a file that breaks it, so that a rule that sees nothing is seen.
var house = []struct {
	rule  string
	check func(f file) (faults []string)

	brokenBy, source string
}{
	{"the root package imports the standard library alone", func(f file) []string {
		if f.test || f.room != "." {
			return nil
		}
		return f.importing(func(path string) bool { return ours(path) || strings.Contains(path, ".") })
	}, "bill.go", `package undersigned; import _ "golang.org/x/text/unicode/norm"`},

	{"store imports none of ours but the root, and seal for the vault that it is", func(f file) []string {
		if f.test || f.room != "internal/store" || f.forTests() {
			return nil
		}
		return f.importing(func(path string) bool {
			vault := f.path == "internal/store/vault.go" && roomOf(path) == "internal/seal"
			return ours(path) && roomOf(path) != "." && roomOf(path) != f.room && !vault
		})
	}, "internal/store/db.go", `package store; import _ "github.com/undersigned/undersigned/internal/seal"`},

	{"what outsiders import (translog, packs) imports nothing internal", func(f file) []string {
		if f.test || f.room != "translog" && f.room != "packs" {
			return nil
		}
		return f.importing(func(path string) bool { return strings.HasPrefix(roomOf(path), "internal/") })
	}, "translog/leaf.go", `package translog; import _ "github.com/undersigned/undersigned/internal/store"`},

	{"action is imported by web and cmd alone", importedBy("internal/action", "internal/web", "cmd", "bench"),
		"internal/mail/smtp.go", `package mail; import _ "github.com/undersigned/undersigned/internal/action"`},

	{"web is imported by cmd alone", importedBy("internal/web", "cmd", "bench"),
		"internal/action/sign.go", `package action; import _ "github.com/undersigned/undersigned/internal/web"`},

	{"what is made for tests is imported by tests alone", func(f file) []string {
		if f.test || f.forTests() {
			return nil
		}
		return f.importing(func(path string) bool { return ours(path) && forTests(path) })
	}, "internal/store/db.go", `package store; import _ "github.com/undersigned/undersigned/internal/testenv"`},

	// Tests of the whole program may look at its database behind its back.
	{"database drivers and database/sql stay in store", func(f file) []string {
		if f.test || slices.Contains([]string{"internal/store", "with", "bench"}, f.room) {
			return nil
		}
		return f.importing(func(path string) bool {
			return path == "database/sql" || strings.HasPrefix(path, "modernc.org/sqlite") || strings.HasPrefix(path, "github.com/jackc/")
		})
	}, "internal/action/sign.go", `package action; import _ "database/sql"`},

	{"SQL stays in store", func(f file) []string {
		if f.test || f.forTests() || f.room == "internal/store" || f.room == "bench" {
			return nil
		}
		return f.stringsLike(sql)
	}, "internal/action/sign.go", "package action; const q = `\n select id from signature where pid = $1`"},

	{"HTTP is served in web alone", func(f file) []string {
		if f.test || f.room == "internal/web" || f.room == "bench" {
			return nil
		}
		return f.using("net/http", "Server", "ListenAndServe", "ListenAndServeTLS", "Serve", "ServeTLS", "NewServeMux", "Handle", "HandleFunc")
	}, "cmd/undersigned/serve.go", `package main; import h "net/http"; var _ = h.Server{}`},

	{"the environment is read in config alone", func(f file) []string {
		if f.test || f.room == "internal/config" || f.forTests() {
			return nil
		}
		return f.using("os", "Getenv", "LookupEnv", "Environ", "ExpandEnv")
	}, "internal/web/routes.go", `package web; import "os"; var addr = os.Getenv("UNDERSIGNED_ADDR")`},

	// The ids of requests in web name nobody, and are drawn for each.
	{"what must not be guessed is drawn from crypto/rand", func(f file) []string {
		if f.test || slices.Contains([]string{"internal/web", "bench"}, f.room) || f.forTests() {
			return nil
		}
		return f.importing(func(path string) bool { return strings.HasPrefix(path, "math/rand") })
	}, "internal/seal/root.go", `package seal; import _ "math/rand/v2"`},

	{"a hash or a cipher is none that has been broken", func(f file) []string {
		if f.test {
			return nil
		}
		return f.importing(func(path string) bool {
			return slices.Contains([]string{"crypto/md5", "crypto/sha1", "crypto/des", "crypto/rc4", "crypto/dsa", "crypto/elliptic"}, path)
		})
	}, "internal/seal/hash.go", `package seal; import _ "crypto/sha1"`},

	{"a pattern is written down, not made of what somebody typed", func(f file) []string {
		if f.test {
			return nil
		}
		return f.using("regexp", "Compile", "CompilePOSIX", "Match", "MatchString", "MatchReader")
	}, "internal/search/words.go", `package search; import "regexp"; var _, _ = regexp.Compile("x")`},

	{"no file runs another program, or reads memory as it likes", func(f file) []string {
		if f.test || slices.Contains([]string{"with", "bench", "external"}, f.room) || f.forTests() {
			return nil
		}
		return f.importing(func(path string) bool { return path == "os/exec" || path == "unsafe" || path == "plugin" })
	}, "internal/web/preview.go", `package web; import _ "os/exec"`},

	{"a test is skipped by testenv.LeaveOut alone", func(f file) []string {
		if f.room == "internal/testenv" {
			return nil
		}
		return f.skips()
	}, "internal/store/store_test.go", `package store; func TestX(t *testing.T) { t.Skip("not today") }`},

	{"a package is named for what it holds", func(f file) []string {
		if f.syntax == nil {
			return nil
		}
		var faults []string
		for _, name := range append(strings.Split(path.Dir(f.path), "/"), f.syntax.Name.Name) {
			if vague.MatchString(name) {
				faults = append(faults, "the name "+name+" says nothing")
			}
		}
		return faults
	}, "internal/web/helpers/form.go", `package helpers`},

	{"a file has 500 lines at most", func(f file) []string {
		lines := strings.Count(f.text, "\n")
		if lines <= 500 || !slices.Contains([]string{".go", ".html", ".css", ".js", ".sql"}, path.Ext(f.path)) {
			return nil
		}
		return []string{fmt.Sprintf("%d lines", lines)}
	}, "internal/web/static/site.css", strings.Repeat("\n", 501)},

	{"no file speaks of the machine it was written on", func(f file) []string {
		if machine.MatchString(f.text) {
			return []string{"names a path of one machine: " + machine.FindString(f.text)}
		}
		return nil
	}, "docs/operations.md", "Look into `/" + "home/ana/undersigned`."},
}

var (
	sql     = regexp.MustCompile(`(?is)^\s*(select\s.+\sfrom\s|insert\s+into\s|update\s+\w+\s+set\s|delete\s+from\s|create\s+(unique\s+)?(table|index)\s|alter\s+table\s|pragma\s)`)
	vague   = regexp.MustCompile(`^(utils?|common|helpers?|models?|pkg|misc|lib|shared|base)$`)
	machine = regexp.MustCompile("(^|[\\s\"'`(=:])/(home|Users|root|tmp)/[\\w.-]+")
)

func TestHouse(t *testing.T) {
	files := readTree(t, os.DirFS("."))
	for _, h := range house {
		t.Run(h.rule, func(t *testing.T) {
			broken := readTree(t, fstest.MapFS{h.brokenBy: {Data: []byte(h.source)}})
			if len(h.check(broken[0])) == 0 {
				t.Errorf("the rule does not see what is wrong with %s", h.source)
			}
			for _, f := range files {
				for _, fault := range h.check(f) {
					t.Errorf("%s: %s", f.path, fault)
				}
			}
		})
	}
}

const module = "github.com/undersigned/undersigned"

// A file of the repository. A Go file has its syntax too.
type file struct {
	path   string
	room   string // the package, or the folder of packages, that it lives in
	test   bool
	text   string
	syntax *ast.File
}

// readTree reads each text file below the top; a folder that is not part of
// the repository is passed over.
func readTree(t *testing.T, tree fs.FS) (files []file) {
	t.Helper()
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if slices.Contains([]string{".git", "undersigned-data", "dist"}, name) {
				return fs.SkipDir
			}
			return nil
		}
		text, err := fs.ReadFile(tree, name)
		if err != nil || !utf8.Valid(text) {
			return err
		}
		f := file{path: name, room: roomOf(module + "/" + path.Dir(name)), test: strings.HasSuffix(name, "_test.go"), text: string(text)}
		if path.Ext(name) == ".go" {
			f.syntax, err = parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
		}
		files = append(files, f)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// roomOf returns "." for the root package, "internal/store" for what is below
// it, "cmd" for what is below that; "" for an import that is not ours.
func roomOf(importPath string) string {
	if !ours(importPath) {
		return ""
	}
	parts := strings.Split(path.Clean(strings.TrimPrefix(strings.TrimPrefix(importPath, module), "/")), "/")
	if parts[0] == "internal" && len(parts) > 1 {
		return "internal/" + parts[1]
	}
	return parts[0]
}

func ours(importPath string) bool {
	return importPath == module || strings.HasPrefix(importPath, module+"/")
}

func (f file) forTests() bool { return forTests(path.Dir(f.path)) }

// forTests tells whether a package is made for tests: its name says so.
func forTests(importPath string) bool {
	name := path.Base(importPath)
	return name == "testenv" || strings.HasSuffix(name, "test")
}

// importedBy keeps the importers of a room to those rooms, tests aside.
func importedBy(room string, importers ...string) func(f file) []string {
	return func(f file) []string {
		if f.test || f.forTests() || f.room == room || slices.Contains(importers, f.room) {
			return nil
		}
		return f.importing(func(path string) bool { return roomOf(path) == room })
	}
}

// importing returns a fault for each import that is unwanted.
func (f file) importing(unwanted func(path string) bool) (faults []string) {
	if f.syntax == nil {
		return nil
	}
	for _, spec := range f.syntax.Imports {
		if name, _ := strconv.Unquote(spec.Path.Value); unwanted(name) {
			faults = append(faults, "imports "+name)
		}
	}
	return faults
}

// using returns a fault for each use of one of the names of an imported package.
func (f file) using(importPath string, names ...string) (faults []string) {
	if f.syntax == nil {
		return nil
	}
	local := ""
	for _, spec := range f.syntax.Imports {
		if spec.Path.Value == strconv.Quote(importPath) {
			local = path.Base(importPath)
			if spec.Name != nil {
				local = spec.Name.Name
			}
		}
	}
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok && slices.Contains(names, s.Sel.Name) {
			if x, ok := s.X.(*ast.Ident); ok && x.Name == local {
				faults = append(faults, "uses "+path.Base(importPath)+"."+s.Sel.Name)
			}
		}
		return true
	})
	return faults
}

// stringsLike returns a fault for each string constant that matches.
func (f file) stringsLike(pattern *regexp.Regexp) (faults []string) {
	if f.syntax == nil {
		return nil
	}
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if s, _ := strconv.Unquote(lit.Value); pattern.MatchString(s) {
				faults = append(faults, "holds the string "+lit.Value)
			}
		}
		return true
	})
	return faults
}

// skips returns a fault for each call of Skip, Skipf or SkipNow on a plain name.
func (f file) skips() (faults []string) {
	if f.syntax == nil {
		return nil
	}
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		s, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || !slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, s.Sel.Name) {
			return true
		}
		if x, ok := s.X.(*ast.Ident); ok && slices.Contains([]string{"t", "b", "f", "tb"}, x.Name) {
			faults = append(faults, "calls "+x.Name+"."+s.Sel.Name)
		}
		return true
	})
	return faults
}

// A promise with a test behind it is worth that test: a document names only tests that are there.
func TestEveryTestThatADocumentNamesIsThere(t *testing.T) {
	there, named := map[string]bool{}, 0
	files := readTree(t, os.DirFS("."))
	for _, f := range files {
		if f.syntax == nil || !f.test {
			continue
		}
		for _, d := range f.syntax.Decls {
			if function, ok := d.(*ast.FuncDecl); ok && function.Recv == nil {
				there[function.Name.Name] = true
			}
		}
	}
	for _, f := range files {
		if path.Ext(f.path) != ".md" {
			continue
		}
		for _, name := range testName.FindAllStringSubmatch(f.text, -1) {
			named++
			if !there[name[1]] {
				t.Errorf("%s: there is no %s", f.path, name[1])
			}
		}
	}
	if named == 0 {
		t.Error("no document names a test")
	}
}

var testName = regexp.MustCompile("`((?:Test|Fuzz)[A-Z]\\w+)`")

// Each requirement of the standard has one row, and its first lines say how many there are.
func TestTableOfTheStandardAddsUp(t *testing.T) {
	text, err := os.ReadFile("docs/asvs.md")
	if err != nil {
		t.Fatal(err)
	}
	apply, missed, seen := 0, 0, map[string]bool{}
	for line := range strings.Lines(string(text)) {
		number := requirement.FindString(line)
		if number == "" || strings.Count(line, "|") != 5 {
			continue
		}
		if seen[number] {
			t.Errorf("two rows: %s", number)
		}
		apply, seen[number] = apply+1, true
		if strings.Contains(line, "**not held") {
			missed++
		} else if !testName.MatchString(line) && !strings.Contains(line, "**operator") && !strings.HasSuffix(line, "| in writing |\n") {
			t.Errorf("neither a test nor a reason: %s", line)
		}
	}
	// The rest is named in the last table, in ranges.
	_, last, _ := strings.Cut(string(text), "\n## What does not apply\n")
	others := 0
	for _, m := range requirements.FindAllStringSubmatch(last, -1) {
		first, _ := strconv.Atoi(m[2])
		final := first
		if m[4] != "" {
			final, _ = strconv.Atoi(m[4])
		}
		for n := first; n <= final; n++ {
			number := fmt.Sprintf("| %s.%d |", m[1], n)
			if seen[number] || m[3] != "" && m[3] != m[1] {
				t.Errorf("twice, or no range: %s", m[0])
			}
			others, seen[number] = others+1, true
		}
	}
	if want := fmt.Sprintf("Of its %d requirements", apply+others); !strings.Contains(string(text), want) {
		t.Errorf("the first lines do not say: %s", want)
	}
	if want := fmt.Sprintf("%d apply here, and %d of these are not held", apply, missed); apply == 0 || !strings.Contains(string(text), want) {
		t.Errorf("the first lines do not say that %s", want)
	}
}

var (
	requirement  = regexp.MustCompile(`^\| \d+\.\d+\.\d+ \|`)
	requirements = regexp.MustCompile(`\b(\d+\.\d+)\.(\d+)(?: to (\d+\.\d+)\.(\d+))?`)
)
