package indicator

import (
	"bytes"
	"fmt"
	"iter"
	"net/netip"
	"strings"
	"time"

	"github.com/gaissmai/bart"
)

// An entry is one value of the set; its text lies in the arena. Entry 0 is none.
type entry struct {
	at     uint32 // in the arena, in units of grain
	length uint16
	typ    uint8
	next   uint32 // entry with the same value, from another source; 0: none
	handle uint32
	from   uint32 // minutes since 1970; 0: no bound
	until  uint32
}

// grain is the unit of places in the arena, so that 32 bits reach 32 GiB.
const grain = 8

// A Set is indicators, ready to be asked. It does not change and may be used from
// several goroutines.
type Set struct {
	table    *table
	entries  []entry
	arena    []byte
	networks *bart.Table[uint32]
	types    [16]bool // those that it holds
	count    int
}

// code is the number of a type.
func code(t Type) uint8 {
	for i, x := range Types() {
		if x == t {
			return uint8(i + 1)
		}
	}
	return 0
}

var names = append([]Type{""}, Types()...)

// Build makes a set of indicators. expected is about how many there are; it may be
// wrong. The handle of an indicator is its place in the sequence, from 0, by which the
// caller knows it again. What is not well formed or harmless by nature is left out and
// told, with its place; the rest is there.
func Build(expected int, all iter.Seq[Indicator]) (*Set, []Left) {
	s := &Set{table: newTable(expected), entries: make([]entry, 1, expected+1), networks: new(bart.Table[uint32])}
	var left []Left
	handle := uint32(0)
	for i := range all {
		if err := s.add(i, handle); err != nil {
			left = append(left, Left{int(handle), i, err})
		}
		handle++
	}
	return s, left
}

// Left is an indicator that was left out, and why.
type Left struct {
	Handle    int
	Indicator Indicator
	Why       error
}

// Len is how many indicators the set holds.
func (s *Set) Len() int { return s.count }

func (s *Set) add(i Indicator, handle uint32) error {
	v, err := Normal(i.Type, i.Value)
	if err != nil {
		return err
	}
	if why := Harmless(i.Type, v); why != "" {
		return fmt.Errorf("%q %s", short(v), why)
	}
	n := uint32(len(s.entries))
	e := entry{typ: code(i.Type), handle: handle, from: minutes(i.From), until: minutes(i.Until)}
	s.count++
	s.types[e.typ] = true
	if i.Type == Network {
		p := netip.MustParsePrefix(v)
		e.next, _ = s.networks.Get(p)
		s.entries = append(s.entries, e)
		s.networks.Insert(p, n)
		return nil
	}
	h := s.table.hash(e.typ, v)
	if first, ok := s.table.find(h, func(x uint32) bool { return s.is(x, e.typ, v) }); ok {
		e.at, e.length = s.entries[first].at, s.entries[first].length
		e.next, s.entries[first].next = s.entries[first].next, n
		s.entries = append(s.entries, e)
		return nil
	}
	for len(s.arena)%grain != 0 {
		s.arena = append(s.arena, 0)
	}
	e.at, e.length = uint32(len(s.arena)/grain), uint16(len(v))
	s.arena = append(s.arena, v...)
	s.entries = append(s.entries, e)
	if s.table.count+1 > len(s.table.slots)*5/6 {
		s.grow()
	}
	s.table.add(h2(s, n), n)
	return nil
}

// h2 is the hash of an entry that stands in the arena.
func h2(s *Set, n uint32) uint64 {
	e := s.entries[n]
	return s.table.hashBytes(e.typ, s.text(e))
}

func (s *Set) text(e entry) []byte {
	return s.arena[int(e.at)*grain : int(e.at)*grain+int(e.length)]
}

// grow enters the first of each value into a table of twice the size.
func (s *Set) grow() {
	old := s.table
	s.table = newTable(len(old.slots))
	for g, w := range old.marks {
		for i := range 8 {
			if w>>(8*i)&0xff != 0 {
				n := old.slots[g*8+i]
				s.table.add(h2(s, n), n)
			}
		}
	}
}

func (s *Set) is(n uint32, typ uint8, value string) bool {
	e := s.entries[n]
	return e.typ == typ && string(s.text(e)) == value
}

func minutes(t time.Time) uint32 {
	if t.IsZero() || t.Unix() <= 0 {
		return 0
	}
	return uint32(min(t.Unix()/60, 1<<32-1))
}

// A Value is something of an event that indicators may know. Addr is set for
// addresses, which then need no text.
type Value struct {
	Type Type
	Text string
	Addr netip.Addr
}

// A Hit is an indicator that knows a value.
type Hit struct {
	Handle int    // place of the indicator in the sequence of Build
	Value  int    // place of the value among those asked about
	Type   Type   // of the indicator: a domain may know a URL, a network an address
	Match  string // of the value, what the indicator names
}

// A Matcher asks a set. It keeps its memory and must not be used by two goroutines at
// once.
type Matcher struct {
	set    *Set
	asks   []ask
	text   []byte // in the form that is compared
	starts []int
	hits   []Hit
}

// An ask is one text to look for, because of one value.
type ask struct {
	hash     uint64
	from, to int32 // in text
	value    int32
	typ      uint8
}

