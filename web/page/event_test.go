package page_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/engine/event"
	"holdfast/eventstore"
	logs "holdfast/eventstore/sample"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/testkit"
	"holdfast/testkit/browser"
)

// eventWorld serves an installation that keeps events.
func eventWorld(t testing.TB) (*world, *eventstore.Store) {
	t.Helper()
	w := open(t, testkit.SQLiteFile(t), testkit.Start)
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
	var err error
	w.first, err = w.App.Found(context.Background(), "Events", app.First{Name: "Ada Admin", Email: "ada@example.org", Password: password})
	w.must(err)
	w.serve()
	s, err := w.events(w.first.Workspace)
	w.must(err)
	return w, s
}

// appendSample fills the store with sample lines of the last day.
func appendSample(w *world, s *eventstore.Store, n int) {
	w.Helper()
	now := w.Clock.Now()
	var lines []event.Line
	for l := range logs.Lines(1, n, now.Add(-23*time.Hour), now) {
		lines = append(lines, l)
	}
	_, err := s.Append(context.Background(), lines...)
	w.must(err)
}

// hostileLines are lines that somebody who attacks us may have written.
func hostileLines() []string {
	return []string{
		`<script>document.title = "taken"</script><img src=x onerror="document.title='taken'">`,
		"\x1b]0;taken\x07\x1b[2J\x1b[31mred\x1b[0m \x00\x08\x7f",
		"user \u202eresu\u202c \u2066mirror\u2069 \u200b\u200f\ufeff",
		"\"><svg/onload=document.title='taken'> ' \" & </td></table></main>",
		"{\"EventID\":1,\"<b>k</b>\":\"<i>v</i>\",\"Computer\":\"\u202ehost\",\"User\":\"<u>u\"}",
		"bytes \xff\xfe\xc3\x28 end",
		"Z" + strings.Repeat("\u0335\u0489", 500),
		"مرحبا بالعالم failed \u05e9\u05dc\u05d5\u05dd",
		strings.Repeat("A very long line. ", 1<<20/18),
		"",
	}
}

func TestAHostileLineCanBreakNoPage(t *testing.T) {
	w, s := eventWorld(t)
	b := browser.New(t)
	signIn(b, w)
	for i, text := range hostileLines() {
		_, err := s.Append(context.Background(), event.Line{Source: "<b>s</b>", Peer: "\u202epeer", Received: w.Clock.Now().Add(time.Duration(i) * time.Second).Add(-time.Hour), Raw: []byte(text)})
		w.must(err)
	}
	pages := []string{"/events?span=all", "/events?span=all&q=" + url.QueryEscape(`"<script>"`), "/events?span=all&q=" + url.QueryEscape("\u202e<b>\x1b:x")}
	for i := range hostileLines() {
		pages = append(pages, fmt.Sprintf("/events/%d", i+1))
	}
	for _, width := range []int{1440, 390} {
		b.Emulate(browser.Light, width)
		for _, page := range pages {
			unbroken(t, b, w.url, page)
		}
		b.NoGraveViolations("an event")
	}
	b.Visit(w.url + "/events/2")
	if text := b.Text("main"); !strings.Contains(text, "␛]0;taken␇␛[2J") {
		t.Errorf("the escapes are not shown: %.400q", text)
	}
	b.Visit(w.url + "/events?span=all")
	if size := browser.Value[int](b, `document.documentElement.outerHTML.length`); size > 200_000 {
		t.Errorf("a page with a line of 1 MB has %d bytes", size)
	}
	if problems := b.Problems(); len(problems) > 0 {
		t.Errorf("the browser complains: %v", problems)
	}
}

func TestTheWholeLineIsDownloadedAsItArrivedAndNeverShownAsAPage(t *testing.T) {
	w, s := eventWorld(t)
	want := "<script>x</script>\x00\xff" + strings.Repeat("y", 1<<20-30)
	_, err := s.Append(context.Background(), event.Line{Source: "s", Received: w.Clock.Now(), Raw: []byte(want)})
	w.must(err)
	v := w.as("ada@example.org")
	res, err := v.http.Get(w.url + "/events/1/raw")
	w.must(err)
	h := res.Header
	if _, body := v.answer(res, err); body != want {
		t.Errorf("%d bytes instead of %d", len(body), len(want))
	}
	if h.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment") || h.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("headers: %v", h)
	}
}

