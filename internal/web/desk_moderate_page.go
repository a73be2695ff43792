package web

import (
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/store"
)

// moderateView is where staff look after what was signed under all asks.
type moderateView struct {
	deskChrome
	Paused    string // since when the site is, in words; empty while it is not
	Held      []heldRow
	Asks      []deskLink
	Email     formInput
	Decisions []decisionRow
}

type heldRow struct{ Link, Title, Lang, N string }

func newModerate(c deskChrome, site *store.Site, held []action.HeldAsk, decisions []decisionRow) moderateView {
	v := moderateView{deskChrome: c.named(c.T("desk.moderate")), Decisions: decisions,
		Email: formInput{Name: "email", Label: c.T("desk.find.email"), Hint: c.T("desk.find.email.hint"), Type: "email", Autocomplete: "off", Required: true}}
	if !site.Paused.IsZero() {
		v.Paused = c.T("desk.site.paused", "date", c.moment(site.Paused))
	}
	for _, h := range held {
		text, lang := h.Action.Text(c.Lang(), h.Content.Issue.Languages)
		v.Held = append(v.Held, heldRow{Link: c.Link(moderatePath(h.Action)), Title: text.Title, Lang: c.other(lang), N: c.upTo(h.N)})
	}
	for _, content := range site.Contents {
		for i := range content.Actions {
			if a := &content.Actions[i]; a.State != undersigned.ActionDraft {
				v.Asks = append(v.Asks, deskLink{Label: c.askTitle(content, a), Link: c.Link(moderatePath(a))})
			}
		}
	}
	return v
}

// decisionRow is a decision in words.
type decisionRow struct {
	deskChrome
	At, By, What, Rule, Reason, N, Number string
	Ask                                   *deskLink
	Undo                                  bool
}

func decisionRows(c deskChrome, site *store.Site, list []action.Decision, users []*undersigned.User) (rows []decisionRow) {
	names := map[undersigned.UserID]string{{}: c.T("desk.audit.terminal")}
	for _, u := range users {
		names[u.ID] = u.Title()
	}
	for _, d := range list {
		row := decisionRow{deskChrome: c, At: c.moment(d.At), By: names[d.By], Number: d.Number, Undo: d.Undo}
		if d.Verb == "brake" {
			row.What = c.T("desk.decision.brake_" + d.Rule)
		} else {
			row.What, row.N, row.Rule = c.T("desk.decision."+d.Verb), c.Number(int(d.N)), c.ruleWords(d.Rule)
		}
		if d.Reason != "" {
			row.Reason = c.T("review.reason." + d.Reason)
		}
		if d.Action != nil {
			if content := site.Issue(d.Action.Issue); content != nil {
				row.Ask = &deskLink{Label: c.askTitle(content, d.Action), Link: c.Link(moderatePath(d.Action))}
			}
		}
		rows = append(rows, row)
	}
	return rows
}

var oneOfRule = regexp.MustCompile(`^(counted|one domain|one name|one signature|all held)$`)

// ruleWords puts the words of a rule that name nobody into the reader's language.
func (c chrome) ruleWords(rule string) string {
	var words []string
	for _, part := range strings.Split(rule, ", ") {
		if why, ok := strings.CutPrefix(part, "why="); ok {
			part = c.doubtWords(why)
		} else if oneOfRule.MatchString(part) {
			part = c.T("desk.rule." + strings.ReplaceAll(part, " ", "_"))
		}
		words = append(words, part)
	}
	return strings.Join(words, " · ")
}

// doubtWords names the doubts of a set.
func (c chrome) doubtWords(doubts string) string {
	var words []string
	for _, word := range strings.Fields(doubts) {
		words = append(words, c.T("doubt."+word))
	}
	return strings.Join(words, "; ")
}

// moderateAskView is one ask, with what was signed under it.
type moderateAskView struct {
	deskChrome
	Lang        string
	Problem     string
	Status      statusView
	Numbers     string // the desk's page of its numbers; empty where it is hidden
	Path        string // of this page; what is pressed is posted below it
	Paused      bool   // by the switch
	Over        bool   // nothing can be paused
	Signable    bool
	Sealed      string // that names cannot be looked for; empty where they can
	Groups      []heldGroup
	Sample      bool // there are more, of which the groups are a sample
	Rule        ruleForm
	JudgeDomain formInput
	Brake       string // in words
	BrakeOn     bool
	Decisions   []decisionRow
}

type heldGroup struct{ Why, Doubts, Domain, N string }

// ruleForm says which signatures are meant.
type ruleForm struct {
	Among        []formOption
	Why          []formOption
	Domain, Name formInput
	Mistakes     []string // about no single field
}

