package page_test

import (
	"html"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"holdfast/app"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/report/chart"
)

func TestTheHeatMapShowsTodayAndTheGoalOfEveryRisk(t *testing.T) {
	w := sampleWorld(t)
	v := w.as("ada@example.org")
	body := v.sees("/heatmap", "When the plan is carried out", "Greatest contributors", "almost certain", "Above the limit", "Above capacity", ">R1<", w.costliest().Title)
	if strings.Contains(body, "NaN") || strings.Contains(body, "%!") {
		t.Error("the page holds a figure that is none")
	}
}

func TestTheMatrixHasTheSizeThatTheOrganisationChose(t *testing.T) {
	w := sampleWorld(t)
	list, err := app.Of[isms.Organisation](w.App, isms.Organisations).List(w.admin(), kind.Query{Limit: 1})
	w.must(err)
	list[0].RiskMatrix = "3"
	w.must(w.App.Save(w.admin(), list[0]))
	body := w.as("ada@example.org").sees("/heatmap", "When the plan is carried out")
	if strings.Contains(body, "almost certain") {
		t.Error("the matrix has five steps although three were chosen")
	}
}

func TestAnAssetTellsItsWorthItsTroubleAndItsNeighbours(t *testing.T) {
	w := sampleWorld(t)
	r := w.drafted()
	v := w.as("ada@example.org")
	v.sees("/assets/"+r.AssetID, "Worth", "Expected yearly loss", "What is wrong with it", "Risks on it", r.Title, "What hangs on it, and what it needs",
		"Latest looks at it", "Known vulnerabilities", "o decoy is deployed", "Nothing was resolved by it", "packages found by scans")
}

func TestSoftwareIsListedInPagesAndFiltered(t *testing.T) {
	w := sampleWorld(t)
	path := "/assets/" + w.drafted().AssetID + "/software"
	v := w.as("ada@example.org")
	first := v.sees(path, "127 packages", "lib-sample-000")
	second := v.sees(path+"?page=2", "systemd")
	if strings.Contains(first, "systemd") || strings.Contains(second, "lib-sample-000") {
		t.Error("the pages overlap")
	}
	if body := v.sees(path+"?q=openssl", "3.0.11-1", "1 package"); strings.Contains(body, "lib-sample") {
		t.Error("the filter lets everything through")
	}
	v.sees(path+"?q=nothing-like-this", "No software found")
}

