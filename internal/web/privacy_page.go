package web

import "github.com/undersigned/undersigned/internal/store"

// privacyView says what is kept, for how long, who can read it, and what is not promised. Its words are messages of the
// catalogue, one section after another.
type privacyView struct {
	chrome
	Seized   seizedView
	Sections []privacySection
}

type privacySection struct {
	ID, Heading string
	Words       []string
	List        bool // the words are points of a list
}

func newPrivacy(c chrome, site *store.Site, seized seizedView) privacyView {
	v := privacyView{chrome: c.titled(c.T("privacy.title"), c.T("privacy.lead")), Seized: seized}
	v.Sections = []privacySection{
		{"sign", c.T("privacy.sign"), []string{c.T("privacy.sign.1"), c.T("privacy.sign.2"), c.T("privacy.sign.3")}, false},
		{"volunteer", c.T("privacy.volunteer"), []string{c.T("privacy.volunteer.1"), c.T("privacy.volunteer.2"), c.T("privacy.volunteer.3")}, false},
		{"letters", c.T("privacy.letters"), []string{c.T("privacy.letters.1"), c.T("privacy.letters.2"), c.T("privacy.letters.3")}, false},
		{"news", c.T("privacy.news"), []string{c.T("privacy.news.1"), c.T("privacy.news.2")}, false},
		{"correct", c.T("privacy.correct"), []string{c.T("privacy.correct.1")}, false},
		{"staff", c.T("privacy.staff"), []string{c.T("privacy.staff.1"), c.T("privacy.staff.2")}, false},
		{"kept", c.T("privacy.kept"), []string{c.T("privacy.kept.1"), c.T("privacy.kept.2"), c.T("privacy.kept.endless"), c.T("privacy.kept.3"),
			c.T("privacy.kept.news"), c.T("privacy.kept.4"), c.T("privacy.kept.5"), c.T("privacy.kept.limits")}, true},
		{"not-kept", c.T("privacy.not_kept"), []string{c.T("privacy.not_kept.1"), c.T("privacy.not_kept.2"), c.T("privacy.not_kept.3"), c.T("privacy.not_kept.4")}, true},
		{"modes", c.T("privacy.modes"), privacyModes(c, site), true},
		{"who", c.T("privacy.who"), []string{c.T("privacy.who.1"), c.T("privacy.who.2"), c.T("privacy.who.3"), c.T("privacy.who.4")}, false},
		{"court", c.T("privacy.court"), []string{c.T("privacy.court.1"), c.T("privacy.court.2"), c.T("privacy.court.3")}, true},
		{"leave", c.T("privacy.leave"), []string{c.T("privacy.leave.1"), c.T("privacy.leave.2"), c.T("privacy.leave.3")}, false},
		{"not-promised", c.T("privacy.not_promised"), []string{c.T("privacy.not_promised.1"), c.T("privacy.not_promised.2"),
			c.T("privacy.not_promised.3"), c.T("privacy.not_promised.4"), c.T("privacy.not_promised.5"),
			c.T("privacy.not_promised.6")}, true},
	}
	return v
}

// privacyModes says of each cause whether the server can read what its signers told us.
func privacyModes(c chrome, site *store.Site) (words []string) {
	sealed := false
	for _, content := range site.Contents {
		text, _ := content.Issue.Text(c.Lang())
		if n := len(content.Issue.SealTo); n > 0 {
			sealed = true
			words = append(words, c.T("privacy.modes.sealed", "title", text.Title, "n", n))
		} else {
			words = append(words, c.T("privacy.modes.default", "title", text.Title))
		}
	}
	if sealed {
		words = append(words, c.T("privacy.modes.before"), c.T("privacy.modes.guess"), c.T("privacy.modes.copies"))
	}
	return words
}
