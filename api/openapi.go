package api

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"holdfast/kind"
	"holdfast/port"
)

// An object is a JSON object of the document. Members are written in the order of
// their names, so the same kinds give the same bytes.
type object = map[string]any

// openAPI describes the whole API (OpenAPI 3.1), out of the kinds. ADR 10 says why
// it is written here and not by a library.
func (a *api) openAPI() []byte {
	paths := object{}
	for _, k := range a.reg.All() {
		maps.Copy(paths, kindPaths(a.reg, k))
	}
	maps.Copy(paths, areaPaths(a.reportNames()))
	doc := object{
		"openapi": "3.1.0",
		"info": object{"title": "Holdfast", "version": orUnknown(a.Version), "summary": "An information security management system that measures.",
			"description": apiIntro},
		"servers":  []object{{"url": Prefix}},
		"security": []object{{"token": []string{}}, {"session": []string{}}},
		"tags":     a.tags(),
		"paths":    paths,
		"components": object{
			"schemas": a.schemas(),
			"securitySchemes": object{
				"token":   object{"type": "http", "scheme": "bearer", "description": "A token that a person made under their account."},
				"session": object{"type": "apiKey", "in": "cookie", "name": "holdfast_session", "description": "The session of a browser that signed in."},
			},
			"responses": object{"Problem": object{"description": "What went wrong, in the form of RFC 9457.",
				"content": object{"application/problem+json": object{"schema": ref("Problem")}}}},
			"parameters": sharedParameters(),
			"headers":    object{"ETag": object{"description": "The version, for If-Match.", "schema": object{"type": "string"}}},
		},
	}
	data, err := json.Marshal(doc)
	if err != nil { // only texts and numbers are in it
		panic(err)
	}
	return data
}

const apiIntro = "Records of every kind are read and written alike. A reference is the key or the id of a record. " +
	"Lists are filtered by `filter[FIELD]=a,b` and `filter[FIELD][OP]=value`, where OP is one of is, not, contains, lt, lte, gt, gte, empty. " +
	"Unknown parameters and fields are errors. A change may name the version it was made for in `If-Match`; a POST may carry an `Idempotency-Key`."

func orUnknown(version string) string {
	if version == "" {
		return "unknown"
	}
	return version
}

func ref(name string) object { return object{"$ref": "#/components/schemas/" + name} }

func param(name string) object { return object{"$ref": "#/components/parameters/" + name} }

func (a *api) tags() []object {
	tags := []object{}
	for _, k := range a.reg.All() {
		tags = append(tags, object{"name": k.Plural, "description": k.Doc})
	}
	return append(tags, object{"name": "areas", "description": "What is not a record."})
}

// camel is the name of a kind as programs name types: "AssetDependency".
func camel(name string) string {
	var b strings.Builder
	for _, w := range strings.FieldsFunc(name, func(r rune) bool { return r == '_' || r == '-' }) {
		b.WriteString(strings.ToUpper(w[:1]) + w[1:])
	}
	return b.String()
}

// ok is an answer with JSON, and the problem that every operation may have.
func ok(status, description string, schema object) object {
	res := object{"description": description}
	if schema != nil {
		res["content"] = object{mediaJSON: object{"schema": schema}}
	}
	return object{status: res, "default": object{"$ref": "#/components/responses/Problem"}}
}

func withETag(responses object, status string) object {
	responses[status].(object)["headers"] = object{"ETag": object{"$ref": "#/components/headers/ETag"}}
	return responses
}

func jsonBody(schema object, required bool) object {
	return object{"required": required, "content": object{mediaJSON: object{"schema": schema}}}
}

// An op describes one operation.
func op(tag, id, summary string, params []object, body, responses object) object {
	o := object{"tags": []string{tag}, "operationId": id, "summary": summary, "responses": responses}
	if len(params) > 0 {
		o["parameters"] = params
	}
	if body != nil {
		o["requestBody"] = body
	}
	return o
}

