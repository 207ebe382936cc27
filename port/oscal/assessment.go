package oscal

// An AssessmentPlan says what will be looked at, how and by whom.
type AssessmentPlan struct {
	UUID             string            `json:"uuid"`
	Metadata         Metadata          `json:"metadata"`
	ImportSSP        Import            `json:"import-ssp"`
	ReviewedControls ReviewedControls  `json:"reviewed-controls"`
	Subjects         []SubjectSelector `json:"assessment-subjects,omitempty"`
	Tasks            []Task            `json:"tasks,omitempty"`
	BackMatter       *BackMatter       `json:"back-matter,omitempty"`
}

// ReviewedControls is the controls that an assessment is about.
type ReviewedControls struct {
	Description string             `json:"description,omitempty"`
	Selections  []ControlSelection `json:"control-selections"`
}

// A ControlSelection names controls, or all of them.
type ControlSelection struct {
	Description string            `json:"description,omitempty"`
	IncludeAll  *struct{}         `json:"include-all,omitempty"`
	Include     []SelectedControl `json:"include-controls,omitempty"`
	Exclude     []SelectedControl `json:"exclude-controls,omitempty"`
}

// A SelectedControl is one control, or some of its statements.
type SelectedControl struct {
	ControlID    string   `json:"control-id"`
	StatementIDs []string `json:"statement-ids,omitempty"`
}

// A SubjectSelector names what is looked at.
type SubjectSelector struct {
	Type        string    `json:"type"`
	Description string    `json:"description,omitempty"`
	IncludeAll  *struct{} `json:"include-all,omitempty"`
	Include     []Subject `json:"include-subjects,omitempty"`
}

// AssessmentResults is what was seen.
type AssessmentResults struct {
	UUID       string              `json:"uuid"`
	Metadata   Metadata            `json:"metadata"`
	ImportAP   Import              `json:"import-ap"`
	Local      *ResultsDefinitions `json:"local-definitions,omitempty"`
	Results    []Result            `json:"results"`
	BackMatter *BackMatter         `json:"back-matter,omitempty"`
}

// ResultsDefinitions is what only these results define.
type ResultsDefinitions struct {
	Activities []Activity `json:"activities,omitempty"`
	Remarks    string     `json:"remarks,omitempty"`
}

// An Activity is something an assessor does.
type Activity struct {
	UUID        string `json:"uuid"`
	Title       string `json:"title,omitempty"`
	Description string `json:"description"`
}

// A Result is what one assessment saw between start and end.
type Result struct {
	UUID             string            `json:"uuid"`
	Title            string            `json:"title"`
	Description      string            `json:"description"`
	Start            string            `json:"start"`
	End              string            `json:"end,omitempty"`
	Props            []Property        `json:"props,omitempty"`
	Local            *LocalDefinitions `json:"local-definitions,omitempty"`
	ReviewedControls ReviewedControls  `json:"reviewed-controls"`
	Observations     []Observation     `json:"observations,omitempty"`
	Risks            []Risk            `json:"risks,omitempty"`
	Findings         []Finding         `json:"findings,omitempty"`
	Remarks          string            `json:"remarks,omitempty"`
}

// LocalDefinitions is what a result or action plan needs and no system security plan
// defines.
type LocalDefinitions struct {
	Components []SystemComponent `json:"components,omitempty"`
	Inventory  []InventoryItem   `json:"inventory-items,omitempty"`
	Users      []SystemUser      `json:"users,omitempty"`
}

// An Observation is one thing that was seen.
type Observation struct {
	UUID        string             `json:"uuid"`
	Title       string             `json:"title,omitempty"`
	Description string             `json:"description"`
	Props       []Property         `json:"props,omitempty"`
	Links       []Link             `json:"links,omitempty"`
	Methods     []string           `json:"methods"` // EXAMINE, INTERVIEW, TEST
	Types       []string           `json:"types,omitempty"`
	Subjects    []Subject          `json:"subjects,omitempty"`
	Evidence    []RelevantEvidence `json:"relevant-evidence,omitempty"`
	Collected   string             `json:"collected"`
	Expires     string             `json:"expires,omitempty"`
	Remarks     string             `json:"remarks,omitempty"`
}

// A Subject is what an observation is about.
type Subject struct {
	SubjectUUID string     `json:"subject-uuid"`
	Type        string     `json:"type"` // component, inventory-item, location, party, user, resource
	Title       string     `json:"title,omitempty"`
	Props       []Property `json:"props,omitempty"`
}

// RelevantEvidence is what supports an observation.
type RelevantEvidence struct {
	Href        string     `json:"href,omitempty"`
	Description string     `json:"description"`
	Props       []Property `json:"props,omitempty"`
	Remarks     string     `json:"remarks,omitempty"`
}

// A Finding is a conclusion about one control.
type Finding struct {
	UUID                string               `json:"uuid"`
	Title               string               `json:"title"`
	Description         string               `json:"description"`
	Props               []Property           `json:"props,omitempty"`
	Target              FindingTarget        `json:"target"`
	RelatedObservations []RelatedObservation `json:"related-observations,omitempty"`
	RelatedRisks        []RelatedRisk        `json:"related-risks,omitempty"`
	Remarks             string               `json:"remarks,omitempty"`
}

