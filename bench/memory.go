package main

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"time"
)

const settled = 15 * time.Second // after which a program that nobody asks is idle

// memory is what an idle site holds: with nothing but the starter issue, and with the tables of Congress.
func (b *bench) memory(ctx context.Context) error {
	site, err := b.openSite(ctx, product)
	if err != nil {
		return err
	}
	defer site.stop()
	if err := b.idle(ctx, site, "memory/idle", "idle, before there are data: MiB resident"); err != nil || b.data == "" {
		return err
	}
	congress, err := b.congressSite(ctx)
	if err != nil {
		return err
	}
	defer congress.stop()
	if _, _, err := fetch(congress, "/legislators?zip=02139"); err != nil {
		return err
	}
	return b.idle(ctx, congress, "memory/congress", "idle, with the tables of Congress: MiB resident")
}

func (b *bench) idle(ctx context.Context, s *server, goal, what string) error {
	for _, path := range []string{"/", petition} {
		if _, _, err := fetch(s, path); err != nil {
			return err
		}
	}
	select {
	case <-time.After(settled):
	case <-ctx.Done():
		return ctx.Err()
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	found := residentLine.FindSubmatch(status)
	if err != nil || found == nil {
		return fmt.Errorf("read what %s holds: %w", s.name, err)
	}
	kb, err := strconv.ParseFloat(string(found[1]), 64)
	b.table.add(goal, kb/1024, "%s", what)
	return err
}

var residentLine = regexp.MustCompile(`VmRSS:\s+(\d+) kB`)
