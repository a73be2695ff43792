package action

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/undersigned/undersigned"
)

// Ledger is the file that remembers erasures: row ids and what was asked, nothing else. It is copied off the machine more
// often than backups are made, so that a restored backup can forget again what it was told to forget.
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

// OpenLedger opens the ledger in a folder.
func OpenLedger(dir string) (*Ledger, error) {
	file, err := os.OpenFile(filepath.Join(dir, LedgerName), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the ledger of erasures: %w", err)
	}
	return &Ledger{file: file}, nil
}

// Append adds a line, "ID WORD", and returns once it is on the disk.
func (l *Ledger) Append(id undersigned.SignatureID, state undersigned.SignatureState) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, err := fmt.Fprintf(l.file, "%s %s\n", hex.EncodeToString(id[:]), ledgerWords[state]); err != nil {
		return err
	}
	return l.file.Sync()
}

// Close closes the file.
func (l *Ledger) Close() error { return l.file.Close() }
