package main

import (
	"bytes"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/emersion/go-smtp"

	"github.com/undersigned/undersigned/internal/testenv"
)

// What nobody may find on the disk, whatever they read it with. None of it stands anywhere in the program.
var canaryFields = url.Values{
	"given_name":  {"Kanarienvogelia"},
	"family_name": {"Zeisigstern"},
	"postal_code": {"ZQ9 7XJ"},
	"country":     {"GB"},
	"comment":     {"Mein Bruder Federleicht singt"},
}

// canary is the site on its disk, and what must not be found there.
type canary struct {
	*program
	t      *testing.T
	disk   *disk
	mails  *mailServer
	secret []string // fields, addresses, links
	cookie string   // of its session at the desk
}

// TestCanaryIsNotFoundOnTheDisk follows one person after another through what can happen to a signature, kills the program
// at each step and reads the disk. `make canary` reads the raw image of a file system, free blocks included; otherwise the
// files are read.
func TestCanaryIsNotFoundOnTheDisk(t *testing.T) {
	t.Run("default mode", func(t *testing.T) { canaryIsNotFound(t, false) })
	t.Run("sealed mode", func(t *testing.T) { canaryIsNotFound(t, true) })
}

func canaryIsNotFound(t *testing.T, sealed bool) {
	c := &canary{t: t, disk: newDisk(t), mails: newMailServer(t)}
	for _, values := range canaryFields {
		if values[0] != "GB" {
			c.secret = append(c.secret, values[0])
		}
	}
	c.program = newProgram(t, "--smtp-url", c.mails.url())
	c.setDir(c.disk.dir)
	c.loadStarter(sealed)
	t.Setenv("TMPDIR", c.disk.dir) // what it might leave there is looked at too
	c.start()

	c.mails.rcpt = func(string, net.Conn) error { return &smtp.SMTPError{Code: 451, Message: "Come back later"} }
	c.signs("ana")
	eventually(t, "the mail is put off", func() bool { return c.said.times("a mail has to wait") == 1 })
	c.look("while the mail waits")

	c.mails.rcpt = nil
	c.start()
	ana := c.letter()
	wrote, offered, corrected := c.writesTo("schreibt"), c.offers("hilft"), c.corrects("verein")
	c.look("between the form and the click")

	c.start()
	c.confirms(ana)
	c.runsTheSite()
	c.mails.rcpt = func(to string, _ net.Conn) error { // the letter and the offer stay on their way
		if to == canaryDirector || to == canaryDesk {
			return &smtp.SMTPError{Code: 451, Message: "Come back later"}
		}
		return nil
	}
	c.press(c.t, wrote.link)
	c.press(c.t, offered.link)
	c.press(c.t, corrected.link)
	c.worksAtTheDesk(sealed)
	for name, form := range map[string]url.Values{"withdraw": {}, "erase": {}, "erase-and-count": {"keep_voice": {"1"}}} {
		c.signs(name)
		c.leaves(c.confirms(c.letter()), strings.TrimSuffix(name, "-and-count"), form)
	}
	c.asksWhatTheySigned("ana")
	c.signs("news")
	c.hears(c.confirms(c.letter()))
	c.tells("send", c.writes(), "--without", "pt")
	if l := c.mails.next("news"); l.to != c.address("news") {
		t.Errorf("news to %s", l.to)
	}
	eventually(t, "letter and offer are put off", func() bool { return c.said.times("has to wait") >= 3 })
	if sealed {
		c.takesOut("bundle")
	} else {
		c.takesOut("signatures", "packet", "offers")
	}
	c.look("after confirmations, a withdrawal, two erasures and news, with a letter and an offer on their way, and work at the desk")

	c.mails.rcpt = nil
	c.start()
	eventually(t, "nothing waits", func() bool { return c.ask("(select count(*) from job)") == "0" })
	c.decides()
	c.look("after letter and offer are delivered and the correction is declined")

	keys := c.keyFiles()
	if len(keys) < 2 {
		t.Fatalf("%d keys of the petition", len(keys))
	}
	c.destroy()
	for _, key := range keys {
		c.secret = append(c.secret, string(key))
	}
	c.look("after the keys were destroyed")
}

