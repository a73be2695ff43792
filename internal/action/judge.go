package action

import (
	"context"
	"encoding/hex"
	"errors"
	"strings"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/translog"
)

// DomainJudged is a mail domain under an ask.
type DomainJudged struct {
	N       int // signatures from it that were not held
	Verdict store.Verdict
}

var verdictWords = map[store.Verdict]string{store.VerdictNone: "left to its number", store.VerdictTrusted: "trusted", store.VerdictDoubted: "doubted"}

// JudgeDomain decides about all signatures that come from a mail domain under an ask from now on: no number of it is too many,
// every one is held, or again its number decides. False where that was decided before. Invalid where it is no domain, or a
// large provider's, where nothing is told by the domain.
func (s *Service) JudgeDomain(ctx context.Context, by undersigned.UserID, a *undersigned.Action, domain string, verdict store.Verdict) (d DomainJudged, done bool, err error) {
	domain = strings.TrimPrefix(strings.TrimSpace(domain), "@")
	if !undersigned.ValidEmail("x@" + domain) {
		return d, false, wrongDomain("error.domain.form")
	}
	if domain = seal.DomainOf("x@" + domain); s.domains.kind(domain) == provider {
		return d, false, wrongDomain("error.domain.provider")
	}
	duplicates, err := s.Keys.Duplicates(ctx, a.PID)
	if err != nil {
		return d, false, doing("judge a domain", err)
	}
	hash := duplicates.Domain(domain)
	err = s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		n, before, err := tx.MailDomain(a.PID, hash[:16])
		if d = (DomainJudged{N: n, Verdict: verdict}); err != nil {
			return err
		}
		if done = before != verdict; !done {
			return nil
		}
		if err := tx.SetVerdict(a.PID, hash[:16], verdict); err != nil {
			return err
		}
		return tx.AddAudit(undersigned.AuditEntry{By: by, Verb: undersigned.AuditDomainJudged, Subject: askName(a), Detail: verdictWords[verdict]})
	})
	return d, done, err
}

func wrongDomain(key string) error {
	return &undersigned.Error{Kind: undersigned.Invalid, Key: "error.form", Fields: []undersigned.FieldError{{Field: "domain", Key: key}}}
}

// FoundAt is a signature under an address.
type FoundAt struct {
	Content *undersigned.Content
	Action  *undersigned.Action
	Selected
}

// FindAddress gives what was signed with exactly this address, under every ask: found by its keyed hashes, in both modes of
// keeping. That it is looked for is noted before anything is given out; for whom is not. Invalid where it is no address.
func (s *Service) FindAddress(ctx context.Context, by undersigned.UserID, email string) (found []FoundAt, err error) {
	email = strings.TrimSpace(email)
	if !undersigned.ValidEmail(email) {
		return nil, &undersigned.Error{Kind: undersigned.Invalid, Key: "error.form", Fields: []undersigned.FieldError{{Field: "email", Key: "error.email.form"}}}
	}
	asked, err := s.emailHashes(ctx, email)
	if err != nil {
		return nil, doing("look for an address", err)
	}
	err = s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		return tx.AddAudit(undersigned.AuditEntry{By: by, Verb: undersigned.AuditSignaturesSearched, Subject: siteName, Detail: "one address"})
	})
	if err != nil {
		return nil, err
	}
	for _, at := range asked {
		var rows []*store.SignatureRow
		err := s.DB.View(ctx, func(tx *store.Tx) (err error) { rows, err = tx.SignaturesByEmail(at.hash[:]); return err })
		if err != nil {
			return nil, doing("look for an address", err)
		}
		for _, row := range rows {
			found = append(found, FoundAt{Content: at.content, Action: at.action, Selected: s.openSelected(ctx, row)})
		}
	}
	return found, nil
}

// SignatureNamed reads the 32 hex digits that name a signature.
func SignatureNamed(text string) (id undersigned.SignatureID, err error) {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(id) {
		return id, errors.New("not the 32 digits of a signature")
	}
	return undersigned.SignatureID(raw), nil
}

// SignatureName writes them.
func SignatureName(id undersigned.SignatureID) string { return hex.EncodeToString(id[:]) }

// VoidReasons are those that staff can remove a signature for, the most usual first.
var VoidReasons = []translog.Reason{translog.ReasonBot, translog.ReasonDup, translog.ReasonDomain, translog.ReasonBounce, translog.ReasonError,
	translog.ReasonLegal}
