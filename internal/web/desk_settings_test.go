package web

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/translog"
)

// set changes some settings in the desk, all of which are right.
func (c *colleague) set(part string, form url.Values) {
	c.t.Helper()
	wantStatus(c.t, c.post("/admin/settings/"+part, form), http.StatusSeeOther)
	c.pass(remakeAfter) // a page is made once a second at most
}

// uploadLogo sends a file as a browser does.
func (c *colleague) uploadLogo(name string, file []byte) *httptest.ResponseRecorder {
	c.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("logo", name)
	c.must(err)
	part.Write(file)
	c.must(form.Close())
	defer c.pass(remakeAfter)
	return c.take(c.do(http.MethodPost, logoPath, body.String(), "Cookie", c.cookie, "Content-Type", form.FormDataContentType()))
}

// wantAllowed wants that the policy of an answer allows the style sheet in its page.
func wantAllowed(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	_, rest, _ := strings.Cut(w.Body.String(), "<style>")
	style, _, found := strings.Cut(rest, "</style>")
	sum := sha256.Sum256([]byte(style))
	if !found || !strings.Contains(w.Header().Get("Content-Security-Policy"), "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") {
		t.Errorf("the style sheet is not allowed: %s", w.Header().Get("Content-Security-Policy"))
	}
}

func TestNameAndColoursStandOnEveryPageAtOnce(t *testing.T) {
	s := newSite(t)
	c := s.hire(undersigned.RoleOwner, "ana@staff.example")
	before := s.get("/shelter")
	wantAllowed(t, before)
	card := s.get("/shelter/card.png").Body.String()
	c.set("look", url.Values{"name": {"Un techo"}, "accent": {"#7A1F2B"}, "accent-dark": {""}})
	for _, path := range []string{"/shelter", "/es", "/nothing", "/my"} {
		w := s.get(path)
		wantAllowed(t, w)
		wantWords(t, w, "Un techo</a>", "· Un techo</title>", "#7a1f2b", "#b27d84")
		if strings.Contains(w.Body.String(), "#1f3a6e") || strings.Contains(w.Body.String(), "Undersigned") {
			t.Errorf("%s: of the program's own there stays something", path)
		}
	}
	if !strings.Contains(s.get("/shelter").Header().Get("Content-Security-Policy"), s.views.design.Load().before.styleSource) {
		t.Error("a page that was drawn before, and is on its way, would lose its style sheet")
	}
	if s.get("/shelter/card.png").Body.String() == card {
		t.Error("the card has the old colour")
	}
	desk := c.get("/admin/settings?done=saved")
	wantAllowed(t, desk)
	wantWords(t, desk, "Saved", `value="#7a1f2b"`, "contrast 9.0 to 1")
	sheet := s.get(s.between(desk, `<link rel="stylesheet" href="`, `"`))
	wantStatus(t, sheet, http.StatusOK)
	wantWords(t, sheet, "#7a1f2b")
	icon := s.get(s.between(desk, `type="image/svg+xml" href="`, `"`))
	wantWords(t, icon, "#7a1f2b")

	w := c.post("/admin/settings/look", url.Values{"name": {strings.Repeat("x", 50)}, "accent": {"#ffff00"}, "accent-dark": {"#000000"}})
	wantStatus(t, w, http.StatusUnprocessableEntity)
	wantWords(t, w, "#ffff00 reaches a contrast of 1.0 to 1", "The nearest colour that has it is #", `value="#ffff00"`, "at most 40 letters", strings.Repeat("x", 50))
	wantWords(t, s.get("/shelter"), "Un techo</a>")

	c.set("look", url.Values{})
	if s.get("/shelter").Body.String() != before.Body.String() {
		t.Error("unset, it looks otherwise than before")
	}
	c.set("look", url.Values{"name": {"Un techo"}})
	wantStatus(t, s.post("/shelter/equality", s.form("/shelter/equality", "ana@mail.example")), http.StatusSeeOther)
	if m := <-s.mail; !strings.Contains(m.Text, "Un techo (Cause)") || strings.Contains(m.Subject, "techo") {
		t.Errorf("the mail says %q:\n%s", m.Subject, m.Text)
	}
	wantWords(t, c.get("/admin/audit?verb=setting_changed"), "Changed a setting", "Un techo", "accent")
}

