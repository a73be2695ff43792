package web

import (
	"cmp"
	"fmt"
	"html"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/undersigned/undersigned/internal/mail"
	"github.com/undersigned/undersigned/internal/store"
)

// The bot lab: bots against honest people, on one petition, within one hour of a clock that stands still between its steps.
// Handlers, database, mail worker and log are the real ones. What it does not know: people who buy mailboxes at large
// providers are counted, and each little-known domain is worth 25 names until the brake goes on.

const labStep = 5 * time.Second

// labPerson is one honest person, or one mailbox of a bot.
type labPerson struct {
	class, email, addr string
	honest, scripts    bool
	at                 time.Duration // when the form is sent
	mailbox            bool          // somebody reads it, and presses the button

	mu      sync.Mutex
	mailed  time.Duration // 0 is never
	outcome string        // title of the page after the button; empty where it never came to that
}

type lab struct {
	*testSite
	begun   time.Time
	rng     *rand.Rand
	people  []*labPerson
	owners  map[string]*labPerson // by the address that mail goes to
	mu      sync.Mutex
	todo    map[int][]func()
	replays []func() // what bots send again
	domains int      // little-known ones that bots own
}

// TestBotLab takes a tenth of everything, and with UNDERSIGNED_TEST_BOTLAB=full all of it (make botlab).
func TestBotLab(t *testing.T) {
	scale := 10
	if os.Getenv("UNDERSIGNED_TEST_BOTLAB") == "full" {
		scale = 1
	}
	l := &lab{testSite: newSite(t), rng: rand.New(rand.NewPCG(8, 5)), owners: map[string]*labPerson{}, todo: map[int][]func(){},
		domains: max(7/scale, 1)}
	behindProxy(l.testSite)
	l.begun = l.now()
	l.honest(scale)
	attempts := l.bots(scale)
	l.run()
	l.report(attempts, scale)
}

func (l *lab) add(p *labPerson) {
	l.people = append(l.people, p)
	l.owners[strings.ToLower(p.email)] = p
	l.later(p.at, func() { l.sign(p) })
}

// later does something at a moment of the lab's clock.
func (l *lab) later(at time.Duration, do func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	step := int(at / labStep)
	l.todo[step] = append(l.todo[step], do)
}

func (l *lab) within(d time.Duration) time.Duration { return time.Duration(l.rng.Int64N(int64(d))) }

func (l *lab) honest(scale int) {
	providers := []string{"gmail.com", "yahoo.com", "outlook.com", "icloud.com", "comcast.net", "proton.me", "aol.com"}
	add := func(n int, class string, from, span time.Duration, addr func(i int) string, domain func(i int) string) {
		for i := range n {
			l.add(&labPerson{class: class, honest: true, mailbox: true, scripts: i%2 == 0, at: from + l.within(span), addr: addr(i),
				email: fmt.Sprintf("%s%d@%s", strings.ReplaceAll(class, " ", "."), i, domain(i))})
		}
	}
	some := func(i int) string { return providers[i%len(providers)] }
	add(300/scale, "campus", 20*time.Minute, 5*time.Minute, func(int) string { return "198.51.100.77" }, func(i int) string {
		switch {
		case i%3 > 0:
			return "college.edu"
		case i%15 == 0:
			return fmt.Sprintf("family%d.example", i)
		}
		return some(i)
	})
	add(200/scale, "onion", 10*time.Minute, 10*time.Minute, func(int) string { return "127.0.0.1" }, func(i int) string {
		return []string{"proton.me", "riseup.net", "tuta.com", "gmail.com"}[i%4]
	})
	add(1500/scale, "at home", 0, 55*time.Minute, func(i int) string {
		if i%3 == 0 {
			return fmt.Sprintf("2001:db8:%x:%x00::%x", i/200, i/2%200, i)
		}
		return fmt.Sprintf("100.%d.%d.%d", 64+i/40000, i/200%200, i/2%200) // two a house
	}, func(i int) string {
		switch {
		case i < 20/scale+1:
			return "small-shelter.example"
		case i%6 == 0:
			return fmt.Sprintf("own%d.example", i/18)
		case i%10 == 0:
			return []string{"harvard.edu", "mass.gov", "unam.edu.mx"}[i/10%3]
		}
		return some(i)
	})
}

