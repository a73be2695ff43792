package seal

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"time"
)

// MaxToken is the longest token in characters: some mail programs cut longer links.
const MaxToken = 1500

// MaxTokenPlaintext is how many bytes of plaintext a token of [Keyring.SealToken] has room for.
const MaxTokenPlaintext = MaxToken*6/8 - PendingOverhead

// Strict, so that one token has one spelling.
var tokenEncoding = base64.RawURLEncoding.Strict()

// SealToken makes the token of a link that dies with today's pending key: [Keyring.SealPending] in base64url. The scope
// holds the purpose and whatever else must be the same at opening, such as "confirm" and the path.
func (r *Keyring) SealToken(ctx context.Context, plaintext []byte, now time.Time, scope ...string) (string, error) {
	if len(plaintext) > MaxTokenPlaintext {
		return "", ErrToken
	}
	room := make([]byte, 0, PendingOverhead+len(plaintext))
	sealed, err := r.SealPending(ctx, room, plaintext, now, scope...)
	if err != nil {
		return "", err
	}
	return tokenEncoding.EncodeToString(sealed), nil
}

// OpenToken opens a token of [Keyring.SealToken]. [ErrKeyDestroyed] when the link has died, [ErrToken] for what is no token
// of this scope.
func (r *Keyring) OpenToken(ctx context.Context, token string, now time.Time, scope ...string) ([]byte, error) {
	sealed, err := decodeToken(token)
	if err != nil {
		return nil, err
	}
	plaintext, err := r.OpenPending(ctx, nil, sealed, now, scope...)
	if err == ErrNotOpened {
		err = ErrToken
	}
	return plaintext, err
}

// SealLink makes the token of a link with an end of its own, sealed under the site key, for one purpose: "my",
// "unsubscribe". It has as many characters as its plaintext needs; keep it below 1,000 bytes.
func (r *Keyring) SealLink(purpose string, plaintext []byte, expires time.Time) string {
	inside := binary.BigEndian.AppendUint64(make([]byte, 0, expirySize+len(plaintext)), uint64(expires.Unix()))
	inside = append(inside, plaintext...)
	sealed := make([]byte, daySize, daySize+Overhead+len(inside)) // day 0: no pending key
	return tokenEncoding.EncodeToString(r.link.Seal(sealed, inside, purpose))
}

// OpenLink opens a token of [Keyring.SealLink], and tells when it ends. [ErrExpired] from that second on, [ErrToken] for
// what is no token of this purpose.
func (r *Keyring) OpenLink(purpose, token string, now time.Time) (plaintext []byte, expires time.Time, err error) {
	sealed, err := decodeToken(token)
	if err != nil {
		return nil, time.Time{}, err
	}
	if len(sealed) < daySize || binary.BigEndian.Uint32(sealed) != 0 {
		return nil, time.Time{}, ErrToken
	}
	inside, err := r.link.Open(nil, sealed[daySize:], purpose)
	if err != nil || len(inside) < expirySize {
		return nil, time.Time{}, ErrToken
	}
	expires = time.Unix(int64(binary.BigEndian.Uint64(inside)), 0).UTC()
	if !now.Before(expires) {
		return nil, time.Time{}, ErrExpired
	}
	return inside[expirySize:], expires, nil
}

const expirySize = 8 // unix seconds, big-endian

func decodeToken(token string) ([]byte, error) {
	// The decoder skips line breaks, strict or not.
	if len(token) > MaxToken || strings.ContainsAny(token, "\r\n") {
		return nil, ErrToken
	}
	sealed, err := tokenEncoding.DecodeString(token)
	if err != nil {
		return nil, ErrToken
	}
	return sealed, nil
}

const (
	formHourSize = 4
	formMACSize  = 16
)

// FormToken marks a form of an action as shown by us, with one version of the text, within one UTC hour: the hour's number
// and 16 bytes of a MAC, 27 characters, the same for every visitor. action is a pid or whatever else names it for good.
func (r *Keyring) FormToken(action string, version int, now time.Time) string {
	var token [formHourSize + formMACSize]byte
	r.formToken(&token, action, version, now.Unix()/3600)
	return tokenEncoding.EncodeToString(token[:])
}

// CheckFormToken tells whether the token is ours, for this action and version, and at least 48 hours good: it ends 48 hours
// after the end of its hour. One from the coming hour passes, as another node's clock may be ahead.
func (r *Keyring) CheckFormToken(token, action string, version int, now time.Time) bool {
	given, err := decodeToken(token)
	if err != nil || len(given) != formHourSize+formMACSize {
		return false
	}
	hour, this := int64(binary.BigEndian.Uint32(given)), now.Unix()/3600
	var want [formHourSize + formMACSize]byte
	r.formToken(&want, action, version, hour)
	return subtle.ConstantTimeCompare(given, want[:]) == 1 && hour <= this+1 && this <= hour+48
}

func (r *Keyring) formToken(token *[formHourSize + formMACSize]byte, action string, version int, hour int64) {
	binary.BigEndian.PutUint32(token[:], uint32(hour))
	var numbers [8 + formHourSize]byte
	binary.BigEndian.PutUint64(numbers[:], uint64(version))
	copy(numbers[8:], token[:formHourSize])
	mac := r.form.sum(join([]string{action, string(numbers[:])}))
	copy(token[formHourSize:], mac[:])
}
