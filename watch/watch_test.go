package watch

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/catalog"
	"holdfast/engine/event"
	"holdfast/eventstore"
	"holdfast/flow"
	"holdfast/flow/detection"
	"holdfast/flow/response"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

// A world is a workspace with an event store and a watcher over both.
type world struct {
	*testkit.World
	t         *testing.T
	detection *detection.Flow
	events    *eventstore.Store
	dir       string
	w         *Watcher
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newWorld(t *testing.T, s *store.Store) *world {
	t.Helper()
	w := &world{World: testkit.New(s), t: t, dir: filepath.Join(t.TempDir(), "events")}
	cat, err := catalog.Load()
	must(t, err)
	f, err := flow.New(w.App, cat)
	must(t, err)
	w.detection = detection.New(f, response.New(f))
	w.App.Settle(w.detection.FollowAlerts)
	w.App.Settle(w.detection.FollowRules)
	w.events, err = eventstore.Open(w.dir, eventstore.Config{Now: w.Clock.Now})
	must(t, err)
	t.Cleanup(func() { must(t, w.events.Close()) })
	w.save(&isms.Asset{Base: isms.Base{Key: "bastion", Title: "Bastion"}, Type: "host", Address: "192.0.2.10"})
	w.save(&isms.EventSource{Base: isms.Base{Key: "auth", Title: "Auth"}, Transport: "import", Format: "syslog"})
	w.start()
	return w
}

func (w *world) start() {
	w.t.Helper()
	var err error
	w.w, err = New(Config{App: w.App, Detection: w.detection, Events: w.events, Workspace: testkit.Workspace})
	must(w.t, err)
	must(w.t, w.w.begin(testkit.Machine()))
}

func (w *world) save(r kind.Record) {
	w.t.Helper()
	must(w.t, w.App.Save(testkit.Machine(), r))
}

func (w *world) rule(key, body string, status isms.RuleStatus) {
	w.t.Helper()
	w.save(&isms.DetectionRule{Base: isms.Base{Key: key, Title: key}, Body: isms.Markdown(body), Status: status, Level: "high"})
	w.w.Changed()
	w.Clock.Advance(2 * debounce)
}

func (w *world) arrive(lines ...string) {
	w.t.Helper()
	var list []event.Line
	for _, l := range lines {
		list = append(list, event.Line{Source: "auth", Received: w.Clock.Now(), Raw: []byte(l)})
	}
	_, err := w.events.Append(context.Background(), list...)
	must(w.t, err)
}

// run deals with everything that waits.
func (w *world) run() {
	w.t.Helper()
	for w.w.Stats().Behind > 0 {
		must(w.t, w.w.step(testkit.Machine()))
	}
}

func (w *world) alerts() []*isms.Alert {
	w.t.Helper()
	var all []*isms.Alert
	must(w.t, w.App.All(testkit.Machine(), isms.Alerts, kind.Query{Sort: "created_at"}, func(r kind.Record) error {
		all = append(all, r.(*isms.Alert))
		return nil
	}))
	return all
}

func (w *world) get(k *kind.Kind, key string) kind.Record {
	w.t.Helper()
	r, err := w.App.Get(testkit.Machine(), k, key)
	must(w.t, err)
	return r
}

const failed = `title: A failed sign-in
name: failed_sign_in
logsource: {product: linux, service: sshd}
detection:
  selection: ['Failed password']
  condition: selection
level: medium
`

const guessed = failed + `---
title: Guessing
correlation:
  type: event_count
  rules: [failed_sign_in]
  group-by: [src_ip]
  timespan: 10m
  condition: {gte: 5}
level: high
`

func failure(n int, from string) string {
	return fmt.Sprintf("<38>Mar  2 09:00:%02d bastion.example.org sshd[%d]: Failed password for root from %s port 4711 ssh2", n%60, 100+n, from)
}

func everyDatabase(t *testing.T, test func(t *testing.T, w *world)) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) { test(t, newWorld(t, s)) })
}

