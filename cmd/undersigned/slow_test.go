//go:build torture && linux

package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// slowClients is how many come at once.
const slowClients = 4000

// 4,000 clients who send or read as slowly as they can, in four ways, while one reads and signs as people do.
func TestSlowClientsDoNotSlowAnybodyElse(t *testing.T) {
	mails := newMailServer(t)
	p := newProgram(t, "--smtp-url", mails.url())
	p.start()
	slowly := func(args ...string) func() {
		return func() {
			c := strconv.Itoa(slowClients)
			_ = exec.Command("slowhttptest", append(args, "-c", c, "-r", "1000", "-l", "20", "-u", "http://"+p.addr+petition)...).Run()
		}
	}
	for name, attack := range map[string]func(){
		"headers": slowly("-H", "-i", "2"),
		"bodies":  slowly("-B", "-i", "2", "-s", "60000"),
		"readers": slowly("-X", "-n", "5", "-w", "1", "-y", "8", "-z", "2", "-k", "50"),
		"floods":  func() { flood(p.addr) },
	} {
		t.Run(name, func(t *testing.T) {
			over := make(chan struct{})
			go func() { attack(); close(over) }()
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
				form.Set("email", fmt.Sprintf("%s%d@gmail.com", name, len(took)))
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

// flood sends bodies that are nearly as large as may be, and never their last bytes. It ends when the site has cut them off.
func flood(addr string) {
	body := bytes.Repeat([]byte("a=b&"), 250_000/4)
	var clients sync.WaitGroup
	for i := range slowClients {
		clients.Go(func() {
			time.Sleep(time.Duration(i) * time.Second / 1000)
			conn, err := net.Dial("tcp", addr)
			if err != nil {
				return
			}
			defer conn.Close()
			_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
			fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n", petition, len(body)+10)
			_, _ = conn.Write(body)
			_, _ = io.Copy(io.Discard, conn)
		})
	}
	clients.Wait()
}
