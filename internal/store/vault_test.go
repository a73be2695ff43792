package store_test

import (
	"testing"

	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/seal/vaulttest"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/store/storetest"
)

func TestPostgresIsAVault(t *testing.T) {
	vaulttest.Run(t, func(t *testing.T) (handle func() seal.Vault) {
		url := storetest.Postgres(t)
		return func() seal.Vault { return storetest.Open(t, store.Options{URL: url}).Vault() }
	})
}
