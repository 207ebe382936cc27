package server

import (
	"context"
	"fmt"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/isms"
	"holdfast/kind"
)

// samplePublishes are the shipped templates that the sample has put in force.
var samplePublishes = []string{"vulnerability-management", "change-management", "logging-and-monitoring", "cryptography"}

// sampleDocuments writes what the sample lacks of the usual set, as its security lead
// would, puts a few in force, and completes the proof of what was accepted.
func (l *Local) sampleDocuments(ctx, lead context.Context, workspace string) error {
	if _, err := l.Flow.WriteDocuments(lead); err != nil {
		return err
	}
	for _, key := range samplePublishes {
		if err := l.samplePublish(ctx, workspace, key); err != nil {
			return fmt.Errorf("document %s: %w", key, err)
		}
	}
	return l.sampleProofs(ctx)
}

// samplePublish puts a document in force as the approver whom it names.
func (l *Local) samplePublish(ctx context.Context, workspace, key string) error {
	d, err := app.Of[isms.Document](l.App, isms.Documents).Get(ctx, key)
	if err != nil || d.Status != isms.DocumentDraft { // the job ran before
		return err
	}
	who, err := app.Of[isms.Person](l.App, isms.People).Get(ctx, d.ApproverID)
	if err != nil {
		return err
	}
	approver := access.With(ctx, access.Actor{ID: who.ID, Name: who.Title, Workspace: workspace, Roles: []access.Role{access.Administrator}, Via: "import"})
	_, err = l.Flow.PublishDocument(approver, key)
	return err
}

// sampleProofs gives the acceptances of the sample the time and the hash that they
// would have from life.
func (l *Local) sampleProofs(ctx context.Context) error {
	repo := app.Of[isms.Acknowledgement](l.App, isms.Acknowledgements)
	list, err := repo.All(ctx, kind.Query{Sort: "key"}.Where("status", string(isms.AcknowledgementAccepted)))
	if err != nil {
		return err
	}
	return l.App.Atomic(ctx, func(ctx context.Context) error {
		for i, a := range list {
			if a.SHA256 != "" || a.Due == "" {
				continue
			}
			v, err := app.Of[isms.DocumentVersion](l.App, isms.DocumentVersions).Get(ctx, a.DocumentVersionID)
			if err != nil {
				return err
			}
			a.SHA256 = v.SHA256
			a.AcceptedAt = a.Due.Time().AddDate(0, 0, -1-i%9).Add(9*time.Hour + time.Duration(i*37%480)*time.Minute)
			if err := repo.Save(ctx, a); err != nil {
				return err
			}
		}
		return nil
	})
}
