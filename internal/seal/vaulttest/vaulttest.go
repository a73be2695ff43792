// Package vaulttest holds the promises of [seal.Vault] as tests, which every vault must pass.
package vaulttest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/undersigned/undersigned/internal/seal"
)

const (
	name  = "data-0123456789abcdef"
	other = "data-fedcba9876543210"
	third = "dup-0123456789abcdef"
)

// Run tests a vault. open gives another handle on the same, empty vault at each call, as another process would have it.
func Run(t *testing.T, open func(t *testing.T) (handle func() seal.Vault)) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, a, b seal.Vault)
	}{
		{"what is created is found through another handle", createAndGet},
		{"of many that create one name, all get the same value", race},
		{"a name that is not there is a destroyed key", missing},
		{"names are listed by prefix", list},
		{"replacing changes the value for all", replace},
		{"a destroyed key is gone, and destroying it again is no error", destroy},
		{"the vault is shared for use and held alone for rotating", hold},
	} {
		t.Run(test.name, func(t *testing.T) {
			handle := open(t)
			test.run(t, handle(), handle())
		})
	}
}

func value(n byte) []byte { return bytes.Repeat([]byte{n}, 97) }

func create(t *testing.T, v seal.Vault, name string, want []byte) {
	t.Helper()
	got, err := v.Create(t.Context(), name, want)
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("create %s: %x, %v", name, got, err)
	}
}

func wantValue(t *testing.T, v seal.Vault, name string, want []byte) {
	t.Helper()
	got, err := v.Get(t.Context(), name)
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("get %s: %x, %v; want %x", name, got, err, want)
	}
}

func wantGone(t *testing.T, v seal.Vault, name string) {
	t.Helper()
	if got, err := v.Get(t.Context(), name); !errors.Is(err, seal.ErrKeyDestroyed) {
		t.Fatalf("get %s: %x, %v; want %v", name, got, err, seal.ErrKeyDestroyed)
	}
}

func createAndGet(t *testing.T, a, b seal.Vault) {
	create(t, a, name, value(1))
	wantValue(t, b, name, value(1))
	got, err := b.Create(t.Context(), name, value(2))
	if err != nil || !bytes.Equal(got, value(1)) {
		t.Fatalf("second create: %x, %v; want the first value", got, err)
	}
	wantValue(t, a, name, value(1))
}

func race(t *testing.T, a, b seal.Vault) {
	const n = 16
	var won [n][]byte
	var wait sync.WaitGroup
	for i := range n {
		v := []seal.Vault{a, b}[i%2]
		wait.Go(func() {
			var err error
			if won[i], err = v.Create(t.Context(), name, value(byte(i+1))); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	for i := range n {
		wantValue(t, a, name, won[i])
	}
}

func missing(t *testing.T, a, _ seal.Vault) { wantGone(t, a, name) }

func list(t *testing.T, a, b seal.Vault) {
	for _, n := range []string{name, other, third} {
		create(t, a, n, value(1))
	}
	for prefix, want := range map[string][]string{"": {name, other, third}, "data-": {name, other}, "pending-": nil} {
		got, err := b.List(t.Context(), prefix)
		slices.Sort(got)
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("list %q: %v, %v; want %v", prefix, got, err, want)
		}
	}
}

func replace(t *testing.T, a, b seal.Vault) {
	create(t, a, name, value(1))
	create(t, a, other, value(2))
	if err := a.Replace(t.Context(), name, value(3)); err != nil {
		t.Fatal(err)
	}
	wantValue(t, b, name, value(3))
	wantValue(t, b, other, value(2))
}

func destroy(t *testing.T, a, b seal.Vault) {
	create(t, a, name, value(1))
	create(t, a, other, value(2))
	for range 2 {
		if err := b.Destroy(t.Context(), name); err != nil {
			t.Fatal(err)
		}
		wantGone(t, a, name)
	}
	wantValue(t, a, other, value(2))
	if names, err := a.List(t.Context(), ""); err != nil || !slices.Equal(names, []string{other}) {
		t.Errorf("list: %v, %v", names, err)
	}
}

func hold(t *testing.T, a, b seal.Vault) {
	try := func(v seal.Vault, alone, want bool) (release func() error) {
		t.Helper()
		release, err := v.Hold(t.Context(), alone)
		if want && err != nil || !want && !errors.Is(err, seal.ErrBusy) {
			t.Fatalf("hold (alone %t): %v; want it to succeed: %t", alone, err, want)
		}
		return release
	}
	let := func(release func() error) {
		t.Helper()
		if err := release(); err != nil {
			t.Fatal(err)
		}
	}
	first := try(a, false, true)
	second := try(b, false, true)
	let(first)
	try(a, true, false)
	let(second)
	alone := try(a, true, true)
	try(b, false, false)
	try(b, true, false)
	let(alone)
	let(try(b, false, true))
}
