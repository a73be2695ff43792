package action

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// Settings gives what owners have set, as of the last look at the database, with what is sealed in it opened.
func (s *Service) Settings(ctx context.Context) (*undersigned.Settings, error) {
	site, err := s.DB.Site(ctx)
	if err != nil {
		return nil, err
	}
	return s.openSettings(site.Settings)
}

// SiteName is the name that owners have given the site; empty where there is none, or it cannot be read now.
func (s *Service) SiteName() string {
	site, err := s.DB.Site(context.Background())
	if err != nil {
		return ""
	}
	return site.Settings.Name
}

// sealedSettings are those of the settings that say who somebody is.
type sealedSettings struct {
	Notices string `json:"notices"`
}

const settingsPurpose = "settings"

func (s *Service) openSettings(kept *undersigned.Settings) (*undersigned.Settings, error) {
	opened := *kept
	if kept.Sealed == nil {
		return &opened, nil
	}
	plaintext, err := s.Keys.Staff().Open(nil, kept.Sealed, settingsPurpose)
	var secret sealedSettings
	if err == nil {
		err = json.Unmarshal(plaintext, &secret)
	}
	if err != nil {
		return nil, doing("open the settings", err)
	}
	opened.Notices = secret.Notices
	return &opened, nil
}

func (s *Service) sealSettings(settings *undersigned.Settings) error {
	settings.Sealed = nil
	if settings.Notices == "" {
		return nil
	}
	plaintext, err := json.Marshal(sealedSettings{Notices: settings.Notices})
	if err != nil {
		return doing("seal the settings", err)
	}
	settings.Sealed = s.Keys.Staff().Seal(nil, plaintext, settingsPurpose)
	return nil
}

// SettingsForm are settings to change: by name, as text, and a logo where one was given.
type SettingsForm struct {
	Values map[string]string
	Logo   *undersigned.Logo
}

// errSettingsMoved: somebody else has changed a setting between our look and our write.
var errSettingsMoved = errors.New("the settings have changed meanwhile")

// ChangeSettings changes some settings and leaves the others as they are. Invalid, with the names as fields; NotFound for a name
// that is none.
func (s *Service) ChangeSettings(ctx context.Context, by undersigned.UserID, form SettingsForm) error {
	for {
		err := s.changeSettings(ctx, by, form)
		if !errors.Is(err, errSettingsMoved) {
			return err
		}
	}
}

func (s *Service) changeSettings(ctx context.Context, by undersigned.UserID, form SettingsForm) error {
	var base *undersigned.Settings
	err := s.DB.View(ctx, func(tx *store.Tx) (err error) { base, err = tx.Settings(); return err })
	if err != nil {
		return err
	}
	before, err := s.openSettings(base)
	if err != nil {
		return err
	}
	next := *before
	if err := form.apply(&next, s.Languages); err != nil {
		return err
	}
	lines := settingsChanged(by, before, &next)
	if len(lines) == 0 {
		return nil
	}
	if err := s.sealSettings(&next); err != nil {
		return err
	}
	err = s.DB.Update(ctx, store.Client, func(tx *store.Tx) error {
		now, err := tx.Settings()
		if err == nil && !reflect.DeepEqual(now, base) {
			err = errSettingsMoved
		}
		if err == nil {
			err = tx.PutSettings(&next)
		}
		for _, line := range lines {
			if err == nil {
				err = tx.AddAudit(line)
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	return s.follow(ctx)
}

func (f SettingsForm) apply(settings *undersigned.Settings, languages []string) error {
	problem := &undersigned.Error{Kind: undersigned.Invalid, Key: "error.form"}
	known := 0
	for _, name := range undersigned.SettingNames {
		value, given := f.Values[name]
		if !given {
			continue
		}
		known++
		var wrong *undersigned.Error
		switch err := settings.Set(name, value, languages); {
		case errors.As(err, &wrong):
			problem.Fields = append(problem.Fields, wrong.Fields...)
		case err != nil:
			return err
		}
	}
	if known < len(f.Values) {
		return undersigned.Fail(undersigned.NotFound, "error.setting")
	}
	if f.Logo != nil {
		settings.Logo = f.Logo
	}
	if len(problem.Fields) > 0 {
		return problem
	}
	return nil
}

// settingsChanged are the lines of the audit log about a change. Whom notices go to is not told there.
func settingsChanged(by undersigned.UserID, before, after *undersigned.Settings) (lines []undersigned.AuditEntry) {
	for _, name := range undersigned.SettingNames {
		detail := after.Get(name)
		if detail == before.Get(name) && (name != undersigned.SettingLogo || reflect.DeepEqual(before.Logo, after.Logo)) {
			continue
		}
		if name == undersigned.SettingNotices {
			detail = ""
		}
		lines = append(lines, undersigned.AuditEntry{By: by, Verb: undersigned.AuditSettingChanged, Subject: name, Detail: detail})
	}
	return lines
}

// Notified are the addresses that notices about what waits go to: the one that was given to the program or set, or else every
// owner's.
func (s *Service) Notified(ctx context.Context) ([]string, error) {
	if s.Owner != "" {
		return []string{s.Owner}, nil
	}
	settings, err := s.Settings(ctx)
	if err != nil {
		return nil, err
	}
	if settings.Notices != "" {
		return []string{settings.Notices}, nil
	}
	return s.owners(ctx)
}
