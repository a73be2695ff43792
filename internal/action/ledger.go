package action

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/undersigned/undersigned"
)

// Ledger is the file that remembers erasures: row ids and what was asked, nothing else. It is copied off the machine more
// often than backups are made, so that a restored backup can forget again what it was told to forget.
//
// A line is the row's id as 32 hex digits, a space and "withdrawn", "erased" or "shredded".
type Ledger struct {
	mu   sync.Mutex
	file *os.File
}

// LedgerName is the ledger's file in the data folder.
const LedgerName = "erasures.log"

var ledgerWords = map[undersigned.SignatureState]string{
	undersigned.SignatureWithdrawn: "withdrawn",
	undersigned.SignatureErased:    "erased",
	undersigned.SignatureShredded:  "shredded",
}

// maxLedgerLine is an id, a space, the longest word and LF.
const maxLedgerLine = 32 + 1 + len("withdrawn") + 1

// OpenLedger opens the ledger in a folder.
func OpenLedger(dir string) (*Ledger, error) {
	file, err := os.OpenFile(filepath.Join(dir, LedgerName), os.O_APPEND|os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the ledger of erasures: %w", err)
	}
	return &Ledger{file: file}, nil
}

// Append adds a line and returns once it is on the disk.
func (l *Ledger) Append(id undersigned.SignatureID, state undersigned.SignatureState) error {
	return l.write(ledgerLine(id, state))
}

func ledgerLine(id undersigned.SignatureID, state undersigned.SignatureState) []byte {
	return fmt.Appendf(nil, "%s %s\n", hex.EncodeToString(id[:]), ledgerWords[state])
}

// write appends whole lines. Its lock is for other processes; the mutex for this one.
func (l *Ledger) write(lines []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := syscall.Flock(int(l.file.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	defer syscall.Flock(int(l.file.Fd()), syscall.LOCK_UN)
	if err := l.mend(); err != nil {
		return err
	}
	// A crash here leaves a part of a line, which nobody was told of. Readers pass over it and the next Append removes it.
	if _, err := l.file.Write(lines); err != nil {
		return err
	}
	return l.file.Sync()
}

// mend removes a last line that a crash, or a full disk, has torn: what follows would be glued to it.
func (l *Ledger) mend() error {
	info, err := l.file.Stat()
	if err != nil || info.Size() == 0 {
		return err
	}
	tail := make([]byte, min(info.Size(), int64(maxLedgerLine)))
	if _, err := l.file.ReadAt(tail, info.Size()-int64(len(tail))); err != nil {
		return err
	}
	torn := len(tail) - 1 - bytes.LastIndexByte(tail, '\n')
	if torn == 0 {
		return nil
	}
	return l.file.Truncate(info.Size() - int64(torn))
}

// Close closes the file.
func (l *Ledger) Close() error { return l.file.Close() }

// ReadLedger calls each for every line. It insists on the form, because an erasure that is passed over is a promise
// broken, but lets the last line be torn: such a line was never acknowledged.
func ReadLedger(r io.Reader, each func(undersigned.SignatureID, undersigned.SignatureState) error) error {
	lines := bufio.NewReaderSize(r, 4096)
	for n := 1; ; n++ {
		line, err := lines.ReadSlice('\n')
		if errors.Is(err, io.EOF) && len(line) < maxLedgerLine {
			return nil
		}
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
			return fmt.Errorf("read the ledger of erasures: %w", err)
		}
		id, state, ok := parseLedgerLine(line)
		if err != nil || !ok {
			return fmt.Errorf("read the ledger of erasures: line %d is not a row's id and withdrawn, erased or shredded", n)
		}
		if err := each(id, state); err != nil {
			return err
		}
	}
}

func parseLedgerLine(line []byte) (id undersigned.SignatureID, state undersigned.SignatureState, ok bool) {
	digits, _, _ := bytes.Cut(line, []byte(" "))
	if len(digits) != hex.EncodedLen(len(id)) {
		return id, 0, false
	}
	if _, err := hex.Decode(id[:], digits); err != nil {
		return id, 0, false
	}
	for state := range ledgerWords {
		if bytes.Equal(line, ledgerLine(id, state)) {
			return id, state, true
		}
	}
	return id, 0, false
}
