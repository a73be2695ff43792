package packet

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/congress"
	"github.com/undersigned/undersigned/translog"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAVacantSeatGetsALetterForItsStaff(t *testing.T) {
	lists := &officeLists{folder: translog.Dir(t.TempDir()), pid: translog.PID{1}, holders: map[string][]*undersigned.Legislator{}, lists: map[string]*officeList{}}
	for _, seat := range []string{"TX-18", "TX"} { // of senators nobody is known, so there is nobody to write to
		_, err := lists.of(seat)
		noError(t, err)
	}
	all := lists.sorted()
	noError(t, lists.close())
	if len(all) != 1 || all[0].Dir != "offices/TX-18-no-member" {
		t.Fatalf("%+v", all)
	}
	o := newOfficePaper(all[0], &undersigned.SeatCounts{}, "https://cause.example")
	if !strings.Contains(o.Address, "Clerk of the House") || o.Page != "" || o.Where != "TX, district 18" {
		t.Errorf("%+v", o)
	}
}

func TestEveryStateHasItsSquare(t *testing.T) {
	seen := map[[2]int]string{}
	for code, place := range tiles {
		if other := seen[place]; other != "" || place[0] > 10 || place[1] > 7 {
			t.Errorf("%s stands on %s or off the map", code, other)
		}
		seen[place] = code
	}
	if len(tiles) != 52 { // the states, the District and Puerto Rico
		t.Errorf("%d squares", len(tiles))
	}
}

// What lives in memory after many signers is what lives there after few.
func TestListsOfOfficesTakeNoMemoryForEachSigner(t *testing.T) {
	dir := t.TempDir()
	pid, err := translog.ParsePID("00112233445566ff")
	noError(t, err)
	lists := newOfficeLists(translog.Dir(dir), pid, congress.SampleTable().Legislators(noon))
	packet, err := translog.CreatePacket(translog.Dir(dir), "packet", pid)
	noError(t, err)
	opening, err := translog.NewOpening(translog.Seed{1}, pid, 1, translog.Values{Who: translog.Who("Ana", strings.Repeat("a", 100)),
		Where: translog.Where("US", "02138"), Contact: "ana@mail.example", Seat: translog.Seat(true, []string{"MA-05", "MA-07"})},
		translog.FieldWho, translog.FieldWhere, translog.FieldSeat)
	noError(t, err)
	next := int64(0)
	live := func(signers int64) uint64 {
		for end := next + signers; next < end; next++ {
			districts := []undersigned.District{{State: "MA", Number: 5}, {State: "MA", Number: 7}}
			lists.count("02138", districts)
			noError(t, packet.Add(next, opening))
			noError(t, lists.add(next, opening, districts))
		}
		var m runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	few := live(100)
	if many := live(5000); many > few+256<<10 { // the names alone are twice that
		t.Errorf("%d bytes live after 100 signers, %d after 5,100", few, many)
	}
	noError(t, packet.Close())
	noError(t, lists.close())
}
