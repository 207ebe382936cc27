package server

import (
	"context"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/flow"
	"holdfast/job"
	"holdfast/store"
)

func TestTheSampleHasABelievableSetOfDocuments(t *testing.T) {
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
	for range 2 { // a second time changes nothing
		if err := l.sampleFrameworks(machine, &job.Work{Job: store.Job{Workspace: who.Workspace}}); err != nil {
			t.Fatal(err)
		}
		if _, err := l.Flow.CareForDocuments(machine, nil); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("twice the frameworks and documents took %d ms", time.Since(start).Milliseconds())
	cards, err := l.Flow.DocumentSet(machine)
	if err != nil {
		t.Fatal(err)
	}
	counts := map[flow.DocumentState]int{}
	for _, c := range cards {
		counts[c.State]++
	}
	if counts[flow.DocumentReviewing] != 1 || counts[flow.DocumentDue] != 1 || counts[flow.DocumentMissing] != 0 || counts[flow.DocumentHolds] < 8 || counts[flow.DocumentDrafted] < 5 {
		t.Errorf("the set is %v", counts)
	}
	list, err := l.Flow.Campaigns(machine, "")
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, p := range list {
		for _, r := range p.Readers {
			if a := r.Acknowledgement; a.Status == "accepted" && (a.SHA256 == "" || a.SHA256 != p.Version.SHA256 || a.AcceptedAt.IsZero()) {
				t.Errorf("%s accepted %s without proof", r.Person.Title, p.Document.Title)
			}
		}
		if p.Name == "Acceptable use 1.2" {
			found = true
			if p.Share() < 0.65 || p.Share() > 0.75 {
				t.Errorf("the campaign stands at %.0f %%", 100*p.Share())
			}
		}
	}
	if !found {
		t.Error("the campaign is not there")
	}
}
