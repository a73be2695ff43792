package action

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/store/storetest"
)

func TestSignPetitionTwiceSendsTwoMailsAndMakesOneSignature(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		first := s.request("petition", "Ana", "ana@example.org")
		second := s.request("petition", "Ana", "ana@example.org")
		if first == second || len(s.box.mails) != 2 {
			t.Errorf("%d mails", len(s.box.mails))
		}
		if len(storetest.Signatures(t, s.DB)) != 0 {
			t.Error("a row before the click")
		}
		s.confirm(second, Counted)
		s.confirm(first, Already)
		s.tick()
		s.confirm(first, Already)
		s.confirm(second, Already)
		s.tick()
		s.counts("petition", 1)
	})
}

func TestAnAddressSignsWithTwoNamesAndNoMore(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		var links []string
		for _, c := range []struct {
			name, email string
			want        Outcome
		}{
			{"Ana", "family@example.org", Counted},
			{"Rui", "family@example.org", Counted},
			{"Eva", "family+eva@Example.org", Full},
			{"ANA", "Family+again@example.org", Already},
			{"Rui", "other@example.org", Counted},
		} {
			link := s.request("petition", c.name, c.email)
			if got := s.confirm(link, c.want); (got.MyToken != "") != (c.want == Counted || c.want == Already) {
				t.Errorf("%s: a link to what was signed: %v", c.want, got.MyToken != "")
			}
			links = append(links, link)
			s.tick()
			s.clock.Move(25 * time.Hour) // the limits of mails are another test's
		}
		s.counts("petition", 3)
		// Where one withdraws, the third may sign with the same link.
		my := s.confirm(links[2], Full)
		if my.MyToken != "" {
			t.Fatal("a link to nothing")
		}
		again := s.confirm(s.request("petition", "Rui", "family@example.org"), Already).MyToken
		for _, mine := range s.allMine(again) {
			if mine.Name == "Rui Silva" {
				must(t, s.Withdraw(t.Context(), again, mine.ID))
			}
		}
		s.tick()
		s.confirm(links[2], Counted)
		s.tick()
		s.counts("petition", 3)
	})
}

func (s *testSite) allMine(my string) []MySignature {
	s.t.Helper()
	m, err := s.Mine(s.t.Context(), my)
	must(s.t, err)
	return m.Signatures
}

func TestLinkThatIsNotWholeOrNotForThisIsDead(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		token := s.request("petition", "Ana", "ana@example.org")
		swapped := []byte(token)
		swapped[40] ^= 'a' ^ 'b'
		must(t, s.RequestMyLink(t.Context(), s.askFor("ana@example.org", Visitor{})))
		s.work()
		links := s.box.mails[1]
		for name, bad := range map[string]string{
			"empty": "", "short": token[:len(token)-1], "half": token[:len(token)/2], "changed": string(swapped),
			"longer": token + "AAAA", "spaces": " " + token, "my": tokenIn(t, links, "/my/"), "unsubscribe": tokenIn(t, links, "/unsubscribe/"),
		} {
			_, err := s.OpenConfirmation(t.Context(), bad)
			wantKind(t, err, undersigned.Gone, "error.link_dead")
			if _, err = s.Confirm(t.Context(), bad); err == nil || strings.Contains(err.Error(), "ana") {
				t.Errorf("%s: %v", name, err)
			}
			wantKind(t, err, undersigned.Gone, "error.link_dead")
		}
		for _, verb := range []func() error{
			func() error { _, err := s.Mine(t.Context(), token); return err },
			func() error { return s.StopMail(t.Context(), token, false) },
		} {
			wantKind(t, verb(), undersigned.Gone, "error.link_dead")
		}
		if len(storetest.Signatures(t, s.DB)) != 0 {
			t.Error("a row of a dead link")
		}
	})
}

