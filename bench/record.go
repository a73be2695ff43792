package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The record of the largest petition site is 1,500 signatures in a minute, with 100,000 people watching. Ten times as many
// signatures, and each watcher asks for the number every ten seconds.
const (
	recordSigns  = 333
	recordCounts = 10_000
	// overloadSigns is what no two cores take.
	overloadSigns       = 12_000
	overloadConnections = 7_000
)

// tally is who was told what, by number.
type tally struct {
	mu        sync.Mutex
	signed    map[int]time.Time // told to check the mail
	mailed    map[int]time.Time
	confirmed map[int]bool
}

func newTally() *tally {
	return &tally{signed: map[int]time.Time{}, mailed: map[int]time.Time{}, confirmed: map[int]bool{}}
}

// lags are how long after their signers were told the mails of those after a number came.
func (t *tally) lags(after int) *stream {
	t.mu.Lock()
	defer t.mu.Unlock()
	lags := &stream{}
	lags.begin()
	for n, told := range t.signed {
		if at := t.mailed[n]; n > after && !at.IsZero() {
			lags.note(asked{due: told}, answer{}, at)
		}
	}
	lags.end()
	return lags
}

// lost counts those who were told to check their mail and got none.
func (t *tally) lost() (n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for signer := range t.signed {
		if t.mailed[signer].IsZero() {
			n++
		}
	}
	return n
}

// signerOf gives the number of the signer with an address: signer00000007@gmail.com.
func signerOf(address string) int {
	n, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(address, "signer"), "@gmail.com"))
	return n
}

// record replays the record, ten times over, with the generator on the same two cores; then more than can be taken; then the
// record again for a while.
func (b *bench) record(ctx context.Context) error {
	s, err := b.openSite(ctx, product)
	if err != nil {
		return err
	}
	defer s.stop()
	form, err := signing(s, s)
	if err != nil {
		return err
	}
	r := &replay{bench: b, server: s, form: form, tally: newTally()}
	if err := r.replay(ctx, b.during, "record"); err != nil {
		return err
	}
	if err := r.overload(ctx, max(b.during/20, 10*time.Second)); err != nil {
		return err
	}
	if err := r.replay(ctx, max(b.during/20, 20*time.Second), "recovered"); err != nil {
		return err
	}
	return r.check(ctx)
}

type replay struct {
	*bench
	server *server
	form   func(b []byte, n int) []byte
	tally  *tally
}

// signs is people who send the form.
func (r *replay) signs(most int) *stream {
	s := &stream{server: r.server, most: most, request: func(b []byte, n int, _ string) []byte { return r.form(b, n) }}
	s.told = func(a asked, got answer) {
		if got.status == http.StatusSeeOther {
			r.tally.mu.Lock()
			r.tally.signed[a.n] = time.Now()
			r.tally.mu.Unlock()
		}
	}
	s.begin()
	return s
}

