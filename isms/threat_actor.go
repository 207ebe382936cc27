package isms

import "holdfast/kind"

// A ThreatActor is who or what would do harm: people with intent, people without,
// machines, and hazards such as fire and failure.
type ThreatActor struct {
	Base
	Type        ActorType        `json:"type"        isms:"required,list,filter"`
	Relevance   ActorRelevance   `json:"relevance"   isms:"list,filter" doc:"Whether they would come to us."`
	Motivations ActorMotivations `json:"motivations" isms:"list,filter"`
	Objectives  AttackObjectives `json:"objectives"  isms:"list,filter,label=attack objectives"`
	Capability  Level            `json:"capability"  isms:"list,filter" doc:"What they are able to do: skill, tools, money."`
	Opportunity Level            `json:"opportunity" isms:"list,filter" doc:"How easily they get near: access, knowledge, time."`
	Intent      Level            `json:"intent"      doc:"How much they want us of all targets."`
	Contacts    Range            `json:"contacts"    isms:"unit=per year" doc:"How often they try, or how often it happens."`
	Description Markdown         `json:"description" isms:"search"`
	Aliases     []string         `json:"aliases"     isms:"search" doc:"Other names of the same."`
	AttackID    string           `json:"attack_id"   isms:"filter,index,label=ATT&CK id" doc:"Group in MITRE ATT&CK, such as G0016."`
	Sectors     []string         `json:"sectors"     isms:"filter" doc:"Trades they go for."`
	Regions     []string         `json:"regions"     isms:"filter" doc:"Where they go for them."`
	Inside      bool             `json:"inside"      isms:"filter,label=insider" doc:"Already has lawful access."`
	LastActive  Date             `json:"last_active" doc:"When they were last heard of."`
	References  []string         `json:"references"`
	Catalogue   string           `json:"catalogue"   isms:"computed,filter" doc:"Id in the shipped catalogue."`
}

// ActorType tells who or what an actor is.
type ActorType string

// Choices lists the types.
func (ActorType) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "organised_crime"}, {Value: "state", Doc: "A government, or somebody paid by one."}, {Value: "hacktivist"},
		{Value: "competitor"}, {Value: "insider", Doc: "Has lawful access and means harm."},
		{Value: "careless_insider", Doc: "Has lawful access and errs."}, {Value: "opportunist", Doc: "Takes what is open."},
		{Value: "terrorist"}, {Value: "supplier", Doc: "A vendor who fails or is taken over."},
		{Value: "machine", Label: "AI-driven tool", Doc: "Finds and attacks by itself."},
		{Value: "failure", Doc: "No intent: something breaks."}, {Value: "nature", Doc: "No intent: fire, flood, storm, illness."},
	}
}

// ActorMotivations are why an actor would do harm.
type ActorMotivations []string

// Choices lists the motivations.
func (ActorMotivations) Choices() []kind.Choice {
	return kind.Words("money", "secrets", "ideology", "revenge", "power", "fame", "curiosity", "coercion", "advantage", "none")
}

// ActorRelevance is whether an actor matters to the organisation.
type ActorRelevance string

// The states of a threat actor.
const (
	ActorProposed ActorRelevance = "proposed"
	ActorRelevant ActorRelevance = "relevant"
	ActorRemote   ActorRelevance = "remote"
)

// Choices lists the states.
func (ActorRelevance) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "proposed", Tone: "info", Doc: "Nobody has judged yet."}, {Value: "relevant", Tone: "warn"}, {Value: "remote", Tone: "muted", Doc: "Not for us, at present."},
	}
}

// withoutIntent are the actors that want nothing.
var withoutIntent = map[ActorType]bool{"failure": true, "nature": true, "careless_insider": true}

// ThreatActors describes the record type.
var ThreatActors = kind.Of("threat_actor", kind.Spec[ThreatActor]{
	Group: kind.Identify, Plural: "threat-actors", Icon: "warning", State: "relevance", Sort: "-capability",
	Doc: "Who or what would do harm, why, and how able they are.",
	Prepare: func(a *ThreatActor) {
		if withoutIntent[a.Type] && len(a.Motivations) == 0 {
			a.Motivations = ActorMotivations{"none"}
		}
		a.Inside = a.Inside || a.Type == "insider" || a.Type == "careless_insider"
	},
	Validate: func(a *ThreatActor) error {
		return complaints(
			refuse(withoutIntent[a.Type] && a.Intent > 0, "intent", "must be empty for what wants nothing"),
			notNegative("contacts", a.Contacts.Low))
	},
	Links: []kind.Link{
		{Name: "operates", To: "threat_vector", Inverse: "operated by", Doc: "What they are known or expected to do."},
		{Name: "aims at", To: "asset", Inverse: "aimed at by"},
		{Name: "belongs to", To: "interested_party", Inverse: "acts as"},
	},
	Actions: []kind.Act[ThreatActor]{
		{Action: kind.Action{Name: "confirm", Label: "Relevant for us", From: []string{"proposed", "remote"}, To: "relevant"}},
		{Action: kind.Action{Name: "discount", Label: "Not for us", From: []string{"proposed", "relevant"}, To: "remote", Reason: true}},
	},
})
