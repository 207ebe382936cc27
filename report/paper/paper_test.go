package paper_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"holdfast/access"
	"holdfast/kind"
	"holdfast/report"
	"holdfast/report/paper"
	"holdfast/server"
)

// TestEveryPaperInEveryFormatIsTheSameForTheSameRecords also writes them all into
// the folder HOLDFAST_DOCUMENTS, to look at.
func TestEveryPaperInEveryFormatIsTheSameForTheSameRecords(t *testing.T) {
	l, ctx := sample(t)
	adopt(t, l, ctx)
	desk := paper.Desk{App: l.App, Flow: l.Flow, Response: l.Response}
	for _, p := range desk.Papers() {
		doc, err := p.Make(ctx)
		if err != nil {
			t.Fatalf("%s: %v", p.Name, err)
		}
		second, err := p.Make(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if doc.Title == "" || doc.Version == "" || doc.Date.IsZero() || doc.Classification == "" || doc.Status == "" || doc.Organisation == "" {
			t.Errorf("%s does not say what it is: %q %q %v %q %q", p.Name, doc.Title, doc.Version, doc.Date, doc.Classification, doc.Status)
		}
		for _, f := range report.Formats() {
			one, two := rendered(t, f, doc), rendered(t, f, second)
			if !bytes.Equal(one, two) {
				t.Errorf("%s%s: the same records gave other bytes", p.Name, f.Ending)
			}
			if dir := os.Getenv("HOLDFAST_DOCUMENTS"); dir != "" && one != nil {
				if err := os.WriteFile(filepath.Join(dir, p.Name+f.Ending), one, 0o600); err != nil {
					t.Error(err)
				}
			}
		}
	}
}

// adopt takes a framework into use and opens its statement of applicability.
func adopt(t *testing.T, l *server.Local, ctx context.Context) {
	t.Helper()
	a, err := l.Flow.Adopt(ctx, "iso27001-2022")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Flow.OpenLines(ctx, a.FrameworkID, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Flow.AcceptProposals(ctx, a.FrameworkID, ""); err != nil {
		t.Fatal(err)
	}
}

func rendered(t *testing.T, f report.Format, doc report.Document) []byte {
	t.Helper()
	var b bytes.Buffer
	err := f.Write(&b, doc)
	if errors.Is(err, report.ErrNoTables) && !doc.HasTables() {
		return nil
	}
	if err != nil {
		t.Fatalf("%s%s: %v", doc.Title, f.Ending, err)
	}
	return b.Bytes()
}

func TestNoPaperIsMadeForWhoeverMayNotReadItsRecords(t *testing.T) {
	l, ctx := sample(t)
	actor, err := access.From(ctx)
	if err != nil {
		t.Fatal(err)
	}
	actor.Roles = []access.Role{access.Staff}
	for _, p := range (paper.Desk{App: l.App, Flow: l.Flow, Response: l.Response}).Papers() {
		if doc, err := p.Make(access.With(ctx, actor)); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("%s: want a refusal, have %v and %d blocks", p.Name, err, len(doc.Blocks))
		}
	}
}

func TestAnotherWorkspaceSeesNothingInAnyPaper(t *testing.T) {
	l, ctx := sample(t)
	actor, err := access.From(ctx)
	if err != nil {
		t.Fatal(err)
	}
	actor.Workspace = "elsewhere"
	for _, p := range (paper.Desk{App: l.App, Flow: l.Flow, Response: l.Response}).Papers() {
		doc, err := p.Make(access.With(ctx, actor))
		if err != nil {
			t.Errorf("%s: %v", p.Name, err)
			continue
		}
		var b bytes.Buffer
		if err := report.HTML(&b, doc); err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"Fernhill", "Textwave", "Rondo"} {
			if strings.Contains(b.String(), secret) {
				t.Errorf("%s tells another workspace of %s", p.Name, secret)
			}
		}
	}
}
