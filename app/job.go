package app

import (
	"context"
	"encoding/json"
	"time"

	"holdfast/access"
	"holdfast/store"
)

// A Request describes work to be done later, by package job.
type Request struct {
	Name    string    // of a function that the runner knows
	Title   string    // for people
	Payload any       // JSON for the function
	Once    string    // while a job with the same name and word waits or runs, no other is added
	At      time.Time // not before; zero: now
}

// Enqueue adds a job. Called inside Atomic it is part of the transaction. The id
// is empty when Once made the job superfluous.
func (a *App) Enqueue(ctx context.Context, r Request) (id string, err error) {
	actor, err := access.From(ctx)
	if err != nil {
		return "", err
	}
	payload, err := json.Marshal(r.Payload)
	if err != nil {
		return "", err
	}
	at := r.At
	if at.IsZero() {
		at = a.Now()
	}
	id = a.NewID()
	err = a.Write(ctx, func(tx *store.Tx) error {
		added, err := tx.Enqueue(store.Job{ID: id, Name: r.Name, Title: r.Title, Payload: string(payload), Once: r.Once, RunAt: at, CreatedAt: a.Now(), CreatedBy: actor.Name})
		if !added {
			id = ""
		}
		return err
	})
	return id, err
}
