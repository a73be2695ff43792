package seal

import (
	"context"
	"errors"
	"fmt"
)

// Rotate makes a new root key in the file at rootPath and wraps every key with it. It needs the vault for itself
// ([ErrBusy] while a server runs). Run again after a crash, it finishes what it began.
//
// The order, and what a crash after each step leaves:
//  1. The new root is written beside the old one: both are read by ReadRoots, all keys are under the old one.
//  2. Each key is wrapped by the new root in its turn: keys are under either, and both are read.
//  3. The new root takes the old one's place: all keys are under it, and the old one is gone.
func Rotate(ctx context.Context, vault Vault, rootPath string) error {
	if err := rotate(ctx, vault, rootPath, disk{}); err != nil {
		return fmt.Errorf("rotate the root key: %w", err)
	}
	return nil
}

func rotate(ctx context.Context, vault Vault, rootPath string, disk disk) error {
	release, err := vault.Hold(ctx, true)
	if err != nil {
		return err
	}
	defer release()
	roots, err := ReadRoots(rootPath)
	if err != nil {
		return err
	}
	if err := check(ctx, vault, roots); err != nil {
		return err
	}
	if len(roots) == 1 {
		roots = append(roots, newRoot(roots[0].site))
		if err := disk.writeRoot(rootPath+staged, roots[1]); err != nil {
			return err
		}
	}
	if err := rewrap(ctx, vault, roots, roots[1]); err != nil {
		return err
	}
	return disk.commit(rootPath)
}

// check refuses to destroy a root key next to a vault whose keys it does not wrap: its own may be elsewhere.
func check(ctx context.Context, vault Vault, roots []*Root) error {
	wrapped, err := vault.Get(ctx, siteKey)
	if errors.Is(err, ErrKeyDestroyed) {
		return ErrNoKeyring
	}
	if err != nil {
		return err
	}
	_, _, err = unwrap(roots, siteKey, wrapped)
	return err
}

// rewrap sees to it that every key is wrapped by one root.
func rewrap(ctx context.Context, vault Vault, roots []*Root, by *Root) error {
	names, err := vault.List(ctx, "")
	if err != nil {
		return err
	}
	for _, name := range names {
		wrapped, err := vault.Get(ctx, name)
		if errors.Is(err, ErrKeyDestroyed) {
			continue // its destruction was cut short; whoever began will finish
		}
		if err != nil {
			return err
		}
		raw, wrapper, err := unwrap(roots, name, wrapped)
		if err != nil {
			return fmt.Errorf("unwrap the key %q: %w", name, err)
		}
		if wrapper == by {
			continue
		}
		if err := vault.Replace(ctx, name, by.wrap(name, &raw)); err != nil {
			return fmt.Errorf("replace the key %q: %w", name, err)
		}
	}
	return nil
}
