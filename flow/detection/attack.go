package detection

import (
	"cmp"
	"context"
	"slices"

	"holdfast/access"
	"holdfast/catalog"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
)

// A Coverage is what can be noticed of what attackers do, by the techniques of MITRE
// ATT&CK: which source, rule or trap would show it, and when that last proved itself.
type Coverage struct {
	Today   kind.Date      `json:"today"`
	Columns []AttackColumn `json:"tactics"`
	Count   map[Sight]int  `json:"count"`   // techniques by sight, special cases not counted
	Share   float64        `json:"share"`   // of the weight that can be noticed, 0 to 1; 0 when nothing has weight
	Proved  float64        `json:"proved"`  // of the weight that proved itself
	Weighed int            `json:"weighed"` // techniques that somebody relevant would use
	Strange []string       `json:"strange"` // ids in the records that the table does not hold
	cells   map[string]*AttackCell
}

// An AttackColumn is a tactic with its techniques.
type AttackColumn struct {
	ID      string        `json:"id"`
	Word    string        `json:"word"`
	Name    string        `json:"name"`
	Outside bool          `json:"outside"` // happens before they reach us
	Cells   []*AttackCell `json:"techniques"`
}

// An AttackCell is a technique and how far we would notice it.
type AttackCell struct {
	ID      string        `json:"id"`
	Name    string        `json:"name"`
	Sight   Sight         `json:"sight"`
	Last    kind.Date     `json:"last,omitempty"`   // when it was last noticed in a test
	Missed  kind.Date     `json:"missed,omitempty"` // when it was last tried in a test and not noticed
	By      []Watcher     `json:"by"`               // what would notice it, or could if something were mended
	Subs    []*AttackCell `json:"subtechniques,omitempty"`
	Weight  float64       `json:"weight"`  // 0 to 100 against the technique that weighs most here
	Because []flow.Named  `json:"because"` // who would do it and which risk is played by it
	Logs    []string      `json:"logs"`    // that arrive and in which it could be seen
	Remedy  string        `json:"remedy"`  // what would close the gap; empty when there is none
	Matters bool          `json:"matters"` // blind or deaf, and somebody relevant would use it

	raw     float64
	outside bool
	assets  []string // whom it would hit, worst first
}

// A Sight says how far a technique would be noticed.
type Sight string

// The sights, best first.
const (
	SightProved  Sight = "proved"  // something would ring, and rang in a test not long ago
	SightCovered Sight = "covered" // something would ring, as far as one knows
	SightDeaf    Sight = "deaf"    // there is a rule or a trap, but its source does not arrive or it does not run
	SightBlind   Sight = "blind"   // nothing would ring
)

// Sights lists the sights, best first.
var Sights = []Sight{SightProved, SightCovered, SightDeaf, SightBlind}

// A Watcher is a rule or a trap that notices a technique.
type Watcher struct {
	Kind   string    `json:"kind"` // detection_rule or trap
	ID     string    `json:"id"`
	Title  string    `json:"title"`
	Live   bool      `json:"live"`             // it would ring today
	Lacks  string    `json:"lacks,omitempty"`  // why it would not
	Proved kind.Date `json:"proved,omitempty"` // when it rang in a test
}

// ProofDays is how long a test proves that something rings.
const ProofDays = 180

// Watched tells whether something would ring.
func (c *AttackCell) Watched() bool { return c.Sight == SightProved || c.Sight == SightCovered }

// Cell finds a technique by its id; nil: the table does not hold it.
func (c *Coverage) Cell(id string) *AttackCell { return c.cells[id] }

// Blind lists the techniques that matter and would not be noticed, heaviest first.
func (c *Coverage) Blind() []*AttackCell {
	var list []*AttackCell
	for _, cell := range c.cells {
		if cell.Matters {
			list = append(list, cell)
		}
	}
	slices.SortFunc(list, func(a, b *AttackCell) int { return cmp.Or(cmp.Compare(b.raw, a.raw), cmp.Compare(a.ID, b.ID)) })
	return list
}

// Coverage computes the matrix from the rules, traps, sources, tests, vectors, actors and
// risks as they are now. The actor needs the right to read all of them.
func (f *Flow) Coverage(ctx context.Context) (*Coverage, error) {
	if err := f.mayReadCoverage(ctx); err != nil {
		return nil, err
	}
	table, err := catalog.LoadAttack()
	if err != nil {
		return nil, err
	}
	s := f.survey(ctx)
	m := &matrix{survey: s, table: table, Coverage: &Coverage{Today: s.Today, Count: map[Sight]int{}, cells: map[string]*AttackCell{}}, strange: map[string]bool{}}
	m.lay()
	m.weigh()
	m.watch()
	m.tested()
	m.judge()
	return m.Coverage, s.Err
}

// coverageKinds are read for the matrix.
var coverageKinds = []*kind.Kind{isms.DetectionRules, isms.EventSources, isms.Traps, isms.Tests, isms.ThreatVectors, isms.ThreatActors, isms.Risks, isms.Assets}

