package isms

import (
	"regexp"

	"holdfast/kind"
)

// A ThreatVector is a way in which harm is done: a tactic, a technique, a tool;
// or, for hazards, how they strike.
type ThreatVector struct {
	Base
	Technique    string   `json:"technique"    isms:"list,filter,search,index" doc:"MITRE ATT&CK id, such as T1566 or T1566.001; empty for one of your own."`
	Tactics      Tactics  `json:"tactics"      isms:"list,filter" doc:"What it is done for."`
	ParentID     string   `json:"parent_id"    isms:"ref=threat_vector,filter,index,label=special case of"`
	Tool         string   `json:"tool"         isms:"list,filter,search" doc:"Program or device that is used."`
	Description  Markdown `json:"description"  isms:"search"`
	Ease         Level    `json:"ease"         isms:"list,filter" doc:"How little skill and effort it takes."`
	Prevalence   Level    `json:"prevalence"   isms:"list,filter" doc:"How often it is seen at organisations like ours."`
	Platforms    []string `json:"platforms"    isms:"filter" doc:"Where it works: Linux, Windows, cloud, people."`
	Hazard       bool     `json:"hazard"       isms:"filter" doc:"Happens without intent: fire, failure, error."`
	DetectBy     Markdown `json:"detect_by"    doc:"What shows that it happens."`
	PreventBy    Markdown `json:"prevent_by"   doc:"What makes it hard."`
	LimitBy      Markdown `json:"limit_by"     doc:"What keeps the damage small."`
	DataSources  []string `json:"data_sources" isms:"filter" doc:"Events in which it can be seen."`
	Weaknesses   []string `json:"weaknesses"   isms:"filter" doc:"Classes of weakness (CWE ids) or attack patterns (CAPEC ids) that it uses."`
	References   []string `json:"references"`
	Catalogue    string   `json:"catalogue"    isms:"computed,filter" doc:"Id in the shipped catalogue."`
	Discontinued bool     `json:"discontinued" isms:"computed,filter" doc:"No longer in MITRE ATT&CK."`
}

// Tactics are what techniques are done for.
type Tactics []string

// Choices lists the tactics of MITRE ATT&CK for enterprises in the order of an
// attack, and the two that only industrial control systems know.
func (Tactics) Choices() []kind.Choice {
	return kind.Words("reconnaissance", "resource_development", "initial_access", "execution", "persistence", "privilege_escalation",
		"defense_evasion", "credential_access", "discovery", "lateral_movement", "collection", "command_and_control", "exfiltration",
		"impact", "inhibit_response_function", "impair_process_control")
}

var techniqueID = shape{regexp.MustCompile(`^(AML\.)?T[0-9]{4}(\.[0-9]{3})?$`), "is an id of MITRE ATT&CK or ATLAS, such as T1566.001"}

// ThreatVectors describes the record type.
var ThreatVectors = kind.Of("threat_vector", kind.Spec[ThreatVector]{
	Group: kind.Identify, Plural: "threat-vectors", Icon: "arrow-right", Sort: "technique",
	Doc: "A way in which harm is done: tactic, technique and tool.",
	Validate: func(v *ThreatVector) error {
		return complaints(techniqueID.check("technique", v.Technique), notItself(&v.Base, "parent_id", v.ParentID))
	},
	Links: []kind.Link{
		{Name: "exploits", To: "vulnerability", Inverse: "exploited by"},
		{Name: "countered by", To: "safeguard", Inverse: "counters"},
	},
})
