package action

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/pack"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/packs"
	"github.com/undersigned/undersigned/translog"
)

// exportOrder is one of the command line.
func (s *testSite) exportOrder(kind undersigned.ExportKind, issue, slug string) ExportOrder {
	return ExportOrder{Kind: kind, Issue: issue, Action: slug, Reason: "The board asked.", Site: "https://cause.example", Policy: s.policy()}
}

// takeOut takes something out, and gives its bytes.
func (s *testSite) takeOut(o ExportOrder) (*Export, []byte) {
	s.t.Helper()
	e, err := s.Export(s.t.Context(), o)
	must(s.t, err)
	var out bytes.Buffer
	must(s.t, e.Write(s.t.Context(), &out))
	must(s.t, e.Close())
	return e, out.Bytes()
}

func rowsOf(t *testing.T, sheet []byte) [][]string {
	t.Helper()
	rest, found := bytes.CutPrefix(sheet, []byte("\ufeff"))
	rows, err := csv.NewReader(bytes.NewReader(rest)).ReadAll()
	if err != nil || !found {
		t.Fatalf("%v: %s", err, sheet)
	}
	return rows
}

func wantFieldError(t *testing.T, err error, field, key string) {
	t.Helper()
	var wrong *undersigned.Error
	if !errors.As(err, &wrong) || wrong.Kind != undersigned.Invalid || len(wrong.Fields) != 1 || wrong.Fields[0].Field != field || wrong.Fields[0].Key != key {
		t.Errorf("%v, want %s: %s", err, field, key)
	}
}

func TestSignaturesThatAreTakenOutAreSafeToOpenAndToldOfBefore(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		ana, err := s.AddUser(t.Context(), undersigned.UserID{}, undersigned.UserForm{Name: "Ana", Email: "ana@staff.example", Role: "owner", Language: "es"}, true)
		must(t, err)
		_, err = s.AddUser(t.Context(), undersigned.UserID{}, undersigned.UserForm{Email: "bo@staff.example", Role: "owner", Language: "en"}, true)
		must(t, err)
		s.sign("petition", "=Ana", "ana@mail.example")
		eve := s.sign("petition", "Eve", "eve@mail.example")
		s.sign("pledge", "Ida", "ida@mail.example")
		s.tick()
		must(t, s.Withdraw(t.Context(), eve, s.mine(eve).ID))
		s.tick()
		s.work()
		o := s.exportOrder(undersigned.ExportSignatures, "cause", "petition")
		o.By = s.signIn(ana)
		before := len(s.box.mails)
		e, err := s.Export(t.Context(), o)
		must(t, err)
		exported := func(line undersigned.AuditEntry) bool { return line.Verb == undersigned.AuditExported }
		if lines := s.auditLines(); !slices.ContainsFunc(lines, exported) {
			t.Errorf("before anything is written, the log says %+v", lines)
		}
		s.work()
		var to []string
		for _, m := range s.box.mails[before:] {
			to = append(to, m.To+" "+m.Language)
			if strings.Contains(m.Text, "mail.example") || !strings.Contains(m.Text, "The board asked.") || !strings.Contains(m.Text, "Ana") {
				t.Errorf("an owner reads:\n%s", m.Text)
			}
		}
		if slices.Sort(to); !slices.Equal(to, []string{"ana@staff.example es", "bo@staff.example en"}) {
			t.Errorf("mails went to %v", to)
		}
		var out bytes.Buffer
		must(t, e.Write(t.Context(), &out))
		rows := rowsOf(t, out.Bytes())
		if len(rows) != 2 || e.N != 1 || !slices.Contains(rows[1], "'=Ana") || !slices.Contains(rows[1], "ana@mail.example") || !slices.Contains(rows[1], "MA-05,MA-07") {
			t.Errorf("%d: %v", e.N, rows)
		}
		if e.Name != "signatures-cause-petition-2026-11-22.csv" {
			t.Errorf("the file is %s", e.Name)
		}
		for _, line := range s.auditLines() {
			if exported(line) && (line.Subject != "cause/petition" || line.Detail != "signatures, 1: The board asked." || line.By != ana.ID) {
				t.Errorf("the log says %+v", line)
			}
		}
	})
}

