package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/undersigned/undersigned/internal/config"
	"github.com/undersigned/undersigned/translog"
)

// verifyCmd checks a public log from outside. It opens neither a database nor keys of ours: a stranger runs it.
type verifyCmd struct {
	URL     string `arg:"" optional:"" help:"The site, its log, or a folder that mirrors one."`
	Vkey    string `help:"The log's public key, from somewhere else than the site." placeholder:"KEY" xor:"trust"`
	Policy  string `help:"Whose word is needed: a c2sp.org/tlog-policy with the log's key and its witnesses." placeholder:"FILE" xor:"trust"`
	Receipt string `help:"Check a signer's receipt: offline as far as it goes, and with a URL whether it still counts." placeholder:"FILE"`
	Packet  string `help:"Check what was delivered to an office: offline, or with the URL an office's own folder." placeholder:"DIR"`
	JSON    bool   `name:"json" help:"Write the result as JSON."`
}

// verdict is what a check has found; its JSON is for programs.
type verdict struct {
	Log          string            `json:"log,omitempty"`
	Origin       string            `json:"origin,omitempty"`
	Size         int64             `json:"size"`
	Root         string            `json:"root,omitempty"`
	Key          string            `json:"key"`
	KeyFrom      string            `json:"key_from"` // where the key comes from: you, or the log itself
	Witnesses    []string          `json:"witnesses"`
	Petitions    []petitionVerdict `json:"petitions,omitempty"`
	TextsChecked int               `json:"texts_checked"`
	Receipt      *receiptVerdict   `json:"receipt,omitempty"`
	Packet       *packetVerdict    `json:"packet,omitempty"`
	Faults       []string          `json:"faults"`
}

type petitionVerdict struct {
	PID       string `json:"pid"`
	Page      string `json:"page,omitempty"`
	Counted   int64  `json:"counted"`
	Withdrawn int64  `json:"withdrawn"`
	Erased    int64  `json:"erased"`
	Fraud     int64  `json:"fraud"`
	Shredded  int64  `json:"shredded"`
	Versions  int    `json:"versions"`
	Closed    bool   `json:"closed"`
	Printed   *count `json:"printed,omitempty"`
}

// Where a key comes from.
const (
	keyGiven = "you"
	keyTaken = "the log itself"
)

func (v *verdict) fault(format string, args ...any) {
	v.Faults = append(v.Faults, fmt.Sprintf(format, args...))
}

func (c *verifyCmd) Run(ctx context.Context, _ *config.Settings, t *terminal) error {
	if c.URL == "" && c.Receipt == "" && c.Packet == "" {
		return config.UsageError{Err: errors.New("verify: say what: the URL of a site, --receipt FILE or --packet DIR")}
	}
	v := &verdict{Witnesses: []string{}, Faults: []string{}}
	policy, source, err := c.trust(ctx, t, v)
	if err != nil {
		return err
	}
	if source != nil {
		v.check(ctx, source, policy, t)
	}
	if c.Receipt != "" {
		v.checkReceipt(ctx, c.Receipt, source, policy)
	}
	if c.Packet != "" {
		v.checkPacket(ctx, c.Packet, source, policy, t)
	}
	if c.JSON {
		encoder := json.NewEncoder(t.out)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(v)
	} else {
		err = v.print(t)
	}
	if len(v.Faults) > 0 {
		for _, fault := range v.Faults {
			fmt.Fprintln(t.err, "fault:", fault)
		}
		return fmt.Errorf("the check failed (faults: %d)", len(v.Faults))
	}
	return err
}

