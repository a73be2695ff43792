package action

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/job"
	"github.com/undersigned/undersigned/internal/mail"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
)

// Mails leave in two queues: what waits in the second goes when nothing is due in the first. They are sealed alike.
const (
	mailQueue  = "mail"
	laterQueue = "mail-later" // of those who came over the limit of their address
)

// mailKind is the first byte of a mail job's arguments, with marks of what has become of it; all after it is sealed under
// the pending key of its day.
type mailKind byte

const (
	mailConfirm    mailKind = 1
	mailMyLink     mailKind = 2
	mailNews       mailKind = 3    // to a subscriber whom a batch could not reach, or to whoever tries an update
	mailOffer      mailKind = 0x10 // asks a volunteer to confirm
	mailDesk       mailKind = 0x11 // to a coordinator or an owner, about an offer
	mailSignIn     mailKind = 0x12 // to one of the staff
	mailAttend     mailKind = 0x13 // asks an owner whether a petition goes on
	mailCorrection mailKind = 0x14 // asks who wants an entry corrected to confirm
	mailExported   mailKind = 0x15 // tells the owners what was taken out of the site
	mailTrial      mailKind = 0x16 // to an owner who tries whether mails leave
	mailLetter     mailKind = 0x20 // asks the owner of a mailbox whether a letter is theirs

	mailCounted mailKind = 0x40 // the limits of its address have been asked
	mailUnsure  mailKind = 0x80 // the whole text was sent, and no answer came
	mailMarks            = mailCounted | mailUnsure
)

// What one address gets at most in a UTC day, whoever asks for it: more would make our form a weapon.
const (
	mailsPerAction = 3
	mailsPerDay    = 10
	// A coordinator has as many as there are people who offer; this many come from an attack.
	mailsPerDesk = 100
)

// A mail of which we do not know whether it has arrived.
const (
	unsureTries = 6
	unsureWait  = 30 * time.Minute
)

// errKind is a mail that a newer program has promised, which runs on another node while this one has not been replaced yet: it
// is left to that one.
var errKind = errors.New("a kind of mail that this program does not know")

const otherWait = 15 * time.Second

// What comes of a try to send a mail.
const (
	MailSent      = "sent"
	MailPostponed = "postponed" // by the server, by the budget, or because nobody answers
	MailRefused   = "refused"   // for good
	MailUncertain = "uncertain" // it may have arrived, and is not tried again
	MailLimited   = "limited"   // its address has had enough today, or wants none
	MailExpired   = "expired"   // its key has died
)

// Post is how mails leave.
type Post struct {
	Composer *mail.Composer
	Sender   mail.Sender
	BaseURL  *url.URL
	// Path gives the path of a page in a language, such as /es/my/….
	Path func(language, path string) string
	// Sent is told what came of every try. Nil is nobody.
	Sent func(outcome string)
}

// MailQueue works on the mails that verbs have promised.
func (s *Service) MailQueue(p Post) *job.Queue {
	w := &mailWorker{Service: s, Post: p}
	if w.Sent == nil {
		w.Sent = func(string) {}
	}
	return &job.Queue{Name: mailQueue, Later: laterQueue, Newest: s.MailPerHour > 0, Open: s.mailOpen, Workers: 8, Lease: 3 * time.Minute, Wake: s.mailWaits, Do: w.do, DB: s.DB, Log: s.Log}
}

// ReclaimMail makes the mails of a process that died due at once. Only where no other process can hold any.
func (s *Service) ReclaimMail(ctx context.Context) error {
	return s.DB.Update(ctx, store.Jobs, func(tx *store.Tx) error {
		return errors.Join(tx.Reclaim(mailQueue), tx.Reclaim(laterQueue))
	})
}

type mailWorker struct {
	*Service
	Post
	tookMail atomic.Int64 // the hour since 1970 in which the mail server last took a mail
}