// Whoever has the address of an owner can neither keep the notice away nor the other mails of the desk.
func TestNoticeOfWhatWasTakenOutIsHeldBackByNothing(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		ana, bo := s.hire(undersigned.RoleOwner, "ana@staff.example"), s.hire(undersigned.RoleOwner, "bo@staff.example")
		reaches := func() map[string]int {
			before := len(s.box.mails)
			for s.work() > 0 {
			}
			got := map[string]int{}
			for _, m := range s.box.mails[before:] {
				if m.To == "bo@staff.example" {
					got[m.Subject]++
				}
			}
			return got
		}
		for range mailsPerDesk + 20 {
			must(t, s.promiseMail(t.Context(), mailQueue, mailSignIn, signInMail{Language: "en", Email: "bo@staff.example"}.encode(), s.Now()))
		}
		if got := reaches(); len(got) != 1 || slices.Max(slices.Collect(maps.Values(got))) != mailsPerDesk {
			t.Errorf("of many who ask for the same link, %v", got)
		}
		must(t, s.StopMail(t.Context(), s.stopToken("bo@staff.example"), false))
		o := s.exportOrder(undersigned.ExportNumbers, "", "")
		o.By = ana
		for range 3 {
			s.takeOut(o)
		}
		must(t, s.TryMail(t.Context(), bo.User.ID, bo.User, "en"))
		if got := reaches(); len(got) != 2 || slices.Max(slices.Collect(maps.Values(got))) != 3 {
			t.Errorf("afterwards %v", got)
		}
	})
}

func TestNothingIsTakenOutWithoutAReasonOrWhereItIsNot(t *testing.T) {
	runOffers(t, func(t *testing.T, s *testSite) {
		for _, test := range []struct {
			kind                             undersigned.ExportKind
			issue, slug, reason, field, want string
		}{
			{undersigned.ExportSignatures, "cause", "petition", " \n", "reason", "error.reason.empty"},
			{undersigned.ExportSignatures, "cause", "petition", strings.Repeat("x", 301), "reason", "error.text.long"},
			{undersigned.ExportSignatures, "cause", "petition", "a\x00", "reason", "error.characters"},
			{undersigned.ExportSignatures, "cause", "nothing", "x", "action", "error.action"},
			{undersigned.ExportSignatures, "cause", "", "x", "action", "error.action"},
			{undersigned.ExportSignatures, "cause", "help", "x", "action", "error.action"},
			{undersigned.ExportBundle, "cause", "petition", "x", "action", "error.export.not_sealed"},
			{undersigned.ExportOffers, "cause", "petition", "x", "action", "error.export.no_offers"},
			{undersigned.ExportPack, "", "", "x", "action", "error.export.issue"},
			{undersigned.ExportPack, "nothing", "", "x", "action", "error.export.issue"},
			{"nonsense", "cause", "petition", "x", "what", "error.export.what"},
		} {
			o := s.exportOrder(test.kind, test.issue, test.slug)
			o.Reason = test.reason
			_, err := s.Export(t.Context(), o)
			wantFieldError(t, err, test.field, test.want)
		}
		for _, line := range s.auditLines() {
			if line.Verb == undersigned.AuditExported {
				t.Errorf("the log says %+v", line)
			}
		}
	})
}

func TestIssueIsTakenOutAsAPack(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		content, err := pack.Read(packs.Starter)
		must(t, err)
		s.load(content)
		e, out := s.takeOut(s.exportOrder(undersigned.ExportPack, content.Issue.Slug, ""))
		again, err := pack.ReadZip(bytes.NewReader(out), int64(len(out)))
		if err != nil || len(again.Actions) != len(content.Actions) || e.Type != "application/zip" || e.N < 5 {
			t.Errorf("%+v: %v", e, err)
		}
	})
}

