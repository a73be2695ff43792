package web

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a listener whose connections are in memory: what is written in one piece is read in one.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	if c, ok := <-p; ok {
		return c, nil
	}
	return nil, io.EOF
}

func (p pipes) Close() error   { return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

// dial gives the client's end of a connection to a server that answers what it can directly.
func dial(t *testing.T, srv *http.Server, answer func(*bytes.Buffer, requestHead) bool) net.Conn {
	return dialTo(t, srv, newWholeAnswers(make(pipes, 1), answer))
}

func dialTo(t *testing.T, srv *http.Server, whole wholeAnswers) net.Conn {
	near, far := net.Pipe()
	listener := whole.Listener.(pipes)
	listener <- far
	close(listener)
	srv.ConnState = betweenRequests
	srv.ReadHeaderTimeout, srv.ReadTimeout, srv.IdleTimeout = headerTime, bodyTime, idleTime
	go srv.Serve(whole)
	t.Cleanup(func() { near.Close(); srv.Close() })
	return near
}

// oneAnswer is an answer in a line, without its date.
func oneAnswer(answers *bufio.Reader) (string, error) {
	resp, err := http.ReadResponse(answers, nil)
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(resp.Body)
	resp.Header.Del("Date")
	return fmt.Sprintf("%d %d %v %q %v\n", resp.StatusCode, resp.ContentLength, resp.Header, body, err), nil
}

// talk sends the pieces over one connection, each when all has come to rest, and gives the answers. In a bubble.
func talk(t *testing.T, srv *http.Server, answer func(*bytes.Buffer, requestHead) bool, pieces ...string) (all string) {
	conn := dial(t, srv, answer)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for answers := bufio.NewReader(conn); ; {
			one, err := oneAnswer(answers)
			if err != nil {
				return
			}
			all += one
		}
	}()
	for _, piece := range append(pieces, "GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") {
		synctest.Wait()
		if piece == "" { // a pipe would read that, which no network does
			continue
		}
		if _, err := io.WriteString(conn, piece); err != nil {
			break // the server has closed
		}
	}
	<-done
	return all
}

// echo is a server that answers with what it was asked, and the way to answer /ready and forms directly, as it would.
func echo() (srv *http.Server, answer func(*bytes.Buffer, requestHead) bool, direct *atomic.Int64) {
	direct = &atomic.Int64{}
	srv = &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if r.URL.Path == "/ready" && r.URL.RawQuery == "" && r.Method == http.MethodGet && len(body) == 0 {
			body = []byte("/ready " + strings.Trim(headerValue(r.Header, "Accept-Encoding"), " "))
		} else {
			body = fmt.Appendf(nil, "%s %s %s %q %q %d %s %q %v", r.Method, r.RequestURI, r.URL, r.Host, r.Header, r.ContentLength, r.RemoteAddr, body, err != nil)
		}
		if r.Method == http.MethodHead {
			body = nil // who reads the answers does not know what was asked, and would take the next one for its body
		}
		w.Header()["Content-Type"] = []string{"x"}
		w.Header()["Content-Length"] = []string{fmt.Sprint(len(body))}
		w.Write(body)
	})}
	return srv, func(out *bytes.Buffer, h requestHead) bool {
		if !h.get && h.whole != nil && h.target != nil {
			direct.Add(1)
			answerBy(srv.Handler, out, h)
			return true
		}
		if !h.get || string(h.target) != "/ready" {
			return false
		}
		direct.Add(1)
		body := append([]byte("/ready "), h.acceptEncoding...)
		fmt.Fprintf(out, "HTTP/1.1 200 OK\r\nContent-Type: x\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
		return true
	}, direct
}

const (
	askReady = "GET /ready HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n"
	askOther = "GET /other HTTP/1.1\r\nHost: x\r\n\r\n"
	askPost  = "POST /post HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
)

