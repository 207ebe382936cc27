package response_test

import (
	"context"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"holdfast/access"
	"holdfast/app"
	"holdfast/flow/response"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

// regulated is a world of a small bank in Ireland, where facts start clocks.
func regulated(t *testing.T, s *store.Store) (*world, string) {
	w := responding(t, s)
	w.App.Settle(w.Response.KeepClocks)
	w.Save(&isms.Organisation{Base: isms.Base{Title: "Harbour Bank"}, LegalName: "Harbour Bank plc", Sector: "finance", Country: "IE", TimeZone: "Europe/Dublin"})
	return w, w.declare(testkit.As(access.Contributor), response.IncidentCall{Title: "Customer list copied", AssetID: "db-1", Category: "data_leak"})
}

func (w *world) notices(incidentID string) map[string]*isms.Notification {
	w.Helper()
	list, err := app.Of[isms.Notification](w.App, isms.Notifications).All(testkit.Machine(), kind.Query{}.Where("incident_id", incidentID))
	w.Must(err)
	found := map[string]*isms.Notification{}
	for _, n := range list {
		if found[n.Clock] != nil {
			w.Errorf("two messages of the clock %q", n.Clock)
		}
		found[n.Clock] = n
	}
	return found
}

// state changes the facts of the incident as a person.
func (w *world) state(id string, change func(*isms.Incident)) {
	w.Helper()
	inc := w.incident(id)
	change(inc)
	w.Must(w.App.Save(testkit.As(access.Contributor), inc))
}

func TestFactsStartMoveAndStopTheClocks(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w, id := regulated(t, s)
		if n := w.notices(id); len(n) != 0 {
			t.Fatalf("clocks run before any fact is known: %v", n)
		}
		declared := w.incident(id).DeclaredAt
		w.state(id, func(i *isms.Incident) {
			i.PersonalData, i.DataSubjects, i.DataCategories = true, 1200, []string{"names", "accounts"}
		})
		gdpr := w.notices(id)["gdpr-33"]
		if gdpr == nil || !gdpr.DueAt.Equal(declared.Add(72*time.Hour)) || gdpr.Recipient != "data_protection_authority" {
			t.Fatalf("the clock of GDPR: %+v", gdpr)
		}
		for _, words := range []string{"Harbour Bank plc", "Customer list copied", "About 1200 people", "names, accounts"} {
			if !strings.Contains(string(gdpr.Text), words) {
				t.Errorf("the draft lacks %q:\n%s", words, gdpr.Text)
			}
		}
		w.state(id, func(i *isms.Incident) { i.AwareAt = declared.Add(-5 * time.Hour) })
		if moved := w.notices(id)["gdpr-33"]; moved.ID != gdpr.ID || !moved.DueAt.Equal(declared.Add(67*time.Hour)) {
			t.Errorf("aware five hours earlier, due at %s", moved.DueAt)
		}
		w.state(id, func(i *isms.Incident) { i.PersonalData = false })
		if n := w.notices(id); len(n) != 0 {
			t.Errorf("without personal data these still run: %v", n)
		}
		w.state(id, func(i *isms.Incident) { i.PersonalData = true })
		if again := w.notices(id)["gdpr-33"]; again == nil || again.ID != gdpr.ID {
			t.Error("the message did not come back with its text")
		}
		story := w.timeline(id)
		for _, words := range []string{"Clock started: Breach of personal data, to the authority", "Clock moved:", "Clock stopped:"} {
			if !strings.Contains(story, words) {
				t.Errorf("the timeline lacks %q:\n%s", words, story)
			}
		}
		for range 2 {
			before := w.timeline(id)
			w.Must(w.Response.SettleClocks(testkit.Machine(), id))
			if w.timeline(id) != before {
				t.Error("settling twice tells something new")
			}
		}
	})
}

func TestAMessageThatWasSentStaysWhateverTheFactsBecome(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w, id := regulated(t, s)
		w.state(id, func(i *isms.Incident) { i.PersonalData = true })
		n := w.notices(id)["gdpr-33"]
		lead, boss := w.someone("lead", access.SecurityLead), w.someone("boss", access.Approver)
		if err := w.Response.ApproveNotification(lead, n.ID, 0); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("the security lead approves: %v", err)
		}
		if _, err := w.Response.SendNotification(lead, n.ID, 0, response.SendCall{}); kind.CodeOf(err) != kind.Conflict {
			t.Errorf("sent without approval: %v", err)
		}
		w.Must(w.Response.ApproveNotification(boss, n.ID, 0))
		w.Clock.Advance(80 * time.Hour)
		if _, err := w.Response.SendNotification(lead, n.ID, 0, response.SendCall{}); kind.FieldsOf(err) == nil || !strings.Contains(err.Error(), "8 h late") {
			t.Errorf("sent late without a reason: %v", err)
		}
		sent, err := w.Response.SendNotification(lead, n.ID, 0, response.SendCall{Reference: "DPC-7", Remark: "The portal was down."})
		w.Must(err)
		if sent.SHA256 == "" || sent.Reference != "DPC-7" {
			t.Errorf("sealed as %q with the reference %q", sent.SHA256, sent.Reference)
		}
		w.state(id, func(i *isms.Incident) { i.PersonalData = false; i.AwareAt = i.DeclaredAt })
		kept := w.notices(id)["gdpr-33"]
		if kept == nil || !kept.DueAt.Equal(n.DueAt) || kept.Text != sent.Text {
			t.Errorf("the message that was sent changed: %+v", kept)
		}
		kept.Text += "!"
		if err := w.App.Save(lead, kept); kind.FieldsOf(err) == nil {
			t.Errorf("the text that was sent can be changed: %v", err)
		}
		if story := w.timeline(id); !strings.Contains(story, "(8 h late)") {
			t.Errorf("the timeline does not say that it was late:\n%s", story)
		}
	})
}

