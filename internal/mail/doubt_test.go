package mail

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A mail server is out for an hour in four ways, one after the other, while people go on signing: it hangs up, answers 451,
// takes the text and says nothing, and drops its connections after each yes. Nobody's mail is lost. Twice come only those
// that were under way when it fell silent, and about one for each five minutes in which it stayed so.
func TestHourWithoutAMailServerLosesNoMailAndDoublesFew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const mails = 20_000
		server := &scripted{script: map[string][]string{}}
		client := server.client(t, relay)
		misbehave := func(verb, answer string) {
			server.mu.Lock()
			defer server.mu.Unlock()
			server.script = map[string][]string{verb: {answer}}
		}
		go func() {
			for _, fault := range [][2]string{{"CONNECT", hangUp}, {"MAIL", "451 4.3.2 later"}, {"END", sayNever}, {"END", yesAndHangUp}} {
				misbehave(fault[0], fault[1])
				time.Sleep(15 * time.Minute)
			}
			misbehave("", "")
		}()
		var people sync.WaitGroup
		for i := range mails {
			people.Go(func() {
				time.Sleep(time.Hour * time.Duration(i) / mails)
				sendPatiently(t, client, fmt.Sprintf("%d@example.org", i))
			})
		}
		people.Wait()
		got := map[string]int{}
		for _, text := range server.mails {
			_, rest, _ := strings.Cut(text, "Message-ID: <")
			id, _, _ := strings.Cut(rest, ">")
			got[id]++
		}
		twice := 0
		for _, n := range got {
			if n > 1 {
				twice++
			}
		}
		t.Logf("%d mails came, %d of them more than once", len(got), twice)
		if len(got) != mails || twice*1000 > mails || twice > connections+6 {
			t.Errorf("of %d mails %d came, %d more than once", mails, len(got), twice)
		}
	})
}

// sendPatiently tries again as the queue of mails does.
func sendPatiently(t *testing.T, client *SMTP, id string) {
	m := sample()
	m.ID = id
	for attempt := range 12 {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		err := client.Send(ctx, m)
		cancel()
		if err == nil {
			return
		}
		wait := min(time.Minute<<attempt, time.Hour)
		if asFailure(t, err).Uncertain && attempt > 0 {
			wait = max(wait, 30*time.Minute)
		}
		time.Sleep(wait)
	}
	t.Errorf("%s was given up", id)
}
