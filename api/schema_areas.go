package api

import (
	"strings"

	"holdfast/report"
)

func arrayOf(schema object) object { return object{"type": "array", "items": schema} }

// shape describes an object whose members are all of simple types.
func shape(description string, members object) object {
	return object{"type": "object", "description": description, "properties": members}
}

func listSchema(item object) object {
	return object{"type": "object", "required": []string{"data", "page"}, "properties": object{"data": arrayOf(item), "page": ref("Page")}}
}

// sharedSchemas are the shapes that are not records.
func sharedSchemas() object {
	str, num, integer, flag := object{"type": "string"}, object{"type": "number"}, object{"type": "integer"}, object{"type": "boolean"}
	when := object{"type": "string", "format": "date-time"}
	return object{
		"Page": shape("Where a list goes on.", object{"next": str, "total": integer}),
		"Range": object{"type": "object", "description": "An uncertain quantity. low and high enclose 90 % of what is expected; with likely they are minimum, most likely and maximum.",
			"properties": object{"low": num, "likely": num, "high": num}, "required": []string{"low", "high"}, "additionalProperties": false},
		"ActionInput": object{"type": "object", "properties": object{"reason": str, "until": object{"type": "string", "format": "date"}}, "additionalProperties": false},
		"Problem": shape("What went wrong (RFC 9457).", object{"type": str, "title": str, "status": integer, "detail": str, "code": str, "version": integer,
			"errors": arrayOf(shape("One field or parameter.", object{"field": str, "message": str}))}),
		"Entry": shape("One entry of the journal, chained to the one before by its hash.", object{"workspace": str, "seq": integer, "at": when, "actor_id": str, "actor": str,
			"via": str, "verb": str, "kind": str, "record_id": str, "title": str, "version": integer, "reason": str, "prev": str, "hash": str,
			"changes": arrayOf(shape("What happened to one field.", object{"field": str, "before": object{}, "after": object{}}))}),
		"Entries":   listSchema(ref("Entry")),
		"Relation":  shape("A link that records of a kind can have.", object{"relation": str, "kind": str, "doc": str, "forward": flag}),
		"Relations": listSchema(ref("Relation")),
		"AnyList":   listSchema(object{"type": "object"}),
		"Hit":       shape("A record that a search found.", object{"kind": str, "id": str, "key": str, "title": str}),
		"Hits":      listSchema(ref("Hit")),
		"Job": shape("A piece of work in the background.", object{"id": str, "name": str, "title": str, "state": str, "attempt": integer, "run_at": when, "step": str,
			"done": integer, "total": integer, "error": str, "result": str, "created_at": when, "created_by": str, "finished_at": when}),
		"Jobs": listSchema(ref("Job")),
		"Me":   shape("Who the caller is.", object{"id": str, "name": str, "workspace": str, "roles": arrayOf(str), "scopes": arrayOf(str)}),
		"Import": shape("What an import did.", object{"created": integer, "changed": integer, "unchanged": integer, "linked": integer,
			"records": arrayOf(shape("One document.", object{"kind": str, "key": str, "what": str}))}),
		"Plan": planSchema(),
		"Outcome": shape("What a scan changed.", object{"asset_id": str, "asset": str, "packages": integer, "opened": integer, "reopened": integer,
			"resolved": integer, "open": integer, "risks": integer, "failed": arrayOf(str)}),
		"Summary": shape("What a year costs.", object{"mean": num, "std_err": num, "std_dev": num, "any_loss": num, "attempts": num, "events": num,
			"p50": num, "p90": num, "p95": num, "p99": num, "max": num, "tail_mean": num, "id": str, "name": str}),
		"Named": shape("A record.", object{"key": str, "title": str}),
		"Why": shape("A risk with what its figures follow from.", object{"risk": ref("Risk"), "now": num, "inherent": num, "target": num, "p95": num, "weakness": num,
			"findings": arrayOf(ref("Named")), "operating": arrayOf(ref("Named")), "planned": arrayOf(ref("Named")),
			"rating": object{"type": "object"}, "simulation": ref("Summary"), "explanation": ref("Explanation")}),
		"Explanation": shape("A figure, its formula and its inputs, as deep as they go.", object{"name": str, "value": num, "unit": str, "range": str, "formula": str,
			"source": object{"type": "object"}, "inputs": arrayOf(ref("Explanation"))}),
		"WhatIf": shape("What safeguards would be worth.", object{"before": ref("Summary"), "after": ref("Summary"), "reduction": num, "reduction_err": num,
			"annual_cost": num, "rosi": num, "pays_in_year": num, "pays": flag}),
		"Portfolio": shape("All open risks together.", object{"risks": integer, "priced": integer, "now": ref("Summary"), "target": ref("Summary"), "inherent": ref("Summary"),
			"curve":    arrayOf(shape("A year costs more than this with this probability.", object{"loss": num, "probability": num})),
			"appetite": shape("Money a year.", object{"acceptance": num, "tolerance": num, "appetite": num, "limit": num, "capacity": num}), "position": str, "words": str}),
		"KindView":   shape("A kind of record.", object{"name": str, "plural": str, "label": str, "group": str, "doc": str, "state": str, "sort": str, "fields": arrayOf(object{"type": "object"}), "actions": arrayOf(object{"type": "object"}), "relations": arrayOf(ref("Relation")), "may": arrayOf(str)}),
		"ReportList": listSchema(shape("A document that can be made.", object{"name": str, "title": str, "text": str, "own": flag, "files": arrayOf(str)})),
		"KindViews":  listSchema(ref("KindView")),
		"Intake":     intakeSchema(),
	}
}

