// Package page holds the workbenches: pages made for a job, where the generic ones
// are only the floor. All lists them; one file each.
package page

import (
	"context"
	"io"

	"holdfast/access"
	"holdfast/eventstore"
	"holdfast/feed"
	"holdfast/flow"
	"holdfast/flow/detection"
	"holdfast/flow/response"
	"holdfast/forward"
	"holdfast/intake"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/report"
	"holdfast/report/paper"
	"holdfast/web"
)

// Config is what the workbenches work with. The three flows are required.
type Config struct {
	Flow       *flow.Flow
	Response   *response.Flow
	Detection  *detection.Flow
	Advisories func() (*feed.Index, error) // nil index: none are loaded; nil: nothing is known of them
	Reports    func() []paper.Paper
	Pack       func(context.Context, io.Writer) error                                      // writes the audit pack; nil: not offered
	ScanHost   func(context.Context) (job string, err error)                               // asks for a scan of the machine we run on; nil: not offered
	Events     func(workspace string) (*eventstore.Store, error)                           // what machines write down; nil: not kept
	PaperOf    func(ctx context.Context, k *kind.Kind, id string) (report.Document, error) // the report on one incident or exercise; nil: not offered

	EventReader func(workspace string) (eventstore.Reader, error) // what is searched of the events; nil: Events

	Watch func(context.Context) (*WatchFigures, error) // how the watch over events goes; nil: nothing is known

	// How the servers go that indicators are fetched from, and asking one of them now; nil: there are none.
	IndicatorFeeds func(context.Context) ([]feed.TellerState, error)
	FetchFeed      func(ctx context.Context, name string) (job string, err error)

	// How the systems go that events are handed on to, and sending one a test event; nil: none are.
	Forward     func(context.Context) (forward.Overview, error)
	TestForward func(ctx context.Context, target string) error

	ledger     *ledger
	bait       *baitShelf
	statements *statements
}

