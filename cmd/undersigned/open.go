package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"filippo.io/age"

	"github.com/undersigned/undersigned/internal/config"
	"github.com/undersigned/undersigned/internal/packet"
	"github.com/undersigned/undersigned/internal/sealed"
	"github.com/undersigned/undersigned/translog"
)

// openCmd opens a bundle of sealed signatures where the identities are. It opens neither a database nor keys of a site, and
// no connection: it runs on a computer that has none.
type openCmd struct {
	File     string   `arg:"" help:"The bundle, as undersigned bundle wrote it."`
	Identity []string `required:"" help:"An age identity that opens it; - reads it from standard input. May be given several times." placeholder:"FILE" sep:"none"`
	Out      string   `help:"The spreadsheet to write (CSV), instead of to standard output." placeholder:"FILE" xor:"what"`
	Packet   string   `help:"The folder to make, with what is handed to an office, instead of a spreadsheet." placeholder:"DIR" xor:"what"`
	Seats    string   `help:"The file to write, with the number of signers by seat of Congress in full tens, for undersigned office take." placeholder:"FILE" xor:"what"`
	Vkey     string   `help:"The log's public key, from somewhere else than the bundle." placeholder:"KEY" xor:"trust"`
	Policy   string   `help:"Whose word is needed: a c2sp.org/tlog-policy with the log's key and its witnesses." placeholder:"FILE" xor:"trust"`
}

func (c *openCmd) Run(ctx context.Context, _ *config.Settings, t *terminal) error {
	policy, err := readPolicy(c.Vkey, c.Policy)
	if err != nil {
		return err
	}
	identities, err := c.identities()
	if err != nil {
		return err
	}
	file, err := os.Open(c.File)
	if err != nil {
		return fmt.Errorf("open the bundle: %w", err)
	}
	defer file.Close()
	// What is unpacked holds nothing that is not public.
	work, err := os.MkdirTemp("", "undersigned-log-*")
	if err != nil {
		return fmt.Errorf("unpack the log: %w", err)
	}
	defer os.RemoveAll(work)
	b := &openBundle{dir: filepath.Join(work, translog.PacketLog), policy: policy, identities: identities, t: t}
	if b.reader, err = sealed.NewReader(bufio.NewReaderSize(file, 1<<16), b.dir); err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	if b.policy.Log == nil {
		if b.policy, err = takeKey(ctx, translog.NewDirClient(os.DirFS(b.dir)), t); err != nil {
			return err
		}
	}
	done, err := c.write(ctx, b)
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	return c.report(done, b)
}

// write writes what was asked for.
func (c *openCmd) write(ctx context.Context, b *openBundle) (done *sealed.Opened, err error) {
	switch {
	case c.Packet != "":
		bar := newProgress(b.t.err, "Checked")
		defer bar.end()
		done, b.packet, err = b.reader.Packet(ctx, c.Packet, b.dir, b.policy, b.identities, bar.watch)
		return done, err
	case c.Seats != "":
		err = writeWhole(c.Seats, func(w io.Writer) (err error) {
			if done, err = b.sheet(ctx, io.Discard); err != nil {
				return err
			}
			return b.reader.WriteSeats(w, done)
		})
		return done, err
	case c.Out != "":
		err = writeWhole(c.Out, func(w io.Writer) (err error) {
			done, err = b.sheet(ctx, w)
			return err
		})
		return done, err
	}
	return b.sheet(ctx, b.t.out)
}

// report says on standard error what came out: standard output may be the spreadsheet.
func (c *openCmd) report(done *sealed.Opened, b *openBundle) error {
	m := &b.reader.Manifest
	fmt.Fprintf(b.t.err, "%s/%s of %s: %d signatures opened, each of them an entry that counts; the log of %d entries counts %d in all\n",
		m.Issue, m.Action, m.Origin, done.Rows, m.Size, done.Counts.Counted)
	if c.Packet != "" {
		fmt.Fprintf(b.t.err, "%s: %d allowed that their names be handed over; for %d offices there is a letter and a folder each\n", c.Packet, done.Delivered, b.packet.Offices)
	}
	for _, w := range done.Wrong {
		fmt.Fprintf(b.t.err, "fault: the row of entry %d: %v\n", w.Index, w.Err)
	}
	switch {
	case done.Others > 0 && done.Rows == 0 && len(done.Wrong) == 0:
		return fmt.Errorf("all %d signatures were sealed for somebody else than the identity in %s", done.Others, c.Identity[0])
	case done.Others > 0:
		return fmt.Errorf("%d signatures were sealed for other identities (the issue's seal_to was another then): give one of those too", done.Others)
	case len(done.Wrong) > 0:
		return fmt.Errorf("not all signatures are what the log says (faults: %d); the others were written", len(done.Wrong))
	}
	return nil
}

// identities reads those of every file.
func (c *openCmd) identities() (all []age.Identity, err error) {
	for _, path := range c.Identity {
		some, err := readIdentities(path)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// openBundle is a bundle on its way into something readable.
type openBundle struct {
	reader     *sealed.Reader
	dir        string // the log
	policy     translog.Policy
	identities []age.Identity
	packet     *packet.Done // where one was asked for
	t          *terminal
}

func (b *openBundle) sheet(ctx context.Context, w io.Writer) (*sealed.Opened, error) {
	out := bufio.NewWriter(w)
	sheet, err := sealed.NewSheet(out)
	if err != nil {
		return nil, err
	}
	bar := newProgress(b.t.err, "Checked")
	defer bar.end()
	done, err := b.reader.Open(ctx, b.dir, b.policy, b.identities, bar.watch, sheet.Add)
	return done, first(err, sheet.Close(), out.Flush())
}
