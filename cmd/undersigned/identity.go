package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"time"

	"filippo.io/age"

	"github.com/undersigned/undersigned/internal/config"
)

// keysIdentityCmd makes what age-keygen makes. It opens no site.
type keysIdentityCmd struct {
	File string `arg:"" help:"The file to make. Whoever has it can open what is sealed to it; keep it away from the server."`
}

func (c *keysIdentityCmd) Run(_ *config.Settings, t *terminal) error {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return fmt.Errorf("make an identity: %w", err)
	}
	file, err := os.OpenFile(c.File, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // never over another: it may be the last one
	if err != nil {
		return fmt.Errorf("make an identity: %w", err)
	}
	_, err = fmt.Fprintf(file, "# created: %s\n# public key: %s\n%s\n", time.Now().UTC().Format(time.RFC3339), identity.Recipient(), identity)
	if err = first(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("make an identity: %w", err)
	}
	fmt.Fprintln(t.out, identity.Recipient())
	fmt.Fprintf(t.err, "%s is the identity: keep it, and a copy, away from the server. The line above is its public half, for seal_to or --recipient.\n", c.File)
	return nil
}

// readIdentities reads a file of age identities.
func readIdentities(path string) ([]age.Identity, error) {
	var text []byte
	var err error
	if path == "-" {
		text, err = io.ReadAll(io.LimitReader(os.Stdin, 1<<20))
	} else {
		text, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read the identity: %w", err)
	}
	if protected(text) {
		return nil, fmt.Errorf("the identity in %s is itself locked, with a passphrase: unlock it on the way, so that it never lies open on a disk: "+
			"age -d %s | undersigned … --identity -", path, path)
	}
	identities, err := age.ParseIdentities(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("%s is not a file of age identities, AGE-SECRET-KEY-1…", path)
	}
	return identities, nil
}

// protected tells whether a file is what age -p makes of an identity.
func protected(text []byte) bool {
	return bytes.HasPrefix(text, []byte("age-encryption.org/v1\n-> scrypt ")) || bytes.HasPrefix(text, []byte("-----BEGIN AGE ENCRYPTED FILE"))
}
