package web

import (
	"errors"
	"io"
	"sync/atomic"

	"github.com/undersigned/undersigned"
)

// The limits of one body and of connections alone would let a flood of slow forms, each as large as may be, fill gigabytes.
// The first freeBody of a body, which are more than any form but a long letter has, always find room: nobody can take that
// away. What is longer shares allBodies; beyond it the answer is 503.
const (
	freeBody  = 8 << 10
	allBodies = 16 << 20
)

var errNoRoom = undersigned.Fail(undersigned.Unavailable, "error.overloaded")

// bodyRoom is what long bodies may still take together, in bytes.
type bodyRoom struct{ left atomic.Int64 }

// countedBody takes room for what is read of it, until its request is over.
type countedBody struct {
	io.ReadCloser
	visit *visit
	room  *bodyRoom
	free  int64
	taken int64
}

func (b *countedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	most := int64(n)
	more := max(0, most-b.free)
	b.free -= most - more
	if more > 0 {
		b.taken += more
		if b.room.left.Add(-more) < 0 {
			b.visit.Header().Set("Connection", "close") // or the server would wait for the rest before it answers
			return 0, errNoRoom
		}
	}
	return n, err
}

func (b *countedBody) giveBack() { b.room.left.Add(b.taken) }

// placedBody takes one of maxForms places when it has come whole: at once where it is no longer than freeBody, else when its end
// is read.
type placedBody struct {
	io.ReadCloser
	begun  []byte // what is read of it, and not yet by the handler
	places *atomic.Int64
	placed bool
}

// begin reads as much as always finds room, and takes a place if that is all. What cannot be read, the handler is told again.
func (b *placedBody) begin(length int64) bool {
	size := int64(freeBody)
	if length >= 0 {
		size = min(length, size)
	}
	b.begun = make([]byte, size)
	n, err := io.ReadFull(b.ReadCloser, b.begun)
	b.begun = b.begun[:n]
	if whole := err != nil || int64(n) == length; whole {
		return b.take()
	}
	return true
}

func (b *placedBody) Read(p []byte) (int, error) {
	if len(b.begun) > 0 {
		n := copy(p, b.begun)
		b.begun = b.begun[n:]
		return n, nil
	}
	b.begun = nil // a slow one keeps no more than it must
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) && !b.take() {
		err = errNoRoom
	}
	return n, err
}

func (b *placedBody) take() bool {
	if !b.placed && b.places.Add(1) > maxForms {
		b.places.Add(-1)
		return false
	}
	b.placed = true
	return true
}

// leave gives the place to another.
func (b *placedBody) leave() {
	if b.placed {
		b.places.Add(-1)
	}
}
