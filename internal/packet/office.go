package packet

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/translog"
)

// officesDir is the folder of a packet that has a packet for each office: of its signers those who are an office's
// constituents, or may be.
const officesDir = "offices"

// officeLists writes the lists of all offices side by side. Memory depends on the number of offices alone.
type officeLists struct {
	folder  translog.Folder
	pid     translog.PID
	holders map[string][]*undersigned.Legislator // by seat, as undersigned.SeatCount names it
	lists   map[string]*officeList               // by name of the folder
	tally   undersigned.SeatTally                // of all who count
	nowhere int64                                // handed over by name, and no office is known for them
}

// officeList is the list of one office.
type officeList struct {
	Seat         string
	Holder       *undersigned.Legislator // nil where nobody holds the seat, or we do not know who
	Dir          string                  // within the packet
	Whole, Split int64                   // names
	packet       *translog.PacketWriter
}

// What names a folder comes from outside, where a bundle is opened.
var (
	seat = regexp.MustCompile(`^[A-Z]{2}(-[0-9]{2})?$`)
)

func newOfficeLists(folder translog.Folder, pid translog.PID, holders []*undersigned.Legislator) *officeLists {
	l := &officeLists{folder: folder, pid: pid, holders: map[string][]*undersigned.Legislator{}, lists: map[string]*officeList{}}
	for _, member := range holders {
		l.holders[member.SeatName()] = append(l.holders[member.SeatName()], member)
	}
	return l
}

// count adds somebody who counts, wherever they allowed their name to go.
func (l *officeLists) count(zip string, districts []undersigned.District) {
	l.tally.Add(zip, districts)
}

// add hands somebody's name to the offices that represent the districts: index and opening are those of the packet's row.
func (l *officeLists) add(index int64, opening translog.Opening, districts []undersigned.District) error {
	if len(districts) == 0 {
		l.nowhere++
	}
	states := map[string]bool{}
	for _, d := range districts {
		states[d.State] = true
		if err := l.put(d.String(), len(districts), "districts", index, opening); err != nil {
			return err
		}
	}
	for state := range states {
		if err := l.put(state, len(states), "states", index, opening); err != nil {
			return err
		}
	}
	return nil
}

// put writes a signer into the lists of a seat, which is one among several where they may live.
func (l *officeLists) put(seat string, among int, what string, index int64, opening translog.Opening) error {
	lists, err := l.of(seat)
	if err != nil {
		return err
	}
	assigned := "whole ZIP"
	if among > 1 {
		assigned = fmt.Sprintf("split ZIP: one of %d %s; counted apart", among, what)
	}
	for _, list := range lists {
		if among > 1 {
			list.Split++
		} else {
			list.Whole++
		}
		if err := list.packet.AddAssigned(index, opening, assigned); err != nil {
			return err
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
	name := seat + "-no-member"
	if holder != nil {
		name = seat + "-" + holder.Bioguide
	}
	if list := l.lists[name]; list != nil {
		return list, nil
	}
	packet, err := translog.CreateOfficePacket(l.folder, officesDir+"/"+name, l.pid)
	if err != nil {
		return nil, err
	}
	list := &officeList{Seat: seat, Holder: holder, Dir: officesDir + "/" + name, packet: packet}
	l.lists[name] = list
	return list, nil
}

// close forces the lists to disk.
func (l *officeLists) close() (err error) {
	for _, list := range l.lists {
		err = errors.Join(err, list.packet.Close())
	}
	return err
}

// sorted gives the lists by seat: a state's senators, then its districts.
func (l *officeLists) sorted() []*officeList {
	return slices.SortedFunc(maps.Values(l.lists), func(a, b *officeList) int {
		return cmp.Or(cmp.Compare(a.Seat, b.Seat), cmp.Compare(a.Dir, b.Dir))
	})
}
