package response_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/blob"
	"holdfast/flow"
	"holdfast/flow/response"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
	"holdfast/testkit/flowtest"
)

// answering is a world with an incident, its playbook, and the people who answer it.
func answering(t *testing.T, s *store.Store) (*world, string) {
	w := responding(t, s)
	for i, st := range []isms.PlaybookStep{
		{Base: isms.Base{Key: "is-it-real", Title: "Is it real?"}, Phase: "detect", Type: "decision", Instruction: "Look at the log."},
		{Base: isms.Base{Key: "isolate", Title: "Isolate the host"}, Phase: "contain", Instruction: "Take it off the network."},
		{Base: isms.Base{Key: "wipe", Title: "Wipe the disk"}, Phase: "eradicate", Instruction: "Build it anew.", Irreversible: true},
		{Base: isms.Base{Key: "restore", Title: "Restore"}, Phase: "recover", Instruction: "From the copy before."},
	} {
		st.PlaybookID, st.Position = "pb-trap", i+1
		w.Save(&st)
	}
	lead := w.someone("lead", access.SecurityLead)
	return w, w.declare(lead, response.IncidentCall{Title: "Somebody is in", AssetID: "web-1", PlaybookID: "pb-trap"})
}

func (w *world) roomOf(id string) *response.Room {
	w.Helper()
	r, err := w.Response.Room(testkit.Machine(), id)
	w.Must(err)
	return r
}

func (w *world) phase(id, action string) {
	w.Helper()
	_, err := w.Response.MovePhase(w.someone("lead", access.SecurityLead), id, 0, action, "", "")
	w.Must(err)
}

func next(r *response.Room) string {
	for _, s := range r.Steps {
		if s.Next {
			return s.Step.Key
		}
	}
	return ""
}

func TestStepsAreTakenInTheOrderContainEradicateRecover(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w, id := answering(t, s)
		lead, other := w.someone("lead", access.SecurityLead), w.someone("other", access.Contributor)
		if got := next(w.roomOf(id)); got != "is-it-real" {
			t.Errorf("the first step is %q", got)
		}
		if err := w.Response.TickStep(other, id, "wipe", response.Tick{Outcome: "done"}); kind.CodeOf(err) != kind.Conflict {
			t.Errorf("the disk is wiped before anything is contained: %v", err)
		}
		w.Must(w.Response.TickStep(other, id, "is-it-real", response.Tick{Outcome: "yes", Note: "A shell of www-data."}))
		w.phase(id, "contain")
		if got := next(w.roomOf(id)); got != "isolate" {
			t.Errorf("after the answer the next step is %q", got)
		}
		if err := w.Response.TickStep(other, id, "isolate", response.Tick{Outcome: "failed"}); kind.FieldsOf(err) == nil {
			t.Errorf("a step fails and nobody says why: %v", err)
		}
		w.Must(w.Response.TickStep(other, id, "isolate", response.Tick{Outcome: "underway"}))
		w.Must(w.Response.TickStep(other, id, "isolate", response.Tick{Outcome: "done", Note: "No route any more.", Minutes: 12}))
		w.phase(id, "eradicate")
		if err := w.Response.TickStep(other, id, "wipe", response.Tick{Outcome: "done"}); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("somebody else than the lead does what cannot be undone: %v", err)
		}
		w.Must(w.Response.TickStep(lead, id, "wipe", response.Tick{Outcome: "done"}))
		if err := w.Response.TickStep(testkit.As(access.Auditor), id, "isolate", response.Tick{Outcome: "done"}); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("an auditor ticks a step: %v", err)
		}
		r := w.roomOf(id)
		if r.Cost.Minutes != 12 || r.Cost.Total != 12.0/60*flow.HourlyCost {
			t.Errorf("twelve minutes cost %v: %+v", r.Cost.Total, r.Cost)
		}
		for i, want := range []string{"done", "done", "done", "open"} {
			if r.Steps[i].State != want {
				t.Errorf("step %s is %s, want %s", r.Steps[i].Step.Key, r.Steps[i].State, want)
			}
		}
	})
}

func TestACorrectionErasesNothing(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w, id := answering(t, s)
		other := w.someone("other", access.Contributor)
		wrong, err := w.Response.WriteNote(other, id, response.Note{Type: "observation", What: "Two hosts are affected."})
		w.Must(err)
		right, err := w.Response.CorrectEntry(other, wrong.ID, "Three hosts are affected.")
		w.Must(err)
		r := w.roomOf(id)
		if r.Corrected[wrong.ID] != right.ID || !strings.Contains(w.timeline(id), "Two hosts") {
			t.Error("the first entry is gone, or nothing says that it was wrong")
		}
		wrong.What = "Nothing happened."
		if err := w.App.Save(other, wrong); err == nil {
			t.Error("an entry can be rewritten")
		}
		if _, err := w.Response.WriteNote(other, id, response.Note{What: "From tomorrow", At: w.Clock.Now().Add(time.Hour)}); kind.FieldsOf(err) == nil {
			t.Errorf("an entry from the future is taken: %v", err)
		}
		if _, err := w.Response.WriteNote(testkit.In("elsewhere", access.Administrator), id, response.Note{What: "Hello"}); kind.CodeOf(err) != kind.NotFound {
			t.Errorf("another workspace writes: %v", err)
		}
	})
}

