package main

import (
	"context"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"holdfast/access"
	"holdfast/api"
	"holdfast/app"
	"holdfast/isms"
	"holdfast/server"
	"holdfast/testkit"
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
			"found": found, "serving": serving, "tamper": tamper, "status": status, "postgres": postgres,
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
	l, err := server.Open(context.Background(), server.Place{Data: ts.MkAbs(args[0])})
	ts.Check(err)
	spaces, err := l.App.Workspaces(context.Background())
	ts.Check(err)
	machine := access.With(context.Background(), access.Actor{Name: "setup", Workspace: spaces[0].ID, Machine: true})
	p, err := app.Of[isms.Person](l.App, isms.People).Get(machine, "ada")
	ts.Check(err)
	ctx := access.With(context.Background(), access.Actor{ID: p.ID, Name: p.Title, Workspace: spaces[0].ID, Roles: []access.Role{access.Administrator}})
	token, err := l.App.IssueToken(ctx, &isms.APIToken{Base: isms.Base{Title: "transcript"}, Scopes: []string{"*:admin"}})
	ts.Check(err)
	srv := httptest.NewServer(api.New(api.Config{App: l.App, Flow: l.Flow, Now: time.Now, Reports: l.Reports, Pack: l.Pack("test")}))
	ts.Defer(func() {
		srv.Close()
		ts.Check(l.Close())
	})
	ts.Setenv("HOLDFAST_SERVER", srv.URL)
	ts.Setenv("HOLDFAST_TOKEN", token)
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