// A FindingTarget is the control a finding speaks about and whether it is met.
type FindingTarget struct {
	Type        string       `json:"type"` // statement-id, objective-id
	TargetID    string       `json:"target-id"`
	Title       string       `json:"title,omitempty"`
	Description string       `json:"description,omitempty"`
	Props       []Property   `json:"props,omitempty"`
	Status      TargetStatus `json:"status"`
	Remarks     string       `json:"remarks,omitempty"`
}

// A TargetStatus is satisfied or not-satisfied.
type TargetStatus struct {
	State   string `json:"state"`
	Reason  string `json:"reason,omitempty"` // pass, fail, other
	Remarks string `json:"remarks,omitempty"`
}

// A RelatedObservation names an observation.
type RelatedObservation struct {
	ObservationUUID string `json:"observation-uuid"`
}

// A RelatedRisk names a risk.
type RelatedRisk struct {
	RiskUUID string `json:"risk-uuid"`
}

// A RelatedFinding names a finding.
type RelatedFinding struct {
	FindingUUID string `json:"finding-uuid"`
}

// A Risk is what could happen, and what is done about it.
type Risk struct {
	UUID                string               `json:"uuid"`
	Title               string               `json:"title"`
	Description         string               `json:"description"`
	Statement           string               `json:"statement"`
	Props               []Property           `json:"props,omitempty"`
	Links               []Link               `json:"links,omitempty"`
	Status              string               `json:"status"`
	Characterizations   []Characterization   `json:"characterizations,omitempty"`
	Deadline            string               `json:"deadline,omitempty"`
	Remediations        []Response           `json:"remediations,omitempty"`
	RelatedObservations []RelatedObservation `json:"related-observations,omitempty"`
}

// A Characterization is the measure of a risk, by the one who took it.
type Characterization struct {
	Origin Origin  `json:"origin"`
	Facets []Facet `json:"facets"`
}

// An Origin is who or what a statement comes from.
type Origin struct {
	Actors []Actor `json:"actors"`
}

// An Actor is a tool, an assessment platform or a party.
type Actor struct {
	Type      string `json:"type"`
	ActorUUID string `json:"actor-uuid"`
}

// A Facet is one measure: a name in a system of measures, with its value.
type Facet struct {
	Name   string `json:"name"`
	System string `json:"system"`
	Value  string `json:"value"`
}

// A Response is what is done, or recommended, about a risk.
type Response struct {
	UUID        string     `json:"uuid"`
	Lifecycle   string     `json:"lifecycle"` // recommendation, planned, completed
	Title       string     `json:"title"`
	Description string     `json:"description"`
	Props       []Property `json:"props,omitempty"`
	Tasks       []Task     `json:"tasks,omitempty"`
	Remarks     string     `json:"remarks,omitempty"`
}

// A Task is a step with its time: a milestone or an action.
type Task struct {
	UUID             string            `json:"uuid"`
	Type             string            `json:"type"` // milestone, action
	Title            string            `json:"title"`
	Description      string            `json:"description,omitempty"`
	Props            []Property        `json:"props,omitempty"`
	Timing           *Timing           `json:"timing,omitempty"`
	ResponsibleRoles []ResponsibleRole `json:"responsible-roles,omitempty"`
	Remarks          string            `json:"remarks,omitempty"`
}

// Timing is when a task is done: on a date, or between two.
type Timing struct {
	OnDate *OnDate      `json:"on-date,omitempty"`
	Within *WithinDates `json:"within-date-range,omitempty"`
}

// OnDate is one date.
type OnDate struct {
	Date string `json:"date"`
}

// WithinDates is from a date to a date.
type WithinDates struct {
	Start string `json:"start"`
	End   string `json:"end"`
}

// An ActionPlan is a plan of action and milestones: what is open and when it will be
// closed.
type ActionPlan struct {
	UUID         string            `json:"uuid"`
	Metadata     Metadata          `json:"metadata"`
	ImportSSP    *Import           `json:"import-ssp,omitempty"`
	SystemID     *SystemID         `json:"system-id,omitempty"`
	Local        *LocalDefinitions `json:"local-definitions,omitempty"`
	Observations []Observation     `json:"observations,omitempty"`
	Risks        []Risk            `json:"risks,omitempty"`
	Findings     []Finding         `json:"findings,omitempty"`
	Items        []ActionItem      `json:"poam-items"`
	BackMatter   *BackMatter       `json:"back-matter,omitempty"`
}

// An ActionItem is one thing that is open.
type ActionItem struct {
	UUID                string               `json:"uuid,omitempty"`
	Title               string               `json:"title"`
	Description         string               `json:"description"`
	Props               []Property           `json:"props,omitempty"`
	Links               []Link               `json:"links,omitempty"`
	RelatedFindings     []RelatedFinding     `json:"related-findings,omitempty"`
	RelatedObservations []RelatedObservation `json:"related-observations,omitempty"`
	RelatedRisks        []RelatedRisk        `json:"related-risks,omitempty"`
	Remarks             string               `json:"remarks,omitempty"`
}