// What a connection may carry, in pieces, and how many of its requests may be answered directly.
var talks = []struct {
	name   string
	direct int64
	pieces []string
}{
	{"the first request is the server's", 0, []string{askReady}},
	{"one after the other", 2, []string{askReady, askReady, askReady}},
	{"all at once", 0, []string{askReady + askReady + askReady}},
	{"two at once, later", 2, []string{askOther, askReady + askReady}},
	{"between others", 2, []string{askOther, askReady, askOther, askReady}},
	{"a form", 2, []string{askOther, fmt.Sprintf(askPost, 4) + "body", askReady}},
	{"a form of nothing", 2, []string{askOther, fmt.Sprintf(askPost, 0), "POST /post HTTP/1.1\r\nHost: x\r\n\r\n"}},
	{"two forms at once", 2, []string{askOther, fmt.Sprintf(askPost, 4) + "body" + fmt.Sprintf(askPost, 2) + "no"}},
	{"headers in any case and number", 2, []string{askOther, "POST /post HTTP/1.1\r\nhOST: x\r\nx-a:  1 \r\nOrigin:\r\nX-A: 2,3\r\nCONTENT-TYPE: a/b\r\n" +
		"X-A: 4\r\nSec-Fetch-Site: none\r\nconnection: Keep-Alive\r\ncontent-length: 4\r\n\r\nbody", askReady}},
	{"a form with a query", 2, []string{askOther, "POST /post?a=b HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody", askReady}},
	{"a form with an empty query", 2, []string{askOther, "POST /post? HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody", askReady}},
	{"a form with an escape", 1, []string{askOther, "POST /po%73t HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody", askReady}},
	{"a form whose path begins with two slashes", 1, []string{askOther, "POST //x/post HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody"}},
	{"after a form in two pieces", 1, []string{fmt.Sprintf(askPost, 4), "body", askReady}},
	{"a request in a form is no request", 1, []string{askOther, fmt.Sprintf(askPost, 2*len(askReady)), askReady, askReady, askReady}},
	{"a request behind a form in one piece", 3, []string{askOther, fmt.Sprintf(askPost, 4) + "body" + askReady, askReady}},
	{"a head in two pieces", 0, []string{askOther, askReady[:20], askReady[20:], askReady}},
	{"a word cut in two", 0, []string{askOther, "PO", "ST /ready HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", askReady}},
	{"a word that ends in GET", 0, []string{askOther, "X", askReady, askReady}},
	{"chunks", 0, []string{askOther, "POST /post HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", askReady}},
	{"chunks and a length", 0, []string{askOther, "POST /post HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", askReady}},
	{"two lengths", 0, []string{askOther, "POST /post HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nbody", askReady}},
	{"a length with a sign", 0, []string{askOther, "POST /post HTTP/1.1\r\nHost: x\r\nContent-Length: +4\r\n\r\nbody", askReady}},
	{"GET with a body", 0, []string{askOther, "GET /ready HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody", askReady}},
	{"no host", 0, []string{askOther, "GET /ready HTTP/1.1\r\n\r\n"}},
	{"two hosts", 0, []string{askOther, "GET /ready HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"}},
	{"a strange host", 0, []string{askOther, "GET /ready HTTP/1.1\r\nHost: x/y\r\n\r\n"}},
	{"HTTP/1.0", 0, []string{askOther, "GET /ready HTTP/1.0\r\nHost: x\r\n\r\n"}},
	{"a whole address", 0, []string{askOther, "GET http://x/ready HTTP/1.1\r\nHost: x\r\n\r\n", askReady}},
	{"a query", 1, []string{askOther, "GET /ready?a=b HTTP/1.1\r\nHost: x\r\n\r\n", askReady}},
	{"HEAD", 0, []string{askOther, "HEAD /ready HTTP/1.1\r\nHost: x\r\n\r\n"}},
	{"close", 0, []string{askOther, "GET /ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"}},
	{"a folded line", 0, []string{askOther, "GET /ready HTTP/1.1\r\nHost: x\r\n Content-Length: 4\r\n\r\n", askReady}},
	{"a space before the colon", 0, []string{askOther, "GET /ready HTTP/1.1\r\nHost: x\r\nContent-Length : 4\r\n\r\nbody"}},
	{"a bare line feed", 0, []string{askOther, "GET /ready HTTP/1.1\nHost: x\n\n", askReady}},
	{"a bare carriage return", 0, []string{askOther, "GET /ready HTTP/1.1\r\nHost: x\r\nA: b\rContent-Length: 4\r\n\r\n"}},
	{"an expectation", 0, []string{askOther, "POST /post HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n", "body"}},
	{"empty lines before a request", 0, []string{fmt.Sprintf(askPost, 4) + "body", "\r\n", askReady}},
	{"empty lines behind a form, in two pieces", 2, []string{askOther, fmt.Sprintf(askPost, 4) + "body\r\n", "\r\n" + askReady}},
	{"more empty lines behind a form than are passed over", 1, []string{askOther, fmt.Sprintf(askPost, 4) + "body\r\n", "\r\n\r\n" + askReady}},
	{"an empty line behind a request of the server's", 1, []string{askOther, fmt.Sprintf(askPost, 4) + "body" + askOther, "\r\n" + askReady}},
	{"an empty line behind a ready page, after a form of the server's", 1, []string{askOther,
		"POST /po~t HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody", askReady + "\n"}},
	{"a header without a value, and another", 1, []string{askOther, "GET /ready HTTP/1.1\r\nHost: x\r\nAccept-Encoding:\r\nAccept-Encoding: gzip\r\n\r\n"}},
	{"a form that wants it fresh", 0, []string{askOther, "POST /post HTTP/1.1\r\nHost: x\r\nPragma: no-cache\r\nContent-Length: 0\r\n\r\n"}},
	{"HEAD, and more", 0, []string{askOther, "HEAD /other HTTP/1.1\r\nHost: x\r\n\r\n" + askOther + askOther, askOther}},
	{"nonsense", 0, []string{askOther, "\x00\x01\x02\r\n\r\n"}},
}

