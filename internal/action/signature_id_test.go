package action

import (
	"testing"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/seal"
)

// TestIDsOfADayLieNearEachOtherAndTellNoMoment compares the bytes that ids share: with the next of the same day, with those that
// another process draws on that day, with later ones and with those of another day.
func TestIDsOfADayLieNearEachOtherAndTellNoMoment(t *testing.T) {
	vault, err := seal.Folder(t.TempDir() + "/keys")
	if err != nil {
		t.Fatal(err)
	}
	keys, err := seal.Init(t.Context(), vault, t.TempDir()+"/root.key")
	if err != nil {
		t.Fatal(err)
	}
	defer keys.Close()
	one, other := SignatureIDs{Keys: keys}, SignatureIDs{Keys: keys}
	near := func(id undersigned.SignatureID) [2]byte { return [2]byte(id[:2]) }
	first := one.Draw("2026-11-27")
	seen := map[undersigned.SignatureID]bool{first: true}
	for range neighbours - 1 {
		id := one.Draw("2026-11-27")
		if seen[id] || near(id) != near(first) {
			t.Fatalf("%x after %x", id, first)
		}
		seen[id] = true
	}
	if id := other.Draw("2026-11-27"); near(id) != near(first) || seen[id] {
		t.Error("another process draws elsewhere on the same day: that tells when it began")
	}
	if id := one.Draw("2026-11-27"); near(id) == near(first) {
		t.Error("one id more lies with the others")
	}
	if id := other.Draw("2026-11-28"); near(id) == near(first) {
		t.Error("the next day's lie with this day's")
	}
}
