package undersigned

// SubscriberState is what has become of a wish to hear of an issue.
type SubscriberState string

const (
	SubscriberActive       SubscriberState = "active"
	SubscriberUnsubscribed SubscriberState = "unsubscribed" // by whoever reads the mailbox
	SubscriberSuppressed   SubscriberState = "suppressed"   // the mailbox is no more, or its owner complained
)

// SubscriberID is 16 random bytes, drawn once.
type SubscriberID [16]byte

// Subscriber is an address whose owner asked for news of an issue. It is kept apart from signatures: nothing in it tells
// whether the owner has signed anything. Address, language and consent are only ever kept sealed; of one that has left
// nothing remains but its id, its state and the day.
type Subscriber struct {
	ID       SubscriberID
	Issue    string // slug
	State    SubscriberState
	Day      Day // UTC, on which they asked
	Email    string
	Language string
	Consent  ConsentID
}

// Report is what a mail server, or a mailbox provider, says of a mail that was sent.
type Report string

const (
	HardBounce Report = "hard"      // there is no such mailbox
	SoftBounce Report = "soft"      // it did not arrive, and the next one may
	Complaint  Report = "complaint" // whoever reads the mailbox calls it unwanted
)

// Soft bounces end the mail to an address when this many updates in a row did not arrive; one that is as old as
// bounceMemory no longer counts.
const (
	softBounces  = 3
	bounceMemory = 90 // days
)

// Bounces is how often mail to a subscriber did not arrive.
type Bounces struct {
	N      int
	Day    Day      // of the last
	Update UpdateID // that it answered
}

// Take adds a report about an update. A report that is told twice, or after another about the same update, counts once.
func (b Bounces) Take(r Report, update UpdateID, today Day) (after Bounces, suppress, fresh bool) {
	if r != SoftBounce {
		return b, true, true
	}
	if b.N > 0 && b.Update == update {
		return b, false, false
	}
	if b.Day != "" && b.Day.Plus(bounceMemory) < today {
		b.N = 0
	}
	after = Bounces{N: b.N + 1, Day: today, Update: update}
	return after, after.N >= softBounces, true
}
