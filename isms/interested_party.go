package isms

import "holdfast/kind"

// An InterestedParty is whoever is touched by the security of the organisation or
// touches it, for good or ill (ISO/IEC 27001, clause 4.2).
type InterestedParty struct {
	Base
	Category     PartyCategory `json:"category"     isms:"required,list,filter"`
	Attitude     PartyAttitude `json:"attitude"     isms:"list,filter"`
	Influence    Level         `json:"influence"    isms:"list,filter" doc:"How much they can help or harm us."`
	Interest     Level         `json:"interest"     isms:"list,filter" doc:"How much our security matters to them."`
	Needs        Markdown      `json:"needs"        isms:"search" doc:"What they expect from us, or want from us."`
	Requirements Markdown      `json:"requirements" isms:"search" doc:"Which of it binds us."`
	HowMet       Markdown      `json:"how_met"      doc:"What we do about it."`
	OwnerID      string        `json:"owner_id"     isms:"ref=person,list,filter,label=owner" doc:"Who keeps in touch."`
	Contact      string        `json:"contact"      doc:"Name of the person there."`
	Email        string        `json:"email"`
	Phone        string        `json:"phone"`
	Channel      string        `json:"channel"      doc:"How they are told of news and of incidents."`
	ReviewBy     Date          `json:"review_by"    isms:"filter"`
}

// PartyCategory is what a party is to the organisation.
type PartyCategory string

// Choices lists the categories.
func (PartyCategory) Choices() []kind.Choice {
	return kind.Words("owners", "staff", "customers", "supply_chain", "regulators", "authorities", "partners",
		"adversaries", "competitors", "criminals", "nature", "society")
}

// PartyAttitude is how a party stands to the organisation.
type PartyAttitude string

// Choices lists the attitudes.
func (PartyAttitude) Choices() []kind.Choice {
	return []kind.Choice{{Value: "supportive", Tone: "good"}, {Value: "neutral", Tone: "muted"}, {Value: "hostile", Tone: "warn"}}
}

// hostileParties are those that are never on our side.
var hostileParties = map[PartyCategory]bool{"adversaries": true, "criminals": true}

// InterestedParties describes the record type.
var InterestedParties = kind.Of("interested_party", kind.Spec[InterestedParty]{
	Group: kind.Govern, Plural: "interested-parties", Icon: "users", Owner: "owner_id", Sort: "-influence",
	Doc: "Whoever is touched by our security or touches it, and what they expect.",
	Prepare: func(p *InterestedParty) {
		if p.Attitude == "" && hostileParties[p.Category] {
			p.Attitude = "hostile"
		}
	},
	Validate: func(p *InterestedParty) error { return mailAddress("email", p.Email) },
	Links: []kind.Link{
		{Name: "satisfied by", To: "safeguard", Inverse: "satisfies", Doc: "What we do so that they get what they expect."},
		{Name: "answered by", To: "document", Inverse: "answers party"},
	},
})
