package undersigned

import (
	"errors"
	"strings"
	"testing"
)

func goodForm() SignatureForm {
	return SignatureForm{GivenName: "  Ana ", FamilyName: "Muñoz   Ríos", Email: " ana+x@example.org ", PostalCode: "02138", Country: "us",
		Comment: "Line one\r\nline two", Deliver: true}
}

func TestNewSignatureTidiesWhatWasTyped(t *testing.T) {
	s, err := NewSignature(&Action{PID: "00000000000000aa", Version: 3}, goodForm(), "es", "2026-11-22")
	if err != nil {
		t.Fatal(err)
	}
	want := Signature{PID: "00000000000000aa", Version: 3, Class: Delivered, Language: "es", Day: "2026-11-22",
		Person: Person{"Ana", "Muñoz Ríos", "ana+x@example.org", "02138", "US", "Line one\nline two"}}
	if *s != want {
		t.Errorf("got  %+v\nwant %+v", *s, want)
	}
}

func TestNewSignatureNamesEachWrongField(t *testing.T) {
	for name, c := range map[string]struct {
		change     func(*SignatureForm)
		field, key string // empty field: nothing is wrong
	}{
		"no given name":            {func(f *SignatureForm) { f.GivenName = " \t " }, "given_name", "error.name.empty"},
		"no family name":           {func(f *SignatureForm) { f.FamilyName = "" }, "", ""},
		"a name of 5,000 letters":  {func(f *SignatureForm) { f.GivenName = strings.Repeat("a", 5000) }, "given_name", "error.name.long"},
		"a name as long as may be": {func(f *SignatureForm) { f.GivenName = strings.Repeat("ñ", MaxName/2) }, "", ""},
		"a link in the name":       {func(f *SignatureForm) { f.FamilyName = "win at casino.com now" }, "family_name", "error.name.link"},
		"another link":             {func(f *SignatureForm) { f.GivenName = "https://x" }, "given_name", "error.name.link"},
		"an initial is no link":    {func(f *SignatureForm) { f.GivenName = "J.R.R." }, "", ""},
		"digits only":              {func(f *SignatureForm) { f.GivenName = "12345" }, "given_name", "error.name.letters"},
		"a zero byte":              {func(f *SignatureForm) { f.GivenName = "A\x00na" }, "given_name", "error.characters"},
		"broken UTF-8":             {func(f *SignatureForm) { f.FamilyName = "Mu\xf1oz" }, "family_name", "error.characters"},
		"text turned around":       {func(f *SignatureForm) { f.GivenName = "Ana\u202egnp" }, "given_name", "error.characters"},
		"a Persian joiner":         {func(f *SignatureForm) { f.GivenName = "می\u200cخواهم" }, "", ""},
		"no address":               {func(f *SignatureForm) { f.Email = "" }, "email", "error.email.empty"},
		"two @":                    {func(f *SignatureForm) { f.Email = "a@b@example.org" }, "email", "error.email.two_at"},
		"no domain":                {func(f *SignatureForm) { f.Email = "ana" }, "email", "error.email.form"},
		"an address too long":      {func(f *SignatureForm) { f.Email = strings.Repeat("a", 250) + "@example.org" }, "email", "error.email.long"},
		"a line in the address":    {func(f *SignatureForm) { f.Email = "ana@example.org\r\nBcc: all@example.org" }, "email", "error.email.two_at"},
		"no ZIP":                   {func(f *SignatureForm) { f.PostalCode = "" }, "postal_code", "error.zip.empty"},
		"four digits":              {func(f *SignatureForm) { f.PostalCode = "2138" }, "postal_code", "error.zip.form"},
		"ZIP+4":                    {func(f *SignatureForm) { f.PostalCode = "02138-1234" }, "", ""},
		"no code abroad":           {func(f *SignatureForm) { f.Country, f.PostalCode = "IE", "" }, "", ""},
		"a code abroad":            {func(f *SignatureForm) { f.Country, f.PostalCode = "GB", "SW1A 1AA" }, "", ""},
		"a long code abroad":       {func(f *SignatureForm) { f.Country, f.PostalCode = "GB", strings.Repeat("1", 17) }, "postal_code", "error.postal_code.long"},
		"no country":               {func(f *SignatureForm) { f.Country = "" }, "country", "error.country"},
		"a country in words":       {func(f *SignatureForm) { f.Country = "United States" }, "country", "error.country"},
		"a novel":                  {func(f *SignatureForm) { f.Comment = strings.Repeat("x", 351) }, "comment", "error.comment.long"},
		"a zero byte in it":        {func(f *SignatureForm) { f.Comment = "\x00" }, "comment", "error.characters"},
	} {
		t.Run(name, func(t *testing.T) {
			form := goodForm()
			c.change(&form)
			_, err := NewSignature(&Action{}, form, "en", "2026-11-22")
			if c.field == "" {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			var e *Error
			if !errors.As(err, &e) || e.Kind != Invalid || len(e.Fields) != 1 || e.Fields[0].Field != c.field || e.Fields[0].Key != c.key {
				t.Errorf("got %v, want %s: %s", err, c.field, c.key)
			}
		})
	}
}

func TestEveryWrongFieldIsNamedAtOnceInTheOrderOfTheForm(t *testing.T) {
	_, err := NewSignature(&Action{}, SignatureForm{Country: "US", Comment: "\x00"}, "en", "2026-11-22")
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v", err)
	}
	var fields []string
	for _, f := range e.Fields {
		fields = append(fields, f.Field)
	}
	if got := strings.Join(fields, " "); got != "given_name email postal_code comment" {
		t.Errorf("named %s", got)
	}
}

func TestEmailAddresses(t *testing.T) {
	for _, good := range []string{"a@b.co", "first.last+tag@sub.example.org", "o'neil@example.ie", "josé@example.es", "a@bücher.example", "x@xn--bcher-kva.example"} {
		if !ValidEmail(good) {
			t.Errorf("%q was refused", good)
		}
	}
	for _, bad := range []string{"", "@", "a@", "@b.co", "a@b", "a@b.c", "a@@b.co", "a b@c.co", ".a@b.co", "a.@b.co", "a..b@c.co", "a@-b.co",
		"a@b-.co", "a@b..co", "a@127.0.0.1", "a@[127.0.0.1]", "a@b.123", "\"a b\"@c.co", "a@b.co\n", "a\x00@b.co", "a@b\u202e.co",
		strings.Repeat("a", 65) + "@b.co", "a@" + strings.Repeat("b", 64) + ".co"} {
		if ValidEmail(bad) {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestSlugs(t *testing.T) {
	for s, want := range map[string]bool{"a": true, "a-b-1": true, "": false, "-a": false, "a-": false, "a--b": false, "A": false, "á": false,
		"a b": false, "a/b": false, strings.Repeat("a", 80): true, strings.Repeat("a", 81): false} {
		if ValidSlug(s) != want {
			t.Errorf("%q: %v", s, !want)
		}
	}
	for s, want := range map[string]bool{"my": true, "log": true, "es": true, "pt": true, "admin": true, "immigration-detention": false} {
		if ReservedSlug(s) != want {
			t.Errorf("%q reserved: %v", s, !want)
		}
	}
}
