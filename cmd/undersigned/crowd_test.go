package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/locale"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/store/storetest"
	"github.com/undersigned/undersigned/translog"
)

// petition is the page that everybody signs here.
const petition = "/immigration-detention/equality-under-the-law"

var english = locale.Load().Locale("en")

// crowd is people who sign, confirm and withdraw at the same time and write down what they were told. What they were not
// told, because the answer never came, may have happened or not.
type crowd struct {
	t     *testing.T
	p     *program
	mails *mailServer
	form  url.Values
	rest  time.Duration // before who was asked to come again does
	cut   bool          // the database is cut off meanwhile: then an honest 503 is an answer too

	told     chan struct{} // in a round: a word for each thing that somebody was told
	room     chan struct{} // in a round: how many may have signed and not confirmed
	signers  atomic.Int64
	pressed  atomic.Int64 // letters whose button was pressed and answered
	leaving  chan departure
	refusals atomic.Int64 // how often somebody was asked to come again, or got no answer
	going    atomic.Int64 // departures that have not come to their end

	mu        sync.Mutex
	last      time.Time       // when somebody was told something
	gap       time.Duration   // the longest time that nobody was
	signed    map[string]bool // by address: told to check the mail
	confirmed map[string]bool // told to be counted
	asked     map[string]bool // asked to be withdrawn, whatever came of it
	left      map[string]bool // told that it is done
}

// departure is somebody who takes a signature back.
type departure struct{ email, my string }

func newCrowd(p *program, mails *mailServer) *crowd {
	c := &crowd{t: p.t, p: p, mails: mails, leaving: make(chan departure, 1<<16)}
	for _, list := range []*map[string]bool{&c.signed, &c.confirmed, &c.asked, &c.left} {
		*list = map[string]bool{}
	}
	c.form = p.form(c.t, petition, "")
	return c
}

// gather sets the crowd to work. It works until the site goes away or stop is called, which waits for the last answer.
func (c *crowd) gather(signers int) (stop func()) {
	ctx, cancel := context.WithCancel(c.t.Context())
	c.told, c.room = make(chan struct{}, 1<<16), make(chan struct{}, 64)
	var people sync.WaitGroup
	for range signers {
		people.Go(func() { c.sign(ctx) })
	}
	for range 3 {
		people.Go(func() { c.confirm(ctx) })
	}
	people.Go(func() { c.leave(ctx) })
	return func() {
		cancel()
		people.Wait()
	}
}

// hear waits until people were told so many things.
func (c *crowd) hear(things int) {
	c.t.Helper()
	silence := time.NewTimer(patience)
	defer silence.Stop()
	for i := range things {
		silence.Reset(patience)
		select {
		case <-c.told:
		case <-silence.C:
			c.t.Fatalf("people were told %d things, and then no more", i)
		}
	}
}

// tell notes on a list what somebody was told.
func (c *crowd) tell(list map[string]bool, email string) {
	c.mu.Lock()
	list[email] = true
	if now := time.Now(); !c.last.IsZero() {
		c.gap = max(c.gap, now.Sub(c.last))
	}
	c.last = time.Now()
	c.mu.Unlock()
	c.told <- struct{}{}
}

func (c *crowd) is(list map[string]bool, email string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return list[email]
}

func (c *crowd) sign(ctx context.Context) {
	for {
		select {
		case c.room <- struct{}{}:
		case <-ctx.Done():
			return
		}
		// Of a little-known domain the 26th would be held for review. No mail leaves this machine.
		email := fmt.Sprintf("reader%d@gmail.com", c.signers.Add(1))
		form := url.Values{"email": {email}}
		for field, values := range c.form {
			if field != "email" {
				form[field] = values
			}
		}
		a, err := c.p.post(petition, form)
		if err != nil && !c.cut {
			return // the site is gone, and nobody was told anything
		}
		if err != nil {
			c.refused()
		}
		if err != nil || c.putOff(a) {
			<-c.room
			continue
		}
		if a.status != http.StatusSeeOther {
			c.t.Errorf("a form was answered %d", a.status)
			return
		}
		c.tell(c.signed, email)
	}
}

func (c *crowd) confirm(ctx context.Context) {
	for {
		var l letter
		select {
		case l = <-c.mails.arrived:
		case <-ctx.Done():
			return
		}
		a, err := c.p.do(http.MethodPost, l.link, "")
		if err != nil {
			c.mails.arrived <- l // its reader tries again when the site is back
			if c.cut {
				c.refused()
				continue
			}
			return
		}
		if c.putOff(a) {
			c.mails.arrived <- l
			continue
		}
		c.answered(l, a)
		select {
		case <-c.room:
		default:
		}
		c.pressed.Add(1)
	}
}

// answered looks at the page that somebody got for pressing the button.
func (c *crowd) answered(l letter, a *answer) {
	counted := strings.Contains(a.body, english.T("confirm.counted.title"))
	already := strings.Contains(a.body, english.T("confirm.already.title"))
	switch {
	case a.status == http.StatusOK && counted && c.is(c.confirmed, l.to):
		c.t.Errorf("%s was counted twice", l.to)
	case a.status == http.StatusOK && (counted || already):
		if !c.is(c.confirmed, l.to) && c.pressed.Load()%8 == 0 {
			my, ok := between(a.body, `href="/my/`, `"`)
			if !ok {
				c.t.Error("the confirmed page leads nowhere to withdraw")
			}
			c.going.Add(1)
			c.leaving <- departure{l.to, "/my/" + my}
		}
		c.tell(c.confirmed, l.to)
	case a.status == http.StatusOK && strings.Contains(a.body, english.T("confirm.withdrawn.title")) && c.is(c.asked, l.to):
	default:
		c.t.Errorf("a confirmation was answered %d: %.200s", a.status, a.body)
	}
}

