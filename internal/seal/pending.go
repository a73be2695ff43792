package seal

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/undersigned/undersigned"
)

// PendingLife is how long after the beginning of its UTC day a pending key lives. What it sealed in the day's last second
// opens for 72 hours: pages and mails say "three days".
const PendingLife = 96 * time.Hour

// Before what is sealed stands the number of the day whose key sealed it, days since 1 January 1970, four bytes, big-endian.
const daySize = 4

// PendingOverhead is how many bytes longer than the plaintext the sealed bytes of [Keyring.SealPending] are.
const PendingOverhead = daySize + Overhead

// Prepare makes the pending keys of today and tomorrow, so that no form waits for a disk at midnight.
func (r *Keyring) Prepare(ctx context.Context, now time.Time) error {
	for _, t := range []time.Time{now, now.Add(24 * time.Hour)} {
		if _, err := r.make(ctx, pendingName(t)); err != nil {
			return err
		}
	}
	return nil
}

// SealPending appends to dst what nobody has confirmed yet, sealed under today's key, which is made where it is not there
// yet. The scope is as for [Key.Seal].
func (r *Keyring) SealPending(ctx context.Context, dst, plaintext []byte, now time.Time, scope ...string) ([]byte, error) {
	e, err := r.make(ctx, pendingName(now))
	if err != nil {
		return nil, err
	}
	dst = binary.BigEndian.AppendUint32(dst, uint32(dayNumber(now)))
	return e.box.Seal(dst, plaintext, scope...), nil
}

// OpenPending appends to dst the plaintext of what [Keyring.SealPending] made. [ErrKeyDestroyed] once the key's time is
// over, also where its destruction is late; [ErrNotOpened] for what is broken or of another scope.
func (r *Keyring) OpenPending(ctx context.Context, dst, sealed []byte, now time.Time, scope ...string) ([]byte, error) {
	if len(sealed) < PendingOverhead {
		return nil, ErrNotOpened
	}
	number := binary.BigEndian.Uint32(sealed)
	day := time.Unix(int64(number)*24*60*60, 0).UTC()
	switch {
	case number == 0 || day.After(now.Add(24*time.Hour)): // a node whose clock is ahead may have sealed tomorrow
		return nil, ErrNotOpened
	case !now.Before(day.Add(PendingLife)):
		return nil, ErrKeyDestroyed
	}
	e, err := r.key(ctx, pendingName(day))
	if err != nil {
		return nil, err
	}
	return e.box.Open(dst, sealed[daySize:], scope...)
}

// DestroyExpired destroys the keys of days and months whose time is over, and forgets those keys of any kind that another node
// destroyed. Call it every few minutes. One key that resists does not spare the others.
func (r *Keyring) DestroyExpired(ctx context.Context, now time.Time) error {
	names, err := r.vault.List(ctx, "")
	if err != nil {
		return fmt.Errorf("list the keys: %w", err)
	}
	r.forget(names)
	for _, name := range names {
		if _, ends, ok := Span(name); ok && !now.Before(ends) {
			err = errors.Join(err, r.destroy(ctx, name))
		}
	}
	return err
}

func pendingName(t time.Time) string { return pendingPrefix + string(undersigned.DayOf(t)) }

func dayNumber(t time.Time) int64 { return t.Unix() / (24 * 60 * 60) }
