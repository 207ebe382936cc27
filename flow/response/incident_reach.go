package response

import (
	"cmp"
	"context"
	"slices"

	"holdfast/app"
	"holdfast/isms"
	"holdfast/kind"
)

// touchedProcessings are the uses of personal data that an incident touches: those
// that it names, and those that run and use one of the affected assets.
func (f *Flow) touchedProcessings(ctx context.Context, incidentID string, affected map[string]bool) ([]*isms.Processing, error) {
	all, err := app.Of[isms.Processing](f.app, isms.Processings).All(ctx, kind.Query{Sort: "title"})
	if err != nil || len(all) == 0 {
		return nil, err
	}
	var ids []string
	for _, p := range all {
		ids = append(ids, p.ID)
	}
	uses, err := f.farIDs(ctx, isms.Processings, "uses", ids)
	if err != nil {
		return nil, err
	}
	named, err := f.farIDs(ctx, isms.Incidents, "concerns", []string{incidentID})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(p *isms.Processing) bool {
		touched := p.Status == isms.ProcessingActive && slices.ContainsFunc(uses[p.ID], func(a string) bool { return affected[a] })
		return !touched && !slices.Contains(named[incidentID], p.ID)
	}), nil
}

// A Reached is one asset in the blast radius of an incident.
type Reached struct {
	Asset    *isms.Asset
	Affected bool   // known to be
	Falls    bool   // stops, because it needs what is affected
	Open     bool   // can be got at from what is affected
	Steps    int    // from the nearest affected asset; 0: affected itself
	From     string // id of the asset through which it is reached
	How      isms.DependencyNature
	Survives float64 // hours that it goes on, when it falls
}

// A Reach is the blast radius of an incident over the dependencies of assets.
type Reach struct {
	Assets     []*Reached // affected first, then by steps and value
	Value      float64    // of everything in it, in money
	People     int        // whose data the processings in it use
	Processing []*isms.Processing
	Restores   []*RestoreChoice // to which copy each affected asset can be brought back
}

// mostReach bounds the assets of a blast radius; a picture of more says nothing.
const mostReach = 200

// Reach computes what falls with the affected assets and what can be got at from
// them. An asset falls when it needs one that falls and nothing takes over
// (redundant dependencies do not pass it on). It can be got at from an asset that
// calls it, sends to it, reads from it, stores in it or is on a network with it, and
// from one that it runs on, is managed by or signs in with.
func (f *Flow) Reach(ctx context.Context, inc *isms.Incident) (*Reach, error) {
	assets, err := f.assets.All(ctx, kind.Query{})
	if err != nil {
		return nil, err
	}
	deps, err := app.Of[isms.AssetDependency](f.app, isms.AssetDependencies).All(ctx, kind.Query{})
	if err != nil {
		return nil, err
	}
	linked, err := f.farIDs(ctx, isms.Incidents, "affects", []string{inc.ID})
	if err != nil {
		return nil, err
	}
	w := &reachWalk{assets: map[string]*isms.Asset{}, found: map[string]*Reached{}}
	for _, a := range assets {
		w.assets[a.ID] = a
	}
	w.begin(append([]string{inc.AssetID}, linked[inc.ID]...))
	w.walk(deps)
	r := &Reach{Assets: w.sorted()}
	affected := map[string]bool{}
	for _, a := range r.Assets {
		r.Value += max(a.Asset.Value.Mid(), 0)
		affected[a.Asset.ID] = true
	}
	if r.Processing, err = f.touchedProcessings(ctx, inc.ID, affected); err != nil {
		return nil, err
	}
	for _, p := range r.Processing {
		r.People += p.People
	}
	r.Restores, err = f.RestoreChoices(ctx, inc.ID)
	return r, err
}

type reachWalk struct {
	assets map[string]*isms.Asset
	found  map[string]*Reached
}

func (w *reachWalk) begin(ids []string) {
	for _, id := range ids {
		if a := w.assets[id]; a != nil && w.found[id] == nil {
			w.found[id] = &Reached{Asset: a, Affected: true, Falls: true, Open: true}
		}
	}
}

// walk goes outwards, one step after the other, so that each asset is reached on a
// shortest way.
func (w *reachWalk) walk(deps []*isms.AssetDependency) {
	for changed := true; changed && len(w.found) < mostReach; {
		changed = false
		for _, d := range deps {
			changed = w.falls(d) || changed
			changed = w.opens(d) || changed
		}
	}
}

// falls passes on that something stops, from what is needed to what needs it.
func (w *reachWalk) falls(d *isms.AssetDependency) bool {
	from := w.found[d.NeedsID]
	if from == nil || !from.Falls || d.Redundant {
		return false
	}
	to := w.at(d.AssetID, from, d)
	if to == nil || to.Falls {
		return false
	}
	to.Falls, to.Survives = true, from.Survives+max(d.SurvivesH, 0)
	return true
}

// controls are the dependencies in which whoever holds what is needed holds what
// needs it; through the others one gets from what needs to what is needed.
var controls = []isms.DependencyNature{"runs_on", "signs_in_with", "managed_by", "operated_by", "supplied_by"}

// bodily are dependencies over which nobody moves in the network.
var bodily = []isms.DependencyNature{"powered_by", "located_in"}

func (w *reachWalk) opens(d *isms.AssetDependency) bool {
	fromID, toID := d.AssetID, d.NeedsID
	switch {
	case slices.Contains(bodily, d.Nature):
		return false
	case slices.Contains(controls, d.Nature):
		fromID, toID = toID, fromID
	}
	from := w.found[fromID]
	if from == nil || !from.Open {
		return false
	}
	to := w.at(toID, from, d)
	if to == nil || to.Open {
		return false
	}
	to.Open = true
	return true
}

// at is the place of an asset in the reach, made when it is new; nil when there is no
// such asset or no room.
func (w *reachWalk) at(id string, from *Reached, d *isms.AssetDependency) *Reached {
	if r := w.found[id]; r != nil {
		return r
	}
	a := w.assets[id]
	if a == nil || len(w.found) >= mostReach {
		return nil
	}
	r := &Reached{Asset: a, Steps: from.Steps + 1, From: from.Asset.ID, How: d.Nature}
	w.found[id] = r
	return r
}

func (w *reachWalk) sorted() []*Reached {
	var all []*Reached
	for _, r := range w.found {
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b *Reached) int {
		return cmp.Or(a.Steps-b.Steps, cmp.Compare(b.Asset.Value.Mid(), a.Asset.Value.Mid()), cmp.Compare(a.Asset.Title, b.Asset.Title))
	})
	return all
}
