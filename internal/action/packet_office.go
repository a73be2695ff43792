package action

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/congress"
	"github.com/undersigned/undersigned/translog"
)

// packetOffices is the folder of a packet that has a list for each office: the signers of the packet's rows.csv that are
// an office's constituents, or may be.
const packetOffices = "offices"

// officeHeader is that of rows.csv with one column more, which says how a signer was assigned to the office.
const officeHeader = "\ufeffindex,version,name,country,postal_code,districts,assigned\n"

// officeLists writes the lists of all offices side by side. Memory depends on the number of offices alone: each keeps a
// file open, some 540 in all.
type officeLists struct {
	dir     string
	table   *congress.Table
	now     time.Time
	holders map[string][]*undersigned.Legislator // by seat, as undersigned.SeatCount names it
	lists   map[string]*officeList               // by name of the file
	tally   undersigned.SeatTally                // of all who count
	nowhere int64                                // handed over by name, and no office is known for them
}

// officeList is the list of one office.
type officeList struct {
	Seat         string
	Holder       *undersigned.Legislator // nil where nobody holds the seat, or we do not know who
	File         string                  // within the packet
	Whole, Split int64                   // names
	file         *os.File
	out          *bufio.Writer
}

func newOfficeLists(dir string, table *congress.Table, now time.Time) (*officeLists, error) {
	l := &officeLists{dir: dir, table: table, now: now, holders: map[string][]*undersigned.Legislator{}, lists: map[string]*officeList{}}
	for _, member := range table.Legislators(now) {
		if table.Holds(member, now) {
			seat := member.SeatName()
			l.holders[seat] = append(l.holders[seat], member)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, packetOffices), 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of offices: %w", err)
	}
	return l, nil
}

// count adds somebody who counts, wherever they allowed their name to go.
func (l *officeLists) count(zip string, districts []undersigned.District) {
	l.tally.Add(zip, districts)
}

// add hands somebody's name to the offices that represent the districts: index and opening are those of the packet's row.
func (l *officeLists) add(index int64, opening translog.Opening, districts []undersigned.District) error {
	row, err := opening.Row(index)
	if err != nil {
		return err
	}
	if len(districts) == 0 {
		l.nowhere++
		return nil
	}
	states := map[string]bool{}
	for _, d := range districts {
		states[d.State] = true
		lists, err := l.of(d.String())
		if err == nil {
			err = put(lists, row, len(districts), "districts")
		}
		if err != nil {
			return err
		}
	}
	for state := range states {
		lists, err := l.of(state)
		if err == nil {
			err = put(lists, row, len(states), "states")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// put writes a row into the lists of a seat. Each row of rows.csv stands there as it is, so that a list can be compared
// with it line by line.
func put(lists []*officeList, row []byte, among int, what string) error {
	assigned := "whole ZIP"
	if among > 1 {
		assigned = fmt.Sprintf("\"split ZIP: one of %d %s, counted apart\"", among, what)
	}
	for _, list := range lists {
		if among > 1 {
			list.Split++
		} else {
			list.Whole++
		}
		list.out.Write(bytes.TrimSuffix(row, []byte("\n")))
		if _, err := list.out.WriteString("," + assigned + "\n"); err != nil {
			return fmt.Errorf("write the list of an office: %w", err)
		}
	}
	return nil
}

// of gives the lists of a seat: a district's one, or those of a state's senators.
func (l *officeLists) of(seat string) (lists []*officeList, err error) {
	holders := l.holders[seat]
	if len(seat) > 2 && len(holders) == 0 {
		holders = []*undersigned.Legislator{nil} // its staff answers for the Clerk of the House
	}
	for _, holder := range holders {
		list, err := l.list(seat, holder)
		if err != nil {
			return nil, err
		}
		lists = append(lists, list)
	}
	return lists, nil
}

func (l *officeLists) list(seat string, holder *undersigned.Legislator) (*officeList, error) {
	name := seat + "-no-member.csv"
	if holder != nil {
		name = seat + "-" + holder.Bioguide + ".csv"
	}
	if list := l.lists[name]; list != nil {
		return list, nil
	}
	list := &officeList{Seat: seat, Holder: holder, File: packetOffices + "/" + name}
	var err error
	list.file, err = os.OpenFile(filepath.Join(l.dir, packetOffices, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("make the list of an office: %w", err)
	}
	list.out = bufio.NewWriter(list.file)
	list.out.WriteString(officeHeader) // a bufio.Writer keeps its error for Flush
	l.lists[name] = list
	return list, nil
}

// close forces the lists to disk.
func (l *officeLists) close() (err error) {
	for _, list := range l.lists {
		err = errors.Join(err, list.out.Flush(), list.file.Sync(), list.file.Close())
	}
	if err != nil {
		return fmt.Errorf("write the lists of offices: %w", err)
	}
	return nil
}

// sorted gives the lists by seat: a state's senators, then its districts.
func (l *officeLists) sorted() []*officeList {
	return slices.SortedFunc(maps.Values(l.lists), func(a, b *officeList) int {
		return cmp.Or(cmp.Compare(a.Seat, b.Seat), cmp.Compare(a.File, b.File))
	})
}
