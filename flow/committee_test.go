package flow_test

import (
	"strings"
	"testing"

	"holdfast/access"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

func TestAnAgendaIsMadeOfWhatWaitsAndAHeldMeetingKeepsIts(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		lead := w.Actor("lead", access.SecurityLead)
		w.Save(&isms.Decision{Base: isms.Base{Key: "d", Title: "A second zone?"}, Status: isms.DecisionAsked, Question: "?", Recommendation: "Yes", Cost: kind.MoneyOf(1500)})
		w.Save(&isms.Decision{Base: isms.Base{Key: "e", Title: "Decided long ago"}, Status: isms.DecisionDecided})
		m := &isms.Meeting{Base: isms.Base{Key: "m", Title: "M"}, At: w.Clock.Now().AddDate(0, 0, 7)}
		w.Save(m)
		w.Must(w.Flow.WriteAgenda(lead, "m"))
		text := string(w.Record(isms.Meetings, "m").(*isms.Meeting).Agenda)
		if !strings.Contains(text, "A second zone?") || !strings.Contains(text, "recommended: Yes") || strings.Contains(text, "Decided long ago") || !strings.Contains(text, "Roadmap: step 1") {
			t.Errorf("agenda:\n%s", text)
		}
		if err := w.Flow.WriteAgenda(testkit.As(access.Auditor), "m"); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("an auditor writes the agenda: %v", err)
		}
		_, err := w.App.Do(lead, isms.Meetings, "m", "hold", 0, kind.Input{})
		w.Must(err)
		if err := w.Flow.WriteAgenda(lead, "m"); kind.CodeOf(err) != kind.Conflict {
			t.Errorf("the agenda of a meeting that was held changes: %v", err)
		}
	})
}
