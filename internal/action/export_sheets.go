package action

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/sealed"
	"github.com/undersigned/undersigned/internal/store"
)

// exportPage is how many rows are in memory at a time.
const exportPage = 500

// writeSignatures writes those that the server can read, in the order of their random ids: nothing tells who came when, beyond
// the day. Who takes a signature back while it runs may be in it or not.
func (s *Service) writeSignatures(ctx context.Context, to io.Writer, pid string) error {
	out, err := newSheet(to, "id", "state", "day", "text", "log_entry", "given_name", "family_name", "email", "country", "postal_code",
		"districts", "comment", "language", "hand_over")
	if err != nil {
		return err
	}
	for after := (undersigned.SignatureID{}); ; {
		var rows []*store.SignatureRow
		err := s.DB.View(ctx, func(tx *store.Tx) (err error) { rows, err = tx.ReadableSignatures(pid, after, exportPage); return err })
		if err != nil {
			return doing("read signatures", err)
		}
		for _, row := range rows {
			after = row.ID
			if sealed.IsSealed(row.Sealed) {
				continue
			}
			o, err := s.openRow(ctx, row)
			if err != nil {
				return doing("open a signature", err)
			}
			entry, p := "", &o.signature.Person
			if row.LogIndex >= 0 {
				entry = number(row.LogIndex)
			}
			_, districts, _ := strings.Cut(o.seat, ";")
			err = out.row(hex.EncodeToString(row.ID[:]), readableStates[row.State], string(o.signature.Day), strconv.Itoa(row.Version), entry,
				p.GivenName, p.FamilyName, p.Email, p.Country, p.PostalCode, districts, p.Comment, o.signature.Language,
				yesNo(o.signature.Class == undersigned.Delivered))
			if err != nil {
				return err
			}
		}
		if err := out.done(); err != nil || len(rows) < exportPage {
			return err
		}
	}
}

// readableStates are the states of a row that still says something of a person.
var readableStates = map[undersigned.SignatureState]string{undersigned.SignatureWaiting: "waiting", undersigned.SignatureCounted: "counted",
	undersigned.SignatureHeld: "held", undersigned.SignatureInvalidated: "invalidated"}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

func (s *Service) prepareOffers(ctx context.Context, e *Export, asks []OfferAsk) error {
	asks = slices.DeleteFunc(asks, func(ask OfferAsk) bool { return ask.Action.Kind != undersigned.Volunteer || ask.Action.PID == "" })
	if len(asks) == 0 {
		return wrongAction("error.export.no_offers")
	}
	for _, ask := range asks {
		var n int64
		err := s.DB.View(ctx, func(tx *store.Tx) (err error) { n, _, err = tx.CountSubmissions(ask.Action.PID); return err })
		if err != nil {
			return err
		}
		e.N += n
	}
	e.write = func(ctx context.Context, w io.Writer) error { return s.writeOffers(ctx, w, asks) }
	return nil
}

func (s *Service) writeOffers(ctx context.Context, to io.Writer, asks []OfferAsk) error {
	out, err := newSheet(to, "issue", "ask", "state", "came", "moved", "given_name", "family_name", "email", "language", "offer", "answers", "notes")
	if err != nil {
		return err
	}
	for _, ask := range asks {
		for before := (store.SubmissionPlace{}); ; {
			var rows []*store.SubmissionRow
			err := s.DB.View(ctx, func(tx *store.Tx) (err error) {
				rows, err = tx.SubmissionsBefore(ask.Action.PID, "", before, exportPage)
				return err
			})
			if err != nil {
				return doing("read offers", err)
			}
			for _, row := range rows {
				before = store.SubmissionPlace{Day: row.Day, ID: row.ID}
				if err := s.writeOffer(ctx, out, ask, row); err != nil {
					return err
				}
			}
			if len(rows) < exportPage {
				break
			}
		}
	}
	return out.done()
}

func (s *Service) writeOffer(ctx context.Context, out sheet, ask OfferAsk, row *store.SubmissionRow) error {
	d, err := s.openDeskRow(ctx, ask.Content, ask.Action, row)
	if errors.Is(err, errLinkDead) {
		return nil // its keys have ended meanwhile
	}
	if err != nil {
		return err
	}
	var p undersigned.Person
	var language, notes string
	var answers []string
	if d.Submission != nil {
		p, language = d.Submission.Person, d.Submission.Language
		for _, a := range d.Submission.Answers {
			answers = append(answers, a.Question+" "+a.Words)
		}
		if notes, err = s.openNotes(ctx, row); err != nil {
			return err
		}
	}
	return out.row(ask.Action.Issue, ask.Action.Slug, string(d.State), string(d.Day), string(d.Moved), p.GivenName, p.FamilyName, p.Email,
		language, p.Comment, strings.Join(answers, "\n"), notes)
}

