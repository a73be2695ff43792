package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/config"
)

// settingsCmd shows and changes what owners also set in the desk. What is given to the program itself, as a flag, a variable or
// a line of the settings file, wins.
type settingsCmd struct {
	List  settingsListCmd  `cmd:"" help:"Show every setting, and where it comes from."`
	Get   settingsGetCmd   `cmd:"" help:"Print one setting."`
	Set   settingsSetCmd   `cmd:"" help:"Change one setting; a site that serves follows within two seconds."`
	Unset settingsUnsetCmd `cmd:"" help:"Go back to what the program has."`
	Mail  settingsMailCmd  `cmd:"" help:"Show how mails leave, and what the DNS must say so that they arrive."`
	Try   settingsTryCmd   `cmd:"" help:"Send an owner a mail, and tell what the mail server said."`
}

var settingHelp = map[string]string{
	undersigned.SettingName:           "of the site, on pages and in mails",
	undersigned.SettingAccent:         "colour of links and buttons on white, such as #1f3a6e",
	undersigned.SettingAccentDark:     "the same in the dark; unset, the nearest that can be read there",
	undersigned.SettingLogo:           "a file: PNG, JPEG, GIF, WebP or SVG",
	undersigned.SettingLanguages:      "that readers are offered, the first one first, such as es,en",
	undersigned.SettingGeocoder:       "on or off: readers may find their district by street address, which then goes to the Census Bureau",
	undersigned.SettingNotices:        "whom notices go to about what waits; unset, every owner",
	undersigned.SettingKeepOffers:     "days that an offer to volunteer is kept after it came, 30 to 365",
	undersigned.SettingKeepOffersOver: "days that it is kept after it is over, 7 to 90",
	undersigned.SettingKeepAudit:      "days that the log of what staff did remembers, 90 to 365",
	undersigned.SettingGuide:          "left, where nobody needs the guide for the first ten minutes any more",
}

type settingsListCmd struct{}

func (c *settingsListCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	return withSettings(ctx, s, t, func(x *site, settings *undersigned.Settings) error {
		table := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
		for _, name := range undersigned.SettingNames {
			value, from := settings.Get(name), "set"
			if given := x.given(name); given != "" {
				value, from = given, "given to the program"
			} else if value == "" {
				from = "as the program has it"
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", name, value, from, settingHelp[name])
		}
		return table.Flush()
	})
}

// given is the value of a setting that the program was started with; empty where there is none.
func (x *site) given(name string) string {
	switch name {
	case undersigned.SettingNotices:
		return x.settings.OwnerEmail
	case undersigned.SettingGeocoder:
		return x.settings.GeocoderGiven()
	}
	return ""
}

type settingsGetCmd struct {
	Name string `arg:"" help:"See undersigned settings list."`
}

func (c *settingsGetCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	if err := checkSetting(c.Name); err != nil {
		return err
	}
	return withSettings(ctx, s, t, func(x *site, settings *undersigned.Settings) error {
		value := settings.Get(c.Name)
		if given := x.given(c.Name); given != "" {
			value = given
		}
		fmt.Fprintln(t.out, value)
		return nil
	})
}

type settingsSetCmd struct {
	Name  string `arg:"" help:"See undersigned settings list."`
	Value string `arg:"" help:"What it is to be; of the logo a file."`
	Sure  bool   `help:"Change it although something is erased for it."`
}

func (c *settingsSetCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	if err := checkSetting(c.Name); err != nil {
		return err
	}
	form := action.SettingsForm{Values: map[string]string{c.Name: c.Value}}
	if c.Name == undersigned.SettingLogo {
		file, err := readLogo(c.Value)
		if err != nil {
			return err
		}
		logo, err := action.CleanLogo(file)
		if err != nil {
			return inEnglish(err)
		}
		form = action.SettingsForm{Logo: logo}
	}
	if slices.Contains(undersigned.RetentionNames, c.Name) && !c.Sure {
		if err := saysWhatItErases(ctx, s, t, c.Name, form); err != nil {
			return err
		}
	}
	return changeSetting(ctx, s, t, c.Name, form)
}

// saysWhatItErases lets a shorter time pass that erases nothing.
func saysWhatItErases(ctx context.Context, s *config.Settings, t *terminal, name string, form action.SettingsForm) error {
	return withSite(ctx, s, t, func(x *site) error {
		list, err := x.actions.Retentions(ctx, form.Values)
		if err != nil {
			return inEnglish(err)
		}
		for _, r := range list {
			if r.Name == name && r.Erases > 0 {
				return fmt.Errorf("%s: with %d days in place of %d, the next purge erases %d that are there: add --sure", name, r.Wanted, r.Days, r.Erases)
			}
		}
		return nil
	})
}

// readLogo reads a file, and no more than is needed to see that it is too large.
func readLogo(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read the logo: %w", err)
	}
	defer f.Close()
	file, err := io.ReadAll(io.LimitReader(f, action.MaxLogo+1))
	if err != nil {
		return nil, fmt.Errorf("read the logo: %w", err)
	}
	return file, nil
}

type settingsUnsetCmd struct {
	Name string `arg:"" help:"See undersigned settings list."`
}

func (c *settingsUnsetCmd) Run(ctx context.Context, s *config.Settings, t *terminal) error {
	if err := checkSetting(c.Name); err != nil {
		return err
	}
	return changeSetting(ctx, s, t, c.Name, action.SettingsForm{Values: map[string]string{c.Name: ""}})
}

func changeSetting(ctx context.Context, s *config.Settings, t *terminal, name string, form action.SettingsForm) error {
	return withSettings(ctx, s, t, func(x *site, _ *undersigned.Settings) error {
		if err := x.actions.ChangeSettings(ctx, undersigned.UserID{}, form); err != nil {
			return inEnglish(err)
		}
		if given := x.given(name); given != "" {
			fmt.Fprintf(t.err, "CAUTION: kept, but the program is started with %s, which wins\n", given)
		}
		return nil
	})
}

func checkSetting(name string) error {
	if !slices.Contains(undersigned.SettingNames, name) {
		return config.UsageError{Err: errors.New("there is no setting " + name + "; there are " + strings.Join(undersigned.SettingNames, ", "))}
	}
	return nil
}

func withSettings(ctx context.Context, s *config.Settings, t *terminal, do func(*site, *undersigned.Settings) error) error {
	return withSite(ctx, s, t, func(x *site) error {
		settings, err := x.actions.Settings(ctx)
		if err != nil {
			return err
		}
		return do(x, settings)
	})
}
