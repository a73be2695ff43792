package store

import (
	"runtime"

	"golang.org/x/sys/unix"
)

const (
	aheadBy = 15      // how much lower the nice value is of a thread that goes ahead
	slice   = 100_000 // nanoseconds that it runs at a time, where it may not have that
)

// ahead lets the caller go before the other threads of this machine until back is called. That takes the right to it: root's, or
// RLIMIT_NICE (deploy/undersigned.service has it). Without, the thread runs for less at a time, which anybody may ask for: it gets
// no more in all, but is let in sooner (Linux 6.12, sched(7)).
func ahead() (back func()) {
	runtime.LockOSThread()
	before, err := unix.SchedGetAttr(0, 0)
	if err != nil || before.Policy != unix.SCHED_NORMAL {
		return runtime.UnlockOSThread
	}
	first := *before
	first.Nice = max(before.Nice-aheadBy, -20)
	if unix.SchedSetAttr(0, &first, 0) != nil {
		first.Nice, first.Runtime = before.Nice, slice
		_ = unix.SchedSetAttr(0, &first, 0)
	}
	return func() {
		_ = unix.SchedSetAttr(0, before, 0)
		runtime.UnlockOSThread()
	}
}
