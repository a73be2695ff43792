package mail

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/locale"
)

var update = flag.Bool("update", false, "write the golden files anew")

const (
	site        = "Center for Human Rights"
	title       = "No detention without a judge's review"
	confirmLink = "https://act.example.org/confirm/k1.AbCdEf0123456789"
	stopLink    = "https://act.example.org/unsubscribe/k1.XyZ"
)

func composer(t testing.TB) *Composer {
	t.Helper()
	c, err := NewComposer(locale.Load(), "Notices <notices@example.org>", site)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func letterhead(lang string) Letterhead {
	return Letterhead{ID: "7k2w@example.org", To: "ana@example.com", Language: lang,
		Date: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
}

// allMails writes each mail in each language, by the name of its golden file.
func allMails(t *testing.T) map[string]*Message {
	t.Helper()
	c := composer(t)
	mails := map[string]*Message{}
	for _, lang := range locale.Load().Languages() {
		var err error
		if mails["confirm."+lang], err = c.Confirm(letterhead(lang), confirmLink, title, stopLink); err != nil {
			t.Fatal(err)
		}
		if mails["letter."+lang], err = c.ConfirmLetter(letterhead(lang), confirmLink, title, stopLink); err != nil {
			t.Fatal(err)
		}
		if mails["my-link."+lang], err = c.MyLink(letterhead(lang), "https://act.example.org/my/AbC", stopLink); err != nil {
			t.Fatal(err)
		}
		if mails["offer-confirm."+lang], err = c.ConfirmOffer(letterhead(lang), confirmLink, title, stopLink); err != nil {
			t.Fatal(err)
		}
		if mails["sign-in."+lang], err = c.SignIn(letterhead(lang), "https://act.example.org/admin/sign-in/AbC", false); err != nil {
			t.Fatal(err)
		}
		if mails["invitation."+lang], err = c.SignIn(letterhead(lang), "https://act.example.org/admin/sign-in/AbC", true); err != nil {
			t.Fatal(err)
		}
		if mails["correction."+lang], err = c.ConfirmCorrection(letterhead(lang), "https://act.example.org/confirm/correction/AbC", "Detention Watch Network", stopLink); err != nil {
			t.Fatal(err)
		}
		if mails["attend."+lang], err = c.Attend(letterhead(lang), "https://act.example.org/attend/AbC", title, "2027-01-21"); err != nil {
			t.Fatal(err)
		}
		if mails["update-stopped."+lang], err = c.UpdateStopped(letterhead(lang), "https://act.example.org/admin/news/AbC", title,
			undersigned.UpdateTally{Sent: 1900, Refused: 60, Bounced: 40}); err != nil {
			t.Fatal(err)
		}
		if mails["trial."+lang], err = c.Trial(letterhead(lang), "https://act.example.org/admin/settings/mail"); err != nil {
			t.Fatal(err)
		}
		exported := Exported{Link: "https://act.example.org/admin/audit", Kind: "signatures", Subject: "cause/equality", N: 1234, Who: "Ana Gómez", Reason: "The office asked <b>twice</b>."}
		if mails["exported."+lang], err = c.Exported(letterhead(lang), exported); err != nil {
			t.Fatal(err)
		}
		for name, text := range allNews(c, lang) {
			links := NewsLinks{Stop: "https://act.example.org/unsubscribe/k1.StOp", Never: stopLink, Bounce: "bounces+k1@example.org"}
			if mails["news-"+name+"."+lang], err = c.News(letterhead(lang), text, "2026-11-01", links); err != nil {
				t.Fatal(err)
			}
		}
		for _, reason := range []string{"new", "waits", "owner", "withdrawn"} {
			o := Offer{Reason: reason, Title: title, Link: "https://act.example.org/offers/AbC", Day: "2026-11-15"}
			if reason == "withdrawn" {
				o.Name = "Ana"
			}
			if reason == "new" || reason == "waits" {
				o.Submission = &undersigned.Submission{Person: undersigned.Person{GivenName: "Ana", FamilyName: "Gómez", Email: "ana@example.com",
					Comment: "I can translate.\n<b>On Mondays</b>."}, Answers: []undersigned.QuestionAnswer{
					{Question: "When?", Kind: undersigned.ChoiceQuestion, Words: "Weekends"}, {Question: "Can you travel?", Kind: undersigned.YesNoQuestion, Words: "yes"}}}
			}
			if mails["offer-"+reason+"."+lang], err = c.Offer(letterhead(lang), o); err != nil {
				t.Fatal(err)
			}
		}
	}
	return mails
}

func TestMailsReadAsTheirGoldenFiles(t *testing.T) {
	for name, m := range allMails(t) {
		for path, got := range map[string]string{name + ".txt": "Subject: " + m.Subject + "\n\n" + m.Text, name + ".html": m.HTML} {
			path = filepath.Join("testdata", path)
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s has changed; look at it and run go test ./internal/mail -update:\n%s", path, got)
			}
		}
	}
}

// forStaff are mails to somebody whose work it is: nobody stops those.
var forStaff = regexp.MustCompile(`^(attend|exported|trial|offer-|sign-in|invitation|update-)`)

func TestMailsCanBeSent(t *testing.T) {
	for name, m := range allMails(t) {
		_, k, wire := roundTrip(t, m)
		if k.Text != m.Text || k.HTML != m.HTML || m.Unsubscribe == "" && !forStaff.MatchString(name) {
			t.Errorf("%s comes back different", name)
		}
		if stops := m.Unsubscribe != ""; len(k.Links) != 1 && !stops || stops && (len(k.Links) < 2 || k.Links[len(k.Links)-1] != stopLink) {
			t.Errorf("%s: links %q", name, k.Links)
		}
		if len(wire) > 20_000 {
			t.Errorf("%s has %d bytes", name, len(wire))
		}
	}
}

// A notification shows sender, subject and the beginning of the text, to whoever holds the telephone.
func TestNothingBeforeTheLinkNamesTheSiteOrTheCause(t *testing.T) {
	telling := regexp.MustCompile(`(?i)\b(center|human|rights|detention|judge|petition|petición|firm(a|e|ó)|signed|signature)\b`)
	for name, m := range allMails(t) {
		beforeText, _, _ := strings.Cut(m.Text, "https://")
		beforeHTML, _, _ := strings.Cut(m.HTML, "https://")
		if beforeText == m.Text || beforeHTML == m.HTML {
			t.Fatalf("%s has no link", name)
		}
		for part, text := range map[string]string{"subject": m.Subject, "sender": m.From, "text": beforeText, "HTML": beforeHTML} {
			if found := telling.FindString(text); found != "" {
				t.Errorf("%s: the %s says %q", name, part, found)
			}
		}
	}
}

func TestHTMLLoadsNothingAndNamesItsLanguage(t *testing.T) {
	loads := regexp.MustCompile(`(?i)\bsrc=|url\(|@import|<link|<img|<script|<iframe|<object|\bbackground=`)
	address := regexp.MustCompile(`(?i)(https?:)?//[^"<\s]+`)
	for name, m := range allMails(t) {
		if found := loads.FindString(m.HTML); found != "" {
			t.Errorf("%s holds %q", name, found)
		}
		for _, found := range address.FindAllString(m.HTML, -1) {
			if !strings.HasPrefix(found, "https://act.example.org/") {
				t.Errorf("%s points to %s", name, found)
			}
		}
		if !strings.Contains(m.HTML, `<html lang="`+name[len(name)-2:]+`" dir="ltr">`) || strings.Count(m.HTML, "<h1") != 1 {
			t.Errorf("%s is badly marked up", name)
		}
	}
}

func TestTitleIsTextWhateverItHolds(t *testing.T) {
	m, err := composer(t).Confirm(letterhead("en"), confirmLink, "<b>Free</b> {site}\r\nBcc: x\x00\u2028y & z", stopLink)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(m.Text, "“<b>Free</b> {site} Bcc: x y & z”") {
		t.Errorf("text: %s", m.Text)
	}
	if !strings.Contains(m.HTML, "“&lt;b&gt;Free&lt;/b&gt; {site} Bcc: x y &amp; z”") {
		t.Errorf("HTML: %s", m.HTML)
	}
}

func TestLongestLinkSurvives(t *testing.T) {
	long := confirmLink + strings.Repeat("-_aZ09", 300)
	m, err := composer(t).Confirm(letterhead("es"), long, title, stopLink)
	if err != nil {
		t.Fatal(err)
	}
	_, k, _ := roundTrip(t, m)
	if k.Links[0] != long || !strings.Contains(k.HTML, `href="`+long+`"`) {
		t.Error("the link came back different")
	}
}

func TestOnlyWebAddressesAreLinked(t *testing.T) {
	for _, bad := range []string{"", "/confirm/x", "javascript:alert(1)", "https://", "https://a b", "https://example.org/\nx",
		"https://u:p@example.org/", "https://example.org/ñ", "https://example.org/\"", "https://example.org/<"} {
		if _, err := composer(t).Confirm(letterhead("en"), bad, title, stopLink); err == nil {
			t.Errorf("link %q: accepted", bad)
		}
		if _, err := composer(t).MyLink(letterhead("en"), confirmLink, bad); err == nil {
			t.Errorf("unsubscribe %q: accepted", bad)
		}
	}
}

func TestUnknownLanguageGetsEnglish(t *testing.T) {
	m, err := composer(t).MyLink(letterhead("xx"), confirmLink, stopLink)
	if err != nil || m.Language != "en" || !strings.Contains(m.HTML, `lang="en"`) {
		t.Errorf("%v, %+v", err, m)
	}
}

// What is kept of a drawn mail reads as one that is drawn, whatever its links and its title hold.
func TestMailToTheNextPersonReadsAsIfItWereDrawn(t *testing.T) {
	c := composer(t)
	for _, title := range []string{title, "<b>L</b> & {site}", ""} {
		for _, link := range []string{confirmLink, confirmLink + "2", "https://act.example.org/confirm?a=b&c='+", "http://[::1]:8080/confirm/x"} {
			for _, lang := range []string{"en", "es", "en"} {
				got, err := c.Confirm(letterhead(lang), link, title, stopLink)
				if err != nil {
					t.Fatal(err)
				}
				text, html, err := c.draw("confirm", page{Lang: lang, Dir: "ltr", Subject: got.Subject, Site: site, Title: title, Link: link, Unsubscribe: stopLink})
				if err != nil || got.Text != text || got.HTML != html {
					t.Errorf("%s, %q in %s: %v\n%s\n%s", link, title, lang, err, got.Text, got.HTML)
				}
			}
		}
	}
	if n := len(c.drawn.kept); n != 6 {
		t.Errorf("%d mails are kept for three titles in two languages", n)
	}
	c.drawn.kept = map[drawnKey]*drawn{}
	for n := range maxDrawn + 2 {
		if _, err := c.Confirm(letterhead("en"), confirmLink, strconv.Itoa(n), stopLink); err != nil || len(c.drawn.kept) > maxDrawn {
			t.Fatalf("%v, %d are kept", err, len(c.drawn.kept))
		}
	}
}