// All lists every workbench, and what the pages of records show beyond the generic.
func All(c Config) ([]web.Page, []web.Detail) {
	c.ledger = &ledger{flow: c.Flow}
	c.statements = &statements{flow: c.Flow}
	c.bait = &baitShelf{}
	return []web.Page{
			{Pattern: "GET /{$}", Serve: c.home},
			{Pattern: "GET /roadmap", Title: "Roadmap", Icon: "flag", Group: kind.Govern, Words: "steps milestones plan certification next", On: "milestone", Needs: seesRoadmap, Serve: c.roadmap},
			{Pattern: "GET /roadmap/next", Needs: seesRoadmap, Serve: c.roadmapNext},
			{Pattern: "POST /roadmap/plan", Needs: mayPlan, Serve: c.planRoadmap, MaxBody: 8 << 10},
			{Pattern: "POST /roadmap/replan", Needs: mayPlan, Serve: c.replanRoadmap, MaxBody: 8 << 10},
			{Pattern: "GET /board", Title: "Board page", Icon: "chart", Group: kind.Govern, Words: "steering committee executive decisions approve appetite", On: "approval", Needs: seesBoard, Serve: c.board},
			{Pattern: "GET /business-case", Title: "Business case", Icon: "money", Group: kind.Govern, Words: "return investment rosi payback cost management", On: "business_case", Needs: seesLedger, Serve: c.businessCase},
			{Pattern: "POST /business-case", Needs: mayArgue, Serve: c.freezeCase},
			{Pattern: "GET /trends", Title: "Objectives & trends", Icon: "curve", Group: kind.Govern, Words: "indicators kpi kri measurements", On: "indicator", Needs: seesTrends, Serve: c.trends},
			{Pattern: "POST /trends/offer", Needs: mayMeasure, Serve: c.offerIndicators},
			{Pattern: "GET /begin", Title: "Set-up assistant", Icon: "play", Words: "start first questions organisation jewels", Needs: mayBegin, Serve: c.begin},
			{Pattern: "POST /begin", Needs: mayBegin, Serve: c.answerBegin, MaxBody: 64 << 10},
			{Pattern: "POST /meetings/{id}/agenda", Needs: mayMeet, Serve: c.writeAgenda},
			{Pattern: "GET /scope", Title: "Scope & boundary", Icon: "grid", Group: kind.Govern, Words: "inside outside crossing boundary", On: "scope", Needs: seesScope, Serve: c.scope},
			{Pattern: "GET /parties", Title: "Interested parties & needs", Icon: "users", Group: kind.Govern, Words: "stakeholders expectations needs customers regulators clause 4.2", On: "interested_party", Needs: seesParties, Serve: c.parties},
			{Pattern: "GET /frameworks", Title: "Frameworks", Icon: "book", Group: kind.Govern, Words: "iso 27001 nist csf cis pci gdpr nis2 adopt standard", Needs: seesStatement, Serve: c.frameworkShelf},
			{Pattern: "POST /frameworks/adopt", Needs: mayAdopt, Serve: c.adopt, MaxBody: 8 << 10},
			{Pattern: "GET /frameworks/import", Title: "Import a framework", Icon: "upload", Words: "oscal ciso assistant csv xlsx catalogue profile standard", On: "framework", Needs: mayImport, Serve: c.importPage},
			{Pattern: "POST /frameworks/import", Needs: mayImport, Serve: c.importFramework, MaxBody: maxLibrary},
			{Pattern: "GET /soa", Title: "Statement of applicability", Icon: "grid", Group: kind.Govern, Words: "soa applicability controls annex", On: "applicability", Needs: seesStatement, Serve: c.soa},
			{Pattern: "POST /soa", Needs: maySay, Serve: c.saySoa, MaxBody: 256 << 10},
			{Pattern: "POST /soa/decide", Needs: maySay, Serve: c.bulkSoa, MaxBody: 256 << 10},
			{Pattern: "GET /gap", Title: "Gap analysis", Icon: "target", Group: kind.Govern, Words: "missing progress green steps tasks", On: "framework", Needs: seesStatement, Serve: c.gapPage},
			{Pattern: "POST /gap/tasks", Needs: mayTask, Serve: c.planGap, MaxBody: 256 << 10},
			{Pattern: "GET /crosswalk", Title: "Crosswalk", Icon: "link", Group: kind.Govern, Words: "mapping compare frameworks equivalence", On: "requirement_mapping", Needs: seesStatement, Serve: c.crosswalk},
			{Pattern: "GET /obligations-register", Title: "Obligations register", Icon: "book", Group: kind.Govern, Words: "law contract duty compliance legal", On: "obligation", Needs: seesStatement, Serve: c.obligationRegister},
			{Pattern: "GET /heatmap", Title: "Heat map & loss", Icon: "chart", Group: kind.Identify, Words: "matrix exceedance curve portfolio appetite", On: "risk", Needs: seesLedger, Serve: c.heatmap},
			{Pattern: "GET /triage", Title: "Findings triage", Icon: "bug", Group: kind.Identify, Words: "vulnerabilities weaknesses fix overdue", On: "finding", Needs: seesLedger, Serve: c.triage},
			{Pattern: "GET /triage/group", Needs: seesLedger, Serve: c.triageGroup},
			{Pattern: "POST /triage", Needs: seesLedger, Serve: decide, MaxBody: 1 << 20},
			{Pattern: "GET /risks/{id}/what-if", Needs: seesLedger, Serve: c.tryOut},
			{Pattern: "GET /assets/{id}/software", Needs: seesLedger, Serve: c.software},
			{Pattern: "GET /oscal/{document}", Needs: seesStatement, Serve: c.oscal},
			{Pattern: "GET /reports", Title: "Reports", Icon: "file", Group: kind.Govern, Words: "pdf download document risk assessment", Needs: seesLedger, Serve: c.reports},
			{Pattern: "GET /reports/{name}/preview", Needs: seesLedger, Serve: c.preview},
			{Pattern: "GET /reports/{file}", Needs: seesLedger, Serve: c.download},
			{Pattern: "GET /code", Title: "ISMS as code", Icon: "copy", Group: kind.Govern, Words: "git yaml export plan apply review pull request folder", Needs: seesCode, Serve: c.code},
			{Pattern: "GET /code/isms.zip", Needs: seesCode, Serve: c.exportCode},
			{Pattern: "POST /code", Needs: seesCode, Serve: c.reviewCode, MaxBody: maxCodeBody},
			{Pattern: "POST /scan", Needs: mayScan, Serve: c.scan},

			{Pattern: "GET /inbox", Title: "Alert inbox", Icon: "bell", Group: kind.Detect, Words: "alarms ringing triage acknowledge suppress stories", On: "alert", Needs: seesAlerts, Serve: c.inbox},
			{Pattern: "GET /inbox/ring", Needs: seesAlerts, Serve: c.ring},
			{Pattern: "POST /inbox", Needs: seesAlerts, Serve: c.decideAlerts, MaxBody: 1 << 20},
			{Pattern: "GET /watch", Title: "Watch", Icon: "detect", Group: kind.Detect, Words: "detector events per second lag rules running", On: "detection_rule", Needs: seesRules, Serve: c.watchPage},

			{Pattern: "GET /events", Title: "Events", Icon: "list", Group: kind.Detect, Words: "logs search explorer histogram tail syslog lines", On: "event_source", Needs: readsEvents, Serve: c.events},
			{Pattern: "GET /events/{position}", Needs: readsEvents, Serve: c.event},
			{Pattern: "GET /events/{position}/raw", Needs: readsEvents, Serve: c.eventRaw},
			{Pattern: "POST /events/{position}/keep", Needs: readsEvents, Serve: c.keepEvent, MaxBody: 4 << 10},
			{Pattern: "GET /sources", Title: "Log sources", Icon: "detect", Group: kind.Detect, Words: "logs syslog connect rsyslog nginx windows cloudtrail silent rate", On: "event_source", Needs: seesSources, Serve: c.sourceList},
			{Pattern: "GET /sources/connect", Title: "Connect a source", Icon: "plus", Words: "log syslog agent token add", Needs: connects, Serve: c.connectPage},
			{Pattern: "POST /sources/connect", Needs: connects, Serve: c.connect, MaxBody: 64 << 10},
			{Pattern: "GET /sources/certificate", Needs: seesSources, Serve: c.sourceCertificate},
			{Pattern: "POST /sources/certificate", Needs: connects, Serve: c.renewCertificate, MaxBody: 4 << 10},
			{Pattern: "GET /sources/{id}", Needs: seesSources, Serve: c.sourcePage},
			{Pattern: "GET /sources/{id}/live", Needs: seesSources, Serve: c.sourceLive},
			{Pattern: "POST /sources/{id}/token", Needs: connects, Serve: c.renewToken, MaxBody: 4 << 10},
			{Pattern: "POST /sources/{id}/import", Needs: connects, Serve: c.takeEvents, MaxBody: intake.MaxPost + 1<<20},
			{Pattern: "GET /forwarding", Title: "Forwarding", Icon: "arrow-right", Group: kind.Detect, Words: "siem data lake syslog ocsf export hand on splunk elastic", Needs: seesSources, Serve: c.forwarding},
			{Pattern: "POST /forwarding/{name}/test", Needs: connects, Serve: c.testForward, MaxBody: 4 << 10},
			{Pattern: "GET /compromise", Title: "Indicators of compromise", Icon: "bookmark", Group: kind.Detect, Words: "ioc stix taxii misp threat intelligence feed sightings hash", On: "threat_indicator", Needs: seesMarks, Serve: c.compromisePage},
			{Pattern: "POST /compromise/fetch", Needs: takesMarks, Serve: c.fetchMarks, MaxBody: 4 << 10},
			{Pattern: "POST /compromise", Needs: takesMarks, Serve: c.takeMarks, MaxBody: maxMarkForm},
			{Pattern: "GET /detection-rules/import", Title: "Adopt and import rules", Icon: "upload", Words: "sigma yaml zip shipped adopt detection import", On: "detection_rule", Needs: writesRules, Serve: c.ruleImportPage},
			{Pattern: "POST /detection-rules/import", Needs: writesRules, Serve: c.importRules, MaxBody: maxRuleImport},
			{Pattern: "GET /detection-rules/export.zip", Needs: seesRules, Serve: c.exportRules},
			{Pattern: "GET /detection-rules/{id}/bench", Needs: seesRules, Serve: c.rulePage},
			{Pattern: "POST /detection-rules/{id}/bench", Needs: seesRules, Serve: c.tryRule, MaxBody: maxRuleForm},
			{Pattern: "POST /alert-routes/{id}/test", Needs: mayTryRoutes, Serve: c.tryRoute, MaxBody: 4 << 10},

			{Pattern: "GET /response", Title: "Incident rooms", Icon: "respond", Group: kind.Respond, Words: "declare incident alarm emergency breach clock timeline respond", On: "incident", Needs: seesIncidents, Badge: c.countOpenIncidents, Serve: c.response},
			{Pattern: "GET /response-times", Title: "Response times", Icon: "clock", Group: kind.Respond, Words: "mean time to detect acknowledge contain recover mttd mttr mtta speed", Needs: seesTimes, Serve: c.responseTimes},
			{Pattern: "POST /response/declare", Needs: mayAnswer, Serve: c.declareIncident, MaxBody: 256 << 10},
			{Pattern: "GET /incidents/{id}/live", Needs: seesIncidents, Serve: c.roomLive},
			{Pattern: "POST /incidents/{id}/phase", Needs: mayAnswer, Serve: c.movePhase, MaxBody: 256 << 10},
			{Pattern: "POST /incidents/{id}/steps/{step}", Needs: mayAnswer, Serve: c.tickStep, MaxBody: 64 << 10},
			{Pattern: "POST /incidents/{id}/notes", Needs: mayAnswer, Serve: c.writeNote, MaxBody: 256 << 10},
			{Pattern: "GET /incidents/{id}/entries/{entry}", Needs: seesIncidents, Serve: c.entryPage},
			{Pattern: "POST /incidents/{id}/entries/{entry}", Needs: mayAnswer, Serve: c.correctEntry, MaxBody: 256 << 10},
			{Pattern: "POST /incidents/{id}/roles", Needs: mayAnswer, Serve: c.handOver, MaxBody: 64 << 10},
			{Pattern: "POST /incidents/{id}/facts", Needs: mayAnswer, Serve: c.stateFacts, MaxBody: 64 << 10},
			{Pattern: "POST /incidents/{id}/notices/{notice}", Needs: seesIncidents, Serve: c.noticeDo, MaxBody: 256 << 10},
			{Pattern: "POST /incidents/{id}/evidence", Needs: mayAnswer, Serve: c.takeExhibit, MaxBody: maxUpload},
			{Pattern: "POST /incidents/{id}/custody", Needs: mayAnswer, Serve: c.handExhibit, MaxBody: 64 << 10},
			{Pattern: "GET /incidents/{id}/report/{format}", Needs: seesIncidents, Serve: c.paperOf(isms.Incidents)},
			{Pattern: "GET /report", Title: "Report something odd", Icon: "chat", Group: kind.Respond, Words: "concern phishing lost strange suspicious mistake whistle", On: "concern", Visitors: true, Serve: c.reportPage},
			{Pattern: "POST /report", Visitors: true, Serve: c.reportOdd, MaxBody: maxUpload},
			{Pattern: "GET /report/{slug}", Visitors: true, Serve: c.reportPage},
			{Pattern: "POST /report/{slug}", Visitors: true, Serve: c.reportOdd, MaxBody: maxUpload},
			{Pattern: "POST /report/answer", Visitors: true, Serve: c.oddAnswer, MaxBody: 4 << 10},
			{Pattern: "GET /plan", Title: "Management plan", Icon: "flag", Group: kind.Respond, Words: "disaster recovery continuity communication media crisis sheet contacts", On: "plan", Needs: seesPlans, Serve: c.planPage},
			{Pattern: "POST /plan/write", Needs: mayPlanCrisis, Serve: c.writePlans, MaxBody: 4 << 10},
			{Pattern: "GET /continuity", Title: "Impact & recovery", Icon: "clock", Group: kind.Respond, Words: "business impact analysis bia rto rpo order dependencies downtime", On: "impact_assessment", Needs: seesPlans, Serve: c.continuity},
			{Pattern: "GET /backups", Title: "Backups & restore", Icon: "database", Group: kind.Respond, Words: "copies restore points verified 3-2-1 tainted", Needs: seesPlans, Serve: c.backups},
			{Pattern: "GET /backups/choose", Title: "Choose a restore point", Icon: "history", Words: "restore tainted intrusion copy", On: "restore_point", Needs: seesPlans, Serve: c.chooseRestore},
			{Pattern: "POST /backups/taint", Needs: mayTaint, Serve: c.taint, MaxBody: 4 << 10},
			{Pattern: "GET /incidents/{id}/causes", Needs: seesCauses, Serve: c.causes},
			{Pattern: "POST /incidents/{id}/causes", Needs: mayAskWhy, Serve: c.addWhy, MaxBody: 16 << 10},
			{Pattern: "GET /playbook-shelf", Title: "Playbook shelf", Icon: "book", Group: kind.Respond, Words: "playbooks steps cacao respond runbook", On: "playbook", Needs: seesPlaybooks, Serve: c.playbookShelf},
			{Pattern: "POST /playbook-shelf/adopt", Needs: mayKeepPlaybooks, Serve: c.adoptPlaybooks, MaxBody: 4 << 10},
			{Pattern: "POST /playbook-shelf/import", Needs: mayKeepPlaybooks, Serve: c.importPlaybook, MaxBody: maxPlaybook},
			{Pattern: "GET /playbooks/{id}/follow", Needs: seesPlaybooks, Serve: c.followPlaybook},
			{Pattern: "GET /playbooks/{id}/cacao.json", Needs: seesPlaybooks, Serve: c.exportPlaybook},
			{Pattern: "POST /playbooks/{id}/steps", Needs: mayKeepPlaybooks, Serve: c.addStep, MaxBody: 1 << 20},
			{Pattern: "POST /playbook-steps/{id}/move", Needs: mayKeepPlaybooks, Serve: c.moveStep, MaxBody: 4 << 10},
			{Pattern: "GET /practice", Title: "Practice", Icon: "play", Group: kind.Respond, Words: "exercise tabletop drill restore test inject simulation", On: "exercise", Needs: seesExercises, Serve: c.practice},
			{Pattern: "POST /practice", Needs: mayMakeStories, Serve: c.planExercise, MaxBody: 16 << 10},
			{Pattern: "GET /exercises/{id}/room", Needs: seesExercises, Serve: c.exerciseRoom},
			{Pattern: "GET /exercises/{id}/room/clock", Needs: seesExercises, Serve: c.exerciseClock},
			{Pattern: "GET /exercises/{id}/report/{format}", Needs: seesExercises, Serve: c.paperOf(isms.Exercises)},
			{Pattern: "POST /exercises/{id}/start", Needs: mayPlay, Serve: c.startExercise, MaxBody: 4 << 10},
			{Pattern: "POST /exercises/{id}/finish", Needs: mayPlay, Serve: c.finishExercise, MaxBody: 1 << 20},
			{Pattern: "POST /exercise-injects/{id}/give", Needs: mayPlay, Serve: c.giveInject, MaxBody: 4 << 10},
			{Pattern: "POST /exercise-injects/{id}/score", Needs: mayPlay, Serve: c.scoreInject, MaxBody: 1 << 20},

			{Pattern: "GET /trap-map", Title: "Trap map", Icon: "trap", Group: kind.Detect, Words: "decoy honeypot canary token deception zones visits", On: "trap", Needs: seesTraps, Serve: c.trapMap},
			{Pattern: "POST /trap-map/plan", Needs: setsTraps, Serve: c.planTrap, MaxBody: 8 << 10},
			{Pattern: "GET /trap-map/new", Title: "Set a trap", Icon: "trap", Words: "decoy honeypot canary token make", Needs: setsTraps, Serve: c.newTrap},
			{Pattern: "POST /trap-map/new", Needs: setsTraps, Serve: c.makeTrap, MaxBody: 64 << 10},
			{Pattern: "GET /trap-map/{id}/bait", Needs: setsTraps, Serve: c.setBait},
			{Pattern: "POST /trap-map/{id}/bait", Needs: setsTraps, Serve: c.putBait, MaxBody: 64 << 10},
			{Pattern: "GET /trap-map/{id}/once/{handle}", Needs: setsTraps, Serve: c.showOnce},
			{Pattern: "GET /trap-map/{id}/once/{handle}/file", Needs: setsTraps, Serve: c.downloadBait},
			{Pattern: "GET /trap-visits/{id}", Needs: seesTraps, Serve: c.touchPage},
			{Pattern: "POST /traps/{id}/test", Needs: setsTraps, Serve: c.testTrap, MaxBody: 4 << 10},
			{Pattern: "GET /attack", Title: "Coverage", Icon: "grid", Group: kind.Detect, Words: "mitre att&ck matrix techniques tactics blind spots monitoring", On: "detection_rule", Needs: seesCoverage, Serve: c.attack},
			{Pattern: "GET /attack/layer.json", Needs: seesCoverage, Serve: c.attackLayer},
			{Pattern: "POST /attack/findings", Needs: writesSpots, Serve: c.writeSpots, MaxBody: 4 << 10},

			{Pattern: "GET /my", Title: "My tasks", Icon: "check", Tasks: true, Words: "todo acknowledge approve read inbox", Badge: c.countMine, Serve: c.myTasks},
			{Pattern: "GET /my/read/{id}", Serve: c.readPage},
			{Pattern: "POST /my/read/{id}", Serve: c.accept, MaxBody: 4 << 10},
			{Pattern: "GET /documents", Title: "Documents", Icon: "file", Group: kind.Govern, Words: "policies procedures templates publish", Needs: readsDocuments, Serve: c.documentList},
			{Pattern: "POST /documents/write", Needs: writesDocuments, Serve: c.writeDocuments, MaxBody: 4 << 10},
			{Pattern: "POST /documents/preview", Needs: readsDocuments, Serve: previewText},
			{Pattern: "GET /documents/readers/all", Needs: seesMaking, Serve: c.readers},
			{Pattern: "GET /documents/campaigns/new", Title: "Ask people to read", Icon: "users", Words: "campaign acknowledgement policies", Needs: asksReaders, Serve: c.campaignPage},
			{Pattern: "POST /documents/campaigns", Needs: asksReaders, Serve: c.startCampaign, MaxBody: 64 << 10},
			{Pattern: "GET /documents/{id}", Needs: readsDocuments, Serve: c.documentPage},
			{Pattern: "GET /documents/{id}/write", Needs: writesDocuments, Serve: c.editDocument},
			{Pattern: "POST /documents/{id}/write", Needs: writesDocuments, Serve: c.saveDocument},
			{Pattern: "POST /documents/{id}/revise", Needs: writesDocuments, Serve: c.reviseDocument, MaxBody: 4 << 10},
			{Pattern: "GET /documents/{id}/submit", Needs: writesDocuments, Serve: c.submitPage},
			{Pattern: "POST /documents/{id}/submit", Needs: writesDocuments, Serve: c.submitDocument, MaxBody: 64 << 10},
			{Pattern: "POST /documents/{id}/talk", Needs: seesMaking, Serve: c.talk},
			{Pattern: "GET /documents/{id}/difference", Needs: readsDocuments, Serve: c.difference},
			{Pattern: "GET /documents/{id}/readers", Needs: seesMaking, Serve: c.readers},
			{Pattern: "GET /documents/{id}/download", Needs: readsDocuments, Serve: c.downloadDocument},
			{Pattern: "GET /files/{kind}/{id}", Needs: seesFiles, Serve: c.files},
			{Pattern: "POST /files/{kind}/{id}", Needs: seesFiles, Serve: c.putFile, MaxBody: maxUpload},
			{Pattern: "GET /file/{id}", Needs: seesFiles, Serve: c.getFile},
			{Pattern: "GET /document-versions/{id}", Needs: readsDocuments, Serve: c.toVersion},
		}, []web.Detail{
			{Kind: "motivator", Above: c.motivatorAbove},
			{Kind: "root_cause", Actions: c.causeTree},
			{Kind: "alert", Above: c.alertAbove, Actions: c.alertActions, Skip: alertSkip},
			{Kind: "detection_rule", Above: c.ruleAbove, Actions: ruleActions, Skip: []string{"body", "complaint", "hits", "false_alarms", "alert"}},
			{Kind: "alert_route", Actions: routeActions},
			{Kind: "meeting", Above: c.meetingAbove},
			{Kind: "trap", Above: c.trapAbove},
			{Kind: "incident", Above: c.incidentAbove, Actions: c.toCauses, Skip: roomSkip, Fold: true},
			{Kind: "concern", Actions: c.concernActions},
			{Kind: "notification", Actions: filesAction(isms.Notifications)},
			{Kind: "attachment", Actions: c.attachmentActions},
			{Kind: "evidence", Actions: filesAction(isms.Evidences)},
			{Kind: "contract", Actions: filesAction(isms.Contracts)},
			{Kind: "vendor", Actions: filesAction(isms.Vendors)},
			{Kind: "exercise", Actions: c.exerciseActions, Above: c.exerciseAbove, Skip: []string{"exercise_inject", "corrective_action", "result"}},
			{Kind: "playbook", Actions: c.playbookActions, Above: c.playbookAbove, Skip: []string{"playbook_step"}},
			{Kind: "exception", Actions: filesAction(isms.Exceptions)},
			{Kind: "attachment", Actions: c.attachmentActions},
			{Kind: "asset", Above: c.assetAbove, Skip: []string{"finding", "risk"}},
			{Kind: "framework", Above: c.frameworkAbove, Skip: []string{"requirement"}},
			{Kind: "requirement", Above: c.requirementAbove},
			{Kind: "risk", Above: c.riskAbove, Skip: riskSkip},
		}
}

// seesLedger: whoever may read all risks, findings and assets with what treats them.
func seesLedger(a access.Actor) bool {
	return web.MayRead(isms.Risks, isms.Findings, isms.Assets, isms.Safeguards, isms.Treatments, isms.Vulnerabilities)(a)
}

// mayScan: whoever may add any finding may ask for a look at the machine.
func mayScan(a access.Actor) bool { return a.May(kind.Write, isms.Findings) == access.All }
