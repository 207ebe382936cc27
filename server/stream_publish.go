package server

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"holdfast/eventstore"
	"holdfast/watch"
)

// published tells how far the events of a workspace have gone into their stream.
type published struct {
	Position eventstore.Position `json:"position"`
	Skipped  uint64              `json:"skipped"` // dropped by retention before they were published
	At       time.Time           `json:"at"`
	Trouble  string              `json:"trouble,omitempty"` // why it does not go on; empty: it does

	told time.Time // when it was remembered
}

// When the publisher tries again, and how often it remembers how far it came.
const (
	publishAgain = 3 * time.Second
	publishTell  = 10 * time.Second
)

const publishSetting = "events published of "

// publish shares the events of a workspace until the context ends. What cannot be shared
// now waits in the event store.
func (l *Local) publish(ctx context.Context, workspace string, events *eventstore.Store, log *slog.Logger) {
	at, err := l.publishedOf(ctx, workspace)
	if err != nil {
		log.Warn("sharing events", "workspace", workspace, "error", err)
	}
	before := at.Skipped
	for ctx.Err() == nil {
		err := l.publishOn(ctx, workspace, events, func(upTo eventstore.Position, skipped uint64) {
			at.Position, at.Skipped, at.At, at.Trouble = upTo, before+skipped, l.App.Now(), ""
			l.notePublished(ctx, workspace, at)
		})
		if ctx.Err() != nil {
			return
		}
		before = at.Skipped
		at.Trouble, at.told = err.Error(), time.Time{}
		l.notePublished(ctx, workspace, at)
		log.Warn("events are not shared", "workspace", workspace, "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(publishAgain):
		}
	}
}

// publishOn publishes until something is wrong.
func (l *Local) publishOn(ctx context.Context, workspace string, events *eventstore.Store, tell func(eventstore.Position, uint64)) error {
	s, err := l.stream(ctx, workspace)
	if err != nil {
		return err
	}
	begin, err := watch.Resume(ctx, l.App, workspace)
	if err != nil {
		return err
	}
	return s.Publish(ctx, events, begin, tell)
}

// notePublished remembers it here at once, and now and then in the database for others.
func (l *Local) notePublished(ctx context.Context, workspace string, at *published) {
	now := l.App.Now()
	if due := now.Sub(at.told) >= publishTell; due {
		at.told = now
		text, err := json.Marshal(at)
		if err == nil {
			_ = l.Store.SetSetting(ctx, publishSetting+workspace, string(text)) // a figure for people; the stream itself knows where to go on
		}
	}
	l.sharing.mu.Lock()
	defer l.sharing.mu.Unlock()
	if l.sharing.sent == nil {
		l.sharing.sent = map[string]published{}
	}
	l.sharing.sent[workspace] = *at
}

// publishedOf tells how far publishing came: here, else as it was remembered last.
func (l *Local) publishedOf(ctx context.Context, workspace string) (*published, error) {
	l.sharing.mu.Lock()
	at, here := l.sharing.sent[workspace]
	l.sharing.mu.Unlock()
	if here {
		return &at, nil
	}
	text, err := l.Store.Setting(ctx, publishSetting+workspace)
	if err != nil || text == "" {
		return &at, err
	}
	return &at, json.Unmarshal([]byte(text), &at)
}
