package detection

import (
	"cmp"
	"context"
	"slices"

	"holdfast/access"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
)

// A TrapMap shows what waits where: the traps by zone, the sprung ones first, the zones in
// which nothing waits, and where traps would pay.
type TrapMap struct {
	Zones       []TrapZone       `json:"zones"` // blind ones first, then by worth
	Waiting     int              `json:"waiting"`
	Sprung      int              `json:"sprung"`
	Mute        int              `json:"mute"`    // armed, and would not ring
	Unproved    int              `json:"untried"` // wait, and did not ring in a test for a quarter of a year
	Suggestions []TrapSuggestion `json:"suggestions"`
	Base        string           `json:"base"` // where tokens call home; empty: nowhere here
	Zone        string           `json:"zone"` // of names that are delegated to us
	Complaint   string           `json:"complaint,omitempty"`
}

// A TrapZone is a zone of the network with its assets and traps.
type TrapZone struct {
	Name   string       `json:"name"`
	Traps  []TrapPoint  `json:"traps"`
	Assets int          `json:"assets"`
	Crown  []flow.Named `json:"crown"` // what is most critical there
	Worth  float64      `json:"worth"`
	Blind  bool         `json:"blind"` // something is there, and nothing waits
}

// A TrapPoint is a trap with what is known of its place.
type TrapPoint struct {
	Trap   *isms.Trap   `json:"trap"`
	Asset  string       `json:"asset"`
	Before []flow.Named `json:"before"`          // what it stands before
	At     string       `json:"at,omitempty"`    // where a decoy listens
	Lacks  string       `json:"lacks,omitempty"` // why it would not ring; empty: it would
	Stale  bool         `json:"stale"`           // did not ring in a test for a quarter of a year
	Old    bool         `json:"old"`             // should have been replaced: old bait is known bait
}

// proofQuarter is how long a test of a trap is believed, in days.
const proofQuarter = 92

// TrapMap reads the map. The actor needs the right to read traps and assets.
func (f *Flow) TrapMap(ctx context.Context) (*TrapMap, error) {
	actor, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	for _, k := range []*kind.Kind{isms.Traps, isms.Assets, isms.AssetDependencies} {
		if actor.May(kind.Read, k) != access.All {
			return nil, actor.Refuse(kind.Read, k)
		}
	}
	s := f.survey(ctx)
	m := &TrapMap{}
	if f.house != nil {
		m.Base, m.Zone = f.house.Home()
		m.Complaint = f.house.Complaint()
	}
	m.lay(s)
	m.Suggestions = s.suggestTraps(m)
	return m, s.Err
}

// lay puts assets and traps into their zones.
func (m *TrapMap) lay(s *survey) {
	assets := flow.ByID(every[isms.Asset](s, isms.Assets))
	traps := every[isms.Trap](s, isms.Traps)
	if s.Err != nil {
		return
	}
	before := s.From(isms.Traps, "stands before")
	zones := map[string]*TrapZone{}
	zone := func(name string) *TrapZone {
		if zones[name] == nil {
			zones[name] = &TrapZone{Name: name}
		}
		return zones[name]
	}
	for _, a := range assets {
		if a.Lifecycle == "disposed" || a.Lifecycle == "planned" || a.Zone == "" {
			continue
		}
		z := zone(a.Zone)
		z.Assets++
		z.Worth += flow.Mean(a.Value)
		if a.Criticality >= flow.CrownLevel {
			z.Crown = append(z.Crown, flow.NamedOf("asset", &a.Base, ""))
		}
	}
	for _, t := range traps {
		p := s.point(t, assets[t.AssetID])
		for _, id := range before[t.ID] {
			if a := assets[id]; a != nil {
				p.Before = append(p.Before, flow.NamedOf("asset", &a.Base, ""))
			}
		}
		name := t.Zone
		if a := assets[t.AssetID]; name == "" && a != nil {
			name = a.Zone
		}
		z := zone(name)
		z.Traps = append(z.Traps, p)
		m.countPoint(p)
	}
	for _, z := range zones {
		z.settle()
		m.Zones = append(m.Zones, *z)
	}
	slices.SortFunc(m.Zones, func(a, b TrapZone) int {
		return cmp.Or(liveFirst(a.Blind, b.Blind), cmp.Compare(b.Worth, a.Worth), cmp.Compare(a.Name, b.Name))
	})
}

