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

// Ledger is the file that remembers erasures, and who wants no mail: ids, keyed hashes and what was asked, nothing else. It
// is copied off the machine more often than backups are made, so that a restored backup can forget again what it was told
// to forget.
//
// A line is the row's id as 32 hex digits, a space and "withdrawn", "erased" or "shredded"; or the keyed hash of an address
// as 64, a space and "never" or, where that was taken back, "again".
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

// maxLedgerLine is a hash, a space, a word and LF. A line about a row is shorter.
const maxLedgerLine = 64 + 1 + len("never") + 1

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

// AppendMail notes that an address, by keyed hash, wants no mail, or does again.
func (l *Ledger) AppendMail(hash [32]byte, again bool) error { return l.write(mailLine(hash, again)) }

func mailLine(hash [32]byte, again bool) []byte {
	word := "never"
	if again {
		word = "again"
	}
	return fmt.Appendf(nil, "%x %s\n", hash, word)
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

// ReadLedger calls row or mail for every line. It insists on the form, because an erasure that is passed over is a promise
// broken, but lets the last line be torn: such a line was never acknowledged.
func ReadLedger(r io.Reader, row func(undersigned.SignatureID, undersigned.SignatureState) error, mail func(hash [32]byte, again bool) error) error {
	lines := bufio.NewReaderSize(r, 4096)
	for n := 1; ; n++ {
		line, err := lines.ReadSlice('\n')
		if errors.Is(err, io.EOF) && len(line) < maxLedgerLine {
			return nil
		}
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
			return fmt.Errorf("read the ledger of erasures: %w", err)
		}
		if err == nil && len(line) == maxLedgerLine {
			hash, again, ok := parseMailLine(line)
			if !ok {
				return fmt.Errorf("read the ledger of erasures: line %d is not the hash of an address and never or again", n)
			}
			if err := mail(hash, again); err != nil {
				return err
			}
			continue
		}
		id, state, ok := parseLedgerLine(line)
		if err != nil || !ok {
			return fmt.Errorf("read the ledger of erasures: line %d is not a row's id and withdrawn, erased or shredded", n)
		}
		if err := row(id, state); err != nil {
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

func parseMailLine(line []byte) (hash [32]byte, again, ok bool) {
	digits, word, _ := bytes.Cut(line, []byte(" "))
	if len(digits) != hex.EncodedLen(len(hash)) {
		return hash, false, false
	}
	if _, err := hex.Decode(hash[:], digits); err != nil {
		return hash, false, false
	}
	again = string(word) == "again\n"
	return hash, again, bytes.Equal(line, mailLine(hash, again))
}
