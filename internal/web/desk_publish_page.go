package web

import (
	"errors"
	"net/url"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
)

// publishView is what is to be known of a draft before it is published, and the buttons that do it.
type publishView struct {
	deskChrome
	endsView
	Heading  string
	Crumbs   []deskLink
	Action   string
	Edit     string
	Saved    []string // under which names the browser keeps what was typed, where it was just saved
	Base     action.Base
	Email    string // of who is signed in, for a mail that tries the way
	State    nounState
	Problem  string
	Mistakes []mistake // what is wrong with the draft itself, with links to its form
	Seen     string    // whether readers will see it, and where
	Hidden   deskLink  // where that can be changed; no link where it need not
	Changes  []compared
	New      bool // nothing of it is on the site yet
	Opens    []openingView
	Warn     bool   // the list has warnings
	Stop     bool   // it cannot be published as it stands
	Newer    string // how many have signed another text; empty where none have
	Despite  tickView
	Meant    tickView
	At       editField
	Zone     string
	Pages    []deskLink // as readers would see it, in each language
	Planned  bool
}

// tickView is a box that has to be ticked.
type tickView struct {
	Error  string
	Ticked bool
}

// openingView is an ask that opens, with its list.
type openingView struct {
	Title  string
	Later  string // what it can wait for; empty where it opens now
	Checks []checkView
}

type checkView struct {
	State undersigned.CheckState
	Mark  string // the state in a word
	Text  string
	Mend  deskLink // where it can be mended; no link where nowhere
}

func newPublish(c deskChrome, id undersigned.NounID, p *action.Proof, names namer, now time.Time) publishView {
	v := publishView{Heading: c.nounTitle(id, p.Fields), Crumbs: writeCrumbs(c, p.Content), Action: c.Link(nounPath(id) + "/publish"),
		Edit: c.Link(nounPath(id)), Base: p.Base, State: newNounState(c.chrome, p.Editing, names), New: p.Noun == nil,
		Changes: c.compareFields(id.Kind, p.Before, p.Fields), Planned: !p.Draft.PublishAt.IsZero()}
	v.deskChrome = c.named(c.T("write.publish.title", "title", v.Heading))
	if c.user != nil {
		v.Email = c.user.Email
	}
	for _, lang := range (&editing{id: id, content: p.Content, fields: p.Fields}).languages() {
		v.Pages = append(v.Pages, deskLink{Label: languageName(c.chrome, lang), Link: c.Link(nounPath(id) + "/page/" + lang)})
	}
	zone := zoneFor(p.Content)
	v.At = editField{ID: "at", Name: "at", Label: c.T("write.at"), Hint: c.T("write.at.hint", "zone", now.In(zone).Format("MST"))}
	if !p.Draft.PublishAt.IsZero() {
		v.At.Value = p.Draft.PublishAt.In(zone).Format(momentForm)
	}
	v.seen(id, p)
	v.faults(id, p)
	for _, o := range p.Opens {
		v.Opens = append(v.Opens, newOpening(c, p.With, o))
	}
	worst := p.Worst()
	v.Warn = worst == undersigned.CheckWarn
	v.Stop = v.Stop || worst == undersigned.CheckUnmet
	if p.Newer {
		v.Newer = c.N("write.newer", int(p.Signed))
	}
	if len(p.Ends) > 0 {
		v.endsView, v.Seen = newEnds(c, p.Ends, p.With.Issue.Languages), ""
	}
	return v
}

// seen says whether readers will see it: what is published need not be open.
func (v *publishView) seen(id undersigned.NounID, p *action.Proof) {
	issue, key := id.Kind == undersigned.IssueNoun, "write.state."
	if issue {
		key = "write.issue_state."
	}
	switch state := p.Fields["state"]; {
	case (issue || id.Kind == undersigned.ActionNoun) && state == "draft":
		v.Seen = v.T("write.publish.hidden", "state", v.T(key+state))
		v.Hidden = deskLink{Label: v.T("write.publish.hidden.mend"), Link: v.Edit + "#" + fieldElement("state")}
	case !issue && p.Content.Issue.State == undersigned.IssueDraft:
		v.Seen = v.T("write.publish.issue_hidden")
		v.Hidden = deskLink{Label: v.T("check.mend.issue"), Link: v.Link(nounPath(undersigned.NounID{Issue: id.Issue, Kind: undersigned.IssueNoun, Slug: id.Issue}))}
	case issue:
		v.Seen = v.T("write.publish.seen", "address", v.URL("/"+id.Slug))
	case id.Kind == undersigned.ActionNoun:
		v.Seen = v.T("write.publish.seen", "address", v.URL("/"+id.Issue+"/"+id.Slug))
	}
}

