package seal

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestATokenOpensForItsPurposeAndPathOnly(t *testing.T) {
	h := newHouse(t)
	ring := h.init(t)
	token, err := ring.SealToken(t.Context(), []byte("secret"), noon, "confirm", "/free/petition")
	must(t, err)
	opened, err := h.open(t).OpenToken(t.Context(), token, noon.Add(time.Hour), "confirm", "/free/petition")
	if err != nil || string(opened) != "secret" {
		t.Fatalf("opened %q, %v", opened, err)
	}
	for _, scope := range [][]string{nil, {"confirm"}, {"confirm", "/free/other"}, {"letter", "/free/petition"}, {"confirm/free/petition"}} {
		_, err := ring.OpenToken(t.Context(), token, noon, scope...)
		wantErr(t, err, ErrToken)
	}
}

func TestATokenDiesWithItsKey(t *testing.T) {
	ring := newHouse(t).init(t)
	token, err := ring.SealToken(t.Context(), []byte("x"), noon, "confirm")
	must(t, err)
	later := noon.Add(PendingLife)
	must(t, ring.DestroyExpired(t.Context(), later))
	_, err = ring.OpenToken(t.Context(), token, later, "confirm")
	wantErr(t, err, ErrKeyDestroyed)
}

func TestATokenHasAtMost1500Characters(t *testing.T) {
	ring := newHouse(t).init(t)
	token, err := ring.SealToken(t.Context(), make([]byte, MaxTokenPlaintext), noon, "confirm")
	if err != nil || len(token) != MaxToken {
		t.Fatalf("%d characters, %v", len(token), err)
	}
	if _, err := ring.OpenToken(t.Context(), token, noon, "confirm"); err != nil {
		t.Error(err)
	}
	_, err = ring.SealToken(t.Context(), make([]byte, MaxTokenPlaintext+1), noon, "confirm")
	wantErr(t, err, ErrToken)
	_, err = ring.OpenToken(t.Context(), token+"AAAA", noon, "confirm")
	wantErr(t, err, ErrToken)
}

// spoilt gives spellings of a token that must not open.
func spoilt(token string) []string {
	list := []string{
		"", "A", "AAAAAA", token + "A", token + "=", token + "\n", "\r" + token, token[:10] + "\n" + token[10:], " " + token,
		token[:len(token)-1], token[:len(token)-4], token[:8], token + token, strings.Repeat("A", MaxToken), strings.Repeat("é", 40),
	}
	for i := range token {
		changed := []byte(token)
		if changed[i] = 'A'; token[i] == 'A' {
			changed[i] = 'B'
		}
		list = append(list, string(changed))
	}
	return list
}

func TestASpoiltTokenDoesNotOpen(t *testing.T) {
	ring := newHouse(t).init(t)
	for size := range 3 { // so that the last character carries 0, 2 and 4 spare bits
		token, err := ring.SealToken(t.Context(), make([]byte, size), noon, "confirm")
		must(t, err)
		link := ring.SealLink("my", make([]byte, size), noon.Add(time.Hour))
		for _, bad := range append(spoilt(token), lastCharacters(token)...) {
			if _, err := ring.OpenToken(t.Context(), bad, noon, "confirm"); err == nil {
				t.Errorf("token %q opened as %q", token, bad)
			}
		}
		for _, bad := range append(spoilt(link), lastCharacters(link)...) {
			_, _, err := ring.OpenLink("my", bad, noon)
			wantErr(t, err, ErrToken)
		}
	}
}

// lastCharacters gives the token with every other last character: some differ only in bits that carry nothing.
func lastCharacters(token string) []string {
	var list []string
	for _, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" {
		if changed := token[:len(token)-1] + string(c); changed != token {
			list = append(list, changed)
		}
	}
	return list
}

func TestALinkOpensUntilItsEnd(t *testing.T) {
	h := newHouse(t)
	ring := h.init(t)
	ends := noon.Add(24 * time.Hour)
	token := ring.SealLink("my", []byte("ada@example.org"), ends)
	opened, expires, err := h.open(t).OpenLink("my", token, ends.Add(-time.Nanosecond))
	if err != nil || string(opened) != "ada@example.org" || !expires.Equal(ends) {
		t.Errorf("opened %q, %v, %v", opened, expires, err)
	}
	_, _, err = ring.OpenLink("my", token, ends)
	wantErr(t, err, ErrExpired)
	_, _, err = ring.OpenLink("unsubscribe", token, noon)
	wantErr(t, err, ErrToken)
	_, _, err = newHouse(t).init(t).OpenLink("my", token, noon)
	wantErr(t, err, ErrToken)
}

func TestLinksAndTokensAreNotEachOther(t *testing.T) {
	ring := newHouse(t).init(t)
	link := ring.SealLink("my", []byte("x"), noon.Add(time.Hour))
	_, err := ring.OpenToken(t.Context(), link, noon, "my")
	wantErr(t, err, ErrToken)
	token, err := ring.SealToken(t.Context(), []byte("12345678"), noon, "my")
	must(t, err)
	_, _, err = ring.OpenLink("my", token, noon)
	wantErr(t, err, ErrToken)
}

func TestNothingOfThePlaintextShowsInAToken(t *testing.T) {
	ring := newHouse(t).init(t)
	secret := bytes.Repeat([]byte("ada@example.org "), 8)
	token, err := ring.SealToken(t.Context(), secret, noon, "confirm")
	must(t, err)
	raw, err := decodeToken(token)
	must(t, err)
	if bytes.Contains(raw, secret[:4]) {
		t.Error("the plaintext shows")
	}
}

func TestAFormTokenIsTheSameForAllWithinAnHour(t *testing.T) {
	h := newHouse(t)
	ring := h.init(t)
	token := ring.FormToken(pid, 1, noon)
	if len(token) != 27 || token != h.open(t).FormToken(pid, 1, noon.Add(time.Hour-time.Nanosecond)) {
		t.Errorf("%q is not the hour's token", token)
	}
	if token == ring.FormToken(pid, 1, noon.Add(time.Hour)) {
		t.Error("the next hour has the same token")
	}
}

func TestAFormTokenIsGoodFor48Hours(t *testing.T) {
	ring := newHouse(t).init(t)
	token := ring.FormToken(pid, 3, noon.Add(59*time.Minute))
	for _, test := range []struct {
		after time.Duration // noon
		want  bool
	}{
		{-time.Hour - time.Second, false}, {-time.Hour, true}, {0, true}, {time.Hour, true}, {59*time.Minute + 48*time.Hour, true},
		{49*time.Hour - time.Nanosecond, true}, {49 * time.Hour, false}, {24 * 365 * time.Hour, false}, {-24 * 365 * time.Hour, false},
	} {
		if got := ring.CheckFormToken(token, pid, 3, noon.Add(test.after)); got != test.want {
			t.Errorf("%v after: %t, want %t", test.after, got, test.want)
		}
	}
}

func TestAFormTokenOfAnotherFormIsRefused(t *testing.T) {
	ring := newHouse(t).init(t)
	token := ring.FormToken(pid, 3, noon)
	if ring.CheckFormToken(token, "fedcba9876543210", 3, noon) {
		t.Error("of another action")
	}
	if ring.CheckFormToken(token, pid, 4, noon) {
		t.Error("of another version")
	}
	if newHouse(t).init(t).CheckFormToken(token, pid, 3, noon) {
		t.Error("of another site")
	}
	for _, bad := range append(spoilt(token), lastCharacters(token)...) {
		if ring.CheckFormToken(bad, pid, 3, noon) {
			t.Errorf("%q passed", bad)
		}
	}
}
