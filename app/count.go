package app

import (
	"encoding/json"
	"slices"
	"sync"

	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
)

// Counts remembers how many records a list has and how they group, until the
// journal tells of a change to a record of the kind. Counting a hundred thousand rows
// takes longer than reading a page of them, and people open the same lists again and
// again.
type counts struct {
	mu   sync.Mutex
	seen map[string]counted
}

type counted struct {
	state  string // what the journal said of the kinds concerned when it was counted
	total  int64
	groups []store.Group
	triage []store.FindingGroup
}

// maxCounts bounds the memory: beyond it all is forgotten, which costs only time.
const maxCounts = 2000

// recall returns what is known for the question, counting when the journal has
// grown since. count runs in the same transaction.
func (c *counts) recall(tx *store.Tx, workspace string, k *kind.Kind, q kind.Query, own, group string, count func() (counted, error)) (counted, error) {
	state, err := stateOf(tx, k, q)
	if err != nil {
		return counted{}, err
	}
	q.Cursor, q.Sort, q.Limit = "", "", 0
	linked := ""
	if q.Linked != nil {
		linked = q.Linked.Relation.From.Name + " " + q.Linked.Relation.Declared + " " + q.Linked.ID
		if !q.Linked.Relation.Forward {
			linked += " back"
		}
		q.Linked = nil
	}
	text, err := json.Marshal([]any{workspace, k.Name, q, linked, own, group})
	if err != nil {
		return counted{}, err
	}
	key := string(text)
	c.mu.Lock()
	known, ok := c.seen[key]
	c.mu.Unlock()
	if ok && known.state == state && state != "" {
		return known, nil
	}
	fresh, err := count()
	if err != nil {
		return counted{}, err
	}
	fresh.state = state
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seen == nil || len(c.seen) >= maxCounts {
		c.seen = map[string]counted{}
	}
	c.seen[key] = fresh
	return fresh, nil
}

// stateOf tells how far the journal had come for all kinds on which the answer to q
// rests: the kind itself and those that filters refer to. Links can come from
// anywhere, so a question about linked records rests on the whole workspace. An
// empty state is never remembered.
func stateOf(tx *store.Tx, k *kind.Kind, q kind.Query) (string, error) {
	if q.Linked != nil {
		head, err := tx.Head()
		return head.Hash, err
	}
	kinds := []*kind.Kind{k}
	for _, f := range q.Filters {
		if field := k.Field(f.Field); field != nil && field.Ref != "" {
			if to := isms.Registry.Named(field.Ref); to != nil && !slices.Contains(kinds, to) {
				kinds = append(kinds, to)
			}
		}
	}
	state := ""
	for i, k := range kinds {
		seq, err := tx.LastOf(k)
		if err != nil || i == 0 && seq == 0 {
			return "", err
		}
		state += kind.Itoa(seq) + " "
	}
	return state, nil
}
