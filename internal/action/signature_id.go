package action

import (
	"crypto/rand"
	"strconv"
	"sync"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/seal"
)

// neighbours is how many ids in a row begin alike.
const neighbours = 4096

// SignatureIDs draws ids. They are random but for their first two bytes, which 4,096 ids in a row of one day share: rows are kept
// in the order of their ids, so that nobody can read from it who came when, and those of a wave of people then lie near each
// other. Were each anywhere in the table, each would read, log and write a page of its own, twice.
//
// The bytes that are shared are a keyed hash of the day of the form: what they tell is no finer than that day, or than some
// thousand people, which a place in the public log tells too. Safe for concurrent use.
type SignatureIDs struct {
	Keys *seal.Keyring

	mu    sync.Mutex
	day   undersigned.Day
	drawn int // of that day, since the process began
	near  [2]byte
}

// Draw gives an id for a form of a UTC day.
func (d *SignatureIDs) Draw(day undersigned.Day) (id undersigned.SignatureID) {
	rand.Read(id[:])
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.day != day {
		d.day, d.drawn = day, 0
	}
	if d.drawn%neighbours == 0 {
		hash := d.Keys.Hash("neighbourhood", string(day), strconv.Itoa(d.drawn/neighbours))
		copy(d.near[:], hash[:])
	}
	d.drawn++
	copy(id[:], d.near[:])
	return id
}
