package action

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/mail"
	"github.com/undersigned/undersigned/internal/pack"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/translog"
)

// ExportOrder says what is to be taken out, by whom and why.
type ExportOrder struct {
	Kind          undersigned.ExportKind
	Issue, Action string            // slugs; where a kind takes all of them, either may be empty
	Audit         store.AuditFilter // which lines of the audit log
	Reason        string
	By            *Staff          // nil is the command line
	Site          string          // the site's URL without a slash at its end, for what is printed in a packet
	Policy        translog.Policy // of a packet or a bundle
}

// Export is what is about to leave: the audit log knows of it, and the owners are written to.
type Export struct {
	Name string // of the file
	Type string // of its content
	N    int64  // signatures, offers, rows, pages

	subject string
	write   func(context.Context, io.Writer) error
	close   func() error
	guard   func(context.Context, io.Writer) io.Writer
}

// Write writes it, in constant memory. What is written after an error is of no use. It ends with one where whoever takes it out
// may not do so any more, or the session in which they do has ended.
func (e *Export) Write(ctx context.Context, w io.Writer) error { return e.write(ctx, e.guard(ctx, w)) }

// Close gives back what an export takes while it is made.
func (e *Export) Close() error {
	if e.close == nil {
		return nil
	}
	return e.close()
}

func wrongAction(key string) error {
	return &undersigned.Error{Kind: undersigned.Invalid, Key: "error.form", Fields: []undersigned.FieldError{{Field: "action", Key: key}}}
}

