package action

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/search"
	"github.com/undersigned/undersigned/internal/store"
)

// Selection says which signatures of an action a look or a decision is about. What is set must all hold.
type Selection struct {
	Counted bool                    // those that count, in place of those that are held
	Why     undersigned.Doubt       // held for these reasons, and perhaps others
	Domain  string                  // of the mailbox, or # and the first digits of its keyed hash
	Name    string                  // words of the name, or their beginnings
	ID      undersigned.SignatureID // one of them
}

// String names the rule without naming anybody: a domain may be one family's.
func (sel Selection) String() string {
	var words []string
	if sel.Counted {
		words = append(words, "counted")
	}
	if sel.Why != 0 {
		words = append(words, "why="+sel.Why.String())
	}
	if sel.Domain != "" {
		words = append(words, "one domain")
	}
	if sel.Name != "" {
		words = append(words, "one name")
	}
	if sel.ID != (undersigned.SignatureID{}) {
		words = append(words, "one signature")
	}
	if len(words) == 0 {
		return "all held"
	}
	return strings.Join(words, ", ")
}

// Selected is a signature that a selection holds, as far as the server can read it.
type Selected struct {
	ID     string
	State  undersigned.SignatureState
	Doubts undersigned.Doubt
	Person undersigned.Person
	Sealed bool // to offline identities: nobody can be named here
	row    *store.SignatureRow
	domain []byte // keyed hash, where it is known
}

// Tidy makes of what was typed the domain and the words of a rule. Invalid, with the fields "domain" and "name".
func (sel *Selection) Tidy() error {
	sel.Domain, sel.Name = strings.TrimPrefix(strings.TrimSpace(sel.Domain), "@"), strings.TrimSpace(sel.Name)
	wrong := &undersigned.Error{Kind: undersigned.Invalid, Key: "error.form"}
	if sel.Domain != "" && !strings.HasPrefix(sel.Domain, "#") && !undersigned.ValidEmail("x@"+sel.Domain) {
		wrong.Fields = append(wrong.Fields, undersigned.FieldError{Field: "domain", Key: "error.domain.form"})
	}
	if len(sel.Name) > 2*undersigned.MaxName {
		wrong.Fields = append(wrong.Fields, undersigned.FieldError{Field: "name", Key: "error.review.name_long"})
	}
	if wrong.Fields == nil {
		return nil
	}
	return wrong
}

// A long list is gone through in steps, so that nobody waits for a page: each goes through so many held signatures, or places
// of the public log. Names and domains of those that count are sealed, and each has to be opened to be compared.
const (
	stepHeld = 5_000
	stepLog  = 20_000
	stepLife = time.Hour // of the token with which the next one begins
	maxShown = 20        // signatures that a look shows
)

// Step is how far a look or a decision has come.
type Step struct {
	N          int64 // found or decided about, since the first step
	Looked, Of int64 // how much of how much was gone through; Of is a lower bound where Looked has not come to it
	Shown      []Selected
	Decision   string // its number; empty while nothing was decided about
	Next       string // the token of the next step; empty where all was gone through
}

// progress is what a token carries from step to step. It is sealed, and bound to who does what by which rule: who could write
// one could search without the audit log knowing.
type progress struct {
	What     string                    `json:"w"` // digest of who does what
	Log      int64                     `json:"l,omitempty"`
	Held     undersigned.SignatureID   `json:"h"`
	N        int64                     `json:"n,omitempty"`
	Looked   int64                     `json:"k,omitempty"`
	Of       int64                     `json:"o,omitempty"`
	Shown    []undersigned.SignatureID `json:"s,omitempty"`
	Decision []byte                    `json:"d,omitempty"`
	Done     bool                      `json:"-"`
}

const stepPurpose = "step"

// beginStep reads the token of a step, or begins anew where there is none that is good.
func (s *Service) beginStep(token, what string) (p progress, first bool) {
	if raw, _, err := s.Keys.OpenLink(stepPurpose, token, s.Now()); err == nil && json.Unmarshal(raw, &p) == nil && p.What == what {
		return p, false
	}
	return progress{What: what}, true
}

func (s *Service) endStep(p *progress) *Step {
	step := &Step{N: p.N, Looked: p.Looked, Of: max(p.Of, p.Looked)}
	if p.Decision != nil {
		step.Decision = hex.EncodeToString(p.Decision)
	}
	if !p.Done {
		raw, err := json.Marshal(p)
		if err == nil {
			step.Next = s.Keys.SealLink(stepPurpose, raw, s.Now().Add(stepLife))
		}
	}
	return step
}

