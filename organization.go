package undersigned

// OrganizationKind is what an organisation mostly does; it ends the message key "organization.kind.".
type OrganizationKind string

const (
	Advocacy  OrganizationKind = "advocacy"  // works for other laws and policies
	Coalition OrganizationKind = "coalition" // of other organisations
	LegalHelp OrganizationKind = "legal"
	Community OrganizationKind = "community" // of those concerned themselves
	Services  OrganizationKind = "services"  // helps people to live
	Research  OrganizationKind = "research"
)

// OrganizationKinds are all kinds.
var OrganizationKinds = []OrganizationKind{Advocacy, Coalition, LegalHelp, Community, Services, Research}

// Organization is an entry of the directory. Entries of two issues with the same slug are the same organisation.
type Organization struct {
	Slug        string                      `json:"slug"`
	Name        string                      `json:"name"`
	Short       string                      `json:"short,omitempty"` // MIRA
	FormerNames []FormerName                `json:"former_names,omitempty"`
	URL         string                      `json:"url,omitempty"`
	Link        Link                        `json:"-"`
	Kind        OrganizationKind            `json:"kind,omitempty"`
	Region      string                      `json:"region,omitempty"`    // MA, New England, US; see RegionIn
	Languages   []string                    `json:"languages,omitempty"` // codes of those that it publishes or answers in
	Founded     int                         `json:"founded,omitempty"`
	Phone       string                      `json:"phone,omitempty"` // as dialled: 1-617-555-0100
	Email       string                      `json:"email,omitempty"`
	Address     string                      `json:"address,omitempty"`     // lines, as on an envelope
	AsOf        Day                         `json:"as_of"`                 // when the entry was true
	VerifiedOn  Day                         `json:"verified_on,omitempty"` // when somebody last asked the organisation itself
	VerifiedBy  string                      `json:"verified_by,omitempty"` // who that was
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
	Body   string `json:"body"`             // Markdown
	Region string `json:"region,omitempty"` // what this language calls it; see RegionIn
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

// Same tells whether another issue's entry can be this organisation: by a name, former ones among them, or by its address.
func (o *Organization) Same(other *Organization) bool {
	if o.URL != "" && o.URL == other.URL {
		return true
	}
	names := map[string]bool{o.Name: true}
	for _, f := range o.FormerNames {
		names[f.Name] = true
	}
	for _, f := range other.FormerNames {
		if names[f.Name] {
			return true
		}
	}
	return names[other.Name]
}

// Text gives the words in lang or in the first of languages there is, and which that is.
func (o *Organization) Text(lang string, languages []string) (OrganizationText, string) {
	return inLanguage(o.Texts, lang, languages)
}

// RegionIn gives the region as readers of lang call it, or in the first of languages, and which that is.
func (o *Organization) RegionIn(lang string, languages []string) (region, in string) {
	return said(func(l string) string { return o.Texts[l].Region }, o.Region, lang, languages)
}

// Text gives the words in lang or in the first of languages there is, and which that is.
func (c *OrganizationCampaign) Text(lang string, languages []string) (OrganizationCampaignText, string) {
	return inLanguage(c.Texts, lang, languages)
}
