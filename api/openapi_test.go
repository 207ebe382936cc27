package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"holdfast/isms"
	"holdfast/testkit"
)

// spec reads the description as a program would.
func spec(t *testing.T, w *world) map[string]any {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(w.do("", "GET", "/openapi.json", "").is(200).body))
	if err != nil {
		t.Fatal(err)
	}
	return doc.(map[string]any)
}

// schemaOf compiles a part of the description (JSON Schema 2020-12).
func schemaOf(t *testing.T, doc map[string]any, pointer string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	if err := c.AddResource("api.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("api.json#" + pointer)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func valid(t *testing.T, s *jsonschema.Schema, body []byte) error {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(v)
}

func TestRecordsOfEveryKindAreAsTheDescriptionSays(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t), 1_000_000)
	doc := spec(t, w)
	for _, k := range isms.Kinds {
		t.Run(k.Name, func(t *testing.T) {
			w := &world{World: w.World, t: t, h: w.h, tokens: w.tokens, log: w.log}
			body := bodyFor(t, w, k, "spec-"+k.Name)
			name := ""
			for _, word := range strings.FieldsFunc(k.Name, func(r rune) bool { return r == '_' }) {
				name += strings.ToUpper(word[:1]) + word[1:]
			}
			create := schemaOf(t, doc, "/paths/~1"+k.Plural+"/post/requestBody/content/application~1json/schema")
			if err := valid(t, create, []byte(body)); err != nil {
				t.Errorf("what the server takes is not described: %v", err)
			}
			if valid(t, create, []byte(`{"no_such_field": 1}`)) == nil {
				t.Error("an unknown field is described")
			}
			made := w.do("admin", "POST", "/"+k.Plural, body).is(201)
			if err := valid(t, schemaOf(t, doc, "/components/schemas/"+name), made.body); err != nil {
				t.Errorf("what the server answers is not described: %v", err)
			}
			list := schemaOf(t, doc, "/paths/~1"+k.Plural+"/get/responses/200/content/application~1json/schema")
			if err := valid(t, list, w.do("admin", "GET", "/"+k.Plural+"?count=true", "").is(200).body); err != nil {
				t.Errorf("the list is not described: %v", err)
			}
			problem := schemaOf(t, doc, "/components/schemas/Problem")
			if err := valid(t, problem, w.do("admin", "POST", "/"+k.Plural, `{"no_such_field": 1}`).is(422).body); err != nil {
				t.Errorf("the problem is not described: %v", err)
			}
		})
	}
}

func TestTheAreasAnswerAsTheDescriptionSays(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t), 1_000_000)
	doc := spec(t, w)
	w.do("admin", "POST", "/scans", scanOf(t, w.Clock.Now(), "fail")).is(200)
	risk := w.do("admin", "GET", "/risks", "").data()[0]["id"].(string)
	for path, got := range map[string]string{
		"/me": "/me", "/kinds": "/kinds", "/search": "/search?q=root", "/journal": "/journal", "/jobs": "/jobs", "/portfolio": "/portfolio",
		"/risks/{id}/why": "/risks/" + risk + "/why", "/risks/{id}/links": "/risks/" + risk + "/links", "/risks/{id}/history": "/risks/" + risk + "/history",
	} {
		s := schemaOf(t, doc, "/paths/"+strings.ReplaceAll(path, "/", "~1")+"/get/responses/200/content/application~1json/schema")
		if err := valid(t, s, w.do("admin", "GET", got, "").is(200).body); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

var pathParam = regexp.MustCompile(`\{(\w+)\}`)

func TestTheDescriptionIsWhole(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t), 1_000_000)
	doc := spec(t, w)
	if doc["openapi"] != "3.1.0" {
		t.Errorf("openapi %v", doc["openapi"])
	}
	resolveAll(t, doc, doc)
	ids := map[string]string{}
	for path, item := range doc["paths"].(map[string]any) {
		item := item.(map[string]any)
		for method, operation := range item {
			if method == "parameters" {
				continue
			}
			o := operation.(map[string]any)
			id := fmt.Sprint(o["operationId"])
			if ids[id] != "" {
				t.Errorf("%s and %s are both called %s", ids[id], path, id)
			}
			ids[id] = path
			var names []string
			for _, list := range []any{item["parameters"], o["parameters"]} {
				list, _ := list.([]any)
				for _, p := range list {
					names = append(names, parameterName(t, doc, p.(map[string]any)))
				}
			}
			for _, m := range pathParam.FindAllStringSubmatch(path, -1) {
				if !slices.Contains(names, m[1]) {
					t.Errorf("%s %s does not declare {%s}", method, path, m[1])
				}
			}
			served := w.do("admin", strings.ToUpper(method), pathParam.ReplaceAllString(path, "none"), "")
			if served.status == 405 || strings.Contains(string(served.body), "is not served") {
				t.Errorf("%s %s is described but not served: %s", method, path, served.body)
			}
		}
	}
	if len(ids) < 9*len(isms.Kinds) {
		t.Errorf("only %d operations", len(ids))
	}
}

func parameterName(t *testing.T, doc, p map[string]any) string {
	if ref, ok := p["$ref"].(string); ok {
		p = lookUp(t, doc, ref)
	}
	return fmt.Sprint(p["name"])
}

func lookUp(t *testing.T, doc map[string]any, ref string) map[string]any {
	t.Helper()
	at := doc
	for _, part := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
		next, ok := at[part].(map[string]any)
		if !ok {
			t.Fatalf("%s leads nowhere", ref)
		}
		at = next
	}
	return at
}

func resolveAll(t *testing.T, doc map[string]any, v any) {
	switch v := v.(type) {
	case map[string]any:
		if ref, ok := v["$ref"].(string); ok {
			lookUp(t, doc, ref)
		}
		for _, child := range v {
			resolveAll(t, doc, child)
		}
	case []any:
		for _, child := range v {
			resolveAll(t, doc, child)
		}
	}
}

func TestTheDescriptionIsTheSameEveryTime(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t), 1_000_000)
	other := newWorld(t, testkit.SQLite(t), 1_000_000)
	if !bytes.Equal(w.do("", "GET", "/openapi.json", "").body, other.do("", "GET", "/openapi.json", "").body) {
		t.Error("two servers describe themselves differently")
	}
}

func TestThePageForPeopleLoadsNothingFromElsewhere(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t), 1_000_000)
	page := w.do("", "GET", "/", "").is(200)
	for _, m := range regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(string(page.body), -1) {
		if !strings.HasPrefix(m[1], "/api/v1/") {
			t.Errorf("the page refers to %s", m[1])
		}
	}
	if strings.Contains(string(page.body), "<script") {
		t.Error("the page has a script")
	}
	if csp := page.header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") {
		t.Errorf("Content-Security-Policy %q", csp)
	}
	for _, k := range isms.Kinds {
		if !strings.Contains(string(page.body), "<code>/"+k.Plural+"</code>") {
			t.Errorf("the page does not name %s", k.Plural)
		}
	}
	w.do("", "GET", "/docs.css", "").is(200)
	var p map[string]any
	if err := json.Unmarshal(w.do("admin", "GET", "/assets/none", "").is(404).body, &p); err != nil {
		t.Fatal(err)
	}
	if _, anchor, _ := strings.Cut(p["type"].(string), "#"); !strings.Contains(string(page.body), `id="`+anchor+`"`) {
		t.Errorf("the type %v of a problem leads nowhere", p["type"])
	}
}
