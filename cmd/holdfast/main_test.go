package main

import (
	"context"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/api"
	"holdfast/app"
	"holdfast/engine/event"
	"holdfast/isms"
	"holdfast/server"
	"holdfast/testkit"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"holdfast": func() { os.Exit(run()) }})
}

// The transcripts are stories of the command line, each in a folder of its own.
func TestTranscripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata", RequireExplicitExec: true, RequireUniqueNames: true,
		Setup: func(e *testscript.Env) error {
			e.Values["t"] = e.T()
			e.Setenv("HOME", e.WorkDir)
			for _, name := range []string{"HOLDFAST_DATA", "HOLDFAST_SERVER", "HOLDFAST_TOKEN", "XDG_DATA_HOME"} {
				e.Setenv(name, "")
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"found": found, "serving": serving, "tamper": tamper, "status": status, "postgres": postgres, "dated": dated, "running": running, "eventually": eventually, "capture": capture, "taxii": taxii, "as": as, "arrive": arrive,
		},
	})
}

// found DIR [TITLE] makes an installation with an administrator, as serve does.
func found(ts *testscript.TestScript, _ bool, args []string) {
	dir, title := ts.MkAbs(args[0]), "Example"
	if len(args) > 1 {
		title = args[1]
	}
	l, err := server.Open(context.Background(), server.Place{Data: dir, Database: ts.Getenv("HOLDFAST_DATABASE")})
	ts.Check(err)
	_, err = l.App.Found(context.Background(), title, app.First{Name: "Ada", Email: "ada@example.org"})
	ts.Check(err)
	ts.Check(l.Close())
}

// serving DIR serves an installation and sets HOLDFAST_SERVER and HOLDFAST_TOKEN.
func serving(ts *testscript.TestScript, _ bool, args []string) {
	url, token, stop := serve(ts, args[0], "ada")
	ts.Defer(stop)
	ts.Setenv("HOLDFAST_SERVER", url)
	ts.Setenv("HOLDFAST_TOKEN", token)
}

// as PERSON DIR COMMAND… runs a command over a server, as somebody who works there.
func as(ts *testscript.TestScript, _ bool, args []string) {
	url, token, stop := serve(ts, args[1], args[0])
	defer stop()
	data := ts.Getenv("HOLDFAST_DATA")
	for name, value := range map[string]string{"HOLDFAST_SERVER": url, "HOLDFAST_TOKEN": token, "HOLDFAST_DATA": ""} {
		ts.Setenv(name, value)
	}
	err := ts.Exec(args[2], args[3:]...)
	for name, value := range map[string]string{"HOLDFAST_SERVER": "", "HOLDFAST_TOKEN": "", "HOLDFAST_DATA": data} {
		ts.Setenv(name, value)
	}
	ts.Check(err)
}

// serve serves an installation and makes a token for one of its people.
func serve(ts *testscript.TestScript, dir, person string) (url, token string, stop func()) {
	l, token := tokenFor(ts, dir, person)
	srv := httptest.NewServer(api.New(api.Config{App: l.App, Flow: l.Flow, Response: l.Response, Detection: l.Detection, Now: time.Now, Reports: l.Reports, Events: l.Events,
		PaperOf: l.PaperOf, Forward: l.ForwardOverview, TestForward: l.TestForward, Feeds: l.IndicatorFeeds, FetchFeed: l.FetchIndicators}))
	return srv.URL, token, func() {
		srv.Close()
		ts.Check(l.Close())
	}
}

// tokenFor opens an installation and makes a token for one of its people.
func tokenFor(ts *testscript.TestScript, dir, person string) (*server.Local, string) {
	l, err := server.Open(context.Background(), server.Place{Data: ts.MkAbs(dir)})
	ts.Check(err)
	spaces, err := l.App.Workspaces(context.Background())
	ts.Check(err)
	machine := access.With(context.Background(), access.Actor{Name: "setup", Workspace: spaces[0].ID, Machine: true})
	p, err := app.Of[isms.Person](l.App, isms.People).Get(machine, person)
	ts.Check(err)
	roles := []access.Role{access.Administrator}
	if person != "ada" {
		roles = nil
		for _, r := range p.Roles {
			roles = append(roles, access.Role(r))
		}
	}
	ctx := access.With(context.Background(), access.Actor{ID: p.ID, Name: p.Title, Workspace: spaces[0].ID, Roles: roles})
	token, err := l.App.IssueToken(ctx, &isms.APIToken{Base: isms.Base{Title: "transcript"}, Scopes: []string{"*:admin"}})
	ts.Check(err)
	return l, token
}

// arrive DIR FILE has the lines of a file arrive as the server takes them in.
func arrive(ts *testscript.TestScript, _ bool, args []string) {
	l, err := server.Open(context.Background(), server.Place{Data: ts.MkAbs(args[0])})
	ts.Check(err)
	spaces, err := l.App.Workspaces(context.Background())
	ts.Check(err)
	events, err := l.Events(spaces[0].ID)
	ts.Check(err)
	for line := range strings.Lines(ts.ReadFile(args[1])) {
		_, err := events.Append(context.Background(), event.Line{Source: "file", Received: time.Now(), Raw: []byte(strings.TrimSuffix(line, "\n"))})
		ts.Check(err)
	}
	ts.Check(l.Close())
}

// tamper DIR changes the bytes of a record behind the product's back: every TEXT
// becomes OTHER, which has the same length.
func tamper(ts *testscript.TestScript, _ bool, args []string) {
	path := filepath.Join(ts.MkAbs(args[0]), "holdfast.db")
	data, err := os.ReadFile(path)
	ts.Check(err)
	if len(args[1]) != len(args[2]) || !strings.Contains(string(data), args[1]) {
		ts.Fatalf("%s does not hold %q", path, args[1])
	}
	ts.Check(os.WriteFile(path, []byte(strings.ReplaceAll(string(data), args[1], args[2])), 0o600))
}

// status N COMMAND… runs a command and expects its exit status.
func status(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if err != nil {
		got = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if got != args[0] {
		ts.Fatalf("exit status %s, want %s", got, args[0])
	}
}

// postgres sets HOLDFAST_DATABASE to a fresh database, or skips.
func postgres(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Setenv("HOLDFAST_DATABASE", testkit.PostgresURL(ts.Value("t").(testing.TB)))
}

// dated FILE… replaces {-30d} in the files by the day thirty days ago: what is done
// is judged by today.
func dated(ts *testscript.TestScript, _ bool, args []string) {
	today := time.Now().UTC()
	for _, name := range args {
		text := relative.ReplaceAllStringFunc(ts.ReadFile(name), func(m string) string {
			days, err := strconv.Atoi(m[1 : len(m)-2])
			ts.Check(err)
			return today.AddDate(0, 0, days).Format(time.DateOnly)
		})
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o600))
	}
}

var relative = regexp.MustCompile(`\{[+-]\d+d\}`)
