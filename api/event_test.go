package api_test

import (
	"context"
	"encoding/json"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"holdfast/api/client"
	"holdfast/engine/event"
	"holdfast/eventstore"
	logs "holdfast/eventstore/sample"
	"holdfast/isms"
	"holdfast/testkit"
)

// eventWorld is a served API over a store with sample events of the last day.
func eventWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, testkit.SQLite(t), 1_000_000)
	stores := map[string]*eventstore.Store{}
	dir := t.TempDir()
	w.events = func(workspace string) (*eventstore.Store, error) {
		if stores[workspace] == nil {
			s, err := eventstore.Open(filepath.Join(dir, workspace), eventstore.Config{Now: w.Clock.Now})
			if err != nil {
				return nil, err
			}
			t.Cleanup(func() { _ = s.Close() })
			stores[workspace] = s
		}
		return stores[workspace], nil
	}
	s, err := w.events(testkit.Workspace)
	if err != nil {
		t.Fatal(err)
	}
	var lines []event.Line
	for l := range logs.Lines(1, 2_000, w.Clock.Now().Add(-23*time.Hour), w.Clock.Now()) {
		lines = append(lines, l)
	}
	lines = append(lines, event.Line{Source: "auth", Received: w.Clock.Now(), Raw: []byte("no text \xff\xfe")})
	if _, err := s.Append(context.Background(), lines...); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) found(who, query string) client.EventPage {
	w.t.Helper()
	var p client.EventPage
	if err := json.Unmarshal(w.do(who, "GET", "/events?"+query, "").is(200).body, &p); err != nil {
		w.t.Fatal(err)
	}
	return p
}

func TestEventsAreSearchedPageByPage(t *testing.T) {
	w := eventWorld(t)
	q := "limit=40&buckets=24&facet=user&q=" + url.QueryEscape(`source:auth "failed password" after:24h`)
	first := w.found("admin", q)
	if len(first.Events) != 40 || first.Total < 60 || first.Next == "" || len(first.Facets["user"]) == 0 || len(first.Buckets) == 0 || first.Last != 2_001 {
		t.Fatalf("%d of %d events, next %q, %d buckets, last %d", len(first.Events), first.Total, first.Next, len(first.Buckets), first.Last)
	}
	seen := map[uint64]bool{}
	for p := first; ; p = w.found("admin", q+"&cursor="+p.Next) {
		for _, e := range p.Events {
			if seen[e.Position] || !strings.Contains(e.Raw, "Failed password") || e.Source != "auth" {
				t.Fatalf("event %d: %q", e.Position, e.Raw)
			}
			seen[e.Position] = true
		}
		if p.Next == "" {
			break
		}
	}
	if len(seen) != first.Total {
		t.Errorf("%d of %d are on a page", len(seen), first.Total)
	}
	if p := w.found("admin", "behind=2000"); p.Total != 1 || string(p.Events[0].Line()) != "no text \xff\xfe" {
		t.Errorf("behind 2000: %+v", p)
	}
}

