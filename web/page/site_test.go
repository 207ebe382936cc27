package page_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/catalog"
	"holdfast/engine"
	"holdfast/eventstore"
	"holdfast/feed"
	"holdfast/flow"
	"holdfast/flow/detection"
	"holdfast/flow/response"
	"holdfast/forward"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/port"
	"holdfast/report/pack"
	"holdfast/report/paper"
	"holdfast/store"
	"holdfast/testkit"
	"holdfast/web"
	"holdfast/web/page"
)

const password = "correct horse battery staple"

// A world is the product as a person meets it: the site over a real database.
type world struct {
	*testkit.World
	testing.TB
	flow      *flow.Flow
	response  *response.Flow
	detection *detection.Flow
	first     access.Actor // the administrator, with every right
	url       string
	scans     int // how often a look at the machine was asked for

	advisories func() (*feed.Index, error)
	events     func(workspace string) (*eventstore.Store, error)

	forward     func(context.Context) (forward.Overview, error)
	testForward func(ctx context.Context, target string) error
	feeds       func(context.Context) ([]feed.TellerState, error)
	fetchFeed   func(ctx context.Context, name string) (string, error)
}

// newWorld serves an installation that holds nothing but its administrator.
func newWorld(t testing.TB) *world {
	t.Helper()
	w := open(t, testkit.SQLiteFile(t), testkit.Start)
	var err error
	w.first, err = w.App.Found(context.Background(), "Empty", app.First{Name: "Ada Admin", Email: "ada@example.org", Password: password})
	w.must(err)
	w.serve()
	return w
}

func open(t testing.TB, file string, now time.Time) *world {
	t.Helper()
	s, err := store.Open(context.Background(), file, isms.Registry)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	w := &world{World: testkit.New(s), TB: t}
	w.forward = func(context.Context) (forward.Overview, error) { return forward.Overview{Workspace: "sample"}, nil }
	w.feeds = func(context.Context) ([]feed.TellerState, error) { return nil, nil }
	w.World.App = app.New(s, w.Clock.Now, app.IDs(w.Clock.Now))
	w.Clock.Advance(now.Sub(testkit.Start))
	cat, err := catalog.Load()
	w.must(err)
	w.flow, err = flow.New(w.App, cat)
	w.must(err)
	w.response = response.New(w.flow)
	w.detection = detection.New(w.flow, w.response)
	w.App.Settle(w.flow.React)
	w.App.Settle(w.flow.Approve)
	w.App.Settle(w.flow.KeepReadings)
	w.App.Settle(w.response.LearnFromCauses)
	return w
}

// serve puts the site on an address.
func (w *world) serve() {
	if w.events == nil {
		kept, err := eventstore.Open(w.TempDir(), eventstore.Config{Now: w.Clock.Now})
		w.must(err)
		w.Cleanup(func() { w.must(kept.Close()) })
		w.events = func(string) (*eventstore.Store, error) { return kept, nil }
	}
	pages, details := page.All(page.Config{Flow: w.flow, Response: w.response, Detection: w.detection, Advisories: w.advisories, Events: w.events,
		Forward:        func(ctx context.Context) (forward.Overview, error) { return w.forward(ctx) },
		TestForward:    func(ctx context.Context, target string) error { return w.testForward(ctx, target) },
		IndicatorFeeds: func(ctx context.Context) ([]feed.TellerState, error) { return w.feeds(ctx) },
		FetchFeed:      func(ctx context.Context, name string) (string, error) { return w.fetchFeed(ctx, name) },
		Reports:        paper.Desk{App: w.App, Flow: w.flow, Response: w.response}.Papers, PaperOf: paper.Desk{App: w.App, Flow: w.flow, Response: w.response}.Of,
		Pack: func(ctx context.Context, out io.Writer) error {
			_, _, err := pack.Maker{Desk: paper.Desk{App: w.App, Flow: w.flow, Response: w.response}, Product: "test"}.Write(ctx, out)
			return err
		},
		ScanHost: func(ctx context.Context) (string, error) {
			w.scans++
			return w.App.Enqueue(ctx, app.Request{Name: "scan-host", Title: "Look at this machine", Once: "host"})
		},
	})
	site := web.New(web.Config{App: w.App, Log: slog.New(slog.NewTextHandler(w.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})), Now: w.Clock.Now, Pages: pages, Details: details})
	srv := httptest.NewServer(site)
	w.Cleanup(srv.Close)
	w.url = srv.URL
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// machine is the product itself in the workspace of the administrator.
func (w *world) machine() context.Context {
	return access.With(context.Background(), access.Actor{Name: "holdfast", Workspace: w.first.Workspace, Machine: true, Via: "flow"})
}

// admin is a context in which the administrator acts.
func (w *world) admin() context.Context { return access.With(context.Background(), w.first) }

// The sample organisation with a scan over it is loaded once for all tests.
var sample = sync.OnceValues(func() (sampled, error) { return loadSample(testkit.Start) })

