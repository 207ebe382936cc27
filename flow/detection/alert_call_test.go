package detection_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/flow/detection"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

// calls lists the waiting jobs of a name, as "route at 15:04".
func (w *world) calls(name string) []string {
	w.Helper()
	var list []string
	w.Must(w.App.View(testkit.Machine(), func(tx *store.Tx) error {
		jobs, err := tx.Jobs(100)
		for _, j := range jobs {
			if j.Name != name || j.State != store.JobWaiting {
				continue
			}
			var c detection.Call
			w.Must(json.Unmarshal([]byte(j.Payload), &c))
			list = append(list, w.Record(isms.AlertRoutes, c.RouteID).GetBase().Key+" at "+j.RunAt.Format("02 15:04"))
		}
		return err
	}))
	slices.Sort(list)
	return list
}

func (w *world) routes(list ...*isms.AlertRoute) {
	for _, r := range list {
		r.Title = r.Key
		w.Save(r)
	}
}

func base(key string) isms.Base { return isms.Base{Key: key} }

func TestAnAlertCallsThoseWhoseRouteTakesItAndNobodyTwice(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := watched(t, s)
		w.routes(
			&isms.AlertRoute{Base: base("second"), Channel: "mail", Address: "second@example.org", MinSeverity: "low"},
			&isms.AlertRoute{Base: base("duty"), Channel: "mail", Address: "duty@example.org", MinSeverity: "high", EscalateAfter: 15, NextID: "second"},
			&isms.AlertRoute{Base: base("duty-again"), Channel: "mail", Address: "duty@example.org", MinSeverity: "low"},
			&isms.AlertRoute{Base: base("chat"), Channel: "chat", Address: "https://chat.example.org/x", MinSeverity: "medium"},
			&isms.AlertRoute{Base: base("grave"), Channel: "mail", Address: "board@example.org", MinSeverity: "critical"},
			&isms.AlertRoute{Base: base("elsewhere"), Channel: "mail", Address: "factory@example.org", MinSeverity: "low", Zone: "factory"},
			&isms.AlertRoute{Base: base("paused"), Channel: "mail", Address: "old@example.org", MinSeverity: "low", Status: "paused"},
		)
		w.raise(guessing(1))
		if got := strings.Join(w.calls(detection.JobCall), ", "); got != "chat at 02 09:00, duty at 02 09:00" {
			t.Errorf("called: %s", got)
		}
		if got := strings.Join(w.calls(detection.JobUnanswered), ", "); got != "duty at 02 09:15" {
			t.Errorf("asked whether they answered: %s", got)
		}
		w.raise(guessing(1))
		drill := guessing(1)
		drill.Test = true
		w.raise(drill)
		if n := len(w.calls(detection.JobCall)); n != 2 {
			t.Errorf("a repetition or a test calls: %d calls", n)
		}
	})
}

func TestWhenNobodyAnswersTheNextIsCalledAndNeverTheSameAgain(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := watched(t, s)
		w.routes(&isms.AlertRoute{Base: base("last"), Channel: "mail", Address: "boss@example.org"})
		w.routes(&isms.AlertRoute{Base: base("same"), Channel: "mail", Address: "duty@example.org", EscalateAfter: 5, NextID: "last"})
		w.routes(&isms.AlertRoute{Base: base("duty"), Channel: "mail", Address: "duty@example.org", EscalateAfter: 15, NextID: "same"})
		last := w.Record(isms.AlertRoutes, "last").(*isms.AlertRoute)
		last.NextID, last.EscalateAfter = "duty", 5 // a ring
		w.Must(w.App.Save(testkit.Machine(), last))
		id, _ := w.raise(guessing(1))
		duty := w.Record(isms.AlertRoutes, "duty").GetBase().ID
		called, err := w.Detection.CallNext(testkit.Machine(), detection.Call{AlertID: id, RouteID: duty})
		w.Must(err)
		if got := strings.Join(w.calls(detection.JobCall), ", "); !called || !strings.Contains(got, "last at") || strings.Contains(got, "same at") {
			t.Errorf("called: %s", got)
		}
		if called, err := w.Detection.CallNext(testkit.Machine(), detection.Call{AlertID: id, RouteID: last.ID, Called: []string{"mail to duty@example.org"}}); err != nil || called {
			t.Errorf("the ring calls somebody a second time: %v", err)
		}
		_, err = w.App.Do(w.Actor("lead", access.SecurityLead), isms.Alerts, id, "acknowledge", 0, kind.Input{})
		w.Must(err)
		if called, err := w.Detection.CallNext(testkit.Machine(), detection.Call{AlertID: id, RouteID: duty}); err != nil || called {
			t.Errorf("somebody answered, and the next is called: %v", err)
		}
		if p, err := w.Detection.PrepareCall(testkit.Machine(), detection.Call{AlertID: id, RouteID: duty}); p != nil || err != nil {
			t.Errorf("somebody answered, and a call is still made: %v", err)
		}
	})
}

