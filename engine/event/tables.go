package event

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
)

// The bounds of what is remembered of tables. What is beyond has no head: its rows
// become text with a reason.
const (
	MaxHead    = 16 << 10 // bytes of one head
	maxColumns = 2000
	maxHeads   = 8       // that one stream had, one after another
	maxStreams = 256     // of one source: as many as files that it may follow
	maxTables  = 4 << 20 // bytes of all heads of all streams
)

// Tables remember the heads of tables, so that a row can be read though its head came
// long before: after a restart, among rows of other tables of the same source, or when
// somebody looks at an old line. A stream is what one sender, or one file, says through
// one source. A head holds from where it stood until the next; heads that repeat, as
// after a rotation, are one.
//
// The zero value remembers nothing. It is not for two goroutines at once.
type Tables struct {
	streams map[stream]*headsOf
	size    int
}

type stream struct{ source, peer string }

type headsOf struct {
	heads []tableHead // in the order in which they came
	last  uint64      // the number of the last line of a head
	size  int
}

// The lines of a head, in the order in which they stand.
var headLines = [...]string{"#separator", "#set_separator", "#empty_field", "#unset_field", "#path", "#fields", "#types"}

const (
	separatorLine = 0
	pathLine      = 4
	fieldsLine    = 5
	typesLine     = 6
)

// A tableHead is a head and the number of the line with which it began.
type tableHead struct {
	from  uint64
	lines [len(headLines)]string
	whole []byte // all lines; nil: they name no columns
}

// See notes a line if it belongs to a head. Lines are numbered upwards within a stream;
// one that was seen already is left out.
func (t *Tables) See(number uint64, l Line) {
	if !IsTableHead(l.Raw) {
		return
	}
	kind, text := headLine(l.Raw)
	if kind < 0 {
		return
	}
	s := t.of(stream{l.Source, l.Peer})
	if len(s.heads) > 0 && number <= s.last {
		return
	}
	s.last = number
	t.size -= s.size
	s.add(number, kind, text)
	s.size = s.bytes()
	t.size += s.size
	for t.size > maxTables && len(t.streams) > 1 {
		t.forget("")
	}
}

// IsTableHead tells whether a line may belong to the head of a table.
func IsTableHead(raw []byte) bool {
	return len(raw) > 0 && raw[0] == '#' && isZeekHeader(raw)
}

