package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/undersigned/undersigned/internal/config"
	"github.com/undersigned/undersigned/translog"
)

// mirrorCmd copies a public log and verifies it while copying. Like verify, it opens nothing of ours.
type mirrorCmd struct {
	URL    string `arg:"" help:"The site, or its log."`
	Dir    string `arg:"" help:"The folder to copy to. What it has already is kept, and must be what the log continues."`
	Vkey   string `help:"The log's public key, from somewhere else than the site." placeholder:"KEY" xor:"trust"`
	Policy string `help:"Whose word is needed: a c2sp.org/tlog-policy with the log's key and its witnesses." placeholder:"FILE" xor:"trust"`
}

func (c *mirrorCmd) Run(ctx context.Context, _ *config.Settings, t *terminal) error {
	s, err := openSource(c.URL)
	if err != nil {
		return config.UsageError{Err: fmt.Errorf("mirror: %w", err)}
	}
	policy, err := readPolicy(c.Vkey, c.Policy)
	if err == nil && policy.Log == nil {
		policy, err = c.pinned(ctx, s, t)
	}
	if err != nil {
		return err
	}
	bar := newProgress(t.err, "Copied")
	report, err := translog.Mirror(ctx, s.client, c.Dir, policy, bar.watch)
	bar.end()
	if err != nil {
		return fmt.Errorf("mirror the log: %s", oneLine(err))
	}
	fmt.Fprintf(t.out, "%s: %d entries, root %s, %d petitions\n", c.Dir, report.Checkpoint.N, report.Checkpoint.Hash,
		len(report.Petitions))
	for _, name := range report.TextsMissing {
		return fmt.Errorf("the log does not have the text of petition %s, version %d", name.PID, name.Version)
	}
	return nil
}

// pinned gives the key that the folder has from the first time, or else the log's own.
func (c *mirrorCmd) pinned(ctx context.Context, s *source, t *terminal) (policy translog.Policy, err error) {
	vkey, err := translog.NewDirClient(os.DirFS(c.Dir)).Key(ctx)
	if errors.Is(err, fs.ErrNotExist) {
		return takeKey(ctx, s.client, t)
	}
	if err == nil {
		policy.Log, err = translog.ParseLogKey(vkey)
	}
	if err != nil {
		return policy, fmt.Errorf("read the key that the mirror keeps: %w", err)
	}
	return policy, nil
}
