package response

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"holdfast/app"
	"holdfast/flow"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// An ExerciseEnd is what is known when an exercise is over.
type ExerciseEnd struct {
	Recovery float64   // hours from the first sign until work went on; 0: as the clock says for exercises on real systems, else not measured
	Result   string    // in words; empty: made of the scores
	NextOn   kind.Date // empty: by how well it went
	Restored bool      // of a restore test: what came back is complete
	Compared string    // of a restore test: what was compared and what was found
}

// Scores below which something has to change, and days until the next one.
const (
	goodScore = 80
	poorScore = 60
)

// FinishExercise ends an exercise: what was not told is skipped, what was not answered
// is missed, the score is made, and everything that went wrong becomes a corrective
// action of its own. The playbook and the plan that were followed are proved used; a
// restore test proves, or disproves, its copy; times measured on real systems go into
// the recovery targets, a guess at a table does not. The next one is planned. It
// happens whole or not at all, and again changes nothing.
func (f *Flow) FinishExercise(ctx context.Context, idOrKey string, end ExerciseEnd) (*ExerciseRoom, error) {
	if end.Recovery < 0 || end.Recovery > 24*365 {
		return nil, kind.Fieldf("recovery", "is a number of hours")
	}
	var id string
	err := f.app.Atomic(ctx, func(ctx context.Context) error {
		e, err := f.exercises().Get(ctx, idOrKey)
		if err != nil {
			return err
		}
		id = e.ID
		if e.Status == "done" {
			return nil
		}
		if e.Status != "running" && e.Status != "evaluating" {
			return kind.Errorf(kind.Conflict, "the exercise is %s; start it first", kind.Humanise(string(e.Status)))
		}
		return f.finish(ctx, e, end)
	})
	if err != nil {
		return nil, err
	}
	return f.ExerciseRoom(ctx, id)
}

func (f *Flow) finish(ctx context.Context, e *isms.Exercise, end ExerciseEnd) error {
	if err := f.closeInjects(ctx, e.ID); err != nil {
		return err
	}
	if e.Status == "running" {
		r, err := f.app.Do(ctx, isms.Exercises, e.ID, "end", 0, kind.Input{})
		if err != nil {
			return err
		}
		e = r.(*isms.Exercise)
	}
	list, err := f.injectsOf(ctx, e.ID)
	if err != nil {
		return err
	}
	e.Score, _ = scoreOf(list)
	e.Recovery = end.Recovery
	if e.Recovery == 0 && onSystems(e) {
		e.Recovery = flow.Round4(e.EndedAt.Sub(e.StartedAt).Hours())
	}
	e.NextOn = end.NextOn
	if e.NextOn == "" {
		e.NextOn = kind.DateOf(f.app.Now().AddDate(0, 0, nextIn(e)))
	}
	e.Result = isms.Markdown(end.Result)
	if strings.TrimSpace(end.Result) == "" {
		e.Result = resultOf(e, list)
	}
	if err := f.exercises().Save(ctx, e); err != nil {
		return err
	}
	if err := f.concludeExercise(ctx, e, list, end); err != nil {
		return err
	}
	_, err = f.app.Do(ctx, isms.Exercises, e.ID, "evaluate", 0, kind.Input{})
	return err
}