func TestEventsThatARuleMatchesBecomeAnAlertAboutTheRightMachine(t *testing.T) {
	everyDatabase(t, func(t *testing.T, w *world) {
		w.rule("failed", failed, isms.RuleActive)
		w.arrive(failure(1, "203.0.113.9"), "<38>Mar  2 09:00:01 bastion sshd[1]: Accepted publickey for marek", failure(2, "203.0.113.9"), failure(3, "203.0.113.10"))
		w.run()
		list := w.alerts()
		if len(list) != 2 {
			t.Fatalf("%d alerts", len(list))
		}
		a := list[0]
		if a.Count != 2 || a.Actor != "203.0.113.9" || a.AssetID != w.get(isms.Assets, "bastion").GetBase().ID || a.RuleID == "" || a.Severity != "high" ||
			a.Title != "failed on bastion.example.org, by root from 203.0.113.9" || a.EventSourceID == "" {
			t.Errorf("%+v", a)
		}
		if s := w.w.Stats(); s.Lines != 4 || s.Matches != 3 || s.Alerts != 2 || s.Behind != 0 || s.Rules != 1 {
			t.Errorf("%+v", s)
		}
	})
}

func TestARuleThatIsOnlyTriedCountsAndCallsNobody(t *testing.T) {
	everyDatabase(t, func(t *testing.T, w *world) {
		w.rule("failed", failed, isms.RuleTesting)
		w.rule("draft", strings.ReplaceAll(failed, "failed_sign_in", "other"), isms.RuleDraft)
		w.arrive(failure(1, "203.0.113.9"), failure(2, "203.0.113.9"))
		w.run()
		tried, draft := w.get(isms.DetectionRules, "failed").(*isms.DetectionRule), w.get(isms.DetectionRules, "draft").(*isms.DetectionRule)
		if len(w.alerts()) != 0 || tried.Hits != 2 || tried.LastHit.IsZero() || draft.Hits != 0 {
			t.Errorf("%d alerts, %d hits, %d of a draft", len(w.alerts()), tried.Hits, draft.Hits)
		}
	})
}

func TestWhatARuleForOneLogSaysAboutAnotherIsNoAlarm(t *testing.T) {
	everyDatabase(t, func(t *testing.T, w *world) {
		w.rule("failed", failed, isms.RuleActive)
		w.save(&isms.EventSource{Base: isms.Base{Key: "web", Title: "Web"}, Transport: "import", Format: "access_log"})
		_, err := w.events.Append(context.Background(), event.Line{Source: "web", Received: w.Clock.Now(),
			Raw: []byte(`203.0.113.9 - - [02/Mar/2026:09:00:00 +0000] "GET /?q=Failed%20password HTTP/1.1" 200 12 "-" "Failed password for root"`)})
		must(t, err)
		w.run()
		if n := len(w.alerts()); n != 0 {
			t.Errorf("a line of a web server that repeats the words raised %d alerts", n)
		}
	})
}

func TestEventsTogetherBecomeOneAlertAlsoAcrossARestart(t *testing.T) {
	everyDatabase(t, func(t *testing.T, w *world) {
		w.rule("guess", guessed, isms.RuleActive)
		w.arrive(failure(1, "203.0.113.9"), failure(2, "203.0.113.9"), failure(3, "203.0.113.9"), failure(1, "203.0.113.10"))
		w.run()
		if len(w.alerts()) != 0 {
			t.Fatal("an alert before the count was reached")
		}
		w.start() // what was seen before the restart is remembered from the store
		w.arrive(failure(4, "203.0.113.9"), failure(5, "203.0.113.9"))
		w.run()
		list := w.alerts()
		if len(list) != 1 || list[0].Actor != "203.0.113.9" || list[0].AssetID == "" || !strings.Contains(list[0].Title, "5 times") {
			t.Fatalf("%d alerts: %+v", len(list), list)
		}
		w.start()
		w.arrive(failure(6, "203.0.113.9"))
		w.run()
		if list := w.alerts(); len(list) != 1 || list[0].Count != 5 {
			t.Errorf("after another restart: %d alerts, the first counts %d", len(list), list[0].Count)
		}
	})
}