func TestOffersDeliveriesAndNumbersAreTakenOut(t *testing.T) {
	runOffers(t, func(t *testing.T, s *testSite) {
		s.offers("ana@mail.example")
		id := s.submissions()[0].ID
		_, notes, err := s.OfferFor(t.Context(), anOwner, id)
		must(t, err)
		must(t, s.NoteOffer(t.Context(), anOwner, id, notes.Version, "Drives."))
		s.sign("petition", "Ana", "ana@mail.example")
		_, err = s.HandOver(t.Context(), undersigned.UserID{}, Passed{Bioguide: "C001101", Issue: "cause", Action: "petition", Day: "2026-11-20"}, "", 12)
		must(t, err)
		_, err = s.Answered(t.Context(), undersigned.UserID{}, Passed{Bioguide: "C001101", Issue: "cause", Action: "petition", Day: "2026-11-21"}, "en", "Thank you.")
		must(t, err)
		for kind, want := range map[undersigned.ExportKind][]string{
			undersigned.ExportOffers:     {"ana@mail.example", "Weekends", "Drives.", "Canary of an offer."},
			undersigned.ExportDeliveries: {"C001101,cause,petition,2026-11-20,petition,\"handed over, on paper\",12", "2026-11-21,petition,answered,1"},
			undersigned.ExportNumbers:    {"cause,petition,2026-11-22T12:00:00Z,1,1,0"},
		} {
			e, out := s.takeOut(s.exportOrder(kind, "", ""))
			for _, words := range want {
				if !strings.Contains(string(out), words) {
					t.Errorf("%s has no %q:\n%s", kind, words, out)
				}
			}
			if rows := rowsOf(t, out); int64(len(rows)-1) != e.N {
				t.Errorf("%s: %d rows, and %d were told", kind, len(rows)-1, e.N)
			}
		}
	})
}

// unzip unpacks into a folder, and gives it.
func unzip(t *testing.T, data []byte, dir string) {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	must(t, err)
	for _, f := range archive.File {
		from, err := f.Open()
		must(t, err)
		_, name, _ := strings.Cut(f.Name, "/")
		content, err := io.ReadAll(from)
		must(t, err)
		must(t, translog.Dir(dir).Append(name, content))
	}
}

func TestPacketInTheBrowserIsTheOneOfTheCommandLine(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.Scratch = t.TempDir()
		s.sign("petition", "Ana", "ana@mail.example")
		s.tick()
		e, out := s.takeOut(s.exportOrder(undersigned.ExportPacket, "cause", "petition"))
		if e.N != 1 || e.Type != "application/zip" {
			t.Errorf("%+v", e)
		}
		dir, other := t.TempDir(), filepath.Join(t.TempDir(), "packet")
		unzip(t, out, dir)
		checked, err := translog.VerifyPacket(t.Context(), dir, s.policy())
		must(t, err)
		if checked.Rows != 1 {
			t.Errorf("%d rows", checked.Rows)
		}
		_, err = s.WritePacket(t.Context(), s.order("petition", other), noWatch)
		must(t, err)
		for _, name := range []string{translog.PacketRows, translog.PacketOpenings, "index.html", "letters.html", "README.txt", "offices/MA-05-C001101/rows.csv"} {
			if read(t, dir, name) != read(t, other, name) {
				t.Errorf("%s differs", name)
			}
		}
		if left, err := filepath.Glob(filepath.Join(s.Scratch, "*")); err != nil || len(left) > 0 {
			t.Errorf("there is left %v", left)
		}
	})
}