func newModerateAsk(c deskChrome, content *undersigned.Content, a *undersigned.Action, now time.Time) moderateAskView {
	text, lang := a.Text(c.Lang(), content.Issue.Languages)
	d := a.Decide(content.Bill(a.Bill), now)
	v := moderateAskView{deskChrome: c.named(text.Title), Lang: c.other(lang), Status: newStatus(c.chrome, content, a, now), Path: c.Link(moderatePath(a)),
		Numbers: c.Link(askPath(a)), Paused: !a.Pause.Since.IsZero() && !a.Pause.Site, Over: d.State == undersigned.ActionClosed}
	if content.Issue.State != undersigned.IssueDraft && a.State != undersigned.ActionDraft {
		return v
	}
	v.Numbers, v.Paused = "", false
	if !v.Over {
		v.Status, v.Over = statusView{Label: c.T("write.state.draft")}, true
		if a.PID != "" && a.Kind.Signable() {
			v.Status.Why = c.T("desk.held.hidden")
		}
	}
	return v
}

// signed adds what concerns signatures.
func (v *moderateAskView) signed(content *undersigned.Content, groups []action.HeldGroup, brake bool, until time.Time, decisions []decisionRow) {
	v.Signable, v.Decisions, v.BrakeOn = true, decisions, brake
	if content.Issue.Sealed() {
		v.Sealed = v.T("error.review.sealed")
	}
	n := 0
	for _, g := range groups {
		n += g.N
		v.Groups = append(v.Groups, heldGroup{Why: v.doubtWords(g.Doubts.String()), Doubts: g.Doubts.String(), Domain: g.Domain, N: v.Number(g.N)})
	}
	v.Sample = n >= action.Grouped
	v.Rule = newRuleForm(v.chrome, url.Values{"among": {"held"}})
	v.JudgeDomain = formInput{Name: "domain", Of: "judge", Label: v.T("desk.domain"), Hint: v.T("desk.domain.hint"), Type: "text", Autocomplete: "off", Required: true}
	switch {
	case brake && !until.IsZero():
		v.Brake = v.T("desk.brake.on_until", "date", v.moment(until))
	case brake:
		v.Brake = v.T("desk.brake.on")
	case !until.IsZero():
		v.Brake = v.T("desk.brake.off_until", "date", v.moment(until))
	default:
		v.Brake = v.T("desk.brake.off")
	}
}

func newRuleForm(c chrome, typed url.Values) ruleForm {
	f := ruleForm{
		Domain: formInput{Name: "domain", Label: c.T("desk.rule.domain"), Hint: c.T("desk.domain.hint"), Type: "text", Autocomplete: "off", Value: validText(typed.Get("domain"))},
		Name:   formInput{Name: "name", Label: c.T("desk.rule.name"), Hint: c.T("desk.rule.name.hint"), Type: "text", Autocomplete: "off", Value: validText(typed.Get("name"))}}
	for _, among := range []string{"held", "counted"} {
		f.Among = append(f.Among, formOption{Value: among, Label: c.T("desk.among." + among), Selected: typed.Get("among") == among})
	}
	f.Why = []formOption{{Label: c.T("desk.rule.any")}}
	for _, doubt := range undersigned.Doubts {
		f.Why = append(f.Why, formOption{Value: doubt.String(), Label: c.T("doubt." + doubt.String()), Selected: typed.Get("why") == doubt.String()})
	}
	return f
}

// failed shows what is wrong with a rule, as it was typed.
func (v *moderateAskView) failed(typed url.Values, problem *undersigned.Error) {
	v.Rule = newRuleForm(v.chrome, typed)
	v.Rule.Domain.failed(v.chrome, typed.Get("domain"), problem)
	v.Rule.Name.failed(v.chrome, typed.Get("name"), problem)
	for _, e := range problem.Fields {
		if e.Field != "domain" && e.Field != "name" {
			v.Rule.Mistakes = append(v.Rule.Mistakes, v.T(e.Key, e.Args...))
		}
	}
	if len(problem.Fields) == 0 {
		v.Problem = v.T(problem.Key)
	}
}

// carriedField is one that a form carries from page to page.
type carriedField struct{ Name, Value string }

// carry takes along what says which signatures are meant.
func carry(form url.Values, names ...string) (fields []carriedField) {
	for _, name := range names {
		if value := form.Get(name); value != "" {
			fields = append(fields, carriedField{name, validText(value)})
		}
	}
	return fields
}

// lookView is what a rule is about, with what can be decided about it.
type lookView struct {
	deskChrome
	Lang    string
	Problem string
	Path    string // what is pressed is posted below it
	Rule    []string
	Fields  []carriedField
	N       string // in words
	Some    bool
	Counted bool
	Domain  bool // the rule names one
	Looked  string
	Next    string // the token of the next step
	Shown   []signatureRow
	More    bool // than are shown
	Reasons []formOption
}

type signatureRow struct {
	ID, Name, Email, Place, Comment, State, Why string
	Among                                       string
	Sealed                                      bool
}

