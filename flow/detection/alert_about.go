package detection

import (
	"context"

	"holdfast/isms"
)

// AlertAbout is everything there is to say of one alert.
type AlertAbout struct {
	Alert      *isms.Alert
	Asset      *isms.Asset // nil: none is known
	Rule       *isms.DetectionRule
	Trap       *isms.Trap
	Indicator  *isms.ThreatIndicator
	Incident   *isms.Incident
	Weight     Weight // how its score comes to be, as things are now
	Dependents []*isms.Asset
	Needs      []*isms.Asset
	Findings   []*isms.Finding // open ones that fit
	Risks      []*isms.Risk
	Story      []*isms.Alert // the others of its story, worst first
	Events     []KeptEvent
}

// AboutAlert gathers what the page of an alert shows, as far as the actor may read it.
func (f *Flow) AboutAlert(ctx context.Context, idOrKey string) (*AlertAbout, error) {
	a, err := f.alerts().Get(ctx, idOrKey)
	if err != nil {
		return nil, err
	}
	out := &AlertAbout{Alert: a}
	for _, read := range []func() error{
		func() error { return find(ctx, f, isms.Assets, a.AssetID, &out.Asset) },
		func() error { return find(ctx, f, isms.DetectionRules, a.RuleID, &out.Rule) },
		func() error { return find(ctx, f, isms.Traps, a.TrapID, &out.Trap) },
		func() error { return find(ctx, f, isms.ThreatIndicators, a.IndicatorID, &out.Indicator) },
		func() error { return find(ctx, f, isms.Incidents, a.IncidentID, &out.Incident) },
		func() (err error) { out.Events, err = f.AlertEvents(ctx, a.ID); return ignoreMissing(err) },
		func() (err error) { out.Story, err = f.storyOfAlert(ctx, a); return err },
	} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	s, err := f.setting(ctx, out.Asset)
	if err != nil {
		return nil, err
	}
	out.Weight, out.Dependents, out.Needs = Weigh(a.Severity, s.exposure()), s.dependents, s.needs
	out.Findings, out.Risks, err = f.fitting(ctx, out.Asset, a.Techniques)
	return out, err
}

// storyOfAlert are the other alerts of the story, over all links.
func (f *Flow) storyOfAlert(ctx context.Context, a *isms.Alert) ([]*isms.Alert, error) {
	seen, front := map[string]bool{a.ID: true}, []string{a.ID}
	var ids []string
	for len(front) > 0 && len(ids) < storyLooked {
		next, err := f.storyNeighbours(ctx, front)
		if err != nil {
			return nil, err
		}
		front = nil
		for _, id := range next {
			if !seen[id] {
				seen[id] = true
				front, ids = append(front, id), append(ids, id)
			}
		}
	}
	found, err := f.app.Many(ctx, isms.Alerts, ids)
	if err != nil {
		return nil, err
	}
	var list []*isms.Alert
	for _, id := range ids {
		if rec, ok := found[id]; ok && rec.GetBase().DeletedAt.IsZero() {
			list = append(list, rec.(*isms.Alert))
		}
	}
	stories, err := f.Stories(ctx, append(list, a))
	for _, s := range stories {
		for i, b := range s.Alerts {
			if b.ID == a.ID {
				return append(s.Alerts[:i:i], s.Alerts[i+1:]...), err
			}
		}
	}
	return nil, err
}

// storyNeighbours are the alerts that are linked with those named, in either direction.
func (f *Flow) storyNeighbours(ctx context.Context, ids []string) ([]string, error) {
	var out []string
	for _, name := range []string{sameStory, "same story"} {
		rel, err := f.app.Relation(isms.Alerts, name)
		if err != nil {
			return nil, err
		}
		links, err := f.app.LinkedIDs(ctx, rel, ids)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			out = append(out, links[id]...)
		}
	}
	return out, nil
}
