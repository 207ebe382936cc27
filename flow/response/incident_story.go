package response

import (
	"context"
	"slices"
	"strings"
	"time"

	"holdfast/app"
	"holdfast/isms"
	"holdfast/kind"
)

// storyLasts is how long an incident without a new sign still takes further alerts
// in: later ones on the same asset are a story of their own.
const storyLasts = 7 * 24 * time.Hour

// A story is what an open incident is known to be about.
type story struct {
	incident *isms.Incident
	assets   map[string]*isms.Asset
	actors   map[string]bool // addresses and accounts from which it came
	traps    map[string]bool
	last     time.Time
}

// openStory finds the open incident to which the grounds belong; nil for none.
func (f *Flow) openStory(ctx context.Context, g *grounds) (*isms.Incident, error) {
	named := []string{}
	for _, a := range g.alerts {
		named = append(named, a.IncidentID)
	}
	if g.concern != nil {
		named = append(named, g.concern.IncidentID)
	}
	for _, id := range named {
		if inc, err := f.stillOpen(ctx, id); err != nil || inc != nil {
			return inc, err
		}
	}
	stories, err := f.openStories(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range stories {
		if s.holds(g, f.app.Now()) {
			return s.incident, nil
		}
	}
	return nil, nil
}

// stillOpen reads an incident that may be named and is not over.
func (f *Flow) stillOpen(ctx context.Context, id string) (*isms.Incident, error) {
	if id == "" {
		return nil, nil
	}
	inc, err := f.incidents().Get(ctx, id)
	if kind.CodeOf(err) == kind.NotFound {
		return nil, nil
	}
	if err != nil || inc.Phase == isms.IncidentClosed || !inc.DeletedAt.IsZero() {
		return nil, err
	}
	return inc, nil
}

// openStories reads what is known of every open incident, the newest first.
func (f *Flow) openStories(ctx context.Context) ([]*story, error) {
	open, err := f.incidents().All(ctx, kind.Query{Sort: "-declared_at"}.With("phase", kind.Not, string(isms.IncidentClosed)))
	if err != nil || len(open) == 0 {
		return nil, err
	}
	byID := map[string]*story{}
	var all []*story
	var ids []string
	for _, inc := range open {
		s := &story{incident: inc, assets: map[string]*isms.Asset{}, actors: map[string]bool{}, traps: map[string]bool{}, last: inc.DeclaredAt}
		byID[inc.ID], all, ids = s, append(all, s), append(ids, inc.ID)
	}
	if err := f.storyAssets(ctx, byID, ids); err != nil {
		return nil, err
	}
	alerts, err := app.Of[isms.Alert](f.app, isms.Alerts).All(ctx, kind.Query{}.Where("incident_id", ids...))
	for _, a := range alerts {
		s := byID[a.IncidentID]
		if a.Actor != "" {
			s.actors[strings.ToLower(a.Actor)] = true
		}
		if a.TrapID != "" {
			s.traps[a.TrapID] = true
		}
		if a.LastSeen.After(s.last) {
			s.last = a.LastSeen
		}
	}
	return all, err
}

func (f *Flow) storyAssets(ctx context.Context, byID map[string]*story, ids []string) error {
	rel, err := f.app.Relation(isms.Incidents, "affects")
	if err != nil {
		return err
	}
	linked, err := f.app.LinkedIDs(ctx, rel, ids)
	if err != nil {
		return err
	}
	var wanted []string
	for id, s := range byID {
		if s.incident.AssetID != "" {
			linked[id] = append(linked[id], s.incident.AssetID)
		}
		wanted = append(wanted, linked[id]...)
	}
	slices.Sort(wanted)
	found, err := f.app.Many(ctx, isms.Assets, slices.Compact(wanted))
	if err != nil {
		return err
	}
	for id, s := range byID {
		for _, assetID := range linked[id] {
			if a, ok := found[assetID].(*isms.Asset); ok {
				s.assets[assetID] = a
			}
		}
	}
	return nil
}

// holds tells whether the grounds are of the same story: the same title on the same
// asset by hand; otherwise an attack on one of its assets, by one of its actors, or
// from the address of one of its assets, as long as the story is fresh.
func (s *story) holds(g *grounds, now time.Time) bool {
	if len(g.alerts) == 0 && g.call.TrapID == "" {
		return g.call.ConcernID == "" && g.call.AlertIDs == nil &&
			strings.EqualFold(s.incident.Title, g.title()) && s.incident.AssetID == g.assetID()
	}
	if now.Sub(s.last) > storyLasts || apart(s.incident.Category) || apart(g.category()) {
		return false
	}
	if g.trap != nil && s.traps[g.trap.ID] {
		return true
	}
	for _, id := range g.assetIDs() {
		if s.assets[id] != nil {
			return true
		}
	}
	for _, a := range g.alerts {
		if a.Actor != "" && (s.actors[strings.ToLower(a.Actor)] || s.home(a.Actor)) {
			return true
		}
	}
	return slices.ContainsFunc(g.assets(), func(a *isms.Asset) bool { return s.actedFrom(a) })
}

// home tells whether the address is that of an affected asset: whoever took it goes
// on from there.
func (s *story) home(address string) bool {
	for _, a := range s.assets {
		if hasAddress(a, address) {
			return true
		}
	}
	return false
}

// actedFrom tells whether an actor of the story came from the asset.
func (s *story) actedFrom(a *isms.Asset) bool {
	for actor := range s.actors {
		if hasAddress(a, actor) {
			return true
		}
	}
	return false
}

// apart tells whether incidents of this kind have nothing to do with an attack that
// is noticed at the same time.
func apart(c isms.IncidentType) bool {
	return slices.Contains([]isms.IncidentType{"failure", "mistake", "lost_device", "physical"}, c)
}

func (g *grounds) assets() []*isms.Asset {
	if g.asset == nil {
		return nil
	}
	return append([]*isms.Asset{g.asset}, g.others...)
}
