package isms

import "holdfast/kind"

// A Requirement is one thing that a framework demands. Requirements form a tree:
// chapters hold controls. The text is ours, never the publisher's.
type Requirement struct {
	Base
	FrameworkID string        `json:"framework_id" isms:"ref=framework,required,list,filter,index,label=framework,immutable"`
	ParentID    string        `json:"parent_id"    isms:"ref=requirement,filter,index,label=part of"`
	Code        string        `json:"code"         isms:"required,list,filter,search,index" doc:"Its number in the framework: A.8.8, PR.PS-02, 7.4."`
	Position    int           `json:"position"     isms:"index" doc:"Place in the order of the framework."`
	Chapter     bool          `json:"chapter"      isms:"filter" doc:"Only holds others; cannot be met itself."`
	Text        Markdown      `json:"text"         isms:"search,label=what it demands" doc:"In our own words."`
	Guidance    Markdown      `json:"guidance"     isms:"search" doc:"How a small organisation meets it."`
	Proof       Markdown      `json:"proof"        doc:"What an auditor would like to see."`
	Function    SafeguardKind `json:"function"     isms:"filter" doc:"Whether it acts before, during or after an event."`
	Principles  Principles    `json:"principles"   isms:"list,filter" doc:"Which of the four principles it serves."`
	Tier        string        `json:"tier"         isms:"filter" doc:"Implementation group or level from which it is demanded: IG1, moderate."`
	Optional    bool          `json:"optional"     isms:"filter" doc:"Recommended, not demanded."`
	Checks      []string      `json:"checks"       doc:"Checks whose passing speaks for it: ids of checks, or topics."`
	Catalogue   string        `json:"catalogue"    isms:"computed,filter,index" doc:"Id in the shipped catalogue."`
}

// Requirements describes the record type.
var Requirements = kind.Of("requirement", kind.Spec[Requirement]{
	Group: kind.Govern, Icon: "list", Sort: "position", Parent: "framework_id",
	Doc: "One thing that a framework demands, in our own words.",
	Prepare: func(r *Requirement) {
		entitle(&r.Base, firstLine(string(r.Text)), r.Code)
	},
	Validate: func(r *Requirement) error {
		return complaints(notItself(&r.Base, "parent_id", r.ParentID), notNegative("position", r.Position))
	},
})
