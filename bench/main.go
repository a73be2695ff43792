// The measured comparisons, run by `make bench`: one run, one table, ratios with the raw figures beside them. It ends with
// 1 where a ratio misses what goals.tsv asks for, or has become much worse. Everything listens on 127.0.0.1.
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
	data   string // the copy of the public data; empty for none
	dir    string // for what is built; gone at the end
	load   string // of the machine when it began
	rounds int
	round  time.Duration
	rows   int
	during time.Duration // of the record
	// signatures to grow to
	signatures int
	token      string // of the last link that was mailed
	mails      *sink
	table      table
	profiles   string // the folder for profiles of our program; empty for none
}

// parts are what can be measured, in the order of the table.
var parts = []part{
	{"sign", (*bench).sign},
	{"postgres", (*bench).postgres},
	{"confirm", (*bench).confirm},
	{"page", (*bench).page},
	{"look", (*bench).look},
	{"export", (*bench).export},
	{"log", (*bench).log},
	{"memory", (*bench).memory},
}

// long are parts that take so long that each is measured only when it is asked for by its name.
var long = []part{
	{"record", (*bench).record},
	{"growth", (*bench).growth},
}

type part struct {
	name    string
	measure func(*bench, context.Context) error
}

func main() {
	var b bench
	root := flag.String("root", "..", "the repository")
	only := flag.String("only", "", "measure these parts alone: sign,postgres,confirm,page,look,export,log,memory; record,growth")
	keep := flag.Bool("keep", false, "keep the ratios that are found in goals.tsv")
	flag.StringVar(&b.data, "data", "", "a copy of the public data (UNDERSIGNED_TEST_DATA)")
	flag.StringVar(&b.profiles, "profiles", "", "write profiles of our program under load into this folder, and measure nothing")
	flag.IntVar(&b.rounds, "rounds", 3, "rounds of each pairing; the table shows medians")
	flag.DurationVar(&b.round, "round", 3*time.Second, "how long a round is")
	flag.IntVar(&b.rows, "rows", 1_000_000, "rows at which confirming is measured")
	flag.DurationVar(&b.during, "during", 10*time.Minute, "how long the record is")
	flag.IntVar(&b.signatures, "signatures", 10_000_000, "how many signatures to grow to")
	erasing := flag.String("erase", "", "close all petitions in this data folder, and erase what their time has come for; -addr names the log")
	bare := flag.String("bare", "", "serve the answers of this folder, and nothing else")
	addr := flag.String("addr", "", "where -bare listens")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	if *bare != "" {
		err = serveBare(*addr, *bare)
	} else if *erasing != "" {
		err = erase(ctx, *erasing, *addr, os.Stdout)
	} else {
		err = b.measure(ctx, *root, *only, *keep)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
	}
	if err != nil || b.table.missed {
		stop()
		os.Exit(1)
	}
}

func (b *bench) measure(ctx context.Context, root, only string, keep bool) (err error) {
	if b.root, err = filepath.Abs(root); err != nil {
		return err
	}
	if err := os.Setenv("CGO_ENABLED", "0"); err != nil { // as README says to build ours, and PocketBase builds what it gives out
		return err
	}
	b.load = first("/proc/loadavg")
	kept := filepath.Join(b.root, "bench", "goals.tsv")
	if b.table.goals, err = readGoals(kept); err != nil {
		return err
	}
	if b.dir, err = os.MkdirTemp("", "undersigned-bench-*"); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	if err := os.Chmod(b.dir, 0o755); err != nil { // nginx and PostgreSQL run as somebody else
		return err
	}
	if b.mails, err = openSink(); err != nil {
		return err
	}
	defer b.mails.listener.Close()
	if b.profiles != "" {
		return b.profile(ctx)
	}
	for i, p := range append(parts, long...) {
		if named := strings.Contains(","+only+",", ","+p.name+","); !named && (only != "" || i >= len(parts)) {
			continue
		}
		if failed := p.measure(b, ctx); failed != nil {
			err = errors.Join(err, fmt.Errorf("measure %s: %w", p.name, failed))
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	fmt.Println()
	b.table.print(os.Stdout)
	b.machine(ctx, os.Stdout)
	if keep && err == nil {
		err = b.table.keepGoals(kept)
	}
	return err
}