func (c *crowd) leave(ctx context.Context) {
	for {
		var d departure
		select {
		case d = <-c.leaving:
		case <-ctx.Done():
			return
		}
		a, err := c.p.get(d.my)
		if err != nil {
			c.leaving <- d
			if c.cut {
				c.refused()
				continue
			}
			return
		}
		if c.putOff(a) {
			c.leaving <- d
			continue
		}
		if id, signed := between(a.body, `name="id" value="`, `"`); signed {
			c.mu.Lock()
			c.asked[d.email] = true
			c.mu.Unlock()
			if a, err = c.p.post(d.my+"/withdraw", url.Values{"id": {id}}); err != nil {
				c.leaving <- d
				if c.cut {
					c.refused()
					continue
				}
				return
			}
			if c.putOff(a) {
				c.leaving <- d
				continue
			}
			if a.status != http.StatusSeeOther {
				c.t.Errorf("a withdrawal was answered %d", a.status)
			}
		} else if !c.is(c.asked, d.email) {
			c.t.Errorf("%s finds no signature to withdraw: %d", d.email, a.status)
		}
		c.tell(c.left, d.email)
		c.going.Add(-1)
	}
}

// refused is for who was asked to come again, or got no answer.
func (c *crowd) refused() {
	c.refusals.Add(1)
	time.Sleep(c.rest)
}

// putOff tells whether somebody was asked to come again.
func (c *crowd) putOff(a *answer) bool {
	off := c.cut && a.status == http.StatusServiceUnavailable
	if off {
		c.refused()
	}
	return off
}

// settle lets people finish what they have begun: every mail is read, every button pressed, nobody signs any more.
func (c *crowd) settle(jobs func() int64) {
	c.t.Helper()
	stop := c.gather(0)
	eventually(c.t, "every mail is sent, read and answered", func() bool {
		// In this order: a mail is accepted before its job is erased, and somebody leaves before the letter is done with.
		return jobs() == 0 && c.pressed.Load() == int64(len(c.mails.all())) && c.going.Load() == 0
	})
	stop()
}

// check compares what people were told with what the site says of itself, on its pages and in its log.
func (c *crowd) check() {
	c.t.Helper()
	ids := map[string]string{}
	twice := 0
	for _, l := range c.mails.all() {
		if id, seen := ids[l.to]; seen {
			twice++
			if id != l.id {
				c.t.Errorf("two mails about one signing have the Message-IDs %s and %s", id, l.id)
			}
		}
		ids[l.to] = l.id
	}
	for email := range c.signed {
		if ids[email] == "" {
			c.t.Errorf("%s was told to check the mail, and none came", email)
		}
		if !c.confirmed[email] {
			c.t.Errorf("%s has signed and could not confirm", email)
		}
	}
	want := len(c.confirmed) - len(c.left)
	c.t.Logf("%d told to check their mail, %d mails twice, %d confirmed, %d withdrawn", len(c.signed), twice, len(c.confirmed), len(c.left))
	c.checkCount(want)
	c.checkLog(want)
}

// checkCount waits until the page and count.json say the number.
func (c *crowd) checkCount(want int) {
	c.t.Helper()
	eventually(c.t, fmt.Sprintf("%d are counted", want), func() bool { return countOn(c.t, c.p) == want })
	printed := english.N("count.signed", want)
	eventually(c.t, "the page says "+printed, func() bool { return strings.Contains(c.p.mustGet(c.t, petition).body, printed) })
}

// checkLog compares the public log with the page and with what people were told.
func (c *crowd) checkLog(counted int) {
	c.t.Helper()
	all := verifyLog(c.t, c.p.visitor)
	// Who withdrew before the signature had its place in the log is not in it.
	if all.Counted != int64(counted) || all.Withdrawn > int64(len(c.left)) {
		c.t.Errorf("%d are counted and %d withdrew; the log says %+v", counted, len(c.left), all)
	}
}

// verifyLog reads a site's whole public log as a stranger does, and adds up its petitions.
func verifyLog(t *testing.T, v *visitor) (all translog.Counts) {
	t.Helper()
	client, err := translog.NewClient("http://" + v.addr + "/log")
	must(t, err)
	policy, err := translog.ParsePolicy(v.mustGet(t, "/log/policy").body)
	must(t, err)
	report, err := translog.Verify(t.Context(), client, policy)
	if err != nil {
		t.Fatalf("the log does not verify: %v", err)
	}
	for _, p := range report.Petitions {
		all.Counted += p.Counts.Counted
		all.Withdrawn += p.Counts.Withdrawn
	}
	if len(report.TextsMissing) > 0 {
		t.Errorf("the log does not serve the texts %v", report.TextsMissing)
	}
	return all
}

// checkRows counts everything anew from the rows of a site that has ended.
func (c *crowd) checkRows(db *store.DB, vkey string) {
	c.t.Helper()
	log := storetest.Recount(c.t, db, vkey)
	rows := map[undersigned.SignatureState]int{}
	for _, row := range log.Signatures {
		rows[row.State]++
	}
	if rows[undersigned.SignatureCounted] != len(c.confirmed)-len(c.left) || rows[undersigned.SignatureWithdrawn] != len(c.left) ||
		len(log.Signatures) != len(c.confirmed) {
		c.t.Errorf("%d confirmed and %d withdrew; the rows by state are %v", len(c.confirmed), len(c.left), rows)
	}
}
