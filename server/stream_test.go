package server

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/engine/event"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/testkit"
	"holdfast/testkit/clients"
)

// shareBy writes events.yaml into a new data folder.
func shareBy(t *testing.T, database, text string) Place {
	t.Helper()
	p := Place{Data: t.TempDir(), Database: database}
	if err := os.WriteFile(p.EventsFile(), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestWhatTheFileSaysOfAStreamIsChecked(t *testing.T) {
	const at = "stream: {urls: [tls://nats.example.org:4222], publish: true, "
	for text, want := range map[string]string{
		"stream: {urls: [tls://nats.example.org:4222]}":                            "publish: true on the machine",
		"stream: {publish: true}":                                                  "urls: write 1 to",
		"stream: {urls: [http://x], publish: true}":                                "urls: write each as tls://",
		"stream: {urls: ['tls://a,tls://b'], publish: true}":                       "urls: write each as tls://",
		"stream: {urls: ['tls://ada:secret@nats.example.org'], publish: true}":     "no password",
		"stream: {urls: ['nats://192.0.2.7:4222'], publish: true}":                 "for everybody to read",
		"stream: {urls: ['nats://127.0.0.1:4222'], publish: true}":                 "",
		"stream: {urls: ['nats://192.0.2.7:4222'], publish: true, insecure: true}": "",
		"stream: {urls: ['tls://192.0.2.7:4222'], detect: true}":                   "--database",
		"stream: {urls: ['tls://192.0.2.7:4222'], detect: true, publish: true}":    "",
		at + "tokn: x}":                                "tokn",
		at + "name: 'a.b'}":                            "name: begin with",
		at + "token_env: NONE, credentials: c}":        "one of credentials",
		at + "token_env: NONE}":                        "variable NONE is empty",
		at + "token_env: TOKEN}":                       "",
		at + "credentials: open.creds}":                "chmod 600",
		at + "credentials: closed.creds}":              "",
		at + "nkey: missing.nk}":                       "missing.nk",
		at + "tls: {cert: c.pem}}":                     "cert and key go together",
		at + "replicas: 9}":                            "replicas: write 1 to 5",
		at + "keep_hours: 100000}":                     "keep_hours",
		at + "max_gb: -1}":                             "max_gb",
		at + "replicas: 3, keep_hours: 24, max_gb: 8}": "",
	} {
		p := shareBy(t, "", text)
		for name, mode := range map[string]os.FileMode{"open.creds": 0o644, "closed.creds": 0o600} {
			if err := os.WriteFile(filepath.Join(p.Data, name), []byte("x"), mode); err != nil {
				t.Fatal(err)
			}
		}
		part, err := p.streamPart(func(name string) string { return map[string]string{"TOKEN": "t"}[name] })
		if want == "" && (err != nil || part == nil) || want != "" && (err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "events.yaml") && !strings.Contains(err.Error(), p.Data)) {
			t.Errorf("%s\n%v", text, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("a password is told: %v", err)
		}
	}
}

func TestAServerWithAWrongFileDoesNotStart(t *testing.T) {
	err := Serve(t.Context(), Options{Place: shareBy(t, "", "stream: {urls: []}"), Out: io.Discard, Listen: "127.0.0.1:0", NoBrowser: true})
	if err == nil || !strings.Contains(err.Error(), "urls: write 1 to") {
		t.Errorf("%v", err)
	}
}

// streamSays is what the doctor says of shared events.
func streamSays(t *testing.T, l *Local) string {
	t.Helper()
	list, err := l.examineStream(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(list)
}

const failedSignIn = "title: A failed sign-in\nlogsource: {product: linux, service: sshd}\ndetection:\n  selection: ['Failed password']\n  condition: selection\nlevel: high\n"

func TestOneMachineTakesInAnotherDetectsAlsoAfterTheStreamWasAway(t *testing.T) {
	nats := clients.StartNATS(t, clients.LargeLines)
	database := testkit.PostgresURL(t)
	at := "stream: {urls: ['" + nats.URL + "'], max_gb: 1, "
	ctx, cancel := context.WithCancel(t.Context())
	l, err := Open(ctx, shareBy(t, database, at+"publish: true}"))
	if err != nil {
		t.Fatal(err)
	}
	who, err := l.App.Found(ctx, "Events", app.First{Name: "Ada", Email: "ada@example.org", Password: "correct horse battery staple"})
	if err != nil {
		t.Fatal(err)
	}
	admin := access.With(ctx, who)
	source := &isms.EventSource{Base: isms.Base{Title: "Auth"}, Transport: "import", Format: "syslog"}
	rule := &isms.DetectionRule{Base: isms.Base{Title: "Failed"}, Body: failedSignIn, Status: isms.RuleActive, Level: "high"}
	for _, r := range []kind.Record{source, rule} {
		if err := l.App.Save(admin, r); err != nil {
			t.Fatal(err)
		}
	}
	ended := make(chan error, 1)
	go func() { l.watchEvents(ctx, logger(nil)); ended <- nil }()
	elsewhere := shareBy(t, database, at+"detect: true}")
	var said strings.Builder
	detecting, stopDetecting := context.WithCancel(ctx)
	gone := make(chan error, 1)
	go func() { gone <- Serve(detecting, Options{Place: elsewhere, Out: &said, Listen: "127.0.0.1:1"}) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("it ended with %v", err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if !strings.Contains(said.String(), "serves no pages") {
			t.Errorf("the detector said %q", said.String())
		}
		if _, err := os.Stat(filepath.Join(elsewhere.Data, "events")); err == nil {
			t.Error("the detector opened an event store")
		}
	})

	raw := []byte("<38>Mar  2 09:00:01 bastion sshd[1]: Failed password for root from 203.0.113.9 port 4711 ssh2")
	arrive := func(n int) {
		t.Helper()
		lines := make([]event.Line, n)
		for i := range lines {
			lines[i] = event.Line{Source: source.ID, Received: l.App.Now(), Raw: raw}
		}
		events, err := l.Events(who.Workspace)
		if err == nil {
			_, err = events.Append(ctx, lines...)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	counted := func() int {
		t.Helper()
		list, err := app.Of[isms.Alert](l.App, isms.Alerts).All(admin, kind.Query{})
		if err != nil || len(list) > 1 {
			t.Fatalf("%d alerts, %v", len(list), err)
		}
		if len(list) == 0 {
			return 0
		}
		return list[0].Count
	}
	arrive(1)
	soon(t, "the detector found it", func() bool { return counted() == 1 })
	alerts, err := app.Of[isms.Alert](l.App, isms.Alerts).All(admin, kind.Query{})
	if err != nil {
		t.Fatal(err)
	}
	kept, err := l.Detection.AlertEvents(admin, alerts[0].ID)
	if err != nil || len(kept) != 1 || kept[0].Raw != string(raw) {
		t.Errorf("the line is not kept with the alert: %+v, %v", kept, err)
	}
	soon(t, "the doctor has nothing to say", func() bool { return streamSays(t, l) == "[]" })
	if s, err := l.WatchStats(ctx, who.Workspace); err != nil || s.Lines != 1 || s.Alerts != 1 || s.Rules != 1 {
		t.Errorf("%+v, %v", s, err)
	}

	nats.Stop()
	arrive(3) // taking in goes on
	if says := streamSays(t, l); !strings.Contains(says, "the stream cannot be reached") {
		t.Errorf("the doctor does not see that the stream is away: %s", says)
	}
	if s, err := l.WatchStats(ctx, who.Workspace); err != nil || s.Behind < 3 {
		t.Errorf("%d events wait, %v", s.Behind, err)
	}
	if n := counted(); n != 1 {
		t.Errorf("%d events are counted while the stream is away", n)
	}
	nats.Start()
	for end := time.Now().Add(time.Minute); counted() < 4 && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
	}
	if n := counted(); n != 4 {
		t.Errorf("%d of 4 events are counted after the stream came back", n)
	}
	soon(t, "the doctor has nothing to say again", func() bool { return streamSays(t, l) == "[]" })

	stopDetecting()
	if err := <-gone; err != nil {
		t.Errorf("the detector ended with %v", err)
	}
	arrive(someBehind + 1)
	wants := []string{fmt.Sprintf("%d events wait for rules; they run on %s", someBehind+1, hostName()), fmt.Sprintf("no detector runs correlations; %d events wait", someBehind+1)}
	says := ""
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end) && !(strings.Contains(says, wants[0]) && strings.Contains(says, wants[1])); time.Sleep(50 * time.Millisecond) {
		says = streamSays(t, l)
	}
	for _, want := range wants {
		if !strings.Contains(says, want) {
			t.Errorf("the doctor does not say %q, but %s", want, says)
		}
	}
}
