package undersigned

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// What an offer may say at most, in characters. With every field full the form stays under the 64 KB that are read of one.
const (
	MaxOffer          = 1000 // what the volunteer writes freely
	MaxQuestionAnswer = 500  // each answer
)

// SubmissionState is what has become of a volunteer's offer.
type SubmissionState string

const (
	SubmissionReceived  SubmissionState = "received" // by us, for the coordinator
	SubmissionInTouch   SubmissionState = "in_touch"
	SubmissionActive    SubmissionState = "active"
	SubmissionDone      SubmissionState = "done"
	SubmissionDeclined  SubmissionState = "declined"
	SubmissionWithdrawn SubmissionState = "withdrawn" // by the volunteer: nothing is left that says who it was
)

// SubmissionStates are all states.
var SubmissionStates = []SubmissionState{SubmissionReceived, SubmissionInTouch, SubmissionActive, SubmissionDone,
	SubmissionDeclined, SubmissionWithdrawn}

// submissionSteps are what a coordinator can make of an offer. What is done or declined can go on again, for a button can
// be pressed by mistake; what its volunteer has taken back cannot.
var submissionSteps = map[SubmissionState][]SubmissionState{
	SubmissionReceived: {SubmissionInTouch, SubmissionActive, SubmissionDeclined},
	SubmissionInTouch:  {SubmissionActive, SubmissionDone, SubmissionDeclined},
	SubmissionActive:   {SubmissionDone, SubmissionDeclined},
	SubmissionDone:     {SubmissionActive},
	SubmissionDeclined: {SubmissionInTouch},
}

// Steps are the states that a coordinator can set next.
func (s SubmissionState) Steps() []SubmissionState { return submissionSteps[s] }

// Leads tells whether a coordinator can set that state next.
func (s SubmissionState) Leads(to SubmissionState) bool {
	return slices.Contains(submissionSteps[s], to)
}

// Open tells whether an offer is under way: of these a mailbox has one at a time for each action.
func (s SubmissionState) Open() bool {
	return s == SubmissionReceived || s == SubmissionInTouch || s == SubmissionActive
}

// SubmissionID is 16 random bytes, drawn when the confirmation link is made and used once.
type SubmissionID [16]byte

// Submission is one person's offer to volunteer.
type Submission struct {
	ID       SubmissionID     `json:"-"`
	PID      string           `json:"-"` // of the action
	Language string           `json:"language"`
	Day      Day              `json:"day"` // UTC, of the form
	Person   Person           `json:"person"`
	Answers  []QuestionAnswer `json:"answers,omitempty"` // in the order of the questions; those left empty are left out
}

// QuestionAnswer is the answer to one question, with the question as it was asked: a later pack may ask another.
type QuestionAnswer struct {
	Slug     string       `json:"slug"`
	Question string       `json:"question"` // in the first language, which its coordinator reads
	Kind     QuestionKind `json:"kind"`
	Words    string       `json:"words"` // as typed; of a choice its words in that language; "yes" or "no"
}

// SubmissionForm is what the form says, as it was typed.
type SubmissionForm struct {
	GivenName, FamilyName, Email, Comment string
	// Answers are the answers by the question's slug. A choice is the number of the choice, from 1, so that it is the
	// same in every language; yes or no is "yes" or "no".
	Answers map[string]string
}

// AnswerField is the name of a question's field in a form and in errors.
func AnswerField(slug string) string { return "answer_" + slug }

// NewSubmission checks a form against the questions of its action, and makes of it an offer without an id. languages are
// the issue's. The error names every field that is wrong. Whether the action is open is for Decide.
func NewSubmission(a *Action, languages []string, form SubmissionForm, language string, day Day) (*Submission, error) {
	s := &Submission{PID: a.PID, Language: language, Day: day, Person: Person{
		GivenName:  squeeze(form.GivenName),
		FamilyName: squeeze(form.FamilyName),
		Email:      strings.TrimSpace(form.Email),
		Comment:    plainText(form.Comment),
	}}
	var wrong fields
	checkName(&wrong, "given_name", s.Person.GivenName, true)
	checkName(&wrong, "family_name", s.Person.FamilyName, false)
	checkEmail(&wrong, s.Person.Email)
	if s.Person.Comment == "" {
		wrong.add("comment", "error.offer.empty")
	}
	checkText(&wrong, "comment", s.Person.Comment, MaxOffer)
	for i, q := range a.Opportunity.Questions {
		asked, _ := a.QuestionText(i, languages[0], languages)
		answer := plainText(form.Answers[q.Slug])
		switch {
		case answer != "":
			words := q.check(&wrong, answer, asked)
			s.Answers = append(s.Answers, QuestionAnswer{Slug: q.Slug, Question: asked.Question, Kind: q.Kind, Words: words})
		case q.Required && q.Kind == TextQuestion:
			wrong.add(AnswerField(q.Slug), "error.question.empty")
		case q.Required:
			wrong.add(AnswerField(q.Slug), "error.question.choose")
		}
	}
	return s, wrong.err()
}

// check gives the words of an answer, or notes why they cannot be.
func (q *Question) check(wrong *fields, answer string, asked QuestionText) (words string) {
	field := AnswerField(q.Slug)
	switch q.Kind {
	case ChoiceQuestion:
		n, err := strconv.Atoi(answer)
		if err != nil || n < 1 || n > len(asked.Choices) {
			wrong.add(field, "error.question.choose")
			return ""
		}
		return asked.Choices[n-1]
	case YesNoQuestion:
		if answer != "yes" && answer != "no" {
			wrong.add(field, "error.question.choose")
		}
		return answer
	}
	checkText(wrong, field, answer, MaxQuestionAnswer)
	return answer
}

// MaxNotes is how much a coordinator may write down about an offer, in characters.
const MaxNotes = 4000

// CleanNotes makes of what was typed the notes about an offer. Invalid, with the field "notes".
func CleanNotes(text string) (string, error) {
	var wrong fields
	text = plainText(text)
	checkText(&wrong, "notes", text, MaxNotes)
	return text, wrong.err()
}

func checkText(wrong *fields, field, text string, most int) {
	switch n := utf8.RuneCountInString(text); {
	case !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && r != '\t' && !plain(r) }):
		wrong.add(field, "error.characters")
	case n > most:
		wrong.add(field, "error.text.long", "max", most, "n", n)
	}
}
