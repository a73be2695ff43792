package undersigned

import "time"

// EventKind says what changed; it ends the message key "diary.".
type EventKind string

const (
	AskOpened   EventKind = "opened"
	AskPaused   EventKind = "paused"
	SitePaused  EventKind = "site_paused"
	SiteResumed EventKind = "site_resumed"
	AskClosed   EventKind = "closed"   // Detail is the Reason
	AskBraked   EventKind = "braked"   // doubtful signatures are held, very many coming at once
	AskUnbraked EventKind = "unbraked" // no longer
	AskReworded EventKind = "version"
	BillMoved   EventKind = "bill"        // Subject is the bill, Detail its new stage
	NameChanged EventKind = "name"        // Subject is the new name, Detail the former one
	HandedOver  EventKind = "handed_over" // Detail is the legislator: bioguide id, space, name
	Answered    EventKind = "answered"    // Detail as for HandedOver
	LinkDied    EventKind = "link_died"   // Subject is the URL, Detail the Finding
	LinkBack    EventKind = "link_back"   // Subject is the URL
)

// Event is an entry of the diary: something that changed on the site or in Congress. It never holds personal data.
type Event struct {
	At      time.Time
	Kind    EventKind
	Issue   string // slug; empty for what concerns all
	Subject string // slug of an action, a bill as BillID writes it, an organisation's new name, a URL
	Detail  string
}
