package web

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/undersigned/undersigned"
)

// readForm reads a form of ours: urlencoded, as large as its page may send (see [Server.limit]), from the body alone. Of a field
// that comes twice the first counts. What is typed may be anything, zero bytes and broken UTF-8 too: the rules of each field refuse it there, with a
// message beside it.
func readForm(r *http.Request) (url.Values, error) {
	if !urlencoded(r.Header.Get("Content-Type")) {
		return nil, &undersigned.Error{Kind: undersigned.Invalid, Err: errors.New("the body is not a urlencoded form")}
	}
	var body bytes.Buffer
	body.Grow(int(min(max(r.ContentLength, 0), freeBody)) + bytes.MinRead) // a usual form at once: to grow would leave garbage
	_, err := body.ReadFrom(r.Body)
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return nil, &undersigned.Error{Kind: undersigned.TooLarge, Err: err}
	}
	if errors.Is(err, errNoRoom) {
		return nil, errNoRoom
	}
	if err != nil { // cut off, or too slow
		return nil, &undersigned.Error{Kind: undersigned.Invalid, Err: fmt.Errorf("read the form: %w", err)}
	}
	form, ok := parseForm(body.String())
	if !ok {
		return nil, &undersigned.Error{Kind: undersigned.Invalid, Err: errors.New("the form is malformed")}
	}
	return form, nil
}

const (
	usualFields = 16     // before room is made for more
	mostFields  = 10_000 // in a form, as the standard library has it
)

// parseForm reads what [url.ParseQuery] reads, in half the time: there is room for all fields from the start.
func parseForm(body string) (form url.Values, ok bool) {
	if strings.Count(body, "&") >= mostFields {
		return nil, false
	}
	form, values := make(url.Values, usualFields), make([]string, 0, usualFields)
	for body != "" {
		var field string
		if field, body, _ = strings.Cut(body, "&"); field == "" {
			continue
		}
		key, value, _ := strings.Cut(field, "=")
		key, wrongKey := url.QueryUnescape(key)
		value, wrongValue := url.QueryUnescape(value)
		if strings.Contains(field, ";") || wrongKey != nil || wrongValue != nil {
			return nil, false
		}
		if before := form[key]; before != nil {
			form[key] = append(before, value)
			continue
		}
		values = append(values, value)
		form[key] = values[len(values)-1 : len(values) : len(values)]
	}
	return form, true
}

const formType = "application/x-www-form-urlencoded"

// urlencoded tells whether that is the type of a body, as browsers say it or in other letters.
func urlencoded(contentType string) bool {
	if contentType == formType {
		return true
	}
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && kind == formType
}
