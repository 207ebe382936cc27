package isms

import (
	"cmp"

	"holdfast/kind"
)

// An ArchitectureModel is a description of a system: zones, components, data and
// flows. The engines read its text; the diagram is drawn from it.
type ArchitectureModel struct {
	Base
	Format      ModelFormat `json:"format"      isms:"required,list,filter"`
	Status      ModelStatus `json:"status"      isms:"list,filter"`
	Edition     string      `json:"edition"     isms:"list" doc:"Version or commit of the system that it shows."`
	ScopeID     string      `json:"scope_id"    isms:"ref=scope,filter,label=scope"`
	OwnerID     string      `json:"owner_id"    isms:"ref=person,list,filter,label=owner"`
	Description Markdown    `json:"description" isms:"search" doc:"What the system does and what is special about it."`
	Source      Markdown    `json:"source"      isms:"search,label=model" doc:"The model as text; or attach it as a file."`
	Blob        string      `json:"blob"        isms:"computed,label=file" doc:"Key of the file, where the model is not in the text."`
	SHA256      string      `json:"sha256"      isms:"computed" doc:"Hash of the text or the file."`
	Repository  string      `json:"repository"  doc:"Where the model is kept, if not here."`
	CheckedAt   Instant     `json:"checked_at"  isms:"computed,list" doc:"When the engines last read it."`
	Weaknesses  int         `json:"weaknesses"  isms:"computed,list" doc:"How many open findings came of it."`
	Complaint   string      `json:"complaint"   isms:"computed" doc:"Why it could not be read; empty when it could."`
}

// ModelFormat is the language of a model.
type ModelFormat string

// Choices lists the formats.
func (ModelFormat) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "holdfast", Doc: "Our own YAML."}, {Value: "threagile", Doc: "YAML of Threagile."},
		{Value: "threat_dragon", Doc: "JSON of OWASP Threat Dragon."}, {Value: "open_threat_model", Label: "Open Threat Model"},
		{Value: "structurizr", Doc: "C4 model as text."}, {Value: "terraform", Doc: "Infrastructure as code."},
		{Value: "kubernetes", Doc: "Manifests."}, {Value: "compose", Doc: "Containers on one host."},
		{Value: "prose", Doc: "Markdown for people; not analysed."},
	}
}

// ModelStatus is where a model stands.
type ModelStatus string

// The states of a model.
const (
	ModelDraft      ModelStatus = "draft"
	ModelCurrent    ModelStatus = "current"
	ModelSuperseded ModelStatus = "superseded"
)

// Choices lists the states.
func (ModelStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "draft", Tone: "info"}, {Value: "current", Tone: "good", Doc: "Shows the system as it is."}, {Value: "superseded", Tone: "muted"},
	}
}

// ArchitectureModels describes the record type.
var ArchitectureModels = kind.Of("architecture_model", kind.Spec[ArchitectureModel]{
	Group: kind.Identify, Plural: "architecture-models", Icon: "network", State: "status", Owner: "owner_id", Sort: "title",
	Doc: "A description of a system with its zones, components, data and flows, which the engines analyse.",
	Prepare: func(m *ArchitectureModel) {
		m.Format = cmp.Or(m.Format, "holdfast")
		if m.Blob == "" && m.Source != "" {
			m.SHA256 = hashText(string(m.Source))
		}
	},
	Links: []kind.Link{
		{Name: "shows", To: "asset", Inverse: "shown in"},
		{Name: "supersedes", To: "architecture_model", Inverse: "superseded by"},
	},
	Actions: []kind.Act[ArchitectureModel]{
		{Action: kind.Action{Name: "publish", Label: "Make current", From: []string{"draft", "superseded"}, To: "current"},
			Do: func(m *ArchitectureModel, _ kind.Input) error {
				return refuse(m.Source == "" && m.Blob == "", "source", "is empty")
			}},
		{Action: kind.Action{Name: "supersede", From: []string{"draft", "current"}, To: "superseded"}},
		{Action: kind.Action{Name: "revise", From: []string{"current"}, To: "draft"}},
	},
})
