package eventstore

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/valyala/fastjson"

	"holdfast/engine/event"
)

// derived are names that people type for values without a column; they are read out of
// the line. Whatever else is asked for is a field as the product names it.
var derived = map[string]string{
	"message": "message", "msg": "message",
	"cmd": "process.cmd_line", "agent": "http_request.user_agent",
	"pid": "process.pid", "srcport": "src_endpoint.port",
	"program": "process.name", "filename": "file.name",
}

// A condition is a term made ready.
type condition struct {
	not     bool
	columns []int             // any of which matches; none: the line is read
	value   string            // of columns: looked for exactly; empty: match decides
	match   func(string) bool // for a value
	find    *finder           // what stands in the line, or must stand there for it to be read
	path    string            // of OCSF, to read out of the line
	native  string            // or as the product names it
}

// reads tells whether lines must be parsed.
func (c *condition) reads() bool { return c.path != "" || c.native != "" }

// prepare makes the terms ready, those first that cost least.
func prepare(terms []Term) []condition {
	var cheap, text, dear []condition
	for _, t := range terms {
		c := t.condition()
		switch {
		case c.reads():
			dear = append(dear, c)
		case c.columns == nil:
			text = append(text, c)
		default:
			cheap = append(cheap, c)
		}
	}
	return append(append(cheap, text...), dear...)
}

func (t Term) condition() condition {
	c := condition{not: t.Not}
	if t.Field == "" {
		c.find = newFinder(t.Value)
		return c
	}
	c.match = t.matcher()
	if c.columns = columnNamed(t.Field); c.columns != nil {
		if t.Op == Is {
			c.value = strings.ToLower(t.Value)
			if c.columns[0] == columnSource {
				c.value = t.Value
			}
		}
		return c
	}
	c.path, c.native = beyond(t.Field)
	if c.path != "message" && !t.Not && (t.Op == Is || t.Op == Prefix || t.Op == Contains) {
		if word := safeWord(t.Value); word != "" {
			c.find = newFinder(word)
		}
	}
	return c
}

// beyond tells where a field without a column is found: at a path of OCSF, or as the
// product names it.
func beyond(field string) (path, native string) {
	if path = derived[field]; path == "" && isPath(field) {
		path = field
	}
	return path, field
}

// A Place is where a term looks: in any of the columns, else at a path of OCSF, else in a
// field as the product names it. All of these are empty for a term without a field.
type Place struct {
	Columns []string // by their paths in OCSF
	Path    string
	Native  string
}

// Place tells where the term looks.
func (t Term) Place() Place {
	if t.Field == "" {
		return Place{}
	}
	var p Place
	for _, i := range columnNamed(t.Field) {
		p.Columns = append(p.Columns, columns[i].name)
	}
	if p.Columns != nil {
		return p
	}
	if p.Path, p.Native = beyond(t.Field); p.Path != "" {
		p.Native = ""
	}
	return p
}

func isPath(name string) bool {
	for _, n := range event.FieldNames() {
		if n == name {
			return true
		}
	}
	return false
}

// safeWord is the longest part of a value that stands in a line as it is, however the
// line quotes.
func safeWord(value string) string {
	longest := ""
	for _, word := range strings.FieldsFunc(value, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	}) {
		if len(word) > len(longest) {
			longest = word
		}
	}
	if len(longest) < 3 {
		return "" // not worth it
	}
	return longest
}

// matcher compares values with the term.
func (t Term) matcher() func(string) bool {
	want := strings.ToLower(t.Value)
	switch t.Op {
	case Prefix:
		return func(v string) bool { return strings.HasPrefix(strings.ToLower(v), want) }
	case Contains:
		return func(v string) bool { return strings.Contains(strings.ToLower(v), want) }
	case Network:
		return inNetwork(t.Value)
	case AtLeast, AtMost:
		bound, _ := strconv.ParseInt(t.Value, 10, 64) // checked before
		return func(v string) bool {
			n, err := strconv.ParseInt(v, 10, 64)
			return err == nil && (t.Op == AtLeast && n >= bound || t.Op == AtMost && n <= bound)
		}
	case Present:
		return func(v string) bool { return v != "" && v != "0" }
	default:
		return func(v string) bool { return strings.EqualFold(v, t.Value) }
	}
}

func inNetwork(text string) func(string) bool {
	network, err := netip.ParsePrefix(text)
	if err != nil {
		return func(string) bool { return false }
	}
	network = network.Masked()
	return func(v string) bool {
		a, err := netip.ParseAddr(v)
		return err == nil && network.Contains(a.Unmap())
	}
}

// rows tells which rows of those that are left hold the condition's value in a column.
func (c *condition) rows(g rows) (bitmap, error) {
	found := newBitmap(g.len())
	for _, col := range c.columns {
		if c.value != "" && columns[col].bloom && !g.mayHold(col, c.value) {
			continue
		}
		var good []bool
		v, err := g.values(col, func(dict []string) (any bool) {
			good, any = c.among(dict)
			return any
		})
		if err != nil {
			return nil, err
		}
		for row, i := range v.index { // none when no value is good
			if good[i] {
				found.set(row)
			}
		}
	}
	return found, nil
}

// among tells which values of a column match, and whether any does.
func (c *condition) among(dict []string) (good []bool, any bool) {
	good = make([]bool, len(dict))
	for i, v := range dict {
		good[i] = c.value != "" && v == c.value || c.value == "" && c.match(v)
		any = any || good[i]
	}
	return good, any
}

// inEvent tells whether the event has the value that is read out of lines.
func (c *condition) inEvent(e *event.Event, json *fastjson.Parser) bool {
	if c.path != "" {
		return c.match(e.Field(c.path))
	}
	v, err := json.ParseBytes(e.Native)
	if err != nil {
		return c.match("")
	}
	return matchNative(v, c.native, c.match)
}

// matchNative finds a field by its name, in which dots may be part of it or lead into
// objects; capitals do not matter.
func matchNative(v *fastjson.Value, name string, match func(string) bool) bool {
	o, err := v.Object()
	if err != nil {
		return false
	}
	found := false
	o.Visit(func(key []byte, v *fastjson.Value) {
		if found {
			return
		}
		k := string(key)
		if strings.EqualFold(k, name) {
			found = matchValue(v, match)
		} else if len(k) < len(name) && name[len(k)] == '.' && strings.EqualFold(k, name[:len(k)]) {
			found = matchNative(v, name[len(k)+1:], match)
		}
	})
	return found
}

func matchValue(v *fastjson.Value, match func(string) bool) bool {
	switch v.Type() {
	case fastjson.TypeString:
		text, _ := v.StringBytes() // it is one
		return match(string(text))
	case fastjson.TypeArray:
		list, _ := v.Array() // it is one
		for _, item := range list {
			if matchValue(item, match) {
				return true
			}
		}
		return false
	case fastjson.TypeNull:
		return match("")
	default:
		return match(v.String())
	}
}
