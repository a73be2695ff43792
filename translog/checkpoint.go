package translog

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// maxCheckpointSize leaves room for a hundred cosignatures.
const maxCheckpointSize = 1 << 16

// Checkpoint is the head of a log at one size (c2sp.org/tlog-checkpoint).
type Checkpoint struct {
	Origin string // the scheme-less URL of the log, such as example.org/log
	tlog.Tree
}

// String returns the text that is signed: origin, size, root, each with LF.
func (c Checkpoint) String() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.N, c.Hash)
}

// ParseCheckpoint reads the text that is signed, and trusts it as far as its
// caller has reason to: use [Policy.Open] on what comes from outside. Extension
// lines, which the format allows, are refused: our log has none, and no
// monitor could check them.
func ParseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" || !validOrigin(lines[0]) {
		return Checkpoint{}, errors.New("parse a checkpoint: it is not the three lines origin, size and root")
	}
	size, ok := parseNumber([]byte(lines[1]))
	if !ok {
		return Checkpoint{}, errors.New("parse a checkpoint: the size is not a decimal without leading zeros, at most 2^60")
	}
	hash, ok := parseHash([]byte(lines[2]))
	if !ok {
		return Checkpoint{}, errors.New("parse a checkpoint: the root is not 32 bytes in standard, padded base64")
	}
	return Checkpoint{lines[0], tlog.Tree{N: size, Hash: hash}}, nil
}

// Sign returns the checkpoint as a signed note (c2sp.org/signed-note). The
// signer's name must be the origin. A log never signs two heads that are
// inconsistent with each other; that is the caller's promise.
func (c Checkpoint) Sign(signer note.Signer) ([]byte, error) {
	if _, err := ParseCheckpoint(c.String()); err != nil {
		return nil, fmt.Errorf("sign a checkpoint: %w", err)
	}
	if signer.Name() != c.Origin {
		return nil, errors.New("sign a checkpoint: the key's name is not the log's origin")
	}
	return note.Sign(&note.Note{Text: c.String()}, signer)
}

// GenerateKey draws a log's Ed25519 key and returns it in the encodings of
// sumdb/note: skey is secret and goes to note.NewSigner, vkey is public and
// goes to everyone who verifies.
func GenerateKey(rand io.Reader, origin string) (skey, vkey string, err error) {
	if !validOrigin(origin) {
		return "", "", errors.New("generate a log key: the origin is not a URL without scheme")
	}
	return note.GenerateKey(rand, origin)
}

// VerifierKey returns the public vkey of a secret skey.
func VerifierKey(skey string) (vkey string, err error) {
	signer, err := note.NewSigner(skey)
	if err != nil {
		return "", errors.New("derive a verifier key: the secret key is malformed") // never the key itself
	}
	// skey is PRIVATE+KEY+name+hash+base64(type, seed), as NewSigner has just seen.
	key, err := base64.StdEncoding.DecodeString(strings.SplitN(skey, "+", 5)[4])
	if err != nil {
		return "", errors.New("derive a verifier key: the secret key is malformed")
	}
	public := ed25519.NewKeyFromSeed(key[1:]).Public().(ed25519.PublicKey)
	return note.NewEd25519VerifierKey(signer.Name(), public)
}

// Origin returns the origin of a log from its URL: no scheme, query or slash at the end.
func Origin(logURL string) (string, error) {
	_, origin, ok := strings.Cut(logURL, "://")
	origin = strings.TrimRight(origin, "/")
	if !ok || !validOrigin(origin) || strings.ContainsAny(origin, "?#@") {
		return "", errors.New("derive a log's origin: it needs a URL such as https://example.org/log")
	}
	return origin, nil
}

// validOrigin follows the rules for the name of a note's key, and allows no
// control characters.
func validOrigin(s string) bool {
	return s != "" && len(s) <= 255 && utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return r == '+' || unicode.IsSpace(r) || unicode.IsControl(r)
	})
}

// parseKey takes a vkey (c2sp.org/signed-note) apart: name+hash+base64(type, key).
func parseKey(vkey string) (name string, hash uint32, algorithm byte, key ed25519.PublicKey, err error) {
	malformed := errors.New("parse a verifier key: it is not name+hash+key with a 32-byte Ed25519 key")
	parts := strings.SplitN(vkey, "+", 3) // base64 may hold a plus
	if len(parts) != 3 || len(parts[1]) != 8 || !validOrigin(parts[0]) {
		return "", 0, 0, nil, malformed
	}
	sum, err := strconv.ParseUint(parts[1], 16, 32)
	raw, err2 := strictBase64.DecodeString(parts[2])
	if err != nil || err2 != nil || len(raw) != 1+ed25519.PublicKeySize || strings.ContainsAny(parts[2], "\r\n") {
		return "", 0, 0, nil, malformed
	}
	if uint32(sum) != keyHash(parts[0], raw) {
		return "", 0, 0, nil, errors.New("parse a verifier key: the hash does not fit the name and key")
	}
	return parts[0], uint32(sum), raw[0], raw[1:], nil
}
