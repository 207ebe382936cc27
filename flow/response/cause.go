package response

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"holdfast/app"
	"holdfast/flow"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// A CauseTree is why an incident could happen: under the incident its causes, under
// each cause the causes of that one, as far as somebody asked.
type CauseTree struct {
	Incident  *isms.Incident `json:"incident"`
	Causes    []CauseNode    `json:"causes"`    // those that explain the incident itself
	Confirmed int            `json:"confirmed"` // causes that evidence shows, removed ones too
	Suspected int            `json:"suspected"`
	Depth     int            `json:"depth"`          // whys on the longest way down
	Learnt    []Experience   `json:"learnt"`         // the risks that were re-priced by it
	Next      string         `json:"next,omitempty"` // what is missing before it can be closed; empty: nothing
}

// A CauseNode is one answer to the question why, with what it touches.
type CauseNode struct {
	Cause      *isms.RootCause          `json:"cause"`
	Weaknesses []flow.Named             `json:"weaknesses"` // in which it lies
	Safeguards []flow.Named             `json:"safeguards"` // that should have stopped it and did not
	Risks      []flow.Named             `json:"risks"`      // that it re-prices
	Actions    []*isms.CorrectiveAction `json:"actions"`    // that remove it
	Children   []CauseNode              `json:"children"`
}

// maxWhys bounds how deep a tree is followed: a circle of causes has no end.
const maxWhys = 12

// Causes reads the causes of an incident by id or key as a tree.
func (f *Flow) Causes(ctx context.Context, idOrKey string) (*CauseTree, error) {
	rec, err := f.app.Get(ctx, isms.Incidents, idOrKey)
	if err != nil {
		return nil, err
	}
	t := &CauseTree{Incident: rec.(*isms.Incident)}
	list, err := app.Of[isms.RootCause](f.app, isms.RootCauses).All(ctx, kind.Query{Sort: "position"}.Where("incident_id", t.Incident.ID))
	if err != nil {
		return nil, err
	}
	b := causeBuilder{Flow: f, ctx: ctx, below: map[string][]*isms.RootCause{}}
	known := flow.ByID(list)
	for _, c := range list {
		t.count(c)
		parent := c.ParentID
		if known[parent] == nil {
			parent = "" // the cause above was thrown away; this one stays
		}
		b.below[parent] = append(b.below[parent], c)
	}
	if err := b.gather(list); err != nil {
		return nil, err
	}
	t.Causes = b.nodes("", 1, t)
	t.adopt(&b, list)
	if t.Learnt, err = b.learnt(); err != nil {
		return nil, err
	}
	t.Next = t.missing()
	return t, nil
}

func (t *CauseTree) count(c *isms.RootCause) {
	switch c.Status {
	case "confirmed", "removed":
		t.Confirmed++
	case "suspected":
		t.Suspected++
	}
}

// adopt hangs causes that explain each other in a circle under the incident, so that
// none is lost.
func (t *CauseTree) adopt(b *causeBuilder, list []*isms.RootCause) {
	for _, c := range list {
		if !b.shown[c.ID] {
			t.Causes = append(t.Causes, b.node(c, 1, t))
		}
	}
}

// missing tells what lacks before the incident can be closed.
func (t *CauseTree) missing() string {
	switch {
	case len(t.Causes) == 0:
		return "Ask the first why: what made it possible?"
	case t.Confirmed == 0:
		return "Confirm a cause: say how one knows."
	case t.Depth < 2:
		return "Ask why once more: what stands behind the first answer?"
	case t.Incident.Lessons == "":
		return "Write down what was learnt."
	}
	return ""
}

// A causeBuilder makes the nodes of a tree.
type causeBuilder struct {
	*Flow
	ctx     context.Context
	below   map[string][]*isms.RootCause
	shown   map[string]bool
	lies    map[string][]flow.Named
	past    map[string][]flow.Named
	prices  map[string][]flow.Named
	actions map[string][]*isms.CorrectiveAction
}

// gather reads what the causes touch, all at once.
func (b *causeBuilder) gather(list []*isms.RootCause) error {
	b.shown = map[string]bool{}
	ids := make([]string, 0, len(list))
	for _, c := range list {
		ids = append(ids, c.ID)
	}
	for _, at := range []struct {
		relation string
		to       *map[string][]flow.Named
	}{{"lies in", &b.lies}, {"past", &b.past}, {"re-prices", &b.prices}} {
		found, err := b.far(b.ctx, isms.RootCauses, at.relation, ids)
		if err != nil {
			return err
		}
		*at.to = found
	}
	b.actions = map[string][]*isms.CorrectiveAction{}
	if len(ids) == 0 {
		return nil
	}
	actions, err := app.Of[isms.CorrectiveAction](b.app, isms.CorrectiveActions).All(b.ctx, kind.Query{Sort: "due"}.Where("root_cause_id", ids...))
	for _, a := range actions {
		b.actions[a.RootCauseID] = append(b.actions[a.RootCauseID], a)
	}
	return err
}