// address is one that no other moment uses, so that each can be told apart.
func (c *canary) address(name string) string { return name + "-vogelhaus@canary-7h3x.example" }

func (c *canary) signs(name string) {
	c.t.Helper()
	form := c.form(c.t, petition, c.address(name))
	for field, values := range canaryFields {
		form[field] = values
	}
	if name == "news" { // somebody whose name an office gets
		form.Set("country", "US")
		form.Set("postal_code", "02138")
	}
	c.secret = append(c.secret, c.address(name))
	if a, err := c.post(petition, form); err != nil || a.status != http.StatusSeeOther {
		c.t.Fatalf("sign: %+v %v", a, err)
	}
}

// letter waits for the next mail, whose link is a secret too.
func (c *canary) letter() letter {
	c.t.Helper()
	l := c.mails.next("a mail")
	c.secret = append(c.secret, l.link)
	return l
}

// confirms presses the button, and gives the person's own page.
func (c *canary) confirms(l letter) (my string) {
	c.t.Helper()
	my, ok := between(c.press(c.t, l.link).body, `href="/my/`, `"`)
	if !ok {
		c.t.Fatal("not confirmed")
	}
	c.secret = append(c.secret, my)
	return "/my/" + my
}

// hears presses the button of the box for news.
func (c *canary) hears(my string) {
	c.t.Helper()
	path := my + "/news/" + newsIssue
	consent, ok := between(c.mustGet(c.t, path).body, `name="consent" value="`, `"`)
	if a, err := c.post(path, url.Values{"consent": {consent}}); !ok || err != nil || a.status != http.StatusSeeOther {
		c.t.Fatalf("ask for news: %+v %v", a, err)
	}
}

func (c *canary) leaves(my, how string, form url.Values) {
	c.t.Helper()
	id, _ := between(c.mustGet(c.t, my).body, `name="id" value="`, `"`)
	form.Set("id", id)
	if a, err := c.post(my+"/"+how, form); err != nil || a.status != http.StatusSeeOther {
		c.t.Fatalf("%s: %+v %v", how, a, err)
	}
}

func (c *canary) asksWhatTheySigned(name string) {
	c.t.Helper()
	form, err := c.askFor(c.address(name))
	must(c.t, err)
	if a, err := c.post("/my", form); err != nil || a.status != http.StatusSeeOther {
		c.t.Fatalf("ask: %+v %v", a, err)
	}
	c.letter()
}

// keyFiles reads the petition's keys, as they lie wrapped on the disk.
func (c *canary) keyFiles() (keys [][]byte) {
	c.t.Helper()
	pid := c.ask("pid")
	names, err := filepath.Glob(filepath.Join(c.dir, "keys", "*"+pid+"*"))
	must(c.t, err)
	for _, name := range names {
		key, err := os.ReadFile(name)
		must(c.t, err)
		keys = append(keys, key)
	}
	return keys
}

// destroy lets the petition close and its time run out: its closing is set back behind the program's back.
func (c *canary) destroy() {
	c.t.Helper()
	pack := c.t.TempDir()
	run := func(args ...string) {
		if out, err := exec.Command("undersigned", append(args, "--data", c.dir)...).CombinedOutput(); err != nil {
			c.t.Fatalf("undersigned %v: %v %s", args, err, out)
		}
	}
	run("export", pack)
	file := filepath.Join(pack, "actions", filepath.Base(petition)+".md")
	text, err := os.ReadFile(file)
	must(c.t, err)
	must(c.t, os.WriteFile(file, bytes.Replace(text, []byte("kind: petition\n"), []byte("kind: petition\ncloses: 2026-01-31\n"), 1), 0o600))
	run("import", filepath.Dir(filepath.Dir(file)))
	c.start()
	eventually(c.t, "the closing is noted", func() bool { return c.ask("closed_at > 0") == "1" })
	open := c.ask("log_state")
	c.terminate()
	db, err := sql.Open("sqlite", filepath.Join(c.dir, "undersigned.db"))
	must(c.t, err)
	_, err = db.Exec("update action set closed_at = 1 where closed_at > 0")
	must(c.t, err, db.Close())
	c.start()
	eventually(c.t, "the log is told of the closing", func() bool { return c.ask("log_state") != open })
	eventually(c.t, "the keys are destroyed", func() bool {
		run("purge")
		return len(c.keyFiles()) == 0
	})
}

