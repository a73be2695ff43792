package action

import (
	"context"
	"encoding/hex"
	"errors"
	"log/slog"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/job"
	"github.com/undersigned/undersigned/internal/locale"
	"github.com/undersigned/undersigned/internal/mail"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/sealed"
	"github.com/undersigned/undersigned/internal/sequencer"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/store/storetest"
	"github.com/undersigned/undersigned/translog"
)

// testSite is a whole site without its pages, on a clock that stands still.
type testSite struct {
	*Service
	t     testing.TB
	clock *storetest.Clock
	box   *mailbox
	post  Post
	queue *job.Queue
	seq   *sequencer.Sequencer
	vkey  string
	mode  string // in which it keeps the signatures of the cause
}

// The two modes of keeping signatures.
const (
	defaultMode = "default"
	sealedMode  = "sealed"
)

// holders are the two people who can open what is sealed.
var holders = sync.OnceValue(func() (all [2]*age.X25519Identity) {
	for i := range all {
		identity, err := age.GenerateX25519Identity()
		if err != nil {
			panic(err)
		}
		all[i] = identity
	}
	return all
})

func sealTo() []string {
	return []string{holders()[0].Recipient().String(), holders()[1].Recipient().String()}
}

const origin = "cause.example/log"

// run runs a test on a site of each engine, with the cause of testContent, and recounts everything when it is done.
func run(t *testing.T, test func(*testing.T, *testSite)) { runIn(t, defaultMode, test) }

// runModes runs it in both modes.
func runModes(t *testing.T, test func(*testing.T, *testSite)) {
	for _, mode := range []string{defaultMode, sealedMode} {
		t.Run(mode, func(t *testing.T) { runIn(t, mode, test) })
	}
}

func runIn(t *testing.T, mode string, test func(*testing.T, *testSite)) {
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		s := newTestSite(t, db, clock)
		s.mode = mode
		s.load(testContent())
		test(t, s)
		s.recount()
	})
}

func newTestSite(t testing.TB, db *store.DB, clock *storetest.Clock) *testSite {
	t.Helper()
	dir := t.TempDir()
	vault := db.Vault()
	if db.Engine() == "sqlite" {
		var err error
		vault, err = seal.Folder(filepath.Join(dir, "keys"))
		must(t, err)
	}
	keys, err := seal.Init(t.Context(), vault, filepath.Join(dir, "root.key"))
	must(t, err)
	t.Cleanup(func() { must(t, keys.Close()) })
	return newNode(t, db, clock, keys)
}

// newNode is one more process that works on the same database with the same keys.
func newNode(t testing.TB, db *store.DB, clock *storetest.Clock, keys *seal.Keyring) *testSite {
	t.Helper()
	ledger, err := OpenLedger(t.TempDir())
	must(t, err)
	t.Cleanup(func() { must(t, ledger.Close()) })
	log := slog.New(slog.DiscardHandler)
	s := &testSite{t: t, clock: clock, box: &mailbox{}, Service: New(Options{DB: db, Keys: keys, Ledger: ledger, Now: clock.Now, Log: log,
		Districts: func(_, zip string) []string { return map[string][]string{"02139": {"MA-05", "MA-07"}}[zip] },
		BaseURL:   &url.URL{Scheme: "https", Host: "cause.example"}})}
	composer, err := mail.NewComposer(locale.Load(), "hello@cause.example", "cause.example")
	must(t, err)
	s.post = Post{Composer: composer, Sender: s.box, BaseURL: &url.URL{Scheme: "https", Host: "cause.example"},
		Path: func(language, path string) string { return "/" + language + path }}
	s.queue = s.MailQueue(s.post)
	signer, vkey, err := sequencer.Signer(keys.LogKey(), origin)
	must(t, err)
	s.vkey = vkey
	s.seq = sequencer.New(sequencer.Options{DB: db, Signer: signer, Now: clock.Now, Log: log})
	return s
}

// mailbox keeps what would have been sent. A wrong says what becomes of each try.
type mailbox struct {
	mu    sync.Mutex
	mails []*mail.Message
	wrong func(n int, m *mail.Message) error
	tries int
	reply string // to a mail that was taken
}

