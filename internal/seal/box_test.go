package seal

import (
	"bytes"
	"testing"

	"golang.org/x/crypto/chacha20poly1305"
)

func testKey() *Key {
	k := newKey(bytes.Repeat([]byte{7}, keySize))
	return &k
}

func TestWhatIsSealedOpensBehindWhatWasThere(t *testing.T) {
	k := testKey()
	for _, plaintext := range []string{"", "x", "a longer text of several blocks, so that the cipher has something to do"} {
		sealed := k.Seal([]byte("before"), []byte(plaintext), "signature", "1", pid)
		if !bytes.HasPrefix(sealed, []byte("before")) || len(sealed) != len("before")+len(plaintext)+Overhead {
			t.Fatalf("sealed %d bytes to %d", len(plaintext), len(sealed))
		}
		opened, err := k.Open([]byte("then "), sealed[len("before"):], "signature", "1", pid)
		if err != nil || string(opened) != "then "+plaintext {
			t.Errorf("opened %q, %v", opened, err)
		}
	}
}

func TestSealingTwiceGivesDifferentBytes(t *testing.T) {
	k := testKey()
	if bytes.Equal(k.Seal(nil, []byte("same")), k.Seal(nil, []byte("same"))) {
		t.Error("the nonce is not random")
	}
}

// Others can open what we seal, with nothing but the key and the format.
func TestABoxIsXChaCha20Poly1305(t *testing.T) {
	sealed := testKey().Seal(nil, []byte("secret"), "ab", "c")
	aead, err := chacha20poly1305.NewX(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	opened, err := aead.Open(nil, sealed[:24], sealed[24:], []byte("\x02ab\x01c"))
	if err != nil || string(opened) != "secret" {
		t.Errorf("opened %q, %v", opened, err)
	}
}

func TestAnotherScopeDoesNotOpen(t *testing.T) {
	k := testKey()
	sealed := k.Seal(nil, []byte("secret"), "signature", "ab", "c")
	for _, scope := range [][]string{
		nil, {"signature"}, {"signature", "a", "bc"}, {"signature", "abc"}, {"signature", "ab", "c", ""},
		{"draft", "ab", "c"}, {"signatureabc"}, {"signature", "c", "ab"},
	} {
		_, err := k.Open(nil, sealed, scope...)
		wantErr(t, err, ErrNotOpened)
	}
}

func TestAChangedOrShortenedBoxDoesNotOpen(t *testing.T) {
	k := testKey()
	sealed := k.Seal(nil, []byte("secret"), "x")
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		_, err := k.Open(nil, changed, "x")
		wantErr(t, err, ErrNotOpened)
		_, err = k.Open(nil, sealed[:i], "x")
		wantErr(t, err, ErrNotOpened)
	}
	_, err := k.Open(nil, append(sealed, 0), "x")
	wantErr(t, err, ErrNotOpened)
}

func TestAnotherKeyDoesNotOpen(t *testing.T) {
	k := newKey(bytes.Repeat([]byte{8}, keySize))
	_, err := k.Open(nil, testKey().Seal(nil, []byte("secret")))
	wantErr(t, err, ErrNotOpened)
}
