package main

import (
	"context"
	"fmt"
	"time"
)

// contender is one side of a comparison.
type contender struct {
	server *server
	load   load

	rates, cpus, p50s, p99s []float64
}

// compare measures the contenders in turn, so that what else the machine does meets all of them, and pauses those that
// are not measured. What it leaves in each are medians.
func (b *bench) compare(ctx context.Context, what string, contenders ...*contender) error {
	for _, c := range contenders {
		c.server.pause()
	}
	defer func() {
		for _, c := range contenders {
			c.server.resume()
		}
	}()
	for round := -1; round < b.rounds; round++ {
		for _, c := range contenders {
			during := b.round
			if round < 0 {
				during = time.Second // to warm up; not counted
			}
			c.server.resume()
			f, err := c.load.run(ctx, during)
			c.server.pause()
			if err != nil {
				return err
			}
			if round >= 0 {
				c.add(f)
			}
		}
	}
	for _, c := range contenders {
		b.table.note("%-34s %-28s %7.0f a second   p50 %5.1f ms   p99 %6.1f ms   %4.0f µs of the server's processor time each",
			what, c.server.name, c.rate(), median(c.p50s), median(c.p99s), median(c.cpus))
	}
	return ctx.Err()
}

func (c *contender) add(f figures) {
	c.rates = append(c.rates, f.perSecond())
	c.cpus = append(c.cpus, f.cpuEach())
	c.p50s = append(c.p50s, milliseconds(f.percentile(50)))
	c.p99s = append(c.p99s, milliseconds(f.percentile(99)))
}

func (c *contender) rate() float64 { return median(c.rates) }

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// callers is how many people act at once.
const callers = 64

// sign compares sending the form of a petition with PocketBase making a record, with the same program without its
// database, and with one commit for each request.
func (b *bench) sign(ctx context.Context) error {
	var contenders []*contender
	for _, v := range []variant{product, noDatabase, oneEach} {
		binary, err := v.build(ctx, b.root, b.dir)
		if err != nil {
			return err
		}
		s, err := openSite(ctx, v, binary, b.mails)
		defer s.stop()
		if err != nil {
			return err
		}
		request, err := signing(s)
		if err != nil {
			return err
		}
		contenders = append(contenders, &contender{server: s, load: load{server: s, connections: callers, request: request, status: 303}})
	}
	pb, err := b.pocketBase(ctx)
	if err != nil {
		return err
	}
	defer pb.stop()
	contenders = append(contenders, &contender{server: pb, load: load{server: pb, connections: callers, request: recording(pb), status: 200}})
	before := b.mails.mails.Load()
	if err := b.compare(ctx, "sign", contenders...); err != nil {
		return err
	}
	b.table.note("%-34s %d mails went out meanwhile", "", b.mails.mails.Load()-before)
	ours := contenders[0].rate()
	b.table.add("sign/pocketbase", ours/contenders[3].rate())
	b.table.add("sign/no-database", ours/contenders[1].rate())
	b.table.add("sign/one-commit-each", ours/contenders[2].rate())
	return nil
}

// pocketBase starts PocketBase on an empty folder.
func (b *bench) pocketBase(ctx context.Context) (*server, error) {
	binary := b.dir + "/pocketbase"
	if _, err := run(ctx, b.root+"/bench", "go", "build", "-o", binary, "./pocketbase"); err != nil {
		return nil, err
	}
	s, err := newServer("PocketBase")
	if err != nil {
		return nil, err
	}
	if err := s.start(ctx, binary, "serve", "--http="+s.addr, "--dir="+s.dir+"/data"); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

func recording(s *server) func(b []byte, n int) []byte {
	return func(b []byte, n int) []byte {
		body := fmt.Sprintf(`{"given_name":"Maria","family_name":"%s","email":"%s","postal_code":"02139","country":"US","comment":"%s","deliver":true}`,
			family(n), email(n), comment)
		return post(b, s.addr, "/api/collections/signatures/records", "application/json", body)
	}
}