// trust finds the keys to believe, and opens the log where one is named.
func (c *verifyCmd) trust(ctx context.Context, t *terminal, v *verdict) (policy translog.Policy, s *source, err error) {
	if c.URL != "" {
		if s, err = openSource(c.URL); err != nil {
			return policy, nil, config.UsageError{Err: fmt.Errorf("verify: %w", err)}
		}
		v.Log = s.log
	}
	policy, err = readPolicy(c.Vkey, c.Policy)
	v.KeyFrom = keyGiven
	if err == nil && policy.Log == nil {
		var from *translog.Client
		switch {
		case s != nil:
			from = s.client
		case c.Packet != "":
			from = translog.NewDirClient(os.DirFS(filepath.Join(c.Packet, translog.PacketLog)))
		default:
			return policy, nil, config.UsageError{Err: errors.New("verify: a receipt alone needs the log's key: --vkey KEY, --policy FILE, or the URL of the site")}
		}
		v.KeyFrom = keyTaken
		policy, err = takeKey(ctx, from, t)
	}
	if err == nil {
		v.Key = policy.Log.String()
	}
	return policy, s, err
}

// readPolicy gives the policy of a file, or that of a key alone; neither gives none.
func readPolicy(vkey, file string) (policy translog.Policy, err error) {
	switch {
	case vkey != "":
		policy.Log, err = translog.ParseLogKey(strings.TrimSpace(vkey))
	case file != "":
		var text []byte
		if text, err = os.ReadFile(file); err == nil {
			policy, err = translog.ParsePolicy(string(text))
		}
	}
	if err != nil {
		return policy, config.UsageError{Err: err}
	}
	return policy, nil
}

// takeKey believes the key that the log brings itself, and says what that is worth.
func takeKey(ctx context.Context, c *translog.Client, t *terminal) (translog.Policy, error) {
	vkey, err := c.Key(ctx)
	if err != nil {
		return translog.Policy{}, fmt.Errorf("the log does not answer: %s", oneLine(err))
	}
	key, err := translog.ParseLogKey(vkey)
	if err != nil {
		return translog.Policy{}, fmt.Errorf("the log's own key: %w", err)
	}
	fmt.Fprintf(t.err, `CAUTION: the key came from the log itself. That shows that the log agrees with itself,
not that it is the log that others see. Keep this key, compare it with what others
have, and give it next time:
  --vkey '%s'
`, vkey)
	return translog.Policy{Log: key}, nil
}

// check reads the whole log, and compares it with what the site prints.
func (v *verdict) check(ctx context.Context, s *source, policy translog.Policy, t *terminal) {
	var pages []page
	for try := 1; ; try++ {
		var err error
		if pages, err = s.printed(ctx); err != nil {
			v.fault("%v", err)
			return
		}
		bar := newProgress(t.err, "Checked")
		s.report, err = translog.Verify(ctx, s.client, policy, bar.watch, keepPrinted(pages))
		bar.end()
		if err != nil {
			v.fault("%s", oneLine(err))
			return
		}
		// A page is up to a second younger than the checkpoint that we were given.
		if try == 3 || !printedLater(pages, s.report.Checkpoint.N) {
			break
		}
		select {
		case <-time.After(2 * time.Second):
		case <-ctx.Done():
		}
	}
	v.report(s.report)
	v.compare(pages, s.report)
}

func (v *verdict) report(r *translog.Report) {
	v.Origin, v.Size, v.Root = r.Checkpoint.Origin, r.Checkpoint.N, r.Checkpoint.Hash.String()
	v.TextsChecked = r.TextsChecked
	for _, w := range r.Cosignatures {
		v.Witnesses = append(v.Witnesses, w.Witness+" at "+w.Time.Format(time.RFC3339))
	}
	for _, p := range r.Petitions {
		v.Petitions = append(v.Petitions, petitionVerdict{PID: p.PID.String(), Counted: p.Counts.Counted,
			Withdrawn: p.Counts.Withdrawn, Erased: p.Counts.Erased, Fraud: p.Counts.Fraud, Shredded: p.Counts.Shredded,
			Versions: len(p.Versions), Closed: p.Closed})
	}
	for _, name := range r.TextsMissing {
		v.fault("petition %s: the log does not have the text of version %d, which people signed", name.PID, name.Version)
	}
}

