package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/emersion/go-smtp"
)

// offices is how many addressees the letter of these tests has.
const offices = 50

const officeLetter = "/water/write"

// newLetterProgram is a program with a letter to many offices.
func newLetterProgram(t *testing.T, mails *mailServer) *program {
	t.Helper()
	pack := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(pack, name)
		must(t, os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644))
	}
	write("issue.md", "---\nslug: water\nlanguages: [en]\ntimezone: America/New_York\ntitle: Water\nsummary: Water for all.\n---\n\nWater is life.\n")
	letter := "---\nkind: letter\ntitle: Write\nask: Please write.\nsubject: Water\nwords: Please keep the water clean.\naddressees:\n"
	for i := range offices {
		letter += fmt.Sprintf("  - slug: office-%d\n    name: Office %d\n    role: Director\n    email: director@office%d.example\n", i, i, i)
	}
	write("actions/write.md", letter+"---\n\nBecause.\n")
	p := newProgram(t, "--smtp-url", mails.url(), "--letters-per-minute", "60000")
	if out, err := exec.Command("undersigned", "import", pack, "--data", p.dir).CombinedOutput(); err != nil {
		t.Fatalf("import: %v\n%s", err, out)
	}
	return p
}

// asksToSend sends the form of somebody's letter and gives the link that comes by mail.
func (p *program) asksToSend(t *testing.T, mails *mailServer, email string) (link string) {
	t.Helper()
	form := url.Values{"subject": {"Water"}, "text": {"The river behind our house is brown."}}
	page, err := p.post(officeLetter, form)
	must(t, err)
	token, ok := between(page.body, `name="outreach" value="`, `"`)
	if !ok {
		t.Fatalf("the page of a letter was answered %d", page.status)
	}
	form.Set("outreach", token)
	form.Set("given_name", "Ana")
	form.Set("email", email)
	if a, err := p.post(officeLetter, form); err != nil || a.status != http.StatusSeeOther {
		t.Fatalf("send a letter: %+v %v", a, err)
	}
	for {
		if l := mails.next("the mail to the writer"); l.to == email {
			return l.link
		}
	}
}

// office tells whether an address is an office's.
func office(to string) bool { return strings.HasPrefix(to, "director@office") }

// letters are those that offices have got, by address and Message-ID.
func (m *mailServer) letters() map[string]int {
	got := map[string]int{}
	for _, l := range m.all() {
		if office(l.to) {
			got[l.to+" "+l.id]++
		}
	}
	return got
}

// Writers and kills of the test below; `make torture` has 2,000 letters and a kill for each hundred.
var letterWriters, letterKills = 6, 3

func TestKilledInTheMiddleOfItsLettersNoOfficeGetsOneTwice(t *testing.T) {
	t.Parallel()
	mails := newMailServer(t)
	p := newLetterProgram(t, mails)
	p.start()
	var links []string
	for i := range letterWriters {
		links = append(links, p.asksToSend(t, mails, fmt.Sprintf("writer%d@mail.example", i)))
	}
	var came atomic.Int64
	mails.text = func(l letter, _ net.Conn) error {
		if office(l.to) {
			came.Add(1)
		}
		return nil
	}
	for _, link := range links {
		if a := p.press(t, link); a.status != http.StatusOK {
			t.Fatalf("the button was answered %d", a.status)
		}
	}
	all := int64(letterWriters * offices)
	for i := range letterKills {
		eventually(t, "letters go out", func() bool { return came.Load() >= all*int64(i+1)/int64(letterKills+2) })
		p.kill()
		p.start()
	}
	db := p.rows()
	eventually(t, "every letter has ended", func() bool { return number(t, db, "select count(*) from delivery where state = 'queued'") == 0 })
	eventually(t, "no job is left", func() bool { return number(t, db, "select count(*) from job") == 0 })
	first := mails.letters()
	for key, n := range first {
		if n != 1 {
			t.Errorf("%s came %d times", key, n)
		}
	}
	accepted := number(t, db, "select count(*) from delivery where state = 'accepted'")
	unanswered := number(t, db, "select count(*) from delivery where state = 'handed over' and unanswered = 1")
	missing := all - int64(len(first))
	t.Logf("%d letters, %d kills: %d came, none twice; %d accepted, %d unanswered, of which %d did not come", all, letterKills, len(first), accepted, unanswered, missing)
	if accepted+unanswered != all || missing > unanswered || accepted > int64(len(first)) {
		t.Errorf("%d accepted, %d unanswered, %d came, of %d", accepted, unanswered, len(first), all)
	}
	if kept := number(t, db, `select count(*) from letter where (sealed is null) =
		exists (select 1 from delivery where outreach = letter.outreach and state <> 'accepted')`); kept != 0 {
		t.Errorf("the words of %d letters are erased too early, or kept too long", kept)
	}
	// Their writers have them sent once more: now every office has its letter, and those twice where the first one had come.
	var asked int64
	for _, link := range links {
		asked += p.writesAgain(t, link)
	}
	eventually(t, "every letter is accepted", func() bool { return number(t, db, "select count(*) from delivery where state = 'accepted'") == all })
	if n := number(t, db, "select count(*) from delivery where again <> ''"); asked != unanswered || n != asked {
		t.Errorf("%d were sent once more, %d asked for, %d unanswered", n, asked, unanswered)
	}
	var twice int64
	last := mails.letters()
	for _, n := range last {
		twice += int64(n - 1)
	}
	if int64(len(last)) != all || twice != unanswered-missing {
		t.Errorf("in the end %d offices have a letter and %d have two", len(last), twice)
	}
	if words := number(t, db, "select count(*) from letter where sealed is not null"); words != 0 {
		t.Errorf("the words of %d letters are still kept", words)
	}
	p.wantNoErrors()
}

