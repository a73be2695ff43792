package seal

import (
	"context"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"sync"
)

// Keyring is every key of a site. Safe for concurrent use; a key that has been used before is found without a lock.
//
//	site                 draws the keys of forms, links, hashes and of what says who the staff are
//	log                  the Ed25519 seed that signs the public log
//	dkim                 seals the private key that signs our mails
//	data-PID             seals the rows of an action; destroyed with them
//	dup-PID              finds the duplicates of a petition or pledge; destroyed with its rows
//	news-YYYY-MM         seals and finds those who asked for news; destroyed when the next month's has taken its place
//	letters-YYYY-MM      finds who confirmed a letter in one month (UTC); destroyed 90 days after its end
//	pending-YYYY-MM-DD   seals what nobody has confirmed yet, for one UTC day; destroyed 96 hours after that day began
type Keyring struct {
	vault   Vault
	roots   []*Root
	release func() error
	known   sync.Map // name of a key → *entry

	form, hash HashKey // drawn from the site key
	link       Key
	staff      Key
	log        ed25519.PrivateKey
}

// entry is an unwrapped key, ready for either use; the name of a key says which is right.
type entry struct {
	raw  [keySize]byte
	box  Key
	hash HashKey
}

const (
	siteKey       = "site"
	logKey        = "log"
	dataPrefix    = "data-"
	dupPrefix     = "dup-"
	pendingPrefix = "pending-"
	lettersPrefix = "letters-"
	newsPrefix    = "news-"
	dkimKey       = "dkim"
)

var keyName = regexp.MustCompile(`^(site|log|dkim|(data|dup)-[0-9a-f]{16}|pending-[0-9]{4}-[0-9]{2}-[0-9]{2}|(letters|news)-[0-9]{4}-(0[1-9]|1[0-2]))$`)

func validName(name string) bool { return keyName.MatchString(name) }

// Init opens the keyring in the vault, and makes it first where there is none, with a new root key in the file at rootPath
// unless one is there. What a crash left half made it finishes. It refuses a vault that has keys but no root key for
// them ([ErrRootMissing]). Call it for a new site only: for an old one whose keys were lost it would quietly make others.
func Init(ctx context.Context, vault Vault, rootPath string) (*Keyring, error) {
	var site [siteSize]byte
	rand.Read(site[:])
	roots, err := rootFor(ctx, vault, rootPath, site)
	if err != nil {
		return nil, err
	}
	// The site key comes last: while it is missing, Open says that there is no keyring yet.
	for _, name := range []string{logKey, siteKey} {
		var raw [keySize]byte
		rand.Read(raw[:])
		if _, err := vault.Create(ctx, name, roots[0].wrap(name, &raw)); err != nil {
			return nil, fmt.Errorf("make the key %q: %w", name, err)
		}
	}
	return Open(ctx, vault, roots...)
}

// rootFor reads the root key at path, and makes it where there is none and no key either. Keys are looked for first: they
// come after the root, so where there are some its file is there too, also while another node runs this.
func rootFor(ctx context.Context, vault Vault, path string, site [siteSize]byte) ([]*Root, error) {
	names, err := vault.List(ctx, "")
	if err != nil {
		return nil, fmt.Errorf("list the keys: %w", err)
	}
	roots, err := ReadRoots(path)
	if !errors.Is(err, ErrRootMissing) || len(names) > 0 {
		return roots, err
	}
	if err := (disk{}).writeRoot(path, newRoot(site)); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("make the root key: %w", err)
	}
	return ReadRoots(path)
}

// Open opens the keyring in the vault with its root key (see [ReadRoots]). It holds the vault until Close, so that no
// rotation changes the root under it. [ErrNoKeyring], [ErrOtherSite], [ErrWrongRoot], [ErrDamaged], [ErrBusy].
func Open(ctx context.Context, vault Vault, roots ...*Root) (*Keyring, error) {
	if len(roots) == 0 {
		return nil, fmt.Errorf("open the keyring: %w", ErrRootMissing)
	}
	release, err := vault.Hold(ctx, false)
	if err != nil {
		return nil, fmt.Errorf("open the keyring: %w", err)
	}
	r := &Keyring{vault: vault, roots: roots, release: release}
	if err := r.drawKeys(ctx); err != nil {
		release()
		return nil, fmt.Errorf("open the keyring: %w", err)
	}
	return r, nil
}

// drawKeys readies the keys that live as long as the site.
func (r *Keyring) drawKeys(ctx context.Context) error {
	site, err := r.key(ctx, siteKey)
	if errors.Is(err, ErrKeyDestroyed) {
		return ErrNoKeyring
	}
	if err != nil {
		return err
	}
	log, err := r.key(ctx, logKey)
	if err != nil {
		return err
	}
	r.form.raw = draw(site, "form")
	r.hash.raw = draw(site, "hash")
	link := draw(site, "link")
	r.link = newKey(link[:])
	staff := draw(site, "staff")
	r.staff = newKey(staff[:])
	r.log = ed25519.NewKeyFromSeed(log.raw[:])
	return nil
}

