package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// grown is what was found at one number of signatures.
type grown struct {
	sign, page, confirm *contender
	start               time.Duration
	memory              map[string]float64 // by command: MB
}

// growth measures what would become slower, later or larger with the signatures: with none, a tenth of them, and all.
func (b *bench) growth(ctx context.Context) error {
	s, sign, confirm, closing, err := b.confirmable(ctx, product)
	if closing != nil {
		defer closing()
	}
	if err != nil {
		return err
	}
	token, release, err := minting(ctx, s, b.token)
	if err != nil {
		return err
	}
	defer func() { _ = release() }()
	binary, err := product.build(ctx, b.root, b.dir)
	if err != nil {
		return err
	}
	sign.connections, sign.most = callers, 0
	var all []*grown
	for _, n := range []int{0, b.signatures / 10, b.signatures} {
		s.halt()
		have, err := b.rowsOf(ctx, s)
		if err != nil {
			return err
		}
		begun, more := time.Now(), max(n-have, 0) // where few are asked for, measuring has made as many
		if err := fill(ctx, s, token, more); err != nil {
			return err
		}
		b.table.figure(fmt.Sprintf("%d signatures", n), fmt.Sprintf("the last %d confirmed and placed in %.0f s", more, time.Since(begun).Seconds()))
		g := &grown{memory: map[string]float64{}}
		if err := b.grownTo(ctx, g, s, sign, confirm, binary, n, have+more); err != nil {
			return err
		}
		all = append(all, g)
	}
	return b.slopes(ctx, s, all)
}

// rowsOf counts the signatures of a halted site.
func (b *bench) rowsOf(ctx context.Context, s *server) (n int, err error) {
	x, err := openInside(ctx, filepath.Join(s.dir, "data"), s.addr+"/log")
	if err != nil {
		return 0, err
	}
	counts, err := x.counted(ctx)
	return counts, errors.Join(err, x.close())
}

// grownTo measures a halted site of n signatures, or rows if it has more, which runs in the end.
func (b *bench) grownTo(ctx context.Context, g *grown, s *server, sign, confirm load, binary string, n, rows int) error {
	what := func(of string) string { return fmt.Sprintf("%s, %d signatures", of, n) }
	if n > 0 {
		size, err := databaseSize(s)
		if err != nil {
			return err
		}
		each := float64(size) / float64(rows)
		if n == b.signatures {
			b.table.add("growth/bytes", each, "bytes on the disk for a signature, with indexes and log, of %d", n)
		} else {
			b.table.figure(what("bytes on the disk for each"), figure(each))
		}
	}
	var starts []time.Duration
	for range b.rounds {
		s.halt()
		begun := time.Now()
		if err := s.start(ctx, binary, b.serving(s)...); err != nil {
			return err
		}
		if _, _, err := fetch(s, petition); err != nil {
			return err
		}
		starts = append(starts, time.Since(begun))
	}
	slices.Sort(starts)
	g.start = starts[len(starts)/2]
	b.table.figure(what("start to first answer"), fmt.Sprintf("%.0f ms", milliseconds(g.start)))

	g.sign, g.page, g.confirm = posting("undersigned", "", sign), getting("undersigned", "", s, petition), posting("undersigned", "", confirm)
	for _, one := range []struct {
		of string
		*contender
	}{{"sign", g.sign}, {"page", g.page}, {"confirm", g.confirm}} {
		if err := b.compare(ctx, what(one.of), one.contender); err != nil {
			return err
		}
	}
	if n == 0 {
		return nil
	}
	late, err := b.burst(ctx, s, sign, confirm, 2000)
	if err != nil {
		return err
	}
	b.table.figure(what("2,000 in a published checkpoint"), fmt.Sprintf("%.1f s after the last", late.Seconds()))
	return b.commands(ctx, g, s, binary, n)
}

