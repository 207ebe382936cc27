package catalog

import "strings"

// A Range is what is known of a figure: Low and High enclose 90 % of cases; with
// Likely they are minimum, most likely and maximum. In YAML it is a number, or a
// list of two or three.
type Range struct{ Low, Likely, High float64 }

// A Safeguard is a measure of the catalogue. Figures are for an organisation of
// about fifty people, in euro; the reason beside each lets the reader judge how
// far they hold elsewhere.
type Safeguard struct {
	ID          string   `yaml:"id"`
	Title       string   `yaml:"title"`
	Does        string   `yaml:"does"`       // what it is and what it achieves
	Test        string   `yaml:"test"`       // how one finds out that it works
	Function    string   `yaml:"function"`   // preventive, detective or corrective
	Means       string   `yaml:"means"`      // technical, organisational or physical
	Principles  []string `yaml:"principles"` // disruption, compromise, detection, impact
	QuickWin    bool     `yaml:"quick_win"`  // little work, much effect
	Effort      Range    `yaml:"effort"`     // hours to put it in place
	AnnualCost  Range    `yaml:"annual_cost"`
	CostReason  string   `yaml:"cost_reason"`
	OnFrequency Range    `yaml:"on_frequency"` // share of the events that it prevents, 0 to 1
	OnLoss      Range    `yaml:"on_loss"`      // share of the cost of an event that it saves, 0 to 1
	Effect      string   `yaml:"effect_reason"`

	Resolves   Resolves   `yaml:"resolves"`
	Mitigation []string   `yaml:"mitigations"` // MITRE ATT&CK mitigation ids
	Techniques []string   `yaml:"techniques"`  // MITRE ATT&CK techniques that it counters
	References References `yaml:"references"`
}

func (s *Safeguard) id() string { return s.ID }

// Resolves says which findings a safeguard makes go away.
type Resolves struct {
	Weaknesses []string `yaml:"weaknesses"` // kinds of vulnerability: advisory, configuration, …
	Topics     []string `yaml:"topics"`     // topics of configuration checks
	Checks     []string `yaml:"checks"`     // ids of checks, or patterns such as "sshd-*"
	CWE        []string `yaml:"cwe"`
}

// References are identifiers in frameworks that the safeguard helps to meet.
type References struct {
	ISO27001 []string `yaml:"iso27001"` // Annex A of ISO/IEC 27001:2022, "A.8.8"
	CSF      []string `yaml:"csf"`      // subcategories of NIST CSF 2.0, "PR.PS-02"
	CIS      []string `yaml:"cis"`      // safeguards of CIS Controls 8.1, "7.4"
}

// All lists the references as they are written in a record: "ISO 27001 A.8.8".
func (r References) All() []string {
	var all []string
	for _, f := range []struct {
		name string
		ids  []string
	}{{"ISO 27001", r.ISO27001}, {"CSF", r.CSF}, {"CIS", r.CIS}} {
		for _, id := range f.ids {
			all = append(all, f.name+" "+id)
		}
	}
	return all
}

// A Scenario is a way to be harmed that people recognise. Findings feed it: many
// findings on an asset become one risk.
type Scenario struct {
	ID         string   `yaml:"id"`
	Title      string   `yaml:"title"` // with {asset} where the asset's name stands
	Story      string   `yaml:"story"` // what happens, step by step
	Actor      string   `yaml:"actor"`
	Objectives []string `yaml:"objectives"` // espionage, subversion, sabotage, forward_operating_site
	Vectors    []string `yaml:"vectors"`    // the first is the way in
	FedBy      Feed     `yaml:"fed_by"`
	Impacts    []string `yaml:"impacts"`
	Harms      []string `yaml:"harms"`

	Frequency       Range  `yaml:"frequency"` // events per year for one asset of an ordinary small organisation
	FrequencyReason string `yaml:"frequency_reason"`
	Growth          Growth `yaml:"growth"`
	Exposure        Range  `yaml:"exposure"` // EF, share of the asset's value lost in one event
	ExposureReason  string `yaml:"exposure_reason"`
	Losses          []Loss `yaml:"losses"` // how the loss divides; the shares sum to 1

	Safeguards []string `yaml:"safeguards"`
	Treatment  string   `yaml:"treatment"` // avoid, reduce, share, transfer or accept
}

func (s *Scenario) id() string { return s.ID }

// TitleFor is the title with the name of the asset.
func (s *Scenario) TitleFor(asset string) string {
	return strings.ReplaceAll(s.Title, "{asset}", asset)
}

// A Loss is the share of one form of loss.
type Loss struct {
	Form  string  `yaml:"form"`
	Share float64 `yaml:"share"`
}

// An Actor is somebody, or something, that can do harm.
type Actor struct {
	ID          string   `yaml:"id"`
	Title       string   `yaml:"title"`
	Type        string   `yaml:"type"` // organised_crime, state, insider, …
	Description string   `yaml:"description"`
	Motivations []string `yaml:"motivations"`
	Objective   string   `yaml:"objective"`  // in words
	Objectives  []string `yaml:"objectives"` // attack objectives
	Capability  int      `yaml:"capability"` // 1 (very low) to 5 (very high)
	Opportunity int      `yaml:"opportunity"`
	Intent      bool     `yaml:"intent"` // false for hazards and mistakes
	Vectors     []string `yaml:"vectors"`
}

func (a *Actor) id() string { return a.ID }

// A Vector is a way in or a way on: a technique of MITRE ATT&CK, or a hazard.
type Vector struct {
	ID          string `yaml:"id"`
	Title       string `yaml:"title"`     // the name of the technique
	Technique   string `yaml:"technique"` // ATT&CK id; empty for a hazard
	Tactic      string `yaml:"tactic"`    // initial_access, …; hazard
	Description string `yaml:"description"`
	Tools       string `yaml:"tools"` // what is used for it
}

func (v *Vector) id() string { return v.ID }

// A Term is a word of the field, explained.
type Term struct {
	Term  string   `yaml:"term"`
	Also  []string `yaml:"also"` // other names: abbreviations, plurals
	Means string   `yaml:"means"`
}

func (t *Term) id() string { return strings.ToLower(t.Term) }

func (t *Term) is(word string) bool {
	if strings.EqualFold(t.Term, word) {
		return true
	}
	for _, a := range t.Also {
		if strings.EqualFold(a, word) {
			return true
		}
	}
	return false
}
