// Package watch is the detector at work: it follows the events of a workspace behind a
// durable cursor, reads them, matches them with the rules that run, finds the machine they
// are about, and raises alerts.
//
// How far it came is written in the transaction of the alerts that came of it: killed at
// any moment, it neither loses an event nor counts one twice. What cannot be read, and a
// rule or an event that makes it stumble, is counted and left behind; nothing stops it.
package watch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/engine/decoy"
	"holdfast/engine/event"
	"holdfast/eventstore"
	"holdfast/flow/detection"
	"holdfast/kind"
	"holdfast/store"
)

// Config is what a Watcher stands on. Indicators and Log may be nil.
type Config struct {
	App       *app.App
	Detection *detection.Flow
	Events    *eventstore.Store
	Workspace string
	Log       *slog.Logger

	// Indicators looks up what is known of an event; nil: nothing is.
	Indicators Indicators
}

// Indicators know marks of attacks.
type Indicators interface {
	// Renew brings them up to date. It is called between events, often.
	Renew(ctx context.Context) error
	// Seen tells which indicators an event shows. It is asked about every event, by one
	// goroutine.
	Seen(e *event.Event) []Sighting
}

// A Sighting is one indicator that an event shows.
type Sighting struct {
	Indicator string // id of the record
	Detection detection.Detection
}

// The times by which a watcher goes.
const (
	idle     = time.Second      // how long it waits for events before it looks around
	debounce = time.Second      // rules that change in a row are compiled once
	longest  = 5 * time.Second  // however many changes follow each other
	breather = 5 * time.Second  // after the database refused
	refresh  = 10 * time.Minute // records are read again also when nothing told of a change
)

// cursorName is that of the cursor in the event store.
const cursorName = "watch"

// A Watcher watches the events of one workspace. Run is called once.
type Watcher struct {
	cfg    Config
	cursor *eventstore.Cursor
	dirty  atomic.Int64 // when something changed last, in nanoseconds; 0: nothing did
	since  atomic.Int64 // when it began to change

	rules *ruleSet
	place *places
	batch *batch
	pulse pulse

	mu    sync.Mutex
	stats Stats
}

// New opens the watcher where it left off.
func New(cfg Config) (*Watcher, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	cursor, err := cfg.Events.Follow(cursorName)
	if err != nil {
		return nil, err
	}
	w := &Watcher{cfg: cfg, cursor: cursor, batch: newBatch(), rules: noRules(), place: &places{}}
	w.dirty.Store(1)
	return w, nil
}

// Changed tells that rules, sources or assets have changed.
func (w *Watcher) Changed() {
	now := w.cfg.App.Now().UnixNano()
	w.since.CompareAndSwap(0, now)
	w.dirty.Store(now)
}

// Run watches until the context ends.
func (w *Watcher) Run(ctx context.Context) {
	ctx = access.With(ctx, access.Actor{Name: "holdfast", Workspace: w.cfg.Workspace, Machine: true, Via: "watch"})
	for w.begin(ctx) != nil && w.pause(ctx) {
	}
	for ctx.Err() == nil {
		if err := w.step(ctx); err != nil && ctx.Err() == nil {
			w.note(func(s *Stats) { s.Trouble = err.Error() })
			w.cfg.Log.Warn("watching events", "workspace", w.cfg.Workspace, "error", err)
			if errors.Is(err, eventstore.ErrClosed) || !w.pause(ctx) {
				return
			}
		}
	}
}

func (w *Watcher) pause(ctx context.Context) bool { return w.sleep(ctx, breather) == nil }

// sleep waits, or ends with the context.
func (w *Watcher) sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// setting is where the position of a workspace is remembered.
func setting(workspace string) string { return "events watched of " + workspace }

// Saved reads what the watcher of a workspace remembered last.
func Saved(ctx context.Context, a *app.App, workspace string) (Stats, error) {
	var s Stats
	text, err := a.Store().Setting(ctx, setting(workspace))
	if err != nil || text == "" {
		return s, err
	}
	return s, json.Unmarshal([]byte(text), &s)
}

// begin goes to where the last transaction ended.
func (w *Watcher) begin(ctx context.Context) error {
	saved, err := Saved(ctx, w.cfg.App, w.cfg.Workspace)
	if err != nil {
		return err
	}
	w.note(func(s *Stats) { *s = saved.resumed() })
	w.cursor.Seek(min(saved.Position, w.cfg.Events.Last()))
	return nil
}