func (b *mailbox) Send(_ context.Context, m *mail.Message) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tries++
	if b.wrong != nil {
		if err := b.wrong(b.tries, m); err != nil {
			return err
		}
	}
	if m.Last != nil {
		if err := m.Last(); err != nil {
			return &mail.Error{Step: "last", Err: err}
		}
	}
	if m.Reply != nil {
		*m.Reply = strings.TrimSpace("250 " + b.reply)
	}
	b.mails = append(b.mails, m)
	return nil
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// testContent has a petition with a bill, a pledge that is published in batches, and an ask elsewhere.
func testContent() *undersigned.Content {
	texts := func(title string) map[string]undersigned.ActionText {
		return map[string]undersigned.ActionText{"en": {Title: title, Ask: "We ask for it.", Body: "Because."}}
	}
	return &undersigned.Content{
		Issue: undersigned.Issue{Slug: "cause", State: undersigned.IssueOpen, Languages: []string{"en", "es"}, Timezone: "America/New_York",
			Texts: map[string]undersigned.IssueText{"en": {Title: "A cause", Summary: "It matters.", Body: "Words."}}},
		Actions: []undersigned.Action{
			{Issue: "cause", Slug: "petition", Kind: undersigned.Petition, State: undersigned.ActionOpen, Order: 1,
				Closes: storetest.Noon.Add(30 * 24 * time.Hour), Texts: texts("Close the centres")},
			{Issue: "cause", Slug: "pledge", Kind: undersigned.Pledge, State: undersigned.ActionOpen, Order: 2,
				Publish: undersigned.Batched, Texts: texts("I will help")},
			{Issue: "cause", Slug: "elsewhere", Kind: undersigned.Elsewhere, State: undersigned.ActionOpen, Order: 3,
				URL: "https://other.example/ask", Owner: "Other", Texts: texts("Sign there")},
		},
	}
}

// load imports content.
func (s *testSite) load(c *undersigned.Content) *Imported {
	s.t.Helper()
	if s.mode == sealedMode {
		c.Issue.SealTo = sealTo()
	}
	done, err := s.Import(s.t.Context(), undersigned.UserID{}, c, true)
	must(s.t, err)
	return done
}

func (s *testSite) action(slug string) *undersigned.Action {
	s.t.Helper()
	_, a, err := s.find(s.t.Context(), "cause", slug)
	must(s.t, err)
	return a
}

func form(name, email string) undersigned.SignatureForm {
	return undersigned.SignatureForm{GivenName: name, FamilyName: "Silva", Email: email, PostalCode: "02139", Country: "us", Deliver: true}
}

func (s *testSite) input(slug, name, email string) SignInput {
	s.t.Helper()
	return SignInput{Issue: "cause", Action: slug, Form: form(name, email), Language: "en",
		FormToken: s.FormToken(s.action(slug), s.Now())}
}

// askFor fills in the form that asks for one's own link.
func (s *testSite) askFor(email string, v Visitor) MyLinkInput {
	s.t.Helper()
	return MyLinkInput{Email: email, FormToken: s.MyFormToken(s.Now()), Language: "en", Visitor: v}
}

// claim takes the mails that are due.
func (s *testSite) claim() (jobs []store.Job) {
	s.t.Helper()
	must(s.t, s.DB.Update(s.t.Context(), store.Jobs, func(tx *store.Tx) (err error) {
		if jobs, err = tx.Claim(mailQueue, 1000, s.queue.Lease); err != nil {
			return err
		}
		later, err := tx.ClaimNewest(laterQueue, 1000, s.queue.Lease)
		jobs = append(jobs, later...)
		return err
	}))
	return jobs
}

// work does each mail that is due, once, as a queue's worker would.
func (s *testSite) work() (done int) {
	s.t.Helper()
	for _, j := range s.claim() {
		again, finish := s.queue.Do(s.t.Context(), &j)
		must(s.t, s.DB.Update(s.t.Context(), store.Jobs, func(tx *store.Tx) error {
			if finish != nil {
				must(s.t, finish(tx))
			}
			if !again.IsZero() {
				return tx.Postpone(j, again)
			}
			return tx.Finish(j)
		}))
		done++
	}
	return done
}

// jobs counts the mails that wait or are being sent.
func (s *testSite) jobs() (n int64) {
	s.t.Helper()
	must(s.t, s.DB.View(s.t.Context(), func(tx *store.Tx) (err error) { n, _, err = tx.QueueState(mailQueue); return err }))
	return n
}

// request sends a form and gives the token of the link that came by mail.
func (s *testSite) request(slug, name, email string) (token string) {
	s.t.Helper()
	before := len(s.box.mails)
	must(s.t, s.SignPetition(s.t.Context(), s.input(slug, name, email)))
	s.work()
	if len(s.box.mails) != before+1 {
		s.t.Fatalf("%d mails came, want 1", len(s.box.mails)-before)
	}
	return tokenIn(s.t, s.box.mails[before], "/confirm/")
}

