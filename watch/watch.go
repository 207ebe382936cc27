// Package watch is the detector at work: it follows the events of a workspace behind a
// durable cursor, reads them, matches them with the rules that run, finds the machine they
// are about, and raises alerts.
//
// How far it came is written in the transaction of the alerts that came of it: killed at
// any moment, it neither loses an event nor counts one twice. What cannot be read, and a
// rule or an event that makes it stumble, is counted and left behind; nothing stops it.
//
// New watches the events of this machine. Share and Correlate watch those that several
// machines share through a stream; docs/adr/0054 says how they divide the work.
package watch

import (
	"bytes"
	"context"
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
)

// Config is what a Watcher stands on. Indicators and Log may be nil.
type Config struct {
	App       *app.App
	Detection *detection.Flow
	Events    *eventstore.Store // of New
	Shared    Shared            // of Share and Correlate
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
	renewal  = 10 * time.Minute // records are read again also when nothing told of a change

	listenEvery = 2 * time.Second // how often it asks what other processes have changed
)

// A part is which of the work a watcher does.
type part string

// The parts.
const (
	whole    part = ""             // all of it, over the events of this machine
	alone    part = "rules"        // what one event shows by itself, shared with others
	together part = "correlations" // what events show together, one watcher for all
)

// A feed is where the lines of a watcher come from, and how it is remembered which of them
// are dealt with.
type feed interface {
	// begin goes to where the last transaction ended. It may wait until it is its turn.
	begin(ctx context.Context) error
	// next returns the next lines and waits while there are none.
	next(ctx context.Context) ([]eventstore.Stored, error)
	// note adds to what is kept that lines are dealt with, within the transaction of what
	// came of them. *repeated: some are already; errOvertaken: it is no longer its turn.
	note(k *kept, lines []eventstore.Stored, now time.Time, rate float64) error
	// commit tells where the lines come from that those of next are dealt with.
	commit(ctx context.Context) error
	// again gives lines that were dealt with once more, for correlations: those of the
	// time span before the next line, as far as there are that many.
	again(ctx context.Context, span time.Duration, each func(*eventstore.Stored)) error
	// rest is called now and then while there are no lines. It tells how many wait.
	rest(ctx context.Context) (behind uint64, err error)
	// behind is how many lines wait behind those of next.
	behind() uint64
	// end leaves.
	end(ctx context.Context)
}

// errOvertaken says that another watcher does the work now.
var errOvertaken = errors.New("another detector has taken over")

// lost says that lines neither come nor can be told to be dealt with.
type lost struct{ error }

func (l *lost) Unwrap() error { return l.error }

// repeated says that some of the lines were dealt with before.
type repeated struct{ fresh []eventstore.Stored }

func (*repeated) Error() string { return "some of the lines were dealt with before" }

// A Watcher watches the events of one workspace. Run is called once.
type Watcher struct {
	cfg   Config
	part  part
	feed  feed
	dirty atomic.Int64 // when something changed last, in nanoseconds; 0: nothing did
	since atomic.Int64 // when it began to change

	heard    int64     // the last change in the journal that it knows of
	listened time.Time // when it looked

	rules *ruleSet
	place *places
	batch *batch
	pulse pulse

	mu    sync.Mutex
	stats Stats
}

// New opens the watcher of the events of this machine where it left off.
func New(cfg Config) (*Watcher, error) {
	cursor, err := cfg.Events.Follow(cursorName)
	if err != nil {
		return nil, err
	}
	return newWatcher(cfg, whole, &storeFeed{cfg: cfg, cursor: cursor}), nil
}

func newWatcher(cfg Config, does part, f feed) *Watcher {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	w := &Watcher{cfg: cfg, part: does, feed: f, batch: newBatch(), rules: noRules(), place: &places{}}
	w.dirty.Store(1)
	return w
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
	defer w.feed.end(ctx)
	for ctx.Err() == nil {
		err := w.begin(ctx)
		for err == nil {
			if err = w.step(ctx); err == nil || anew(err) {
				continue
			}
			if !w.troubled(ctx, err) {
				return
			}
			err = nil // it goes on where it was
		}
		if !errors.Is(err, errOvertaken) && !w.troubled(ctx, err) {
			return
		}
	}
}

// anew tells whether an error means to begin again where the last transaction ended.
func anew(err error) bool {
	var l *lost
	return errors.Is(err, errOvertaken) || errors.As(err, &l)
}

