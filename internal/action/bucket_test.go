package action

import (
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/undersigned/undersigned/internal/store/storetest"
)

func from(addr string) Visitor { return Visitor{Addr: netip.MustParseAddr(addr)} }

func TestBucketLetsABurstThroughThenAsksToWaitLongerAndLonger(t *testing.T) {
	for name, test := range map[string]struct {
		v     Visitor
		scope func(i int) string
		burst int
		waits []int // seconds, of those who come then
	}{
		"one action":           {from("192.0.2.1"), func(int) string { return "a" }, 20, []int{15, 30, 60, 120, 240, 240, 240}},
		"many actions":         {from("192.0.2.1"), func(i int) string { return fmt.Sprint(i) }, 60, []int{15, 15, 15, 30, 30, 30, 60}},
		"a shared exit":        {Visitor{Addr: netip.MustParseAddr("192.0.2.1"), Shared: true}, func(int) string { return "a" }, 300, []int{15, 15, 15}},
		"a house of IPv6":      {from("2001:db8:1:2::3"), func(int) string { return "a" }, 20, []int{15}},
		"nobody in particular": {Visitor{}, func(int) string { return "a" }, 1000, []int{0}},
	} {
		t.Run(name, func(t *testing.T) {
			var b buckets
			now := storetest.Noon
			for i := range test.burst {
				if d := b.take(test.v, test.scope(i), now); d != 0 {
					t.Fatalf("form %d has to wait %v", i, d)
				}
			}
			var waits []int
			for i := range test.waits {
				waits = append(waits, int(b.take(test.v, test.scope(test.burst+i), now).Seconds()))
			}
			if !slices.Equal(waits, test.waits) {
				t.Errorf("they wait %v, want %v", waits, test.waits)
			}
			if d := b.take(from("192.0.2.2"), "a", now); d != 0 {
				t.Errorf("another address waits %v", d)
			}
		})
	}
}

func TestBucketFillsAgainAndForgetsAFloodWithinMinutes(t *testing.T) {
	var b buckets
	now, v := storetest.Noon, from("192.0.2.1")
	for range 5000 {
		b.take(v, "a", now)
	}
	if d := b.take(v, "a", now.Add(2*time.Minute)); d == 0 {
		t.Error("a flood is forgotten at once")
	}
	if d := b.take(v, "a", now.Add(4*time.Minute)); d != 0 {
		t.Errorf("four minutes after a flood somebody waits %v", d)
	}
	for i := range 20 {
		if d := b.take(v, "a", now.Add(time.Hour)); d != 0 {
			t.Errorf("form %d of a full bucket waits %v", i, d)
		}
	}
	if d := b.take(v, "a", now.Add(time.Hour)); d != 15*time.Second {
		t.Errorf("the next waits %v", d)
	}
}

func TestAHouseSharesABucketAndItsNeighboursHaveTheirOwn(t *testing.T) {
	for name, test := range map[string]struct {
		other string
		waits bool
	}{
		"the same /56":         {"2001:db8:1:2ff::9", true},
		"another /56":          {"2001:db8:1:300::9", false},
		"IPv4 written as IPv6": {"::ffff:192.0.2.1", false},
	} {
		t.Run(name, func(t *testing.T) {
			var b buckets
			for range 20 {
				b.take(from("2001:db8:1:200::1"), "a", storetest.Noon)
			}
			if d := b.take(from(test.other), "a", storetest.Noon); (d > 0) != test.waits {
				t.Errorf("waits %v", d)
			}
		})
	}
	var b buckets
	for range 20 {
		b.take(from("::ffff:192.0.2.1"), "a", storetest.Noon)
	}
	if b.take(from("192.0.2.1"), "a", storetest.Noon) == 0 {
		t.Error("one address has two buckets, by how it is written")
	}
}

// The key of the day is the only tie between an address and its bucket.
func TestBucketsOfADayDieWithIt(t *testing.T) {
	var b buckets
	midnight := storetest.Noon.Add(12 * time.Hour)
	v := from("192.0.2.1")
	site, action := b.today(midnight.Add(-time.Second)).keys(v.Addr, "a")
	later, laterAction := b.today(midnight).keys(v.Addr, "a")
	if site == later || action == laterAction || site == action {
		t.Error("an address has the same key twice")
	}
	if again, _ := b.today(midnight.Add(-time.Second)).keys(v.Addr, "a"); again != later {
		t.Error("a clock that goes back brings another key")
	}
}

func TestBucketsStaySmall(t *testing.T) {
	var b buckets
	day := b.today(storetest.Noon)
	shard := &day.shards[0]
	for i := range uint64(3 * maxBuckets / bucketShards) {
		day.takeOne(i*bucketShards, ratePerAction, storetest.Noon)
	}
	if n := len(shard.full); n > maxBuckets/bucketShards {
		t.Errorf("%d buckets in a shard that has room for %d", n, maxBuckets/bucketShards)
	}
}

func TestBucketCountsEveryFormOfManyAtOnce(t *testing.T) {
	var b buckets
	var through atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				if b.take(from("192.0.2.1"), "a", storetest.Noon) == 0 {
					through.Add(1)
				}
			}
		})
	}
	all.Wait()
	if n := through.Load(); n != 20 {
		t.Errorf("%d went through, want 20", n)
	}
}

func TestSpentFormsAreForgottenWhenTheyCannotComeAgain(t *testing.T) {
	var s spent
	id := func(i int) (id [16]byte) { copy(id[:], fmt.Sprintf("%016d", i)); return id }
	now := storetest.Noon
	for i := range 3000 {
		s.add(id(i), now.Add(time.Hour), now)
	}
	if !s.has(id(7)) || s.has(id(3000)) {
		t.Error("it remembers others than it was told")
	}
	now = now.Add(2 * time.Hour)
	for i := 3000; i < 5000; i++ {
		s.add(id(i), now.Add(time.Hour), now)
	}
	if s.has(id(7)) || !s.has(id(4999)) || len(s.until) > 2000 {
		t.Errorf("%d are remembered", len(s.until))
	}
}

func BenchmarkBucket(b *testing.B) {
	var buckets buckets
	i := uint32(0)
	for b.Loop() {
		i = (i + 1) % 10_000
		buckets.take(Visitor{Addr: netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})}, "0123456789abcdef", storetest.Noon)
	}
}

func TestWhoInventsAnotherAddressWaitsByTheirOwn(t *testing.T) {
	var b buckets
	for i := range 21 {
		v := from("192.0.2.1")
		other := from(fmt.Sprintf("198.51.100.%d", i))
		v.Other = &other
		if wait := b.take(v, "a", storetest.Noon); (wait > 0) != (i == 20) {
			t.Errorf("form %d waits %v", i, wait)
		}
	}
	v, other := from("203.0.113.1"), from("192.0.2.1") // in the other header it is the same
	v.Other = &other
	if b.take(v, "a", storetest.Noon) == 0 {
		t.Error("the other address is not charged")
	}
}
