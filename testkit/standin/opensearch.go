// Package standin has small servers that stand in for systems which are not at hand when
// tests run: OpenSearch and VictoriaLogs. They do what the documentation of these systems
// says, for the parts that we use, and refuse everything else. They show that what we
// write means what we think it means; that the systems themselves agree is tried
// elsewhere.
package standin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// OpenSearch keeps documents in indexes made by templates, and evaluates the query
// language over them.
type OpenSearch struct {
	*httptest.Server

	// Answer takes a request before the server does; false: it does not. Nil: never.
	Answer func(w http.ResponseWriter, r *http.Request) bool
	// Refuse tells with which status a document is refused; 0: it is taken. Nil: none is.
	Refuse func(source map[string]any) int

	mu        sync.Mutex
	templates map[string]openTemplate
	indexes   map[string]map[string]*openDocument
	written   int
}

type openTemplate struct {
	patterns []string
	fields   map[string]openField
}

type openField struct {
	Type      string `json:"type"`
	Index     *bool  `json:"index"`
	DocValues *bool  `json:"doc_values"`
}

func (f openField) indexed() bool { return f.Index == nil || *f.Index }
func (f openField) columnar() bool {
	return (f.DocValues == nil || *f.DocValues) && f.Type != "wildcard"
}

type openDocument struct {
	source map[string]any
	values map[string][]any // of the fields of the mapping
	fields map[string]openField
}

// NewOpenSearch starts a server that ends with the test.
func NewOpenSearch(t testing.TB) *OpenSearch {
	t.Helper()
	o := &OpenSearch{templates: map[string]openTemplate{}, indexes: map[string]map[string]*openDocument{}}
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /_index_template/{name}", o.putTemplate)
	mux.HandleFunc("GET /_index_template/{name}", o.getTemplate)
	mux.HandleFunc("POST /_bulk", o.bulk)
	mux.HandleFunc("POST /{pattern}/_search", o.search)
	o.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if o.Answer == nil || !o.Answer(w, r) {
			mux.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(o.Close)
	return o
}

// Written is how many documents were written, those in the place of others included.
func (o *OpenSearch) Written() int { o.mu.Lock(); defer o.mu.Unlock(); return o.written }

// Documents are what lies in all indexes, by index and id.
func (o *OpenSearch) Documents() map[string]map[string]any {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := map[string]map[string]any{}
	for index, docs := range o.indexes {
		for id, d := range docs {
			all[index+"/"+id] = d.source
		}
	}
	return all
}

func openError(w http.ResponseWriter, status int, kind, reason string) {
	openJSON(w, status, map[string]any{"error": map[string]any{"type": kind, "reason": reason}, "status": status})
}

func openJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func (o *OpenSearch) putTemplate(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Patterns []string       `json:"index_patterns"`
		Priority int            `json:"priority"`
		Meta     map[string]any `json:"_meta"`
		Template struct {
			Mappings struct {
				Dynamic    bool                 `json:"dynamic"`
				Properties map[string]openField `json:"properties"`
			} `json:"mappings"`
		} `json:"template"`
	}
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&body); err != nil || len(body.Patterns) == 0 || r.Header.Get("Content-Type") != "application/json" || body.Template.Mappings.Dynamic {
		openError(w, 400, "parse_exception", fmt.Sprint("template: ", err))
		return
	}
	for name, f := range body.Template.Mappings.Properties {
		if !slices.Contains([]string{"keyword", "long", "date", "boolean", "wildcard"}, f.Type) {
			openError(w, 400, "mapper_parsing_exception", fmt.Sprintf("No handler for type [%s] declared on field [%s]", f.Type, name))
			return
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.templates[r.PathValue("name")] = openTemplate{body.Patterns, body.Template.Mappings.Properties}
	openJSON(w, 200, map[string]any{"acknowledged": true})
}

func (o *OpenSearch) getTemplate(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, ok := o.templates[r.PathValue("name")]; !ok {
		openError(w, 404, "resource_not_found_exception", "index template matching ["+r.PathValue("name")+"] not found")
		return
	}
	openJSON(w, 200, map[string]any{"index_templates": []any{map[string]any{"name": r.PathValue("name")}}})
}

// bulk takes lines in pairs: what is done, and the document.
func (o *OpenSearch) bulk(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if r.Header.Get("Content-Type") != "application/x-ndjson" || len(body) == 0 || body[len(body)-1] != '\n' {
		openError(w, 400, "illegal_argument_exception", "The bulk request must be terminated by a newline [\\n]")
		return
	}
	lines := bytes.Split(body[:len(body)-1], []byte("\n"))
	if len(lines)%2 != 0 {
		openError(w, 400, "illegal_argument_exception", "Malformed action/metadata line")
		return
	}
	type action struct {
		Index *struct {
			Index string `json:"_index"`
			ID    string `json:"_id"`
		} `json:"index"`
	}
	var items []any
	failed := false
	o.mu.Lock()
	defer o.mu.Unlock()
	for i := 0; i < len(lines); i += 2 {
		var a action
		d := json.NewDecoder(bytes.NewReader(lines[i]))
		d.DisallowUnknownFields()
		if err := d.Decode(&a); err != nil || a.Index == nil || a.Index.ID == "" || len(a.Index.ID) > 512 || a.Index.Index == "" || strings.ToLower(a.Index.Index) != a.Index.Index {
			openError(w, 400, "illegal_argument_exception", "Malformed action/metadata line")
			return
		}
		status, kind, reason := o.index(a.Index.Index, a.Index.ID, lines[i+1])
		item := map[string]any{"_index": a.Index.Index, "_id": a.Index.ID, "status": status}
		if status >= 300 {
			failed = true
			item["error"] = map[string]any{"type": kind, "reason": reason}
		} else {
			item["result"] = map[int]string{200: "updated", 201: "created"}[status]
		}
		items = append(items, map[string]any{"index": item})
	}
	openJSON(w, 200, map[string]any{"took": 1, "errors": failed, "items": items})
}

// index keeps a document, in the place of one with the same id.
func (o *OpenSearch) index(index, id string, data []byte) (status int, kind, reason string) {
	var source map[string]any
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&source); err != nil {
		return 400, "mapper_parsing_exception", err.Error()
	}
	if o.Refuse != nil {
		if status := o.Refuse(source); status != 0 {
			return status, map[bool]string{true: "rejected_execution_exception", false: "mapper_parsing_exception"}[status == 429], "refused by the test"
		}
	}
	doc := &openDocument{source: source, values: map[string][]any{}, fields: o.fieldsOf(index)}
	if err := doc.read("", source); err != nil {
		return 400, "mapper_parsing_exception", err.Error()
	}
	if o.indexes[index] == nil {
		o.indexes[index] = map[string]*openDocument{}
	}
	status = 201
	if o.indexes[index][id] != nil {
		status = 200
	}
	o.indexes[index][id] = doc
	o.written++
	return status, "", ""
}

