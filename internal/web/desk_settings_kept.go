package web

import (
	"net/http"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
)

const keptSettingsPath = "/admin/settings/kept"

func (s *Server) keptSettings(d *deskVisit, r *http.Request) error {
	list, err := s.actions.Retentions(r.Context(), nil)
	if err != nil {
		return err
	}
	page, err := s.keptPage(d, r, list)
	if err != nil {
		return err
	}
	return s.show(d, http.StatusOK, "desk/settings_kept", page)
}

func (s *Server) keptPage(d *deskVisit, r *http.Request, list []action.Retention) (*keptSettingsView, error) {
	asks, err := s.actions.KeptAsks(r.Context())
	if err != nil {
		return nil, err
	}
	page := newKeptSettings(s.deskChrome(d.visit, d.staff).done(r.URL.Query().Get("done"), "saved"), list, asks)
	return &page, nil
}

// changeKept says what the numbers would do to what is there, and does it when that was read.
func (s *Server) changeKept(d *deskVisit, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	values := map[string]string{}
	for _, name := range undersigned.RetentionNames {
		values[name] = form.Get(name)
	}
	list, err := s.actions.Retentions(r.Context(), values)
	if problem := asInvalid(err); problem != nil {
		if list, err = s.actions.Retentions(r.Context(), nil); err != nil {
			return err
		}
		page, err := s.keptPage(d, r, list)
		if err != nil {
			return err
		}
		page.failed(values, problem)
		return s.showProblem(d.visit, problem, "desk/settings_kept", *page)
	}
	if err != nil {
		return err
	}
	if form.Get("sure") == "" {
		return s.show(d, http.StatusOK, "desk/settings_kept_sure", newKeptSure(s.deskChrome(d.visit, d.staff), list, values))
	}
	if err := s.actions.ChangeSettings(r.Context(), d.by(), action.SettingsForm{Values: values}); err != nil {
		return err
	}
	return seeOther(d.visit, keptSettingsPath+"?done=saved")
}
