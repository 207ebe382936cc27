package forward

import (
	"context"
	"fmt"
	"strings"
	"time"

	"holdfast/engine/event"
	"holdfast/eventstore"
)

// Example is a file of targets to begin with.
const Example = `targets:
  - name: siem                          # small letters, digits and -; keep it: the position goes by it
    workspace: WORKSPACE                # short name of the workspace; no other one's events are sent
    to: tls://siem.corp.example:6514    # or udp://, tcp://, https://
    ca: /etc/holdfast/siem-ca.pem       # whom to trust; without it the usual authorities

  - name: lake
    workspace: WORKSPACE
    to: https://collector.corp.example/ocsf
    token_env: LAKE_TOKEN               # the environment variable with the bearer token
    gzip: true
    sources: [firewall, bastion]        # keys of event sources; without it all
    min_severity: medium                # informational, low, medium, high, critical, fatal
    from: now                           # oldest (default): begin with what is kept already
`

// ExampleFor is the example for a workspace, by its short name.
func ExampleFor(workspace string) string { return strings.ReplaceAll(Example, "WORKSPACE", workspace) }

// An Overview is what people may know of the targets of a workspace.
type Overview struct {
	File      string // where targets are named
	Workspace string // its short name
	Problem   string // why the file cannot be used; empty: it can, or there is none
	Targets   []Status
}

// A Status tells how a target goes. It holds no secret: of an address only who is spoken
// to, for a path may be one.
type Status struct {
	Name        string
	To          string // scheme and host
	How         string // in words
	Sources     []string
	MinSeverity string
	From        string
	Stats
}

// A State sums up how a target goes.
type State string

// The states.
const (
	Fresh    State = "not begun"    // the file was changed after the server had read it
	Going    State = "forwarding"   // nothing is wrong
	Behind   State = "behind"       // more wait than arrive in a while
	Standing State = "stands still" // trouble: it is tried until it is mended
)

// farBehind is how many events may wait before that is worth a word.
const farBehind = 100_000

// State sums up.
func (s Status) State() State {
	switch {
	case s.Trouble != "":
		return Standing
	case s.At.IsZero() && s.Position == 0:
		return Fresh
	case s.Behind > farBehind:
		return Behind
	}
	return Going
}

// Tell is the status of the target with its figures.
func (t *Target) Tell(s Stats) Status {
	return Status{Name: t.Name, To: t.where.Scheme + "://" + t.where.Host, How: t.how(), Sources: t.Sources, MinSeverity: t.MinSeverity, From: t.From, Stats: s}
}

// how says in words what is sent, and by what we prove who we are.
func (t *Target) how() string {
	text := map[string]string{
		"udp": "Syslog in datagrams, which nobody confirms", "tcp": "Syslog over TCP", "tls": "Syslog over TLS",
		"http": "OCSF over HTTP, without encryption", "https": "OCSF over HTTPS",
	}[t.where.Scheme]
	switch {
	case t.Token != "":
		text += ", with a token"
	case t.Cert != "":
		text += ", with a certificate"
	}
	return text
}

// testPatience is how long the receiver of a test may take.
const testPatience = 10 * time.Second

// Test sends one event that says that it is a test, over a connection of its own, past the
// filter of the target. It is not counted. An error says why the receiver did not take it;
// over UDP nobody can tell.
func Test(ctx context.Context, t Target, now time.Time) error {
	out, err := t.open()
	if err != nil {
		return err
	}
	defer out.Close()
	var e event.Event
	raw := fmt.Sprintf("<134>1 %s holdfast holdfast - - - Test of the forwarding to %s: if you read this, it works", now.UTC().Format(time.RFC3339), t.Name)
	event.NewParser(event.Options{Format: "syslog"}).Parse(event.Line{Received: now, Raw: []byte(raw)}, &e)
	// Each test has a number of its own, so that no receiver takes it for one it had.
	number := eventstore.Position(now.UnixMilli()) //nolint:gosec // after 1970
	data, _ := out.Render(&e, "holdfast-test", number)
	ctx, cancel := context.WithTimeout(ctx, testPatience)
	defer cancel()
	return out.Send(ctx, []Item{{Position: number, Data: data}})
}
