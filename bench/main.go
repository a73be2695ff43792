// The measured comparisons, run by `make bench`: one run, one table, ratios with the raw figures beside them. It ends with
// 1 where a ratio misses what goals.tsv asks for. Everything listens on 127.0.0.1.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// bench is one run.
type bench struct {
	root   string // of the repository
	dir    string // for what is built; gone at the end
	rounds int
	round  time.Duration
	mails  *sink
	table  table
}

// parts are what can be measured, in the order of the table.
var parts = []struct {
	name    string
	measure func(*bench, context.Context) error
}{
	{"sign", (*bench).sign},
	{"page", (*bench).page},
	{"confirm", (*bench).confirm},
	{"log", (*bench).log},
}

func main() {
	root := flag.String("root", "..", "the repository")
	only := flag.String("only", "", "measure these parts alone: sign,page,confirm,log")
	rounds := flag.Int("rounds", 3, "rounds of each pairing; the table shows medians")
	round := flag.Duration("round", 2*time.Second, "how long a round is")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	missed, err := measure(ctx, *root, *only, *rounds, *round)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
	}
	if err != nil || missed {
		stop()
		os.Exit(1)
	}
}

func measure(ctx context.Context, root, only string, rounds int, round time.Duration) (missed bool, err error) {
	b := &bench{rounds: rounds, round: round}
	if b.root, err = filepath.Abs(root); err != nil {
		return false, err
	}
	goals, err := readGoals(filepath.Join(b.root, "bench", "goals.tsv"))
	if err != nil {
		return false, err
	}
	if b.dir, err = os.MkdirTemp("", "undersigned-bench-*"); err != nil {
		return false, err
	}
	defer os.RemoveAll(b.dir)
	if b.mails, err = openSink(); err != nil {
		return false, err
	}
	defer b.mails.server.Close()
	for _, p := range parts {
		if only != "" && !strings.Contains(","+only+",", ","+p.name+",") {
			continue
		}
		if failed := p.measure(b, ctx); failed != nil {
			err = errors.Join(err, fmt.Errorf("measure %s: %w", p.name, failed))
		}
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
	}
	machine(ctx, os.Stdout, b.root)
	return b.table.print(os.Stdout, goals), err
}
