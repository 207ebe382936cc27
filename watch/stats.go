package watch

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"holdfast/app"
	"holdfast/eventstore"
	"holdfast/store"
)

// Stats tell how the watch goes. They are kept with the position, so that others can look
// while it runs, and after it has ended.
type Stats struct {
	Position  eventstore.Position `json:"position"`          // the last line that was dealt with
	Behind    uint64              `json:"behind"`            // lines that wait
	At        time.Time           `json:"at"`                // when it last dealt with lines
	PerSecond float64             `json:"per_second"`        // lines, over the last half minute
	Lines     uint64              `json:"lines"`             // all that were dealt with
	Matches   uint64              `json:"matches"`           // of rules and indicators
	Alerts    uint64              `json:"alerts"`            // that were new
	Unread    uint64              `json:"unread"`            // no rule could be asked about them
	Poison    uint64              `json:"poison"`            // made it stumble and were left out
	Refused   uint64              `json:"refused"`           // detections of which no alert could be made
	Late      int                 `json:"late"`              // came too late for correlations since the rules were compiled
	Rules     int                 `json:"rules"`             // that run
	Trying    int                 `json:"trying"`            // of these, only tried
	Broken    int                 `json:"broken"`            // that should run and cannot
	Groups    int                 `json:"groups"`            // that correlations hold in memory
	Trouble   string              `json:"trouble,omitempty"` // why it does not go on; empty: it does
}

// resumed are the figures with which a watch goes on after a restart.
func (s Stats) resumed() Stats {
	s.PerSecond, s.Trouble, s.Groups = 0, "", 0
	return s
}

// adopt takes over what only the process itself knows.
func (s *Stats) adopt(own Stats) {
	s.Rules, s.Trying, s.Broken = own.Rules, own.Trying, own.Broken
}

// count adds a batch.
func (s *Stats) count(b *batch, now time.Time, rate float64) {
	s.At, s.PerSecond = now, rate
	s.Lines += uint64(len(b.held))
	s.Matches += uint64(b.matches) //nolint:gosec // counts
	s.Unread += uint64(b.unread)   //nolint:gosec // counts
	s.Poison += uint64(b.poison)   //nolint:gosec // counts
}

// kept is what a part of the watch remembers in the database, in the transaction of what
// came of the lines.
type kept struct {
	Stats

	Dealt    spans              `json:"dealt,omitempty"`    // lines that followers of a group have dealt with
	Missed   uint64             `json:"missed,omitempty"`   // lines that left the stream before any of them looked, or never came into it
	Workers  map[string]working `json:"workers,omitempty"`  // of these, by id
	Turn     turn               `json:"turn,omitzero"`      // whose turn it is, where one does the work for all
	Sequence uint64             `json:"sequence,omitempty"` // in the stream, of the line at Position
}

// setting is where it is remembered.
func setting(workspace string, p part) string {
	if p == whole {
		return "events watched of " + workspace
	}
	return "events watched of " + workspace + " for " + string(p)
}

// load reads what is kept as the transaction of the context sees it.
func load(ctx context.Context, a *app.App, workspace string, p part) (k kept, err error) {
	err = a.View(ctx, func(tx *store.Tx) error {
		text, err := tx.Setting(setting(workspace, p))
		if err == nil {
			k, err = parse(text)
		}
		return err
	})
	return k, err
}

// saved reads what was kept last.
func saved(ctx context.Context, a *app.App, workspace string, p part) (kept, error) {
	text, err := a.Store().Setting(ctx, setting(workspace, p))
	if err != nil {
		return kept{}, err
	}
	return parse(text)
}

func parse(text string) (k kept, err error) {
	if text == "" {
		return k, nil
	}
	if err := json.Unmarshal([]byte(text), &k); err != nil {
		return k, fmt.Errorf("what the watch remembers cannot be read: %w", err)
	}
	return k, k.Dealt.check()
}

// rate is the lines per second of all that work together; own where one works alone.
func (k *kept) rate(now time.Time, own float64) float64 {
	if len(k.Workers) == 0 {
		return own
	}
	sum := 0.0
	for _, w := range k.Workers {
		if now.Sub(w.At) < goneAfter {
			sum += w.PerSecond
		}
	}
	return sum
}

// works notes that a follower works, and forgets those that are gone.
func (k *kept) works(id string, w working) {
	if k.Workers == nil {
		k.Workers = map[string]working{}
	}
	maps.DeleteFunc(k.Workers, func(_ string, other working) bool { return w.At.Sub(other.At) > goneAfter })
	k.Workers[id] = w
}

// change loads what is kept, lets it be changed, and saves it, in one transaction.
func change(ctx context.Context, a *app.App, workspace string, p part, do func(*kept) error) error {
	return a.Atomic(ctx, func(ctx context.Context) error {
		k, err := load(ctx, a, workspace, p)
		if err != nil {
			return err
		}
		if err := do(&k); err != nil {
			return err
		}
		return k.save(ctx, a, workspace, p)
	})
}

// save keeps it, in the transaction.
func (k *kept) save(ctx context.Context, a *app.App, workspace string, p part) error {
	text, err := json.Marshal(k)
	if err != nil {
		return err
	}
	return a.Write(ctx, func(tx *store.Tx) error { return tx.SetSetting(setting(workspace, p), string(text)) })
}

// Saved reads what the watcher of the events of a machine remembered last.
func Saved(ctx context.Context, a *app.App, workspace string) (Stats, error) {
	k, err := saved(ctx, a, workspace, whole)
	return k.Stats, err
}

// Stats tells how the watch goes.
func (w *Watcher) Stats() Stats {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.stats
	if w.part != whole {
		return s
	}
	if last := w.cfg.Events.Last(); last > s.Position {
		s.Behind = uint64(last - s.Position)
	}
	return s
}

func (w *Watcher) note(change func(*Stats)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change(&w.stats)
}

// A pulse counts lines over the last half minute.
type pulse struct {
	begun time.Time
	slots [pulseSlots]float64
	last  int64 // number of the newest slot
}

const (
	pulseSlots = 30
	pulseSlot  = time.Second
)

func (p *pulse) turn(now time.Time) int64 {
	at := now.UnixNano() / int64(pulseSlot)
	if p.begun.IsZero() {
		p.begun, p.last = now, at
	}
	for i := p.last + 1; i <= at && i <= p.last+pulseSlots; i++ {
		p.slots[i%pulseSlots] = 0
	}
	p.last = max(p.last, at)
	return at
}

func (p *pulse) beat(now time.Time, n int) { p.slots[p.turn(now)%pulseSlots] += float64(n) }

// rate is the lines per second, were n more to come now.
func (p *pulse) rate(now time.Time, n int) float64 {
	p.turn(now)
	sum := float64(n)
	for _, v := range p.slots {
		sum += v
	}
	span := min(pulseSlots, max(1, now.Sub(p.begun).Seconds()))
	return sum / span
}
