package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
)

// The desk is what staff see, under /admin. Its routes are in desk_routes.go, each with what one must be permitted; a file
// named desk_ for a page holds its handlers, and the same name with _page its view.

// deskVisit is a visit of one of the staff.
type deskVisit struct {
	*visit
	staff *action.Staff
}

// by is who does what is done.
func (d *deskVisit) by() undersigned.UserID { return d.staff.User.ID }

type deskHandler func(d *deskVisit, r *http.Request) error

// deskRoute is a page of the desk, or something done there.
type deskRoute struct {
	pattern string
	may     undersigned.Permission
	handler deskHandler
	fresh   bool // for what destroys or exports: whoever signed in long ago is asked again who they are
}

// desk lets in whoever is signed in and may. Who is not is shown how to sign in, and gets back what they were sending.
func (s *Server) desk(route deskRoute) http.Handler {
	return s.personal(func(v *visit, r *http.Request) error {
		v.Header()["Content-Security-Policy"] = s.views.design.Load().deskPolicy
		staff, err := s.enter(v, r)
		if err != nil {
			return err
		}
		if staff == nil {
			return s.askToSignIn(v, r)
		}
		d := &deskVisit{v, staff}
		if !staff.User.May(route.may) {
			return s.refuseRole(d, r)
		}
		if route.fresh && !staff.Session.Fresh(s.now()) {
			return s.askAgain(d, r)
		}
		return route.handler(d, r)
	})
}

// cookieName is that of the one cookie, which staff alone have. Its prefix makes browsers refuse it without TLS, from
// another host and for another path (RFC 6265bis, 4.1.3).
func (s *Server) cookieName() string {
	if s.base.Scheme == "https" {
		return "__Host-undersigned"
	}
	return "undersigned"
}

// keepCookie gives the browser its session; an empty one ends it.
func (s *Server) keepCookie(v *visit, value string) {
	cookie := &http.Cookie{Name: s.cookieName(), Value: value, Path: "/", HttpOnly: true, Secure: s.base.Scheme == "https",
		SameSite: http.SameSiteLaxMode, MaxAge: int(undersigned.SessionLife / time.Second)}
	if value == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(v, cookie)
}

// enter tells who is signed in, nil for nobody.
func (s *Server) enter(v *visit, r *http.Request) (*action.Staff, error) {
	cookie, err := r.Cookie(s.cookieName())
	if err != nil {
		return nil, nil
	}
	staff, renewed, err := s.actions.Enter(r.Context(), cookie.Value, browserOf(r))
	if err == nil && renewed != "" {
		s.keepCookie(v, renewed)
	}
	return staff, err
}

// browserOf names a browser as its owner would, for the list of sessions.
func browserOf(r *http.Request) action.Browser {
	agent := r.UserAgent()
	first := func(marks ...string) string {
		for _, m := range marks {
			if strings.Contains(agent, m) {
				return strings.Trim(m, "/ ")
			}
		}
		return ""
	}
	// Each claims to be those that come after it.
	name, system := first("Firefox", "Edg", "OPR", "Chrome", "Safari"), first("Android", "iPhone", "iPad", "Windows", "Mac OS", "CrOS", "Linux")
	words := slices.DeleteFunc([]string{name, system}, func(word string) bool { return word == "" })
	return action.Browser{Agent: agent, Name: strings.Join(words, ", ")}
}

// askToSignIn answers whoever is not signed in: a reader of a page with the way there, and whoever sent a form with what they
// sent, to be sent again when they are.
func (s *Server) askToSignIn(v *visit, r *http.Request) error {
	if r.Method != http.MethodPost {
		return seeOther(v, "/admin/sign-in?to="+url.QueryEscape(withQuery(v.path, r)))
	}
	return s.show(v, http.StatusUnauthorized, "desk/held", newHeld(s.deskChrome(v, nil), held(v, r), false))
}

// askAgain asks somebody who is signed in who they are, and keeps what they were sending.
func (s *Server) askAgain(d *deskVisit, r *http.Request) error {
	if r.Method == http.MethodPost {
		return s.askAgainBefore(d, r, held(d.visit, r))
	}
	return s.askAgainBefore(d, r, nil)
}

// askAgainBefore does so where what they were sending has been read.
func (s *Server) askAgainBefore(d *deskVisit, r *http.Request, form url.Values) error {
	page := newHeld(s.deskChrome(d.visit, d.staff), form, true)
	page.Back = withQuery(page.Back, r)
	page.Passkeys = s.actions.HasPasskeys()
	return s.show(d, http.StatusForbidden, "desk/held", page)
}

// withQuery gives a path as it was asked for: with what it is to show.
func withQuery(path string, r *http.Request) string {
	if r.URL.RawQuery != "" && path != "" {
		path += "?" + r.URL.RawQuery
	}
	return path
}

// refuseRole answers somebody whose role does not include what they do. It may have been taken away while they wrote: a text
// that was on its way is given back, to be copied.
func (s *Server) refuseRole(d *deskVisit, r *http.Request) error {
	if r.Method == http.MethodPost {
		if page := newRefused(s.deskChrome(d.visit, d.staff), held(d.visit, r)); len(page.Texts) > 0 {
			return s.show(d, http.StatusForbidden, "desk/refused", page)
		}
	}
	return undersigned.Fail(undersigned.Forbidden, "error.role")
}

// asInvalid gives the error that is told beside the fields; nil where it is another.
func asInvalid(err error) *undersigned.Error {
	var problem *undersigned.Error
	if errors.As(err, &problem) && problem.Kind == undersigned.Invalid {
		return problem
	}
	return nil
}

// maxGivenBack is the largest form that is given back to be sent again, in bytes.
const maxGivenBack = 1 << 20

// held reads what was being sent; nil where it is no form of text. Anybody may have sent it: of a body that does not say how long
// it is no more is read than is given back.
func held(v *visit, r *http.Request) url.Values {
	if r.ContentLength > maxGivenBack {
		return nil
	}
	r.Body = http.MaxBytesReader(v.ResponseWriter, r.Body, maxGivenBack)
	form, err := readForm(r)
	if err != nil {
		return nil
	}
	for name, values := range form {
		for i := range values {
			values[i] = strings.ToValidUTF8(values[i], "\uFFFD")
		}
		form[name] = values
	}
	return form
}
