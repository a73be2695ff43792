package seal_test

import (
	"path/filepath"
	"testing"

	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/seal/vaulttest"
)

func TestAFolderIsAVault(t *testing.T) {
	vaulttest.Run(t, func(t *testing.T) func() seal.Vault {
		dir := filepath.Join(t.TempDir(), "keys")
		return func() seal.Vault {
			vault, err := seal.Folder(dir)
			if err != nil {
				t.Fatal(err)
			}
			return vault
		}
	})
}
