package port

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"holdfast/isms"
	"holdfast/kind"
)

// A Plan is what it takes to make the records as a folder says, for people to review
// before anything is done.
type Plan struct {
	Changes []Change `json:"changes"`

	// Newer are records that somebody changed or removed in the database since the
	// folder was written, and nobody in the folder: they stay as they are.
	Newer []Named `json:"newer,omitempty"`
	// Dropped are records that the folder held once and holds no more; they are
	// removed only with prune.
	Dropped []Named `json:"dropped,omitempty"`

	Prune       bool     `json:"prune,omitempty"`
	Force       []string `json:"force,omitempty"` // kinds for which the folder is right where both changed
	Summary     Summary  `json:"summary"`
	Fingerprint string   `json:"fingerprint"` // of the changes: what was there and what will be
	Applied     bool     `json:"applied"`     // it was done; false: only planned
}

// A Summary counts what a plan holds.
type Summary struct {
	Created   int `json:"created"`
	Changed   int `json:"changed"`
	Restored  int `json:"restored"`
	Removed   int `json:"removed"`
	Linked    int `json:"linked"`
	Unlinked  int `json:"unlinked"`
	Actions   int `json:"actions"`
	Conflicts int `json:"conflicts"`
	Refused   int `json:"refused"`
	Unchanged int `json:"unchanged"`
}

// Empty tells whether there is nothing to do.
func (p *Plan) Empty() bool { return len(p.Changes) == 0 }

// A Change is what happens to one record.
type Change struct {
	Kind     string        `json:"kind"`
	Key      string        `json:"key"`
	Title    string        `json:"title"`
	What     string        `json:"what"` // create, change, restore, remove
	Place    string        `json:"place,omitempty"`
	Fields   []FieldChange `json:"fields,omitempty"`
	Linked   []LinkChange  `json:"linked,omitempty"`
	Unlinked []LinkChange  `json:"unlinked,omitempty"`
	Actions  []Step        `json:"actions,omitempty"`
	Conflict string        `json:"conflict,omitempty"` // why it is not done without force
	Forced   string        `json:"forced,omitempty"`   // a conflict that force overrides
	Refused  string        `json:"refused,omitempty"`  // what the actor may not do
}

// The kinds of change.
const (
	Create  = "create"
	Alter   = "change"
	Restore = "restore"
	Remove  = "remove"
)

// A FieldChange is what happens to one field. Values are in the form of files;
// references are keys.
type FieldChange struct {
	Field  string `json:"field"`
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
	Diff   string `json:"diff,omitempty"` // unified, where both are long text
}

// A LinkChange is a link that is made or ended.
type LinkChange struct {
	Relation string `json:"relation"`
	Kind     string `json:"kind"`
	Key      string `json:"key"`
}

// A Step is an action on the way to a state.
type Step struct {
	Action string    `json:"action"`
	To     string    `json:"to"`
	Needs  kind.Verb `json:"needs"`
}

// A Named is a record with a remark.
type Named struct {
	Kind  string `json:"kind"`
	Key   string `json:"key"`
	Title string `json:"title,omitempty"`
	Why   string `json:"why"`
}

// PlanOptions say how a folder is meant.
type PlanOptions struct {
	Options
	Prune bool     // remove records that the folder held once and holds no more
	Force []string // kinds for which the folder is right where the database changed too; "all": every kind
	Only  string   // fingerprint of the plan that was reviewed; another one is refused; empty: any
}

func (o PlanOptions) forced(k *kind.Kind) bool {
	return slices.Contains(o.Force, k.Name) || slices.Contains(o.Force, k.Plural) || slices.Contains(o.Force, "all")
}

// finish counts, sorts and signs the plan.
func (p *Plan) finish(reg *kind.Registry) error {
	rank := chain(reg)
	slices.SortStableFunc(p.Changes, func(a, b Change) int {
		if a.Kind != b.Kind {
			return rank[a.Kind] - rank[b.Kind]
		}
		return compareNames(a.Key, b.Key)
	})
	for _, list := range [][]Named{p.Newer, p.Dropped} {
		slices.SortFunc(list, func(a, b Named) int { return compareNames(nameOf(a.Kind, a.Key), nameOf(b.Kind, b.Key)) })
	}
	for _, c := range p.Changes {
		p.Summary.count(c)
	}
	var err error
	p.Fingerprint, err = p.sign()
	return err
}

// chain is the place of each kind in the order in which people review: that of the
// glossary, from the attacker to the proof, and then that of the menu.
func chain(reg *kind.Registry) map[string]int {
	rank := map[string]int{}
	for i, k := range reg.All() {
		rank[k.Name] = len(isms.Glossary) + i
	}
	for i, term := range isms.Glossary {
		if _, ok := rank[term.Kind]; ok {
			rank[term.Kind] = min(rank[term.Kind], i)
		}
	}
	return rank
}

func compareNames(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func (s *Summary) count(c Change) {
	switch c.What {
	case Create:
		s.Created++
	case Restore:
		s.Restored++
	case Remove:
		s.Removed++
	default:
		s.Changed++
	}
	s.Linked += len(c.Linked)
	s.Unlinked += len(c.Unlinked)
	s.Actions += len(c.Actions)
	if c.Conflict != "" {
		s.Conflicts++
	}
	if c.Refused != "" {
		s.Refused++
	}
}

// sign makes the fingerprint: of what is there and what will be, not of who asks nor
// of where the files lie.
func (p *Plan) sign() (string, error) {
	list := slices.Clone(p.Changes)
	for i := range list {
		list[i].Refused, list[i].Place = "", ""
	}
	data, err := json.Marshal(struct {
		Changes []Change
		Prune   bool
		Force   []string
	}{list, p.Prune, p.Force})
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:16]), err
}