// ask reads something of the petition's row, and lets go of the disk again.
func (c *canary) ask(column string) (value string) {
	c.t.Helper()
	db := c.rows()
	defer db.Close()
	must(c.t, db.QueryRow("select "+column+" from action where slug = $1", filepath.Base(petition)).Scan(&value))
	return value
}

// look kills the program and reads all that it has left: on its disk, in its log, in its metrics and on its public pages.
func (c *canary) look(when string) {
	c.t.Helper()
	left := map[string][]byte{}
	for _, path := range []string{"/metrics", "/", petition, petition + "/count.json", "/diary", "/log", "/privacy", "/offices"} {
		left["the page "+path] = []byte(c.mustGet(c.t, path).body)
	}
	c.kill()
	left["the log"] = []byte(c.said.all())
	c.disk.read(c.t, left)
	size := 0
	for where, content := range left {
		size += len(content)
		for _, secret := range c.secret {
			for encoding, bytes := range encodings(secret) {
				if found(content, bytes) {
					c.t.Errorf("%s: %s holds %q as %s", when, where, secret, encoding)
				}
			}
		}
	}
	c.t.Logf("%s: %d secrets looked for in %d bytes", when, len(c.secret), size)
}

func found(content []byte, encoded [][]byte) bool {
	return slices.ContainsFunc(encoded, func(e []byte) bool { return bytes.Contains(content, e) })
}

// encodings is a secret as it may lie on a disk.
func encodings(secret string) map[string][][]byte {
	var little, big []byte
	for _, unit := range utf16.Encode([]rune(secret)) {
		little = append(little, byte(unit), byte(unit>>8))
		big = append(big, byte(unit>>8), byte(unit))
	}
	hexed := hex.EncodeToString([]byte(secret))
	all := map[string][][]byte{
		"UTF-8":       {[]byte(secret), []byte(strings.ToLower(secret)), []byte(strings.ToUpper(secret))},
		"UTF-16":      {little, big},
		"hex":         {[]byte(hexed), []byte(strings.ToUpper(hexed))},
		"URL-encoded": {[]byte(url.QueryEscape(secret)), []byte(url.PathEscape(secret))},
	}
	// Where it stands inside something longer its beginning falls on one of three bytes; what its neighbours decide is cut off.
	for before := range 3 {
		padded := append(make([]byte, before), secret...)
		first, last := (before*8+5)/6, len(padded)*8/6
		for _, e := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
			all["base64"] = append(all["base64"], []byte(e.EncodeToString(padded)[first:last]))
		}
	}
	return all
}

func TestRunningSiteLeavesNoCoreDump(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.start()
	limits, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", p.cmd.Process.Pid))
	if os.IsNotExist(err) {
		testenv.LeaveOut(t, "/proc", "It is where Linux tells a process's limits.")
	}
	must(t, err)
	if core, ok := between(string(limits), "Max core file size", "bytes"); !ok || len(strings.Fields(core)) != 2 || strings.Trim(core, " 0") != "" {
		t.Errorf("core dumps may have %q bytes", core)
	}
}

func TestCanaryIsFoundInEveryEncoding(t *testing.T) {
	const secret = "ana-vogelhaus@canary-7h3x.example"
	for name, hide := range map[string]func(string) []byte{
		"UTF-8":       func(s string) []byte { return []byte("x" + strings.ToUpper(s)) },
		"UTF-16":      func(s string) []byte { return []byte("\x00" + strings.Join(strings.Split(s, ""), "\x00")) },
		"hex":         func(s string) []byte { return []byte(hex.EncodeToString([]byte("x" + s + "x"))) },
		"URL-encoded": func(s string) []byte { return []byte(url.Values{"email": {s}}.Encode()) },
		"base64":      func(s string) []byte { return []byte(base64.RawURLEncoding.EncodeToString([]byte("four" + s + "?"))) },
	} {
		if content := hide(secret); !found(content, encodings(secret)[name]) {
			t.Errorf("%s: not found in %q", name, content)
		}
	}
}
