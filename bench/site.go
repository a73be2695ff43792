package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/seal"
)

// petition is the page that is measured: the starter's petition that is tied to no bill, so that it is always open.
const petition = "/immigration-detention/equality-under-the-law"

// variant is our program, or the same source with one line changed, or one file added where there is no old one.
type variant struct {
	name, file, old, new string
}

var (
	product = variant{name: "undersigned"}
	// noDatabase answers a request as if its write were on the disk. All else is the product: routes, middlewares,
	// parsing, rules, sealing, access log. As nothing is written, it has no mails to send either.
	noDatabase = variant{"undersigned without the database", "internal/store/writer.go",
		"rank Rank, fn func(*Tx) error) error {\n",
		"rank Rank, fn func(*Tx) error) error {\n\tif rank == Client {\n\t\treturn nil\n\t}\n"}
	// oneEach commits each request by itself.
	oneEach = variant{"undersigned, one commit a request", "internal/store/writer.go",
		"\tmaxBatch   = 1024 ", "\tmaxBatch   = 1 "}
)

// build makes the program in dir from the repository at root. A changed source is laid over the real one by the go
// command, and never written into the repository.
func (v variant) build(ctx context.Context, root, dir string) (binary string, err error) {
	binary = filepath.Join(dir, strings.NewReplacer(" ", "-", ",", "").Replace(v.name))
	args := []string{"build", "-o", binary}
	if v.file != "" {
		overlay, err := v.overlay(root, dir)
		if err != nil {
			return "", err
		}
		args = append(args, "-overlay", overlay)
	}
	if _, err := os.Stat(binary); err == nil {
		return binary, nil // another part has made it
	}
	_, err = run(ctx, root, "go", append(args, "./cmd/undersigned")...)
	return binary, err
}

func (v variant) overlay(root, dir string) (string, error) {
	original := filepath.Join(root, v.file)
	source := []byte(v.new)
	if v.old != "" {
		text, err := os.ReadFile(original)
		if err != nil {
			return "", err
		}
		if strings.Count(string(text), v.old) != 1 {
			return "", fmt.Errorf("build %s: %s has changed, and bench/site.go with it must", v.name, v.file)
		}
		source = bytes.Replace(text, []byte(v.old), source, 1)
	}
	changed, err := os.MkdirTemp(dir, "overlay-*")
	if err != nil {
		return "", err
	}
	laid := filepath.Join(changed, filepath.Base(v.file))
	if err := os.WriteFile(laid, source, 0o600); err != nil {
		return "", err
	}
	list, err := json.Marshal(map[string]any{"Replace": map[string]string{original: laid}})
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(changed, "overlay.json")
	return overlay, os.WriteFile(overlay, list, 0o600)
}

// openSite starts our program on an empty folder, with its mails going to the sink. It writes its access log to a file.
func (b *bench) openSite(ctx context.Context, v variant, settings ...string) (*server, error) {
	binary, err := v.build(ctx, b.root, b.dir)
	if err != nil {
		return nil, err
	}
	s, err := newServer(v.name)
	if err != nil {
		return nil, err
	}
	if err := s.start(ctx, binary, append(b.serving(s), settings...)...); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

func (b *bench) serving(s *server) []string {
	return []string{"serve", "--addr", s.addr, "--base-url", "http://" + s.addr, "--data", filepath.Join(s.dir, "data"),
		"--smtp-url", "smtp://" + b.mails.addr, "--mail-from", "no-reply@example.org", "--link-check", "off"}
}

var formToken = regexp.MustCompile(`name="form_token" value="([^"]+)"`)

// get asks for a page once and gives its status line, headers and body, and what they weigh on the wire.
func get(addr, path, headers string) (head string, body []byte, wire int, err error) {
	c, err := net.DialTimeout("tcp", addr, 5*time.Second)
	if err != nil {
		return "", nil, 0, err
	}
	defer c.Close()
	if _, err := fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: %s\r\n%sConnection: close\r\n\r\n", path, addr, headers); err != nil {
		return "", nil, 0, err
	}
	all, err := io.ReadAll(c)
	if err != nil {
		return "", nil, 0, err
	}
	answer, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(all)), nil)
	if err != nil {
		return "", nil, 0, err
	}
	if body, err = io.ReadAll(answer.Body); err == nil && answer.StatusCode != 200 {
		err = fmt.Errorf("GET %s answered %d", path, answer.StatusCode)
	}
	before, _, _ := bytes.Cut(all, []byte("\r\n\r\n"))
	return string(before), body, len(all), err
}