func TestConnectionAnswersAsTheServerWould(t *testing.T) {
	for _, test := range talks {
		t.Run(test.name, func(t *testing.T) {
			if n := compareTalk(t, test.pieces); n != test.direct {
				t.Errorf("%d were answered directly, want %d", n, test.direct)
			}
		})
	}
}

// compareTalk tells how many were answered directly.
func compareTalk(t *testing.T, pieces []string) (n int64) {
	synctest.Test(t, func(t *testing.T) { // so that what hangs until a deadline takes no time
		srv, answer, direct := echo()
		got := talk(t, srv, answer, pieces...)
		srv, _, _ = echo()
		if want := talk(t, srv, nil, pieces...); got != want {
			t.Errorf("answered\n%s\nthe server alone answers\n%s", got, want)
		}
		n = direct.Load()
	})
	return n
}

// FuzzConnection cuts a stream into two pieces and sends it over a connection that has had an answer.
func FuzzConnection(f *testing.F) {
	for _, test := range talks {
		stream := strings.Join(test.pieces, "")
		f.Add(stream, len(test.pieces[0]))
		f.Add(stream, len(stream)-len(test.pieces[len(test.pieces)-1]))
	}
	f.Fuzz(func(t *testing.T, stream string, cut int) {
		cut = max(0, min(cut, len(stream)))
		compareTalk(t, []string{askOther, stream[:cut], stream[cut:]})
	})
}

func TestReadyPageIsAnsweredDirectlyAsByItsRoute(t *testing.T) {
	s := newSite(t)
	for _, path := range []string{"/", "/es", "/organizations?kind=coalition", "/es/organizations?kind=coalition", "/learn", "/es/learn", "/privacy", "/shelter", "/shelter/dated",
		"/es/shelter/dated", "/shelter/dated/count.json", "/shelter/dated/check-mail", "/log/checkpoint", "/diary.atom", "/robots.txt"} {
		var direct atomic.Int64
		conn := dial(t, &http.Server{Handler: s.handler}, func(out *bytes.Buffer, h requestHead) bool {
			ok := s.answerDirectly(out, h)
			if ok {
				direct.Add(1)
			}
			return ok
		})
		answers := bufio.NewReader(conn)
		for _, more := range []string{"", "Accept-Encoding: gzip, br\r\n", "Accept-Encoding: gzip\r\n", "If-None-Match: *\r\n",
			"Accept-Encoding: gzip\r\nIf-None-Match: \"x\", *\r\nCookie: a=b\r\n"} {
			var got [2]string
			before := len(s.visited.String())
			other := "?" // another way to write the same address, which is the server's
			if strings.Contains(path, "?") {
				other = "&"
			}
			for i, query := range []string{other, ""} {
				direct.Store(0)
				fmt.Fprintf(conn, "GET %s%s HTTP/1.1\r\nHost: %s\r\n%s\r\n", path, query, testHost, more)
				var err error
				if got[i], err = oneAnswer(answers); err != nil || direct.Load() != int64(i) {
					t.Fatalf("%s%s: %v, %d were answered directly", path, query, err, direct.Load())
				}
			}
			if got[0] != got[1] || !strings.Contains(got[0], "Content-Security-Policy") {
				t.Errorf("%s %q is answered by its route with\n%.1200s\ndirectly with\n%.1200s", path, more, got[0], got[1])
			}
			s.access.flush()
			if lines := strings.Split(s.visited.String()[before:], "\n"); len(lines) != 3 || seen(lines[0]) != seen(lines[1]) {
				t.Errorf("%s: logged %q", path, lines)
			}
		}
	}
}

