package undersigned

import (
	"maps"
	"slices"
	"testing"
)

func TestTwoEditorsLoseNothing(t *testing.T) {
	base := map[string]string{"title": "T", "es:title": "T (es)", "body": "B", "questions[1].slug": "a", "es:questions[1].question": "¿A?"}
	change := func(changes ...string) map[string]string {
		m := maps.Clone(base)
		for i := 0; i < len(changes); i += 2 {
			if m[changes[i]] = changes[i+1]; changes[i+1] == "" {
				delete(m, changes[i])
			}
		}
		return m
	}
	for name, c := range map[string]struct {
		mine, theirs, merged map[string]string
		clashes              []string
	}{
		"nobody":                {base, base, base, nil},
		"I alone":               {change("body", "mine"), base, change("body", "mine"), nil},
		"they alone":            {base, change("body", "theirs"), change("body", "theirs"), nil},
		"they took it out":      {base, change("body", ""), change("body", ""), nil},
		"one field each":        {change("es:title", "mía"), change("title", "theirs"), change("es:title", "mía", "title", "theirs"), nil},
		"the same":              {change("body", "x"), change("body", "x"), change("body", "x"), nil},
		"both":                  {change("body", "mine"), change("body", "theirs", "title", "U"), change("body", "mine", "title", "U"), []string{"body"}},
		"they took out mine":    {change("body", "mine"), change("body", ""), change("body", "mine"), []string{"body"}},
		"a list, two languages": {change("es:questions[1].question", "mía"), change("questions[2].slug", "b"), change("es:questions[1].question", "mía"), []string{"questions"}},
		"a list and a field":    {change("title", "mine"), change("questions[2].slug", "b"), change("title", "mine", "questions[2].slug", "b"), nil},
		"from nothing":          {map[string]string{"new": "n"}, base, map[string]string{"new": "n"}, nil},
	} {
		merged, clashes := Merge(base, c.mine, c.theirs)
		if !maps.Equal(merged, c.merged) || !slices.Equal(clashes, c.clashes) {
			t.Errorf("%s: got %v and %v, want %v and %v", name, merged, clashes, c.merged, c.clashes)
		}
	}
}
