package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"database/sql"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned/internal/locale"
	"github.com/undersigned/undersigned/internal/web"
)

// refusal is something that nobody should send, and what it is answered with.
type refusal struct {
	name   string
	send   func(s *inputSite, lang string) *answer
	status int
	says   string   // the key of a message that the page must hold; empty where it is not a page of ours
	args   []any    // of that message
	keeps  []string // what was typed and must come back
}

// inputSite is a site on which one person has confirmed, one has withdrawn and one has not pressed the button.
type inputSite struct {
	*program
	t                           *testing.T
	pressed, withdrawn, waiting string // links, in English
	my                          string // the page of the one who confirmed
}

func newInputSite(t *testing.T) (*inputSite, *sql.DB) {
	t.Helper()
	mails := newMailServer(t)
	s := &inputSite{t: t, program: newProgram(t, "--smtp-url", mails.url())}
	s.start()
	link := func(email string) string {
		s.sign(t, petition, email)
		return mails.next("the mail to " + email).link
	}
	page := func(link string) string {
		my, ok := between(s.press(t, link).body, `href="/my/`, `"`)
		if !ok {
			t.Fatal("not confirmed")
		}
		return "/my/" + my
	}
	s.waiting = link("waiting@mail.example")
	s.pressed, s.withdrawn = link("pressed@mail.example"), link("withdrawn@mail.example")
	s.my = page(s.pressed)
	gone := page(s.withdrawn)
	id, _ := between(s.mustGet(t, gone).body, `name="id" value="`, `"`)
	if a, err := s.post(gone+"/withdraw", url.Values{"id": {id}}); err != nil || a.status != http.StatusSeeOther {
		t.Fatalf("withdraw: %+v %v", a, err)
	}
	db := s.rows()
	eventually(t, "every mail's job is erased", func() bool { return number(t, db, "select count(*) from job") == 0 })
	return s, db
}

// sendForm posts the petition's form with some fields changed.
func sendForm(change url.Values, headers ...string) func(s *inputSite, lang string) *answer {
	return sendFormTo(petition, change, headers...)
}

func sendFormTo(path string, change url.Values, headers ...string) func(s *inputSite, lang string) *answer {
	return func(s *inputSite, lang string) *answer {
		form := s.form(s.t, web.LocalPath(lang, petition), "bad@mail.example")
		for field, values := range change {
			form[field] = values
		}
		return s.must(s.do(http.MethodPost, web.LocalPath(lang, path), form.Encode(), headers...))
	}
}

func sendBody(path, body string, headers ...string) func(s *inputSite, lang string) *answer {
	return ask(http.MethodPost, path, body, headers...)
}

func ask(method, path, body string, headers ...string) func(s *inputSite, lang string) *answer {
	return func(s *inputSite, lang string) *answer {
		return s.must(s.do(method, web.LocalPath(lang, path), body, headers...))
	}
}

// askLink asks for a link of a mail that the site knows only when it runs.
func askLink(method string, link func(s *inputSite) string, headers ...string) func(s *inputSite, lang string) *answer {
	return func(s *inputSite, lang string) *answer {
		return s.must(s.do(method, web.LocalPath(lang, link(s)), "", headers...))
	}
}

// sendRaw writes a request as it is, and goes on writing its body until the answer has come.
func sendRaw(head string, body func() io.Reader) func(s *inputSite, lang string) *answer {
	return func(s *inputSite, lang string) *answer {
		s.t.Helper()
		conn, err := net.Dial("tcp", s.addr)
		must(s.t, err)
		defer conn.Close()
		must(s.t, conn.SetDeadline(time.Now().Add(patience)))
		go func() {
			fmt.Fprintf(conn, head, web.LocalPath(lang, petition), s.addr)
			_, _ = io.Copy(conn, body())
		}()
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		must(s.t, err)
		return s.must(readAnswer(response))
	}
}

func (s *inputSite) must(a *answer, err error) *answer {
	s.t.Helper()
	must(s.t, err)
	return a
}

// endless is a chunked body that never ends.
type endless struct{}

func (endless) Read(b []byte) (int, error) {
	return copy(b, "10\r\ngiven_name=Anaaa\r\n"), nil
}

func gzipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return b.String()
}

const (
	closedPetition = "/immigration-detention/oppose-hr-1932"
	elsewhereAsk   = "/immigration-detention/aclu-pledge"

	rawForm = "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\n"
)

var (
	typed     = []string{`value="Ana"`, `value="Álvarez"`, `value="bad@mail.example"`, `value="02138"`, "For my brother."}
	longName  = strings.Repeat("Ana ", 1250)
	emptyForm = url.Values{"given_name": {""}, "family_name": {""}, "email": {""}, "postal_code": {""}, "comment": {""}}
)

