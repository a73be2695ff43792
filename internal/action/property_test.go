package action

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// TestWhateverPeopleDoInWhateverOrderTheCountIsRight does random things and recounts after each.
func TestWhateverPeopleDoInWhateverOrderTheCountIsRight(t *testing.T) {
	for seed, mode := range []string{defaultMode, defaultMode, sealedMode} {
		t.Run(fmt.Sprint(seed, mode), func(t *testing.T) {
			runIn(t, mode, func(t *testing.T, s *testSite) {
				p := &people{testSite: s, dice: rand.New(rand.NewPCG(uint64(seed), 7))}
				for step := range 60 {
					what := p.step()
					s.recount()
					if t.Failed() {
						t.Fatalf("step %d: %s", step, what)
					}
				}
				s.tick()
			})
		})
	}
}

// people are those who use the site.
type people struct {
	*testSite
	dice   *rand.Rand
	links  []string
	emails []string
	closed bool
}

func (p *people) step() string {
	p.t.Helper()
	slug := []string{"petition", "pledge"}[p.dice.IntN(2)]
	switch n := p.dice.IntN(20); {
	case n < 6:
		email := fmt.Sprintf("p%d@example.org", p.dice.IntN(12))
		in := p.input(slug, []string{"Ana", "Rui", "Eva"}[p.dice.IntN(3)], email)
		_ = p.SignPetition(p.t.Context(), in) // closed now and then
		before := len(p.box.mails)
		p.work()
		for _, m := range p.box.mails[before:] {
			p.links = append(p.links, tokenIn(p.t, m, "/confirm/"))
			p.emails = append(p.emails, email)
		}
		return "sign"
	case n < 12 && len(p.links) > 0:
		_, _ = p.Confirm(p.t.Context(), p.links[p.dice.IntN(len(p.links))]) // a dead link now and then
		return "confirm"
	case n < 15 && len(p.emails) > 0:
		my := p.myToken(p.emails[p.dice.IntN(len(p.emails))])
		mine := p.allMine(my)
		if len(mine) == 0 {
			return "nothing to take back"
		}
		id := mine[p.dice.IntN(len(mine))].ID
		switch p.dice.IntN(3) {
		case 0:
			must(p.t, p.Withdraw(p.t.Context(), my, id))
		case 1:
			must(p.t, p.Erase(p.t.Context(), my, id, false))
		case 2:
			must(p.t, p.Erase(p.t.Context(), my, id, true))
		}
		return "take back"
	case n == 15:
		p.closed = !p.closed
		p.load(closeContent(p.closed))
		return "close or open"
	case n == 16:
		p.closeDuty()
		return "the duty of closing"
	case n == 17:
		p.clock.Move(time.Duration(p.dice.IntN(20)) * time.Hour)
		return "time goes by"
	}
	p.tick()
	return "tick"
}
