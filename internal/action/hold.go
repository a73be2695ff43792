package action

import (
	"context"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
)

// suspect is a confirmed signature with what is known of its mailbox.
type suspect struct {
	row    *store.SignatureRow
	doubts undersigned.Doubt
	kind   domainKind
	domain []byte // keyed hash
	source string // the tag that its form came by; it goes into no row
	caught bool   // it is the first beyond the number that its domain may have
}

// examine gathers what can be known before the transaction.
func (s *Service) examine(ctx context.Context, row *store.SignatureRow, signature *undersigned.Signature) (*suspect, error) {
	duplicates, err := s.Keys.Duplicates(ctx, row.PID)
	if err != nil {
		return nil, err
	}
	domain := seal.DomainOf(signature.Person.Email)
	hash := duplicates.Domain(domain)
	x := &suspect{row: row, doubts: signature.Doubts, kind: s.domains.kind(domain), domain: hash[:16]}
	if x.kind == throwaway {
		x.doubts |= undersigned.DoubtThrowaway
	}
	return x, nil
}

// judge decides whether a signature waits for its place or is held, and makes its row say so. It may run again.
func (x *suspect) judge(tx *store.Tx) error {
	doubts, row := x.doubts, x.row
	n, verdict := 0, store.VerdictNone
	if x.kind != provider {
		var err error
		if n, verdict, err = tx.MailDomain(row.PID, x.domain); err != nil {
			return err
		}
	}
	strange := x.kind == littleKnown || x.kind == throwaway
	switch {
	case verdict == store.VerdictTrusted:
		doubts, strange = doubts&^undersigned.DoubtThrowaway, false
	case verdict == store.VerdictDoubted, strange && n >= domainLimit:
		doubts |= undersigned.DoubtDomain
	}
	if strange {
		braked, err := tx.Braked(row.PID)
		if err != nil {
			return err
		}
		if braked {
			doubts |= undersigned.DoubtBrake
		}
	}
	x.caught = x.kind == littleKnown && verdict == store.VerdictNone && n == domainLimit
	row.State, row.Doubts, row.Domain, row.Review = undersigned.SignatureWaiting, 0, nil, nil
	if doubts != 0 {
		row.State, row.Doubts, row.Domain, row.Review = undersigned.SignatureHeld, doubts, x.domain, store.Unreviewed
	}
	return nil
}

// insert adds the row, and counts it, or says that there is no place for it.
func (x *suspect) insert(tx *store.Tx) (Outcome, error) {
	if ok, err := tx.InsertSignature(x.row); err != nil || !ok {
		return "", err
	}
	hour, outcome := store.Hour{Confirmed: 1}, Counted
	switch {
	case x.row.State == undersigned.SignatureHeld:
		hour.Held, outcome = 1, Held
		if x.caught { // what came before from this domain is explained, and no sign of another fraud
			hour.Strange = -domainLimit
			if err := tx.CountMailDomain(x.row.PID, x.domain); err != nil {
				return "", err
			}
		}
	case x.kind == littleKnown:
		hour.Strange = 1
		if err := tx.CountMailDomain(x.row.PID, x.domain); err != nil {
			return "", err
		}
	}
	tx.AddActionHour(x.row.PID, hour)
	tx.AddSource(x.row.PID, x.source, store.Source{Confirmed: 1})
	return outcome, nil
}
