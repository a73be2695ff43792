package pack

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/undersigned/undersigned"
)

const (
	plainIssue = "---\nslug: clean-water\nlanguages: [en, es]\ntimezone: America/New_York\n" +
		"title: Clean Water\nsummary: Water for all.\n---\n\nWater is life.\n"
	plainAction = "---\nkind: petition\ntitle: Sign\nask: We ask.\n---\n"
	plainBill   = "---\ntitle: Water Act\nstage: in_committee\nas_of: 2026-01-01\n---\n"

	recipientA = "age1q9jgw6kzds0frkzzk0f4e88jr3scmrrvcur0jlcyq2ds6tentajs9ah58r"
	recipientB = "age12kanpqv5cukmnc49r96hdx2vya53kqwfzvv0mg0kzzlpl7n8a90qkm06ev"
)

// small is a pack of three files and those given; an empty text takes a file away.
func small(more map[string]string) fstest.MapFS {
	files := map[string]string{"issue.md": plainIssue, "actions/sign.md": plainAction, "bills/119-hr-1.md": plainBill}
	for name, text := range more {
		files[name] = text
	}
	fsys := fstest.MapFS{}
	for name, text := range files {
		if text != "" {
			fsys[name] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	return fsys
}

// with puts a line into the front matter of a file, as its second line.
func with(text, line string) string { return strings.Replace(text, "---\n", "---\n"+line+"\n", 1) }

// toThem is a letter to addressees of its own, whose fields are given; x begins another one.
func toThem(fields ...string) string {
	text := "---\nkind: letter\ntitle: T\nask: A\nwords: W\naddressees:\n  - slug: governor\n"
	for _, f := range fields {
		if f == "x" {
			text += "  - slug: governor\n"
			continue
		}
		text += "    " + f + "\n"
	}
	return text + "---\n"
}

func TestEachFaultNamesFileLineAndField(t *testing.T) {
	replace := func(text, old, new string) string {
		if !strings.Contains(text, old) {
			t.Fatalf("%q is not in the text", old)
		}
		return strings.Replace(text, old, new, 1)
	}
	organization := "---\nname: Us\nas_of: 2026-01-01\n---\n\nWe.\n"
	resource := "---\nshelf: learn\nkind: film\nas_of: 2026-01-01\ntitle: Film\n---\n\nSee it.\n"
	for _, test := range []struct {
		name, file, text string
		want             string // the error up to what was expected
	}{
		{"no issue", "issue.md", "", "issue.md: want this file"},
		{"unknown field", "actions/sign.md", with(plainAction, "gaol: 5"), "actions/sign.md:2: gaol: want a field"},
		{"duplicate key", "actions/sign.md", replace(plainAction, "title: Sign\n", "title: Sign\ntitle: Two\n"), "actions/sign.md:4: title: want this field only once"},
		{"number for text", "actions/sign.md", replace(plainAction, "title: Sign", "title: 2012"), "actions/sign.md:3: title: want a text"},
		{"list for text", "actions/sign.md", replace(plainAction, "title: Sign", "title: [a]"), "actions/sign.md:3: title: want a text"},
		{"empty text", "actions/sign.md", replace(plainAction, "title: Sign", "title: \"\""), "actions/sign.md:3: title: want a text that is not empty"},
		{"two lines", "actions/sign.md", replace(plainAction, "title: Sign", "title: \"a\\nb\""), "actions/sign.md:3: title: want a text of one line"},
		{"escaped zero byte", "actions/sign.md", replace(plainAction, "title: Sign", "title: \"a\\0b\""), "actions/sign.md:3: title: want a text without control"},
		{"missing field", "actions/sign.md", replace(plainAction, "ask: We ask.\n", ""), "actions/sign.md:1: ask: want this field"},
		{"text for number", "actions/sign.md", with(plainAction, "goal: many"), "actions/sign.md:2: goal: want a whole number"},
		{"negative number", "actions/sign.md", with(plainAction, "goal: -5"), "actions/sign.md:2: goal: want a whole number"},
		{"longer than may be", "actions/sign.md", with(plainAction, "keep_days: 91"), "actions/sign.md:2: keep_days: want a whole number"},
		{"not at all", "actions/sign.md", with(plainAction, "keep_days: 0"), "actions/sign.md:2: keep_days: want a whole number"},
		{"huge number", "actions/sign.md", with(plainAction, "goal: 99999999999999999999"), "actions/sign.md:2: goal: want a whole number"},
		{"unknown kind", "actions/sign.md", replace(plainAction, "petition", "vote"), "actions/sign.md:2: kind: want one of petition"},
		{"unknown state", "actions/sign.md", with(plainAction, "state: gone"), "actions/sign.md:2: state: want one of open"},
		{"unknown target", "actions/sign.md", with(plainAction, "targets: [king]"), "actions/sign.md:2: targets: want any of house"},
		{"a day that is none", "actions/sign.md", with(plainAction, "closes: 2026-02-30"), "actions/sign.md:2: closes: want a day"},
		{"a day in another form", "actions/sign.md", with(plainAction, "closes: 3 May 2026"), "actions/sign.md:2: closes: want a day"},
		{"closes before it opens", "actions/sign.md", with(plainAction, "opens: 2026-05-02\ncloses: 2026-05-01"), "actions/sign.md:3: closes: want a day that is not before"},
		{"missing bill", "actions/sign.md", with(plainAction, "bill: {congress: 119, type: hr, number: 2, position: support}"), "actions/sign.md:2: bill: want a bill of this issue"},
		{"bill with no position", "actions/sign.md", with(plainAction, "bill: {congress: 119, type: hr, number: 1}"), "actions/sign.md:2: bill.position: want this field"},
		{"bill of an unknown type", "actions/sign.md", with(plainAction, "bill: {congress: 119, type: xx, number: 1, position: support}"), "actions/sign.md:2: bill.type: want one of hr"},
		{"missing successor", "actions/sign.md", with(plainAction, "successor: other"), "actions/sign.md:2: successor: want another action"},
		{"successor of itself", "actions/sign.md", with(plainAction, "successor: sign"), "actions/sign.md:2: successor: want another action"},
		{"goal of a letter", "actions/sign.md", "---\nkind: letter\ntitle: T\nask: A\nwords: W\ntargets: [house]\ngoal: 5\n---\n", "actions/sign.md:7: goal: want no such field in a letter"},
		{"letter without words", "actions/sign.md", "---\nkind: letter\ntitle: T\nask: A\ntargets: [house]\n---\n", "actions/sign.md:1: words: want this field"},
		{"addressee whose address has no @", "actions/sign.md", toThem("name: Ana Gómez", "role: Governor", "email: office.example.org"), "actions/sign.md:10: addressees[1].email: want an e-mail address"},
		{"addressees with two columns swapped", "actions/sign.md", toThem("name: office@example.org", "role: Governor", "email: Ana Gómez"), "actions/sign.md:8: addressees[1].name: want the name in words"},
		{"addressee with telephone and role swapped", "actions/sign.md", toThem("name: Ana Gómez", "role: 617-555-0100", "phone: Governor"), "actions/sign.md:9: addressees[1].role: want the role in words"},
		{"addressee whose telephone is a word", "actions/sign.md", toThem("name: Ana Gómez", "role: Governor", "phone: Governor"), "actions/sign.md:10: addressees[1].phone: want a number"},
		{"addressee with an e-mail for an address", "actions/sign.md", toThem("name: Ana Gómez", "role: Governor", "address: office@example.org"), "actions/sign.md:10: addressees[1].address: want an address for letters"},
		{"addressee nobody can reach", "actions/sign.md", toThem("name: Ana Gómez", "role: Governor"), "actions/sign.md:7: addressees[1].email: want a way"},
		{"addressee without a role", "actions/sign.md", toThem("name: Ana Gómez", "email: a@example.org"), "actions/sign.md:7: addressees[1].role: want this field"},
		{"addressee twice", "actions/sign.md", toThem("name: A", "role: R", "email: a@example.org", "x", "name: B", "role: R", "email: b@example.org"), "actions/sign.md:11: addressees[2].slug: want each of them"},
		{"addressee of a petition", "actions/sign.md", strings.Replace(strings.Replace(toThem("name: A", "role: R", "email: a@example.org"), "kind: letter", "kind: petition", 1), "words: W\n", "", 1), "actions/sign.md:5: addressees: want no such field but"},
		{"elsewhere without an address", "actions/sign.md", "---\nkind: elsewhere\ntitle: T\nask: A\nowner: O\n---\n", "actions/sign.md:1: url: want this field"},
		{"script address", "actions/sign.md", "---\nkind: elsewhere\ntitle: T\nask: A\nowner: O\nurl: javascript:alert(1)\n---\n", "actions/sign.md:6: url: want an address"},
		{"alias", "actions/sign.md", replace(plainAction, "title: Sign", "title: &a Sign\nowner: *a"), "actions/sign.md:3: title: want a text"},
		{"no front matter", "actions/sign.md", "Sign.\n", "actions/sign.md:1: want a front matter"},
		{"open front matter", "actions/sign.md", "---\nkind: petition\n", "actions/sign.md:1: want a front matter"},
		{"list for front matter", "actions/sign.md", "---\n- a\n---\n", "actions/sign.md:1: want a front matter of lines"},
		{"not UTF-8", "actions/sign.md", plainAction + "\n\xff\n", "actions/sign.md:7: want text in UTF-8"},
		{"zero byte", "actions/sign.md", plainAction + "\x00", "actions/sign.md:6: want a text without control"},
		{"huge file", "actions/sign.md", plainAction + strings.Repeat("a", MaxFile), "actions/sign.md: want at most 1 MB"},
		{"huge front matter", "actions/sign.md", with(plainAction, "# "+strings.Repeat("a", maxFront)), "actions/sign.md:1: want a front matter of at most"},
		{"thousands of brackets", "actions/sign.md", with(plainAction, "targets: "+strings.Repeat("[", 20000)), "actions/sign.md:1: want at most 500 of the marks"},
		{"bad name", "actions/Sign_It.md", plainAction, "actions/Sign_It.md: want a name of"},
		{"name of the help page", "actions/help.md", plainAction, "actions/help.md: want another name"},
		{"name of the sheet", "actions/sheet.md", plainAction, "actions/sheet.md: want another name"},
		{"not Markdown", "actions/sign.txt", "x", "actions/sign.txt: want a Markdown file"},
		{"unknown file", "readme.md", "x", "readme.md: want issue.md or a folder"},
		{"unknown folder", "images/a.md", "x", "images/a.md: want one of the folders"},
		{"undeclared language", "fr/issue.md", plainIssue, "fr/issue.md: want a language declared"},
		{"first language in a folder", "en/issue.md", plainIssue, "en/issue.md: want the first language"},
		{"translation of nothing", "es/actions/other.md", "---\ntitle: T\nask: A\n---\n", "es/actions/other.md: want a translation of"},
		{"more than words in a translation", "es/actions/sign.md", "---\ntitle: T\nask: A\ngoal: 3\n---\n", "es/actions/sign.md:4: goal: want a field"},
		{"reserved slug", "issue.md", replace(plainIssue, "clean-water", "admin"), "issue.md:2: slug: want an address that"},
		{"bad slug", "issue.md", replace(plainIssue, "clean-water", "Clean Water"), "issue.md:2: slug: want lower-case"},
		{"no languages", "issue.md", replace(plainIssue, "[en, es]", "[]"), "issue.md:3: languages: want a list"},
		{"bad language", "issue.md", replace(plainIssue, "[en, es]", "[english]"), "issue.md:3: languages: want language codes"},
		{"same language twice", "issue.md", replace(plainIssue, "[en, es]", "[en, en]"), "issue.md:3: languages: want a list of different"},
		{"unknown zone", "issue.md", replace(plainIssue, "America/New_York", "Mars"), "issue.md:4: timezone: want a zone"},
		{"coordinator without an address", "issue.md", with(plainIssue, "coordinator: Ann"), "issue.md:2: coordinator: want an e-mail"},
		{"one recipient", "issue.md", with(plainIssue, "seal_to: ["+recipientA+"]"), "issue.md:2: seal_to: want two or more different age recipients"},
		{"one recipient twice", "issue.md", with(plainIssue, "seal_to: ["+recipientA+", "+recipientA+"]"), "issue.md:2: seal_to: want two or more different"},
		{"recipients that are none", "issue.md", with(plainIssue, "seal_to: ["+recipientA+", age1nonsense]"), "issue.md:2: seal_to: want age recipients"},
		{"identities for recipients", "issue.md", with(plainIssue, "seal_to: [AGE-SECRET-KEY-1, AGE-SECRET-KEY-2]"), "issue.md:2: seal_to: want age recipients"},
		{"no recipients", "issue.md", with(plainIssue, "seal_to: []"), "issue.md:2: seal_to: want a list"},
		{"news that are neither", "issue.md", with(plainIssue, "news: {bill: maybe}"), "issue.md:2: news.bill: want true or false"},
		{"news of something else", "issue.md", with(plainIssue, "news: {weather: true}"), "issue.md:2: news.weather: want a field"},
		{"news of nothing", "issue.md", with(plainIssue, "news: all"), "issue.md:2: news: want fields"},
		{"unknown section", "issue.md", with(plainIssue, "sections:\n  - id: shop\n    title: Shop"), "issue.md:3: sections[1].id: want one of act"},
		{"section twice", "issue.md", with(plainIssue, "sections:\n  - id: act\n    title: A\n  - id: act\n    title: B"), "issue.md:5: sections[2].id: want each of them"},
		{"other sections in a translation", "es/issue.md", "---\ntitle: T\nsummary: S\nsections:\n  - id: act\n    title: A\n---\n\nB\n", "es/issue.md:4: sections: want the sections"},
		{"bill that a source says died", "bills/119-hr-1.md", replace(plainBill, "in_committee", "died"), "bills/119-hr-1.md:3: stage: want one of"},
		{"bad bill name", "bills/119hr1.md", plainBill, "bills/119hr1.md: want a name like"},
		{"bad public law", "bills/119-hr-1.md", with(plainBill, "successors:\n  - title: T\n    public_law: one"), "bills/119-hr-1.md:4: successors[1].public_law: want a public law"},
		{"successor of no kind", "bills/119-hr-1.md", with(plainBill, "successors:\n  - title: T"), "bills/119-hr-1.md:3: successors[1].bill: want a bill or"},
		{"translated event of another day", "es/bills/119-hr-1.md", "---\nevents:\n  - date: 2026-01-01\n    text: T\n---\n", "es/bills/119-hr-1.md:2: events: want all 0 events"},
		{"organisation of an unknown kind", "organizations/us.md", with(organization, "kind: club"), "organizations/us.md:2: kind: want one of advocacy"},
		{"organisation with a number for a language", "organizations/us.md", with(organization, "languages: [english]"), "organizations/us.md:2: languages: want language codes"},
		{"organisation with a telephone that is none", "organizations/us.md", with(organization, "phone: call us"), "organizations/us.md:2: phone: want a number as it is dialled"},
		{"organisation with an e-mail that is none", "organizations/us.md", with(organization, "email: us"), "organizations/us.md:2: email: want an e-mail address"},
		{"verified by nobody", "organizations/us.md", with(organization, "verified_on: 2026-01-01"), "organizations/us.md:2: verified_on: want both the day"},
		{"an address too long", "organizations/us.md", with(organization, "url: https://example.org/"+strings.Repeat("x", 2000)), "organizations/us.md:2: url: want an address of at most 2,000"},
		{"a copy that is no address", "resources/film.md", with(resource, "links:\n  - url: https://example.org/\n    archived: here"), "resources/film.md:4: links[1].archived: want an address"},
		{"prepares for nothing", "resources/film.md", with(resource, "prepares: nothing"), "resources/film.md:2: prepares: want an action of this issue"},
		{"organisation without a text", "organizations/us.md", replace(organization, "We.", ""), "organizations/us.md:1: want a text below"},
		{"campaign that only a translation has", "es/organizations/us.md", "---\ncampaigns:\n  - slug: x\n    body: B\n---\n\nN\n", "es/organizations/us.md:3: campaigns[1].slug: want a campaign"},
		{"unknown shelf", "resources/film.md", replace(resource, "learn", "top"), "resources/film.md:2: shelf: want one of learn"},
		{"bad telephone number", "resources/film.md", with(resource, "phone: call us"), "resources/film.md:2: phone: want a number"},
		{"a name for another link", "es/resources/film.md", "---\ntitle: T\nlinks:\n  - url: https://example.org/\n    label: L\n---\n\nB\n", "es/resources/film.md:4: links[1].url: want the address of one of the links"},
		{"a translated link without a name", "es/resources/film.md", "---\ntitle: T\nlinks:\n  - url: https://example.org/\n---\n\nB\n", "es/resources/film.md:4: links[1].label: want this field"},
		{"link without an address", "resources/film.md", with(resource, "links:\n  - label: L"), "resources/film.md:3: links[1].url: want this field"},
	} {
		t.Run(test.name, func(t *testing.T) {
			fsys := small(map[string]string{"organizations/us.md": organization, "resources/film.md": resource})
			if test.text == "" {
				delete(fsys, test.file)
			} else {
				fsys[test.file] = &fstest.MapFile{Data: []byte(test.text)}
			}
			content, err := Read(fsys)
			var fault *Error
			if !errors.As(err, &fault) || content != nil {
				t.Fatalf("got %v and the error %v, want nothing and a fault", content, err)
			}
			for line := range strings.SplitSeq(err.Error(), "\n") {
				if strings.HasPrefix(line, test.want) {
					return
				}
			}
			t.Errorf("got the error\n%v\nwant one that begins\n%s", err, test.want)
		})
	}
}

func TestFaultsAreToldTogetherUpToTwenty(t *testing.T) {
	more := map[string]string{}
	for i := range 15 {
		more[fmt.Sprintf("actions/a%d.md", i)] = with(plainAction, "goal: no\nopens: never")
	}
	_, err := Read(small(more))
	var errs Errors
	if !errors.As(err, &errs) || len(errs) != MaxErrors {
		t.Errorf("%d faults are told, want %d", len(errs), MaxErrors)
	}
}

func TestLinksInAPackAreRefused(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"issue.md": plainIssue, "secret": plainAction} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "actions"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../secret", filepath.Join(dir, "actions", "sign.md")); err != nil {
		t.Fatal(err)
	}
	_, err := Read(os.DirFS(dir))
	if err == nil || !strings.Contains(err.Error(), "actions/sign.md: want a plain file") {
		t.Errorf("got %v", err)
	}
}

