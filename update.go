package undersigned

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// UpdateState is how far an update has come.
type UpdateState string

const (
	UpdateDraft     UpdateState = "draft"
	UpdateScheduled UpdateState = "scheduled"
	UpdateSending   UpdateState = "sending"
	UpdatePaused    UpdateState = "paused" // in the middle
	UpdateSent      UpdateState = "sent"
	UpdateCancelled UpdateState = "cancelled"
)

// UpdateStates are all states, in the order of an update's life.
var UpdateStates = []UpdateState{UpdateDraft, UpdateScheduled, UpdateSending, UpdatePaused, UpdateSent, UpdateCancelled}

// updateSteps are what an organiser can make of an update. One that was sent, or given up, stays as it is.
var updateSteps = map[UpdateState][]UpdateState{
	UpdateDraft:     {UpdateScheduled, UpdateCancelled},
	UpdateScheduled: {UpdateScheduled, UpdateDraft, UpdateCancelled},
	UpdateSending:   {UpdatePaused, UpdateCancelled},
	UpdatePaused:    {UpdateSending, UpdateCancelled},
}

// Steps are the states that an organiser can set next.
func (s UpdateState) Steps() []UpdateState { return updateSteps[s] }

// Leads tells whether an organiser can set that state next.
func (s UpdateState) Leads(to UpdateState) bool { return slices.Contains(updateSteps[s], to) }

// Written tells whether its words can still be changed: nobody has read them yet.
func (s UpdateState) Written() bool { return s == UpdateDraft || s == UpdateScheduled }

// Ended tells whether nothing more goes out.
func (s UpdateState) Ended() bool { return s == UpdateSent || s == UpdateCancelled }

// UpdateCause is what an update tells of.
type UpdateCause string

const (
	ByHand      UpdateCause = ""        // an organiser's words
	BillChanged UpdateCause = "bill"    // a bill has moved
	AskEnded    UpdateCause = "closing" // an ask has closed
	EraseSoon   UpdateCause = "erasing" // what an ask's signers told us is about to be erased
)

// UpdateStop is why an update has paused by itself; empty where somebody paused it.
type UpdateStop string

const (
	StoppedByBounces UpdateStop = "bounces"  // too much of it came back
	StoppedByRestore UpdateStop = "restored" // a backup was restored that does not know how far it had come
)

// UpdateID is 8 random bytes.
type UpdateID [8]byte

// NewUpdateID makes one that nothing has yet.
func NewUpdateID() (id UpdateID) {
	rand.Read(id[:]) // does not fail
	return id
}

// String is the id as pages and commands write it.
func (id UpdateID) String() string { return hex.EncodeToString(id[:]) }

// ParseUpdateID reads that.
func ParseUpdateID(s string) (id UpdateID, ok bool) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(id) {
		return id, false
	}
	return UpdateID(b), true
}

// Update is one piece of news to everybody who asked for news of an issue.
type Update struct {
	ID    UpdateID
	Issue string // slug
	State UpdateState
	Cause UpdateCause
	About string // of a bill that changed its id, of asks their slugs, with spaces between
	// Detail is the stage of the bill, the reason why each ask closed, the day of the erasure.
	Detail string
	Texts  map[string]UpdateText // by language; none where the words are ours, made of cause, about and detail
	At     time.Time             // when it is to go out
	Stop   UpdateStop
	Cursor SubscriberID // who came before or at it has had it

	Made, Begun, Ended time.Time
	Tally              UpdateTally
}

// UpdateTally is how an update went.
type UpdateTally struct {
	Sent       int64 // taken by our mail server
	Refused    int64 // not taken by it, for good
	Bounced    int64 // taken, and came back: hard and soft
	Complained int64
	Left       int64 // unsubscribed by its link

	SeenBad, SeenAll int64 // what did not arrive, and of how many, when somebody last looked and let it go on
}

func (t UpdateTally) bad() int64 { return t.Refused + t.Bounced }
func (t UpdateTally) all() int64 { return t.Sent + t.Refused }

// LookedAt is the tally once somebody has looked at it: only what comes back from now on stops the update again.
func (t UpdateTally) LookedAt() UpdateTally {
	t.SeenBad, t.SeenAll = t.bad(), t.all()
	return t
}

// UpdateText is an update in one language.
type UpdateText struct {
	Subject string `json:"subject"`
	Body    string `json:"body"` // Markdown
}

// MaxUpdate is the longest update, in characters.
const MaxUpdate = 20_000

