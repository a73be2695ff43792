package web

import (
	"slices"
	"strings"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/action"
	"github.com/undersigned/undersigned/internal/mail"
)

var sampleCoordinator = &undersigned.User{ID: undersigned.UserID{3}, Role: undersigned.RoleCoordinator, Added: "2026-11-22", Name: "Rosa Díaz", Email: "rosa@example.org", Language: "en"}

// deskSetStates are the pages of the desk for volunteers, for what is handed over and taken out, and for settings.
func deskSetStates(at func(path string, user *undersigned.User) deskChrome, content *undersigned.Content) []pageState {
	return slices.Concat(deskVolunteerStates(at, content), deskLinkStates(at, content), deskSettingStates(at), deskMailStates(at), deskKeptStates(at, content))
}

func deskSettingStates(at func(path string, user *undersigned.User) deskChrome) []pageState {
	desk := func() deskChrome { return at("/admin/settings", sampleOwner) }
	set := &undersigned.Settings{Name: "Shelter", Accent: "#7a1f2b", Languages: []string{"es", "en"}, Geocoder: "on", Notices: "office@example.org", GuideLeft: true}
	witnesses := &witnessReport{Quorum: 1, Size: 1234, Seen: []witnessSeen{{Name: "witness.example/one", At: sampleNow}, {Name: "witness.example/two"}}, Trouble: "witness.example/two: no answer"}
	wrong := newSettings(desk(), set, Given{}, nil)
	wrong.failed(map[string]string{"name": "\xff", "accent": "#ffff00", "accent-dark": "#000000", "notices": "office"}, &undersigned.Error{Kind: undersigned.Invalid, Fields: []undersigned.FieldError{
		{Field: "name", Key: "error.characters"}, {Field: "accent", Key: "error.accent.light", Args: []any{"color", "#ffff00", "ratio", 1.0, "nearest", "#6b6b00"}},
		{Field: "accent-dark", Key: "error.accent"}, {Field: "notices", Key: "error.email.form"}, {Field: "logo", Key: "error.logo.script"}, {Field: "languages", Key: "error.language"}, {Field: "geocoder", Key: "error.setting.switch"}}})
	logo := newSettings(desk().done("saved", "saved"), set, Given{Geocoder: "off", Notices: "ana@example.org"}, witnesses)
	logo.Logo = &logoLink{Path: "/static/0/logo.png", Width: 120, Height: 40}
	return []pageState{
		{"desk, settings", "desk/settings", newSettings(desk(), &undersigned.Settings{}, Given{}, nil)},
		{"desk, settings, set and given", "desk/settings", logo},
		{"desk, settings, wrong", "desk/settings", wrong},
	}
}

func deskKeptStates(at func(path string, user *undersigned.User) deskChrome, content *undersigned.Content) []pageState {
	desk := func() deskChrome { return at(keptSettingsPath, sampleOwner) }
	list := []action.Retention{{Name: undersigned.SettingKeepOffers, Days: 365, Promised: 365, Least: 30, Wanted: 180, Erases: 12}, {Name: undersigned.SettingKeepOffersOver, Days: 90, Promised: 90, Least: 7, Wanted: 60},
		{Name: undersigned.SettingKeepAudit, Days: 365, Promised: 365, Least: 90, Wanted: 365}}
	asks := []action.KeptAsk{{Content: content, Action: &content.Actions[0], Days: 30, Ends: sampleNow}, {Content: content, Action: &content.Actions[0], Days: 90}}
	wrong := newKeptSettings(desk(), list, nil)
	wrong.failed(map[string]string{undersigned.SettingKeepOffers: "\xff", undersigned.SettingKeepAudit: "7"}, &undersigned.Error{Kind: undersigned.Invalid, Fields: []undersigned.FieldError{
		{Field: undersigned.SettingKeepOffers, Key: "error.setting.keep", Args: []any{"least", 30, "most", 365}}}})
	return []pageState{
		{"desk, kept", "desk/settings_kept", newKeptSettings(desk().done("saved", "saved"), list, asks)},
		{"desk, kept, wrong", "desk/settings_kept", wrong},
		{"desk, kept, sure", "desk/settings_kept_sure", newKeptSure(desk(), list, map[string]string{})},
		{"desk, kept, the same", "desk/settings_kept_sure", newKeptSure(desk(), list[2:], map[string]string{})},
	}
}

