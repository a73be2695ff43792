package undersigned

import (
	"slices"
	"time"
)

// ActionKind says what a reader is asked to do.
type ActionKind string

const (
	Petition  ActionKind = "petition"
	Pledge    ActionKind = "pledge"
	Letter    ActionKind = "letter"
	Call      ActionKind = "call"
	Volunteer ActionKind = "volunteer"
	Elsewhere ActionKind = "elsewhere" // an ask on another site, its link watched
)

// ActionKinds are all kinds.
var ActionKinds = []ActionKind{Petition, Pledge, Letter, Call, Volunteer, Elsewhere}

// Signable tells whether people put their name under it; only these have a count and a place in the public log.
func (k ActionKind) Signable() bool { return k == Petition || k == Pledge }

// ActionState is what the organiser wants of an action. Whether it is open, only Decide says.
type ActionState string

const (
	ActionDraft  ActionState = "draft"
	ActionOpen   ActionState = "open"
	ActionPaused ActionState = "paused"
	ActionClosed ActionState = "closed"
)

// Position is what an action wants of its bill.
type Position string

const (
	Support Position = "support"
	Oppose  Position = "oppose"
)

// Publish says when confirmed signatures get their place in the public log.
type Publish string

const (
	Live    Publish = "live"    // at the next tick, a second at most
	Batched Publish = "batched" // when 20 wait or the oldest has waited an hour
)

// Action is something a reader is asked to do.
type Action struct {
	PID     string      `json:"-"` // 16 lowercase hex digits, random; the public log's name for it, never in a pack
	Version int         `json:"-"` // of the text, from 1; set by the store
	Issue   string      `json:"issue"`
	Slug    string      `json:"slug"`
	Kind    ActionKind  `json:"kind"`
	State   ActionState `json:"state"`
	Goal    int         `json:"goal,omitempty"`  // signatures; 0 is none
	Opens   time.Time   `json:"opens,omitzero"`  // the first moment it is open; zero is at once
	Closes  time.Time   `json:"closes,omitzero"` // the first moment it is closed; zero is never
	// Ended is the day on which an organiser closed it, or what it asked for was over; a fact for display.
	Ended    Day      `json:"ended,omitempty"`
	Publish  Publish  `json:"publish,omitempty"`
	Bill     BillID   `json:"bill,omitzero"`
	Position Position `json:"position,omitempty"`
	Targets  []string `json:"targets,omitempty"` // house, senate, president: whom a letter or call is for
	// Addressees are whom a letter or call is for beside, or in place of, those in Congress.
	Addressees []Addressee `json:"addressees,omitempty"`
	URL        string      `json:"url,omitempty"`   // elsewhere: where the ask lives
	Link       Link        `json:"-"`               // elsewhere: whether it answers
	Owner      string      `json:"owner,omitempty"` // elsewhere: whose ask it is
	Pause      Pause       `json:"-"`               // staff's switch, which no pack and no edit moves; set by the store
	Successor  string      `json:"successor,omitempty"`
	// KeepDays is how many days after it closed what signers told us is kept; 0 is MaxKeepDays.
	KeepDays  int       `json:"keep_days,omitempty"`
	Attention Attention `json:"-"` // set by the store

	Opportunity Opportunity           `json:"opportunity,omitzero"` // volunteer
	Order       int                   `json:"order"`
	Texts       map[string]ActionText `json:"texts"` // by language
}

// Pause stops an action, or the whole site, at once and for as long as staff want. The zero value is none.
type Pause struct {
	Since time.Time
	Site  bool // the whole site
}

// Addressee finds one of the action's own addressees.
func (a *Action) Addressee(slug string) *Addressee {
	for i := range a.Addressees {
		if a.Addressees[i].Slug == slug {
			return &a.Addressees[i]
		}
	}
	return nil
}

// ActionText is an action in one language. Title, Ask and Body are what people put their name under.
type ActionText struct {
	Title   string `json:"title"`
	Ask     string `json:"ask"`  // one or two sentences
	Body    string `json:"body"` // Markdown: why
	Subject string `json:"subject,omitempty"`
	Words   string `json:"words,omitempty"`   // a letter or a call: plain text to make one's own
	Outcome string `json:"outcome,omitempty"` // Markdown: what became of it

	Opportunity OpportunityText `json:"opportunity,omitzero"` // volunteer
}

// Text gives the action in lang or, where it is missing, in the first of languages that it has, and which that is.
func (a *Action) Text(lang string, languages []string) (ActionText, string) {
	return inLanguage(a.Texts, lang, languages)
}

// Reason says why an action is not open; it ends the message key "closed.".
type Reason string

