package store

import (
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// SealedRows is how much of people the database holds, all of it sealed.
type SealedRows struct {
	Signatures  int64 // that can still be opened by whoever has the keys
	Waiting     int64 // forms whose mailbox is not proved or that wait for a person, and mails on their way
	Offers      int64
	Letters     int64
	News        int64 // addresses that asked for news
	Corrections int64 // whose mailbox is proved, and which wait for a person
	Staff       int64 // those who run the site, and those who did whom the audit log still names
}

// SealedRows counts from the tallies of the log and from small tables, never by reading every signature.
func (tx *Tx) SealedRows() (n SealedRows, err error) {
	// What is counted and was not shredded has its row, but for what the log has still to hear of. What waits for its place in the
	// log has one too, and so has what is held or was removed and can be brought back.
	_, err = tx.one(`select (select cast(coalesce(sum(counted - shredded), 0) as bigint) from action where log_state <> $1) +
		(select cast(coalesce(sum(case kind when 'restore' then 1 else -1 end), 0) as bigint) from log_wait where kind in ('void', 'shred', 'restore')) +
		(select count(*) from signature where state = 0 and sealed is not null and review is null) +
		(select count(*) from signature where review is not null),
		(select count(*) from job) + (select count(*) from submission_wait) + (select count(*) from correction where month = ''),
		(select count(*) from submission where sealed is not null),
		(select count(*) from letter where sealed is not null),
		(select count(*) from subscriber where hash is not null),
		(select count(*) from correction where month <> ''),
		(select count(*) from site_user)`, []any{LogDestroyed}, &n.Signatures, &n.Waiting, &n.Offers, &n.Letters, &n.News, &n.Corrections, &n.Staff)
	if err != nil {
		return n, fmt.Errorf("count the sealed rows: %w", err)
	}
	return n, nil
}

var (
	// written are the tables of what organisers wrote to be read by everybody, or may publish: an address in there is
	// their own, a coordinator's or an office's.
	written = []string{"content", "content_version", "draft", "action_version", "bill", "link", "news", "settings", "consent", "answer"}
	// fixed are large tables whose texts are ids, days and entries of the public log alone; a test looks at their columns.
	fixed = []string{"signature", "log_entry", "action_hour"}

	address = regexp.MustCompile(`[^\s@/"'<>(),;:]+@[\w-]+(\.[\w-]+)+`)
)

// mostReadable is how many cells that may hold an address are read of one column: more need no exact number.
const mostReadable = 1000

// ReadableAddresses counts the cells in which an e-mail address can be read, by looking: every text of every table but those that
// organisers write, and a few that are large and whose texts have one form. A table that is added is looked at too.
func (tx *Tx) ReadableAddresses() (n int64, err error) {
	tables, err := tx.names(tx.d.tables)
	if err != nil {
		return 0, fmt.Errorf("look for addresses: %w", err)
	}
	for _, table := range tables {
		if slices.Contains(written, table) || slices.Contains(fixed, table) {
			continue
		}
		cells, err := tx.cellsWithAddresses(table)
		if err != nil {
			return 0, err
		}
		n += int64(len(cells))
	}
	return n, nil
}

// WrittenAddresses counts the e-mail addresses in what organisers have written, drafts and earlier versions too: their own,
// coordinators', those of organisations and of offices. Each counts once.
func (tx *Tx) WrittenAddresses() (int64, error) {
	found := map[string]bool{}
	for _, table := range written {
		cells, err := tx.cellsWithAddresses(table)
		if err != nil {
			return 0, err
		}
		for _, cell := range cells {
			for _, a := range address.FindAllString(cell, -1) {
				found[strings.ToLower(a)] = true
			}
		}
	}
	return int64(len(found)), nil
}

// cellsWithAddresses reads the texts of a table in which an address stands, of each column at most so many.
func (tx *Tx) cellsWithAddresses(table string) (cells []string, err error) {
	columns, err := tx.names(tx.d.texts, table)
	if err != nil {
		return nil, fmt.Errorf("look for addresses: %w", err)
	}
	for _, column := range columns {
		some, err := tx.names(fmt.Sprintf(`select "%s" from "%s" where "%[1]s" like '%%_@_%%.__%%' limit $1`, column, table), mostReadable)
		if err != nil {
			return nil, fmt.Errorf("look for addresses in %s: %w", table, err)
		}
		cells = append(cells, some...)
	}
	return slices.DeleteFunc(cells, func(cell string) bool { return !address.MatchString(cell) }), nil
}

// names reads one text of each row.
func (tx *Tx) names(query string, args ...any) (list []string, err error) {
	err = tx.each(query, args, func(r *sql.Rows) error {
		var name string
		err := r.Scan(&name)
		list = append(list, strings.TrimSpace(name))
		return err
	})
	return list, err
}
