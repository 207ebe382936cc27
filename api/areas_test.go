package api_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"holdfast/engine"
	"holdfast/isms"
	"holdfast/port"
	"holdfast/testkit"
)

func TestADownloadIsReadBackByAnImportAndFormulasAreHarmless(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.do("admin", "POST", "/people", `{"key": "ada", "title": "Ada"}`).is(201)
		w.do("admin", "POST", "/assets", `{"key": "a", "title": "=HYPERLINK(\"http://evil\")", "nature": "tangible", "type": "host", "owner_id": "ada", "labels": ["x", "y"], "value": 5, "address": "+1-2"}`).is(201)
		w.do("admin", "POST", "/assets", `{"key": "b", "title": "Plain, \"quoted\"\nand in two lines", "nature": "tangible", "type": "host"}`).is(201)
		before := w.do("admin", "GET", "/assets?sort=key", "").is(200).body

		res := w.do("admin", "GET", "/assets.csv?sort=key", "").is(200)
		if got := res.header.Get("Content-Disposition"); got != `attachment; filename="assets.csv"` {
			t.Errorf("Content-Disposition %q", got)
		}
		rows, err := csv.NewReader(bytes.NewReader(res.body)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			for _, cell := range row {
				if strings.ContainsAny(cell[:min(1, len(cell))], "=+@") {
					t.Errorf("a spreadsheet would calculate %q", cell)
				}
			}
		}
		for format, media := range map[string]string{"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "yaml": "application/yaml", "json": "application/json"} {
			file := w.do("admin", "GET", "/assets."+format, "").is(200).body
			got := w.do("admin", "POST", "/imports?kind=asset", string(file), "Content-Type", media).is(200).json()
			if got["unchanged"] != 2.0 || got["created"] != 0.0 || got["changed"] != 0.0 {
				t.Errorf("%s: the import of its own download did %v", format, got)
			}
		}
		if after := w.do("admin", "GET", "/assets?sort=key", "").is(200).body; !bytes.Equal(before, after) {
			t.Errorf("before %s\nafter %s", before, after)
		}
	})
}

func TestAFilteredDownloadHoldsWhatTheFilterSays(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t), 1000)
	w.do("admin", "POST", "/assets", `{"key": "a", "title": "A", "nature": "tangible", "type": "host"}`).is(201)
	w.do("admin", "POST", "/assets", `{"key": "b", "title": "B", "nature": "intangible", "type": "application"}`).is(201)
	got := string(w.do("admin", "GET", "/assets.yaml?filter[type]=host", "").is(200).body)
	if !strings.Contains(got, "key: a\n") || strings.Contains(got, "key: b\n") {
		t.Errorf("got %s", got)
	}
}

func TestADownloadThatBreaksOffIsNotTakenForAWholeOne(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t), 1000)
	for i := range 600 { // more than is looked up together
		p := &isms.Person{Base: isms.Base{Title: fmt.Sprintf("P%d", i)}}
		if err := w.App.Save(testkit.As("administrator"), p); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := httptest.NewRequest("GET", "/api/v1/people.csv", nil).WithContext(ctx)
	r.Header.Set("Authorization", "Bearer "+w.tokens["admin"])
	out := &cutting{ResponseRecorder: httptest.NewRecorder(), cut: cancel}
	defer func() {
		if p := recover(); p != http.ErrAbortHandler { //nolint:errorlint // returned as it is, never wrapped
			t.Errorf("the connection was not cut: %v, %d bytes", p, out.Body.Len())
		}
	}()
	w.h.ServeHTTP(out, r)
}

// cutting ends the request with the first byte of the answer.
type cutting struct {
	*httptest.ResponseRecorder
	cut func()
}

func (c *cutting) Write(p []byte) (int, error) {
	c.cut()
	return 0, context.Canceled
}

