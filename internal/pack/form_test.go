package pack

import (
	"errors"
	"maps"
	"reflect"
	"strings"
	"testing"

	"github.com/undersigned/undersigned"
)

func anyName(string) bool { return true }

// TestFormOfEachNounMakesTheSameNounAgain reads, for everything in the starter pack, the fields that its own form has.
func TestFormOfEachNounMakesTheSameNounAgain(t *testing.T) {
	c := starter(t)
	n := 0
	for id, noun := range c.Nouns() {
		fields := Form(c, noun)
		got, err := ReadForm(c, id, fields.Tidy(anyName))
		if err != nil {
			t.Errorf("%v: %v", id, err)
			continue
		}
		if !reflect.DeepEqual(got, noun) {
			t.Errorf("%v: got\n%+v\nwant\n%+v", id, got, noun)
		}
		if again := Form(c, got); !maps.Equal(again, fields) {
			t.Errorf("%v: the form is another one", id)
		}
		n++
	}
	if n < 20 {
		t.Errorf("only %d nouns", n)
	}
}

// form is the form of an action of the small pack, with other things typed.
func form(t *testing.T, typed Fields) (*undersigned.Content, undersigned.NounID, Fields) {
	t.Helper()
	c, err := Read(small(nil))
	if err != nil {
		t.Fatal(err)
	}
	fields := Form(c, c.Action("sign"))
	maps.Copy(fields, typed)
	return c, undersigned.NounID{Issue: "clean-water", Kind: undersigned.ActionNoun, Slug: "sign"}, fields.Tidy(anyName)
}

func TestEachFaultOfAFormNamesItsField(t *testing.T) {
	for name, c := range map[string]struct {
		typed      Fields
		field, key string
	}{
		"more marks than a file may have":         {Fields{"title": "A[", "words": strings.Repeat("[", 501)}, "words", "want.fields_marks"},
		"more of them in Spanish":                 {Fields{"es:title": strings.Repeat("!", 501), "es:ask": "P", "es:words": "W"}, "es:title", "want.fields_marks"},
		"more than a file can hold":               {Fields{"words": strings.Repeat("字", 19_990), "outcome": strings.Repeat("字", 3000)}, "words", "want.fields_size"},
		"more than it can hold once it is quoted": {Fields{"words": strings.Repeat("\u200f", 19_000)}, "words", "want.fields_size"},
		"nothing typed":                           {Fields{"title": " \u00a0 "}, "title", "want.field"},
		"a day that is none":                      {Fields{"closes": "2026-02-30"}, "closes", "want.day"},
		"a number in words":                       {Fields{"goal": "many"}, "goal", "want.number_from"},
		"a script":                                {Fields{"body": "[x](javascript:alert(1))"}, "body", "want.link"},
		"a script in Spanish":                     {Fields{"es:title": "T", "es:ask": "P", "es:body": "[x](data:text/html,x)"}, "es:body", "want.link"},
		"half a translation":                      {Fields{"es:title": "T"}, "es:ask", "want.field"},
		"a megabyte":                              {Fields{"body": strings.Repeat("a", 1<<20)}, "body", "want.text_long"},
		"a letter without words":                  {Fields{"kind": "letter", "targets": "house"}, "words", "want.field"},
		"a letter to nobody":                      {Fields{"kind": "letter", "words": "W"}, "targets", "want.field"},
		"an unknown bill":                         {Fields{"bill.id": "119hr2", "bill.position": "oppose"}, "bill", "want.bill"},
		"a bill and no position":                  {Fields{"bill.id": "119hr1"}, "bill.position", "want.field"},
		"no such bill":                            {Fields{"bill.id": "hr1", "bill.position": "oppose"}, "bill.id", "want.bill_id"},
		"an addressee's address":                  {Fields{"kind": "letter", "words": "W", "addressees[1].slug": "a", "addressees[1].name": "a@b.example", "addressees[1].role": "R", "addressees[1].email": "a@b.example"}, "addressees[1].name", "want.name_in_words"},
		"elsewhere with a script":                 {Fields{"kind": "elsewhere", "owner": "O", "url": "javascript:alert(1)"}, "url", "want.url"},
		"a question without words":                {Fields{"kind": "volunteer", "questions[3].slug": "when"}, "questions[1].kind", "want.field"},
	} {
		content, id, fields := form(t, c.typed)
		_, err := ReadForm(content, id, fields)
		var wrong *undersigned.Error
		if !errors.As(err, &wrong) || wrong.Kind != undersigned.Invalid {
			t.Errorf("%s: %v", name, err)
			continue
		}
		found := false
		for _, f := range wrong.Fields {
			found = found || f.Field == c.field && f.Key == c.key
		}
		if !found {
			t.Errorf("%s: got %.300v, want %s: %s", name, err, c.field, c.key)
		}
	}
}

