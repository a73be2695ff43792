package main

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// contender is one side of a comparison, and what it was found to do.
type contender struct {
	name   string
	server *server
	load   load // of one who posts
	// ask loads the server for a time.
	ask func(ctx context.Context, during time.Duration) (figures, error)
	// goal names what the ratio of ours to this one is in goals.tsv; empty for ours.
	goal string

	found []figures // one a round
}

func (c *contender) median(of func(figures) float64) float64 {
	var values []float64
	for _, f := range c.found {
		values = append(values, of(f))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func (c *contender) rate() float64 { return c.median(figures.perSecond) }

// compare measures ours and the others in turn (A, B, A, B …), so that what else the machine does meets all of them, and
// pauses those that are not measured: a queue of mails that one has left must not slow the next.
func (b *bench) compare(ctx context.Context, what string, ours *contender, others ...*contender) error {
	all := append([]*contender{ours}, others...)
	for _, c := range all {
		c.server.pause()
	}
	defer func() {
		for _, c := range all {
			c.server.resume()
		}
	}()
	for round := -1; round < b.rounds; round++ {
		for _, c := range all {
			during := b.round
			if round < 0 {
				during = time.Second // to warm up; not counted
			}
			c.server.resume()
			f, err := c.ask(ctx, during)
			c.server.pause()
			if err != nil {
				return fmt.Errorf("%s, %s: %w", what, c.name, err)
			}
			if round >= 0 {
				c.found = append(c.found, f)
			}
		}
	}
	for _, c := range all {
		b.table.rates(what, ours, c)
	}
	return ctx.Err()
}

// posting asks as load does.
func posting(name, goal string, l load) *contender {
	return &contender{name: name, goal: goal, server: l.server, load: l, ask: l.run}
}

// crowded is one who posts, asked by more people at once.
func (c *contender) crowded(goal string) *contender {
	l := c.load
	l.connections = crowd
	return posting(c.name, goal, l)
}

// getting asks for a path with wrk, over as many connections, gzip: it is for what is answered faster than load can ask.
func getting(name, goal string, s *server, path string) *contender {
	return &contender{name: name, goal: goal, server: s, ask: func(ctx context.Context, during time.Duration) (figures, error) {
		before := s.cpu()
		f, err := wrk(ctx, "http://"+s.addr+path, during)
		f.cpu = s.cpu() - before
		return f, err
	}}
}

func wrk(ctx context.Context, url string, during time.Duration) (f figures, err error) {
	out, err := run(ctx, "", "wrk", "-t1", "-c"+strconv.Itoa(callers), fmt.Sprintf("-d%.0fs", max(1, during.Seconds())), "--latency", "-H", "Accept-Encoding: gzip", url)
	if err != nil {
		return f, err
	}
	found := wrkSays.FindStringSubmatch(out)
	if found == nil || strings.Contains(out, "Non-2xx") || strings.Contains(out, "Socket errors") {
		return f, fmt.Errorf("load %s:\n%s", url, out)
	}
	f.requests, _ = strconv.Atoi(found[3])
	for i, d := range []*time.Duration{&f.p50, &f.p99, 2: &f.took} {
		if *d, err = time.ParseDuration(found[[]int{1, 2, 4}[i]]); err != nil {
			return f, err
		}
	}
	return f, nil
}

var wrkSays = regexp.MustCompile(`(?s)\n\s+50%\s+(\S+).*\n\s+99%\s+(\S+)\s+(\d+) requests in (\S+),`)

// callers is how many people act at once.
const callers = 64
