//go:build torture && linux

package main

import (
	"fmt"
	"net/http"
	"os/exec"
	"slices"
	"testing"
	"time"
)

// 4,000 clients who send or read as slowly as they can, in three ways, while one reads and signs as people do.
func TestSlowClientsDoNotSlowAnybodyElse(t *testing.T) {
	mails := newMailServer(t)
	p := newProgram(t, "--smtp-url", mails.url())
	p.start()
	for name, args := range map[string][]string{
		"headers": {"-H", "-i", "2"},
		"bodies":  {"-B", "-i", "2", "-s", "60000"},
		"readers": {"-X", "-n", "5", "-w", "1", "-y", "8", "-z", "2", "-k", "50"},
	} {
		t.Run(name, func(t *testing.T) {
			attack := exec.Command("slowhttptest", append(args, "-c", "4000", "-r", "1000", "-l", "20", "-u", "http://"+p.addr+petition)...)
			must(t, attack.Start())
			over := make(chan error, 1)
			go func() { over <- attack.Wait() }()
			var took []time.Duration
			timed := func(what string, want int, do func() (*answer, error)) {
				begun := time.Now()
				if a, err := do(); err != nil || a.status != want {
					t.Errorf("%s: %+v %v", what, a, err)
				}
				took = append(took, time.Since(begun))
			}
			form := p.form(t, petition, "")
			tick := time.NewTicker(25 * time.Millisecond)
			defer tick.Stop()
			for begun := time.Now(); time.Since(begun) < 20*time.Second; <-tick.C {
				form.Set("email", fmt.Sprintf("%s%d@mail.example", name, len(took)))
				timed("a page", http.StatusOK, func() (*answer, error) { return p.get(petition) })
				timed("a form", http.StatusSeeOther, func() (*answer, error) { return p.post(petition, form) })
			}
			<-over
			slices.Sort(took)
			p99, memory := took[len(took)*99/100], p.memory()
			t.Logf("%d requests, p99 %v, memory %d MB", len(took), p99, memory>>20)
			if p99 > 500*time.Millisecond || memory > 300<<20 {
				t.Errorf("p99 %v, memory %d MB", p99, memory>>20)
			}
		})
	}
	p.terminate()
	p.wantNoErrors()
}
