package watch

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/flow/detection"
	"holdfast/kind"
	"holdfast/store"
)

// A parcel is what a follower of a stream has found in some lines, on its way to the
// process that makes alerts of it.
type parcel struct {
	Found  []detection.Detection `json:"found,omitempty"`
	Baited []baited              `json:"baited,omitempty"`
	Trials map[string]*trial     `json:"trials,omitempty"`
}

func (p *parcel) empty() bool { return len(p.Found)+len(p.Baited)+len(p.Trials) == 0 }

// Bounds of the lines in a parcel. A line is cut a byte behind what an alert keeps of it,
// so that whoever keeps it sees that it was longer.
const (
	parcelLine  = 64<<10 + 1
	parcelLines = 16 << 20
)

// parcel is what the batch has found.
func (b *batch) parcel() parcel {
	p := parcel{Found: b.detections(), Trials: b.trials}
	for _, one := range b.baited {
		p.Baited = append(p.Baited, one)
	}
	return p
}

// trim keeps the lines within bounds: those that came first stay.
func (p *parcel) trim() {
	left := parcelLines
	for i := range p.Found {
		d := &p.Found[i]
		var kept [][]byte
		for _, line := range d.Events {
			line = line[:min(len(line), parcelLine)]
			if left -= len(line); left < 0 {
				break
			}
			kept = append(kept, line)
		}
		d.Events = kept
	}
	for i := range p.Baited {
		p.Baited[i].Line = p.Baited[i].Line[:min(len(p.Baited[i].Line), parcelLine)]
	}
}

// handOver leaves the parcel to the process that makes alerts, in the transaction.
func (p *parcel) handOver(ctx context.Context, a *app.App) error {
	if p.empty() {
		return nil
	}
	p.trim()
	body, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return a.Write(ctx, func(tx *store.Tx) error { return tx.HandOver(store.Handover{ID: a.NewID(), Body: string(body)}) })
}

// raise makes alerts of what was found. A detection that is refused is counted, not
// repeated for ever.
func (p *parcel) raise(ctx context.Context, f *detection.Flow, log *slog.Logger, s *Stats) error {
	for _, d := range p.Found {
		_, fresh, err := f.RaiseAlert(ctx, d)
		switch {
		case kind.CodeOf(err) == kind.Invalid:
			s.Refused++
			log.Warn("an alert was refused", "rule", d.RuleID, "error", err)
		case err != nil:
			return err
		case fresh:
			s.Alerts++
		}
	}
	for _, b := range p.Baited {
		if _, err := f.RingEvent(ctx, b.Line, b.At, b.Remote, b.Where); err != nil {
			return err
		}
	}
	for rule, t := range p.Trials {
		if err := f.CountTrial(ctx, rule, t.N, t.Last); err != nil && kind.CodeOf(err) != kind.NotFound {
			return err
		}
	}
	return nil
}

// A Receiver makes alerts of what followers of a stream have found, each parcel once. It
// runs where the files of the installation are, for the alerts keep their lines there.
type Receiver struct {
	App       *app.App
	Detection *detection.Flow
	Workspace string
	Log       *slog.Logger
}

// How often a receiver looks, and how much it takes before it looks again.
const (
	receiveEvery = 300 * time.Millisecond
	receiveMost  = 16
)

// Run receives until the context ends.
func (r *Receiver) Run(ctx context.Context) {
	ctx = access.With(ctx, access.Actor{Name: "holdfast", Workspace: r.Workspace, Machine: true, Via: "watch"})
	for ctx.Err() == nil {
		n, err := r.receive(ctx)
		wait := receiveEvery
		if err != nil && ctx.Err() == nil {
			r.Log.Warn("alerts of detectors", "workspace", r.Workspace, "error", err)
			wait = breather
		}
		if n == receiveMost && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// receive deals with the oldest parcels and tells how many there were.
func (r *Receiver) receive(ctx context.Context) (int, error) {
	var list []store.Handover
	err := r.App.View(ctx, func(tx *store.Tx) (err error) {
		list, err = tx.HandedOver(receiveMost)
		return err
	})
	for _, h := range list {
		if err := r.open(ctx, h); err != nil {
			return 0, err
		}
	}
	return len(list), err
}

// open makes alerts of a parcel and removes it, in one transaction. One that cannot be
// read is counted and removed: it would hold up all others.
func (r *Receiver) open(ctx context.Context, h store.Handover) error {
	return r.App.Atomic(ctx, func(ctx context.Context) error {
		k, err := load(ctx, r.App, r.Workspace, alone)
		if err != nil {
			return err
		}
		there := false
		err = r.App.Write(ctx, func(tx *store.Tx) error {
			there, err = tx.Taken(h.ID)
			return err
		})
		if err != nil || !there {
			return err
		}
		var p parcel
		if err := json.Unmarshal([]byte(h.Body), &p); err != nil {
			r.Log.Error("what a detector handed over cannot be read and is left out", "workspace", r.Workspace, "id", h.ID, "error", err)
			k.Poison++
		} else if err := p.raise(ctx, r.Detection, r.Log, &k.Stats); err != nil {
			return err
		}
		return k.save(ctx, r.App, r.Workspace, alone)
	})
}
