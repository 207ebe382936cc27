package isms

import "holdfast/kind"

// An AssetDependency says that one asset needs another: what falls with it, and
// how fast. Blast radius and inherited criticality are computed along these.
type AssetDependency struct {
	Base
	AssetID    string             `json:"asset_id"   isms:"ref=asset,required,list,filter,index,label=asset,immutable" doc:"What depends."`
	Nature     DependencyNature   `json:"nature"     isms:"required,list,filter" doc:"In what way."`
	NeedsID    string             `json:"needs_id"   isms:"ref=asset,required,list,filter,index,label=needs,immutable" doc:"What it depends on."`
	Strength   Level              `json:"strength"   isms:"list,filter" doc:"Very high: stops at once; very low: hardly notices."`
	Passes     SecurityAttributes `json:"passes"     isms:"filter,label=harm passed on" doc:"Which attributes of the asset are harmed when those of the other are."`
	SurvivesH  float64            `json:"survives_hours" isms:"list,unit=hours,label=survives without" doc:"How long the asset keeps working when the other is gone."`
	Redundant  bool               `json:"redundant"  isms:"list,filter" doc:"Something else takes over when the other is gone."`
	Automatic  bool               `json:"automatic"  isms:"computed,filter" doc:"Found by an engine or drawn from an architecture model."`
	Note       Markdown           `json:"note"       isms:"search"`
	Connection string             `json:"connection" isms:"search" doc:"Protocol and port, interface or cable."`
	ReviewedOn Date               `json:"reviewed_on" isms:"computed,filter" doc:"When somebody last asked whether what passes here is wanted and protected."`
	ReviewedBy string             `json:"reviewed_by" isms:"ref=person,computed"`
	Verdict    Markdown           `json:"verdict"    isms:"computed" doc:"What the review came to."`
}

// DependencyNature tells in what way one asset needs another.
type DependencyNature string

// Choices lists the natures.
func (DependencyNature) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "runs_on"}, {Value: "contains", Doc: "The other is a part of it."},
		{Value: "stores_in"}, {Value: "reads_from"}, {Value: "sends_to"}, {Value: "calls"},
		{Value: "signs_in_with", Doc: "The other decides who gets in."},
		{Value: "managed_by", Doc: "Whoever holds the other controls it."},
		{Value: "connected_by", Doc: "Network or line."},
		{Value: "powered_by"}, {Value: "located_in"}, {Value: "operated_by", Doc: "People or a role."},
		{Value: "supplied_by"}, {Value: "restored_from", Doc: "The other holds its backup."},
	}
}

// AssetDependencies describes the record type.
var AssetDependencies = kind.Of("asset_dependency", kind.Spec[AssetDependency]{
	Group: kind.Identify, Label: "Dependency", Plural: "asset-dependencies", Icon: "link", Sort: "-strength", Parent: "asset_id",
	Doc: "One asset needs another: in what way, how much, and how long it lasts without.",
	Prepare: func(d *AssetDependency) {
		entitle(&d.Base, words(d.Nature), d.Connection)
	},
	Validate: func(d *AssetDependency) error {
		return complaints(refuse(d.AssetID != "" && d.AssetID == d.NeedsID, "needs_id", "cannot be the asset itself"),
			notNegative("survives_hours", d.SurvivesH))
	},
	Actions: []kind.Act[AssetDependency]{
		{Action: kind.Action{Name: "review", Label: "Mark as reviewed", Reason: true, Doc: "Somebody looked at what passes here; say what came of it."},
			Do: func(d *AssetDependency, in kind.Input) error {
				d.ReviewedOn, d.ReviewedBy, d.Verdict = kind.DateOf(in.At), in.By, Markdown(in.Reason)
				return nil
			}},
	},
})
