package api_test

import (
	"strings"
	"testing"

	"holdfast/catalog"
	"holdfast/flow"
)

// settled is a world in which documents follow their versions, as in the product.
func (w *world) settled() *world {
	w.t.Helper()
	cat, err := catalog.Load()
	if err != nil {
		w.t.Fatal(err)
	}
	f, err := flow.New(w.App, cat)
	if err != nil {
		w.t.Fatal(err)
	}
	w.App.Settle(f.React)
	return w
}

func TestDocumentsAreWrittenPublishedAndReadThroughTheAPI(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.settled()
		doc := spec(t, w)
		answers := func(path, method string, res *reply) {
			t.Helper()
			s := schemaOf(t, doc, "/paths/"+strings.ReplaceAll(path, "/", "~1")+"/"+method+"/responses/200/content/application~1json/schema")
			if err := valid(t, s, res.body); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		}
		if set := w.do("admin", "GET", "/documents/set", "").is(200).data(); len(set) < 18 || set[0]["state"] != "missing" {
			t.Errorf("the set has %d documents, the first is %v", len(set), set[0])
		}
		res := w.do("admin", "POST", "/documents/write", `{}`).is(200)
		answers("/documents/write", "post", res)
		if all := res.data(); len(all) < 18 || all[0]["what"] != "written" {
			t.Errorf("wrote %d: %v", len(all), all[0])
		}
		w.do("admin", "POST", "/documents/write", `{"template": "no-such"}`).refused(404, "not_found")
		if got := w.do("admin", "POST", "/documents/backup/publish", "").is(200).json(); got["number"] != "1.0" {
			t.Errorf("published %v", got)
		}
		w.do("admin", "POST", "/documents/backup/publish", "").refused(409, "conflict")
		if got := w.do("admin", "GET", "/documents/backup", "").is(200).json(); got["status"] != "published" || got["number"] != "1.0" {
			t.Errorf("the document is %v %v", got["status"], got["number"])
		}
		draft := w.do("admin", "POST", "/documents/backup/revise", "").is(200).json()
		w.do("admin", "PATCH", "/document-versions/"+draft["id"].(string), `{"body": "## Purpose\n\nShort.\n"}`, "If-Match", `"1"`).is(200)
		res = w.do("admin", "GET", "/documents/backup/difference", "").is(200)
		answers("/documents/{id}/difference", "get", res)
		if got := res.json(); got["from"] != "1.0" || got["to"] != "1.1" || !strings.Contains(got["unified"].(string), "+Short.\n") {
			t.Errorf("difference %v", got)
		}
		w.do("admin", "POST", "/document-versions/"+draft["id"].(string)+"/submit", `{"quorum": 2, "four_eyes": true}`).is(200)
		w.do("admin", "POST", "/documents/backup/publish", "").refused(409, "conflict")
		w.do("admin", "POST", "/campaigns", `{"name": "Spring", "documents": ["access-control"]}`).refused(422, "invalid")
		res = w.do("admin", "POST", "/campaigns", `{"name": "Spring", "documents": ["backup"], "audience": ["everybody"]}`).is(200)
		answers("/campaigns", "post", res)
		if res.json()["asked"].(float64) < 1 {
			t.Errorf("asked %v", res.json())
		}
		res = w.do("admin", "GET", "/campaigns?document=backup", "").is(200)
		answers("/campaigns", "get", res)
		if list := res.data(); len(list) != 1 || list[0]["name"] != "Spring" || list[0]["accepted"] != 0.0 {
			t.Errorf("campaigns %v", list)
		}
		answers("/my", "get", w.do("admin", "GET", "/my", "").is(200))
	})
}
