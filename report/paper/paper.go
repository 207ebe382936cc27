// Package paper holds the documents that Holdfast produces, one file each. Every
// one is made of live records and says of which: the same records give the same
// bytes on the same day.
package paper

import (
	"context"

	"holdfast/app"
	"holdfast/flow"
	"holdfast/flow/response"
	"holdfast/kind"
	"holdfast/report"
)

// A Desk is where papers are made.
type Desk struct {
	App      *app.App
	Flow     *flow.Flow
	Response *response.Flow
	Own      string // folder of own templates and of brand.yaml; empty: none
}

// A Paper is a document that can be made for whoever may read its records.
type Paper struct {
	Name  string // in addresses and commands: "risk-register"
	Title string
	Text  string // what it is for
	Icon  string
	Own   bool // made of a template of the organisation
	Make  func(context.Context) (report.Document, error)
}

// A shippedPaper is one of ours.
type shippedPaper struct {
	name, title, text, icon string
	build                   func(*maker) report.Document
}

// shipped are our papers in the order of the page.
var shipped = []shippedPaper{
	{"risk", "Risk assessment", "What could go wrong, what it would cost, and what to do about it: the loss curve against the appetite, the register, the story of each great risk, the treatments that pay, and the method.", "target", riskAssessment},
	{"risk-register", "Risk register", "Every risk with its owner, its answer, its figures and its next review, and what became of the closed ones.", "list", riskRegister},
	{"treatment-plan", "Risk treatment plan", "What is done about each risk, by whom and by when, what it costs and what it avoids, and who has agreed.", "check", treatmentPlan},
	{"soa", "Statement of applicability", "Which requirements of each framework count, why or why not, what demands and what meets them, and how far they are met as people say and as checks show.", "grid", statementOfApplicability},
	{"gap", "Gap analysis", "What each framework lacks, how that moved, and the steps that would close the gaps, most loss avoided for the money first.", "target", gapAnalysis},
	{"roadmap", "Roadmap", "The ten steps to a working ISMS with what is counted in each, the milestones, and when they are reached at the pace of today.", "flag", roadmapPaper},
	{"business-case", "Business case", "What security costs, what it saves, and what happens without it, with the figures of today for those who decide.", "money", businessCase},
	{"security-plan", "System security management plan", "Disaster recovery, business continuity, communication and media in one plan, with the order of recovery, the backups that count, the approved words, and what is still missing.", "flag", securityPlan},
	{"crisis-sheet", "Crisis sheet", "First steps, whom to call, what comes back first and what may be said, on a few pages to print: needed when no system works.", "bell", crisisSheet},
	{"controls", "Security control sheets", "One sheet for each safeguard: what it does, who answers for it, what it costs, how it is tested, and what proves it.", "shield", controlSheets},
	{"obligations", "Register of obligations", "What law, regulators and contracts demand, what meets it, and when each was last looked at.", "book", obligationRegister},
	{"exercise", "Exercise report", "The last exercise: the story, each piece of news with what was expected and what was done, the score, the recovery against its target, and what changes.", "play", exerciseReport},
	{"policies", "Policy handbook", "All policies and procedures in force, in one book, each with its version, owner and approval.", "file", policyHandbook},
	{"management-review", "Management review pack", "What management has to look at and to decide: changes, performance, risks, incidents, audits and objectives.", "users", managementReview},
}

// Papers are all papers that can be made, ours first.
func (d Desk) Papers() []Paper { return append(d.shipped(), d.own()...) }

func (d Desk) shipped() []Paper {
	var list []Paper
	for _, s := range shipped {
		list = append(list, Paper{Name: s.name, Title: s.title, Text: s.text, Icon: s.icon,
			Make: func(ctx context.Context) (report.Document, error) { return d.make(ctx, s.build) }})
	}
	return list
}

// Find is the paper of a name; the error tells which there are.
func Find(list []Paper, name string) (Paper, error) {
	for _, p := range list {
		if p.Name == name {
			return p, nil
		}
	}
	return Paper{}, kind.Errorf(kind.NotFound, "there is no report %q", name)
}

// make builds a paper over one state of the records.
func (d Desk) make(ctx context.Context, build func(*maker) report.Document) (report.Document, error) {
	m, err := d.maker(ctx)
	if err != nil {
		return report.Document{}, err
	}
	doc := build(m)
	return doc, m.err
}