// concludeExercise writes what follows from an exercise into other records.
func (f *Flow) concludeExercise(ctx context.Context, e *isms.Exercise, list []*isms.ExerciseInject, end ExerciseEnd) error {
	for _, step := range []func() error{
		func() error { return f.reportDrill(ctx, e, end) },
		func() error { return f.measureTargets(ctx, e) },
		func() error { return f.correctExercise(ctx, e, list, end) },
		func() error { return f.proveUsed(ctx, e) },
		func() error { return f.planNext(ctx, e) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// closeInjects skips what was not told and misses what was not answered.
func (f *Flow) closeInjects(ctx context.Context, exerciseID string) error {
	list, err := f.injectsOf(ctx, exerciseID)
	if err != nil {
		return err
	}
	for _, i := range list {
		action := map[isms.InjectStatus]string{"waiting": "skip", "given": "miss"}[i.Status]
		if action == "" {
			continue
		}
		if _, err := f.app.Do(ctx, isms.ExerciseInjects, i.ID, action, 0, kind.Input{}); err != nil {
			return err
		}
	}
	return nil
}

// onSystems tells whether an exercise touches systems, so that its times are measured.
func onSystems(e *isms.Exercise) bool {
	return slices.Contains([]isms.ExerciseType{"restore", "simulation", "failover", "full"}, e.Type)
}

// nextIn is in how many days the next one should be: the worse it went, the sooner.
func nextIn(e *isms.Exercise) int {
	late := e.TargetHours > 0 && e.Recovery > e.TargetHours
	switch {
	case e.Score >= goodScore && !late:
		return 365
	case e.Score >= poorScore && !late:
		return 180
	}
	return 90
}

// resultOf says in words what the scores say.
func resultOf(e *isms.Exercise, list []*isms.ExerciseInject) isms.Markdown {
	var good, bad []string
	for _, i := range list {
		switch {
		case i.Status == "skipped":
		case i.Status == "answered" && i.Score >= goodScore:
			good = append(good, i.Title)
		default:
			bad = append(bad, fmt.Sprintf("%s (%d %%)", i.Title, i.Score))
		}
	}
	text := fmt.Sprintf("Score %d %%.", e.Score)
	if e.Recovery > 0 && e.TargetHours > 0 {
		text += fmt.Sprintf(" Back after %s hours; %s were aimed at.", inHours(e.Recovery), inHours(e.TargetHours))
	}
	if len(good) > 0 {
		text += "\n\n**What worked**\n\n" + string(bullets(good))
	}
	if len(bad) > 0 {
		text += "\n\n**What did not**\n\n" + string(bullets(bad))
	}
	return isms.Markdown(text)
}

func inHours(h float64) string {
	return strings.TrimSuffix(fmt.Sprintf("%.1f", h), ".0")
}

// reportDrill proves the copy of a restore test, or the contrary.
func (f *Flow) reportDrill(ctx context.Context, e *isms.Exercise, end ExerciseEnd) error {
	if e.Type != "restore" || e.RestoreID == "" {
		return nil
	}
	if strings.TrimSpace(end.Compared) == "" {
		return kind.Fieldf("compared", "say what was compared and what was found; a restore nobody looked at proves nothing")
	}
	p, err := app.Of[isms.RestorePoint](f.app, isms.RestorePoints).Get(ctx, e.RestoreID)
	if err != nil {
		return err
	}
	_, err = f.ReportRestore(ctx, RestoreReport{Backup: p.BackupID, Point: p.ID, Good: end.Restored, Minutes: int(e.Recovery*60 + 0.5), Result: end.Compared})
	return err
}

// measureTargets writes what was measured on real systems into their targets.
func (f *Flow) measureTargets(ctx context.Context, e *isms.Exercise) error {
	if !onSystems(e) || e.Recovery == 0 {
		return nil
	}
	tried, err := f.linkedNames(ctx, isms.Exercises, e.ID, "tries")
	if err != nil {
		return err
	}
	targets := app.Of[isms.RecoveryTarget](f.app, isms.RecoveryTargets)
	for _, a := range tried {
		list, err := targets.All(ctx, kind.Query{}.Where("asset_id", a.ID))
		if err != nil {
			return err
		}
		for _, t := range list {
			t.MeasuredRTO, t.TestedOn, t.ExerciseID = e.Recovery, kind.DateOf(f.app.Now()), e.ID
			if err := f.app.SaveBecause(ctx, t, "measured in "+e.Title); err != nil {
				return err
			}
		}
	}
	return nil
}

// correctExercise makes a corrective action of everything that went wrong.
func (f *Flow) correctExercise(ctx context.Context, e *isms.Exercise, list []*isms.ExerciseInject, end ExerciseEnd) error {
	for _, i := range list {
		if i.Status == "skipped" || i.Score >= poorScore {
			continue
		}
		if err := f.correction(ctx, e, i.ID, causeOf(i), missing(i), i.Score); err != nil {
			return err
		}
	}
	if e.TargetHours > 0 && e.Recovery > e.TargetHours {
		cause := fmt.Sprintf("It took %s hours until work went on; %s were aimed at.", inHours(e.Recovery), inHours(e.TargetHours))
		if err := f.correction(ctx, e, "recovery", cause, "Shorten the recovery to its target, or set the target to what is bearable and paid for.", 0); err != nil {
			return err
		}
	}
	if e.Type == "restore" && e.RestoreID != "" && !end.Restored {
		return f.correction(ctx, e, "restore", "The copy could not be restored: "+end.Compared, "Repair the backup and show by a restore that it works.", 0)
	}
	return nil
}

func causeOf(i *isms.ExerciseInject) string {
	did := strings.TrimSpace(string(i.Answer))
	switch {
	case i.Status == "missed":
		did = "Nothing was done in time."
	case did == "":
		did = "What was expected was not done."
	}
	return fmt.Sprintf("In an exercise: %s\n\n%s", i.News, did)
}

// missing says what has to be possible the next time.
func missing(i *isms.ExerciseInject) string {
	var open []string
	for _, c := range Criteria(i) {
		if !slices.Contains(i.Met, c) {
			open = append(open, c)
		}
	}
	if len(open) == 0 {
		return "Be sooner: " + strings.TrimSpace(string(i.News))
	}
	return "Make sure that it is done the next time:\n\n" + string(bullets(open))
}

// correction makes one corrective action; again it makes none.
func (f *Flow) correction(ctx context.Context, e *isms.Exercise, what, cause, action string, score int) error {
	repo := app.Of[isms.CorrectiveAction](f.app, isms.CorrectiveActions)
	key := flow.StableKey("exercise", e.ID, what)
	if _, err := repo.Get(ctx, key); kind.CodeOf(err) != kind.NotFound {
		return err
	}
	days := 60
	if score == 0 {
		days = 30
	}
	title := "After the exercise: " + strings.TrimSpace(headline(strings.TrimPrefix(action, "Make sure that it is done the next time:\n\n- ")))
	now := f.app.Now()
	c := &isms.CorrectiveAction{Base: isms.Base{Key: key, Title: prose.Cut(title, 200)}, ExerciseID: e.ID, Status: "proposed", OwnerID: e.LeadID, Cause: isms.Markdown(cause), Action: isms.Markdown(action),
		Due: kind.DateOf(now.AddDate(0, 0, days)), CheckHow: "Play the same again, or look whether it is there.", CheckOn: max(e.NextOn, kind.DateOf(now.AddDate(0, 0, days+30)))}
	if err := repo.Save(ctx, c); err != nil {
		return err
	}
	plays, err := f.linkedNames(ctx, isms.Exercises, e.ID, "plays")
	if err != nil {
		return err
	}
	for _, r := range plays {
		if err := f.app.Link(ctx, isms.CorrectiveActions, c.ID, "lowers", r.ID); err != nil {
			return err
		}
	}
	return nil
}

func headline(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	line, _, _ = strings.Cut(line, ". ")
	return line
}

// corrections are the corrective actions that follow from an exercise.
func (f *Flow) corrections(ctx context.Context, id string) ([]*isms.CorrectiveAction, error) {
	list, err := app.Of[isms.CorrectiveAction](f.app, isms.CorrectiveActions).All(ctx, kind.Query{Sort: "due"}.Where("exercise_id", id))
	if kind.CodeOf(err) == kind.Forbidden {
		return nil, nil
	}
	return list, err
}

// proveUsed notes that playbook and plan were followed.
func (f *Flow) proveUsed(ctx context.Context, e *isms.Exercise) error {
	if e.PlaybookID != "" {
		p, err := f.playbooks().Get(ctx, e.PlaybookID)
		if err != nil {
			return err
		}
		if slices.Contains(isms.Playbooks.Action("prove").From, string(p.Status)) {
			if _, err := f.app.Do(ctx, isms.Playbooks, p.ID, "prove", 0, kind.Input{Reason: e.Title}); err != nil {
				return err
			}
		}
	}
	if e.PlanID == "" {
		return nil
	}
	plans := app.Of[isms.Plan](f.app, isms.Plans)
	p, err := plans.Get(ctx, e.PlanID)
	if err != nil {
		return err
	}
	p.TestedOn = kind.DateOf(f.app.Now())
	return f.app.SaveBecause(ctx, p, "tried in "+e.Title)
}

// planNext makes the next exercise of the same kind.
func (f *Flow) planNext(ctx context.Context, e *isms.Exercise) error {
	key := flow.StableKey("after", e.ID)
	if _, err := f.exercises().Get(ctx, key); kind.CodeOf(err) != kind.NotFound {
		return err
	}
	next := &isms.Exercise{
		Base: isms.Base{Key: key, Title: prose.Cut("Again: "+strings.TrimPrefix(e.Title, "Again: "), 300)}, Type: e.Type, Status: "planned", At: e.NextOn.Time().Add(9 * time.Hour),
		LeadID: e.LeadID, Category: e.Category, PlanID: e.PlanID, PlaybookID: e.PlaybookID, Minutes: e.Minutes, TargetHours: e.TargetHours, RestoreID: e.RestoreID, Seed: e.Seed + 1,
		Goals: "See whether what was changed after the last one holds.", Scenario: e.Scenario, Announced: e.Announced,
	}
	if err := f.exercises().Save(ctx, next); err != nil {
		return err
	}
	for _, relation := range []string{"plays", "tries"} {
		linked, err := f.linkedNames(ctx, isms.Exercises, e.ID, relation)
		if err != nil {
			return err
		}
		for _, l := range linked {
			if err := f.app.Link(ctx, isms.Exercises, next.ID, relation, l.ID); err != nil {
				return err
			}
		}
	}
	list, err := f.injectsOf(ctx, e.ID)
	if err != nil {
		return err
	}
	for _, i := range list {
		again := &isms.ExerciseInject{Base: isms.Base{Title: i.Title}, ExerciseID: next.ID, Minute: i.Minute, News: i.News, Phase: i.Phase, Audience: i.Audience, Expected: i.Expected, WithinMin: i.WithinMin}
		if err := f.injects().Save(ctx, again); err != nil {
			return err
		}
	}
	return nil
}
