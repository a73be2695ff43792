package web

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
)

// why is the form with which something is taken out.
func why(order string) url.Values {
	form, _ := url.ParseQuery(order)
	form.Set("reason", "For the senator.")
	return form
}

func TestEachExportIsAskedWhyToldOfAndSafeToOpen(t *testing.T) {
	content := testContent()
	content.Actions = append(content.Actions, volunteerContent().Actions...)
	s := newSiteOf(t, content, &url.URL{Scheme: "https", Host: testHost})
	owner := s.hire(undersigned.RoleOwner, "ana@staff.example")
	signs := s.form("/shelter/equality", "ana@mail.example")
	signs.Set("given_name", "=Ana")
	wantStatus(t, s.post("/shelter/equality", signs), http.StatusSeeOther)
	wantStatus(t, s.post(s.link(), nil), http.StatusOK)
	offers := s.offer("/shelter/translate", "bo@mail.example")
	offers.Set("given_name", "=Bo")
	wantStatus(t, s.post("/shelter/translate", offers), http.StatusSeeOther)
	wantStatus(t, s.do(http.MethodPost, s.link(), ""), http.StatusOK)
	s.letter()
	s.tick()
	s.must(s.actions.AddSource(t.Context(), owner.user.ID, "poster", "Posters"))
	wantWords(t, owner.get("/admin/exports"), `/admin/exports/signatures?ask=equality&issue=shelter`, `/admin/exports/packet?ask=equality&issue=shelter`,
		`/admin/exports/offers?ask=translate&issue=shelter`, `/shelter/pack.zip`, "Nothing yet")
	for _, test := range []struct {
		what, order, file string
		cells             []string
	}{
		{"signatures", "issue=shelter&ask=equality", "signatures-shelter-equality-2026-11-22.csv", []string{"'=Ana", "ana@mail.example"}},
		{"offers", "issue=shelter&ask=translate", "offers-shelter-translate-2026-11-22.csv", []string{"'=Bo", "bo@mail.example"}},
		{"numbers", "issue=shelter", "numbers-shelter-2026-11-22.csv", []string{"equality"}},
		{"deliveries", "", "deliveries-2026-11-22.csv", []string{"office"}},
		{"audit", "verb=source_added", "audit-2026-11-22.csv", []string{"ana@staff.example", "poster"}},
		{"packet", "issue=shelter&ask=equality", "packet-shelter-equality-2026-11-22.zip", []string{"'=Ana Álvarez"}},
	} {
		t.Run(test.what, func(t *testing.T) {
			path := "/admin/exports/" + test.what
			wantWords(t, owner.get(path+"?"+test.order), "Why", "Tell the owners, and download")
			asked, err := url.ParseQuery(test.order)
			s.must(err)
			none := owner.post(path, asked)
			wantStatus(t, none, http.StatusUnprocessableEntity)
			wantWords(t, none, "Please say why")
			w := owner.post(path, why(test.order))
			wantStatus(t, w, http.StatusOK)
			if got := w.Header().Get("Content-Disposition"); got != `attachment; filename="`+test.file+`"` || w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("the headers are %v", w.Header())
			}
			sheet := w.Body.Bytes()
			if strings.HasSuffix(test.file, ".zip") {
				sheet = rowsOfPacket(t, sheet, test.what == "packet")
			}
			wantCells(t, sheet, test.cells)
			m := s.letter()
			if m.To != "ana@staff.example" || !strings.Contains(m.Text, "For the senator.") || strings.Contains(m.Text, "mail.example") {
				t.Errorf("to %s:\n%s", m.To, m.Text)
			}
		})
	}
	wantWords(t, owner.get("/admin/exports"), "signatures, 1: For the senator.", "packet, 1: For the senator.")
	wantStatus(t, owner.get("/admin/exports/nonsense"), http.StatusNotFound)
	wantStatus(t, owner.post("/admin/exports/nonsense", why("")), http.StatusNotFound)
	wantWords(t, owner.post("/admin/exports/bundle", why("issue=shelter&ask=equality")), "not sealed")
	old := owner.post("/admin/exports/pack", why("issue=shelter"))
	wantStatus(t, old, http.StatusUnprocessableEntity)
	wantWords(t, old, "a rule that holds today")
	if logged := s.logged.String() + s.visited.String(); strings.Contains(logged, "senator") || strings.Contains(logged, "equality?") {
		t.Error("the log says what was taken out")
	}
}

