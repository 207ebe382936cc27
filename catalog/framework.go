package catalog

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"
)

// A Framework is a body of requirements to measure oneself against. Identifiers and
// titles of controls are facts and named as their publisher does; all else is ours.
type Framework struct {
	ID           string        `yaml:"id"`
	Title        string        `yaml:"title"`
	Abbreviation string        `yaml:"abbreviation"` // how people call it for short; the title when empty
	Publisher    string        `yaml:"publisher"`
	Version      string        `yaml:"version"`
	URL          string        `yaml:"url"`
	Topic        string        `yaml:"topic"`       // security, privacy, payment, …
	Certifiable  bool          `yaml:"certifiable"` // somebody outside can attest that it is met
	About        string        `yaml:"about"`       // what it is for and whom it suits
	Source       string        `yaml:"source"`      // where identifiers and titles were taken from
	Requirements []Requirement `yaml:"requirements"`
}

func (f *Framework) id() string { return f.ID }

// Name is how people call the framework for short.
func (f *Framework) Name() string {
	if f.Abbreviation != "" {
		return f.Abbreviation
	}
	return f.Title
}

// A Requirement is one thing a framework asks for. Chapters only hold others.
// Requirements stand in the order of the framework, a chapter before what it holds.
type Requirement struct {
	ID         string   `yaml:"id"` // its number in the framework: A.8.8, PR.PS-02
	In         string   `yaml:"in"` // the chapter or control that holds it; empty at the top
	Chapter    bool     `yaml:"chapter"`
	Title      string   `yaml:"title"`
	Asks       string   `yaml:"asks"`       // what it demands, in our words
	Guidance   string   `yaml:"guidance"`   // how a small organisation meets it
	Proof      string   `yaml:"proof"`      // what an auditor would like to see
	Function   string   `yaml:"function"`   // preventive, detective or corrective
	Principles []string `yaml:"principles"` // disruption, compromise, detection, impact
	Tier       string   `yaml:"tier"`       // group or level from which it is demanded: IG1, L2
	Optional   bool     `yaml:"optional"`   // recommended, not demanded
	Safeguards []string `yaml:"safeguards"` // safeguards of the catalogue that meet it
	Checks     []string `yaml:"checks"`     // what can measure it: ids of checks, patterns, or "topic:sshd"
}

// Requirement finds a requirement by its number.
func (f *Framework) Requirement(id string) (*Requirement, bool) {
	i := slices.IndexFunc(f.Requirements, func(r Requirement) bool { return r.ID == id })
	if i < 0 {
		return nil, false
	}
	return &f.Requirements[i], true
}

// Controls counts the requirements that can be met: all but the chapters.
func (f *Framework) Controls() int {
	n := 0
	for _, r := range f.Requirements {
		if !r.Chapter {
			n++
		}
	}
	return n
}

// A Mapping relates the requirements of two frameworks.
type Mapping struct {
	Source    string `yaml:"source"` // id of a framework
	Target    string `yaml:"target"`
	Authority string `yaml:"authority"` // who says so
	About     string `yaml:"about"`     // how it was made and how far it may be trusted
	Pairs     []Pair `yaml:"pairs"`
}

func (m *Mapping) id() string { return m.Source + " → " + m.Target }

// A Pair says what one requirement is to another: equal, subset (who meets the
// second meets the first), superset (who meets the first meets the second) or
// intersects (neither answers the other). In YAML it is a list: source, relation,
// target, and the confidence from 1 to 5 when it is not 3.
type Pair struct {
	Source, Relation, Target string
	Confidence               int
}

// UnmarshalYAML reads [A.5.1, equal, GV.PO-01] or [A.5.1, equal, GV.PO-01, 4].
func (p *Pair) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.SequenceNode || len(n.Content) < 3 || len(n.Content) > 4 {
		return fmt.Errorf("line %d: a pair is [source, relation, target] or [source, relation, target, confidence]", n.Line)
	}
	*p = Pair{Source: n.Content[0].Value, Relation: n.Content[1].Value, Target: n.Content[2].Value, Confidence: 3}
	if len(n.Content) == 4 {
		return n.Content[3].Decode(&p.Confidence)
	}
	return nil
}

func (c *Catalog) checkFramework(f *Framework, bad complain) {
	bad.form("id", frameworkID, []string{f.ID})
	for field, v := range map[string]string{"title": f.Title, "publisher": f.Publisher, "version": f.Version, "about": f.About, "source": f.Source} {
		bad.text(field, v)
	}
	bad.among("topic", topics, 1, f.Topic)
	seen := map[string]*Requirement{}
	for i := range f.Requirements {
		r := &f.Requirements[i]
		if r.ID == "" || seen[r.ID] != nil {
			bad("requirement id %q is missing or used twice", r.ID)
		}
		if r.In != "" && seen[r.In] == nil {
			bad("requirement %s: %q, which holds it, does not stand before it", r.ID, r.In)
		}
		seen[r.ID] = r
		c.checkRequirement(r, bad.of("requirement "+r.ID))
	}
	if f.Controls() == 0 {
		bad("it has no requirements")
	}
}

func (c *Catalog) checkRequirement(r *Requirement, bad complain) {
	bad.text("title", r.Title)
	if r.Chapter {
		return
	}
	bad.text("asks", r.Asks)
	bad.text("proof", r.Proof)
	if r.Function != "" {
		bad.among("function", functions, 1, r.Function)
	}
	bad.among("principles", principles, 0, r.Principles...)
	bad.resolve("safeguards", func(id string) bool { _, ok := c.Safeguard(id); return ok }, 0, r.Safeguards)
	bad.patterns("checks", r.Checks)
}

func (c *Catalog) checkMapping(m *Mapping, bad complain) {
	bad.text("authority", m.Authority)
	source, ok1 := c.Framework(m.Source)
	target, ok2 := c.Framework(m.Target)
	if !ok1 || !ok2 || m.Source == m.Target {
		bad("names a framework that is not there, or the same one twice")
		return
	}
	seen := map[Pair]bool{}
	for _, p := range m.Pairs {
		_, has1 := source.Requirement(p.Source)
		_, has2 := target.Requirement(p.Target)
		if !has1 || !has2 {
			bad("%s %s %s: no such requirement", p.Source, p.Relation, p.Target)
		}
		bad.among(p.Source+" and "+p.Target, relations, 1, p.Relation)
		if p.Confidence < 1 || p.Confidence > 5 {
			bad("%s %s: confidence goes from 1 to 5", p.Source, p.Target)
		}
		if ends := (Pair{Source: p.Source, Target: p.Target}); seen[ends] {
			bad("%s and %s are compared twice", p.Source, p.Target)
		} else {
			seen[ends] = true
		}
	}
}
