package mail

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"github.com/undersigned/undersigned"
)

var dkimTestKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// verified wants one good signature of ours on a mail, judged by the library's verifier with our record in its DNS.
func verified(t *testing.T, name string, text []byte) {
	t.Helper()
	record, err := signer(t).Record()
	if err != nil {
		t.Fatal(err)
	}
	found, err := dkim.VerifyWithOptions(bytes.NewReader(text), &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
		if name != "undersigned1._domainkey.example.org" {
			t.Errorf("asked for %s", name)
		}
		return []string{record}, nil
	}})
	if err != nil || len(found) != 1 || found[0].Err != nil || found[0].Domain != "example.org" {
		t.Fatalf("%s: %+v %v", name, found, err)
	}
}

func signer(t *testing.T) *DKIM {
	t.Helper()
	d, err := NewDKIM("example.org", "undersigned1", dkimTestKey())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestEveryMailIsSignedSoThatStrangersCanTell(t *testing.T) {
	d, all := signer(t), allMails(t)
	letter, err := composer(t).Letter(letterhead("en"), undersigned.Message{Subject: "Wasser für alle 🚰", Text: "Dear all,\n.\n\n" + strings.Repeat("é", 2000) + "\n"},
		&undersigned.Writer{GivenName: "Ana", FamilyName: "Gómez", Email: "ana@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	all["letter to an office"] = letter
	for name, m := range all {
		e, err := m.encode()
		if err != nil {
			t.Fatal(err)
		}
		if err := d.sign(e); err != nil {
			t.Fatal(err)
		}
		verified(t, name, e.text)
		if bytes.Contains(e.text, []byte("\n\n")) || bytes.Contains(bytes.ReplaceAll(e.text, []byte("\r\n"), nil), []byte("\n")) {
			t.Errorf("%s: a line ends with LF alone, and a mail server would change it", name)
		}
		head, _, _ := bytes.Cut(e.text, []byte("\r\n\r\n"))
		signature, _, _ := strings.Cut(string(head), "\r\nFrom:")
		for _, field := range []string{"List-Unsubscribe", "List-Unsubscribe-Post"} {
			if m.Unsubscribe != "" && !strings.Contains(strings.ReplaceAll(signature, "\r\n ", ""), field) {
				t.Errorf("%s: %s is not signed", name, field)
			}
		}
	}
}

func TestWhateverIsChangedInASignedMailIsNoticed(t *testing.T) {
	m := allMails(t)["news-hand.en"]
	e, err := m.encode()
	if err != nil {
		t.Fatal(err)
	}
	if err := signer(t).sign(e); err != nil {
		t.Fatal(err)
	}
	record, err := signer(t).Record()
	if err != nil {
		t.Fatal(err)
	}
	for name, changed := range map[string]string{
		"the subject":         strings.Replace(string(e.text), "Subject: Hay", "Subject: No hay", 1),
		"the text":            strings.Replace(string(e.text), "ley", "rey", 1),
		"a second sender":     strings.Replace(string(e.text), "\r\nFrom:", "\r\nFrom: evil@example.com\r\nFrom:", 1),
		"another way out":     strings.Replace(string(e.text), "List-Unsubscribe: <https://act", "List-Unsubscribe: <https://evil", 1),
		"somebody else's key": string(e.text),
	} {
		if changed == string(e.text) && name != "somebody else's key" {
			t.Fatalf("%s is not changed", name)
		}
		answer := record
		if name == "somebody else's key" {
			other, err := rsa.GenerateKey(rand.Reader, 2048)
			if err != nil {
				t.Fatal(err)
			}
			stranger, err := NewDKIM("example.org", "undersigned1", other)
			if err != nil {
				t.Fatal(err)
			}
			if answer, err = stranger.Record(); err != nil {
				t.Fatal(err)
			}
		}
		found, err := dkim.VerifyWithOptions(strings.NewReader(changed), &dkim.VerifyOptions{LookupTXT: func(string) ([]string, error) { return []string{answer}, nil }})
		if err == nil && len(found) == 1 && found[0].Err == nil {
			t.Errorf("%s passes", name)
		}
	}
}

func TestOutboxKeepsMailsAsTheyWouldLeave(t *testing.T) {
	o, err := OpenOutbox(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	o.SignWith(signer(t))
	if err := o.Send(t.Context(), allMails(t)["confirm.es"]); err != nil {
		t.Fatal(err)
	}
	kept, err := o.List(1)
	if err != nil || len(kept) != 1 || len(kept[0].Links) == 0 {
		t.Fatalf("%+v %v", kept, err)
	}
}

func TestKeyThatCannotSignIsRefused(t *testing.T) {
	if _, err := NewDKIM("", "undersigned1", dkimTestKey()); err == nil {
		t.Error("no domain, no error")
	}
	if _, err := NewDKIM("example.org", "", dkimTestKey()); err == nil {
		t.Error("no selector, no error")
	}
}
