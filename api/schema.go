package api

import (
	"holdfast/kind"
	"holdfast/port"
)

// schemas describes the records of every kind and the shapes that all share.
func (a *api) schemas() object {
	all := sharedSchemas()
	addDocumentSchemas(all)
	addFileSchemas(all)
	addStatementSchemas(all)
	for _, k := range a.reg.All() {
		all[camel(k.Name)] = recordSchema(k, false)
		all[camel(k.Name)+"Input"] = recordSchema(k, true)
	}
	return all
}

// recordSchema describes a record as it is read, or as it is sent. What is computed
// may be sent back and is ignored.
func recordSchema(k *kind.Kind, input bool) object {
	props := object{}
	var names []string
	for _, f := range k.Fields {
		if f.Hidden {
			continue
		}
		props[f.Name] = fieldSchema(f, input)
		if f.Name != "deleted_at" {
			names = append(names, f.Name)
		}
	}
	s := object{"type": "object", "description": k.Doc, "properties": props, "additionalProperties": false}
	if !input {
		s["required"] = names
	}
	return s
}

func fieldSchema(f *kind.Field, input bool) object {
	s := typeSchema(f, input)
	s["title"] = f.Label
	switch {
	case f.Ref != "":
		s["description"] = sentence(f.Doc, "Key or id of a record of the kind "+f.Ref+".")
	case f.Doc != "" || f.Unit != "":
		s["description"] = sentence(f.Doc, unitText(f.Unit))
	}
	if f.Computed {
		s["readOnly"] = true
	}
	if f.Immutable {
		s["description"] = sentence(text(s["description"]), "Given once; it cannot be changed.")
	}
	return s
}

func text(v any) string {
	s, _ := v.(string) // absent: empty
	return s
}

func unitText(unit string) string {
	if unit == "" {
		return ""
	}
	return "Unit: " + unit + "."
}

func sentence(a, b string) string {
	switch {
	case a == "":
		return b
	case b == "":
		return a
	}
	return a + " " + b
}

func typeSchema(f *kind.Field, input bool) object {
	switch f.Type {
	case kind.Text, kind.Ref:
		return object{"type": "string", "maxLength": kind.MaxText}
	case kind.LongText:
		return object{"type": "string", "maxLength": kind.MaxLongText, "contentMediaType": "text/markdown"}
	case kind.Number:
		return object{"type": "integer"}
	case kind.Decimal, kind.Amount:
		return object{"type": "number"}
	case kind.Flag:
		return object{"type": "boolean"}
	case kind.Day:
		return object{"type": "string", "pattern": `^(\d{4}-\d{2}-\d{2})?$`}
	case kind.Instant:
		return object{"type": []string{"string", "null"}, "format": "date-time"}
	case kind.Span:
		if input {
			return object{"anyOf": []object{ref("Range"), {"type": "number"}, {"type": "string"}}}
		}
		return object{"allOf": []object{ref("Range")}}
	case kind.Grade:
		return object{"type": "integer", "minimum": 0, "maximum": 5}
	case kind.Option:
		return object{"type": "string", "enum": append([]string{""}, choices(f)...)}
	case kind.WordList:
		items := object{"type": "string"}
		if len(f.Choices) > 0 {
			items["enum"] = choices(f)
		}
		return object{"type": "array", "items": items, "maxItems": kind.MaxWords}
	}
	return object{}
}

func choices(f *kind.Field) []string {
	list := make([]string, len(f.Choices))
	for i, c := range f.Choices {
		list[i] = c.Value
	}
	return list
}

// required are the fields without which a record is refused. Many kinds make a
// title of their other fields; for them it is not among these.
func required(reg *kind.Registry, k *kind.Kind) []string {
	docs := port.Example(reg, k, "example")
	example := docs[len(docs)-1]
	r := k.New()
	names := []string{}
	for _, f := range k.Fields {
		if f.Name == "title" {
			continue
		}
		if f.Required {
			names = append(names, f.Name)
		}
		if text := example.Said(f.Name); text != "" && f.SetText(r, text) != nil {
			return names
		}
	}
	if k.Prepare(r); r.GetBase().Title == "" {
		names = append(names, "title")
	}
	return names
}

// listParams are the parameters of a list. Filters nest: filter[FIELD]=value, or
// filter[FIELD][OP]=value.
func listParams(k *kind.Kind) []object {
	return append(filterParams(k), param("limit"), param("cursor"), param("count"))
}

func fileParams(k *kind.Kind) []object { return append(filterParams(k), param("limit")) }

func filterParams(k *kind.Kind) []object {
	props := object{}
	for _, f := range k.Fields {
		if !f.Hidden {
			props[f.Name] = object{"type": "string"}
		}
	}
	return []object{
		{"name": "filter", "in": "query", "style": "deepObject", "explode": true, "description": "Conditions on fields; several values are parted by commas.",
			"schema": object{"type": "object", "properties": props, "additionalProperties": false}},
		param("sort"), param("q"), param("deleted"),
	}
}

func query(name, description string, schema object) object {
	return object{"name": name, "in": "query", "description": description, "schema": schema}
}

func sharedParameters() object {
	str, flag := object{"type": "string"}, object{"type": "boolean"}
	return object{
		"id":          object{"name": "id", "in": "path", "required": true, "description": "Id or key of the record.", "schema": str},
		"sort":        query("sort", "Field to sort by; a minus in front turns the order around.", str),
		"q":           query("q", "Words that the records must contain.", str),
		"deleted":     query("deleted", "List what lies in the bin instead.", flag),
		"count":       query("count", "Also count all that match.", flag),
		"limit":       query("page[limit]", "How many at most.", object{"type": "integer", "minimum": 1, "maximum": kind.MaxLimit, "default": kind.DefaultLimit}),
		"cursor":      query("page[cursor]", "Where the last page ended: page.next of its answer.", str),
		"refs":        query("refs", "Write references as ids or as keys.", object{"type": "string", "enum": []string{"id", "key"}, "default": "id"}),
		"reason":      query("reason", "Why; kept in the history.", str),
		"match":       object{"name": "If-Match", "in": "header", "description": "The ETag for which the change was made; another version is refused with 412.", "schema": str},
		"idempotency": object{"name": "Idempotency-Key", "in": "header", "description": "A repeated request with the same key gets the first answer, for a day.", "schema": object{"type": "string", "maxLength": 255}},
	}
}