func TestQuietHoursAreThoseOfTheOrganisationAndWhatIsCriticalPasses(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := watched(t, s)
		org := w.Record(isms.Organisations, "org").(*isms.Organisation)
		org.TimeZone = "America/New_York" // it is four in the morning there
		w.Must(w.App.Save(testkit.Machine(), org))
		w.routes(&isms.AlertRoute{Base: base("night"), Channel: "mail", Address: "a@example.org", MinSeverity: "low", QuietFrom: "22:00", QuietUntil: "07:00"},
			&isms.AlertRoute{Base: base("noon"), Channel: "mail", Address: "b@example.org", MinSeverity: "low", QuietFrom: "12:00", QuietUntil: "13:00"})
		w.raise(guessing(1))
		if got := strings.Join(w.calls(detection.JobCall), ", "); got != "night at 02 12:00, noon at 02 09:00" {
			t.Errorf("called: %s", got)
		}
		grave := guessing(1)
		grave.Actor, grave.Level = "203.0.113.77", "critical"
		w.raise(grave)
		if got := strings.Join(w.calls(detection.JobCall), ", "); strings.Count(got, "night at 02 09:00") != 1 {
			t.Errorf("something critical waits until the morning: %s", got)
		}
	})
}

func TestAnAttemptIsKeptOnItsRouteAndToldAtTheAlert(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := watched(t, s)
		w.Save(&isms.Person{Base: base("aoife"), Email: "aoife@example.org"})
		w.routes(&isms.AlertRoute{Base: base("duty"), Channel: "mail", PersonID: "aoife"})
		id, _ := w.raise(guessing(1))
		ctx := testkit.Machine()
		p, err := w.Detection.PrepareCall(ctx, detection.Call{AlertID: id, RouteID: "duty"})
		w.Must(err)
		subject, text := p.CallText()
		if p.Recipient != "aoife@example.org" || !strings.HasPrefix(subject, "[high] Somebody guesses") || !strings.Contains(text, "EUR 250,000") || !strings.Contains(text, "Call the owner.") {
			t.Errorf("to %s: %s\n%s", p.Recipient, subject, text)
		}
		w.Must(w.Detection.NoteCall(ctx, p, errors.New("no answer")))
		w.Must(w.Detection.NoteCall(ctx, p, errors.New("no answer")))
		if r := w.Record(isms.AlertRoutes, "duty").(*isms.AlertRoute); r.Failures != 2 || !r.LastUsed.IsZero() {
			t.Errorf("%d failures", r.Failures)
		}
		w.Clock.Advance(time.Minute)
		w.Must(w.Detection.NoteCall(ctx, p, nil))
		if r := w.Record(isms.AlertRoutes, "duty").(*isms.AlertRoute); r.Failures != 0 || !r.LastUsed.Equal(w.Clock.Now()) {
			t.Errorf("after one arrived: %d failures", r.Failures)
		}
		page, err := w.App.List(ctx, isms.Comments, kind.Query{}.Where("subject_id", id))
		if err != nil || len(page.Records) != 1 || !strings.Contains(string(page.Records[0].(*isms.Comment).Text), "aoife@example.org") {
			t.Errorf("told at the alert: %d times, %v", len(page.Records), err)
		}
		if p, err := w.Detection.PrepareCall(testkit.In("other", access.SecurityLead), detection.Call{AlertID: id, RouteID: "duty"}); p != nil || err != nil {
			t.Errorf("another workspace makes the call: %v", err)
		}
		if err := w.Detection.NoteCall(auditor(), p, nil); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("an auditor writes: %v", err)
		}
	})
}

func auditor() context.Context { return testkit.As(access.Auditor) }