// letter is a mail before it is written.
type letter struct {
	kind     mailKind
	args     []byte
	to       string
	language string
	scope    string // what the address's limit is counted for
	pending  *undersigned.Signature
	desk     bool                                                 // to somebody whose work this is
	staff    bool                                                 // to one of us, who would be shut out, or not hear what is done here, if "never write to me" held it back
	asked    bool                                                 // for: no limit holds it back
	waits    bool                                                 // for another day where its address has had enough today
	held     time.Duration                                        // it must not go now; how long until it is asked again
	enough   bool                                                 // its address has had
	write    func(mail.Letterhead, string) (*mail.Message, error) // what is not written below; it is given the link that ends all mail
	sent     func(*store.Tx) error                                // when it has gone out; nil is nothing
	refused  func(*mail.Error) func(*store.Tx) error              // when it was refused for good; nil is nothing
	told     func(string, *mail.Error) func(*store.Tx) error      // what came of each try; nil is nobody
}

// do makes one try, and counts what came of it.
func (w *mailWorker) do(ctx context.Context, j *store.Job) (again time.Time, finish func(*store.Tx) error) {
	outcome, again, then := w.try(ctx, j)
	w.Sent(outcome)
	return again, func(tx *store.Tx) error {
		tx.AddMailHour(outcome)
		if then == nil {
			return nil
		}
		return then(tx)
	}
}

func (w *mailWorker) try(ctx context.Context, j *store.Job) (outcome string, again time.Time, finish func(*store.Tx) error) {
	l, err := w.open(ctx, j)
	if err != nil {
		return w.failed(j, err)
	}
	var answer *mail.Error
	if l.held > 0 {
		return w.keepFor(ctx, j, l, w.Now().Add(l.held))
	}
	if l.told != nil {
		defer func() { finish = bothDo(finish, l.told(outcome, answer)) }()
	}
	allowed, err := w.allowed(ctx, j, l)
	if err != nil {
		return w.failed(j, err)
	}
	switch {
	case !allowed && l.enough && l.waits:
		return w.keepFor(ctx, j, l, w.Now().UTC().Truncate(24*time.Hour).Add(24*time.Hour))
	case !allowed:
		return MailLimited, time.Time{}, nil
	}
	switch until, err := w.spend(ctx, l.scope); {
	case err != nil:
		return w.failed(j, err)
	case !until.IsZero():
		j.Attempt-- // waiting is no try
		return MailPostponed, until, nil
	}
	if err := w.lookUp(ctx, l.to); err != nil {
		return w.failed(j, err)
	}
	message, err := w.write(ctx, j, l)
	if err != nil {
		return w.failed(j, err)
	}
	sending, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	// A crash after this line and before the job is erased sends the mail once more, with the same Message-ID and the
	// same signature id in its link.
	if err := w.Sender.Send(sending, message); err != nil {
		outcome, again, finish = w.failed(j, err)
		if errors.As(err, &answer) && answer.Permanent && l.refused != nil {
			finish = l.refused(answer)
		}
		return outcome, again, finish
	}
	return MailSent, time.Time{}, w.accepted(l.sent)
}

// keepFor has a mail wait that must not be forgotten meanwhile: it is promised anew, under a key that lives as long as it may be
// needed then.
func (w *mailWorker) keepFor(ctx context.Context, j *store.Job, l *letter, until time.Time) (outcome string, again time.Time, finish func(*store.Tx) error) {
	renewed, err := w.mailJob(ctx, j.Queue, l.kind, l.args, w.Now())
	if err != nil {
		return w.failed(j, err)
	}
	renewed.Args = marking(renewed.Args, mailKind(j.Args[0])&mailMarks)
	renewed.RunAt, renewed.Attempt = until, j.Attempt-1 // waiting is no try
	return MailPostponed, time.Time{}, func(tx *store.Tx) error { return tx.RenewJob(*j, renewed) }
}

