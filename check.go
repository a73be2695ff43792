package undersigned

import (
	"slices"
	"time"
)

// CheckState is how one line of the list stands that is gone through before an ask opens.
type CheckState string

const (
	CheckMet   CheckState = "met"
	CheckWarn  CheckState = "warn"  // it can open all the same, by somebody who knows of it
	CheckUnmet CheckState = "unmet" // it cannot open
)

// CheckName says what a check looks at. With the state it ends the message key "check.".
type CheckName string

const (
	CheckBill        CheckName = "bill"        // is alive
	CheckLanguages   CheckName = "languages"   // all of the issue's
	CheckTargets     CheckName = "targets"     // somebody is known to send it to
	CheckCloses      CheckName = "closes"      // on a day that makes sense
	CheckMail        CheckName = "mail"        // was accepted by the mail server
	CheckCoordinator CheckName = "coordinator" // reads the offers
	CheckLink        CheckName = "link"        // of an ask on another site answers
	CheckIssue       CheckName = "issue"       // is open itself
)

// Check is one line of that list.
type Check struct {
	Name      CheckName
	State     CheckState
	Field     string   // of the ask's form, where it can be mended; empty where that is elsewhere
	Languages []string // those that are missing
}

// Readiness is what is known beside content when an ask is to open.
type Readiness struct {
	MailAccepted time.Time // when the mail server last took a mail of ours; zero is never
	MailFailed   time.Time // when it did not take one with which an owner tried it; zero where it took the last
	Seats        bool      // who sits in Congress is known, and no sample
}

// A mail that was accepted longer ago than this says little of today.
const mailProof = 30 * 24 * time.Hour

// The days that a closing date can be near or far without a word.
const (
	closesSoon = 2
	closesLate = 2 * 366
)

// Checklist says what is to be said of an ask before it opens at a moment.
func (c *Content) Checklist(a *Action, r Readiness, at time.Time) (list []Check) {
	add := func(name CheckName, state CheckState, field string) {
		list = append(list, Check{Name: name, State: state, Field: field})
	}
	if a.Bill != (BillID{}) {
		add(CheckBill, c.checkBill(a, at), "bill.id")
	}
	switch a.Kind {
	case Letter, Call:
		add(CheckTargets, checkTargets(a, r), "targets")
	case Volunteer:
		add(CheckCoordinator, met(c.CoordinatorOf(a).Email != "", CheckWarn), "coordinator.email")
	case Elsewhere:
		add(CheckLink, checkLink(a.Link), "url")
	}
	if missing := c.missingLanguages(a); len(missing) > 0 {
		list = append(list, Check{Name: CheckLanguages, State: CheckWarn, Field: missing[0] + ":title", Languages: missing})
	} else {
		add(CheckLanguages, CheckMet, "")
	}
	add(CheckCloses, checkCloses(a, at), "closes")
	if a.needsMail() {
		add(CheckMail, checkMail(r, at), "")
	}
	if c.Issue.State != IssueOpen {
		add(CheckIssue, CheckWarn, "")
	}
	return list
}

// Unmet tells how a list stands as a whole: as its worst line.
func Unmet(list []Check) CheckState {
	worst := CheckMet
	for _, c := range list {
		if c.State == CheckUnmet || worst == CheckMet {
			worst = c.State
		}
		if worst == CheckUnmet {
			break
		}
	}
	return worst
}

func met(yes bool, otherwise CheckState) CheckState {
	if yes {
		return CheckMet
	}
	return otherwise
}

// checkBill: an ask about a bill of which nothing more can become would be closed by it.
func (c *Content) checkBill(a *Action, at time.Time) CheckState {
	bill := c.Bill(a.Bill)
	if bill == nil {
		return CheckUnmet
	}
	stage, _ := bill.StageAt(at)
	return met(!stage.Final(), CheckUnmet)
}

func checkTargets(a *Action, r Readiness) CheckState {
	switch {
	case len(a.Targets)+len(a.Addressees) == 0:
		return CheckUnmet
	case !r.Seats && (slices.Contains(a.Targets, "house") || slices.Contains(a.Targets, "senate")):
		return CheckWarn // readers will be shown a sample
	}
	return CheckMet
}

func checkLink(l Link) CheckState {
	switch l.State {
	case LinkBroken:
		return CheckUnmet
	case LinkWorks:
		return CheckMet
	}
	return CheckWarn
}

// missingLanguages are those of the issue in which the ask does not say all that it says in its first one.
func (c *Content) missingLanguages(a *Action) (missing []string) {
	if len(c.Issue.Languages) == 0 {
		return nil
	}
	first := a.Texts[c.Issue.Languages[0]]
	for _, lang := range c.Issue.Languages {
		t := a.Texts[lang]
		half := t.Title == "" || t.Ask == "" || t.Body == "" && first.Body != "" || t.Words == "" && first.Words != "" ||
			len(t.Opportunity.Questions) < len(a.Opportunity.Questions)
		if half {
			missing = append(missing, lang)
		}
	}
	return missing
}

func checkCloses(a *Action, at time.Time) CheckState {
	switch {
	case a.Closes.IsZero():
		return met(!a.Kind.Signable() || a.Bill != (BillID{}), CheckWarn)
	case !at.Before(a.Closes):
		return CheckUnmet
	case a.Closes.Before(at.AddDate(0, 0, closesSoon)), a.Closes.After(at.AddDate(0, 0, closesLate)):
		return CheckWarn
	}
	return CheckMet
}

// needsMail tells whether nobody could take part without a mail.
func (a *Action) needsMail() bool {
	return a.Kind.Signable() || a.Kind == Volunteer || slices.ContainsFunc(a.Addressees, func(t Addressee) bool { return t.Email != "" })
}

func checkMail(r Readiness, at time.Time) CheckState {
	if r.MailAccepted.IsZero() {
		return CheckUnmet
	}
	return met(at.Sub(r.MailAccepted) < mailProof && !r.MailFailed.After(r.MailAccepted), CheckWarn)
}
