package undersigned

import "time"

// LinkState is what is made of all looks at a link; it ends the message key "link.".
type LinkState string

const (
	LinkUnchecked LinkState = ""        // not looked at yet
	LinkWorks     LinkState = "works"   // answered at the last look
	LinkMoved     LinkState = "moved"   // answered at another address, which it says is for good
	LinkUnclear   LinkState = "unclear" // answered in a way that tells a program nothing
	LinkFailing   LinkState = "failing" // did not answer, on too few days to be called broken
	LinkBroken    LinkState = "broken"  // did not answer on LinkStrikes different days
)

// LinkStrikes is on how many different days (UTC) a link fails before it is called broken. A look that finds the page,
// there or where it has moved, ends the count, and nothing else does.
const LinkStrikes = 3

// Finding is what one look at a link found; it ends the message key "link.why.".
type Finding string

const (
	FoundWorking Finding = "working"
	FoundMoved   Finding = "moved"

	// The page is not there, or nobody can reach it: a strike.
	FoundNothing     Finding = "not_found"   // 404 or 410
	FoundError       Finding = "error"       // another answer of 400 or more
	FoundNoHost      Finding = "no_host"     // there is no such name
	FoundNoAnswer    Finding = "no_answer"   // no connection, or nothing in time
	FoundCertificate Finding = "certificate" // expired, or of nobody we know
	FoundOtherName   Finding = "other_name"  // a certificate for another name
	FoundLoop        Finding = "loop"        // redirects without end
	FoundPrivate     Finding = "private"     // leads into a private network

	// Somebody answered, and would not say: no strike, and no proof either. That an ask's page leads to the front page is
	// one: whoever is sent there finds nothing to sign.
	FoundWall      Finding = "wall"       // asks for a login, or to wait, or refuses programs (401, 403, 429, 451, 503)
	FoundRobots    Finding = "robots"     // robots.txt asks programs to stay away
	FoundFrontPage Finding = "front_page" // leads to the front page, as many sites do with what they no longer have

	// We have no connection ourselves: as if nobody had looked.
	FoundOffline Finding = "offline"
)

// Look is one look at a link.
type Look struct {
	URL      string
	At       time.Time
	Finding  Finding
	OfAsk    bool   // it is where an ask sends people
	To       string // where its redirects lead; empty where it has none, or only such as are for now
	ETag     string // what the server says of the page so that it need not send it again (RFC 9110, 8.8)
	Modified string
}

// Strike tells whether a look that found it counts against any link.
func (f Finding) Strike() bool {
	switch f {
	case FoundNothing, FoundError, FoundNoHost, FoundNoAnswer, FoundCertificate, FoundOtherName, FoundLoop, FoundPrivate:
		return true
	}
	return false
}

// Link is what is known of a URL from looking at it. It belongs to the site, not to content: no pack holds it.
type Link struct {
	State        LinkState `json:"state,omitempty"`
	Finding      Finding   `json:"finding,omitempty"`      // of the last look
	CheckedAt    time.Time `json:"checked_at,omitzero"`    // the last look
	WorkedAt     time.Time `json:"worked_at,omitzero"`     // the last look that found it working; zero is never
	FailingSince time.Time `json:"failing_since,omitzero"` // the first look that failed since it last worked
	Strikes      int       `json:"strikes,omitempty"`
	MovedTo      string    `json:"moved_to,omitempty"` // where it leads now
	ETag         string    `json:"etag,omitempty"`
	Modified     string    `json:"modified,omitempty"`
}

// Broken tells whether nobody should be sent there any more.
func (l Link) Broken() bool { return l.State == LinkBroken }

// After is what is known of the link after another look.
func (l Link) After(k Look) Link {
	if k.Finding == FoundOffline {
		return l
	}
	last := l.CheckedAt
	l.CheckedAt, l.Finding, l.MovedTo = k.At, k.Finding, k.To
	switch {
	case k.Finding.Strike(), k.OfAsk && k.Finding == FoundFrontPage:
		if l.Strikes == 0 {
			l.FailingSince = k.At
		}
		if l.Strikes == 0 || DayOf(last) != DayOf(k.At) {
			l.Strikes++
		}
		if l.State = LinkFailing; l.Strikes >= LinkStrikes {
			l.State = LinkBroken
		}
	case k.Finding == FoundWorking, k.Finding == FoundMoved:
		l.Strikes, l.FailingSince = 0, time.Time{}
		l.WorkedAt, l.ETag, l.Modified = k.At, k.ETag, k.Modified
		if l.State = LinkWorks; k.Finding == FoundMoved {
			l.State = LinkMoved
		}
	case !l.Broken(): // a wall before a page that has vanished does not bring it back
		l.State = LinkUnclear
	}
	return l
}
