package web

import "net/http"

// header is one header of an answer, as net/http keeps it, made once and shared.
type header struct {
	name   string // canonical
	values []string
}

// commonHeaders are sent with every answer.
//
// The style sheet stands in the page and is allowed by its hash; scripts, pictures and count.json come from us alone;
// nothing else loads. Referrer-Policy is same-origin, never no-referrer: with that, browsers that know no Sec-Fetch-Site
// post a form with "Origin: null".
func (s *Server) commonHeaders(styleSource string) []header {
	headers := []header{
		{"Content-Security-Policy", []string{policy(styleSource)}},
		{"Referrer-Policy", []string{"same-origin"}},
		{"X-Content-Type-Options", []string{"nosniff"}},
		{"Permissions-Policy", []string{"camera=(), geolocation=(), microphone=()"}},
		{"Cross-Origin-Opener-Policy", []string{"same-origin"}},
	}
	if s.base.Scheme == "https" {
		headers = append(headers, header{"Strict-Transport-Security", []string{"max-age=31536000"}})
	}
	return headers
}

// policy says what a page may load.
func policy(styleSource string) string {
	return "default-src 'none'; style-src " + styleSource + "; script-src 'self'; img-src 'self'; " +
		"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
}

func (s *Server) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		for _, c := range s.views.design.Load().common {
			h[c.name] = c.values
		}
		if s.draining.Load() {
			h.Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}
