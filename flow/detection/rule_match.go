package detection

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"slices"
	"strings"

	"holdfast/engine/detect"
	"holdfast/engine/event"
)

// An EventMatcher matches events with compiled rules as the product does everywhere: the
// stream, the trial of a rule, the search over stored events. It is for one goroutine.
type EventMatcher struct {
	*detect.Matcher
	buffer []byte
}

// NewEventMatcher returns a matcher of the rules.
func NewEventMatcher(e *detect.Engine) *EventMatcher { return &EventMatcher{Matcher: e.NewMatcher()} }

// Match returns the rules that match an event and are written for logs like it: a rule for
// the sign-in log says nothing about a line of a web server that merely repeats its words.
// Beside the fields as the product names them, rules may ask for what was read out of the
// line: src_ip, dst_ip, user, host, process, domain, outcome. The result is valid until
// the next call.
func (m *EventMatcher) Match(e *event.Event) ([]detect.Match, error) {
	matches, err := m.Matcher.Match(m.document(e))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(matches, func(match detect.Match) bool { return !meantFor(match.Rule.LogSource, e) }), nil
}

// document is the event with what was read out of its line, where the product does not
// name it so itself.
func (m *EventMatcher) document(e *event.Event) []byte {
	end := len(e.Native) - 1
	if end < 1 || e.Native[0] != '{' || e.Native[end] != '}' {
		return e.Native
	}
	m.buffer = append(m.buffer[:0], e.Native[:end]...)
	empty := len(bytes.TrimSpace(e.Native[1:end])) == 0
	for _, f := range [...]struct{ key, value string }{
		{`"src_ip":`, known(e.Src)}, {`"dst_ip":`, known(e.Dst)}, {`"user":`, e.User}, {`"host":`, e.Host},
		{`"process":`, e.Process}, {`"domain":`, e.Domain}, {`"outcome":`, e.Outcome},
	} {
		if f.value == "" || bytes.Contains(e.Native, []byte(f.key)) {
			continue
		}
		if !empty {
			m.buffer = append(m.buffer, ',')
		}
		empty = false
		m.buffer = appendText(append(m.buffer, f.key...), f.value)
	}
	return append(m.buffer, '}')
}

func known(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.Unmap().String()
}

// appendText appends text as JSON.
func appendText(to []byte, text string) []byte {
	plain := !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' })
	if plain {
		return append(append(append(to, '"'), text...), '"')
	}
	quoted, err := json.Marshal(text)
	if err != nil { // no text makes it fail
		return append(to, `""`...)
	}
	return append(to, quoted...)
}

// anyProgram are services that are files into which many programs write.
var anyProgram = []string{"auth", "syslog", "system", "messages"}

// meantFor tells whether the log source of a rule may be that of the event: nothing that
// both say may differ, and something must be the same. A rule or an event that says
// nothing hinders nothing.
func meantFor(s detect.LogSource, e *event.Event) bool {
	if s == (detect.LogSource{}) || e.Product == "" && e.Service == "" && e.Category == "" {
		return true
	}
	product, category := compare(s.Product, e.Product), compare(s.Category, e.Category)
	service := compare(s.Service, e.Service)
	if service == differs && (category == same || product == same && slices.Contains(anyProgram, strings.ToLower(s.Service))) {
		service = silent
	}
	if product == differs || category == differs || service == differs {
		return false
	}
	return product == same || category == same || service == same
}

type likeness int

const (
	silent likeness = iota // one of them says nothing
	same
	differs
)

func compare(rule, said string) likeness {
	switch {
	case rule == "" || said == "":
		return silent
	case strings.EqualFold(rule, said):
		return same
	}
	return differs
}
