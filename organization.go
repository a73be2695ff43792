package undersigned

// Organization is an entry of the directory.
type Organization struct {
	Slug        string                      `json:"slug"`
	Name        string                      `json:"name"`
	Short       string                      `json:"short,omitempty"` // MIRA
	FormerNames []FormerName                `json:"former_names,omitempty"`
	URL         string                      `json:"url,omitempty"`
	Link        Link                        `json:"-"`
	Region      string                      `json:"region,omitempty"` // MA, New England, US
	Founded     int                         `json:"founded,omitempty"`
	AsOf        Day                         `json:"as_of"` // when the entry was true
	Order       int                         `json:"order"`
	Campaigns   []OrganizationCampaign      `json:"campaigns,omitempty"`
	Texts       map[string]OrganizationText `json:"texts"` // by language
}

// FormerName is what an organisation was called before.
type FormerName struct {
	Name  string `json:"name"`
	Until Day    `json:"until,omitempty"`
}

// OrganizationText is what an organisation does, in one language.
type OrganizationText struct {
	Body string `json:"body"` // Markdown
}

// OrganizationCampaign is a campaign of the organisation's own.
type OrganizationCampaign struct {
	Slug     string                              `json:"slug"`
	Name     string                              `json:"name"`
	URL      string                              `json:"url,omitempty"`
	Link     Link                                `json:"-"`
	Launched Day                                 `json:"launched,omitempty"`
	Texts    map[string]OrganizationCampaignText `json:"texts"` // by language
}

// OrganizationCampaignText is a campaign in one language.
type OrganizationCampaignText struct {
	Body string `json:"body"` // Markdown; says what is not known, too
}

// Text gives the words in lang or in the first of languages there is, and which that is.
func (o *Organization) Text(lang string, languages []string) (OrganizationText, string) {
	return inLanguage(o.Texts, lang, languages)
}

// Text gives the words in lang or in the first of languages there is, and which that is.
func (c *OrganizationCampaign) Text(lang string, languages []string) (OrganizationCampaignText, string) {
	return inLanguage(c.Texts, lang, languages)
}