func TestReportsAreShownAndDownloaded(t *testing.T) {
	w := sampleWorld(t)
	v := w.as("ada@example.org")
	v.sees("/reports", "Risk assessment", "Download PDF")
	v.sees("/reports/risk/preview", "<html", "journal entry", "Risk register", "Download PDF")
	for _, c := range []struct{ path, media, begins, disposition string }{
		{"/reports/risk.pdf", "application/pdf", "%PDF-", `attachment; filename="risk-2026-03-02.pdf"`},
		{"/reports/risk.html", "text/html; charset=utf-8", "<!doctype html>", `attachment; filename="risk-2026-03-02.html"`},
		{"/reports/risk.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "PK", `attachment; filename="risk-2026-03-02.docx"`},
		{"/reports/risk-register.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "PK", `attachment; filename="risk-register-2026-03-02.xlsx"`},
		{"/reports/audit-pack.zip", "application/zip", "PK", `attachment; filename="audit-pack.zip"`},
		{"/reports/risk.html?show", "text/html; charset=utf-8", "<!doctype html>", `inline; filename="risk-2026-03-02.html"`},
	} {
		res, err := v.http.Get(w.url + c.path)
		w.must(err)
		status, body := v.answer(res, nil)
		if status != http.StatusOK || res.Header.Get("Content-Type") != c.media || res.Header.Get("Content-Disposition") != c.disposition || !strings.HasPrefix(body, c.begins) {
			t.Errorf("GET %s: status %d, %s, %s, begins %q", c.path, status, res.Header.Get("Content-Type"), res.Header.Get("Content-Disposition"), body[:min(20, len(body))])
		}
		if csp := res.Header.Get("Content-Security-Policy"); c.media != "application/zip" && (!strings.Contains(csp, "sandbox") || strings.Contains(csp, "script")) {
			t.Errorf("GET %s: the policy is %q", c.path, csp)
		}
	}
	for _, path := range []string{"/reports/nothing.pdf", "/reports/nothing/preview", "/reports/risk.exe", "/reports/risk"} {
		if status, _ := v.get(path); status != http.StatusNotFound {
			t.Errorf("GET %s: status %d", path, status)
		}
	}
}

func TestWhoMayNotReadTheLedgerOpensNoWorkbench(t *testing.T) {
	w := sampleWorld(t)
	w.join("staff@example.org", "staff")
	_, err := w.App.Found(t.Context(), "Other", app.First{Name: "Eve", Email: "eve@example.org", Password: password})
	w.must(err)
	asset, title := w.drafted().AssetID, w.costliest().Title
	for _, path := range []string{"/heatmap", "/triage", "/triage/group?group=x", "/reports", "/reports/risk.pdf", "/reports/risk/preview", "/assets/" + asset + "/software"} {
		if status, _ := w.as("staff@example.org").get(path); status != http.StatusNotFound {
			t.Errorf("staff open %s: status %d", path, status)
		}
	}
	eve := w.as("eve@example.org")
	for _, path := range []string{"/", "/heatmap", "/triage", "/reports", "/reports/risk.html", "/assets/" + asset, "/assets/" + asset + "/software"} {
		if _, body := eve.get(path); strings.Contains(body, title) || strings.Contains(body, "Application host 1") || strings.Contains(body, "openssl") {
			t.Errorf("another workspace sees the sample at %s", path)
		}
	}
}

// Charts have their colours from variables. The style sheet of the site must give
// each of them a value, and have none that no chart uses.
func TestTheStyleSheetNamesTheColoursOfTheCharts(t *testing.T) {
	source, err := os.ReadFile("../static/src/css/plots.css")
	if err != nil {
		t.Fatal(err)
	}
	names := func(css string) []string {
		var list []string
		for _, m := range regexp.MustCompile(`(--chart-[a-z0-9-]+)\s*:`).FindAllStringSubmatch(css, -1) {
			list = append(list, m[1])
		}
		slices.Sort(list)
		return slices.Compact(list)
	}
	want, have := names(chart.CSS()), names(string(source))
	for _, n := range want {
		if !slices.Contains(have, n) {
			t.Errorf("the style sheet gives %s no value", n)
		}
	}
	for _, n := range have {
		if !slices.Contains(want, n) {
			t.Errorf("the style sheet gives %s a value that no chart uses", n)
		}
	}
	if len(want) < 20 {
		t.Errorf("the charts have %d colours only", len(want))
	}
}

var hrefs = regexp.MustCompile(`(?:href|hx-get)="(/[^"#]*)`)

func TestEveryLinkOfAWorkbenchLeadsSomewhere(t *testing.T) {
	w := sampleWorld(t)
	v := w.as("ada@example.org")
	pages := looks(w)
	seen := map[string]bool{}
	follow := func(v *visitor, from, body string) {
		for _, m := range hrefs.FindAllStringSubmatch(body, -1) {
			path := html.UnescapeString(m[1])
			if seen[path] || strings.HasPrefix(path, "/static/") || strings.Contains(path, ".pdf") || strings.Contains(path, ".html") {
				continue
			}
			seen[path] = true
			if status, _ := v.get(path); status != http.StatusOK {
				t.Errorf("%s leads to %s: status %d", from, path, status)
			}
		}
	}
	for _, name := range sortedNames(pages) {
		follow(v, pages[name], v.sees(pages[name]))
	}
	fresh := newWorld(t).as("ada@example.org")
	clear(seen)
	follow(fresh, "the first page of an empty installation", fresh.sees("/"))
}

func TestHostileNamesAreShownAsTheyAre(t *testing.T) {
	w := sampleWorld(t)
	const name = `"><script>alert(1)</script><b x='`
	a := &isms.Asset{Base: isms.Base{Title: "A" + name}, Type: "host", Value: kind.Range{Low: 1000, High: 9_000_000}}
	w.must(w.App.Save(w.admin(), a))
	r := &isms.Risk{Base: isms.Base{Title: "R" + name}, AssetID: a.ID, Events: kind.Range{Low: 10, High: 30}, Exposure: kind.Range{Low: 0.5, High: 0.9}, ImpactLevel: 5, ProbabilityLevel: 5}
	w.must(w.App.Save(w.admin(), r))
	weakness := &isms.Vulnerability{Base: isms.Base{Title: "V" + name}, Type: "configuration", Remedy: kind.Markdown(name), References: []string{"javascript:alert(1)", "https://example.org/" + name}}
	w.must(w.App.Save(w.admin(), weakness))
	f := &isms.Finding{Base: isms.Base{Title: "F" + name}, AssetID: a.ID, VulnerabilityID: weakness.ID, Severity: isms.SeverityCritical, Status: isms.FindingOpen, FirstSeen: w.Clock.Now(), Fix: "X" + name}
	w.must(w.App.Save(w.admin(), f))
	v := w.as("ada@example.org")
	for _, path := range []string{"/", "/heatmap", "/risks/" + r.ID, "/risks/" + r.ID + "/what-if", "/assets/" + a.ID, "/triage", "/triage?by=asset", "/triage?by=weakness&group=" + weakness.ID, "/triage?q=" + url.QueryEscape(name)} {
		body := v.sees(path)
		if strings.Contains(body, "<script>alert") || strings.Contains(body, `href="javascript:`) {
			t.Errorf("%s runs what somebody wrote into a name", path)
		}
	}
}
