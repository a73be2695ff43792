// Undersigned turns a cause into a page that people can act on, and keeps that page true.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/config"
)

// commands are what can be asked of the program. Each has a Run method in the file of its name.
type commands struct {
	config.Settings

	Serve       serveCmd       `cmd:"" help:"Open the site."`
	Import      importCmd      `cmd:"" help:"Put a pack, a folder of Markdown, into the site."`
	Export      exportCmd      `cmd:"" help:"Write an issue as a pack."`
	Content     contentCmd     `cmd:"" help:"Change one part of an issue: drafts, when they are published, versions, order."`
	Congress    congressCmd    `cmd:"" help:"Who represents whom, and where bills stand."`
	Links       linksCmd       `cmd:"" help:"Whether the links to other sites still work."`
	Verify      verifyCmd      `cmd:"" help:"Check a public log from outside: the count, a receipt, a delivery."`
	Mirror      mirrorCmd      `cmd:"" help:"Copy a public log and verify it while copying."`
	Packet      packetCmd      `cmd:"" help:"Write what is delivered to an office, with what checks it."`
	Office      officeCmd      `cmd:"" help:"Count signers by office of Congress; note what was handed over and answered."`
	Bundle      bundleCmd      `cmd:"" help:"Write the signatures of a sealed petition, as they are, to be opened elsewhere."`
	Open        openCmd        `cmd:"" help:"Open a bundle with an offline identity: a spreadsheet, or what is delivered to an office. No network."`
	Sheet       sheetCmd       `cmd:"" help:"Take a list out as a spreadsheet: signatures, offers, deliveries, numbers, audit. The owners are told."`
	Backup      backupCmd      `cmd:"" help:"Write the site, sealed, into a file; while it serves."`
	Restore     restoreCmd     `cmd:"" help:"Put a backup into an empty site."`
	Keys        keysCmd        `cmd:"" help:"Make, rotate, export and list the keys."`
	User        userCmd        `cmd:"" help:"Who runs the site in a browser: add, list, change, remove."`
	Chosen      settingsCmd    `cmd:"" name:"settings" help:"What owners have set: the site's name, its look, languages, whom notices go to."`
	Review      reviewCmd      `cmd:"" help:"Look at what is held before it counts: release it, remove it, undo that."`
	Sources     sourcesCmd     `cmd:"" help:"Tags on links, by which staff see where people come from."`
	Corrections correctionsCmd `cmd:"" help:"What organisations say of their own entries: look, accept, decline."`
	Volunteers  volunteersCmd  `cmd:"" help:"Offers to volunteer: read, note how far they are, write something down."`
	Numbers     numbersCmd     `cmd:"" help:"How petitions and pledges stand: sent, confirmed, counted, held, by day, tag and seat."`
	Audit       auditCmd       `cmd:"" help:"Who did what, the latest first."`
	Attend      attendCmd      `cmd:"" help:"Answer whether a petition goes on that nothing would ever end."`
	News        newsCmd        `cmd:"" help:"Tell those who asked for news: write, try, send, pause, go on."`
	Pause       pauseCmd       `cmd:"" help:"Stop an ask, or the whole site, at once: nothing more is taken until it is resumed."`
	Resume      resumeCmd      `cmd:"" help:"Let go on what was paused."`
	Purge       purgeCmd       `cmd:"" help:"Erase what is past its time. Serve does it by itself."`
	Doctor      doctorCmd      `cmd:"" help:"Say what is set up, what is missing, and what to do about it."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// terminal is where a command writes: results to out, everything else to err.
type terminal struct{ out, err io.Writer }

// run gives the exit code: 0 done, 1 failed, 2 wrong usage.
func run(ctx context.Context, args []string, out, stderr io.Writer) int {
	var cli commands
	command, err := config.Parse(&cli, &cli.Settings, args, out)
	if err == nil && command != nil {
		command.BindTo(ctx, (*context.Context)(nil))
		err = command.Run(&cli.Settings, &terminal{out, stderr})
	}
	if err == nil {
		return 0
	}
	fmt.Fprintln(stderr, "undersigned:", told(err))
	if errors.As(err, &config.UsageError{}) {
		return 2
	}
	return 1
}

// told gives what the terminal says of an error: of one that pages tell with a message key, what stands behind it.
func told(err error) error {
	var e *undersigned.Error
	if errors.As(err, &e) && e.Kind == undersigned.Invalid && e.Err != nil {
		return e.Err
	}
	return err
}