// kindPaths are the operations on records of a kind.
func kindPaths(reg *kind.Registry, k *kind.Kind) object {
	one, many, what := camel(k.Name), camel(k.Plural), strings.ToLower(k.Label)
	if one == many {
		many = one + "List"
	}
	record := func(status, text string) object { return withETag(ok(status, text, ref(one)), status) }
	base, item := "/"+k.Plural, "/"+k.Plural+"/{id}"
	list := object{"type": "object", "required": []string{"data", "page"}, "properties": object{
		"data": object{"type": "array", "items": ref(one)}, "page": ref("Page")}}
	create := object{"allOf": []object{ref(one + "Input"), {"required": required(reg, k)}}}
	paths := object{
		base: object{
			"get": op(k.Plural, "list"+many, "List "+k.Plural, append(listParams(k), param("refs")), nil, ok("200", k.Doc, list)),
			"post": op(k.Plural, "create"+one, "Make a record: "+what, []object{param("idempotency"), param("refs")},
				jsonBody(create, true), record("201", "The new record.")),
		},
		item: object{
			"parameters": []object{param("id")},
			"get":        op(k.Plural, "get"+one, "Read one", []object{param("refs")}, nil, record("200", "The record.")),
			"patch": op(k.Plural, "update"+one, "Change the fields that are named", []object{param("match"), param("reason"), param("refs")},
				jsonBody(ref(one+"Input"), true), record("200", "The record as it is now.")),
			"delete": op(k.Plural, "delete"+one, "Put it into the bin", []object{param("match")}, nil, ok("204", "Done.", nil)),
		},
		item + "/restore": object{"parameters": []object{param("id")},
			"post": op(k.Plural, "restore"+one, "Take it out of the bin", []object{param("idempotency")}, nil, record("200", "The record."))},
		item + "/history": object{"parameters": []object{param("id")},
			"get": op(k.Plural, "history"+one, "What happened to it, newest first", []object{param("limit"), param("cursor")}, nil, ok("200", "Entries of the journal.", ref("Entries")))},
	}
	for _, format := range port.Formats {
		paths[base+"."+string(format)] = object{"get": op(k.Plural, "download"+many+camel(string(format)), "All that match, as a file",
			fileParams(k), nil, fileResponse(port.MediaTypes[format]))}
	}
	for _, act := range k.Actions {
		paths[item+"/actions/"+act.Name] = object{"parameters": []object{param("id")},
			"post": op(k.Plural, camel(act.Name)+one, actionSummary(act), []object{param("match"), param("idempotency")},
				jsonBody(ref("ActionInput"), act.Reason), record("200", "The record as it is now."))}
	}
	maps.Copy(paths, linkPaths(reg, k))
	return paths
}

func actionSummary(a kind.Action) string {
	s := a.Label
	if a.Doc != "" {
		s += ": " + a.Doc
	}
	if len(a.From) > 0 {
		s += " Possible while: " + strings.Join(a.From, ", ") + "."
	}
	return s
}

func fileResponse(media string) object {
	return object{"200": object{"description": "The file.", "content": object{media: object{}}}, "default": object{"$ref": "#/components/responses/Problem"}}
}

// linkPaths are the operations on the links of a kind.
func linkPaths(reg *kind.Registry, k *kind.Kind) object {
	names := []string{}
	for _, rel := range reg.Relations(k) {
		names = append(names, rel.Name)
	}
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	names = slices.Compact(names)
	relation := object{"name": "relation", "in": "path", "required": true, "schema": object{"type": "string", "enum": names}}
	other := object{"name": "other", "in": "path", "required": true, "description": "Key or id of the record at the far end.", "schema": object{"type": "string"}}
	one, item := camel(k.Name), "/"+k.Plural+"/{id}/links"
	return object{
		item: object{"parameters": []object{param("id")},
			"get": op(k.Plural, "relations"+one, "The relations it can have", nil, nil, ok("200", "Relations.", ref("Relations")))},
		item + "/{relation}": object{"parameters": []object{param("id"), relation},
			"get": op(k.Plural, "linked"+one, "The records that a relation leads to", []object{param("limit"), param("cursor"), param("sort"), param("q"), param("refs")}, nil,
				ok("200", "A list of records of the kind at the far end.", ref("AnyList")))},
		item + "/{relation}/{other}": object{"parameters": []object{param("id"), relation, other},
			"put":    op(k.Plural, "link"+one, "Join two records", []object{param("match")}, nil, ok("204", "Joined.", nil)),
			"delete": op(k.Plural, "unlink"+one, "End a link", []object{param("match")}, nil, ok("204", "No longer joined.", nil))},
	}
}

// openAPIDocument answers with the description.
func (a *api) openAPIDocument(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	w.Header().Set("Content-Type", mediaJSON)
	_, _ = w.Write(a.spec())
	return nil
}
