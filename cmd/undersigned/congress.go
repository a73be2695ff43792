package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/config"
	"github.com/undersigned/undersigned/internal/congress"
)

type congressCmd struct {
	Update congressUpdateCmd `cmd:"" help:"Download legislators, districts, ZIP codes and the bills in use."`
	Lookup congressLookupCmd `cmd:"" help:"Say who represents a ZIP code or a point."`
	Bill   congressBillCmd   `cmd:"" help:"Say where a bill stands."`
}

// congressDir is where downloads are kept.
func congressDir(s *config.Settings) string { return filepath.Join(s.Data, "congress") }

type congressUpdateCmd struct{}

func (c *congressUpdateCmd) Run(ctx context.Context, s *config.Settings, t *terminal) (err error) {
	x, err := openSite(ctx, s, t.err)
	if err != nil {
		return err
	}
	defer func() { err = first(err, x.close()) }()
	bar := newBar(t.err)
	report, err := x.updateCongress(ctx, bar.show)
	bar.end()
	if err != nil {
		return err
	}
	failed := 0
	for _, source := range report.Sources {
		switch {
		case source.Trouble == "" || source.Trouble == congress.NotPublished:
			fmt.Fprintf(t.out, "ok    %s: %s\n", source.Name, inUse(source))
		default:
			failed++
			fmt.Fprintf(t.out, "look  %s: %s: %s; %s\n", source.Name, source.Trouble, source.Detail, inUse(source))
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d sources could not be brought; what was there before stays in use", failed, len(report.Sources))
	}
	return nil
}

// inUse says what of a source is in use.
func inUse(s congress.Source) string {
	switch {
	case !s.Fetched.IsZero():
	case s.Trouble == congress.NotPublished:
		return "not published"
	default:
		return "nothing yet"
	}
	return fmt.Sprintf("%d, fetched %s", s.Count, s.Fetched.UTC().Format(time.DateOnly))
}

// updateCongress brings what is new, stores what bills have done, and loads the tables.
func (x *site) updateCongress(ctx context.Context, progress func(congress.Progress)) (congress.Report, error) {
	bills, err := x.actions.WantedBills(ctx)
	if err != nil {
		return congress.Report{}, err
	}
	report, err := congress.Update(ctx, congress.Options{Dir: congressDir(x.settings), Mirror: x.settings.Mirror, Now: time.Now(),
		Bills: bills, Progress: progress})
	if err != nil {
		return report, fmt.Errorf("update Congress: %w", err)
	}
	return report, x.actions.SaveBills(ctx, report.Bills)
}

// updateEvery is how often serve looks for what is new; sooner after a try that brought nothing at all.
const updateEvery = 24 * time.Hour

// keepCongress brings what is new once a day and takes it into use, also what another process has brought. Without a
// connection it says so once, and what is there stays in use.
func (x *site) keepCongress(ctx context.Context) error {
	if err := x.useCongress(); err != nil {
		return err
	}
	sources, err := congress.Sources(congressDir(x.settings))
	if err != nil {
		return err
	}
	for _, s := range sources {
		if time.Since(s.Fetched) < updateEvery {
			return nil
		}
	}
	report, err := x.updateCongress(ctx, nil)
	if errors.Is(err, congress.ErrRunning) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := x.useCongress(); err != nil {
		return err
	}
	x.tellOffline(report.Offline)
	return nil
}

// useCongress takes what is in the folder into use. Reading it leaves more garbage than anything else that a site does, and
// on a small machine others need the memory.
func (x *site) useCongress() error {
	changed, err := x.congress.Reload(time.Now())
	if changed {
		debug.FreeOSMemory()
	}
	return err
}

// staleAfter is how old a file of Congress may be before somebody should look: serve tries daily.
const staleAfter = 3 * updateEvery

// checkCongress says how old the files of Congress are, and each trouble with one.
func (x *site) checkCongress(r *report, now time.Time) error {
	if _, err := x.congress.Reload(now); err != nil {
		r.warn("congress: what was downloaded cannot be read: %v; run undersigned congress update", err)
		return nil
	}
	table := x.congress.Table()
	if table.Sample {
		r.warn("congress: only the sample of Massachusetts, of %s: run undersigned congress update", table.AsOf)
	} else if age := now.Sub(table.AsOf.Begin(time.UTC)); age > staleAfter {
		r.warn("congress: legislators of %s, %d days old: is serve running, and has it a connection?", table.AsOf, int(age.Hours()/24))
	} else {
		r.ok("congress: legislators of %s", table.AsOf)
	}
	sources, err := congress.Sources(congressDir(x.settings))
	if err != nil {
		return err
	}
	for _, s := range sources {
		if s.Trouble == "" || s.Trouble == congress.NotPublished || s.Trouble == congress.Reserved {
			continue // a bill that is not there yet is no fault of ours
		}
		r.warn("congress: %s: %s since %s: %s; in use: %s", s.Name, s.Trouble, s.Since.UTC().Format(time.DateOnly), s.Detail, inUse(s))
	}
	return nil
}

// tellOffline says once what is in use without a connection, and once that there is one again.
func (x *site) tellOffline(offline bool) {
	if offline == x.offline {
		return
	}
	x.offline = offline
	table := x.congress.Table()
	switch {
	case !offline:
		x.log.Info("Congress is brought up to date again")
	case table.Sample:
		x.log.Info("Congress: no connection; the sample of Massachusetts is in use")
	default:
		x.log.Info("Congress: no connection; what was downloaded before is in use", "as_of", string(table.AsOf))
	}
}

// districts gives the codes of all districts that a postal code touches.
func (x *site) districts(country, postalCode string) (codes []string) {
	if country != "US" {
		return nil
	}
	answer, err := x.congress.Table().ZIP(postalCode, time.Now())
	if err != nil {
		return nil
	}
	for _, seat := range answer.Seats {
		codes = append(codes, seat.District.String())
	}
	return codes
}

type congressLookupCmd struct {
	Where string `arg:"" help:"A ZIP code, or LATITUDE,LONGITUDE in degrees."`
	JSON  bool   `help:"For programs."`
}

func (c *congressLookupCmd) Run(_ context.Context, s *config.Settings, t *terminal) error {
	now := time.Now()
	table, err := congress.Load(congressDir(s), now)
	if err != nil {
		return err
	}
	answer, err := c.lookup(table, now)
	if err != nil {
		return plain(err)
	}
	if c.JSON {
		return printJSON(t.out, answer.JSON())
	}
	if table.Sample {
		fmt.Fprintln(t.err, "Only the sample of Massachusetts is loaded: run undersigned congress update.")
	}
	describe(t.out, answer)
	return nil
}

func (c *congressLookupCmd) lookup(table *congress.Table, now time.Time) (congress.Answer, error) {
	before, after, point := strings.Cut(c.Where, ",")
	if !point {
		return table.ZIP(c.Where, now)
	}
	lat, err1 := strconv.ParseFloat(strings.TrimSpace(before), 64)
	lon, err2 := strconv.ParseFloat(strings.TrimSpace(after), 64)
	if err1 != nil || err2 != nil {
		return congress.Answer{}, undersigned.Fail(undersigned.Invalid, "error.position")
	}
	return table.Point(lat, lon, now)
}

var notes = map[congress.Note]string{
	congress.Choose:      "It touches several districts; an address decides.",
	congress.ChooseState: "It touches districts of two states; an address decides.",
	congress.NoArea:      "It is a ZIP code without an area, such as post office boxes, or does not exist.",
	congress.UnknownZIP:  "There is no such ZIP code.",
	congress.Military:    "Mail of the armed forces or an embassy: the address at home decides.",
	congress.Outside:     "It lies in no district.",
	congress.InSample:    "Only the sample of Massachusetts is loaded, and this is not in it.",
	congress.NotLoaded:   "The Congress that sits now is not fully known yet.",
}

func describe(out io.Writer, a congress.Answer) {
	for _, seat := range a.Seats {
		switch {
		case seat.Representative != nil:
			fmt.Fprintf(out, "%s  %s (%s)\n", seat.District, seat.Representative.Name, seat.Representative.Term.Party)
		case seat.Vacant:
			fmt.Fprintf(out, "%s  the seat is vacant\n", seat.District)
		default:
			fmt.Fprintf(out, "%s  not known\n", seat.District)
		}
	}
	for _, senator := range a.Senators {
		fmt.Fprintf(out, "%s     %s (%s), Senate\n", senator.Term.State, senator.Name, senator.Term.Party)
	}
	if note := notes[a.Note]; note != "" {
		fmt.Fprintln(out, note)
	}
}

type congressBillCmd struct {
	Bill string `arg:"" help:"Congress, type and number: 117hr2222."`
	JSON bool   `help:"For programs."`
}

func (c *congressBillCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	id, err := undersigned.ParseBillID(c.Bill)
	if err != nil {
		return config.UsageError{Err: err}
	}
	now := time.Now()
	dir := congressDir(s)
	bill, err := congress.Bill(dir, id)
	if undersigned.KindOf(err) == undersigned.NotFound {
		bill, err = congress.FetchBill(ctx, congress.Options{Dir: dir, Mirror: s.Mirror, Now: now}, id)
	}
	if err != nil {
		return plain(err)
	}
	answer := congress.DescribeBill(bill, now)
	if c.JSON {
		return printJSON(t.out, answer)
	}
	fmt.Fprintf(t.out, "%s (%dth Congress): %s\n%s", id.Name(), id.Congress, answer.Title, strings.ReplaceAll(string(answer.Stage), "_", " "))
	if answer.Reached != answer.Stage {
		fmt.Fprintf(t.out, ", as far as %s", strings.ReplaceAll(string(answer.Reached), "_", " "))
	}
	fmt.Fprintf(t.out, "\n%s, %d cosponsors\n", answer.Sponsor, answer.Cosponsors)
	return nil
}

// plainWords say on the terminal what pages say in their reader's language.
var plainWords = map[string]string{
	"error.zip":              "a ZIP code has five digits, or nine as in 02138-1234",
	"error.position":         "a point is LATITUDE,LONGITUDE in degrees, such as 42.37,-71.11",
	"error.bill":             "no such bill is published",
	"error.bill_reserved":    "that number is reserved and has no bill yet",
	"error.bill_unreachable": "the bill could not be brought, and none is kept here",
	"error.district":         "there is no such district",
}

// plain gives an error of the catalogue the words of the terminal.
func plain(err error) error {
	var e *undersigned.Error
	if errors.As(err, &e) && plainWords[e.Key] != "" {
		return errors.New(plainWords[e.Key])
	}
	return err
}

func printJSON(out io.Writer, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s\n", text)
	return err
}

// bar shows how far a download is, where somebody watches.
type bar struct {
	out      io.Writer
	terminal bool
	shown    time.Time
}

func newBar(out io.Writer) *bar {
	file, ok := out.(*os.File)
	if !ok {
		return &bar{out: out}
	}
	info, err := file.Stat()
	return &bar{out: out, terminal: err == nil && info.Mode()&os.ModeCharDevice != 0}
}

func (b *bar) show(p congress.Progress) {
	if !b.terminal || time.Since(b.shown) < 100*time.Millisecond {
		return
	}
	b.shown = time.Now()
	const width = 24
	filled := 0
	if p.Total > 0 {
		filled = int(p.Done * width / p.Total)
	}
	filled = min(max(filled, 0), width)
	fmt.Fprintf(b.out, "\r\x1b[K%s%s %6.1f MB  %s", strings.Repeat("#", filled), strings.Repeat(".", width-filled),
		float64(p.Done)/1e6, p.Source)
}

func (b *bar) end() {
	if b.terminal {
		fmt.Fprint(b.out, "\r\x1b[K")
	}
}
