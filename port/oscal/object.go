package oscal

import (
	"encoding/json"
	"slices"
)

// An Object is a JSON object that remembers the order of its members. Values are
// string, json.Number, bool, nil, *Object and []any. A nil Object reads as empty.
type Object struct{ members []member }

type member struct {
	name  string
	value any
}

func (o *Object) index(name string) int {
	if o == nil {
		return -1
	}
	return slices.IndexFunc(o.members, func(m member) bool { return m.name == name })
}

// Get is the value of a member, nil when there is none.
func (o *Object) Get(name string) any {
	if i := o.index(name); i >= 0 {
		return o.members[i].value
	}
	return nil
}

// Text is the value of a member that is a text, "" for anything else.
func (o *Object) Text(name string) string {
	s, _ := o.Get(name).(string)
	return s
}

// Object is the value of a member that is an object, nil for anything else.
func (o *Object) Object(name string) *Object {
	v, _ := o.Get(name).(*Object)
	return v
}

// List is the objects of a member that is a list; other elements are passed over.
func (o *Object) List(name string) []*Object {
	list, _ := o.Get(name).([]any)
	out := make([]*Object, 0, len(list))
	for _, v := range list {
		if o, ok := v.(*Object); ok {
			out = append(out, o)
		}
	}
	return out
}

// Texts is the texts of a member that is a list of them.
func (o *Object) Texts(name string) []string {
	list, _ := o.Get(name).([]any)
	var out []string
	for _, v := range list {
		if s, ok := v.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// Names lists the members in their order.
func (o *Object) Names() []string {
	if o == nil {
		return nil
	}
	names := make([]string, len(o.members))
	for i, m := range o.members {
		names[i] = m.name
	}
	return names
}

// Set gives a member a value; a new member stands at the end.
func (o *Object) Set(name string, value any) {
	if i := o.index(name); i >= 0 {
		o.members[i].value = value
		return
	}
	o.members = append(o.members, member{name, value})
}

// SetList gives a member a list of objects, and takes it away when there are none.
func (o *Object) SetList(name string, list []*Object) {
	if len(list) == 0 {
		o.Delete(name)
		return
	}
	values := make([]any, len(list))
	for i, v := range list {
		values[i] = v
	}
	o.Set(name, values)
}

// Delete takes a member away.
func (o *Object) Delete(name string) {
	if i := o.index(name); i >= 0 {
		o.members = slices.Delete(o.members, i, i+1)
	}
}

// Clone makes a deep copy.
func (o *Object) Clone() *Object {
	if o == nil {
		return nil
	}
	c := &Object{members: make([]member, len(o.members))}
	for i, m := range o.members {
		c.members[i] = member{m.name, clone(m.value)}
	}
	return c
}

func clone(v any) any {
	switch v := v.(type) {
	case *Object:
		return v.Clone()
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = clone(v[i])
		}
		return list
	}
	return v
}

// same says whether two values say the same, whatever the order of members.
func same(a, b any) bool {
	switch a := a.(type) {
	case *Object:
		b, ok := b.(*Object)
		if !ok || len(a.members) != len(b.members) {
			return false
		}
		for _, m := range a.members {
			if i := b.index(m.name); i < 0 || !same(m.value, b.members[i].value) {
				return false
			}
		}
		return true
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, same)
	}
	return a == b
}

// object makes an Object of names and values in turn; empty values are left out.
func object(pairs ...any) *Object {
	o := &Object{}
	for i := 0; i+1 < len(pairs); i += 2 {
		name := pairs[i].(string)
		switch v := pairs[i+1].(type) {
		case string:
			if v == "" {
				continue
			}
		case []any:
			if len(v) == 0 {
				continue
			}
		case *Object:
			if v == nil {
				continue
			}
		}
		o.members = append(o.members, member{name, pairs[i+1]})
	}
	return o
}

// appendValue writes a value as JSON. With an indent, one member stands on a line.
func appendValue(b []byte, v any, indent, margin string) []byte {
	inner := margin + indent
	switch v := v.(type) {
	case *Object:
		return appendEach(b, '{', '}', len(v.members), indent, margin, func(b []byte, i int) []byte {
			b = append(appendText(b, v.members[i].name), ':')
			if indent != "" {
				b = append(b, ' ')
			}
			return appendValue(b, v.members[i].value, indent, inner)
		})
	case []any:
		return appendEach(b, '[', ']', len(v), indent, margin, func(b []byte, i int) []byte {
			return appendValue(b, v[i], indent, inner)
		})
	case string:
		return appendText(b, v)
	case json.Number:
		return append(b, v...)
	case bool:
		if v {
			return append(b, "true"...)
		}
		return append(b, "false"...)
	}
	return append(b, "null"...)
}

func appendEach(b []byte, open, end byte, n int, indent, margin string, each func([]byte, int) []byte) []byte {
	b = append(b, open)
	for i := range n {
		if i > 0 {
			b = append(b, ',')
		}
		if indent != "" {
			b = append(append(append(b, '\n'), margin...), indent...)
		}
		b = each(b, i)
	}
	if indent != "" && n > 0 {
		b = append(append(b, '\n'), margin...)
	}
	return append(b, end)
}

// appendText writes a text as JSON, with <, > and & as they are.
func appendText(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for _, r := range s { // what is not UTF-8 becomes the replacement character
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, '\\', 'n')
		case r == '\t':
			b = append(b, '\\', 't')
		case r == '\r':
			b = append(b, '\\', 'r')
		case r < 0x20:
			b = append(b, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
		default:
			b = append(b, string(r)...)
		}
	}
	return append(b, '"')
}
