package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"

	"github.com/undersigned/undersigned/internal/config"
)

// A sealed file is one that stock age opens, with an identity that is not on this machine.

func parseRecipients(texts []string) ([]age.Recipient, error) {
	var all []age.Recipient
	for _, text := range texts {
		parsed, err := age.ParseRecipients(strings.NewReader(text))
		if err != nil {
			return nil, config.UsageError{Err: fmt.Errorf("recipient: %q is not an age recipient, age1…", text)}
		}
		all = append(all, parsed...)
	}
	if len(all) == 0 {
		return nil, config.UsageError{Err: errors.New("what is written holds the site's keys: say with --recipient age1… who may open it " +
			"(age-keygen -o FILE makes an identity; keep that file on another machine)")}
	}
	return all, nil
}

// writeSealed makes a file that only the recipients can open, whole or not at all.
func writeSealed(path string, recipients []age.Recipient, write func(io.Writer) error) error {
	return writeWhole(path, func(w io.Writer) error { return sealInto(w, recipients, write) })
}

// writeWhole makes a file whole or not at all: it takes the place of an older one when it is on the disk. A crash leaves a
// .unfinished- file beside it.
func writeWhole(path string, write func(io.Writer) error) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".unfinished-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) // gone already where all went well
	if err := first(write(file), file.Sync()); err != nil {
		file.Close()
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func sealInto(file io.Writer, recipients []age.Recipient, write func(io.Writer) error) error {
	sealed, err := age.Encrypt(file, recipients...)
	if err != nil {
		return err
	}
	if err := write(sealed); err != nil {
		return err
	}
	return sealed.Close()
}

// sealedFile opens a sealed file with the identities of a file, as often as it is asked.
func sealedFile(path, identityFile string) (open func() (io.ReadCloser, error), err error) {
	identities, err := readIdentities(identityFile)
	if err != nil {
		return nil, err
	}
	return func() (io.ReadCloser, error) {
		file, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("open the backup: %w", err)
		}
		opened, err := age.Decrypt(file, identities...)
		var other *age.NoIdentityMatchError
		switch {
		case err == nil:
			return sealedReader{opened, file}, nil
		case errors.As(err, &other):
			err = fmt.Errorf("%s was sealed for somebody else than the identity in %s", path, identityFile)
		default:
			err = fmt.Errorf("%s is not a backup, or its beginning is damaged", path)
		}
		return nil, errors.Join(err, file.Close())
	}, nil
}

type sealedReader struct {
	io.Reader
	io.Closer
}