func pressedLink(s *inputSite) string   { return s.pressed }
func withdrawnLink(s *inputSite) string { return s.withdrawn }
func waitingLink(s *inputSite) string   { return s.waiting }

var refusals = []refusal{
	{name: "an empty form", send: sendForm(emptyForm), status: 422, says: "error.name.empty"},
	{name: "no body", send: sendBody(petition, ""), status: 422, says: "problem.422.title"},
	{name: "10 MB", send: sendRaw(rawForm+"Content-Length: 10485760\r\n\r\n", func() io.Reader {
		return io.LimitReader(endless{}, 10<<20)
	}), status: 413, says: "problem.413.title"},
	{name: "a body that never ends", send: sendRaw(rawForm+"Transfer-Encoding: chunked\r\n\r\n", func() io.Reader {
		return endless{}
	}), status: 413, says: "problem.413.title"},
	{name: "a comment of 60 KB", send: sendForm(url.Values{"comment": {strings.Repeat("Ana ", 15000)}}), status: 422,
		says: "error.comment.long", args: []any{"max", 350}, keeps: typed[:4]},
	{name: "zero bytes", send: sendForm(url.Values{"family_name": {"Ana\x00"}}), status: 422, says: "error.characters", keeps: []string{typed[0], typed[2], typed[3], typed[4]}},
	{name: "broken UTF-8", send: sendForm(url.Values{"family_name": {"\xff\xfe"}}), status: 422, says: "error.characters", keeps: []string{typed[0], typed[2], typed[3], typed[4]}},
	{name: "a line in the address", send: sendForm(url.Values{"email": {"bad@mail.example\r\nBcc: everybody"}}), status: 422, says: "error.email.form", keeps: typed[:2]},
	{name: "marks that turn text around", send: sendForm(url.Values{"family_name": {"\u202ezeravlA"}}), status: 422, says: "error.characters"},
	{name: "a link in the name", send: sendForm(url.Values{"given_name": {"www.evil.example"}}), status: 422, says: "error.name.link",
		keeps: append([]string{`value="www.evil.example"`}, typed[1:]...)},
	{name: "a name of 5,000 letters", send: sendForm(url.Values{"given_name": {longName}}), status: 422, says: "error.name.long",
		args: []any{"max", 120}, keeps: append([]string{`value="` + longName}, typed[1:]...)},
	{name: "two @", send: sendForm(url.Values{"email": {"bad@home@mail.example"}}), status: 422, says: "error.email.two_at",
		keeps: []string{typed[0], typed[1], `value="bad@home@mail.example"`, typed[3], typed[4]}},
	{name: "a form that is too old", send: sendForm(url.Values{"form_token": {"AAAA"}}), status: 422, says: "error.form_token", keeps: typed},
	{name: "a form without its token", send: sendForm(url.Values{"form_token": nil}), status: 422, says: "error.form_token", keeps: typed},
	{name: "a broken escape", send: sendBody(petition, "given_name=%zz"), status: 422, says: "problem.422.title"},
	{name: "multipart", send: sendBody(petition, "--b\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\nbad@mail.example\r\n--b--\r\n",
		"Content-Type", "multipart/form-data; boundary=b"), status: 422, says: "problem.422.title"},
	{name: "JSON", send: sendBody(petition, `{"email":"bad@mail.example"}`, "Content-Type", "application/json"), status: 422, says: "problem.422.title"},
	{name: "gzip", send: sendBody(petition, gzipped(strings.Repeat("email=bad@mail.example&", 1000)), "Content-Encoding", "gzip"),
		status: 422, says: "error.form"},
	{name: "a header of 32 KB", send: ask(http.MethodGet, petition, "", "X-Long", strings.Repeat("a", 32<<10)), status: 431},

	{name: "a form from another site", send: sendForm(nil, "Origin", "https://evil.example"), status: 403, says: "problem.403.title"},
	{name: "a form from another site, by a new browser", send: sendForm(nil, "Sec-Fetch-Site", "cross-site"), status: 403, says: "problem.403.title"},
	{name: "a form from another site, by an old browser", send: sendForm(nil, "Referer", "https://evil.example/"), status: 403, says: "problem.403.title"},
	{name: "a confirmation from another site", send: askLink(http.MethodPost, waitingLink, "Origin", "https://evil.example"), status: 403, says: "problem.403.title"},
	{name: "a withdrawal from another site", send: askLink(http.MethodPost, func(s *inputSite) string { return s.my + "/withdraw" }, "Origin", "https://evil.example"),
		status: 403, says: "problem.403.title"},

	{name: "a link cut short", send: askLink(http.MethodGet, func(s *inputSite) string { return s.waiting[:len(s.waiting)-4] }), status: 410, says: "error.link_dead"},
	{name: "a link cut short, pressed", send: askLink(http.MethodPost, func(s *inputSite) string { return s.waiting[:40] }), status: 410, says: "error.link_dead"},
	{name: "a link for something else", send: askLink(http.MethodGet, func(s *inputSite) string { return strings.Replace(s.waiting, "/confirm/", "/my/", 1) }),
		status: 410, says: "error.link_dead"},
	{name: "a link with a byte changed", send: askLink(http.MethodPost, func(s *inputSite) string { return s.waiting + "A" }), status: 410, says: "error.link_dead"},
	{name: "a link that is only looked at", send: askLink(http.MethodGet, waitingLink), status: 200, says: "confirm.title"},
	{name: "a link replayed", send: askLink(http.MethodPost, pressedLink), status: 200, says: "confirm.already.title"},
	{name: "a link pressed after a withdrawal", send: askLink(http.MethodPost, withdrawnLink), status: 200, says: "confirm.withdrawn.title"},
	{name: "a withdrawal of a signature that is nobody's", send: func(s *inputSite, lang string) *answer {
		return s.must(s.post(web.LocalPath(lang, s.my+"/withdraw"), url.Values{"id": {"0' or 1=1"}}))
	}, status: 404, says: "problem.404.title"},
	{name: "no address at /my", send: sendBody("/my", "email=bad"), status: 422, says: "error.email.form", keeps: []string{`value="bad"`}},
	{name: "a broken link at /unsubscribe", send: sendBody("/unsubscribe/x", "List-Unsubscribe=One-Click"), status: 410, says: "error.link_dead"},

	{name: "a closed petition", send: sendFormTo(closedPetition, nil), status: 410, says: "error.closed", keeps: []string{"For my brother."}},
	{name: "an ask that takes no form", send: sendFormTo(elsewhereAsk, nil), status: 405, says: "problem.405.title"},
	{name: "an unknown action", send: sendFormTo("/immigration-detention/nothing", nil), status: 404, says: "problem.404.title"},
	{name: "an unknown issue", send: sendFormTo("/nothing/nothing", nil), status: 404, says: "problem.404.title"},
	{name: "PUT", send: ask(http.MethodPut, petition, "given_name=Ana"), status: 405, says: "problem.405.title"},
	{name: "DELETE", send: ask(http.MethodDelete, petition, ""), status: 405, says: "problem.405.title"},
	{name: "an invented method", send: ask("SIGN", petition, ""), status: 405, says: "problem.405.title"},
	{name: "a form for a page without one", send: sendFormTo("/learn", nil), status: 405, says: "problem.405.title"},
	{name: "GET of what only a button does", send: askLink(http.MethodGet, func(s *inputSite) string { return s.my + "/withdraw" }), status: 405, says: "problem.405.title"},
}

