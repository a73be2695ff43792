package seal

import (
	"crypto/hmac"
	"crypto/sha256"
	"hash"
	"sync"
)

// HashKey makes the keyed hashes that find the duplicates of one petition (HMAC-SHA256). Whoever holds it can test guessed
// addresses, so it lives no longer than the petition's rows.
type HashKey struct {
	raw  [keySize]byte
	macs sync.Pool // of hash.Hash: one that is used again hashes a short text in a third of the time
}

// Email hashes an address, normalised.
func (k *HashKey) Email(email string) [32]byte {
	return k.sum([]byte("email\n" + NormalizeEmail(email)))
}

// Domain hashes the domain of an address, normalised.
func (k *HashKey) Domain(domain string) [32]byte { return k.sum([]byte("domain\n" + domain)) }

// EmailName hashes an address and a name, both normalised. How a name is split into given and family name plays no part.
func (k *HashKey) EmailName(email, givenName, familyName string) [32]byte {
	return k.sum([]byte("email-name\n" + NormalizeEmail(email) + "\n" + NormalizeName(givenName+" "+familyName)))
}

// Sum hashes a list of parts for one purpose.
func (k *HashKey) Sum(purpose string, parts ...string) [32]byte {
	return k.sum(append(join([]string{purpose}), join(parts)...))
}

// Hash is the keyed hash of a list of parts for one purpose, under the site key: the count of a day's mails to an address
// ("mail", day, address), the list of those who want none ("never", address). It is as long-lived as the site: only a
// part that changes, such as the day, keeps two hashes from being compared. Addresses are for the caller to normalise.
func (r *Keyring) Hash(purpose string, parts ...string) [32]byte {
	return r.hash.Sum(purpose, parts...)
}

func (k *HashKey) sum(message []byte) (sum [32]byte) {
	mac, ok := k.macs.Get().(hash.Hash)
	if !ok {
		mac = hmac.New(sha256.New, k.raw[:])
	}
	mac.Reset()
	mac.Write(message)
	mac.Sum(sum[:0])
	k.macs.Put(mac)
	return sum
}
