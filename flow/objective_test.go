package flow_test

import (
	"strings"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

func TestIndicatorsAreReadFromLiveRecordsOnceADay(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		w.App.Settle(w.Flow.KeepReadings)
		lead := w.Actor("lead", access.SecurityLead)
		n, err := w.Flow.OfferIndicators(lead)
		w.Must(err)
		silent := 0 // nothing has happened yet whose answer could be timed
		for _, c := range flow.Formulas() {
			if strings.Contains(c.ID, "-time-to-") {
				silent++
			}
		}
		if silent == 0 || n != len(flow.Formulas())-silent {
			t.Errorf("made %d of %d indicators, %d without anything to measure", n, len(flow.Formulas()), silent)
		}
		if n, err := w.Flow.OfferIndicators(lead); err != nil || n != 0 {
			t.Errorf("offered again: %d, %v", n, err)
		}
		if _, err := w.Flow.OfferIndicators(testkit.As(access.Auditor)); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("an auditor makes indicators: %v", err)
		}
		w.Save(&isms.Risk{Base: isms.Base{Key: "r", Title: "R"}, Status: isms.RiskOpen, LossNow: kind.MoneyOf(1000)})
		w.Save(&isms.Task{Base: isms.Base{Key: "t", Title: "T"}, Due: "2026-01-01"})
		n, err = w.Flow.ReadIndicators(testkit.Machine())
		w.Must(err)
		if silent := 2 * len(flow.ResponseMeasures()); n != len(flow.Formulas())-silent { // nothing happened yet that could be answered fast
			t.Errorf("%d readings", n)
		}
		if i := w.Indicator("overdue-tasks"); i.Value != 1 || i.Health != isms.HealthWatch || !i.MeasuredAt.Equal(w.App.Now()) {
			t.Errorf("overdue tasks: %v, %s, %v", i.Value, i.Health, i.MeasuredAt)
		}
		if i := w.Indicator("expected-loss"); i.Value < 999 || i.Value > 1001 || i.Health != isms.HealthGood {
			t.Errorf("expected loss: %v, %s", i.Value, i.Health)
		}
		_, err = w.Flow.ReadIndicators(testkit.Machine()) // that they are read is itself progress on the roadmap
		w.Must(err)
		length := w.JournalLength()
		if n, err := w.Flow.ReadIndicators(testkit.Machine()); err != nil || n != 0 || w.JournalLength() != length {
			t.Errorf("read again on one day: %d, %v, %d entries", n, err, w.JournalLength()-length)
		}
		w.Clock.Advance(24 * time.Hour)
		_, err = w.App.Do(testkit.Machine(), isms.Tasks, "t", "finish", 0, kind.Input{})
		w.Must(err)
		_, err = w.Flow.ReadIndicators(testkit.Machine())
		w.Must(err)
		trends, err := w.Flow.Trends(testkit.Machine(), 365)
		w.Must(err)
		for _, tr := range trends {
			if tr.Indicator.Key != "overdue-tasks" {
				continue
			}
			better, ok := tr.Change()
			if len(tr.Points) != 2 || tr.Points[0].Value != 1 || tr.Points[1].Value != 0 || !ok || better != 1 {
				t.Errorf("trend: %+v", tr.Points)
			}
		}
		if other, err := w.Flow.Trends(testkit.In("ws2", access.Administrator), 365); err != nil || len(other) != 0 {
			t.Errorf("another workspace sees %d trends, %v", len(other), err)
		}
	})
}

func TestAnOldReadingDoesNotReplaceANewerOne(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		w.App.Settle(w.Flow.KeepReadings)
		i := &isms.Indicator{Base: isms.Base{Key: "i", Title: "I"}, Target: 1, Warn: 5}
		w.Save(i)
		now := w.App.Now()
		read := func(at time.Time, v float64) {
			w.Save(&isms.Measurement{IndicatorID: i.ID, At: at, Value: v, Source: "manual"})
		}
		read(now, 7)
		read(now.AddDate(0, -1, 0), 1)
		read(now.AddDate(0, 0, 3), 0)
		if got := w.Indicator("i"); got.Value != 7 || got.Health != isms.HealthBad {
			t.Errorf("value %v, %s", got.Value, got.Health)
		}
		read(now, 3)
		if got := w.Indicator("i"); got.Value != 3 || got.Health != isms.HealthWatch {
			t.Errorf("a correction at the same moment does not count: %v, %s", got.Value, got.Health)
		}
	})
}
