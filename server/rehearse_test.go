package server

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/engine/event"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/watch"
)

func TestARuleIsTriedInTheBackgroundAndTheResultIsFoundByWhoMayReadEvents(t *testing.T) {
	l, as, _, _ := alarmed(t)
	actor, err := access.From(as)
	if err != nil {
		t.Fatal(err)
	}
	events, err := l.Events(actor.Workspace)
	if err != nil {
		t.Fatal(err)
	}
	now := l.App.Now()
	for i := range 30 {
		line := fmt.Sprintf("<38>Mar  2 09:00:00 bastion sshd[%d]: Failed password for root from 203.0.113.%d port 4711 ssh2", i, i%3)
		if _, err := events.Append(as, event.Line{Source: "auth", Received: now.Add(-time.Hour), Raw: []byte(line)}); err != nil {
			t.Fatal(err)
		}
	}
	rule := &isms.DetectionRule{Base: isms.Base{Key: "failed", Title: "Failed"}, Body: "title: Failed\nlogsource: {product: linux}\ndetection:\n  a: ['Failed password']\n  condition: a\n"}
	if err := l.App.Save(as, rule); err != nil {
		t.Fatal(err)
	}
	if id, err := watch.AskToRehearse(with(t, as, access.Auditor), l.App, l.Detection, watch.Rehearse{Rule: "failed"}); kind.CodeOf(err) != kind.Forbidden || id != "" {
		t.Errorf("an auditor asks: job %q, %v", id, err)
	}
	if id, err := watch.AskToRehearse(as, l.App, l.Detection, watch.Rehearse{Rule: "failed", Text: "title: x\n"}); kind.CodeOf(err) != kind.Invalid || id != "" {
		t.Errorf("a text that cannot run: job %q, %v", id, err)
	}
	id, err := watch.AskToRehearse(as, l.App, l.Detection, watch.Rehearse{Rule: "failed", From: now.Add(-24 * time.Hour)})
	if err != nil || id == "" {
		t.Fatalf("job %q, %v", id, err)
	}
	work(t, l)
	var j store.Job
	if err := l.App.View(as, func(tx *store.Tx) (err error) { j, err = tx.JobByID(id); return err }); err != nil {
		t.Fatal(err)
	}
	if j.State != store.JobDone || !strings.HasSuffix(j.Result, rule.ID+"/bench#stored") || !strings.Contains(j.Step, "30 events read, 30 match") {
		t.Errorf("the job: %+v", j)
	}
	got, err := watch.KeptRehearsal(events, rule.ID, l.App.Now())
	if err != nil || got == nil || got.Rings != 30 || got.Alerts != 3 {
		t.Errorf("%+v, %v", got, err)
	}
	list, err := app.Of[isms.Alert](l.App, isms.Alerts).All(as, kind.Query{})
	if err != nil || len(list) != 0 {
		t.Errorf("%d alerts came of a trial, %v", len(list), err)
	}
}
