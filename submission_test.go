package undersigned

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestOfferGoesFromStateToStateByTheRules(t *testing.T) {
	allowed := map[SubmissionState]string{
		SubmissionReceived:  "in_touch active declined",
		SubmissionInTouch:   "active done declined",
		SubmissionActive:    "done declined",
		SubmissionDone:      "active",
		SubmissionDeclined:  "in_touch",
		SubmissionWithdrawn: "",
	}
	for _, from := range SubmissionStates {
		var steps []string
		for _, to := range SubmissionStates {
			if from.Leads(to) {
				steps = append(steps, string(to))
			}
			if from.Leads(to) != slices.Contains(from.Steps(), to) {
				t.Errorf("%s leads to %s: %v", from, to, from.Leads(to))
			}
		}
		if got := strings.Join(steps, " "); got != allowed[from] {
			t.Errorf("%s leads to %q, want %q", from, got, allowed[from])
		}
		if from.Open() != slices.Contains([]SubmissionState{SubmissionReceived, SubmissionInTouch, SubmissionActive}, from) {
			t.Errorf("%s is open: %v", from, from.Open())
		}
	}
}

// opportunity asks a question of each kind; the last is in English alone.
func opportunity() *Action {
	en := OpportunityText{Questions: []QuestionText{{Question: "Why?"}, {Question: "When?", Choices: []string{"Weekdays", "Weekends"}}, {Question: "Driver?"}}}
	es := OpportunityText{Questions: []QuestionText{{Question: "¿Por qué?"}, {Question: "¿Cuándo?", Choices: []string{"Entre semana", "Fines de semana"}}}}
	return &Action{PID: "00", Kind: Volunteer, Texts: map[string]ActionText{"en": {Opportunity: en}, "es": {Opportunity: es}},
		Opportunity: Opportunity{Questions: []Question{{"why", TextQuestion, true}, {"when", ChoiceQuestion, true}, {"driver", YesNoQuestion, false}}}}
}

func TestAnswersAreKeptInTheLanguageOfTheCoordinator(t *testing.T) {
	form := SubmissionForm{GivenName: " Ana  María ", Email: "ana@example.org ", Comment: "One\r\ntwo\r\n",
		Answers: map[string]string{"why": "Porque sí.", "when": "2", "driver": "no", "unknown": "x"}}
	s, err := NewSubmission(opportunity(), []string{"en", "es"}, form, "es", "2026-11-22")
	if err != nil {
		t.Fatal(err)
	}
	want := []QuestionAnswer{{"why", "Why?", TextQuestion, "Porque sí."}, {"when", "When?", ChoiceQuestion, "Weekends"}, {"driver", "Driver?", YesNoQuestion, "no"}}
	if !reflect.DeepEqual(s.Answers, want) || s.Person.Comment != "One\ntwo" || s.Person.GivenName != "Ana María" || s.Person.Email != "ana@example.org" {
		t.Errorf("got %+v", s)
	}
}

