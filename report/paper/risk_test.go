package paper_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"holdfast/access"
	"holdfast/app"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/report"
	"holdfast/report/paper"
	"holdfast/server"
)

// sample opens an installation with the sample organisation.
func sample(t *testing.T) (*server.Local, context.Context) {
	t.Helper()
	l, err := server.Open(context.Background(), server.Place{Data: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	who, err := l.LoadSample(context.Background(), app.First{Name: "Ana", Email: "ana@example.org"})
	if err != nil {
		t.Fatal(err)
	}
	return l, access.With(context.Background(), who)
}

// risk makes the risk assessment.
func risk(ctx context.Context, l *server.Local) (report.Document, error) {
	p, err := paper.Find(paper.Desk{App: l.App, Flow: l.Flow, Response: l.Response}.Papers(), "risk")
	if err != nil {
		return report.Document{}, err
	}
	return p.Make(ctx)
}

func TestTheRiskReportTellsWhatTheRecordsSay(t *testing.T) {
	l, ctx := sample(t)
	doc, err := risk(ctx, l)
	if err != nil {
		t.Fatal(err)
	}
	var html, pdf, again bytes.Buffer
	for _, err := range []error{report.HTML(&html, doc), report.PDF(&pdf, doc), report.PDF(&again, doc)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(pdf.Bytes(), again.Bytes()) {
		t.Error("the same document gave other bytes")
	}
	risks, err := app.Of[isms.Risk](l.App, isms.Risks).All(ctx, kind.Query{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range risks {
		if shown := strings.Contains(html.String(), r.Title); shown == (r.Status == isms.RiskClosed) {
			t.Errorf("risk %q is %s and shown: %v", r.Title, r.Status, shown)
		}
	}
	if dir := os.Getenv("HOLDFAST_DOCUMENTS"); dir != "" {
		for name, b := range map[string]*bytes.Buffer{"risk.html": &html, "risk.pdf": &pdf} {
			if err := os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o600); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestAnEmptyOrganisationGetsAReportToo(t *testing.T) {
	l, err := server.Open(context.Background(), server.Place{Data: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // the folder goes with the test
	who, err := l.App.Found(context.Background(), "Empty", app.First{Name: "Ana", Email: "ana@example.org"})
	if err != nil {
		t.Fatal(err)
	}
	doc, err := risk(access.With(context.Background(), who), l)
	if err != nil {
		t.Fatal(err)
	}
	var pdf bytes.Buffer
	if err := report.PDF(&pdf, doc); err != nil {
		t.Fatal(err)
	}
}

func TestStaffGetNoReport(t *testing.T) {
	l, ctx := sample(t)
	actor, err := access.From(ctx)
	if err != nil {
		t.Fatal(err)
	}
	actor.Roles = []access.Role{access.Staff}
	if _, err := risk(access.With(ctx, actor), l); kind.CodeOf(err) != kind.Forbidden {
		t.Errorf("want a refusal, have %v", err)
	}
}