func TestTheTimelineIsInTheOrderInWhichThingsHappened(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w, id := answering(t, s)
		w.Clock.Advance(time.Hour)
		_, err := w.Response.WriteNote(w.someone("other", access.Contributor), id, response.Note{What: "Seen earlier", At: w.Clock.Now().Add(-30 * time.Minute)})
		w.Must(err)
		w.phase(id, "contain")
		last := time.Time{}
		for _, e := range w.roomOf(id).Timeline {
			if e.At.Before(last) {
				t.Errorf("%q stands after what happened later", e.What)
			}
			last = e.At
		}
	})
}

func TestTheSecondOfTwoIsToldWhoWasFaster(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w, id := answering(t, s)
		seen := w.incident(id).Version
		w.Must(w.Response.HandOver(w.someone("lead", access.SecurityLead), id, seen, "scribe", flowtest.IDOf(w.someone("other", access.Contributor)), ""))
		err := w.Response.HandOver(w.someone("second", access.Contributor), id, seen, "scribe", flowtest.IDOf(w.someone("second", access.Contributor)), "mine")
		if kind.CodeOf(err) != kind.Conflict || !strings.Contains(err.Error(), "Lead changed") {
			t.Errorf("the second is told: %v", err)
		}
		if _, err := w.Response.MovePhase(w.someone("second", access.Contributor), id, seen, "contain", "", ""); kind.CodeOf(err) != kind.Conflict {
			t.Errorf("a phase is moved on a stale page: %v", err)
		}
		if err := w.Response.HandOver(w.someone("second", access.Contributor), id, 0, "scribe", flowtest.IDOf(w.someone("second", access.Contributor)), ""); kind.FieldsOf(err) == nil {
			t.Errorf("a role changes hands without a word: %v", err)
		}
	})
}

func TestEvidenceKeepsItsHashAndWhoHeldIt(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w, id := answering(t, s)
		files, err := blob.Open(t.TempDir(), t.TempDir()+"/key")
		w.Must(err)
		defer files.Close()
		w.Flow.KeepFilesIn(files)
		other := w.someone("other", access.Contributor)
		ev, err := w.Response.TakeExhibit(other, id, response.ExhibitCall{Title: "Log of the web server", FileName: "access.log", File: strings.NewReader("GET /shell.php\n")})
		w.Must(err)
		w.Must(w.Response.HandExhibit(other, id, ev.ID, "Copperfield Security", "By courier, sealed bag 7."))
		r := w.roomOf(id)
		if len(r.Exhibits) != 1 || len(r.Exhibits[0].Files) != 1 || len(r.Exhibits[0].Chain) != 2 || r.Exhibits[0].Holder != "Copperfield Security" {
			t.Fatalf("the exhibit: %+v", r.Exhibits)
		}
		if hash := r.Exhibits[0].Files[0].SHA256; !strings.Contains(string(r.Exhibits[0].Chain[0].Result), hash) {
			t.Errorf("the chain does not name the hash %s", hash)
		}
		_, err = w.Response.TakeExhibit(other, id, response.ExhibitCall{Title: "Broken", FileName: "x.log", File: failing{}})
		if err == nil || len(w.roomOf(id).Exhibits) != 1 {
			t.Errorf("half an exhibit is left: %v", err)
		}
	})
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("the line broke") }