var again = regexp.MustCompile(`action="([^"]+/again)"[\s\S]*?name="letter" value="([^"]+)"[\s\S]*?name="target" value="([^"]+)"`)

// writesAgain presses, twice, each button that sends a letter once more.
func (p *program) writesAgain(t *testing.T, link string) (n int64) {
	t.Helper()
	for _, button := range again.FindAllStringSubmatch(p.mustGet(t, link).body, -1) {
		for range 2 {
			if a, err := p.post(button[1], url.Values{"letter": {button[2]}, "target": {button[3]}}); err != nil || a.status != http.StatusSeeOther {
				t.Fatalf("send it once more: %+v %v", a, err)
			}
		}
		n++
	}
	return n
}

func TestEachRecipientOfALetterHasItsOwnFate(t *testing.T) {
	t.Parallel()
	mails := newMailServer(t)
	var hungUp atomic.Int64
	mails.rcpt = func(to string, _ net.Conn) error {
		if to == "director@office7.example" {
			return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such mailbox " + to}
		}
		return nil
	}
	mails.text = func(l letter, conn net.Conn) error {
		switch l.to {
		case "director@office8.example": // it has the letter, and goes away without a word
			hungUp.Add(1)
			conn.Close()
		case "director@office9.example":
			return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "No, Ana"}
		case "director@office10.example":
			return errors.New("a reply without a meaning")
		}
		return nil
	}
	p := newLetterProgram(t, mails)
	p.start()
	link := p.asksToSend(t, mails, "ana@mail.example")
	p.press(t, link)
	db := p.rows()
	eventually(t, "every letter has ended", func() bool {
		return number(t, db, "select count(*) from delivery where state = 'queued'") <= 1 && number(t, db, "select count(*) from job") <= 1
	})
	p.terminate()
	p.start()
	for state, want := range map[string]int64{"refused": 2, "handed over": 1} {
		if n := number(t, db, "select count(*) from delivery where state = '"+state+"'"); n < want {
			t.Errorf("%d are %s, want %d", n, state, want)
		}
	}
	if n := number(t, db, "select count(*) from delivery where state = 'accepted' and reply like '250 %'"); n != offices-4 {
		t.Errorf("%d are accepted with a reply, want %d", n, offices-4)
	}
	if n := number(t, db, "select count(*) from delivery where state = 'refused' and reply in ('550 5.1.1', '554 5.7.1')"); n < 2 {
		t.Errorf("%d are refused with a code", n)
	}
	if n := number(t, db, "select count(*) from delivery where reply like '%Ana%' or reply like '%@%'"); n != 0 || hungUp.Load() != 1 {
		t.Errorf("%d replies name a person; the one that hung up was tried %d times", n, hungUp.Load())
	}
	for key, n := range mails.letters() {
		if n != 1 {
			t.Errorf("%s came %d times", key, n)
		}
	}
	page := p.mustGet(t, link).body
	for _, want := range []string{english.T("delivery.refused"), english.T("delivery.unanswered"), english.T("delivery.accepted")} {
		if !strings.Contains(page, want) {
			t.Errorf("the writer is not told %q", want)
		}
	}
}
