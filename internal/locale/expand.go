package locale

import (
	"fmt"
	"strings"
)

// expand replaces each {name} in a message by its value. A value is never expanded itself: what a person typed may hold
// braces. A name without a value stays as it is, so that the mistake is seen.
func expand(text string, lookup func(name string) (string, bool)) string {
	if !strings.Contains(text, "{") {
		return text
	}
	var b strings.Builder
	for {
		before, name, after, ok := cutPlaceholder(text)
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		if value, known := lookup(name); known {
			b.WriteString(value)
		} else {
			b.WriteString("{" + name + "}")
		}
		text = after
	}
}

// cutPlaceholder splits text around its first {name}. Where there is none, ok is false and before is all of text.
func cutPlaceholder(text string) (before, name, after string, ok bool) {
	for from := 0; ; {
		i := strings.IndexByte(text[from:], '{')
		if i < 0 {
			return text, "", "", false
		}
		open := from + i
		end := open + 1
		for end < len(text) && isNameByte(text[end]) {
			end++
		}
		if end > open+1 && end < len(text) && text[end] == '}' {
			return text[:open], text[open+1 : end], text[end+1:], true
		}
		from = open + 1
	}
}

func isNameByte(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' }

// placeholders lists the names in a message in their order and refuses a brace that belongs to none.
func placeholders(text string) (names []string, err error) {
	for {
		before, name, after, ok := cutPlaceholder(text)
		if strings.ContainsAny(before, "{}") {
			return nil, fmt.Errorf("a stray brace in %q", before)
		}
		if !ok {
			return names, nil
		}
		names = append(names, name)
		text = after
	}
}
