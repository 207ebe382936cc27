package isms

import (
	"cmp"

	"holdfast/kind"
)

// An Incident is an event that harms or threatens the organisation and that
// people answer together, phase by phase.
type Incident struct {
	Base
	Phase          IncidentPhase  `json:"phase"            isms:"list,filter,index"`
	Severity       Severity       `json:"severity"         isms:"required,list,filter,index"`
	AssetID        string         `json:"asset_id"         isms:"ref=asset,list,filter,label=asset" doc:"Where it began, or what suffers most."`
	LeadID         string         `json:"lead_id"          isms:"ref=person,list,filter,label=lead" doc:"Who decides."`
	DeclaredAt     Instant        `json:"declared_at"      isms:"list,filter" doc:"When it was called an incident; most legal clocks start here."`
	PhaseDue       Instant        `json:"phase_due"        isms:"list" doc:"By when the present phase should be over."`
	Summary        Markdown       `json:"summary"          isms:"search" doc:"What is known, what is not, what is being done."`
	Category       IncidentType   `json:"category"         isms:"filter"`
	ScribeID       string         `json:"scribe_id"        isms:"ref=person,label=scribe" doc:"Who keeps the timeline."`
	SpokespersonID string         `json:"spokesperson_id"  isms:"ref=person,label=spokesperson" doc:"Who talks to everybody outside."`
	PlaybookID     string         `json:"playbook_id"      isms:"ref=playbook,filter,label=playbook" doc:"What is followed."`
	VendorID       string         `json:"vendor_id"        isms:"ref=vendor,filter,label=vendor" doc:"The supplier through whom it came, or who suffers it."`
	ActorID        string         `json:"actor_id"         isms:"ref=threat_actor,filter,label=threat actor" doc:"Who is behind it, as far as one knows."`
	Techniques     []string       `json:"techniques"       isms:"filter" doc:"MITRE ATT&CK ids of what was seen."`
	Impacts        ImpactKinds    `json:"impacts"          isms:"filter"`
	PersonalData   bool           `json:"personal_data"    isms:"filter" doc:"Personal data are affected; a fact that starts legal clocks."`
	DataSubjects   int            `json:"data_subjects"    isms:"label=data subjects affected" doc:"How many people; the best estimate."`
	DataCategories []string       `json:"data_categories"  doc:"What kinds of data: names, health, payment cards."`
	HighRisk       bool           `json:"high_risk"        isms:"filter,label=high risk to people" doc:"Likely to harm the people whose data it is; then they are told too."`
	CardData       bool           `json:"card_data"        isms:"filter,label=payment cards affected"`
	HealthData     bool           `json:"health_data"      isms:"filter,label=health data affected" doc:"Health information that was not encrypted."`
	Significant    bool           `json:"significant"      isms:"filter,label=significant disruption" doc:"Serious disruption of our services or loss, to us or to others: NIS2 asks for it to be told."`
	MajorAt        Instant        `json:"major_at"         isms:"label=classified as major" doc:"When a financial entity classified it as a major incident; DORA counts from here."`
	StartedAt      Instant        `json:"started_at"       doc:"When the attack or fault began, as far as one knows."`
	DetectedAt     Instant        `json:"detected_at"      doc:"When the first sign was noticed."`
	AwareAt        Instant        `json:"aware_at"         doc:"When it was reasonably certain that it is a breach; the clock of GDPR starts here."`
	ContainedAt    Instant        `json:"contained_at"     isms:"computed"`
	EradicatedAt   Instant        `json:"eradicated_at"    isms:"computed"`
	RecoveredAt    Instant        `json:"recovered_at"     isms:"computed"`
	ClosedAt       Instant        `json:"closed_at"        isms:"computed,filter"`
	CostSoFar      Money          `json:"cost_so_far"      isms:"unit=money" doc:"What it has cost until now, with the time of people."`
	CostExpected   Range          `json:"cost_expected"    isms:"unit=money" doc:"What it will have cost in the end."`
	Outcome        IncidentResult `json:"outcome"          isms:"filter"`
	Lessons        Markdown       `json:"lessons"          isms:"search" doc:"What went well, what did not, what changes now."`
}

// IncidentType tells what happened, as a person would call it.
type IncidentType string

// Choices lists the types.
func (IncidentType) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "ransomware"}, {Value: "phishing", Label: "Phishing or stolen credentials"}, {Value: "mail_compromise", Label: "Business mail compromise"},
		{Value: "web_compromise", Label: "Web application compromised"}, {Value: "lost_device", Label: "Lost or stolen device"}, {Value: "insider"},
		{Value: "data_leak"}, {Value: "cloud_key_leak"}, {Value: "supplier_breach"}, {Value: "denial_of_service"}, {Value: "malware"},
		{Value: "zero_day", Label: "Zero-day in a product we run"}, {Value: "trap_hit"}, {Value: "physical", Label: "Physical intrusion"},
		{Value: "failure", Label: "Failure without an attacker"}, {Value: "mistake"}, {Value: "other"},
	}
}

// IncidentPhase is how far the answer has come; it is the state of an incident.
type IncidentPhase string

// The phases of an incident.
const (
	IncidentDetect    IncidentPhase = "detect"
	IncidentContain   IncidentPhase = "contain"
	IncidentEradicate IncidentPhase = "eradicate"
	IncidentRecover   IncidentPhase = "recover"
	IncidentLearn     IncidentPhase = "learn"
	IncidentClosed    IncidentPhase = "closed"
)