// Whatever a form says, who reads it and who sends the answer makes no difference to it.
func TestFormIsAnsweredDirectlyAsByItsRoute(t *testing.T) {
	s := newSite(t)
	var direct atomic.Int64
	conn := dial(t, &http.Server{Handler: s.handler}, func(out *bytes.Buffer, h requestHead) bool {
		ok := s.answerDirectly(out, h)
		if ok {
			direct.Add(1)
		}
		return ok
	})
	answers := bufio.NewReader(conn)
	good, asks := s.form("/shelter/equality", "ana@mail.example").Encode(), s.askFor("ana@mail.example").Encode()
	s.access.flush()
	const form = "Content-Type: application/x-www-form-urlencoded\r\n"
	for _, test := range []struct {
		path, headers, body string
		status              string
	}{
		{"/shelter/equality", form, good, "303"},
		{"/es/shelter/equality", form + "Sec-Fetch-Site: same-origin\r\nOrigin: https://" + testHost + "\r\n", strings.Replace(good, "ana", "eva", 1), "303"},
		{"/shelter/equality", form + "Sec-Fetch-Site: cross-site\r\nOrigin: https://evil.example\r\n", good, "403"},
		{"/shelter/equality", form + "Referer: https://evil.example/\r\n", good, "403"},
		{"/shelter/equality", form, "given_name=" + strings.Repeat("x", 500) + "&email=\x00\xff", "422"},
		{"/shelter/equality", form, "given_name=%", "422"},
		{"/shelter/equality", "Content-Type: text/plain\r\n", good, "422"},
		{"/shelter/equality/", form, good, "404"},
		{"/shelter/old", form, good, "410"},
		{"/shelter/nothing", form, good, "404"},
		{"/privacy", form, good, "405"},
		{"/confirm/nonsense", "", "", "410"},
		{"/my", form, asks, "303"},
	} {
		var got [2]string
		before := len(s.visited.String())
		for i, cookie := range []string{"Cookie: a=b\r\n", ""} { // with one, it is the server's
			direct.Store(0)
			fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\n%s%sContent-Length: %d\r\n\r\n%s", test.path, testHost, test.headers, cookie, len(test.body), test.body)
			var err error
			if got[i], err = oneAnswer(answers); err != nil || direct.Load() != int64(i) {
				t.Fatalf("%s: %v, %d were answered directly", test.path, err, direct.Load())
			}
			got[i] = requestID.ReplaceAllString(got[i], "")
		}
		if got[0] != got[1] || !strings.HasPrefix(got[0], test.status) || !strings.Contains(got[0], "Content-Security-Policy") {
			t.Errorf("%s %q is answered by its route with\n%.1200s\ndirectly with\n%.1200s", test.path, test.body, got[0], got[1])
		}
		s.access.flush()
		if lines := strings.Split(s.visited.String()[before:], "\n"); len(lines) != 3 || seen(lines[0]) != seen(lines[1]) {
			t.Errorf("%s: logged %q", test.path, lines)
		}
	}
	for range 6 {
		s.link() // what was promised is sent, each asked for twice
	}
}

// A server that ends takes a connection that answers by itself for an idle one, and closes it.
func TestServerThatEndsFinishesTheFormsThatItHasTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		taken, commit := make(chan struct{}), make(chan struct{})
		srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				close(taken)
				<-commit
			}
			io.WriteString(w, "thank you")
		})}
		whole := newWholeAnswers(make(pipes, 1), func(out *bytes.Buffer, h requestHead) bool { answerBy(srv.Handler, out, h); return true })
		conn := dialTo(t, srv, whole)
		answers := bufio.NewReader(conn)
		io.WriteString(conn, askOther)
		if _, err := oneAnswer(answers); err != nil {
			t.Fatal(err)
		}
		io.WriteString(conn, fmt.Sprintf(askPost, 4)+"body")
		<-taken
		if err := srv.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := whole.finish(short); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("it ends although a form is not answered: %v", err)
		}
		close(commit)
		if one, err := oneAnswer(answers); err != nil || !strings.Contains(one, "thank you") {
			t.Errorf("%v, %s", err, one)
		}
		if err := whole.finish(t.Context()); err != nil {
			t.Error(err)
		}
		if _, err := answers.ReadByte(); !errors.Is(err, io.EOF) {
			t.Errorf("the connection is still open: %v", err)
		}
	})
}

// requestID is what a page shows of the request's own number.
var requestID = regexp.MustCompile(`<code>[0-9a-z]{6,13}</code>`)

