package detection

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"holdfast/access"
	"holdfast/engine"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
)

// coverageEngine is under which name blind spots are found.
const coverageEngine = "coverage"

// blindCheck is the id of the check that a technique would be noticed.
func blindCheck(technique string) string { return "attack-" + strings.ToLower(technique) }

// FindBlindSpots writes the techniques that matter here and would not be noticed into the
// register: each is a monitoring weakness, and a finding on the asset that it would hit,
// with what would close it. What is noticed again is resolved with the reason. It is
// idempotent and returns what it changed. The actor needs the right to write findings; the
// product does the work.
func (f *Flow) FindBlindSpots(ctx context.Context) (flow.Outcome, error) {
	var sum flow.Outcome
	actor, err := access.From(ctx)
	if err != nil {
		return sum, err
	}
	if actor.May(kind.Write, isms.Findings) != access.All {
		return sum, actor.Refuse(kind.Write, isms.Findings)
	}
	err = f.app.Atomic(flow.AsMachine(ctx, actor), func(ctx context.Context) error {
		sum = flow.Outcome{}
		c, err := f.Coverage(ctx)
		if err != nil {
			return err
		}
		spots, err := f.placeSpots(ctx, c)
		if err != nil {
			return err
		}
		for _, assetID := range flow.SortedKeys(spots) {
			if err := f.findSpots(ctx, c, assetID, spots[assetID], &sum); err != nil {
				return err
			}
		}
		return nil
	})
	return sum, err
}

// placeSpots puts each blind spot on the asset that it would hit: that of the worst risk,
// else that at which the actors aim, else the one that matters most. Assets that have such
// findings from before are there too, so that what is gone is resolved.
func (f *Flow) placeSpots(ctx context.Context, c *Coverage) (map[string][]*AttackCell, error) {
	assets, err := f.assets.All(ctx, kind.Query{Sort: "-value"}.Where("lifecycle", "operating", "retiring"))
	if err != nil {
		return nil, err
	}
	there := flow.ByID(assets)
	spots := map[string][]*AttackCell{}
	before, err := f.findings.All(ctx, kind.Query{}.Where("engine", coverageEngine))
	if err != nil {
		return nil, err
	}
	for _, fd := range before {
		spots[fd.AssetID] = nil
	}
	most := crown(assets)
	for _, cell := range c.Blind() {
		at := most
		for _, id := range cell.assets {
			if there[id] != nil {
				at = id
				break
			}
		}
		if at != "" {
			spots[at] = append(spots[at], cell)
		}
	}
	return spots, nil
}

// crown is the asset that matters most: of the most critical the most valuable.
func crown(assets []*isms.Asset) string {
	var best *isms.Asset
	for _, a := range assets {
		if best == nil || a.Criticality > best.Criticality {
			best = a
		}
	}
	return idOf(best)
}

// findSpots runs the check of every technique on one asset through the pipeline.
func (f *Flow) findSpots(ctx context.Context, c *Coverage, assetID string, spots []*AttackCell, sum *flow.Outcome) error {
	asset, err := f.assets.Get(ctx, assetID)
	if kind.CodeOf(err) == kind.NotFound || err == nil && !asset.DeletedAt.IsZero() {
		return nil
	}
	if err != nil {
		return err
	}
	known, err := f.findings.All(ctx, kind.Query{}.Where("asset_id", assetID).Where("engine", coverageEngine))
	if err != nil {
		return err
	}
	var list []engine.Observation
	for _, cell := range spots {
		if err := f.explainSpot(ctx, cell); err != nil {
			return err
		}
		list = append(list, spotted(cell))
	}
	for _, fd := range known {
		if !slices.ContainsFunc(spots, func(cell *AttackCell) bool { return blindCheck(cell.ID) == fd.Check }) {
			list = append(list, engine.Observation{Engine: coverageEngine, Check: fd.Check, Outcome: engine.Pass, Principle: string(isms.Detection), Subject: fd.Subject, Detail: c.nowSeen(fd.Check)})
		}
	}
	now := f.app.Now()
	run := engine.Run{Engine: coverageEngine, Target: asset.Title, Started: now, Finished: now, Observations: list}
	out := flow.Outcome{}
	if err := f.Find(ctx, asset, &engine.Target{Name: asset.Title, Now: now}, "", run, &out); err != nil {
		return fmt.Errorf("blind spots on %s: %w", asset.Title, err)
	}
	sum.Opened, sum.Reopened, sum.Resolved = sum.Opened+out.Opened, sum.Reopened+out.Reopened, sum.Resolved+out.Resolved
	sum.Open += len(spots)
	return nil
}

