package event

import (
	"bytes"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/valyala/fastjson"
)

// Options are what the record of an event source says about it.
type Options struct {
	Format Format         // empty or Auto: recognise it
	Zone   *time.Location // of times without one; nil: UTC

	// Product, Service and Category are those of the log source, in the words of Sigma
	// rules; empty: what the lines themselves say.
	Product, Service, Category string
}

// A Parser reads lines of one source. It remembers what earlier lines said about later
// ones: their format, the header of a table. It is not for two goroutines at once.
type Parser struct {
	o      Options
	zone   *time.Location
	json   fastjson.Parser
	words  map[string]string // that were met, so that each is kept once
	sticky Format            // of the line before, where it is to be recognised
	zeek   zeekTable
	win    []*fastjson.Value // the fields of the Windows event at hand
	pairs  []pair            // of the line at hand
}

// NewParser returns a parser for the lines of one source.
func NewParser(o Options) *Parser {
	if o.Format == "" {
		o.Format = Auto
	}
	zone := o.Zone
	if zone == nil {
		zone = time.UTC
	}
	return &Parser{o: o, zone: zone, words: map[string]string{}}
}

// Parse reads one line. It never fails: what is not in the format of the source becomes
// Text and Complaint says why. e may be one that was used before; nothing of it is kept
// but its memory. Native is valid until e is used again, and as long as l.Raw is; all
// other values are their own.
func (p *Parser) Parse(l Line, e *Event) {
	*e = Event{Line: l, Time: l.Received, Also: e.Also[:0], buffer: e.buffer[:0]}
	raw := l.Raw
	if len(raw) > MaxLine {
		raw = raw[:MaxLine]
		e.complain("the line is longer than %d bytes and was cut", MaxLine)
	}
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	if len(l.Head) > 0 && len(raw) > 0 && raw[0] != '#' {
		p.zeek.take(l.Head)
	}
	if !p.read(raw, e) {
		p.text(string(raw), e)
	}
	if e.Severity == 0 {
		e.Severity = 1
	}
	e.clean()
	if p.o.Product != "" {
		e.Product = p.o.Product
	}
	if p.o.Service != "" {
		e.Service = p.o.Service
	}
	if p.o.Category != "" {
		e.Category = p.o.Category
	}
}

// read reads a line in the format of the source; false: it is not in it.
func (p *Parser) read(raw []byte, e *Event) bool {
	format := p.o.Format
	if format == Auto {
		format = p.recognise(raw)
		p.sticky = format
	}
	switch format {
	case Text:
		p.text(string(raw), e)
		return true
	case Syslog:
		return p.syslog(string(raw), e)
	case AccessLog:
		if p.access(string(raw), e) {
			return true
		}
		e.complain("this is no line of a web server's access log")
		return false
	case Auditd:
		if trimmed := bytes.TrimSpace(raw); len(trimmed) > 0 && trimmed[0] == '{' {
			return p.structured(raw, JSON, e)
		}
		if p.audit(string(raw), e) {
			return true
		}
		e.complain("this is no record of the Linux audit system")
		return false
	case Zeek:
		if trimmed := bytes.TrimSpace(raw); len(trimmed) > 0 && trimmed[0] == '{' {
			return p.structured(raw, Zeek, e)
		}
		return p.zeekRow(string(raw), e)
	case Windows:
		if trimmed := bytes.TrimSpace(raw); len(trimmed) > 0 && trimmed[0] == '<' {
			return p.windowsXML(trimmed, e)
		}
	case Journald:
		if trimmed := bytes.TrimSpace(raw); len(trimmed) == 0 || trimmed[0] != '{' {
			return p.journalText(raw, e)
		}
	}
	return p.structured(raw, format, e)
}

// text keeps a line as it is.
func (p *Parser) text(s string, e *Event) {
	e.Format, e.Message = Text, cleanText(s)
	var o object
	o.open(e.buffer)
	o.always("message", s)
	e.native(o.close())
}

// native sets Native to what was made in the buffer.
func (e *Event) native(made []byte) { e.buffer, e.Native = made, made }

