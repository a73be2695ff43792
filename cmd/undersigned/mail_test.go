package main

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/emersion/go-smtp"
)

// On SQLite a mail that waits for another try is due at once when the program starts: no other process can hold it. So
// these tests start the program anew where a person would wait a minute.

func TestMailThatIsRefusedIsGivenUp(t *testing.T) {
	t.Parallel()
	mails := newMailServer(t)
	var refused atomic.Int64
	mails.rcpt = func(to string, _ net.Conn) error {
		if to != "nobody@mail.example" {
			return nil
		}
		refused.Add(1)
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such mailbox nobody@mail.example"}
	}
	p := newProgram(t, "--smtp-url", mails.url())
	p.start()
	db := p.rows()
	p.sign(t, petition, "nobody@mail.example")
	eventually(t, "the refused mail's job is erased", func() bool {
		return refused.Load() > 0 && number(t, db, "select count(*) from job") == 0
	})
	p.terminate()
	p.start()
	p.sign(t, petition, "somebody@mail.example")
	if l := mails.next("a mail after one was refused"); l.to != "somebody@mail.example" || refused.Load() != 1 {
		t.Errorf("a mail to %s; the refused one was tried %d times", l.to, refused.Load())
	}
	if p.said.times("nobody@") > 0 {
		t.Error("the log quotes an address")
	}
	p.wantNoErrors()
}

func TestMailThatIsPutOffComesLaterUnderTheSameID(t *testing.T) {
	t.Parallel()
	mails := newMailServer(t)
	first := make(chan letter, 1)
	mails.text = func(l letter, _ net.Conn) error {
		select {
		case first <- l:
			return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "Come back later"}
		default: // seen before
			return nil
		}
	}
	p := newProgram(t, "--smtp-url", mails.url())
	p.start()
	p.sign(t, petition, "ana@mail.example")
	eventually(t, "the mail is put off", func() bool { return p.said.times("a mail has to wait") == 1 })
	p.terminate()
	p.start()
	l, before := mails.next("the mail that was put off"), <-first
	if l.id != before.id {
		t.Errorf("first it was %s, then %s", before.id, l.id)
	}
	wantOneSignature(t, p, mails, l)
}

func TestMailThatMayHaveArrivedComesOnceMoreAndMakesOneSignature(t *testing.T) {
	t.Parallel()
	for name, interrupt := range map[string]func(p *program, conn net.Conn){
		"the server hangs up in place of its yes": func(_ *program, conn net.Conn) { conn.Close() },
		"the program is killed before the yes":    func(p *program, _ net.Conn) { _ = p.cmd.Process.Kill() },
	} {
		t.Run(name, func(t *testing.T) {
			mails := newMailServer(t)
			p := newProgram(t, "--smtp-url", mails.url())
			var tries atomic.Int64
			mails.text = func(_ letter, conn net.Conn) error {
				if tries.Add(1) == 1 {
					interrupt(p, conn)
				}
				return nil // the mail is in the mailbox, and nobody will hear of it
			}
			p.start()
			p.sign(t, petition, "ana@mail.example")
			first := mails.next("the first mail")
			if strings.Contains(name, "killed") {
				_ = p.wait()
			} else {
				eventually(t, "the mail is put off", func() bool { return p.said.times("a mail has to wait") == 1 })
				p.terminate()
			}
			p.start()
			second := mails.next("the mail once more")
			if first.id != second.id {
				t.Errorf("two mails about one signing have the Message-IDs %s and %s", first.id, second.id)
			}
			wantOneSignature(t, p, mails, first, second)
		})
	}
}

// wantOneSignature presses the buttons of all mails that came, withdraws, and presses them again: whichever link it is,
// it stands for the same one signature.
func wantOneSignature(t *testing.T, p *program, mails *mailServer, letters ...letter) {
	t.Helper()
	if all := mails.all(); !slices.Equal(all, letters) {
		t.Errorf("the mailbox has %d mails, want %d", len(all), len(letters))
	}
	db, my := p.rows(), ""
	for i, l := range letters {
		page := p.press(t, l.link)
		want := english.T("confirm.counted.title")
		if i > 0 {
			want = english.T("confirm.already.title")
		}
		if !strings.Contains(page.body, want) {
			t.Errorf("mail %d: not %q", i+1, want)
		}
		my, _ = between(page.body, `href="/my/`, `"`)
	}
	id, _ := between(p.mustGet(t, "/my/"+my).body, `name="id" value="`, `"`)
	if _, err := p.post("/my/"+my+"/withdraw", url.Values{"id": {id}}); err != nil {
		t.Fatal(err)
	}
	for i, l := range letters {
		if page := p.press(t, l.link); !strings.Contains(page.body, english.T("confirm.withdrawn.title")) {
			t.Errorf("mail %d signs again after a withdrawal", i+1)
		}
	}
	if n := number(t, db, "select count(*) from signature"); n != 1 {
		t.Errorf("%d rows", n)
	}
}

func TestConnectionThatTheMailServerDropsAfterItsYesIsReplacedAtOnce(t *testing.T) {
	t.Parallel()
	mails := newMailServer(t)
	p := newProgram(t, "--smtp-url", mails.url())
	p.start()
	db := p.rows()
	for i := range 3 {
		p.sign(t, petition, fmt.Sprintf("reader%d@mail.example", i))
		mails.next("a mail after a dropped connection")
		eventually(t, "the mail's job is erased", func() bool { return number(t, db, "select count(*) from job") == 0 })
		mails.hangUp()
	}
	if n := p.said.times("a mail has to wait"); n > 0 || len(mails.all()) != 3 {
		t.Errorf("%d mails had to wait, %d came", n, len(mails.all()))
	}
}

func TestMailsWaitForAMailServerThatIsGone(t *testing.T) {
	t.Parallel()
	mails := newMailServer(t)
	p := newProgram(t, "--smtp-url", mails.url())
	p.start()
	mails.close()
	want := []string{"a@mail.example", "b@mail.example", "c@mail.example"}
	for _, email := range want {
		p.sign(t, petition, email)
	}
	eventually(t, "every mail is put off", func() bool { return p.said.times("a mail has to wait") == len(want) })
	p.mustGet(t, petition) // reading and signing go on
	p.terminate()
	mails.open(mails.addr)
	p.start()
	var came []string
	for range want {
		came = append(came, mails.next("the mails that waited").to)
	}
	if slices.Sort(came); !slices.Equal(came, want) {
		t.Errorf("mails came to %v", came)
	}
	p.wantNoErrors()
}