func TestBadInputIsAnsweredInTheReadersLanguageAndNothingIsStored(t *testing.T) {
	t.Parallel()
	s, db := newInputSite(t)
	before := stored(t, db)
	for _, lang := range []string{"en", "es"} {
		words := locale.Load().Locale(lang)
		for _, r := range refusals {
			a := r.send(s, lang)
			if a.status != r.status {
				t.Errorf("%s, %s: %d, want %d", lang, r.name, a.status, r.status)
			}
			if r.says != "" && (!strings.Contains(a.body, words.T(r.says, r.args...)) || !strings.Contains(a.body, `<html lang="`+lang+`"`)) {
				t.Errorf("%s, %s: the page does not say %q", lang, r.name, words.T(r.says, r.args...))
			}
			for _, kept := range r.keeps {
				if !strings.Contains(a.body, kept) {
					t.Errorf("%s, %s: %.40q was typed, and is lost", lang, r.name, kept)
				}
			}
			if after := stored(t, db); after != before {
				t.Errorf("%s, %s: stored %s, before %s", lang, r.name, after, before)
				before = after
			}
		}
	}
	s.terminate()
	s.wantNoErrors()
}

// stored counts what a form or a button could have left behind.
func stored(t *testing.T, db *sql.DB) (counts string) {
	t.Helper()
	must(t, db.QueryRow(`select (select count(*) from job) || ' jobs, ' || (select coalesce(sum(n), 0) from mail_day) || ' mails, ' ||
		(select count(*) from signature) || ' signatures, ' || (select count(*) from signature where sealed is null) || ' of them withdrawn, ' ||
		(select count(*) from mail_never) || ' never mailed'`).Scan(&counts))
	return counts
}

