package flow_test

import (
	"testing"
	"time"

	"holdfast/access"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

func TestHowFastWeAnswerFollowsFromTheTimelinesByMonth(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		w.App.Settle(w.Flow.KeepReadings)
		at := func(month time.Month, day, hour int) time.Time {
			return time.Date(2026, month, day, hour, 0, 0, 0, time.UTC)
		}
		w.Save(&isms.Incident{Base: isms.Base{Title: "A"}, Severity: "high", StartedAt: at(1, 5, 0), DetectedAt: at(1, 5, 10), ContainedAt: at(1, 5, 12), RecoveredAt: at(1, 6, 10)})
		w.Save(&isms.Incident{Base: isms.Base{Title: "B"}, Severity: "low", StartedAt: at(2, 5, 0), DetectedAt: at(2, 5, 2), ContainedAt: at(2, 5, 12)})
		w.Save(&isms.Incident{Base: isms.Base{Title: "C"}, Severity: "low", StartedAt: at(2, 7, 0), DetectedAt: at(2, 7, 3)})
		w.Save(&isms.Incident{Base: isms.Base{Title: "D"}, Severity: "low", StartedAt: at(2, 7, 0), DetectedAt: at(2, 9, 0), Outcome: isms.ResultFalseAlarm})
		w.Save(&isms.Incident{Base: isms.Base{Title: "old"}, Severity: "low", StartedAt: at(2, 1, 0).AddDate(-3, 0, 0), DetectedAt: at(2, 9, 0).AddDate(-3, 0, 0)})
		w.Save(&isms.Alert{Base: isms.Base{Title: "Ring"}, Severity: "high", FirstSeen: at(2, 3, 8), LastSeen: at(2, 3, 8), AcknowledgedAt: at(2, 3, 9)})
		w.Save(&isms.Alert{Base: isms.Base{Title: "Nobody came"}, Severity: "high", FirstSeen: at(2, 3, 8), LastSeen: at(2, 3, 8)})

		rt, err := w.Flow.ResponseTimes(testkit.As(access.Auditor), 3)
		w.Must(err)
		if len(rt.Months) != 3 || rt.Months[0].Month != "2026-01" || rt.Months[2].Month != "2026-03" || len(rt.Months[2].Times) != 0 {
			t.Fatalf("months: %+v", rt.Months)
		}
		if got := rt.Months[1].Times["detect"]; got.Count != 2 || got.Mean != 2.5 || got.Worst != 3 {
			t.Errorf("February: %+v", got)
		}
		if rt.Months[0].Incidents != 1 || rt.Months[1].Incidents != 2 || rt.Months[2].Incidents != 0 {
			t.Errorf("incidents by month: %+v", rt.Months)
		}
		if m := rt.Measures[0]; m.ID != "detect" || m.Target != 24 || m.Warn != 168 {
			t.Errorf("the target that we propose: %+v", m)
		}
		if got := rt.Year["detect"]; got.Count != 3 || got.Mean != 5 || got.Median != 3 {
			t.Errorf("year: %+v", got)
		}
		if got := rt.Year["contain"]; got.Mean != 6 || rt.Year["recover"].Mean != 24 || rt.Year["acknowledge"].Mean != 1 || rt.Year["acknowledge"].Count != 1 {
			t.Errorf("contain %+v, recover %+v, acknowledge %+v", got, rt.Year["recover"], rt.Year["acknowledge"])
		}

		_, err = w.Flow.OfferIndicators(w.Actor("lead", access.SecurityLead))
		w.Must(err)
		_, err = w.Flow.ReadIndicators(testkit.Machine())
		w.Must(err)
		if i := w.Indicator("median-time-to-detect"); i.Value != 3 || i.Health != isms.HealthGood || i.Unit != "hours" {
			t.Errorf("indicator: %v %s %s", i.Value, i.Health, i.Unit)
		}
		own := w.Indicator("mean-time-to-detect")
		own.Target, own.Warn = 4, 8
		w.Must(w.App.Save(w.Actor("lead2", access.SecurityLead), own))
		if rt, err = w.Flow.ResponseTimes(testkit.As(access.Auditor), 3); err != nil || rt.Measures[0].Target != 4 || rt.Measures[0].Warn != 8 {
			t.Errorf("the target of the organisation: %+v, %v", rt.Measures[0], err)
		}
		trends, err := w.Flow.Trends(testkit.Machine(), 365)
		w.Must(err)
		for _, tr := range trends {
			if tr.Indicator.Key == "mean-time-to-detect" && (len(tr.Points) != 3 || tr.Points[0].Value != 10 || tr.Points[1].Value != 5) {
				t.Errorf("the past was not read from the timelines: %+v", tr.Points)
			}
		}
		if other, err := w.Flow.ResponseTimes(testkit.In("ws2", access.Administrator), 3); err != nil || len(other.Year) != 0 {
			t.Errorf("another workspace: %+v, %v", other, err)
		}
		if _, err := w.Flow.ResponseTimes(testkit.As(access.Staff), 3); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("staff: %v", err)
		}
	})
}
