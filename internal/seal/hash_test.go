package seal

import (
	"encoding/hex"
	"testing"
)

func countingKey() *HashKey {
	var k HashKey
	for i := range k.raw {
		k.raw[i] = byte(i)
	}
	return &k
}

// Computed with another implementation of HMAC-SHA256: rows in databases hold these bytes.
func TestHashesStayWhatTheyAre(t *testing.T) {
	k := countingKey()
	email := k.Email(" Ada+petitions@EXAMPLE.org"[1:])
	if got := hex.EncodeToString(email[:]); got != "db6df1d5f057e901d4780d4c756c4fbfe4f00dc35818bfa68f3dc11501df7e4d" {
		t.Errorf("e-mail: %s", got)
	}
	name := k.EmailName("ada@example.org", "ADA", " Lovelace ")
	if got := hex.EncodeToString(name[:]); got != "443837cafcd0aca938b1f11c207795ff1981bb8daaa4c48abfcbf1350abcf460" {
		t.Errorf("e-mail and name: %s", got)
	}
}

func TestTwoNamesAtOneAddressHaveTwoHashes(t *testing.T) {
	k := countingKey()
	ada := k.EmailName("family@example.org", "Ada", "Lovelace")
	if ada == k.EmailName("family@example.org", "Byron", "Lovelace") || ada == k.EmailName("other@example.org", "Ada", "Lovelace") {
		t.Error("two people have one hash")
	}
	if ada != k.EmailName("family@example.org", "Ada Lovelace", "") {
		t.Error("the split of the name matters")
	}
}

func TestHashesForTwoPurposesOrListsDiffer(t *testing.T) {
	ring := newHouse(t).init(t)
	seen := map[[32]byte]int{}
	for i, h := range [][32]byte{
		ring.Hash("mail", "2026-11-22", "ada@example.org"), ring.Hash("mail", "2026-11-23", "ada@example.org"),
		ring.Hash("mail", "2026-11-22ada@example.org"), ring.Hash("never", "2026-11-22", "ada@example.org"),
		ring.Hash("mail"), ring.Hash("mail", ""), ring.Hash("mail", "", ""), ring.Hash("", "mail"),
	} {
		if j, ok := seen[h]; ok {
			t.Errorf("lists %d and %d have one hash", i, j)
		}
		seen[h] = i
	}
}