// point gathers what is known of a trap.
func (s *survey) point(t *isms.Trap, stands *isms.Asset) TrapPoint {
	p := TrapPoint{Trap: t, Lacks: trapLacks(t), Stale: !s.Within(t.ProvedOn, proofQuarter), Old: s.Past(t.ReplaceBy)}
	if t.Status == isms.TrapDisarmed {
		p.Lacks = "the trap is disarmed"
	}
	if stands != nil {
		p.Asset = stands.Title
	}
	if s.f.house != nil && t.Type.Decoy() {
		p.At = s.f.house.Stands(t.ID)
	}
	return p
}

// Waits tells whether the trap would ring.
func (p TrapPoint) Waits() bool { return p.Lacks == "" }

func (m *TrapMap) countPoint(p TrapPoint) {
	armed := p.Trap.Status == isms.TrapArmed || p.Trap.Status == isms.TrapSprung
	switch {
	case p.Waits():
		m.Waiting++
		if p.Stale {
			m.Unproved++
		}
	case armed:
		m.Mute++
	}
	if p.Trap.Status == isms.TrapSprung {
		m.Sprung++
	}
}

// settle orders what lies in a zone: sprung traps first, then those that wait.
func (z *TrapZone) settle() {
	rank := func(p TrapPoint) int {
		switch {
		case p.Trap.Status == isms.TrapSprung:
			return 0
		case p.Waits():
			return 1
		case p.Trap.Status == isms.TrapArmed:
			return 2
		case p.Trap.Status == isms.TrapPlanned:
			return 3
		}
		return 4
	}
	slices.SortStableFunc(z.Traps, func(a, b TrapPoint) int {
		return cmp.Or(rank(a)-rank(b), b.Trap.LastHit.Compare(a.Trap.LastHit), cmp.Compare(a.Trap.Title, b.Trap.Title))
	})
	slices.SortFunc(z.Crown, func(a, b flow.Named) int { return cmp.Compare(a.Title, b.Title) })
	z.Blind = z.Assets > 0 && !slices.ContainsFunc(z.Traps, TrapPoint.Waits)
}

// A TrapPath is where a trap stands: the way to it and from it.
type TrapPath struct {
	Point       TrapPoint            `json:"point"`
	Asset       *isms.Asset          `json:"asset,omitempty"`
	Needs       []*isms.Asset        `json:"needs"`       // where an intruder gets from the asset: what it uses
	Dependents  []*isms.Asset        `json:"dependents"`  // what falls when the asset falls
	Containment []*isms.PlaybookStep `json:"containment"` // how he is held where he is
}

// TrapPath reads what surrounds a trap. The actor needs the right to read it.
func (f *Flow) TrapPath(ctx context.Context, idOrKey string) (*TrapPath, error) {
	trap, err := f.traps().Get(ctx, idOrKey)
	if err != nil {
		return nil, err
	}
	p := &TrapPath{}
	if err := find(ctx, f, isms.Assets, trap.AssetID, &p.Asset); err != nil {
		return nil, err
	}
	s := f.survey(ctx)
	p.Point = s.point(trap, p.Asset)
	rel, err := f.app.Relation(isms.Traps, "stands before")
	if err != nil {
		return nil, err
	}
	before, err := f.app.Linked(ctx, rel, trap.ID, 20)
	if err != nil {
		return nil, err
	}
	for _, r := range before {
		p.Point.Before = append(p.Point.Before, flow.NamedOf("asset", r.GetBase(), ""))
	}
	if p.Containment, err = f.Containment(ctx, trap); err != nil || p.Asset == nil {
		return p, err
	}
	if p.Dependents, err = f.surround(ctx, p.Asset.ID, "needs_id", maxSurround); err != nil {
		return nil, err
	}
	p.Needs, err = f.surround(ctx, p.Asset.ID, "asset_id", 2)
	return p, err
}