// step deals with the next lines: reads, matches, raises, and remembers how far it came.
func (w *Watcher) step(ctx context.Context) error {
	if wait := w.unsettled(); wait > 0 { // no line is held against rules that are out of date
		return w.sleep(ctx, wait)
	}
	if err := w.renew(ctx); err != nil {
		return err
	}
	if w.cfg.Indicators != nil {
		if err := w.cfg.Indicators.Renew(ctx); err != nil {
			return err
		}
	}
	if !w.batch.pending() {
		waiting, cancel := context.WithTimeout(ctx, idle)
		lines, err := w.cursor.Next(waiting)
		cancel()
		switch {
		case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
			w.rest()
			return nil
		case err != nil:
			return err
		}
		for i := range lines {
			w.look(&lines[i], false)
		}
		w.batch.upTo, w.batch.lines = w.cursor.Position(), len(lines)
	}
	return w.settle(ctx)
}

// settle raises what the lines showed and remembers the position, in one transaction.
// When it fails, the batch is kept and tried again: no further line is read before.
func (w *Watcher) settle(ctx context.Context) error {
	before := w.Stats()
	after := before
	err := w.cfg.App.Atomic(ctx, func(ctx context.Context) error {
		after = before
		if err := w.raise(ctx, &after); err != nil {
			return err
		}
		after.count(w.batch, w.cfg.App.Now(), w.pulse.rate(w.cfg.App.Now(), w.batch.lines))
		after.Behind = uint64(w.cfg.Events.Last() - min(w.batch.upTo, w.cfg.Events.Last()))
		held := w.rules.correlator.Stats()
		after.Groups, after.Late = held.Groups, held.TooLate
		text, err := json.Marshal(after)
		if err != nil {
			return err
		}
		return w.cfg.App.Write(ctx, func(tx *store.Tx) error { return tx.SetSetting(setting(w.cfg.Workspace), string(text)) })
	})
	if err != nil {
		return err
	}
	w.pulse.beat(w.cfg.App.Now(), w.batch.lines)
	w.batch.clear()
	after.Trouble = ""
	w.note(func(s *Stats) { *s = after })
	return w.cursor.Commit()
}

// raise makes alerts of the detections of the batch. One that is refused is counted, not
// repeated for ever.
func (w *Watcher) raise(ctx context.Context, s *Stats) error {
	for _, d := range w.batch.detections() {
		_, fresh, err := w.cfg.Detection.RaiseAlert(ctx, d)
		switch {
		case kind.CodeOf(err) == kind.Invalid:
			s.Refused++
			w.cfg.Log.Warn("an alert was refused", "rule", d.RuleID, "error", err)
		case err != nil:
			return err
		case fresh:
			s.Alerts++
		}
	}
	for _, b := range w.batch.baited {
		if _, err := w.cfg.Detection.RingEvent(ctx, b.line, b.at, b.remote, b.where); err != nil {
			return err
		}
	}
	for rule, t := range w.batch.trials {
		if err := w.cfg.Detection.CountTrial(ctx, rule, t.n, t.last); err != nil && kind.CodeOf(err) != kind.NotFound {
			return err
		}
	}
	return nil
}

// look reads one line and matches it. With warm it only reminds correlations of what they
// had seen before.
func (w *Watcher) look(l *eventstore.Stored, warm bool) {
	defer func() {
		if p := recover(); p != nil { // one event must not end the watch over all others
			w.batch.poison++
			w.cfg.Log.Error("an event was left out", "position", l.Position, "reason", fmt.Sprint(p))
		}
	}()
	e := &w.rules.event
	w.place.parser(l.Source).Parse(l.Line, e)
	if e.Meta {
		return // the head of a table tells of no event
	}
	if !warm {
		w.batch.bait(decoy.RecogniseText(string(l.Raw)), func() baited {
			return baited{bytes.Clone(l.Raw), e.Time, addr(e.Src), firstOf(e.Host, w.place.title(l.Source))}
		})
	}
	matches, err := w.rules.matcher.Match(e)
	if err != nil {
		w.batch.unread++
		return
	}
	if len(matches) > 0 || w.rules.engine.Correlations() > 0 {
		w.matched(l, e, matches, warm)
	}
	if w.cfg.Indicators == nil || warm {
		return
	}
	for _, s := range w.cfg.Indicators.Seen(e) {
		w.sighted(e, s)
	}
}

// sighted adds what an indicator has shown.
func (w *Watcher) sighted(e *event.Event, s Sighting) {
	d := s.Detection
	d.Source, d.IndicatorID = "indicator", s.Indicator
	d.EventSourceID = e.Source
	d.AssetID, d.Actor = w.place.where(e, d.AssetID), firstOf(d.Actor, actorOf(e))
	d.At = e.Time
	w.batch.matches++
	w.batch.add(d, e.Raw)
}

// rest is called when there is nothing to do.
func (w *Watcher) rest() {
	now := w.cfg.App.Now()
	w.pulse.beat(now, 0)
	w.note(func(s *Stats) { s.Behind, s.PerSecond, s.Trouble = 0, w.pulse.rate(now, 0), "" })
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