func TestOfferIsRefusedFieldByField(t *testing.T) {
	long := strings.Repeat("ñ", MaxQuestionAnswer)
	for name, c := range map[string]struct {
		change func(f *SubmissionForm)
		want   string // field and key; empty where it is taken
	}{
		"as it should be":        {func(f *SubmissionForm) {}, ""},
		"no optional answer":     {func(f *SubmissionForm) { delete(f.Answers, "driver") }, ""},
		"longest answer":         {func(f *SubmissionForm) { f.Answers["why"] = long }, ""},
		"emoji and joiners":      {func(f *SubmissionForm) { f.Comment = "👩\u200d👩\u200d👧 می\u200cخواهم\n\tyes" }, ""},
		"answer one letter over": {func(f *SubmissionForm) { f.Answers["why"] = long + "x" }, "answer_why error.text.long"},
		"answer of a megabyte":   {func(f *SubmissionForm) { f.Answers["why"] = strings.Repeat("a", 1<<20) }, "answer_why error.text.long"},
		"zero byte":              {func(f *SubmissionForm) { f.Answers["why"] = "a\x00b" }, "answer_why error.characters"},
		"broken UTF-8":           {func(f *SubmissionForm) { f.Answers["why"] = "a\xff" }, "answer_why error.characters"},
		"only spaces":            {func(f *SubmissionForm) { f.Answers["why"] = " \r\n" }, "answer_why error.question.empty"},
		"nothing chosen":         {func(f *SubmissionForm) { delete(f.Answers, "when") }, "answer_when error.question.choose"},
		"choice that is not one": {func(f *SubmissionForm) { f.Answers["when"] = "3" }, "answer_when error.question.choose"},
		"choice zero":            {func(f *SubmissionForm) { f.Answers["when"] = "0" }, "answer_when error.question.choose"},
		"choice in words":        {func(f *SubmissionForm) { f.Answers["when"] = "Weekends" }, "answer_when error.question.choose"},
		"neither yes nor no":     {func(f *SubmissionForm) { f.Answers["driver"] = "maybe" }, "answer_driver error.question.choose"},
		"nothing about oneself":  {func(f *SubmissionForm) { f.Comment = "" }, "comment error.offer.empty"},
		"an essay":               {func(f *SubmissionForm) { f.Comment = strings.Repeat("a", MaxOffer+1) }, "comment error.text.long"},
		"no address":             {func(f *SubmissionForm) { f.Email = "" }, "email error.email.empty"},
		"line break in address":  {func(f *SubmissionForm) { f.Email = "a@b.org\r\nBcc: c@d.org" }, "email error.email.two_at"},
		"web address for a name": {func(f *SubmissionForm) { f.GivenName = "www.example.com" }, "given_name error.name.link"},
	} {
		t.Run(name, func(t *testing.T) {
			form := SubmissionForm{GivenName: "Ana", Email: "ana@example.org", Comment: "I can drive.",
				Answers: map[string]string{"why": "Because.", "when": "1", "driver": "yes"}}
			c.change(&form)
			_, err := NewSubmission(opportunity(), []string{"en", "es"}, form, "en", "2026-11-22")
			var got string
			if e := (*Error)(nil); errors.As(err, &e) {
				got = e.Fields[0].Field + " " + e.Fields[0].Key
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestQuestionFallsBackToALanguageThatHasIt(t *testing.T) {
	if text, lang := opportunity().QuestionText(1, "es", []string{"en", "es"}); text.Question != "¿Cuándo?" || lang != "es" {
		t.Errorf("got %q in %s", text.Question, lang)
	}
	if text, lang := opportunity().QuestionText(2, "es", []string{"en", "es"}); text.Question != "Driver?" || lang != "en" {
		t.Errorf("got %q in %s", text.Question, lang)
	}
}

func TestOffersGoToTheActionsOwnCoordinatorOrTheIssues(t *testing.T) {
	own := Coordinator{Name: "Rosa", Email: "rosa@example.org"}
	for name, c := range map[string]struct {
		issue string
		own   Coordinator
		pid   string
		want  Coordinator
		taken bool
	}{
		"its own":            {"all@example.org", own, "00", own, true},
		"the issue's":        {"all@example.org", Coordinator{}, "00", Coordinator{Email: "all@example.org"}, true},
		"nobody":             {"", Coordinator{Name: "Rosa"}, "00", Coordinator{}, false},
		"not imported since": {"", own, "", own, false},
	} {
		content := &Content{Issue: Issue{Coordinator: c.issue}}
		a := &Action{PID: c.pid, Kind: Volunteer, Opportunity: Opportunity{Coordinator: c.own}}
		if got := content.CoordinatorOf(a); got != c.want || content.TakesOffers(a) != c.taken {
			t.Errorf("%s: %+v, taken %v", name, got, content.TakesOffers(a))
		}
	}
}

// A telephone's address book puts marks around numbers that nobody sees, and that nobody could take out again.
func TestMarksThatNobodySeesAreNoMistake(t *testing.T) {
	a, form := opportunity(), SubmissionForm{GivenName: "\u200eAna\u200b", FamilyName: "Sil\u00adva", Email: "ana@example.org", Comment: "Call \u202a617-555-0100\u202c",
		Answers: map[string]string{"why": "\u200bPorque sí.", "when": "1"}}
	s, err := NewSubmission(a, []string{"en"}, form, "en", "2026-11-22")
	if err != nil {
		t.Fatal(err)
	}
	if p := s.Person; p.GivenName != "Ana" || p.FamilyName != "Silva" || p.Comment != "Call 617-555-0100" {
		t.Errorf("kept as %+q", p)
	}
}