type sampled struct {
	file  []byte
	first access.Actor
}

func loadSample(now time.Time) (out sampled, err error) {
	dir, err := os.MkdirTemp("", "holdfast-page-*")
	if err != nil {
		return out, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "sample.db")
	s, err := store.Open(context.Background(), path, isms.Registry)
	if err != nil {
		return out, err
	}
	clock := testkit.NewClock()
	clock.Advance(now.Sub(testkit.Start))
	a := app.New(s, clock.Now, app.IDs(clock.Now))
	cat, err := catalog.Load()
	if err != nil {
		return out, err
	}
	f, err := flow.New(a, cat)
	if err != nil {
		return out, err
	}
	a.Settle(f.React)
	a.Settle(f.KeepReadings)
	if out.first, err = a.Found(context.Background(), "Lindenhof (sample)", app.First{Name: "Ada Admin", Email: "ada@example.org", Password: password}); err != nil {
		return out, err
	}
	ctx := access.With(context.Background(), access.Actor{Name: "Sample", Workspace: out.first.Workspace, Machine: true, Via: "import"})
	if err := importSample(ctx, a, now); err != nil {
		return out, err
	}
	if err := f.Checks(ctx, flow.KnownChecks()); err != nil {
		return out, err
	}
	for _, target := range []string{"web-1", "app-1"} {
		if _, err := f.Observe(ctx, scanned(target, now), runsOver(target, now)); err != nil {
			return out, err
		}
	}
	if err := repriceAll(ctx, a, f); err != nil {
		return out, err
	}
	if err := s.Close(); err != nil {
		return out, err
	}
	out.file, err = os.ReadFile(path)
	return out, err
}

// importSample brings in the documents of the catalogue as an import file would.
func importSample(ctx context.Context, a *app.App, now time.Time) error {
	list, err := catalog.Sample(now)
	if err != nil {
		return err
	}
	var lines bytes.Buffer
	for _, d := range list {
		object := map[string]any{"kind": d.Kind, "key": d.Key}
		for name, v := range d.Fields {
			object[name] = v
		}
		if len(d.Links) > 0 {
			object["links"] = d.Links
		}
		line, err := json.Marshal(object)
		if err != nil {
			return err
		}
		lines.Write(append(line, '\n'))
	}
	docs, err := port.ReadJSON("sample", &lines)
	if err != nil {
		return err
	}
	_, err = port.Import(ctx, a, docs, port.Options{Now: now, Reason: "sample organisation"})
	return err
}

func repriceAll(ctx context.Context, a *app.App, f *flow.Flow) error {
	risks, err := app.Of[isms.Risk](a, isms.Risks).All(ctx, kind.Query{})
	if err != nil {
		return err
	}
	return a.Atomic(ctx, func(ctx context.Context) error {
		for _, r := range risks {
			if err := f.Reprice(ctx, r.ID); err != nil {
				return fmt.Errorf("%s: %w", r.Key, err)
			}
		}
		return nil
	})
}

// scanned is what an inventory of a host holds.
func scanned(host string, now time.Time) *engine.Target {
	t := &engine.Target{Kind: engine.Host, Name: host, Now: now, Inventory: &engine.Inventory{
		Host: engine.HostFacts{Hostname: host, Kernel: "6.1.0-28-amd64", OS: engine.OS{PrettyName: "Debian GNU/Linux 12 (bookworm)"}},
	}}
	for _, p := range packages {
		t.Inventory.Packages = append(t.Inventory.Packages, engine.Package{Name: p.name, Version: p.version, Ecosystem: "Debian:12"})
	}
	for i := range 120 {
		t.Inventory.Packages = append(t.Inventory.Packages, engine.Package{Name: fmt.Sprintf("lib-sample-%03d", i), Version: "1.0", Ecosystem: "Debian:12"})
	}
	return t
}

// packages with made-up advisories: how many of each severity.
var packages = []struct {
	name, version, fixed        string
	critical, high, medium, low int
	exploited                   bool
}{
	{"openssl", "3.0.11-1", "3.0.15-1", 1, 3, 4, 1, true},
	{"linux", "6.1.99-1", "6.1.119-1", 2, 9, 14, 6, true},
	{"curl", "7.88.1-10", "7.88.1-12", 0, 2, 3, 1, false},
	{"openssh", "1:9.2p1-2", "1:9.2p1-2+deb12u3", 0, 1, 2, 0, false},
	{"libxml2", "2.9.14", "", 0, 1, 2, 2, false},
	{"nginx", "1.22.1-9", "1.22.1-9+deb12u1", 0, 2, 1, 0, false},
	{"systemd", "252.30", "252.33", 0, 0, 2, 1, false},
}

