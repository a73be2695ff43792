package undersigned

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// AuditVerb says what one of the staff did; it ends the message key "audit.".
type AuditVerb string

const (
	AuditSignedIn      AuditVerb = "signed_in" // Detail is link or passkey
	AuditSignedOut     AuditVerb = "signed_out"
	AuditSessionEnded  AuditVerb = "session_ended"  // Subject is whose
	AuditSessionsEnded AuditVerb = "sessions_ended" // Subject is the user: all of theirs, or all but the one they were in
	AuditSessionStolen AuditVerb = "session_stolen" // a session was used by two browsers, and was ended
	AuditUserAdded     AuditVerb = "user_added"     // Subject is the user, Detail the role
	AuditUserChanged   AuditVerb = "user_changed"   // Subject is the user, Detail the role
	AuditUserRemoved   AuditVerb = "user_removed"   // Subject is the user
	AuditPasskeyAdded  AuditVerb = "passkey_added"
	AuditPasskeyGone   AuditVerb = "passkey_removed" // Subject is whose
	AuditUpdateMade    AuditVerb = "update_made"     // Subject is the update, as in those that follow; Detail the issue
	AuditUpdateWritten AuditVerb = "update_written"  // its words
	AuditUpdateTried   AuditVerb = "update_tried"    // on one address
	AuditUpdateMoved   AuditVerb = "update_moved"    // Detail is the state

	// Subject is the noun: issue, or issue/kind/name.
	AuditPublished      AuditVerb = "published" // Detail is the version
	AuditImported       AuditVerb = "imported"
	AuditOrdered        AuditVerb = "ordered"
	AuditTakenOff       AuditVerb = "taken_off"
	AuditDraftDiscarded AuditVerb = "draft_discarded"
	AuditScheduled      AuditVerb = "scheduled" // Detail is when
	AuditUnscheduled    AuditVerb = "unscheduled"
	AuditScheduleMissed AuditVerb = "schedule_missed" // it could not be published when its time came
	// What an organisation has said of its own entry.
	AuditCorrectionAccepted AuditVerb = "correction_accepted"
	AuditCorrectionDeclined AuditVerb = "correction_declined"
	AuditLinkMoved          AuditVerb = "link_moved" // Detail is the new address

	// Subject is issue/action; Detail names the rule, and who is meant by it never.
	AuditSignaturesRead     AuditVerb = "signatures_read"     // how many were shown
	AuditSignaturesSearched AuditVerb = "signatures_searched" // by name or by address
	AuditSignaturesReleased AuditVerb = "signatures_released" // Detail begins with the decision
	AuditSignaturesRemoved  AuditVerb = "signatures_removed"
	AuditSignaturesRestored AuditVerb = "signatures_restored" // Detail is the decision that was undone
	AuditDomainJudged       AuditVerb = "domain_judged"       // Detail is trusted, doubted or left to its number
	AuditBrakeSet           AuditVerb = "brake_set"           // Detail is on or off

	AuditSourceAdded   AuditVerb = "source_added" // Subject is the tag
	AuditSourceRemoved AuditVerb = "source_removed"

	AuditPaused  AuditVerb = "paused" // Subject is issue/action, or site
	AuditResumed AuditVerb = "resumed"

	AuditAttended AuditVerb = "attended" // Subject is issue/action, Detail goes_on or over

	AuditOfferMoved AuditVerb = "offer_moved" // Subject is the offer's random id, Detail its new state
	AuditOfferNoted AuditVerb = "offer_noted" // Subject is the offer's random id

	AuditSettingChanged AuditVerb = "setting_changed" // Subject is its name, Detail what it is now

	AuditMailTried    AuditVerb = "mail_tried"     // an owner has tried whether mails leave
	AuditMailDNSAsked AuditVerb = "mail_dns_asked" // what others must know of our mails was looked up
	AuditMailKeyMade  AuditVerb = "mail_key_made"  // Subject is the selector

	// Subject is issue/action, or the issue, or empty for all of the site; Detail is the kind, how many and why.
	AuditExported AuditVerb = "exported"

	// Subject is issue/action, Detail the office and the day.
	AuditHandedOver AuditVerb = "handed_over"
	AuditAnswered   AuditVerb = "answered"
	// A note that was a mistake.
	AuditHandOverTakenBack AuditVerb = "hand_over_taken_back"
	AuditAnswerTakenBack   AuditVerb = "answer_taken_back"

	AuditSeatsTaken AuditVerb = "seats_taken" // numbers by district, made where the keys are; Subject is issue/action
)

// AuditEntry is a line of the audit log: who did what to which. The log is only ever added to, and forgotten after a year. It
// says nothing of supporters: a signature is named by its random id, an address never.
type AuditEntry struct {
	AuditMark
	By      UserID // the zero id is the command line
	Verb    AuditVerb
	Subject string // issue, issue/action, the id of a user, …
	Detail  string
}

// AuditMark is where a line stands in the audit log. Its ID is random, and orders what was done in one moment.
type AuditMark struct {
	At time.Time
	ID [16]byte
}

// String gives a mark as ParseAuditMark reads it: microseconds since 1970, and the ID in hexadecimal.
func (m AuditMark) String() string { return fmt.Sprintf("%d-%x", m.At.UnixMicro(), m.ID) }

// ParseAuditMark reads a mark. What is none is an error.
func ParseAuditMark(s string) (m AuditMark, err error) {
	at, id, _ := strings.Cut(s, "-")
	us, err := strconv.ParseInt(at, 10, 64)
	if n, wrong := hex.Decode(m.ID[:], []byte(id[:min(len(id), 2*len(m.ID))])); err != nil || wrong != nil || n < len(m.ID) || len(id) > 2*n || us <= 0 {
		return AuditMark{}, Fail(Invalid, "error.form")
	}
	m.At = time.UnixMicro(us)
	return m, nil
}

// KeepAudit is how many days the audit log remembers.
const KeepAudit = 365