// structured reads a line that is a JSON object.
func (p *Parser) structured(raw []byte, format Format, e *Event) bool {
	raw = bytes.TrimSpace(raw)
	v, err := p.json.ParseBytes(raw)
	if err == nil && v.Type() != fastjson.TypeObject {
		err = fmt.Errorf("it is no object")
	}
	if err != nil {
		e.complain("this is no JSON of one event: %s", shorten(err.Error(), 200))
		return false
	}
	if p.o.Format == Auto || format == JSON {
		format = formatOf(v, format)
	}
	p.nativeJSON(raw, v, e)
	e.Format = format
	switch format {
	case OCSF:
		p.ocsfIn(v, e)
	case ECS:
		p.ecs(v, e)
	case CloudTrail:
		p.cloudtrail(v, e)
	case Windows:
		p.windows(v, e)
	case Zeek:
		p.zeekJSON(v, e)
	case Suricata:
		p.suricata(v, e)
	case Journald:
		p.journal(v, e)
	default:
		e.Format = JSON
		p.anyJSON(v, e)
	}
	return true
}

// nativeJSON takes the line itself where it is valid JSON, which the parser does not
// insist on, and otherwise writes what was understood.
func (p *Parser) nativeJSON(raw []byte, v *fastjson.Value, e *Event) {
	if fastjson.ValidateBytes(raw) == nil && utf8.Valid(raw) {
		e.Native = raw
		return
	}
	var o object
	o.b = appendValue(e.buffer[:0], v)
	e.native(o.b)
}

// appendValue writes a value in valid JSON.
func appendValue(dst []byte, v *fastjson.Value) []byte {
	switch v.Type() {
	case fastjson.TypeObject:
		dst = append(dst, '{')
		first := true
		v.GetObject().Visit(func(key []byte, kid *fastjson.Value) {
			if !first {
				dst = append(dst, ',')
			}
			first = false
			dst = append(appendText(dst, string(key)), ':')
			dst = appendValue(dst, kid)
		})
		return append(dst, '}')
	case fastjson.TypeArray:
		dst = append(dst, '[')
		for i, kid := range v.GetArray() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendValue(dst, kid)
		}
		return append(dst, ']')
	case fastjson.TypeString:
		return appendText(dst, string(v.GetStringBytes()))
	}
	from := len(dst)
	dst = v.MarshalTo(dst)
	if fastjson.ValidateBytes(dst[from:]) != nil { // a number such as 007 or inf
		said := string(dst[from:])
		return appendText(dst[:from], said)
	}
	return dst
}

// complain notes what could not be read; the first complaint stands.
func (e *Event) complain(format string, args ...any) {
	if e.Complaint == "" {
		e.Complaint = fmt.Sprintf(format, args...)
	}
}

// Words that are longer are not shared, and when so many were met the parser begins anew.
const (
	longestWord = 96
	mostWords   = 8192
)

// word is a text of its own. The same few hosts, users and programs come again and
// again; each is kept once.
func (p *Parser) word(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if len(b) > longestWord {
		return string(b)
	}
	if s, ok := p.words[string(b)]; ok {
		return s
	}
	if len(p.words) >= mostWords {
		clear(p.words)
	}
	s := string(b)
	p.words[s] = s
	return s
}

// shorten cuts a text for a message at a letter.
func shorten(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most] + "…"
}

// clean makes every text valid UTF-8: what was decoded, or came from a broken sender,
// may be anything.
func (e *Event) clean() {
	for _, s := range [...]*string{&e.Host, &e.User, &e.Process, &e.CommandLine, &e.File, &e.Domain, &e.URL, &e.Mail, &e.UserAgent,
		&e.Message, &e.Service, &e.Product, &e.Activity} {
		if !utf8.ValidString(*s) {
			*s = strings.ToValidUTF8(*s, "\ufffd")
		}
	}
	for i := range e.Also {
		e.Also[i].Value = strings.ToValidUTF8(e.Also[i].Value, "\ufffd")
		e.Also[i].Field = strings.ToValidUTF8(e.Also[i].Field, "\ufffd")
	}
}

// cleanText is valid UTF-8 without spaces around it.
func cleanText(s string) string { return strings.ToValidUTF8(strings.TrimSpace(s), "\ufffd") }
