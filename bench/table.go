package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// table is what a run found, a line each, in Markdown: it can be put into docs/performance.md as it is.
type table struct {
	goals map[string]*goal
	lines []string
	last  string // what the line before is about

	missed bool
}

// goal is a line of goals.tsv: what a value must be at least, or at most.
type goal struct {
	name  string
	least bool
	bound float64
	ratio bool
	last  float64 // of a ratio: what it was when last measured on a quiet machine; 0 for never
	found float64 // in this run
}

// worse is how far a ratio may fall behind the last one before it counts as a regression: machines differ, and runs.
const worse = 0.75

// readGoals reads lines of name, "least" or "most", bound, and the last ratio, or "-" for what is no ratio, with tabs
// between them.
func readGoals(path string) (map[string]*goal, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	goals := map[string]*goal{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		f := strings.Split(lines.Text(), "\t")
		if len(f) != 4 || f[1] != "least" && f[1] != "most" {
			return nil, fmt.Errorf("read the goals: %q", lines.Text())
		}
		g := &goal{name: f[0], least: f[1] == "least"}
		if g.bound, err = strconv.ParseFloat(f[2], 64); err != nil {
			return nil, fmt.Errorf("read the goals: %w", err)
		}
		if g.ratio = f[3] != "-"; g.ratio {
			if g.last, err = strconv.ParseFloat(f[3], 64); err != nil {
				return nil, fmt.Errorf("read the goals: %w", err)
			}
		}
		goals[f[0]] = g
	}
	return goals, nil
}

// keepGoals writes the ratios of this run beside the goals, for later runs to be compared with.
func (t *table) keepGoals(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var kept strings.Builder
	for line := range strings.Lines(string(text)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if g := t.goals[f[0]]; g.ratio && g.found > 0 {
			f[3] = strconv.FormatFloat(g.found, 'f', 2, 64)
		}
		kept.WriteString(strings.Join(f, "\t") + "\n")
	}
	return os.WriteFile(path, []byte(kept.String()), 0o644)
}

// verdict notes what was found of a goal and tells what was asked.
func (t *table) verdict(name string, value float64) string {
	g := t.goals[name]
	if g == nil {
		return ""
	}
	g.found = value
	sign := "≤ "
	if g.least {
		sign = "≥ "
	}
	switch {
	case g.least && value < g.bound, !g.least && value > g.bound:
		t.missed = true
		return sign + figure(g.bound) + " **missed**"
	case value < worse*g.last:
		t.missed = true
		return sign + figure(g.bound) + " **worse than " + figure(g.last) + "**"
	}
	return sign + figure(g.bound)
}

// rates adds the line of a contender.
func (t *table) rates(what string, ours, c *contender) {
	ratio, asked := "", ""
	if c != ours {
		r := ours.rate() / c.rate()
		ratio, asked = figure(r), t.verdict(c.goal, r)
	}
	ms := func(of func(figures) float64) string { return strconv.FormatFloat(c.median(of), 'f', 1, 64) }
	p50 := ms(func(f figures) float64 { return milliseconds(f.p50) })
	p99 := ms(func(f figures) float64 { return milliseconds(f.p99) })
	t.line(what, c.name, figure(c.rate())+" a second", p50+", "+p99+" ms", figure(c.median(figures.cpuEach))+" µs", ratio, asked)
}

// add adds the line of a value with a goal; its unit, and what it is of, are words.
func (t *table) add(name string, value float64, words string, args ...any) {
	t.line(fmt.Sprintf(words, args...), "", figure(value), "", "", "", t.verdict(name, value))
}

// figure adds a line that has no goal.
func (t *table) figure(what, words string) { t.line(what, "", words, "", "", "", "") }

const tableHead = "| what | who | found | half, 99 % answered within | processor time each | ours to it | asked |\n" +
	"| --- | --- | --- | --- | --- | --- | --- |\n"

func (t *table) line(what string, cells ...string) {
	shown := what
	if what == t.last {
		shown = ""
	}
	t.last = what
	line := "| " + shown + " | " + strings.Join(cells, " | ") + " |"
	t.lines = append(t.lines, line)
	fmt.Fprintln(os.Stderr, line)
}

func (t *table) print(w io.Writer) { fmt.Fprint(w, tableHead, strings.Join(t.lines, "\n"), "\n") }

func figure(v float64) string {
	if v < 100 && v != math.Trunc(v) {
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	digits := strconv.FormatFloat(v, 'f', 0, 64)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// machine writes what was measured on, and with.
func (b *bench) machine(ctx context.Context, w io.Writer) {
	out, _ := exec.CommandContext(ctx, "git", "-C", b.root, "describe", "--always", "--dirty").Output()
	said := []string{fmt.Sprintf("%d cores, %s", runtime.NumCPU(), cpuModel()), runtime.Version(), "Undersigned " + strings.TrimSpace(string(out))}
	for _, module := range []string{"github.com/pocketbase/pocketbase", "modernc.org/sqlite"} {
		list := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Path}} {{.Version}}", module)
		list.Dir = filepath.Join(b.root, "bench")
		out, _ := list.Output()
		said = append(said, strings.TrimSpace(string(out)))
	}
	for _, name := range []string{nginxPath(), filepath.Join(postgresBin(), "postgres")} {
		version, _ := exec.CommandContext(ctx, name, "-V").CombinedOutput()
		if strings.HasSuffix(name, "nginx") {
			version, _ = exec.CommandContext(ctx, name, "-v").CombinedOutput()
		}
		said = append(said, strings.TrimSpace(string(version)))
	}
	fmt.Fprintf(w, "\n%s. Load when it began: %s; %d rounds of %v, of which medians are shown.\n", strings.Join(said, ", "), b.load, b.rounds, b.round)
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

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
