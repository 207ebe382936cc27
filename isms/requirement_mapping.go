package isms

import "holdfast/kind"

// A RequirementMapping says how two requirements of different frameworks relate,
// so that work done for one counts for the other. The relations are those of set
// theory, as in NIST IR 8477.
type RequirementMapping struct {
	Base
	SourceID   string          `json:"source_id"  isms:"ref=requirement,required,list,filter,index,label=requirement,immutable"`
	Relation   MappingRelation `json:"relation"   isms:"required,list,filter" doc:"What the first is to the second."`
	TargetID   string          `json:"target_id"  isms:"ref=requirement,required,list,filter,index,label=compared with,immutable"`
	Confidence Level           `json:"confidence" isms:"list,filter" doc:"How sure it is."`
	Authority  string          `json:"authority"  isms:"list,filter" doc:"Who says so."`
	Rationale  Markdown        `json:"rationale"  isms:"search"`
	Catalogue  string          `json:"catalogue"  isms:"computed,filter" doc:"Id in the shipped catalogue."`
}

// MappingRelation is how what one requirement demands relates to what another does.
type MappingRelation string

// The relations.
const (
	MappingEqual      MappingRelation = "equal"
	MappingSubset     MappingRelation = "subset"
	MappingSuperset   MappingRelation = "superset"
	MappingIntersects MappingRelation = "intersects"
)

// Choices lists the relations.
func (MappingRelation) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "equal", Doc: "Both demand the same."},
		{Value: "subset", Doc: "The first is part of the second: who meets the second meets the first."},
		{Value: "superset", Doc: "The first contains the second: who meets the first meets the second."},
		{Value: "intersects", Doc: "They share something; neither answers the other."},
	}
}

// Inverse is the relation read from the other end.
func (m MappingRelation) Inverse() MappingRelation {
	switch m {
	case MappingSubset:
		return MappingSuperset
	case MappingSuperset:
		return MappingSubset
	}
	return m
}

// RequirementMappings describes the record type.
var RequirementMappings = kind.Of("requirement_mapping", kind.Spec[RequirementMapping]{
	Group: kind.Govern, Label: "Mapping", Plural: "requirement-mappings", Icon: "link", Sort: "title", Parent: "source_id",
	Doc: "How two requirements of different frameworks relate, so that work for one counts for the other.",
	Prepare: func(m *RequirementMapping) {
		entitle(&m.Base, words(m.Relation), m.Authority)
	},
	Validate: func(m *RequirementMapping) error {
		return refuse(m.SourceID != "" && m.SourceID == m.TargetID, "target_id", "cannot be the requirement itself")
	},
})
