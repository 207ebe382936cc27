package isms

import "holdfast/kind"

// A DocumentVersion is the text of a document at one time. It can be changed
// while it is a draft; afterwards only a newer version replaces it.
type DocumentVersion struct {
	Base
	DocumentID  string        `json:"document_id"  isms:"ref=document,required,list,filter,label=document,immutable"`
	Number      string        `json:"number"       isms:"required,list,filter" doc:"As people say it: 1.0, 2026-1."`
	Status      VersionStatus `json:"status"       isms:"list,filter"`
	AuthorID    string        `json:"author_id"    isms:"ref=person,list,filter,label=author"`
	ChangeNote  string        `json:"change_note"  isms:"list,search" doc:"What changed since the version before, in a sentence."`
	Body        Markdown      `json:"body"         isms:"search,label=text"`
	Generated   Markdown      `json:"generated"    isms:"computed,label=as the template gave it" doc:"The text as it was written from the template; what people changed is the difference."`
	Blob        string        `json:"blob"         isms:"label=file" doc:"An own file instead of text: Word, PDF."`
	SHA256      string        `json:"sha256"       isms:"computed" doc:"Hash of the text and the file, taken when it left the draft."`
	SubmittedAt Instant       `json:"submitted_at" isms:"computed"`
	ApprovedBy  string        `json:"approved_by"  isms:"ref=person,computed"`
	ApprovedAt  Instant       `json:"approved_at"  isms:"computed"`
	PublishedAt Instant       `json:"published_at" isms:"computed,list"`
	HoldsFrom   Date          `json:"holds_from"   doc:"The day on which it comes into force; empty: when it is published."`
	HoldsUntil  Date          `json:"holds_until"  isms:"computed" doc:"The day on which a newer version replaced it."`
	Remarks     Markdown      `json:"remarks"      isms:"computed" doc:"What was said when it was last decided."`
}

// VersionStatus is where a version stands.
type VersionStatus string

// The states of a version.
const (
	VersionDraft      VersionStatus = "draft"
	VersionInReview   VersionStatus = "in_review"
	VersionApproved   VersionStatus = "approved"
	VersionPublished  VersionStatus = "published"
	VersionSuperseded VersionStatus = "superseded"
)

// Choices lists the states.
func (VersionStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "draft", Tone: "info"}, {Value: "in_review", Tone: "warn"}, {Value: "approved", Tone: "info"},
		{Value: "published", Tone: "good", Doc: "The text that holds."},
		{Value: "superseded", Tone: "muted", Doc: "Replaced by a newer version, or withdrawn."},
	}
}

// DocumentVersions describes the record type.
var DocumentVersions = kind.Of("document_version", kind.Spec[DocumentVersion]{
	Group: kind.Govern, Icon: "history", State: "status", Owner: "author_id", Sort: "-created_at", Parent: "document_id", Public: []string{"published", "superseded"},
	Doc:      "The text of a document at one time, with who wrote and who approved it.",
	Prepare:  prepareVersion,
	Validate: validateVersion,
	Actions: []kind.Act[DocumentVersion]{
		{Action: kind.Action{Name: "submit", Label: "Send to review", From: []string{"draft"}, To: "in_review"}, Do: submitVersion},
		{Action: kind.Action{Name: "revise", Label: "Back to draft", From: []string{"in_review", "approved"}, To: "draft", Reason: true}, Do: reviseVersion},
		{Action: kind.Action{Name: "approve", From: []string{"in_review"}, To: "approved", Needs: kind.Approve}, Do: approveVersion},
		{Action: kind.Action{Name: "publish", From: []string{"approved"}, To: "published", Needs: kind.Approve, Doc: "From now on this text holds."},
			Do: publishVersion},
		{Action: kind.Action{Name: "supersede", From: []string{"published"}, To: "superseded", Needs: kind.Approve},
			Do: func(v *DocumentVersion, in kind.Input) error { v.HoldsUntil = kind.DateOf(in.At); return nil }},
	},
})

func prepareVersion(v *DocumentVersion) {
	if v.Number != "" {
		entitle(&v.Base, "Version "+v.Number)
	}
	seal(&v.SHA256, v.content(), v.Status != "" && v.Status != VersionDraft)
}

func (v *DocumentVersion) content() string { return string(v.Body) + "\x00" + v.Blob }

func validateVersion(v *DocumentVersion) error {
	if broken(v.SHA256, v.content()) {
		return kind.Fieldf("body", "can be changed only in a draft; send it back to draft or begin a new version")
	}
	if v.Status != VersionDraft && v.Body == "" && v.Blob == "" {
		return kind.Fieldf("body", "is empty; write the text or attach a file")
	}
	return nil
}

func submitVersion(v *DocumentVersion, in kind.Input) error {
	if v.Body == "" && v.Blob == "" {
		return kind.Fieldf("body", "is empty; write the text or attach a file")
	}
	v.SubmittedAt = in.At
	return nil
}

func reviseVersion(v *DocumentVersion, in kind.Input) error {
	v.ApprovedBy = ""
	v.SubmittedAt, v.ApprovedAt = Instant{}, Instant{}
	v.Remarks = Markdown(in.Reason)
	return nil
}

func approveVersion(v *DocumentVersion, in kind.Input) error {
	v.ApprovedBy, v.ApprovedAt, v.Remarks = in.By, in.At, Markdown(in.Reason)
	return nil
}

func publishVersion(v *DocumentVersion, in kind.Input) error {
	v.PublishedAt = in.At
	if v.HoldsFrom == "" {
		v.HoldsFrom = kind.DateOf(in.At)
	}
	return nil
}