// bots adds those of each kind, and gives how often each tries.
func (l *lab) bots(scale int) (attempts map[string]int) {
	attempts = map[string]int{}
	add := func(n int, class string, mailbox bool, addr func(i int) string, email func(i int) string) {
		attempts[class] += n
		for i := range n {
			p := &labPerson{class: class, mailbox: mailbox, scripts: true, at: 5*time.Minute + l.within(50*time.Minute), addr: addr(i), email: email(i)}
			if l.owners[strings.ToLower(p.email)] != nil { // the same mailbox again
				l.later(p.at, func() { l.sign(p) })
				continue
			}
			l.add(p)
		}
	}
	mailbox := func(i, domain int) string { return fmt.Sprintf("u%d@owned%d.example", i, domain%l.domains) }
	cloud := func(i int) string { return fmt.Sprintf("192.0.2.%d", i%50) }
	net24 := func(i int) string { return fmt.Sprintf("203.0.113.%d", i%256) }
	botnet := func(i int) string { return fmt.Sprintf("11.%d.%d.7", i%2000/200, i%200) }
	add(8000/scale, "no mailbox", false, botnet, func(i int) string { return fmt.Sprintf("nobody%d@gmail.com", i) })
	add(4000/scale, "catch-all domain", true, cloud, func(i int) string { return mailbox(i%(2000/scale), 0) })
	add(500/scale, "tags of one address", true, cloud, func(i int) string { return fmt.Sprintf("ONE.bot+%d@gmail.com", i) })
	add(2500/scale, "one /24", true, net24, func(i int) string {
		if i%2 == 0 {
			return fmt.Sprintf("v%d@mailinator.com", i)
		}
		return mailbox(10_000+i, 1)
	})
	add(2350/scale, "2,000 addresses", true, botnet, func(i int) string { return mailbox(20_000+i, 2+i%5) })
	add(150/scale, "bought mailboxes", true, botnet, func(i int) string { return fmt.Sprintf("bought%d@outlook.com", i) })
	attempts["replayed tokens"] = 2500 / scale
	for range 2500 / scale {
		l.later(30*time.Minute+l.within(25*time.Minute), l.replay)
	}
	return attempts
}

// replay sends again what a bot has sent before: a form that waited, a confirmation.
func (l *lab) replay() {
	l.mu.Lock()
	var again func()
	if n := len(l.replays); n > 0 {
		again = l.replays[l.rng.IntN(n)]
	}
	l.mu.Unlock()
	if again != nil {
		again()
	}
}

func (l *lab) remember(again func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.replays = append(l.replays, again)
}

const labPath = "/shelter/equality"

func (l *lab) send(p *labPerson, path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "https://"+testHost+path, strings.NewReader(form.Encode()))
	r.RemoteAddr = "127.0.0.1:1234"
	r.Header.Set("X-Forwarded-For", p.addr)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	l.Handler().ServeHTTP(w, r)
	return w
}

func (l *lab) elapsed() time.Duration { return l.now().Sub(l.begun) }

func (l *lab) sign(p *labPerson) {
	given, _, _ := strings.Cut(strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return 'a' + r - '0'
		}
		return r
	}, p.email), "@")
	form := url.Values{"given_name": {given}, "family_name": {"Silva"}, "email": {p.email}, "postal_code": {"02138"}, "country": {"US"},
		formTokenField: {l.token()}}
	if !p.mailbox {
		form.Set(trapField, "https://spam.example") // the cheapest bots fill in everything
	}
	l.answered(p, l.send(p, labPath, form))
}

// answered waits where that is asked for. Somebody without scripts presses a little too late, or too early.
func (l *lab) answered(p *labPerson, w *httptest.ResponseRecorder) {
	switch w.Code {
	case http.StatusSeeOther:
		return
	case http.StatusTooManyRequests:
	default:
		l.t.Errorf("%s: status %d", p.class, w.Code)
		return
	}
	_, rest, _ := strings.Cut(w.Body.String(), `name="wait" value="`)
	token, _, _ := strings.Cut(rest, `"`)
	var seconds int
	if _, err := fmt.Sscan(w.Header().Get("Retry-After"), &seconds); err != nil {
		l.t.Error("no Retry-After")
	}
	due := l.elapsed() + time.Duration(seconds)*time.Second + labStep
	if !p.scripts {
		due += 2 * labStep
		if seconds > 60 && seconds%2 == 0 {
			due -= 40 * time.Second
		}
	}
	press := func() { l.answered(p, l.send(p, labPath, url.Values{waitField: {html.UnescapeString(token)}})) }
	l.later(due, press)
	if !p.honest {
		l.remember(func() { l.send(p, labPath, url.Values{waitField: {html.UnescapeString(token)}}) })
	}
}

func (l *lab) token() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.between(l.get(labPath), `name="form_token" value="`, `"`)
}

// run lets the hour pass, and a quarter more.
func (l *lab) run() {
	stop := make(chan struct{})
	defer close(stop)
	go l.readMail(stop)
	for step := 0; step <= int(75*time.Minute/labStep); step++ {
		for {
			l.mu.Lock()
			due := l.todo[step]
			delete(l.todo, step)
			l.mu.Unlock()
			if len(due) == 0 {
				break
			}
			l.all(due)
			l.sendMail()
		}
		l.pass(labStep)
		if step%12 == 0 {
			l.must(l.log.Tick(l.t.Context()))
			l.must(l.poll(l.t.Context()))
			l.must(l.actions.WatchBrakes(l.t.Context()))
		}
	}
	l.tick()
}