func TestFieldsOfAnotherKindAreLeftBehind(t *testing.T) {
	content, id, fields := form(t, Fields{"kind": "elsewhere", "owner": "O", "url": "https://example.org/", "goal": "5", "publish": "live",
		"addressees[1].slug": "a", "questions[1].slug": "q", "coordinator.email": "a@example.org", "bill.position": "oppose", "unheard.of": "x", "x[1].y[2].z": "z"})
	noun, err := ReadForm(content, id, fields)
	if err != nil {
		t.Fatal(err)
	}
	if a := noun.(*undersigned.Action); a.URL == "" || a.Goal != 0 || a.Addressees != nil || a.Opportunity.Questions != nil || a.Position != "" {
		t.Errorf("%+v", a)
	}
}

func TestEntriesOfListsMoveInAllLanguages(t *testing.T) {
	f := Fields{"questions[1].slug": "a", "es:questions[1].question": "¿A?", "questions[2].slug": "b", "questions[4].slug": "d",
		"es:questions[4].question": "¿D?", "title": "T", "questions[3].slug": "  "}
	f = f.Tidy(anyName)
	if f.Items("questions") != 3 || f["questions[3].slug"] != "d" || f["es:questions[3].question"] != "¿D?" {
		t.Errorf("%v", f)
	}
	f.Swap("questions", 1, 3)
	if f["questions[1].slug"] != "d" || f["es:questions[1].question"] != "¿D?" || f["es:questions[3].question"] != "¿A?" {
		t.Errorf("%v", f)
	}
	f.Drop("questions", 1)
	if f.Items("questions") != 2 || f["es:questions[2].question"] != "¿A?" || f["title"] != "T" {
		t.Errorf("%v", f)
	}
}

func TestNamesOfLinksStandBesideThemInAForm(t *testing.T) {
	c := starter(t)
	id := undersigned.NounID{Issue: c.Issue.Slug, Kind: undersigned.ResourceNoun, Slug: "legal-help"}
	fields := Form(c, c.Noun(id))
	if fields["es:links[1].label"] == "" || fields["es:links[2].label"] != "" || fields["es:links[1].url"] != "" || fields["links[2].label"] == "" {
		t.Fatalf("the form is %v", fields)
	}
	fields["links[1].url"], fields["es:links[2].label"] = "https://moved.example/", "Directorio"
	delete(fields, "es:links[1].label")
	noun, err := ReadForm(c, id, fields.Tidy(anyName))
	if err != nil {
		t.Fatal(err)
	}
	links := noun.(*undersigned.Resource).Links
	if _, lang := links[0].LabelIn("es", c.Issue.Languages); links[0].URL != "https://moved.example/" || lang != "en" {
		t.Errorf("%+v", links[0])
	}
	if label, lang := links[1].LabelIn("es", c.Issue.Languages); label != "Directorio" || lang != "es" {
		t.Errorf("%+v", links[1])
	}
}

