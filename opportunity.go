package undersigned

import "slices"

// Opportunity is what an action of kind [Volunteer] says beyond its words: in which languages the work is done, whom an
// offer goes to, and what is asked of everybody who makes one.
type Opportunity struct {
	Languages   []string    `json:"languages,omitempty"` // ISO 639 codes; none is any
	Coordinator Coordinator `json:"coordinator,omitzero"`
	Questions   []Question  `json:"questions,omitempty"` // at most [MaxQuestions]
}

// OpportunityText is an opportunity in one language. Each of its lines may be empty.
type OpportunityText struct {
	Place     string         `json:"place,omitempty"`
	Hours     string         `json:"hours,omitempty"`
	Skills    string         `json:"skills,omitempty"`
	Questions []QuestionText `json:"questions,omitempty"` // as many as the opportunity has, in its order
}

// Coordinator is the person that offers go to. The address is shown to nobody unless ShowEmail says so.
type Coordinator struct {
	Name      string `json:"name,omitempty"`
	Email     string `json:"email"`
	ShowEmail bool   `json:"show_email,omitempty"`
}

// MaxQuestions is how many questions an opportunity may ask: a form that asks more is filled in by nobody.
const MaxQuestions = 8

// QuestionKind says how a question is answered.
type QuestionKind string

const (
	TextQuestion   QuestionKind = "text"
	ChoiceQuestion QuestionKind = "choice"
	YesNoQuestion  QuestionKind = "yes_no"
)

// QuestionKinds are all kinds.
var QuestionKinds = []QuestionKind{TextQuestion, ChoiceQuestion, YesNoQuestion}

// Question is asked of everybody who offers to volunteer.
type Question struct {
	Slug     string       `json:"slug"`
	Kind     QuestionKind `json:"kind"`
	Required bool         `json:"required,omitempty"`
}

// QuestionText is a question in one language.
type QuestionText struct {
	Question string   `json:"question"`
	Choices  []string `json:"choices,omitempty"` // of a choice: at least two, in the same order in each language
}

// CoordinatorOf gives whom offers for an action go to: its own coordinator, or else the issue's. Without an address there
// is nobody.
func (c *Content) CoordinatorOf(a *Action) Coordinator {
	if to := a.Opportunity.Coordinator; to.Email != "" {
		return to
	}
	return Coordinator{Email: c.Issue.Coordinator}
}

// TakesOffers tells whether offers for an action can be taken while it is open: it has keys to seal them, and somebody
// to read them.
func (c *Content) TakesOffers(a *Action) bool {
	return a.Kind == Volunteer && a.PID != "" && c.CoordinatorOf(a).Email != ""
}

// QuestionText gives the words of question i in lang, or in the first of languages that has them, and which that is.
func (a *Action) QuestionText(i int, lang string, languages []string) (QuestionText, string) {
	for _, l := range slices.Concat([]string{lang}, languages) {
		if t, ok := a.Texts[l]; ok && i < len(t.Opportunity.Questions) {
			return t.Opportunity.Questions[i], l
		}
	}
	return QuestionText{}, lang
}
