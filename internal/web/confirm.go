package web

import (
	"bytes"
	"context"
	"crypto/rand"
	"html/template"
	"net"
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
	return s.sendAll(v, http.StatusOK, htmlType, page)
}

// confirmPage draws the page of a confirmation. All but four words of it is the same to everyone, and drawing it costs more
// than all else that a confirmation does; so it is drawn once with other words in their place, and kept like any page.
func (s *Server) confirmPage(v *visit, c *action.Confirmation) (net.Buffers, error) {
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
		// The site may have changed since the link was opened, and everyone is shown this page as it is now.
		site, err := s.db.Site(ctx)
		if err != nil {
			return nil, time.Time{}, err
		}
		if content, a := site.ByPID(blank.Action.PID); a != nil {
			blank.Content, blank.Action = content, a
		}
		d, err := s.html("confirm", newConfirm(s.views.chrome(v.lang, s.baseURL, s.blanks.path), &blank, s.now()))
		return d, until, err
	})
	if err != nil {
		return nil, err
	}
	// The path and the tokens were opened as ours, so that they are letters, digits, - and _; a name is whatever was typed.
	return s.blanks.fill(p.identity.body, map[byte]string{'N': template.HTMLEscapeString(c.GivenName), 'M': c.MyToken, 'I': c.ID,
		'T': strings.TrimPrefix(v.path, confirmPath)}), nil
}

const confirmPath = "/confirm/"

// blanks stand in a page that is drawn once for what differs from person to person: each is the mark and a letter. The
// mark is random, so that no content can hold it.
type blanks struct{ mark, name, mine, id, path string }

func newBlanks() blanks {
	mark := rand.Text()
	return blanks{mark: mark, name: mark + "N", mine: mark + "M", id: mark + "I", path: confirmPath + mark + "T"}
}

// fill gives the page with the words of each letter in its place, in parts: a copy of it would be made for one reader. Looking
// for one mark takes a hundredth of the time of looking for four words at once.
func (b blanks) fill(page []byte, words map[byte]string) (filled net.Buffers) {
	for mark := []byte(b.mark); ; {
		before, after, found := bytes.Cut(page, mark)
		filled = append(filled, before)
		if !found {
			return filled
		}
		filled = append(filled, []byte(words[after[0]]))
		page = after[1:]
	}
}
