package event

import (
	"bytes"
	"encoding/binary"
	"iter"
	"strings"

	"github.com/valyala/fastjson"
)

// Split gives the events of a document one by one: the records of an envelope
// ({"Records": […]}), the elements of an array, objects one after another, also over
// several lines, entries of the journal's export, and otherwise lines. Of a table whose
// columns stand in its head, as those of Zeek, the head is given too. What it gives is
// valid as long as raw; empty lines are left out.
func Split(raw []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
		head := bytes.TrimLeft(raw, " \t\r\n")
		switch {
		case len(head) == 0:
		case head[0] == '{' || head[0] == '[':
			splitJSON(head, yield)
		case bytes.HasPrefix(head, []byte("__CURSOR=")), bytes.HasPrefix(head, []byte("__REALTIME_TIMESTAMP=")):
			splitJournal(head, yield)
		default:
			splitLines(raw, yield)
		}
	}
}

func splitLines(raw []byte, yield func([]byte) bool) bool {
	for len(raw) > 0 {
		line, rest, _ := bytes.Cut(raw, []byte{'\n'})
		raw = rest
		line = bytes.TrimSuffix(line, []byte{'\r'})
		if len(bytes.TrimSpace(line)) > 0 && !yield(line) {
			return false
		}
	}
	return true
}

// splitJSON gives the objects of a text one by one; what is none is given by lines.
func splitJSON(raw []byte, yield func([]byte) bool) bool {
	for {
		raw = bytes.TrimLeft(raw, " \t\r\n,\x1e")
		if len(raw) == 0 {
			return true
		}
		n := 0
		if raw[0] == '{' || raw[0] == '[' {
			n = valueEnd(raw)
		}
		switch {
		case n == 0:
			line, rest, _ := bytes.Cut(raw, []byte{'\n'})
			raw = rest
			if line = bytes.TrimSpace(line); len(line) > 0 && !yield(line) {
				return false
			}
			continue
		case raw[0] == '[':
			if !splitJSON(raw[1:n-1], yield) {
				return false
			}
		default:
			if !splitEnvelope(raw[:n], yield) {
				return false
			}
		}
		raw = raw[n:]
	}
}

// valueEnd is where the object or array ends that begins here; 0: it does not.
func valueEnd(s []byte) int {
	depth, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}

// envelopes are the names of the lists in which events are sent together.
var envelopes = []string{"Records", "records", "Events", "events", "logEvents", "value"}

// splitEnvelope gives the records of an object that is nothing but their envelope: an
// object whose first name is that of a list.
func splitEnvelope(object []byte, yield func([]byte) bool) bool {
	list := envelopeList(object)
	if list == nil {
		return yield(object)
	}
	return splitJSON(list, yield)
}

func envelopeList(object []byte) []byte {
	inner := bytes.TrimLeft(object[1:], " \t\r\n")
	for _, name := range envelopes {
		rest, ok := bytes.CutPrefix(inner, []byte(`"`+name+`"`))
		if !ok {
			continue
		}
		rest = bytes.TrimLeft(rest, " \t\r\n:")
		if len(rest) == 0 || rest[0] != '[' {
			return nil
		}
		n := valueEnd(rest)
		if n == 0 {
			return nil
		}
		list := bytes.TrimSpace(rest[1 : n-1])
		if len(list) > 0 && list[0] != '{' {
			return nil
		}
		return list
	}
	return nil
}

// splitJournal gives the entries of the journal's export, which an empty line ends. A
// field may be binary: its name, its length in eight bytes, and as many bytes.
func splitJournal(raw []byte, yield func([]byte) bool) bool {
	for len(raw) > 0 {
		n := journalEntry(raw)
		entry := bytes.Trim(raw[:n], "\n")
		raw = raw[n:]
		if len(entry) > 0 && !yield(entry) {
			return false
		}
	}
	return true
}

// journalEntry is where the first entry ends.
func journalEntry(raw []byte) int {
	at := 0
	for at < len(raw) {
		end := bytes.IndexByte(raw[at:], '\n')
		if end < 0 {
			return len(raw)
		}
		line := raw[at : at+end]
		at += end + 1
		if len(line) == 0 {
			return at
		}
		if bytes.IndexByte(line, '=') < 0 {
			at = skipBinary(raw, at)
		}
	}
	return at
}

// skipBinary is where a binary value ends whose length begins here.
func skipBinary(raw []byte, at int) int {
	if at+8 > len(raw) {
		return len(raw)
	}
	size := binary.LittleEndian.Uint64(raw[at:])
	if size > uint64(len(raw)-at-8) {
		return len(raw)
	}
	at += 8 + int(size)
	if at < len(raw) && raw[at] == '\n' {
		at++
	}
	return at
}

// at is the text of the scalar at a path; of a list its first. Empty: there is none.
func (p *Parser) at(v *fastjson.Value, path ...string) string {
	return p.scalar(v.Get(path...))
}

func (p *Parser) scalar(v *fastjson.Value) string {
	if v == nil {
		return ""
	}
	switch v.Type() {
	case fastjson.TypeString:
		return strings.ToValidUTF8(p.word(v.GetStringBytes()), "\ufffd")
	case fastjson.TypeNumber:
		var buffer [32]byte
		return p.word(v.MarshalTo(buffer[:0]))
	case fastjson.TypeTrue:
		return "true"
	case fastjson.TypeFalse:
		return "false"
	case fastjson.TypeArray:
		if list := v.GetArray(); len(list) > 0 && list[0].Type() != fastjson.TypeArray {
			return p.scalar(list[0])
		}
	}
	return ""
}

// firstAt is the text at the first of the paths that has one. A path may lead through
// objects or be one name with dots, and both at once.
func (p *Parser) firstAt(v *fastjson.Value, paths ...string) string {
	for _, path := range paths {
		if s := p.scalar(dig(v, path)); s != "" {
			return s
		}
	}
	return ""
}

// dig follows a dotted path through objects; any dot may be part of a name.
func dig(v *fastjson.Value, path string) *fastjson.Value {
	if v == nil || v.Type() != fastjson.TypeObject {
		return nil
	}
	if kid := v.Get(path); kid != nil {
		return kid
	}
	for i := range len(path) {
		if path[i] != '.' {
			continue
		}
		if kid := v.Get(path[:i]); kid != nil {
			if found := dig(kid, path[i+1:]); found != nil {
				return found
			}
		}
	}
	return nil
}
