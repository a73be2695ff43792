package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// deskCommands reads what does on the command line what each route of the desk does; a test of internal/web says that no route is
// missing.
func deskCommands(t *testing.T) (commands []string) {
	t.Helper()
	raw, err := os.ReadFile("testdata/desk.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		_, does, _ := strings.Cut(strings.TrimSpace(line), "\t")
		if strings.HasPrefix(does, "- ") { // why there is none
			continue
		}
		commands = append(commands, strings.Split(does, ", ")...)
	}
	slices.Sort(commands)
	return slices.Compact(commands)
}

func TestEveryCommandForTheDeskIsThereTriedAndInTheManual(t *testing.T) {
	manual, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	scripts := ""
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		script, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		scripts += string(script)
	}
	grammar, err := kong.New(&commands{})
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range deskCommands(t) {
		words, flags, _ := strings.Cut(command, " --")
		node := grammar.Model.Node
		for word := range strings.FieldsSeq(words) {
			at := slices.IndexFunc(node.Children, func(child *kong.Node) bool { return child.Name == word })
			if at < 0 {
				t.Fatalf("there is no command %s", command)
			}
			node = node.Children[at]
		}
		for flag := range strings.FieldsSeq(strings.ReplaceAll(flags, "--", "")) {
			if !slices.ContainsFunc(node.Flags, func(f *kong.Flag) bool { return f.Name == flag }) {
				t.Errorf("%s has no flag --%s", words, flag)
			}
		}
		if !strings.Contains(scripts, "exec undersigned "+words) && !strings.Contains(scripts, "'undersigned "+words) {
			t.Errorf("no script tries undersigned %s", words)
		}
		if !strings.Contains(string(manual), "`"+words+"`") {
			t.Errorf("docs/operations.md does not name `%s` in its table of the desk and the commands", words)
		}
	}
}
