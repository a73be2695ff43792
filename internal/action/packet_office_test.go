package action

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/undersigned/undersigned/translog"
)

// list reads the list of an office as a spreadsheet does, without its header.
func list(t *testing.T, dir, name string) (rows [][]string) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(read(t, dir, filepath.Join("offices", name, translog.PacketRows)))).ReadAll()
	must(t, err)
	return rows[1:]
}

func names(rows [][]string) string {
	var all []string
	for _, row := range rows {
		all = append(all, strings.Fields(row[2])[0])
	}
	return strings.Join(all, " ")
}

func TestEachOfficeGetsItsOwnConstituents(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		s.signFrom("Whole", "US", "02148")
		s.signFrom("Split", "US", "02139-4307")
		s.signFrom("Abroad", "MX", "02148")
		s.signFrom("Nowhere", "US", "02999")
		leaves := s.signFrom("Leaves", "US", "02148")
		in := s.input("petition", "=cmd|' /C calc'!A", "cell@mail.example")
		in.Form.FamilyName, in.Form.PostalCode = `"+x`, "02148"
		must(t, s.SignPetition(t.Context(), in))
		s.work()
		s.confirm(tokenIn(t, s.box.mails[len(s.box.mails)-1], "/confirm/"), Counted)
		silent := s.input("petition", "Silent", "silent@mail.example")
		silent.Form.Deliver, silent.Form.PostalCode = false, "02148"
		must(t, s.SignPetition(t.Context(), silent))
		s.work()
		s.confirm(tokenIn(t, s.box.mails[len(s.box.mails)-1], "/confirm/"), Counted)
		s.tick()
		must(t, s.Withdraw(t.Context(), leaves, s.mine(leaves).ID))
		s.tick()

		dir := filepath.Join(t.TempDir(), "packet")
		done, err := s.WritePacket(t.Context(), s.order("petition", dir), noWatch)
		must(t, err)
		if done.Rows != 5 || done.Counted != 6 || done.Offices != 4 {
			t.Errorf("%+v", done)
		}
		files, err := os.ReadDir(filepath.Join(dir, "offices"))
		must(t, err)
		var found []string
		for _, f := range files {
			found = append(found, f.Name())
		}
		if want := []string{"MA-05-C001101", "MA-07-P000617", "MA-M000133", "MA-W000817"}; !slices.Equal(found, want) {
			t.Errorf("lists %q", found)
		}
		clark, pressley := list(t, dir, "MA-05-C001101"), list(t, dir, "MA-07-P000617")
		for who, want := range map[string]string{names(clark): "'=cmd|' Split Whole", names(pressley): "Split",
			names(list(t, dir, "MA-W000817")): "'=cmd|' Split Whole"} {
			got := strings.Fields(who)
			if slices.Sort(got); strings.Join(got, " ") != want {
				t.Errorf("%q, want %q", got, want)
			}
		}
		if got := pressley[0][6]; got != "split ZIP: one of 2 districts; counted apart" {
			t.Errorf("assigned %q", got)
		}
		all := read(t, dir, translog.PacketRows)
		log, err := translog.NewClient(filepath.Join(dir, translog.PacketLog))
		must(t, err)
		for _, name := range found {
			r, err := translog.VerifyPacketIn(t.Context(), log, translog.Dir(filepath.Join(dir, "offices", name)), s.policy())
			if err != nil || r.Rows == 0 || r.Counts.Counted != 6 {
				t.Errorf("%s: %+v, %v", name, r, err)
			}
		}
		for _, row := range strings.Split(strings.TrimSpace(read(t, dir, "offices/MA-W000817/rows.csv")), "\n")[1:] {
			if row, found := strings.CutSuffix(row, ",whole ZIP"); !found || !strings.Contains(all, row+"\n") {
				t.Errorf("%q is not in rows", row)
			}
		}
	})
}

func TestPagesForPaperHoldAllTheyNeedAndNobodysName(t *testing.T) {
	run(t, func(t *testing.T, s *testSite) {
		content := testContent()
		content.Issue.Organizer, content.Issue.Contact = "The <Center>", "office@cause.example"
		s.load(content)
		for i := range 12 {
			s.signFrom(fmt.Sprintf("Quintessa%c", 'a'+i), "US", "02148")
		}
		s.signFrom("Quintessaz", "US", "02139")
		s.tick()
		dir := filepath.Join(t.TempDir(), "packet")
		_, err := s.WritePacket(t.Context(), s.order("petition", dir), noWatch)
		must(t, err)
		page, letters := read(t, dir, "index.html"), read(t, dir, "letters.html")
		for _, text := range []string{page, letters} {
			for _, bad := range []string{"src=", "href=", "<script", "<Center>", "Quintessa", "@mail.example"} {
				if strings.Contains(text, bad) {
					t.Errorf("a page holds %q", bad)
				}
			}
			for _, want := range []string{"@page", "Close the centres", "The &lt;Center&gt;", "office@cause.example", "cause.example/log&#43;"} {
				if !strings.Contains(text, want) {
					t.Errorf("a page does not hold %q", want)
				}
			}
		}
		for _, want := range []string{"13 people have signed", "MA, district 5</td><td>Katherine M. Clark</td><td class=\"n\">10+</td><td class=\"n\">&lt; 10</td><td class=\"n\">10+</td>",
			"MA, district 7</td><td>Ayanna Pressley</td><td class=\"n\">&lt; 10</td>", "Because."} {
			if !strings.Contains(page, want) {
				t.Errorf("the page does not say %q:\n%s", want, page)
			}
		}
		for _, want := range []string{"Dear Representative Clark", "Dear Senator Markey", "At least 10", "Enclosed, as the folder offices/MA-05-C001101, are",
			"12 whose ZIP code lies wholly in your district, and 1 whose ZIP code it shares", "https://cause.example/offices/C001101", "United States Senate"} {
			if !strings.Contains(letters, want) {
				t.Errorf("the letters do not say %q:\n%s", want, letters)
			}
		}
		if n := strings.Count(letters, `<section class="letter">`); n != 4 {
			t.Errorf("%d letters", n)
		}
	})
}