// seen is what a line of the access log tells of route and status.
func seen(line string) string {
	_, line, _ = strings.Cut(line, `"route"`)
	line, _, _ = strings.Cut(line, `"ms"`)
	return line
}

func TestOnlyAReadyPageIsAnsweredDirectly(t *testing.T) {
	s := newSite(t)
	for _, path := range []string{"/shelter/dated", "/es", "/organizations?kind=coalition"} {
		s.get(path)
	}
	link := s.sign("/shelter/dated", "ana@mail.example")
	s.do(http.MethodPost, link, "")
	s.get("/nothing/here")
	ask := func(target string) bool {
		return s.answerDirectly(new(bytes.Buffer), requestHead{get: true, target: []byte(target)})
	}
	for _, target := range []string{"/en/shelter/dated", "/shelter//dated", "/shelter/dated/", "/shelter/./dated", "//shelter/dated", "/es/",
		"/en", "/nothing/here", "/confirm", link, "/metrics", "/healthz", "/learn",
		"/shelter/dated?", "/shelter/dated?x=1", "/organizations", "/organizations?", "/organizations?kind=coalition&x=1", "/organizations?kind=%63oalition"} {
		if ask(target) {
			t.Errorf("%s was answered", target)
		}
	}
	for _, target := range []string{"/shelter/dated", "/organizations?kind=coalition"} {
		if !ask(target) {
			t.Errorf("%s was not", target)
		}
	}
	s.ready.seen(99, 99)
	if ask("/shelter/dated") {
		t.Error("a page that is no longer true was answered")
	}
}

func TestConnectionThatAnswersByItselfStillEndsWhenNothingComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, answer, direct := echo()
		conn := dial(t, srv, answer)
		answers := bufio.NewReader(conn)
		ask := func(request string) {
			t.Helper()
			io.WriteString(conn, request)
			if _, err := oneAnswer(answers); err != nil {
				t.Fatal(err)
			}
		}
		for range 4 { // much longer than any one deadline
			ask(askReady)
			time.Sleep(idleTime - time.Second)
		}
		ask(fmt.Sprintf(askPost, 4) + "body")
		ask(askReady)
		begun := time.Now()
		if _, err := answers.ReadByte(); !errors.Is(err, io.EOF) || time.Since(begun) != idleTime || direct.Load() != 5 {
			t.Errorf("%v after %v, %d were answered directly", err, time.Since(begun), direct.Load())
		}
	})
}

func TestFormOfTheLastInstantIsAnsweredHoweverLongItTakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, answer, direct := echo()
		conn := dial(t, srv, func(out *bytes.Buffer, h requestHead) bool {
			time.Sleep(time.Second)
			return answer(out, h)
		})
		answers := bufio.NewReader(conn)
		for range 4 {
			io.WriteString(conn, fmt.Sprintf(askPost, 4)+"body")
			if _, err := oneAnswer(answers); err != nil {
				t.Fatal(err)
			}
			time.Sleep(idleTime - time.Millisecond)
		}
		if direct.Load() != 3 {
			t.Errorf("%d were answered directly", direct.Load())
		}
	})
}

// TestAnswerToAFormThatIsNotOfItsSizeEndsTheConnection lets nothing of it out, and those before it stay whole.
func TestAnswerToAFormThatIsNotOfItsSizeEndsTheConnection(t *testing.T) {
	h, ok := parseHead([]byte("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"))
	if !ok {
		t.Fatal("the head is not read")
	}
	for _, c := range []struct{ says, body, want string }{
		{"4", "four", "200 OK"},
		{"5", "four", ""},
		{"3", "four", ""},
		{"", "four", "200 OK"},
	} {
		handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if c.says != "" {
				w.Header().Set("Content-Length", c.says)
			}
			_, err := io.WriteString(w, c.body)
			if tooLong := c.says == "3"; errors.Is(err, http.ErrContentLength) != tooLong {
				t.Errorf("%v: %v", c, err)
			}
		})
		out := bytes.NewBufferString("before")
		ended := func() (ended any) {
			defer func() { ended = recover() }()
			answerBy(handler, out, h)
			return nil
		}()
		got, _ := strings.CutPrefix(out.String(), "before")
		if c.want == "" && (got != "" || ended != http.ErrAbortHandler) || c.want != "" && (!strings.HasSuffix(got, "\r\n\r\n"+c.body) ||
			!strings.Contains(got, c.want) || strings.Count(got, "Content-Length: 4\r\n") != 1) {
			t.Errorf("%v: %q, %v", c, out.String(), ended)
		}
	}
}
