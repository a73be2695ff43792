package store

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// A dump is every row in a form that both engines read: lines of JSON. A line {"table":…,"columns":[…]} begins a table,
// an array is a row of it, and {"rows":N} is the last line. Numbers and texts stand as they are; bytes are {"base64":…}.
// Tables come by name and rows by primary key, so that the same rows make the same dump, and no dump tells in which
// order rows were written.
//
// What tables there are is asked of the database: one that is added to the schema is in the next dump.

// leftOut are the tables that no dump has: what is promised but not done (it is sealed under keys that die within days, or
// that only a mail carries), who is signed in,
// how many mails an address had and were sent in an hour, which domains have no mail server today, who wrote letters (the keys for that stay out too) and whose turn it is, which buttons were pressed today,
// what organisations say of their entries (its keys stay out too), keys
// (they are carried by themselves), the log's tree (it follows from the entries), and what this very installation last did.
var leftOut = []string{"goose_db_version", "job", "session", "mail_day", "mail_slot", "no_mail", "letter", "letter_turn", "pressed", "submission_wait", "correction", "keyring", "log_tile", "duty"}

type dumpLine struct {
	Table   string   `json:"table,omitempty"`
	Columns []string `json:"columns,omitempty"`
	Rows    *int64   `json:"rows,omitempty"`
}

type dumpBytes struct {
	Base64 []byte `json:"base64"`
}

// Dump writes all rows, as they stand at one moment, in constant memory.
func (tx *Tx) Dump(w io.Writer) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	tables, err := tx.dumped()
	if err != nil {
		return fmt.Errorf("list the tables: %w", err)
	}
	var n int64
	for _, table := range tables {
		if err := tx.dumpTable(out, table, &n); err != nil {
			return fmt.Errorf("dump the table %s: %w", table, err)
		}
	}
	return out.Encode(dumpLine{Rows: &n})
}

// dumped lists the tables of a dump.
func (tx *Tx) dumped() (tables []string, err error) {
	err = tx.each(tx.d.tables, nil, func(r *sql.Rows) error {
		var name string
		err := r.Scan(&name)
		if !slices.Contains(leftOut, name) {
			tables = append(tables, name)
		}
		return err
	})
	return tables, err
}

// columns lists a table's columns, and those of its primary key.
func (tx *Tx) columns(table string) (columns, key []string, err error) {
	places := map[int]string{}
	err = tx.each(tx.d.columns, []any{table}, func(r *sql.Rows) error {
		var name string
		var place int
		err := r.Scan(&name, &place)
		columns = append(columns, name)
		if place > 0 {
			places[place] = name
		}
		return err
	})
	for i := range len(places) {
		key = append(key, places[i+1])
	}
	if err == nil && len(key) == 0 {
		err = errors.New("it has no primary key")
	}
	return columns, key, err
}

func (tx *Tx) dumpTable(out *json.Encoder, table string, n *int64) error {
	columns, key, err := tx.columns(table)
	if err != nil {
		return err
	}
	if err := out.Encode(dumpLine{Table: table, Columns: columns}); err != nil {
		return err
	}
	row, dest := make([]any, len(columns)), make([]any, len(columns))
	for i := range row {
		dest[i] = &row[i]
	}
	query := "select " + names(columns) + " from " + names([]string{table}) + " order by " + names(key)
	return tx.each(query, nil, func(r *sql.Rows) error {
		if err := r.Scan(dest...); err != nil {
			return err
		}
		for i, value := range row {
			switch value := value.(type) {
			case nil, int64, float64, string:
			case []byte:
				row[i] = dumpBytes{append([]byte{}, value...)} // never nil: no bytes are not the same as null
			default:
				return fmt.Errorf("column %s: a dump has no %T", columns[i], value)
			}
		}
		*n++
		return out.Encode(row)
	})
}

