package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"log/slog"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestLogDropsWhatHasAnotherKey(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		var out strings.Builder
		log := newLog(format, &out)
		log.Info("a line", "route", "/sign", "email", "ana@example.org")
		log.With("ip", "192.0.2.7").Warn("a line", "id", 7, "ana@example.org", "Ana")
		log.Error("a line", []any{"ana@example.org"}...) // without a key
		log.Info("a line", slog.Group("person", slog.String("id", "Ana")), slog.Group("", slog.String("name", "Ana")))
		log.WithGroup("who").Info("a line", "id", "Ana")
		for _, secret := range []string{"ana@", "Ana", "192.0.2.7"} {
			if strings.Contains(out.String(), secret) {
				t.Errorf("%s: the log holds %s:\n%s", format, secret, &out)
			}
		}
		for _, kept := range []string{"/sign", "a line", "dropped", "ERROR", "time"} {
			if !strings.Contains(out.String(), kept) {
				t.Errorf("%s: the log lacks %s:\n%s", format, kept, &out)
			}
		}
	}
}

// A key that the source uses is none that is dropped, and the list has none besides.
func TestLogKnowsEveryKeyThatTheSourceUses(t *testing.T) {
	w := &logWalk{t: t, set: token.NewFileSet(), loggers: map[string]bool{"slog": true}, used: map[string]bool{}}
	var files []*ast.File
	for _, dir := range []string{"../../cmd", "../../internal", "../../translog"} {
		err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(w.set, path, nil, parser.SkipObjectResolution)
			files = append(files, file)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range files {
		ast.Inspect(file, w.findLogger)
	}
	for _, file := range files {
		ast.Inspect(file, w.findKeys)
	}
	for _, key := range logKeys[3:] {
		if !w.used[key] {
			t.Errorf("nobody logs %q", key)
		}
	}
}

type logWalk struct {
	t             *testing.T
	set           *token.FileSet
	loggers, used map[string]bool
}

// findLogger notes what a logger is called.
func (w *logWalk) findLogger(n ast.Node) bool {
	if field, ok := n.(*ast.Field); ok {
		if star, ok := field.Type.(*ast.StarExpr); ok && isSlog(star.X, "Logger") {
			for _, name := range field.Names {
				w.loggers[name.Name] = true
			}
		}
	}
	return true
}

func isSlog(e ast.Expr, name string) bool {
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	x, ok := s.X.(*ast.Ident)
	return ok && x.Name == "slog" && s.Sel.Name == name
}

// logCall says how many arguments of a call come before its keys.
var logCall = map[string]int{"With": 0, "Debug": 1, "Info": 1, "Warn": 1, "Error": 1,
	"DebugContext": 2, "InfoContext": 2, "WarnContext": 2, "ErrorContext": 2, "Log": 3}

var makesAttr = regexp.MustCompile(`^(String|Int|Int64|Uint64|Float64|Bool|Time|Duration|Any)$`)

func (w *logWalk) findKeys(n ast.Node) bool {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return true
	}
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || !w.loggers[lastName(f.X)] {
		return true
	}
	before, logs := logCall[f.Sel.Name]
	switch {
	case lastName(f.X) == "slog" && makesAttr.MatchString(f.Sel.Name):
		w.key(call.Args[0], call)
	case logs && call.Ellipsis.IsValid():
		w.t.Errorf("%s: its keys cannot be seen", w.set.Position(call.Pos()))
	case logs:
		for i := before; i < len(call.Args); i += 2 {
			w.key(call.Args[i], call)
		}
	}
	return true
}

// key wants a literal from the list, or what stands in the place of another.
func (w *logWalk) key(arg ast.Expr, call *ast.CallExpr) {
	literal, ok := arg.(*ast.BasicLit)
	if !ok {
		w.t.Errorf("%s: a key is no literal", w.set.Position(call.Pos()))
		return
	}
	key, _ := strconv.Unquote(literal.Value)
	if w.used[key] = true; !slices.Contains(logKeys, key) && key != "dropped" {
		w.t.Errorf("%s: %q is not among logKeys, and is dropped", w.set.Position(call.Pos()), key)
	}
}

// lastName is log for log, x.log and a.b.log.
func lastName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.CallExpr:
		return lastName(e.Fun)
	}
	return ""
}