// runsOver are what the engines said of the host.
func runsOver(host string, now time.Time) []engine.Run {
	vulns := engine.Run{Engine: "vulnmatch", Target: host, Started: now.Add(-time.Minute), Finished: now}
	n := 0
	for _, p := range packages {
		for severity, count := range map[engine.Severity]int{engine.Critical: p.critical, engine.High: p.high, engine.Medium: p.medium, engine.Low: p.low} {
			for i := range count {
				n++
				vulns.Observations = append(vulns.Observations, advisory(p.name, p.version, p.fixed, severity, i, p.exploited && i == 0 && severity == engine.High))
			}
		}
	}
	config := engine.Run{Engine: "configcheck", Target: host, Started: now.Add(-time.Minute), Finished: now}
	for i, c := range flow.KnownChecks() {
		o := engine.Observation{Engine: "configcheck", Check: c.ID, Title: c.Title, Outcome: engine.Pass, Principle: c.Principle}
		if i%4 == 0 {
			o.Outcome, o.Severity, o.Detail = engine.Fail, c.Severity, "seen in /etc/example.conf:3"
		}
		config.Observations = append(config.Observations, o)
	}
	failed := engine.Run{Engine: "decoy", Target: host, Started: now.Add(-time.Minute), Finished: now, Err: fmt.Errorf("no decoy is deployed on %s", host)}
	return []engine.Run{vulns, config, failed}
}

func advisory(name, version, fixed string, s engine.Severity, i int, exploited bool) engine.Observation {
	id := fmt.Sprintf("CVE-2025-%d%02d%02d", len(name), int(name[0])%90+len(s), i)
	score := map[engine.Severity]float64{engine.Critical: 9.8, engine.High: 7.8, engine.Medium: 5.5, engine.Low: 3.1}[s]
	p := engine.Package{Name: name, Version: version, Ecosystem: "Debian:12"}
	return engine.Observation{
		Engine: "vulnmatch", Check: id, Subject: name, Outcome: engine.Fail, Title: "A made-up flaw in " + name, Severity: s, Principle: "compromise",
		Detail: name + " " + version + " is installed", Package: &p, FixedIn: fixed,
		Advisory: &engine.Advisory{ID: id, CVE: id, Summary: "A made-up flaw in " + name, Details: "Whoever sends a crafted message may read memory.",
			CVSS: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", Score: score, Severity: s, EPSS: score / 20, KEV: exploited, CWEs: []string{"CWE-125"},
			URLs: []string{"https://example.org/" + id}},
	}
}

// sampleWorld serves the sample organisation.
func sampleWorld(t testing.TB) *world {
	t.Helper()
	s, err := sample()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "sample.db")
	if err := os.WriteFile(file, s.file, 0o600); err != nil {
		t.Fatal(err)
	}
	w := open(t, file, testkit.Start.Add(time.Minute))
	w.first = s.first
	w.serve()
	return w
}

// join makes an account with the roles in the workspace of the administrator.
func (w *world) join(email string, roles ...string) {
	w.Helper()
	hash, err := access.HashPassword(password)
	w.must(err)
	p := &isms.Person{Base: isms.Base{Title: email}, Email: email, Roles: roles, Employment: "employee", Status: isms.PersonActive, PasswordHash: hash}
	w.must(w.App.Save(w.machine(), p))
}

// A visitor is somebody with a browser of their own.
type visitor struct {
	*world
	http *http.Client
}

// as signs somebody in.
func (w *world) as(email string) *visitor {
	w.Helper()
	jar, err := cookiejar.New(nil)
	w.must(err)
	v := &visitor{w, &http.Client{Jar: jar}}
	if status, body := v.post("/signin", url.Values{"email": {email}, "password": {password}}); status != http.StatusOK || strings.Contains(body, "do not fit") {
		w.Fatalf("sign in as %s: %d", email, status)
	}
	return v
}

func (v *visitor) get(path string) (int, string) {
	v.Helper()
	res, err := v.http.Get(v.url + path)
	return v.answer(res, err)
}

func (v *visitor) post(path string, form url.Values) (int, string) {
	v.Helper()
	req, err := http.NewRequest(http.MethodPost, v.url+path, strings.NewReader(form.Encode()))
	v.must(err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", v.url)
	res, err := v.http.Do(req)
	return v.answer(res, err)
}

// part asks for a fragment, as the script does.
func (v *visitor) part(path string) (int, string) {
	v.Helper()
	req, err := http.NewRequest(http.MethodGet, v.url+path, nil)
	v.must(err)
	req.Header.Set("HX-Request", "true")
	res, err := v.http.Do(req)
	return v.answer(res, err)
}

func (v *visitor) answer(res *http.Response, err error) (int, string) {
	v.Helper()
	v.must(err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	v.must(err)
	return res.StatusCode, string(body)
}

// sees fails the test unless the page answers and holds all the texts.
func (v *visitor) sees(path string, texts ...string) string {
	v.Helper()
	status, body := v.get(path)
	if status != http.StatusOK {
		v.Fatalf("GET %s: status %d\n%s", path, status, clip(body))
	}
	for _, text := range texts {
		if !strings.Contains(body, text) {
			v.Errorf("GET %s does not show %q", path, text)
		}
	}
	return body
}

func clip(s string) string { return s[:min(len(s), 1500)] }
