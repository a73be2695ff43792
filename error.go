package undersigned

import (
	"errors"
	"strings"
)

// Kind says what sort of thing went wrong, which decides how it is answered. An error that is not an [Error] is
// Internal: nobody outside is told more than an id to quote.
type Kind int

const (
	Internal    Kind = iota
	Invalid          // the input is wrong; Fields says where
	NotFound         // there is no such thing
	Gone             // there was such a thing: a link that has died, an action that is closed
	TooMany          // asked to wait
	TooLarge         // the input is bigger than anything we read
	Forbidden        // a request from another site
	Unavailable      // overloaded, or the disk is full; trying again later will do
)

// Error is the one error that a person may be shown. It never holds personal data: Key and the keys in Fields name
// messages of the catalogue, and Args fill their placeholders with numbers and limits only.
type Error struct {
	Kind   Kind
	Key    string
	Fields []FieldError
	Err    error // what caused it, for the log
}

// FieldError is a message beside one field of a form.
type FieldError struct {
	Field string // as the form names it: email, postal_code
	Key   string
	Args  []any // alternating names and values
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Key)
	for i, f := range e.Fields {
		if i > 0 || e.Key != "" {
			b.WriteString("; ")
		}
		b.WriteString(f.Field + ": " + f.Key)
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.Err }

// KindOf gives the kind of the first [Error] in err's chain, or Internal.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// Fail makes an error of a kind, told by the message key.
func Fail(kind Kind, key string) *Error { return &Error{Kind: kind, Key: key} }

// fields gathers what is wrong with a form, in the order of the form.
type fields []FieldError

func (f *fields) add(field, key string, args ...any) {
	*f = append(*f, FieldError{Field: field, Key: key, Args: args})
}

// err is nil where nothing was added.
func (f fields) err() error {
	if len(f) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Key: "error.form", Fields: f}
}
