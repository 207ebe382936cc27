package detection

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"holdfast/flow"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// currency is that of the organisation; empty when nobody has named one.
func (f *Flow) currency(ctx context.Context) (string, error) {
	page, err := f.app.List(ctx, isms.Organisations, kind.Query{Sort: "created_at", Limit: 1})
	if err != nil || len(page.Records) == 0 {
		return "", err
	}
	return page.Records[0].(*isms.Organisation).Currency, nil
}

// How many of each a sentence names.
const namedInWhy = 3

// fitting finds the open weaknesses of the asset through which this may have happened and
// the scenarios that it looks like, best first. Without a technique in common the known
// exploited and the worst of the findings stand in.
func (f *Flow) fitting(ctx context.Context, a *isms.Asset, techniques []string) ([]*isms.Finding, []*isms.Risk, error) {
	if a == nil {
		return nil, nil, nil
	}
	findings, err := f.findings.List(ctx, kind.Query{Sort: "-score", Limit: 200}.Where("asset_id", a.ID).Where("status", string(isms.FindingOpen)))
	if err != nil {
		return nil, nil, err
	}
	findings, err = f.findingsThatFit(ctx, findings, techniques)
	if err != nil {
		return nil, nil, err
	}
	risks, err := f.risksThatFit(ctx, a, techniques, findings)
	return findings, risks, err
}

func (f *Flow) findingsThatFit(ctx context.Context, list []*isms.Finding, techniques []string) ([]*isms.Finding, error) {
	ids := make([]string, len(list))
	for i, fd := range list {
		ids[i] = fd.VulnerabilityID
	}
	weaknesses, err := f.app.Many(ctx, isms.Vulnerabilities, ids)
	if err != nil {
		return nil, err
	}
	weight := func(fd *isms.Finding) int {
		w := gravity(fd.Severity)
		if fd.Exploited {
			w += 5
		}
		if v, ok := weaknesses[fd.VulnerabilityID].(*isms.Vulnerability); ok && shareTechnique(v.Techniques, techniques) {
			w += 10
		}
		return w
	}
	list = slices.DeleteFunc(slices.Clone(list), func(fd *isms.Finding) bool { return weight(fd) < gravity(isms.SeverityHigh) })
	slices.SortStableFunc(list, func(a, b *isms.Finding) int { return cmp.Compare(weight(b), weight(a)) })
	return list, nil
}

// shareTechnique tells whether two lists of ATT&CK ids have a technique in common; a
// sub-technique stands for its parent.
func shareTechnique(a, b []string) bool {
	return slices.ContainsFunc(a, func(x string) bool {
		return slices.ContainsFunc(b, func(y string) bool { return parentTechnique(x) == parentTechnique(y) })
	})
}

func parentTechnique(id string) string {
	parent, _, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(id)), ".")
	return parent
}

// risksThatFit are the open scenarios of the asset whose way of attack fits, or which one
// of the findings feeds.
func (f *Flow) risksThatFit(ctx context.Context, a *isms.Asset, techniques []string, findings []*isms.Finding) ([]*isms.Risk, error) {
	list, err := f.risks.List(ctx, kind.Query{Sort: "-loss_now", Limit: 50}.Where("asset_id", a.ID).With("status", kind.Not, string(isms.RiskClosed)))
	if err != nil || len(list) == 0 {
		return nil, err
	}
	vectors := make([]string, 0, len(list))
	for _, r := range list {
		vectors = append(vectors, r.VectorID)
	}
	ways, err := f.app.Many(ctx, isms.ThreatVectors, slices.DeleteFunc(vectors, func(id string) bool { return id == "" }))
	if err != nil {
		return nil, err
	}
	fed, err := f.fedRisks(ctx, findings)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(list, func(r *isms.Risk) bool {
		way, ok := ways[r.VectorID].(*isms.ThreatVector)
		return !(ok && shareTechnique([]string{way.Technique}, techniques) && way.Technique != "") && !fed[r.ID]
	}), nil
}

// fedRisks are the ids of the risks that the findings feed.
func (f *Flow) fedRisks(ctx context.Context, findings []*isms.Finding) (map[string]bool, error) {
	fed := map[string]bool{}
	rel, err := f.app.Relation(isms.Findings, "feeds")
	if err != nil || len(findings) == 0 {
		return fed, err
	}
	var ids []string
	for _, fd := range findings[:min(len(findings), 50)] {
		ids = append(ids, fd.ID)
	}
	links, err := f.app.LinkedIDs(ctx, rel, ids)
	for _, risks := range links {
		for _, id := range risks {
			fed[id] = true
		}
	}
	return fed, err
}

// linkRisks joins an alert with the scenarios that seem to happen.
func (f *Flow) linkRisks(ctx context.Context, a *isms.Alert, risks []*isms.Risk) error {
	for _, r := range risks[:min(len(risks), namedInWhy)] {
		if err := f.app.Link(ctx, isms.Alerts, a.ID, "shows", r.ID); err != nil {
			return err
		}
	}
	return nil
}

// sentence says why an alert matters here.
func (s *setting) sentence() string {
	if s.asset == nil {
		return "No asset of the register is known for it: find out which machine or account it is about, and add it, so that the next alarm knows what is at stake."
	}
	var parts []string
	if worth := s.worth(); worth != "" {
		parts = append(parts, worth)
	}
	if n := len(s.dependents); n > 0 {
		verb := "depend"
		if n == 1 {
			verb = "depends"
		}
		parts = append(parts, fmt.Sprintf("%s %s on it%s", prose.Plural(n, "asset", "assets"), verb, among(s.dependents, n)))
	}
	if s.asset.Exposed {
		parts = append(parts, "it is reachable from the internet")
	}
	if n := len(s.findings); n > 0 {
		parts = append(parts, fmt.Sprintf("%s that fit (%s)", prose.Plural(n, "open finding", "open findings"), titles(s.findings, n)))
	}
	if len(s.risks) > 0 {
		parts = append(parts, "it looks like the scenario “"+s.risks[0].Title+"”")
	}
	if len(s.needs) > 0 {
		parts = append(parts, "from there the next doors are "+titles(s.needs, len(s.needs)))
	}
	if len(parts) == 0 {
		return s.asset.Title + " is in the register, but nothing is known of its worth or of what depends on it."
	}
	return s.asset.Title + ": " + strings.Join(parts, "; ") + "."
}

// worth tells value and criticality of the asset.
func (s *setting) worth() string {
	var parts []string
	if v := flow.Mean(s.asset.Value); v > 0 {
		parts = append(parts, strings.TrimSpace("worth "+s.currency+" "+grouped(v)))
	}
	if c := s.asset.Criticality.String(); c != "" {
		parts = append(parts, "criticality "+strings.ToLower(c))
	}
	return strings.Join(parts, ", ")
}

// grouped writes an amount in whole units with thin groups of three.
func grouped(v float64) string {
	digits := fmt.Sprintf("%.0f", v)
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}

func among(list []*isms.Asset, n int) string {
	if n > namedInWhy {
		return ", among them " + titles(list, namedInWhy)
	}
	return " (" + titles(list, n) + ")"
}

// titles names the first records of a list.
func titles[T kind.Record](list []T, n int) string {
	var names []string
	for _, rec := range list[:min(n, namedInWhy, len(list))] {
		names = append(names, prose.Cut(rec.GetBase().Title, 80))
	}
	if n > namedInWhy && len(list) > namedInWhy {
		names = append(names, "…")
	}
	return strings.Join(names, ", ")
}
