package kind

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Of describes the record type T. It panics on a description that cannot work,
// because that is a mistake in the program and is found by the first test.
func Of[T any](name string, s Spec[T]) *Kind {
	k := &Kind{
		Name: name, Label: or(s.Label, Humanise(name)), Plural: or(s.Plural, strings.ReplaceAll(name, "_", "-")+"s"), Doc: s.Doc, Icon: s.Icon,
		Group: s.Group, Links: s.Links, StateField: s.State, OwnerField: s.Owner, ParentField: s.Parent,
		Personal: s.Personal, Public: s.Public, DefaultSort: or(s.Sort, "-updated_at"),
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
	for _, s := range k.Public {
		if k.StateField == "" || !slices.Contains(k.States(), s) {
			panic("kind " + k.Name + ": the state " + s + " that is for everybody does not exist")
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
