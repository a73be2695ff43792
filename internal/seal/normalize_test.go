package seal

import "testing"

func TestNormalizeEmail(t *testing.T) {
	for in, want := range map[string]string{
		"ada@example.org":           "ada@example.org",
		"Ada@Example.ORG":           "ada@example.org",
		"ada+news@example.org":      "ada@example.org",
		"ada+a+b@example.org":       "ada@example.org",
		"+ada@example.org":          "+ada@example.org",
		"a.d.a@example.org":         "a.d.a@example.org",
		"a.d.a+x@gmail.com":         "ada@gmail.com",
		"A.D.A@GoogleMail.com":      "ada@gmail.com",
		"ada@mail.gmail.com":        "ada@mail.gmail.com",
		".@gmail.com":               ".@gmail.com",
		"a.\u0301@gmail.com":        "á@gmail.com",
		"ada@Bücher.example":        "ada@xn--bcher-kva.example",
		"ada@bu\u0308cher.example":  "ada@xn--bcher-kva.example",
		"ada@XN--BCHER-KVA.example": "ada@xn--bcher-kva.example",
		"JOSÉ@example.org":          "josé@example.org",
		"jose\u0301@example.org":    "josé@example.org",
		"ada@ｅｘａｍｐｌｅ.org":           "ada@example.org",
		"a@b@Example.org":           "a@b@example.org",
		"No-Address":                "no-address",
		"":                          "",
		"@":                         "@",
		"ada@b\u00fccher_.example":  "ada@bücher_.example",
		"\xff\xfe@example.org":      "\ufffd\ufffd@example.org",
		"ada@\xff.org":              "ada@\ufffd.org",
	} {
		if got := NormalizeEmail(in); got != want {
			t.Errorf("NormalizeEmail(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestNormalizeName(t *testing.T) {
	for in, want := range map[string]string{
		"Ada  Lovelace\t":   "ada lovelace",
		"ADA\u00a0LOVELACE": "ada lovelace",
		"José":              "josé",
		"Jose\u0301":        "josé",
		"Ａｄａ":               "ada",
		"GROSS Straße":      "gross strasse",
		"ΣΊΣΥΦΟΣ":           "σίσυφοσ",
		"Σίσυφος":           "σίσυφοσ",
		"\u200bAda":         "\u200bada",
		"":                  "",
		" \n ":              "",
	} {
		if got := NormalizeName(in); got != want {
			t.Errorf("NormalizeName(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzNormalizeEmail(f *testing.F) {
	for _, seed := range []string{"Ada+x@Example.org", "a.b@gmail.com", "a.\u0301@gmail.com", "é@bücher.example", "@", "+@", "a@xn--", "İ@İ.tr", "\xff@\xff", "a@ß.de", "a@\u212a.org"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, email string) {
		once := NormalizeEmail(email)
		if twice := NormalizeEmail(once); twice != once {
			t.Errorf("%q became %q, then %q", email, once, twice)
		}
	})
}

func FuzzNormalizeName(f *testing.F) {
	for _, seed := range []string{"Ada  Lovelace", "Straße", "İ", "\u0345\u03b1", "ﬃ", "\u00a8", "\xff", "\u1fb4"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		once := NormalizeName(name)
		if twice := NormalizeName(once); twice != once {
			t.Errorf("%q became %q, then %q", name, once, twice)
		}
	})
}

func TestNFCComposesAndKeepsEverythingElse(t *testing.T) {
	if got := NFC("Jose\u0301 ﬃ  X"); got != "José ﬃ  X" {
		t.Errorf("NFC gives %q", got)
	}
}