func TestPastedTextLosesWhatNobodySees(t *testing.T) {
	for pasted, want := range map[string]string{
		"“Smart” – ‘quotes’… stay — as they are": "“Smart” – ‘quotes’… stay — as they are",
		"one\u00a0two\u202f3":               "one two 3",
		"soft\u00adhyphen\u200b\ufeff":      "softhyphen",
		"a\r\nb\rc\vd\u2028e":               "a\nb\nc\nd\ne",
		"•\tfirst\r\n·\tsecond\r\no\tthird": "- first\n- second\n- third",
		"1.\tone\n2)\ttwo":                  "1. one\n2) two",
		"• with\n  ▪ spaces\na • within":    "- with\n- spaces\na • within",
		"zero\x00byte\x1b[0m":               "zerobyte[0m",
		"broken \xff":                       "broken \uFFFD",
		"👩‍👩‍👧 and नमस्ते and سلام":         "👩‍👩‍👧 and नमस्ते and سلام",
		"<b>HTML</b> stays text":            "<b>HTML</b> stays text",
		" \n\n x \n\n":                      " x ",
	} {
		if got := TidyText(pasted); got != want {
			t.Errorf("%q: got %q, want %q", pasted, got, want)
		}
	}
}

func TestFiguresOfAFormAreReadAsAFile(t *testing.T) {
	c := starter(t)
	fact := &c.Facts[0]
	id := undersigned.NounID{Issue: c.Issue.Slug, Kind: undersigned.FactNoun, Slug: fact.Slug}
	fields := Form(c, fact)
	fields["figures"] = strings.Replace(fields["figures"], "\n2", "\n1,234*,", 1)
	_, err := ReadForm(c, id, fields)
	var wrong *undersigned.Error
	if !errors.As(err, &wrong) || wrong.Fields[0].Field != "figures" || !strings.HasPrefix(wrong.Fields[0].Key, "want.") {
		t.Errorf("got %v", err)
	}
}

func TestContentIsCheckedAsAWhole(t *testing.T) {
	c, err := Read(small(nil))
	if err != nil {
		t.Fatal(err)
	}
	if errs := Check(c); errs != nil {
		t.Fatal(errs)
	}
	c.Action("sign").Successor = "nothing"
	if errs := Check(c); len(errs) != 1 || errs[0].Key != "want.other_action" {
		t.Errorf("got %v", errs)
	}
}

// Whatever is sent as a form gives a noun or faults with a field each, and no noun is one that a pack would refuse.
func FuzzReadForm(f *testing.F) {
	c, err := Read(small(nil))
	if err != nil {
		f.Fatal(err)
	}
	f.Add("title", "T", "questions[1].slug", "a")
	f.Add("es:title", "T", "es:questions[2].question", "x")
	f.Add("a", "b", "a.b", "c")
	f.Add("title", strings.Repeat("!", 501), "es:title", strings.Repeat("!", 501))
	f.Add("words", strings.Repeat("字", 19_990), "outcome", strings.Repeat("字", 3000))
	f.Add("words", strings.Repeat("\u200f", 19_000), "a", "b")
	f.Add("a[1].b", "b", "a", "c")
	f.Add("bill.id", "119hr1", "bill.position", "oppose")
	f.Add("addressees[1].slug", "x", "addressees", "y")
	id := undersigned.NounID{Issue: "clean-water", Kind: undersigned.ActionNoun, Slug: "sign"}
	f.Fuzz(func(t *testing.T, name, said, name2, said2 string) {
		for _, kind := range undersigned.ActionKinds {
			fields := Form(c, c.Action("sign"))
			maps.Copy(fields, Fields{"kind": string(kind), "words": "W", "targets": "house", "url": "https://example.org/", "owner": "O", name: said, name2: said2})
			noun, err := ReadForm(c, id, fields.Tidy(anyName))
			if err != nil {
				for _, f := range err.(*undersigned.Error).Fields {
					if f.Field == "" || f.Key == "" {
						t.Fatalf("a fault without a place: %v", err)
					}
				}
				continue
			}
			with := c.Clone()
			with.Put(id, noun)
			if errs := Check(with); errs != nil {
				t.Fatalf("a form gave what a pack refuses: %v", errs)
			}
		}
	})
}
