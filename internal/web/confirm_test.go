package web

import (
	"net/http"
	"strings"
	"testing"
)

func TestConfirmationPageHoldsThePersonsOwnWordsAndNobodyElses(t *testing.T) {
	s := newSite(t)
	const path = "/shelter/equality"
	pages := map[string]string{}
	for _, name := range []string{`Ana "<b>" & Co`, "Beatriz"} {
		form := s.form(path, strings.ToLower(name[:3])+"@example.org")
		form.Set("given_name", name)
		if w := s.post(path, form); w.Code != http.StatusSeeOther {
			t.Fatalf("signing: %d", w.Code)
		}
		link := s.link()
		before, after := s.get(link), s.post(link, nil)
		if before.Code != http.StatusOK || after.Code != http.StatusOK {
			t.Fatalf("confirming: %d, %d", before.Code, after.Code)
		}
		if !strings.Contains(before.Body.String(), `action="`+link+`"`) || !strings.Contains(before.Body.String(), `href="/es`+link+`"`) {
			t.Errorf("the page of %q does not lead to its own link", name)
		}
		pages[name] = before.Body.String() + after.Body.String()
		for _, blank := range []string{s.blanks.name, s.blanks.mine, s.blanks.id, s.blanks.path} {
			if strings.Contains(pages[name], blank) {
				t.Errorf("the page of %q has an unfilled blank", name)
			}
		}
	}
	if ana := pages[`Ana "<b>" & Co`]; !strings.Contains(ana, "Ana &#34;&lt;b&gt;&#34; &amp; Co") || strings.Contains(ana, "Beatriz") {
		t.Error("Ana's page does not hold her own name, and hers alone")
	}
	if b := pages["Beatriz"]; !strings.Contains(b, "Beatriz") || strings.Contains(b, "Ana") {
		t.Error("Beatriz's page does not hold her own name, and hers alone")
	}
}