// unreadable is a disk that fails under one file.
type unreadable struct{ fs.FS }

func (u unreadable) Open(name string) (fs.File, error) {
	if name == "actions/sign.md" {
		return nil, fs.ErrPermission
	}
	return u.FS.Open(name)
}

func TestAFileThatCannotBeReadIsNoFaultOfThePack(t *testing.T) {
	_, err := Read(unreadable{small(nil)})
	if !errors.Is(err, fs.ErrPermission) || errors.As(err, new(Errors)) {
		t.Errorf("got %v, want the error of the disk", err)
	}
}

func TestDaysBeginAndEndInTheIssuesZone(t *testing.T) {
	c, err := Read(small(map[string]string{"actions/sign.md": with(plainAction, "opens: 2026-03-08\ncloses: 2026-11-01")}))
	if err != nil {
		t.Fatal(err)
	}
	a := c.Action("sign")
	// Both are days on which the clocks change.
	if want := time.Date(2026, time.March, 8, 0, 0, 0, 0, undersigned.Eastern); !a.Opens.Equal(want) {
		t.Errorf("opens %s, want %s", a.Opens, want)
	}
	if want := time.Date(2026, time.November, 2, 0, 0, 0, 0, undersigned.Eastern); !a.Closes.Equal(want) {
		t.Errorf("closes %s, want %s", a.Closes, want)
	}
}

