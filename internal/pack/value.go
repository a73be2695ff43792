package pack

import (
	"math"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// value is what stands in a field: written in a file, or typed into a form. What it is asked for and is not, it denies.
type value interface {
	line() int // of the file; 0 in a form
	text() (string, bool)
	number() (uint64, bool)
	yes() (value, ok bool)
	list(marks string) []value
	fill(m *mapping) bool // its own fields
}

// written is a value of a file. YAML says by itself what it is.
type written struct{ ast.Node }

func (w written) line() int { return w.GetToken().Position.Line }

func (w written) text() (string, bool) {
	switch n := w.Node.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	}
	return "", false
}

func (w written) number() (uint64, bool) {
	if n, ok := w.Node.(*ast.IntegerNode); ok {
		v, isPositive := n.Value.(uint64)
		return v, isPositive
	}
	return 0, false
}

func (w written) yes() (value, ok bool) {
	b, ok := w.Node.(*ast.BoolNode)
	return ok && b.Value, ok
}

func (w written) list(string) (list []value) {
	if n, ok := w.Node.(*ast.SequenceNode); ok {
		for _, v := range n.Values {
			list = append(list, written{v})
		}
	}
	return list
}

func (w written) fill(m *mapping) bool {
	root, ok := w.Node.(ast.MapNode)
	if ok {
		m.fill(root)
	}
	return ok
}

// typed is a value of a form: a text, or fields of its own, or several of those.
type typed struct {
	said   string
	keys   []string
	inner  map[string]*typed
	listed []*typed
}

func (t *typed) line() int { return 0 }

func (t *typed) text() (string, bool) { return t.said, t.inner == nil && t.listed == nil }

func (t *typed) number() (uint64, bool) {
	n, err := strconv.ParseUint(strings.TrimSpace(t.said), 10, 64)
	return n, err == nil && n <= math.MaxInt32
}

func (t *typed) yes() (value, ok bool) {
	return t.said == "true", t.said == "true" || t.said == "false"
}

func (t *typed) list(marks string) (list []value) {
	for _, item := range t.listed {
		list = append(list, item)
	}
	for _, part := range strings.FieldsFunc(t.said, func(r rune) bool { return strings.ContainsRune(marks, r) }) {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, &typed{said: part})
		}
	}
	return list
}

func (t *typed) fill(m *mapping) bool {
	for _, key := range t.keys {
		m.put(key, 0, t.inner[key])
	}
	return t.inner != nil
}