// names lists identifiers for a statement.
func names(list []string) string {
	quoted := make([]string, len(list))
	for i, name := range list {
		quoted[i] = `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
	}
	return strings.Join(quoted, ", ")
}

// Occupied names a table that holds rows of a site, "" where the database is as a new one.
func (tx *Tx) Occupied() (string, error) {
	tables, err := tx.dumped()
	if err != nil {
		return "", err
	}
	for _, table := range tables {
		if table == "site" {
			continue // its one row is there from the start
		}
		var n int64
		if _, err := tx.one("select count(*) from (select 1 from "+names([]string{table})+" limit 1) t", nil, &n); err != nil {
			return "", err
		}
		if n > 0 {
			return table, nil
		}
	}
	return "", nil
}

// ErrDump is a dump that is none, or not whole.
var ErrDump = errors.New("the rows are cut short or damaged")

// Load puts the rows of a dump in place of those that a new database has. It reads to the dump's last line and no further.
func (tx *Tx) Load(in *json.Decoder) error {
	in.UseNumber()
	tables, err := tx.dumped()
	if err != nil {
		return fmt.Errorf("list the tables: %w", err)
	}
	var insert string
	var width int
	for n := int64(0); ; {
		var raw json.RawMessage
		if err := in.Decode(&raw); err != nil {
			return fmt.Errorf("%w: %w", ErrDump, err)
		}
		if raw[0] == '[' {
			if err := tx.loadRow(insert, width, raw); err != nil {
				return err
			}
			n++
			continue
		}
		var line dumpLine
		if err := json.Unmarshal(raw, &line); err != nil {
			return ErrDump
		}
		if line.Rows != nil {
			if *line.Rows != n {
				return ErrDump
			}
			return nil
		}
		if insert, err = tx.beginLoad(tables, line); err != nil {
			return err
		}
		width = len(line.Columns)
	}
}

// beginLoad empties a table and makes the statement that fills it. Only names that the database itself has get into it.
func (tx *Tx) beginLoad(tables []string, line dumpLine) (insert string, err error) {
	if !slices.Contains(tables, line.Table) {
		return "", fmt.Errorf("%w: it has a table that this database does not have", ErrDump)
	}
	columns, _, err := tx.columns(line.Table)
	if err != nil {
		return "", err
	}
	places := make([]string, len(line.Columns))
	for i, column := range line.Columns {
		if !slices.Contains(columns, column) {
			return "", fmt.Errorf("%w: %s has a column that this database does not have", ErrDump, line.Table)
		}
		places[i] = fmt.Sprintf("$%d", i+1)
	}
	if len(places) == 0 {
		return "", ErrDump
	}
	table := names([]string{line.Table})
	if _, err := tx.exec("delete from " + table); err != nil {
		return "", fmt.Errorf("empty the table %s: %w", line.Table, err)
	}
	return "insert into " + table + " (" + names(line.Columns) + ") values (" + strings.Join(places, ", ") + ")", nil
}

func (tx *Tx) loadRow(insert string, width int, raw json.RawMessage) error {
	var cells []json.RawMessage
	if err := json.Unmarshal(raw, &cells); err != nil || insert == "" || len(cells) != width {
		return ErrDump
	}
	row := make([]any, len(cells))
	for i, cell := range cells {
		value, err := loadCell(cell)
		if err != nil {
			return ErrDump
		}
		row[i] = value
	}
	if _, err := tx.exec(insert, row...); err != nil {
		return fmt.Errorf("load a row: %w", err)
	}
	return nil
}

func loadCell(cell json.RawMessage) (any, error) {
	switch cell[0] {
	case 'n':
		return nil, nil
	case '"':
		var text string
		err := json.Unmarshal(cell, &text)
		return text, err
	case '{':
		var b dumpBytes
		err := json.Unmarshal(cell, &b)
		if b.Base64 == nil {
			err = errors.Join(err, ErrDump)
		}
		return b.Base64, err
	}
	number := json.Number(cell)
	if whole, err := number.Int64(); err == nil {
		return whole, nil
	}
	return number.Float64()
}
