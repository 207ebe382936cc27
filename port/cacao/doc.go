// Package cacao reads and writes playbooks in the exchange format of OASIS, CACAO
// Security Playbooks 2.0; 1.0 and 1.1 are read as well.
//
// A document is a graph of steps. Read lays it out as a list in the order in which
// people follow it, because that is how they read in the night, and keeps the
// document itself: Write puts changes into it and leaves alone what it does not know,
// variables, targets, markings, extensions and signatures included. A document in
// which nothing was changed comes back byte by byte.
package cacao

import (
	"slices"
	"time"
)

// Bounds of what is read.
const (
	MaxFile  = 1 << 20
	maxSteps = 1000
	maxDepth = 40
	maxText  = 200_000
)

// A Playbook is a document as people follow it.
type Playbook struct {
	ID          string // "playbook--" and a UUID
	Name        string
	Description string
	CreatedBy   string // "identity--" and a UUID
	Created     time.Time
	Modified    time.Time
	Spec        string // the version of the format in which it was written
	Types       []string
	Labels      []string
	Severity    int      // 0: not said; 1 to 100
	Techniques  []string // ATT&CK ids among its references and those of its steps
	Signed      bool     // it carries signatures; they fit only while nothing is changed
	Plan        Plan
	Steps       []Step

	Source []byte // the document as it came; nil: it was made here
}

// A Plan is what Holdfast says of a playbook beyond the format, in an extension.
type Plan struct {
	Scenario                    string
	Triggers                    string
	Contain, Eradicate, Recover int // minutes
}

// A Type tells what a step is.
type Type string

// The types of steps. The names are those of the format.
const (
	Action   Type = "action"
	Decision Type = "if-condition"
	Loop     Type = "while-condition"
	Switch   Type = "switch-condition"
	Parallel Type = "parallel"
	Follow   Type = "playbook-action"
	End      Type = "end" // stands in the list only when somebody may come to the end before the last step
)

// A Step is one of the list. Ways lead to later steps of the list only.
type Step struct {
	ID          string
	Type        Type
	Name        string
	Description string
	Condition   string // of a decision, a loop or a switch
	Command     string // for a machine; manual commands are the description
	Role        string // the name of its agent
	Next        string // id; empty: the end. Of a parallel step: where its branches meet again
	Else        string // of a decision: when the condition does not hold; of a loop: afterwards; else: when the step fails
	Branches    []string
	Cases       []Case // of a switch, by name
	Shared      bool   // several branches lead here and go on in different places; Next is one of them
	Follows     string // id of the playbook that it calls
	Note        Note
}

// A Case is a value of a switch and the step that it leads to; empty: it goes on at Next.
type Case struct{ Value, Step string }

// A Note is what Holdfast says of a step beyond the format, in an extension.
type Note struct {
	Position      int // of the list, from 1; 0: the document does not say
	Phase         string
	Condition     string // of a step that is no decision
	Check         string
	Minutes       int
	Optional      bool
	Irreversible  bool
	Communication bool
}

// equal compares what people can change.
func (s Step) equal(o Step) bool {
	return slices.Equal(s.Branches, o.Branches) && s.text() == o.text() && s.Note == o.Note && s.ID == o.ID && s.Next == o.Next && s.Else == o.Else && s.Follows == o.Follows
}

// text is the part of a step that is words.
func (s Step) text() [6]string {
	return [6]string{string(s.Type), s.Name, s.Description, s.Condition, s.Command, s.Role}
}

// equal compares what people can change.
func (p *Playbook) equal(o *Playbook) bool {
	return p.ID == o.ID && p.Name == o.Name && p.Description == o.Description && p.Severity == o.Severity && p.Plan == o.Plan &&
		slices.Equal(p.Techniques, o.Techniques) && slices.EqualFunc(p.Steps, o.Steps, Step.equal)
}
