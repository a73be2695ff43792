package undersigned

import (
	"slices"
	"testing"
	"time"
)

func TestWhatIsSaidOfAnAskBeforeItOpens(t *testing.T) {
	now := time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)
	lives, died := BillID{119, "hr", 6397}, BillID{112, "hr", 1932}
	ready := Readiness{MailAccepted: now.Add(-time.Hour), Seats: true}
	both := map[string]ActionText{"en": {Title: "T", Ask: "A", Body: "B"}, "es": {Title: "T", Ask: "P", Body: "C"}}
	for name, c := range map[string]struct {
		change func(a *Action, c *Content, r *Readiness)
		check  CheckName
		want   CheckState // "" is no such line
	}{
		"all is well":         {nil, "", CheckMet},
		"no bill":             {nil, CheckBill, ""},
		"a bill that lives":   {func(a *Action, _ *Content, _ *Readiness) { a.Bill = lives }, CheckBill, CheckMet},
		"a bill that died":    {func(a *Action, _ *Content, _ *Readiness) { a.Bill = died }, CheckBill, CheckUnmet},
		"a bill nobody knows": {func(a *Action, _ *Content, _ *Readiness) { a.Bill = BillID{119, "s", 1} }, CheckBill, CheckUnmet},
		"half a translation": {func(a *Action, _ *Content, _ *Readiness) {
			a.Texts = map[string]ActionText{"en": both["en"], "es": {Title: "T"}}
		}, CheckLanguages, CheckWarn},
		"a letter without words": {func(a *Action, _ *Content, _ *Readiness) {
			a.Kind, a.Texts = Letter, map[string]ActionText{"en": {Title: "T", Ask: "A", Words: "W"}, "es": {Title: "T", Ask: "P"}}
		}, CheckLanguages, CheckWarn},
		"a letter to nobody":    {func(a *Action, _ *Content, _ *Readiness) { a.Kind = Letter }, CheckTargets, CheckUnmet},
		"a letter to the House": {func(a *Action, _ *Content, _ *Readiness) { a.Kind, a.Targets = Letter, []string{"house"} }, CheckTargets, CheckMet},
		"a call, seats unknown": {func(a *Action, _ *Content, r *Readiness) {
			a.Kind, a.Targets, r.Seats = Call, []string{"senate"}, false
		}, CheckTargets, CheckWarn},
		"a letter to a governor": {func(a *Action, _ *Content, r *Readiness) {
			a.Kind, a.Addressees, r.Seats = Letter, []Addressee{{Slug: "g"}}, false
		}, CheckTargets, CheckMet},
		"a letter needs no mail": {func(a *Action, _ *Content, r *Readiness) { a.Kind, a.Addressees = Letter, []Addressee{{Slug: "g"}} }, CheckMail, ""},
		"a letter by mail does": {func(a *Action, _ *Content, r *Readiness) {
			a.Kind, a.Addressees, r.MailAccepted = Letter, []Addressee{{Email: "g@example.org"}}, time.Time{}
		}, CheckMail, CheckUnmet},
		"mail never tried":            {func(_ *Action, _ *Content, r *Readiness) { r.MailAccepted = time.Time{} }, CheckMail, CheckUnmet},
		"mail tried long ago":         {func(_ *Action, _ *Content, r *Readiness) { r.MailAccepted = now.AddDate(0, -2, 0) }, CheckMail, CheckWarn},
		"closed already":              {func(a *Action, _ *Content, _ *Readiness) { a.Closes = now }, CheckCloses, CheckUnmet},
		"closes tomorrow":             {func(a *Action, _ *Content, _ *Readiness) { a.Closes = now.AddDate(0, 0, 1) }, CheckCloses, CheckWarn},
		"closes in ten years":         {func(a *Action, _ *Content, _ *Readiness) { a.Closes = now.AddDate(10, 0, 0) }, CheckCloses, CheckWarn},
		"closes never":                {func(a *Action, _ *Content, _ *Readiness) { a.Closes = time.Time{} }, CheckCloses, CheckWarn},
		"closes with its bill":        {func(a *Action, _ *Content, _ *Readiness) { a.Closes, a.Bill = time.Time{}, lives }, CheckCloses, CheckMet},
		"volunteers, nobody to read":  {func(a *Action, _ *Content, _ *Readiness) { a.Kind = Volunteer }, CheckCoordinator, CheckWarn},
		"volunteers, the issue's":     {func(a *Action, c *Content, _ *Readiness) { a.Kind, c.Issue.Coordinator = Volunteer, "a@example.org" }, CheckCoordinator, CheckMet},
		"elsewhere, not looked at":    {func(a *Action, _ *Content, _ *Readiness) { a.Kind = Elsewhere }, CheckLink, CheckWarn},
		"elsewhere, answers":          {func(a *Action, _ *Content, _ *Readiness) { a.Kind, a.Link.State = Elsewhere, LinkWorks }, CheckLink, CheckMet},
		"elsewhere, broken":           {func(a *Action, _ *Content, _ *Readiness) { a.Kind, a.Link.State = Elsewhere, LinkBroken }, CheckLink, CheckUnmet},
		"in an issue that is a draft": {func(_ *Action, c *Content, _ *Readiness) { c.Issue.State = IssueDraft }, CheckIssue, CheckWarn},
	} {
		content := &Content{Issue: Issue{Slug: "cause", State: IssueOpen, Languages: []string{"en", "es"}},
			Bills: []Bill{{BillID: lives, Stage: InCommittee}, {BillID: died, Stage: OnCalendar}}}
		a, r := &Action{Slug: "ask", Kind: Petition, State: ActionOpen, Closes: now.AddDate(0, 2, 0), Texts: both}, ready
		if c.change != nil {
			c.change(a, content, &r)
		}
		list := content.Checklist(a, r, now)
		if c.check == "" {
			if worst := Unmet(list); worst != c.want {
				t.Errorf("%s: %s: %+v", name, worst, list)
			}
			continue
		}
		i := slices.IndexFunc(list, func(line Check) bool { return line.Name == c.check })
		var got CheckState
		if i >= 0 {
			got = list[i].State
		}
		if got != c.want || got != "" && Unmet(list) == CheckMet && c.want != CheckMet {
			t.Errorf("%s: got %q, want %q: %+v", name, got, c.want, list)
		}
	}
}
