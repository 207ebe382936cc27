package server

import (
	"context"
	"fmt"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/flow/response"
	"holdfast/isms"
)

// samplePlaybooks takes every playbook of the catalogue into the sample and plans the
// next exercise about its own dearest risk.
func (l *Local) samplePlaybooks(machine context.Context) error {
	lead, err := app.Of[isms.Person](l.App, isms.People).Get(machine, sampleLead)
	if err != nil {
		return fmt.Errorf("sample: %w", err)
	}
	actor, err := access.From(machine)
	if err != nil {
		return err
	}
	as := access.With(machine, access.Actor{ID: lead.ID, Name: lead.Title, Workspace: actor.Workspace, Roles: []access.Role{access.Administrator}, Via: "import"})
	if _, err := l.Response.AdoptPlaybooks(as); err != nil {
		return fmt.Errorf("sample: playbooks: %w", err)
	}
	at := l.App.Now().Truncate(24*time.Hour).AddDate(0, 0, 30).Add(14 * time.Hour)
	_, err = l.Response.PlanExercise(as, response.ExerciseOrder{Seed: 1740, At: at, LeadID: sampleLead, Announced: true})
	if err != nil {
		return fmt.Errorf("sample: exercise: %w", err)
	}
	return nil
}
