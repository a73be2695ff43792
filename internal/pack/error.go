package pack

import (
	"fmt"
	"strings"
	"sync"

	"github.com/undersigned/undersigned/internal/locale"
)

// MaxErrors is how many faults of a pack are told at once; a reader who has mended those will see the rest.
const MaxErrors = 20

// Error is one fault of a pack: where it is, and what should stand there.
type Error struct {
	File  string // its path inside the pack
	Line  int    // from 1; 0 where the file as a whole is meant
	Field string // as the front matter names it, with lists counted from 1: events[2].date; empty outside of a field
	Key   string // of the message that says what was expected, as a noun with its article
	Args  []any  // for its placeholders
}

// english speaks to the terminal. Elsewhere the same faults are told in the language of who reads them.
var english = sync.OnceValue(func() *locale.Locale { return locale.Load().Locale(locale.English) })

// wanted is what was expected, before it is known where.
type wanted struct {
	key  string
	args []any
}

func want(key string, args ...any) wanted { return wanted{key, args} }

func (w wanted) Error() string { return english().T(w.key, w.args...) }

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
	}
	if e.Field != "" {
		b.WriteString(": " + e.Field)
	}
	return b.String() + ": want " + english().T(e.Key, e.Args...)
}

// Errors is everything that is wrong with a pack, at most [MaxErrors] faults of it. errors.As finds each [*Error].
type Errors []*Error

func (errs Errors) Error() string {
	var lines []string
	for _, e := range errs {
		lines = append(lines, e.Error())
	}
	return strings.Join(lines, "\n")
}

// Unwrap lets errors.Is and errors.As look at each of them.
func (errs Errors) Unwrap() []error {
	all := make([]error, len(errs))
	for i, e := range errs {
		all[i] = e
	}
	return all
}

func (errs *Errors) add(file string, line int, field, key string, args ...any) {
	if len(*errs) < MaxErrors {
		*errs = append(*errs, &Error{File: file, Line: line, Field: field, Key: key, Args: args})
	}
}

// err is nil where nothing was added.
func (errs Errors) err() error {
	if len(errs) == 0 {
		return nil
	}
	return errs
}
