package catalog

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
)

// Attack is what attackers do, by the identifiers and names of MITRE ATT&CK, and where
// it can be seen.
type Attack struct {
	Tactics    []Tactic    `yaml:"tactics"`
	Logs       []Log       `yaml:"logs"`
	Bait       []Bait      `yaml:"bait"`
	Techniques []Technique `yaml:"techniques"` // a technique, then its special cases

	at map[string]int // of techniques, by id
}

// AttackVersion is the edition of MITRE ATT&CK from which identifiers and names are.
const AttackVersion = "18.1"

// A Tactic is what a technique is done for.
type Tactic struct {
	ID      string `yaml:"id"`
	Word    string `yaml:"word"` // value of isms.Tactics
	Name    string `yaml:"name"`
	Outside bool   `yaml:"outside"` // happens before they reach us, where we see nothing
}

// A Technique is one way of doing it.
type Technique struct {
	ID      string   `yaml:"id"`
	Name    string   `yaml:"name"`
	Tactics []string `yaml:"tactics"` // of a special case: those of the whole
}

// Parent is the technique of which this is a special case; itself when it is none.
func (t Technique) Parent() string { return ParentTechnique(t.ID) }

// ParentTechnique cuts the number of a special case off: T1110.003 is of T1110.
func ParentTechnique(id string) string {
	parent, _, _ := strings.Cut(id, ".")
	return parent
}

// A Log is a stream of events with the techniques that can be seen in it.
type Log struct {
	ID      string   `yaml:"id"`
	Title   string   `yaml:"title"`
	Connect string   `yaml:"connect"` // how to get it, as an instruction
	Words   []string `yaml:"words"`   // products, services, categories and formats that serve it
	Shows   []string `yaml:"shows"`
}

// Bait says what a type of trap notices.
type Bait struct {
	Type    string   `yaml:"type"` // value of isms.TrapType
	Notices []string `yaml:"notices"`
}

// LoadAttack returns the shipped table. It is read once, when it is first asked for,
// and may be shared; it is read-only.
var LoadAttack = sync.OnceValues(func() (*Attack, error) { return loadAttack(files) })

func loadAttack(fsys fs.FS) (*Attack, error) {
	a := &Attack{at: map[string]int{}}
	const name = "attack.yaml"
	root, err := decodeFile(fsys, name, a)
	if err != nil {
		return nil, err
	}
	list := valueOf(root, "techniques")
	for i := range a.Techniques {
		t := &a.Techniques[i]
		where := where{name, list.Content[i].Line}
		if _, twice := a.at[t.ID]; twice || !techniqueID.MatchString(t.ID) || t.Name == "" {
			return nil, fmt.Errorf("%s: the technique %q has no name, stands twice, or is none", where, t.ID)
		}
		if err := a.place(t); err != nil {
			return nil, fmt.Errorf("%s: %w", where, err)
		}
		a.at[t.ID] = i
	}
	return a, a.check(name)
}

// place gives a special case the tactics of the whole.
func (a *Attack) place(t *Technique) error {
	if t.Parent() != t.ID {
		whole, ok := a.Technique(t.Parent())
		if !ok {
			return fmt.Errorf("%s stands before %s", t.ID, t.Parent())
		}
		t.Tactics = whole.Tactics
	}
	for _, w := range t.Tactics {
		if !slices.ContainsFunc(a.Tactics, func(x Tactic) bool { return x.Word == w }) {
			return fmt.Errorf("%s has the tactic %q, which is none", t.ID, w)
		}
	}
	if len(t.Tactics) == 0 {
		return fmt.Errorf("%s has no tactic", t.ID)
	}
	return nil
}

// check proves that what logs show and bait notices exists.
func (a *Attack) check(name string) error {
	known := func(place string, ids []string) error {
		for _, id := range ids {
			if _, ok := a.Technique(id); !ok {
				return fmt.Errorf("%s: %s names %s, which is no technique", name, place, id)
			}
		}
		return nil
	}
	for _, l := range a.Logs {
		if err := known("the log "+l.ID, l.Shows); err != nil {
			return err
		}
	}
	for _, b := range a.Bait {
		if err := known("the bait "+b.Type, b.Notices); err != nil {
			return err
		}
	}
	return nil
}

// Technique finds a technique by its id.
func (a *Attack) Technique(id string) (Technique, bool) {
	i, ok := a.at[id]
	if !ok {
		return Technique{}, false
	}
	return a.Techniques[i], true
}

// Outside tells whether a technique happens only before they reach us.
func (a *Attack) Outside(t Technique) bool {
	return !slices.ContainsFunc(t.Tactics, func(w string) bool {
		return slices.ContainsFunc(a.Tactics, func(x Tactic) bool { return x.Word == w && !x.Outside })
	})
}

// Notices lists what a type of trap notices.
func (a *Attack) Notices(trap string) []string {
	for _, b := range a.Bait {
		if b.Type == trap {
			return b.Notices
		}
	}
	return nil
}

// LogsOf lists the logs in which a technique, or the whole of it, can be seen.
func (a *Attack) LogsOf(id string) []Log {
	var list []Log
	for _, l := range a.Logs {
		if slices.Contains(l.Shows, id) || slices.Contains(l.Shows, ParentTechnique(id)) {
			list = append(list, l)
		}
	}
	return list
}

// BaitFor lists the types of traps that notice a technique.
func (a *Attack) BaitFor(id string) []string {
	var list []string
	for _, b := range a.Bait {
		if slices.Contains(b.Notices, id) || slices.Contains(b.Notices, ParentTechnique(id)) {
			list = append(list, b.Type)
		}
	}
	return list
}
