// Package isms is the language of Holdfast: one file for each record type, with
// its fields, states, actions and links. It knows no SQL and no HTTP.
//
// The glossary below explains every term in the order of the chain: an actor,
// through a vector, uses a weakness to harm an asset; that is a risk; a safeguard
// answers it; evidence proves the answer. Pages, help and documents take their
// explanations from here, and from nowhere else.
package isms

import "holdfast/kind"

// A Term is a word of the field with its meaning in plain words.
type Term struct {
	Word  string
	Means string
	Kind  string // name of the record type, where the word is one
}

func termOf(k *kind.Kind) Term { return Term{Word: k.Label, Means: k.Doc, Kind: k.Name} }

// Glossary lists the terms in the order of the chain. Words that are record types
// take their meaning from the type.
var Glossary = []Term{
	{Word: "ISMS", Means: "Information security management system: how an organisation decides what to protect, does it, checks it and improves."},
	{Word: "Assume breach", Means: "Plan as if an attacker were already in: unknown holes exist, and one will be used some day."},
	{Word: "Principle", Means: "One of the four aims that every safeguard serves: make disruption difficult, make compromise difficult, make detection easier, reduce impact."},

	// who
	termOf(ThreatActors),
	{Word: "Attack objective", Means: "What an attacker wants with a system: to spy, to subvert, to sabotage, or to stand in it and reach others."},
	{Word: "Capability", Means: "What an actor is able to do, with the skill, tools and money it has."},
	{Word: "Opportunity", Means: "How easily an actor gets near: access, knowledge and time."},
	{Word: "Hazard", Means: "A source of harm without intent: fire, flood, failure, error."},
	{Word: "Insider", Means: "Somebody with lawful access who does harm, by will or by mistake."},

	// how
	termOf(ThreatVectors),
	{Word: "Tactic", Means: "What an attacker does something for, such as getting in or staying."},
	{Word: "Technique", Means: "How a tactic is carried out; MITRE ATT&CK numbers them."},
	{Word: "ATT&CK", Means: "MITRE's public catalogue of what attackers do, by tactic and technique."},
	{Word: "Lateral movement", Means: "Going from the system that was taken to others."},

	// through what
	termOf(Vulnerabilities),
	{Word: "Advisory", Means: "A published notice of a weakness in software, with the versions concerned."},
	{Word: "CVE", Means: "The number under which a publicly known weakness is listed."},
	{Word: "CWE", Means: "The class to which a weakness belongs, such as a missing check of input."},
	{Word: "CVSS", Means: "A score from 0 to 10 of how bad a weakness is by itself."},
	{Word: "EPSS", Means: "The probability that a weakness is exploited somewhere within the next 30 days."},
	{Word: "KEV", Means: "CISA's list of weaknesses that are known to be exploited."},
	{Word: "Zero-day", Means: "A weakness for which there is no repair yet."},
	{Word: "VEX", Means: "A statement whether a product is affected by a weakness it seems to have."},
	{Word: "SBOM", Means: "Software bill of materials: the list of all parts of a piece of software."},
	termOf(Findings),
	{Word: "Observation", Means: "One raw fact that an engine saw; findings are made of observations."},
	{Word: "False positive", Means: "A finding that turned out to be none."},

	// what is at stake
	termOf(Assets),
	{Word: "Crown jewels", Means: "The few assets whose loss would hurt most."},
	{Word: "Confidentiality", Means: "Only the right people learn it."},
	{Word: "Integrity", Means: "It is not altered unnoticed."},
	{Word: "Availability", Means: "It is there when it is needed."},
	{Word: "Non-repudiation", Means: "Nobody can deny what they did."},
	{Word: "Authenticity", Means: "It is what it claims to be."},
	{Word: "Privacy", Means: "People keep control over what is known of them."},
	termOf(AssetDependencies),
	{Word: "Blast radius", Means: "Everything that can be reached or that stops when one system falls."},
	termOf(ArchitectureModels),
	{Word: "Trust zone", Means: "A part of a system inside which components trust each other."},
	termOf(ImpactAssessments),
	{Word: "Criticality", Means: "How much the business depends on an asset."},
	{Word: "RTO", Means: "Recovery time objective: how soon something is to be back after a failure."},
	{Word: "RPO", Means: "Recovery point objective: how much work may be lost, counted in time."},
	{Word: "Maximum tolerable downtime", Means: "How long something may be gone before the harm cannot be repaired."},

	// the risk and its measure
	termOf(Risks),
	{Word: "Scenario", Means: "A risk told as a story: who, by what way, through which weakness, harms what."},
	{Word: "Inherent risk", Means: "The risk as it would be if no safeguard worked."},
	{Word: "Current risk", Means: "The risk with the safeguards of today."},
	{Word: "Target risk", Means: "The risk when the planned treatments work."},
	{Word: "Qualitative", Means: "Measured in words: impact, probability and criticality as low, medium or high."},
	{Word: "Semi-quantitative", Means: "Measured on numeric scales: probability times severity."},
	{Word: "Quantitative", Means: "Measured in money per year."},
	{Word: "AV", Means: "Asset value: what the complete loss of an asset would cost."},
	{Word: "EF", Means: "Exposure factor: the share of the value that is lost in one event."},
	{Word: "SLE", Means: "Single loss expectancy: what one event costs, SLE = AV × EF."},
	{Word: "EAE", Means: "Expected annual exploits: how many events a year are expected."},
	{Word: "ALE", Means: "Annual loss expectancy: what a risk costs per year on average, ALE = EAE × SLE."},
	{Word: "Range", Means: "An uncertain figure, given as low and high between which nine of ten cases lie, or with the most likely value between them."},
	{Word: "Monte Carlo", Means: "Playing a year many thousand times with chance to see how losses spread."},
	{Word: "Loss exceedance curve", Means: "For each amount, the probability that a year costs more."},
	{Word: "P95", Means: "The amount that only one year in twenty exceeds; P50, P90 and P99 likewise."},
	termOf(RiskAssessments),

	// what we bear
	termOf(Appetites),
	{Word: "Risk acceptance", Means: "Yearly loss up to which nobody needs to be asked."},
	{Word: "Risk tolerance", Means: "Yearly loss that is borne while it is watched."},
	{Word: "Risk appetite", Means: "Yearly loss that the organisation is willing to take for its aims."},
	{Word: "Risk limit", Means: "Yearly loss above which somebody must act."},
	{Word: "Risk capacity", Means: "Yearly loss that the organisation may not survive."},

	// what we do about it
	termOf(Safeguards),
	{Word: "Control", Means: "Another word for safeguard."},
	{Word: "Defence in depth", Means: "Several safeguards behind one another, so that one may fail."},
	termOf(Treatments),
	{Word: "ACS", Means: "Annual cost of a safeguard, with the time of people."},
	{Word: "RoSI", Means: "Return on security investment: RoSI = ALE before − ALE after − ACS; above zero the safeguard pays."},
	{Word: "Quick win", Means: "A safeguard with little work and much effect."},
	{Word: "Residual risk", Means: "What remains after treatment."},

	// what proves it
	termOf(Evidences),
	{Word: "Check", Means: "A question that a machine answers again and again with pass or fail."},
	termOf(Frameworks),
	termOf(Requirements),
	termOf(Applicabilities),
	{Word: "Statement of applicability", Means: "The list of all requirements with whether they apply, why, and how they are met."},
	{Word: "Gap analysis", Means: "What is missing between how things are and what a framework demands."},
	{Word: "Maturity", Means: "How well something is done, from by chance to always and improving."},
	termOf(RequirementMappings),

	// who decides and why
	termOf(Organisations),
	termOf(InterestedParties),
	termOf(Motivators),
	termOf(Obligations),
	termOf(Scopes),
	termOf(Objectives),
	termOf(Indicators),
	{Word: "KPI", Means: "Key performance indicator: a figure that tells how well the work goes."},
	{Word: "KRI", Means: "Key risk indicator: a figure that tells whether danger grows."},
	termOf(Measurements),
	termOf(Committees),
	termOf(Decisions),
	termOf(Approvals),
	termOf(BusinessCases),
	termOf(Budgets),

	// others on whom we depend
	termOf(Vendors),
	termOf(VendorAssessments),
	termOf(Contracts),
	termOf(Processings),
	{Word: "DPIA", Means: "Data protection impact assessment: what a use of personal data could do to people, and what is done against it."},
	{Word: "Processor", Means: "Somebody who uses personal data for us and as we say."},

	// watching, answering, improving
	{Word: "SIEM", Means: "A system that gathers events from everywhere and looks for signs of attack."},
	{Word: "Indicator of compromise", Means: "A trace that tells of an attack, such as an address or a hash."},
	{Word: "Trap", Means: "A decoy or token that nobody has reason to touch; whoever does is an alarm."},
	{Word: "PDCA", Means: "Plan, do, check, act: the circle in which everything gets better."},
	{Word: "Nonconformity", Means: "Something is not as it was demanded."},
	{Word: "Corrective action", Means: "What removes the cause of a nonconformity, so that it does not come back."},
}
