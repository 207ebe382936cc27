package outside

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"holdfast/engine/event"
	"holdfast/eventstore"
)

// maxValue bounds a value that has a field of its own: what is longer is found by its
// beginning. A query has less, so only what stands further in it is lost.
const maxValue = 8 << 10

// A document is what is written of an event, whatever the system.
type document struct {
	position eventstore.Position
	time     int64 // when it happened, in microseconds since 1970
	received time.Time
	source   string
	peer     string
	raw      []byte
	cut      bool // raw is only the beginning of the line
	values   []value
	marks    []string
	short    bool // there are more marks, or the line is longer
}

// A value is one of a column, by its path in OCSF, in small letters.
type value struct{ path, text string }

// describe makes the document of an event.
func describe(e *event.Event, p eventstore.Position) document {
	at := e.Time
	if at.IsZero() {
		at = e.Received
	}
	d := document{position: p, time: at.UnixMicro(), received: e.Received.UTC().Truncate(time.Millisecond), source: e.Source, peer: e.Peer, raw: e.Raw}
	var m marks
	own := map[string]bool{}
	for path, text := range eventstore.Values(eventstore.Stored{Position: p, Line: e.Line}, e) {
		own[path] = true
		m.compared(ofOCSF+path, text)
		if path != "source" && path != "peer" {
			d.values = append(d.values, value{path, cut(text, maxValue)})
		}
	}
	for path, text := range e.Fields() {
		if !own[path] {
			m.value(ofOCSF+path, text)
		}
	}
	m.native(e.Native)
	d.marks, d.short = m.list, m.full
	return d
}

// shown is when it happened, for people: when it was received where a line names a time
// that no calendar of these systems has.
func (d *document) shown() time.Time {
	if at := time.UnixMicro(d.time).UTC(); at.Year() >= 1970 && at.Year() <= 2200 {
		return at
	}
	return d.received
}

// fit calls write until the document is no longer than it may be, each time with less of
// it, and tells whether anything was left out: half of the line, half of the marks.
func (d *document) fit(most int, write func(*document) []byte) (data []byte, short bool) {
	for {
		data = write(d)
		if len(data) <= most || len(d.raw) == 0 && len(d.marks) == 0 {
			return data, d.short
		}
		d.short, d.cut = true, true
		d.raw, d.marks = []byte(cut(string(d.raw), len(d.raw)/2)), d.marks[:len(d.marks)/2]
	}
}

// text is the line where it is text, and the bytes of it where it is not.
func (d *document) text() (text string, bytes []byte) {
	if utf8.Valid(d.raw) {
		return string(d.raw), nil
	}
	return strings.ToValidUTF8(string(d.raw), "\ufffd"), d.raw
}

// fold makes small letters as a search here does: letters that would become those of
// ASCII stay as they are.
func fold(text string) string {
	return strings.Map(func(r rune) rune {
		if l := unicode.ToLower(r); l >= utf8.RuneSelf || r < utf8.RuneSelf {
			return l
		}
		return r
	}, text)
}