func TestClocksOfOneLawFollowEachOther(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w, id := regulated(t, s)
		declared := w.incident(id).DeclaredAt
		w.state(id, func(i *isms.Incident) { i.MajorAt = declared.Add(22 * time.Hour) })
		n := w.notices(id)
		if due := n["dora-initial"].DueAt; !due.Equal(declared.Add(24 * time.Hour)) {
			t.Errorf("classified after 22 hours, due %s after the declaration; 24 hours after awareness is the limit", due.Sub(declared))
		}
		w.state(id, func(i *isms.Incident) { i.MajorAt = declared.Add(30 * time.Hour) })
		n = w.notices(id)
		if due := n["dora-initial"].DueAt; !due.Equal(declared.Add(34 * time.Hour)) {
			t.Errorf("classified after 30 hours, due after %s, want four hours later", due.Sub(declared))
		}
		if due := n["dora-intermediate"].DueAt; !due.Equal(declared.Add((34 + 72) * time.Hour)) {
			t.Errorf("the intermediate report is due after %s", due.Sub(declared))
		}
		w.Clock.Advance(31 * time.Hour)
		w.Must(w.Response.ApproveNotification(w.someone("boss", access.Approver), n["dora-initial"].ID, 0))
		_, err := w.Response.SendNotification(testkit.As(access.SecurityLead), n["dora-initial"].ID, 0, response.SendCall{})
		w.Must(err)
		sent := w.Clock.Now()
		if due := w.notices(id)["dora-intermediate"].DueAt; !due.Equal(sent.Add(72 * time.Hour)) {
			t.Errorf("the intermediate report is due %s after the initial one was sent", due.Sub(sent))
		}
	})
}

func TestDutiesOfTheRegisterStartTheirOwnClocks(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w, id := regulated(t, s)
		duty := &isms.Obligation{Base: isms.Base{Key: "big-customer", Title: "Contract with the big customer"}, Type: "contract", Status: isms.ObligationApplies, NotifyHours: 12, NotifyTo: "security@customer.example"}
		w.Save(duty)
		w.Must(w.App.Link(testkit.Machine(), isms.Obligations, duty.ID, "covers", "web-1"))
		w.Save(&isms.Obligation{Base: isms.Base{Key: "insurer", Title: "Cyber insurance"}, Type: "contract", Status: isms.ObligationApplies, NotifyHours: 48})
		w.Save(&isms.Obligation{Base: isms.Base{Key: "gdpr", Title: "GDPR"}, Type: "regulation", Status: isms.ObligationOutside, NotifyHours: 72, Reason: "no"})
		w.state(id, func(i *isms.Incident) { i.PersonalData = true })
		n := w.notices(id)
		if n["gdpr-33"] != nil {
			t.Error("the register says that GDPR does not apply, and its clock runs")
		}
		if n["duty-"+duty.ID] != nil {
			t.Error("the contract is about the web server, which is not affected, and its clock runs")
		}
		if len(n) != 1 {
			t.Errorf("only the insurer must be told now, but these run: %v", n)
		}
		w.Must(w.App.Link(testkit.As(access.Contributor), isms.Incidents, id, "affects", "web-1"))
		if c := w.notices(id)["duty-"+duty.ID]; c == nil || !c.DueAt.Equal(w.incident(id).DeclaredAt.Add(12*time.Hour)) || c.Channel != "security@customer.example" {
			t.Errorf("the web server is affected now; the clock of its contract: %+v", c)
		}
	})
}

func TestAFalseAlarmAndAnExerciseTellNobody(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w, id := regulated(t, s)
		w.state(id, func(i *isms.Incident) { i.PersonalData = true })
		_, err := w.App.Do(testkit.As(access.Contributor), isms.Incidents, id, "dismiss", 0, kind.Input{Reason: "a test list"})
		w.Must(err)
		if n := w.notices(id); len(n) != 0 {
			t.Errorf("after a false alarm these run: %v", n)
		}
		played := w.declare(testkit.As(access.Contributor), response.IncidentCall{Title: "Played", Exercise: true})
		w.state(played, func(i *isms.Incident) { i.PersonalData = true })
		if n := w.notices(played); len(n) != 0 {
			t.Errorf("an exercise starts clocks: %v", n)
		}
	})
}

func TestOthersNeitherSeeNorSendOurMessages(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w, id := regulated(t, s)
		w.state(id, func(i *isms.Incident) { i.PersonalData = true })
		n := w.notices(id)["gdpr-33"]
		for name, ctx := range map[string]context.Context{"an auditor": testkit.As(access.Auditor), "another workspace": testkit.In("elsewhere", access.Administrator)} {
			if _, err := w.Response.SendNotification(ctx, n.ID, 0, response.SendCall{}); kind.CodeOf(err) != kind.Forbidden && kind.CodeOf(err) != kind.NotFound {
				t.Errorf("%s sends it: %v", name, err)
			}
			if err := w.Response.RefillDraft(ctx, n.ID, 0); kind.CodeOf(err) != kind.Forbidden && kind.CodeOf(err) != kind.NotFound {
				t.Errorf("%s fills it again: %v", name, err)
			}
		}
	})
}
