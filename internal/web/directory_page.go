package web

import (
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
)

// organizationView is an entry of the directory: in a list, on an issue's page, or a page of its own.
type organizationView struct {
	chrome
	ID        string // where a link can point
	Page      string // its own page
	Name      string
	Short     string
	Formerly  string // a sentence
	Body      template.HTML
	Words     string   // the language of Body, where that is not the page's
	About     []phrase // kind, region, languages, founded
	Outside   *linkView
	Phone     *phoneView
	Email     string
	Address   string
	AsOf      string
	Verified  string // by whom and when
	Campaigns []campaignView
	Causes    []crumb // the issues that name it
	Correct   *correction
}

// correction is how somebody tells us that an entry is wrong.
type correction struct {
	Form string
	Mail template.URL // empty where the issue names no address
	Who  string       // whom to tell, where there is no address
}

type campaignView struct {
	Name    string
	Body    template.HTML
	Words   string
	Since   string
	Outside *linkView
}

// listing is an organisation as the directory has it: of entries with the same slug the one that was true last.
type listing struct {
	*undersigned.Organization
	content *undersigned.Content
	causes  []*undersigned.Content
}

// directory lists every organisation of a site once, in the order of the issues and their pages.
func directory(site *store.Site) (list []listing) {
	at := map[string]int{}
	for _, content := range site.Contents {
		for i := range content.Organizations {
			o := &content.Organizations[i]
			n, known := at[o.Slug]
			if !known {
				n = len(list)
				at[o.Slug], list = n, append(list, listing{Organization: o, content: content})
			}
			list[n].causes = append(list[n].causes, content)
			if o.AsOf > list[n].AsOf {
				list[n].Organization, list[n].content = o, content
			}
		}
	}
	return list
}

func organizationPath(o *undersigned.Organization) string { return "/organizations/" + o.Slug }

func newOrganizationViews(c chrome, content *undersigned.Content) (list []organizationView) {
	for i := range content.Organizations {
		list = append(list, newOrganization(c, listing{Organization: &content.Organizations[i], content: content}))
	}
	return list
}

func newOrganization(c chrome, l listing) organizationView {
	text, lang := l.Text(c.Lang(), l.content.Issue.Languages)
	zone := zoneOf(&l.content.Issue)
	v := organizationView{chrome: c, ID: "organization-" + l.Slug, Page: c.Link(organizationPath(l.Organization)), Name: l.Name, Short: l.Short,
		Formerly: formerly(c, l.Organization), Body: prose(text.Body, 4), Words: c.other(lang), About: aboutOrganization(c, l),
		Outside: maybeLink(c, l.URL, l.Link, zone), Phone: newPhone(l.Phone), Email: l.Email, Address: l.Address,
		AsOf: c.T("entry.as_of", "date", c.Day(l.AsOf))}
	if l.VerifiedOn != "" {
		v.Verified = c.T("organization.verified", "who", l.VerifiedBy, "date", c.Day(l.VerifiedOn))
	}
	for i := range l.Campaigns {
		campaign := &l.Campaigns[i]
		text, lang := campaign.Text(c.Lang(), l.content.Issue.Languages)
		view := campaignView{Name: campaign.Name, Body: prose(text.Body, 5), Words: c.other(lang), Outside: maybeLink(c, campaign.URL, campaign.Link, zone)}
		if campaign.Launched != "" {
			view.Since = c.T("organization.launched", "date", c.Day(campaign.Launched))
		}
		v.Campaigns = append(v.Campaigns, view)
	}
	return v
}

// newOrganizationPage is the page of one organisation.
func newOrganizationPage(c chrome, l listing) organizationView {
	text, _ := l.Text(c.Lang(), l.content.Issue.Languages)
	v := newOrganization(c.titled(l.Name, firstWords(plainWords(text.Body))), l)
	if v.Verified == "" {
		v.Verified = c.T("organization.unverified")
	}
	for _, cause := range l.causes {
		text, lang := cause.Issue.Text(c.Lang())
		v.Causes = append(v.Causes, crumb{Title: text.Title, Lang: c.other(lang), Link: c.Link("/" + cause.Issue.Slug)})
	}
	issue := l.content.Issue
	if v.Correct = (&correction{Form: c.Link(correctPath(l)), Who: issue.Publisher}); issue.Contact != "" {
		subject := c.T("organization.correct.subject", "name", l.Name)
		v.Correct.Mail = template.URL("mailto:" + url.PathEscape(issue.Contact) + "?subject=" + url.PathEscape(subject) + "&body=" + url.PathEscape(c.URL(organizationPath(l.Organization))))
	}
	return v
}

func formerly(c chrome, o *undersigned.Organization) string {
	var parts []string
	for _, f := range o.FormerNames {
		if f.Until == "" {
			parts = append(parts, c.T("organization.formerly", "name", f.Name))
		} else {
			parts = append(parts, c.T("organization.formerly_until", "name", f.Name, "date", c.Day(f.Until)))
		}
	}
	return strings.Join(parts, " ")
}

