package action

import (
	"io/fs"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/pack"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/store/storetest"
	"github.com/undersigned/undersigned/packs"
)

func TestImportTwiceAddsNothingToTheLog(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		s := newTestSite(t, db, clock)
		starter, err := pack.Read(packs.Starter)
		must(t, err)
		first := s.load(starter)
		before := s.tick().Kinds()
		clock.Move(time.Hour)
		again := s.load(starter)
		if len(first.Opened) == 0 || len(again.Opened)+len(again.Newer)+len(again.Kept) != 0 {
			t.Errorf("imported %+v, then %+v", first, again)
		}
		if after := s.tick().Kinds(); !slices.Equal(before, after) || len(before) != len(first.Opened) {
			t.Errorf("the log had %q, then %q", before, after)
		}
	})
}

func TestExportAfterImportIsThePack(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		s := newTestSite(t, db, clock)
		starter, err := pack.Read(packs.Starter)
		must(t, err)
		s.load(starter)
		var content *undersigned.Content
		must(t, db.View(t.Context(), func(tx *store.Tx) error {
			content, err = tx.Content(starter.Issue.Slug)
			return err
		}))
		one, two := t.TempDir(), t.TempDir()
		must(t, pack.Write(one, starter))
		must(t, pack.Write(two, content))
		want, got := files(t, one), files(t, two)
		if !reflect.DeepEqual(got, want) || len(got) < 10 {
			t.Errorf("%d files came out, %d went in, or they differ", len(got), len(want))
		}
	})
}

func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	fsys := os.DirFS(dir)
	must(t, fs.WalkDir(fsys, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(fsys, path)
		all[path] = string(data)
		return err
	}))
	return all
}

func TestChangedTextOrClosingDayIsANewVersion(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		for name, change := range map[string]func(a *undersigned.Action){
			"body": func(a *undersigned.Action) {
				a.Texts["en"] = undersigned.ActionText{Title: "T", Ask: "A", Body: "Other."}
			},
			"language": func(a *undersigned.Action) {
				a.Texts["es"] = undersigned.ActionText{Title: "T", Ask: "A", Body: "Otra."}
			},
			"day": func(a *undersigned.Action) { a.Closes = a.Closes.Add(24 * time.Hour) },
		} {
			c := testContent()
			change(&c.Actions[0])
			version := s.action("petition").Version
			if done := s.load(c); !slices.Equal(done.Newer, []string{"petition"}) || s.action("petition").Version != version+1 {
				t.Errorf("%s: %+v", name, done)
			}
			s.tick()
		}
		version := s.action("petition").Version
		c := testContent() // what is not what people put their name under
		c.Actions[0].Goal, c.Actions[0].Order, c.Actions[0].Publish = 100, 7, undersigned.Batched
		back := s.load(c).Newer // only because the texts above are undone
		if again := s.load(c).Newer; len(back) != 1 || len(again) != 0 || s.action("petition").Version != version+1 {
			t.Errorf("back %q, again %q", back, again)
		}
		s.tick()
	})
}

func TestSignedActionThatLeftThePackIsClosedAndKept(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		my := s.sign("petition", "Ana", "ana@example.org")
		c := testContent()
		c.Actions = c.Actions[1:]
		for range 2 {
			if done := s.load(c); !slices.Equal(done.Kept, []string{"petition"}) {
				t.Errorf("imported %+v", done)
			}
		}
		a := s.action("petition")
		if d := a.Decide(nil, s.Now()); d.State != undersigned.ActionClosed || a.Ended != "2026-11-22" {
			t.Errorf("%+v, ended %q", d, a.Ended)
		}
		s.tick()
		s.counts("petition", 1)
		s.mine(my)
		// It comes back with its signatures.
		s.load(testContent())
		if d := s.action("petition").Decide(nil, s.Now()); !d.Open() || s.action("petition").PID != a.PID {
			t.Errorf("%+v", d)
		}
	})
}

func TestImportThatWouldChangeWhatPeopleSignedIsRefusedWhole(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		for _, kind := range []undersigned.ActionKind{undersigned.Elsewhere, undersigned.Pledge, undersigned.Letter} {
			c := testContent()
			c.Issue.Texts["en"] = undersigned.IssueText{Title: "Changed"}
			c.Actions[0].Kind = kind
			if _, err := s.Import(t.Context(), undersigned.UserID{}, c, true); err == nil || !strings.Contains(err.Error(), "petition is a petition that people have joined") {
				t.Errorf("%s: %v", kind, err)
			}
		}
		site, err := s.DB.Site(t.Context())
		must(t, err)
		if title := site.Issue("cause").Issue.Texts["en"].Title; title != "A cause" {
			t.Errorf("half imported: %q", title)
		}
	})
}

