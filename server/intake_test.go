package server

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/eventstore"
	"holdfast/flow/detection"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/testkit/clients"

	"github.com/klauspost/compress/zstd"
)

// A hearer is a product that runs whole and takes in events.
type hearer struct {
	*testing.T
	l    *Local
	url  string
	lead context.Context
	who  access.Actor
}

func serveSources(t *testing.T) *hearer {
	t.Helper()
	return serveSourcesAt(t, Place{Data: t.TempDir()})
}

func serveSourcesAt(t *testing.T, p Place) *hearer {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	l, err := Open(ctx, p)
	if err != nil {
		t.Fatal(err)
	}
	who, err := l.App.Found(ctx, "Example", app.First{Name: "Ada", Email: "ada@example.org"})
	if err != nil {
		t.Fatal(err)
	}
	urls, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		ended <- l.serve(ctx, Options{Listen: "127.0.0.1:0", NoBrowser: true, Out: io.Discard, Log: slog.New(slog.DiscardHandler)}, func(_ context.Context, _ Options, url string) error {
			urls <- url
			return nil
		})
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the server ended with %v", err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return &hearer{T: t, l: l, url: <-urls, lead: access.With(ctx, who), who: who}
}

func (h *hearer) connect(w detection.SourceWish) (*isms.EventSource, string) {
	h.Helper()
	src, token, err := h.l.Detection.ConnectSource(h.lead, w)
	if err != nil {
		h.Fatal(err)
	}
	return src, token
}

