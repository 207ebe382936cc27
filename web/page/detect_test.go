package page_test

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"holdfast/app"
	"holdfast/feed"
	"holdfast/forward"
	"holdfast/isms"
	"holdfast/kind"
)

// uploadFolder posts the files of a folder.
func (v *visitor) uploadFolder(path string, files map[string]string, fields url.Values) (int, string) {
	v.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for name, text := range files {
		part, err := form.CreateFormFile("folder", name)
		v.must(err)
		_, err = io.WriteString(part, text)
		v.must(err)
	}
	for name, values := range fields {
		v.must(form.WriteField(name, values[0]))
	}
	v.must(form.Close())
	req, err := http.NewRequest(http.MethodPost, v.url+path, &b)
	v.must(err)
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Origin", v.url)
	res, err := v.http.Do(req)
	return v.answer(res, err)
}

// hidden is the value of a hidden field of a page.
func hidden(body, name string) string {
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(body)
	if m == nil {
		return ""
	}
	return m[1]
}

func TestRulesAreShownBeforeTheyAreTakenIn(t *testing.T) {
	w, _ := eventWorld(t)
	v := w.as("ada@example.org")
	const page = "/detection-rules/import"
	count := func() int {
		list, err := app.Of[isms.DetectionRule](w.App, isms.DetectionRules).All(w.machine(), kind.Query{})
		w.must(err)
		return len(list)
	}
	v.sees(page, "are not here yet", "Rules of others", "webkitdirectory")
	_, body := v.post(page, url.Values{"shipped": {"yes"}})
	if !strings.Contains(body, "Nothing is kept yet") || !strings.Contains(body, "Take them in") || count() != 0 {
		t.Fatalf("the shipped rules are not previewed, or %d were kept", count())
	}
	_, body = v.post(page, url.Values{"shipped": {"yes"}, "sure": {"yes"}, "state": {"testing"}})
	if n := count(); !strings.Contains(body, "Taken in") || n < 40 {
		t.Fatalf("%d rules were taken in", n)
	}
	v.sees(page, "are here.")
	before := count()

	_, body = v.uploadFolder(page, map[string]string{"mine.yml": guesses, "broken.yaml": "title: x\n", "README.md": "no rule"}, nil)
	for _, want := range []string{"Nothing is kept yet", "Failed sign-in", "1 could not be read", "broken.yaml", "Take them in"} {
		if !strings.Contains(body, want) {
			t.Errorf("the preview of a folder lacks %q", want)
		}
	}
	if strings.Contains(body, "README") || count() != before {
		t.Error("the preview names what is no rule, or keeps something")
	}
	if _, body = v.post(page, url.Values{"packed": {hidden(body, "packed")}, "sure": {"yes"}, "state": {"draft"}}); !strings.Contains(body, "1 new") || count() != before+1 {
		t.Errorf("what was shown was not taken in: %d", count())
	}
	for name, form := range map[string]url.Values{"nothing": {"text": {" "}}, "a torn preview": {"packed": {"%%%"}, "sure": {"yes"}}, "a state of none": {"shipped": {"yes"}, "sure": {"yes"}, "state": {"disabled"}}} {
		if status, body := v.post(page, form); status != http.StatusUnprocessableEntity || !strings.Contains(body, "Nothing was taken in") {
			t.Errorf("%s: %d", name, status)
		}
	}
	w.join("auditor@example.org", isms.RoleAuditor)
	if status, _ := w.as("auditor@example.org").post(page, url.Values{"shipped": {"yes"}, "sure": {"yes"}}); status != http.StatusNotFound {
		t.Errorf("an auditor takes rules in: %d", status)
	}
}