func TestLogoStandsInPlaceOfTheNameAndNothingElseIsTaken(t *testing.T) {
	s := newSite(t)
	c := s.hire(undersigned.RoleOwner, "ana@staff.example")
	var picture bytes.Buffer
	s.must(png.Encode(&picture, image.NewGray(image.Rect(0, 0, 600, 200))))
	drawing := `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 20" onload="x()"><rect width="9" height="9"/></svg>`
	for name, test := range map[string]struct {
		file []byte
		says string
	}{
		"script.svg": {[]byte(drawing), "has a script in it"},
		"30mb.png":   {make([]byte, 30<<20), "more than 4 MB"},
		"text.png":   {[]byte("hello"), "no picture that we can read"},
		"empty.png":  {nil, "no picture that we can read"},
	} {
		w := c.uploadLogo(name, test.file)
		wantStatus(t, w, http.StatusUnprocessableEntity)
		wantWords(t, w, test.says)
	}
	wantStatus(t, c.uploadLogo("huge", make([]byte, maxPicture)), http.StatusRequestEntityTooLarge)
	wantStatus(t, c.post(logoPath, url.Values{"logo": {"x"}}), http.StatusUnprocessableEntity)
	if s.views.design.Load().logo != nil {
		t.Fatal("one of them was taken")
	}
	for _, test := range []struct {
		name, kind string
		file       []byte
	}{{"logo.png", "image/png", picture.Bytes()}, {"logo.svg", "image/svg+xml; charset=utf-8", []byte(strings.Replace(drawing, ` onload="x()"`, "", 1))}} {
		wantStatus(t, c.uploadLogo(test.name, test.file), http.StatusSeeOther)
		page := s.get("/shelter")
		wantWords(t, page, `width="120" height="40" alt="Undersigned"`)
		logo := s.get(s.between(page, `<img src="`, `"`))
		wantStatus(t, logo, http.StatusOK)
		if logo.Header().Get("Content-Type") != test.kind || !strings.Contains(logo.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %v", test.name, logo.Header())
		}
	}
	wantStatus(t, c.uploadLogo("", nil), http.StatusUnprocessableEntity)
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	s.must(form.WriteField("remove", "1"))
	s.must(form.Close())
	wantStatus(t, c.do(http.MethodPost, logoPath, body.String(), "Cookie", c.cookie, "Content-Type", form.FormDataContentType()), http.StatusSeeOther)
	s.pass(remakeAfter)
	if strings.Contains(s.get("/shelter").Body.String(), "/logo.") {
		t.Error("the logo stays")
	}
}

func TestLanguagesThatAreNotOfferedLeadToTheFirst(t *testing.T) {
	s := newSite(t)
	c := s.hire(undersigned.RoleOwner, "ana@staff.example")
	link := s.sign("/shelter/equality", "ana@mail.example")
	c.set("languages", url.Values{"language": {"en", "es"}, "first": {"es"}})
	page := s.get("/es/shelter")
	if strings.Contains(page.Body.String(), `hreflang="pt"`) || !strings.Contains(page.Body.String(), `hreflang="en"`) {
		t.Error("what is offered is not what was chosen")
	}
	for path, to := range map[string]string{"/pt/shelter": "/es/shelter", "/pt": "/es", "/pt/legislators?zip=02138": "/es/legislators?zip=02138", "/pt/nothing": "/es/nothing"} {
		w := s.get(path)
		wantStatus(t, w, http.StatusFound)
		if w.Header().Get("Location") != to {
			t.Errorf("%s leads to %s", path, w.Header().Get("Location"))
		}
	}
	wantStatus(t, s.get("/shelter"), http.StatusOK)

	c.set("languages", url.Values{"language": {"es"}, "first": {"es"}})
	wantStatus(t, s.get("/"), http.StatusFound)
	wantStatus(t, s.get("/shelter"), http.StatusFound)
	for _, path := range []string{link, "/log/checkpoint", "/shelter/equality/count.json", "/robots.txt", "/healthz", "/diary.atom", s.views.assets["app.js"].Path} {
		wantStatus(t, s.get(path), http.StatusOK) // what was sent, and what programs read
	}
	wantStatus(t, s.do(http.MethodPost, link, ""), http.StatusOK)
	wantStatus(t, c.get("/admin/settings"), http.StatusOK)
	wantWords(t, c.get("/pt/admin/settings"), "Português", "English")

	c.set("languages", url.Values{"language": {"en", "es", "pt"}, "first": {"en"}})
	if got := s.views.design.Load().settings.Languages; got != nil {
		t.Errorf("all, in their own order, are kept as %v", got)
	}
	wantStatus(t, s.get("/pt/shelter"), http.StatusOK)
	wantStatus(t, c.post("/admin/settings/languages", url.Values{"language": {"xx"}, "first": {"yy"}}), http.StatusUnprocessableEntity)
}

