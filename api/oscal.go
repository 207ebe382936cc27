package api

import (
	"bytes"
	"cmp"
	"net/http"
	"strings"

	"holdfast/flow"
	"holdfast/port/library"
)

// libraryTypes are what frameworks of others may be sent as. Their form is found by
// what they hold.
var libraryTypes = []string{mediaJSON, mediaYAML, "application/x-yaml", "application/xml", "text/xml", mediaCSV, "text/plain", mediaXLSX, mediaZIP, "application/gzip", "application/octet-stream"}

// takeInFramework takes in frameworks and mappings of others, all or none.
func (a *api) takeInFramework(w http.ResponseWriter, r *http.Request) error {
	v, err := params(r, "name", "dry_run")
	if err != nil {
		return err
	}
	data, _, err := body(w, r, library.MaxFile, libraryTypes...)
	if err != nil {
		return err
	}
	lib, err := library.ReadFiles(library.File{Name: cmp.Or(v.Get("name"), "body"), Data: data})
	if err != nil {
		return err
	}
	out, err := a.Flow.TakeIn(r.Context(), lib, v.Get("dry_run") == "true")
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, out)
}

// oscal answers with a document of OSCAL, made of the records as they are now.
func (a *api) oscal(w http.ResponseWriter, r *http.Request) error {
	v, err := params(r, "scope")
	if err != nil {
		return err
	}
	name := strings.TrimSuffix(r.PathValue("document"), ".json")
	d, err := a.Flow.OSCAL(r.Context(), name, v.Get("scope"))
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := d.Write(&out); err != nil {
		return err
	}
	w.Header().Set("Content-Type", mediaJSON)
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`.json"`)
	_, _ = w.Write(out.Bytes()) // the reader has gone: nobody is left to tell
	return nil
}

// addOSCALPaths describes the operations of this file.
func addOSCALPaths(paths object) {
	str := object{"type": "string"}
	content := object{}
	for _, media := range libraryTypes {
		content[media] = object{}
	}
	paths["/frameworks/import"] = object{"post": op("areas", "importFramework", "Take in frameworks and mappings of others, all or none", []object{
		query("name", "Name of the file, for messages; the form is found by what it holds.", str), query("dry_run", "Tell what would come and keep nothing.", object{"type": "boolean"})},
		object{"required": true, "description": "An OSCAL catalogue, profile or mapping collection, a library of CISO Assistant, a table, a CycloneDX standard, or an archive of files that belong together.", "content": content},
		ok("200", "What came, or would come.", ref("Intake")))}
	for _, d := range flow.OSCALDocuments {
		paths["/oscal/"+d.Name] = object{"get": op("areas", "oscal"+camel(d.Name), d.Title+" in OSCAL, made of the records as they are now",
			[]object{query("scope", "Id or key of a scope; without one, the whole organisation.", str)}, nil, fileResponse(mediaJSON))}
	}
}

// intakeSchema describes what an import of frameworks tells.
func intakeSchema() object {
	str, integer := object{"type": "string"}, object{"type": "integer"}
	return shape("What a library of frameworks brings.", object{"format": str, "title": str, "dry_run": object{"type": "boolean"}, "notes": arrayOf(str),
		"frameworks": arrayOf(shape("One framework.", object{"framework_id": str, "framework": str, "status": str, "id": str, "title": str, "edition": str, "controls": integer, "chapters": integer,
			"created": integer, "changed": integer, "unchanged": integer, "kept": integer, "gone": integer, "orphans": integer, "mappings": integer, "links": integer, "sample": arrayOf(str)})),
		"mappings": arrayOf(shape("One mapping.", object{"source": str, "target": str, "pairs": integer, "taken": integer, "kept": integer, "twice": integer, "absent": str}))})
}
