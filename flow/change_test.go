package flow_test

import (
	"testing"

	"holdfast/access"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

func TestAChangeReopensWhatItTouchesAndIsHandledOnlyWhenAllWasLookedAt(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		w.App.Settle(w.flow.Reopen)
		lead, other := w.actor("lead", access.SecurityLead), w.actor("other", access.SecurityLead)
		asset := w.save(&isms.Asset{Base: isms.Base{Key: "a", Title: "A"}, Type: "service"}).GetBase().ID
		w.save(&isms.Risk{Base: isms.Base{Key: "on-a", Title: "On A"}, AssetID: asset, Status: isms.RiskOpen, OwnerID: idOf(other)})
		w.save(&isms.Risk{Base: isms.Base{Key: "elsewhere", Title: "Elsewhere"}, Status: isms.RiskOpen})
		w.save(&isms.Scope{Base: isms.Base{Key: "s", Title: "S"}})
		m := &isms.Motivator{Base: isms.Base{Key: "law", Title: "A new law"}, Type: "legal", Urgency: 4, OwnerID: idOf(lead),
			Reopens: []string{"scope", "risk_assessment", "training"}, Effective: "2026-03-10"}
		w.must(w.App.Save(lead, m))
		w.must(w.App.Link(lead, isms.Motivators, "law", "touches", "a"))
		tasks, err := w.flow.Reviews(lead, m.ID)
		w.must(err)
		about := map[string]*isms.Task{}
		for _, x := range tasks {
			about[x.Title] = x
		}
		if x := about["Look again: On A"]; x == nil || x.AssigneeID != idOf(other) || x.SubjectKind != "risk" || x.Due != "2026-03-10" || x.Priority != "high" {
			t.Errorf("the risk on the asset: %+v", x)
		}
		if about["Look again: S"] == nil || about["Look again: training"] == nil || about["Look again: Elsewhere"] != nil {
			t.Errorf("re-opened: %v", about)
		}
		length, n := w.journalLength(), len(tasks)
		m.Source = "The gazette"
		w.must(w.App.Save(lead, m))
		again, err := w.flow.Reviews(lead, m.ID)
		w.must(err)
		if len(again) != n || w.journalLength() != length+1 {
			t.Errorf("a change of the motivator asked again: %d tasks, %d entries", len(again), w.journalLength()-length)
		}
		if _, err := w.App.Do(lead, isms.Motivators, "law", "handle", 0, kind.Input{}); kind.CodeOf(err) != kind.Conflict {
			t.Errorf("handled while nobody has looked: %v", err)
		}
		for _, x := range again {
			_, err := w.App.Do(lead, isms.Tasks, x.ID, "finish", 0, kind.Input{Reason: "Looked, still right."})
			w.must(err)
		}
		if _, err := w.App.Do(lead, isms.Motivators, "law", "handle", 0, kind.Input{}); err != nil {
			t.Errorf("all was looked at and it is not handled: %v", err)
		}
		_, err = w.App.Do(lead, isms.Motivators, "law", "reopen", 0, kind.Input{})
		w.must(err)
		if _, err := w.App.Do(lead, isms.Motivators, "law", "handle", 0, kind.Input{}); kind.CodeOf(err) != kind.Conflict {
			t.Errorf("taken up again and handled without a look: %v", err)
		}
		if _, err := w.App.Do(testkit.As(access.Auditor), isms.Motivators, "law", "dismiss", 0, kind.Input{Reason: "no"}); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("an auditor dismisses: %v", err)
		}
		if _, err := w.flow.Reviews(testkit.In("ws2", access.Administrator), m.ID); err != nil {
			t.Error(err)
		} else if list, _ := w.flow.Reviews(testkit.In("ws2", access.Administrator), m.ID); len(list) != 0 {
			t.Error("another workspace sees the reviews")
		}
	})
}
