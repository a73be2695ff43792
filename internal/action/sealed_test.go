package action

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/sealed"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/store/storetest"
	"github.com/undersigned/undersigned/translog"
)

func TestSealedSignatureIsFoundAndTakenBackWithoutBeingOpened(t *testing.T) {
	runIn(t, sealedMode, func(t *testing.T, s *testSite) {
		my := s.sign("petition", "Ana", "ana@mail.example")
		s.tick()
		mine := s.mine(my)
		if !mine.Sealed || mine.Name != "" || mine.Class != "" || mine.Day != "" {
			t.Errorf("the server reads %+v", mine)
		}
		for _, row := range storetest.Signatures(t, s.DB) {
			if _, err := s.openRow(t.Context(), row); !errors.Is(err, ErrSealed) {
				t.Errorf("the server opens a row: %v", err)
			}
		}
		text, _, err := s.Receipt(t.Context(), my, mine.ID, false)
		must(t, err)
		receipt, err := translog.ParseReceipt(text)
		must(t, err)
		if _, _, err := receipt.Verify(s.policy()); err != nil {
			t.Error(err)
		}
		if _, _, err := s.Receipt(t.Context(), my, mine.ID, true); !errors.Is(err, ErrSealed) {
			t.Errorf("a full receipt: %v", err)
		}
		order := PacketOrder{Issue: "cause", Action: "petition", Dir: filepath.Join(t.TempDir(), "packet"), Policy: s.policy()}
		if _, err := s.WritePacket(t.Context(), order, noWatch); !errors.Is(err, ErrSealed) {
			t.Errorf("a packet: %v", err)
		}
		must(t, s.CountSeats(t.Context(), true)) // passes it over
		must(t, s.Withdraw(t.Context(), my, mine.ID))
		if len(s.allMine(my)) != 0 {
			t.Error("it is there still")
		}
		s.tick()
		s.counts("petition", 0)
	})
}

// bundle writes a bundle, and opens it in another folder as one of the holders does.
func (s *testSite) bundle(slug string, holder *age.X25519Identity, each func(int64, *sealed.Record) error) (*sealed.Reader, *sealed.Opened) {
	s.t.Helper()
	var file bytes.Buffer
	_, err := s.WriteBundle(s.t.Context(), "cause", slug, "https://cause.example", &file, s.policy(), noWatch)
	must(s.t, err)
	if strings.Contains(file.String(), "mail.example") {
		s.t.Error("the bundle can be read")
	}
	dir := s.t.TempDir()
	r, err := sealed.NewReader(&file, dir)
	must(s.t, err)
	done, err := r.Open(s.t.Context(), dir, s.policy(), []age.Identity{holder}, noWatch, each)
	must(s.t, err)
	return r, done
}

