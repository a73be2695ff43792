// Package seal keeps what people tell us unreadable: it seals and opens bytes, makes keyed hashes, and looks after the
// keys. It knows bytes and names of keys; what the bytes say is for its callers.
//
//   - [Keyring]: every key of a site, each wrapped by the root key and kept in a [Vault]. [Init] makes one, [Open] opens
//     it, [Rotate] changes the root, [Keyring.Export] and [Import] carry it through a backup.
//   - [Key]: seals and opens bytes for one purpose and place (XChaCha20-Poly1305).
//   - [HashKey]: the keyed hashes that find duplicates of one petition.
//   - Tokens: [Keyring.SealToken] for the link of a confirmation, which dies with its day's key; [Keyring.SealLink] for
//     links with an end of their own; [Keyring.FormToken] for forms.
//
// Erasing is destroying a key: whatever was sealed under it, here or in a copy, is then noise. Keys that were in use stay
// in the memory of the process until the garbage collector takes them.
package seal

import "errors"

// What a caller can tell apart. Every other error is of the file system, the database or the context.
var (
	// ErrKeyDestroyed: the key has been destroyed, or its time is over. A link sealed under it has died.
	ErrKeyDestroyed = errors.New("the key has been destroyed")
	// ErrNotOpened: the bytes are cut short or changed, or were sealed under another key, for another purpose or place.
	ErrNotOpened = errors.New("the sealed bytes do not open")
	// ErrToken: not a token of ours for this purpose and place.
	ErrToken = errors.New("the token is broken")
	// ErrExpired: a link that is ours and past its end.
	ErrExpired = errors.New("the token has expired")

	// ErrNoKeyring: the vault holds no keyring, or one that was only half made. Init makes it, or finishes it.
	ErrNoKeyring = errors.New("there is no keyring here")
	// ErrRootMissing: there is no root key where it should be.
	ErrRootMissing = errors.New("the root key is missing")
	// ErrRootExposed: others than its owner and group may read the root key, or its group may write it.
	ErrRootExposed = errors.New("the root key is open to other users: chmod 400")
	// ErrDamaged: a key is cut short or changed.
	ErrDamaged = errors.New("the key is cut short or damaged")
	// ErrOtherSite: the keys and the root key are of two different sites.
	ErrOtherSite = errors.New("the key is of another site")
	// ErrWrongRoot: the right site, but wrapped by a root key that we were not given, such as one from before a rotation.
	ErrWrongRoot = errors.New("the key is wrapped by another root key")
	// ErrBusy: the vault is held by a rotation, or a rotation was asked for while another process has the keyring open.
	ErrBusy = errors.New("another process holds the keys: stop the server to rotate them, or wait for the rotation to end")
)
