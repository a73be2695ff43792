package web

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/sequencer"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/translog"
)

func (s *Server) settings(d *deskVisit, r *http.Request) error {
	return s.showSettings(d, r, nil, nil)
}

// showSettings draws the page; typed are values that could not be taken.
func (s *Server) showSettings(d *deskVisit, r *http.Request, typed map[string]string, problem *undersigned.Error) error {
	settings, err := s.actions.Settings(r.Context())
	if err != nil {
		return err
	}
	witnesses, err := s.witnessesSeen(r)
	if err != nil {
		return err
	}
	page := newSettings(s.deskChrome(d.visit, d.staff).done(r.URL.Query().Get("done"), "saved"), settings, s.given, witnesses)
	if problem != nil {
		page.failed(typed, problem)
		return s.showProblem(d.visit, problem, "desk/settings", page)
	}
	return s.show(d, http.StatusOK, "desk/settings", page)
}

// settingFields are the settings of each form.
var settingFields = map[string][]string{
	"look":     {undersigned.SettingName, undersigned.SettingAccent, undersigned.SettingAccentDark},
	"notices":  {undersigned.SettingNotices},
	"geocoder": {undersigned.SettingGeocoder},
	"guide":    {undersigned.SettingGuide},
}

// changeSettings takes one form of the page: the last word of its path says which.
func (s *Server) changeSettings(d *deskVisit, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	part, values := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:], map[string]string{}
	for _, name := range settingFields[part] {
		values[name] = form.Get(name)
	}
	if part == "languages" {
		values[undersigned.SettingLanguages] = s.chosenLanguages(form)
	}
	return s.settingsChanged(d, r, part, action.SettingsForm{Values: values})
}

// chosenLanguages puts the first language before the others that were chosen. All of them, in the program's own order, are as
// good as none: a language that the program learns later is then shown too.
func (s *Server) chosenLanguages(form url.Values) string {
	var chosen []string
	for _, lang := range append([]string{form.Get("first")}, s.catalogue.Languages()...) {
		if (slices.Contains(form["language"], lang) || lang == form.Get("first") && lang != "") && !slices.Contains(chosen, lang) {
			chosen = append(chosen, lang)
		}
	}
	if slices.Equal(chosen, s.catalogue.Languages()) {
		return ""
	}
	return strings.Join(chosen, ",")
}

func (s *Server) settingsChanged(d *deskVisit, r *http.Request, part string, form action.SettingsForm) error {
	err := s.actions.ChangeSettings(r.Context(), d.by(), form)
	if problem := (*undersigned.Error)(nil); errors.As(err, &problem) && problem.Kind == undersigned.Invalid {
		return s.showSettings(d, r, form.Values, problem)
	}
	if err == nil {
		err = s.poll(r.Context()) // or the next page would still look as before
	}
	if err != nil {
		return err
	}
	if part == "guide" {
		return seeOther(d.visit, "/admin")
	}
	return seeOther(d.visit, "/admin/settings?done=saved#"+part)
}

const (
	logoPath = "/admin/settings/logo"
	// maxPicture is the largest body that is read to its end, in bytes, so that whoever sends a picture that is far too large
	// is told so: their browser listens only when it has sent all.
	maxPicture = 64 << 20
	// pictureTime is how long a picture may be on its way.
	pictureTime = 2 * time.Minute
)

func (s *Server) changeLogo(d *deskVisit, r *http.Request) error {
	control, until := http.NewResponseController(d.visit), time.Now().Add(pictureTime)
	if err := errors.Join(control.SetReadDeadline(until), control.SetWriteDeadline(until)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	file, remove, err := readLogo(r)
	if err != nil {
		return err
	}
	if remove {
		return s.settingsChanged(d, r, "logo", action.SettingsForm{Values: map[string]string{undersigned.SettingLogo: ""}})
	}
	logo, err := action.CleanLogo(file)
	if problem := (*undersigned.Error)(nil); errors.As(err, &problem) {
		return s.showSettings(d, r, nil, problem)
	}
	if err != nil {
		return err
	}
	return s.settingsChanged(d, r, "logo", action.SettingsForm{Logo: logo})
}

// readLogo reads a form with a file, of which no more is kept than is needed to see that it is too large.
func readLogo(r *http.Request) (file []byte, remove bool, err error) {
	wrong := func(err error) error {
		if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
			return &undersigned.Error{Kind: undersigned.TooLarge, Err: err}
		}
		return &undersigned.Error{Kind: undersigned.Invalid, Err: errors.New("the form is malformed")}
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, false, wrong(err)
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return file, remove, nil
		}
		if err != nil {
			return nil, false, wrong(err)
		}
		switch part.FormName() {
		case "remove":
			remove = true
		case undersigned.SettingLogo:
			if file, err = io.ReadAll(io.LimitReader(part, action.MaxLogo+1)); err != nil {
				return nil, false, wrong(err)
			}
		}
		if _, err := io.Copy(io.Discard, part); err != nil {
			return nil, false, wrong(err)
		}
	}
}

// witnessSeen is what a witness of the public log has last signed of it, for the page.
type witnessSeen struct {
	Name string
	At   time.Time // zero: not the log as it stands
}

// witnessReport says how the policy of witnesses stands.
type witnessReport struct {
	Quorum  int
	Size    int64 // of the log that is published
	Seen    []witnessSeen
	Asked   time.Time
	Trouble string
}

// witnessesSeen reads it, nil without a policy.
func (s *Server) witnessesSeen(r *http.Request) (*witnessReport, error) {
	policy, err := translog.ParsePolicy(s.publicLog.Policy)
	if err != nil || len(policy.Witnesses) == 0 {
		return nil, nil // without a policy of witnesses it says "quorum none"
	}
	report := &witnessReport{Quorum: policy.Quorum}
	var checkpoint store.Checkpoint
	err = s.db.View(r.Context(), func(tx *store.Tx) (err error) {
		if report.Asked, report.Trouble, err = tx.Duty(sequencer.WitnessDuty); err == nil {
			checkpoint, err = tx.Checkpoint()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	report.Size = checkpoint.Size
	report.Seen = seenBy(policy, checkpoint.Note)
	return report, nil
}

// seenBy tells which witnesses have signed a checkpoint, and when by their clocks.
func seenBy(policy translog.Policy, note string) (seen []witnessSeen) {
	policy.Quorum = 0 // who has signed is asked here, not whether they are enough
	_, signed, _ := policy.Open([]byte(note))
	for _, key := range policy.Witnesses {
		w := witnessSeen{Name: key.Name()}
		for _, c := range signed {
			if c.Witness == w.Name {
				w.At = c.Time
			}
		}
		seen = append(seen, w)
	}
	return seen
}
