package detect

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"strings"

	"github.com/valyala/fastjson"
)

// A node is a place in the JSON of an event, below which fields are looked for.
type node struct {
	kids  map[string]*node
	any   *node // for names that are not known beforehand
	table kidTable
	slots []int32  // of the fields whose value stands here
	need  classSet // the classes of events of which some rule asks for what is here or below
	soon  bool     // what is here or below tells the class
	dated bool     // what is here or below may tell the time
	named bool     // a list of {"Name": …, "#text": …} as some exports of Windows logs have
}

// roots are the places at which the fields of an event may stand. Most logs are flat;
// Windows events come in envelopes.
var roots = [][]string{
	{},
	{"Event", "EventData"}, {"Event", "System"}, {"Event", "UserData", "*"},
	{"EventData"}, {"System"}, {"UserData", "*"},
	{"winlog", "event_data"}, {"winlog"},
}

// elsewhere are further places of fields that the exporters of Windows logs name in
// their own way.
var elsewhere = map[string][][]string{
	"Provider_Name": {{"SourceName"}, {"ProviderName"}, {"winlog", "provider_name"}},
	"Channel":       {{"winlog", "channel"}, {"LogName"}},
	"EventID":       {{"winlog", "event_id"}, {"EventId"}, {"event_id"}},
	"Computer":      {{"winlog", "computer_name"}, {"Hostname"}, {"host", "name"}},
	"ComputerName":  {{"Event", "System", "Computer"}, {"winlog", "computer_name"}, {"Hostname"}, {"host", "name"}},
}

// maxDots bounds the places of a field: each dot may be part of a name or lead deeper.
const maxDots = 6

// place enters every place at which a field may stand.
func (n *node) place(field string, slot int32) {
	for _, root := range roots {
		at := n.path(root)
		for _, path := range splits(field) {
			at.leaf(path, slot)
		}
	}
	for _, path := range elsewhere[field] {
		n.leaf(path, slot)
	}
	if owner, attribute, found := strings.Cut(field, "_"); found {
		for _, root := range [][]string{{"Event", "System", owner}, {"System", owner}} {
			at := n.path(root)
			at.leaf([]string{"#attributes", attribute}, slot)
			at.leaf([]string{"@" + attribute}, slot)
			at.leaf([]string{attribute}, slot)
		}
	}
	for _, root := range [][]string{{"Event", "EventData", "Data"}, {"EventData", "Data"}} {
		n.path(root).named = true
	}
}

// leaf enters one place: the value, or the text of an element that has attributes.
func (n *node) leaf(path []string, slot int32) {
	at := n.path(path)
	for _, l := range []*node{at, at.path([]string{"#text"})} {
		if !slices.Contains(l.slots, slot) {
			l.slots = append(l.slots, slot)
		}
	}
}

// path finds or makes the node at a path.
func (n *node) path(path []string) *node {
	for _, name := range path {
		if name == "*" {
			if n.any == nil {
				n.any = &node{}
			}
			n = n.any
			continue
		}
		next := n.kids[name]
		if next == nil {
			if n.kids == nil {
				n.kids = map[string]*node{}
			}
			next = &node{}
			n.kids[name] = next
		}
		n = next
	}
	return n
}

// A kidTable finds the node of a name. Each name of each event is looked up, and most
// are of no field: a table with open places says so faster than a map.
type kidTable struct {
	slots []kidSlot
	mask  uint32
}

type kidSlot struct {
	hash uint32
	name string
	node *node // nil: an empty place
}

// freeze makes the tables when all fields are entered.
func (n *node) freeze() {
	size := 1 << bits.Len(uint(2*len(n.kids)))
	if len(n.kids) > 0 {
		n.table = kidTable{make([]kidSlot, size), uint32(size - 1)}
	}
	for name, kid := range n.kids {
		hash := hashName([]byte(name))
		i := hash & n.table.mask
		for n.table.slots[i].node != nil {
			i = (i + 1) & n.table.mask
		}
		n.table.slots[i] = kidSlot{hash, name, kid}
		kid.freeze()
	}
	if n.any != nil {
		n.any.freeze()
	}
}

func (t *kidTable) find(name []byte) *node {
	if t.slots == nil {
		return nil
	}
	hash := hashName(name)
	for i := hash & t.mask; ; i = (i + 1) & t.mask {
		s := &t.slots[i]
		if s.node == nil || s.hash == hash && s.name == string(name) {
			return s.node
		}
	}
}

// hashName mixes the length and both ends of a name.
func hashName(name []byte) uint32 {
	var h uint64
	if n := len(name); n >= 8 {
		h = binary.LittleEndian.Uint64(name) ^ bits.RotateLeft64(binary.LittleEndian.Uint64(name[n-8:]), 23)
	} else {
		for _, c := range name {
			h = h<<8 | uint64(c)
		}
	}
	h = (h ^ uint64(len(name))<<56) * 0x9e3779b97f4a7c15
	return uint32(h >> 32)
}

// splits lists the ways in which a dotted name may lead into nested objects.
func splits(field string) [][]string {
	parts := strings.Split(field, ".")
	if len(parts)-1 > maxDots {
		return [][]string{{field}, parts}
	}
	var list [][]string
	for cut := range 1 << (len(parts) - 1) {
		path := []string{parts[0]}
		for i, p := range parts[1:] {
			if cut&(1<<i) != 0 {
				path = append(path, p)
			} else {
				path[len(path)-1] += "." + p
			}
		}
		list = append(list, path)
	}
	return list
}

