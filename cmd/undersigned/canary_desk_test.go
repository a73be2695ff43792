package main

import (
	"archive/zip"
	"bytes"
	"image"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
)

// What the canary does at the desk, and what others tell the desk of: notes about a volunteer, a search for an address, a
// correction of an entry, files that are not what they should be.
const (
	canaryNotes   = "Sie zwitschert nur nachts"
	canaryEntry   = "/organizations/mira"
	canaryRemark  = "Unser Nest ist umgezogen"
	canaryPacked  = "Ei im Zipbeutel"
	canaryPicture = "Feder hinter dem Bild"
)

// corrects sends a correction as far as its mail to the sender, and gives the link.
func (c *canary) corrects(name string) letter {
	c.t.Helper()
	email := c.address(name)
	c.secret = append(c.secret, email, canaryRemark)
	token, _ := between(c.mustGet(c.t, canaryEntry+"/correct").body, `name="form_token" value="`, `"`)
	a, err := c.post(canaryEntry+"/correct", url.Values{"form_token": {token}, "note": {canaryRemark}, "sender": {email}})
	if err != nil || a.status != http.StatusSeeOther {
		c.t.Fatalf("correct: %+v %v", a, err)
	}
	return c.mailTo(email)
}

// desk sends something to the desk, signed in; form is nil for a look.
func (c *canary) desk(path string, form url.Values) *answer {
	c.t.Helper()
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	a, err := c.do(method, path, form.Encode(), "Cookie", c.cookie)
	if err != nil || a.status >= 400 {
		c.t.Fatalf("%s %s: %+v %v", method, path, a, err)
	}
	return a
}

// worksAtTheDesk reads and notes the offer, looks for an address, and uploads what is not taken, or not as it came.
func (c *canary) worksAtTheDesk(sealed bool) {
	c.t.Helper()
	list := c.desk("/admin/volunteers", nil).body
	id, _ := between(list, `href="/admin/volunteers/`, `"`)
	offer := c.desk("/admin/volunteers/"+id, nil).body
	if !strings.Contains(offer, canaryWords) {
		c.t.Fatal("the desk does not show the offer")
	}
	version, _ := between(offer, `name="version" value="`, `"`)
	c.secret = append(c.secret, canaryNotes)
	c.desk("/admin/volunteers/"+id+"/notes", url.Values{"version": {version}, "notes": {canaryNotes}})
	if !strings.Contains(c.desk("/admin/volunteers/"+id, nil).body, canaryNotes) {
		c.t.Fatal("the notes are not kept")
	}
	found := c.desk("/admin/moderate/find", url.Values{"email": {c.address("ana")}}).body
	if strings.Contains(found, canaryFields.Get("given_name")) == sealed {
		c.t.Fatal("the desk does not show whom it found, or shows what is sealed")
	}

	var picture, pack bytes.Buffer
	must(c.t, png.Encode(&picture, image.NewGray(image.Rect(0, 0, 60, 20))))
	picture.WriteString(canaryPicture)
	archive := zip.NewWriter(&pack)
	f, err := archive.Create("cause/issue.md")
	must(c.t, err)
	_, err = f.Write([]byte("---\ntitle: " + canaryPacked + "\n"))
	must(c.t, err, archive.Close())
	c.secret = append(c.secret, canaryPicture, canaryPacked)
	if status := c.uploads("/admin/settings/logo", "logo", picture.Bytes()); status != http.StatusSeeOther {
		c.t.Fatalf("the logo: %d", status)
	}
	if status := c.uploads("/admin/issues", "pack", pack.Bytes()); status != http.StatusUnprocessableEntity {
		c.t.Fatalf("a pack at fault: %d", status)
	}
}

// decides declines the correction, which has reached the desk.
func (c *canary) decides() {
	c.t.Helper()
	id, ok := between(c.desk("/admin/corrections", nil).body, `href="/admin/corrections/`, `"`)
	if !ok || !strings.Contains(c.desk("/admin/corrections/"+id, nil).body, canaryRemark) {
		c.t.Fatal("the desk does not show the correction")
	}
	c.desk("/admin/corrections/"+id, url.Values{"decline": {"1"}})
}

// takesOut begins to take lists out and goes away in the middle.
func (c *canary) takesOut(whats ...string) {
	c.t.Helper()
	issue, ask, _ := strings.Cut(strings.TrimPrefix(petition, "/"), "/")
	form := url.Values{"issue": {issue}, "ask": {ask}, "reason": {"Somebody asked."}}
	for _, what := range whats {
		if what == "offers" {
			form.Set("ask", "") // of all asks
		}
		r, err := http.NewRequest(http.MethodPost, "http://"+c.addr+"/admin/exports/"+what, strings.NewReader(form.Encode()))
		must(c.t, err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Cookie", c.cookie)
		response, err := c.http.Do(r)
		must(c.t, err)
		begun := make([]byte, 16)
		if _, err := io.ReadFull(response.Body, begun); err != nil || response.StatusCode != http.StatusOK || response.Header.Get("Content-Disposition") == "" {
			c.t.Fatalf("take out %s: %d %q %v", what, response.StatusCode, begun, err)
		}
		must(c.t, response.Body.Close())
	}
}

func (c *canary) uploads(path, field string, file []byte) (status int) {
	c.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile(field, field)
	must(c.t, err)
	_, err = part.Write(file)
	must(c.t, err, form.Close())
	a, err := c.do(http.MethodPost, path, body.String(), "Cookie", c.cookie, "Content-Type", form.FormDataContentType())
	must(c.t, err)
	return a.status
}
