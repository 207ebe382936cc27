package isms

import "holdfast/kind"

// An Obligation is what law, a regulator, a contract or a promise binds the
// organisation to.
type Obligation struct {
	Base
	Type         ObligationType   `json:"type"         isms:"required,list,filter"`
	Status       ObligationStatus `json:"status"       isms:"list,filter"`
	Compliance   Compliance       `json:"compliance"   isms:"list,filter" doc:"Whether we keep it."`
	Jurisdiction string           `json:"jurisdiction" isms:"list,filter" doc:"Country or union whose law it is."`
	Reference    string           `json:"reference"    isms:"search" doc:"Act and article, or clause."`
	Text         Markdown         `json:"text"         isms:"search,label=what it demands" doc:"In our own words."`
	Reason       Markdown         `json:"reason"       doc:"Why it binds us, or why it does not."`
	OwnerID      string           `json:"owner_id"     isms:"ref=person,list,filter,label=owner"`
	PartyID      string           `json:"party_id"     isms:"ref=interested_party,filter,label=owed to" doc:"The regulator, customer or partner who can demand it."`
	ContractID   string           `json:"contract_id"  isms:"ref=contract,filter,label=contract"`
	AppliesFrom  Date             `json:"applies_from"`
	ReviewBy     Date             `json:"review_by"    isms:"list,filter"`
	NotifyHours  int              `json:"notify_hours" isms:"unit=hours,label=notify within" doc:"After an incident: hours until the other side must be told; 0: no such duty."`
	NotifyWhen   Markdown         `json:"notify_when"  doc:"Which incidents must be told."`
	NotifyTo     string           `json:"notify_to"    doc:"Where: form, address, number."`
	Penalty      Range            `json:"penalty"      isms:"unit=money" doc:"What a breach can cost in fines and damages."`
	URL          string           `json:"url"          doc:"Where the text is published."`
	Catalogue    string           `json:"catalogue"    isms:"computed,filter" doc:"Id in the shipped catalogue."`
}

// ObligationType tells by what the organisation is bound.
type ObligationType string

// Choices lists the types.
func (ObligationType) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "law"}, {Value: "regulation"}, {Value: "contract"},
		{Value: "standard", Doc: "Binding because somebody we need asks for it, such as PCI DSS."},
		{Value: "promise", Doc: "We said so in public, or to ourselves."},
	}
}

// ObligationStatus is whether an obligation binds.
type ObligationStatus string

// The states of an obligation.
const (
	ObligationProposed ObligationStatus = "proposed"
	ObligationApplies  ObligationStatus = "applies"
	ObligationOutside  ObligationStatus = "does_not_apply"
	ObligationEnded    ObligationStatus = "ended"
)

// Choices lists the states.
func (ObligationStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "proposed", Tone: "warn", Doc: "May apply; nobody has decided yet."}, {Value: "applies", Tone: "info"},
		{Value: "does_not_apply", Tone: "muted"}, {Value: "ended", Tone: "muted"},
	}
}

// Compliance is whether something demanded is done.
type Compliance string

// Choices lists the grades.
func (Compliance) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "unknown", Tone: "muted"}, {Value: "breached", Tone: "critical"}, {Value: "partly", Tone: "warn"}, {Value: "kept", Tone: "good"},
	}
}

// Obligations describes the record type.
var Obligations = kind.Of("obligation", kind.Spec[Obligation]{
	Group: kind.Govern, Icon: "book", State: "status", Owner: "owner_id", Sort: "title",
	Doc: "What law, a regulator, a contract or a promise binds the organisation to.",
	Prepare: func(o *Obligation) {
		if o.Compliance == "" {
			o.Compliance = "unknown"
		}
	},
	Validate: func(o *Obligation) error {
		return complaints(notNegative("notify_hours", o.NotifyHours), notNegative("penalty", o.Penalty.Low), webAddress("url", o.URL, "https", "http"))
	},
	Links: []kind.Link{
		{Name: "detailed by", To: "requirement", Inverse: "details", Doc: "The requirements that spell it out."},
		{Name: "covers", To: "asset", Inverse: "covered by obligation"},
		{Name: "bound by it", To: "processing", Inverse: "under obligation"},
	},
	Actions: []kind.Act[Obligation]{
		{Action: kind.Action{Name: "confirm", Label: "It applies", From: []string{"proposed", "does_not_apply", "ended"}, To: "applies"}},
		{Action: kind.Action{Name: "exclude", Label: "It does not apply", From: []string{"proposed", "applies"}, To: "does_not_apply", Needs: kind.Approve, Reason: true}, Do: reasonObligation},
		{Action: kind.Action{Name: "end", Label: "It has ended", From: []string{"proposed", "applies"}, To: "ended", Reason: true}, Do: reasonObligation},
	},
})

func reasonObligation(o *Obligation, in kind.Input) error {
	o.Reason = Markdown(in.Reason)
	return nil
}
