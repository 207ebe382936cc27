package isms

import (
	"time"

	"holdfast/kind"
)

// The field types of package kind, under the names used in this package.
type (
	// Base is what every record has.
	Base = kind.Base
	// Date is a calendar day.
	Date = kind.Date
	// Instant is a moment.
	Instant = time.Time
	// Level is a grade from very low to very high.
	Level = kind.Level
	// Markdown is long text that people format.
	Markdown = kind.Markdown
	// Money is an amount in the currency of the workspace.
	Money = kind.Money
	// Range is an uncertain quantity.
	Range = kind.Range
)

// A Principle is one of the four that every safeguard serves (UK NCSC cyber
// security design principles).
type Principle string

// The principles.
const (
	Disruption Principle = "disruption"
	Compromise Principle = "compromise"
	Detection  Principle = "detection"
	Impact     Principle = "impact"
)

var principles = []kind.Choice{
	{Value: "disruption", Label: "Make disruption difficult", Doc: "What can stop the business, and how fast is it back?"},
	{Value: "compromise", Label: "Make compromise difficult", Doc: "Where can an attacker get in today?"},
	{Value: "detection", Label: "Make compromise detection easier", Doc: "If they are in, which alarm rings, where, how soon?"},
	{Value: "impact", Label: "Reduce compromise impact", Doc: "From the system they took, where can they pivot, and what do we restore from?"},
}

// Choices lists the principles.
func (Principle) Choices() []kind.Choice { return principles }

// Principles is a list of them.
type Principles []string

// Choices lists the principles.
func (Principles) Choices() []kind.Choice { return principles }

// Severity is how bad a weakness or an event is by itself, in the words of CVSS.
type Severity string

// The severities.
const (
	SeverityNone     Severity = "none"
	SeverityLow      Severity = "low"
	SeverityMedium   Severity = "medium"
	SeverityHigh     Severity = "high"
	SeverityCritical Severity = "critical"
)

// Choices lists the severities, worst first.
func (Severity) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "critical", Tone: "critical"}, {Value: "high", Tone: "high"}, {Value: "medium", Tone: "medium"},
		{Value: "low", Tone: "low"}, {Value: "none", Tone: "muted"},
	}
}

// SecurityAttributes are what an asset needs and a risk harms.
type SecurityAttributes []string

// Choices lists the six attributes.
func (SecurityAttributes) Choices() []kind.Choice {
	return kind.Words("confidentiality", "integrity", "availability", "non_repudiation", "authenticity", "privacy")
}

// ImpactKinds are the ways in which a risk hurts.
type ImpactKinds []string

// Choices lists the six kinds of impact.
func (ImpactKinds) Choices() []kind.Choice {
	return kind.Words("financial", "reputational", "strategic", "operational", "compliance", "legal")
}

// AttackObjectives are what an attacker wants with a system.
type AttackObjectives []string

// Choices lists the four objectives.
func (AttackObjectives) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "espionage", Doc: "Learn what is secret."},
		{Value: "subversion", Doc: "Change what people believe or what systems do."},
		{Value: "sabotage", Doc: "Stop or destroy."},
		{Value: "forward_operating_site", Doc: "A foothold used to reach others."},
	}
}