func TestLinkDiesWithTheKeyOfItsDay(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		token := s.request("petition", "Ana", "ana@example.org") // at noon: 84 hours are left
		late := s.request("petition", "Rui", "rui@example.org")
		s.clock.Move(84*time.Hour - time.Second)
		must(t, s.Keys.DestroyExpired(t.Context(), s.Now()))
		s.confirm(token, Counted)
		s.clock.Move(time.Second)
		_, err := s.Confirm(t.Context(), late) // the key's destruction is late: dead all the same
		wantKind(t, err, undersigned.Gone, "error.link_dead")
		must(t, s.Keys.DestroyExpired(t.Context(), s.Now()))
		for _, token := range []string{token, late} {
			_, err := s.OpenConfirmation(t.Context(), token)
			wantKind(t, err, undersigned.Gone, "error.link_dead")
		}
		s.tick()
		s.counts("petition", 1)
	})
}

func TestLinkOfAWithdrawnSignatureNeverSignsAgain(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		for i, take := range []func(my, id string) error{
			func(my, id string) error { return s.Withdraw(t.Context(), my, id) },
			func(my, id string) error { return s.Erase(t.Context(), my, id, false) },
		} {
			for _, counted := range []bool{false, true} {
				token := s.request("petition", "Ana", string(rune('a'+i))+"@example.org")
				my := s.confirm(token, Counted).MyToken
				if counted {
					s.tick()
				}
				must(t, take(my, s.mine(my).ID))
				s.recount()
				for range 2 {
					if c := s.confirm(token, Withdrawn); c.MyToken != "" {
						t.Error("a link to what is gone")
					}
					c, err := s.OpenConfirmation(t.Context(), token)
					must(t, err)
					if c.Outcome != Withdrawn {
						t.Errorf("the page says %s", c.Outcome)
					}
					s.tick()
				}
				// The form signs anew.
				s.confirm(s.request("petition", "Ana", "again"+string(rune('a'+i))+map[bool]string{true: "x"}[counted]+"@example.org"), Counted)
				s.tick()
			}
		}
		s.counts("petition", 4) // two of each, anew
	})
}

func TestClosedBetweenFormAndClickIsNotCounted(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.clock.Move(30*24*time.Hour - time.Hour)
		signed, late := s.request("petition", "Ana", "ana@example.org"), s.request("petition", "Rui", "rui@example.org")
		input := s.input("petition", "Eva", "eva@example.org")
		s.confirm(signed, Counted)
		s.clock.Move(time.Hour)
		s.confirm(late, Closed)
		s.confirm(signed, Already)
		c, err := s.OpenConfirmation(t.Context(), late)
		must(t, err)
		if c.Outcome != Closed {
			t.Errorf("the page says %s", c.Outcome)
		}
		wantKind(t, s.SignPetition(t.Context(), input), undersigned.Gone, "error.closed")
		s.tick()
		s.counts("petition", 1)
	})
}

func TestChangedTextIsCountedUnderTheOneThatWasRead(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		old := s.request("petition", "Ana", "ana@example.org")
		form := s.input("petition", "Rui", "rui@example.org")
		changed := testContent()
		changed.Actions[0].Texts["en"] = undersigned.ActionText{Title: "Close them all", Ask: "We ask for more.", Body: "Because."}
		if done := s.load(changed); len(done.Newer) != 1 {
			t.Fatalf("imported %+v", done)
		}
		wantKind(t, s.SignPetition(t.Context(), form), undersigned.Invalid, "error.form_token")
		s.confirm(old, Counted)
		s.confirm(s.request("petition", "Rui", "rui@example.org"), Counted)
		s.tick()
		versions := map[int]int{}
		for _, row := range storetest.Signatures(t, s.DB) {
			versions[row.Version]++
		}
		if versions[1] != 1 || versions[2] != 1 {
			t.Errorf("signed by version: %v", versions)
		}
	})
}

