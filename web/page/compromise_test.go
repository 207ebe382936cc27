package page_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"holdfast/isms"
	"holdfast/kind"
)

// sendMarks uploads a file of indicators to the page.
func (v *visitor) sendMarks(name, text string, fields ...string) (int, string) {
	v.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i+1 < len(fields); i += 2 {
		v.must(w.WriteField(fields[i], fields[i+1]))
	}
	if name != "" {
		f, err := w.CreateFormFile("file", name)
		v.must(err)
		_, err = f.Write([]byte(text))
		v.must(err)
	}
	v.must(w.Close())
	req, err := http.NewRequest(http.MethodPost, v.url+"/compromise", &b)
	v.must(err)
	req.Header.Set("Content-Type", w.FormDataContentType())
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	res, err := v.http.Do(req)
	return v.answer(res, err)
}

const markTable = "type,value\ndomain,bad.bad-place.com\naddress,203.0.113.9\naddress,10.0.0.1\n"

func (w *world) marks() []kind.Record {
	w.Helper()
	page, err := w.App.List(w.machine(), isms.ThreatIndicators, kind.Query{})
	w.must(err)
	return page.Records
}

func TestIndicatorsAreTakenInInTwoStepsWithoutAScript(t *testing.T) {
	w := newWorld(t)
	ada := w.as("ada@example.org")
	ada.sees("/compromise", "No event has shown one", `enctype="multipart/form-data"`, "indicators.yaml")

	status, preview := ada.sendMarks("list.csv", markTable, "source", "National <CERT>", "severity", "high")
	if status != http.StatusOK || !strings.Contains(preview, "Nothing is kept yet") || !strings.Contains(preview, "nobody can be reached in from outside") {
		t.Fatalf("preview: status %d\n%s", status, preview)
	}
	if n := len(w.marks()); n != 0 {
		t.Fatalf("a preview kept %d indicators", n)
	}
	found := packed.FindStringSubmatch(preview)
	if found == nil {
		t.Fatal("the preview does not carry the file")
	}
	status, body := ada.post("/compromise", url.Values{"sure": {"yes"}, "name": {"list.csv"}, "source": {"National <CERT>"}, "severity": {"high"}, "packed": {found[1]}})
	if status != http.StatusOK || !strings.Contains(body, "2 new indicators are looked for") || len(w.marks()) != 2 {
		t.Fatalf("taking them in: status %d, %d indicators", status, len(w.marks()))
	}
	for _, rec := range w.marks() {
		if m := rec.(*isms.ThreatIndicator); m.Source != "National <CERT>" || m.Severity != isms.SeverityHigh {
			t.Errorf("%+v", m)
		}
	}
}

func TestThePageShowsWhatWasSeenHereWithItsAlerts(t *testing.T) {
	w := newWorld(t)
	now := w.Clock.Now()
	seen := &isms.ThreatIndicator{Base: isms.Base{Key: "seen"}, Type: "address", Value: "203.0.113.66", Status: "active", Source: "CERT", Sightings: 3, LastSeen: now.Add(-time.Hour), ValidUntil: now.AddDate(0, 0, 3)}
	w.must(w.App.Save(w.machine(), seen))
	w.must(w.App.Save(w.machine(), &isms.ThreatIndicator{Base: isms.Base{Key: "quiet"}, Type: "domain", Value: "quiet.bad-place.com", Status: "active"}))
	w.must(w.App.Save(w.machine(), &isms.Alert{Base: isms.Base{Key: "rang", Title: "An address <of theirs>"}, Severity: "high", Source: "indicator", IndicatorID: seen.ID, Count: 3, FirstSeen: now, LastSeen: now}))
	ada := w.as("ada@example.org")
	status, body := ada.get("/compromise")
	if status != http.StatusOK || !strings.Contains(body, "203.0.113.66") || !strings.Contains(body, "An address &lt;of theirs&gt;") || !strings.Contains(body, "seen 3 times") || !strings.Contains(body, "told by CERT") {
		t.Errorf("status %d\n%s", status, body)
	}
	if strings.Contains(body, "quiet.bad-place.com") {
		t.Error("what was never seen stands among the sightings")
	}
}

func TestAFileOfIndicatorsThatFailsKeepsNothingAndAnAuditorTakesNoneIn(t *testing.T) {
	w := newWorld(t)
	ada := w.as("ada@example.org")
	for name, c := range map[string]struct{ file, text, want string }{
		"nothing chosen": {"", "", "choose a file first"},
		"no format":      {"x.json", `{"a": 1}`, "neither a STIX bundle"},
		"empty":          {"x.csv", "", "is empty"},
	} {
		if status, body := ada.sendMarks(c.file, c.text); status != http.StatusUnprocessableEntity || !strings.Contains(body, c.want) {
			t.Errorf("%s: status %d, want %q in\n%s", name, status, c.want, body)
		}
	}
	for _, broken := range []string{"!!!", "H4sI"} {
		if status, _ := ada.post("/compromise", url.Values{"sure": {"yes"}, "name": {"x"}, "packed": {broken}}); status != http.StatusUnprocessableEntity {
			t.Errorf("a broken preview: status %d", status)
		}
	}
	w.join("auditor@example.org", "auditor")
	auditor := w.as("auditor@example.org")
	if status, body := auditor.get("/compromise"); status != http.StatusOK || strings.Contains(body, "Take in a file") {
		t.Errorf("an auditor sees the form: status %d", status)
	}
	if status, _ := auditor.sendMarks("list.csv", markTable, "sure", "yes"); status != http.StatusNotFound {
		t.Errorf("an auditor took indicators in: status %d", status)
	}
	if n := len(w.marks()); n != 0 {
		t.Errorf("%d were kept", n)
	}
}