func TestAnEventAndWhatIsKeptAnswerAsDescribed(t *testing.T) {
	w := eventWorld(t)
	doc := spec(t, w)
	for path, got := range map[string]string{"/events": "/events?facet=host&buckets=5", "/events/stats": "/events/stats", "/events/{position}": "/events/7"} {
		s := schemaOf(t, doc, "/paths/"+strings.ReplaceAll(path, "/", "~1")+"/get/responses/200/content/application~1json/schema")
		if err := valid(t, s, w.do("admin", "GET", got, "").is(200).body); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	w.do("admin", "GET", "/events/9999999", "").refused(404, "not_found")
	w.do("admin", "GET", "/events/x", "").refused(404, "not_found")
	for _, wrong := range []string{"q=%22open", "cursor=x", "behind=x", "limit=0", "facet=nosuchcolumn", "nosuch=1", "buckets=9999"} {
		if r := w.do("admin", "GET", "/events?"+wrong, ""); r.status != 400 && r.status != 422 {
			t.Errorf("%s: status %d", wrong, r.status)
		}
	}
}

func TestAnExportHoldsEveryEventThatWasFound(t *testing.T) {
	w := eventWorld(t)
	for format, want := range map[string]string{"json": `"fields"`, "ocsf": `"class_uid"`, "raw": "HTTP/1.1"} {
		r := w.do("admin", "GET", "/events/export?format="+format, "").is(200)
		if n := strings.Count(string(r.body), "\n"); n != 2_001 {
			t.Errorf("%s: %d lines", format, n)
		}
		if !strings.Contains(string(r.body), want) || !strings.HasPrefix(r.header.Get("Content-Disposition"), "attachment") {
			t.Errorf("%s: %.200s", format, r.body)
		}
	}
	w.do("admin", "GET", "/events/export?format=exe", "").refused(422, "invalid")
}

func TestEventsAreClosedToWhoDoesNotInvestigateAndToOtherWorkspaces(t *testing.T) {
	w := eventWorld(t)
	w.person("approver", testkit.Workspace, []string{isms.RoleApprover}, "*:read")
	w.person("narrow", testkit.Workspace, []string{isms.RoleAdministrator}, "risk:read")
	w.person("other", "ws2", []string{isms.RoleAdministrator}, "*:admin")
	for _, path := range []string{"/events", "/events/1", "/events/stats", "/events/export"} {
		for _, who := range []string{"approver", "narrow"} {
			w.do(who, "GET", path, "").refused(403, "forbidden")
		}
		w.do("", "GET", path, "").refused(401, "unauthenticated")
	}
	if p := w.found("other", ""); p.Total != 0 || p.Last != 0 {
		t.Errorf("another workspace sees %d events", p.Total)
	}
	w.do("other", "GET", "/events/1", "").refused(404, "not_found")
}

func TestARuleIsTriedOnStoredEventsOverTheAPI(t *testing.T) {
	w := eventWorld(t)
	rule := map[string]string{"key": "failed", "title": "Failed sign-in", "body": "title: Failed sign-in\nlogsource: {product: linux}\ndetection:\n  sel: ['Failed password']\n  condition: sel\n"}
	text, err := json.Marshal(rule)
	if err != nil {
		t.Fatal(err)
	}
	w.do("admin", "POST", "/detection-rules", string(text)).is(201)
	w.do("admin", "GET", "/detection-rules/failed/try", "").is(404)
	var got client.Rehearsal
	if err := json.Unmarshal(w.do("admin", "POST", "/detection-rules/failed/try", `{"since": "24h", "hits": 5}`).is(200).body, &got); err != nil {
		t.Fatal(err)
	}
	if got.Read != 2_000 || got.Matches < 60 || got.Alerts == 0 || got.Alerts > got.Rings || got.PerDay <= 0 || len(got.Hits) != 5 || len(got.Buckets) == 0 || got.Stopped != "" {
		t.Errorf("%+v", got)
	}
	if h := got.Hits[0]; !strings.Contains(h.Line, "Failed password") || len(h.Reasons) != 1 || !strings.HasPrefix(h.Reasons[0], "sel: ") {
		t.Errorf("%+v", h)
	}
	var kept client.Rehearsal
	if err := json.Unmarshal(w.do("admin", "GET", "/detection-rules/failed/try", "").is(200).body, &kept); err != nil || kept.Rings != got.Rings {
		t.Errorf("the last one is %+v, %v", kept, err)
	}
	if few := w.do("admin", "POST", "/detection-rules/failed/try", `{"since": "all", "events": 100}`).is(200).json(); few["stopped"] != "events" || few["read"].(float64) > 100 || few["read"].(float64) < 90 {
		t.Errorf("of a hundred events: %v", few)
	}
	if job := w.do("admin", "POST", "/detection-rules/failed/try", `{"background": true}`).is(202).json()["job"]; job == "" {
		t.Error("no job")
	}
	if again := w.do("admin", "POST", "/detection-rules/failed/try", `{"background": true}`).is(202).json()["job"]; again != "" {
		t.Error("the same is done twice")
	}
	for body, status := range map[string]int{
		`{"since": "yesterday"}`: 422, `{"seconds": 999}`: 422, `{"hits": -1}`: 422, `{"since": "1h", "until": "2h"}`: 422, `{"body": "title: x"}`: 422,
	} {
		w.do("admin", "POST", "/detection-rules/failed/try", body).is(status)
	}
	w.person("approver", testkit.Workspace, []string{isms.RoleApprover}, "*:read")
	w.person("other", "ws2", []string{isms.RoleAdministrator}, "*:admin")
	w.do("admin", "POST", "/detection-rules/none/try", `{}`).is(404)
	w.do("approver", "POST", "/detection-rules/failed/try", `{}`).is(403)
	w.do("approver", "GET", "/detection-rules/failed/try", "").is(403)
	w.do("other", "POST", "/detection-rules/failed/try", `{}`).is(404)
	w.do("other", "GET", "/detection-rules/failed/try", "").is(404)
}
