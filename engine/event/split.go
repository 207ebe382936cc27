package event

import (
	"bytes"
	"encoding/binary"
	"iter"
)

// Split gives the events of a document one by one: the records of an envelope
// ({"Records": […]}), the elements of an array, objects one after another, also over
// several lines, Windows events in XML, entries of the journal's export, and otherwise lines. Of a table whose
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
		case bytes.HasPrefix(head, []byte("<Event")), bytes.HasPrefix(head, []byte("<?xml")):
			splitXML(head, yield)
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

// splitXML gives the Event elements of a document.
func splitXML(raw []byte, yield func([]byte) bool) bool {
	for {
		from := eventStart(raw)
		if from < 0 {
			return true
		}
		end := bytes.Index(raw[from:], []byte("</Event>"))
		if end < 0 {
			return yield(raw[from:])
		}
		end += from + len("</Event>")
		if !yield(raw[from:end]) {
			return false
		}
		raw = raw[end:]
	}
}

// eventStart finds <Event> or <Event xmlns=…>, but not <Events>.
func eventStart(raw []byte) int {
	for at := 0; ; {
		i := bytes.Index(raw[at:], []byte("<Event"))
		if i < 0 {
			return -1
		}
		at += i + len("<Event")
		if at < len(raw) && (raw[at] == '>' || raw[at] == ' ' || raw[at] == '\n' || raw[at] == '\r') {
			return at - len("<Event")
		}
	}
}

// splitJSON gives the objects of a text one by one; what is none is given by lines.
// Behind one that never ends, no other is looked for beyond its own line: to search the
// whole rest again and again would take for ever.
func splitJSON(raw []byte, yield func([]byte) bool) bool {
	broken := false
	for {
		raw = bytes.TrimLeft(raw, " \t\r\n,\x1e")
		if len(raw) == 0 {
			return true
		}
		n := 0
		if raw[0] == '{' || raw[0] == '[' {
			reach := raw
			if broken {
				reach, _, _ = bytes.Cut(raw, []byte{'\n'})
			}
			n = valueEnd(reach)
			broken = broken || n == 0
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
	if records, ok := envelopeList(object); ok {
		return splitJSON(records, yield)
	}
	return yield(object)
}

func envelopeList(object []byte) (records []byte, ok bool) {
	inner := bytes.TrimLeft(object[1:], " \t\r\n")
	for _, name := range envelopes {
		rest, ok := bytes.CutPrefix(inner, []byte(`"`+name+`"`))
		if !ok {
			continue
		}
		rest = bytes.TrimLeft(rest, " \t\r\n:")
		if len(rest) == 0 || rest[0] != '[' {
			return nil, false
		}
		n := valueEnd(rest)
		if n == 0 {
			return nil, false
		}
		records := bytes.TrimSpace(rest[1 : n-1])
		if len(records) > 0 && records[0] != '{' {
			return nil, false
		}
		return records, true
	}
	return nil, false
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
