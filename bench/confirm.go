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

// confirmable starts a variant of the program, has one form signed and mailed, and gives the requests that confirm.
func (b *bench) confirmable(ctx context.Context, v variant) (s *server, sign, confirm load, closing func(), err error) {
	if s, err = b.openSite(ctx, v); err != nil {
		return nil, sign, confirm, nil, err
	}
	closing = s.stop
	request, err := signing(s, s)
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
	b.token = token
	confirm, release, err := confirming(ctx, s, token)
	if err != nil {
		return s, sign, confirm, closing, err
	}
	return s, sign, confirm, func() { _ = release(); s.stop() }, nil
}

// confirm measures the button behind the link, with an empty table and with many rows in it, against PocketBase with as many:
// a row with two unique hashes, committed, and a page drawn for one person. The rows are confirmed like any, which takes
// minutes, and then the log has them all: nothing is left to do beside what is measured. PocketBase lets the same address in as
// often as it comes, unless it is given an index that forbids it, which a petition needs: it is measured with and without.
func (b *bench) confirm(ctx context.Context) error {
	s, _, confirm, closing, err := b.confirmable(ctx, product)
	if closing != nil {
		defer closing()
	}
	if err != nil {
		return err
	}
	empty := posting(product.name, "", confirm)
	if err := b.compare(ctx, "confirm", empty); err != nil {
		return err
	}
	filling := confirm
	filling.most = b.rows
	f, err := filling.run(ctx, time.Hour)
	if err != nil {
		return err
	}
	b.table.figure(fmt.Sprintf("%d confirmed, on the way to the next lines", f.requests), fmt.Sprintf("%.0f s, p99 %.0f ms", f.took.Seconds(), milliseconds(f.p99)))
	if err := allPublished(s, b.rows); err != nil {
		return err
	}
	pb, err := b.pocketBase(ctx, b.rows)
	if err != nil {
		return err
	}
	defer pb.stop()
	ours := posting(product.name, "", confirm)
	records := recording(pb, plain, "PocketBase, record-create", "confirm/pocketbase-64")
	unique := recording(pb, once, "PocketBase, an address once", "confirm/pocketbase-once-64")
	if err := b.compare(ctx, fmt.Sprintf("confirm, %d rows, %d at once", b.rows, callers), ours, records, unique); err != nil {
		return err
	}
	if err := b.compare(ctx, fmt.Sprintf("confirm, %d rows, %d at once", b.rows, crowd), ours.crowded(""),
		records.crowded("confirm/pocketbase"), unique.crowded("confirm/pocketbase-once")); err != nil {
		return err
	}
	b.table.add("confirm/growth", ours.median(figures.cpuEach)/empty.median(figures.cpuEach), "confirm, %d rows: processor time to that of an empty table", b.rows)
	return nil
}

// allPublished waits until the published log has so many entries.
func allPublished(s *server, n int) error {
	for begun := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		size, err := checkpointSize(s)
		if err != nil || size >= int64(n) {
			return err
		}
		if time.Since(begun) > 5*time.Minute {
			return errors.New("they are not in a checkpoint after five minutes")
		}
	}
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
	if err := allPublished(s, int(before)+n); err != nil {
		return 0, err
	}
	late = time.Since(last)
	stop()
	meanwhile.Wait()
	b.table.figure(fmt.Sprintf("%d confirmed, while others sign", n), fmt.Sprintf("%.1f s; %d signed meanwhile, p99 %.0f ms",
		f.took.Seconds(), signed.requests, milliseconds(signed.p99)))
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
