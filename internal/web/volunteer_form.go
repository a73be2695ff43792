package web

import (
	"strconv"
	"strings"

	"github.com/undersigned/undersigned"
)

// offerForm is the form of a volunteer, empty or as it was typed.
type offerForm struct {
	Action    string // where it is posted
	TokenName string
	Token     string
	Button    string
	Inputs    []formInput
	Comment   formText
	Questions []formQuestion
	Mistakes  []mistake
	Trap      trap
}

// formQuestion is one question of an opportunity: a text, or a choice where there are options.
type formQuestion struct {
	Name, Label, Hint, Lang string
	Options                 []formOption
	Required                bool
	Value, Error            string
}

// DescribedBy names the elements that explain the field, for aria-describedby.
func (q formQuestion) DescribedBy() string { return describedBy(q.Name, q.Hint, q.Error) }

func newOfferForm(c chrome, content *undersigned.Content, a *undersigned.Action, token string) *offerForm {
	f := &offerForm{Action: c.Link(actionPath(a)), Token: token, TokenName: formTokenField, Trap: newTrap(c), Button: c.T("offer.button"),
		Inputs: []formInput{
			{Name: "given_name", Label: c.T("form.given_name"), Type: "text", Autocomplete: "given-name", Required: true},
			{Name: "family_name", Label: c.T("form.family_name"), Hint: c.T("form.family_name.hint"), Type: "text", Autocomplete: "family-name"},
			{Name: "email", Label: c.T("form.email"), Hint: c.T("form.email.hint"), Type: "email", Autocomplete: "email", Required: true},
		},
		Comment: formText{Label: c.T("offer.comment"), Hint: c.T("offer.comment.hint", "max", undersigned.MaxOffer)},
	}
	for i, q := range a.Opportunity.Questions {
		text, lang := a.QuestionText(i, c.Lang(), content.Issue.Languages)
		field := formQuestion{Name: undersigned.AnswerField(q.Slug), Label: text.Question, Lang: c.other(lang), Required: q.Required}
		switch q.Kind {
		case undersigned.ChoiceQuestion:
			for n, words := range text.Choices {
				field.Options = append(field.Options, formOption{Value: strconv.Itoa(n + 1), Label: words})
			}
		case undersigned.YesNoQuestion:
			field.Options = []formOption{{Value: "yes", Label: c.T("answer.yes")}, {Value: "no", Label: c.T("answer.no")}}
		default:
			field.Hint = c.T("offer.answer.hint", "max", undersigned.MaxQuestionAnswer)
		}
		if !q.Required {
			field.Hint = strings.TrimSpace(c.T("offer.optional") + " " + field.Hint)
		}
		f.Questions = append(f.Questions, field)
	}
	return f
}

func (f *offerForm) fill(c chrome, typed undersigned.SubmissionForm, problem *undersigned.Error) {
	values := map[string]string{"given_name": typed.GivenName, "family_name": typed.FamilyName, "email": typed.Email}
	wrong := map[string]string{}
	for _, e := range problem.Fields {
		wrong[e.Field] = c.T(e.Key, e.Args...)
		f.Mistakes = append(f.Mistakes, mistake{Field: e.Field, Label: f.label(e.Field), Text: wrong[e.Field]})
	}
	for i := range f.Inputs {
		name := f.Inputs[i].Name
		f.Inputs[i].Value, f.Inputs[i].Error = strings.ToValidUTF8(values[name], "\uFFFD"), wrong[name]
	}
	f.Comment.Value, f.Comment.Error = strings.ToValidUTF8(typed.Comment, "\uFFFD"), wrong["comment"]
	for i := range f.Questions {
		q := &f.Questions[i]
		q.Value = strings.ToValidUTF8(typed.Answers[strings.TrimPrefix(q.Name, undersigned.AnswerField(""))], "\uFFFD")
		q.Error = wrong[q.Name]
		for j := range q.Options {
			q.Options[j].Selected = q.Options[j].Value == q.Value
		}
	}
}

func (f *offerForm) label(field string) string {
	for _, input := range f.Inputs {
		if input.Name == field {
			return input.Label
		}
	}
	for _, q := range f.Questions {
		if q.Name == field {
			return q.Label
		}
	}
	return f.Comment.Label
}
