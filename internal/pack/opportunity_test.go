package pack

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/undersigned/undersigned"
)

const (
	plainHelp = `---
kind: volunteer
languages: [en, es]
coordinator:
  name: Rosa Díaz
  email: rosa@example.org
  show_email: true
title: Help
ask: We ask.
place: Boston, or from home
hours: Four hours a week
skills: "2: legal words"
questions:
  - slug: when
    kind: choice
    required: true
    question: When do you have time?
    choices:
      - Weekdays
      - "Yes"
  - slug: why
    kind: text
    question: Why?
  - slug: driver
    kind: yes_no
    question: Do you drive?
---
`
	plainAyuda = `---
title: Ayude
ask: Pedimos.
hours: Cuatro horas por semana
questions:
  - slug: when
    question: "¿Cuándo tiene tiempo?"
    choices:
      - Entre semana
      - Fines de semana
  - slug: why
    question: "¿Por qué?"
  - slug: driver
    question: "¿Conduce?"
---
`
)

func TestOpportunityIsReadAndWrittenBackByteForByte(t *testing.T) {
	content, err := Read(small(map[string]string{"actions/help-us.md": plainHelp, "es/actions/help-us.md": plainAyuda}))
	if err != nil {
		t.Fatal(err)
	}
	a := content.Action("help-us")
	want := undersigned.Opportunity{Languages: []string{"en", "es"},
		Coordinator: undersigned.Coordinator{Name: "Rosa Díaz", Email: "rosa@example.org", ShowEmail: true},
		Questions: []undersigned.Question{{Slug: "when", Kind: undersigned.ChoiceQuestion, Required: true},
			{Slug: "why", Kind: undersigned.TextQuestion}, {Slug: "driver", Kind: undersigned.YesNoQuestion}}}
	if !reflect.DeepEqual(a.Opportunity, want) {
		t.Errorf("got %+v", a.Opportunity)
	}
	if text := a.Texts["es"].Opportunity; text.Hours != "Cuatro horas por semana" || text.Questions[0].Choices[1] != "Fines de semana" {
		t.Errorf("got %+v", text)
	}
	files, err := render(content)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"actions/help-us.md": plainHelp, "es/actions/help-us.md": plainAyuda} {
		if got := string(files[name]); got != want {
			t.Errorf("%s is written as\n%s", name, got)
		}
	}
}

func TestOpportunityThatIsWrongIsToldWithFileLineAndField(t *testing.T) {
	replace := func(text, old, fresh string) string { return strings.Replace(text, old, fresh, 1) }
	many := strings.Repeat("  - slug: x\n    kind: text\n    question: Q\n", undersigned.MaxQuestions+1)
	for name, c := range map[string]struct{ file, text, want string }{
		"address that is none":       {"", replace(plainHelp, "rosa@example.org", "rosa"), "actions/help-us.md:6: coordinator.email: want an e-mail address"},
		"coordinator without one":    {"", replace(plainHelp, "  email: rosa@example.org\n", ""), "actions/help-us.md:4: coordinator.email: want this field"},
		"neither true nor false":     {"", replace(plainHelp, "show_email: true", "show_email: maybe"), "actions/help-us.md:7: coordinator.show_email: want true or false"},
		"language in words":          {"", replace(plainHelp, "[en, es]", "[english]"), "actions/help-us.md:3: languages: want language codes"},
		"unknown kind of question":   {"", replace(plainHelp, "kind: yes_no", "kind: number"), "actions/help-us.md:25: questions[3].kind: want one of text, choice, yes_no"},
		"question twice":             {"", replace(plainHelp, "slug: why", "slug: when"), "actions/help-us.md:21: questions[2].slug: want each of them"},
		"choice of one":              {"", replace(plainHelp, "      - \"Yes\"\n", ""), "actions/help-us.md:18: questions[1].choices: want 2 to 12 choices"},
		"choice that is a number":    {"", replace(plainHelp, "- Weekdays", "- 7"), "actions/help-us.md:18: questions[1].choices: want a list of texts"},
		"choices of a text":          {"", replace(plainHelp, "question: Why?", "question: Why?\n    choices: [A, B]"), "actions/help-us.md:24: questions[2].choices: want no such field but in a choice"},
		"same choice twice":          {"", replace(plainHelp, "\"Yes\"", "Weekdays"), "actions/help-us.md:18: questions[1].choices: want different choices"},
		"too many questions":         {"", plainHelp[:strings.Index(plainHelp, "questions:")] + "questions:\n" + many + "---\n", "questions: want at most 8 questions"},
		"in a petition":              {"", replace(plainHelp, "kind: volunteer", "kind: petition"), "coordinator: want no such field but in a volunteer"},
		"other questions translated": {"es/", replace(plainAyuda, "slug: why", "slug: how"), "es/actions/help-us.md:11: questions[2].slug: want the questions of actions/help-us.md"},
		"fewer choices translated":   {"es/", replace(plainAyuda, "      - Fines de semana\n", ""), "es/actions/help-us.md:8: questions[1].choices: want"},
		"fewer questions translated": {"es/", plainAyuda[:strings.Index(plainAyuda, "  - slug: driver")] + "---\n", "es/actions/help-us.md:5: questions: want all 3 questions"},
	} {
		t.Run(name, func(t *testing.T) {
			fsys := small(map[string]string{"actions/help-us.md": plainHelp, "es/actions/help-us.md": plainAyuda})
			fsys[c.file+"actions/help-us.md"] = &fstest.MapFile{Data: []byte(c.text)}
			content, err := Read(fsys)
			if !errors.As(err, new(*Error)) || content != nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got\n%v\nwant %s", err, c.want)
			}
		})
	}
}
