package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/seal"
)

// The bare handler is net/http and three lines: it sends the same bytes with the same headers and does nothing else. No
// program on top of net/http can be faster.

// page is an answer of ours that others are to give too.
type page struct {
	path, head string
	body       []byte
}

// fetch gets a page of our site, gzip where it has that, and tells what it weighs on the wire.
func fetch(s *server, path string) (p page, wire int, err error) {
	p.path = path
	p.head, p.body, wire, err = get(s.addr, path, "Accept-Encoding: gzip\r\n")
	return p, wire, err
}

// name is that of a page's file, and the path by which the others are asked for it.
func (p page) name(i int) string { return fmt.Sprint("page", i) }

// openBare starts the bare handler with the pages.
func (b *bench) openBare(ctx context.Context, pages []page) (*server, error) {
	s, err := newServer("the bare handler")
	if err != nil {
		return nil, err
	}
	for i, p := range pages {
		if err := os.WriteFile(filepath.Join(s.dir, p.name(i)), []byte(p.head+"\r\n\r\n"+string(p.body)), 0o600); err != nil {
			return s, err
		}
	}
	self, err := os.Executable()
	if err != nil {
		return s, err
	}
	return s, s.start(ctx, self, "-bare", s.dir, "-addr", s.addr)
}

func serveBare(addr, dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "page*"))
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	seals, err := sealingHandler(dir)
	if err != nil {
		return err
	}
	mux.Handle("POST "+petition, seals)
	for _, file := range files {
		answer, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		head, text, _ := strings.Cut(string(answer), "\r\n\r\n")
		headers, body := http.Header{}, []byte(text)
		for _, line := range strings.Split(head, "\r\n")[1:] {
			if name, value, _ := strings.Cut(line, ": "); name != "Connection" && name != "Date" {
				headers[name] = []string{value}
			}
		}
		mux.HandleFunc("/"+filepath.Base(file), func(w http.ResponseWriter, _ *http.Request) {
			h := w.Header()
			for name, values := range headers {
				h[name] = values
			}
			w.Write(body)
		})
	}
	return http.ListenAndServe(addr, mux)
}

// sealingHandler reads the form of a petition, asks of it what the rules ask, seals it and answers as we do. Nothing is
// stored, so nothing is promised.
func sealingHandler(dir string) (http.Handler, error) {
	ctx := context.Background()
	vault, err := seal.Folder(filepath.Join(dir, "keys"))
	if err != nil {
		return nil, err
	}
	keys, err := seal.Init(ctx, vault, filepath.Join(dir, "keys", "root.key"))
	if err != nil {
		return nil, err
	}
	asked := &undersigned.Action{PID: "00112233445566ff", Version: 1, Kind: undersigned.Petition}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		form := undersigned.SignatureForm{GivenName: r.PostFormValue("given_name"), FamilyName: r.PostFormValue("family_name"),
			Email: r.PostFormValue("email"), PostalCode: r.PostFormValue("postal_code"), Country: r.PostFormValue("country"),
			Comment: r.PostFormValue("comment"), Deliver: r.PostFormValue("deliver") != ""}
		now := time.Now()
		signature, err := undersigned.NewSignature(asked, form, "en", undersigned.DayOf(now))
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
			return
		}
		p := &signature.Person
		plaintext := strings.Join([]string{p.GivenName, p.FamilyName, p.Email, p.PostalCode, p.Country, p.Comment}, "\n")
		if _, err := keys.SealPending(ctx, nil, []byte(plaintext), now, "job", "mail"); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Location", petition+"/check-mail")
		w.WriteHeader(http.StatusSeeOther)
	}), nil
}
