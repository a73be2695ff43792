package undersigned

import (
	"cmp"
	"iter"
	"slices"
)

// NounKind says what a noun of an issue's content is. Each is kept, edited and brought back by itself.
type NounKind string

const (
	IssueNoun        NounKind = "issue"
	ActionNoun       NounKind = "action"
	BillNoun         NounKind = "bill"
	OrganizationNoun NounKind = "organization"
	ResourceNoun     NounKind = "resource"
	FactNoun         NounKind = "fact"
)

// NounKinds are all kinds, in the order of an issue's page.
var NounKinds = []NounKind{IssueNoun, ActionNoun, BillNoun, OrganizationNoun, ResourceNoun, FactNoun}

// NounID names a noun of an issue's content for ever. The issue itself has its own slug, a bill is written as BillID writes it.
type NounID struct {
	Issue string
	Kind  NounKind
	Slug  string
}

// NewNoun gives an empty noun of a kind: *Issue, *Action, *Bill, *Organization, *Resource or *Fact; nil where there is no
// such kind.
func NewNoun(kind NounKind) any {
	switch kind {
	case IssueNoun:
		return &Issue{}
	case ActionNoun:
		return &Action{}
	case BillNoun:
		return &Bill{}
	case OrganizationNoun:
		return &Organization{}
	case ResourceNoun:
		return &Resource{}
	case FactNoun:
		return &Fact{}
	}
	return nil
}

// Nouns gives everything that the content is made of, the issue first. What they point to may be changed in place.
func (c *Content) Nouns() iter.Seq2[NounID, any] {
	return func(yield func(NounID, any) bool) {
		if !yield(NounID{c.Issue.Slug, IssueNoun, c.Issue.Slug}, &c.Issue) {
			return
		}
		_ = yieldEach(c, ActionNoun, c.Actions, func(a *Action) string { return a.Slug }, yield) &&
			yieldEach(c, BillNoun, c.Bills, func(b *Bill) string { return b.String() }, yield) &&
			yieldEach(c, OrganizationNoun, c.Organizations, func(o *Organization) string { return o.Slug }, yield) &&
			yieldEach(c, ResourceNoun, c.Resources, func(r *Resource) string { return r.Slug }, yield) &&
			yieldEach(c, FactNoun, c.Facts, func(f *Fact) string { return f.Slug }, yield)
	}
}

func yieldEach[T any](c *Content, kind NounKind, list []T, slug func(*T) string, yield func(NounID, any) bool) bool {
	for i := range list {
		if !yield(NounID{c.Issue.Slug, kind, slug(&list[i])}, &list[i]) {
			return false
		}
	}
	return true
}

// Noun finds a noun, nil where the content has none of that name.
func (c *Content) Noun(id NounID) any {
	for other, noun := range c.Nouns() {
		if other == id {
			return noun
		}
	}
	return nil
}

// Add puts a noun, as NewNoun makes them, behind the others of its kind. The issue is replaced.
func (c *Content) Add(noun any) {
	switch noun := noun.(type) {
	case *Issue:
		c.Issue = *noun
	case *Action:
		c.Actions = append(c.Actions, *noun)
	case *Bill:
		c.Bills = append(c.Bills, *noun)
	case *Organization:
		c.Organizations = append(c.Organizations, *noun)
	case *Resource:
		c.Resources = append(c.Resources, *noun)
	case *Fact:
		c.Facts = append(c.Facts, *noun)
	}
}

// Put puts a noun in the place of the one of its name, or where it belongs. What the site knows of an action beside its
// text (its pid and version) stays.
func (c *Content) Put(id NounID, noun any) {
	if now, ok := noun.(*Action); ok {
		if before := c.Action(id.Slug); before != nil {
			now.PID, now.Version = before.PID, before.Version
		}
	}
	c.Remove(id)
	c.Add(noun)
	c.Sort()
}

// Remove takes a noun out. An issue cannot be taken out of its own content.
func (c *Content) Remove(id NounID) {
	switch id.Kind {
	case ActionNoun:
		c.Actions = slices.DeleteFunc(c.Actions, func(a Action) bool { return a.Slug == id.Slug })
	case BillNoun:
		c.Bills = slices.DeleteFunc(c.Bills, func(b Bill) bool { return b.String() == id.Slug })
	case OrganizationNoun:
		c.Organizations = slices.DeleteFunc(c.Organizations, func(o Organization) bool { return o.Slug == id.Slug })
	case ResourceNoun:
		c.Resources = slices.DeleteFunc(c.Resources, func(r Resource) bool { return r.Slug == id.Slug })
	case FactNoun:
		c.Facts = slices.DeleteFunc(c.Facts, func(f Fact) bool { return f.Slug == id.Slug })
	}
}

// Sort brings everything into the order of the page; slugs break ties.
func (c *Content) Sort() {
	slices.SortStableFunc(c.Actions, func(a, b Action) int { return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Slug, b.Slug)) })
	slices.SortStableFunc(c.Organizations, func(a, b Organization) int {
		return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Slug, b.Slug))
	})
	slices.SortStableFunc(c.Resources, func(a, b Resource) int { return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Slug, b.Slug)) })
	slices.SortStableFunc(c.Facts, func(a, b Fact) int { return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Slug, b.Slug)) })
	slices.SortStableFunc(c.Bills, func(a, b Bill) int {
		return cmp.Or(cmp.Compare(a.Congress, b.Congress), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Number, b.Number))
	})
}