// nowSeen says why a technique is no blind spot of an asset any more.
func (c *Coverage) nowSeen(check string) string {
	cell := c.Cell(strings.ToUpper(strings.TrimPrefix(check, "attack-")))
	switch {
	case cell == nil:
		return "MITRE ATT&CK does not hold the technique any more."
	case cell.Watched() && len(cell.By) > 0:
		return "It would be noticed by “" + cell.By[0].Title + "”."
	case cell.Watched():
		return "A special case of it would be noticed."
	case cell.Matters:
		return "It is counted on another asset now."
	}
	return "Nobody relevant would use it any more."
}

func spotted(c *AttackCell) engine.Observation {
	o := engine.Observation{
		Engine: coverageEngine, Check: blindCheck(c.ID), Title: "Nobody would notice " + c.Name, Outcome: engine.Fail, Severity: engine.Severity(c.gravity()),
		Principle: string(isms.Detection), Subject: c.ID, Detail: c.reason(),
	}
	return o
}

// gravity follows from the weight of the technique here.
func (c *AttackCell) gravity() isms.Severity {
	switch {
	case c.Weight >= 60:
		return isms.SeverityHigh
	case c.Weight >= 20:
		return isms.SeverityMedium
	}
	return isms.SeverityLow
}

// reason says who would use a technique, and why it would not be noticed.
func (c *AttackCell) reason() string {
	var who []string
	for _, n := range c.Because[:min(len(c.Because), 3)] {
		who = append(who, n.Title)
	}
	text := "Weighs " + fmt.Sprintf("%.0f", c.Weight) + " of 100 here, because of: " + strings.Join(who, "; ") + "."
	if c.Sight == SightDeaf {
		return text + " Something is set up for it and would not ring."
	}
	return text + " No rule and no trap would ring."
}

// explainSpot writes the weakness of a technique that nobody would notice.
func (f *Flow) explainSpot(ctx context.Context, c *AttackCell) error {
	id := blindCheck(c.ID)
	v, err := f.vulnerabilities.Get(ctx, id)
	if kind.CodeOf(err) == kind.NotFound {
		v, err = &isms.Vulnerability{Base: isms.Base{Key: id, Origin: "engine"}}, nil
	}
	if err != nil || v.ID != "" && v.Origin != "engine" {
		return err
	}
	v.Title, v.Identifier, v.Detector, v.Type, v.Topic = "Nobody would notice "+c.Name, id, coverageEngine, "monitoring", "monitoring"
	v.Severity, v.Principle, v.Techniques = c.gravity(), isms.Detection, []string{c.ID}
	v.Summary = isms.Markdown("An attacker who uses " + c.Name + " (" + c.ID + ") would raise no alarm. What is not noticed goes on until it hurts.")
	v.Fix = isms.Markdown(c.Remedy)
	v.Doubts = "Another system watches for it and tells us. Then write that down as a rule that names the technique, so that the matrix knows."
	v.References = []string{AttackURL(c.ID)}
	return f.vulnerabilities.Save(ctx, v)
}

// AttackURL is where the publisher explains a technique.
func AttackURL(id string) string {
	return "https://attack.mitre.org/techniques/" + strings.ReplaceAll(id, ".", "/") + "/"
}