func TestFormThatCannotBeTakenPromisesNothing(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		good := s.input("petition", "Ana", "ana@example.org")
		stale := good.FormToken
		with := func(change func(*SignInput)) SignInput { in := good; change(&in); return in }
		form := func(change func(*undersigned.SignatureForm)) SignInput {
			return with(func(in *SignInput) { change(&in.Form) })
		}
		for name, c := range map[string]struct {
			in   SignInput
			kind undersigned.Kind
			says string
		}{
			"issue":     {with(func(in *SignInput) { in.Issue = "other" }), undersigned.NotFound, "error.not_found"},
			"action":    {with(func(in *SignInput) { in.Action = "other" }), undersigned.NotFound, "error.not_found"},
			"elsewhere": {with(func(in *SignInput) { in.Action = "elsewhere" }), undersigned.NotFound, "error.not_found"},
			"no token":  {with(func(in *SignInput) { in.FormToken = "" }), undersigned.Invalid, "error.form_token"},
			"pledge's token": {with(func(in *SignInput) { in.FormToken = s.FormToken(s.action("pledge"), s.Now()) }),
				undersigned.Invalid, "error.form_token"},
			"no name":   {form(func(f *undersigned.SignatureForm) { f.GivenName = " " }), undersigned.Invalid, "error.form; given_name: error.name.empty"},
			"link":      {form(func(f *undersigned.SignatureForm) { f.FamilyName = "www.spam.example" }), undersigned.Invalid, "error.form; family_name: error.name.link"},
			"zero byte": {form(func(f *undersigned.SignatureForm) { f.GivenName = "A\x00na" }), undersigned.Invalid, "error.form; given_name: error.characters"},
			"utf-8":     {form(func(f *undersigned.SignatureForm) { f.Comment = "\xff" }), undersigned.Invalid, "error.form; comment: error.characters"},
			"two @":     {form(func(f *undersigned.SignatureForm) { f.Email = "a@b@example.org" }), undersigned.Invalid, "error.form; email: error.email.two_at"},
			"long name": {form(func(f *undersigned.SignatureForm) { f.GivenName = strings.Repeat("a", 5000) }), undersigned.Invalid, "error.form; given_name: error.name.long"},
			"zip":       {form(func(f *undersigned.SignatureForm) { f.PostalCode = "1234" }), undersigned.Invalid, "error.form; postal_code: error.zip.form"},
			"country":   {form(func(f *undersigned.SignatureForm) { f.Country = "USA" }), undersigned.Invalid, "error.form; country: error.country"},
			"everything": {form(func(f *undersigned.SignatureForm) { *f = undersigned.SignatureForm{} }), undersigned.Invalid,
				"error.form; given_name: error.name.empty; email: error.email.empty; country: error.country"},
		} {
			t.Run(name, func(t *testing.T) { wantKind(t, s.SignPetition(t.Context(), c.in), c.kind, c.says) })
		}
		s.clock.Move(48 * time.Hour)
		must(t, s.SignPetition(t.Context(), good))
		s.clock.Move(time.Hour)
		good.FormToken = stale
		wantKind(t, s.SignPetition(t.Context(), good), undersigned.Invalid, "error.form_token")
		if n := s.jobs(); n != 1 {
			t.Errorf("%d mails are promised, want 1", n)
		}
	})
}

func TestEverythingAsLongAsItMayBeGoesThroughMailAndLog(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		in := s.input("petition", strings.Repeat("é", undersigned.MaxName/2), strings.Repeat("a", 64)+"@"+
			strings.Repeat(strings.Repeat("b", 59)+".", 3)+"example")
		in.Form.FamilyName = strings.Repeat("e\u0301", 40) // a letter and its accent
		in.Form.PostalCode, in.Form.Country = "1234567890123456", "PT"
		in.Form.Comment = strings.Repeat("ü", undersigned.MaxComment/2)
		in.Language = "es"
		must(t, s.SignPetition(t.Context(), in))
		s.work()
		token := tokenIn(t, s.box.mails[0], "/es/confirm/")
		if len(token) > seal.MaxToken {
			t.Errorf("a link of %d characters", len(token))
		}
		s.confirm(token, Counted)
		s.tick()
	})
}