// What staff did is a list too: of staff.
func TestLogOfWhoDidWhatIsTakenOutAsAnythingElse(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		ana, err := s.AddUser(t.Context(), undersigned.UserID{}, undersigned.UserForm{Email: "ana@staff.example", Role: "owner", Language: "en"}, true)
		must(t, err)
		must(t, s.AddSource(t.Context(), ana.ID, "poster", "Posters"))
		must(t, s.DB.Update(t.Context(), store.Client, func(tx *store.Tx) error {
			return tx.AddAudit(undersigned.AuditEntry{By: ana.ID, Verb: undersigned.AuditSourceAdded, Subject: "=1+1"})
		}))
		o := s.exportOrder(undersigned.ExportAudit, "", "")
		o.By, o.Audit = s.signIn(ana), store.AuditFilter{By: &ana.ID, Verb: undersigned.AuditSourceAdded}
		e, out := s.takeOut(o)
		rows := rowsOf(t, out)
		if e.N != 2 || len(rows) != 3 || rows[1][1] != "ana@staff.example" || rows[1][3] != "'=1+1" && rows[2][3] != "'=1+1" || e.Name != "audit-2026-11-22.csv" {
			t.Errorf("%+v: %q", e, rows)
		}
		if lines := s.auditLines(); !slices.ContainsFunc(lines, func(line undersigned.AuditEntry) bool {
			return line.Verb == undersigned.AuditExported && line.Detail == "audit, 2: The board asked."
		}) {
			t.Errorf("the log says %+v", lines)
		}
	})
}

func TestRoleThatIsTakenAwayEndsWhatItsHolderIsTakingOut(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		ana := s.hire(undersigned.RoleOwner, "ana@staff.example")
		s.hire(undersigned.RoleOwner, "bo@staff.example")
		s.sign("petition", "Ana", "ana@mail.example")
		o := s.exportOrder(undersigned.ExportSignatures, "cause", "petition")
		o.By = ana
		e, err := s.Export(t.Context(), o)
		must(t, err)
		must(t, s.GiveRole(t.Context(), undersigned.UserID{}, ana.User.ID, undersigned.RoleEditor))
		wantCutOff(t, e, "error.role")
		told := len(s.auditLines())
		if _, err := s.Export(t.Context(), o); undersigned.KindOf(err) != undersigned.Forbidden || len(s.auditLines()) != told {
			t.Errorf("an editor: %v", err)
		}
		must(t, s.RemoveUser(t.Context(), undersigned.UserID{}, ana.User.ID))
		if _, err := s.Export(t.Context(), o); undersigned.KindOf(err) != undersigned.Forbidden {
			t.Errorf("nobody: %v", err)
		}
	})
}

// A session that its holder ends from elsewhere may be in a thief's hands: what it is taking out ends too, and no other of theirs.
func TestSessionThatEndsEndsWhatIsTakenOutInIt(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		here := s.hire(undersigned.RoleOwner, "ana@staff.example")
		lost := s.signIn(here.User)
		s.sign("petition", "Ana", "ana@mail.example")
		export := func(by *Staff) (*Export, error) {
			o := s.exportOrder(undersigned.ExportSignatures, "cause", "petition")
			o.By = by
			return s.Export(t.Context(), o)
		}
		theirs, err := export(lost)
		must(t, err)
		mine, err := export(here)
		must(t, err)
		must(t, s.EndOtherSessions(t.Context(), here))
		wantCutOff(t, theirs, "error.session")
		var out bytes.Buffer
		if err := mine.Write(t.Context(), &out); err != nil || out.Len() == 0 {
			t.Errorf("%v, and %d bytes", err, out.Len())
		}
		_, err = export(lost)
		wantKind(t, err, undersigned.Forbidden, "error.session")
	})
}

func wantCutOff(t *testing.T, e *Export, key string) {
	t.Helper()
	var out bytes.Buffer
	if wantKind(t, e.Write(t.Context(), &out), undersigned.Forbidden, key); out.Len() > 0 {
		t.Errorf("%d bytes left", out.Len())
	}
}

