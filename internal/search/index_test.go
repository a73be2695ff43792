package search

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

func sample() []Entry {
	return []Entry{
		{Title: "Detención migratoria", Text: "El último recurso. La niñez no se detiene."},
		{Title: "Alternatives", Text: "What can be done instead of immigration detention, in the words of a judge."},
		{Title: "Immigration detention", Text: "The last resort."},
		{Title: "H.R. 6397", Text: "Dignity for Detained Immigrants Act, introduced by Pramila Jayapal."},
		{Title: "O’Brien’s café", Text: "Straße, Øresund, ﬁlm and İstanbul."},
		{Title: "拘留の代替案", Text: "移民の拘留"},
		{Title: "بديل الاحتجاز", Text: "الاحتجاز هو الملاذ الأخير"},
	}
}

func titles(f Found, entries []Entry) string {
	var list []string
	for _, h := range f.Hits {
		list = append(list, entries[h.Entry].Title)
	}
	return strings.Join(list, " | ")
}

func TestSearchFindsByWordsWhateverTheirAccents(t *testing.T) {
	entries := sample()
	x := New(entries)
	for _, test := range []struct {
		query, want string
		all         bool
	}{
		{"detencion", "Detención migratoria", true},
		{"DETENCIÓN", "Detención migratoria", true},
		{"detencio\u0301n", "Detención migratoria", true}, // decomposed
		{"ninez", "Detención migratoria", true},
		{"detain", "H.R. 6397", true},
		{"immigration detention", "Immigration detention | Alternatives", true}, // titles first
		{"hr6397", "H.R. 6397", true},
		{"HR 6397", "H.R. 6397", true},
		{"H.R.6397", "H.R. 6397", true},
		{"6397hr", "H.R. 6397", true},
		{"h r 6397", "H.R. 6397", false},
		{"h.r. 6397", "H.R. 6397", true},
		{"jayapal dignity", "H.R. 6397", true},
		{"cafe", "O’Brien’s café", true},
		{"obrien", "O’Brien’s café", true},
		{"o'brien's", "O’Brien’s café", true},
		{"strasse oresund film istanbul", "O’Brien’s café", true},
		{"拘留", "拘留の代替案", true},
		{"代替", "拘留の代替案", true},
		{"الملاذ", "بديل الاحتجاز", true},
		{"judge zebra", "Alternatives", false}, // one of the two
		{"zebra", "", false},
		{"immigration AND detention", "Immigration detention | Alternatives", true},
		{`"detention" NEAR/3 immigration*`, "Immigration detention | Alternatives", false},
		{"-detention title:immigration", "Immigration detention | Alternatives", false},
		{"", "", false},
		{"*** --- \"\" ( :", "", false},
		{"\x00\xff\xfe", "", false},
		{"de\x00tencion", "", false},
		{strings.Repeat("x", 10000), "", false},
		{strings.Repeat("detention ", 1000), "Immigration detention | Alternatives", true},
	} {
		f := x.Find(test.query, 10)
		if got := titles(f, entries); test.want != "" && got != test.want || test.want == "" && test.query != "de\x00tencion" && got != "" || f.All != test.all && test.want != "" {
			t.Errorf("%.60q: found %q, all %v; want %q", test.query, got, f.All, test.want)
		}
	}
}

func TestSearchShowsTheTermInItsContext(t *testing.T) {
	long := strings.Repeat("Words before the word that counts. ", 20) + "Here a judge reviews detention. " + strings.Repeat("Words after it, many of them. ", 20)
	x := New([]Entry{{Title: "A title", Text: long}})
	h := x.Find("JUDGE detention", 1).Hits[0]
	var text string
	terms := 0
	for _, s := range h.Text {
		if s.Term {
			terms++
			text += "[" + s.Text + "]"
		} else {
			text += s.Text
		}
	}
	if terms != 2 || !strings.Contains(text, "Here a [judge] reviews [detention]. Words after") || !strings.HasPrefix(text, "… ") || !strings.HasSuffix(text, " …") || len(text) > width+before+20 {
		t.Errorf("shown is %q", text)
	}
	if h := x.Find("title", 1).Hits[0]; len(h.Text) != 0 || !h.Title[1].Term {
		t.Errorf("found in the title: %+v", h)
	}
}