// bothDo gives what does two things in one transaction; the first may be nil.
func bothDo(one, other func(*store.Tx) error) func(*store.Tx) error {
	if one == nil {
		return other
	}
	return func(tx *store.Tx) error { return cmp.Or(one(tx), other(tx)) }
}

// mailAccepted is the duty under which stands when the mail server last took a mail.
const mailAccepted = "mail_accepted"

// accepted notes, about once an hour, that the mail server takes mails of ours: who opens an ask wants to know.
func (w *mailWorker) accepted(sent func(*store.Tx) error) func(*store.Tx) error {
	if hour := w.Now().Unix() / 3600; w.tookMail.Swap(hour) == hour {
		return sent
	}
	return bothDo(sent, func(tx *store.Tx) error { return tx.DutyDone(mailAccepted, "") })
}

// failed decides what becomes of a mail that did not go out: nothing more where trying again is useless, otherwise
// another try, for as long as the link it carries would live. A mail that may have arrived is tried again soon, then ever
// more rarely and six times at most: an outage must not lose it, nor a server that never says yes send it all day.
func (w *mailWorker) failed(j *store.Job, err error) (outcome string, again time.Time, finish func(*store.Tx) error) {
	var refused *mail.Error
	isMail := errors.As(err, &refused)
	wait := min(time.Minute<<min(j.Attempt-1, 10), time.Hour)
	switch {
	case errors.Is(err, errKind):
		j.Attempt--
		wait = otherWait
	case errors.Is(err, seal.ErrKeyDestroyed), undersigned.KindOf(err) == undersigned.NotFound:
		return MailExpired, time.Time{}, nil
	case errors.Is(err, seal.ErrNotOpened), errors.Is(err, errForm), isMail && refused.Permanent:
		w.Log.Warn("a mail was refused", "error", err)
		return MailRefused, time.Time{}, nil
	case isMail && refused.Uncertain && marked(j, mailUnsure) && j.Attempt >= unsureTries:
		w.Log.Warn("a mail may have been sent more than once and is not tried again", "error", err)
		return MailUncertain, time.Time{}, nil
	case isMail && refused.Uncertain && marked(j, mailUnsure):
		wait = max(wait, unsureWait)
	case isMail && refused.Uncertain:
		j.Args = marking(j.Args, mailUnsure)
	}
	w.Log.Warn("a mail has to wait", "attempt", j.Attempt, "error", err)
	return MailPostponed, w.Now().Add(wait), nil
}

func marked(j *store.Job, mark mailKind) bool { return mailKind(j.Args[0])&mark != 0 }

// marking gives a job's arguments with one more mark.
func marking(args []byte, mark mailKind) []byte {
	return append([]byte{args[0] | byte(mark)}, args[1:]...)
}

func (w *mailWorker) open(ctx context.Context, j *store.Job) (*letter, error) {
	if len(j.Args) == 0 {
		return nil, seal.ErrKeyDestroyed
	}
	args, err := w.Keys.OpenPending(ctx, nil, j.Args[1:], w.Now(), "job", mailQueue)
	if err != nil {
		return nil, err
	}
	l := &letter{kind: mailKind(j.Args[0]) &^ mailMarks, args: args}
	switch l.kind {
	case mailOffer:
		return w.openOffer(ctx, l)
	case mailDesk:
		return w.openDesk(ctx, l)
	case mailExported:
		return w.openExported(l)
	case mailTrial:
		return w.openTrial(ctx, l)
	case mailLetter:
		return w.openAsk(ctx, l)
	case mailSignIn:
		return w.openSignInMail(ctx, l)
	case mailNews:
		return w.openNews(ctx, l)
	case mailAttend:
		return w.openAttend(ctx, l)
	case mailCorrection:
		return w.openCorrectionMail(ctx, l)
	case mailMyLink:
		language, email, ok := bytes.Cut(args, []byte("\n"))
		if !ok {
			return nil, errForm
		}
		l.language, l.to, l.scope = string(language), string(email), "my"
		return l, nil
	case mailConfirm:
		o, err := decode(args, true)
		if err != nil {
			return nil, err
		}
		l.pending = &o.signature
		l.language, l.to, l.scope = o.signature.Language, o.signature.Person.Email, o.signature.PID
		l.sent = func(tx *store.Tx) error {
			tx.AddActionHour(l.pending.PID, store.Hour{Pending: 1})
			tx.AddSource(l.pending.PID, o.source, store.Source{Pending: 1})
			return nil
		}
		return l, nil
	}
	return nil, errKind
}

