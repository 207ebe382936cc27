package server

import (
	"context"
	"fmt"
	"time"

	"holdfast/flow"
)

// samplePlaybooks takes every playbook of the catalogue into the sample and plans the
// next exercise about its own dearest risk.
func (l *Local) samplePlaybooks(machine context.Context) error {
	if _, err := l.Flow.AdoptPlaybooks(machine); err != nil {
		return fmt.Errorf("sample: playbooks: %w", err)
	}
	at := l.App.Now().Truncate(24*time.Hour).AddDate(0, 0, 30).Add(14 * time.Hour)
	_, err := l.Flow.PlanExercise(machine, flow.ExerciseOrder{Seed: 1740, At: at, LeadID: sampleLead, Announced: true})
	if err != nil {
		return fmt.Errorf("sample: exercise: %w", err)
	}
	return nil
}