// areaPaths are the operations that are not on records of a kind.
func areaPaths(reports []string) object {
	str := object{"type": "string"}
	idOf := func(what string) object {
		return object{"name": "id", "in": "path", "required": true, "description": "Id of the " + what + ".", "schema": str}
	}
	get := func(id, summary string, params []object, schema string) object {
		return object{"get": op("areas", id, summary, params, nil, ok("200", summary+".", ref(schema)))}
	}
	paths := object{
		"/kinds":        get("listKinds", "Every kind of record and what you may do with it", nil, "KindViews"),
		"/kinds/{kind}": get("getKind", "One kind of record", []object{{"name": "kind", "in": "path", "required": true, "schema": str}}, "KindView"),
		"/me":           get("me", "Who you are", nil, "Me"),
		"/search": get("search", "Find records by words", []object{
			{"name": "q", "in": "query", "required": true, "schema": str}, query("limit", "How many at most.", object{"type": "integer", "minimum": 1, "maximum": 100, "default": 20}),
			query("kind", "Only this kind; may be repeated.", object{"type": "array", "items": str})}, "Hits"),
		"/journal":   get("journal", "What happened in the workspace, newest first", []object{param("limit"), param("cursor")}, "Entries"),
		"/jobs":      get("listJobs", "Work in the background, newest first", []object{query("limit", "How many at most.", object{"type": "integer", "minimum": 1, "maximum": 1000, "default": 50})}, "Jobs"),
		"/jobs/{id}": get("getJob", "One piece of work", []object{idOf("job")}, "Job"),
		"/jobs/{id}/cancel": object{"parameters": []object{idOf("job")},
			"post": op("areas", "cancelJob", "Stop a piece of work", nil, nil, ok("200", "The job.", ref("Job")))},
		"/portfolio":      get("portfolio", "All open risks together, in money", nil, "Portfolio"),
		"/risks/{id}/why": get("why", "What the figures of a risk follow from", []object{param("id")}, "Why"),
		"/risks/{id}/what-if": object{"parameters": []object{param("id")},
			"post": op("areas", "whatIf", "What safeguards would be worth; nothing is written", nil,
				jsonBody(shape("Keys or ids.", object{"safeguards": arrayOf(str)}), true), ok("200", "The comparison.", ref("WhatIf")))},
		"/export": object{"get": op("areas", "export", "The whole workspace as a ZIP archive of YAML files", []object{query("computed", "With figures that the product computes.", object{"type": "boolean"})}, nil, fileResponse(mediaZIP))},
		"/imports": object{"post": op("areas", "import", "Take in documents, all or none", []object{
			query("kind", "Kind of records that do not name theirs; needed for CSV and XLSX.", str), query("dry_run", "Tell what would happen and keep nothing.", object{"type": "boolean"}),
			query("reason", "Why; kept in the history.", str), query("name", "Name of the file, for messages.", str)},
			object{"required": true, "content": object{mediaYAML: object{}, mediaJSON: object{}, mediaCSV: object{}, mediaXLSX: object{}, mediaZIP: object{}}}, ok("200", "What became of each document.", ref("Import")))},
		"/plan": object{"post": op("areas", "plan", "What it takes to make the records as a folder says; nothing is written", codeParams(), codeBody(), ok("200", "The plan.", ref("Plan")))},
		"/apply": object{"post": op("areas", "apply", "Make the records as a folder says, in one transaction", append(codeParams(),
			query("only", "Fingerprint of the plan that was reviewed; any other is refused.", str)), codeBody(), ok("200", "What was done.", ref("Plan")))},
		"/scans": object{"post": op("areas", "scan", "Take in the result of a scan, or a bill of materials", []object{query("target", "What was scanned: the name of the asset. Needed for a bill of materials.", str)},
			object{"required": true, "content": scanContent()}, ok("200", "What it changed.", ref("Outcome")))},
	}
	paths["/reports/"+packFile] = object{"get": op("areas", "auditPack", "Papers, records, files and journal in one archive that can be verified offline", nil, nil, fileResponse(mediaZIP))}
	paths["/reports"] = get("listReports", "The documents that can be made", nil, "ReportList")
	addOSCALPaths(paths)
	addDocumentPaths(paths)
	addRoadmapPaths(paths)
	addPlaybookPaths(paths)
	addExercisePaths(paths)
	addContinuityPaths(paths)
	addEventPaths(paths)
	addAlertPaths(paths)
	addSourcePaths(paths)
	addTrapPaths(paths)
	addIncidentPaths(paths)
	addPaperPaths(paths)
	addCoveragePaths(paths)
	addGovernPaths(paths)
	addIndicatorPaths(paths)
	addFilePaths(paths)
	addStatementPaths(paths)
	for _, name := range reports {
		for _, f := range report.Formats() {
			media, _, _ := strings.Cut(f.Media, ";")
			paths["/reports/"+name+f.Ending] = object{"get": op("areas", "report"+camel(name)+camel(f.Ending[1:]), "The document as "+f.Name, nil, nil, fileResponse(media))}
		}
	}
	return paths
}

