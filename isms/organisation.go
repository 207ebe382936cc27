package isms

import (
	"cmp"

	"holdfast/kind"
)

// An Organisation is the profile of whoever the workspace belongs to. A workspace
// has one; the product reads the oldest.
type Organisation struct {
	Base
	LegalName        string           `json:"legal_name"        isms:"list,search" doc:"As it stands in contracts and on documents."`
	Sector           Sector           `json:"sector"            isms:"list,filter" doc:"Proposes the obligations and threats that are usual there."`
	Size             OrganisationSize `json:"size"              isms:"list,filter"`
	Headcount        int              `json:"headcount"         isms:"unit=people"`
	Turnover         Money            `json:"turnover"          doc:"Per year; fines and capacity are measured against it."`
	Country          string           `json:"country"           isms:"list,filter" doc:"Seat, as ISO 3166 code."`
	Operates         []string         `json:"operates"          isms:"filter,label=operates in" doc:"Other countries whose law applies, as ISO 3166 codes."`
	Currency         string           `json:"currency"          isms:"list" doc:"ISO 4217 code of every amount of money in the workspace."`
	Locale           string           `json:"locale"            doc:"Language and formats of documents (BCP 47)."`
	TimeZone         string           `json:"time_zone"         doc:"IANA name; dates and deadlines are told in it."`
	Mission          Markdown         `json:"mission"           isms:"search" doc:"What it exists for; security serves this."`
	Strategy         Markdown         `json:"strategy"          isms:"search" doc:"Priorities, resources and timescales of information security."`
	InternalContext  Markdown         `json:"internal_context"  doc:"Structure, culture, systems and constraints that bear on security."`
	ExternalContext  Markdown         `json:"external_context"  doc:"Law, market, technology and threats outside that bear on security."`
	CrownJewels      Markdown         `json:"crown_jewels"      isms:"search" doc:"What must not be lost, in plain words; the assets themselves are in the register."`
	RiskMatrix       MatrixSize       `json:"risk_matrix"       doc:"Size of the qualitative matrix."`
	FiscalYearStart  int              `json:"fiscal_year_start" isms:"unit=month" doc:"First month of the financial year, 1 to 12."`
	SecurityLeadID   string           `json:"security_lead_id"  isms:"ref=person,list,label=security lead" doc:"Runs the security management."`
	ExecutiveID      string           `json:"executive_id"      isms:"ref=person,label=accountable executive"`
	PrivacyOfficerID string           `json:"privacy_officer_id" isms:"ref=person,label=data protection officer"`
	OpenReports      bool             `json:"open_reports"      isms:"label=reports without an account" doc:"Anybody who can open the site may report something odd, without an account and without a name."`
	Website          string           `json:"website"`
	Logo             string           `json:"logo"              isms:"computed" doc:"Key of the picture on documents."`
	BrandColour      string           `json:"brand_colour"      doc:"Accent of documents, as #RRGGBB."`
}

// Sector is the trade of an organisation.
type Sector string

// Choices lists the sectors; those of the NIS 2 directive are among them.
func (Sector) Choices() []kind.Choice {
	return kind.Words("software", "digital_infrastructure", "health", "finance", "energy", "transport", "water", "manufacturing",
		"food", "chemicals", "waste", "post", "space", "research", "education", "public_administration", "retail", "professional_services",
		"media", "construction", "hospitality", "agriculture", "charity", "open_source_project", "other")
}

// OrganisationSize is the size class of EU recommendation 2003/361/EC.
type OrganisationSize string

// Choices lists the sizes.
func (OrganisationSize) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "project", Doc: "Not a company: a project or a club."},
		{Value: "micro", Doc: "Fewer than 10 people."},
		{Value: "small", Doc: "Fewer than 50 people."},
		{Value: "medium", Doc: "Fewer than 250 people."},
		{Value: "large", Doc: "250 people or more."},
	}
}

// MatrixSize is the number of grades of impact and of probability.
type MatrixSize string

// Choices lists the sizes.
func (MatrixSize) Choices() []kind.Choice {
	return []kind.Choice{{Value: "5", Label: "5 × 5"}, {Value: "3", Label: "3 × 3"}}
}

// Grades is the size as a number.
func (m MatrixSize) Grades() int {
	if m == "3" {
		return 3
	}
	return 5
}

// Organisations describes the record type.
var Organisations = kind.Of("organisation", kind.Spec[Organisation]{
	Group: kind.Govern, Icon: "building", Owner: "security_lead_id", Sort: "created_at",
	Doc: "The profile of the organisation: what it does, where, and how it counts money and time.",
	Prepare: func(o *Organisation) {
		entitle(&o.Base, o.LegalName)
		o.Currency = cmp.Or(o.Currency, "EUR")
		o.Locale = cmp.Or(o.Locale, "en-GB")
		o.TimeZone = cmp.Or(o.TimeZone, "UTC")
		o.RiskMatrix = cmp.Or(o.RiskMatrix, "5")
		o.FiscalYearStart = cmp.Or(o.FiscalYearStart, 1)
	},
	Validate: func(o *Organisation) error {
		for _, country := range o.Operates {
			if err := countryCode.check("operates", country); err != nil {
				return err
			}
		}
		return complaints(
			countryCode.check("country", o.Country), currencyCode.check("currency", o.Currency),
			languageTag.check("locale", o.Locale), zoneName.check("time_zone", o.TimeZone),
			hexColour.check("brand_colour", o.BrandColour), webAddress("website", o.Website, "https", "http"),
			within("fiscal_year_start", o.FiscalYearStart, 1, 12),
			notNegative("headcount", o.Headcount), notNegative("turnover", o.Turnover))
	},
})
