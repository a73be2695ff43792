package main

import (
	"context"
	"fmt"
)

// crowd is how many people sign at once where everybody comes. With [callers] of them both cores rest for a tenth of the time,
// because all wait for the same commit.
const crowd = 256

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
	all = append(all, recording(pb, plain, "PocketBase, record-create", "sign/pocketbase-64"),
		posting("a bare handler that seals", "sign/bare-64", load{server: bare, connections: callers, request: sealing, status: 303}))
	before := b.mails.mails.Load()
	if err := b.compare(ctx, fmt.Sprintf("sign, %d at once", callers), all[0], all[1:]...); err != nil {
		return err
	}
	b.table.figure("mails sent meanwhile", fmt.Sprint(b.mails.mails.Load()-before))
	many := []*contender{all[0].crowded(""), all[3].crowded("sign/pocketbase"), all[4].crowded("sign/bare")}
	return b.compare(ctx, fmt.Sprintf("sign, %d at once", crowd), many[0], many[1:]...)
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
