package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// table is what a run found: what has a goal, and the raw figures that it was made from.
type table struct {
	found []found
	raw   []string
}

type found struct {
	name  string
	value float64
}

func (t *table) add(name string, value float64) { t.found = append(t.found, found{name, value}) }

func (t *table) note(format string, args ...any) {
	t.raw = append(t.raw, fmt.Sprintf(format, args...))
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}

// goal is a line of goals.tsv: what a value must be, and what it is, in words.
type goal struct {
	least bool // else at most
	bound float64
	last  float64 // a ratio as it was when last measured on a quiet machine; 0 for none, and for what is no ratio
	words string
}

// worse is how far a ratio may fall behind the last one before it counts as a regression: machines differ, and runs.
const worse = 0.75

// readGoals reads lines of name, "least" or "most", bound, the last ratio or "-", and words, with tabs between them.
func readGoals(path string) (map[string]goal, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	goals := map[string]goal{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		f := strings.Split(lines.Text(), "\t")
		if len(f) != 5 || f[1] != "least" && f[1] != "most" {
			return nil, fmt.Errorf("read the goals: %q", lines.Text())
		}
		bound, err := strconv.ParseFloat(f[2], 64)
		if err != nil {
			return nil, fmt.Errorf("read the goals: %w", err)
		}
		last := 0.0
		if f[3] != "-" {
			if last, err = strconv.ParseFloat(f[3], 64); err != nil {
				return nil, fmt.Errorf("read the goals: %w", err)
			}
		}
		goals[f[0]] = goal{f[1] == "least", bound, last, f[4]}
	}
	return goals, nil
}

// print writes the table and tells whether a goal was missed.
func (t *table) print(w io.Writer, goals map[string]goal) (missed bool) {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "\nfound\tgoal\t\twhat")
	for _, f := range t.found {
		g, ok := goals[f.name]
		if !ok {
			fmt.Fprintf(out, "%s\t\t\t%s\n", figure(f.value), f.name)
			continue
		}
		sign, verdict := "≤", "met"
		if g.least {
			sign = "≥"
		}
		if g.least && f.value < g.bound || !g.least && f.value > g.bound {
			missed, verdict = true, "MISSED"
		} else if f.value < worse*g.last {
			missed, verdict = true, "WORSE than "+figure(g.last)
		}
		fmt.Fprintf(out, "%s\t%s %s\t%s\t%s\n", figure(f.value), sign, figure(g.bound), verdict, g.words)
	}
	out.Flush()
	fmt.Fprintln(w)
	for _, line := range t.raw {
		fmt.Fprintln(w, line)
	}
	return missed
}

func figure(v float64) string {
	if v >= 100 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}

// median of what the rounds found.
func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// machine writes what was measured on, and with.
func machine(ctx context.Context, w io.Writer, root string) {
	fmt.Fprintf(w, "\n%d cores, %s, %s, load %s\n", runtime.NumCPU(), cpuModel(), runtime.Version(), first("/proc/loadavg"))
	out, _ := exec.CommandContext(ctx, "git", "-C", root, "describe", "--always", "--dirty").Output()
	versions := []string{"undersigned " + strings.TrimSpace(string(out))}
	for _, module := range []string{"github.com/pocketbase/pocketbase", "modernc.org/sqlite"} {
		list := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Path}} {{.Version}}", module)
		list.Dir = filepath.Join(root, "bench")
		out, _ := list.Output()
		versions = append(versions, strings.TrimSpace(string(out)))
	}
	version, _ := exec.CommandContext(ctx, nginxPath(), "-v").CombinedOutput()
	fmt.Fprintln(w, strings.Join(append(versions, strings.TrimSpace(string(version))), ", "))
}

func cpuModel() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	if found := regexp.MustCompile(`model name\s*: (.+)`).FindSubmatch(text); found != nil {
		return string(found[1])
	}
	return runtime.GOARCH
}

func first(path string) string {
	text, _ := os.ReadFile(path)
	word, _, _ := strings.Cut(string(text), " ")
	return word
}
