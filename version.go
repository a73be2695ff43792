package undersigned

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Change says how a version of a noun came about; it ends the message key "version.how.".
type Change string

const (
	ChangeThere    Change = "there"     // it was there before versions were kept
	ChangeImport   Change = "import"    // with a pack
	ChangeEdit     Change = "edit"      // somebody pressed the button
	ChangeSchedule Change = "scheduled" // its time came
	ChangeOrder    Change = "order"     // it has another place
	ChangeRemove   Change = "remove"    // it was taken off the site
)

// Version is one of the texts that a noun has had.
type Version struct {
	Number int // from 1
	By     UserID
	At     time.Time // when it was published; zero where that is not known
	How    Change
}

// Draft is what somebody is writing: it is shown to nobody, and stands beside what is published.
type Draft struct {
	NounID
	Save   int // names this save; a later one has a larger number
	Base   int // the version that it is to follow; 0 where there was none
	By     UserID
	At     time.Time
	Fields map[string]string // as the form has them
	// PublishAt is when it is published by itself; zero is when somebody presses the button. PublishBy is who has said so.
	PublishAt time.Time
	PublishBy UserID
	Missed    bool // it could not be published when its time came
}

// Merge brings together what two people have made of the same text. A field that only one of them has changed is as they
// left it. Of one that both have changed, mine stands, and clashes has its name. Lists are taken as one: an entry that was
// moved must not come to stand beside words of another one.
func Merge(base, mine, theirs map[string]string) (merged map[string]string, clashes []string) {
	merged = maps.Clone(mine)
	if merged == nil {
		merged = map[string]string{}
	}
	groups := map[string][]string{}
	for _, fields := range []map[string]string{base, mine, theirs} {
		for name := range fields {
			if group := FieldGroup(name); !slices.Contains(groups[group], name) {
				groups[group] = append(groups[group], name)
			}
		}
	}
	same := func(names []string, a, b map[string]string) bool {
		return !slices.ContainsFunc(names, func(name string) bool { return a[name] != b[name] })
	}
	for group, names := range groups {
		switch {
		case same(names, mine, theirs) || same(names, base, theirs):
		case same(names, base, mine):
			for _, name := range names {
				delete(merged, name)
				if said, ok := theirs[name]; ok {
					merged[name] = said
				}
			}
		default:
			clashes = append(clashes, group)
		}
	}
	slices.Sort(clashes)
	return merged, clashes
}

// FieldGroup names what a field of a form is changed together with: a list in all languages, or itself alone.
func FieldGroup(name string) string {
	list, _, listed := strings.Cut(name, "[")
	if !listed {
		return name
	}
	if _, rest, translated := strings.Cut(list, ":"); translated {
		return rest
	}
	return list
}
