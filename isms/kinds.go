package isms

import "holdfast/kind"

// Kinds is the one list of all record types, in the order of the menu. A type
// that is not listed here does not exist for the product.
var Kinds = []*kind.Kind{
	// govern
	Organisations, InterestedParties, Motivators, Objectives, Indicators, Scopes,
	BusinessCases, Budgets, Committees, Meetings, Decisions, Approvals, Appetites,
	Obligations, Frameworks, Requirements, Applicabilities, RequirementMappings,
	People, Teams,
	Milestones, Documents, DocumentVersions, Acknowledgements,

	// identify
	Assets, AssetDependencies, ArchitectureModels, Processings,
	Vendors, Contracts, VendorAssessments,
	ThreatActors, ThreatVectors,
	Vulnerabilities, Findings, Risks,
	RiskAssessments, ImpactAssessments,

	// protect
	Safeguards, Treatments, Evidences,
	Tasks, Exceptions, Courses, Assignments,

	// detect
	Alerts, Concerns, Traps, DetectionRules, ThreatIndicators, EventSources, AlertRoutes,

	// respond
	Incidents, IncidentActions, Notifications, RootCauses, Playbooks, PlaybookSteps,
	Plans, PlanMessages, CrisisContacts, RecoveryTargets, Backups, RestorePoints, Exercises, ExerciseInjects,

	// improve
	Measurements,
	Tests, Audits, AuditChecks, Nonconformities, CorrectiveActions, ManagementReviews, ImprovementCycles,

	// system
	Comments, Attachments, SavedViews, APITokens, Passkeys, IdentityProviders, Webhooks, Workspaces,
}

// Registry holds all kinds together.
var Registry = kind.NewRegistry(Kinds...)
