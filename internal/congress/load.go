package congress

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/undersigned/undersigned"
)

// Load reads the table that the folder of an update holds: the Congress that sits at now, the one before and the next.
// Where there is nothing yet, not both legislators and ZIP codes of one Congress, it gives the sample.
func Load(dir string, now time.Time) (*Table, error) {
	m, err := readManifest(dir)
	if err != nil {
		return nil, err
	}
	t := &Table{lines: map[int]*lines{}, members: map[int]*members{}}
	sits := undersigned.CongressAt(now)
	for congress := sits - 1; congress <= sits+1; congress++ {
		if zips := m.path(dir, zipSource(congress)); zips != "" {
			if t.lines[congress], err = loadLines(congress, zips, m.path(dir, boundarySource(congress))); err != nil {
				return nil, err
			}
		}
		if file := m.Legislators[congress]; file != "" {
			if t.members[congress], err = loadMembers(filepath.Join(dir, "files", file), m.path(dir, officesSource),
				m.path(dir, committeesSource), m.path(dir, membershipSource)); err != nil {
				return nil, err
			}
		}
	}
	if len(t.lines) == 0 || len(t.members) == 0 {
		return SampleTable(), nil
	}
	t.AsOf = undersigned.DayOf(m.Sources[legislatorsSource.name].Fetched)
	return t, nil
}

// Current holds the table in use. It is the sample until Reload has found better; readers never wait.
type Current struct {
	dir   string
	table atomic.Pointer[Table]
	mutex sync.Mutex // of Reload
	seen  fs.FileInfo
}

// NewCurrent makes a holder for the folder of an update, which need not exist yet.
func NewCurrent(dir string) *Current {
	c := &Current{dir: dir}
	c.table.Store(SampleTable())
	return c
}

// Sources tells how things stand with every public file ever asked for; none where nothing was downloaded.
func (c *Current) Sources() ([]Source, error) {
	if c.dir == "" {
		return nil, nil
	}
	return Sources(c.dir)
}

// Table is the table in use.
func (c *Current) Table() *Table { return c.table.Load() }

// Reload takes a newer table into use, if an update of this process or another has put one in the folder. It reads for
// up to a second. On an error the table in use stays.
func (c *Current) Reload(now time.Time) (changed bool, err error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	info, err := os.Stat(filepath.Join(c.dir, "current.json"))
	if err != nil || c.seen != nil && os.SameFile(info, c.seen) && info.ModTime().Equal(c.seen.ModTime()) {
		return false, nil // there is none, or no other
	}
	t, err := Load(c.dir, now)
	if err != nil {
		return false, err
	}
	c.table.Store(t)
	c.seen = info
	return true, nil
}

// Bill gives what the folder knows of a bill. One that was never brought is NotFound, with the key "error.bill".
func Bill(dir string, id undersigned.BillID) (*undersigned.Bill, error) {
	m, err := readManifest(dir)
	if err != nil {
		return nil, err
	}
	name := m.path(dir, billSource(id))
	if name == "" {
		return nil, undersigned.Fail(undersigned.NotFound, "error.bill")
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("open a bill: %w", err)
	}
	defer f.Close()
	return readBill(f)
}

// FetchBill brings one bill, whatever else is in use, and gives it; where it cannot be brought, the copy in the folder.
// Without one it is Gone with the key "error.bill_reserved" for a reserved number, NotFound with "error.bill" for a bill
// that is not published, and Unavailable with "error.bill_unreachable" for any other trouble.
func FetchBill(ctx context.Context, o Options, id undersigned.BillID) (*undersigned.Bill, error) {
	s := billSource(id)
	report, err := update(ctx, o, []source{s})
	if err != nil {
		return nil, err
	}
	if b, err := Bill(o.Dir, id); undersigned.KindOf(err) != undersigned.NotFound {
		return b, err
	}
	for _, held := range report.Sources {
		switch {
		case held.Name != s.name:
		case held.Trouble == Reserved:
			return nil, undersigned.Fail(undersigned.Gone, "error.bill_reserved")
		case held.Trouble == NotPublished:
			return nil, undersigned.Fail(undersigned.NotFound, "error.bill")
		}
	}
	return nil, undersigned.Fail(undersigned.Unavailable, "error.bill_unreachable")
}

// loadLines reads the lines of a Congress from its two files, of which the boundaries may be missing.
func loadLines(congress int, zipFile, boundaryFile string) (*lines, error) {
	f, err := os.Open(zipFile)
	if err != nil {
		return nil, fmt.Errorf("open the ZIP codes: %w", err)
	}
	defer f.Close()
	zips, err := readZIPs(f, congress)
	if err != nil || boundaryFile == "" {
		return newLines(zips, nil), err
	}
	b, err := os.Open(boundaryFile)
	if err != nil {
		return nil, fmt.Errorf("open the boundaries: %w", err)
	}
	defer b.Close()
	rings, err := readBoundaries(b, congress)
	if err != nil {
		return nil, err
	}
	return newLines(zips, newBoundaries(rings)), nil
}

// loadMembers reads the people of a Congress. All files but the first may be missing.
func loadMembers(legislatorFile, officeFile, committeeFile, membershipFile string) (*members, error) {
	f, err := os.Open(legislatorFile)
	if err != nil {
		return nil, fmt.Errorf("open the legislators: %w", err)
	}
	defer f.Close()
	m, err := readLegislators(f)
	if err != nil {
		return nil, err
	}
	if officeFile != "" {
		if err := m.loadOffices(officeFile); err != nil {
			return nil, err
		}
	}
	if committeeFile != "" && membershipFile != "" {
		if err := m.loadCommittees(committeeFile, membershipFile); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *members) loadOffices(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("open the offices: %w", err)
	}
	defer f.Close()
	offices, err := readOffices(f)
	if err != nil {
		return err
	}
	for id, list := range offices {
		if l := m.all[id]; l != nil {
			l.Offices = list
		}
	}
	m.anchors = newAnchors(m.all)
	return nil
}

func (m *members) loadCommittees(committeeFile, membershipFile string) error {
	c, err := os.Open(committeeFile)
	if err != nil {
		return fmt.Errorf("open the committees: %w", err)
	}
	defer c.Close()
	if m.committees, err = readCommittees(c); err != nil {
		return err
	}
	f, err := os.Open(membershipFile)
	if err != nil {
		return fmt.Errorf("open the committee members: %w", err)
	}
	defer f.Close()
	membership, err := readMembership(f)
	if err != nil {
		return err
	}
	m.serves = map[string][]Assignment{}
	for code, seats := range membership {
		for _, seat := range seats {
			m.serves[seat.Bioguide] = append(m.serves[seat.Bioguide], Assignment{m.committees[code], seat.Title})
		}
	}
	return nil
}