// Choices lists the phases.
func (IncidentPhase) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "detect", Tone: "critical", Doc: "What is it, and how far does it reach?"},
		{Value: "contain", Tone: "critical", Doc: "Keep them where they are."},
		{Value: "eradicate", Tone: "high", Doc: "Kick them out, with everything they left behind."},
		{Value: "recover", Tone: "warn", Doc: "Back to work, from what is known to be good."},
		{Value: "learn", Tone: "info", Doc: "Why was it possible, and what changes?"},
		{Value: "closed", Tone: "muted"},
	}
}

// IncidentResult is what an incident turned out to be.
type IncidentResult string

// The results that the actions know.
const (
	ResultConfirmed  IncidentResult = "confirmed"
	ResultFalseAlarm IncidentResult = "false_alarm"
)

// Choices lists the results.
func (IncidentResult) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "confirmed", Doc: "It was real and did harm."}, {Value: "averted", Doc: "It was real and did no harm."},
		{Value: "false_alarm", Tone: "muted"}, {Value: "exercise", Tone: "info", Doc: "It was played."},
	}
}

// Incidents describes the record type.
var Incidents = kind.Of("incident", kind.Spec[Incident]{
	Group: kind.Respond, Icon: "respond", State: "phase", Owner: "lead_id", Sort: "-declared_at",
	Doc:      "An event that harms or threatens us, answered phase by phase until it is understood.",
	Prepare:  func(i *Incident) { i.Category = cmp.Or(i.Category, "other") },
	Validate: validateIncident,
	Links: []kind.Link{
		{Name: "affects", To: "asset", Inverse: "affected by"},
		{Name: "realises", To: "risk", Inverse: "happened as", Doc: "The scenario that came true."},
		{Name: "went through", To: "finding", Inverse: "used in"},
		{Name: "triggers", To: "obligation", Inverse: "triggered by", Doc: "The duties that its facts start."},
		{Name: "evidenced by", To: "evidence", Inverse: "proves incident"},
		{Name: "follows", To: "plan", Inverse: "followed in"},
		{Name: "same attack as", To: "incident", Inverse: "same attack"},
		{Name: "concerns", To: "processing", Inverse: "concerned by incident", Doc: "The uses of personal data that it touches."},
	},
	Actions: []kind.Act[Incident]{
		{Action: kind.Action{Name: "contain", Label: "Go to containment", From: []string{"detect", "eradicate", "recover"}, To: "contain",
			Doc: "It is real. Also the way back when they turn out to be still there."}, Do: reach(0)},
		{Action: kind.Action{Name: "eradicate", Label: "Contained", From: []string{"contain", "recover"}, To: "eradicate",
			Doc: "They can reach nothing more; now everything of theirs is removed."}, Do: reach(1)},
		{Action: kind.Action{Name: "recover", Label: "Eradicated", From: []string{"contain", "eradicate"}, To: "recover",
			Doc: "Nothing of theirs is left; now we restore."}, Do: reach(2)},
		{Action: kind.Action{Name: "learn", Label: "Recovered", From: []string{"contain", "eradicate", "recover"}, To: "learn",
			Doc: "Work goes on as before; now we find out why."}, Do: reach(3)},
		{Action: kind.Action{Name: "dismiss", Label: "False alarm", From: []string{"detect", "contain"}, To: "closed", Reason: true}, Do: dismissIncident},
		{Action: kind.Action{Name: "close", Label: "Close incident", From: []string{"learn"}, To: "closed", Needs: kind.Approve,
			Doc: "The causes are known, and what follows from them is planned."}, Do: closeIncident},
		{Action: kind.Action{Name: "reopen", Label: "Re-open", From: []string{"learn", "closed"}, To: "detect", Reason: true}, Do: reopenIncident},
	},
})

// reach notes that the first n of contained, eradicated and recovered are reached
// and takes back the others. The time limit belonged to the phase before.
func reach(n int) func(*Incident, kind.Input) error {
	return func(i *Incident, in kind.Input) error {
		for at, step := range []*Instant{&i.ContainedAt, &i.EradicatedAt, &i.RecoveredAt} {
			switch {
			case at >= n:
				*step = Instant{}
			case step.IsZero():
				*step = in.At
			}
		}
		i.PhaseDue = Instant{}
		return nil
	}
}

func dismissIncident(i *Incident, in kind.Input) error {
	i.Outcome, i.Lessons = ResultFalseAlarm, Markdown(in.Reason)
	i.ClosedAt, i.PhaseDue = in.At, Instant{}
	return nil
}

func closeIncident(i *Incident, in kind.Input) error {
	if i.Lessons == "" {
		return kind.Fieldf("lessons", "write down what was learnt before closing")
	}
	i.Outcome = cmp.Or(i.Outcome, ResultConfirmed)
	i.ClosedAt, i.PhaseDue = in.At, Instant{}
	return nil
}

func reopenIncident(i *Incident, in kind.Input) error {
	i.ClosedAt, i.Outcome = Instant{}, ""
	return reach(0)(i, in)
}

func validateIncident(i *Incident) error {
	return complaints(
		notNegative("data_subjects", i.DataSubjects),
		notNegative("cost_so_far", i.CostSoFar),
		ordered("detected_at", i.StartedAt, i.DetectedAt, "lies before the attack began"),
		ordered("closed_at", i.DeclaredAt, i.ClosedAt, "lies before it was declared"),
	)
}
