package store

import (
	"context"
	"fmt"
	"syscall"
)

// Space is how much room the site takes, in bytes.
type Space struct {
	Database   int64 // of the database's pages; what PostgreSQL keeps beside them is not in it
	Free, Disk int64 // of the file system with the data folder, 0 where there is none; the database is there on SQLite alone
}

// Space measures it.
func (db *DB) Space(ctx context.Context) (s Space, err error) {
	err = db.View(ctx, func(tx *Tx) error {
		_, err := tx.one(tx.d.size, nil, &s.Database)
		return err
	})
	if err != nil {
		return s, fmt.Errorf("measure the database: %w", err)
	}
	if db.dir == "" {
		return s, nil
	}
	var disk syscall.Statfs_t
	if err := syscall.Statfs(db.dir, &disk); err != nil {
		return s, fmt.Errorf("measure the disk: %w", err)
	}
	block := int64(disk.Bsize) // its type is another on each system
	s.Free, s.Disk = int64(disk.Bavail)*block, int64(disk.Blocks)*block
	return s, nil
}

// Unsafe tells how the server could lose a commit: because it syncs nothing to its disk, or because that many follow it and no
// commit waits for any of them.
func (tx *Tx) Unsafe() (unsynced bool, followers int, err error) {
	_, err = tx.one(tx.d.unsafe, nil, &unsynced, &followers)
	return unsynced, followers, err
}