func TestAWholeWorkspaceMovesIntoAnother(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.person("mover", "ws2", []string{isms.RoleAdministrator}, "*:admin")
		for _, k := range isms.Kinds {
			if k.Name == "workspace" || k.Name == "api_token" || k.Name == "passkey" {
				continue
			}
			docs := port.Example(isms.Registry, k, "move-"+k.Name)
			var b strings.Builder
			for _, d := range docs {
				dk := isms.Registry.Named(d.Kind)
				fields := map[string]string{"kind": d.Kind, "key": d.Key}
				for _, v := range d.Values {
					fields[dk.Field(v.Field).Name] = d.Said(v.Field)
				}
				line, err := json.Marshal(fields)
				if err != nil {
					t.Fatal(err)
				}
				b.Write(line)
				b.WriteByte('\n')
			}
			w.do("admin", "POST", "/imports", b.String()).is(200)
		}
		w.do("admin", "PUT", "/risks/move-risk/links/treated%20by/move-safeguard", "").is(204)
		archive := w.do("admin", "GET", "/export", "").is(200)
		res := w.do("mover", "POST", "/imports", string(archive.body), "Content-Type", "application/zip").is(200).json()
		if res["changed"] != 0.0 || res["created"].(float64) < float64(len(isms.Kinds)) {
			t.Errorf("created %v, changed %v", res["created"], res["changed"])
		}
		again := w.do("mover", "POST", "/imports", string(archive.body), "Content-Type", "application/zip").is(200).json()
		if again["changed"] != 0.0 || again["created"] != 0.0 {
			t.Errorf("a second import created %v, changed %v", again["created"], again["changed"])
		}
		want, got := unpack(t, archive.body), unpack(t, w.do("mover", "GET", "/export", "").is(200).body)
		for _, files := range []map[string]string{want, got} { // each side has an account more
			delete(files, "govern/people.yaml")
			files[port.LockFile] = regexp.MustCompile(`(?m)^person .*\n`).ReplaceAllString(files[port.LockFile], "")
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the copy differs: %s", diff)
		}
	})
}

func unpack(t *testing.T, data []byte) map[string]string {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range r.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(text)
	}
	return files
}

func TestAnImportHappensWholeOrNotAtAll(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const good = "kind: asset\nkey: a\ntitle: A\nnature: tangible\ntype: host\n"
		yaml := []string{"Content-Type", "application/yaml"}
		bad := w.do("admin", "POST", "/imports?name=isms.yaml", good+"---\nkind: asset\nkey: b\ntitel: B\n", yaml...).refused(422, "invalid")
		if got := bad.fields(); len(got) != 1 || got[0] != "isms.yaml:9" || !strings.Contains(string(bad.body), "did you mean title?") {
			t.Errorf("got %s", bad.body)
		}
		w.do("admin", "POST", "/imports", good+"---\nkind: asset\nkey: b\ntitle: B\nnature: tangible\ntype: host\nowner_id: nobody\n", yaml...).refused(422, "invalid")
		w.do("admin", "GET", "/assets/a", "").refused(404, "not_found")
		if got := w.do("admin", "POST", "/imports?dry_run=true", good, yaml...).is(200).json(); got["created"] != 1.0 {
			t.Errorf("the trial tells %v", got)
		}
		w.do("admin", "GET", "/assets/a", "").refused(404, "not_found")
		w.do("admin", "POST", "/imports?reason=moved", good, yaml...).is(200)
		if got := w.do("admin", "GET", "/assets/a/history", "").is(200).data()[0]["reason"]; got != "moved" {
			t.Errorf("the reason is %v", got)
		}
		w.do("admin", "POST", "/imports", "a,b\n", "Content-Type", "text/csv").refused(422, "invalid")
		w.do("admin", "POST", "/imports", "not a zip", "Content-Type", "application/zip").refused(422, "invalid")
	})
}

func TestSearchJournalAndJobsAnswer(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.do("admin", "POST", "/assets", asset).is(201)
		w.do("admin", "POST", "/risks", `{"key": "r", "title": "Payroll is lost"}`).is(201)
		if hits := w.do("admin", "GET", "/search?q=payrol", "").is(200).data(); len(hits) != 2 {
			t.Errorf("found %v", hits)
		}
		if hits := w.do("admin", "GET", "/search?q=payroll&kind=risk", "").is(200).data(); len(hits) != 1 || hits[0]["key"] != "r" {
			t.Errorf("found %v", hits)
		}
		var seqs []float64
		cursor := ""
		for range 20 {
			res := w.do("admin", "GET", "/journal?page[limit]=1"+cursor, "").is(200)
			for _, e := range res.data() {
				seqs = append(seqs, e["seq"].(float64))
			}
			next, _ := res.json()["page"].(map[string]any)["next"].(string)
			if next == "" {
				break
			}
			cursor = "&page[cursor]=" + next
		}
		for i, seq := range seqs {
			if seq != float64(len(seqs)-i) {
				t.Errorf("the journal tells %v", seqs)
				break
			}
		}
		w.do("admin", "GET", "/jobs", "").is(200)
		w.do("admin", "GET", "/jobs/none", "").refused(404, "not_found")
		w.do("admin", "POST", "/jobs/none/cancel", "").refused(404, "not_found")
		if me := w.do("admin", "GET", "/me", "").is(200).json(); me["workspace"] != testkit.Workspace {
			t.Errorf("me: %v", me)
		}
		if kinds := w.do("admin", "GET", "/kinds", "").is(200).data(); len(kinds) != len(isms.Kinds) {
			t.Errorf("%d kinds", len(kinds))
		}
	})
}

