package undersigned

import (
	"cmp"
	"time"
)

// MaxKeepDays is how many days after a petition or pledge closed what its signers told us is kept, unless less was promised.
const MaxKeepDays = 90

// KeepsFor is how long after it closed what signers told us is kept: what the form promises them.
func (a *Action) KeepsFor() time.Duration {
	return time.Duration(cmp.Or(a.KeepDays, MaxKeepDays)) * 24 * time.Hour
}

// Attention says whether somebody looks after a petition or pledge that would never end by itself, and with it what its
// signers told us. Once a year its owner is asked whether it goes on; where nobody answers, it closes.
type Attention struct {
	Asked time.Time // since when its owner is asked; zero while nobody is
	Ended time.Time // when its owner answered that it is over; zero where nobody has
}

const (
	// AttentionEvery is how long a petition goes on before its owner is asked whether it does, and asked again.
	AttentionEvery = 365 * 24 * time.Hour
	// AttentionWithin is how long the owner has for an answer.
	AttentionWithin = 60 * 24 * time.Hour
)

// attentionMails are when an owner is written to, after the question was first asked.
var attentionMails = []time.Duration{0, 30 * 24 * time.Hour, 50 * 24 * time.Hour}

// MailsDue is how many mails with the question should have gone out by now.
func (a Attention) MailsDue(now time.Time) (n int) {
	for _, after := range attentionMails {
		if !a.Asked.IsZero() && !now.Before(a.Asked.Add(after)) {
			n++
		}
	}
	return n
}

// ending is what an answer, or that there is none, makes of an action: endless is one that nothing else would end.
func (a Attention) ending(endless bool) (closed Decision, at time.Time) {
	switch {
	case !a.Ended.IsZero():
		return Decision{State: ActionClosed, Reason: ReasonOrganizer, Since: a.Ended}, a.Ended
	case endless && !a.Asked.IsZero():
		at = a.Asked.Add(AttentionWithin)
		return Decision{State: ActionClosed, Reason: ReasonUnattended, Since: at}, at
	}
	return Decision{}, time.Time{}
}

// Endless tells whether an action that people sign is open, or paused, and nothing would ever end it: no day, no bill, no
// answer.
func (a *Action) Endless(bill *Bill, now time.Time) bool {
	alone := *a
	alone.Attention = Attention{}
	d := alone.Decide(bill, now)
	return a.Kind.Signable() && (d.State == ActionOpen || d.State == ActionPaused) && d.Until.IsZero()
}
