package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"
)

// confirmable starts the program, has one form signed and mailed, and gives the requests that confirm.
func (b *bench) confirmable(ctx context.Context) (s *server, sign, confirm load, closing func(), err error) {
	binary, err := product.build(ctx, b.root, b.dir)
	if err != nil {
		return nil, sign, confirm, nil, err
	}
	s, err = openSite(ctx, product, binary, b.mails)
	closing = s.stop
	if err != nil {
		return s, sign, confirm, closing, err
	}
	request, err := signing(s)
	if err != nil {
		return s, sign, confirm, closing, err
	}
	sign = load{server: s, connections: 1, request: request, status: 303, most: 1}
	b.mails.forget()
	if _, err := sign.run(ctx, time.Second); err != nil {
		return s, sign, confirm, closing, err
	}
	token, err := b.mails.confirmation(ctx)
	if err != nil {
		return s, sign, confirm, closing, err
	}
	pressing, release, err := confirming(ctx, s, token)
	if err != nil {
		return s, sign, confirm, closing, err
	}
	confirm = load{server: s, connections: callers, request: pressing, status: 200}
	return s, sign, confirm, func() { _ = release(); s.stop() }, nil
}

// confirm measures the button behind the link: a row with two unique hashes, committed, and a page drawn for one person.
func (b *bench) confirm(ctx context.Context) error {
	s, _, confirm, closing, err := b.confirmable(ctx)
	if closing != nil {
		defer closing()
	}
	if err != nil {
		return err
	}
	return b.compare(ctx, "confirm", &contender{server: s, load: confirm})
}

// burst confirms so many within a second, or as fast as they are taken, while others sign; and gives how long after the
// last answer a published checkpoint holds them all.
func (b *bench) burst(ctx context.Context, s *server, sign, confirm load, n int) (late time.Duration, err error) {
	before, err := checkpointSize(s)
	if err != nil {
		return 0, err
	}
	signing, stop := context.WithCancel(ctx)
	var meanwhile sync.WaitGroup
	var signed figures
	sign.connections, sign.most = 8, 0
	meanwhile.Go(func() { signed, _ = sign.run(signing, time.Minute) })
	defer meanwhile.Wait()
	defer stop()

	confirm.most, confirm.rate = n, n
	f, err := confirm.run(ctx, time.Minute)
	if err != nil {
		return 0, err
	}
	if f.requests != n {
		return 0, fmt.Errorf("%d of %d were confirmed", f.requests, n)
	}
	last := time.Now()
	for size := before; size < before+int64(n); time.Sleep(20 * time.Millisecond) {
		if size, err = checkpointSize(s); err != nil {
			return 0, err
		}
		if time.Since(last) > time.Minute {
			return 0, errors.New("they are not in a checkpoint after a minute")
		}
	}
	late = time.Since(last)
	stop()
	meanwhile.Wait()
	b.table.note("%-34s %d confirmed in %.1f s, in a published checkpoint %.1f s after the last; %d signed meanwhile, p99 %.0f ms",
		"log", n, f.took.Seconds(), late.Seconds(), signed.requests, milliseconds(signed.percentile(99)))
	return late, nil
}

// checkpointSize reads how many entries the published log has; 0 before the first checkpoint.
func checkpointSize(s *server) (int64, error) {
	_, note, _, err := get(s.addr, "/log/checkpoint", "")
	if err != nil {
		return 0, err
	}
	lines := bytes.Split(note, []byte("\n"))
	if len(lines) < 2 {
		return 0, errors.New("read the checkpoint: it has no size")
	}
	return strconv.ParseInt(string(lines[1]), 10, 64)
}