// Export makes ready what was ordered, and tells of it before anything can leave: a line of the audit log and a mail to each owner
// are committed when it returns. Invalid, with the fields "what", "action" or "reason".
func (s *Service) Export(ctx context.Context, o ExportOrder) (*Export, error) {
	reason, err := undersigned.CleanReason(o.Reason)
	if err != nil {
		return nil, err
	}
	e, err := s.prepare(ctx, o)
	if err != nil {
		return nil, err
	}
	e.guard = func(ctx context.Context, w io.Writer) io.Writer { return &guarded{Writer: w, ctx: ctx, s: s, by: o.By} }
	if err := s.announce(ctx, o, e, reason); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

// TellOfExport tells of a packet or a bundle that the command line is about to write by itself.
func (s *Service) TellOfExport(ctx context.Context, o ExportOrder) error {
	reason, err := undersigned.CleanReason(o.Reason)
	if err != nil {
		return err
	}
	content, a, err := s.find(ctx, o.Issue, o.Action)
	if undersigned.KindOf(err) == undersigned.NotFound {
		return wrongAction("error.action")
	}
	if err == nil {
		err = s.checkSigned(ctx, o.Kind, OfferAsk{Content: content, Action: a})
	}
	if err != nil {
		return err
	}
	e := &Export{subject: o.Issue + "/" + o.Action}
	if err := s.DB.View(ctx, func(tx *store.Tx) (err error) { e.N, err = tx.CountReadable(a.PID); return err }); err != nil {
		return err
	}
	return s.announce(ctx, o, e, reason)
}

// guarded is where an export is written to: somebody whose role is taken away meanwhile, or whose session ends, gets no
// more than a second's worth.
type guarded struct {
	io.Writer
	ctx    context.Context
	s      *Service
	by     *Staff
	looked time.Time
}

func (g *guarded) Write(b []byte) (int, error) {
	if now := g.s.Now(); g.by != nil && now.Sub(g.looked) >= time.Second {
		g.looked = now
		if err := g.s.DB.View(g.ctx, func(tx *store.Tx) error { return g.by.stillMay(tx, undersigned.MayExport) }); err != nil {
			return 0, err
		}
	}
	return g.Writer.Write(b)
}

// stillMay looks at what somebody may do now. Forbidden.
func stillMay(tx *store.Tx, by undersigned.UserID, what undersigned.Permission) error {
	row, err := tx.User(by)
	if err != nil {
		return err
	}
	if row == nil || row.Removed || !row.Role.May(what) {
		return undersigned.Fail(undersigned.Forbidden, "error.role")
	}
	return nil
}

// stillMay looks at that, and at the session too. Forbidden.
func (f *Staff) stillMay(tx *store.Tx, what undersigned.Permission) error {
	session, err := tx.Session(f.Session.ID)
	if err != nil {
		return err
	}
	if session == nil {
		return undersigned.Fail(undersigned.Forbidden, "error.session")
	}
	return stillMay(tx, f.User.ID, what)
}

func (s *Service) prepare(ctx context.Context, o ExportOrder) (*Export, error) {
	site, err := s.DB.Site(ctx)
	if err != nil {
		return nil, err
	}
	e := &Export{Type: "text/csv; charset=utf-8", subject: strings.Trim(o.Issue+"/"+o.Action, "/")}
	e.Name = strings.ReplaceAll(strings.Trim(string(o.Kind)+"-"+e.subject, "-"), "/", "-") + "-" + string(undersigned.DayOf(s.Now()))
	var asks []OfferAsk
	for _, content := range site.All() {
		for i := range content.Actions {
			if a := &content.Actions[i]; (o.Issue == "" || o.Issue == a.Issue) && (o.Action == "" || o.Action == a.Slug) {
				asks = append(asks, OfferAsk{Content: content, Action: a})
			}
		}
	}
	if o.Kind == undersigned.ExportPack {
		e.Name, e.Type = e.Name+".zip", "application/zip"
		return e, s.preparePack(ctx, e, o)
	}
	if len(asks) == 0 && o.Kind != undersigned.ExportAudit {
		return nil, wrongAction("error.action")
	}
	switch o.Kind {
	case undersigned.ExportAudit:
		err = s.prepareAudit(ctx, e, o.Audit)
	case undersigned.ExportSignatures, undersigned.ExportPacket, undersigned.ExportBundle:
		if len(asks) != 1 {
			return nil, wrongAction("error.action")
		}
		if err := s.checkSigned(ctx, o.Kind, asks[0]); err != nil {
			return nil, err
		}
		return s.prepareSigned(ctx, e, o, asks[0].Action.PID)
	case undersigned.ExportOffers:
		err = s.prepareOffers(ctx, e, asks)
	case undersigned.ExportDeliveries:
		err = s.prepareDeliveries(ctx, e, o)
	case undersigned.ExportNumbers:
		err = s.prepareNumbers(ctx, e, asks)
	default:
		return nil, wrongField("what", "error.export.what")
	}
	e.Name += ".csv"
	return e, err
}

// checkSigned tells whether what people signed can be taken out in that way.
func (s *Service) checkSigned(ctx context.Context, kind undersigned.ExportKind, ask OfferAsk) error {
	if !ask.Action.Kind.Signable() || ask.Action.PID == "" {
		return wrongAction("error.action")
	}
	sealed := ask.Content.Issue.Sealed()
	if sealed != (kind == undersigned.ExportBundle) {
		return wrongAction(map[bool]string{true: "error.export.sealed", false: "error.export.not_sealed"}[sealed])
	}
	if _, err := s.Keys.Data(ctx, ask.Action.PID); !sealed && errors.Is(err, seal.ErrKeyDestroyed) {
		return wrongAction("error.export.destroyed")
	}
	return nil
}

func (s *Service) prepareSigned(ctx context.Context, e *Export, o ExportOrder, pid string) (*Export, error) {
	err := s.DB.View(ctx, func(tx *store.Tx) (err error) { e.N, err = tx.CountReadable(pid); return err })
	if err != nil {
		return nil, err
	}
	switch o.Kind {
	case undersigned.ExportPacket:
		e.Name, e.Type = e.Name+".zip", "application/zip"
		return e, s.preparePacket(ctx, e, o)
	case undersigned.ExportBundle:
		e.Name, e.Type = e.Name+".bundle", "application/octet-stream"
		e.write = func(ctx context.Context, w io.Writer) error {
			_, err := s.WriteBundle(ctx, o.Issue, o.Action, o.Site, w, o.Policy, noWatching)
			return err
		}
	default:
		e.Name += ".csv"
		e.write = func(ctx context.Context, w io.Writer) error { return s.writeSignatures(ctx, w, pid) }
	}
	return e, nil
}

func noWatching(*translog.Fold, []byte, int64) error { return nil }

// preparePack makes the pack at once: content is small.
func (s *Service) preparePack(ctx context.Context, e *Export, o ExportOrder) error {
	var content *undersigned.Content
	err := s.DB.View(ctx, func(tx *store.Tx) (err error) { content, err = tx.Content(o.Issue); return err })
	if err != nil {
		return err
	}
	if content == nil || o.Issue == "" || o.Action != "" {
		return wrongAction("error.export.issue")
	}
	var zip bytes.Buffer
	if err := pack.WriteZip(&zip, content); errors.As(err, new(pack.Errors)) { // of an older time, when other rules held
		return wrongAction("error.export.rules")
	} else if err != nil {
		return doing("pack an issue", err)
	}
	e.N = int64(1 + len(content.Actions) + len(content.Bills) + len(content.Organizations) + len(content.Resources) + len(content.Facts))
	e.write = func(_ context.Context, w io.Writer) error { _, err := w.Write(zip.Bytes()); return err }
	return nil
}

// sheet writes a spreadsheet in which nothing is taken for a formula.
type sheet struct{ *csv.Writer }

func newSheet(w io.Writer, head ...string) (sheet, error) {
	if _, err := io.WriteString(w, "\ufeff"); err != nil { // or some programs take it for Latin-1
		return sheet{}, err
	}
	s := sheet{csv.NewWriter(w)}
	return s, s.Write(head)
}

func (s sheet) row(cells ...string) error {
	for i := range cells {
		cells[i] = translog.Cell(cells[i])
	}
	return s.Write(cells)
}

func (s sheet) done() error {
	s.Flush()
	return s.Error()
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// exportedMail is what the job of such a mail holds: nothing of what was taken out.
type exportedMail struct {
	To, Language string
	Kind         undersigned.ExportKind
	Subject      string
	N            int64
	Who, Reason  string
}

// announce notes an export and promises the mails about it, both or neither.
func (s *Service) announce(ctx context.Context, o ExportOrder, e *Export, reason string) error {
	line := undersigned.AuditEntry{Verb: undersigned.AuditExported, Subject: e.subject, Detail: fmt.Sprintf("%s, %d: %s", o.Kind, e.N, reason)}
	m := exportedMail{Kind: o.Kind, Subject: e.subject, N: e.N, Reason: reason}
	if o.By != nil {
		line.By, m.Who = o.By.User.ID, o.By.User.Title()
	}
	owners, err := s.owners(ctx)
	if err != nil {
		return err
	}
	var jobs []store.Job
	for _, m.To = range owners {
		m.Language = s.languageOf(ctx, m.To)
		args, err := json.Marshal(m)
		if err != nil {
			return doing("seal a mail", err)
		}
		job, err := s.mailJob(ctx, mailQueue, mailExported, args, s.Now())
		if err != nil {
			return err
		}
		jobs = append(jobs, job)
	}
	err = s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		if o.By != nil {
			if err := o.By.stillMay(tx, undersigned.MayExport); err != nil {
				return err
			}
		}
		for _, job := range jobs {
			if err := tx.Enqueue(job); err != nil {
				return err
			}
		}
		return tx.AddAudit(line)
	})
	if err == nil {
		s.wakeMail()
	}
	return err
}

// languageOf is the language of mails to one of the staff, English for anybody else.
func (s *Service) languageOf(ctx context.Context, email string) string {
	if u, err := s.UserByEmail(ctx, email); err == nil {
		return u.Language
	}
	return "en"
}

// openExported reads the job of such a mail.
func (w *mailWorker) openExported(l *letter) (*letter, error) {
	var m exportedMail
	if err := json.Unmarshal(l.args, &m); err != nil {
		return nil, errForm
	}
	// No limit holds it back: whoever takes something out could use that up before.
	l.desk, l.staff, l.asked, l.scope, l.language, l.to = true, true, true, "export", m.Language, m.To
	l.write = func(head mail.Letterhead, _ string) (*mail.Message, error) {
		return w.Composer.Exported(head, mail.Exported{Link: w.link(l.language, "/admin/audit"), Kind: string(m.Kind), Subject: m.Subject, N: m.N, Who: m.Who, Reason: m.Reason})
	}
	return l, nil
}
