package web

import (
	"slices"
	"strings"
	"sync"

	"github.com/undersigned/undersigned"
	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// formTokenField is the form's one field that OSDI has no word for.
const formTokenField = "form_token"

// trapField is one that no reader sees. Programs that fill in whatever a page has, fill it in.
const trapField = "website"

// trap is that field, with a word for whoever comes upon it all the same.
type trap struct{ Name, Label string }

func newTrap(c chrome) trap { return trap{trapField, c.T("form.trap")} }

// signForm is the form of a petition or a pledge, empty or as it was typed.
type signForm struct {
	Action    string // where it is posted
	Token     string
	Button    string
	Inputs    []formInput
	Country   formSelect
	Comment   formText
	Deliver   bool
	Mistakes  []mistake
	TokenName string
	KeepDays  int // after it closes, what is typed is kept for so many days
	Sealed    int // to how many offline identities what is typed is sealed; 0 is none
	Trap      trap
}

type formInput struct {
	Name, Label, Hint, Type, Autocomplete string
	Required                              bool
	Value, Error                          string
	Of                                    string // the part of the page, where another has a field of the same name
}

// ID names the element: its name, unless the page has more than one of that.
func (f formInput) ID() string { return fieldID(f.Of, f.Name) }

// DescribedBy names the elements that explain the field, for aria-describedby.
func (f formInput) DescribedBy() string { return describedBy(f.ID(), f.Hint, f.Error) }

func fieldID(of, name string) string {
	if of == "" {
		return name
	}
	return of + "-" + name
}

type formSelect struct {
	Label, Error string
	Options      []formOption
}

type formOption struct {
	Value, Label string
	Lang         string // the label's, where it is not the page's
	Selected     bool
}

type formText struct {
	Label, Hint, Value, Error string
	Max                       int // bytes
}

// DescribedBy names the elements that explain the field, for aria-describedby.
func (f formText) DescribedBy() string { return describedBy("comment", f.Hint, f.Error) }

// mistake is a line of the summary above the form.
type mistake struct {
	Field, Label, Text string
}

func describedBy(name, hint, problem string) string {
	var ids []string
	if hint != "" {
		ids = append(ids, name+"-hint")
	}
	if problem != "" {
		ids = append(ids, name+"-error")
	}
	return strings.Join(ids, " ")
}

func newSignForm(c chrome, a *undersigned.Action, token string) *signForm {
	return &signForm{
		Action: c.Link(actionPath(a)), Token: token, TokenName: formTokenField, Trap: newTrap(c),
		Button: kindButton(c, a.Kind), KeepDays: int(a.KeepsFor().Hours() / 24),
		Inputs: []formInput{
			{Name: "given_name", Label: c.T("form.given_name"), Type: "text", Autocomplete: "given-name", Required: true},
			{Name: "family_name", Label: c.T("form.family_name"), Hint: c.T("form.family_name.hint"), Type: "text", Autocomplete: "family-name"},
			{Name: "email", Label: c.T("form.email"), Hint: c.T("form.email.hint"), Type: "email", Autocomplete: "email", Required: true},
			{Name: "postal_code", Label: c.T("form.postal_code"), Hint: c.T("form.postal_code.hint"), Type: "text", Autocomplete: "postal-code"},
		},
		Country: formSelect{Label: c.T("form.country"), Options: countryOptions(c.Lang(), "US")},
		Comment: formText{Label: c.T("form.comment"), Hint: c.T("form.comment.hint"), Max: undersigned.MaxComment},
	}
}

func (f *signForm) fill(c chrome, typed undersigned.SignatureForm, problem *undersigned.Error) {
	values := map[string]string{"given_name": typed.GivenName, "family_name": typed.FamilyName, "email": typed.Email,
		"postal_code": typed.PostalCode}
	wrong := map[string]string{}
	for _, e := range problem.Fields {
		wrong[e.Field] = c.T(e.Key, e.Args...)
		f.Mistakes = append(f.Mistakes, mistake{Field: e.Field, Label: f.label(e.Field), Text: wrong[e.Field]})
	}
	for i := range f.Inputs {
		name := f.Inputs[i].Name
		f.Inputs[i].Value, f.Inputs[i].Error = strings.ToValidUTF8(values[name], "\uFFFD"), wrong[name]
	}
	f.Country.Options = countryOptions(c.Lang(), strings.ToUpper(typed.Country))
	f.Country.Error = wrong["country"]
	f.Comment.Value, f.Comment.Error = strings.ToValidUTF8(typed.Comment, "\uFFFD"), wrong["comment"]
	f.Deliver = typed.Deliver
}

func (f *signForm) label(field string) string {
	for _, input := range f.Inputs {
		if input.Name == field {
			return input.Label
		}
	}
	switch field {
	case "country":
		return f.Country.Label
	case "comment":
		return f.Comment.Label
	}
	return ""
}

// countries are the codes of ISO 3166-1, and XK, which people of Kosovo use.
const countries = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV " +
	"BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK " +
	"FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT " +
	"JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO " +
	"MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY " +
	"QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO " +
	"TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW"

// countryOptions lists the countries by their names in lang, the United States first.
func countryOptions(lang, selected string) []formOption {
	named, ok := countryNames.Load(lang)
	if !ok {
		// Sorting 250 names takes a millisecond, which a page that says "too many wait" has no time for.
		named, _ = countryNames.LoadOrStore(lang, nameCountries(lang))
	}
	options := slices.Clone(named.([]formOption))
	for i := range options {
		options[i].Selected = options[i].Value == selected
	}
	return options
}

// countryNames keeps the sorted names by language.
var countryNames sync.Map

func nameCountries(lang string) (options []formOption) {
	tag := language.Make(lang)
	names := display.Regions(tag)
	for _, code := range strings.Fields(countries) {
		options = append(options, formOption{Value: code, Label: names.Name(language.MustParseRegion(code))})
	}
	order := collate.New(tag)
	slices.SortFunc(options, func(a, b formOption) int {
		if (a.Value == "US") != (b.Value == "US") {
			if a.Value == "US" {
				return -1
			}
			return 1
		}
		return order.CompareString(a.Label, b.Label)
	})
	return options
}