// scanOf is the result of a scan that saw one weakness, or none any more.
func scanOf(t *testing.T, at time.Time, outcome engine.Outcome) string {
	t.Helper()
	target := &engine.Target{Kind: engine.Host, Name: "web-1", Now: at, Inventory: &engine.Inventory{
		Host: engine.HostFacts{Hostname: "web-1", OS: engine.OS{ID: "debian", PrettyName: "Debian 12"}}, Packages: []engine.Package{{Name: "openssh-server", Version: "1:9.2", Ecosystem: "Debian:12"}}}}
	o := engine.Observation{Engine: "configcheck", Check: "sshd-root-login", Outcome: outcome, Title: "Root may sign in over SSH", Severity: engine.High, Detail: "PermitRootLogin yes", Principle: "compromise"}
	data, err := json.Marshal(port.NewScan(target, []engine.Run{{Engine: "configcheck", Target: "web-1", Started: at, Finished: at, Observations: []engine.Observation{o}}}, port.ScanAdvisories{}))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestAScanOpensFindingsAndALaterOneResolvesThem(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.person("engineer", testkit.Workspace, []string{isms.RoleContributor}, "*:write")
		out := w.do("engineer", "POST", "/scans", scanOf(t, w.Clock.Now(), engine.Fail)).is(200).json()
		if out["opened"] != 1.0 || out["asset"] != "web-1" {
			t.Errorf("the scan did %v", out)
		}
		finding := w.do("engineer", "GET", "/findings", "").is(200).data()[0]
		if finding["status"] != "open" || finding["severity"] != "high" {
			t.Errorf("the finding is %v", finding)
		}
		if again := w.do("engineer", "POST", "/scans", scanOf(t, w.Clock.Now(), engine.Fail)).is(200).json(); again["opened"] != 0.0 {
			t.Errorf("the same scan did %v", again)
		}
		risks := w.do("engineer", "GET", "/risks", "").is(200).data()
		if len(risks) == 0 {
			t.Fatal("no risk follows from the finding")
		}
		why := w.do("engineer", "GET", "/risks/"+risks[0]["id"].(string)+"/why", "").is(200).json()
		if why["findings"] == nil || why["risk"] == nil {
			t.Errorf("why: %v", why)
		}
		if p := w.do("engineer", "GET", "/portfolio", "").is(200).json(); p["risks"] != float64(len(risks)) {
			t.Errorf("portfolio: %v", p)
		}
		w.Clock.Advance(time.Hour)
		if out := w.do("engineer", "POST", "/scans", scanOf(t, w.Clock.Now(), engine.Pass)).is(200).json(); out["resolved"] != 1.0 {
			t.Errorf("the later scan did %v", out)
		}
	})
}

func TestABrokenScanChangesNothing(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t), 1000)
	whole := scanOf(t, w.Clock.Now(), engine.Fail)
	for name, body := range map[string]string{
		"cut off":        whole[:len(whole)/2],
		"of the future":  scanOf(t, w.Clock.Now().Add(24*time.Hour), engine.Fail),
		"odd outcome":    strings.Replace(whole, `"outcome":"fail"`, `"outcome":"maybe"`, 1),
		"odd severity":   strings.ReplaceAll(whole, `"severity":"high"`, `"severity":"enormous"`),
		"other form":     strings.Replace(whole, port.ScanForm, "holdfast-scan/9", 1),
		"other engine":   strings.Replace(whole, `"name":"configcheck"`, `"name":"vulnmatch"`, 1),
		"not a document": `{"what": "is this"}`,
		"nothing":        ``,
	} {
		res := w.do("admin", "POST", "/scans?target=x", body, "Content-Type", "application/json")
		if res.status != 422 && res.status != 400 {
			t.Errorf("%s: status %d: %s", name, res.status, res.body)
		}
		if n := len(w.do("admin", "GET", "/assets", "").data()); n != 0 {
			t.Errorf("%s: there are %d assets", name, n)
		}
	}
}

