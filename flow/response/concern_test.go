package response_test

import (
	"context"
	"strings"
	"testing"

	"holdfast/access"
	"holdfast/app"
	"holdfast/flow/response"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
	"holdfast/testkit/flowtest"
)

func TestAReportWithoutANameNamesNobody(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := responding(t, s)
		ann := w.someone("ann", access.Staff)
		receipt, c, err := w.Response.ReportOdd(ann, response.OddCall{What: "A stranger asked for my password.", Anonymous: true})
		w.Must(err)
		history, err := w.App.History(testkit.Machine(), isms.Concerns, c.ID, 0, 10)
		w.Must(err)
		stored, err := app.Of[isms.Concern](w.App, isms.Concerns).Get(testkit.Machine(), c.ID)
		w.Must(err)
		for _, name := range []string{stored.ReporterID, stored.CreatedBy, history[0].Actor, history[0].ActorID} {
			if name == "ann" || name == flowtest.IDOf(ann) {
				t.Errorf("the report names its reporter: %q", name)
			}
		}
		if stored.Receipt == receipt || strings.Contains(stored.Receipt, receipt) {
			t.Error("the receipt number is stored as it is")
		}
		if _, err := w.App.Get(ann, isms.Concerns, c.ID); kind.CodeOf(err) != kind.NotFound {
			t.Errorf("a report without a name is listed as her own: %v", err)
		}
		_, err = w.App.Do(w.someone("lead", access.SecurityLead), isms.Concerns, c.ID, "answer", 0, kind.Input{Reason: "That was not us. Thank you!"})
		w.Must(err)
		a, err := w.Response.OddAnswerFor(context.Background(), " "+strings.ToLower(receipt))
		w.Must(err)
		if a.Answer != "That was not us. Thank you!" || a.Status != "answered" {
			t.Errorf("the reporter reads %+v", a)
		}
		for _, wrong := range []string{"", "AAAA-BBBB-CCCC-DDDD", receipt[:18], stored.Receipt} {
			if _, err := w.Response.OddAnswerFor(context.Background(), wrong); kind.CodeOf(err) != kind.NotFound {
				t.Errorf("the number %q opens a report: %v", wrong, err)
			}
		}
	})
}

func TestAReportWithANameBelongsToItsReporter(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := responding(t, s)
		ann, bob := w.someone("ann", access.Staff), w.someone("bob", access.Staff)
		_, c, err := w.Response.ReportOdd(ann, response.OddCall{What: "I lost my badge.", Category: "lost_or_stolen", Place: "Train"})
		w.Must(err)
		if _, err := w.App.Get(ann, isms.Concerns, c.ID); err != nil {
			t.Errorf("she cannot read her own report: %v", err)
		}
		if _, err := w.App.Get(bob, isms.Concerns, c.ID); kind.CodeOf(err) != kind.NotFound {
			t.Errorf("a colleague reads it: %v", err)
		}
		if _, _, err := w.Response.ReportOdd(testkit.As(access.Auditor), response.OddCall{What: "x"}); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("an auditor writes: %v", err)
		}
		for _, bad := range []string{" ", strings.Repeat("x", 30_000)} {
			if _, _, err := w.Response.ReportOdd(ann, response.OddCall{What: bad}); kind.FieldsOf(err) == nil {
				t.Errorf("a report of %d characters is taken: %v", len(bad), err)
			}
		}
		id := w.declare(w.someone("lead", access.SecurityLead), response.IncidentCall{ConcernID: c.ID})
		again := w.declare(w.someone("lead", access.SecurityLead), response.IncidentCall{ConcernID: c.ID})
		if inc := w.incident(id); again != id || inc.Category != "lost_device" || !strings.Contains(inc.Title, "badge") {
			t.Errorf("declared twice: %t; %s %q", again != id, inc.Category, inc.Title)
		}
	})
}

func TestTheDoorForVisitorsIsClosedUntilTheOrganisationOpensIt(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := responding(t, s)
		founder, err := w.App.Found(context.Background(), "Acme", app.First{Name: "Ann", Email: "ann@acme.example"})
		w.Must(err)
		acme := access.With(context.Background(), founder)
		org := &isms.Organisation{Base: isms.Base{Title: "Acme"}}
		w.Must(w.App.Save(acme, org))
		visitor := context.Background()
		if _, err := w.Response.ReportOddAsVisitor(visitor, "", response.OddCall{What: "x"}); kind.CodeOf(err) != kind.NotFound {
			t.Errorf("a visitor reports although nobody allowed it: %v", err)
		}
		if n := len(w.concerns(acme)); n != 0 {
			t.Errorf("%d reports were kept", n)
		}
		org.OpenReports = true
		w.Must(w.App.Save(acme, org))
		if _, err := w.Response.OpenDoor(visitor, "elsewhere"); kind.CodeOf(err) != kind.NotFound {
			t.Errorf("a workspace that is not there has a door: %v", err)
		}
		door, err := w.Response.OpenDoor(visitor, "")
		w.Must(err)
		receipt, err := w.Response.ReportOddAsVisitor(visitor, "", response.OddCall{What: "Your web site asks for my card number twice."})
		w.Must(err)
		if list := w.concerns(acme); len(list) != 1 || list[0].ReporterID != "" || receipt == "" || door.Workspace != founder.Workspace {
			t.Errorf("kept %d reports through the door of %q", len(list), door.Workspace)
		}
	})
}

func (w *world) concerns(ctx context.Context) []*isms.Concern {
	w.Helper()
	list, err := app.Of[isms.Concern](w.App, isms.Concerns).All(ctx, kind.Query{})
	w.Must(err)
	return list
}