func planSchema() object {
	str, integer, flag := object{"type": "string"}, object{"type": "integer"}, object{"type": "boolean"}
	link := shape("A link.", object{"relation": str, "kind": str, "key": str})
	named := shape("A record with a remark.", object{"kind": str, "key": str, "title": str, "why": str})
	return shape("What it takes to make the records as a folder says.", object{
		"changes": arrayOf(shape("What happens to one record.", object{"kind": str, "key": str, "title": str, "what": str, "place": str,
			"fields": arrayOf(shape("A field, before and after.", object{"field": str, "before": str, "after": str, "diff": str})),
			"linked": arrayOf(link), "unlinked": arrayOf(link), "actions": arrayOf(shape("An action on the way to a state.", object{"action": str, "to": str, "needs": str})),
			"conflict": str, "forced": str, "refused": str})),
		"newer": arrayOf(named), "dropped": arrayOf(named), "prune": flag, "force": arrayOf(str), "fingerprint": str, "applied": flag,
		"summary": shape("How many.", object{"created": integer, "changed": integer, "restored": integer, "removed": integer, "linked": integer,
			"unlinked": integer, "actions": integer, "conflicts": integer, "refused": integer, "unchanged": integer})})
}

func codeParams() []object {
	str := object{"type": "string"}
	return []object{
		query("prune", "Remove records that the folder held once and holds no more.", object{"type": "boolean"}),
		query("force", "A kind for which the folder is right where the database changed too, or all; may be repeated.", object{"type": "array", "items": str}),
		query("reason", "Why; kept in the history.", str), query("name", "Name of the folder, for messages.", str),
	}
}

func codeBody() object {
	return object{"required": true, "content": object{mediaZIP: object{}, mediaYAML: object{}, mediaJSON: object{}}}
}

func scanContent() object {
	content := object{}
	for _, media := range scanTypes {
		content[media] = object{}
	}
	return content
}
