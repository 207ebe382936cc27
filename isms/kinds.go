package isms

import "holdfast/kind"

// Kinds is the one list of all record types, in the order of the menu. A type
// that is not listed here does not exist for the product.
var Kinds = []*kind.Kind{
	// govern
	Milestones, Documents, DocumentVersions, Acknowledgements,

	// identify
	Assets,
	Vulnerabilities, Findings, Risks,

	// protect
	Safeguards, Treatments, Evidences,
	Tasks, Exceptions, Courses, Assignments,

	// detect
	Alerts, Concerns, Traps, DetectionRules, ThreatIndicators, EventSources, AlertRoutes,

	// respond
	Incidents, IncidentActions, Notifications, RootCauses, Playbooks, PlaybookSteps,

	// improve

	// system
}

// Registry holds all kinds together.
var Registry = kind.NewRegistry(Kinds...)