// replay has people sign and confirm, and others read the count.
func (r *replay) replay(ctx context.Context, during time.Duration, name string) error {
	signs := r.signs(callers * 4)
	counts := &stream{server: r.server, most: callers * 4, request: func(b []byte, _ int, _ string) []byte {
		return fmt.Appendf(b, "GET %s/count.json HTTP/1.1\r\nHost: %s\r\n\r\n", petition, r.server.addr)
	}}
	counts.begin()
	confirms := &stream{server: r.server, most: callers * 4, request: func(b []byte, _ int, token string) []byte {
		return post(b, r.server.addr, "/confirm/"+token, "application/x-www-form-urlencoded", "")
	}}
	confirms.told = func(a asked, got answer) {
		if got.status == http.StatusOK {
			r.tally.mu.Lock()
			r.tally.confirmed[a.n] = true
			r.tally.mu.Unlock()
		}
	}
	confirms.begin()
	before, first := len(r.tally.signed), int(next.Load())
	press := func(to, token string) {
		n, now := signerOf(to), time.Now()
		r.tally.mu.Lock()
		r.tally.mailed[n] = now
		r.tally.mu.Unlock()
		confirms.ask(asked{due: now, n: n, token: token})
	}
	r.mails.each.Store(&press)
	defer r.mails.each.Store(nil)
	cpu, own, begun := r.server.cpu(), processor(), time.Now()
	var all sync.WaitGroup
	all.Go(func() { signs.pace(ctx, recordSigns, during) })
	all.Go(func() { counts.pace(ctx, recordCounts, during) })
	all.Wait()
	took := time.Since(begun)
	cpu, own = r.server.cpu()-cpu, processor()-own
	signs.end()
	counts.end()
	ended := time.Now()
	for r.tally.lost() > 0 && ctx.Err() == nil && time.Since(ended) < time.Minute {
		time.Sleep(20 * time.Millisecond)
	}
	behind := time.Since(ended)
	confirms.end()

	lags := r.tally.lags(first)
	say := func(what, format string, args ...any) { r.table.figure(name+": "+what, fmt.Sprintf(format, args...)) }
	for _, one := range []struct {
		what string
		*stream
	}{{"sign", signs}, {"confirm", confirms}, {"count.json", counts}} {
		s := one.stream
		say(one.what, "%d answers, p50 %.1f ms, p99 %.1f ms, p99.9 %.1f ms, longest %.1f ms; at most %d waited for a connection",
			len(s.micros), s.percentile(500), s.percentile(990), s.percentile(999), s.percentile(1000), s.behind)
	}
	say("mails", "p50 %.1f ms, p99 %.1f ms after their signers were told, the last %.1f s after the end", lags.percentile(500), lags.percentile(990), behind.Seconds())
	say("processor", "in %.0f s the server used %.2f cores; the generator, with the mail server, %.2f", took.Seconds(), cpu.Seconds()/took.Seconds(), own.Seconds()/took.Seconds())
	failed := signs.failures(http.StatusSeeOther) + counts.failures(http.StatusOK) + confirms.failures(http.StatusOK)
	if failed > 0 {
		say("answers", "sign %v, confirm %v, count.json %v; none: %v %v %v", signs.statuses, confirms.statuses, counts.statuses,
			signs.reasons, confirms.reasons, counts.reasons)
	}
	r.table.add(name+"/failed", float64(failed), "%s: answers that were not the right one", name)
	r.table.add(name+"/lost", float64(r.tally.lost()), "%s: told to check the mail, and none came", name)
	r.table.add(name+"/sign-p99", signs.percentile(990), "%s: ms to sign, p99, from the moment that it was due", name)
	r.table.add(name+"/mail-p99", lags.percentile(990)/1000, "%s: s from the answer to the mail, p99", name)
	if signed := len(r.tally.signed) - before; float64(signed) < 0.99*recordSigns*during.Seconds() {
		return fmt.Errorf("%s: only %d signed", name, signed)
	}
	return ctx.Err()
}

// overload has more people sign than can be taken, and waits until all mails are out.
func (r *replay) overload(ctx context.Context, during time.Duration) error {
	signs := r.signs(overloadConnections)
	signs.fresh = true
	mailed := func(to, _ string) {
		r.tally.mu.Lock()
		r.tally.mailed[signerOf(to)] = time.Now()
		r.tally.mu.Unlock()
	}
	r.mails.each.Store(&mailed)
	defer r.mails.each.Store(nil)
	begun := time.Now()
	signs.pace(ctx, overloadSigns, during)
	signs.end()
	took := time.Since(begun)
	taken, refused := signs.statuses[http.StatusSeeOther], signs.statuses[http.StatusServiceUnavailable]-signs.bare
	for r.tally.lost() > 0 && ctx.Err() == nil && time.Since(begun) < took+10*time.Minute {
		time.Sleep(100 * time.Millisecond)
	}
	r.table.figure("overload", fmt.Sprintf("of %d a second for %.0f s %d were taken and %d asked to come again, p50 %.0f ms, p99 %.0f ms, longest %.0f ms; at most %d waited for a connection; all mails were out %.0f s after the end",
		overloadSigns, during.Seconds(), taken, refused, signs.percentile(500), signs.percentile(990), signs.percentile(1000), signs.behind, time.Since(begun.Add(took)).Seconds()))
	other := len(signs.micros) - taken - refused
	if other > 0 {
		r.table.figure("overload: answers", fmt.Sprintf("%v; none: %v", signs.statuses, signs.reasons))
	}
	r.table.add("overload/other", float64(other), "overload: answers that were neither taken nor a 503 with Retry-After")
	r.table.add("overload/refused", float64(refused), "overload: 503 with Retry-After")
	r.table.add("overload/lost", float64(r.tally.lost()), "overload: told to check the mail, and none came")
	return ctx.Err()
}

// check compares what people were told with the number on the page and with the public log.
func (r *replay) check(ctx context.Context) error {
	want := len(r.tally.confirmed)
	var count struct{ Count int }
	for begun := time.Now(); count.Count != want; time.Sleep(50 * time.Millisecond) {
		_, body, _, err := get(r.server.addr, petition+"/count.json", "")
		if err == nil {
			err = json.Unmarshal(body, &count)
		}
		if err != nil {
			return err
		}
		if time.Since(begun) > time.Minute {
			return fmt.Errorf("%d were told that they are counted, and the page says %d", want, count.Count)
		}
	}
	binary, err := product.build(ctx, r.root, r.dir)
	if err != nil {
		return err
	}
	if _, err := run(ctx, "", binary, "verify", "http://"+r.server.addr); err != nil {
		return err
	}
	r.table.figure("told that they are counted; the page says so, and the log verifies", fmt.Sprint(want))
	return nil
}
