package sequencer

import (
	"crypto/ed25519"
	"net/url"
	"testing"
)

// FuzzParseWitnesses reads a policy: nobody is asked but where it says, and with nothing that could lead elsewhere.
func FuzzParseWitnesses(f *testing.F) {
	_, vkey, err := Signer(ed25519.NewKeyFromSeed(make([]byte, 32)), testOrigin)
	if err != nil {
		f.Fatal(err)
	}
	f.Add("log " + vkey + "\nwitness A " + newTestWitness("one.example", nil).vkey + " https://one.example/w1\ngroup G 1 A\nquorum G\n")
	f.Add("log " + vkey + "\nquorum none\n")
	f.Fuzz(func(t *testing.T, text string) {
		w, err := ParseWitnesses(text, vkey)
		if err != nil {
			return
		}
		for _, to := range w.urls {
			if u, err := url.Parse(to); err != nil || u.Host == "" || u.User != nil || u.Scheme != "http" && u.Scheme != "https" {
				t.Errorf("a witness is asked at %q", to)
			}
		}
	})
}
