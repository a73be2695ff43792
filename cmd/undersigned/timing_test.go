//go:build torture

package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"
	"time"
)

// Somebody with a clock sends forms about addresses that are new, wait for their click, have signed, or want no mail, all
// mixed: the medians of how long each takes must not tell them apart.
func TestNoTimingTellsWhetherAnAddressSigned(t *testing.T) {
	const people, rounds = 40, 2400
	mails := newMailServer(t)
	p := newProgram(t, "--smtp-url", mails.url())
	p.start()
	kinds := []string{"new", "waits", "signed", "blocked"}
	for _, kind := range kinds[1:] {
		for i := range people {
			p.sign(t, petition, fmt.Sprintf("%s%d@gmail.com", kind, i))
			l := mails.next("a mail")
			switch kind {
			case "signed":
				p.press(t, l.link)
			case "blocked":
				stop, _ := between(l.raw, "List-Unsubscribe: <", ">")
				path, _ := between(stop+" ", "/unsubscribe/", " ")
				if a, err := p.do(http.MethodPost, "/unsubscribe/"+path, "List-Unsubscribe=One-Click"); err != nil || a.status != http.StatusOK {
					t.Fatalf("stop: %+v %v", a, err)
				}
			}
		}
	}
	form := p.form(t, petition, "")
	order, took := rand.New(rand.NewPCG(1, 2)), map[string][]time.Duration{}
	for i := range rounds {
		kind := kinds[order.IntN(len(kinds))]
		form.Set("email", fmt.Sprintf("%s%d@gmail.com", kind, i%people))
		if kind == "new" {
			form.Set("email", fmt.Sprintf("newer%d@gmail.com", i))
		}
		begun := time.Now()
		a, err := p.post(petition, form)
		took[kind] = append(took[kind], time.Since(begun))
		if err != nil || a.status != http.StatusSeeOther {
			t.Fatalf("%+v %v", a, err)
		}
	}
	median := func(kind string) time.Duration {
		slices.Sort(took[kind])
		return took[kind][len(took[kind])/2]
	}
	usual := median("new")
	for _, kind := range kinds {
		m := median(kind)
		t.Logf("%s: %d forms, median %v", kind, len(took[kind]), m)
		if off := m - usual; max(off, -off) > usual/10 {
			t.Errorf("%s takes %v, new %v", kind, m, usual)
		}
	}
}
