// Package journal is the append-only record of every change. Each entry carries
// the hash of the one before, so that nobody can alter, drop or reorder an entry
// without every later hash telling. There is one chain for each workspace.
//
// The package is pure: it computes and verifies; package store keeps the entries.
package journal

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"holdfast/kind"
)

// An Entry tells of one change: who did what to which record, and when.
type Entry struct {
	Workspace string        `json:"workspace"`
	Seq       int64         `json:"seq"` // 1, 2, 3, … without a gap
	At        time.Time     `json:"at"`
	ActorID   string        `json:"actor_id"`
	Actor     string        `json:"actor"`
	Via       string        `json:"via"`
	Verb      string        `json:"verb"` // create, update, delete, restore, link, unlink, or the name of an action
	Kind      string        `json:"kind"`
	RecordID  string        `json:"record_id"`
	Title     string        `json:"title"`
	Version   int64         `json:"version"`
	Reason    string        `json:"reason,omitempty"`
	Changes   []kind.Change `json:"changes"`
	Prev      string        `json:"prev"` // hash of the entry before; empty for the first
	Hash      string        `json:"hash"`
}

// Digest is the hash of the entry: SHA-256 over its JSON without the hash itself.
// Times count in whole microseconds UTC, as they are stored.
func (e Entry) Digest() string {
	e.Hash = ""
	e.At = e.At.UTC().Truncate(time.Microsecond)
	if e.Changes == nil {
		e.Changes = []kind.Change{}
	}
	b, err := json.Marshal(e)
	if err != nil { // only a malformed raw message could do this; the digest then matches nothing
		b = []byte(err.Error())
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Seal completes the entry that follows prev (zero value: none).
func (e Entry) Seal(prevSeq int64, prevHash string) Entry {
	e.Seq, e.Prev = prevSeq+1, prevHash
	e.At = e.At.UTC().Truncate(time.Microsecond)
	e.Hash = e.Digest()
	return e
}

// A Head is the end of a chain. Written down outside the database it is an anchor:
// later it proves that the chain was not cut off and grown again.
type Head struct {
	Workspace string    `json:"workspace"`
	Seq       int64     `json:"seq"`
	Hash      string    `json:"hash"`
	At        time.Time `json:"at"`
}

// A Verifier checks a chain entry by entry, in order.
type Verifier struct {
	last    Head
	anchors map[int64]string
}

// NewVerifier starts a verification. Anchors of the same workspace are checked as
// the chain passes them.
func NewVerifier(workspace string, anchors []Head) *Verifier {
	v := &Verifier{last: Head{Workspace: workspace}, anchors: map[int64]string{}}
	for _, a := range anchors {
		if a.Workspace == workspace {
			v.anchors[a.Seq] = a.Hash
		}
	}
	return v
}

// Add checks the next entry.
func (v *Verifier) Add(e Entry) error {
	switch {
	case e.Workspace != v.last.Workspace:
		return fmt.Errorf("entry %d belongs to workspace %s, not %s", e.Seq, e.Workspace, v.last.Workspace)
	case e.Seq != v.last.Seq+1:
		return fmt.Errorf("entry %d follows entry %d: %d missing or out of order", e.Seq, v.last.Seq, e.Seq-v.last.Seq-1)
	case e.Prev != v.last.Hash:
		return fmt.Errorf("entry %d does not follow the entry before it: one of them was altered", e.Seq)
	case e.Digest() != e.Hash:
		return fmt.Errorf("entry %d (%s %s %q) was altered: its content does not match its hash", e.Seq, e.Verb, e.Kind, e.Title)
	}
	if want, ok := v.anchors[e.Seq]; ok && want != e.Hash {
		return fmt.Errorf("entry %d differs from the anchor that was written down for it: history was rewritten", e.Seq)
	}
	delete(v.anchors, e.Seq)
	v.last = Head{e.Workspace, e.Seq, e.Hash, e.At}
	return nil
}

// Close ends the verification. head is where the database says the chain ends.
func (v *Verifier) Close(head Head) (Head, error) {
	if head.Seq != v.last.Seq || head.Hash != v.last.Hash {
		return v.last, fmt.Errorf("the chain ends at entry %d but should end at entry %d: entries were removed", v.last.Seq, head.Seq)
	}
	for seq := range v.anchors {
		return v.last, fmt.Errorf("an anchor was written down for entry %d, but the chain ends at %d: entries were removed", seq, v.last.Seq)
	}
	return v.last, nil
}
