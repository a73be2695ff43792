// Package data tries the copy of the public data; see package testenv.
package data

import (
	"os"
	"testing"

	"github.com/undersigned/undersigned/internal/testenv"
)

func TestMain(m *testing.M) { testenv.Main(m, testenv.PartData) }

func TestDataHasOneFolderForEachHost(t *testing.T) {
	hosts, err := os.ReadDir(testenv.Data(t) + "/www")
	if err != nil {
		t.Fatal(err)
	}
	if len(hosts) == 0 {
		t.Error("the copy of the public data is empty")
	}
}
