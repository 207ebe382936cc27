package flow

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"holdfast/catalog"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// Assess groups what was found on an asset into scenarios, drafts the risks that
// are missing, and computes the figures of all risks on it anew.
func (f *Flow) Assess(ctx context.Context, assetID string, out *Outcome) error {
	asset, err := f.assets.Get(ctx, assetID)
	if err != nil {
		return err
	}
	open, err := f.findings.All(ctx, kind.Query{}.Where("asset_id", assetID).With("status", kind.Not, string(isms.FindingResolved), string(isms.FindingFalsePositive)))
	if err != nil {
		return err
	}
	facts, err := f.factsOf(ctx, asset, open)
	if err != nil {
		return err
	}
	for _, fd := range open {
		if fd.Status == isms.FindingOpen {
			out.Open++
		}
	}
	if err := f.draft(ctx, asset, open, facts); err != nil {
		return err
	}
	return f.reprice(ctx, asset, out)
}

// factsOf says of each finding what the catalogue asks of it.
func (f *Flow) factsOf(ctx context.Context, asset *isms.Asset, list []*isms.Finding) ([]catalog.Fact, error) {
	ids := make([]string, len(list))
	for i, fd := range list {
		ids[i] = fd.VulnerabilityID
	}
	slices.Sort(ids)
	weaknesses, err := f.app.Many(ctx, isms.Vulnerabilities, slices.Compact(ids))
	if err != nil {
		return nil, err
	}
	facts := make([]catalog.Fact, len(list))
	for i, fd := range list {
		v, ok := weaknesses[fd.VulnerabilityID].(*isms.Vulnerability)
		if !ok {
			return nil, kind.Errorf(kind.Internal, "finding %s speaks of a weakness that is not there", fd.Key)
		}
		facts[i] = factFrom(asset, fd, v)
	}
	return facts, nil
}

func (f *Flow) factOf(ctx context.Context, fd *isms.Finding) (catalog.Fact, []string, error) {
	v, err := f.vulnerabilities.Get(ctx, fd.VulnerabilityID)
	if err != nil {
		return catalog.Fact{}, nil, err
	}
	asset, err := f.assets.Get(ctx, fd.AssetID)
	if err != nil {
		return catalog.Fact{}, nil, err
	}
	return factFrom(asset, fd, v), v.CWE, nil
}

func factFrom(asset *isms.Asset, fd *isms.Finding, v *isms.Vulnerability) catalog.Fact {
	return catalog.Fact{
		AssetType: string(asset.Type), Weakness: string(v.Type), Topic: v.Topic, Check: fd.Check,
		Network: overNetwork(v.CVSS), Exploited: fd.Exploited,
	}
}

// overNetwork reads the attack vector of a CVSS vector of any version. Without a
// vector the worse is assumed.
func overNetwork(cvss string) bool {
	return cvss == "" || strings.Contains(cvss, "AV:N") || strings.Contains(cvss, "AV:A")
}

// draft makes one risk for each scenario that the open findings feed, and keeps the
// links between risks and findings true.
func (f *Flow) draft(ctx context.Context, asset *isms.Asset, open []*isms.Finding, facts []catalog.Fact) error {
	feeds := map[string][]*isms.Finding{}
	var order []*catalog.Scenario
	for i, fd := range open {
		for _, sc := range f.cat.ScenariosFor(facts[i]) {
			if feeds[sc.ID] == nil {
				order = append(order, sc)
			}
			feeds[sc.ID] = append(feeds[sc.ID], fd)
		}
	}
	for _, sc := range order {
		r, err := f.risks.Get(ctx, riskKey(sc.ID, asset))
		if kind.CodeOf(err) == kind.NotFound {
			r, err = f.newRisk(ctx, sc, asset)
		}
		if err != nil {
			return err
		}
		if !r.DeletedAt.IsZero() {
			continue // a person threw the draft away
		}
		if r.Origin == "engine" && r.Status == isms.RiskDraft && r.PriorFrom == "" { // experience outweighs the catalogue
			r.EventsBare = rangeOf(sc.FrequencyFor(circumstances(asset, feeds[sc.ID])))
			if err := f.risks.Save(ctx, r); err != nil {
				return err
			}
		}
		if err := f.linkFindings(ctx, r, feeds[sc.ID]); err != nil {
			return err
		}
	}
	return nil
}

func riskKey(scenario string, asset *isms.Asset) string { return StableKey(scenario + "@" + asset.Key) }

func circumstances(asset *isms.Asset, list []*isms.Finding) catalog.Circumstances {
	c := catalog.Circumstances{Internet: asset.Exposed}
	for _, fd := range list {
		c.Exploited = c.Exploited || fd.Exploited
		c.EPSS = max(c.EPSS, fd.EPSS)
	}
	return c
}