func TestPathTricksLeadNowhereElse(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.start()
	for path, want := range map[string]int{
		"//evil.example/":                       http.StatusMovedPermanently,
		"//evil.example":                        http.StatusMovedPermanently,
		"///evil.example/%2f..":                 http.StatusMovedPermanently,
		"/%2fevil.example":                      http.StatusMovedPermanently,
		"/%5cevil.example":                      http.StatusNotFound,
		"/../../etc/passwd":                     http.StatusMovedPermanently,
		"/..%2f..%2fetc%2fpasswd":               http.StatusMovedPermanently,
		"/static/..%2f..%2fundersigned.db":      http.StatusMovedPermanently,
		"/static/%00/x":                         http.StatusNotFound,
		"/%00":                                  http.StatusNotFound,
		"/immigration-detention%00":             http.StatusNotFound,
		"/immigration-detention/%ff":            http.StatusNotFound,
		"/immigration-detention/":               http.StatusMovedPermanently,
		"/immigration-detention//nothing":       http.StatusMovedPermanently,
		"/immigration-detention/./nothing/..":   http.StatusMovedPermanently,
		"/en/immigration-detention":             http.StatusMovedPermanently,
		"/es/":                                  http.StatusMovedPermanently,
		"/es/es/immigration-detention":          http.StatusNotFound,
		"/log/tile/../../../undersigned.db":     http.StatusMovedPermanently,
		"/log/tile/0/..%2f..":                   http.StatusMovedPermanently,
		"/log/tile/9999999999999999999/000":     http.StatusNotFound,
		"/bills/112/hr/99999999999999999999":    http.StatusNotFound,
		"/bills/-1/hr/1932":                     http.StatusNotFound,
		"/" + strings.Repeat("a", 8000):         http.StatusNotFound,
		"/confirm/" + strings.Repeat("A", 8000): http.StatusGone,
	} {
		a, err := p.get(path)
		must(t, err)
		if a.status != want {
			t.Errorf("%.60s: %d, want %d", path, a.status, want)
		}
		if to := a.header.Get("Location"); a.status == http.StatusMovedPermanently &&
			(!strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.HasPrefix(to, `/\`)) {
			t.Errorf("%.60s leads to %s", path, to)
		}
	}
	p.wantNoErrors()
}

// What looks odd and is right.
func TestOddFormsThatAreRightAreTaken(t *testing.T) {
	t.Parallel()
	mails := newMailServer(t)
	p := newProgram(t, "--smtp-url", mails.url())
	p.start()
	own := "http://" + p.addr
	for name, headers := range map[string][]string{
		"a new browser":                             {"Sec-Fetch-Site", "same-origin", "Origin", own},
		"an old browser with an Origin":             {"Origin", own},
		"an old browser with a Referer alone":       {"Referer", own + petition},
		"an old browser that says Origin: null":     {"Origin", "null", "Referer", own + petition},
		"behind a proxy, known by its base address": {"Origin", strings.Replace(own, "127.0.0.1", "localhost", 1)},
	} {
		email := strings.NewReplacer(" ", "", ",", "", ":", "").Replace(name) + "@mail.example"
		form := p.form(t, petition, email)
		form["email"] = append(form["email"], "second@mail.example") // of a field that comes twice the first counts
		form["given_name"] = []string{"Séamus-Ḥasan D'Arcy نور"}
		a, err := p.do(http.MethodPost, petition, form.Encode(), headers...)
		must(t, err)
		if a.status != http.StatusSeeOther {
			t.Fatalf("%s: %d", name, a.status)
		}
		l := mails.next("the mail of " + name)
		if l.to != email {
			t.Errorf("%s: the mail went to %s", name, l.to)
		}
		if page := p.press(t, l.link); !strings.Contains(page.body, english.T("confirm.counted.title")) || !strings.Contains(page.body, form.Get("given_name")) {
			t.Errorf("%s: %d", name, page.status)
		}
	}
}

func TestFormSentTwiceIsOneSignatureWhicheverLinkIsPressed(t *testing.T) {
	t.Parallel()
	mails := newMailServer(t)
	p := newProgram(t, "--smtp-url", mails.url())
	p.start()
	for _, lang := range []string{"en", "es"} {
		path := web.LocalPath(lang, petition)
		for range 2 {
			p.sign(t, path, lang+"@mail.example")
		}
		words := locale.Load().Locale(lang)
		first, second := mails.next("the first mail"), mails.next("the second mail")
		if first.id == second.id {
			t.Error("two mails with one Message-ID: a mail program would show one")
		}
		if page := p.press(t, second.link); !strings.Contains(page.body, words.T("confirm.counted.title")) {
			t.Errorf("%s: the second link: %d", lang, page.status)
		}
		if page := p.press(t, first.link); !strings.Contains(page.body, words.T("confirm.already.title")) {
			t.Errorf("%s: the first link, after the second: %d", lang, page.status)
		}
	}
	if n := number(t, p.rows(), "select count(*) from signature"); n != 2 {
		t.Errorf("%d rows of two people", n)
	}
}