// NewMatcher returns a Matcher.
func (s *Set) NewMatcher() *Matcher { return &Matcher{set: s} }

// Match tells which indicators know the values of an event that happened at the time.
// First everything is hashed, then the tables are asked, so that the waiting for memory
// overlaps. The answer is valid until the next call.
func (m *Matcher) Match(values []Value, at time.Time) []Hit {
	m.asks, m.text, m.hits = m.asks[:0], m.text[:0], m.hits[:0]
	now := minutes(at)
	for i, v := range values {
		m.prepare(i, v)
		if v.Addr.IsValid() && m.set.types[codeNetwork] {
			m.network(i, v.Addr.Unmap(), now)
		}
	}
	kept := m.asks[:0]
	for _, a := range m.asks {
		if m.set.table.may(a.hash) {
			kept = append(kept, a)
		}
	}
	for _, a := range kept {
		text := m.text[a.from:a.to]
		n, ok := m.set.table.find(a.hash, func(x uint32) bool {
			e := m.set.entries[x]
			return e.typ == a.typ && bytes.Equal(m.set.text(e), text)
		})
		if ok {
			m.tell(n, int(a.value), now, string(text))
		}
	}
	return m.hits
}

// tell adds the indicators of an entry that count at the time.
func (m *Matcher) tell(n uint32, value int, now uint32, text string) {
	for ; n != 0; n = m.set.entries[n].next {
		e := m.set.entries[n]
		if (e.from == 0 || e.from <= now) && (e.until == 0 || now < e.until) {
			m.hits = append(m.hits, Hit{int(e.handle), value, names[e.typ], text})
		}
	}
}

var codeNetwork, codeDomain, codeAddress = code(Network), code(Domain), code(Address)

// network finds every network around the address, the widest first.
func (m *Matcher) network(i int, a netip.Addr, now uint32) {
	if !m.set.networks.Contains(a) {
		return
	}
	for p, n := range m.set.networks.Supernets(netip.PrefixFrom(a, a.BitLen())) {
		m.tell(n, i, now, p.String())
	}
}

// look notes a text of which the last n bytes of m.text are the form that is compared.
func (m *Matcher) look(typ uint8, value, from int) {
	if m.set.types[typ] {
		m.asks = append(m.asks, ask{m.set.table.hashBytes(typ, m.text[from:]), int32(from), int32(len(m.text)), int32(value), typ})
	}
}

// prepare writes a value in its normal form and notes all under which it may be known.
func (m *Matcher) prepare(i int, v Value) {
	from := len(m.text)
	switch v.Type {
	case Address:
		m.address(i, v)
		return
	case Domain:
		m.domain(i, v.Text)
		return
	case URL:
		m.url(i, v.Text)
		return
	case Email:
		m.fold(v.Text)
		m.look(code(Email), i, from)
		if at := bytes.LastIndexByte(m.text[from:], '@'); at >= 0 {
			m.suffixes(i, from+at+1)
		}
		return
	case UserAgent:
		m.text = append(m.text, v.Text...)
	default:
		m.fold(v.Text)
	}
	if t := code(v.Type); t != 0 {
		m.look(t, i, from)
	}
}

func (m *Matcher) address(i int, v Value) {
	from := len(m.text)
	if v.Addr.IsValid() {
		m.text = v.Addr.Unmap().AppendTo(m.text)
	} else {
		m.text = append(m.text, v.Text...)
	}
	m.look(codeAddress, i, from)
}

func (m *Matcher) fold(s string) {
	for i := range len(s) {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		m.text = append(m.text, c)
	}
}

func (m *Matcher) domain(i int, s string) {
	from := len(m.text)
	m.fold(strings.Trim(s, "."))
	m.suffixes(i, from)
}

// maxLabels bounds how many suffixes of a name are looked for; names with more labels
// are known by their last ones.
const maxLabels = 10

// suffixes looks for the domain that begins at from and ends with the text, and for
// all above it.
func (m *Matcher) suffixes(i, from int) {
	if !m.set.types[codeDomain] {
		return
	}
	m.starts = append(m.starts[:0], from)
	for at := from; at < len(m.text); at++ {
		if m.text[at] == '.' {
			m.starts = append(m.starts, at+1)
		}
	}
	for _, at := range m.starts[max(0, len(m.starts)-maxLabels):] {
		m.look(codeDomain, i, at)
	}
}

// url looks for the URL as a whole and without its query, and for its host.
func (m *Matcher) url(i int, s string) {
	v, err := normalURL(s)
	if err != nil {
		return
	}
	from := len(m.text)
	m.text = append(m.text, v...)
	m.look(code(URL), i, from)
	if q := strings.IndexByte(v, '?'); q >= 0 {
		from = len(m.text)
		m.text = append(m.text, v[:q]...)
		m.look(code(URL), i, from)
	}
	_, rest, _ := strings.Cut(v, "://")
	host, _, _ := strings.Cut(rest, "/")
	if a, err := netip.ParseAddrPort(host); err == nil {
		m.address(i, Value{Addr: a.Addr()})
		return
	}
	if a, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		m.address(i, Value{Addr: a})
		return
	}
	host, _, _ = strings.Cut(host, ":")
	m.domain(i, host)
}