func TestGeocoderIsSwitchedInTheDeskUnlessTheProgramWasTold(t *testing.T) {
	s := newSite(t)
	c := s.hire(undersigned.RoleOwner, "ana@staff.example")
	census(t, s, inTheFifth)
	s.given.Geocoder = ""
	form := url.Values{"address_lines": {"1 Brattle Street"}, "postal_code": {"02138"}}
	wantStatus(t, s.post("/legislators", form), http.StatusMethodNotAllowed)
	c.set("geocoder", url.Values{"geocoder": {"on"}})
	wantStatus(t, s.post("/legislators", form), http.StatusSeeOther)
	wantWords(t, s.get("/legislators?zip=02138"), "address_lines")
	s.given.Geocoder = "off"
	wantStatus(t, s.post("/legislators", form), http.StatusMethodNotAllowed)
	wantWords(t, c.get("/admin/settings"), "started with --geocoder")
	wantStatus(t, c.post("/admin/settings/geocoder", url.Values{"geocoder": {"maybe"}}), http.StatusUnprocessableEntity)

	c.set("notices", url.Values{"notices": {"office@cause.example"}})
	wantWords(t, c.get("/admin/settings"), `value="office@cause.example"`)
	s.pass(undersigned.SessionProof)
	wantStatus(t, c.post("/admin/settings/notices", url.Values{"notices": {"eve@evil.example"}}), http.StatusForbidden)
}

func TestSettingsPageTellsWhatEachWitnessHasSeen(t *testing.T) {
	s := newSite(t)
	c := s.hire(undersigned.RoleOwner, "ana@staff.example")
	wantWords(t, c.get("/admin/settings"), "would not be noticed")
	const name = "witness.example/one"
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))
	public := append([]byte{4}, private.Public().(ed25519.PublicKey)...)
	sum := sha256.Sum256(append([]byte(name+"\n"), public...))
	witness, err := translog.ParseWitnessKey(fmt.Sprintf("%s+%x+%s", name, sum[:4], base64.StdEncoding.EncodeToString(public)))
	s.must(err)
	key, err := translog.ParseLogKey(s.publicLog.Key)
	s.must(err)
	policy := translog.Policy{Log: key, Witnesses: []*translog.Key{witness}, Quorum: 1}
	s.publicLog.Policy = policy.String()
	wantWords(t, c.get("/admin/settings"), "1 of 1 witnesses must have signed", "witness.example/one", "has not signed the log as it stands",
		"Fewer have signed the published log than the 1 that are promised", "none to spare", "nowhere else")

	var checkpoint store.Checkpoint
	s.must(s.db.View(t.Context(), func(tx *store.Tx) (err error) { checkpoint, err = tx.Checkpoint(); return err }))
	text, _, _ := strings.Cut(checkpoint.Note, "\n\n")
	at := binary.BigEndian.AppendUint64(sum[:4:4], uint64(sampleNow.Unix()))
	signed := append(at, ed25519.Sign(private, fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s\n", sampleNow.Unix(), text))...)
	cosigned := checkpoint.Note + "— " + name + " " + base64.StdEncoding.EncodeToString(signed) + "\n"
	if seen := seenBy(policy, cosigned); len(seen) != 1 || !seen[0].At.Equal(sampleNow) {
		t.Errorf("of %q it is said %v", cosigned, seen)
	}
}
