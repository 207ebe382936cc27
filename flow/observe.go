package flow

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"holdfast/engine"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
)

// An Outcome tells what a scan changed.
type Outcome struct {
	AssetID  string `json:"asset_id"`
	Asset    string `json:"asset"`
	Packages int    `json:"packages"`
	Opened   int    `json:"opened"`
	Reopened int    `json:"reopened"`
	Resolved int    `json:"resolved"`
	Open     int    `json:"open"` // findings open on the asset afterwards
	Risks    int    `json:"risks"`

	Failed []string `json:"failed,omitempty"` // engines that failed, with the reason; they resolved nothing
}

// Observe takes in what the engines saw on a target: the asset, its software, the
// findings, the risks that follow and their treatments. It happens whole or not at
// all, so a crash in the middle leaves nothing half-done.
func (f *Flow) Observe(ctx context.Context, t *engine.Target, runs []engine.Run) (Outcome, error) {
	var out Outcome
	err := f.app.Atomic(ctx, func(ctx context.Context) error {
		out = Outcome{}
		asset, err := f.assetFor(ctx, t)
		if err != nil {
			return err
		}
		out.AssetID, out.Asset = asset.ID, asset.Title
		if err := f.keepSoftware(ctx, asset, t, &out); err != nil {
			return err
		}
		for _, run := range runs {
			if err := f.takeRun(ctx, asset, t, run, &out); err != nil {
				return fmt.Errorf("%s: %w", run.Engine, err)
			}
		}
		return f.Assess(ctx, asset.ID, &out)
	})
	return out, err
}

// assetFor finds the asset that a scan calls by this name, or makes it.
func (f *Flow) assetFor(ctx context.Context, t *engine.Target) (*isms.Asset, error) {
	found, err := f.assets.List(ctx, kind.Query{Limit: 1}.Where("target", t.Name))
	if err != nil {
		return nil, err
	}
	a := &isms.Asset{Base: isms.Base{Title: t.Name, Origin: "engine"}, Target: t.Name, Lifecycle: "operating", Criticality: 3}
	if len(found) > 0 {
		a = found[0]
	}
	if a.Type == "" {
		a.Type = map[engine.TargetKind]isms.AssetType{engine.Host: "host", engine.Root: "host", engine.SBOM: "application"}[t.Kind]
	}
	if t.Inventory != nil {
		describe(a, t.Inventory.Host)
	}
	if err := f.assets.Save(ctx, a); err != nil {
		return nil, err
	}
	return a, f.app.Write(ctx, func(tx *store.Tx) error { return tx.Touch(isms.Assets, []string{a.ID}, t.Now) })
}

// describe notes what the scan knows and people have not written otherwise.
func describe(a *isms.Asset, h engine.HostFacts) {
	platform := h.OS.PrettyName
	if h.Kernel != "" {
		platform += ", kernel " + h.Kernel
	}
	if platform != "" && (a.Platform == "" || a.Origin == "engine") {
		a.Platform = prose.Clean(platform)
	}
	if a.Address == "" {
		a.Address = prose.Clean(h.Hostname)
	}
}

func (f *Flow) keepSoftware(ctx context.Context, a *isms.Asset, t *engine.Target, out *Outcome) error {
	if t.Inventory == nil {
		return nil
	}
	list := make([]store.Component, len(t.Inventory.Packages))
	for i, p := range t.Inventory.Packages {
		list[i] = store.Component{Ecosystem: prose.Clean(p.Ecosystem), Name: prose.Clean(p.Name), Version: prose.Clean(p.Version), Path: prose.Clean(p.Path), PURL: prose.Clean(p.PURL)}
	}
	out.Packages = len(list)
	return f.app.Write(ctx, func(tx *store.Tx) error { return tx.ReplaceComponents(a.ID, list, t.Now) })
}

// takeRun keeps the run and turns its observations into findings. A failed run is
// kept, and changes nothing else.
func (f *Flow) takeRun(ctx context.Context, a *isms.Asset, t *engine.Target, run engine.Run, out *Outcome) error {
	id := f.app.NewID()
	kept := store.Run{ID: id, AssetID: a.ID, Engine: run.Engine, Started: run.Started, Finished: run.Finished, Summary: tally(run.Observations)}
	for _, o := range run.Observations {
		if o.Outcome == engine.Fail {
			kept.Failed++
		}
		if o.Outcome == engine.Fail || o.Outcome == engine.Pass {
			kept.Looked++
		}
	}
	if run.Err != nil {
		kept.Error = prose.Clean(run.Err.Error())
		out.Failed = append(out.Failed, run.Engine+": "+kept.Error)
	}
	if err := f.app.Write(ctx, func(tx *store.Tx) error { return tx.AddRun(kept) }); err != nil {
		return err
	}
	if run.Err != nil {
		return nil
	}
	return f.Find(ctx, a, t, id, run, out)
}

// A Tally counts what the checks of a run concluded, by principle, and names those
// that passed. It is the summary that is kept of a run.
type Tally map[string]TallyOf

// TallyOf is the tally of one principle.
type TallyOf struct {
	Pass   int      `json:"pass"`
	Fail   int      `json:"fail"`
	Passed []string `json:"passed,omitempty"` // checks that passed for every subject they looked at, sorted
}

func tally(list []engine.Observation) string {
	t, failed, passed := Tally{}, map[string]bool{}, map[string]string{}
	for _, o := range list {
		c := t[o.Principle]
		switch o.Outcome {
		case engine.Pass:
			c.Pass++
			passed[o.Check] = o.Principle
		case engine.Fail:
			c.Fail++
			failed[o.Check] = true
		case engine.Unknown:
			failed[o.Check] = true // not established for all subjects
			continue
		default:
			continue
		}
		t[o.Principle] = c
	}
	for _, check := range slices.Sorted(maps.Keys(passed)) {
		if !failed[check] {
			c := t[passed[check]]
			c.Passed = append(c.Passed, check)
			t[passed[check]] = c
		}
	}
	b, _ := json.Marshal(t) // a map of numbers and words always marshals
	return string(b)
}

// seenAt is the time at which the facts of a run hold.
func seenAt(run engine.Run, now time.Time) time.Time {
	if run.Finished.IsZero() {
		return now
	}
	return run.Finished.UTC().Truncate(time.Microsecond)
}