// The head of a table came before the watcher was started again, and before records
// changed: the rows that follow are read all the same, each by the head of its own file.
func TestRowsOfATableAreReadAfterARestart(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t))
	w.save(&isms.EventSource{Base: isms.Base{Key: "zeek", Title: "Zeek"}, Transport: "file", Address: "/var/log/zeek/*.log", Format: "zeek"})
	w.rule("dns", "title: A bad name\nlogsource: {product: zeek, service: dns}\ndetection:\n  selection: {query|endswith: bad.example}\n  condition: selection\nlevel: high\n", "active")
	tell := func(file string, lines ...string) {
		var list []event.Line
		for _, l := range lines {
			list = append(list, event.Line{Source: "zeek", Peer: file, Received: w.Clock.Now(), Raw: []byte(l)})
		}
		_, err := w.events.Append(context.Background(), list...)
		must(t, err)
	}
	tell("dns.log", `#separator \x09`, "#path\tdns", "#fields\tts\tid.orig_h\tquery", "#types\ttime\taddr\tstring")
	tell("conn.log", `#separator \x09`, "#path\tconn", "#fields\tts\tid.orig_h\tid.resp_h", "#types\ttime\taddr\taddr")
	tell("dns.log", "1700000000.5\t192.0.2.1\ta.bad.example")
	w.start()
	w.run()
	if n := len(w.alerts()); n != 1 {
		t.Fatalf("%d alerts before the restart", n)
	}
	for i, again := range []func(){w.start, func() { w.w.Changed() }} {
		again()
		w.Clock.Advance(2 * debounce)
		tell("conn.log", "1700000000.5\t192.0.2.1\t198.51.100.1")
		tell("dns.log", fmt.Sprintf("1700000000.5\t192.0.2.%d\tb.bad.example", 2+i))
		must(t, w.w.step(testkit.Machine()))
		w.run()
		if n := len(w.alerts()); n != 2+i {
			t.Errorf("%d alerts, want %d", n, 2+i)
		}
	}
}

func TestARuleThatCannotRunSaysWhyAndHindersNoOther(t *testing.T) {
	everyDatabase(t, func(t *testing.T, w *world) {
		w.rule("failed", failed, isms.RuleActive)
		w.rule("lonely", "title: Lonely\ncorrelation:\n  type: event_count\n  rules: [nobody]\n  group-by: [user]\n  timespan: 5m\n  condition: {gte: 3}\n", isms.RuleActive)
		w.arrive(failure(1, "203.0.113.9"))
		w.run()
		r := w.get(isms.DetectionRules, "lonely").(*isms.DetectionRule)
		if !strings.Contains(r.Complaint, "nobody") || len(w.alerts()) != 1 || w.w.Stats().Broken != 1 {
			t.Errorf("complaint %q, %d alerts, %+v", r.Complaint, len(w.alerts()), w.w.Stats())
		}
		w.rule("somebody", strings.ReplaceAll(failed, "failed_sign_in", "nobody"), isms.RuleActive)
		must(t, w.w.step(idleSoon(t)))
		if r := w.get(isms.DetectionRules, "lonely").(*isms.DetectionRule); r.Complaint != "" || w.w.Stats().Broken != 0 {
			t.Errorf("the rule it needs is there, and it still complains: %q", r.Complaint)
		}
	})
}

// idleSoon is a context for a step that finds nothing to do.
func idleSoon(t *testing.T) context.Context {
	t.Helper()
	return testkit.Machine()
}

func TestHostileLinesDoNotStopTheWatch(t *testing.T) {
	everyDatabase(t, func(t *testing.T, w *world) {
		w.rule("failed", failed, isms.RuleActive)
		w.arrive("\x00\xff\xfe", strings.Repeat("[", 100_000), strings.Repeat("x", event.MaxLine), "{\"a\":"+strings.Repeat("{\"b\":", 2000), "", failure(1, "\x1b[2J\u202e"), failure(1, "203.0.113.9"))
		w.run()
		if s := w.w.Stats(); s.Lines != 7 || s.Behind != 0 || len(w.alerts()) == 0 {
			t.Errorf("%+v, %d alerts", s, len(w.alerts()))
		}
		for _, a := range w.alerts() {
			if strings.ContainsAny(a.Title+a.Actor, "\x00\x1b") {
				t.Errorf("%q", a.Title)
			}
		}
	})
}

