package web

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/locale"
	"github.com/undersigned/undersigned/internal/mail"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/sequencer"
	"github.com/undersigned/undersigned/internal/store"
)

// testSite is a whole site in memory and a temporary folder: database, keys, mail worker and public log are real, the
// clock stands still until a test moves it, and mails end in a channel.
type testSite struct {
	*Server
	t       testing.TB
	db      *store.DB
	log     *sequencer.Sequencer
	mail    chan *mail.Message
	logged  *safeBuffer
	visited *safeBuffer

	mu sync.Mutex
	at time.Time
}

const testHost = "cause.example"

func newSite(t testing.TB) *testSite {
	t.Helper()
	return newSiteOf(t, testContent(), &url.URL{Scheme: "https", Host: testHost})
}

// newSiteOf is a site with another cause, known under another address.
func newSiteOf(t testing.TB, content *undersigned.Content, base *url.URL) *testSite {
	t.Helper()
	return newSiteIn(t, locale.Load(), content, base)
}

// newSiteIn is a site with other languages.
func newSiteIn(t testing.TB, catalogue *locale.Catalogue, content *undersigned.Content, base *url.URL) *testSite {
	t.Helper()
	s := &testSite{t: t, at: time.Date(2026, 11, 22, 12, 30, 0, 0, time.UTC), mail: make(chan *mail.Message, 16),
		logged: &safeBuffer{}, visited: &safeBuffer{}}
	ctx, dir := t.Context(), t.TempDir()
	var err error
	s.db, err = store.Open(ctx, store.Options{Dir: dir, Now: s.now})
	s.must(err)
	t.Cleanup(func() { s.db.Close() })
	vault, err := seal.Folder(filepath.Join(dir, "keys"))
	s.must(err)
	keys, err := seal.Init(ctx, vault, filepath.Join(dir, "root"))
	s.must(err)
	t.Cleanup(func() { keys.Close() })
	ledger, err := action.OpenLedger(dir)
	s.must(err)
	t.Cleanup(func() { ledger.Close() })

	log := slog.New(slog.NewTextHandler(s.logged, nil))
	actions := action.New(action.Options{DB: s.db, Keys: keys, Ledger: ledger, Now: s.now, Log: log, BaseURL: base, Languages: catalogue.Languages()})
	_, err = actions.Import(ctx, undersigned.UserID{}, content, true)
	s.must(err)
	signer, vkey, err := sequencer.Signer(ed25519.NewKeyFromSeed(make([]byte, 32)), testHost+"/log")
	s.must(err)
	composer, err := mail.NewComposer(catalogue, "hello@"+testHost, "Cause")
	s.must(err)
	s.Server, err = New(Options{Composer: composer, DB: s.db, Actions: actions, Catalogue: catalogue, BaseURL: base, Now: s.now, Log: log,
		AccessLog: s.visited, PublicLog: PublicLog{Key: vkey, Policy: "log " + vkey + "\nquorum none\n"}})
	s.must(err)
	s.startMail(actions, composer, base)

	s.log = sequencer.New(sequencer.Options{DB: s.db, Signer: signer, Now: s.now})
	s.tick()
	return s
}

func (s *testSite) startMail(actions *action.Service, composer *mail.Composer, base *url.URL) {
	composer.Name = actions.SiteName
	queue := actions.MailQueue(action.Post{Composer: composer, Sender: s, BaseURL: base, Path: LocalPath})
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		queue.Run(ctx, time.Second)
		close(done)
	}()
	s.t.Cleanup(func() { stop(); <-done })
}

// Send makes the site the mail server of its own worker.
func (s *testSite) Send(_ context.Context, m *mail.Message) error {
	s.mail <- m
	return nil
}

// now replaces the Server's.
func (s *testSite) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at
}

func (s *testSite) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = s.at.Add(d)
}

// tick is one second of a node's life: the log grows, the pages follow.
func (s *testSite) tick() {
	s.t.Helper()
	s.pass(time.Second)
	s.must(s.log.Tick(s.t.Context()))
	s.must(s.poll(s.t.Context()))
}

