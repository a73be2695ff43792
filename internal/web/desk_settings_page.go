package web

import (
	"slices"
	"strings"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
)

// settingsView is what owners set of the site.
type settingsView struct {
	deskChrome
	Name, Notices  formInput
	Light, Dark    accentField
	LogoError      string
	Choices        []languageChoice
	Firsts         []formOption
	LanguagesError string
	GeocoderGiven  string // in words; empty where the program was told nothing
	NoticesGiven   string
	GeocoderOn     bool
	GeocoderError  string
	Witnesses      *witnessesView
	GuideLeft      bool
	MaxLogo        int // MB
}

// accentField asks for a colour, and says how well it can be read.
type accentField struct {
	formInput
	Color string // that is used now
	Says  string
}

type languageChoice struct {
	Lang, Name string
	Shown      bool
}

// witnessesView says what each witness of the public log has seen.
type witnessesView struct {
	Lead    string
	Warns   []string
	Trouble string
	Rows    []fact
}

func newSettings(c deskChrome, settings *undersigned.Settings, given Given, w *witnessReport) settingsView {
	v := settingsView{deskChrome: c.named(c.T("desk.settings")), GuideLeft: settings.GuideLeft, MaxLogo: action.MaxLogo >> 20,
		Name:    formInput{Name: undersigned.SettingName, Label: c.T("settings.name"), Hint: c.T("settings.name.hint", "max", undersigned.MaxSiteName), Type: "text", Autocomplete: "off", Value: settings.Name},
		Notices: formInput{Name: undersigned.SettingNotices, Label: c.T("settings.notices"), Hint: c.T("settings.notices.hint"), Type: "email", Autocomplete: "off", Value: settings.Notices}}
	light, dark, ok := settings.Accents()
	if !ok {
		light, dark = ownLight, ownDark
	}
	v.Light = newAccentField(c.chrome, formInput{Name: undersigned.SettingAccent, Label: c.T("settings.accent"), Hint: c.T("settings.accent.hint"), Value: settings.Accent}, light, undersigned.LightGrounds)
	v.Dark = newAccentField(c.chrome, formInput{Name: undersigned.SettingAccentDark, Label: c.T("settings.accent_dark"), Hint: c.T("settings.accent_dark.hint"), Value: settings.AccentDark}, dark, undersigned.DarkGrounds)
	for _, l := range c.Languages {
		v.Choices = append(v.Choices, languageChoice{Lang: l.Lang(), Name: l.Name(), Shown: settings.Shows(l.Lang())})
		first := len(settings.Languages) > 0 && settings.Languages[0] == l.Lang()
		v.Firsts = append(v.Firsts, formOption{Value: l.Lang(), Label: l.Name(), Selected: first})
	}
	v.GeocoderOn = settings.Geocoder == "on"
	if given.Geocoder != "" {
		v.GeocoderOn = given.Geocoder == "on"
		v.GeocoderGiven = c.T("settings.given", "flag", "--geocoder")
	}
	if given.Notices != "" {
		v.Notices.Value = given.Notices
		v.NoticesGiven = c.T("settings.given", "flag", "--owner-email")
	}
	if w != nil {
		v.Witnesses = newWitnesses(c.chrome, w)
	}
	return v
}

func newAccentField(c chrome, input formInput, used undersigned.Color, grounds []undersigned.Color) accentField {
	input.Type, input.Autocomplete = "text", "off"
	return accentField{formInput: input, Color: used.String(), Says: c.T("settings.contrast", "ratio", undersigned.Ratio(used.LeastContrast(grounds)))}
}

func newWitnesses(c chrome, w *witnessReport) *witnessesView {
	v := &witnessesView{Lead: c.T("settings.witnesses.lead", "quorum", w.Quorum, "n", len(w.Seen), "size", int(w.Size)), Trouble: w.Trouble}
	for _, seen := range w.Seen {
		says := c.T("settings.witnesses.not_yet")
		if !seen.At.IsZero() {
			says = c.T("settings.witnesses.signed", "date", c.DateTime(seen.At.In(undersigned.Eastern)))
		}
		v.Rows = append(v.Rows, fact{Label: seen.Name, Value: says})
	}
	if signed := len(slices.DeleteFunc(slices.Clone(w.Seen), func(s witnessSeen) bool { return s.At.IsZero() })); w.Size > 0 && signed < w.Quorum {
		v.Warns = append(v.Warns, c.T("settings.witnesses.few", "quorum", w.Quorum))
	}
	if len(w.Seen) == w.Quorum {
		v.Warns = append(v.Warns, c.T("settings.witnesses.spare"))
	}
	return v
}

// failed shows what could not be taken, with why beside it.
func (v *settingsView) failed(typed map[string]string, problem *undersigned.Error) {
	says := map[string]string{}
	for _, e := range problem.Fields {
		says[e.Field] = v.T(e.Key, e.Args...)
	}
	for _, input := range []*formInput{&v.Name, &v.Light.formInput, &v.Dark.formInput, &v.Notices} {
		if value, ok := typed[input.Name]; ok {
			input.Value, input.Error = strings.ToValidUTF8(value, "\uFFFD"), says[input.Name]
		}
	}
	v.LogoError, v.LanguagesError, v.GeocoderError = says[undersigned.SettingLogo], says[undersigned.SettingLanguages], says[undersigned.SettingGeocoder]
}