// Whoever hangs up in the middle, or takes the disk then, finds nothing of anybody in the folders of the program.
func TestPacketThatIsCutOffLeavesNothingReadable(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.Scratch = t.TempDir()
		temp := t.TempDir()
		t.Setenv("TMPDIR", temp)
		s.sign("petition", "Canary", "canary@mail.example")
		s.tick()
		e, err := s.Export(t.Context(), s.exportOrder(undersigned.ExportPacket, "cause", "petition"))
		must(t, err)
		cut, wrote := errors.New("hung up"), 0
		err = e.Write(t.Context(), writerFunc(func(b []byte) (int, error) {
			if wrote += len(b); wrote > 100 {
				wantNothingReadable(t, s.Scratch, temp)
				return 0, cut
			}
			return len(b), nil
		}))
		if !errors.Is(err, cut) {
			t.Errorf("it went on: %v", err)
		}
		must(t, e.Close())
		for _, dir := range []string{s.Scratch, temp} {
			if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(left) > 0 {
				t.Errorf("there is left %v", left)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := s.Export(ctx, s.exportOrder(undersigned.ExportPacket, "cause", "petition")); err == nil {
			t.Error("it was made for nobody")
		}
		if left, err := filepath.Glob(filepath.Join(temp, "*")); err != nil || len(left) > 0 {
			t.Errorf("there is left %v", left)
		}
	})
}

// wantNothingReadable looks through everything in folders, and in what the process has open that has no name any more.
func wantNothingReadable(t *testing.T, dirs ...string) {
	t.Helper()
	open, err := filepath.Glob("/proc/self/fd/*")
	must(t, err)
	var files []string
	for _, fd := range open {
		if to, err := os.Readlink(fd); err == nil && slices.ContainsFunc(dirs, func(dir string) bool { return strings.HasPrefix(to, dir) }) {
			files = append(files, fd)
		}
	}
	if len(files) == 0 && runtime.GOOS == "linux" {
		t.Error("nothing is open: this looks at nothing")
	}
	for _, dir := range dirs {
		must(t, filepath.WalkDir(dir, func(name string, entry os.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				files = append(files, name)
			}
			return err
		}))
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		must(t, err)
		if bytes.Contains(data, []byte("Canary")) || bytes.Contains(data, []byte("canary")) {
			t.Errorf("%s can be read", name)
		}
	}
}

// What lives in memory while many are written is what lives there for few.
func TestSpreadsheetOfManyTakesNoMemoryForEach(t *testing.T) {
	runOffers(t, func(t *testing.T, s *testSite) {
		s.offers("ana@mail.example")
		offer, err := s.openSubmission(t.Context(), s.submissions()[0])
		must(t, err)
		n := 0
		more := func(count int) {
			var rows []*store.SubmissionRow
			for range count {
				n++
				offer.ID = undersigned.SubmissionID{byte(n >> 8), byte(n), 1}
				row, err := s.sealSubmission(t.Context(), offer)
				must(t, err)
				row.State = undersigned.SubmissionDone
				rows = append(rows, row)
			}
			must(t, s.DB.Update(t.Context(), store.Bulk, func(tx *store.Tx) error {
				for _, row := range rows {
					if _, err := tx.InsertSubmission(row); err != nil {
						return err
					}
				}
				return nil
			}))
		}
		live := func() (most uint64) {
			e, err := s.Export(t.Context(), s.exportOrder(undersigned.ExportOffers, "cause", "help"))
			must(t, err)
			var m runtime.MemStats
			must(t, e.Write(t.Context(), writerFunc(func(b []byte) (int, error) {
				runtime.GC()
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
				return len(b), nil
			})))
			return most
		}
		more(700)
		few := live()
		more(3000)
		if many := live(); many > few+512<<10 { // what they hold is three times that
			t.Errorf("%d bytes live for 700, %d for 3,700", few, many)
		}
	})
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }
