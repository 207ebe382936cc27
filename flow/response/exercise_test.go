package response_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/flow/response"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"

	"github.com/google/go-cmp/cmp"
)

// practice is a workspace with a system worth playing about.
func practice(t *testing.T, s *store.Store) *world {
	t.Helper()
	w := newWorld(t, s)
	w.Actor("mia", access.SecurityLead, access.Approver)
	w.Save(&isms.Asset{Base: isms.Base{Key: "shop", Title: "Web shop"}, Type: "application", Criticality: 5, OwnerID: "mia", Lifecycle: "operating"})
	w.Save(&isms.Asset{Base: isms.Base{Key: "db", Title: "Order database"}, Type: "host", Criticality: 4, Lifecycle: "operating"})
	w.Save(&isms.Asset{Base: isms.Base{Key: "till", Title: "Tills"}, Type: "application", Criticality: 3, Lifecycle: "operating"})
	w.Save(&isms.AssetDependency{AssetID: "shop", NeedsID: "db", Nature: "runs_on", Strength: 5})
	w.Save(&isms.AssetDependency{AssetID: "till", NeedsID: "shop", Nature: "calls", Strength: 4})
	w.Save(&isms.Risk{Base: isms.Base{Key: "crew", Title: "Ransomware reaches the shop"}, AssetID: "shop", Scenario: "ransomware-internet", Status: "open"})
	w.Save(&isms.Risk{Base: isms.Base{Key: "lost", Title: "A laptop is lost"}, AssetID: "till", Scenario: "lost-device", Status: "open"})
	w.Save(&isms.Plan{Base: isms.Base{Key: "dr", Title: "Recovery"}, Type: "recovery"})
	w.Save(&isms.RecoveryTarget{Base: isms.Base{Key: "t-shop"}, AssetID: "shop", PlanID: "dr", RTO: 4, RPO: 1})
	w.Save(&isms.RecoveryTarget{Base: isms.Base{Key: "t-db"}, AssetID: "db", PlanID: "dr", RTO: 2, RPO: 1})
	_, err := w.Response.AdoptPlaybooks(testkit.Machine(), "ransomware")
	w.Must(err)
	return w
}

func (w *world) planExercise(o response.ExerciseOrder) *response.ExerciseRoom {
	w.Helper()
	e, err := w.Response.PlanExercise(w.leads("mia"), o)
	w.Must(err)
	return w.room(e.ID)
}

func (w *world) room(id string) *response.ExerciseRoom {
	w.Helper()
	r, err := w.Response.ExerciseRoom(testkit.Machine(), id)
	w.Must(err)
	return r
}

// story is what the players are told.
func story(r *response.ExerciseRoom) (out []string) {
	out = append(out, r.Exercise.Title, string(r.Exercise.Scenario), string(r.Exercise.Goals))
	for _, i := range r.Injects {
		out = append(out, i.Title, string(i.News), string(i.Expected), string(i.Phase), i.Audience, time.Duration(i.Minute).String())
	}
	return out
}

func TestAnExerciseIsMadeOfTheOrganisationsOwnRisk(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := practice(t, s)
		r := w.planExercise(response.ExerciseOrder{RiskID: "crew", Seed: 7})
		e := r.Exercise
		if e.Category != "ransomware" || r.Playbook != "Ransomware" || r.Plan != "Recovery" || e.TargetHours != 4 || r.Lead != "Mia" || e.Status != "planned" {
			t.Errorf("category %s, playbook %q, plan %q, target %v, lead %q", e.Category, r.Playbook, r.Plan, e.TargetHours, r.Lead)
		}
		if len(r.Plays) != 1 || r.Plays[0].Key != "crew" || len(r.Tries) != 1 || r.Tries[0].Key != "shop" {
			t.Errorf("plays %v, tries %v", r.Plays, r.Tries)
		}
		if n := len(r.Injects); n < 6 || n > 12 {
			t.Errorf("%d injects", n)
		}
		text := strings.Join(story(r), "\n")
		for _, name := range []string{"Web shop", "Order database", "Tills", "Mia"} {
			if !strings.Contains(text, name) {
				t.Errorf("the story does not tell of %s:\n%s", name, text)
			}
		}
		if strings.ContainsAny(text, "{}") {
			t.Errorf("a name is missing in the story:\n%s", text)
		}
		last := -1
		for _, i := range r.Injects {
			if i.Minute < last || i.Minute >= e.Minutes || len(response.Criteria(i)) < 2 {
				t.Errorf("%q at minute %d after %d, %d criteria", i.Title, i.Minute, last, len(response.Criteria(i)))
			}
			last = i.Minute
		}
		same := w.planExercise(response.ExerciseOrder{RiskID: "crew", Seed: 7})
		if d := cmp.Diff(story(r), story(same)); d != "" {
			t.Errorf("the same seed tells another story:\n%s", d)
		}
		other := w.planExercise(response.ExerciseOrder{RiskID: "crew", Seed: 8})
		if cmp.Equal(story(r), story(other)) {
			t.Error("another seed tells the same story")
		}
		if next := w.planExercise(response.ExerciseOrder{}); next.Exercise.Category != "lost_device" {
			t.Errorf("a risk that was just played is played again: %s", next.Exercise.Category)
		}
	})
}

