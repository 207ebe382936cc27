// Package page holds the workbenches: pages made for a job, where the generic ones
// are only the floor. All lists them; one file each.
package page

import (
	"context"

	"holdfast/access"
	"holdfast/feed"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/report/paper"
	"holdfast/web"
)

// Config is what the workbenches work with. Flow is required.
type Config struct {
	Flow       *flow.Flow
	Advisories func() (*feed.Index, error) // nil index: none are loaded; nil: nothing is known of them
	Reports    func() []paper.Paper
	ScanHost   func(context.Context) (job string, err error) // asks for a scan of the machine we run on; nil: not offered

	ledger *ledger
}

// All lists every workbench, and what the pages of records show beyond the generic.
func All(c Config) ([]web.Page, []web.Detail) {
	c.ledger = &ledger{flow: c.Flow}
	return []web.Page{
			{Pattern: "GET /{$}", Serve: c.home},
			{Pattern: "GET /roadmap", Title: "Roadmap", Icon: "flag", Group: kind.Govern, Words: "steps milestones plan certification next", On: "milestone", Needs: seesRoadmap, Serve: c.roadmap},
			{Pattern: "POST /roadmap/plan", Needs: mayPlan, Serve: c.planRoadmap, MaxBody: 8 << 10},
			{Pattern: "POST /roadmap/replan", Needs: mayPlan, Serve: c.replanRoadmap, MaxBody: 8 << 10},
			{Pattern: "GET /scope", Title: "Scope & boundary", Icon: "grid", Group: kind.Govern, Words: "inside outside crossing boundary", On: "scope", Needs: seesScope, Serve: c.scope},
			{Pattern: "GET /heatmap", Title: "Heat map & loss", Icon: "chart", Group: kind.Identify, Words: "matrix exceedance curve portfolio appetite", On: "risk", Needs: seesLedger, Serve: c.heatmap},
			{Pattern: "GET /triage", Title: "Findings triage", Icon: "bug", Group: kind.Identify, Words: "vulnerabilities weaknesses fix overdue", On: "finding", Needs: seesLedger, Serve: c.triage},
			{Pattern: "GET /triage/group", Needs: seesLedger, Serve: c.triageGroup},
			{Pattern: "POST /triage", Needs: seesLedger, Serve: decide, MaxBody: 1 << 20},
			{Pattern: "GET /risks/{id}/what-if", Needs: seesLedger, Serve: c.tryOut},
			{Pattern: "GET /assets/{id}/software", Needs: seesLedger, Serve: c.software},
			{Pattern: "GET /reports", Title: "Reports", Icon: "file", Group: kind.Govern, Words: "pdf download document risk assessment", Needs: seesLedger, Serve: c.reports},
			{Pattern: "GET /reports/{name}/preview", Needs: seesLedger, Serve: c.preview},
			{Pattern: "GET /reports/{file}", Needs: seesLedger, Serve: c.download},
			{Pattern: "POST /scan", Needs: mayScan, Serve: c.scan},
		}, []web.Detail{
			{Kind: "asset", Above: c.assetAbove, Skip: []string{"finding", "risk"}},
			{Kind: "risk", Above: c.riskAbove, Skip: riskSkip},
		}
}

// seesLedger: whoever may read all risks, findings and assets with what treats them.
func seesLedger(a access.Actor) bool {
	return web.MayRead(isms.Risks, isms.Findings, isms.Assets, isms.Safeguards, isms.Treatments, isms.Vulnerabilities)(a)
}

// mayScan: whoever may add any finding may ask for a look at the machine.
func mayScan(a access.Actor) bool { return a.May(kind.Write, isms.Findings) == access.All }
