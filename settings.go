package undersigned

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Settings are what owners have set for their site, in the desk or with undersigned settings. What is empty is as the program
// has it.
type Settings struct {
	Name       string   `json:"name,omitempty"`        // of the site, on pages and in mails
	Accent     string   `json:"accent,omitempty"`      // #1f3a6e, on light grounds
	AccentDark string   `json:"accent_dark,omitempty"` // on dark grounds; empty is the nearest to Accent that can be read there
	Logo       *Logo    `json:"logo,omitempty"`
	Languages  []string `json:"languages,omitempty"` // that readers are offered, the first where nothing else is said; none is all
	Geocoder   string   `json:"geocoder,omitempty"`  // on or off
	GuideLeft  bool     `json:"guide_left,omitempty"`
	// Keep has, by the name of its setting, for how many days something is kept; see Retention.
	Keep map[string]int `json:"keep,omitempty"`
	// Notices is whom notices about what waits go to; empty is every owner. It stands sealed in the document.
	Notices string `json:"-"`
	Sealed  []byte `json:"sealed,omitempty"`
}

// Logo is a picture that was made or cleaned by us.
type Logo struct {
	Type          string `json:"type"` // image/png or image/svg+xml
	Data          []byte `json:"data"`
	Width, Height int    // as it is shown, in CSS pixels
}

// DefaultName is how a site is called that has no name of its own.
const DefaultName = "Undersigned"

// MaxSiteName is how long the name of a site may be, in characters: it stands in one line on a phone.
const MaxSiteName = 40

// SiteName is how the site is called.
func (s *Settings) SiteName() string {
	if s.Name == "" {
		return DefaultName
	}
	return s.Name
}

// The names of the settings, as forms and the command line have them.
const (
	SettingName           = "name"
	SettingAccent         = "accent"
	SettingAccentDark     = "accent-dark"
	SettingLogo           = "logo"
	SettingLanguages      = "languages"
	SettingGeocoder       = "geocoder"
	SettingNotices        = "notices"
	SettingGuide          = "guide"
	SettingKeepOffers     = "keep-offers"
	SettingKeepOffersOver = "keep-offers-over"
	SettingKeepAudit      = "keep-audit"
)

// SettingNames are all of them.
var SettingNames = []string{SettingName, SettingAccent, SettingAccentDark, SettingLogo, SettingLanguages, SettingGeocoder, SettingNotices, SettingGuide,
	SettingKeepOffers, SettingKeepOffersOver, SettingKeepAudit}

// Get gives a setting as text, empty where it is not set; of the logo, what kind of picture it is.
func (s *Settings) Get(name string) string {
	switch name {
	case SettingName:
		return s.Name
	case SettingAccent:
		return s.Accent
	case SettingAccentDark:
		return s.AccentDark
	case SettingLogo:
		if s.Logo != nil {
			return s.Logo.Type
		}
	case SettingLanguages:
		return strings.Join(s.Languages, ",")
	case SettingGeocoder:
		return s.Geocoder
	case SettingNotices:
		return s.Notices
	case SettingGuide:
		if s.GuideLeft {
			return "left"
		}
	case SettingKeepOffers, SettingKeepOffersOver, SettingKeepAudit:
		if days := s.Keep[name]; days != 0 {
			return strconv.Itoa(days)
		}
	}
	return ""
}

// Set sets one from text; the empty text unsets it. languages are those that the program has. Invalid, with the name as the
// field. A logo is set by its field alone: it is not text.
func (s *Settings) Set(name, value string, languages []string) error {
	var wrong fields
	switch value = strings.TrimSpace(value); name {
	case SettingName:
		s.Name = squeeze(value)
		checkSiteName(&wrong, s.Name)
	case SettingAccent:
		s.Accent = checkAccent(&wrong, name, value, "error.accent.light", LightGrounds)
	case SettingAccentDark:
		s.AccentDark = checkAccent(&wrong, name, value, "error.accent.dark", DarkGrounds)
	case SettingLogo:
		s.Logo = nil
		if value != "" {
			wrong.add(name, "error.logo")
		}
	case SettingLanguages:
		s.Languages = nil
		for _, lang := range strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' }) {
			if !slices.Contains(languages, lang) {
				wrong.add(name, "error.language")
				break
			}
			if !slices.Contains(s.Languages, lang) {
				s.Languages = append(s.Languages, lang)
			}
		}
	case SettingGeocoder:
		s.Geocoder = value
		if value != "" && value != "on" && value != "off" {
			wrong.add(name, "error.setting.switch")
		}
	case SettingNotices:
		s.Notices = value
		if value != "" && !ValidEmail(value) {
			wrong.add(name, "error.email.form")
		}
	case SettingGuide:
		s.GuideLeft = value == "left"
		if value != "" && value != "left" {
			wrong.add(name, "error.setting.guide")
		}
	case SettingKeepOffers, SettingKeepOffersOver, SettingKeepAudit:
		s.setRetention(&wrong, name, value)
	default:
		return Fail(NotFound, "error.setting")
	}
	return wrong.err()
}

func checkSiteName(wrong *fields, name string) {
	switch {
	case !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return !plain(r) }):
		wrong.add(SettingName, "error.characters")
	case utf8.RuneCountInString(name) > MaxSiteName:
		wrong.add(SettingName, "error.site_name.long", "max", MaxSiteName)
	}
}

// checkAccent gives a colour as it is kept, or notes why it cannot be, with the nearest that could.
func checkAccent(wrong *fields, name, value, key string, grounds []Color) string {
	if value == "" {
		return ""
	}
	c, ok := ParseColor(strings.ToLower(value))
	if !ok {
		wrong.add(name, "error.accent")
		return ""
	}
	if c.LeastContrast(grounds) < MinContrast {
		wrong.add(name, key, "color", c.String(), "ratio", Ratio(c.LeastContrast(grounds)), "nearest", c.Readable(grounds).String())
	}
	return c.String()
}

// Ratio is a contrast as people say it, rounded down so that it never claims more: 4.4.
func Ratio(contrast float64) float64 { return math.Floor(contrast*10) / 10 }

// Accents gives the accents for light and dark grounds, as they are set or follow from that; ok is false where the program's own
// are used.
func (s *Settings) Accents() (light, dark Color, ok bool) {
	light, lit := ParseColor(s.Accent)
	dark, darkens := ParseColor(s.AccentDark)
	if !lit && !darkens {
		return light, dark, false
	}
	if !lit {
		light = dark.Readable(LightGrounds)
	}
	if !darkens {
		dark = light.Readable(DarkGrounds)
	}
	return light, dark, true
}

// Shows tells whether readers are offered a language.
func (s *Settings) Shows(lang string) bool {
	return len(s.Languages) == 0 || slices.Contains(s.Languages, lang)
}