// troubled tells people why it does not go on, and waits. It tells whether to go on.
func (w *Watcher) troubled(ctx context.Context, err error) bool {
	if ctx.Err() != nil {
		return false
	}
	w.note(func(s *Stats) { s.Trouble = err.Error() })
	w.cfg.Log.Warn("watching events", "workspace", w.cfg.Workspace, "part", string(w.part), "error", err)
	return !errors.Is(err, eventstore.ErrClosed) && w.sleep(ctx, breather) == nil
}

// sleep waits, or ends with the context.
func (w *Watcher) sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// begin goes to where the last transaction ended, and forgets what was not written.
func (w *Watcher) begin(ctx context.Context) error {
	if err := w.feed.begin(ctx); err != nil {
		return err
	}
	k, err := saved(ctx, w.cfg.App, w.cfg.Workspace, w.part)
	if err != nil {
		return err
	}
	w.batch.clear()
	w.dirty.Store(1) // correlations begin anew, with what they had seen
	w.note(func(s *Stats) { *s = k.resumed() })
	return nil
}

// step deals with the next lines: reads, matches, raises, and remembers how far it came.
func (w *Watcher) step(ctx context.Context) error {
	if wait := w.unsettled(); wait > 0 { // no line is held against rules that are out of date
		return w.sleep(ctx, wait)
	}
	if err := w.refresh(ctx); err != nil {
		return err
	}
	if !w.batch.pending() {
		waiting, cancel := context.WithTimeout(ctx, idle)
		lines, err := w.feed.next(waiting)
		cancel()
		switch {
		case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
			return w.rest(ctx)
		case err != nil:
			return err
		}
		w.lookAt(lines)
	}
	return w.settle(ctx)
}

// refresh brings what is known of rules, places and indicators up to date.
func (w *Watcher) refresh(ctx context.Context) error {
	if w.part != whole {
		if err := w.listen(ctx); err != nil {
			return err
		}
	}
	if err := w.renew(ctx); err != nil {
		return err
	}
	if w.cfg.Indicators == nil {
		return nil
	}
	return w.cfg.Indicators.Renew(ctx)
}

func (w *Watcher) lookAt(lines []eventstore.Stored) {
	w.batch.held = lines
	for i := range lines {
		w.look(&lines[i], false)
	}
}

// settle writes what the lines showed and that they are dealt with, in one transaction.
// When it fails, the batch is kept and tried again: no further line is read before.
func (w *Watcher) settle(ctx context.Context) error {
	var after Stats
	for w.batch.pending() {
		err := w.cfg.App.Atomic(ctx, func(ctx context.Context) (err error) {
			after, err = w.write(ctx)
			return err
		})
		var again *repeated
		switch {
		case errors.As(err, &again): // another has dealt with them meanwhile
			w.batch.clear()
			w.lookAt(again.fresh)
		case err != nil:
			return err
		default:
			w.pulse.beat(w.cfg.App.Now(), len(w.batch.held))
			w.batch.clear()
			w.note(func(s *Stats) { *s = after })
		}
	}
	return w.feed.commit(ctx)
}

// write is what one transaction holds.
func (w *Watcher) write(ctx context.Context) (Stats, error) {
	k, err := load(ctx, w.cfg.App, w.cfg.Workspace, w.part)
	if err != nil {
		return Stats{}, err
	}
	now := w.cfg.App.Now()
	rate := w.pulse.rate(now, len(w.batch.held))
	if err := w.feed.note(&k, w.batch.held, now, rate); err != nil {
		return Stats{}, err
	}
	k.adopt(w.Stats())
	found := w.batch.parcel()
	if w.part == whole {
		err = found.raise(ctx, w.cfg.Detection, w.cfg.Log, &k.Stats)
	} else {
		err = found.handOver(ctx, w.cfg.App)
	}
	if err != nil {
		return Stats{}, err
	}
	k.count(w.batch, now, k.rate(now, rate))
	k.Behind = w.feed.behind()
	held := w.rules.correlator.Stats()
	k.Groups, k.Late, k.Trouble = held.Groups, held.TooLate, ""
	return k.Stats, k.save(ctx, w.cfg.App, w.cfg.Workspace, w.part)
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
	if !warm && w.part != together {
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
	if w.cfg.Indicators == nil || warm || w.part == together {
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
func (w *Watcher) rest(ctx context.Context) error {
	behind, err := w.feed.rest(ctx)
	if err != nil {
		return err
	}
	now := w.cfg.App.Now()
	w.pulse.beat(now, 0)
	w.note(func(s *Stats) { s.Behind, s.PerSecond, s.Trouble = behind, w.pulse.rate(now, 0), "" })
	return nil
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