func TestDefaultsAndMissingTranslations(t *testing.T) {
	c, err := Read(small(map[string]string{".DS_Store": "\x00", ".git/config": "x"}))
	if err != nil {
		t.Fatal(err)
	}
	a := c.Action("sign")
	if c.Issue.State != undersigned.IssueOpen || a.State != undersigned.ActionOpen || a.Publish != undersigned.Live {
		t.Errorf("the defaults are %s, %s, %s; want open, open, live", c.Issue.State, a.State, a.Publish)
	}
	if len(a.Texts) != 1 || len(c.Issue.Texts) != 1 {
		t.Error("a text was copied into a language that lacks it")
	}
	if a.PID != "" || a.Version != 0 || a.Issue != "clean-water" {
		t.Errorf("the action is %+v", a)
	}
}

func TestWindowsFilesReadLikeAnyOther(t *testing.T) {
	action := with(plainAction, "outcome: |\n  One.\n\n  Two.") + "\nBody.\n"
	unix, err := Read(small(map[string]string{"actions/sign.md": action}))
	if err != nil {
		t.Fatal(err)
	}
	windows, err := Read(small(map[string]string{"actions/sign.md": "\ufeff" + strings.ReplaceAll(action, "\n", "\r\n")}))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := windows.Actions[0].Texts["en"], unix.Actions[0].Texts["en"]; !reflect.DeepEqual(got, want) || want.Outcome != "One.\n\nTwo." {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(plainIssue, plainAction)
	f.Add(plainIssue, "---\nkind: letter\ntitle: >-\n  a\n  b\nwords: |\n  c\n\n  d\n---\nbody")
	f.Add("---\n---\n", "---\n{a: [b, {c: d}]}\n---")
	for zone, day := range map[string]string{"America/Havana": "2026-03-08", "America/Sao_Paulo": "2018-11-04", "Asia/Amman": "2021-10-28"} {
		f.Add(strings.Replace(plainIssue, "America/New_York", zone, 1), with(plainAction, "opens: "+day+"\ncloses: "+day))
	}
	f.Add("--- \n&a *a\n...\n", "---\n? x\n: y\n<<: *z\n---\n")
	f.Fuzz(func(t *testing.T, issue, action string) {
		c, err := Read(small(map[string]string{"issue.md": issue, "actions/sign.md": action}))
		if err != nil {
			return
		}
		first, err := render(c)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		r := &reader{files: first}
		second, err := render(r.content())
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		for name := range first {
			if string(first[name]) != string(second[name]) {
				t.Fatalf("%s changes from\n%s\nto\n%s", name, first[name], second[name])
			}
		}
	})
}
