package action

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/seal"
)

// Wait is why a form was not taken yet: too much came from its address. It comes inside an [undersigned.Error] of kind
// TooMany. Nothing is kept here; the reader's page carries the form, sealed, and brings it back when its time has come.
type Wait struct {
	Token string
	For   time.Duration
}

func (w *Wait) Error() string { return "asked to wait" }

// waiting is a form that waits: the mail that it asks for, sealed until notBefore.
type waiting struct {
	kind      mailKind
	notBefore time.Time
	args      []byte
	id        [16]byte
}

var (
	waitEncoding = base64.RawURLEncoding.Strict()
	errWaitToken = undersigned.Fail(undersigned.Invalid, "error.wait_token")
)

const waitHead = 1 + 8 // kind, notBefore in unix seconds, big-endian

// askToWait gives the error that carries a form, sealed under the pending key of today and good for one scope alone.
func (s *Service) askToWait(ctx context.Context, scope string, kind mailKind, args []byte, d time.Duration, now time.Time) error {
	plaintext := make([]byte, 0, waitHead+len(args))
	plaintext = append(plaintext, byte(kind))
	plaintext = binary.BigEndian.AppendUint64(plaintext, uint64(now.Add(d).Unix()))
	sealed, err := s.Keys.SealPending(ctx, nil, append(plaintext, args...), now, "wait", scope)
	if err != nil {
		return doing("seal a form that waits", err)
	}
	return waitFor(waitEncoding.EncodeToString(sealed), d)
}

func waitFor(token string, d time.Duration) error {
	return &undersigned.Error{Kind: undersigned.TooMany, Err: &Wait{Token: token, For: d}}
}

// openWait opens what askToWait sealed for this scope. Invalid for anything else, and where its key has died.
func (s *Service) openWait(ctx context.Context, scope, token string, now time.Time) (*waiting, error) {
	sealed, err := waitEncoding.DecodeString(token)
	if err != nil || strings.ContainsAny(token, "\r\n") { // which the decoder skips, strict or not
		return nil, errWaitToken
	}
	plaintext, err := s.Keys.OpenPending(ctx, nil, sealed, now, "wait", scope)
	if errors.Is(err, seal.ErrNotOpened) || errors.Is(err, seal.ErrKeyDestroyed) || err == nil && len(plaintext) < waitHead {
		return nil, errWaitToken
	}
	if err != nil {
		return nil, doing("open a form that waited", err)
	}
	w := &waiting{kind: mailKind(plaintext[0]), args: plaintext[waitHead:]}
	w.notBefore = time.Unix(int64(binary.BigEndian.Uint64(plaintext[1:])), 0)
	sum := sha256.Sum256(sealed)
	copy(w.id[:], sum[:])
	return w, nil
}

// takeWaiting promises the mail of a form that has waited long enough, as promise does, at low priority: whoever has waited
// once waits no more. What comes too early is asked to wait for the rest. A form that comes a second time changes nothing, and its sender
// is told the same.
//
// A crash between the commit and the note that it is spent lets it come once more: one mail more, of the three that its
// address may get, with the same signature in it. So does another node.
func (s *Service) takeWaiting(token string, w *waiting, now time.Time, promise func() error) error {
	if early := w.notBefore.Sub(now); early > 0 {
		return waitFor(token, early)
	}
	if s.spent.has(w.id) {
		return nil
	}
	if err := promise(); err != nil {
		return err
	}
	s.spent.add(w.id, now.Add(seal.PendingLife), now)
	return nil
}
