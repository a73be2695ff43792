package web

import (
	"cmp"
	"strings"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/pack"
	"github.com/undersigned/undersigned/internal/store"
)

// correctView is the form in which an organisation says what is wrong with its entry.
type correctView struct {
	chrome
	Action, Token, TokenName, Trap string
	Back                           string
	Name                           string
	Inputs                         []formInput
	Address, Body, Note            formArea
	Sender                         formInput
	Problem                        string
	Mistakes                       []mistake
}

// formArea is a field of many lines.
type formArea struct {
	ID, Name, Label, Hint, Value, Error string
	Lang                                string
	Rows                                int
}

// DescribedBy names the elements that explain the field, for aria-describedby.
func (f formArea) DescribedBy() string { return describedBy(f.ID, f.Hint, f.Error) }

func newCorrect(c chrome, l listing, token string) correctView {
	text, lang := l.Text(c.Lang(), l.content.Issue.Languages)
	region, _ := l.RegionIn(c.Lang(), l.content.Issue.Languages)
	v := correctView{chrome: c.titled(c.T("correct.title", "name", l.Name), c.T("correct.what")).private(), Name: l.Name, Action: c.Link(correctPath(l)), Token: token, TokenName: formTokenField,
		Trap: trapField, Back: c.Link(organizationPath(l.Organization)),
		Inputs: []formInput{
			{Name: "name", Label: c.T("write.name"), Type: "text", Autocomplete: "organization", Value: l.Name},
			{Name: "region", Label: c.T("write.region"), Type: "text", Autocomplete: "off", Value: region},
			{Name: "url", Label: c.T("write.url"), Type: "text", Autocomplete: "url", Value: l.URL},
			{Name: "phone", Label: c.T("write.phone"), Type: "text", Autocomplete: "off", Value: l.Phone},
			{Name: "email", Label: c.T("write.email"), Type: "text", Autocomplete: "off", Value: l.Email},
		},
		Address: formArea{ID: "address", Name: "address", Label: c.T("write.address"), Value: l.Address, Rows: 3},
		Body:    formArea{ID: "body", Name: "body", Label: c.T("correct.body"), Value: text.Body, Lang: c.other(lang), Rows: 8},
		Note:    formArea{ID: "note", Name: "note", Label: c.T("correct.note"), Rows: 3},
		Sender:  formInput{Name: "sender", Label: c.T("correct.sender"), Hint: c.T("correct.sender.hint"), Type: "email", Autocomplete: "email", Required: true}}
	return v
}

// failed gives back what was typed, with what is wrong.
func (v *correctView) failed(l listing, in action.CorrectionInput, problem *undersigned.Error) {
	v.Title = v.T("form.error_title", "title", v.Title)
	v.Problem = v.T(cmp.Or(problem.Key, "error.form"))
	wrong := map[string]string{}
	for _, f := range problem.Fields {
		_, name := pack.LanguageOf(f.Field)
		wrong[name] = v.wanted(f)
	}
	said := func(name string) string { return in.Fields[correctedField(l, name, v.Lang())] }
	for i := range v.Inputs {
		f := &v.Inputs[i]
		f.Value, f.Error = said(f.Name), wrong[f.Name]
		v.told(f.Name, f.Label, f.Error)
	}
	for _, f := range []*formArea{&v.Address, &v.Body} {
		f.Value, f.Error = said(f.Name), wrong[f.Name]
		v.told(f.Name, f.Label, f.Error)
	}
	v.Note.Value, v.Note.Error = in.Note, wrong["note"]
	v.told("note", v.Note.Label, v.Note.Error)
	v.Sender.Value, v.Sender.Error = strings.ToValidUTF8(in.Sender, "\uFFFD"), wrong["sender"]
	v.told("sender", v.Sender.Label, v.Sender.Error)
}

func (v *correctView) told(field, label, text string) {
	if text != "" {
		v.Mistakes = append(v.Mistakes, mistake{Field: field, Label: label, Text: text})
	}
}

// correctMailView says that a mail is on its way.
type correctMailView struct {
	chrome
	Form, DevMail string
}

func newCorrectMail(c chrome, l listing) correctMailView {
	return correctMailView{chrome: c.titled(c.T("correct.mail.title"), "").private(), Form: c.Link(correctPath(l))}
}

// confirmCorrectionView is the page behind the link.
type confirmCorrectionView struct {
	chrome
	Done  bool
	Name  string
	Entry string // the page of the entry
	Said  []saidField
}

type saidField struct{ Label, Text string }

func newConfirmCorrection(c chrome, found *action.ConfirmedCorrection) confirmCorrectionView {
	v := confirmCorrectionView{chrome: c.titled(c.T("correct.confirm.title"), "").private(), Done: found.Done, Name: found.Name, Entry: c.Link("/organizations/" + found.Organization)}
	if found.Done {
		v.Title = c.T("correct.done.title")
		return v
	}
	before := pack.Fields{}
	for name := range found.Fields {
		before[name] = " " // so that one that is emptied differs too
	}
	for _, part := range c.compareFields(undersigned.OrganizationNoun, before, found.Fields) {
		text := ""
		for _, piece := range part.After {
			text += piece.Text
		}
		if strings.TrimSpace(text) == "" {
			text = c.T("correct.emptied")
		}
		v.Said = append(v.Said, saidField{part.Label, text})
	}
	if found.Note != "" {
		v.Said = append(v.Said, saidField{c.T("correct.note"), found.Note})
	}
	return v
}

// correctionsView lists the corrections that wait for a person.
type correctionsView struct {
	deskChrome
	List []correctionEntry
}

type correctionEntry struct{ Name, Link, Day string }

func newCorrections(c deskChrome, site *store.Site, list []*undersigned.Correction) correctionsView {
	v := correctionsView{deskChrome: c.named(c.T("write.corrections"))}
	for _, one := range list {
		name := one.Organization
		for _, l := range directory(site) {
			if l.Slug == one.Organization {
				name = l.Name
			}
		}
		v.List = append(v.List, correctionEntry{Name: name, Link: c.Link("/admin/corrections/" + action.CorrectionName(one.ID)), Day: c.Day(one.Day)})
	}
	return v
}

// correctionView is what one would change, of the draft of its entry where there is one.
type correctionView struct {
	deskChrome
	From, Own string
	Note      string
	Amends    string // the draft that is there: who made it, and when
	Changes   []compared
	Action    string
	All       string
	Entry     string
}

func newCorrectionPage(c deskChrome, e *action.Editing, one *undersigned.Correction, names namer) correctionView {
	id := one.Noun()
	v := correctionView{From: c.T("write.correction.from", "email", one.Email, "date", c.Day(one.Day)), Note: one.Note, Amends: newNounState(c.chrome, e, names).Draft,
		Action: c.Link("/admin/corrections/" + action.CorrectionName(one.ID)), All: c.Link("/admin/corrections"), Entry: c.Link(nounPath(id)), Own: c.T("write.correction.other")}
	if o, ok := e.Noun.(*undersigned.Organization); ok && one.FromItself(o) {
		v.Own = c.T("write.correction.own")
	}
	now := pack.Fields{}
	for field := range one.Fields {
		now[field] = e.Fields[field]
	}
	v.deskChrome = c.named(c.T("write.correction.title", "name", c.nounTitle(id, e.Fields)))
	v.Changes = c.compareFields(id.Kind, now, one.Fields)
	return v
}
