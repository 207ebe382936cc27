package outside_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"holdfast/engine/event"
	"holdfast/eventstore"
	"holdfast/eventstore/outside"
	"holdfast/eventstore/sample"
	"holdfast/forward"
	"holdfast/testkit/standin"
)

var (
	ctx  = context.Background()
	noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("not within twenty seconds: %s", what)
}

// A side is a system outside with what is searched in it.
type side struct {
	kind  string
	open  *standin.OpenSearch
	logs  *standin.VictoriaLogs
	store *outside.Store
}

func (s *side) server() *httptest.Server {
	if s.open != nil {
		return s.open.Server
	}
	return s.logs.Server
}

// sides are the systems outside.
func sides(t *testing.T, fn func(t *testing.T, s *side)) {
	for _, kind := range []string{outside.KindOpenSearch, outside.KindVictoriaLogs} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := &side{kind: kind}
			if kind == outside.KindOpenSearch {
				s.open = standin.NewOpenSearch(t)
			} else {
				s.logs = standin.NewVictoriaLogs(t)
			}
			fn(t, s)
		})
	}
}

// settings are those of the side, changed.
func (s *side) settings(t testing.TB, change func(*outside.Settings)) outside.Settings {
	t.Helper()
	set := outside.Settings{Kind: s.kind, URL: s.server().URL, Index: "events"}
	if change != nil {
		change(&set)
	}
	set, err := set.Ready(func(string) string { return "s3cret" })
	must(t, err)
	return set
}

// of opens the copy of an event store.
func (s *side) of(t testing.TB, events *eventstore.Store, change func(*outside.Settings)) *outside.Store {
	t.Helper()
	id, err := events.Identity()
	must(t, err)
	s.store, err = outside.Open(outside.Config{Settings: s.settings(t, change), Identity: id, Parse: event.NewParser(event.Options{}).Parse})
	must(t, err)
	return s.store
}

func openEvents(t testing.TB, dir string) *eventstore.Store {
	t.Helper()
	s, err := eventstore.Open(dir, eventstore.Config{Now: func() time.Time { return noon }})
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// mirror starts a mirror that runs until stop or the end of the test.
func (s *side) mirror(t testing.TB, events *eventstore.Store) (m *outside.Mirror, stop func()) {
	t.Helper()
	m, err := outside.NewMirror(outside.MirrorConfig{Store: s.store, Events: events, Now: time.Now, Pause: time.Millisecond, Parse: event.NewParser(event.Options{}).Parse})
	must(t, err)
	running, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { m.Run(running); close(done) }()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return m, stop
}

// copied waits until everything is outside.
func copied(t testing.TB, m *outside.Mirror) forward.Stats {
	t.Helper()
	eventually(t, "everything is outside", func() bool { return m.Stats().Behind == 0 })
	return m.Stats()
}

func line(source, raw string, received time.Time) event.Line {
	return event.Line{Source: source, Peer: "192.0.2.7", Received: received, Raw: []byte(raw)}
}

// hostile are lines that try what JSON, wildcards, patterns and marks make of them.
func hostile() []string {
	return []string{
		"", " ", `{"EventID":4625,"Computer":"DC-1","@timestamp":"2026-03-04T01:02:03Z","nested":{"Deep.Key":"Treasure","list":["a","Ünïcode",7,null,{"in":"side"}],"n":-12,"addr":"10.20.1.77"}}`,
		`{"EventID":"4625 ","a=b":"c","a":"b=c","x|":1,"y<":"8000000000000005","z>4c0a80101":"q","User":"*","Process":"C:\\a?b*c\\d"}`,
		`{"EventID":0,"empty":"","zero":"0","list":[0,5],"none":null,"six":"2001:db8::77","mapped":"::ffff:10.20.1.9"}`,
		"ÄRGER mit dem Fön", "bytes \xff\xfe\xc3\x28 end", "two\nlines\ttab \x00 \x1b[31m", `quote " back \ slash star * ask ? pipe | brace { } paren ( ) hash # tick ` + "`" + ` 'single'`,
		`" or "_msg":~".*`, `*" OR 1=1 --`, "a* b? c\\d", "K\u212aelvin \u017fhort İstanbul",
		`<38>Mar  3 09:00:00 bastion sshd[77]: Failed password for root from 2001:db8::9 port 4000 ssh2`,
		`<38>Mar  4 11:00:00 b*stion? sshd[77]: Failed password for invalid user a"b\c from 203.0.113.9 port 4000 ssh2`,
		`{"time":"2019-05-06T07:08:09.123456Z","Computer":"old"}`, `{"class_uid":3002,"severity_id":5,"time":1741000000000,"activity_id":1,"metadata":{"version":"1.5.0","product":{"name":"p","vendor_name":"v"}},"user":{"name":"root"}}`,
	}
}

// fill appends sample lines and hostile ones, and seals some of them.
func fill(t testing.TB, s *eventstore.Store, n int) {
	t.Helper()
	var lines []event.Line
	for l := range sample.Lines(3, n, noon.Add(-30*time.Hour), noon) {
		lines = append(lines, l)
	}
	for i, text := range hostile() {
		lines = append(lines, line(fmt.Sprintf("Odd-%d", i%3), text, noon.Add(time.Duration(i)*time.Second-time.Hour)))
	}
	half := len(lines) / 2
	_, err := s.Append(ctx, lines[:half]...)
	must(t, err)
	must(t, s.Seal(true))
	_, err = s.Append(ctx, lines[half:]...)
	must(t, err)
}
