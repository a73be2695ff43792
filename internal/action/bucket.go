package action

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// Visitor is where a form came from, as far as the limits by address have to know. It lives as long as the request; the zero
// Visitor has no limit.
type Visitor struct {
	Addr   netip.Addr // of the peer, or of whom a trusted proxy names
	Shared bool       // many people come from this address: a known exit, an onion service
	Other  *Visitor   // whom another header names, one of the two being the visitor's own invention; nil where they agree
}

// rate is a bucket: burst forms at once, then one each time that every has passed.
type rate struct {
	burst int
	every time.Duration
}

var (
	ratePerAction = rate{20, 30 * time.Second}
	ratePerSite   = rate{60, 5 * time.Second}
	rateShared    = rate{300, 500 * time.Millisecond}
)

// What comes over its bucket waits 15 s, then twice as long as what came before it, up to 240 s.
const (
	shortestWait = 15 * time.Second
	waitSteps    = 5
)

// buckets are the limits by address of one node, in memory alone. Of an address they know a keyed hash, under a key that
// is drawn anew each UTC day; what a bucket knows of its past is the moment at which it will be full again.
type buckets struct {
	day    atomic.Pointer[bucketDay]
	change sync.Mutex
}

type bucketDay struct {
	begins time.Time
	key    [32]byte
	shards [bucketShards]bucketShard
}

type bucketShard struct {
	mu   sync.Mutex
	full map[uint64]int64 // by key: when the bucket is full again, in nanoseconds of the day
	_    [40]byte         // no two in one line of the processor's cache
}

const (
	bucketShards = 64
	// maxBuckets bounds the memory to some 60 MB: a million addresses that each use two.
	maxBuckets = 2 << 20
)

// take takes one form out of the buckets of a visitor for one scope (a petition's pid), and tells how long it has to
// wait: 0 is not at all.
func (b *buckets) take(v Visitor, scope string, now time.Time) time.Duration {
	if !v.Addr.IsValid() {
		return 0
	}
	day := b.today(now)
	site, action := day.keys(v.Addr, scope)
	var other time.Duration
	if v.Other != nil { // who invents one gains nothing by it
		other = b.take(*v.Other, scope, now)
	}
	if v.Shared {
		return max(other, day.takeOne(site, rateShared, now))
	}
	return max(other, day.takeOne(site, ratePerSite, now), day.takeOne(action, ratePerAction, now))
}

// MayAsk takes one question to somebody else, such as the geocoder, out of the buckets of a visitor. The error is TooMany.
func (s *Service) MayAsk(v Visitor, whom string) error {
	if s.buckets.take(v, whom, s.Now()) > 0 {
		return errCrowd
	}
	return nil
}

// takeTrapped is take for what nobody holds for review: where the field that no reader sees was filled in, by a program or by
// a browser that meant well, it waits once at least.
func (b *buckets) takeTrapped(v Visitor, scope, trap string, now time.Time) time.Duration {
	wait := b.take(v, scope, now)
	if trap != "" {
		wait = max(wait, shortestWait)
	}
	return wait
}

// today gives the buckets of the UTC day. Those of the day before are dropped with their key: nothing ties an address of
// today to one of yesterday.
func (b *buckets) today(now time.Time) *bucketDay {
	begins := now.UTC().Truncate(24 * time.Hour)
	if day := b.day.Load(); day != nil && !begins.After(day.begins) {
		return day
	}
	b.change.Lock()
	defer b.change.Unlock()
	if day := b.day.Load(); day != nil && !begins.After(day.begins) {
		return day
	}
	day := &bucketDay{begins: begins}
	rand.Read(day.key[:])
	for i := range day.shards {
		day.shards[i].full = map[uint64]int64{}
	}
	b.day.Store(day)
	return day
}

// keys gives the keys of an address's two buckets. A house has a /56 of IPv6 or one address of IPv4. What is hashed has
// one length, so that the key before it does what HMAC would, at a quarter of the cost.
func (d *bucketDay) keys(addr netip.Addr, scope string) (site, action uint64) {
	var in [sha256.Size + 8]byte
	copy(in[:], d.key[:])
	if addr = addr.Unmap(); addr.Is4() {
		four := addr.As4()
		copy(in[sha256.Size:], four[:])
		in[sha256.Size+7] = 4
	} else {
		whole := addr.As16()
		copy(in[sha256.Size:], whole[:7])
		in[sha256.Size+7] = 6
	}
	sum := sha256.Sum256(in[:])
	// The second is of the scope too: FNV-1a, from a beginning that nobody knows.
	action = binary.LittleEndian.Uint64(sum[8:])
	for i := range len(scope) {
		action = (action ^ uint64(scope[i])) * 0x100000001b3
	}
	return binary.LittleEndian.Uint64(sum[:]), action
}

// takeOne is the generic cell rate algorithm (ITU-T I.371): one number says when the bucket is full again.
func (d *bucketDay) takeOne(key uint64, r rate, now time.Time) time.Duration {
	at, every := now.Sub(d.begins).Nanoseconds(), r.every.Nanoseconds()
	shard := &d.shards[key%bucketShards]
	shard.mu.Lock()
	defer shard.mu.Unlock()
	full, known := shard.full[key]
	if !known && len(shard.full) >= maxBuckets/bucketShards {
		shard.makeRoom(at)
	}
	full = max(full, at)
	over := (full - at - int64(r.burst-1)*every + every - 1) / every // how many stand before this one
	step := int64(r.burst / ratePerAction.burst)
	if over < waitSteps*step { // what comes then waits no longer than the last: a bucket heals in minutes
		shard.full[key] = full + every
	}
	if over <= 0 {
		return 0
	}
	return shortestWait << min((over-1)/step, waitSteps-1)
}

// makeRoom drops the buckets that are full again; where there are none, some: who loses a bucket has a fresh one, and
// nobody is kept out.
func (s *bucketShard) makeRoom(at int64) {
	before := len(s.full)
	for key, full := range s.full {
		if full <= at {
			delete(s.full, key)
		}
	}
	for key := range s.full {
		if len(s.full) < before-before/8 {
			return
		}
		delete(s.full, key)
	}
}

// spent remembers which waiting forms were taken, until they cannot come again.
type spent struct {
	mu    sync.Mutex
	until map[[16]byte]time.Time
}

// maxSpent bounds the memory to some 60 MB.
const maxSpent = 1 << 20

func (s *spent) has(id [16]byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, found := s.until[id]
	return found
}

func (s *spent) add(id [16]byte, until, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.until == nil {
		s.until = map[[16]byte]time.Time{}
	}
	if n := len(s.until); n >= 1024 && bits.OnesCount(uint(n)) == 1 { // as often as it doubles
		for other, ends := range s.until {
			if !now.Before(ends) || n >= maxSpent {
				delete(s.until, other)
			}
		}
	}
	s.until[id] = until
}
