package main

import (
	"bytes"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"filippo.io/age"
)

// What the canary does beside signing: a letter by e-mail, an offer to volunteer, and running the site. All
// of it is said in words that stand nowhere else.
const (
	canaryLetter   = "/immigration-detention/canary"
	canaryOffer    = "/immigration-detention/volunteer"
	canaryText     = "Mein Kaefig hat goldene Staebe"
	canaryTown     = "Vogelsberghausen"
	canaryWords    = "Ich singe jeden Morgen um vier"
	canaryStaff    = "Voliere Hirsekorn"
	canaryDirector = "director@office.example"
	canaryDesk     = "desk@project.example"
)

// loadStarter loads the starter issue before the first start, with somebody to write to and somebody who reads offers; sealed, to
// two identities that nobody has.
func (p *program) loadStarter(sealed bool) {
	p.t.Helper()
	dir := p.t.TempDir()
	must(p.t, os.CopyFS(dir, os.DirFS("../../packs/immigration-detention")))
	change := func(name, before, with string) {
		path := filepath.Join(dir, name)
		text, err := os.ReadFile(path)
		must(p.t, err)
		must(p.t, os.WriteFile(path, bytes.Replace(text, []byte(before), []byte(with+before), 1), 0o600))
	}
	change("actions/volunteer.md", "title:", "coordinator:\n  name: Rosa\n  email: "+canaryDesk+"\n")
	must(p.t, os.WriteFile(filepath.Join(dir, "actions", "canary.md"), []byte("---\nkind: letter\ntitle: Write\nask: Please write.\nsubject: Cages\n"+
		"words: Please open the cages.\naddressees:\n  - slug: director\n    name: D. Rector\n    role: Director\n    email: "+canaryDirector+"\n---\n\nBecause.\n"), 0o600))
	if sealed {
		var recipients []string
		for range 2 {
			identity, err := age.GenerateX25519Identity()
			must(p.t, err)
			recipients = append(recipients, identity.Recipient().String())
		}
		change("issue.md", "\ntitle:", "\nseal_to: ["+strings.Join(recipients, ", ")+"]")
	}
	if out, err := exec.Command("undersigned", "import", dir, "--data", p.dir, "--addr", p.addr).CombinedOutput(); err != nil {
		p.t.Fatalf("import: %v %s", err, out)
	}
}

// mailTo waits for a mail to an address, passing over others, whose links are secrets too.
func (c *canary) mailTo(email string) letter {
	c.t.Helper()
	for {
		l := c.mails.next("the mail to " + email)
		if l.link != "" {
			c.secret = append(c.secret, l.link)
		}
		if l.to == email {
			return l
		}
	}
}

// writesTo sends a letter as far as its mail to the writer, and gives the link.
func (c *canary) writesTo(name string) letter {
	c.t.Helper()
	email := c.address(name)
	c.secret = append(c.secret, email, canaryText, canaryTown)
	form := url.Values{"subject": {"Cages"}, "text": {canaryText + ", und ich will hinaus."}}
	page, err := c.post(canaryLetter, form)
	must(c.t, err)
	token, _ := between(page.body, `name="outreach" value="`, `"`)
	for field, value := range map[string]string{"outreach": token, "email": email, "given_name": "Kanarienvogelia", "locality": canaryTown} {
		form.Set(field, value)
	}
	if a, err := c.post(canaryLetter, form); err != nil || a.status != http.StatusSeeOther {
		c.t.Fatalf("send a letter: %+v %v", a, err)
	}
	return c.mailTo(email)
}

// offers sends an offer as far as its mail to the volunteer, and gives the link.
func (c *canary) offers(name string) letter {
	c.t.Helper()
	email := c.address(name)
	c.secret = append(c.secret, email, canaryWords)
	form := c.form(c.t, canaryOffer, email)
	form.Set("given_name", "Kanarienvogelia")
	form.Set("comment", canaryWords)
	if a, err := c.post(canaryOffer, form); err != nil || a.status != http.StatusSeeOther {
		c.t.Fatalf("offer: %+v %v", a, err)
	}
	return c.mailTo(email)
}

// runsTheSite makes the canary one of the staff.
func (c *canary) runsTheSite() {
	c.t.Helper()
	email := c.address("staff")
	c.secret = append(c.secret, email, canaryStaff)
	out, err := exec.Command("undersigned", "user", "add", email, "--role", "owner", "--name", canaryStaff, "--data", c.dir, "--addr", c.addr).CombinedOutput()
	if err != nil {
		c.t.Fatalf("undersigned user add: %v %s", err, out)
	}
	_, link, ok := strings.Cut(string(out), "/admin/sign-in/")
	link, _, _ = strings.Cut(link, "\n")
	if !ok {
		c.t.Fatalf("no link: %s", out)
	}
	c.secret = append(c.secret, strings.TrimSpace(link))
	a, err := c.post("/admin/sign-in/"+strings.TrimSpace(link), url.Values{"go": {"1"}})
	if err != nil || a.status != http.StatusSeeOther {
		c.t.Fatalf("sign in: %+v %v", a, err)
	}
	_, cookie, _ := strings.Cut(a.header.Get("Set-Cookie"), "=")
	cookie, _, _ = strings.Cut(cookie, ";")
	c.secret = append(c.secret, cookie)
	name, _, _ := strings.Cut(a.header.Get("Set-Cookie"), "=")
	c.cookie = name + "=" + cookie
}