// draw makes a key for one purpose out of the site key (RFC 5869, expand).
func draw(site *entry, purpose string) (key [keySize]byte) {
	drawn, err := hkdf.Expand(sha256.New, site.raw[:], "undersigned-site/v1 "+purpose, keySize)
	if err != nil {
		panic(err) // only a length beyond 255 hashes fails
	}
	copy(key[:], drawn)
	return key
}

// Close lets go of the vault. The keys that are known stay usable.
func (r *Keyring) Close() error { return r.release() }

// Staff seals what says who the staff of the site are. It is as long-lived as the site.
func (r *Keyring) Staff() *Key { return &r.staff }

// LogKey signs the checkpoints of the public log.
func (r *Keyring) LogKey() ed25519.PrivateKey { return r.log }

// MakeAction makes the keys of an action, where they are not there yet. Call it before the action is first open, in the
// step that draws its pid: for an action whose keys were destroyed it would make new ones.
func (r *Keyring) MakeAction(ctx context.Context, pid string) error {
	for _, name := range []string{dataPrefix + pid, dupPrefix + pid} {
		if _, err := r.make(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// Data gives the key that seals the rows of an action. [ErrKeyDestroyed] where it is gone, or was never made.
func (r *Keyring) Data(ctx context.Context, pid string) (*Key, error) {
	e, err := r.key(ctx, dataPrefix+pid)
	if err != nil {
		return nil, err
	}
	return &e.box, nil
}

// Duplicates gives the key that finds the duplicates of a petition. [ErrKeyDestroyed] where it is gone, or was never made.
func (r *Keyring) Duplicates(ctx context.Context, pid string) (*HashKey, error) {
	e, err := r.key(ctx, dupPrefix+pid)
	if err != nil {
		return nil, err
	}
	return &e.hash, nil
}

// DestroyAction destroys both keys of an action. Other nodes notice at their next DestroyExpired.
func (r *Keyring) DestroyAction(ctx context.Context, pid string) error {
	for _, name := range []string{dataPrefix + pid, dupPrefix + pid} {
		if err := r.destroy(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

func (r *Keyring) destroy(ctx context.Context, name string) error {
	if !validName(name) {
		return fmt.Errorf("destroy a key: %q names none", name)
	}
	r.known.Delete(name)
	if err := r.vault.Destroy(ctx, name); err != nil {
		return fmt.Errorf("destroy the key %q: %w", name, err)
	}
	return nil
}

// key finds a key that exists.
func (r *Keyring) key(ctx context.Context, name string) (*entry, error) {
	if e, ok := r.known.Load(name); ok {
		return e.(*entry), nil
	}
	if !validName(name) {
		return nil, fmt.Errorf("find a key: %q names none", name)
	}
	wrapped, err := r.vault.Get(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("find the key %q: %w", name, err)
	}
	return r.learn(name, wrapped)
}

// make finds a key, and draws it where there is none. It asks the vault to create and does not look first, because what
// is created is durable and what is merely seen may not be yet.
func (r *Keyring) make(ctx context.Context, name string) (*entry, error) {
	if e, ok := r.known.Load(name); ok {
		return e.(*entry), nil
	}
	if !validName(name) {
		return nil, fmt.Errorf("make a key: %q names none", name)
	}
	var raw [keySize]byte
	rand.Read(raw[:])
	wrapped, err := r.vault.Create(ctx, name, r.roots[0].wrap(name, &raw))
	if err != nil {
		return nil, fmt.Errorf("make the key %q: %w", name, err)
	}
	return r.learn(name, wrapped)
}

func (r *Keyring) learn(name string, wrapped []byte) (*entry, error) {
	raw, _, err := unwrap(r.roots, name, wrapped)
	if err != nil {
		return nil, fmt.Errorf("unwrap the key %q: %w", name, err)
	}
	e, _ := r.known.LoadOrStore(name, &entry{raw: raw, box: newKey(raw[:]), hash: HashKey{raw: raw}})
	return e.(*entry), nil
}

// forget drops the keys that the vault no longer has, because another node destroyed them.
func (r *Keyring) forget(names []string) {
	living := make(map[string]bool, len(names))
	for _, name := range names {
		living[name] = true
	}
	r.known.Range(func(name, _ any) bool {
		if !living[name.(string)] {
			r.known.Delete(name)
		}
		return true
	})
}

// passes tells whether a key has an end of its own; no backup carries those.
func passes(name string) bool {
	_, _, ok := Span(name)
	return ok
}