// far reads the far ends of a relation of many records, as far as they may be read.
func (f *Flow) far(ctx context.Context, k *kind.Kind, relation string, ids []string) (map[string][]flow.Named, error) {
	out := map[string][]flow.Named{}
	if len(ids) == 0 {
		return out, nil
	}
	rel, err := f.app.Relation(k, relation)
	if err != nil {
		return nil, err
	}
	pairs, err := f.app.LinkedIDs(ctx, rel, ids)
	if err != nil {
		return nil, err
	}
	var wanted []string
	for _, id := range ids {
		wanted = append(wanted, pairs[id]...)
	}
	slices.Sort(wanted)
	found, err := f.app.Many(ctx, rel.Other, slices.Compact(wanted))
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		for _, to := range pairs[id] {
			if r := found[to]; r != nil && r.GetBase().DeletedAt.IsZero() {
				out[id] = append(out[id], flow.NamedOf(rel.Other.Name, r.GetBase(), ""))
			}
		}
		slices.SortFunc(out[id], func(x, y flow.Named) int {
			return cmp.Or(strings.Compare(x.Title, y.Title), strings.Compare(x.ID, y.ID))
		})
	}
	return out, nil
}

func (b *causeBuilder) nodes(parent string, depth int, t *CauseTree) []CauseNode {
	var out []CauseNode
	for _, c := range b.below[parent] {
		if !b.shown[c.ID] {
			out = append(out, b.node(c, depth, t))
		}
	}
	return out
}

func (b *causeBuilder) node(c *isms.RootCause, depth int, t *CauseTree) CauseNode {
	b.shown[c.ID] = true
	t.Depth = max(t.Depth, depth)
	n := CauseNode{Cause: c, Weaknesses: b.lies[c.ID], Safeguards: b.past[c.ID], Risks: b.prices[c.ID], Actions: b.actions[c.ID]}
	if depth < maxWhys {
		n.Children = b.nodes(c.ID, depth+1, t)
	}
	return n
}

// learnt are the risks that the causes re-price, each once.
func (b *causeBuilder) learnt() ([]Experience, error) {
	var ids []string
	for _, list := range b.prices {
		for _, n := range list {
			ids = append(ids, n.ID)
		}
	}
	slices.Sort(ids)
	var out []Experience
	for _, id := range slices.Compact(ids) {
		x, err := b.Experience(b.ctx, id)
		if err != nil {
			return nil, err
		}
		if len(x.Incidents) > 0 {
			out = append(out, *x)
		}
	}
	slices.SortStableFunc(out, func(a, b Experience) int { return cmp.Compare(b.LossAfter-b.LossBefore, a.LossAfter-a.LossBefore) })
	return out, nil
}

// A Why is an answer to the question why, as it is entered in one field.
type Why struct {
	IncidentID string // id or key
	ParentID   string // the cause that it explains; empty: it explains the incident
	Text       string // the answer
	Category   isms.CauseCategory
	Role       isms.CauseRole // empty: contributing, or root where evidence is given later
	Evidence   string         // how one knows; empty: it is suspected
}

// AddWhy writes an answer into the tree of an incident, behind those that are there.
// With evidence it is confirmed at once, and what follows from a confirmed cause
// happens. The error names the field that is wrong.
func (f *Flow) AddWhy(ctx context.Context, why Why) (*isms.RootCause, error) {
	text := strings.TrimSpace(why.Text)
	if text == "" {
		return nil, kind.Fieldf("why", "say in a sentence why it happened")
	}
	var cause *isms.RootCause
	err := f.app.Atomic(ctx, func(ctx context.Context) error {
		rec, err := f.app.Get(ctx, isms.Incidents, why.IncidentID)
		if err != nil {
			return err
		}
		id := rec.GetBase().ID
		repo := app.Of[isms.RootCause](f.app, isms.RootCauses)
		list, err := repo.All(ctx, kind.Query{}.Where("incident_id", id))
		if err != nil {
			return err
		}
		parent, err := parentOf(list, why.ParentID)
		if err != nil {
			return err
		}
		cause = &isms.RootCause{IncidentID: id, ParentID: parent, Explanation: isms.Markdown(text), Category: why.Category, Role: why.Role,
			Evidence: isms.Markdown(strings.TrimSpace(why.Evidence)), OwnerID: rec.(*isms.Incident).LeadID, Position: len(list) + 1}
		if err := repo.Save(ctx, cause); err != nil {
			return err
		}
		if cause.Evidence == "" {
			return nil
		}
		after, err := f.app.Do(ctx, isms.RootCauses, cause.ID, "confirm", 0, kind.Input{})
		if err == nil {
			cause = after.(*isms.RootCause)
		}
		return err
	})
	return cause, err
}

// parentOf finds the cause above among those of the incident, by id or key.
func parentOf(list []*isms.RootCause, idOrKey string) (string, error) {
	if idOrKey == "" {
		return "", nil
	}
	for _, c := range list {
		if c.ID == idOrKey || c.Key == idOrKey {
			return c.ID, nil
		}
	}
	return "", kind.Fieldf("parent", "%s", fmt.Sprintf("there is no cause %q in this incident", prose.Cut(idOrKey, 60)))
}