func TestEventsAreSearchedByLinksAlone(t *testing.T) {
	w, s := eventWorld(t)
	v := w.as("ada@example.org")
	if body := v.sees("/events"); !strings.Contains(body, "No event has arrived yet") || !strings.Contains(body, "/event-sources/new") {
		t.Error("an empty store does not say how to begin")
	}
	appendSample(w, s, 2_000)
	body := v.sees("/events?q=" + url.QueryEscape(`source:auth "failed password"`))
	for _, want := range []string{"Failed password", "after%3A", "Follow live", "203.0.113.66", "q=source%3Aauth"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if strings.Contains(body, "Mozilla") {
		t.Error("a line of another source was found")
	}
	if body := v.sees("/events?q=" + url.QueryEscape(`"open`)); !strings.Contains(body, "not closed") {
		t.Error("a search that cannot be read is not explained")
	}
	if body := v.sees("/events?q=user:nobodyhasthisname"); !strings.Contains(body, "Nothing was found") {
		t.Error("nothing found is not said")
	}
}

func TestAnEventIsKeptAsEvidenceWithItsLine(t *testing.T) {
	w, s := eventWorld(t)
	source := &isms.EventSource{Base: isms.Base{Title: "Bastion"}, Transport: "syslog_tls", Format: "syslog"}
	w.must(w.App.Save(w.admin(), source))
	_, err := s.Append(context.Background(), event.Line{Source: source.ID, Received: w.Clock.Now(), Raw: []byte("<86>1 2026-03-04T10:00:00Z bastion sshd 1 - - Failed password for root from 203.0.113.66 port 22 ssh2")})
	w.must(err)
	v := w.as("ada@example.org")
	if status, body := v.post("/events/1/keep", nil); status != http.StatusOK || !strings.Contains(body, "kept as evidence") {
		t.Errorf("%d %s", status, clip(body))
	}
	found, err := app.Of[isms.Evidence](w.App, isms.Evidences).All(w.admin(), kind.Query{})
	w.must(err)
	if len(found) != 1 || !strings.Contains(string(found[0].Statement), "203.0.113.66") || found[0].Source != "measured" {
		t.Errorf("%+v", found)
	}
}

func TestWhoDoesNotInvestigateSeesNoEvent(t *testing.T) {
	w, s := eventWorld(t)
	appendSample(w, s, 10)
	for _, role := range []access.Role{access.Auditor, access.Approver, access.Staff} {
		email := string(role) + "@example.org"
		w.join(email, string(role))
		v := w.as(email)
		for _, path := range []string{"/events", "/events/1", "/events/1/raw"} {
			if status, body := v.get(path); status == http.StatusOK || strings.Contains(body, "HTTP/1.1") {
				t.Errorf("%s sees %s (%d)", role, path, status)
			}
		}
		if status, _ := v.post("/events/1/keep", nil); status == http.StatusOK {
			t.Errorf("%s keeps an event", role)
		}
	}
}

// TestLookAtEvents takes pictures for people to judge, as TestLook does.
func TestLookAtEvents(t *testing.T) {
	dir := os.Getenv("HOLDFAST_LOOK")
	if dir == "" {
		t.Skip("set HOLDFAST_LOOK to a folder to take pictures of the pages")
	}
	w, s := eventWorld(t)
	b := browser.New(t)
	signIn(b, w)
	b.Emulate(browser.Light, 1440)
	b.Visit(w.url + "/events")
	b.FullScreenshot(filepath.Join(dir, "events-empty-1440-light.png"))
	appendSample(w, s, 4_000)
	for name, path := range map[string]string{"events": "/events", "events-found": "/events?q=" + url.QueryEscape(`source:auth "failed password"`), "event": "/events/2500"} {
		for _, theme := range []string{browser.Light, browser.Dark} {
			for _, width := range []int{1440, 390} {
				b.Emulate(theme, width)
				b.Visit(w.url + path)
				b.FullScreenshot(filepath.Join(dir, fmt.Sprintf("%s-%d-%s.png", name, width, theme)))
			}
		}
		b.NoGraveViolations(name)
	}
}

const guesses = "title: Failed sign-in\nlogsource: {product: linux}\ndetection:\n  sel: ['Failed password']\n  condition: sel\nlevel: medium\n"

func TestARuleIsTriedOnStoredEventsFromItsPages(t *testing.T) {
	w, s := eventWorld(t)
	appendSample(w, s, 1_000)
	rule := &isms.DetectionRule{Base: isms.Base{Key: "failed", Title: "Failed sign-in"}, Body: guesses, Status: isms.RuleDraft}
	w.must(w.App.Save(w.machine(), rule))
	record := "/detection-rules/" + rule.ID
	bench := record + "/bench"
	v := w.as("ada@example.org")
	v.sees(record, "Try on stored events", "The last 7 days")
	v.misses(record, "Tried ")
	v.sees(bench, "Try on stored events")
	v.misses(bench, "Events read")

	_, body := v.post(bench, url.Values{"do": {"stored"}, "span": {"7d"}})
	for _, want := range []string{"Events read", ">1,000<", "When it would have rung", "203.0.113.66", "By actor", "Switch it on", "found in"} {
		if !strings.Contains(body, want) {
			t.Errorf("the answer lacks %q", want)
		}
	}
	v.sees(record, "Tried ", "alerts a day")
	v.sees(bench, "Events read", "The first 20 of")
	typed := strings.ReplaceAll(guesses, "Failed password", "no such words")
	if _, body := v.post(bench, url.Values{"do": {"stored"}, "span": {"1d"}, "body": {typed}}); !strings.Contains(body, "It would have kept quiet") || !strings.Contains(body, "no such words") || strings.Contains(body, "Switch it on") {
		t.Error("a text that matches nothing: it is not said so, or the text is lost, or it can be switched on unsaved")
	}
	v.sees(bench, "The text has changed since")
	if status, body := v.post(bench, url.Values{"do": {"stored"}, "body": {"title: x\n"}}); status != http.StatusUnprocessableEntity || !strings.Contains(body, "It could not be tried") {
		t.Errorf("a text that cannot run: %d", status)
	}
	if got := w.record(isms.DetectionRules, rule.ID).(*isms.DetectionRule); got.Version != rule.Version || got.Hits != 0 {
		t.Error("trying a rule changed it")
	}
	if status, _ := v.post(record+"/do/activate", url.Values{"do": {"stored"}, "version": {kind.Itoa(rule.Version)}, "body": {guesses}, "span": {"7d"}}); status != http.StatusOK {
		t.Errorf("switching it on from the bench: %d", status)
	}
	if got := w.record(isms.DetectionRules, rule.ID).(*isms.DetectionRule); got.Status != isms.RuleActive || string(got.Body) != guesses {
		t.Errorf("it is %s", got.Status)
	}

	w.join("auditor@example.org", isms.RoleAuditor)
	a := w.as("auditor@example.org")
	a.misses(record, "stored events", "203.0.113.66")
	a.misses(bench, "stored events", "203.0.113.66")
	if status, body := a.post(bench, url.Values{"do": {"stored"}, "span": {"7d"}}); status != http.StatusForbidden || strings.Contains(body, "203.0.113.66") {
		t.Errorf("an auditor tries rules on events: %d", status)
	}
}

func TestATrialThatTakesLongGoesOnInTheBackground(t *testing.T) {
	w, s := eventWorld(t)
	appendSample(w, s, 9_000)
	rule := &isms.DetectionRule{Base: isms.Base{Key: "failed", Title: "Failed sign-in"}, Body: guesses, Status: isms.RuleDraft}
	w.must(w.App.Save(w.machine(), rule))
	v := w.as("ada@example.org")
	stop := make(chan struct{})
	go func() { // a clock by which everything takes long
		for {
			select {
			case <-stop:
				return
			default:
				w.Clock.Advance(time.Second)
				time.Sleep(time.Millisecond)
			}
		}
	}()
	_, body := v.post("/detection-rules/"+rule.ID+"/bench", url.Values{"do": {"stored"}, "span": {"7d"}})
	close(stop)
	for _, want := range []string{"It stopped early", "goes on in the background", "Trying it on stored events"} {
		if !strings.Contains(body, want) {
			t.Errorf("the answer lacks %q", want)
		}
	}
}

// misses fails the test when the page holds one of the texts.
func (v *visitor) misses(path string, texts ...string) {
	v.Helper()
	_, body := v.get(path)
	for _, text := range texts {
		if strings.Contains(body, text) {
			v.Errorf("GET %s shows %q", path, text)
		}
	}
}