// digestOf binds a token to who does what.
func digestOf(by undersigned.UserID, a *undersigned.Action, sel Selection, what string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%x %s %s %+v", by, a.PID, what, sel))
	return hex.EncodeToString(sum[:12])
}

// Look counts what a selection holds, one step further than token, and shows some of it, at most maxShown or none. That
// people are looked for by name, and that some are shown, is noted before anything is given out. Invalid where the rule names
// what cannot be read here.
func (s *Service) Look(ctx context.Context, by undersigned.UserID, a *undersigned.Action, sel Selection, token string, show bool) (*Step, error) {
	p, first := s.beginStep(token, digestOf(by, a, sel, "look"))
	found, err := s.scan(ctx, a, sel, &p)
	if err != nil {
		return nil, err
	}
	p.N += int64(len(found))
	for _, one := range found[:min(len(found), maxShown-min(len(p.Shown), maxShown))] {
		p.Shown = append(p.Shown, one.row.ID)
	}
	if show && (len(p.Shown) > 0 || first && sel.Name != "") {
		verb := undersigned.AuditSignaturesRead
		if sel.Name != "" {
			verb = undersigned.AuditSignaturesSearched
		}
		entry := undersigned.AuditEntry{By: by, Verb: verb, Subject: askName(a), Detail: fmt.Sprintf("%s: %d", sel, len(p.Shown))}
		if err := s.DB.Update(ctx, store.Client, func(tx *store.Tx) error { return tx.AddAudit(entry) }); err != nil {
			return nil, fmt.Errorf("note that signatures are read: %w", err)
		}
	}
	step := s.endStep(&p)
	if show {
		step.Shown, err = s.shown(ctx, p.Shown)
	}
	return step, err
}

// ReadHeld gives all that is held of an ask, one by one, to be read by staff. That it was read is noted before anything is given
// out.
func (s *Service) ReadHeld(ctx context.Context, by undersigned.UserID, a *undersigned.Action, give func(Selected)) error {
	p := progress{}
	for !p.Done {
		rows, err := s.candidates(ctx, a.PID, Selection{}, &p)
		if err != nil || len(rows) == 0 {
			return err
		}
		entry := undersigned.AuditEntry{By: by, Verb: undersigned.AuditSignaturesRead, Subject: askName(a), Detail: fmt.Sprintf("%s: %d", Selection{}, len(rows))}
		if err := s.DB.Update(ctx, store.Client, func(tx *store.Tx) error { return tx.AddAudit(entry) }); err != nil {
			return fmt.Errorf("note that signatures are read: %w", err)
		}
		for _, row := range rows {
			give(s.openSelected(ctx, row))
		}
	}
	return nil
}

// shown opens the signatures of a page.
func (s *Service) shown(ctx context.Context, ids []undersigned.SignatureID) (list []Selected, err error) {
	for _, id := range ids {
		var row *store.SignatureRow
		if err := s.DB.View(ctx, func(tx *store.Tx) (err error) { row, err = tx.Signature(id); return err }); err != nil {
			return nil, fmt.Errorf("read a signature: %w", err)
		}
		if row != nil && row.Sealed != nil {
			list = append(list, s.openSelected(ctx, row))
		}
	}
	return list, nil
}

// openSelected opens a row as far as the server can.
func (s *Service) openSelected(ctx context.Context, row *store.SignatureRow) Selected {
	one := Selected{ID: hex.EncodeToString(row.ID[:]), State: row.State, Doubts: row.Doubts, row: row, domain: row.Domain}
	o, err := s.openRow(ctx, row)
	one.Sealed = errors.Is(err, ErrSealed)
	if err == nil {
		one.Person = o.signature.Person
	}
	return one
}

// scan goes one step further through what a selection may hold, and gives what it does hold.
func (s *Service) scan(ctx context.Context, a *undersigned.Action, sel Selection, p *progress) (found []Selected, err error) {
	if err := s.canTell(ctx, a, sel); err != nil {
		return nil, err
	}
	duplicates, err := s.Keys.Duplicates(ctx, a.PID)
	if errors.Is(err, seal.ErrKeyDestroyed) {
		p.Done = true
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("select signatures: %w", err)
	}
	rows, err := s.candidates(ctx, a.PID, sel, p)
	if err != nil {
		return nil, fmt.Errorf("select signatures: %w", err)
	}
	m := matcher{sel: sel, terms: search.Terms(sel.Name), opens: sel.Name != "" || sel.Counted && sel.Domain != ""}
	domain := duplicates.Domain(seal.DomainOf("x@" + sel.Domain))
	m.domain = domain[:16]
	for _, row := range rows {
		one := Selected{row: row, domain: row.Domain}
		if m.opens {
			one = s.openSelected(ctx, row)
			if one.Person.Email != "" && one.domain == nil {
				hash := duplicates.Domain(seal.DomainOf(one.Person.Email))
				one.domain = hash[:16]
			}
		}
		if m.holds(&one) {
			found = append(found, one)
		}
	}
	return found, nil
}

