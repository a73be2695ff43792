package seal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// A bundle is a line "undersigned-keys/v1", the site's id in hex and the number of keys, then a line for each key, its name
// and the key in hex, in order of the names.
const bundleFormat = "undersigned-keys/v1"

// Export gives every living key but those of days and months, READABLE, for a backup: the caller encrypts it at once, to somebody
// who is not on this machine.
func (r *Keyring) Export(ctx context.Context) ([]byte, error) {
	names, err := r.vault.List(ctx, "")
	if err != nil {
		return nil, fmt.Errorf("list the keys: %w", err)
	}
	slices.Sort(names)
	var keys []byte
	n := 0
	for _, name := range names {
		if passes(name) {
			continue
		}
		e, err := r.key(ctx, name)
		if errors.Is(err, ErrKeyDestroyed) {
			continue // since the list was made
		}
		if err != nil {
			return nil, err
		}
		keys = fmt.Appendf(keys, "%s %x\n", name, e.raw)
		n++
	}
	return append(fmt.Appendf(nil, "%s %x %d\n", bundleFormat, r.roots[0].site, n), keys...), nil
}

// Import puts the keys of a bundle into the vault, under the root key at rootPath, which is made where neither it nor any
// key is there. Run again after a crash, it finishes. A key that is there already must be the same; keys destroyed since the
// export come back, until the caller destroys them again. [ErrDamaged], [ErrOtherSite], [ErrRootMissing].
func Import(ctx context.Context, vault Vault, rootPath string, bundle []byte) error {
	site, keys, err := parseBundle(bundle)
	if err != nil {
		return fmt.Errorf("read the bundle of keys: %w", err)
	}
	release, err := vault.Hold(ctx, false)
	if err != nil {
		return fmt.Errorf("import keys: %w", err)
	}
	defer release()
	roots, err := rootFor(ctx, vault, rootPath, site)
	if err != nil {
		return fmt.Errorf("import keys: %w", err)
	}
	if roots[0].site != site {
		return fmt.Errorf("import keys: %w", ErrOtherSite)
	}
	for _, k := range keys {
		wrapped, err := vault.Create(ctx, k.name, roots[0].wrap(k.name, &k.raw))
		if err != nil {
			return fmt.Errorf("import the key %q: %w", k.name, err)
		}
		standing, _, err := unwrap(roots, k.name, wrapped)
		if err != nil {
			return fmt.Errorf("import the key %q: %w", k.name, err)
		}
		if standing != k.raw {
			return fmt.Errorf("import the key %q: there is another of that name", k.name)
		}
	}
	return nil
}

type bundledKey struct {
	name string
	raw  [keySize]byte
}

// parseBundle insists on the order of the names: it rules out a key named twice, and puts the site key last, so that a
// keyring of which only a part was imported does not open.
func parseBundle(bundle []byte) (site [siteSize]byte, keys []bundledKey, err error) {
	header, rest, _ := bytes.Cut(bundle, []byte("\n"))
	words := bytes.Split(header, []byte(" "))
	if len(words) != 3 || string(words[0]) != bundleFormat || !parseHex(site[:], words[1]) {
		return site, nil, ErrDamaged
	}
	last := ""
	for line := range bytes.Lines(rest) {
		line, whole := bytes.CutSuffix(line, []byte("\n"))
		name, key, _ := bytes.Cut(line, []byte(" "))
		k := bundledKey{name: string(name)}
		if !whole || !validName(k.name) || passes(k.name) || k.name <= last || !parseHex(k.raw[:], key) {
			return site, nil, ErrDamaged
		}
		keys = append(keys, k)
		last = k.name
	}
	if n, err := strconv.Atoi(string(words[2])); err != nil || n != len(keys) || last != siteKey {
		return site, nil, ErrDamaged
	}
	return site, keys, nil
}
