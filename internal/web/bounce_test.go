package web

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/undersigned/undersigned"
)

func TestWebhookTakesReportsOfWhoeverKnowsTheSecretAndOfNobodyElse(t *testing.T) {
	s := newSite(t)
	s.bounceSecret = "a-secret-of-32-letters-and-digits"
	json := []string{"Content-Type", "application/json", "Sec-Fetch-Site", ""}
	path := "/bounces/" + s.bounceSecret
	event := `[{"message_id":"news.abc@cause.example","event":"hard","email":"ana@example.org"},{"message_id":"other@cause.example","event":"complaint"}]`
	for range 2 { // and again: whoever sends it may not have seen the answer
		wantStatus(t, s.do(http.MethodPost, path, event, json...), http.StatusNoContent)
	}
	wantStatus(t, s.do(http.MethodPost, path, "[]", json...), http.StatusNoContent)
	report := "To: a@b.example\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n--b--\r\n"
	wantStatus(t, s.do(http.MethodPost, path, report, "Content-Type", "message/rfc822", "Sec-Fetch-Site", ""), http.StatusNoContent)

	for _, wrong := range []string{path + "x", path[:len(path)-1], "/bounces/x"} {
		wantStatus(t, s.do(http.MethodPost, wrong, event, json...), http.StatusNotFound)
	}
	wantStatus(t, s.get(path), http.StatusNotFound)
	for name, body := range map[string]string{"nothing": "", "no list": `{"event":"hard"}`, "an event of another kind": `[{"event":"open"}]`, "half": event[:20]} {
		if w := s.do(http.MethodPost, path, body, json...); w.Code != http.StatusUnprocessableEntity || strings.Contains(w.Body.String(), "ana@") {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	wantStatus(t, s.do(http.MethodPost, path, "hello", "Content-Type", "message/rfc822", "Sec-Fetch-Site", ""), http.StatusUnprocessableEntity)
	wantStatus(t, s.do(http.MethodPost, path, "event=hard", "Sec-Fetch-Site", ""), http.StatusUnprocessableEntity)
	wantStatus(t, s.do(http.MethodPost, path, "["+strings.Repeat(" ", maxBody)+"]", json...), http.StatusRequestEntityTooLarge)
	wantStatus(t, s.do(http.MethodPost, path, event, "Content-Type", "application/json", "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"), http.StatusForbidden)

	s.bounceSecret = ""
	wantStatus(t, s.do(http.MethodPost, path, event, json...), http.StatusNotFound)
	for _, secret := range []string{"a-secret", "ana@", "news.abc"} {
		if strings.Contains(s.logged.String()+s.visited.String(), secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
}

func FuzzReadBounceEvents(f *testing.F) {
	f.Add([]byte(`[{"message_id":"news.abc@cause.example","event":"hard"}]`))
	f.Add([]byte(`[{"event":"soft"},null,{"event":"complaint","a":[[]]}]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		events, err := readBounceEvents(bytes.NewReader(body))
		if err != nil && undersigned.KindOf(err) != undersigned.Invalid {
			t.Fatal(err)
		}
		for _, e := range events {
			if err == nil && e.Event != "hard" && e.Event != "soft" && e.Event != "complaint" {
				t.Errorf("%+v", e)
			}
		}
	})
}