func deskMailStates(at func(path string, user *undersigned.User) deskChrome) []pageState {
	desk := func() deskChrome { return at("/admin/settings/mail", sampleOwner) }
	setup := mail.Setup{From: "Shelter <hello@example.org>", Domain: "example.org", Relay: "smtp.relay.example", Port: "587", Signs: true}
	key := "v=DKIM1; k=rsa; p=" + strings.Repeat("MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A", 12)
	says := func(findings ...undersigned.DNSFinding) *undersigned.MailDNS {
		return &undersigned.MailDNS{Domain: "example.org", At: sampleNow, Findings: findings}
	}
	wrong := says(undersigned.DNSFinding{Kind: "spf", State: undersigned.DNSWrong, Why: "two", Name: "example.org", Found: []string{"v=spf1 mx -all", "v=spf1 include:_spf.mail.example ~all"}, Want: "v=spf1 mx include:_spf.mail.example a:smtp.relay.example ~all"},
		undersigned.DNSFinding{Kind: "dkim", State: undersigned.DNSMissing, Why: "missing", Name: "undersigned1._domainkey.example.org", Want: key},
		undersigned.DNSFinding{Kind: "dmarc", State: undersigned.DNSUnasked, Why: "unasked", Name: "_dmarc.example.org"})
	fits := says(undersigned.DNSFinding{Kind: "spf", State: undersigned.DNSFits, Why: "fits", Name: "example.org", Found: []string{"v=spf1 a:smtp.relay.example -all"}},
		undersigned.DNSFinding{Kind: "dkim", State: undersigned.DNSMissing, Why: "no_key", Name: "example.org"},
		undersigned.DNSFinding{Kind: "dmarc", State: undersigned.DNSWeak, Why: "watch", Name: "_dmarc.example.org", Found: []string{"v=DMARC1; p=none"}})
	return []pageState{
		{"desk, mail, nothing known", "desk/settings_mail", newMailSettings(desk(), &mailReport{Setup: mail.Setup{From: "no-reply@localhost"}, Addressed: "ana@example.org"})},
		{"desk, mail, tried and wrong", "desk/settings_mail", newMailSettings(desk().done("tried", "tried"), &mailReport{Setup: setup, PerHour: 1000, Bounce: "bounces@example.org", HasKey: true, Addressed: "ana@example.org", DNS: wrong,
			Try: &undersigned.MailTry{State: undersigned.TryRefused, Asked: sampleNow, At: sampleNow, Step: "rcpt", Reply: "550 5.7.1"}})},
		{"desk, mail, all is well", "desk/settings_mail", newMailSettings(desk(), &mailReport{Setup: setup, Addressed: "ana@example.org", DNS: fits, DNSWaits: true, Try: &undersigned.MailTry{State: undersigned.TryWaiting, Asked: sampleNow}})},
	}
}

func deskVolunteerStates(at func(path string, user *undersigned.User) deskChrome, content *undersigned.Content) []pageState {
	ask := action.OfferAsk{Content: content, Action: content.Action("volunteer"), States: map[undersigned.SubmissionState]int64{undersigned.SubmissionReceived: 51}}
	sample := &undersigned.Submission{Language: "es", Person: undersigned.Person{GivenName: "Ana", FamilyName: "Álvarez", Email: "ana@mail.example", Comment: "I can\ntranslate."},
		Answers: []undersigned.QuestionAnswer{{Question: "Do you drive?", Kind: undersigned.YesNoQuestion, Words: "yes"}}}
	offer := func(state undersigned.SubmissionState, s *undersigned.Submission) *action.Desk {
		return &action.Desk{ID: undersigned.SubmissionID{1}, Content: content, Action: ask.Action, State: state, Day: "2026-11-21", Moved: "2026-11-22", Submission: s}
	}
	var many []*action.Desk
	for range offersPage {
		many = append(many, offer(undersigned.SubmissionReceived, sample))
	}
	many = append(many, offer(undersigned.SubmissionWithdrawn, nil))
	one := func(d *action.Desk, notes string) deskOfferView {
		return newDeskOffer(at("/admin/volunteers/01", sampleCoordinator).done("moved", "moved"), d, action.OfferNotes{Text: notes, Version: "0f"})
	}
	wrong, typed := one(offer(undersigned.SubmissionInTouch, sample), ""), "Mine.\xff"
	wrong.failed(action.OfferNotes{Text: "Theirs."}, &typed, action.ErrNotesChanged)
	late := one(offer(undersigned.SubmissionReceived, sample), "")
	late.failed(action.OfferNotes{}, nil, undersigned.Fail(undersigned.Invalid, "error.offer.step"))
	return []pageState{
		{"desk, volunteers", "desk/volunteers", newVolunteers(at("/admin/volunteers", sampleOwner), []action.OfferAsk{ask, ask}, many, action.OfferFilter{})},
		{"desk, volunteers, one", "desk/volunteers", newVolunteers(at("/admin/volunteers", sampleCoordinator), []action.OfferAsk{ask}, many[50:], action.OfferFilter{State: undersigned.SubmissionWithdrawn})},
		{"desk, volunteers, none", "desk/volunteers", newVolunteers(at("/admin/volunteers", sampleCoordinator), nil, nil, action.OfferFilter{})},
		{"desk, an offer", "desk/offer", one(offer(undersigned.SubmissionReceived, sample), "Called on Monday.")},
		{"desk, an offer, notes that cross", "desk/offer", wrong},
		{"desk, an offer, too late", "desk/offer", late},
		{"desk, an offer, taken back", "desk/offer", one(offer(undersigned.SubmissionWithdrawn, nil), "")},
	}
}