// signing gives the requests of people who send the form of the petition on a site, each another, to a server.
func signing(s, to *server) (func(b []byte, n int) []byte, error) {
	_, page, _, err := get(s.addr, petition, "")
	if err != nil {
		return nil, err
	}
	token := formToken.FindSubmatch(page)
	if token == nil {
		return nil, errors.New("the petition's page has no form")
	}
	body := fmt.Sprintf("given_name=Maria&family_name=%s&email=%s&postal_code=02139&country=US&comment=%s&deliver=1&website=&form_token=%s",
		family(0), strings.Replace(email(0), "@", "%40", 1), strings.ReplaceAll(comment, " ", "+"), token[1])
	return numbered(post(nil, to.addr, petition, "application/x-www-form-urlencoded", body)), nil
}

// numbered gives requests that are alike but for the number in their signer's name and address: to write each anew would take
// time from whom it is for.
func numbered(first []byte) func(b []byte, n int) []byte {
	name := bytes.Index(first, []byte(family(0))) + len("Ortiz")
	address := bytes.Index(first, []byte("signer0")) + len("signer")
	return func(b []byte, n int) []byte {
		at := len(b)
		b = append(b, first...)
		for i := 7; i >= 0; i-- {
			digit := byte(n % 10)
			n /= 10
			b[at+name+i], b[at+address+i] = 'a'+digit, '0'+digit
		}
		return b
	}
}

const comment = "My grandmother waited eleven months for a hearing. Nobody should."

// family is a name of its own for each, in letters: one with digits would be held for review.
func family(n int) string {
	return "Ortiz" + strings.Map(func(digit rune) rune { return digit - '0' + 'a' }, fmt.Sprintf("%08d", n))
}

// email is at a large provider: of a little-known domain the 26th would be held for review. No mail leaves this machine.
func email(n int) string { return fmt.Sprintf("signer%08d@gmail.com", n) }

func post(b []byte, addr, path, kind, body string) []byte {
	return fmt.Appendf(b, "POST %s HTTP/1.1\r\nHost: %s\r\nOrigin: http://%s\r\nSec-Fetch-Site: same-origin\r\nUser-Agent: bench\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
		path, addr, addr, kind, len(body), body)
}

// confirming is the load of people who press the button behind their link. They have it already: links are made before the
// time begins. They press in another order than they have signed: any of the last 45,000 may be next.
func confirming(ctx context.Context, s *server, mailed string) (l load, closing func() error, err error) {
	token, closing, err := minting(ctx, s, mailed)
	var stock [][]byte
	l = load{server: s, connections: callers, status: 200}
	l.prepare = func(requests int) {
		for len(stock) < requests {
			stock = append(stock, post(nil, s.addr, "/confirm/"+token(int(next.Add(1))), "application/x-www-form-urlencoded", ""))
		}
	}
	l.request = func(b []byte, _ int) []byte {
		l.prepare(1)
		last, any := len(stock)-1, rand.IntN(len(stock))
		stock[any], stock[last] = stock[last], stock[any]
		b, stock = append(b, stock[last]...), stock[:last]
		return b
	}
	return l, closing, err
}

// minting makes links, from one that the site mailed and with the site's own keys: as many mails would take longer to send
// than to confirm.
func minting(ctx context.Context, s *server, mailed string) (token func(n int) string, closing func() error, err error) {
	folder := filepath.Join(s.dir, "data", "keys")
	vault, err := seal.Folder(folder)
	if err != nil {
		return nil, nil, err
	}
	roots, err := seal.ReadRoots(filepath.Join(folder, "root.key"))
	if err != nil {
		return nil, nil, err
	}
	keys, err := seal.Open(ctx, vault, roots...)
	if err != nil {
		return nil, nil, err
	}
	first, err := keys.OpenToken(ctx, mailed, time.Now(), "confirm")
	at := bytes.Index(first, []byte("@gmail.com")) - len(email(0)) + len("@gmail.com")
	if err != nil || at < 17 {
		return nil, nil, errors.Join(errors.New("the mailed link does not open"), err)
	}
	ids := action.SignatureIDs{Keys: keys}
	return func(n int) string {
		plaintext := bytes.Clone(first)
		id := ids.Draw(undersigned.DayOf(time.Now()))
		copy(plaintext[1:], id[:])
		copy(plaintext[at:], email(n))
		token, err := keys.SealToken(ctx, plaintext, time.Now(), "confirm")
		if err != nil {
			panic(err) // the key was there a moment ago
		}
		return token
	}, keys.Close, nil
}