func TestTheBlastRadiusFollowsTheDependencies(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w, id := answering(t, s)
		for _, key := range []string{"portal", "mirror", "vault", "room", "far"} {
			w.Save(&isms.Asset{Base: isms.Base{Key: key, Title: key}, Type: "service", Value: kind.Exactly(1000), Lifecycle: "operating"})
		}
		for _, d := range []isms.AssetDependency{
			{AssetID: "portal", NeedsID: "web-1", Nature: "runs_on", SurvivesH: 2},
			{AssetID: "mirror", NeedsID: "web-1", Nature: "reads_from", Redundant: true},
			{AssetID: "web-1", NeedsID: "db-1", Nature: "calls"},
			{AssetID: "db-1", NeedsID: "vault", Nature: "stores_in"},
			{AssetID: "web-1", NeedsID: "room", Nature: "located_in"},
			{AssetID: "far", NeedsID: "mirror", Nature: "calls"},
		} {
			w.Save(&d)
		}
		w.Save(&isms.Processing{Base: isms.Base{Key: "customers", Title: "Customers"}, Role: "processor", Purpose: "x", Status: isms.ProcessingActive, People: 500})
		w.Must(w.App.Link(testkit.Machine(), isms.Processings, "customers", "uses", "portal"))
		r := w.roomOf(id).Reach
		got := map[string]string{}
		for _, a := range r.Assets {
			got[a.Asset.Key] = map[bool]string{true: "falls ", false: ""}[a.Falls] + map[bool]string{true: "open", false: ""}[a.Open]
		}
		for key, want := range map[string]string{"web-1": "falls open", "portal": "falls open", "db-1": "open", "vault": "open", "mirror": "", "room": "", "far": ""} {
			if got[key] != want {
				t.Errorf("%s: %q, want %q", key, got[key], want)
			}
		}
		if r.People != 500 || r.Value != 400_000+900_000+2_000 {
			t.Errorf("%d people and %v of value are in reach", r.People, r.Value)
		}
	})
}

func TestAnOutageCostsWhatTheImpactAssessmentSays(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w, id := answering(t, s)
		w.Save(&isms.ImpactAssessment{Base: isms.Base{Key: "bia", Title: "Without the web server"}, AssetID: "web-1", LossHour: kind.Exactly(100), LossDay: kind.Exactly(2400)})
		w.Clock.Advance(12*time.Hour + 30*time.Minute)
		if c := w.roomOf(id).Cost; c.Outage != 0 {
			t.Errorf("an outage nobody spoke of costs %v", c.Outage)
		}
		w.state(id, func(i *isms.Incident) { i.Impacts = isms.ImpactKinds{"operational"} })
		if c := w.roomOf(id).Cost; c.Outage != 1250 {
			t.Errorf("twelve hours and a half cost %v, want 100 + 11.5 × 100", c.Outage)
		}
		for _, action := range []string{"contain", "eradicate", "recover", "learn"} {
			w.phase(id, action)
		}
		w.Clock.Advance(100 * time.Hour)
		if c := w.roomOf(id).Cost; c.Outage != 1250 {
			t.Errorf("after the recovery it goes on costing: %v", c.Outage)
		}
		_, err := w.Response.MovePhase(w.someone("boss", access.Approver), id, 0, "close", "", "")
		if kind.FieldsOf(err) == nil {
			t.Errorf("closed without a lesson: %v", err)
		}
		_, err = w.Response.MovePhase(w.someone("chief", access.Administrator), id, 0, "close", "", "Change the lock.")
		w.Must(err)
		if inc := w.incident(id); inc.CostSoFar != kind.MoneyOf(1250) || inc.ClosedAt.IsZero() {
			t.Errorf("closed at %s with a cost of %s", inc.ClosedAt, inc.CostSoFar)
		}
	})
}

func TestAKillInTheMiddleOfADeclarationLeavesNothing(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := responding(t, s)
		first := w.signal("one", "web-1", "203.0.113.7", isms.SeverityHigh)
		broken := errors.New("the power went")
		w.App.Settle(failOn(isms.IncidentActions, broken))
		if _, err := w.Response.DeclareIncident(testkit.Machine(), response.IncidentCall{AlertIDs: []string{first}}); !errors.Is(err, broken) {
			t.Fatalf("declared in spite of it: %v", err)
		}
		a, err := app.Of[isms.Alert](w.App, isms.Alerts).Get(testkit.Machine(), first)
		w.Must(err)
		if len(w.incidents()) != 0 || a.IncidentID != "" || a.Status != isms.AlertNew {
			t.Errorf("left behind: %d incidents, the alert is %s of %q", len(w.incidents()), a.Status, a.IncidentID)
		}
	})
}

// failOn is a settler that breaks off whatever writes a record of the kind.
func failOn(k *kind.Kind, err error) app.Settler {
	return func(_ context.Context, changed []app.Event) error {
		for _, e := range changed {
			if e.Kind == k {
				return err
			}
		}
		return nil
	}
}

// someone is the person of that name, made when the world does not know them yet.
func (w *world) someone(name string, roles ...access.Role) context.Context {
	w.Helper()
	p, err := app.Of[isms.Person](w.App, isms.People).Get(testkit.Machine(), name)
	if err != nil {
		return w.Actor(name, roles...)
	}
	return access.With(context.Background(), access.Actor{ID: p.ID, Name: p.Title, Workspace: testkit.Workspace, Roles: roles, Via: "test"})
}