// commands runs what reads every signature, beside the site, and looks at its memory.
func (b *bench) commands(ctx context.Context, g *grown, s *server, binary string, n int) error {
	work, err := os.MkdirTemp(b.dir, "commands-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	identity := filepath.Join(work, "identity")
	recipient, err := run(ctx, work, binary, "keys", "identity", identity)
	if err != nil {
		return err
	}
	site := b.serving(s)[3:]
	recipient, _, _ = strings.Cut(recipient, "\n")
	for _, c := range []struct {
		name string
		args []string
	}{
		{"backup", append([]string{"backup", filepath.Join(work, "backup"), "--recipient", recipient}, site...)},
		{"packet", append([]string{"packet", strings.TrimPrefix(petition, "/"), filepath.Join(work, "packet"), "--reason", "a measurement"}, site...)},
		{"purge --dry-run", append([]string{"purge", "--dry-run"}, site...)},
		{"office count", append([]string{"office", "count"}, site...)},
		{"verify", []string{"verify", "http://" + s.addr}},
	} {
		mb, took, err := peakOf(ctx, binary, c.args...)
		if err != nil {
			return err
		}
		g.memory[c.name] = mb
		b.table.figure(fmt.Sprintf("undersigned %s, %d signatures", c.name, n), fmt.Sprintf("%.0f MB, %.0f s", mb, took.Seconds()))
		os.RemoveAll(filepath.Join(work, "packet"))
		os.Remove(filepath.Join(work, "backup"))
	}
	return nil
}

// peakOf runs a program to its end and gives the most memory that it held.
func peakOf(ctx context.Context, program string, args ...string) (mb float64, took time.Duration, err error) {
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, 0, err
	}
	peak := watchMemory(cmd.Process.Pid)
	if err := cmd.Wait(); err != nil {
		return 0, 0, fmt.Errorf("run %s: %w\n%s", strings.Join(args[:1], " "), err, out.Bytes())
	}
	return float64(peak()) / 1e6, time.Since(begun), nil
}

// databaseSize is what a halted site has on the disk.
func databaseSize(s *server) (size int64, err error) {
	files, err := filepath.Glob(filepath.Join(s.dir, "data", "undersigned.db*"))
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			return 0, err
		}
		size += info.Size()
	}
	return size, err
}

// slopes compares what was found, and erases everything in the end.
func (b *bench) slopes(ctx context.Context, s *server, all []*grown) error {
	none, some, many := all[0], all[1], all[2]
	ratio := func(goal, words string, a, b *contender, of func(figures) float64, t *table) {
		t.add(goal, b.median(of)/a.median(of), "%s", words)
	}
	time := func(f figures) float64 { return 1 / f.perSecond() }
	t := &b.table
	ratio("growth/sign", "sign: processor time to that of an empty table", none.sign, many.sign, figures.cpuEach, t)
	ratio("growth/page", "page: the same", none.page, many.page, figures.cpuEach, t)
	ratio("growth/confirm", "confirm: the same", none.confirm, many.confirm, figures.cpuEach, t)
	ratio("growth/confirm-time", "confirm: time to that of an empty table", none.confirm, many.confirm, time, t)
	t.add("growth/start", milliseconds(many.start), "ms from the start to the first answer")
	for _, name := range slices.Sorted(maps.Keys(many.memory)) {
		t.add("growth/"+strings.Fields(name)[0], many.memory[name]/some.memory[name], "undersigned %s: memory to that of a tenth", name)
	}
	s.halt()
	self, err := os.Executable()
	if err != nil {
		return err
	}
	mb, took, err := peakOf(ctx, self, "-erase", filepath.Join(s.dir, "data"), "-addr", s.addr+"/log")
	if err != nil {
		return err
	}
	t.add("growth/purge-megabytes", mb, "MB to erase all %d when their time has come", b.signatures)
	t.figure("erasing them took", fmt.Sprintf("%.0f s", took.Seconds()))
	return ctx.Err()
}
