package detection

import (
	"cmp"
	"context"
	"slices"
	"time"

	"holdfast/isms"
	"holdfast/kind"
)

// Alerts that seem to be one attack are one story. Two belong together when one actor
// address made both, when the actor of one is the address of the asset of the other
// (somebody goes on from there), or when both are about one asset and at least one is
// grave: noise on an exposed machine is no story, something grave on it collects what
// else happens there.

const (
	storyAge    = 24 * time.Hour // alerts further apart are not joined
	storyLooked = 300            // so many recent alerts are compared
	storyLinks  = 10             // an alert is linked with at most so many
)

// sameStory is the relation by which alerts of a story are linked.
const sameStory = "same story as"

// joinStory links a new alert with those of its story.
func (f *Flow) joinStory(ctx context.Context, a *isms.Alert) error {
	since := kind.FormatTime(a.LastSeen.Add(-storyAge))
	recent, err := f.alerts().List(ctx, kind.Query{Sort: "-last_seen", Limit: storyLooked}.With("last_seen", kind.AtLeast, since).
		With("status", kind.Not, string(isms.AlertClosed)))
	if err != nil {
		return err
	}
	hosts, err := f.addressesOf(ctx, append(recent, a))
	if err != nil {
		return err
	}
	n := 0
	for _, other := range recent {
		if other.ID == a.ID || n >= storyLinks || !oneStory(a, other, hosts) {
			continue
		}
		if err := f.app.Link(ctx, isms.Alerts, a.ID, sameStory, other.ID); err != nil {
			return err
		}
		n++
	}
	return nil
}

// addressesOf reads the network address of each asset of the alerts.
func (f *Flow) addressesOf(ctx context.Context, list []*isms.Alert) (map[string]string, error) {
	var ids []string
	for _, a := range list {
		if a.AssetID != "" {
			ids = append(ids, a.AssetID)
		}
	}
	slices.Sort(ids)
	found, err := f.app.Many(ctx, isms.Assets, slices.Compact(ids))
	out := map[string]string{}
	for id, rec := range found {
		out[id] = rec.(*isms.Asset).Address
	}
	return out, err
}

func oneStory(a, b *isms.Alert, hosts map[string]string) bool {
	if (a.Verdict == "test") != (b.Verdict == "test") {
		return false
	}
	switch {
	case a.Actor != "" && a.Actor == b.Actor:
		return true
	case cameFrom(a, b, hosts) || cameFrom(b, a, hosts):
		return true
	}
	grave := max(gravity(a.Severity), gravity(b.Severity)) >= gravity(isms.SeverityHigh)
	return a.AssetID != "" && a.AssetID == b.AssetID && grave
}

// cameFrom tells whether the actor of one alert is the machine of the other.
func cameFrom(a, b *isms.Alert, hosts map[string]string) bool {
	if a.Actor == "" || b.AssetID == "" || hosts[b.AssetID] == "" {
		return false
	}
	return a.Actor == hosts[b.AssetID] || addressIn(a.Actor) != "" && addressIn(a.Actor) == addressIn(hosts[b.AssetID])
}

// A Story is a group of alerts that belong together.
type Story struct {
	Alerts   []*isms.Alert // worst first
	Severity isms.Severity
	Score    float64 // of the worst
	Count    int     // events of all
	First    time.Time
	Last     time.Time
}

// Stories groups alerts by their links: what is joined, over however many steps, is one
// story. The worst story comes first.
func (f *Flow) Stories(ctx context.Context, list []*isms.Alert) ([]*Story, error) {
	rel, err := f.app.Relation(isms.Alerts, sameStory)
	if err != nil {
		return nil, err
	}
	inverse, err := f.app.Relation(isms.Alerts, "same story")
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(list))
	for i, a := range list {
		ids[i] = a.ID
	}
	u := newUnion(ids)
	for _, r := range []kind.Relation{rel, inverse} {
		links, err := f.app.LinkedIDs(ctx, r, ids)
		if err != nil {
			return nil, err
		}
		for from, others := range links {
			for _, to := range others {
				u.join(from, to)
			}
		}
	}
	return gather(list, u), nil
}

func gather(list []*isms.Alert, u union) []*Story {
	byRoot := map[string]*Story{}
	var all []*Story
	for _, a := range list {
		root := u.root(a.ID)
		s := byRoot[root]
		if s == nil {
			s = &Story{First: a.FirstSeen}
			byRoot[root] = s
			all = append(all, s)
		}
		s.add(a)
	}
	for _, s := range all {
		slices.SortStableFunc(s.Alerts, worseFirst)
	}
	slices.SortStableFunc(all, func(a, b *Story) int {
		return cmp.Or(cmp.Compare(gravity(b.Severity), gravity(a.Severity)), cmp.Compare(b.Score, a.Score), b.Last.Compare(a.Last))
	})
	return all
}

func worseFirst(a, b *isms.Alert) int {
	return cmp.Or(cmp.Compare(gravity(b.Severity), gravity(a.Severity)), cmp.Compare(b.Score, a.Score), b.LastSeen.Compare(a.LastSeen), cmp.Compare(a.ID, b.ID))
}

func (s *Story) add(a *isms.Alert) {
	s.Alerts = append(s.Alerts, a)
	s.Count += a.Count
	s.Score = max(s.Score, a.Score)
	if s.Severity == "" || gravity(a.Severity) > gravity(s.Severity) {
		s.Severity = a.Severity
	}
	if a.FirstSeen.Before(s.First) {
		s.First = a.FirstSeen
	}
	if a.LastSeen.After(s.Last) {
		s.Last = a.LastSeen
	}
}

// A union joins ids into sets. Ids that were not given at the beginning join nothing.
type union map[string]string

func newUnion(ids []string) union {
	u := union{}
	for _, id := range ids {
		u[id] = id
	}
	return u
}

func (u union) root(id string) string {
	for u[id] != id {
		u[id] = u[u[id]]
		id = u[id]
	}
	return id
}

func (u union) join(a, b string) {
	if _, ok := u[a]; !ok {
		return
	}
	if _, ok := u[b]; !ok {
		return
	}
	u[u.root(a)] = u.root(b)
}
