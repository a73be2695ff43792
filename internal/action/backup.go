package action

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/undersigned/undersigned/internal/store"
)

// A backup is a line of JSON, its head, and the rows as [store.Tx.Dump] writes them. The head holds every key that is
// needed to read them, so a backup is only ever written through encryption to somebody who is not on this machine.
const (
	backupFormat = "undersigned-backup/v1"
	backupPrefix = "undersigned-backup/"
)

// BackupHead says what a backup is of.
type BackupHead struct {
	Format  string    `json:"format"`
	Made    time.Time `json:"made"`
	Origin  string    `json:"origin"` // of the public log
	Schema  int64     `json:"schema"`
	LogSize int64     `json:"log_size"`
	LogRoot tlog.Hash `json:"log_root"`
	Keys    string    `json:"keys"`
}

// Backup writes the site as it stands at one moment, in constant memory; the site goes on meanwhile. What is written can
// be read by whoever gets it. origin names the public log where none was published yet.
func (s *Service) Backup(ctx context.Context, w io.Writer, origin string) (*BackupHead, error) {
	schema, err := s.DB.Schema(ctx)
	if err != nil {
		return nil, err
	}
	head := &BackupHead{Format: backupFormat, Made: s.Now().UTC().Truncate(time.Second), Origin: origin, Schema: schema}
	err = s.DB.View(ctx, func(tx *store.Tx) error {
		log, err := readTree(tx)
		if err != nil {
			return err
		}
		head.LogSize, head.LogRoot = log.size, log.root
		published, err := tx.Checkpoint()
		if err != nil {
			return err
		}
		if name, _, found := strings.Cut(published.Note, "\n"); found {
			head.Origin = name
		}
		// After the moment of the rows, not before: an action's keys are made before its row, so none can be missing.
		keys, err := s.Keys.Export(ctx)
		if err != nil {
			return err
		}
		head.Keys = string(keys)
		if err := json.NewEncoder(w).Encode(head); err != nil {
			return err
		}
		return tx.Dump(w)
	})
	if err != nil {
		return nil, doing("back up", err)
	}
	return head, nil
}

var (
	errNoBackup      = errors.New("this is not a backup of a site")
	errDamagedBackup = errors.New("the backup is cut short or damaged")
)

// readHead reads the first line of a backup.
func readHead(in *json.Decoder) (*BackupHead, error) {
	var head BackupHead
	if err := in.Decode(&head); err != nil {
		var syntax *json.SyntaxError
		var kind *json.UnmarshalTypeError
		if errors.As(err, &syntax) || errors.As(err, &kind) || errors.Is(err, io.EOF) {
			return nil, errNoBackup
		}
		return nil, fmt.Errorf("%w: %w", errDamagedBackup, err)
	}
	switch {
	case head.Format == backupFormat:
		return &head, nil
	case strings.HasPrefix(head.Format, backupPrefix):
		return nil, fmt.Errorf("the backup is of the format %.40q, made by a newer undersigned: use the newer program", head.Format)
	}
	return nil, errNoBackup
}