// A panicking is an Indicators that stumbles over some events.
type panicking struct{}

func (panicking) Renew(context.Context) error { return nil }

func (panicking) Seen(e *event.Event) []Sighting {
	if strings.Contains(string(e.Raw), "poison") {
		panic("index out of range")
	}
	if strings.Contains(string(e.Raw), "c2.example") {
		return []Sighting{{Indicator: "c2", Detection: detection.Detection{Title: "A machine speaks to c2.example", Level: "critical"}}}
	}
	return nil
}

func TestAnEventThatMakesItStumbleIsCountedAndLeftBehind(t *testing.T) {
	everyDatabase(t, func(t *testing.T, w *world) {
		w.save(&isms.ThreatIndicator{Base: isms.Base{Key: "c2", Title: "c2"}, Type: "domain", Value: "c2.example"})
		w.w.cfg.Indicators = panicking{}
		w.rule("failed", failed, isms.RuleActive)
		w.arrive("poison", failure(1, "203.0.113.9"), "<38>Mar  2 09:00:00 bastion dnsmasq[1]: query[A] c2.example from 192.0.2.10", "poison")
		w.run()
		list := w.alerts()
		if s := w.w.Stats(); s.Poison != 2 || s.Lines != 4 || len(list) != 2 {
			t.Fatalf("%+v, %d alerts", s, len(list))
		}
		if list[1].IndicatorID == "" || list[1].Source != "indicator" || list[1].AssetID == "" {
			t.Errorf("%+v", list[1])
		}
	})
}

func TestASweepFromEverywhereIsNotThousandsOfAlerts(t *testing.T) {
	everyDatabase(t, func(t *testing.T, w *world) {
		w.rule("failed", failed, isms.RuleActive)
		var lines []string
		for i := range 1000 {
			lines = append(lines, failure(i, fmt.Sprintf("203.0.%d.%d", i/250, i%250+1)))
		}
		w.arrive(lines...)
		w.run()
		list, sum := w.alerts(), 0
		for _, a := range list {
			sum += a.Count
		}
		if len(list) > 2*manyActors || sum != 1000 {
			t.Errorf("%d alerts of %d events", len(list), sum)
		}
	})
}

func TestAnotherWorkspaceIsNotWatched(t *testing.T) {
	everyDatabase(t, func(t *testing.T, w *world) {
		w.rule("failed", failed, isms.RuleActive)
		w.arrive(failure(1, "203.0.113.9"))
		w.run()
		page, err := w.App.List(testkit.In("other", access.Auditor), isms.Alerts, kind.Query{})
		if err != nil || len(page.Records) != 0 {
			t.Errorf("%d alerts elsewhere: %v", len(page.Records), err)
		}
	})
}

func TestTheFiguresOutliveTheProcess(t *testing.T) {
	everyDatabase(t, func(t *testing.T, w *world) {
		w.rule("failed", failed, isms.RuleActive)
		w.arrive(failure(1, "203.0.113.9"), "nothing")
		w.run()
		s, err := Saved(context.Background(), w.App, testkit.Workspace)
		if err != nil || s.Lines != 2 || s.Matches != 1 || s.Position != w.events.Last() || s.At.IsZero() {
			t.Errorf("%+v %v", s, err)
		}
	})
}

func TestTheRateIsThatOfTheLastHalfMinute(t *testing.T) {
	var p pulse
	at := testkit.Start
	for range 10 {
		p.beat(at, 300)
		at = at.Add(time.Second)
	}
	if r := p.rate(at, 0); r < 250 || r > 350 {
		t.Errorf("300 each second are %v", r)
	}
	if r := p.rate(at.Add(time.Minute), 0); r != 0 {
		t.Errorf("after a minute of silence: %v", r)
	}
}
