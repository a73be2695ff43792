package seal

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"slices"

	"golang.org/x/crypto/chacha20poly1305"
)

// Overhead is how many bytes longer than the plaintext the sealed bytes of [Key.Seal] are: a nonce and a tag.
const Overhead = chacha20poly1305.NonceSizeX + chacha20poly1305.Overhead

const (
	keySize   = chacha20poly1305.KeySize
	nonceSize = chacha20poly1305.NonceSizeX
)

// Key seals and opens bytes with XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03). Safe for concurrent use.
type Key struct{ aead cipher.AEAD }

func newKey(raw []byte) Key {
	aead, err := chacha20poly1305.NewX(raw)
	if err != nil {
		panic(err) // only a wrong length fails, and every key here is an array of the right one
	}
	return Key{aead}
}

// KeyOf makes a key of bytes that no keyring holds: what it sealed is noise to whoever has not got them.
func KeyOf(raw [keySize]byte) Key { return newKey(raw[:]) }

// Seal appends a random nonce and the sealed plaintext to dst. The scope says what the bytes are and where they belong,
// such as "signature", row id, pid; they open with the same scope only. The plaintext must not lie in dst's spare room.
func (k *Key) Seal(dst, plaintext []byte, scope ...string) []byte {
	start := len(dst)
	dst = slices.Grow(dst, Overhead+len(plaintext))[:start+nonceSize]
	nonce := dst[start:]
	rand.Read(nonce) // never fails: it ends the process instead
	return k.aead.Seal(dst, nonce, plaintext, join(scope))
}

// Open appends to dst the plaintext of what [Key.Seal] made. The only error is [ErrNotOpened].
func (k *Key) Open(dst, sealed []byte, scope ...string) ([]byte, error) {
	if len(sealed) < Overhead {
		return nil, ErrNotOpened
	}
	plaintext, err := k.aead.Open(dst, sealed[:nonceSize], sealed[nonceSize:], join(scope))
	if err != nil {
		return nil, ErrNotOpened
	}
	return plaintext, nil
}

// join writes each part after its length, so that two different lists never make the same bytes.
func join(parts []string) []byte {
	size := 0
	for _, p := range parts {
		size += binary.MaxVarintLen32 + len(p)
	}
	joined := make([]byte, 0, size)
	for _, p := range parts {
		joined = binary.AppendUvarint(joined, uint64(len(p)))
		joined = append(joined, p...)
	}
	return joined
}
