package undersigned

import "slices"

// OutreachID names one person's letter or call: 16 bytes that stand for the page with its ways, and for the writer where we
// send it. They say nothing about the person; pressing a button twice under one id counts once.
type OutreachID [16]byte

// Method is the way an outreach took. The first three are the types of OSDI's outreaches, which leave room for others.
type Method string

const (
	ByEmail   Method = "email" // by our own mail server, after the writer's mailbox was confirmed
	ByPhone   Method = "phone"
	ByPost    Method = "postal mail"
	ByWebForm Method = "web form" // on the office's own site
)

// byHand are the ways that a reader takes, and we learn of by their word alone.
var byHand = []Method{ByPhone, ByPost, ByWebForm}

// ByHand tells whether a reader can take this way without us.
func (m Method) ByHand() bool { return slices.Contains(byHand, m) }

// Outreach is one person's letter to one or more targets. It holds nothing of the person but, sealed and only while it
// is on its way, the [Message].
type Outreach struct {
	ID        OutreachID
	Issue     string // slugs
	Action    string
	Rewritten int // how much of the words is the writer's own, in percent
	Day       Day // UTC
}

// DeliveryState is what happened to one message to one office.
type DeliveryState string

const (
	// DeliveryQueued: promised, and not begun or to be tried again.
	DeliveryQueued DeliveryState = "queued"
	// DeliveryHandedOver: the mail server had all of it but the last line when this was written, and may have taken it.
	// Where no answer follows nobody knows, and it is not sent again by itself.
	DeliveryHandedOver DeliveryState = "handed over"
	// DeliveryAccepted: a mail server has said that it took it, and Reply holds its words.
	DeliveryAccepted DeliveryState = "accepted"
	// DeliveryRefused: a mail server has said no for good, and Reply holds its code.
	DeliveryRefused DeliveryState = "refused"
	// DeliveryFailed: every try ended without an answer that counts.
	DeliveryFailed DeliveryState = "failed"
	// DeliveryByHand: the writer says to have called, posted or filled it in. Nobody checks that.
	DeliveryByHand DeliveryState = "by hand"
)

// Delivery is one message to one office. No person is in it.
type Delivery struct {
	Outreach
	Target string // a legislator's bioguide id, or the slug of one of the action's own addressees
	Method Method
	State  DeliveryState
	Reply  string // of the mail server, without anything that names a person: "250 2.0.0 Ok: queued as 4Zx1"
	// Unanswered: it is handed over, and nobody waits for an answer any more.
	Unanswered bool
	Again      Day // UTC, on which its writer had it sent once more; empty: never
}

// OnItsWay tells whether something may happen to it by itself.
func (d *Delivery) OnItsWay() bool {
	return d.State == DeliveryQueued || d.State == DeliveryHandedOver && !d.Unanswered
}

// MayGoAgain tells whether the writer may have an e-mail sent once more. It is theirs to decide, since an office may get it
// twice; and a second time is enough.
func (d *Delivery) MayGoAgain() bool {
	return d.Method == ByEmail && d.Again == "" && (d.State == DeliveryFailed || d.State == DeliveryHandedOver && d.Unanswered)
}

// CallOutcome is how a call ended, kept as a number and nothing else.
type CallOutcome string

const (
	CallSpoke     CallOutcome = "spoke"
	CallVoicemail CallOutcome = "voicemail"
	CallBusy      CallOutcome = "busy"
	CallClosed    CallOutcome = "closed"
)

// CallOutcomes are all of them, the best first.
var CallOutcomes = []CallOutcome{CallSpoke, CallVoicemail, CallBusy, CallClosed}

// Addressee is a target of an action that sits in no seat of Congress: a governor, the director of a field office. It
// has one way to be reached, or more.
type Addressee struct {
	Slug    string `json:"slug"` // among those of its action
	Name    string `json:"name"`
	Role    string `json:"role"` // Governor of Massachusetts
	Email   string `json:"email,omitempty"`
	Phone   string `json:"phone,omitempty"`
	Address string `json:"address,omitempty"` // for a letter on paper, lines parted by commas
	URL     string `json:"url,omitempty"`     // where it takes letters
}
