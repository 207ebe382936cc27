package isms

import "holdfast/kind"

// An Asset is something of value to the organisation: what is protected.
type Asset struct {
	Base
	Nature      AssetNature    `json:"nature"       isms:"required,list,filter" doc:"Tangible, intangible or people."`
	Type        AssetType      `json:"type"         isms:"required,list,filter,index"`
	Description Markdown       `json:"description"  isms:"search"`
	OwnerID     string         `json:"owner_id"     isms:"ref=person,list,filter,label=owner" doc:"Who answers for it."`
	Value       Range          `json:"value"        isms:"list,unit=money" doc:"What its complete loss would cost: the AV of SLE = AV × EF."`
	Criticality Level          `json:"criticality"  isms:"list,filter" doc:"How much the business depends on it, from the business impact assessment."`
	Lifecycle   AssetLifecycle `json:"lifecycle"    isms:"list,filter"`

	Confidentiality Level `json:"confidentiality" doc:"How much harm if the wrong people learn it."`
	Integrity       Level `json:"integrity"       doc:"How much harm if it is altered unnoticed."`
	Availability    Level `json:"availability"    doc:"How much harm if it is not there."`
	NonRepudiation  Level `json:"non_repudiation" doc:"How much harm if somebody can deny what they did."`
	Authenticity    Level `json:"authenticity"    doc:"How much harm if it is not what it claims to be."`
	Privacy         Level `json:"privacy"         doc:"How much harm to the people whose data it holds."`

	Location   string  `json:"location"    isms:"filter" doc:"Site, region or provider."`
	Zone       string  `json:"zone"        isms:"filter" doc:"Network or trust zone."`
	Exposed    bool    `json:"exposed"     isms:"filter" doc:"Reachable from the internet."`
	Address    string  `json:"address"     isms:"search" doc:"Host name, network address or URL."`
	Target     string  `json:"target"      isms:"filter,index" doc:"How scans name it: a host name, a directory, the name of a bill of materials."`
	LastSeen   Instant `json:"last_seen"   isms:"computed,list" doc:"When a scan last looked at it."`
	Platform   string  `json:"platform"    doc:"Operating system or technology."`
	AcquiredOn Date    `json:"acquired_on"`
	DisposeBy  Date    `json:"dispose_by"`
}

// AssetNature tells what an asset is made of.
type AssetNature string

// Choices lists the natures.
func (AssetNature) Choices() []kind.Choice { return kind.Words("tangible", "intangible", "people") }

// AssetType tells what an asset is.
type AssetType string

// Choices lists the types.
func (AssetType) Choices() []kind.Choice {
	return kind.Words("host", "application", "service", "data_set", "network", "facility", "person", "role",
		"supplier_service", "device", "software", "intellectual_property", "reputation")
}

// AssetLifecycle is where an asset stands between plan and disposal.
type AssetLifecycle string

// Choices lists the stages.
func (AssetLifecycle) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "planned", Tone: "info"}, {Value: "acquired", Tone: "info"}, {Value: "operating", Tone: "good"},
		{Value: "retiring", Tone: "warn"}, {Value: "disposed", Tone: "muted"},
	}
}

// Assets describes the record type.
var Assets = kind.Of("asset", kind.Spec[Asset]{
	Group: kind.Identify, Icon: "server", Owner: "owner_id", State: "lifecycle", Sort: "-value",
	Doc: "Something of value to the organisation: a system, data, a place, a person, a reputation.",
	Prepare: func(a *Asset) {
		if a.Nature == "" {
			a.Nature = natureOf[a.Type]
		}
	},
	Validate: func(a *Asset) error {
		if a.Value.Low < 0 {
			return kind.Fieldf("value", "cannot be negative")
		}
		return nil
	},
	Actions: []kind.Act[Asset]{
		{Action: kind.Action{Name: "acquire", From: []string{"planned"}, To: "acquired"}},
		{Action: kind.Action{Name: "operate", Label: "Put into operation", From: []string{"planned", "acquired", "retiring"}, To: "operating"}},
		{Action: kind.Action{Name: "retire", From: []string{"acquired", "operating"}, To: "retiring"}},
		{Action: kind.Action{Name: "dispose", From: []string{"planned", "acquired", "retiring"}, To: "disposed", Reason: true, Danger: true,
			Doc: "Data is erased or destroyed; say how."}},
	},
})

var natureOf = map[AssetType]AssetNature{
	"host": "tangible", "network": "tangible", "facility": "tangible", "device": "tangible",
	"person": "people", "role": "people",
	"application": "intangible", "service": "intangible", "data_set": "intangible", "supplier_service": "intangible",
	"software": "intangible", "intellectual_property": "intangible", "reputation": "intangible",
}
