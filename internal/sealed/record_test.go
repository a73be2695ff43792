package sealed

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/translog"
)

func identity(t testing.TB) *age.X25519Identity {
	t.Helper()
	i, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func sample() *Record {
	return &Record{Signature: undersigned.Signature{ID: undersigned.SignatureID{1, 2}, PID: "00000000000000aa", Version: 3,
		Class: undersigned.Delivered, Language: "es", Day: "2026-11-22", Person: undersigned.Person{GivenName: "Ana", FamilyName: `Ál"varez`,
			Email: "ana@mail.example", PostalCode: "02138", Country: "US", Comment: "For my brother.\n<b>"}},
		Seed: translog.Seed{9}, Seat: "class=delivered;MA-05,MA-07"}
}

func TestSealedRecordOpensWithEitherIdentityAndNoOther(t *testing.T) {
	one, two, other := identity(t), identity(t), identity(t)
	recipients, err := ParseRecipients([]string{one.Recipient().String(), two.Recipient().String()})
	if err != nil {
		t.Fatal(err)
	}
	file, err := sample().Seal(recipients)
	if err != nil {
		t.Fatal(err)
	}
	if !IsSealed(file) || bytes.Contains(file, []byte("mail.example")) {
		t.Error("it is not sealed")
	}
	for _, i := range []age.Identity{one, two} {
		if got, err := Open(file, []age.Identity{i}); err != nil || !reflect.DeepEqual(got, sample()) {
			t.Errorf("opened %+v, %v", got, err)
		}
	}
	if _, err := Open(file, []age.Identity{other}); !errors.Is(err, ErrOthers) {
		t.Errorf("opened with another identity: %v", err)
	}
	for i := range file {
		changed := bytes.Clone(file)
		changed[i] ^= 1
		if r, err := Open(changed, []age.Identity{one}); err == nil && !reflect.DeepEqual(r, sample()) {
			t.Fatalf("a change of byte %d goes unseen", i)
		}
	}
	for _, n := range []int{0, 10, len(file) / 2, len(file) - 1} {
		if _, err := Open(file[:n], []age.Identity{one}); err == nil {
			t.Errorf("the first %d bytes open", n)
		}
	}
}

// TestLengthOfARowDoesNotTellOneNameFromAnother: whoever has the disk alone could otherwise compare it with a guess.
func TestLengthOfARowDoesNotTellOneNameFromAnother(t *testing.T) {
	lengths := map[int]bool{}
	for n := range 60 {
		r := sample()
		r.Signature.Person.GivenName, r.Signature.Person.Comment = strings.Repeat("n", 1+n), ""
		lengths[len(r.text())] = true
	}
	if len(lengths) != 1 {
		t.Errorf("names of 1 to 60 letters make texts of the lengths %v", lengths)
	}
}

func TestRecipientsAreTwoOrMoreOfOneKind(t *testing.T) {
	hybrid, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	a, b, pq := identity(t).Recipient().String(), identity(t).Recipient().String(), hybrid.Recipient().String()
	for name, test := range map[string]struct {
		texts []string
		want  error
	}{
		"two": {[]string{a, b}, nil}, "none": {nil, ErrFewRecipients}, "one": {[]string{a}, ErrFewRecipients},
		"one twice": {[]string{a, a}, ErrFewRecipients}, "nonsense": {[]string{a, "age1x"}, ErrRecipient}, "empty": {[]string{a, ""}, ErrRecipient},
		"an identity": {[]string{a, identity(t).String()}, ErrRecipient}, "two in one": {[]string{a + "\n" + b}, ErrRecipient},
		"of two kinds": {[]string{a, pq}, ErrMixed},
	} {
		if err := CheckRecipients(test.texts); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
}

func FuzzRecord(f *testing.F) {
	f.Add(sample().text())
	f.Add([]byte(`{"format":"undersigned-signature/v1","id":"","seed":""}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := parse(text)
		if err != nil {
			return
		}
		if again, err := parse(r.text()); err != nil || !reflect.DeepEqual(again, r) {
			t.Errorf("%+v is not read back: %+v, %v", r, again, err)
		}
		_, _ = r.Opening()
	})
}

// BenchmarkSeal is what sealed mode costs at each confirmation.
func BenchmarkSeal(b *testing.B) {
	to := []string{identity(b).Recipient().String(), identity(b).Recipient().String()}
	for b.Loop() {
		recipients, err := ParseRecipients(to)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := sample().Seal(recipients); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	one, two := identity(b), identity(b)
	recipients := []age.Recipient{one.Recipient(), two.Recipient()}
	file, err := sample().Seal(recipients)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Open(file, []age.Identity{two}); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzParseRecipients(f *testing.F) {
	a, b := identity(f).Recipient().String(), identity(f).Recipient().String()
	f.Add(a, b)
	f.Add(a+"\n"+b, "")
	f.Fuzz(func(t *testing.T, one, two string) {
		if all, err := ParseRecipients([]string{one, two}); err == nil && (len(all) != 2 || one == two) {
			t.Errorf("%q and %q are %d recipients", one, two, len(all))
		}
	})
}
