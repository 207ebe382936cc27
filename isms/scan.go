package isms

import "holdfast/kind"

// A Scan is one run of the engines over one target: when, by what, with what
// result. A run that failed concludes nothing and resolves nothing.
type Scan struct {
	Base
	Target       string     `json:"target"       isms:"required,list,filter,search,index,immutable" doc:"What was looked at: a host name, a directory, the name of a bill of materials."`
	AssetID      string     `json:"asset_id"     isms:"ref=asset,list,filter,index,label=asset"`
	Type         ScanType   `json:"type"         isms:"list,filter,immutable"`
	Status       ScanStatus `json:"status"       isms:"list,filter,index"`
	Engines      []string   `json:"engines"      isms:"computed,filter" doc:"Which engines ran."`
	StartedAt    Instant    `json:"started_at"   isms:"computed,list,filter,index"`
	FinishedAt   Instant    `json:"finished_at"  isms:"computed"`
	Observations int        `json:"observations" isms:"computed" doc:"How many facts were seen."`
	Opened       int        `json:"opened"       isms:"computed,list" doc:"Findings that are new or came back."`
	Resolved     int        `json:"resolved"     isms:"computed,list" doc:"Findings that are gone."`
	Unknown      int        `json:"unknown"      isms:"computed" doc:"Facts that could not be established."`
	Components   int        `json:"components"   isms:"computed" doc:"Pieces of software that were found."`
	Failure      Markdown   `json:"failure"      isms:"computed" doc:"Which engine failed, and why."`
	Knowledge    string     `json:"knowledge"    isms:"computed" doc:"State of the advisories and checks that were used."`
	SHA256       string     `json:"sha256"       isms:"computed" doc:"Hash of the observations."`
	Blob         string     `json:"blob"         isms:"computed,label=observations" doc:"Key of the file with every observation."`
}

// ScanType tells what was looked at.
type ScanType string

// Choices lists the types.
func (ScanType) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "host"}, {Value: "path", Doc: "A directory or an unpacked image."}, {Value: "sbom", Label: "Bill of materials"},
		{Value: "image"}, {Value: "architecture"}, {Value: "report", Doc: "The report of another scanner."},
	}
}

// ScanStatus is how a scan went.
type ScanStatus string

// The states of a scan.
const (
	ScanQueued    ScanStatus = "queued"
	ScanRunning   ScanStatus = "running"
	ScanDone      ScanStatus = "done"
	ScanPartly    ScanStatus = "partly"
	ScanFailed    ScanStatus = "failed"
	ScanCancelled ScanStatus = "cancelled"
)

// Choices lists the states.
func (ScanStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "queued", Tone: "info"}, {Value: "running", Tone: "info"}, {Value: "done", Tone: "good"},
		{Value: "partly", Tone: "warn", Doc: "Some engines failed; only the others count."}, {Value: "failed", Tone: "critical"}, {Value: "cancelled", Tone: "muted"},
	}
}

// Scans describes the record type.
var Scans = kind.Of("scan", kind.Spec[Scan]{
	Group: kind.Identify, Icon: "search", State: "status", Sort: "-started_at", Parent: "asset_id",
	Doc: "One run of the engines over one target, with what it opened and resolved.",
	Prepare: func(s *Scan) {
		entitle(&s.Base, "Scan of "+s.Target)
	},
	Links: []kind.Link{
		{Name: "read", To: "architecture_model", Inverse: "read by"},
	},
	Actions: []kind.Act[Scan]{
		{Action: kind.Action{Name: "cancel", From: []string{"queued", "running"}, To: "cancelled"}},
	},
})
