package congress

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/undersigned/undersigned"
)

// Options say what to bring, from where and into which folder.
type Options struct {
	Dir      string // the folder "congress" in the data folder; made where it is missing
	Mirror   string // a folder or a URL that holds HOST/PATH in place of https://HOST/PATH; empty: the public sites
	Now      time.Time
	Bills    []undersigned.BillID
	Progress func(Progress) // may be nil
}

// Report is what an update did.
type Report struct {
	Changed bool                // a file of the table is new: load it again
	Offline bool                // no connection could be made to any host
	Bills   []*undersigned.Bill // those of which there is something new
	Sources []Source            // how things stand, by name
}

// Update brings what is new: the legislators, the lines of the Congress that sits and, as soon as they are published,
// of the next, and the bills asked for. What is broken, implausible or out of reach leaves the last good file in use,
// and the report says so. An error is only what the caller must mend: the folder, the mirror, another update under way
// ([ErrRunning]), a cancelled context; with the last, the report is of what was done.
func Update(ctx context.Context, o Options) (Report, error) {
	sits := undersigned.CongressAt(o.Now)
	list := []source{legislatorsSource, officesSource, committeesSource, membershipSource}
	for _, congress := range []int{sits, sits + 1} {
		list = append(list, zipSource(congress), boundarySource(congress))
	}
	for _, id := range o.Bills {
		list = append(list, billSource(id))
	}
	return update(ctx, o, list)
}

// ErrRunning says that another update of the same folder is under way.
var ErrRunning = errors.New("another update of Congress is under way")

// update brings a list of sources. Nothing that is in use changes before the end, when the manifest is written.
func update(ctx context.Context, o Options, list []source) (Report, error) {
	u, err := newUpdate(o)
	if err != nil {
		return Report{}, err
	}
	defer u.lock.Close()
	defer u.downloader.client.CloseIdleConnections()
	reached := false
	for _, s := range list {
		if u.bring(ctx, s) != Offline {
			reached = true
		}
		if ctx.Err() != nil {
			break // what is whole is taken into use; the rest is in part/, where the next update goes on
		}
	}
	u.report.Offline = !reached
	for congress := range u.manifest.Legislators {
		if congress < undersigned.CongressAt(o.Now)-1 {
			delete(u.manifest.Legislators, congress)
		}
	}
	if err := u.manifest.write(o.Dir); err != nil {
		return Report{}, err
	}
	u.report.Sources = u.manifest.list()
	return u.report, ctx.Err()
}

// updating is an update under way.
type updating struct {
	Options
	downloader downloader
	manifest   *manifest
	lock       *os.File
	down       map[string]bool // hosts that no connection could be made to
	report     Report
}

func newUpdate(o Options) (*updating, error) {
	if o.Mirror != "" && !strings.Contains(o.Mirror, "://") {
		if _, err := os.ReadDir(o.Mirror); err != nil {
			return nil, fmt.Errorf("open the mirror: %w", err)
		}
	}
	for _, name := range []string{"part", "files"} {
		if err := os.MkdirAll(filepath.Join(o.Dir, name), 0o700); err != nil {
			return nil, fmt.Errorf("make the folder for Congress: %w", err)
		}
	}
	// One update at a time, also of two processes. The lock ends with the process, however that ends.
	lock, err := os.OpenFile(filepath.Join(o.Dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the folder for Congress: %w", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		lock.Close()
		return nil, ErrRunning
	}
	m, err := readManifest(o.Dir)
	if err != nil {
		lock.Close()
		return nil, err
	}
	return &updating{Options: o, manifest: m, lock: lock, down: map[string]bool{},
		downloader: downloader{dir: o.Dir, mirror: o.Mirror, client: newClient(), progress: o.Progress}}, nil
}

// bring downloads one source, checks it and takes it into use, or notes what is wrong with it.
func (u *updating) bring(ctx context.Context, s source) Trouble {
	held := u.manifest.Sources[s.name]
	if held == nil {
		held = &Source{Name: s.name}
		u.manifest.Sources[s.name] = held
	}
	held.URL = s.url()
	err := u.try(ctx, s, held)
	trouble := troubleOf(err)
	u.down[s.host] = trouble == Offline
	if trouble != held.Trouble {
		held.Trouble, held.Since = trouble, u.Now
	}
	held.Detail = ""
	if trouble == "" {
		held.Since = time.Time{}
	} else {
		held.Detail = err.Error()
	}
	return trouble
}

var (
	errOffline     = errors.New("no connection could be made to the host")
	errImplausible = errors.New("the file holds too little")
)

// try downloads a source and, if it is sound, makes it the one in use.
func (u *updating) try(ctx context.Context, s source, held *Source) error {
	if u.down[s.host] {
		return errOffline
	}
	have := held.Version
	if _, err := os.Stat(filepath.Join(u.Dir, "files", held.File)); held.File == "" || err != nil {
		have = validator{} // a file that is gone must come again
	}
	name, version, err := u.downloader.download(ctx, s, have)
	if err != nil {
		return err
	}
	f, err := os.Open(filepath.Join(u.Dir, "files", name))
	if err != nil {
		return fmt.Errorf("read a download: %w", err)
	}
	defer f.Close()
	found, err := s.read(f)
	if err != nil {
		return err
	}
	if found.count*3 < held.Count*2 {
		return fmt.Errorf("%w: %d where there were %d", errImplausible, found.count, held.Count)
	}
	if held.File != name {
		u.note(name, found)
	}
	held.File, held.Count, held.Version, held.Fetched = name, found.count, version, u.Now
	return nil
}

// note says in the report what is new.
func (u *updating) note(name string, found found) {
	if found.bill != nil {
		u.report.Bills = append(u.report.Bills, found.bill)
		return
	}
	u.report.Changed = true
	if found.congress > 0 {
		u.manifest.Legislators[found.congress] = name
	}
}

// troubleOf sorts what can go wrong.
func troubleOf(err error) Trouble {
	var dial *net.OpError
	var dns *net.DNSError
	var asked *url.Error
	var path *os.PathError
	switch {
	case err == nil, errors.Is(err, errUnchanged):
		return ""
	case errors.Is(err, errNotPublished):
		return NotPublished
	case errors.Is(err, errRefused):
		return Refused
	case errors.Is(err, errTooLarge):
		return TooLarge
	case errors.Is(err, errImplausible):
		return Implausible
	case undersigned.KindOf(err) == undersigned.Gone:
		return Reserved
	case errors.Is(err, errOffline), errors.As(err, &dns), errors.As(err, &dial) && dial.Op == "dial":
		return Offline
	case errors.Is(err, errInterrupted), errors.As(err, &asked):
		return Interrupted
	case errors.As(err, &path), errors.Is(err, syscall.ENOSPC):
		return Disk
	}
	return Broken
}
