package undersigned

import "time"

// TryState is how far a mail is with which an owner tries whether mails leave.
type TryState string

const (
	TryWaiting   TryState = "waiting"   // nothing came of it yet
	TryAccepted  TryState = "accepted"  // the mail server has taken it
	TryRefused   TryState = "refused"   // for good: it is not sent again
	TryPutOff    TryState = "put_off"   // the server has answered, and it is tried again
	TryUnreached TryState = "unreached" // no answer; it is tried again
	TryUncertain TryState = "uncertain" // all was sent, and no answer came
	TryBudget    TryState = "budget"    // it waits for what the mail server takes in an hour
	TryLimited   TryState = "limited"   // its address wants no mail of ours, or has had enough today
	TryExpired   TryState = "expired"   // it could not be sent in time
)

// MailTry is the last of these mails. It does not say to whom it went.
type MailTry struct {
	State TryState  `json:"state"`
	Asked time.Time `json:"asked"`
	At    time.Time `json:"at,omitzero"`    // when that came of it
	Step  string    `json:"step,omitempty"` // of the conversation with the mail server, where it went wrong
	Reply string    `json:"reply,omitempty"`
}

// Failed tells whether the mail server was asked, and took nothing.
func (t *MailTry) Failed() bool {
	return t.State == TryRefused || t.State == TryPutOff || t.State == TryUnreached || t.State == TryUncertain || t.State == TryExpired
}

// DNSState is what is to be thought of a record that the DNS has, or should have, about our mails.
type DNSState string

const (
	DNSFits    DNSState = "fits"
	DNSWeak    DNSState = "weak"    // it does no harm, and more is possible, or we cannot tell whether it is enough
	DNSMissing DNSState = "missing" //
	DNSWrong   DNSState = "wrong"   // mails of ours are refused for it, or it is of no use
	DNSUnasked DNSState = "unasked" // the DNS did not answer: nothing is known
)

// DNSFinding is one of three kinds of record (SPF, DKIM, DMARC) and what it says of our mails.
type DNSFinding struct {
	Kind  string   `json:"kind"` // spf, dkim or dmarc
	State DNSState `json:"state"`
	Why   string   `json:"why"`             // ends the message key "mail.dns.KIND."
	Name  string   `json:"name"`            // under which the DNS has it
	Found []string `json:"found,omitempty"` // what stands there now, fit to be shown
	Want  string   `json:"want,omitempty"`  // what should; empty where that is so, or we cannot know
}

// MailDNS is what the DNS said of the domain that our mails come from.
type MailDNS struct {
	Domain   string       `json:"domain"`
	At       time.Time    `json:"at"`
	Findings []DNSFinding `json:"findings"`
}

// Answered tells whether the DNS has said something of each.
func (d *MailDNS) Answered() bool {
	for _, f := range d.Findings {
		if f.State == DNSUnasked {
			return false
		}
	}
	return true
}