// NewUpdateText checks what was typed or pasted. The error names every field that is wrong: subject, body.
func NewUpdateText(subject, body string) (UpdateText, error) {
	m := UpdateText{Subject: plainText(subject), Body: plainText(body)}
	var wrong fields
	checkSubject(&wrong, m.Subject)
	switch {
	case m.Body == "":
		wrong.add("body", "error.update.empty")
	case badText(m.Body):
		wrong.add("body", "error.characters")
	case utf8.RuneCountInString(m.Body) > MaxUpdate:
		wrong.add("body", "error.update.long", "max", MaxUpdate, "n", utf8.RuneCountInString(m.Body))
	}
	return m, wrong.err()
}

// Text gives the update in lang, or in the first of languages that it has, and which that is; false where it has none.
func (u *Update) Text(lang string, languages []string) (text UpdateText, in string, ok bool) {
	if len(u.Texts) == 0 {
		return UpdateText{}, lang, false
	}
	text, in = inLanguage(u.Texts, lang, languages)
	if text == (UpdateText{}) { // the issue has lost the languages it was written in
		in = slices.Min(slices.Collect(maps.Keys(u.Texts)))
		text = u.Texts[in]
	}
	return text, in, true
}

// UpdateFields are the words of an update by the names that a form has for them: subject_ or body_, and the language.
func UpdateFields(texts map[string]UpdateText) map[string]string {
	fields := map[string]string{}
	for lang, text := range texts {
		fields["subject_"+lang], fields["body_"+lang] = text.Subject, text.Body
	}
	return fields
}

func updateTexts(fields map[string]string) map[string]UpdateText {
	texts := map[string]UpdateText{}
	for name, said := range fields {
		part, lang, _ := strings.Cut(name, "_")
		text := texts[lang]
		if part == "subject" {
			text.Subject = said
		} else {
			text.Body = said
		}
		texts[lang] = text
	}
	maps.DeleteFunc(texts, func(_ string, text UpdateText) bool { return text == UpdateText{} })
	return texts
}

// Version names the words of an update as they stand, each field by itself: what two have written at once can be brought
// together by it.
func (u *Update) Version() string {
	fields := UpdateFields(u.Texts)
	version := "v"
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		version += " " + name + ":" + fingerprint(fields[name])
	}
	return version
}

func fingerprint(said string) string {
	h := sha256.Sum256([]byte(said))
	return hex.EncodeToString(h[:6])
}

// MergeUpdate brings together the words that somebody has written from a version with those that stand there by now; see
// [Merge].
func MergeUpdate(version string, mine, theirs map[string]UpdateText) (merged map[string]UpdateText, clashes []string) {
	was := map[string]string{}
	for part := range strings.FieldsSeq(version) {
		name, print, _ := strings.Cut(part, ":")
		was[name] = print
	}
	before, my, their := map[string]string{}, UpdateFields(mine), UpdateFields(theirs)
	for _, fields := range []map[string]string{my, their} {
		for name := range fields {
			switch known := cmp.Or(was[name], fingerprint("")); known {
			case fingerprint(their[name]):
				before[name] = their[name]
			case fingerprint(my[name]):
				before[name] = my[name]
			default:
				before[name] = "\x00" // what neither of them has
			}
		}
	}
	all, clashes := Merge(before, my, their)
	return updateTexts(all), clashes
}

// Missing are the languages of an issue in which an update that somebody wrote is not.
func (u *Update) Missing(languages []string) (missing []string) {
	if len(u.Texts) == 0 && u.Cause != ByHand {
		return nil
	}
	for _, lang := range languages {
		if _, ok := u.Texts[lang]; !ok {
			missing = append(missing, lang)
		}
	}
	return missing
}

// An update of which this much comes back must stop: too few want it or too many addresses are dead, and whoever goes on is soon
// taken for a sender of spam. The share is of fewMails at least, so that it takes three, for one or two may be chance; a list of
// forty of which six are dead is as bad for the name of its sender as one of forty thousand. Of a list of which one in a hundred is
// dead one update in 40 stops without a cause, of two in a hundred one in 7: the price is a look.
const (
	bouncePercent = 5
	fewMails      = 50
)

// TooManyBounces tells whether an update must stop until somebody has looked.
func (t UpdateTally) TooManyBounces() bool {
	bad, all := t.bad()-t.SeenBad, t.all()-t.SeenAll
	return bad*100 >= max(all, fewMails)*bouncePercent
}