func rangeOf(r catalog.Range) kind.Range { return kind.Range(r) }

// newRisk drafts the scenario for the asset with what the catalogue knows of it.
func (f *Flow) newRisk(ctx context.Context, sc *catalog.Scenario, asset *isms.Asset) (*isms.Risk, error) {
	actor, err := f.actorFor(ctx, sc.Actor)
	if err != nil {
		return nil, err
	}
	vector := ""
	if len(sc.Vectors) > 0 {
		if vector, err = f.vectorFor(ctx, sc.Vectors[0]); err != nil {
			return nil, err
		}
	}
	r := &isms.Risk{
		Base:    isms.Base{Key: riskKey(sc.ID, asset), Title: prose.Cut(sc.TitleFor(asset.Title), 300), Origin: "engine"},
		AssetID: asset.ID, ActorID: actor, VectorID: vector, Scenario: sc.ID, Status: isms.RiskDraft, OwnerID: asset.OwnerID,
		Description: isms.Markdown(sc.Story), Objectives: sc.Objectives, Impacts: sc.Impacts, Harms: sc.Harms,
		Treatment: isms.RiskTreatment(sc.Treatment), Exposure: rangeOf(sc.Exposure),
	}
	return r, nil
}

// actorFor returns the id of the record for an actor of the catalogue, made when
// it is first needed.
func (f *Flow) actorFor(ctx context.Context, id string) (string, error) {
	if id == "" {
		return "", nil
	}
	if have, err := f.actors.Get(ctx, id); kind.CodeOf(err) != kind.NotFound {
		return baseID(have, err)
	}
	c, ok := f.cat.Actor(id)
	if !ok {
		return "", fmt.Errorf("the catalogue has no threat actor %s", id)
	}
	a := &isms.ThreatActor{
		Base: isms.Base{Key: id, Title: c.Title, Origin: "catalogue"}, Type: isms.ActorType(c.Type), Description: isms.Markdown(c.Description),
		Objectives: c.Objectives, Capability: isms.Level(c.Capability), Opportunity: isms.Level(c.Opportunity), Catalogue: id,
	}
	if !slices.ContainsFunc(a.Type.Choices(), func(ch kind.Choice) bool { return ch.Value == c.Type }) {
		a.Type = actorTypes[c.Type]
	}
	err := f.actors.Save(ctx, a)
	return a.ID, err
}

// actorTypes translates types of the catalogue that records call otherwise.
var actorTypes = map[string]isms.ActorType{
	"criminal": "organised_crime", "hazard": "nature", "mistake": "careless_insider", "automated": "machine", "ai": "machine", "activist": "hacktivist",
}

func baseID(a *isms.ThreatActor, err error) (string, error) {
	if err != nil {
		return "", err
	}
	return a.ID, nil
}

// vectorFor is actorFor for a threat vector.
func (f *Flow) vectorFor(ctx context.Context, id string) (string, error) {
	have, err := f.vectors.Get(ctx, id)
	if err == nil {
		return have.ID, nil
	}
	if kind.CodeOf(err) != kind.NotFound {
		return "", err
	}
	c, ok := f.cat.Vector(id)
	if !ok {
		return "", fmt.Errorf("the catalogue has no threat vector %s", id)
	}
	v := &isms.ThreatVector{
		Base: isms.Base{Key: id, Title: c.Title, Origin: "catalogue"}, Technique: c.Technique, Description: isms.Markdown(c.Description),
		Tool: prose.Cut(c.Tools, 300), Hazard: c.Tactic == "hazard", Catalogue: id,
	}
	tactic := strings.ReplaceAll(c.Tactic, "-", "_")
	if slices.ContainsFunc(v.Tactics.Choices(), func(ch kind.Choice) bool { return ch.Value == tactic }) {
		v.Tactics = isms.Tactics{tactic}
	}
	err = f.vectors.Save(ctx, v)
	return v.ID, err
}

// linkFindings joins the risk with the findings that feed it. Links to findings
// that were resolved stay: they tell how the risk came to be.
func (f *Flow) linkFindings(ctx context.Context, r *isms.Risk, list []*isms.Finding) error {
	if r.ID == "" {
		if err := f.risks.Save(ctx, r); err != nil {
			return fmt.Errorf("risk %s: %w", r.Key, err)
		}
	}
	for _, fd := range list {
		if err := f.app.Link(ctx, isms.Risks, r.ID, f.uses.Name, fd.ID); err != nil {
			return err
		}
	}
	return nil
}
