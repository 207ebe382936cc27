package isms

import "holdfast/kind"

// A Safeguard is what makes a risk rarer, cheaper or sooner noticed: a technical,
// organisational or physical measure. Other tools call it a control.
type Safeguard struct {
	Base
	Principles     Principles      `json:"principles"  isms:"list,filter" doc:"Which of the four principles it serves."`
	Function       SafeguardKind   `json:"function"    isms:"list,filter"`
	Means          SafeguardMeans  `json:"means"       isms:"filter" doc:"Technical, organisational or physical."`
	Status         SafeguardStatus `json:"status"      isms:"list,filter"`
	OwnerID        string          `json:"owner_id"    isms:"ref=person,list,filter,label=owner"`
	AnnualCost     Range           `json:"annual_cost" isms:"list,unit=money" doc:"ACS: what it costs each year, with the time of people."`
	Effort         Range           `json:"effort"      isms:"unit=hours" doc:"Work to put it in place."`
	OnFrequency    Range           `json:"on_frequency" isms:"unit=share,label=effect on frequency" doc:"The share of events that it prevents, 0 to 1."`
	OnLoss         Range           `json:"on_loss"     isms:"unit=share,label=effect on loss" doc:"The share of the loss of one event that it saves, 0 to 1."`
	Reliability    Level           `json:"reliability" doc:"How sure one may be that it works when needed."`
	Description    Markdown        `json:"description" isms:"search"`
	HowTested      Markdown        `json:"how_tested"  doc:"How one finds out that it works."`
	TestedOn       Date            `json:"tested_on"   isms:"list" doc:"When it last proved itself."`
	TestEvery      int             `json:"test_every"  isms:"unit=days"`
	Checks         []string        `json:"checks"      doc:"Checks that prove it: ids of checks, or topics."`
	References     []string        `json:"references"  isms:"filter,search" doc:"Identifiers in frameworks: ISO 27001 A.8.8, CSF PR.PS-02, CIS 7.4."`
	QuickWin       bool            `json:"quick_win"   isms:"filter" doc:"Little work, much effect."`
	Catalogue      string          `json:"catalogue"   isms:"computed,filter" doc:"Id in the shipped catalogue."`
	OperatingSince Date            `json:"operating_since"`
}

// SafeguardKind tells when a safeguard acts.
type SafeguardKind string

// Choices lists the functions.
func (SafeguardKind) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "preventive", Doc: "Before: the event does not happen."},
		{Value: "detective", Doc: "During: somebody notices."},
		{Value: "corrective", Doc: "After: the damage is limited or undone."},
	}
}

// SafeguardMeans tells by what a safeguard works.
type SafeguardMeans string

// Choices lists the means.
func (SafeguardMeans) Choices() []kind.Choice {
	return kind.Words("technical", "organisational", "physical")
}

// SafeguardStatus is where a safeguard stands.
type SafeguardStatus string

// The states of a safeguard.
const (
	SafeguardProposed     SafeguardStatus = "proposed"
	SafeguardApproved     SafeguardStatus = "approved"
	SafeguardImplementing SafeguardStatus = "implementing"
	SafeguardOperating    SafeguardStatus = "operating"
	SafeguardRetired      SafeguardStatus = "retired"
)

// Choices lists the states.
func (SafeguardStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "proposed", Tone: "info"}, {Value: "approved", Tone: "info"}, {Value: "implementing", Tone: "warn"},
		{Value: "operating", Tone: "good"}, {Value: "retired", Tone: "muted"},
	}
}

// Safeguards describes the record type.
var Safeguards = kind.Of("safeguard", kind.Spec[Safeguard]{
	Group: kind.Protect, Icon: "shield", State: "status", Owner: "owner_id", Sort: "title",
	Doc: "A measure that makes risks rarer, cheaper or sooner noticed.",
	Validate: func(s *Safeguard) error {
		for name, v := range map[string]Range{"on_frequency": s.OnFrequency, "on_loss": s.OnLoss} {
			if v.Low < 0 || v.High > 1 {
				return kind.Fieldf(name, "is a share between 0 and 1")
			}
		}
		if s.AnnualCost.Low < 0 {
			return kind.Fieldf("annual_cost", "cannot be negative")
		}
		return nil
	},
	Links: []kind.Link{
		{Name: "protects", To: "asset", Inverse: "protected by", Doc: "The assets it stands in front of."},
		{Name: "meets", To: "requirement", Inverse: "met by", Doc: "The requirements of frameworks that it answers."},
		{Name: "fulfils", To: "obligation", Inverse: "fulfilled by"},
		{Name: "evidenced by", To: "evidence", Inverse: "proves", Doc: "What shows that it works."},
	},
	Actions: []kind.Act[Safeguard]{
		{Action: kind.Action{Name: "approve", From: []string{"proposed"}, To: "approved", Needs: kind.Approve, Doc: "The organisation pays for it."}},
		{Action: kind.Action{Name: "start", Label: "Start implementing", From: []string{"approved"}, To: "implementing"}},
		{Action: kind.Action{Name: "operate", Label: "Put into operation", From: []string{"approved", "implementing"}, To: "operating"},
			Do: func(s *Safeguard, in kind.Input) error { s.OperatingSince = kind.DateOf(in.At); return nil }},
		{Action: kind.Action{Name: "retire", From: []string{"approved", "implementing", "operating"}, To: "retired", Needs: kind.Approve, Reason: true, Danger: true}},
		{Action: kind.Action{Name: "propose", Label: "Propose again", From: []string{"retired"}, To: "proposed"}},
	},
})
