package catalog

import (
	"path"
	"slices"
)

// A Feed says which findings make a scenario possible. A finding feeds it when
// the asset fits and any of the other lines applies.
type Feed struct {
	AssetTypes []string `yaml:"asset_types"` // empty: any
	Weaknesses []string `yaml:"weaknesses"`  // kinds of vulnerability that always count
	Topics     []string `yaml:"topics"`      // topics of configuration checks
	Checks     []string `yaml:"checks"`      // ids of checks, or patterns such as "sshd-*"
	Advisory   Advisory `yaml:"advisory"`
}

// Advisory selects vulnerabilities in software.
type Advisory struct {
	Network   bool `yaml:"network"`   // attacked over the network (CVSS AV:N or AV:A)
	Local     bool `yaml:"local"`     // attacked by somebody who is already on the system
	Exploited bool `yaml:"exploited"` // known to be exploited, whatever the vector
}

// A Fact is what matters of a finding when scenarios are sought.
type Fact struct {
	AssetType string
	Weakness  string // kind of vulnerability: advisory, configuration, …
	Topic     string
	Check     string
	Network   bool // of an advisory: attacked over the network
	Exploited bool // known to be exploited in the wild
}

// Matches tells whether the finding feeds the scenario.
func (f Feed) Matches(fact Fact) bool {
	if len(f.AssetTypes) > 0 && !slices.Contains(f.AssetTypes, fact.AssetType) {
		return false
	}
	if slices.Contains(f.Weaknesses, fact.Weakness) || fact.Topic != "" && slices.Contains(f.Topics, fact.Topic) || matchAny(f.Checks, fact.Check) {
		return true
	}
	a := f.Advisory
	return fact.Weakness == "advisory" &&
		(a.Network && fact.Network || a.Local && !fact.Network || a.Exploited && fact.Exploited)
}

// ScenariosFor lists the scenarios that a finding feeds, in the catalogue's order.
func (c *Catalog) ScenariosFor(fact Fact) []*Scenario {
	var list []*Scenario
	for i := range c.Scenarios {
		if c.Scenarios[i].FedBy.Matches(fact) {
			list = append(list, &c.Scenarios[i])
		}
	}
	return list
}

// SafeguardsFor lists the safeguards that make a finding go away.
func (c *Catalog) SafeguardsFor(fact Fact, cwes ...string) []*Safeguard {
	var list []*Safeguard
	for i := range c.Safeguards {
		if c.Safeguards[i].Resolves.matches(fact, cwes) {
			list = append(list, &c.Safeguards[i])
		}
	}
	return list
}

func (r Resolves) matches(fact Fact, cwes []string) bool {
	if slices.Contains(r.Weaknesses, fact.Weakness) || fact.Topic != "" && slices.Contains(r.Topics, fact.Topic) || matchAny(r.Checks, fact.Check) {
		return true
	}
	return slices.ContainsFunc(cwes, func(c string) bool { return slices.Contains(r.CWE, c) })
}

func matchAny(patterns []string, check string) bool {
	return check != "" && slices.ContainsFunc(patterns, func(p string) bool {
		ok, _ := path.Match(p, check) // patterns were checked when the catalogue was read
		return ok
	})
}

// Growth says how the base frequency grows with what is known of the asset and
// the findings. Factors of 1 or 0 change nothing.
type Growth struct {
	Internet  float64 `yaml:"internet"`  // the asset answers to the internet
	Exploited float64 `yaml:"exploited"` // a feeding weakness is known to be exploited
	EPSS      float64 `yaml:"epss"`      // a feeding weakness is sure to be exploited within a month; in proportion below
	Most      float64 `yaml:"most"`      // events per year that are never exceeded
	Reason    string  `yaml:"reason"`
}

// Circumstances are what is known of an asset and the findings that feed a
// scenario there.
type Circumstances struct {
	Internet  bool
	Exploited bool
	EPSS      float64 // highest of the findings, 0 to 1
}

// FrequencyFor is the base frequency of the scenario under the circumstances.
// Of exploited and EPSS the stronger counts: both say the same of a weakness.
func (s *Scenario) FrequencyFor(now Circumstances) Range {
	g, factor := s.Growth, 1.0
	if now.Internet {
		factor *= max(g.Internet, 1)
	}
	likely := 1.0
	if g.EPSS > 1 {
		likely += min(max(now.EPSS, 0), 1) * (g.EPSS - 1)
	}
	if now.Exploited {
		likely = max(likely, g.Exploited)
	}
	factor *= likely
	cut := func(v float64) float64 {
		if g.Most > 0 {
			return min(v*factor, max(g.Most, v))
		}
		return v * factor
	}
	return Range{Low: cut(s.Frequency.Low), Likely: cut(s.Frequency.Likely), High: cut(s.Frequency.High)}
}
