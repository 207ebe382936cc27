package app

import (
	"encoding/json"
	"sync"

	"holdfast/kind"
	"holdfast/store"
)

// Counts remembers how many records a list has and how they group, until the
// journal of the workspace grows. Counting a hundred thousand rows takes longer
// than reading a page of them, and people open the same lists again and again.
type counts struct {
	mu   sync.Mutex
	seen map[string]counted
}

type counted struct {
	head   string // hash of the last journal entry when it was counted
	total  int64
	groups []store.Group
	triage []store.FindingGroup
}

// maxCounts bounds the memory: beyond it all is forgotten, which costs only time.
const maxCounts = 2000

// recall returns what is known for the question, counting when the journal has
// grown since. count runs in the same transaction.
func (c *counts) recall(tx *store.Tx, workspace string, k *kind.Kind, q kind.Query, own, group string, count func() (counted, error)) (counted, error) {
	head, err := tx.Head()
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
	if ok && known.head == head.Hash && head.Hash != "" {
		return known, nil
	}
	fresh, err := count()
	if err != nil {
		return counted{}, err
	}
	fresh.head = head.Hash
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seen == nil || len(c.seen) >= maxCounts {
		c.seen = map[string]counted{}
	}
	c.seen[key] = fresh
	return fresh, nil
}
