package flow

import (
	"context"
	"sort"

	"holdfast/isms"
	"holdfast/kind"
)

// HourlyCost is what an hour of an engineer costs, where nobody said otherwise.
const HourlyCost = 85.0

// hoursToFix is the usual work to make findings with one repair go away.
const (
	hoursToFix     = 1.0
	hoursToReplace = 8.0 // no fix exists: shield or replace
)

// An Action is something to do next, with what it brings and costs.
type Action struct {
	Title     string   `json:"title"`
	Kind      string   `json:"kind"` // "safeguard" or "fix"
	Safeguard string   `json:"safeguard,omitempty"`
	Fix       string   `json:"fix,omitempty"`
	Findings  int      `json:"findings,omitempty"` // how many go away
	Risks     []string `json:"risks"`              // keys of the risks it reduces
	Avoided   float64  `json:"avoided"`            // expected loss avoided a year
	Cost      float64  `json:"cost"`               // of the first year
	Hours     float64  `json:"hours"`
	Ratio     float64  `json:"ratio"` // Avoided / Cost: loss avoided for each unit of money
	QuickWin  bool     `json:"quick_win,omitempty"`
}

// NextActions lists what to do next: repairs and safeguards that save more than
// they cost in the first year, most loss avoided for the money first.
func (f *Flow) NextActions(ctx context.Context, most int) ([]Action, error) {
	risks, err := f.risks.All(ctx, kind.Query{}.With("status", kind.Not, string(isms.RiskClosed)))
	if err != nil {
		return nil, err
	}
	fixes, guards := map[string]*Action{}, map[string]*Action{}
	for _, r := range risks {
		p, err := f.Pricing(ctx, r)
		if err != nil {
			return nil, err
		}
		if !p.Priced() {
			continue
		}
		if err := addFixes(p, fixes); err != nil {
			return nil, err
		}
		if err := addGuards(p, guards); err != nil {
			return nil, err
		}
	}
	return rank(fixes, guards, most), nil
}

// addFixes weighs the repairs of open findings: what the risk would cost without
// them. A risk whose frequency a person estimated does not follow its findings.
func addFixes(p *Pricing, fixes map[string]*Action) error {
	if !p.Risk.Events.IsZero() {
		return nil
	}
	now, err := Expected(p.Scenario())
	if err != nil {
		return err
	}
	groups := map[string][]*isms.Finding{}
	for _, fd := range p.Open {
		if fd.Status == isms.FindingOpen {
			groups[fd.Fix] = append(groups[fd.Fix], fd)
		}
	}
	before := DoorFactor(Weakness(p.Open))
	for fix, list := range groups {
		avoided := now * (1 - DoorFactor(Weakness(without(p.Open, fix)))/before)
		if avoided <= 0 {
			continue
		}
		a := fixes[fix]
		if a == nil {
			a = &Action{Title: fix, Kind: "fix", Fix: fix, Hours: hoursToFix}
			if list[0].Kind == "advisory" && list[0].FixedIn == "" {
				a.Hours = hoursToReplace
			}
			if list[0].Kind != "advisory" {
				a.Title = "Repair: " + list[0].Title
			}
			a.Cost = a.Hours * HourlyCost
			fixes[fix] = a
		}
		a.Avoided += avoided
		a.Findings = max(a.Findings, len(list))
		a.Risks = append(a.Risks, p.Risk.Key)
	}
	return nil
}

func without(list []*isms.Finding, fix string) []*isms.Finding {
	var rest []*isms.Finding
	for _, fd := range list {
		if fd.Fix != fix || fd.Status != isms.FindingOpen {
			rest = append(rest, fd)
		}
	}
	return rest
}

// addGuards weighs planned safeguards: each over all risks it treats, against its
// whole yearly cost.
func addGuards(p *Pricing, guards map[string]*Action) error {
	now := p.Scenario()
	before, err := Expected(now)
	if err != nil {
		return err
	}
	for _, pl := range p.Planned {
		after, err := Expected(with(now, pl))
		if err != nil {
			return err
		}
		s := pl.Safeguard
		a := guards[s.ID]
		if a == nil {
			a = &Action{Title: s.Title, Kind: "safeguard", Safeguard: s.Key, Cost: Mean(s.AnnualCost), Hours: Mean(s.Effort), QuickWin: s.QuickWin}
			guards[s.ID] = a
		}
		a.Avoided += before - after
		a.Risks = append(a.Risks, p.Risk.Key)
	}
	return nil
}

func rank(fixes, guards map[string]*Action, most int) []Action {
	var list []Action
	for _, set := range []map[string]*Action{fixes, guards} {
		for _, a := range set {
			if a.Ratio = a.Avoided / max(a.Cost, 1); a.Avoided > a.Cost {
				list = append(list, *a)
			}
		}
	}
	sort.Slice(list, func(i, j int) bool {
		if list[i].Ratio != list[j].Ratio {
			return list[i].Ratio > list[j].Ratio
		}
		return list[i].Title < list[j].Title
	})
	return list[:min(most, len(list))]
}
