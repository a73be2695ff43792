package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/config"
	"github.com/undersigned/undersigned/translog"
)

// packetCmd writes what is handed to an office: those who allowed it, with what checks each of them against the log.
type packetCmd struct {
	Action string `arg:"" help:"The petition, as ISSUE/ACTION." placeholder:"ISSUE/ACTION"`
	Dir    string `arg:"" help:"The folder to make; it holds names, so keep it as carefully."`
	Reason string `required:"" help:"Why: it stands in the log of who did what, and in a mail to each owner." placeholder:"TEXT"`
}

func (c *packetCmd) Run(ctx context.Context, s *config.Settings, t *terminal) (err error) {
	issue, slug, ok := strings.Cut(c.Action, "/")
	if !ok {
		return config.UsageError{Err: fmt.Errorf("packet: %q is not ISSUE/ACTION", c.Action)}
	}
	x, err := openSite(ctx, s, t.err)
	if err != nil {
		return err
	}
	defer func() { err = first(err, x.close()) }()
	policy, err := x.logPolicy()
	if err != nil {
		return err
	}
	if _, err := x.congress.Reload(time.Now()); err != nil {
		return err
	}
	if err := x.actions.TellOfExport(ctx, action.ExportOrder{Kind: undersigned.ExportPacket, Issue: issue, Action: slug, Reason: c.Reason}); err != nil {
		return inEnglish(err)
	}
	bar := newProgress(t.err, "Copied")
	order := action.PacketOrder{Issue: issue, Action: slug, Dir: c.Dir, Site: s.BaseURL, Policy: policy}
	done, err := x.actions.WritePacket(ctx, order, bar.watch)
	bar.end()
	if err != nil {
		return err
	}
	fmt.Fprintf(t.out, "%s: %d of %d who count allowed that their names be handed over; as of entry %d of the log\n", c.Dir,
		done.Rows, done.Counted, done.Size)
	fmt.Fprintf(t.out, "For %d offices there is a letter and a folder each: letters.html and offices/\n", done.Offices)
	fmt.Fprintf(t.out, "Whoever receives it checks it with: undersigned verify --packet DIR --vkey '%s'\n", policy.Log)
	return nil
}

// packetVerdict is what a packet has shown.
type packetVerdict struct {
	PID     string `json:"pid"`
	Rows    int64  `json:"rows"`
	Counted int64  `json:"counted"`
	Size    int64  `json:"size"`
}

// checkPacket checks a packet in its own log or, where it has none, in that of the site.
func (v *verdict) checkPacket(ctx context.Context, dir string, s *source, policy translog.Policy, t *terminal) {
	log, err := translog.NewClient(filepath.Join(dir, translog.PacketLog))
	if _, none := os.Stat(filepath.Join(dir, translog.PacketLog)); none != nil && s != nil {
		log, err = s.client, nil
	}
	if err != nil {
		v.fault("%s: %s; an office's own folder needs the URL of the site too", dir, oneLine(err))
		return
	}
	bar := newProgress(t.err, "Checked")
	r, err := translog.VerifyPacketIn(ctx, log, translog.Dir(dir), policy, bar.watch)
	bar.end()
	if err != nil {
		v.fault("%s", oneLine(err))
		return
	}
	v.Packet = &packetVerdict{PID: r.PID.String(), Rows: r.Rows, Counted: r.Counts.Counted, Size: r.Checkpoint.N}
	if v.Origin == "" { // no log was checked besides
		v.report(r.Report)
	}
}

func (p *packetVerdict) print(w *tabwriter.Writer) {
	if p != nil {
		fmt.Fprintf(w, "packet\tpetition %s: %d names, each of them an entry that counts; the log of %d entries counts %d in all\n",
			p.PID, p.Rows, p.Size, p.Counted)
	}
}