// canTell refuses a rule that the server cannot follow, because what it asks for is sealed to people elsewhere.
func (s *Service) canTell(ctx context.Context, a *undersigned.Action, sel Selection) error {
	site, err := s.DB.Site(ctx)
	if err != nil {
		return err
	}
	content, _ := site.Ask(a.Issue, a.Slug)
	if content == nil {
		return errNoAction
	}
	var wrong []undersigned.FieldError
	if content.Issue.Sealed() && sel.Name != "" {
		wrong = append(wrong, undersigned.FieldError{Field: "name", Key: "error.review.sealed"})
	}
	if content.Issue.Sealed() && sel.Counted && sel.Domain != "" {
		wrong = append(wrong, undersigned.FieldError{Field: "domain", Key: "error.review.sealed"})
	}
	if sel.Name != "" && len(search.Terms(sel.Name)) == 0 {
		wrong = append(wrong, undersigned.FieldError{Field: "name", Key: "error.name.letters"})
	}
	if len(wrong) > 0 {
		return &undersigned.Error{Kind: undersigned.Invalid, Key: "error.form", Fields: wrong}
	}
	return nil
}

// candidates reads the rows of one step, and notes how far it has come.
func (s *Service) candidates(ctx context.Context, pid string, sel Selection, p *progress) (rows []*store.SignatureRow, err error) {
	if sel.ID != (undersigned.SignatureID{}) {
		return s.oneOf(ctx, pid, sel, p)
	}
	err = s.DB.View(ctx, func(tx *store.Tx) error {
		if !sel.Counted {
			if p.Of == 0 {
				if p.Of, err = tx.CountHeldUpTo(pid, Many); err != nil {
					return err
				}
			}
			rows, err = tx.HeldAfter(pid, p.Held, s.stepHeld)
			return err
		}
		if p.Of == 0 { // who comes later is not in it
			if p.Of, _, err = tx.LogSizes(); err != nil {
				return err
			}
		}
		rows, err = tx.CountedBetween(pid, p.Log, min(p.Log+s.stepLog, p.Of))
		return err
	})
	if err != nil {
		return nil, err
	}
	if sel.Counted {
		p.Log = min(p.Log+s.stepLog, p.Of)
		p.Looked, p.Done = p.Log, p.Log >= p.Of
		return rows, nil
	}
	p.Looked += int64(len(rows))
	if p.Done = len(rows) < s.stepHeld; !p.Done {
		p.Held = rows[len(rows)-1].ID
	}
	return rows, nil
}

// Many is as far as signatures are counted for a page.
const Many = 100_000

func (s *Service) oneOf(ctx context.Context, pid string, sel Selection, p *progress) (rows []*store.SignatureRow, err error) {
	state := undersigned.SignatureHeld
	if sel.Counted {
		state = undersigned.SignatureCounted
	}
	p.Looked, p.Of, p.Done = 1, 1, true
	err = s.DB.View(ctx, func(tx *store.Tx) error {
		row, err := tx.Signature(sel.ID)
		if err == nil && row != nil && row.PID == pid && row.State == state {
			rows = append(rows, row)
		}
		return err
	})
	return rows, err
}

// matcher tells whether a row is what a selection means.
type matcher struct {
	sel    Selection
	terms  []string
	domain []byte // keyed hash of the one that is asked for
	opens  bool   // rows have to be opened to be compared
}

func (m *matcher) holds(one *Selected) bool {
	switch {
	case one.row.Sealed == nil:
		return false // it says nothing any more: nobody can judge it
	case one.row.Doubts&m.sel.Why != m.sel.Why:
		return false
	case m.sel.Name != "" && !search.Holds(one.Person.GivenName+" "+one.Person.FamilyName, m.terms):
		return false
	case m.sel.Domain == "":
		return true
	}
	if digits, ok := strings.CutPrefix(m.sel.Domain, "#"); ok {
		return one.domain != nil && digits != "" && strings.HasPrefix(hex.EncodeToString(one.domain), digits)
	}
	return bytes.Equal(one.domain, m.domain)
}
