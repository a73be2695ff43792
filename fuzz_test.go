package undersigned

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzForms fills in every form that a reader can send. What is taken is clean and within its limits; what is refused names
// the fields.
func FuzzForms(f *testing.F) {
	f.Add("Ana", "Álvarez", "ana@example.org", "02138", "US", "For my\r\nbrother.")
	f.Add("A\u202eB", "www.evil.example", "a@b@c", "\x00", "zz", "\xff\u2066")
	f.Add("A", "B", "", "", "", "It was 14 months. My WWW. is not.\nSee x.com/y: and http://z, ...")
	f.Add("2", "yes", "ana+x@bücher.example", "02138-1234", "", strings.Repeat("é", 400))
	f.Add("A", "B", "", "", "", "x\ty")
	petition, offers := &Action{PID: "00112233445566ff", Kind: Petition, Version: 1}, opportunity()
	f.Fuzz(func(t *testing.T, given, family, email, postal, land, text string) {
		if linked(text) != link.MatchString(text) {
			t.Errorf("%q: the expression is not asked", text)
		}
		clean := func(what, s string, limit int) {
			if len(s) > limit || !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return r != '\n' && !plain(r) }) {
				t.Errorf("%s: took %q", what, s)
			}
		}
		person := func(p *Person) {
			clean("given name", p.GivenName, MaxName)
			clean("family name", p.FamilyName, MaxName)
			clean("email", p.Email, MaxEmail)
			clean("postal code", p.PostalCode, MaxPostalCode)
			if strings.Contains(p.GivenName+p.FamilyName+p.PostalCode+p.Email, "\n") {
				t.Errorf("took a line break: %+v", p)
			}
		}
		named := func(err error) {
			if wrong, ok := err.(*Error); !ok || wrong.Kind != Invalid || len(wrong.Fields) == 0 {
				t.Errorf("refused with %v", err)
			}
		}
		if s, err := NewSignature(petition, SignatureForm{GivenName: given, FamilyName: family, Email: email, PostalCode: postal,
			Country: land, Comment: text}, "en", "2026-11-22"); err != nil {
			named(err)
		} else {
			person(&s.Person)
			clean("comment", s.Person.Comment, MaxComment)
		}
		if s, err := NewSubmission(offers, []string{"en", "es"}, SubmissionForm{GivenName: given, FamilyName: family, Email: email,
			Comment: text, Answers: map[string]string{"why": postal, "when": land, "driver": family}}, "es", "2026-11-22"); err != nil {
			named(err)
		} else {
			person(&s.Person)
		}
		if w, err := NewWriter(given, family, email, postal); err != nil {
			named(err)
		} else {
			clean("locality", w.Locality, MaxName)
		}
		if m, err := NewMessage(family, text); err != nil {
			named(err)
		} else if strings.ContainsAny(m.Subject, "\r\n") {
			t.Errorf("a subject of two lines: %q", m.Subject)
		}
		if answer, err := CleanAnswer(text); err == nil {
			clean("answer", strings.ReplaceAll(answer, "\t", " "), MaxAnswer)
		}
		if share := Rewritten(text, given); share < 0 || share > 100 {
			t.Errorf("%d%% rewritten", share)
		}
	})
}

// FuzzNames reads what stands in addresses and files: each has one spelling.
func FuzzNames(f *testing.F) {
	for _, seed := range []string{"117hr2222", "MA-05", "2026-11-22", "02138-1234", "trap", "00112233445566ff", "a-slug"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if id, err := ParseBillID(s); err == nil {
			if again, err := ParseBillID(id.String()); err != nil || again != id {
				t.Errorf("%q is read as %v, and that as %v", s, id, again)
			}
		}
		if d, err := ParseDistrict(s); err == nil && d.String() != s {
			t.Errorf("%q is read as %v", s, d)
		}
		if day, err := ParseDay(s); err == nil && string(day) != s {
			t.Errorf("%q is read as %v", s, day)
		}
		if zip, err := ParseZIP(s); err == nil && len(zip) != 5 || err != nil && zip != "" {
			t.Errorf("%q is read as the ZIP code %q, %v", s, zip, err)
		}
		if d, ok := ParseDoubt(s); ok && d.String() != s {
			t.Errorf("%q is read as %v", s, d)
		}
		if id, ok := ParseUpdateID(s); ok && !strings.EqualFold(id.String(), s) {
			t.Errorf("%q is read as %v", s, id)
		}
		if ValidSlug(s) && (len(s) > MaxSlug || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") != "") {
			t.Errorf("took the slug %q", s)
		}
		if ValidEmail(s) && (strings.ContainsAny(s, " \r\n\x00<>,;") || strings.Count(s, "@") != 1) {
			t.Errorf("took the address %q", s)
		}
	})
}
