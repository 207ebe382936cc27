package server

import (
	"context"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/job"
	"holdfast/store"
)

func TestTheSampleHasABelievableStatementOfApplicability(t *testing.T) {
	l, err := Open(context.Background(), Place{Data: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // the folder goes with the test
	who, err := l.LoadSample(context.Background(), app.First{Name: "Ana", Email: "ana@example.org", Password: "correct horse battery"})
	if err != nil {
		t.Fatal(err)
	}
	machine := access.With(context.Background(), access.Actor{Name: "holdfast", Workspace: who.Workspace, Machine: true, Via: "flow"})
	start := time.Now()
	if err := l.sampleFrameworks(machine, &job.Work{Job: store.Job{Workspace: who.Workspace}}); err != nil {
		t.Fatal(err)
	}
	t.Logf("the frameworks took %d ms", time.Since(start).Milliseconds())
	start = time.Now()
	st, err := l.Flow.Statement(machine, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("a statement takes %d ms", time.Since(start).Milliseconds())
	for _, fw := range st.Frameworks {
		c := flow.CountOf(st.Of(fw.ID))
		t.Logf("%s: %s %d differ, %d inferred", fw.Title, c, c.Differs, c.Inferred)
		if fw.Catalogue == "" {
			continue
		}
		if fw.Status != isms.FrameworkAdopted || c.Undecided > 0 || fw.Catalogue == "iso27001-2022" && c.Excluded == 0 || c.Met == 0 || c.Partly == 0 || c.Differs == 0 || c.Said == 0 {
			t.Errorf("%s is %s: %+v", fw.Title, fw.Status, c)
		}
	}
	trend, err := l.Flow.Trend(machine, st.Frameworks[0].ID, "")
	if err != nil || len(trend) != 13 || trend[0].Share >= trend[12].Share {
		t.Errorf("the past of the sample: %+v, %v", trend, err)
	}
	gap := l.Flow.Gap(st, st.Frameworks[0].ID, nil)
	for _, s := range gap.Steps[:min(12, len(gap.Steps))] {
		t.Logf("step %s: %d requirements", s.Title, len(s.Answers))
	}
	duties, err := l.Flow.Duties(machine, st)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range duties {
		t.Logf("%-12s %s: %d requirements, %d unmet", d.Measured, d.Obligation.Title, len(d.Requirements), len(d.Unmet))
	}
}