// wantCells looks for cells in a sheet in which none is a formula.
func wantCells(t *testing.T, sheet []byte, wanted []string) {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(sheet, []byte("\ufeff")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, row := range rows {
		for _, cell := range row {
			seen[cell] = true
			if strings.IndexAny(cell, "=+-@\t\r") == 0 {
				t.Errorf("%q is a formula", cell)
			}
		}
	}
	for _, cell := range wanted {
		if !seen[cell] {
			t.Errorf("there is no %q in %q", cell, rows)
		}
	}
}

// rowsOfPacket opens a zip file whole, and gives the list of names that a packet has.
func rowsOfPacket(t *testing.T, data []byte, packet bool) (rows []byte) {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range archive.File {
		from, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if _, err := b.ReadFrom(from); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
		if packet && strings.Count(f.Name, "/") == 1 && strings.HasSuffix(f.Name, "/rows.csv") {
			rows = b.Bytes()
		}
	}
	if packet && rows == nil {
		t.Error("the packet has no list")
	}
	return rows
}

func TestRoleThatIsTakenAwayBeforeTheButtonIsPressedTakesNothingOut(t *testing.T) {
	s := newSite(t)
	ana, bo := s.hire(undersigned.RoleOwner, "ana@staff.example"), s.hire(undersigned.RoleOwner, "bo@staff.example")
	wantStatus(t, bo.get("/admin/exports/signatures?issue=shelter&ask=equality"), http.StatusOK)
	wantStatus(t, ana.post("/admin/users/"+action.UserName(bo.user.ID), url.Values{"role": {"editor"}}), http.StatusSeeOther)
	w := bo.post("/admin/exports/signatures", why("issue=shelter&ask=equality"))
	wantStatus(t, w, http.StatusForbidden)
	wantStatus(t, bo.get("/admin/exports"), http.StatusForbidden)
	for _, verb := range s.auditVerbs() {
		if verb == undersigned.AuditExported {
			t.Error("the log says that something was taken out")
		}
	}
	if w.Header().Get("Content-Disposition") != "" || len(s.mail) > 0 {
		t.Error("something left")
	}
}

// cutOff is a connection that breaks, and notes what time it was given.
type cutOff struct {
	*httptest.ResponseRecorder
	left   int
	writes int
	late   int // writes before which no time was given
	given  bool
}

func (c *cutOff) SetWriteDeadline(at time.Time) error { c.given = !at.IsZero(); return nil }

func (c *cutOff) Write(b []byte) (int, error) {
	c.writes++
	if !c.given {
		c.late++
	}
	c.given = false
	if c.left -= len(b); c.left < 0 {
		return 0, errors.New("the reader has gone")
	}
	return c.ResponseRecorder.Write(b)
}

// What is cut off must not look like the whole; what is long has time; and no crash, no hang-up leaves a file.
func TestExportThatIsCutOffIsNotTakenForTheWhole(t *testing.T) {
	s := newSite(t)
	s.actions.Scratch = t.TempDir()
	t.Setenv("TMPDIR", t.TempDir())
	owner := s.hire(undersigned.RoleOwner, "ana@staff.example")
	wantStatus(t, s.post(s.sign("/shelter/equality", "ana@mail.example"), nil), http.StatusOK)
	s.tick()
	for _, left := range []int{1 << 30, 2000} {
		w := &cutOff{ResponseRecorder: httptest.NewRecorder(), left: left}
		r := httptest.NewRequest(http.MethodPost, "https://"+testHost+"/admin/exports/packet", strings.NewReader(why("issue=shelter&ask=equality").Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("Cookie", owner.cookie)
		aborted := func() (p any) {
			defer func() { p = recover() }()
			s.Handler().ServeHTTP(w, r)
			return nil
		}()
		if cut := left < 1<<20; cut != (aborted == http.ErrAbortHandler) || !cut && aborted != nil {
			t.Errorf("after %d bytes: %v", left, aborted)
		}
		if w.writes == 0 || w.late > 0 {
			t.Errorf("%d of %d writes had no time of their own", w.late, w.writes)
		}
		wantEmptyFolders(t, s.actions.Scratch)
	}
}

func wantEmptyFolders(t *testing.T, dirs ...string) {
	t.Helper()
	for _, dir := range append(dirs, os.TempDir()) {
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("%s holds %v: %v", dir, left, err)
		}
	}
}
