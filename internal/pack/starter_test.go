package pack

import (
	"testing"

	"github.com/undersigned/undersigned/packs"
)

func TestStarterPackIsRead(t *testing.T) {
	if _, err := Read(packs.Starter); err != nil {
		t.Fatal(err)
	}
}