// allowed tells whether the owner of the address wants mail of ours, each time a mail is tried, and counts the mail, once
// however often it is tried: the mark and the counts are one transaction.
func (w *mailWorker) allowed(ctx context.Context, j *store.Job, l *letter) (ok bool, err error) {
	day := string(undersigned.DayOf(w.Now()))
	email := seal.NormalizeEmail(l.to)
	never, action, site := w.Keys.Hash(neverPurpose, email), w.Keys.Hash("mail", day, email, l.scope), w.Keys.Hash("mail", day, email)
	perAction, perDay := mailsPerAction, mailsPerDay
	if l.desk { // counted apart: what strangers have sent to an address must not use up what staff are told
		perAction, perDay, site = mailsPerDesk, mailsPerDesk, w.Keys.Hash("mail", day, email, "desk", "all")
	}
	counted := *j
	counted.Args = marking(j.Args, mailCounted)
	err = w.DB.Update(ctx, store.Jobs, func(tx *store.Tx) error {
		l.enough = false
		if ok = l.staff; !ok {
			if ok, err = tx.MayMail(never[:]); err != nil || !ok {
				return err
			}
		}
		if l.asked || marked(j, mailCounted) {
			return nil
		}
		n, err := tx.CountMail(day, action[:])
		if ok, l.enough = n <= perAction, n > perAction; err != nil || !ok {
			return err
		}
		if l.scope == signInPurpose { // anybody can ask for these too
			return tx.Postpone(counted, counted.RunAt)
		}
		n, err = tx.CountMail(day, site[:])
		if ok, l.enough = n <= perDay, n > perDay; err != nil || !ok {
			return err
		}
		return tx.Postpone(counted, counted.RunAt)
	})
	if err == nil && ok && !l.asked {
		j.Args = counted.Args
	}
	return ok, err
}

// write mints the link and writes the mail around it.
func (w *mailWorker) write(ctx context.Context, j *store.Job, l *letter) (*mail.Message, error) {
	id := w.Keys.Hash("message", hex.EncodeToString(j.ID))
	head := mail.Letterhead{ID: hex.EncodeToString(id[:16]) + "@" + w.domain(), To: l.to, Language: l.language, Date: w.Now()}
	stop := w.link(l.language, "/unsubscribe/"+w.stopToken(l.to))
	if l.write != nil {
		return l.write(head, stop)
	}
	if l.kind == mailMyLink {
		return w.Composer.MyLink(head, w.link(l.language, "/my/"+w.myToken(l.to)), stop)
	}
	token, err := w.Keys.SealToken(ctx, l.args, w.Now(), confirmPurpose)
	if err != nil {
		return nil, err
	}
	content, a, err := w.findPID(ctx, l.pending.PID)
	if err != nil {
		return nil, err
	}
	text, _ := a.Text(l.language, content.Issue.Languages)
	return w.Composer.Confirm(head, w.link(l.language, "/confirm/"+token), text.Title, stop)
}

// domain names us in Message-IDs. An address of IPv6 is no domain of mail.
func (p Post) domain() string {
	if host := p.BaseURL.Hostname(); !strings.Contains(host, ":") {
		return host
	}
	return "localhost"
}

func (p Post) link(language, path string) string {
	return strings.TrimSuffix(p.BaseURL.String(), "/") + p.Path(language, path)
}
