package isms

import "holdfast/kind"

// A Framework is a body of requirements against which security is measured:
// ISO/IEC 27001, NIST CSF, CIS Controls, PCI DSS, or one of the organisation's own.
type Framework struct {
	Base
	Abbreviation string          `json:"abbreviation" isms:"list,filter,search" doc:"How people call it for short."`
	Publisher    string          `json:"publisher"    isms:"list,filter"`
	Edition      string          `json:"edition"      isms:"list" doc:"Year or number of the edition."`
	Status       FrameworkStatus `json:"status"       isms:"list,filter"`
	Topic        FrameworkTopic  `json:"topic"        isms:"filter"`
	Description  Markdown        `json:"description"  isms:"search" doc:"What it is for and whom it suits, in our own words."`
	Reason       Markdown        `json:"reason"       doc:"Why the organisation uses it, or stopped."`
	Certifiable  bool            `json:"certifiable"  isms:"filter" doc:"Somebody outside can attest that it is met."`
	TargetLevel  Level           `json:"target_level" isms:"label=target maturity"`
	TargetDate   Date            `json:"target_date"  isms:"list"`
	OwnerID      string          `json:"owner_id"     isms:"ref=person,list,filter,label=owner"`
	Covers       float64         `json:"covers"       isms:"computed,list,unit=share,label=met" doc:"Share of the applicable requirements that are met."`
	URL          string          `json:"url"          doc:"Where the original is published."`
	Catalogue    string          `json:"catalogue"    isms:"computed,filter" doc:"Id in the shipped catalogue."`
}

// FrameworkTopic is what a framework is about.
type FrameworkTopic string

// Choices lists the topics.
func (FrameworkTopic) Choices() []kind.Choice {
	return kind.Words("security", "privacy", "continuity", "artificial_intelligence", "cloud", "payment", "health",
		"industrial_control", "software_development", "governance")
}

// FrameworkStatus is whether the organisation works with a framework.
type FrameworkStatus string

// The states of a framework.
const (
	FrameworkAvailable FrameworkStatus = "available"
	FrameworkAdopted   FrameworkStatus = "adopted"
	FrameworkCertified FrameworkStatus = "certified"
	FrameworkRetired   FrameworkStatus = "retired"
)

// Choices lists the states.
func (FrameworkStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "available", Tone: "muted", Doc: "Known, but not used."}, {Value: "adopted", Tone: "info"},
		{Value: "certified", Tone: "good"}, {Value: "retired", Tone: "muted"},
	}
}

// Frameworks describes the record type.
var Frameworks = kind.Of("framework", kind.Spec[Framework]{
	Group: kind.Govern, Icon: "book", State: "status", Owner: "owner_id", Sort: "title",
	Doc: "A body of requirements against which security is measured.",
	Validate: func(f *Framework) error {
		return complaints(webAddress("url", f.URL, "https", "http"), within("covers", f.Covers, 0, 1))
	},
	Links: []kind.Link{
		{Name: "asked for by", To: "interested_party", Inverse: "asks for"},
		{Name: "satisfies", To: "obligation", Inverse: "satisfied by framework"},
	},
	Actions: []kind.Act[Framework]{
		{Action: kind.Action{Name: "adopt", From: []string{"available", "retired"}, To: "adopted", Needs: kind.Approve}},
		{Action: kind.Action{Name: "certify", Label: "Record certification", From: []string{"adopted"}, To: "certified", Needs: kind.Approve}},
		{Action: kind.Action{Name: "lapse", Label: "Certification lapsed", From: []string{"certified"}, To: "adopted", Reason: true}, Do: reasonFramework},
		{Action: kind.Action{Name: "retire", From: []string{"adopted", "certified"}, To: "retired", Needs: kind.Approve, Reason: true}, Do: reasonFramework},
	},
})

func reasonFramework(f *Framework, in kind.Input) error {
	f.Reason = Markdown(in.Reason)
	return nil
}