func TestThePageOfForwardingShowsEachTargetAndSendsATest(t *testing.T) {
	w, _ := eventWorld(t)
	var tested []string
	overview := forward.Overview{File: "/srv/data/forward.yaml", Workspace: "fernhill"}
	w.forward = func(context.Context) (forward.Overview, error) { return overview, nil }
	w.testForward = func(_ context.Context, name string) error {
		tested = append(tested, name)
		if name == "deaf" {
			return kind.Errorf(kind.Unavailable, "nobody <listens> there")
		}
		return nil
	}
	v := w.as("ada@example.org")
	v.sees("/forwarding", "Events stay here", "workspace: fernhill", "data-copy", "/srv/data/forward.yaml")
	at := w.Clock.Now()
	overview.Targets = []forward.Status{
		{Name: "siem", To: "tls://siem.example", How: "Syslog over TLS", Stats: forward.Stats{Position: 9, At: at, Sent: 1234, Behind: 5}},
		{Name: "deaf", To: "https://deaf.example", How: "OCSF over HTTPS, with a token", MinSeverity: "high", Sources: []string{"firewall"}, Stats: forward.Stats{Position: 9, At: at, Trouble: "it <b>refuses</b>", LastErr: "it refuses", LastAt: at, Refused: 2, Skipped: 3, Cut: 4}},
		{Name: "fresh", To: "udp://x", How: "Syslog"},
	}
	v.sees("/forwarding", "siem", "Forwarding", "1,234", "It stands still", "&lt;b&gt;refuses", "High and above", "firewall", "It has not begun", "3 skipped by retention, 4 cut", "Send a test event")
	if _, body := v.post("/forwarding/siem/test", nil); !strings.Contains(body, "siem took the test event") {
		t.Error("nobody says that the test arrived")
	}
	if _, body := v.post("/forwarding/deaf/test", nil); !strings.Contains(body, "nobody &lt;listens&gt; there") {
		t.Error("nobody says why the test did not arrive")
	}
	overview.Problem = "line 3 is wrong"
	v.sees("/forwarding", "Events are not forwarded", "line 3 is wrong")
	w.join("auditor@example.org", isms.RoleAuditor)
	a := w.as("auditor@example.org")
	a.misses("/forwarding", "Send a test event")
	if status, _ := a.post("/forwarding/siem/test", nil); status != http.StatusNotFound || len(tested) != 2 {
		t.Errorf("an auditor sends tests: %d, %v", status, tested)
	}
}

func TestASourceOfIndicatorsIsAskedFromThePageWithProgress(t *testing.T) {
	w, _ := eventWorld(t)
	var feeds []feed.TellerState
	w.feeds = func(context.Context) ([]feed.TellerState, error) { return feeds, nil }
	w.fetchFeed = func(ctx context.Context, name string) (string, error) {
		return w.App.Enqueue(ctx, app.Request{Name: "fetch", Title: "Fetch indicators of " + name, Once: name})
	}
	v := w.as("ada@example.org")
	v.sees("/compromise", "indicators.yaml", "taxii.example.org", "data-copy")
	at := w.Clock.Now()
	feeds = []feed.TellerState{
		{Name: "CERT", Kind: "taxii", Host: "taxii.example", Every: 6, At: at.Add(-time.Hour), Read: 1200, Created: 7}, {Name: "List", Kind: "url", Host: "lists.example", Every: 1, Trouble: "it answered <404>"},
	}
	v.sees("/compromise", "CERT", "taxii.example", "1,200 read, 7 new", "Works", "Failed", "it never answered", "&lt;404&gt;", "Fetch now")
	if _, body := v.post("/compromise/fetch", url.Values{"name": {"CERT"}}); !strings.Contains(body, "Fetching") || !strings.Contains(body, "Fetch indicators of CERT") || !strings.Contains(body, "Waiting for its turn") {
		t.Error("the progress is not shown")
	}
	if _, body := v.post("/compromise/fetch", url.Values{"name": {"CERT"}}); !strings.Contains(body, "being fetched already") {
		t.Error("nobody says that it is under way")
	}
	w.join("auditor@example.org", isms.RoleAuditor)
	a := w.as("auditor@example.org")
	a.misses("/compromise", "Fetch now")
	if status, _ := a.post("/compromise/fetch", url.Values{"name": {"CERT"}}); status != http.StatusNotFound {
		t.Errorf("an auditor fetches: %d", status)
	}
}