// prepareDeliveries is about every office: what went there by letter and by call, what was handed over, and what came back.
func (s *Service) prepareDeliveries(ctx context.Context, e *Export, o ExportOrder) error {
	var targets []string
	err := s.DB.View(ctx, func(tx *store.Tx) (err error) { targets, err = tx.DeliveryTargets(); return err })
	if err != nil {
		return err
	}
	wanted := func(issue, action string) bool {
		return (o.Issue == "" || o.Issue == issue) && (o.Action == "" || o.Action == action)
	}
	each := func(ctx context.Context, row func(...string) error) error {
		for _, target := range targets {
			if err := s.deliveriesTo(ctx, target, wanted, row); err != nil {
				return err
			}
		}
		return nil
	}
	if err := each(ctx, func(...string) error { e.N++; return nil }); err != nil {
		return err
	}
	e.write = eachRow(each, "office", "issue", "ask", "day", "how", "result", "number")
	return nil
}

func (s *Service) deliveriesTo(ctx context.Context, target string, wanted func(issue, action string) bool, row func(...string) error) error {
	var letters []store.DeliveryCount
	var calls []store.CallCount
	var passed map[[2]string]*undersigned.Correspondence
	err := s.DB.View(ctx, func(tx *store.Tx) (err error) {
		if letters, err = tx.CountDeliveries(target); err == nil {
			calls, err = tx.Calls(target)
		}
		if err == nil {
			passed, err = tx.Correspondence(target)
		}
		return err
	})
	if err != nil {
		return err
	}
	put := func(issue, action string, cells ...string) {
		if err == nil && wanted(issue, action) {
			err = row(append([]string{target, issue, action}, cells...)...)
		}
	}
	for _, d := range letters {
		put(d.Issue, d.Action, string(d.Day), string(d.Method), string(d.State), number(d.N))
	}
	for _, c := range calls {
		put(c.Issue, c.Action, string(c.Day), "call", string(c.Outcome), number(c.N))
	}
	for _, key := range slices.SortedFunc(maps.Keys(passed), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) }) {
		for _, h := range passed[key].Handovers {
			put(key[0], key[1], string(h.Day), cmp.Or(string(h.How), "petition"), "handed over, on paper", strconv.Itoa(h.Paper))
		}
		for _, a := range passed[key].Answers {
			put(key[0], key[1], string(a.Day), "petition", "answered", "1")
		}
	}
	return err
}

func (s *Service) prepareNumbers(ctx context.Context, e *Export, asks []OfferAsk) error {
	asks = slices.DeleteFunc(asks, func(ask OfferAsk) bool { return !ask.Action.Kind.Signable() || ask.Action.PID == "" })
	if len(asks) == 0 {
		return wrongAction("error.action")
	}
	hours := func(ctx context.Context, ask OfferAsk) (found map[int64]store.Hour, err error) {
		err = s.DB.View(ctx, func(tx *store.Tx) error { found, err = tx.ActionHours(ask.Action.PID, time.Unix(0, 0)); return err })
		return found, err
	}
	for _, ask := range asks {
		found, err := hours(ctx, ask)
		if err != nil {
			return err
		}
		e.N += int64(len(found))
	}
	e.write = func(ctx context.Context, w io.Writer) error {
		out, err := newSheet(w, "issue", "ask", "hour_utc", "links_mailed", "confirmed", "held")
		if err != nil {
			return err
		}
		for _, ask := range asks {
			found, err := hours(ctx, ask)
			if err != nil {
				return err
			}
			for _, at := range slices.Sorted(maps.Keys(found)) {
				h := found[at]
				err := out.row(ask.Action.Issue, ask.Action.Slug, time.Unix(at*3600, 0).UTC().Format(time.RFC3339), strconv.Itoa(h.Pending), strconv.Itoa(h.Confirmed), strconv.Itoa(h.Held))
				if err != nil {
					return err
				}
			}
		}
		return out.done()
	}
	return nil
}

// prepareAudit is about what staff did, the latest first.
func (s *Service) prepareAudit(ctx context.Context, e *Export, f store.AuditFilter) error {
	users, err := s.Users(ctx)
	if err != nil {
		return err
	}
	who := map[undersigned.UserID]string{}
	for _, u := range users {
		who[u.ID] = u.Email
	}
	f.Before = undersigned.AuditMark{}
	each := func(ctx context.Context, row func(...string) error) error {
		for f := f; ; {
			var entries []undersigned.AuditEntry
			err := s.DB.View(ctx, func(tx *store.Tx) (err error) { entries, err = tx.Audit(f, exportPage); return err })
			if err != nil {
				return err
			}
			for _, entry := range entries {
				if err := row(entry.At.UTC().Format(time.RFC3339), who[entry.By], string(entry.Verb), entry.Subject, entry.Detail); err != nil {
					return err
				}
			}
			if len(entries) < exportPage {
				return nil
			}
			f.Before = entries[len(entries)-1].AuditMark
		}
	}
	if err := each(ctx, func(...string) error { e.N++; return nil }); err != nil {
		return err
	}
	e.write = eachRow(each, "at", "by", "verb", "subject", "detail")
	return nil
}

// eachRow writes a sheet of what goes through its rows.
func eachRow(each func(context.Context, func(...string) error) error, head ...string) func(context.Context, io.Writer) error {
	return func(ctx context.Context, w io.Writer) error {
		out, err := newSheet(w, head...)
		if err == nil {
			err = each(ctx, out.row)
		}
		if err == nil {
			err = out.done()
		}
		return err
	}
}
