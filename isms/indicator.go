package isms

import (
	"cmp"

	"holdfast/kind"
)

// An Indicator is a figure that tells how security is doing. Its readings are
// Measurements; the last one is copied here so that lists need no second look.
type Indicator struct {
	Base
	Type        IndicatorClass     `json:"type"        isms:"list,filter"`
	Value       float64            `json:"value"       isms:"computed,list" doc:"The last reading."`
	MeasuredAt  Instant            `json:"measured_at" isms:"computed,list" doc:"When it was last read; empty: never."`
	Health      Health             `json:"health"      isms:"computed,list,filter" doc:"How the last reading compares with target and warning."`
	Unit        string             `json:"unit"        isms:"list" doc:"What is counted: days, share, findings, money."`
	Direction   IndicatorDirection `json:"direction"   doc:"Which way is better."`
	Target      float64            `json:"target"      isms:"list" doc:"At this figure or better it is good."`
	Warn        float64            `json:"warn"        isms:"label=warning threshold" doc:"At this figure or worse somebody must look."`
	Source      IndicatorSource    `json:"source"      isms:"filter"`
	Formula     string             `json:"formula"     isms:"filter" doc:"Id of the formula by which the product computes it."`
	EveryDays   int                `json:"every_days"  isms:"unit=days,label=read every"`
	Principle   Principle          `json:"principle"   isms:"filter" doc:"Which of the four principles it shows."`
	OwnerID     string             `json:"owner_id"    isms:"ref=person,list,filter,label=owner" doc:"Who reads it, and acts when it turns."`
	Description Markdown           `json:"description" isms:"search" doc:"What it means and how it is read."`
	Response    Markdown           `json:"response"    doc:"What is done when it turns bad."`
	Board       bool               `json:"board"       isms:"filter,label=on the board page"`
}

// IndicatorClass tells what an indicator is about.
type IndicatorClass string

// Choices lists the types.
func (IndicatorClass) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "performance", Doc: "KPI: how well the work goes."},
		{Value: "risk", Doc: "KRI: whether danger grows."},
		{Value: "control", Doc: "KCI: whether a safeguard works."},
	}
}

// IndicatorDirection is which way of a figure is better.
type IndicatorDirection string

// Choices lists the directions.
func (IndicatorDirection) Choices() []kind.Choice {
	return []kind.Choice{{Value: "lower", Label: "Lower is better"}, {Value: "higher", Label: "Higher is better"}}
}

// IndicatorSource is where the readings come from.
type IndicatorSource string

// Choices lists the sources.
func (IndicatorSource) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "computed", Doc: "The product computes it from its records."},
		{Value: "manual", Doc: "Somebody enters it."},
		{Value: "imported", Doc: "Another system sends it."},
	}
}

// Health is how a figure compares with what is wanted.
type Health string

// The healths.
const (
	HealthUnknown Health = "unknown"
	HealthGood    Health = "good"
	HealthWatch   Health = "watch"
	HealthBad     Health = "bad"
)

// Choices lists the healths.
func (Health) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "bad", Tone: "critical"}, {Value: "watch", Tone: "warn", Doc: "Between target and warning."},
		{Value: "good", Tone: "good"}, {Value: "unknown", Tone: "muted", Doc: "Never read."},
	}
}

// HealthOf tells how a reading compares with the target and the warning.
func (i *Indicator) HealthOf(value float64) Health {
	sign := 1.0
	if i.Direction == "higher" {
		sign = -1
	}
	switch {
	case sign*value <= sign*i.Target:
		return HealthGood
	case sign*value >= sign*i.Warn:
		return HealthBad
	}
	return HealthWatch
}

// Indicators describes the record type.
var Indicators = kind.Of("indicator", kind.Spec[Indicator]{
	Group: kind.Govern, Icon: "chart", Owner: "owner_id", Sort: "title",
	Doc: "A figure that tells how security is doing, with its target and the point at which somebody must look.",
	Prepare: func(i *Indicator) {
		i.Type = cmp.Or(i.Type, "performance")
		i.Source = cmp.Or(i.Source, "manual")
		i.Direction = cmp.Or(i.Direction, "lower")
		i.Health = HealthUnknown
		if !i.MeasuredAt.IsZero() {
			i.Health = i.HealthOf(i.Value)
		}
	},
	Validate: func(i *Indicator) error {
		wrongSide := i.Direction == "lower" && i.Warn < i.Target || i.Direction == "higher" && i.Warn > i.Target
		return complaints(
			refuse(wrongSide, "warn", "lies on the good side of the target"),
			refuse(i.Source == "computed" && i.Formula == "", "formula", "is needed by a computed indicator"),
			notNegative("every_days", i.EveryDays))
	},
	Links: []kind.Link{
		{Name: "watches safeguard", To: "safeguard", Inverse: "watched by"},
		{Name: "watches risk", To: "risk", Inverse: "watched by"},
	},
})
