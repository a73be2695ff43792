package seal

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
)

// NewsKey seals and finds those who asked for news. A month has its own; who stays is sealed anew under the next, and then
// the old one is destroyed, and with it all that is left, anywhere, of those who have left meanwhile.
type NewsKey struct {
	Month string // 2026-11
	Box   *Key
	Hash  *HashKey
}

// News gives the key of the month of now (UTC), which is made where it is not there yet.
func (r *Keyring) News(ctx context.Context, now time.Time) (NewsKey, error) {
	month := now.UTC().Format("2006-01")
	e, err := r.make(ctx, newsPrefix+month)
	if err != nil {
		return NewsKey{}, err
	}
	return NewsKey{month, &e.box, &e.hash}, nil
}

// NewsOf gives the key of a month. [ErrKeyDestroyed] where it is gone.
func (r *Keyring) NewsOf(ctx context.Context, month string) (NewsKey, error) {
	e, err := r.key(ctx, newsPrefix+month)
	if err != nil {
		return NewsKey{}, err
	}
	return NewsKey{month, &e.box, &e.hash}, nil
}

// AllNews gives those that live, the newest first.
func (r *Keyring) AllNews(ctx context.Context) (keys []NewsKey, err error) {
	names, err := r.vault.List(ctx, newsPrefix)
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	slices.Reverse(names)
	for _, name := range names {
		key, err := r.NewsOf(ctx, strings.TrimPrefix(name, newsPrefix))
		if errors.Is(err, ErrKeyDestroyed) {
			continue // since the list was made
		}
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// NewsMonth gives the beginning of the month that a key of news is of; ok is false for the name of any other.
func NewsMonth(name string) (born time.Time, ok bool) {
	month, ok := strings.CutPrefix(name, newsPrefix)
	if !ok {
		return time.Time{}, false
	}
	born, err := time.Parse("2006-01", month)
	return born, err == nil
}

// DestroyNews destroys the key of a month. Call it when nobody is sealed under it any more.
func (r *Keyring) DestroyNews(ctx context.Context, month string) error {
	return r.destroy(ctx, newsPrefix+month)
}

// DKIM gives the key that seals the private key of our mails' signatures, which is made where it is not there yet.
func (r *Keyring) DKIM(ctx context.Context) (*Key, error) {
	e, err := r.make(ctx, dkimKey)
	if err != nil {
		return nil, err
	}
	return &e.box, nil
}
