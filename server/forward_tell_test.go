package server

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"holdfast/access"
	"holdfast/app"
	"holdfast/forward"
	"holdfast/kind"
	"holdfast/port/stix"
)

// with gives the actor of a context other roles.
func with(t *testing.T, ctx context.Context, roles ...access.Role) context.Context {
	t.Helper()
	actor, err := access.From(ctx)
	if err != nil {
		t.Fatal(err)
	}
	actor.Roles = roles
	return access.With(context.Background(), actor)
}

func TestEachWorkspaceIsToldOfItsOwnTargetsWithoutSecrets(t *testing.T) {
	l, as, _, _ := alarmed(t)
	other, err := l.App.Found(t.Context(), "Other", app.First{Name: "Olu", Email: "olu@example.org", Password: "a long enough password"})
	if err != nil {
		t.Fatal(err)
	}
	receiver := &siem{answer: http.StatusNoContent}
	web := httptest.NewServer(receiver)
	t.Cleanup(web.Close)
	tell := func(ctx context.Context) forward.Overview {
		t.Helper()
		out, err := l.ForwardOverview(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	if out := tell(as); len(out.Targets) != 0 || out.Problem != "" || out.Workspace != "fernhill" || out.File != l.Place.ForwardFile() {
		t.Errorf("without a file: %+v", out)
	}
	forwardTo(t, l, 0o600, "targets:\n  - {name: ours, workspace: fernhill, to: \""+web.URL+"/hidden-path\", token: hidden-token}\n  - {name: theirs, workspace: other, to: \"tcp://siem.example\"}\n")
	out := tell(as)
	if len(out.Targets) != 1 || out.Targets[0].Name != "ours" || out.Targets[0].State() != forward.Fresh || strings.Contains(fmt.Sprint(out), "hidden") {
		t.Errorf("our own: %+v", out)
	}
	if out := tell(with(t, as, access.Auditor)); len(out.Targets) != 1 || strings.Contains(out.File, l.Place.Data) {
		t.Errorf("an auditor sees %+v", out)
	}
	if err := l.TestForward(as, "ours"); err != nil {
		t.Error(err)
	}
	for name, c := range map[string]struct {
		ctx    context.Context
		target string
		want   kind.Code
	}{
		"an auditor":             {with(t, as, access.Auditor), "ours", kind.Forbidden},
		"another workspace":      {access.With(t.Context(), other), "ours", kind.NotFound},
		"the target of another":  {as, "theirs", kind.NotFound},
		"a target that is none":  {as, "none", kind.NotFound},
		"a receiver that is not": {access.With(t.Context(), other), "theirs", kind.Unavailable},
	} {
		if err := l.TestForward(c.ctx, c.target); kind.CodeOf(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := os.Chmod(l.Place.ForwardFile(), 0o644); err != nil {
		t.Fatal(err)
	}
	if out := tell(as); !strings.Contains(out.Problem, "chmod 600") {
		t.Errorf("a file that others read: %+v", out)
	}
	if out := tell(with(t, as, access.Auditor)); out.Problem == "" || strings.Contains(out.Problem, "chmod") {
		t.Errorf("an auditor is told %q", out.Problem)
	}
}

func TestTheDemoForwardsToItselfAndTouchesNoFileOfOthers(t *testing.T) {
	l, _, _, _ := alarmed(t)
	if err := sampleNeighbour(t.Context(), l.Place); err != nil {
		t.Fatal(err)
	}
	targets, err := l.forwardTargets()
	if err != nil || len(targets) != 2 || targets[0].Workspace != kind.Slug(sampleTitle) {
		t.Fatalf("%+v, %v", targets, err)
	}
	if err := forward.Test(t.Context(), targets[0], l.now()); err != nil {
		t.Errorf("its receiver: %v", err)
	}
	list, err := l.tellersOf(kind.Slug(sampleTitle))
	if err != nil || len(list) != 1 {
		t.Fatalf("%+v, %v", list, err)
	}
	client, err := list[0].client(os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	told, err := client.File(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if marks, err := stix.Read("list.csv", told.Bundle, stix.Options{}); err != nil || len(marks.Marks) != 4 || len(marks.Skipped) > 0 {
		t.Errorf("its list: %+v, %v", marks, err)
	}
	const own = "targets:\n  - {name: siem, workspace: a, to: \"tcp://siem.example\"}\n"
	forwardTo(t, l, 0o600, own)
	if err := sampleNeighbour(t.Context(), l.Place); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(l.Place.ForwardFile()); err != nil || string(data) != own {
		t.Errorf("the demo wrote over %q, %v", data, err)
	}
}
