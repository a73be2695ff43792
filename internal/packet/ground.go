package packet

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/congress"
)

// Ground is what a packet says beside its signers: of the petition, and of who represents whom on the day that it was made. It
// names nobody who signed. A bundle carries it to where the identities are.
type Ground struct {
	PID              string                    `json:"petition"`
	Kind             undersigned.ActionKind    `json:"kind"`
	Title, Ask, Body string                    // in Language
	Language         string                    `json:"language"`
	From             string                    `json:"from,omitempty"`    // who organises it
	Contact          string                    `json:"contact,omitempty"` // an e-mail address
	Site             string                    `json:"site"`              // URL without a slash at its end
	Page             string                    `json:"page"`              // of the petition
	At               time.Time                 `json:"at"`
	Congress         int                       `json:"congress"` // that sits then
	Holders          []*undersigned.Legislator `json:"holders"`  // of the seats, by state and district
	Maps             []stateMap                `json:"maps,omitempty"`
}

// maxGround is more than a ground has, in bytes; one with all members and maps has some 700,000.
const maxGround = 8 << 20

// NewGround gathers that. A state's districts have no map where their boundaries are not loaded.
func NewGround(content *undersigned.Content, a *undersigned.Action, site string, table *congress.Table, now time.Time) *Ground {
	text, lang := a.Text("en", content.Issue.Languages)
	g := &Ground{PID: a.PID, Kind: a.Kind, Title: text.Title, Ask: text.Ask, Body: text.Body, Language: lang,
		From: cmp.Or(content.Issue.Organizer, content.Issue.Publisher), Contact: content.Issue.Contact,
		Site: site, Page: site + "/" + a.Issue + "/" + a.Slug, At: now, Congress: undersigned.CongressAt(now), Maps: newStateMaps(table, now)}
	for _, member := range table.Legislators(now) {
		if table.Holds(member, now) {
			holder := *member
			holder.Offices = nil
			g.Holders = append(g.Holders, &holder)
		}
	}
	return g
}

// Write writes it as JSON.
func (g *Ground) Write(to io.Writer) error { return json.NewEncoder(to).Encode(g) }

// ReadGround reads what Write wrote.
func ReadGround(from io.Reader) (*Ground, error) {
	g := &Ground{}
	if err := json.NewDecoder(io.LimitReader(from, maxGround)).Decode(g); err != nil {
		return nil, fmt.Errorf("read what a packet says of its petition: %w", err)
	}
	for _, member := range g.Holders {
		if member == nil || !undersigned.ValidBioguide(member.Bioguide) || !seat.MatchString(member.SeatName()) {
			return nil, errors.New("read what a packet says of its petition: somebody has no seat")
		}
	}
	return g, nil
}
