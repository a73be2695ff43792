package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// look compares what is drawn for one reader, who represents a ZIP code and what is found in a search, with the bare handler
// sending the same bytes: all that the program does itself is in the difference.
func (b *bench) look(ctx context.Context) error {
	site, err := b.congressSite(ctx)
	if err != nil {
		return err
	}
	defer site.stop()
	looks := []struct{ goal, what, path string }{
		{"lookup", "look-up of a ZIP code", "/legislators?zip=02139"},
		{"search", "search", "/search?q=asylum"},
	}
	var pages []page
	for _, l := range looks {
		p, _, err := fetch(site, l.path)
		if err != nil {
			return err
		}
		pages = append(pages, p)
	}
	return b.peers(ctx, site, pages, func(i int) (what, goal string) { return looks[i].what, looks[i].goal })
}

// congressSite opens a site with the tables of Congress where there is a copy of the public data, and with the sample that
// the program carries where there is none.
func (b *bench) congressSite(ctx context.Context) (*server, error) {
	binary, err := product.build(ctx, b.root, b.dir)
	if err != nil {
		return nil, err
	}
	s, err := newServer(product.name)
	if err != nil {
		return nil, err
	}
	if b.data != "" {
		data := filepath.Join(s.dir, "data")
		_, err := run(ctx, b.root, binary, "keys", "init", "--data", data) // a download is for a site that is there
		if err == nil {
			_, err = run(ctx, b.root, binary, "congress", "update", "--data", data, "--mirror", filepath.Join(b.data, "www"))
		}
		if err != nil {
			s.stop()
			return nil, err
		}
	}
	if err := s.start(ctx, binary, b.serving(s)...); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

const exported = 20_000 // signatures

// export writes what is handed over of a petition, each row opened and checked against the log, and compares with reading as
// many records out of PocketBase.
func (b *bench) export(ctx context.Context) error {
	s, _, confirm, closing, err := b.confirmable(ctx, product)
	if closing != nil {
		defer closing()
	}
	if err != nil {
		return err
	}
	confirm.most = exported
	if _, err := confirm.run(ctx, time.Hour); err != nil {
		return err
	}
	if err := allPublished(s, exported); err != nil {
		return err
	}
	s.halt() // the command takes its place
	pb, err := b.pocketBase(ctx, exported)
	if err != nil {
		return err
	}
	defer pb.stop()
	ours, theirs := &contender{name: "undersigned packet"}, &contender{name: "PocketBase, all records by its API", goal: "export/pocketbase"}
	for range b.rounds {
		f, err := b.packet(ctx, s)
		if err != nil {
			return err
		}
		ours.found = append(ours.found, f)
		before := pb.cpu()
		took, err := listed(ctx, pb, exported)
		if err != nil {
			return err
		}
		theirs.found = append(theirs.found, figures{requests: exported, took: took, cpu: pb.cpu() - before})
	}
	for _, c := range []*contender{ours, theirs} {
		b.table.rates(fmt.Sprintf("export of %d signers", exported), ours, c)
	}
	return nil
}

func (b *bench) packet(ctx context.Context, s *server) (f figures, err error) {
	binary, err := product.build(ctx, b.root, b.dir)
	if err != nil {
		return f, err
	}
	dir := filepath.Join(s.dir, "packet")
	defer os.RemoveAll(dir)
	cmd := exec.CommandContext(ctx, binary, "packet", petition[1:], dir, "--reason", "a measurement", "--base-url", "http://"+s.addr, "--data", filepath.Join(s.dir, "data"))
	begun := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		return f, fmt.Errorf("export: %w\n%s", err, out)
	}
	return figures{requests: exported, took: time.Since(begun), cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}, nil
}
