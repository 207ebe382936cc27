package kind

import (
	"reflect"
	"slices"
	"time"
)

// A Group is a part of the menu, in the words of NIST CSF 2.0.
type Group string

// The groups. System holds what the product needs for itself.
const (
	Govern   Group = "govern"
	Identify Group = "identify"
	Protect  Group = "protect"
	Detect   Group = "detect"
	Respond  Group = "respond"
	Improve  Group = "improve"
	System   Group = "system"
)

// Groups in the order of the menu.
var Groups = []Group{Govern, Identify, Protect, Detect, Respond, Improve, System}

// A Verb is what somebody wants to do. Package access decides who may.
type Verb string

// The verbs. Approve is for decisions that bind the organisation.
const (
	Read    Verb = "read"
	Write   Verb = "write"
	Delete  Verb = "delete"
	Approve Verb = "approve"
	Admin   Verb = "admin"
)

// Verbs lists all verbs, for matrices and laws.
var Verbs = []Verb{Read, Write, Delete, Approve, Admin}

// A Link is a declared many-to-many relation to another kind.
type Link struct {
	Name    string // as read from this kind: "treated by"
	To      string // kind at the other end
	Inverse string // as read from the other end: "treats"
	Doc     string
}

// An Action changes the state of a record, or does what a plain save may not.
type Action struct {
	Name   string   // stable: "accept"
	Label  string   // on the button: "Accept risk"
	Doc    string   // what happens
	From   []string // states from which it is possible; empty: any
	To     string   // state afterwards; empty: the state stays
	Needs  Verb     // Write unless said otherwise
	Reason bool     // somebody must say why
	Danger bool     // the button warns

	do func(r Record, in Input) error
}

// Input is what an action is given besides the record.
type Input struct {
	By     string    // id of the actor
	At     time.Time // of the transaction
	Reason string
	Until  Date // for decisions that expire
}

// Act is an Action of a record type with its effect.
type Act[T any] struct {
	Action
	Do func(r *T, in Input) error // beyond the change of state; may be nil
}

// A Spec is what a developer writes about a record type.
type Spec[T any] struct {
	Group    Group
	Doc      string         // one sentence: what it is and what it is for
	Label    string         // for people; the name in words when empty
	Plural   string         // name + "s" when empty; also the name in URLs
	Icon     string         // name of an icon in web/ui
	State    string         // JSON name of the field that holds the state; empty: no states
	Personal bool           // staff may read and change their own: Owner names the field
	Owner    string         // JSON name of the field that refers to the person responsible
	Public   []string       // states in which every member of staff may read it
	Sort     string         // default order of lists, "-updated_at" when empty
	Parent   string         // JSON name of the reference whose page lists these records
	Prepare  func(*T)       // sets what follows from other fields
	Validate func(*T) error // what tags cannot say
	Links    []Link
	Actions  []Act[T]
}

// A Kind is the description of a record type.
type Kind struct {
	Name, Label, Plural, Doc, Icon string
	Group                          Group
	Fields                         []*Field
	Links                          []Link
	Actions                        []Action
	StateField                     string
	OwnerField                     string
	ParentField                    string
	Personal                       bool
	Public                         []string
	DefaultSort                    string

	goT      reflect.Type
	byName   map[string]*Field
	columns  []Column
	prepare  func(Record)
	validate func(Record) error
}

// New returns an empty record.
func (k *Kind) New() Record { return reflect.New(k.goT).Interface().(Record) }

// Clone returns a copy that shares nothing with the record.
func (k *Kind) Clone(r Record) Record {
	c := k.New()
	for _, f := range k.Fields {
		f.Copy(c, r)
		if f.Type == WordList {
			f.setWords(c, slices.Clone(f.Of(r).([]string)))
		}
	}
	return c
}

// Is tells whether the record is of this kind.
func (k *Kind) Is(r Record) bool { return reflect.TypeOf(r) == reflect.PointerTo(k.goT) }

// Field returns the field with the JSON name, or nil.
func (k *Kind) Field(name string) *Field { return k.byName[name] }

// Columns are all columns of the table, in the order of the fields.
func (k *Kind) Columns() []Column { return k.columns }

// States are the values the state field may have.
func (k *Kind) States() []string {
	if k.StateField == "" {
		return nil
	}
	var states []string
	for _, c := range k.byName[k.StateField].Choices {
		states = append(states, c.Value)
	}
	return states
}

// State of the record; empty for a kind without states.
func (k *Kind) State(r Record) string {
	if k.StateField == "" {
		return ""
	}
	return k.byName[k.StateField].Text(r)
}

// Action returns the action with the name, or nil.
func (k *Kind) Action(name string) *Action {
	for i := range k.Actions {
		if k.Actions[i].Name == name {
			return &k.Actions[i]
		}
	}
	return nil
}

// ActionsFrom are the actions possible in the present state of the record.
func (k *Kind) ActionsFrom(r Record) []Action {
	var possible []Action
	for _, a := range k.Actions {
		if len(a.From) == 0 || slices.Contains(a.From, k.State(r)) {
			possible = append(possible, a)
		}
	}
	return possible
}