func (s *testSite) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// do sends a request as a browser of today sends it from our own page; header alternates names and values, and an empty
// value takes a header away.
func (s *testSite) do(method, path, body string, header ...string) *httptest.ResponseRecorder {
	s.t.Helper()
	r := httptest.NewRequest(method, "https://"+testHost+"/", strings.NewReader(body))
	u, err := url.ParseRequestURI(path)
	s.must(err)
	r.URL, r.RequestURI, r.RemoteAddr = u, path, "127.0.0.1:1234"
	if body == "" {
		r.Body = http.NoBody
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(header); i += 2 {
		if header[i+1] == "" {
			r.Header.Del(header[i])
		} else {
			r.Header.Set(header[i], header[i+1])
		}
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w
}

func (s *testSite) get(path string, header ...string) *httptest.ResponseRecorder {
	s.t.Helper()
	return s.do(http.MethodGet, path, "", header...)
}

func (s *testSite) post(path string, form url.Values, header ...string) *httptest.ResponseRecorder {
	s.t.Helper()
	return s.do(http.MethodPost, path, form.Encode(), header...)
}

// form fills in the form of a petition as one person would, with the token of the page at path.
func (s *testSite) form(path, email string) url.Values {
	s.t.Helper()
	return url.Values{"given_name": {"Ana"}, "family_name": {"Álvarez"}, "email": {email}, "postal_code": {"02138"},
		"country": {"US"}, "comment": {"For my brother."}, "deliver": {"1"},
		formTokenField: {s.between(s.get(path), `name="form_token" value="`, `"`)}}
}

// askFor fills in the form that asks for one's own link.
func (s *testSite) askFor(email string) url.Values {
	s.t.Helper()
	return url.Values{"email": {email}, formTokenField: {s.between(s.get("/my"), `name="form_token" value="`, `"`)}}
}

// between gives what stands in an answer between two marks.
func (s *testSite) between(w *httptest.ResponseRecorder, before, after string) string {
	s.t.Helper()
	_, rest, found := strings.Cut(w.Body.String(), before)
	words, _, closed := strings.Cut(rest, after)
	if !found || !closed {
		s.t.Fatalf("no %q … %q in the answer %d:\n%s", before, after, w.Code, w.Body)
	}
	return html.UnescapeString(words)
}

// link waits for the next mail and gives the path of the link in it.
func (s *testSite) link() string {
	s.t.Helper()
	select {
	case m := <-s.mail:
		u, err := url.Parse(mail.Links(m.Text)[0])
		s.must(err)
		return u.Path
	case <-time.After(20 * time.Second):
		s.t.Fatal("no mail came")
		return ""
	}
}

// sign sends the form and gives the path of the link that comes by mail.
func (s *testSite) sign(path, email string) string {
	s.t.Helper()
	wantStatus(s.t, s.post(path, s.form(path, email)), http.StatusSeeOther)
	return s.link()
}

func wantStatus(t testing.TB, w *httptest.ResponseRecorder, want int) {
	t.Helper()
	if w.Code != want {
		t.Fatalf("status %d, want %d\n%v\n%s", w.Code, want, w.Header(), w.Body)
	}
}

func wantWords(t testing.TB, w *httptest.ResponseRecorder, words ...string) {
	t.Helper()
	text := html.UnescapeString(w.Body.String())
	for _, want := range words {
		if !strings.Contains(text, want) {
			t.Fatalf("the page does not say %q:\n%s", want, text)
		}
	}
}

// safeBuffer may be written to by many goroutines.
type safeBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// testContent is a small cause in two languages, with one action of each fate.
func testContent() *undersigned.Content {
	both := func(title, ask string) map[string]undersigned.ActionText {
		return map[string]undersigned.ActionText{
			"en": {Title: title, Ask: ask, Body: "Because *it matters*."},
			"es": {Title: title + " (es)", Ask: ask + " (es)", Body: "Porque *importa*."},
		}
	}
	died := undersigned.BillID{Congress: 112, Type: "hr", Number: 1932}
	lives := undersigned.BillID{Congress: 119, Type: "hr", Number: 6397}
	return &undersigned.Content{
		Issue: undersigned.Issue{Slug: "shelter", State: undersigned.IssueOpen, Languages: []string{"en", "es"},
			Timezone: "America/New_York", Texts: map[string]undersigned.IssueText{
				"en": {Title: "Shelter", Summary: "A roof for everyone.", Body: "A statement.",
					Sections: []undersigned.Section{{ID: "act", Title: "Act"}, {ID: "closed", Title: "Closed"}}},
				"es": {Title: "Refugio", Summary: "Un techo para todos.", Body: "Una declaración."},
			}},
		Actions: []undersigned.Action{
			{Issue: "shelter", Slug: "equality", Kind: undersigned.Petition, State: undersigned.ActionOpen, Goal: 100, Order: 1,
				Publish: undersigned.Live, Texts: both("Equality under the law", "No detention without a judge.")},
			{Issue: "shelter", Slug: "promise", Kind: undersigned.Pledge, State: undersigned.ActionOpen, Order: 2,
				Publish: undersigned.Live, Texts: both("We promise", "To be good neighbours.")},
			{Issue: "shelter", Slug: "letter", Kind: undersigned.Letter, State: undersigned.ActionOpen, Order: 3, Bill: lives,
				Position: undersigned.Support, Targets: []string{"house"}, Texts: both("Write for H.R. 6397", "Ask for dignity.")},
			{Issue: "shelter", Slug: "dated", Kind: undersigned.Petition, State: undersigned.ActionOpen, Order: 4,
				Publish: undersigned.Live, Closes: time.Date(2026, 11, 22, 12, 50, 0, 0, time.UTC),
				Texts: both("Until ten to one", "Be quick.")},
			{Issue: "shelter", Slug: "old", Kind: undersigned.Petition, State: undersigned.ActionOpen, Order: 5, Bill: died,
				Publish: undersigned.Live, Position: undersigned.Oppose, Texts: both("Stop H.R. 1932", "It would detain for ever.")},
			{Issue: "shelter", Slug: "hidden", Kind: undersigned.Petition, State: undersigned.ActionDraft, Order: 6,
				Publish: undersigned.Live, Texts: both("Not yet", "Not yet.")},
		},
		Bills: []undersigned.Bill{
			{BillID: died, Title: "Keep Our Communities Safe Act", Stage: undersigned.OnCalendar, AsOf: "2026-11-22"},
			{BillID: lives, Title: "Dignity for Detained Immigrants Act", Stage: undersigned.InCommittee, AsOf: "2026-11-22"},
		},
		Organizations: []undersigned.Organization{{Slug: "dwn", Name: "Detention Watch Network", Kind: undersigned.Coalition, AsOf: "2026-11-22",
			Texts: map[string]undersigned.OrganizationText{"en": {Body: "A coalition."}}}},
		Resources: []undersigned.Resource{
			{Slug: "film", Shelf: undersigned.Learn, Kind: undersigned.Film, AsOf: "2026-11-22",
				Texts: map[string]undersigned.ResourceText{"en": {Title: "Lost in Detention", Body: "A film."}}},
			{Slug: "locator", Shelf: undersigned.Help, Kind: undersigned.Service, AsOf: "2026-11-22",
				Texts: map[string]undersigned.ResourceText{"en": {Title: "Find them", Body: "A locator."}}},
		},
		Facts: sampleFacts(),
	}
}