const (
	ReasonDraft     Reason = "draft"
	ReasonNotYet    Reason = "not_yet"
	ReasonPaused    Reason = "paused"
	ReasonSite      Reason = "site_paused" // staff have paused the whole site
	ReasonOrganizer Reason = "organizer"   // an organiser closed it
	ReasonDate      Reason = "date"        // its closing date has passed
	// ReasonUnattended closes what would never end by itself, and whose owner does not answer whether it goes on.
	ReasonUnattended Reason = "unattended"
	ReasonDied       Reason = "bill_died"
	ReasonEnacted    Reason = "bill_enacted"
	ReasonVetoed     Reason = "bill_vetoed"
	ReasonAgreedTo   Reason = "bill_agreed_to"
	ReasonFailed     Reason = "bill_failed"
	// ReasonLinkBroken pauses an ask on another site whose page has vanished; it is asked for again when that is back.
	ReasonLinkBroken Reason = "link_broken"
)

var finalReasons = map[Stage]Reason{Died: ReasonDied, Enacted: ReasonEnacted, Vetoed: ReasonVetoed,
	AgreedTo: ReasonAgreedTo, Failed: ReasonFailed}

// Decision is what an action is at one moment.
type Decision struct {
	State  ActionState
	Reason Reason    // why it is not open; empty where it is
	Since  time.Time // when it closed, was paused by staff, or its page stopped answering, where that is known
	Until  time.Time // when the clock alone changes the answer; zero where it never does
}

// Open tells whether the action can be taken.
func (d Decision) Open() bool { return d.State == ActionOpen }

// Decide says whether the action is open at now, from its own settings, what is known of its link, the facts of its bill
// (nil where it has none or nothing is known: then the end of the bill's Congress still counts) and the clock. Nothing
// else decides it.
func (a *Action) Decide(bill *Bill, now time.Time) Decision {
	if a.State == ActionDraft {
		return Decision{State: ActionDraft, Reason: ReasonDraft}
	}
	closed, until := a.closing(bill, now)
	if closed.Reason != "" {
		return closed
	}
	if left, at := a.Attention.ending(until.IsZero()); !at.IsZero() {
		if !now.Before(at) {
			return left
		}
		until = earliest(until, at)
	}
	switch {
	case a.State == ActionClosed:
		return Decision{State: ActionClosed, Reason: ReasonOrganizer, Since: a.Ended.Begin(Eastern)}
	case a.State == ActionPaused:
		return Decision{State: ActionPaused, Reason: ReasonPaused, Until: until}
	case a.Pause.Site && !now.Before(a.Pause.Since):
		return Decision{State: ActionPaused, Reason: ReasonSite, Since: a.Pause.Since, Until: until}
	case !a.Pause.Since.IsZero() && !now.Before(a.Pause.Since):
		return Decision{State: ActionPaused, Reason: ReasonPaused, Since: a.Pause.Since, Until: until}
	case now.Before(a.opening(bill)):
		return Decision{State: ActionDraft, Reason: ReasonNotYet, Until: earliest(a.opening(bill), until)}
	case a.Kind == Elsewhere && a.Link.Broken() && !now.Before(a.Link.FailingSince):
		return Decision{State: ActionPaused, Reason: ReasonLinkBroken, Since: a.Link.FailingSince, Until: until}
	}
	return Decision{State: ActionOpen, Until: until}
}

// opening is the first moment at which the action can be open: not before its bill was introduced.
func (a *Action) opening(bill *Bill) time.Time {
	if bill != nil && a.Opens.Before(bill.Introduced.Begin(Eastern)) {
		return bill.Introduced.Begin(Eastern)
	}
	return a.Opens
}

// closing decides what ends an action for good: its bill or its date, whichever came first. It gives the closed
// decision, or else the moment at which one of them will close it.
func (a *Action) closing(bill *Bill, now time.Time) (closed Decision, until time.Time) {
	byDate := Decision{State: ActionClosed, Reason: ReasonDate, Since: a.Closes}
	datePassed := !a.Closes.IsZero() && !now.Before(a.Closes)
	if a.Bill == (BillID{}) {
		if datePassed {
			return byDate, time.Time{}
		}
		return Decision{}, a.Closes
	}
	if bill == nil {
		bill = &Bill{BillID: a.Bill}
	}
	stage, _ := bill.StageAt(now)
	if !stage.Final() {
		if datePassed {
			return byDate, time.Time{}
		}
		return Decision{}, earliest(a.Closes, bill.diesAt())
	}
	byBill := Decision{State: ActionClosed, Reason: finalReasons[stage], Since: bill.Decided.Begin(Eastern)}
	if stage == Died {
		byBill.Since = bill.diesAt()
	}
	if datePassed && !byBill.Since.IsZero() && a.Closes.Before(byBill.Since) {
		return byDate, time.Time{}
	}
	return byBill, time.Time{}
}

// earliest is the earlier of two moments, of which a zero one does not count.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}

// Chambers are those that a letter or a call goes to: the House where nothing is said and it has no addressees of its own.
func (a *Action) Chambers() (chambers []Chamber) {
	for _, chamber := range []Chamber{House, Senate} {
		if slices.Contains(a.Targets, string(chamber)) || len(a.Targets)+len(a.Addressees) == 0 && chamber == House {
			chambers = append(chambers, chamber)
		}
	}
	return chambers
}
