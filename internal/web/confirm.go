package web

import (
	"context"
	"crypto/rand"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/undersigned/undersigned/internal/action"
)

// showConfirm is where the link of a confirmation leads: a page with one button. Programs that look at links in mail
// change nothing.
func (s *Server) showConfirm(v *visit, r *http.Request) error {
	return s.confirmation(v, r, s.actions.OpenConfirmation)
}

// confirm is the button. Pressed again it shows what was signed, until the link dies.
func (s *Server) confirm(v *visit, r *http.Request) error {
	return s.confirmation(v, r, s.actions.Confirm)
}

func (s *Server) confirmation(v *visit, r *http.Request, do func(context.Context, string) (*action.Confirmation, error)) error {
	c, err := do(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	page, err := s.confirmPage(v, c)
	if err != nil {
		return err
	}
	return s.send(v, http.StatusOK, &draft{body: page, contentType: htmlType})
}

// confirmPage draws the page of a confirmation. All but four words of it is the same to everyone, and drawing it costs more
// than all else that a confirmation does; so it is drawn once with other words in their place, and kept like any page.
func (s *Server) confirmPage(v *visit, c *action.Confirmation) ([]byte, error) {
	blank := *c
	blank.GivenName = s.blanks.name
	if c.MyToken != "" {
		blank.MyToken = s.blanks.mine
	}
	if c.ID != "" {
		blank.ID = s.blanks.id
	}
	key := pageKey{v.lang, "confirm " + c.Action.PID + " " + string(c.Outcome) + " " + blank.MyToken + " " + blank.ID}
	p, err := s.ready.get(key, func() (*draft, time.Time, error) {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		until, err := s.staleAt(ctx)
		if err != nil {
			return nil, time.Time{}, err
		}
		d, err := s.html("confirm", newConfirm(s.views.chrome(v.lang, s.baseURL, s.blanks.path), &blank, s.now()))
		return d, until, err
	})
	if err != nil {
		return nil, err
	}
	// The path and the tokens were opened as ours, so that they are letters, digits, - and _; a name is whatever was typed.
	fill := strings.NewReplacer(s.blanks.name, template.HTMLEscapeString(c.GivenName), s.blanks.mine, c.MyToken,
		s.blanks.id, c.ID, s.blanks.path, v.path)
	return []byte(fill.Replace(string(p.identity.body))), nil
}

// blanks stand in a page that is drawn once for what differs from person to person. They are random, so that no content
// can hold them.
type blanks struct{ name, mine, id, path string }

func newBlanks() blanks {
	return blanks{name: "name" + rand.Text(), mine: "mine" + rand.Text(), id: "id" + rand.Text(), path: "/confirm/" + rand.Text()}
}
