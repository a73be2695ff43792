package seal

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Root is the key that wraps all others. It is made once for a site, and changes only by [Rotate].
//
// Its file is one line: "undersigned-root-key/v1", the site's id as 32 hex digits, the key as 64, with single spaces.
type Root struct {
	site [siteSize]byte // random, names the site: the keys of two sites cannot be mixed up
	id   [idSize]byte   // tells root keys apart: the beginning of a hash of the key
	raw  [keySize]byte
	box  Key
}

const (
	siteSize = 16
	idSize   = 8

	rootFormat = "undersigned-root-key/v1"
	keyVersion = 1
	// A wrapped key is a version byte, the site's id, the root's id, and the key sealed under the root with the site's id
	// and the key's name as its scope.
	wrapHeader  = 1 + siteSize + idSize
	wrappedSize = wrapHeader + Overhead + keySize
)

func newRoot(site [siteSize]byte) *Root {
	var raw [keySize]byte
	rand.Read(raw[:])
	return makeRoot(site, raw)
}

func makeRoot(site [siteSize]byte, raw [keySize]byte) *Root {
	r := &Root{site: site, raw: raw, box: newKey(raw[:])}
	hash := sha256.Sum256(append([]byte("undersigned-root-id/v1\n"), raw[:]...))
	copy(r.id[:], hash[:])
	return r
}

// ParseRoot reads a root key as its file holds it, from wherever it came: a file, a systemd credential, a terminal.
// [ErrDamaged] where it is anything else.
func ParseRoot(text []byte) (*Root, error) {
	words := bytes.Fields(text)
	if len(words) != 3 || string(words[0]) != rootFormat {
		return nil, ErrDamaged
	}
	var site [siteSize]byte
	var raw [keySize]byte
	if !parseHex(site[:], words[1]) || !parseHex(raw[:], words[2]) {
		return nil, ErrDamaged
	}
	return makeRoot(site, raw), nil
}

func parseHex(dst, text []byte) bool {
	if len(text) != hex.EncodedLen(len(dst)) {
		return false
	}
	_, err := hex.Decode(dst, text)
	return err == nil
}

func (r *Root) format() []byte {
	return fmt.Appendf(nil, "%s %x %x\n", rootFormat, r.site, r.raw)
}

// ReadRoots reads the root key in the file at path, and after it the next one, where a rotation was cut short: until it
// is run again, keys are wrapped by either. [ErrRootMissing], [ErrRootExposed], [ErrDamaged], [ErrOtherSite].
func ReadRoots(path string) ([]*Root, error) {
	root, err := readRoot(path)
	if err != nil {
		return nil, err
	}
	next, err := readRoot(path + staged)
	if errors.Is(err, ErrRootMissing) {
		return []*Root{root}, nil
	}
	if err != nil {
		return nil, err
	}
	if next.site != root.site {
		return nil, fmt.Errorf("read the root key %s: %w", path+staged, ErrOtherSite)
	}
	return []*Root{root, next}, nil
}

func readRoot(path string) (*Root, error) {
	root, err := parseRootFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		err = ErrRootMissing
	}
	if err != nil {
		return nil, fmt.Errorf("read the root key %s: %w", path, err)
	}
	return root, nil
}

func parseRootFile(path string) (*Root, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	// The group may read: systemd hands its credentials over with 0440.
	if info.Mode().Perm()&0o027 != 0 {
		return nil, ErrRootExposed
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return ParseRoot(text)
}

// writeRoot makes the root key's file, and fails with fs.ErrExist where there is one.
func (d disk) writeRoot(path string, root *Root) error {
	return d.create(path, root.format(), 0o400)
}

// wrap seals a key under the root.
func (r *Root) wrap(name string, raw *[keySize]byte) []byte {
	wrapped := make([]byte, 0, wrappedSize)
	wrapped = append(wrapped, keyVersion)
	wrapped = append(wrapped, r.site[:]...)
	wrapped = append(wrapped, r.id[:]...)
	return r.box.Seal(wrapped, raw[:], r.scope(name)...)
}

func (r *Root) scope(name string) []string {
	return []string{"undersigned-key/v1", string(r.site[:]), name}
}

// unwrap opens a wrapped key with the one of the roots that wrapped it, and tells which that was.
func unwrap(roots []*Root, name string, wrapped []byte) (raw [keySize]byte, by *Root, err error) {
	if len(wrapped) != wrappedSize || wrapped[0] != keyVersion {
		return raw, nil, ErrDamaged
	}
	site, id := wrapped[1:1+siteSize], wrapped[1+siteSize:wrapHeader]
	if !bytes.Equal(site, roots[0].site[:]) {
		return raw, nil, ErrOtherSite
	}
	for _, root := range roots {
		if !bytes.Equal(id, root.id[:]) {
			continue
		}
		if _, err := root.box.Open(raw[:0], wrapped[wrapHeader:], root.scope(name)...); err != nil {
			return raw, nil, ErrDamaged
		}
		return raw, root, nil
	}
	return raw, nil, ErrWrongRoot
}