// A value is one value of a field in the event at hand.
type value struct {
	text []byte // of the event, valid until the next
	fold []byte // folded; nil until asked for

	letters uint64 // of fold, all for a long one; 0 until asked for
	next    int32  // of the same field; -1: the last
}

// mostLetters is the length of a text beyond which it has every letter anyway.
const mostLetters = 256

// lettersIn are the letters of a value without case.
func (m *Matcher) lettersIn(v *value) uint64 {
	if v.letters == 0 {
		v.letters = ^uint64(0)
		if text := m.folded(v); len(text) <= mostLetters {
			v.letters = lettersOf(text)
		}
	}
	return v.letters
}

// A slot holds what the event at hand has of one field.
type slot struct {
	gen         uint32 // of the event it was filled for
	first, last int32  // values; -1: there is a field, but no value
}

// walk fills the slots with what stands at and below a node.
func (m *Matcher) walk(n *node, v *fastjson.Value) {
	switch v.Type() {
	case fastjson.TypeObject:
		if len(n.slots) > 0 {
			m.fill(n, m.textOf(v))
		}
		if n.kids == nil && n.any == nil {
			return
		}
		v.GetObject().Visit(func(key []byte, kid *fastjson.Value) { m.descend(n, key, kid) })
	case fastjson.TypeArray:
		list := v.GetArray()
		if n.named {
			m.namedData(list)
		}
		if len(list) == 0 {
			m.touch(n)
		}
		for _, kid := range list {
			m.walk(n, kid)
		}
	case fastjson.TypeNull:
		m.touch(n)
	default:
		if len(n.slots) > 0 {
			m.fill(n, m.textOf(v))
		}
	}
}

func (m *Matcher) descend(n *node, key []byte, v *fastjson.Value) {
	if kid := n.table.find(key); kid != nil {
		if kid.soon {
			m.walk(kid, v)
		} else {
			m.pending = append(m.pending, pending{kid, v})
		}
	}
	if n.any != nil {
		m.walk(n.any, v)
	}
}

// namedData reads {"Name": "Image", "#text": "…"} as the field Image.
func (m *Matcher) namedData(list []*fastjson.Value) {
	for _, v := range list {
		name := v.GetStringBytes("@Name")
		if name == nil {
			name = v.GetStringBytes("Name")
		}
		if name == nil {
			name = v.GetStringBytes("#attributes", "Name")
		}
		kid := m.engine.root.table.find(name)
		if name == nil || kid == nil {
			continue
		}
		for _, key := range [...]string{"#text", "Value", "content"} {
			if text := v.Get(key); text != nil {
				m.walk(kid, text)
				break
			}
		}
	}
}

// textOf is the text of a value: of a number in plain form, of an object its JSON.
func (m *Matcher) textOf(v *fastjson.Value) []byte {
	from := len(m.scratch)
	switch v.Type() {
	case fastjson.TypeString:
		return v.GetStringBytes()
	case fastjson.TypeTrue:
		return textTrue
	case fastjson.TypeFalse:
		return textFalse
	case fastjson.TypeNumber:
		m.number = v.MarshalTo(m.number[:0])
		m.scratch = plainNumber(m.scratch, m.number)
	default:
		m.scratch = v.MarshalTo(m.scratch)
	}
	return m.scratch[from:len(m.scratch):len(m.scratch)]
}

var textTrue, textFalse = []byte("true"), []byte("false")

// touch says that the fields of a node are there, with no value so far.
func (m *Matcher) touch(n *node) {
	for _, id := range n.slots {
		m.slotFor(id)
	}
}

func (m *Matcher) slotFor(id int32) *slot {
	s := &m.slots[id]
	if s.gen != m.gen {
		*s = slot{m.gen, -1, -1}
		m.filled = append(m.filled, id)
	}
	return s
}

func (m *Matcher) fill(n *node, text []byte) {
	for _, id := range n.slots {
		m.add(id, text)
	}
}

func (m *Matcher) add(id int32, text []byte) {
	s := m.slotFor(id)
	at := int32(len(m.values))
	m.values = append(m.values, value{text: text, next: -1})
	if s.last >= 0 {
		m.values[s.last].next = at
	} else {
		s.first = at
	}
	s.last = at
}

// first is the first value of a field, and nil when it has none.
func (m *Matcher) first(id int32) *value {
	if s := &m.slots[id]; s.gen == m.gen && s.first >= 0 {
		return &m.values[s.first]
	}
	return nil
}

// leaves fills the slot of all values, which keywords are looked for in.
func (m *Matcher) leaves(v *fastjson.Value) {
	switch v.Type() {
	case fastjson.TypeObject:
		v.GetObject().Visit(func(_ []byte, kid *fastjson.Value) { m.leaves(kid) })
	case fastjson.TypeArray:
		for _, kid := range v.GetArray() {
			m.leaves(kid)
		}
	case fastjson.TypeNull:
	case fastjson.TypeNumber: // as it is written
		from := len(m.scratch)
		m.scratch = v.MarshalTo(m.scratch)
		m.add(anySlot, m.scratch[from:len(m.scratch):len(m.scratch)])
	default:
		m.add(anySlot, m.textOf(v))
	}
}

// folded is the text of a value without case.
func (m *Matcher) folded(v *value) []byte {
	if v.fold == nil {
		from := len(m.scratch)
		m.scratch = foldAppend(m.scratch, v.text)
		v.fold = m.scratch[from:len(m.scratch):len(m.scratch)]
	}
	return v.fold
}
