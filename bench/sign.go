package main

import (
	"context"
	"fmt"
)

// sign compares sending the form of a petition with PocketBase making a record, with a bare handler that does no more than
// seal it, with the same program without its database, and with one commit for each request.
func (b *bench) sign(ctx context.Context) error {
	var all []*contender
	for _, v := range []struct {
		variant
		goal string
	}{{product, ""}, {noDatabase, "sign/no-database"}, {oneEach, "sign/one-commit-each"}} {
		c, err := b.signer(ctx, v.variant, v.goal)
		if err != nil {
			return err
		}
		defer c.server.stop()
		all = append(all, c)
	}
	pb, err := b.pocketBase(ctx, 0)
	if err != nil {
		return err
	}
	defer pb.stop()
	bare, err := b.openBare(ctx, nil)
	if bare != nil {
		defer bare.stop()
	}
	if err != nil {
		return err
	}
	sealing, err := signing(all[0].server, bare)
	if err != nil {
		return err
	}
	all = append(all, recording(pb, "sign/pocketbase"),
		posting("a bare handler that seals", "sign/bare", load{server: bare, connections: callers, request: sealing, status: 303}))
	before := b.mails.mails.Load()
	if err := b.compare(ctx, "sign", all[0], all[1:]...); err != nil {
		return err
	}
	b.table.figure("mails sent meanwhile", fmt.Sprint(b.mails.mails.Load()-before))
	return nil
}

// signer opens a site whose petition is signed.
func (b *bench) signer(ctx context.Context, v variant, goal string, settings ...string) (*contender, error) {
	s, err := b.openSite(ctx, v, settings...)
	if err != nil {
		return nil, err
	}
	request, err := signing(s, s)
	if err != nil {
		s.stop()
		return nil, err
	}
	return posting(v.name, goal, load{server: s, connections: callers, request: request, status: 303}), nil
}
