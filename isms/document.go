package isms

import (
	"cmp"

	"holdfast/kind"
)

// A Document is something written that people rely on: a policy, a procedure, a
// plan, a record. Its text lives in its versions.
type Document struct {
	Base
	Type           DocumentType   `json:"type"            isms:"required,list,filter"`
	Status         DocumentStatus `json:"status"          isms:"list,filter,index"`
	Classification Classification `json:"classification"  isms:"list,filter" doc:"Who may read it."`
	OwnerID        string         `json:"owner_id"        isms:"ref=person,list,filter,label=owner" doc:"Who keeps it right."`
	ApproverID     string         `json:"approver_id"     isms:"ref=person,filter,label=approver" doc:"Who is asked to approve it."`
	Summary        Markdown       `json:"summary"         isms:"search" doc:"What it is for and for whom."`
	Audience       []string       `json:"audience"        isms:"filter" doc:"Who has to know it: everyone, or names of teams and roles."`
	MustRead       bool           `json:"must_read"       isms:"filter,label=must be acknowledged" doc:"Its audience has to read and accept each published version."`
	ReadWithin     int            `json:"read_within"     isms:"unit=days" doc:"Days that people have to acknowledge a version; 0: fourteen."`
	ReviewEvery    int            `json:"review_every"    isms:"unit=days" doc:"Days between reviews."`
	ReviewBy       Date           `json:"review_by"       isms:"list,filter,index"`
	ReviewedOn     Date           `json:"reviewed_on"     isms:"computed"`
	Number         string         `json:"number"          isms:"list,label=current version" doc:"Number of the version that holds now."`
	PublishedOn    Date           `json:"published_on"    isms:"computed,filter"`
	Template       string         `json:"template"        isms:"filter" doc:"Id of the shipped template that it was made from."`
	Language       string         `json:"language"        isms:"filter" doc:"Of the text, as in en-GB."`
	Keep           int            `json:"keep"            isms:"unit=days,label=keep for" doc:"How long its versions are kept after withdrawal; 0: for ever."`
	Place          string         `json:"place"           doc:"Where the original is kept when it is not here."`
	Withdrawal     Markdown       `json:"withdrawal"      isms:"computed" doc:"Why it was withdrawn and what replaces it."`
}

// DocumentType tells what a document is for.
type DocumentType string

// Choices lists the types.
func (DocumentType) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "policy", Doc: "What holds, and why."},
		{Value: "standard", Doc: "What exactly has to be met."},
		{Value: "procedure", Doc: "How it is done, step by step."},
		{Value: "guideline", Doc: "Good advice, not binding."},
		{Value: "plan"}, {Value: "form"},
		{Value: "record", Doc: "What was done; it is kept as proof."},
		{Value: "training_material"},
		{Value: "external", Doc: "Written by somebody else: a contract, a law, a report."},
	}
}

// DocumentStatus is where a document stands.
type DocumentStatus string

// The states of a document.
const (
	DocumentDraft     DocumentStatus = "draft"
	DocumentInReview  DocumentStatus = "in_review"
	DocumentApproved  DocumentStatus = "approved"
	DocumentPublished DocumentStatus = "published"
	DocumentWithdrawn DocumentStatus = "withdrawn"
)

// Choices lists the states.
func (DocumentStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "draft", Tone: "info", Doc: "Nothing holds yet."},
		{Value: "in_review", Tone: "warn"}, {Value: "approved", Tone: "info", Doc: "Agreed, not yet in force."},
		{Value: "published", Tone: "good", Doc: "In force. A newer version may be in the making."},
		{Value: "withdrawn", Tone: "muted", Doc: "No longer holds; kept as history."},
	}
}

// Classification tells who may read something.
type Classification string

// Choices lists the classes, most open first.
func (Classification) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "public", Doc: "Anybody."}, {Value: "internal", Doc: "Everybody who works here."},
		{Value: "confidential", Tone: "warn", Doc: "Only those who need it."},
		{Value: "secret", Tone: "critical", Doc: "Only those named."},
	}
}

// Documents describes the record type.
var Documents = kind.Of("document", kind.Spec[Document]{
	Group: kind.Govern, Icon: "file", State: "status", Owner: "owner_id", Sort: "title", Public: []string{"published", "withdrawn"},
	Doc:     "A policy, procedure, plan or record, with who owns it and when it is reviewed.",
	Prepare: func(d *Document) { d.Classification = cmp.Or(d.Classification, "internal") },
	Validate: func(d *Document) error {
		return complaints(notNegative("review_every", d.ReviewEvery), notNegative("read_within", d.ReadWithin), notNegative("keep", d.Keep))
	},
	Links: []kind.Link{
		{Name: "implements", To: "requirement", Inverse: "written down in", Doc: "The requirements that it answers."},
		{Name: "describes", To: "safeguard", Inverse: "described in"},
		{Name: "answers", To: "obligation", Inverse: "answered in"},
		{Name: "rests on", To: "document", Inverse: "basis of", Doc: "The documents above it: the policy of a procedure."},
	},
	Actions: []kind.Act[Document]{
		{Action: kind.Action{Name: "submit", Label: "Send to review", From: []string{"draft"}, To: "in_review"}},
		{Action: kind.Action{Name: "revise", Label: "Back to draft", From: []string{"in_review", "approved"}, To: "draft", Reason: true}},
		{Action: kind.Action{Name: "approve", From: []string{"in_review"}, To: "approved", Needs: kind.Approve}, Do: reviewDocument},
		{Action: kind.Action{Name: "publish", From: []string{"approved"}, To: "published", Needs: kind.Approve, Doc: "From now on it holds."},
			Do: func(d *Document, in kind.Input) error { d.PublishedOn = kind.DateOf(in.At); return nil }},
		{Action: kind.Action{Name: "review", Label: "Reviewed, still right", From: []string{"published"}, Needs: kind.Approve,
			Doc: "It was read again and needs no change."}, Do: reviewDocument},
		{Action: kind.Action{Name: "withdraw", From: []string{"draft", "in_review", "approved", "published"}, To: "withdrawn",
			Needs: kind.Approve, Reason: true, Danger: true},
			Do: func(d *Document, in kind.Input) error { d.Withdrawal = Markdown(in.Reason); return nil }},
		{Action: kind.Action{Name: "reopen", Label: "Take up again", From: []string{"withdrawn"}, To: "draft"},
			Do: func(d *Document, _ kind.Input) error { d.Withdrawal, d.PublishedOn = "", ""; return nil }},
	},
})

// reviewDocument notes the review and plans the next one.
func reviewDocument(d *Document, in kind.Input) error {
	d.ReviewedOn = kind.DateOf(in.At)
	if d.ReviewEvery > 0 {
		d.ReviewBy = kind.DateOf(in.At.AddDate(0, 0, d.ReviewEvery))
	}
	return nil
}
