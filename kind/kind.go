package kind

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
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
	DefaultSort                    string

	goT      reflect.Type
	byName   map[string]*Field
	columns  []Column
	prepare  func(Record)
	validate func(Record) error
}

// Of describes the record type T. It panics on a description that cannot work,
// because that is a mistake in the program and is found by the first test.
func Of[T any](name string, s Spec[T]) *Kind {
	k := &Kind{
		Name: name, Label: or(s.Label, Humanise(name)), Plural: or(s.Plural, strings.ReplaceAll(name, "_", "-")+"s"), Doc: s.Doc, Icon: s.Icon,
		Group: s.Group, Links: s.Links, StateField: s.State, OwnerField: s.Owner, ParentField: s.Parent,
		Personal: s.Personal, DefaultSort: or(s.Sort, "-updated_at"),
		goT: reflect.TypeFor[T](), byName: map[string]*Field{},
	}
	if _, ok := any(new(T)).(Record); !ok {
		panic("kind " + name + ": the type must embed kind.Base")
	}
	k.collect(k.goT, nil)
	for _, f := range k.Fields {
		k.columns = append(k.columns, f.Columns()...)
	}
	if s.Prepare != nil {
		k.prepare = func(r Record) { s.Prepare(any(r).(*T)) }
	}
	if s.Validate != nil {
		k.validate = func(r Record) error { return s.Validate(any(r).(*T)) }
	}
	for _, a := range s.Actions {
		act := a.Action
		act.Label, act.Needs = or(act.Label, Humanise(act.Name)), Verb(or(string(act.Needs), string(Write)))
		if do := a.Do; do != nil {
			act.do = func(r Record, in Input) error { return do(any(r).(*T), in) }
		}
		k.Actions = append(k.Actions, act)
	}
	k.mustHold()
	return k
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// collect reads the fields of a struct type, embedded ones first.
func (k *Kind) collect(t reflect.Type, path []int) {
	for i := range t.NumField() {
		sf := t.Field(i)
		at := append(slices.Clone(path), i)
		if sf.Anonymous {
			k.collect(sf.Type, at)
			continue
		}
		f := newField(k.Name, sf, at)
		if k.byName[f.Name] != nil {
			panic("kind " + k.Name + ": two fields are named " + f.Name)
		}
		k.byName[f.Name] = f
		k.Fields = append(k.Fields, f)
	}
}

func newField(kindName string, sf reflect.StructField, path []int) *Field {
	name, _, _ := strings.Cut(sf.Tag.Get("json"), ",")
	if name == "" || !sf.IsExported() {
		panic("kind " + kindName + ": field " + sf.Name + " needs a json name")
	}
	f := &Field{Name: name, Label: Humanise(name), Doc: sf.Tag.Get("doc"), path: path, goT: sf.Type}
	f.readTag(kindName, sf.Tag.Get("isms"))
	f.Type = typeOf(kindName, sf, f.Ref)
	if c, ok := reflect.Zero(sf.Type).Interface().(Chooser); ok {
		f.Choices = slices.Clone(c.Choices())
		for i := range f.Choices {
			f.Choices[i].Label = or(f.Choices[i].Label, Humanise(f.Choices[i].Value))
		}
	}
	return f
}

func (f *Field) readTag(kindName, tag string) {
	for _, word := range strings.Split(tag, ",") {
		key, value, _ := strings.Cut(word, "=")
		switch key {
		case "":
		case "required":
			f.Required = true
		case "list":
			f.List = true
		case "filter":
			f.Filter = true
		case "search":
			f.Search = true
		case "computed":
			f.Computed = true
		case "immutable":
			f.Immutable = true
		case "hidden":
			f.Hidden = true
		case "index":
			f.Index = true
		case "ref":
			f.Ref = value
		case "unit":
			f.Unit = value
		case "label":
			f.Label = Humanise(value)
		case "needs":
			f.Needs = Verb(value)
		default:
			panic("kind " + kindName + ": field " + f.Name + ": unknown tag " + key)
		}
	}
}

var goTypes = map[reflect.Type]Type{
	reflect.TypeFor[string](): Text, reflect.TypeFor[Markdown](): LongText, reflect.TypeFor[int](): Number,
	reflect.TypeFor[int64](): Number, reflect.TypeFor[float64](): Decimal, reflect.TypeFor[bool](): Flag,
	reflect.TypeFor[Date](): Day, reflect.TypeFor[time.Time](): Instant, reflect.TypeFor[Money](): Amount,
	reflect.TypeFor[Range](): Span, reflect.TypeFor[Level](): Grade, reflect.TypeFor[[]string](): WordList,
}

func typeOf(kindName string, sf reflect.StructField, ref string) Type {
	if ref != "" {
		return Ref
	}
	if t, ok := goTypes[sf.Type]; ok {
		return t
	}
	if sf.Type.Kind() == reflect.String && sf.Type.Implements(reflect.TypeFor[Chooser]()) {
		return Option
	}
	if sf.Type.ConvertibleTo(stringsType) && sf.Type.Implements(reflect.TypeFor[Chooser]()) {
		return WordList
	}
	panic(fmt.Sprintf("kind %s: field %s: the type %s is not one of the closed set", kindName, sf.Name, sf.Type))
}

// mustHold checks what only the description itself can get wrong.
func (k *Kind) mustHold() {
	for what, name := range map[string]string{"state": k.StateField, "owner": k.OwnerField, "parent": k.ParentField} {
		if name != "" && k.byName[name] == nil {
			panic("kind " + k.Name + ": the " + what + " field " + name + " does not exist")
		}
	}
	for _, a := range k.Actions {
		for _, s := range append(slices.Clone(a.From), a.To) {
			if s == "" {
				continue
			}
			if k.StateField == "" || !slices.Contains(k.States(), s) {
				panic("kind " + k.Name + ": action " + a.Name + " names the unknown state " + s)
			}
		}
	}
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

// Prepare sets what follows from other fields: the default state, trimmed text,
// times as exact as they are stored, and what the Spec derives. It is idempotent.
func (k *Kind) Prepare(r Record) {
	for _, f := range k.Fields {
		switch f.Type {
		case Text:
			f.value(r).SetString(strings.TrimSpace(f.value(r).String()))
		case Instant:
			t := f.Of(r).(time.Time)
			f.value(r).Set(reflect.ValueOf(t.UTC().Truncate(time.Microsecond)))
		}
	}
	if k.StateField != "" && k.State(r) == "" {
		f := k.byName[k.StateField]
		f.value(r).SetString(f.Choices[0].Value)
	}
	if k.prepare != nil {
		k.prepare(r)
	}
}

// Limits on the size of text, so that one record cannot exhaust the service.
const (
	MaxText     = 4 << 10
	MaxLongText = 1 << 20
	MaxWords    = 500
)

// Validate tells everything that is wrong with the record, as an Invalid error
// with one entry for each field.
func (k *Kind) Validate(r Record) error {
	var bad []FieldError
	for _, f := range k.Fields {
		if msg := f.complaint(r); msg != "" {
			bad = append(bad, FieldError{f.Name, msg})
		}
	}
	if k.validate != nil {
		if err := k.validate(r); err != nil {
			if fields := FieldsOf(err); fields != nil {
				bad = append(bad, fields...)
			} else {
				bad = append(bad, FieldError{"", err.Error()})
			}
		}
	}
	if bad != nil {
		return InvalidFields(bad)
	}
	return nil
}

func (f *Field) complaint(r Record) string {
	if f.Required && f.IsZero(r) {
		return "is required"
	}
	switch f.Type {
	case Text, Ref:
		if f.value(r).Len() > MaxText {
			return fmt.Sprintf("is longer than %d characters", MaxText)
		}
		return controlComplaint(f.value(r).String())
	case LongText:
		if f.value(r).Len() > MaxLongText {
			return fmt.Sprintf("is longer than %d characters", MaxLongText)
		}
		return controlComplaint(f.value(r).String())
	case WordList:
		words := f.Of(r).([]string)
		if err := f.matchChoices(slices.Clone(words)); err != nil {
			return err.Error()
		}
		return wordsComplaint(words)
	case Option:
		if _, err := f.parseChoice(f.Text(r)); err != nil {
			return err.Error()
		}
	case Decimal:
		if n := f.Of(r).(float64); math.IsNaN(n) || math.IsInf(n, 0) {
			return "must be a finite number"
		}
	case Instant:
		if y := f.Of(r).(time.Time).UTC().Year(); y < 1 || y > 9999 {
			return "must lie between the years 1 and 9999"
		}
	case Span:
		if err := f.Of(r).(Range).Check(); err != nil {
			return err.Error()
		}
	case Day:
		if _, err := ParseDate(f.Text(r)); err != nil {
			return err.Error()
		}
	case Grade:
		if l := f.Of(r).(Level); l < 0 || l > 5 {
			return "must be from 1 to 5"
		}
	}
	return ""
}

func wordsComplaint(words []string) string {
	if len(words) > MaxWords {
		return fmt.Sprintf("has more than %d entries", MaxWords)
	}
	for _, w := range words {
		if len(w) > MaxText {
			return fmt.Sprintf("has an entry longer than %d characters", MaxText)
		}
		if msg := controlComplaint(w); msg != "" {
			return msg
		}
	}
	return ""
}

// controlComplaint refuses what PostgreSQL cannot store and terminals obey.
func controlComplaint(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r == '\uFFFD' }) {
		return ""
	}
	return "contains a control character or broken text encoding"
}

// Run performs the action on the record: checks the state, applies the effect,
// sets the new state. It does not save.
func (k *Kind) Run(a *Action, r Record, in Input) error {
	if len(a.From) > 0 && !slices.Contains(a.From, k.State(r)) {
		return Errorf(Conflict, "%s is not possible while the %s is %s", strings.ToLower(a.Label), strings.ToLower(k.Label), k.State(r))
	}
	if a.Reason && strings.TrimSpace(in.Reason) == "" {
		return Fieldf("reason", "say why; it is kept in the history")
	}
	if a.do != nil {
		if err := a.do(r, in); err != nil {
			return err
		}
	}
	if a.To != "" {
		k.byName[k.StateField].value(r).SetString(a.To)
	}
	return nil
}
