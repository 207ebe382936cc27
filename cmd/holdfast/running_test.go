package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"holdfast/server"
)

// running DIR runs the whole server on an installation, with the intake and the watch
// over events, and sets HOLDFAST_SERVER and HOLDFAST_TOKEN.
func running(ts *testscript.TestScript, _ bool, args []string) {
	l, token := tokenFor(ts, args[0], "ada")
	ts.Check(l.Close())
	free, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	at := free.Addr().String()
	ts.Check(free.Close())
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- server.Serve(ctx, server.Options{
			Place: server.Place{Data: ts.MkAbs(args[0])}, Listen: at, NoBrowser: true, Out: io.Discard, Log: slog.New(slog.DiscardHandler),
		})
	}()
	ts.Defer(func() {
		stop()
		ts.Check(<-ended)
	})
	for range 200 {
		if r, err := http.Get("http://" + at + "/healthz"); err == nil { //nolint:noctx // the test's own server
			ts.Check(r.Body.Close())
			ts.Setenv("HOLDFAST_SERVER", "http://"+at)
			ts.Setenv("HOLDFAST_TOKEN", token)
			return
		}
		select {
		case err := <-ended:
			ended <- nil
			ts.Fatalf("the server ended: %v", err)
		case <-time.After(50 * time.Millisecond):
		}
	}
	ts.Fatalf("the server does not answer")
}

// eventually COMMAND… PATTERN runs a command until its output matches, ten seconds at most.
func eventually(ts *testscript.TestScript, _ bool, args []string) {
	pattern, command := args[len(args)-1], args[:len(args)-1]
	var out string
	for range 50 {
		ts.Check(ts.Exec(command[0], command[1:]...))
		if out = ts.ReadFile("stdout"); strings.Contains(out, pattern) {
			return
		}
		time.Sleep(200 * time.Millisecond)
	}
	ts.Fatalf("it never says %q, but:\n%s", pattern, out)
}

// capture NAME BEFORE [AFTER] sets a variable to what stands between two texts in the
// output of the last command, or up to the end of the line.
func capture(ts *testscript.TestScript, _ bool, args []string) {
	_, rest, found := strings.Cut(ts.ReadFile("stdout"), args[1])
	after := "\n"
	if len(args) > 2 {
		after = args[2]
	}
	value, _, ends := strings.Cut(rest, after)
	if !found || !ends {
		ts.Fatalf("the output does not hold %q … %q", args[1], after)
	}
	ts.Setenv(args[0], strings.TrimSpace(value))
}

// taxii FILE starts a TAXII 2.1 server that tells the objects of a STIX bundle to the user
// ada with the password secret, one on a page, and sets TAXII to its address.
func taxii(ts *testscript.TestScript, _ bool, args []string) {
	var bundle struct {
		Objects []json.RawMessage `json:"objects"`
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &bundle))
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "ada" || password != "secret" {
			w.Header().Set("WWW-Authenticate", "Basic")
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "application/taxii+json;version=2.1")
		answer := map[string]any{}
		switch r.URL.Path {
		case "/taxii2/":
			answer = map[string]any{"title": "Example", "api_roots": []string{"/root/"}}
		case "/root/collections/":
			answer["collections"] = []any{
				map[string]any{"id": "91a7b528", "title": "National CERT", "can_read": true},
				map[string]any{"id": "52892447", "title": "Closed", "can_read": false},
			}
		case "/root/collections/91a7b528/objects/":
			tell(w, r, bundle.Objects, answer)
		default:
			http.NotFound(w, r)
			return
		}
		_ = json.NewEncoder(w).Encode(answer)
	}))
	ts.Defer(srv.Close)
	ts.Setenv("TAXII", srv.URL)
}

// tell answers with the object after the one that was told last. The first was added on
// the first of January 2026, each other a day later.
func tell(w http.ResponseWriter, r *http.Request, objects []json.RawMessage, answer map[string]any) {
	added := func(i int) string { return time.Date(2026, 1, 1+i, 0, 0, 0, 0, time.UTC).Format(time.RFC3339) }
	var left []int
	for i := range objects {
		if after := r.URL.Query().Get("added_after"); added(i) > after {
			left = append(left, i)
		}
	}
	if next := r.URL.Query().Get("next"); next != "" {
		left = slices.DeleteFunc(left, func(i int) bool { return added(i) <= next })
	}
	if len(left) == 0 {
		return
	}
	answer["objects"] = []json.RawMessage{objects[left[0]]}
	if len(left) > 1 {
		answer["more"], answer["next"] = true, added(left[0])
	}
	w.Header().Set("X-TAXII-Date-Added-First", added(left[0]))
	w.Header().Set("X-TAXII-Date-Added-Last", added(left[0]))
}
