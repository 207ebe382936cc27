package api

import (
	"net/http"

	"holdfast/report"
)

// A handler answers a request or returns an error, which becomes a problem.
type handler func(w http.ResponseWriter, r *http.Request) error

// routes is the list of everything that is served.
func (a *api) routes(mux *http.ServeMux) {
	open := func(pattern string, h handler) { mux.Handle(at(pattern), a.open(h)) }
	serve := func(pattern string, h handler) { mux.Handle(at(pattern), a.signedIn(h)) }
	post := func(pattern string, h handler) { serve(pattern, a.once(h)) }

	open("GET /{$}", a.docs)
	open("GET /docs.css", a.docsStyle)
	open("GET /openapi.json", a.openAPIDocument)

	serve("GET /kinds", a.kinds)
	serve("GET /kinds/{kind}", a.kind)
	serve("GET /me", a.me)
	serve("GET /search", a.search)
	serve("GET /journal", a.journal)
	serve("GET /jobs", a.jobs)
	serve("GET /jobs/{id}", a.job)
	serve("POST /jobs/{id}/cancel", a.cancelJob)
	serve("GET /export", a.export)
	serve("POST /imports", a.imports)
	serve("POST /plan", a.plan)
	serve("POST /apply", a.apply)
	serve("POST /scans", a.scan)
	serve("GET /portfolio", a.portfolio)
	serve("GET /roadmap", a.roadmap)
	serve("GET /continuity/plan", a.securityPlan)
	serve("POST /continuity/plan", a.writePlans)
	serve("GET /continuity/impact", a.impact)
	serve("GET /continuity/backups", a.backupBoard)
	serve("GET /continuity/response-times", a.responseTimes)
	serve("GET /continuity/restore-choice", a.restoreChoice)
	serve("POST /continuity/restore-choice", a.taintCopies)
	serve("POST /backups/{id}/copies", a.reportCopy)
	serve("POST /backups/{id}/restores", a.reportRestore)
	serve("GET /incidents/{id}/causes", a.causes)
	serve("POST /incidents/{id}/causes", a.addWhy)
	serve("POST /roadmap/plan", a.planRoadmap)
	serve("POST /roadmap/replan", a.replanRoadmap)
	serve("GET /board", a.board)
	serve("GET /parties", a.parties)
	serve("GET /scopes/{id}/boundary", a.boundary)
	serve("GET /business-case", a.businessCase)
	serve("GET /trends", a.trends)
	serve("GET /risks/{id}/why", a.why)
	serve("POST /risks/{id}/what-if", a.whatIf)
	serve("GET /reports", a.reports)
	serve("GET /reports/{file}", a.report)
	for _, k := range reported {
		for _, f := range report.Formats() {
			serve("GET /"+k.Plural+"/{id}/report"+f.Ending, a.paperOf(k, f))
		}
	}
	serve("GET /oscal/{document}", a.oscal)
	serve("POST /frameworks/import", a.takeInFramework)
	serve("GET /frameworks/shipped", a.shippedFrameworks)
	serve("POST /frameworks/adopt", a.adoptFramework)
	serve("GET /soa", a.statement)
	serve("GET /soa.csv", a.statementTable)
	serve("POST /soa", a.decideStatement)
	serve("GET /gap", a.gap)
	serve("POST /gap/tasks", a.gapTasks)
	serve("GET /duties", a.duties)
	serve("GET /documents/set", a.documentSet)
	serve("POST /documents/write", a.writeDocuments)
	serve("POST /documents/{id}/revise", a.reviseDocument)
	serve("POST /documents/{id}/publish", a.publishDocument)
	serve("GET /documents/{id}/difference", a.documentDifference)
	serve("POST /document-versions/{id}/submit", a.submitVersion)
	serve("GET /campaigns", a.campaigns)
	serve("POST /campaigns", a.startCampaign)
	serve("GET /my", a.my)
	serve("GET /{plural}/{id}/files", a.files)
	serve("POST /{plural}/{id}/files", a.putFile)
	serve("POST /document-versions/{id}/file", a.putDocument)
	serve("GET /attachments/{id}/file", a.file)
	post("POST /incidents/declare", a.declareIncident)
	serve("GET /incidents/{id}/room", a.incidentRoom)
	serve("POST /incidents/{id}/phase", a.moveIncident)
	post("POST /incidents/{id}/notes", a.noteIncident)
	serve("POST /incidents/{id}/steps/{step}", a.tickIncident)
	serve("POST /incidents/{id}/roles", a.handIncident)
	serve("POST /incidents/{id}/clocks/{clock}", a.clockIncident)
	post("POST /concerns/report", a.reportOdd)
	serve("POST /concerns/answer", a.oddAnswer)
	serve("GET /trap-map", a.trapMap)
	serve("POST /trap-map/plan", a.planTrap)
	serve("GET /trap-touches", a.touches)
	serve("GET /trap-touches/{id}", a.touch)
	serve("POST /traps/{id}/token", a.makeToken)
	serve("POST /traps/{id}/test", a.testTrap)
	serve("POST /traps/{id}/visits", a.reportVisit)
	serve("GET /coverage", a.coverage)
	serve("GET /coverage/layer", a.coverageLayer)
	serve("POST /coverage/findings", a.findBlindSpots)
	serve("GET /events", a.events)
	serve("GET /events/stats", a.eventStats)
	serve("GET /events/export", a.exportEvents)
	serve("GET /events/{position}", a.event)
	serve("GET /alert-stories", a.stories)
	serve("GET /alerts/{id}/about", a.aboutAlert)
	serve("POST /alert-routes/{id}/test", a.tryRoute)
	serve("POST /detection-rules/import", a.importRules)
	serve("POST /threat-indicators/import", a.importIndicators)
	serve("POST /detection-rules/adopt", a.adoptRules)
	serve("GET /detection-rules/export", a.exportRules)
	serve("POST /detection-rules/try", a.tryRule)
	serve("POST /detection-rules/{id}/try", a.rehearse)
	serve("GET /forwarding", a.forwarding)
	serve("POST /forwarding/{name}/test", a.testForward)
	serve("GET /indicator-feeds", a.indicatorFeeds)
	serve("POST /indicator-feeds/fetch", a.fetchFeed)
	serve("GET /detection-rules/{id}/try", a.lastRehearsal)
	serve("GET /sources", a.sources)
	serve("POST /sources", a.connectSource)
	serve("GET /sources/certificate", a.sourceCertificate)
	serve("POST /sources/certificate", a.renewCertificate)
	serve("GET /sources/{id}", a.source)
	serve("POST /sources/{id}/token", a.sourceToken)
	serve("POST /sources/{id}/import", a.importEvents)
	serve("POST /playbooks/adopt", a.adoptPlaybooks)
	serve("POST /playbooks/import", a.importPlaybook)
	serve("GET /playbooks/{id}/cacao", a.exportPlaybook)
	serve("GET /playbooks/{id}/sheet", a.playbookSheet)
	serve("POST /playbook-steps/{id}/move", a.moveStep)
	serve("POST /exercises/generate", a.planExercise)
	serve("GET /exercises/{id}/room", a.exerciseRoom)
	serve("POST /exercises/{id}/start", a.startExercise)
	serve("POST /exercises/{id}/finish", a.finishExercise)
	serve("POST /exercise-injects/{id}/give", a.giveInject)
	serve("POST /exercise-injects/{id}/score", a.scoreInject)
	for pattern, h := range a.Areas {
		serve(pattern, h)
	}

	serve("GET /{plural}", a.list)
	post("POST /{plural}", a.create)
	serve("GET /{plural}/{id}", a.get)
	serve("PATCH /{plural}/{id}", a.patch)
	serve("DELETE /{plural}/{id}", a.delete)
	post("POST /{plural}/{id}/restore", a.restore)
	post("POST /{plural}/{id}/actions/{action}", a.act)
	serve("GET /{plural}/{id}/history", a.history)
	serve("GET /{plural}/{id}/links", a.links)
	serve("GET /{plural}/{id}/links/{relation}", a.linked)
	serve("PUT /{plural}/{id}/links/{relation}/{other}", a.link)
	serve("DELETE /{plural}/{id}/links/{relation}/{other}", a.unlink)
	mux.Handle(Prefix+"/", a.signedIn(a.nowhere))
}

// at puts the prefix into a pattern: "GET /kinds" is "GET /api/v1/kinds".
func at(pattern string) string {
	for i := range pattern {
		if pattern[i] == ' ' {
			return pattern[:i+1] + Prefix + pattern[i+1:]
		}
	}
	return Prefix + pattern
}