// fieldsOf is the mapping of an index, or of a pattern of indexes.
func (o *OpenSearch) fieldsOf(index string) map[string]openField {
	for _, t := range o.templates {
		for _, p := range t.patterns {
			if ok, _ := path.Match(p, index); ok || p == index {
				return t.fields
			}
		}
	}
	return nil
}

// read reads the fields that the mapping names; others are kept only.
func (d *openDocument) read(name string, v any) error {
	switch v := v.(type) {
	case map[string]any:
		for key, inner := range v {
			if err := d.read(strings.TrimPrefix(name+"."+key, "."), inner); err != nil {
				return err
			}
		}
		return nil
	case []any:
		for _, inner := range v {
			if err := d.read(name, inner); err != nil {
				return err
			}
		}
		return nil
	case nil:
		return nil
	}
	f, ok := d.fields[name]
	if !ok || !f.indexed() {
		return nil
	}
	value, err := f.value(name, v)
	if err == nil {
		d.values[name] = append(d.values[name], value)
	}
	return err
}

// value reads a value as its type has it.
func (f openField) value(name string, v any) (any, error) {
	switch f.Type {
	case "long":
		if n, ok := v.(json.Number); ok {
			if i, err := n.Int64(); err == nil {
				return i, nil
			}
		}
	case "date":
		if s, ok := v.(string); ok {
			if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
				return t.UnixMilli(), nil
			}
		}
	case "boolean":
		if b, ok := v.(bool); ok {
			return b, nil
		}
	default:
		s, ok := v.(string)
		if n, number := v.(json.Number); number {
			s, ok = n.String(), true
		}
		if ok && f.Type == "keyword" && len(s) > 32766 {
			return nil, fmt.Errorf("Document contains at least one immense term in field=%q", name) //nolint:staticcheck // as it is said there
		}
		if ok {
			return s, nil
		}
	}
	return nil, fmt.Errorf("failed to parse field [%s] of type [%s]", name, f.Type)
}
