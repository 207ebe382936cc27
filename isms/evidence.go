package isms

import (
	"crypto/sha256"
	"encoding/hex"

	"holdfast/kind"
)

// An Evidence is a fact that was recorded to prove something: the same check
// passing later, a file, a statement. It is never changed afterwards.
type Evidence struct {
	Base
	Source     EvidenceSource `json:"source"     isms:"required,list,filter,immutable"`
	At         Instant        `json:"at"         isms:"list,immutable" doc:"When the fact was seen."`
	FindingID  string         `json:"finding_id" isms:"ref=finding,filter,label=finding,immutable" doc:"The finding whose end it proves."`
	AssetID    string         `json:"asset_id"   isms:"ref=asset,list,filter,label=asset,immutable"`
	Check      string         `json:"check"      isms:"list,filter,immutable" doc:"Id of the check that passed."`
	Run        string         `json:"run"        isms:"immutable" doc:"Id of the run that saw it."`
	Statement  Markdown       `json:"statement"  isms:"required,search,immutable" doc:"What was seen."`
	SHA256     string         `json:"sha256"     isms:"computed" doc:"Hash of the statement, or of the file."`
	Blob       string         `json:"blob"       isms:"immutable,label=file" doc:"The file, where there is one."`
	ValidUntil Date           `json:"valid_until" isms:"list,filter" doc:"Evidence ages; after this day it proves nothing any more."`
}

// EvidenceSource tells how the fact came to be known.
type EvidenceSource string

// Choices lists the sources, strongest first.
func (EvidenceSource) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "measured", Tone: "good", Doc: "Seen by an engine."},
		{Value: "imported", Tone: "info", Doc: "Told by another system."},
		{Value: "stated", Tone: "muted", Doc: "Said by a person."},
	}
}

// Evidences describes the record type.
var Evidences = kind.Of("evidence", kind.Spec[Evidence]{
	Group: kind.Improve, Plural: "evidence", Icon: "file", Sort: "-at", Parent: "asset_id",
	Doc: "A recorded fact that proves something, with its time, source and hash.",
	Prepare: func(e *Evidence) {
		if e.Blob == "" {
			e.SHA256 = hashText(string(e.Statement))
		}
	},
})

func hashText(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}
