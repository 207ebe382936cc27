package flow_test

import (
	"testing"

	"holdfast/access"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
	"holdfast/testkit/flowtest"
)

func TestAChangeReopensWhatItTouchesAndIsHandledOnlyWhenAllWasLookedAt(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		w.App.Settle(w.Flow.Reopen)
		lead, other := w.Actor("lead", access.SecurityLead), w.Actor("other", access.SecurityLead)
		asset := w.Save(&isms.Asset{Base: isms.Base{Key: "a", Title: "A"}, Type: "service"}).GetBase().ID
		w.Save(&isms.Risk{Base: isms.Base{Key: "on-a", Title: "On A"}, AssetID: asset, Status: isms.RiskOpen, OwnerID: flowtest.IDOf(other)})
		w.Save(&isms.Risk{Base: isms.Base{Key: "elsewhere", Title: "Elsewhere"}, Status: isms.RiskOpen})
		w.Save(&isms.Scope{Base: isms.Base{Key: "s", Title: "S"}})
		m := &isms.Motivator{Base: isms.Base{Key: "law", Title: "A new law"}, Type: "legal", Urgency: 4, OwnerID: flowtest.IDOf(lead),
			Reopens: []string{"scope", "risk_assessment", "training"}, Effective: "2026-03-10"}
		w.Must(w.App.Save(lead, m))
		w.Must(w.App.Link(lead, isms.Motivators, "law", "touches", "a"))
		tasks, err := w.Flow.Reviews(lead, m.ID)
		w.Must(err)
		about := map[string]*isms.Task{}
		for _, x := range tasks {
			about[x.Title] = x
		}
		if x := about["Look again: On A"]; x == nil || x.AssigneeID != flowtest.IDOf(other) || x.SubjectKind != "risk" || x.Due != "2026-03-10" || x.Priority != "high" {
			t.Errorf("the risk on the asset: %+v", x)
		}
		if about["Look again: S"] == nil || about["Look again: training"] == nil || about["Look again: Elsewhere"] != nil {
			t.Errorf("re-opened: %v", about)
		}
		length, n := w.JournalLength(), len(tasks)
		m.Source = "The gazette"
		w.Must(w.App.Save(lead, m))
		again, err := w.Flow.Reviews(lead, m.ID)
		w.Must(err)
		if len(again) != n || w.JournalLength() != length+1 {
			t.Errorf("a change of the motivator asked again: %d tasks, %d entries", len(again), w.JournalLength()-length)
		}
		if _, err := w.App.Do(lead, isms.Motivators, "law", "handle", 0, kind.Input{}); kind.CodeOf(err) != kind.Conflict {
			t.Errorf("handled while nobody has looked: %v", err)
		}
		for _, x := range again {
			_, err := w.App.Do(lead, isms.Tasks, x.ID, "finish", 0, kind.Input{Reason: "Looked, still right."})
			w.Must(err)
		}
		if _, err := w.App.Do(lead, isms.Motivators, "law", "handle", 0, kind.Input{}); err != nil {
			t.Errorf("all was looked at and it is not handled: %v", err)
		}
		_, err = w.App.Do(lead, isms.Motivators, "law", "reopen", 0, kind.Input{})
		w.Must(err)
		if _, err := w.App.Do(lead, isms.Motivators, "law", "handle", 0, kind.Input{}); kind.CodeOf(err) != kind.Conflict {
			t.Errorf("taken up again and handled without a look: %v", err)
		}
		if _, err := w.App.Do(testkit.As(access.Auditor), isms.Motivators, "law", "dismiss", 0, kind.Input{Reason: "no"}); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("an auditor dismisses: %v", err)
		}
		if _, err := w.Flow.Reviews(testkit.In("ws2", access.Administrator), m.ID); err != nil {
			t.Error(err)
		} else if list, _ := w.Flow.Reviews(testkit.In("ws2", access.Administrator), m.ID); len(list) != 0 {
			t.Error("another workspace sees the reviews")
		}
	})
}