func TestSearchTellsHowManyThereAre(t *testing.T) {
	var entries []Entry
	for i := range 50 {
		entries = append(entries, Entry{Title: fmt.Sprint("Number ", i), Text: "the same words"})
	}
	if f := New(entries).Find("same", 20); f.Total != 50 || len(f.Hits) != 20 || f.Hits[0].Entry != 0 {
		t.Errorf("%d in all, %d shown", f.Total, len(f.Hits))
	}
	if f := New(nil).Find("same", 20); f.Total != 0 || f.All {
		t.Errorf("in nothing was found %+v", f)
	}
}

func TestSearchPutsWhatTellsOfSomethingElseLast(t *testing.T) {
	entries := []Entry{{Title: "Detention", Text: "Opened", Last: true}, {Title: "A judge", Text: "of detention"}, {Title: "Detention", Text: "and a judge", Last: true}, {Title: "None", Text: "detention"}}
	if got := titles(New(entries).Find("detention", 3), entries); got != "A judge | None | Detention" {
		t.Errorf("found %s", got)
	}
	if got := titles(New(entries).Find("opened detention", 3), entries); got != "Detention" { // more of the words come first
		t.Errorf("found %s", got)
	}
}

func FuzzFind(f *testing.F) {
	for _, e := range sample() {
		f.Add(e.Title, e.Text)
	}
	f.Add("a b c d e f g h i j k l m n o p", "a\x00b\xffc ’’'x' "+strings.Repeat("ñ", 300))
	f.Add("0\xe6", "\x89\x8bG")
	f.Fuzz(func(t *testing.T, query, text string) {
		x := New(append(sample(), Entry{Title: query, Text: text}, Entry{Title: text, Text: query}))
		found := x.Find(query, 5)
		if found.Terms > MaxTerms || len(found.Hits) > 5 || found.Total < len(found.Hits) {
			t.Errorf("%+v", found)
		}
		if found.Terms > 0 && found.Total == 0 {
			t.Error("a text is not found by its own words")
		}
		for _, h := range found.Hits {
			var title strings.Builder
			for _, s := range h.Title {
				title.WriteString(s.Text)
			}
			if title.String() != x.entries[h.Entry].Title {
				t.Errorf("the title %q became %q", x.entries[h.Entry].Title, title.String())
			}
			for _, s := range h.Text {
				if utf8.ValidString(query) && utf8.ValidString(text) && !utf8.ValidString(s.Text) {
					t.Errorf("a character was cut: %q", s.Text)
				}
			}
		}
	})
}

// tenThousand are entries of some hundred words, drawn from a vocabulary of 20,000 as unevenly as words are.
func tenThousand() []Entry {
	r := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(r, 1.1, 4, 20000)
	syllables := strings.Fields("an be cé di er fo gui ha in jo ka lo mi no or pe qui ro se ta")
	words := func(n int) string {
		var b strings.Builder
		for range n {
			for w := zipf.Uint64() + 20; w > 0; w /= 20 {
				b.WriteString(syllables[w%20])
			}
			b.WriteByte(' ')
		}
		return b.String()
	}
	var entries []Entry
	for range 10000 {
		entries = append(entries, Entry{Title: words(6), Text: words(100)})
	}
	return entries
}

func BenchmarkFind(b *testing.B) {
	x := New(tenThousand())
	for _, query := range []string{"anbe", "mibe", "han", "ced and dibe", "anbe bebe cebe dibe erbe fobe", "nothing", strings.Repeat("anbe ", 2000)} {
		b.Run(fmt.Sprintf("%.12q", query), func(b *testing.B) {
			for b.Loop() {
				x.Find(query, 20)
			}
		})
	}
}

func BenchmarkNew(b *testing.B) {
	entries := tenThousand()
	for b.Loop() {
		New(entries)
	}
}
