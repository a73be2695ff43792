package congress

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// maxDepth is how deep elements may lie in each other. Bill status files reach 12.
const maxDepth = 64

var errXML = errors.New("not well-formed XML")

// walkXML goes through an XML document and calls visit at the end of each element, with the path of names from the root
// ("billStatus/bill/title") and the text since the last tag, which for an element without children is all of its text.
// Both are good only during the call.
//
// It reads what public bill status files hold and refuses all else: no document type, hence no entities but the five of
// XML itself and characters by number; no processing instruction but the first line; UTF-8 only. It is here because
// encoding/xml reads half as fast as bills must be staged.
func walkXML(data []byte, visit func(path, text []byte) error) error {
	if !utf8.Valid(data) || bytes.ContainsFunc(data, forbidden) {
		return errXML
	}
	w := xmlWalk{data: bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), visit: visit}
	if bytes.HasPrefix(w.data, []byte("<?xml ")) {
		if _, err := w.until("?>"); err != nil {
			return err
		}
	}
	for len(w.data) > 0 {
		if err := w.step(); err != nil {
			return err
		}
	}
	if len(w.starts) > 0 || !w.rooted {
		return errXML
	}
	return nil
}

// forbidden are the characters that XML 1.0 keeps out of every document.
func forbidden(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
}

// xmlWalk is the state of a walk: what is left to read, where it is, and the text since the last tag.
type xmlWalk struct {
	data   []byte
	path   []byte
	starts []int // where in path each open element's name begins
	text   []byte
	owned  bool // text is our own copy, not a part of data
	rooted bool
	visit  func(path, text []byte) error
}

// until takes everything up to mark, and mark itself, off the data.
func (w *xmlWalk) until(mark string) ([]byte, error) {
	i := bytes.Index(w.data, []byte(mark))
	if i < 0 {
		return nil, errXML
	}
	taken := w.data[:i]
	w.data = w.data[i+len(mark):]
	return taken, nil
}

// step reads one piece of text, or one piece of markup.
func (w *xmlWalk) step() error {
	switch {
	case w.data[0] != '<':
		end := bytes.IndexByte(w.data, '<')
		if end < 0 {
			end = len(w.data)
		}
		raw := w.data[:end]
		w.data = w.data[end:]
		if bytes.Contains(raw, []byte("]]>")) {
			return errXML
		}
		return w.chars(raw, true)
	case bytes.HasPrefix(w.data, []byte("<!--")):
		w.data = w.data[4:]
		comment, err := w.until("-->")
		if bytes.Contains(comment, []byte("--")) || bytes.HasSuffix(comment, []byte("-")) {
			return errXML
		}
		return err
	case bytes.HasPrefix(w.data, []byte("<![CDATA[")):
		w.data = w.data[9:]
		raw, err := w.until("]]>")
		if err != nil || len(w.starts) == 0 {
			return errXML
		}
		return w.chars(raw, false)
	case bytes.HasPrefix(w.data, []byte("</")):
		w.data = w.data[2:]
		name, err := w.until(">")
		if err != nil {
			return err
		}
		return w.close(bytes.TrimRight(name, " \t\r\n"))
	case bytes.HasPrefix(w.data, []byte("<!")), bytes.HasPrefix(w.data, []byte("<?")):
		return fmt.Errorf("%w: a document type or an instruction is not read", errXML)
	}
	w.data = w.data[1:]
	return w.open()
}

// chars adds text; encoded text has its references resolved.
func (w *xmlWalk) chars(raw []byte, encoded bool) error {
	if len(w.starts) == 0 {
		if len(bytes.TrimSpace(raw)) > 0 {
			return errXML
		}
		return nil
	}
	if len(w.text) == 0 && (!encoded || bytes.IndexByte(raw, '&') < 0) {
		w.text, w.owned = raw, false
		return nil
	}
	if !w.owned {
		w.text, w.owned = bytes.Clone(w.text), true
	}
	for encoded {
		i := bytes.IndexByte(raw, '&')
		if i < 0 {
			break
		}
		end := bytes.IndexByte(raw[i:], ';')
		if end < 0 {
			return errXML
		}
		char, ok := reference(string(raw[i+1 : i+end]))
		if !ok {
			return fmt.Errorf("%w: an entity is not read", errXML)
		}
		w.text = utf8.AppendRune(append(w.text, raw[:i]...), char)
		raw = raw[i+end+1:]
	}
	w.text = append(w.text, raw...)
	return nil
}

// reference is the character that a reference between & and ; stands for.
func reference(name string) (rune, bool) {
	switch name {
	case "amp":
		return '&', true
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	base := 10
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	digits := name[1:]
	if digits[0] == 'x' {
		base, digits = 16, digits[1:]
	}
	n, err := strconv.ParseUint(digits, base, 31)
	r := rune(n)
	return r, err == nil && utf8.ValidRune(r) && !forbidden(r)
}

// open reads a start tag behind its "<". Attributes are passed over: no file we read says anything in them.
func (w *xmlWalk) open() error {
	end, quote := 0, byte(0)
	for ; end < len(w.data); end++ {
		switch c := w.data[end]; {
		case quote != 0 && c == quote:
			quote = 0
		case c == '<':
			return errXML
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case quote == 0 && c == '>':
			return w.start(w.data[:end], end+1)
		}
	}
	return errXML
}

func (w *xmlWalk) start(tag []byte, size int) error {
	w.data = w.data[size:]
	tag, empty := bytes.CutSuffix(tag, []byte("/"))
	name := tag
	if i := bytes.IndexAny(tag, " \t\r\n"); i >= 0 {
		name = tag[:i]
	}
	if !validName(name) || len(w.starts) >= maxDepth || len(w.starts) == 0 && w.rooted {
		return errXML
	}
	w.rooted = true
	w.starts = append(w.starts, len(w.path))
	if len(w.path) > 0 {
		w.path = append(w.path, '/')
	}
	w.path = append(w.path, name...)
	w.text = nil
	if empty {
		return w.close(name)
	}
	return nil
}

// validName holds for a name of ASCII letters, digits and ._- that may have one prefix, as Namespaces in XML has it: both
// sides of its colon are names.
func validName(name []byte) bool {
	prefix, local, prefixed := bytes.Cut(name, []byte(":"))
	return len(name) <= 64 && validNCName(prefix) && (!prefixed || validNCName(local))
}

func validNCName(name []byte) bool {
	for i, c := range name {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
		if !letter && (i == 0 || !(c >= '0' && c <= '9' || c == '-' || c == '.')) {
			return false
		}
	}
	return len(name) > 0
}

// close ends the innermost element, which must have this name.
func (w *xmlWalk) close(name []byte) error {
	if len(w.starts) == 0 {
		return errXML
	}
	begin := w.starts[len(w.starts)-1]
	open := bytes.TrimPrefix(w.path[begin:], []byte("/"))
	if !bytes.Equal(open, name) {
		return errXML
	}
	err := w.visit(w.path, bytes.TrimSpace(w.text))
	w.path = w.path[:begin]
	w.starts = w.starts[:len(w.starts)-1]
	w.text = nil
	return err
}
