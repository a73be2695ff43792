package main

import (
	"archive/tar"
	"bytes"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"filippo.io/age"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/undersigned/undersigned/internal/mail"
)

// sealTo makes the recipients in some files those of an issue, or none: seal-to ISSUE.MD FILE…
func sealTo(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: seal-to ISSUE.MD FILE…")
	}
	var recipients []string
	for _, name := range args[1:] {
		last := strings.Fields(ts.ReadFile(name))
		recipients = append(recipients, last[len(last)-1])
	}
	text := regexp.MustCompile(`(?m)^seal_to:.*\n`).ReplaceAllString(ts.ReadFile(args[0]), "")
	if recipients != nil {
		const before = "title:"
		text = strings.Replace(text, before, "seal_to: ["+strings.Join(recipients, ", ")+"]\n"+before, 1)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

// signs fills in a form, waits for the mail and presses the button behind its link: signs ADDR DATA PATH EMAIL FIELD=VALUE…
func signs(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 4 {
		ts.Fatalf("usage: signs ADDR DATA PATH EMAIL FIELD=VALUE…")
	}
	v, path, email := newVisitor(args[0]), args[2], args[3]
	page, err := v.get(path)
	ts.Check(err)
	token, ok := between(page.body, `name="form_token" value="`, `"`)
	if !ok {
		ts.Fatalf("%s has no form", path)
	}
	form := url.Values{"given_name": {"Ana"}, "family_name": {"Álvarez"}, "email": {email}, "postal_code": {"02138"},
		"country": {"US"}, "deliver": {"1"}, "form_token": {token}}
	for _, field := range args[4:] {
		name, value, _ := strings.Cut(field, "=")
		form.Set(name, value)
	}
	if a, err := v.post(path, form); err != nil || a.status != http.StatusSeeOther {
		ts.Fatalf("sign: %+v %v", a, err)
	}
	link := mailed(ts, args[1], email, "/confirm/")
	if a, err := v.do(http.MethodPost, link, ""); err != nil || a.status != http.StatusOK {
		ts.Fatalf("confirm: %+v %v", a, err)
	}
}

// leaves asks for the link to what an address has signed, and takes the first of it back: leaves ADDR DATA EMAIL.
func leaves(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: leaves ADDR DATA EMAIL")
	}
	v := newVisitor(args[0])
	form, err := v.askFor(args[2])
	ts.Check(err)
	if a, err := v.post("/my", form); err != nil || a.status != http.StatusSeeOther {
		ts.Fatalf("ask for the link: %+v %v", a, err)
	}
	link := mailed(ts, args[1], args[2], "/my/")
	page, err := v.get(link)
	ts.Check(err)
	id, ok := between(page.body, `name="id" value="`, `"`)
	if !ok || strings.Contains(page.body, "Álvarez") {
		ts.Fatalf("the page shows a name, or no signature:\n%s", page.body)
	}
	if a, err := v.post(link+"/withdraw", url.Values{"id": {id}}); err != nil || a.status != http.StatusSeeOther {
		ts.Fatalf("withdraw: %+v %v", a, err)
	}
}

// mailed waits for the mail to an address that has a link, and gives the link's path.
func mailed(ts *testscript.TestScript, data, email, path string) string {
	outbox, err := mail.OpenOutbox(filepath.Join(ts.MkAbs(data), "outbox"))
	ts.Check(err)
	for begun := time.Now(); time.Since(begun) < 20*time.Second; time.Sleep(20 * time.Millisecond) {
		kept, err := outbox.List(100)
		ts.Check(err)
		for _, m := range kept {
			if !strings.Contains(m.To, email) {
				continue
			}
			for _, link := range m.Links {
				if u, err := url.Parse(link); err == nil && strings.Contains(u.Path, path) {
					return u.Path
				}
			}
		}
	}
	ts.Fatalf("no mail to %s with a link to %s", email, path)
	return ""
}

// ageOpens decrypts the files of a folder, one after another, as age -d does: age-opens IDENTITY DIR OUT.
func ageOpens(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: age-opens IDENTITY DIR OUT")
	}
	identities, err := age.ParseIdentities(strings.NewReader(ts.ReadFile(args[0])))
	ts.Check(err)
	files, err := filepath.Glob(filepath.Join(ts.MkAbs(args[1]), "*.age"))
	ts.Check(err)
	var out bytes.Buffer
	for _, name := range files {
		opened, err := age.Decrypt(strings.NewReader(ts.ReadFile(name)), identities...)
		ts.Check(err)
		_, err = io.Copy(&out, opened)
		ts.Check(err)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), out.Bytes(), 0o600))
}

// swapRows puts the first row of a folder in place of a bundle's first: swap-rows BUNDLE DIR OUT.
func swapRows(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: swap-rows BUNDLE DIR OUT")
	}
	files, err := filepath.Glob(filepath.Join(ts.MkAbs(args[1]), "*.age"))
	ts.Check(err)
	changeFirstRow(ts, args[0], args[2], func([]byte) []byte { return []byte(ts.ReadFile(files[0])) })
}

// damageRow changes a byte of a bundle's first row: damage-row BUNDLE OUT.
func damageRow(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: damage-row BUNDLE OUT")
	}
	changeFirstRow(ts, args[0], args[1], func(row []byte) []byte {
		row = slices.Clone(row)
		row[len(row)-20] ^= 1
		return row
	})
}

func changeFirstRow(ts *testscript.TestScript, from, to string, change func([]byte) []byte) {
	in := tar.NewReader(strings.NewReader(ts.ReadFile(from)))
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	done := false
	for {
		head, err := in.Next()
		if err == io.EOF {
			break
		}
		ts.Check(err)
		data, err := io.ReadAll(in)
		ts.Check(err)
		if !done && strings.HasPrefix(head.Name, "rows/") {
			data, done = change(data), true
		}
		head.Size = int64(len(data))
		ts.Check(w.WriteHeader(head))
		_, err = w.Write(data)
		ts.Check(err)
	}
	ts.Check(w.Close())
	ts.Check(os.WriteFile(ts.MkAbs(to), out.Bytes(), 0o600))
}