// faults says what is wrong with the draft itself.
func (v *publishView) faults(id undersigned.NounID, p *action.Proof) {
	var wrong *undersigned.Error
	switch clash := (*action.Clash)(nil); {
	case p.Faults == nil:
	case errors.As(p.Faults, &clash):
		v.Stop, v.Problem = true, v.T("write.site_changed")
		for _, group := range clash.Groups {
			v.Mistakes = append(v.Mistakes, mistake{Field: v.Edit + "#" + fieldElement(group), Label: v.fieldTitle(id.Kind, group), Text: v.T("write.both_changed")})
		}
	case errors.As(p.Faults, &wrong):
		v.Stop, v.Problem = true, v.T(wrong.Key)
		for _, f := range wrong.Fields {
			v.mistake(id.Kind, f)
		}
	}
}

func (v *publishView) mistake(kind undersigned.NounKind, f undersigned.FieldError) {
	v.Mistakes = append(v.Mistakes, mistake{Field: v.Edit + "?check=1#" + fieldElement(f.Field), Label: v.fieldTitle(kind, f.Field), Text: v.wanted(f)})
}

// failed says why what was decided was not done.
func (v *publishView) failed(kind undersigned.NounKind, typed url.Values, problem *undersigned.Error) {
	v.Problem = v.T(problem.Key)
	v.Despite.Ticked, v.Meant.Ticked, v.Sure.Ticked = typed.Get("despite") != "", typed.Get("newer") != "", typed.Get("ends") != ""
	if typed.Get("at") != "" {
		v.At.Value = typed.Get("at")
	}
	told := len(v.Mistakes) > 0
	for _, f := range v.untold(v.chrome, problem.Fields) {
		switch said := v.T(f.Key, f.Args...); f.Field {
		case "despite":
			v.Despite.Error = said
		case "newer":
			v.Meant.Error = said
		case "at":
			v.At.Error = said
		default:
			if !told {
				v.mistake(kind, f)
			}
		}
	}
}

func newOpening(c deskChrome, content *undersigned.Content, o action.Opening) openingView {
	text, _ := o.Action.Text(c.Lang(), content.Issue.Languages)
	v := openingView{Title: text.Title}
	if o.Later {
		v.Later = c.T("check.later")
	}
	for _, check := range o.Checks {
		v.Checks = append(v.Checks, newCheck(c, content, o.Action, check))
	}
	return v
}

func newCheck(c deskChrome, content *undersigned.Content, a *undersigned.Action, check undersigned.Check) checkView {
	v := checkView{State: check.State, Mark: c.T("check.state." + string(check.State))}
	languages := ""
	for i, lang := range check.Languages {
		if i > 0 {
			languages += ", "
		}
		languages += languageName(c.chrome, lang)
	}
	v.Text = c.T("check."+string(check.Name)+"."+string(check.State), "languages", languages, "bill", a.Bill.Name())
	if check.State == undersigned.CheckMet {
		return v
	}
	edit := nounPath(undersigned.NounID{Issue: content.Issue.Slug, Kind: undersigned.ActionNoun, Slug: a.Slug})
	switch {
	case check.Field != "":
		v.Mend = deskLink{Label: c.T("check.mend.form"), Link: c.Link(edit) + "#" + fieldElement(check.Field)}
	case check.Name == undersigned.CheckMail && c.May(string(undersigned.MaySet)):
		v.Mend = deskLink{Label: c.T("check.mend.try"), Link: c.Link(mailSettingsPath) + "#try"}
	case check.Name == undersigned.CheckMail:
		v.Mend = deskLink{Label: c.T("check.mend.mail")} // a button of its own
	case check.Name == undersigned.CheckIssue:
		v.Mend = deskLink{Label: c.T("check.mend.issue"), Link: c.Link(nounPath(undersigned.NounID{Issue: content.Issue.Slug, Kind: undersigned.IssueNoun, Slug: content.Issue.Slug}))}
	}
	return v
}

// Mail tells a template that a check is mended by a mail.
func (v checkView) Mail() bool { return v.Mend.Label != "" && v.Mend.Link == "" }
