package pack

import (
	"math"
	"slices"

	"github.com/undersigned/undersigned"
)

func (r *reader) readOrganization(name, slug string) undersigned.Organization {
	r.slug(name, slug)
	d := r.open(name)
	d.require("name", "as_of")
	d.needBody()
	o := undersigned.Organization{
		Slug:       slug,
		Name:       d.one("name"),
		Short:      d.one("short"),
		URL:        d.url("url"),
		Kind:       choice(d.mapping, "kind", undersigned.OrganizationKinds, ""),
		Region:     d.one("region"),
		Languages:  d.languages("languages"),
		Founded:    d.number("founded", 1, 9999),
		Phone:      d.phone("phone"),
		Email:      d.email("email"),
		Address:    d.text("address"),
		AsOf:       d.day("as_of"),
		VerifiedOn: d.day("verified_on"),
		VerifiedBy: d.one("verified_by"),
		Order:      d.number("order", 0, math.MaxInt32),
		Texts:      map[string]undersigned.OrganizationText{r.first(): {Body: d.body, Region: d.one("region")}},
	}
	if d.has("verified_on") != d.has("verified_by") {
		d.fault("verified_on", "want.verified")
	}
	for _, m := range d.subs("former_names") {
		m.require("name")
		o.FormerNames = append(o.FormerNames, undersigned.FormerName{Name: m.one("name"), Until: m.day("until")})
		m.done()
	}
	for _, m := range d.subs("campaigns") {
		o.Campaigns = append(o.Campaigns, readCampaign(m, r.first(), o.Campaigns))
	}
	d.done()
	r.translations(name, func(lang string, d *document) {
		d.needBody()
		o.Texts[lang] = undersigned.OrganizationText{Body: d.body, Region: d.one("region")}
		for _, m := range d.subs("campaigns") {
			readCampaignTranslation(m, lang, o.Campaigns)
		}
	})
	return o
}

func readCampaign(m *mapping, lang string, before []undersigned.OrganizationCampaign) undersigned.OrganizationCampaign {
	m.require("slug", "name", "body")
	c := undersigned.OrganizationCampaign{
		Slug:     m.slug("slug"),
		Name:     m.one("name"),
		URL:      m.url("url"),
		Launched: m.day("launched"),
		Texts:    map[string]undersigned.OrganizationCampaignText{lang: {Body: m.markdown("body")}},
	}
	if findCampaign(before, c.Slug) >= 0 {
		m.fault("slug", "want.once")
	}
	m.done()
	return c
}

func readCampaignTranslation(m *mapping, lang string, campaigns []undersigned.OrganizationCampaign) {
	m.require("slug", "body")
	slug, body := m.slug("slug"), m.markdown("body")
	m.done()
	i := findCampaign(campaigns, slug)
	if i < 0 {
		m.fault("slug", "want.campaign")
		return
	}
	if _, twice := campaigns[i].Texts[lang]; twice {
		m.fault("slug", "want.once")
	}
	campaigns[i].Texts[lang] = undersigned.OrganizationCampaignText{Body: body}
}

func findCampaign(campaigns []undersigned.OrganizationCampaign, slug string) int {
	return slices.IndexFunc(campaigns, func(c undersigned.OrganizationCampaign) bool { return c.Slug == slug })
}

func (w *writer) writeOrganization(o *undersigned.Organization) {
	f := w.front()
	f.one("name", o.Name)
	f.one("short", o.Short)
	f.list("former_names", len(o.FormerNames), func(i int, f *front) {
		f.one("name", o.FormerNames[i].Name)
		f.day("until", o.FormerNames[i].Until)
	})
	f.one("url", o.URL)
	f.one("kind", string(o.Kind))
	f.one("region", w.first(o.RegionIn))
	f.words("languages", o.Languages)
	f.number("founded", o.Founded)
	f.one("phone", o.Phone)
	f.one("email", o.Email)
	f.text("address", o.Address)
	f.day("as_of", o.AsOf)
	f.day("verified_on", o.VerifiedOn)
	f.one("verified_by", o.VerifiedBy)
	f.number("order", o.Order)
	w.eachLanguage(organizations+"/"+o.Slug+".md", f, func(f *front, lang string) string {
		if lang != w.languages[0] {
			f.one("region", o.Texts[lang].Region)
		}
		var told []undersigned.OrganizationCampaign // those with words in this language, or all in the first
		for _, c := range o.Campaigns {
			if lang == w.languages[0] || c.Texts[lang].Body != "" || w.form != nil {
				told = append(told, c)
			}
		}
		f.list("campaigns", len(told), func(i int, f *front) {
			f.one("slug", told[i].Slug)
			if lang == w.languages[0] {
				f.one("name", told[i].Name)
				f.one("url", told[i].URL)
				f.day("launched", told[i].Launched)
			}
			f.text("body", told[i].Texts[lang].Body)
		})
		return o.Texts[lang].Body
	})
}
