package server

import (
	"context"
	"encoding/json"
	"time"

	"holdfast/app"
	"holdfast/engine/event"
	"holdfast/isms"
)

// An ownEvent is what the product writes into the stream about itself.
type ownEvent struct {
	Time    time.Time `json:"time"`
	Product string    `json:"product"`
	Event   string    `json:"event"`
	User    string    `json:"user"`
	Message string    `json:"message"`
}

// ownSource is the name of the source of these lines.
const ownSource = "holdfast"

// hearOfSignIns puts an account that was locked after wrong passwords into the stream of
// events, so that rules see what happens to the product itself.
func (l *Local) hearOfSignIns(ctx context.Context, e app.Event) {
	p, ok := e.Record.(*isms.Person)
	before, was := e.Before.(*isms.Person)
	if !ok || !was || !p.LockedUntil.After(before.LockedUntil) || !l.takesIn(e.Workspace) {
		return
	}
	now := l.App.Now()
	raw, err := json.Marshal(ownEvent{Time: now, Product: "holdfast", Event: "account_locked", User: p.Email, Message: "the account was locked after too many wrong passwords"})
	if err != nil {
		return // a record of plain texts is always JSON
	}
	events, err := l.Events(e.Workspace)
	if err != nil {
		return // the record itself says so, and the detector reports that it cannot watch
	}
	_, _ = events.Append(ctx, event.Line{Source: ownSource, Received: now, Raw: raw}) // the lock holds whether or not it is told
}
