package seal

import (
	"context"
	"errors"
	"time"
)

// LettersLife is how long after the end of its month (UTC) a key of letters lives: as long as their writers can look up what
// became of them.
const LettersLife = 90 * 24 * time.Hour

// Letters gives the key that hashes the addresses of those who confirm a letter in the month of now, which is made where it
// is not there yet. Another month has another key, so that no two hashes can be compared across months.
func (r *Keyring) Letters(ctx context.Context, now time.Time) (*HashKey, error) {
	e, err := r.make(ctx, lettersPrefix+now.UTC().Format("2006-01"))
	if err != nil {
		return nil, err
	}
	return &e.hash, nil
}

// Corrections gives the key that seals what organisations say of their entries, for a month written YYYY-MM: it is drawn from
// that month's key of letters, and dies with it. [ErrKeyDestroyed] where it is gone, or was never made.
func (r *Keyring) Corrections(ctx context.Context, month string) (*Key, error) {
	e, err := r.key(ctx, lettersPrefix+month)
	if err != nil {
		return nil, err
	}
	raw := draw(e, "corrections")
	key := newKey(raw[:])
	return &key, nil
}

// AllLetters gives those keys of letters that live.
func (r *Keyring) AllLetters(ctx context.Context) (keys []*HashKey, err error) {
	names, err := r.vault.List(ctx, lettersPrefix)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		e, err := r.key(ctx, name)
		if errors.Is(err, ErrKeyDestroyed) {
			continue // since the list was made
		}
		if err != nil {
			return nil, err
		}
		keys = append(keys, &e.hash)
	}
	return keys, nil
}
