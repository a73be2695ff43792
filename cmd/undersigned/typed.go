package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/term"

	"github.com/undersigned/undersigned/internal/config"
	"github.com/undersigned/undersigned/internal/seal"
)

// typedRoot in place of the root key's file: the key comes from standard input, and stays on no disk of this machine.
const typedRoot = "-"

// errTyped is told by what writes the root key's file.
var errTyped = config.UsageError{Err: errors.New("root-key-file: this command writes the root key: give a file, best on a disk that you take away again")}

// readTyped reads the root key as its file holds it, from a pipe or a terminal; there it asks, and shows nothing of it.
func readTyped(ctx context.Context, in *os.File, ask io.Writer) (*seal.Root, error) {
	read := func() ([]byte, error) {
		line, err := bufio.NewReader(io.LimitReader(in, 1<<10)).ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			err = nil // a key without an end of line
		}
		return line, err
	}
	if fd := int(in.Fd()); term.IsTerminal(fd) {
		before, err := term.GetState(fd)
		if err != nil {
			return nil, fmt.Errorf("ask for the root key: %w", err)
		}
		fmt.Fprint(ask, "The root key, one line (it is not shown): ")
		defer fmt.Fprintln(ask)
		defer term.Restore(fd, before) // who breaks off wants to see again what they type
		read = func() ([]byte, error) { return term.ReadPassword(fd) }
	}
	var line []byte
	done := make(chan error, 1)
	go func() {
		var err error
		line, err = read()
		done <- err
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case err := <-done:
		if err != nil {
			return nil, fmt.Errorf("read the root key from standard input: %w", err)
		}
	}
	root, err := seal.ParseRoot(line)
	if err != nil {
		return nil, fmt.Errorf("read the root key from standard input: %w", err)
	}
	return root, nil
}