func newSignatureRow(c chrome, one *action.Selected) signatureRow {
	p := &one.Person
	row := signatureRow{ID: one.ID, Name: strings.TrimSpace(p.GivenName + " " + p.FamilyName), Email: p.Email,
		Place: strings.TrimSpace(p.PostalCode + " " + p.Country), Comment: p.Comment, Sealed: one.Sealed, Why: c.doubtWords(one.Doubts.String()), Among: "held"}
	row.State = c.T("desk.signature." + stateWord(one.State))
	if one.State == undersigned.SignatureCounted {
		row.Among = "counted"
	} else if one.State != undersigned.SignatureHeld {
		row.Among = ""
	}
	return row
}

func stateWord(state undersigned.SignatureState) string {
	switch state {
	case undersigned.SignatureWaiting:
		return "waiting"
	case undersigned.SignatureCounted:
		return "counted"
	case undersigned.SignatureHeld:
		return "held"
	case undersigned.SignatureInvalidated:
		return "removed"
	}
	return "gone"
}

func newLook(c deskChrome, content *undersigned.Content, a *undersigned.Action, sel action.Selection, step *action.Step) lookView {
	v := lookView{deskChrome: c.named(c.T("desk.look")), Path: c.Link(moderatePath(a)), N: c.N("desk.look.n", int(step.N)), Some: step.N > 0,
		Counted: sel.Counted, Domain: sel.Domain != "", Next: step.Next, More: step.N > int64(len(step.Shown))}
	v.Rule, v.Fields = ruleOf(c.chrome, content, a, sel)
	if step.Next != "" {
		v.Looked = c.T("desk.look.looked", "n", int(step.Looked), "all", c.upTo(step.Of))
	}
	for i := range step.Shown {
		v.Shown = append(v.Shown, newSignatureRow(c.chrome, &step.Shown[i]))
	}
	for _, reason := range action.VoidReasons {
		v.Reasons = append(v.Reasons, formOption{Value: reason.String(), Label: c.T("review.reason." + reason.String())})
	}
	return v
}

// ruleOf puts a rule into words for those who wrote it, and into the fields of a form.
func ruleOf(c chrome, content *undersigned.Content, a *undersigned.Action, sel action.Selection) (words []string, fields []carriedField) {
	among := "held"
	if sel.Counted {
		among = "counted"
	}
	words = []string{c.askTitle(content, a), c.T("desk.among." + among)}
	fields = []carriedField{{"among", among}}
	add := func(name, value, word string) {
		if value != "" {
			words, fields = append(words, word), append(fields, carriedField{name, validText(value)})
		}
	}
	add("why", sel.Why.String(), c.doubtWords(sel.Why.String()))
	add("domain", sel.Domain, c.T("desk.rule.domain")+": "+validText(sel.Domain))
	add("name", sel.Name, c.T("desk.rule.name")+": "+validText(sel.Name))
	if sel.ID != (undersigned.SignatureID{}) {
		words, fields = append(words, c.T("desk.rule.one_signature")), append(fields, carriedField{"id", action.SignatureName(sel.ID)})
	}
	return words, fields
}

// decidedView is how far a decision has come.
type decidedView struct {
	deskChrome
	Back     string // the page of the ask
	Ask      string
	N        string // in words
	Some     bool
	Looked   string
	Again    string // where the next step is posted; empty where all is done
	Fields   []carriedField
	Decision string // that can be undone; empty where it cannot
}

func newDecided(c deskChrome, content *undersigned.Content, a *undersigned.Action, form url.Values, verb string, step *action.Step) decidedView {
	v := decidedView{deskChrome: c.named(c.T("desk.decided." + verb)), Back: c.Link(moderatePath(a)), Ask: c.askTitle(content, a), Some: step.N > 0,
		N: c.N("desk.decided."+verb+".n", int(step.N))}
	if step.N == 0 && step.Next == "" {
		v.N = c.T("desk.done.nothing")
	}
	if step.Next != "" {
		v.Again = c.Link(moderatePath(a)) + "/" + verb
		v.Looked = c.T("desk.look.looked", "n", int(step.Looked), "all", c.upTo(step.Of))
		v.Fields = append(carry(form, "among", "why", "domain", "name", "id", "reason", "doubt", "trust"), carriedField{"token", step.Next})
	}
	if verb == "remove" {
		v.Decision = step.Decision
	}
	return v
}

// foundView is what was signed with one address.
type foundView struct {
	deskChrome
	Email string
	Found []foundRow
}

type foundRow struct {
	Ask, Lang, Path string
	signatureRow
}

func newFound(c deskChrome, email string, found []action.FoundAt) foundView {
	v := foundView{deskChrome: c.named(c.T("desk.found")), Email: email}
	for i := range found {
		f := &found[i]
		text, lang := f.Action.Text(c.Lang(), f.Content.Issue.Languages)
		v.Found = append(v.Found, foundRow{Ask: text.Title, Lang: c.other(lang), Path: c.Link(moderatePath(f.Action)), signatureRow: newSignatureRow(c.chrome, &f.Selected)})
	}
	return v
}
