package event

import "strings"

// structuredData cuts the structured data from the message behind it. A ] in a value is
// escaped, as are quotes.
func structuredData(s string) (data, message string) {
	if strings.HasPrefix(s, "-") {
		return "", strings.TrimPrefix(s[1:], " ")
	}
	end, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == ']':
			end = i + 1
			if end == len(s) || s[end] != '[' {
				return s[:end], strings.TrimPrefix(s[end:], " ")
			}
		case c == '[' && i != end:
			return s[:end], s[end:]
		case i == end && c != '[':
			return s[:end], s[end:]
		}
	}
	return "", s // it never ends: it is text
}

// syslogNative writes the fields by the names that rules and people use.
func (p *Parser) syslogNative(h *header, data, message string, e *Event) {
	var o object
	o.open(e.buffer)
	o.text("hostname", h.host)
	o.text("program", h.program)
	o.text("pid", h.pid)
	o.text("msgid", h.id)
	if h.facility >= 0 {
		o.text("facility", facilities[h.facility])
		o.text("severity", severities[h.severity])
	}
	if data != "" {
		writeData(&o, data)
	}
	o.always("message", message)
	e.native(o.close())
}

// writeData writes structured data as {"id": {"name": "value"}}.
func writeData(o *object, data string) {
	o.enter("structured_data")
	for data != "" && data[0] == '[' {
		data = data[1:]
		end := strings.IndexAny(data, " ]")
		if end < 0 {
			break
		}
		o.enter(data[:end])
		data = writeParams(o, data[end:])
		o.leave()
	}
	o.leave()
}

// writeParams writes name="value" pairs and returns what follows the closing bracket.
func writeParams(o *object, s string) string {
	for {
		s = strings.TrimLeft(s, " ")
		if s == "" {
			return ""
		}
		if s[0] == ']' {
			return s[1:]
		}
		name, rest, ok := strings.Cut(s, "=")
		if !ok || rest == "" || rest[0] != '"' {
			return ""
		}
		value, n := quotedValue(rest[1:])
		o.always(name, value)
		s = rest[1+n:]
	}
}

// quotedValue reads up to the closing quote and takes the escapes of RFC 5424 out.
func quotedValue(s string) (string, int) {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			return unescaped(s)
		case '"':
			return s[:i], i + 1
		}
	}
	return s, len(s)
}

func unescaped(s string) (string, int) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return b.String(), i + 1
		case c == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\' || s[i+1] == ']'):
			i++
			b.WriteByte(s[i])
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), len(s)
}