// leads is somebody of the workspace with the rights of a lead.
func (w *world) leads(key string) context.Context {
	w.Helper()
	p := w.Person(key)
	return access.With(context.Background(), access.Actor{ID: p.ID, Name: p.Title, Workspace: testkit.Workspace, Roles: []access.Role{access.SecurityLead, access.Approver}, Via: "test"})
}

func TestWhatWentWrongBecomesACorrectiveAction(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := practice(t, s)
		lead := w.leads("mia")
		r := w.planExercise(response.ExerciseOrder{RiskID: "crew", Seed: 7})
		id := r.Exercise.ID
		w.Refuses(kind.Conflict, "news before the start", w.Response.GiveInject(lead, r.Injects[0].ID))
		w.Must(w.Response.StartExercise(lead, id))
		for n, i := range r.Injects[:4] {
			w.Must(w.Response.GiveInject(lead, i.ID))
			w.Clock.Advance(4 * time.Minute)
			answer := response.InjectAnswer{Text: "Done.", Met: response.Criteria(i)}
			switch n {
			case 1:
				w.Clock.Advance(time.Hour) // all of it, and too late
			case 2:
				answer.Met = answer.Met[:1]
			case 3:
				answer = response.InjectAnswer{Missed: true}
			}
			_, err := w.Response.ScoreInject(lead, i.ID, answer)
			w.Must(err)
		}
		w.Must(w.Response.GiveInject(lead, r.Injects[4].ID)) // nobody answers it
		now := w.room(id)
		if got := []int{now.Injects[0].Score, now.Injects[1].Score, now.Injects[2].Score, now.Injects[3].Score}; !cmp.Equal(got, []int{100, 75, 33, 0}) {
			t.Errorf("scores %v", got)
		}
		if !now.Running() || now.Elapsed != 76*time.Minute || now.Next.ID != r.Injects[5].ID || !now.Due(now.Next) || now.Score != 52 {
			t.Errorf("elapsed %s, next %v, score %d", now.Elapsed, now.Next.Title, now.Score)
		}
		_, err := w.Response.ScoreInject(lead, r.Injects[5].ID, response.InjectAnswer{Text: "x"})
		w.Refuses(kind.Conflict, "an answer to what was not told", err)
		_, err = w.Response.ScoreInject(lead, r.Injects[0].ID, response.InjectAnswer{Met: []string{"make coffee"}})
		w.Refuses(kind.Invalid, "a criterion that is none", err)

		end, err := w.Response.FinishExercise(lead, id, response.ExerciseEnd{Recovery: 9.5})
		w.Must(err)
		e := end.Exercise
		if e.Status != "done" || e.Score != 42 || e.Recovery != 9.5 || e.NextOn != kind.DateOf(w.Clock.Now().AddDate(0, 0, 90)) || !strings.Contains(string(e.Result), "What did not") {
			t.Errorf("%+v", e)
		}
		if end.Injects[4].Status != "missed" || end.Injects[5].Status != "skipped" {
			t.Errorf("unanswered is %s, untold is %s", end.Injects[4].Status, end.Injects[5].Status)
		}
		if len(end.Follows) != 4 { // one third, missed, unanswered, recovery
			t.Errorf("%d corrective actions", len(end.Follows))
		}
		for _, c := range end.Follows {
			if c.ExerciseID != id || c.Due == "" || c.OwnerID == "" || c.Status != "proposed" || c.Action == "" {
				t.Errorf("%+v", c)
			}
		}
		if p := w.sheet("ransomware").Playbook; p.ProvedOn != kind.DateOf(w.Clock.Now()) {
			t.Errorf("the playbook was proved on %q", p.ProvedOn)
		}
		if p := w.Record(isms.Plans, "dr").(*isms.Plan); p.TestedOn == "" {
			t.Error("the plan was not noted as tried")
		}
		if target := w.Record(isms.RecoveryTargets, "t-shop").(*isms.RecoveryTarget); target.TestedOn != "" {
			t.Error("a guess at a table was written into the recovery target")
		}
		before := w.JournalLength()
		_, err = w.Response.FinishExercise(lead, id, response.ExerciseEnd{})
		w.Must(err)
		if w.JournalLength() != before {
			t.Error("finishing again wrote something")
		}
		planned, err := app.Of[isms.Exercise](w.App, isms.Exercises).All(testkit.Machine(), kind.Query{}.Where("status", "planned"))
		w.Must(err)
		if len(planned) != 1 || planned[0].At.Format(time.DateOnly) != string(e.NextOn) || len(w.room(planned[0].ID).Injects) != len(r.Injects) {
			t.Errorf("the next one: %d planned", len(planned))
		}
	})
}