// all does many things at once, as a crowd does.
func (l *lab) all(due []func()) {
	var all sync.WaitGroup
	next := make(chan func())
	for range 16 {
		all.Go(func() {
			for do := range next {
				do()
			}
		})
	}
	for _, do := range due {
		next <- do
	}
	close(next)
	all.Wait()
}

// sendMail waits until every mail that is due has gone.
func (l *lab) sendMail() {
	for n := int64(1); n > 0; <-time.After(time.Millisecond) {
		l.must(l.db.View(l.t.Context(), func(tx *store.Tx) error {
			n = 0
			for _, queue := range []string{"mail", "mail-later"} {
				jobs, _, err := tx.QueueState(queue)
				if err != nil {
					return err
				}
				n += jobs
			}
			return nil
		}))
	}
}

// readMail is everybody's mailbox.
func (l *lab) readMail(stop chan struct{}) {
	for {
		select {
		case m := <-l.mail:
			l.arrived(m)
		case <-stop:
			return
		}
	}
}

func (l *lab) arrived(m *mail.Message) {
	p := l.owners[strings.ToLower(m.To)]
	if p == nil || !p.mailbox {
		return
	}
	u, err := url.Parse(mail.Links(m.Text)[0])
	if err != nil {
		l.t.Error(err)
		return
	}
	now := l.elapsed()
	p.mu.Lock()
	p.mailed = cmp.Or(p.mailed, now)
	p.mu.Unlock()
	wait := 2 * labStep
	if p.honest {
		wait += time.Duration(len(p.email)%12) * labStep
	}
	press := func() {
		w := l.send(p, u.Path, url.Values{})
		_, rest, _ := strings.Cut(w.Body.String(), "<h1>")
		title, _, _ := strings.Cut(rest, "</h1>")
		p.mu.Lock()
		defer p.mu.Unlock()
		// A replay of the same button may be answered "already" before the first press has noted its answer.
		if already := l.catalogue.Locale("en").T("confirm.already.title"); p.outcome == "" || p.outcome == already {
			p.outcome = html.UnescapeString(title)
		}
	}
	l.later(now+wait, press)
	if !p.honest {
		l.remember(press)
	}
}

// report says what came of everybody, and fails where an honest person was lost, held or kept waiting, or too many bots
// are counted.
func (l *lab) report(attempts map[string]int, scale int) {
	words := l.catalogue.Locale("en")
	counted, held := words.T("confirm.counted.title"), words.T("confirm.held.title")
	type sum struct{ people, counted, held, none, other int }
	sums, longest := map[string]*sum{}, map[string]time.Duration{}
	bots, tries := 0, 0
	for _, p := range l.people {
		s := sums[p.class]
		if s == nil {
			s = &sum{}
			sums[p.class] = s
		}
		s.people++
		switch p.outcome {
		case counted:
			s.counted++
			if !p.honest {
				bots++
			}
		case held:
			s.held++
		case "":
			s.none++
		default:
			s.other++
		}
		if p.honest {
			longest[p.class] = max(longest[p.class], p.mailed-p.at)
			if p.outcome != counted || p.mailed-p.at > 5*time.Minute {
				l.t.Errorf("%s, %s: waited %v, then %q", p.class, p.email, p.mailed-p.at, p.outcome)
			}
		}
	}
	for _, class := range slices.Sorted(maps.Keys(sums)) {
		s := sums[class]
		l.t.Logf("%-20s %5d tries %5d mailboxes: %5d counted, %5d held, %5d otherwise told, %5d never confirmed; waited at most %v", class,
			max(attempts[class], s.people), s.people, s.counted, s.held, s.other, s.none, longest[class])
	}
	for _, n := range attempts {
		tries += n
	}
	l.t.Logf("replayed tokens: %d tries", attempts["replayed tokens"])
	l.t.Logf("counted bots: %d of %d tries, %.2f %%", bots, tries, 100*float64(bots)/float64(tries))
	// A domain's names, two of one address, the bought mailboxes. The share is asked for in full size only: in a tenth of it,
	// one domain is more than a tenth of seven.
	if most := 25*l.domains + 2 + 150/scale; bots > most || scale == 1 && 50*bots > tries {
		l.t.Errorf("%d bots are counted, at most %d may be", bots, most)
	}
	if n, _ := l.counted(labPath); n != bots+len(l.people)-l.botMailboxes() {
		l.t.Errorf("%d are printed; %d bots and %d honest people were told that they are counted", n, bots, len(l.people)-l.botMailboxes())
	}
}

func (l *lab) botMailboxes() (n int) {
	for _, p := range l.people {
		if !p.honest {
			n++
		}
	}
	return n
}