const bom = `{"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": [
	{"type": "library", "name": "lodash", "version": "4.17.20", "purl": "pkg:npm/lodash@4.17.20"}]}`

func TestABillOfMaterialsIsTakenInUnderTheNameOfItsTarget(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t), 1000)
	w.do("admin", "POST", "/scans", bom).refused(422, "invalid")
	out := w.do("admin", "POST", "/scans?target=billing", bom, "Content-Type", "application/vnd.cyclonedx+json").is(200).json()
	if out["packages"] != 1.0 || out["asset"] != "billing" || out["failed"] == nil {
		t.Errorf("got %v", out) // without advisories nothing could be compared, and that is said
	}
	w.do("admin", "POST", "/scans?target=other", bom[:60], "Content-Type", "application/json").refused(422, "invalid")
	if n := len(w.do("admin", "GET", "/assets", "").data()); n != 1 {
		t.Errorf("%d assets", n)
	}
}

func TestWhatIfNeedsFiguresAndSafeguardsThatExist(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t), 1000)
	w.do("admin", "POST", "/assets", asset).is(201)
	w.do("admin", "POST", "/risks", `{"key": "bare", "title": "Bare"}`).is(201)
	w.do("admin", "POST", "/risks", `{"key": "r", "title": "Ransom", "asset_id": "payroll", "events_bare": "0.2..1", "exposure": "0.1..0.5"}`).is(201)
	w.do("admin", "POST", "/safeguards", `{"key": "s", "title": "Backups", "annual_cost": 1000, "on_loss": "0.5..0.9"}`).is(201)
	w.do("admin", "POST", "/risks/bare/what-if", `{"safeguards": ["s"]}`).refused(422, "invalid")
	w.do("admin", "POST", "/risks/r/what-if", `{"safeguards": []}`).refused(422, "invalid")
	w.do("admin", "POST", "/risks/r/what-if", `{"safeguards": ["none"]}`).refused(404, "not_found")
	got := w.do("admin", "POST", "/risks/r/what-if", `{"safeguards": ["s"]}`).is(200).json()
	before, after := got["before"].(map[string]any)["mean"].(float64), got["after"].(map[string]any)["mean"].(float64)
	if after >= before || got["pays"] != true {
		t.Errorf("the safeguard takes %v to %v: %v", before, after, got)
	}
	if v := w.do("admin", "GET", "/safeguards/s", "").json()["version"]; v != 1.0 {
		t.Errorf("what-if wrote version %v", v)
	}
}

func TestReportsAreDownloaded(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t), 1000)
	pdf := w.do("admin", "GET", "/reports/risk.pdf", "").is(200)
	if !bytes.HasPrefix(pdf.body, []byte("%PDF-")) || pdf.header.Get("Content-Type") != "application/pdf" {
		t.Errorf("not a PDF: %.20q", pdf.body)
	}
	if html := string(w.do("admin", "GET", "/reports/risk.html", "").is(200).body); !strings.Contains(html, "All is well.") {
		t.Errorf("got %.200s", html)
	}
	if docx := w.do("admin", "GET", "/reports/risk.docx", "").is(200); !bytes.HasPrefix(docx.body, []byte("PK")) || !strings.Contains(docx.header.Get("Content-Type"), "wordprocessingml") {
		t.Errorf("not a DOCX: %.20q", docx.body)
	}
	if list := string(w.do("admin", "GET", "/reports", "").is(200).body); !strings.Contains(list, `"risk.xlsx"`) {
		t.Errorf("got %.300s", list)
	}
	w.do("admin", "GET", "/reports/risk.xlsx", "").refused(404, "not_found") // it has no table
	for _, path := range []string{"/reports/other.pdf", "/reports/risk", "/reports/risk.exe"} {
		w.do("admin", "GET", path, "").refused(404, "not_found")
	}
}