// receiptVerdict is what a receipt has shown.
type receiptVerdict struct {
	PID      string `json:"pid"`
	Version  int64  `json:"version"`
	Index    int64  `json:"index"`
	Full     bool   `json:"full"`
	Counts   *bool  `json:"counts,omitempty"` // not without the log
	Voided   string `json:"voided,omitempty"`
	Shredded bool   `json:"shredded,omitempty"`
}

func (v *verdict) checkReceipt(ctx context.Context, file string, s *source, policy translog.Policy) {
	text, err := os.ReadFile(file)
	if err != nil {
		v.fault("%s", oneLine(err))
		return
	}
	receipt, err := translog.ParseReceipt(text)
	if err == nil {
		_, _, err = receipt.Verify(policy)
	}
	if err != nil {
		v.fault("%s", oneLine(err))
		return
	}
	v.Receipt = &receiptVerdict{PID: receipt.Entry.PID.String(), Version: receipt.Entry.Version, Index: receipt.Index,
		Full: receipt.Seed != nil}
	if s == nil || s.report == nil {
		return
	}
	state, err := s.report.CheckReceipt(ctx, s.client, policy, receipt)
	if err != nil {
		v.fault("%s", oneLine(err))
		return
	}
	counts := state.Voided == 0
	v.Receipt.Counts, v.Receipt.Voided, v.Receipt.Shredded = &counts, state.Voided.String(), state.Shredded
}

// print tells a person.
func (v *verdict) print(t *terminal) error {
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "key\t%s (from %s)\n", v.Key, v.KeyFrom)
	if v.Origin != "" {
		fmt.Fprintf(w, "log\t%s: %d entries, root %s\n", v.Origin, v.Size, v.Root)
	}
	for _, witness := range v.Witnesses {
		fmt.Fprintf(w, "witness\t%s\n", witness)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if len(v.Petitions) > 0 {
		fmt.Fprint(w, "\npetition\tcounted\twithdrawn\terased\tfraud\tshredded\tversions\tprinted\tpage\n")
	}
	for _, p := range v.Petitions {
		printed := "-"
		if p.Printed != nil {
			printed = fmt.Sprint(p.Printed.Count)
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%s\t%s\n", p.PID, p.Counted, p.Withdrawn, p.Erased, p.Fraud, p.Shredded,
			p.Versions, printed, p.Page)
	}
	if len(v.Petitions) > 0 {
		fmt.Fprintln(w)
	}
	v.Receipt.print(w)
	v.Packet.print(w)
	if len(v.Faults) == 0 {
		fmt.Fprintln(w, "All that was checked is right.")
	}
	return w.Flush()
}

func (r *receiptVerdict) print(w *tabwriter.Writer) {
	if r == nil {
		return
	}
	fmt.Fprintf(w, "receipt\tpetition %s, version %d, entry %d: it is in the log\n", r.PID, r.Version, r.Index)
	switch {
	case r.Counts == nil:
		fmt.Fprint(w, "\twhether it still counts only the log itself can tell: give the URL too\n")
	case !*r.Counts:
		fmt.Fprintf(w, "\tit COUNTS NO LONGER: %s\n", r.Voided)
	case r.Shredded:
		fmt.Fprint(w, "\tit counts; what it was made of is destroyed\n")
	default:
		fmt.Fprint(w, "\tit counts\n")
	}
	if r.Full {
		fmt.Fprint(w, "\tit is a full one: whoever has it can test guesses of who signed\n")
	}
}

// oneLine says an error in one line, and of a missing file that it is missing.
func oneLine(err error) string {
	text := strings.Join(strings.Fields(err.Error()), " ")
	if errors.Is(err, fs.ErrNotExist) {
		text = strings.Replace(text, fs.ErrNotExist.Error(), "it is not there", 1)
	}
	return text
}
