package isms

import "holdfast/kind"

// A Vendor is a company or project outside on which the organisation relies.
type Vendor struct {
	Base
	Category       VendorCategory `json:"category"        isms:"list,filter"`
	Status         VendorStatus   `json:"status"          isms:"list,filter"`
	Criticality    Level          `json:"criticality"     isms:"list,filter" doc:"How much it would hurt if they failed."`
	Access         VendorAccess   `json:"access"          isms:"filter" doc:"What of ours they can reach."`
	Residual       Level          `json:"residual"        isms:"computed,list,filter,label=remaining risk" doc:"From the last approved assessment."`
	Services       Markdown       `json:"services"        isms:"search" doc:"What they do for us."`
	OwnerID        string         `json:"owner_id"        isms:"ref=person,list,filter,label=owner"`
	PartyID        string         `json:"party_id"        isms:"ref=interested_party,label=interested party"`
	Country        string         `json:"country"         isms:"filter" doc:"Seat, as ISO 3166 code."`
	DataCountries  []string       `json:"data_countries"  isms:"filter,label=data held in" doc:"Where they keep our data, as ISO 3166 codes."`
	Website        string         `json:"website"`
	Contact        string         `json:"contact"`
	Email          string         `json:"email"           doc:"For questions and notices."`
	Emergency      string         `json:"emergency"       doc:"Whom to call when something burns, at any hour."`
	Certificates   []string       `json:"certificates"    isms:"filter,search" doc:"What others attest: ISO 27001, SOC 2 Type II, PCI DSS attestation."`
	CertifiedUntil Date           `json:"certified_until" isms:"filter" doc:"When the first of the certificates runs out."`
	AssessedOn     Date           `json:"assessed_on"     isms:"computed" doc:"When they were last assessed."`
	AssessBy       Date           `json:"assess_by"       isms:"list,filter" doc:"By when they must be assessed again."`
	AnnualSpend    Money          `json:"annual_spend"`
	Subprocessors  []string       `json:"subprocessors"   doc:"Others to whom they pass our data."`
	Exit           Markdown       `json:"exit"            isms:"label=exit plan" doc:"How we leave, how long it takes, how we get our data back."`
}

// VendorCategory tells what a vendor supplies.
type VendorCategory string

// Choices lists the categories.
func (VendorCategory) Choices() []kind.Choice {
	return kind.Words("cloud", "software", "hosting", "managed_service", "payment", "telecommunication", "hardware", "facility",
		"consulting", "staffing", "logistics", "insurance", "open_source", "other")
}

// VendorAccess is what of ours a vendor can reach.
type VendorAccess []string

// Choices lists the kinds of access.
func (VendorAccess) Choices() []kind.Choice {
	return kind.Words("personal_data", "confidential_data", "network", "administration", "source_code", "premises", "payment_data")
}

// VendorStatus is where the relation to a vendor stands.
type VendorStatus string

// The states of a vendor.
const (
	VendorProspect VendorStatus = "prospect"
	VendorApproved VendorStatus = "approved"
	VendorActive   VendorStatus = "active"
	VendorExiting  VendorStatus = "exiting"
	VendorEnded    VendorStatus = "ended"
)

// Choices lists the states.
func (VendorStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "prospect", Tone: "info"}, {Value: "approved", Tone: "info", Doc: "May be used; nothing is supplied yet."},
		{Value: "active", Tone: "good"}, {Value: "exiting", Tone: "warn"}, {Value: "ended", Tone: "muted"},
	}
}

// Vendors describes the record type.
var Vendors = kind.Of("vendor", kind.Spec[Vendor]{
	Group: kind.Identify, Icon: "box", State: "status", Owner: "owner_id", Sort: "-criticality",
	Doc: "A company or project outside on which the organisation relies.",
	Validate: func(v *Vendor) error {
		for _, country := range v.DataCountries {
			if err := countryCode.check("data_countries", country); err != nil {
				return err
			}
		}
		return complaints(countryCode.check("country", v.Country), mailAddress("email", v.Email),
			webAddress("website", v.Website, "https", "http"), notNegative("annual_spend", v.AnnualSpend))
	},
	Links: []kind.Link{
		{Name: "supplies", To: "asset", Inverse: "supplied by"},
		{Name: "causes", To: "risk", Inverse: "caused by vendor"},
	},
	Actions: []kind.Act[Vendor]{
		{Action: kind.Action{Name: "approve", From: []string{"prospect", "ended"}, To: "approved", Needs: kind.Approve}},
		{Action: kind.Action{Name: "activate", Label: "Start using", From: []string{"approved", "exiting"}, To: "active"}},
		{Action: kind.Action{Name: "exit", Label: "Start leaving", From: []string{"approved", "active"}, To: "exiting", Reason: true}},
		{Action: kind.Action{Name: "end", From: []string{"prospect", "approved", "active", "exiting"}, To: "ended", Reason: true, Danger: true,
			Doc: "Access is withdrawn and data is back or erased; say how."}},
	},
})