// tokenIn finds the token of a mail's link.
func tokenIn(t testing.TB, m *mail.Message, path string) string {
	t.Helper()
	for _, link := range mail.Links(m.Text) {
		if _, token, ok := strings.Cut(link, path); ok {
			return token
		}
	}
	t.Fatalf("no %s in the mail", path)
	return ""
}

// confirm presses the button behind a link.
func (s *testSite) confirm(token string, want Outcome) *Confirmation {
	s.t.Helper()
	c, err := s.Confirm(s.t.Context(), token)
	must(s.t, err)
	if c.Outcome != want {
		s.t.Fatalf("confirmed: %s, want %s", c.Outcome, want)
	}
	return c
}

// sign goes the whole way, and gives the link to what was signed.
func (s *testSite) sign(slug, name, email string) (my string) {
	s.t.Helper()
	return s.confirm(s.request(slug, name, email), Counted).MyToken
}

// mine gives the one signature behind a link.
func (s *testSite) mine(my string) MySignature {
	s.t.Helper()
	m, err := s.Mine(s.t.Context(), my)
	must(s.t, err)
	if len(m.Signatures) != 1 {
		s.t.Fatalf("%d signatures, want 1", len(m.Signatures))
	}
	return m.Signatures[0]
}

// tick lets the sequencer do its work, and recounts.
func (s *testSite) tick() *storetest.Log {
	s.t.Helper()
	must(s.t, s.seq.Tick(s.t.Context()))
	_, _, err := s.DB.Poll(s.t.Context())
	must(s.t, err)
	return s.recount()
}

// counts wants the printed number of an action.
func (s *testSite) counts(slug string, want int64) {
	s.t.Helper()
	counts, err := s.DB.Counts(s.t.Context())
	must(s.t, err)
	if got := counts[s.action(slug).PID].Counted; got != want {
		s.t.Errorf("%s: %d are printed, want %d", slug, got, want)
	}
}

// recount counts everything from nothing, and opens every row that can be opened against its commitment.
func (s *testSite) recount() *storetest.Log {
	s.t.Helper()
	log := storetest.Recount(s.t, s.DB, s.vkey)
	emails := map[string][]int{}
	for _, row := range log.Signatures {
		if row.Sealed == nil {
			continue
		}
		emails[string(row.EmailHash)] = append(emails[string(row.EmailHash)], row.Slot)
		o, err := s.openAnyRow(row)
		if err != nil {
			s.t.Errorf("open a row: %v", err)
			continue
		}
		hash, err := commit(translog.Seed([]byte(o.seed)), &o.signature, o.seat)
		if err != nil || !slices.Equal(hash, row.Commitment) {
			s.t.Errorf("row %x does not open its commitment: %v", row.ID[:4], err)
		}
		if o.signature.ID != row.ID || o.signature.PID != row.PID || o.signature.Version != row.Version {
			s.t.Errorf("row %x holds another signature", row.ID[:4])
		}
	}
	for slots := range maps.Values(emails) {
		if slices.Sort(slots); !slices.Equal(slots, []int{1, 2}[:min(len(slots), 2)]) && !slices.Equal(slots, []int{2}) {
			s.t.Errorf("an address has the slots %v", slots)
		}
	}
	return log
}

// openAnyRow opens a row as the server does or, where it is sealed, as the holders do.
func (s *testSite) openAnyRow(row *store.SignatureRow) (*opening, error) {
	o, err := s.openRow(s.t.Context(), row)
	if !errors.Is(err, ErrSealed) {
		return o, err
	}
	record, err := sealed.Open(row.Sealed, []age.Identity{holders()[0], holders()[1]})
	if err != nil {
		return nil, err
	}
	return &opening{signature: record.Signature, seed: string(record.Seed[:]), seat: record.Seat}, nil
}

// rows counts the signatures of an action by state.
func (s *testSite) rows(slug string) map[undersigned.SignatureState]int {
	s.t.Helper()
	states := map[undersigned.SignatureState]int{}
	pid := s.action(slug).PID
	for _, row := range storetest.Signatures(s.t, s.DB) {
		if row.PID == pid {
			states[row.State]++
		}
	}
	return states
}

// wantKind wants an error of a kind, told by a key.
func wantKind(t testing.TB, err error, kind undersigned.Kind, key string) {
	t.Helper()
	if undersigned.KindOf(err) != kind || err == nil || !strings.HasPrefix(err.Error(), key) {
		t.Errorf("error %v, want %q of kind %d", err, key, kind)
	}
}

func idOf(row *store.SignatureRow) string { return hex.EncodeToString(row.ID[:]) }
