package web

import (
	"strconv"
	"strings"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
)

// keptSettingsView is how long things are kept.
type keptSettingsView struct {
	deskChrome
	Crumbs []deskLink
	Asks   []keptAsk
	Inputs []formInput
	Fixed  []string
}

// keptAsk is a petition or pledge in the list.
type keptAsk struct {
	Title, Link string
	Days, Ends  string
}

func newKeptSettings(c deskChrome, list []action.Retention, asks []action.KeptAsk) keptSettingsView {
	v := keptSettingsView{deskChrome: c.named(c.T("settings.retention")), Crumbs: settingsCrumbs(c)}
	for _, k := range asks {
		text, _ := k.Action.Text(c.Lang(), k.Content.Issue.Languages)
		ask := keptAsk{Title: text.Title, Days: c.N("settings.retention.days", k.Days), Ends: c.T("settings.retention.open"),
			Link: c.Link(nounPath(undersigned.NounID{Issue: k.Action.Issue, Kind: undersigned.ActionNoun, Slug: k.Action.Slug})) + "#" + fieldElement("keep_days")}
		if !k.Ends.IsZero() {
			ask.Ends = c.T("settings.retention.ends", "date", c.Day(undersigned.DayOf(k.Ends)))
		}
		v.Asks = append(v.Asks, ask)
	}
	for _, r := range list {
		v.Inputs = append(v.Inputs, formInput{Name: r.Name, Label: c.T("retention." + r.Name), Type: "text", Autocomplete: "off", Value: strconv.Itoa(r.Days),
			Hint: c.T("settings.retention.hint", "least", r.Least, "most", r.Promised)})
	}
	for _, key := range []string{"privacy.kept.1", "privacy.kept.3", "privacy.letters.2", "privacy.kept.news", "privacy.kept.4"} {
		v.Fixed = append(v.Fixed, c.T(key))
	}
	return v
}

// failed shows what could not be taken, with why beside it.
func (v *keptSettingsView) failed(typed map[string]string, problem *undersigned.Error) {
	for i := range v.Inputs {
		input := &v.Inputs[i]
		input.Value = strings.ToValidUTF8(typed[input.Name], "\uFFFD")
		for _, e := range problem.Fields {
			if e.Field == input.Name {
				input.Error = v.T(e.Key, e.Args...)
			}
		}
	}
}

// keptSureView says what other numbers would do to what is there.
type keptSureView struct {
	deskChrome
	Crumbs  []deskLink
	Changes []keptChange
	Values  []heldField
}

type keptChange struct {
	What, From, To string
	Says           string
	Erases         bool
}

func newKeptSure(c deskChrome, list []action.Retention, values map[string]string) keptSureView {
	v := keptSureView{deskChrome: c.named(c.T("settings.retention.sure")), Crumbs: append(settingsCrumbs(c), deskLink{Label: c.T("settings.retention"), Link: c.Link(keptSettingsPath)})}
	for _, r := range list {
		v.Values = append(v.Values, heldField{Name: r.Name, Value: values[r.Name]})
		if r.Days == r.Wanted {
			continue
		}
		change := keptChange{What: c.T("retention." + r.Name), From: c.N("settings.retention.days", r.Days), To: c.N("settings.retention.days", r.Wanted), Erases: r.Erases > 0}
		change.Says = c.T("settings.retention.nothing")
		if r.Erases > 0 {
			change.Says = c.N("settings.retention.erases", int(r.Erases))
		}
		v.Changes = append(v.Changes, change)
	}
	return v
}
