package watch

import (
	"time"

	"holdfast/eventstore"
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

// count adds a batch.
func (s *Stats) count(b *batch, now time.Time, rate float64) {
	s.Position, s.At, s.PerSecond = b.upTo, now, rate
	s.Lines += uint64(b.lines) //nolint:gosec // a length
	s.Matches += uint64(b.matches)
	s.Unread += uint64(b.unread)
	s.Poison += uint64(b.poison)
}

// Stats tells how the watch goes.
func (w *Watcher) Stats() Stats {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.stats
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
