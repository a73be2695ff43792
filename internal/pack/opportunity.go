package pack

import (
	"slices"
	"unicode/utf8"

	"github.com/undersigned/undersigned"
)

// maxChoice is the longest choice of a question, in characters, and maxChoices how many there may be: more is no choice.
const (
	maxChoice  = 100
	maxChoices = 12
)

// opportunityFields are what only a volunteer action has.
var opportunityFields = []string{"languages", "coordinator", "place", "hours", "skills", "questions"}

func readOpportunity(d *document) (undersigned.Opportunity, undersigned.OpportunityText) {
	o := undersigned.Opportunity{Languages: d.words("languages"), Coordinator: readCoordinator(d)}
	for _, lang := range o.Languages {
		if !languageCode.MatchString(lang) {
			d.fault("languages", "want.languages")
		}
	}
	text := readOpportunityText(d)
	for _, m := range d.subs("questions") {
		m.require("slug", "kind", "question")
		q := undersigned.Question{Slug: m.slug("slug"), Kind: choice(m, "kind", undersigned.QuestionKinds, ""), Required: m.yes("required")}
		words := readQuestionText(m, q.Kind == undersigned.ChoiceQuestion)
		m.done()
		if slices.ContainsFunc(o.Questions, func(other undersigned.Question) bool { return other.Slug == q.Slug }) {
			m.fault("slug", "want.once")
		}
		o.Questions, text.Questions = append(o.Questions, q), append(text.Questions, words)
	}
	if len(o.Questions) > undersigned.MaxQuestions {
		d.fault("questions", "want.questions_most", "n", undersigned.MaxQuestions)
	}
	return o, text
}

func readCoordinator(d *document) (c undersigned.Coordinator) {
	m := d.sub("coordinator")
	if m == nil {
		return c
	}
	m.require("email")
	c = undersigned.Coordinator{Name: m.one("name"), Email: m.one("email"), ShowEmail: m.yes("show_email")}
	m.done()
	if c.Email != "" && !undersigned.ValidEmail(c.Email) {
		m.fault("email", "want.email")
	}
	return c
}

func readOpportunityText(d *document) undersigned.OpportunityText {
	return undersigned.OpportunityText{Place: d.one("place"), Hours: d.one("hours"), Skills: d.one("skills")}
}

func readQuestionText(m *mapping, choices bool) undersigned.QuestionText {
	t := undersigned.QuestionText{Question: m.one("question")}
	if !choices {
		m.forbid(want("want.not_here.choice"), "choices")
		return t
	}
	m.require("choices")
	t.Choices = m.texts("choices")
	if n := len(t.Choices); n == 1 || n > maxChoices {
		m.fault("choices", "want.choices_between", "least", 2, "most", maxChoices)
	}
	for i, c := range t.Choices {
		if utf8.RuneCountInString(c) > maxChoice || slices.Contains(t.Choices[:i], c) {
			m.fault("choices", "want.choices_short", "n", maxChoice)
		}
	}
	return t
}

// readOpportunityTranslation reads an opportunity's words in another language: those of all its questions, or of none.
func readOpportunityTranslation(d *document, a *undersigned.Action, first undersigned.OpportunityText) undersigned.OpportunityText {
	text := readOpportunityText(d)
	for i, m := range d.subs("questions") {
		m.require("slug", "question")
		slug := m.slug("slug")
		if i >= len(first.Questions) || slug != a.Opportunity.Questions[i].Slug {
			m.fault("slug", "want.same_questions", "file", actions+"/"+a.Slug+".md")
			return text
		}
		words := readQuestionText(m, a.Opportunity.Questions[i].Kind == undersigned.ChoiceQuestion)
		m.done()
		if n := len(first.Questions[i].Choices); len(words.Choices) != n {
			m.fault("choices", "want.choices_all", "n", n)
		}
		text.Questions = append(text.Questions, words)
	}
	if n := len(text.Questions); n > 0 && n < len(first.Questions) {
		d.fault("questions", "want.questions_all", "n", len(first.Questions))
	}
	return text
}

func writeOpportunity(f *front, o *undersigned.Opportunity) {
	f.words("languages", o.Languages)
	if c := o.Coordinator; c.Email != "" {
		f.sub("coordinator", func(f *front) {
			f.one("name", c.Name)
			f.one("email", c.Email)
			f.yes("show_email", c.ShowEmail)
		})
	}
}

// writeOpportunityText writes the words in one language; in the first one with what is the same in all.
func writeOpportunityText(f *front, o *undersigned.Opportunity, text *undersigned.OpportunityText, first bool) {
	f.one("place", text.Place)
	f.one("hours", text.Hours)
	f.one("skills", text.Skills)
	f.list("questions", len(text.Questions), func(i int, f *front) {
		q := o.Questions[i]
		f.one("slug", q.Slug)
		if first {
			f.one("kind", string(q.Kind))
			f.yes("required", q.Required)
		}
		f.one("question", text.Questions[i].Question)
		f.texts("choices", text.Questions[i].Choices)
	})
}