func TestARestoreTestProvesItsCopyAndMeasuresTheTarget(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := practice(t, s)
		lead := w.leads("mia")
		_, err := w.Response.PlanExercise(lead, response.ExerciseOrder{Restore: true})
		w.Refuses(kind.Invalid, "a restore test without a copy", err)
		w.Save(&isms.Backup{Base: isms.Base{Key: "b", Title: "Nightly copy"}, AssetID: "db", Status: "operating", Method: "full"})
		w.Save(&isms.RestorePoint{Base: isms.Base{Key: "old"}, BackupID: "b", TakenAt: w.Clock.Now().Add(-48 * time.Hour)})
		w.Save(&isms.RestorePoint{Base: isms.Base{Key: "good"}, BackupID: "b", TakenAt: w.Clock.Now().Add(-24 * time.Hour)})
		w.Save(&isms.RestorePoint{Base: isms.Base{Key: "bad"}, BackupID: "b", TakenAt: w.Clock.Now().Add(-2 * time.Hour), Status: "tainted"})
		r := w.planExercise(response.ExerciseOrder{Restore: true})
		point := func() *isms.RestorePoint { return w.Record(isms.RestorePoints, "good").(*isms.RestorePoint) }
		if r.Exercise.Type != "restore" || r.Exercise.RestoreID != point().ID || !strings.Contains(string(r.Exercise.Scenario), "Nightly copy") || r.Exercise.TargetHours != 2 {
			t.Fatalf("%+v", r.Exercise)
		}
		w.Must(w.Response.StartExercise(lead, r.Exercise.ID))
		w.Clock.Advance(3 * time.Hour)
		_, err = w.Response.FinishExercise(lead, r.Exercise.ID, response.ExerciseEnd{Restored: true})
		w.Refuses(kind.Invalid, "a restore that nobody looked at", err)
		if got := w.room(r.Exercise.ID).Exercise.Status; got != "running" {
			t.Errorf("a refused end left the exercise %s", got)
		}
		end, err := w.Response.FinishExercise(lead, r.Exercise.ID, response.ExerciseEnd{Restored: true, Compared: "Counts of all tables."})
		w.Must(err)
		if p := point(); p.Status != "verified" || p.RestoreMinutes != 180 {
			t.Errorf("the copy is %s, %d minutes", p.Status, p.RestoreMinutes)
		}
		target := w.Record(isms.RecoveryTargets, "t-db").(*isms.RecoveryTarget)
		if target.MeasuredRTO != 3 || target.ExerciseID != r.Exercise.ID || target.Result != "missed" || end.Exercise.Recovery != 3 {
			t.Errorf("target %+v", target)
		}
		if len(end.Follows) != 1 {
			t.Errorf("%d corrective actions for a recovery beyond its target", len(end.Follows))
		}
	})
}

func TestNobodyPlaysWithoutTheRight(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := practice(t, s)
		r := w.planExercise(response.ExerciseOrder{RiskID: "crew"})
		auditor := testkit.As(access.Auditor)
		_, err := w.Response.PlanExercise(auditor, response.ExerciseOrder{RiskID: "crew"})
		w.Refuses(kind.Forbidden, "an auditor plans", err)
		w.Refuses(kind.Forbidden, "an auditor starts", w.Response.StartExercise(auditor, r.Exercise.ID))
		w.Must(w.Response.StartExercise(testkit.Machine(), r.Exercise.ID))
		w.Refuses(kind.Forbidden, "an auditor tells", w.Response.GiveInject(auditor, r.Injects[0].ID))
		w.Must(w.Response.GiveInject(testkit.Machine(), r.Injects[0].ID))
		_, err = w.Response.ScoreInject(auditor, r.Injects[0].ID, response.InjectAnswer{Text: "x"})
		w.Refuses(kind.Forbidden, "an auditor judges", err)
		_, err = w.Response.FinishExercise(auditor, r.Exercise.ID, response.ExerciseEnd{})
		w.Refuses(kind.Forbidden, "an auditor finishes", err)
		if _, err := w.Response.ExerciseRoom(auditor, r.Exercise.ID); err != nil {
			t.Errorf("an auditor may look: %v", err)
		}
		_, err = w.Response.ExerciseRoom(testkit.In("other", access.Administrator), r.Exercise.ID)
		w.Refuses(kind.NotFound, "another workspace looks", err)
		if got := w.room(r.Exercise.ID); got.Injects[0].Status != "given" || got.Exercise.Status != "running" {
			t.Errorf("a refusal changed something: %s, %s", got.Injects[0].Status, got.Exercise.Status)
		}
	})
}
