package action

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/undersigned/undersigned/internal/sealed"
	"github.com/undersigned/undersigned/translog"
)

// What the holders of the identities make of a bundle, far from the server, is what the server makes of a petition that is not
// sealed, byte for byte: lists and letters for each office, the page, the map.
func TestPacketMadeFromABundleIsTheServersOwn(t *testing.T) {
	packets := map[string]map[string]string{}
	runModes(t, func(t *testing.T, s *testSite) {
		content := testContent()
		content.Issue.Organizer, content.Issue.Contact = "The <Center>", "office@cause.example"
		s.load(content)
		for i := range 12 {
			s.signFrom(fmt.Sprintf("Whole%c", 'a'+i), "US", "02148")
			s.tick() // so that both are in one order
		}
		s.signFrom("Split", "US", "02139-4307")
		s.tick()
		s.signFrom("Abroad", "MX", "02148")
		s.tick()
		s.signFrom("Nowhere", "US", "02999")
		s.tick()
		silent := s.input("petition", "Silent", "silent@mail.example")
		silent.Form.Deliver, silent.Form.PostalCode = false, "02148"
		must(t, s.SignPetition(t.Context(), silent))
		s.work()
		s.confirm(tokenIn(t, s.box.mails[len(s.box.mails)-1], "/confirm/"), Counted)
		s.tick()
		dir := filepath.Join(t.TempDir(), "packet")
		if s.mode == defaultMode {
			_, err := s.WritePacket(t.Context(), s.order("petition", dir), noWatch)
			must(t, err)
		} else {
			s.packetOfBundle(dir)
		}
		packets[s.mode+s.DB.Engine()] = contents(t, dir, s.action("petition").PID)
	})
	want := packets[defaultMode+"sqlite"]
	if len(want) != 13 { // rows, openings, README, page, letters; four offices with two files each
		t.Errorf("a packet of %q", slices.Sorted(maps.Keys(want)))
	}
	for kind, got := range packets {
		for name, text := range want {
			if got[name] != text {
				t.Errorf("%s: %s differs: %s", kind, name, firstDifference(text, got[name]))
			}
		}
		if len(got) != len(want) {
			t.Errorf("%s: %q", kind, slices.Sorted(maps.Keys(got)))
		}
	}
}

// packetOfBundle makes a packet as the holder of an identity does.
func (s *testSite) packetOfBundle(dir string) {
	s.t.Helper()
	var file bytes.Buffer
	_, err := s.WriteBundle(s.t.Context(), "cause", "petition", "https://cause.example", &file, s.policy(), noWatch)
	must(s.t, err)
	log := s.t.TempDir()
	r, err := sealed.NewReader(&file, log)
	must(s.t, err)
	opened, done, err := r.Packet(s.t.Context(), dir, log, s.policy(), []age.Identity{holders()[1]}, noWatch)
	must(s.t, err)
	if opened.Rows != 16 || opened.Delivered != 15 || done.Rows != 15 || done.Offices != 4 || done.Counted != 16 {
		s.t.Errorf("%+v, %+v", opened, done)
	}
}

var logKeyIn = regexp.MustCompile(`cause\.example/log(\+|&#43;)[^']*`)

// contents reads a packet without its log. What differs from one petition to another is taken out: its id, what opens its entries,
// and the key of its log.
func contents(t *testing.T, dir, pid string) map[string]string {
	t.Helper()
	files := map[string]string{}
	must(t, fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text := logKeyIn.ReplaceAllString(strings.ReplaceAll(read(t, dir, name), pid, "PID"), "KEY")
		if filepath.Base(name) == translog.PacketOpenings {
			text = fmt.Sprint(strings.Count(text, "\nindex "), " openings")
		}
		if !strings.HasPrefix(name, translog.PacketLog+"/") {
			files[name] = text
		}
		return nil
	}))
	return files
}

// firstDifference gives the first line that two texts do not share.
func firstDifference(a, b string) string {
	one, two := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(one), len(two)) {
		if one[i] != two[i] {
			return fmt.Sprintf("%q, %q", one[i], two[i])
		}
	}
	return fmt.Sprintf("%d and %d lines", len(one), len(two))
}