func TestBundleOpensWithEitherIdentityAndItsNumbersComeBack(t *testing.T) {
	runIn(t, sealedMode, func(t *testing.T, s *testSite) {
		for i := range 12 {
			s.sign("petition", "Ana", fmt.Sprintf("ana%d@mail.example", i))
		}
		gone := s.sign("petition", "Bo", "bo@mail.example")
		s.sign("pledge", "Cy", "cy@mail.example")
		s.tick()
		must(t, s.Withdraw(t.Context(), gone, s.mine(gone).ID))
		s.tick()
		s.sign("petition", "Late", "late@mail.example") // not in the published log yet
		var numbers bytes.Buffer
		for _, holder := range holders() {
			names, last := map[string]int{}, int64(-1)
			r, done := s.bundle("petition", holder, func(index int64, record *sealed.Record) error {
				names[record.Signature.Person.GivenName]++
				if index <= last {
					t.Errorf("entry %d after %d", index, last)
				}
				last = index
				return nil
			})
			if done.Rows != 12 || done.Delivered != 12 || done.Others != 0 || done.Wrong != nil || len(names) != 1 || names["Ana"] != 12 {
				t.Errorf("opened %+v: %v", done, names)
			}
			numbers.Reset()
			must(t, r.WriteSeats(&numbers, done))
		}
		text := numbers.String()
		counts, err := s.TakeSeatCounts(t.Context(), undersigned.UserID{}, strings.NewReader(text), origin)
		must(t, err)
		whole, split, _ := counts.Of("MA")
		if whole != 10 || split != 0 {
			t.Errorf("%+v", counts)
		}
		must(t, s.CountSeats(t.Context(), true))
		must(t, s.DB.View(t.Context(), func(tx *store.Tx) error {
			all, err := tx.SeatCounts("MA")
			if whole, _, _ := all[s.action("petition").PID].Of("MA"); whole != 10 {
				t.Errorf("the numbers are not there: %+v", all)
			}
			return err
		}))
		for what, wrong := range map[string]string{
			"another form":     strings.Replace(text, "undersigned-seats/v1", "x", 1),
			"another site":     strings.Replace(text, origin, "other.example/log", 1),
			"another petition": strings.Replace(text, s.action("petition").PID, "00000000000000ff", 1),
			"single people":    strings.Replace(text, `"at_least": 10`, `"at_least": 9`, 1),
			"no seat":          strings.Replace(text, `"seat": "MA"`, `"seat": "Massachusetts"`, 1),
			"a larger log":     strings.Replace(text, fmt.Sprintf(`"size": %d`, counts.LogSize), `"size": 99999`, 1),
			"an older count":   strings.Replace(text, fmt.Sprintf(`"size": %d`, counts.LogSize), `"size": 1`, 1),
			"nothing":          "",
		} {
			if _, err := s.TakeSeatCounts(t.Context(), undersigned.UserID{}, strings.NewReader(wrong), origin); err == nil || wrong == text {
				t.Errorf("%s was taken", what)
			}
		}
	})
}

func TestModeChangesOnlyWhileNobodyHasSigned(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		link := s.request("petition", "Ana", "ana@mail.example")
		other := newNode(t, s.DB, s.clock, s.Keys)
		other.mode = sealedMode
		other.load(testContent())
		other.mode = defaultMode
		other.load(testContent())
		other.mode = sealedMode
		other.load(testContent())
		// The link was made before, and this node has not heard of the change: what is confirmed now is sealed all the same.
		s.confirm(link, Counted)
		if rows := storetest.Signatures(t, s.DB); len(rows) != 1 || !sealed.IsSealed(rows[0].Sealed) {
			t.Fatal("a row of a sealed issue is not sealed")
		}
		if _, err := s.Import(t.Context(), undersigned.UserID{}, testContent(), true); err == nil || !strings.Contains(err.Error(), "people have signed cause/petition") {
			t.Errorf("the mode is changed under those who signed: %v", err)
		}
		// Other recipients are for new rows.
		third, err := age.GenerateX25519Identity()
		must(t, err)
		changed := testContent()
		changed.Issue.SealTo = []string{holders()[1].Recipient().String(), third.Recipient().String()}
		s.load(changed)
		s.confirm(s.request("petition", "Bo", "bo@mail.example"), Counted)
		must(t, s.seq.Tick(t.Context()))
		for holder, want := range map[*age.X25519Identity][2]int64{holders()[0]: {1, 1}, holders()[1]: {2, 0}, third: {1, 1}} {
			_, done := s.bundle("petition", holder, func(int64, *sealed.Record) error { return nil })
			if done.Rows != want[0] || done.Others != want[1] || done.Wrong != nil {
				t.Errorf("%+v, want %v", done, want)
			}
		}
	})
}

func TestBundleOfAnIssueThatIsNotSealedIsRefused(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		for _, slug := range []string{"petition", "elsewhere", "nothing"} {
			if _, err := s.WriteBundle(t.Context(), "cause", slug, "", &bytes.Buffer{}, s.policy(), noWatch); err == nil {
				t.Errorf("a bundle of %s", slug)
			}
		}
	})
}