func (f *Flow) mayReadCoverage(ctx context.Context) error {
	actor, err := access.From(ctx)
	if err != nil {
		return err
	}
	for _, k := range coverageKinds {
		if actor.May(kind.Read, k) != access.All {
			return actor.Refuse(kind.Read, k)
		}
	}
	return nil
}

// A matrix is a coverage while it is computed.
type matrix struct {
	*survey
	*Coverage
	table   *catalog.Attack
	strange map[string]bool
}

// lay makes the cells of the table, each once, and the columns that show them.
func (m *matrix) lay() {
	for _, t := range m.table.Techniques {
		c := &AttackCell{ID: t.ID, Name: t.Name, Sight: SightBlind, outside: m.table.Outside(t)}
		m.cells[t.ID] = c
		if whole := m.cells[t.Parent()]; whole != c && whole != nil {
			whole.Subs = append(whole.Subs, c)
		}
	}
	for _, x := range m.table.Tactics {
		col := AttackColumn{ID: x.ID, Word: x.Word, Name: x.Name, Outside: x.Outside}
		for _, t := range m.table.Techniques {
			if t.Parent() == t.ID && slices.Contains(t.Tactics, x.Word) {
				col.Cells = append(col.Cells, m.cells[t.ID])
			}
		}
		m.Columns = append(m.Columns, col)
	}
}

// cell finds the cell of an id in a record and remembers ids that the table lacks.
func (m *matrix) cell(id string) *AttackCell {
	c := m.cells[id]
	if c == nil && id != "" && !m.strange[id] {
		m.strange[id] = true
		m.Strange = append(m.Strange, id)
	}
	return c
}

// The parts of a weight. They are ours: an order, not a probability.
const (
	actorShare = 1.0 // of an actor who is able to do everything, by a way that everybody uses
	riskShare  = 3.0 // of a risk that is the whole expected loss
)

// weigh gives each technique the weight that it has for this organisation: the sum over
// the relevant actors who use it of capability × prevalence, and the share of the
// expected yearly loss that open risks played by it have, times three.
func (m *matrix) weigh() {
	vectors := flow.ByID(every[isms.ThreatVector](m.survey, isms.ThreatVectors))
	if m.Err != nil {
		return
	}
	uses, aims := m.From(isms.ThreatActors, "operates"), m.From(isms.ThreatActors, "aims at")
	for _, a := range every[isms.ThreatActor](m.survey, isms.ThreatActors) {
		if a.Relevance == isms.ActorRemote {
			continue
		}
		for _, id := range uses[a.ID] {
			if v := vectors[id]; v != nil && !v.Hazard {
				m.add(v.Technique, actorShare*grade(a.Capability)*grade(v.Prevalence), flow.NamedOf("threat_actor", &a.Base, ""), nil)
				m.aim(v.Technique, aims[a.ID]...)
			}
		}
	}
	open := flow.Those(every[isms.Risk](m.survey, isms.Risks), func(r *isms.Risk) bool { return r.Status != isms.RiskClosed })
	total := 0.0
	for _, r := range open {
		total += r.LossNow.Float()
	}
	slices.SortStableFunc(open, func(a, b *isms.Risk) int { return cmp.Compare(b.LossNow, a.LossNow) })
	for _, r := range open {
		v := vectors[r.VectorID]
		if v == nil || v.Hazard || total <= 0 {
			continue
		}
		m.add(v.Technique, riskShare*r.LossNow.Float()/total, flow.NamedOf("risk", &r.Base, ""), []string{r.AssetID})
	}
	m.scale()
}

// grade brings a level to a share; what nobody graded counts as the middle.
func grade(l isms.Level) float64 {
	if l < 1 || l > 5 {
		return 0.6
	}
	return float64(l) / 5
}

// add gives weight to a technique, and to the whole of which it is a special case.
func (m *matrix) add(id string, weight float64, why flow.Named, assets []string) {
	c := m.cell(id)
	if c == nil || weight <= 0 {
		return
	}
	for _, c := range m.withWhole(c) {
		c.raw += weight
		if !slices.ContainsFunc(c.Because, func(n flow.Named) bool { return n.ID == why.ID }) {
			c.Because = append(c.Because, why)
		}
		c.assets = append(assets[:len(assets):len(assets)], c.assets...)
	}
}

// aim notes whom it would hit when no risk says so.
func (m *matrix) aim(id string, assets ...string) {
	if c := m.cell(id); c != nil {
		for _, c := range m.withWhole(c) {
			c.assets = append(c.assets, assets...)
		}
	}
}

// withWhole lists a cell and the whole of which it is a special case.
func (m *matrix) withWhole(c *AttackCell) []*AttackCell {
	if whole := m.cells[catalog.ParentTechnique(c.ID)]; whole != nil && whole != c {
		return []*AttackCell{c, whole}
	}
	return []*AttackCell{c}
}

func (m *matrix) scale() {
	heaviest := 0.0
	for _, c := range m.cells {
		heaviest = max(heaviest, c.raw)
	}
	if heaviest <= 0 {
		return
	}
	for _, c := range m.cells {
		c.Weight = 100 * c.raw / heaviest
	}
}