func aboutOrganization(c chrome, l listing) (parts []phrase) {
	if l.Kind != "" {
		parts = ours(c.T("organization.kind." + string(l.Kind)))
	}
	if region := c.theirs(l.RegionIn(c.Lang(), l.content.Issue.Languages)); region.Words != "" {
		parts = append(parts, region)
	}
	for _, code := range l.Languages {
		if name := languageName(c, code); name != "" {
			parts = append(parts, ours(name)...)
		}
	}
	if l.Founded > 0 {
		parts = append(parts, ours(c.T("organization.founded", "year", strconv.Itoa(l.Founded)))...)
	}
	return parts
}

// directoryView is the directory, or what of it a reader has chosen.
type directoryView struct {
	chrome
	Filters       []filterView
	Shown         string // "3 organizations" or, where something is chosen, "2 of 3 organizations"
	Chosen        bool
	Unknown       bool // the address asks for something that nobody here is
	Organizations []organizationView
	Note          string
}

// filterView is one thing to choose by.
type filterView struct {
	Name, Label string
	Options     []formOption
}

// filter is what a reader has chosen; empty is everything.
type filter struct{ region, language, kind string }

// filterFields are the names in the address.
var filterFields = []string{"region", "language", "kind"}

// readFilter takes the choice out of an address. What no organisation has is unknown, and chooses nothing: so there are no
// more pages than there are choices.
func readFilter(list []listing, query url.Values) (f filter, unknown bool) {
	for _, field := range filterFields {
		asked := query.Get(field)
		switch {
		case asked == "":
		case !slices.ContainsFunc(list, func(l listing) bool { return slices.Contains(l.choices(field), asked) }):
			unknown = true
		case field == "region":
			f.region = asked
		case field == "language":
			f.language = asked
		default:
			f.kind = asked
		}
	}
	return f, unknown
}

// get is the choice of one field.
func (f filter) get(field string) string {
	return map[string]string{"region": f.region, "language": f.language, "kind": f.kind}[field]
}

// query is the choice as the one address of its page.
func (f filter) query() string {
	q := url.Values{}
	for _, field := range filterFields {
		if f.get(field) != "" {
			q.Set(field, f.get(field))
		}
	}
	return q.Encode()
}

// choices is what an organisation is, by a field of the filter.
func (l listing) choices(field string) []string {
	switch field {
	case "region":
		region, _ := l.RegionIn("", l.content.Issue.Languages) // the same in every language of the page
		return []string{region}
	case "language":
		return l.Languages
	}
	return []string{string(l.Kind)}
}

// choices is how many different choices a directory has, of one thing or several.
func choices(list []listing) int {
	all := 1
	for _, field := range filterFields {
		of := map[string]bool{"": true}
		for _, l := range list {
			for _, choice := range l.choices(field) {
				of[choice] = true
			}
		}
		all *= len(of)
	}
	return all
}

func (f filter) takes(l listing) bool {
	for _, field := range filterFields {
		if want := f.get(field); want != "" && !slices.Contains(l.choices(field), want) {
			return false
		}
	}
	return true
}

func newDirectory(c chrome, list []listing, f filter, unknown bool) directoryView {
	v := directoryView{chrome: c.titled(c.T("page.organizations"), c.T("organizations.intro")), Unknown: unknown, Note: c.T("entry.note")}
	for _, field := range filterFields {
		if choice := newFilter(c, list, field, f.get(field)); len(choice.Options) > 1 {
			v.Filters = append(v.Filters, choice)
		}
	}
	for _, l := range list {
		if f.takes(l) {
			v.Organizations = append(v.Organizations, newOrganization(c, l))
		}
	}
	if v.Chosen = f != (filter{}); v.Chosen {
		v.Shown = c.N("organizations.shown", len(list), "shown", len(v.Organizations))
	} else if len(list) > 0 {
		v.Shown = c.N("organizations.count", len(list))
	}
	return v
}

// newFilter lists what can be chosen, all first.
func newFilter(c chrome, list []listing, field, chosen string) filterView {
	words := map[string]func(string) string{
		"region":   func(s string) string { return s },
		"language": func(s string) string { return languageName(c, s) },
		"kind":     func(s string) string { return c.T("organization.kind." + s) },
	}[field]
	label := map[string]string{"region": c.T("organizations.region"), "language": c.T("organizations.language"), "kind": c.T("organizations.kind")}[field]
	v := filterView{Name: field, Label: label}
	for _, l := range list {
		for _, choice := range l.choices(field) {
			known := slices.ContainsFunc(v.Options, func(o formOption) bool { return o.Value == choice })
			if choice != "" && !known {
				option := formOption{Value: choice, Label: words(choice), Selected: choice == chosen}
				if field == "region" {
					region := c.theirs(l.RegionIn(c.Lang(), l.content.Issue.Languages))
					option.Label, option.Lang = region.Words, region.Lang
				}
				v.Options = append(v.Options, option)
			}
		}
	}
	slices.SortFunc(v.Options, func(a, b formOption) int { return strings.Compare(a.Label, b.Label) })
	v.Options = append([]formOption{{Label: c.T("organizations.all"), Selected: chosen == ""}}, v.Options...)
	return v
}