func TestDraftsMakeNoKeysAndNoEntries(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, clock *storetest.Clock) {
		s := newTestSite(t, db, clock)
		c := testContent()
		c.Issue.State = undersigned.IssueDraft
		s.load(c)
		c.Issue.State, c.Actions[0].State, c.Actions[1].State = undersigned.IssueOpen, undersigned.ActionDraft, undersigned.ActionDraft
		s.load(c)
		if log := s.tick(); len(log.Entries) != 0 || len(log.Waits) != 0 {
			t.Errorf("%d entries, %d wait", len(log.Entries), len(log.Waits))
		}
		wantKind(t, s.SignPetition(t.Context(), s.input("petition", "Ana", "ana@example.org")), undersigned.Gone, "error.closed")
		if done := s.load(testContent()); len(done.Opened) != 2 {
			t.Errorf("opened %q", done.Opened)
		}
		s.sign("petition", "Ana", "ana@example.org")
		s.tick()
	})
}

func TestTwoNodesThatImportAtOnceOpenEachPetitionOnce(t *testing.T) {
	clock := storetest.NewClock()
	a := newTestSite(t, storetest.Open(t, store.Options{URL: storetest.Postgres(t), Now: clock.Now}), clock)
	b := a.secondNode()
	failed := make(chan error, 2)
	for _, node := range []*testSite{a, b} {
		go func() { _, err := node.Import(t.Context(), undersigned.UserID{}, testContent(), true); failed <- err }()
	}
	must(t, <-failed)
	must(t, <-failed)
	if kinds := a.tick().Kinds(); len(kinds) != 2 {
		t.Errorf("the log has %q", kinds)
	}
	b.sign("petition", "Ana", "ana@example.org")
	a.tick()
}

func TestOrganizationsOfTwoIssuesUnderOneNameAreTheSame(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		with := func(issue string, o undersigned.Organization) *undersigned.Content {
			c := testContent()
			c.Issue.Slug, c.Actions = issue, nil
			o.Slug = "refuge"
			c.Organizations = []undersigned.Organization{o}
			return c
		}
		s.load(with("first", undersigned.Organization{Name: "LIRS", URL: "https://lirs.example/"}))
		for _, same := range []undersigned.Organization{
			{Name: "LIRS"}, {Name: "Global Refuge", URL: "https://lirs.example/"},
			{Name: "Global Refuge", FormerNames: []undersigned.FormerName{{Name: "LIRS"}}},
		} {
			s.load(with("second", same))
		}
		_, err := s.Import(t.Context(), undersigned.UserID{}, with("third", undersigned.Organization{Name: "A refuge for cats", URL: "https://cats.example/"}), true)
		if err == nil || !strings.Contains(err.Error(), "organizations/refuge.md: want another name") {
			t.Errorf("imported with %v", err)
		}
		s.load(with("first", undersigned.Organization{Name: "LIRS, renamed", URL: "https://new.example/", FormerNames: []undersigned.FormerName{{Name: "LIRS"}}}))
	})
}

func TestAFactHasOnePageWhateverIssuesTakeItFromTheSamePack(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		with := func(issue, source string) *undersigned.Content {
			c := testContent()
			c.Issue.Slug, c.Actions = issue, nil
			c.Facts = []undersigned.Fact{{Slug: "held", Chart: undersigned.BarChart, Section: "learn", Source: source, Licence: "Public domain", AsOf: "2026-11-01", FreshFor: 90,
				Step: undersigned.ByYear, Series: []string{"all"}, Rows: []undersigned.FactRow{{Period: "2026", Figures: []undersigned.Figure{"1"}}},
				Texts: map[string]undersigned.FactText{"en": {Title: "Held", Unit: "people", Series: []string{"Held"}, Body: "On one day."}}}}
			return c
		}
		s.load(with("first", "ICE"))
		_, err := s.Import(t.Context(), undersigned.UserID{}, with("second", "Somebody"), true)
		if err == nil || !strings.Contains(err.Error(), "facts/held.md: want another name for the file: the issue first has a fact of that name") {
			t.Errorf("imported with %v", err)
		}
		s.load(with("first", "ICE, of today")) // its own
	})
}
