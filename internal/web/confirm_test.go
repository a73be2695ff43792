package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
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

// Ana has pressed the button. Before her page is drawn the next ask closes, and this node hears of it.
func TestConfirmationPageOfBeforeAChangeIsKeptForNobody(t *testing.T) {
	s := newSite(t)
	ana, beatriz := s.sign("/shelter/equality", "ana@example.org"), s.sign("/shelter/equality", "beatriz@example.org")
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, ana, nil)
	r.SetPathValue("token", strings.TrimPrefix(ana, confirmPath))
	s.must(s.confirmation(&visit{ResponseWriter: w, lang: "en", path: ana}, r, func(ctx context.Context, token string) (*action.Confirmation, error) {
		c, err := s.actions.Confirm(ctx, token)
		s.must(err)
		content := testContent()
		content.Action("promise").State = undersigned.ActionClosed
		_, err = s.actions.Import(ctx, undersigned.UserID{}, content, true)
		s.must(err)
		s.tick()
		return c, nil
	}))
	s.pass(2 * time.Second)
	for name, page := range map[string]*httptest.ResponseRecorder{"Ana": w, "Beatriz": s.post(beatriz, nil)} {
		wantWords(t, page, s.catalogue.Locale("en").T("confirm.counted.title"), "Write for H.R. 6397")
		if strings.Contains(page.Body.String(), "We promise") {
			t.Errorf("%s is led to an ask that has closed", name)
		}
	}
}
