package flow

import (
	"context"
	"encoding/json"
	"fmt"

	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
)

// A Posture is how the organisation stands on one principle, 0 to 100, with the
// parts from which it follows. Known is false when nothing has been measured yet.
type Posture struct {
	Principle kind.Choice   `json:"principle"`
	Score     float64       `json:"score"`
	Known     bool          `json:"known"`
	Parts     []PosturePart `json:"parts"`
}

// A PosturePart is one measured share: how many of how many are as they should be.
type PosturePart struct {
	Name string `json:"name"`
	Good int    `json:"good"`
	All  int    `json:"all"`
	Doc  string `json:"doc"`
}

// Share is the part between 0 and 1.
func (p PosturePart) Share() float64 {
	if p.All == 0 {
		return 0
	}
	return float64(p.Good) / float64(p.All)
}

// Posture measures the four principles. The score of one is the mean of the shares
// of its parts that have anything to count: checks that pass, packages without a
// known weakness, safeguards in operation, backups and alarms that proved
// themselves.
func (f *Flow) Posture(ctx context.Context) ([]Posture, error) {
	checks, err := f.checkShares(ctx)
	if err != nil {
		return nil, err
	}
	guards, err := f.guardShares(ctx)
	if err != nil {
		return nil, err
	}
	extra, err := f.extraParts(ctx)
	if err != nil {
		return nil, err
	}
	var list []Posture
	for _, c := range isms.Principle("").Choices() {
		p := Posture{Principle: c}
		parts := append([]PosturePart{
			{"Checks that pass", checks[c.Value].Good, checks[c.Value].All, "Configuration checks of the latest run on each asset that serve this principle."},
			{"Safeguards in operation", guards[c.Value].Good, guards[c.Value].All, "Safeguards that serve this principle, against those that are proposed, approved or under way."},
		}, extra[c.Value]...)
		sum := 0.0
		for _, part := range parts {
			if part.All > 0 {
				p.Parts = append(p.Parts, part)
				sum += part.Share()
			}
		}
		if p.Known = len(p.Parts) > 0; p.Known {
			p.Score = 100 * sum / float64(len(p.Parts))
		}
		list = append(list, p)
	}
	return list, nil
}

// checkShares adds up the tallies of the latest successful run of configuration
// checks on each asset.
func (f *Flow) checkShares(ctx context.Context) (map[string]PosturePart, error) {
	var runs []store.Run
	err := f.app.View(ctx, func(tx *store.Tx) (err error) {
		runs, err = tx.LatestRuns("configcheck")
		return err
	})
	if err != nil {
		return nil, err
	}
	shares := map[string]PosturePart{}
	for _, r := range runs {
		var t Tally
		if err := json.Unmarshal([]byte(r.Summary), &t); err != nil {
			return nil, fmt.Errorf("run %s: %w", r.ID, err)
		}
		for principle, n := range t {
			s := shares[principle]
			s.Good, s.All = s.Good+n.Pass, s.All+n.Pass+n.Fail
			shares[principle] = s
		}
	}
	return shares, nil
}

func (f *Flow) guardShares(ctx context.Context) (map[string]PosturePart, error) {
	list, err := f.safeguards.All(ctx, kind.Query{}.With("status", kind.Not, string(isms.SafeguardRetired)))
	shares := map[string]PosturePart{}
	for _, s := range list {
		for _, principle := range s.Principles {
			p := shares[principle]
			p.All++
			if s.Status == isms.SafeguardOperating {
				p.Good++
			}
			shares[principle] = p
		}
	}
	return shares, err
}

// extraParts are the measures that belong to one principle only.
func (f *Flow) extraParts(ctx context.Context) (map[string][]PosturePart, error) {
	packages, err := f.packagePart(ctx)
	if err != nil {
		return nil, err
	}
	extra := map[string][]PosturePart{"compromise": {packages}}
	for _, c := range []struct {
		principle, name, doc string
		k                    *kind.Kind
		good                 kind.Query
	}{
		{"disruption", "Recovery targets proven", "Recovery targets that were met when they were last measured.", isms.RecoveryTargets, kind.Query{}.Where("result", "met")},
		{"detection", "Event sources that report", "Event sources that are active and not silent.", isms.EventSources, kind.Query{}.Where("status", "active")},
		{"impact", "Backups restored in a test", "A backup that was never restored counts as none.", isms.Backups, kind.Query{}.With("last_verified", kind.Empty, "false")},
	} {
		part := PosturePart{Name: c.name, Doc: c.doc}
		if part.All, err = f.Count(ctx, c.k, kind.Query{}); err != nil {
			return nil, err
		}
		if part.Good, err = f.Count(ctx, c.k, c.good); err != nil {
			return nil, fmt.Errorf("posture: %s: %w", c.name, err)
		}
		extra[c.principle] = append(extra[c.principle], part)
	}
	return extra, nil
}

// Count counts records that match, without reading them.
func (f *Flow) Count(ctx context.Context, k *kind.Kind, q kind.Query) (int, error) {
	q.Limit, q.Count = 1, true
	page, err := f.app.List(ctx, k, q)
	return int(page.Total), err
}

// packagePart compares the packages with a known weakness with all that were found.
func (f *Flow) packagePart(ctx context.Context) (PosturePart, error) {
	part := PosturePart{Name: "Packages without a known weakness", Doc: "Software found by scans of which no open finding speaks. Counts only where advisories were at hand."}
	var judged bool
	err := f.app.View(ctx, func(tx *store.Tx) error {
		runs, err := tx.LatestRuns("vulnmatch")
		for _, r := range runs {
			judged = judged || r.Error == ""
		}
		if err != nil || !judged {
			return err
		}
		part.All, err = tx.CountComponents()
		return err
	})
	if err != nil || !judged {
		return part, err
	}
	const all = 1_000_000
	groups, err := f.app.Groups(ctx, isms.Findings, kind.Query{}.Where("type", "advisory").Where("status", string(isms.FindingOpen)), "subject", all)
	part.Good = max(0, part.All-len(groups))
	return part, err
}