func TestTwoHundredClicksOnOneLinkMakeOneRow(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		token := s.request("petition", "Ana", "ana@example.org")
		outcomes := map[Outcome]int{}
		var mu sync.Mutex
		var all sync.WaitGroup
		for range 200 {
			all.Go(func() {
				c, err := s.Confirm(t.Context(), token)
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Error(err)
					return
				}
				outcomes[c.Outcome]++
			})
		}
		all.Wait()
		if outcomes[Counted] != 1 || outcomes[Already] != 199 {
			t.Errorf("outcomes %v", outcomes)
		}
		s.tick()
		s.counts("petition", 1)
	})
}

func TestTwoNodesAllowAnAddressTwoNames(t *testing.T) {
	a := newTestSite(t, storetest.Open(t, store.Options{URL: storetest.Postgres(t), Now: storetest.NewClock().Now}), storetest.NewClock())
	a.load(testContent())
	b := a.secondNode()
	var tokens []string
	for i := range 20 {
		for _, name := range []string{"Ana", "Rui", "Eva"} {
			tokens = append(tokens, a.request("petition", name, "family"+string(rune('a'+i))+"@gmail.com"))
		}
	}
	outcomes := map[Outcome]int{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for i := range tokens {
		for _, node := range []*testSite{a, b} {
			token := tokens[i]
			if node == b { // in the other order, so that they meet
				token = tokens[len(tokens)-1-i]
			}
			all.Go(func() {
				c, err := node.Confirm(t.Context(), token)
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Error(err)
					return
				}
				outcomes[c.Outcome]++
			})
		}
	}
	all.Wait()
	if outcomes[Counted] != 40 || outcomes[Already] != 40 || outcomes[Full] != 40 {
		t.Errorf("outcomes %v", outcomes)
	}
	a.tick()
	a.counts("petition", 40)
}

// secondNode is another process on the same PostgreSQL.
func (s *testSite) secondNode() *testSite {
	s.t.Helper()
	db := storetest.Open(s.t, storetest.OptionsOf(s.t, s.DB, s.clock.Now))
	return newNode(s.t, db, s.clock, s.Keys)
}

func TestNothingReadableIsKeptBeforeTheClickOrAfterIt(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		in := s.input("petition", "Canaria", "canary.mailbox@example.org")
		in.Form.FamilyName, in.Form.Comment = "Gelbvogel", "sings at dawn"
		must(t, s.SignPetition(t.Context(), in))
		s.noCanary("job")
		s.work()
		s.confirm(tokenIn(t, s.box.mails[0], "/confirm/"), Counted)
		s.tick()
		for _, table := range []string{"signature", "log_entry", "log_wait", "mail_day", "mail_never", "action_hour", "job"} {
			s.noCanary(table)
		}
		if s.DB.Engine() != "sqlite" {
			return
		}
		files, err := filepath.Glob(filepath.Join(storetest.OptionsOf(t, s.DB, s.Now).Dir, "*"))
		must(t, err)
		for _, file := range files {
			if data, err := os.ReadFile(file); err == nil {
				s.noCanaryIn(file, data)
			}
		}
	})
}

func (s *testSite) noCanary(table string) {
	s.t.Helper()
	for _, column := range storetest.Strings(s.t, s.DB, table) {
		s.noCanaryIn(table, column)
	}
}

func (s *testSite) noCanaryIn(where string, data []byte) {
	s.t.Helper()
	for _, canary := range []string{"canaria", "gelbvogel", "canary", "mailbox", "dawn", "02139"} {
		if bytes.Contains(bytes.ToLower(data), []byte(canary)) {
			s.t.Errorf("%s holds %q", where, canary)
		}
	}
}
