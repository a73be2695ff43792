package store

import (
	"runtime"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/undersigned/undersigned/internal/testenv"
)

func TestWriterGoesBeforeOtherThreadsWhileACrowdWaitsForIt(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	attr := func() unix.SchedAttr {
		a, err := unix.SchedGetAttr(0, 0)
		if err != nil {
			t.Fatal(err)
		}
		return *a
	}
	before := attr()
	if before.Policy != unix.SCHED_NORMAL {
		testenv.LeaveOut(t, "priorities", "These tests run under a policy of their own (chrt).")
	}
	crowded := slices.Repeat([]*write{{rank: Client}}, crowd)
	for _, c := range []struct {
		name           string
		d              *dialect
		batch          []*write
		waited, worked time.Duration
		first          bool
	}{
		{"a crowd", sqliteDialect, crowded, time.Millisecond, 5 * time.Millisecond, true},
		{"a crowd that keeps it waiting", sqliteDialect, crowded, 2 * time.Millisecond, 5 * time.Millisecond, false},
		{"few people and many mails", sqliteDialect, append(crowded[1:], slices.Repeat([]*write{{rank: Jobs}}, crowd)...), 0, time.Second, false},
		{"a crowd, on PostgreSQL", postgresDialect, crowded, 0, time.Second, false},
	} {
		w := &writer{db: &DB{d: c.d}, waited: c.waited, worked: c.worked}
		w.hurry(c.batch)
		w.hurry(c.batch)
		found := attr()
		if first := found.Nice < before.Nice || found.Runtime < before.Runtime; first != c.first {
			if c.first && before.Runtime == 0 { // an older Linux says no slices, and knows none
				testenv.LeaveOut(t, "priorities", "A thread may go before others as root, under RLIMIT_NICE, or on Linux 6.12 or newer.")
			}
			t.Errorf("%s: it goes before others: %t, want %t (nice %d, slice %d ns)", c.name, first, c.first, found.Nice, found.Runtime)
		}
		w.hurry(crowded[:1])
		if after := attr(); after != before {
			t.Errorf("%s: afterwards the thread has %+v, before it had %+v", c.name, after, before)
		}
	}
}
