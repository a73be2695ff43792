package web

import (
	"fmt"
	"html/template"
	"reflect"
	"testing"
	"text/template/parse"
)

// A template names fields that only its own branch would ever ask for; this finds the wrong ones without drawing it.
func TestTemplatesAskForFieldsThatExist(t *testing.T) {
	v := testViews(t)
	done := map[string]bool{}
	for _, state := range pageStates(t, v, "en") {
		kind := reflect.TypeOf(state.view)
		if done[state.template+kind.Name()] {
			continue
		}
		done[state.template+kind.Name()] = true
		c := &fieldCheck{set: v.pages[state.template](), seen: map[string]bool{}}
		c.template("base.html", kind)
		for _, problem := range c.problems {
			t.Errorf("%s: %s", state.template, problem)
		}
	}
}

func TestFieldCheckComplains(t *testing.T) {
	set := template.Must(template.New("base.html").Parse(`{{.Title}}{{with .Issue}}{{.Nobody}}{{range $.Languages}}{{.Lang}}{{.Nothing}}{{end}}{{end}}{{template "x" .Issue}}{{define "x"}}{{.Missing}}{{end}}`))
	c := &fieldCheck{set: set, seen: map[string]bool{}}
	c.template("base.html", reflect.TypeFor[chrome]())
	if len(c.problems) != 3 {
		t.Errorf("complains of %q", c.problems)
	}
}

// fieldCheck follows the types through a set of templates. A nil type is one it does not know.
type fieldCheck struct {
	set      *template.Template
	seen     map[string]bool
	problems []string
}

func (c *fieldCheck) template(name string, dot reflect.Type) {
	key := fmt.Sprint(name, " ", dot)
	if c.seen[key] || dot == nil {
		return
	}
	c.seen[key] = true
	c.walk(c.set.Lookup(name).Tree.Root, dot, map[string]reflect.Type{"$": dot})
}

func (c *fieldCheck) walk(node parse.Node, dot reflect.Type, vars map[string]reflect.Type) {
	switch n := node.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, child := range n.Nodes {
				c.walk(child, dot, vars)
			}
		}
	case *parse.ActionNode:
		c.pipe(n.Pipe, dot, vars)
	case *parse.TemplateNode:
		c.template(n.Name, c.pipe(n.Pipe, dot, vars))
	case *parse.IfNode:
		c.pipe(n.Pipe, dot, vars)
		c.walk(n.List, dot, vars)
		c.walk(n.ElseList, dot, vars)
	case *parse.WithNode:
		c.walk(n.List, c.pipe(n.Pipe, dot, vars), vars)
		c.walk(n.ElseList, dot, vars)
	case *parse.RangeNode:
		inner := c.pipe(n.Pipe, dot, vars)
		if inner != nil && inner.Kind() == reflect.Slice {
			inner = inner.Elem()
		}
		if len(n.Pipe.Decl) > 0 {
			vars[n.Pipe.Decl[len(n.Pipe.Decl)-1].Ident[0]] = inner
		}
		c.walk(n.List, inner, vars)
		c.walk(n.ElseList, dot, vars)
	}
}

// pipe gives the type of a pipeline's value.
func (c *fieldCheck) pipe(p *parse.PipeNode, dot reflect.Type, vars map[string]reflect.Type) (value reflect.Type) {
	if p == nil {
		return nil
	}
	for _, command := range p.Cmds {
		for i, arg := range command.Args {
			if t := c.value(arg, dot, vars); i == 0 {
				value = t
			}
		}
	}
	for _, name := range p.Decl {
		vars[name.Ident[0]] = value
	}
	return value
}

func (c *fieldCheck) value(node parse.Node, dot reflect.Type, vars map[string]reflect.Type) reflect.Type {
	switch n := node.(type) {
	case *parse.DotNode:
		return dot
	case *parse.FieldNode:
		return c.fields(dot, n.Ident)
	case *parse.VariableNode:
		return c.fields(vars[n.Ident[0]], n.Ident[1:])
	case *parse.PipeNode:
		return c.pipe(n, dot, vars)
	}
	return nil
}

func (c *fieldCheck) fields(t reflect.Type, names []string) reflect.Type {
	for _, name := range names {
		if t == nil {
			return nil
		}
		if m, ok := t.MethodByName(name); ok {
			t = m.Type.Out(0)
			continue
		}
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if m, ok := reflect.PointerTo(t).MethodByName(name); ok {
			t = m.Type.Out(0)
			continue
		}
		if t.Kind() != reflect.Struct {
			c.problems = append(c.problems, fmt.Sprintf("%s has no %s", t, name))
			return nil
		}
		f, ok := t.FieldByName(name)
		if !ok {
			c.problems = append(c.problems, fmt.Sprintf("%s has no %s", t, name))
			return nil
		}
		t = f.Type
	}
	return t
}
