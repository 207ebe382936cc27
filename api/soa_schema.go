package api

// addStatementPaths describes the operations of soa.go.
func addStatementPaths(paths object) {
	str, flag := object{"type": "string"}, object{"type": "boolean"}
	whose := []object{query("framework", "Id or key; the first adopted one when empty.", str), query("scope", "Id or key of a scope; the whole organisation when empty.", str)}
	get := func(id, summary string, params []object, schema string) object {
		return op("areas", id, summary, params, nil, ok("200", summary+".", ref(schema)))
	}
	paths["/frameworks/shipped"] = object{"get": get("listShippedFrameworks", "The frameworks that come with the product", nil, "ShippedFrameworks")}
	paths["/frameworks/adopt"] = object{"post": op("areas", "adoptFramework", "Take one of them into the workspace, or bring it up to date; what people wrote stays", nil,
		jsonBody(shape("Which.", object{"framework": str}), true), ok("200", "What it changed.", ref("Adoption")))}
	paths["/soa"] = object{
		"get": get("statement", "The statement of applicability, as it is measured now", whose, "Statement"),
		"post": op("areas", "decideStatement", "Decide lines of it, all or none", nil, jsonBody(shape("Lines, or all as proposed.", object{"framework": str, "scope": str, "proposed": flag,
			"lines": arrayOf(shape("What is said about one requirement; what is left out stays.", object{"requirement": str, "applies": str, "reason": str, "included_for": arrayOf(str),
				"status": str, "how": str, "maturity": object{"type": "integer"}}))}), true), ok("200", "How many lines changed.", ref("HowMany")))}
	paths["/soa.csv"] = object{"get": op("areas", "statementTable", "The statement of applicability as a table", whose, nil, fileResponse(mediaCSV))}
	paths["/gap"] = object{"get": get("gap", "What a framework lacks, and what would close the gap", whose, "Gap")}
	paths["/gap/tasks"] = object{"post": op("areas", "gapTasks", "Make tasks of steps, each once", nil, jsonBody(shape("Which steps.", object{"framework": str, "scope": str, "steps": arrayOf(str)}), true),
		ok("200", "How many tasks were made.", ref("HowMany")))}
	paths["/duties"] = object{"get": get("listDuties", "The register of obligations with what each rests on", nil, "Duties")}
}

// addStatementSchemas describes their answers.
func addStatementSchemas(schemas object) {
	str, num, integer, flag := object{"type": "string"}, object{"type": "number"}, object{"type": "integer"}, object{"type": "boolean"}
	when := object{"type": "string", "format": "date-time"}
	proof := shape("One fact that speaks for or against a requirement.", object{"source": str, "verdict": str, "title": str, "text": str, "at": when, "until": str, "kind": str, "id": str})
	source := shape("A requirement of another framework from which something follows, with the way.", object{"requirement": str, "answers": str, "confidence": integer, "way": arrayOf(str)})
	for name, s := range map[string]object{
		"ShippedFrameworks": listSchema(shape("A framework of the catalogue.", object{"id": str, "title": str, "publisher": str, "edition": str, "requirements": integer, "loaded": flag})),
		"Adoption": shape("What adopting a framework changed.", object{"framework_id": str, "framework": str, "status": str, "created": integer, "changed": integer, "unchanged": integer,
			"kept": integer, "gone": integer, "orphans": integer, "mappings": integer, "links": integer, "lines": integer}),
		"StandingCount": shape("How requirements stand; the share is that of those met among those that apply.", object{"total": integer, "excluded": integer, "undecided": integer, "met": integer,
			"partly": integer, "fails": integer, "stale": integer, "unknown": integer, "said": integer, "differs": integer, "inferred": integer, "share": num}),
		"Statement": shape("The statement of applicability of one framework in one scope.", object{"framework": str, "scope": str, "count": ref("StandingCount"),
			"lines": arrayOf(shape("One line.", object{"framework": str, "code": str, "title": str, "chapter": str, "applies": str, "reason": str, "included_for": arrayOf(str), "said": str, "measured": str,
				"measured_at": when, "differs": flag, "maturity": integer, "proposed_maturity": integer, "how": str, "safeguards": arrayOf(str), "proofs": arrayOf(proof), "from": arrayOf(source),
				"requirement_id": str, "applicability_id": str}))}),
		"Gap": shape("What a framework lacks in a scope.", object{"framework": str, "scope": str, "count": ref("StandingCount"), "missing": arrayOf(str),
			"steps": arrayOf(shape("What would turn requirements green.", object{"key": str, "title": str, "how": str, "avoided": num, "cost": num, "hours": num, "answers": arrayOf(str), "task": str})),
			"trend": arrayOf(shape("How much was met on a day.", object{"day": str, "share": num, "note": str}))}),
		"HowMany": shape("How many changed.", object{"changed": integer}),
		"Duties": listSchema(shape("An obligation with how far it is shown to be kept.", object{"key": str, "title": str, "status": str, "said": str, "measured": str,
			"requirements": arrayOf(str), "unmet": arrayOf(str), "review_by": str, "next": str})),
	} {
		schemas[name] = s
	}
}