func (h *hearer) post(path, token string, body []byte, head ...string) (int, string, http.Header) {
	h.Helper()
	req, err := http.NewRequestWithContext(h.lead, http.MethodPost, h.url+path, bytes.NewReader(body))
	if err != nil {
		h.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	for i := 0; i < len(head); i += 2 {
		req.Header.Set(head[i], head[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		h.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		h.Fatal(err)
	}
	return res.StatusCode, string(text), res.Header
}

// lines are the events that are kept, oldest first.
func (h *hearer) lines() []string {
	h.Helper()
	store, err := h.l.Events(h.who.Workspace)
	if err != nil {
		h.Fatal(err)
	}
	found, err := store.Search(h.lead, eventstore.Query{Limit: 1000})
	if err != nil {
		h.Fatal(err)
	}
	out := make([]string, len(found.Hits))
	for i, hit := range found.Hits {
		out[len(out)-1-i] = string(hit.Event.Raw)
	}
	return out
}

func (h *hearer) source(id string) *isms.EventSource {
	h.Helper()
	s, err := app.Of[isms.EventSource](h.l.App, isms.EventSources).Get(h.lead, id)
	if err != nil {
		h.Fatal(err)
	}
	return s
}

func (h *hearer) eventually(what string, is func() bool) {
	h.Helper()
	for range 1500 {
		if is() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	h.Fatalf("waited in vain for %s", what)
}

func packed(t *testing.T, way, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser = gzip.NewWriter(&b)
	if way == "zstd" {
		z, err := zstd.NewWriter(&b)
		if err != nil {
			t.Fatal(err)
		}
		w = z
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWhatIsPostedIsThereWhenItIsAnswered(t *testing.T) {
	h := serveSources(t)
	src, token := h.connect(detection.SourceWish{Recipe: "http", Title: "Shop"})
	at := "/intake/" + src.ID
	for _, c := range []struct {
		name, path string
		body       []byte
		head       []string
		answer     string
		want       []string
	}{
		{"lines", at, []byte("{\"n\":1}\n{\"n\":2}\n"), nil, `{"kept":2,"repeated":false}`, []string{`{"n":1}`, `{"n":2}`}},
		{"gzip", at, packed(t, "gzip", "{\"n\":3}\n"), []string{"Content-Encoding", "gzip"}, `{"kept":1`, []string{`{"n":3}`}},
		{"zstd", at, packed(t, "zstd", "{\"n\":4}\n"), []string{"Content-Encoding", "zstd"}, `{"kept":1`, []string{`{"n":4}`}},
		{"with a key", at, []byte("{\"n\":5}"), []string{"Idempotency-Key", "k"}, `"repeated":false`, []string{`{"n":5}`}},
		{"with a key again", at, []byte("{\"n\":5}"), []string{"Idempotency-Key", "k"}, `"repeated":true`, nil},
		{"cloud records", at, []byte(`{"Records":[{"n":6},{"n":7}]}`), nil, `{"kept":2`, []string{`{"n":6}`, `{"n":7}`}},
		{"Splunk", at + "/services/collector/event", []byte(`{"event":{"n":8}}{"event":"plain text","host":"x"}`), nil, `{"text":"Success","code":0}`, []string{`{"n":8}`, "plain text"}},
		{"OpenTelemetry", at + "/v1/logs", []byte(`{"resourceLogs":[{"resource":{"a":1},"scopeLogs":[{"logRecords":[{"body":{"stringValue":"x"}}]}]}]}`), nil,
			`{"partialSuccess":{}}`, []string{`{"logRecord":{"body":{"stringValue":"x"}},"resource":{"a":1}}`}},
		{"bulk", at + "/_bulk", []byte("{\"create\":{\"_index\":\"w\"}}\n{\"n\":9}\n{\"index\":{}}\n{\"n\":10}\n"), nil,
			`{"took":1,"errors":false,"items":[{"create":{"status":201,"result":"created"}},{"index":{"status":201,"result":"created"}}]}`, []string{`{"n":9}`, `{"n":10}`}},
	} {
		before := len(h.lines())
		status, text, _ := h.post(c.path, token, c.body, c.head...)
		if status != http.StatusOK || !strings.Contains(text, c.answer) {
			t.Errorf("%s: %d %s", c.name, status, text)
		}
		all := h.lines()
		if got := all[before:]; len(got) != len(c.want) || len(got) > 0 && !sameLines(got, c.want) {
			t.Errorf("%s: kept %q, want %q", c.name, got, c.want)
		}
	}
	h.eventually("the source to be active", func() bool { s := h.source(src.ID); return s.Status == isms.SourceActive && !s.LastSeen.IsZero() })
}

// sameLines compares without order: what happened in one instant has none.
func sameLines(a, b []string) bool {
	count := map[string]int{}
	for _, s := range a {
		count[s]++
	}
	for _, s := range b {
		count[s]--
	}
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return true
}

func TestAPostThatIsNotTakenSaysWhy(t *testing.T) {
	h := serveSources(t)
	src, token := h.connect(detection.SourceWish{Recipe: "http"})
	other, otherToken := h.connect(detection.SourceWish{Recipe: "http", Senders: []string{"192.0.2.0/24"}})
	slow, slowToken := h.connect(detection.SourceWish{Recipe: "http"})
	limited := h.source(slow.ID)
	limited.RateLimit = 1
	if err := h.l.App.Save(h.lead, limited); err != nil {
		t.Fatal(err)
	}
	if err := h.l.Detection.SourceHouse().Settle(h.lead); err != nil {
		t.Fatal(err)
	}
	h.post("/intake/"+slow.ID, slowToken, []byte("x"))
	for name, c := range map[string]struct {
		id, path, token string
		body            []byte
		head            []string
		status          int
		says            string
	}{
		"a wrong token":       {src.ID, "", "nonsense", []byte("x"), nil, 401, "token"},
		"no token":            {src.ID, "", "", []byte("x"), nil, 401, "token"},
		"the token's hash":    {src.ID, "", h.source(src.ID).Token, []byte("x"), nil, 401, "token"},
		"another's token":     {src.ID, "", otherToken, []byte("x"), nil, 401, "token"},
		"no such source":      {"nobody", "", token, []byte("x"), nil, 401, "token"},
		"a foreign address":   {other.ID, "", otherToken, []byte("x"), nil, 403, "address"},
		"too large unpacked":  {src.ID, "", token, packed(t, "gzip", strings.Repeat("a", 25<<20)), nil, 413, "24 MB"},
		"broken gzip":         {src.ID, "", token, []byte("\x1f\x8bnonsense"), nil, 400, "body"},
		"an unknown encoding": {src.ID, "", token, []byte("x"), []string{"Content-Encoding", "br"}, 400, "gzip and zstd"},
		"protobuf":            {src.ID, "/v1/logs", token, []byte("x"), []string{"Content-Type", "application/x-protobuf"}, 400, "JSON"},
		"no OpenTelemetry":    {src.ID, "/v1/logs", token, []byte("x"), nil, 400, "body"},
		"no Splunk":           {src.ID, "/services/collector", token, []byte(`{"x":1}`), nil, 400, "no event"},
		"a delete in a bulk":  {src.ID, "/_bulk", token, []byte(`{"delete":{}}`), nil, 400, "create and index"},
		"too many":            {slow.ID, "", slowToken, []byte("x"), nil, 429, "limit"},
	} {
		status, text, head := h.post("/intake/"+c.id+c.path, c.token, c.body, c.head...)
		if status != c.status || !strings.Contains(text, c.says) {
			t.Errorf("%s: %d %s", name, status, text)
		}
		if status == 429 && head.Get("Retry-After") == "" {
			t.Errorf("%s: it does not say when to come again", name)
		}
	}
	if got := h.lines(); len(got) != 1 {
		t.Errorf("kept %q", got)
	}
}

func TestATokenThatWasRenewedOrASourceThatIsDisabledIsWorthNothing(t *testing.T) {
	h := serveSources(t)
	src, old := h.connect(detection.SourceWish{Recipe: "http"})
	_, token, err := h.l.Detection.RenewSourceToken(h.lead, src.ID)
	if err != nil {
		t.Fatal(err)
	}
	if status, _, _ := h.post("/intake/"+src.ID, old, []byte("x")); status != 401 {
		t.Errorf("the old token is answered with %d", status)
	}
	if status, text, _ := h.post("/intake/"+src.ID, token, []byte("x")); status != 200 {
		t.Errorf("the new token is answered with %d %s", status, text)
	}
	if _, err := h.l.App.Do(h.lead, isms.EventSources, src.ID, "disable", 0, kind.Input{Reason: "retired"}); err != nil {
		t.Fatal(err)
	}
	h.eventually("the source to be disabled", func() bool {
		status, _, _ := h.post("/intake/"+src.ID, token, []byte("x"))
		return status == 401
	})
}

func TestSyslogOverTLSKnowsItsSendersByTheirCertificates(t *testing.T) {
	h := serveSources(t)
	mine := &selfMade{dir: t.TempDir(), now: time.Now}
	card, err := mine.tls()
	if err != nil {
		t.Fatal(err)
	}
	_, print, err := mine.public()
	if err != nil {
		t.Fatal(err)
	}
	src := &isms.EventSource{Base: isms.Base{Title: "Firewall"}, Transport: "syslog_tls", Address: "127.0.0.1:0", Certificate: strings.ToUpper(print[:2]) + ":" + print[2:]}
	if err := h.l.App.Save(h.lead, src); err != nil {
		t.Fatal(err)
	}
	h.eventually("the source to listen", func() bool { return h.l.Detection.SourceHouse().Listens(src.ID) != "" })
	send := func(certs ...tls.Certificate) error {
		c, err := tls.Dial("tcp", h.l.Detection.SourceHouse().Listens(src.ID), &tls.Config{InsecureSkipVerify: true, Certificates: certs}) //nolint:gosec // the test asks what the server does
		if err != nil {
			return err
		}
		defer func() { _ = c.Close() }()
		if _, err := io.WriteString(c, "12 <13>from tls"); err != nil {
			return err
		}
		_ = c.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
		_, err = c.Read(make([]byte, 1))
		return err
	}
	if err := send(); err == nil || strings.Contains(err.Error(), "timeout") {
		t.Errorf("a sender without a certificate was heard: %v", err)
	}
	if err := send(*card); err == nil || !strings.Contains(err.Error(), "timeout") {
		t.Errorf("the sender was not heard: %v", err)
	}
	h.eventually("the line", func() bool { got := h.lines(); return len(got) == 1 && got[0] == "<13>from tls" })

	_, before, err := h.l.Detection.SourceHouse().Certificate()
	if err != nil {
		t.Fatal(err)
	}
	if err := h.l.Detection.SourceHouse().RenewCertificate(); err != nil {
		t.Fatal(err)
	}
	c, err := tls.Dial("tcp", h.l.Detection.SourceHouse().Listens(src.ID), &tls.Config{InsecureSkipVerify: true}) //nolint:gosec // as above
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if _, now, err := h.l.Detection.SourceHouse().Certificate(); err != nil || now == before {
		t.Errorf("the certificate is still the same: %v", err)
	}
}

func TestAFileInTheInboxIsFollowedAndOthersAreNot(t *testing.T) {
	h := serveSources(t)
	inbox := h.l.Place.InboxDir()
	if err := os.MkdirAll(inbox, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(inbox, "app.log")
	if err := os.WriteFile(path, []byte("first line\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	src, _ := h.connect(detection.SourceWish{Recipe: "file", File: path})
	key, _ := h.connect(detection.SourceWish{Recipe: "file", File: filepath.Join(h.l.Place.Data, "holdfast.db")})
	h.eventually("the line", func() bool { got := h.lines(); return len(got) == 1 && got[0] == "first line" })
	h.eventually("the complaint", func() bool {
		look, err := h.l.Detection.Source(h.lead, key.ID)
		return err == nil && strings.Contains(look.Live.Trouble, "none of the folders")
	})
	look, err := h.l.Detection.Source(h.lead, src.ID)
	if err != nil || look.Live.Lines != 1 || look.Today() != 1 || string(look.Live.Last) != "first line" {
		t.Errorf("%+v %v", look, err)
	}
}

// Each recipe for rsyslog is read by rsyslog itself.
func TestTheRecipesForRsyslogAreUnderstoodByRsyslog(t *testing.T) {
	path := clients.Need(t, "rsyslog", "rsyslogd")
	h := serveSources(t)
	for _, r := range detection.SourceRecipes {
		if !strings.Contains(r.Where, "rsyslog.d") {
			continue
		}
		src, _ := h.connect(detection.SourceWish{Recipe: r.ID, Senders: []string{"127.0.0.1"}})
		look, err := h.l.Detection.Source(h.lead, src.ID)
		if err != nil {
			t.Fatal(err)
		}
		guide := h.l.Detection.GuideTo(look, h.url, "")
		text, certificate, _ := strings.Cut(guide.Text, "\n# /etc/rsyslog.d/holdfast.pem\n")
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "holdfast.pem"), []byte(certificate), 0o600); err != nil {
			t.Fatal(err)
		}
		sender := &selfMade{dir: dir, now: h.l.now} // some recipes have one of their own
		if _, err := sender.tls(); err != nil {
			t.Fatal(err)
		}
		text = strings.NewReplacer("/etc/rsyslog.d/sender.pem", filepath.Join(dir, certFile), "/etc/rsyslog.d/sender.key", filepath.Join(dir, keyFile),
			"/etc/rsyslog.d/", dir+"/").Replace(text)
		conf := filepath.Join(dir, "rsyslog.conf")
		if err := os.WriteFile(conf, []byte("global(workDirectory=\"/tmp\")\nmodule(load=\"imuxsock\" SysSock.Use=\"off\")\n"+text), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(path, "-N1", "-f", conf).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s\n%s", r.ID, err, out, text)
		}
	}
}

// A web server's log reaches us through the recipe, line for line.
func TestALogThatRsyslogFollowsArrivesAsItIs(t *testing.T) {
	path := clients.Need(t, "rsyslog", "rsyslogd")
	h := serveSources(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := l.Addr().String()
	_ = l.Close()
	src := &isms.EventSource{Base: isms.Base{Title: "Web"}, Transport: "syslog_relp", Format: "access_log", Category: "webserver", Address: at, Senders: []string{"127.0.0.1"}}
	if err := h.l.App.Save(h.lead, src); err != nil {
		t.Fatal(err)
	}
	h.eventually("the source to listen", func() bool { return h.l.Detection.SourceHouse().Listens(src.ID) != "" })
	look, err := h.l.Detection.Source(h.lead, src.ID)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	log := filepath.Join(dir, "access.log")
	want := []string{`203.0.113.7 - - [04/Mar/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 612 "-" "curl/8"`, `203.0.113.8 - - [04/Mar/2026:10:00:01 +0000] "GET /admin HTTP/1.1" 404 19 "-" "x"`}
	if err := os.WriteFile(log, []byte(strings.Join(want, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(h.l.Detection.GuideTo(look, h.url, "").Text, "/var/log/nginx/access.log", log)
	conf := filepath.Join(dir, "rsyslog.conf")
	if err := os.WriteFile(conf, fmt.Appendf(nil, "global(workDirectory=%q)\n%s", dir, text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "-n", "-f", conf, "-i", filepath.Join(dir, "pid"))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	h.eventually("the lines", func() bool {
		n := 0
		for _, line := range h.lines() {
			for _, w := range want {
				if line == w {
					n++
				}
			}
		}
		return n == len(want)
	})
}