// headLine tells which line of a head it is; -1: one that says nothing of the columns.
func headLine(raw []byte) (kind int, text string) {
	if len(raw) > MaxHead {
		return fieldsLine, "" // rows that follow have no head
	}
	text = strings.TrimRight(string(raw), "\r\n")
	for i, name := range headLines {
		if rest, ok := strings.CutPrefix(text, name); ok && rest != "" && !isLetter(rest[0]) && rest[0] != '_' {
			return i, text
		}
	}
	return -1, ""
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// of finds a stream, or makes room for a new one.
func (t *Tables) of(name stream) *headsOf {
	if s := t.streams[name]; s != nil {
		return s
	}
	if t.streams == nil {
		t.streams = map[stream]*headsOf{}
	}
	n := 0
	for other := range t.streams {
		if other.source == name.source {
			n++
		}
	}
	if n >= maxStreams {
		t.forget(name.source)
	}
	s := &headsOf{}
	t.streams[name] = s
	return s
}

// forget drops the stream whose last head is the oldest: of a source, or of all.
func (t *Tables) forget(source string) {
	var oldest stream
	var age uint64
	found := false
	for name, s := range t.streams {
		if source != "" && name.source != source {
			continue
		}
		if !found || s.last < age {
			oldest, age, found = name, s.last, true
		}
	}
	if found {
		t.size -= t.streams[oldest].size
		delete(t.streams, oldest)
	}
}

func (s *headsOf) bytes() (n int) {
	for _, h := range s.heads {
		n += h.bytes() * 2 // and once more as a whole
	}
	return n
}

func (h *tableHead) bytes() (n int) {
	for _, line := range h.lines {
		n += len(line) + 1
	}
	return n
}

// add puts a line into the head at hand, or begins the next.
func (s *headsOf) add(number uint64, kind int, text string) {
	var h tableHead
	if n := len(s.heads); n > 0 && kind != separatorLine {
		h = s.heads[n-1]
		if h.lines[kind] == "" && text != "" {
			s.heads = s.heads[:n-1]
		} else {
			h.from = number
		}
	} else {
		h.from = number
	}
	switch kind {
	case pathLine:
		h.lines[fieldsLine], h.lines[typesLine] = "", ""
	case fieldsLine:
		h.lines[typesLine] = ""
	}
	h.lines[kind] = text
	h.join()
	s.heads = append(s.heads, h)
	if n := len(s.heads); n > 1 && s.heads[n-1].lines == s.heads[n-2].lines {
		s.heads = s.heads[:n-1]
	}
	if over := len(s.heads) - maxHeads; over > 0 {
		s.heads = slices.Delete(s.heads, 0, over)
	}
}

// join makes the whole head of its lines.
func (h *tableHead) join() {
	h.whole = nil
	if h.bytes() > MaxHead {
		h.lines[fieldsLine] = ""
	}
	if h.lines[fieldsLine] == "" {
		return
	}
	for _, line := range h.lines {
		if line != "" {
			h.whole = append(append(h.whole, line...), '\n')
		}
	}
}

// Head is the head that holds for a line; nil: none is known, or the line is none of a
// table. It stays the same slice as long as it is the same head.
func (t *Tables) Head(number uint64, l Line) []byte {
	if len(t.streams) == 0 || len(l.Raw) == 0 || l.Raw[0] == '#' || l.Raw[0] == '{' {
		return nil
	}
	s := t.streams[stream{l.Source, l.Peer}]
	if s == nil {
		return nil
	}
	i, _ := slices.BinarySearchFunc(s.heads, number, func(h tableHead, n uint64) int { return cmp.Compare(h.from, n) })
	if i == 0 {
		return nil
	}
	return s.heads[i-1].whole
}

// A keptStream is a stream as it is written down.
type keptStream struct {
	Source string     `json:"source"`
	Peer   string     `json:"peer,omitempty"`
	Last   uint64     `json:"last"`
	Heads  []keptHead `json:"heads"`
}

type keptHead struct {
	From  uint64   `json:"from"`
	Lines [][]byte `json:"lines"` // any bytes, so not text
}

// MarshalJSON writes down what is remembered.
func (t *Tables) MarshalJSON() ([]byte, error) {
	list := make([]keptStream, 0, len(t.streams))
	for name, s := range t.streams {
		k := keptStream{Source: name.source, Peer: name.peer, Last: s.last}
		for _, h := range s.heads {
			kept := keptHead{From: h.from}
			for _, line := range h.lines {
				if line != "" {
					kept.Lines = append(kept.Lines, []byte(line))
				}
			}
			k.Heads = append(k.Heads, kept)
		}
		list = append(list, k)
	}
	slices.SortFunc(list, func(a, b keptStream) int { return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Peer, b.Peer)) })
	return json.Marshal(list)
}

// UnmarshalJSON remembers what was written down, within the bounds of what is seen.
func (t *Tables) UnmarshalJSON(data []byte) error {
	var list []keptStream
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	*t = Tables{}
	for _, k := range list {
		s := t.of(stream{k.Source, k.Peer})
		s.last = k.Last
		for _, kept := range k.Heads[max(0, len(k.Heads)-maxHeads):] {
			h := tableHead{from: kept.From}
			for _, line := range kept.Lines {
				if i, text := headLine(line); i >= 0 {
					h.lines[i] = text
				}
			}
			h.join()
			s.heads = append(s.heads, h)
		}
		s.size = s.bytes()
		t.size += s.size
	}
	for t.size > maxTables && len(t.streams) > 1 {
		t.forget("")
	}
	return nil
}
