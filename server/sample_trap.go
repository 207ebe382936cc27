package server

import (
	"context"
	"fmt"
	"time"

	"holdfast/app"
	"holdfast/engine/decoy"
	"holdfast/flow/detection"
	"holdfast/isms"
	"holdfast/kind"
)

// sampleShare is where the tokens of the sample call home: a name that leads nowhere.
const sampleShare = "https://files.fernhill.example/share"

// sampleDecoy is the decoy of the sample that somebody has visited.
const sampleDecoy = "trap-ssh-data-zone"

// sampleTraps makes the tokens of the sample's traps, and lets somebody visit its decoy.
func (l *Local) sampleTraps(ctx context.Context) error {
	traps, err := app.Of[isms.Trap](l.App, isms.Traps).All(ctx, kind.Query{Sort: "key"})
	if err != nil {
		return err
	}
	for _, t := range traps {
		if t.Type.Decoy() || t.Status != isms.TrapArmed && t.Status != isms.TrapSprung {
			continue
		}
		place := decoy.Place{Base: sampleShare, Host: "portal.fernhill.example"}
		if _, err := l.Detection.MakeToken(ctx, detection.TokenWish{TrapID: t.ID, Place: place}); err != nil {
			return fmt.Errorf("sample trap %s: %w", t.Key, err)
		}
	}
	return l.sampleVisit(ctx)
}

// sampleVisit lets somebody come to the decoy from a host of the application zone.
func (l *Local) sampleVisit(ctx context.Context) error {
	t, err := app.Of[isms.Trap](l.App, isms.Traps).Get(ctx, sampleDecoy)
	if err != nil {
		return err
	}
	start := l.App.Now().Add(-41 * time.Minute)
	_, err = l.Detection.Visit(ctx, decoy.Visit{
		ID: "sample-visit", Trap: t.ID, Service: string(t.Type), Remote: "10.20.2.12:40934", Local: "10.20.3.99:22", Start: start, End: start.Add(2 * time.Minute),
		Ended: decoy.EndedByVisitor, Client: "SSH-2.0-libssh2_1.10.0", Tool: "libssh2", Received: 5271, Sent: 6130,
		Credentials: []decoy.Credential{{User: "postgres", Secret: "postgres", Method: "password"}, {User: "backup", Secret: "Fernhill2026", Method: "password"}, {User: "root", Secret: "Rondo!2026", Method: "password"}},
		Commands:    []string{"id; uname -a", "cat /etc/hosts", "ls -la /home /srv", "cat ~/.ssh/known_hosts", "for i in 5432 6379 22; do nc -zv 10.20.3.10 $i; done", "history -c; exit"},
		Sample:      []byte("SSH-2.0-libssh2_1.10.0\r\n"),
	})
	return err
}
