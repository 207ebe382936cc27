package oscal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"holdfast/kind"
)

// Read reads one document: any model as JSON, a catalogue as XML. The name is told
// in messages. What is not OSCAL, or has a value of the wrong type, is an Invalid
// error with line and JSON path.
func Read(name string, r io.Reader) (*Document, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return Parse(name, data)
}

// Parse is Read of a file that is in memory.
func Parse(name string, data []byte) (*Document, error) {
	if len(data) > MaxBytes {
		return nil, kind.Errorf(kind.TooLarge, "%s: more than %d MB; split it into several documents", name, MaxBytes>>20)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("<")) {
		return parseXML(name, data)
	}
	v, err := parse(name, data)
	if err != nil {
		return nil, err
	}
	root, ok := v.(*Object)
	if !ok {
		return nil, bad(name, 1, "", "an OSCAL document is a JSON object")
	}
	d, err := documentOf(name, root)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &top{}); err != nil {
		return nil, explain(name, "", data, err)
	}
	return d, nil
}

// documentOf finds the model in the top-level object and checks what every model has.
func documentOf(name string, root *Object) (*Document, error) {
	d := &Document{Name: name, rest: &Object{}}
	for _, m := range root.members {
		body, isObject := m.value.(*Object)
		switch {
		case slices.Contains(Models, Model(m.name)) && d.Model != "":
			return nil, bad(name, 0, "", "it holds two documents, %s and %s; a file holds one", d.Model, m.name)
		case slices.Contains(Models, Model(m.name)) && isObject:
			d.Model, d.Body = Model(m.name), body
		default:
			d.rest.members = append(d.rest.members, m)
		}
	}
	if d.Model == "" {
		return nil, bad(name, 0, "", "not an OSCAL document: the top level has none of %s", join(Models))
	}
	if !isUUID(d.UUID()) {
		return nil, bad(name, 0, "/"+string(d.Model)+"/uuid", "%q is not a UUID", d.UUID())
	}
	if d.Title() == "" {
		return nil, bad(name, 0, "/"+string(d.Model)+"/metadata/title", "is missing; every OSCAL document has a title")
	}
	return d, nil
}

func join(models []Model) string {
	names := make([]string, len(models))
	for i, m := range models {
		names[i] = string(m)
	}
	return strings.Join(names, ", ")
}

var uuidForm = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)

func isUUID(s string) bool { return uuidForm.MatchString(s) }

// bad makes an Invalid error that names file, line (0: unknown) and JSON path.
func bad(name string, line int, path, format string, args ...any) error {
	place := name
	if line > 0 {
		place += ":" + strconv.Itoa(line)
	}
	if path != "" {
		place += ": " + path
	}
	return kind.Errorf(kind.Invalid, "%s: %s", place, fmt.Sprintf(format, args...))
}

// explain turns an error of encoding/json into one that names line and path. What
// was decoded hangs below root.
func explain(name, root string, data []byte, err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		path, line := pathAt(data, syntax.Offset)
		return bad(name, line, root+path, "not JSON: %s", syntax)
	}
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		path, line := pathAt(data, wrong.Offset)
		return bad(name, line, root+path, "found a %s where OSCAL has %s", wrong.Value, plainType(wrong.Type.String()))
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return bad(name, 1+bytes.Count(data, []byte("\n")), "", "the file ends in the middle of the JSON: it was cut off")
	}
	return bad(name, 0, root, "%s", err)
}

// plainType says a Go type in the words of JSON.
func plainType(t string) string {
	switch {
	case strings.HasPrefix(t, "[]"):
		return "a list"
	case t == "string":
		return "a text"
	case t == "bool":
		return "true or false"
	case t == "int" || t == "float64":
		return "a number"
	}
	return "an object"
}

// parse reads JSON strictly: one value, no name twice in an object, bounded depth.
func parse(name string, data []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	p := parser{name: name, data: data, dec: dec}
	v, err := p.value(0)
	if err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, p.bad("there is text after the end of the JSON")
	}
	return v, nil
}

type parser struct {
	name  string
	data  []byte
	dec   *json.Decoder
	nodes int
}

func (p *parser) bad(format string, args ...any) error {
	path, line := pathAt(p.data, p.dec.InputOffset())
	return bad(p.name, line, path, format, args...)
}

func (p *parser) value(depth int) (any, error) {
	t, err := p.token()
	if err != nil {
		return nil, err
	}
	switch t {
	case json.Delim('{'):
		if depth == MaxDepth {
			return nil, p.bad("nested more than %d deep", MaxDepth)
		}
		return p.object(depth + 1)
	case json.Delim('['):
		if depth == MaxDepth {
			return nil, p.bad("nested more than %d deep", MaxDepth)
		}
		return p.list(depth + 1)
	}
	return t, nil
}

func (p *parser) token() (json.Token, error) {
	if p.nodes++; p.nodes > MaxNodes {
		return nil, kind.Errorf(kind.TooLarge, "%s: more than %d values; split it into several documents", p.name, MaxNodes)
	}
	t, err := p.dec.Token()
	if err != nil {
		return nil, explain(p.name, "", p.data, err)
	}
	return t, nil
}

func (p *parser) object(depth int) (any, error) {
	o := &Object{}
	seen := map[string]bool{}
	for p.dec.More() {
		t, err := p.token()
		if err != nil {
			return nil, err
		}
		name, ok := t.(string)
		if !ok || seen[name] {
			return nil, p.bad("the member %q stands twice in one object", name)
		}
		seen[name] = true
		v, err := p.value(depth)
		if err != nil {
			return nil, err
		}
		o.members = append(o.members, member{name, v})
	}
	_, err := p.token()
	return o, err
}

func (p *parser) list(depth int) (any, error) {
	list := []any{}
	for p.dec.More() {
		v, err := p.value(depth)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	_, err := p.token()
	return list, err
}

// pathAt finds the JSON pointer and the line of the value that ends at or spans an
// offset, by reading the tokens up to it.
func pathAt(data []byte, offset int64) (string, int) {
	line := 1 + bytes.Count(data[:min(max(int(offset), 0), len(data))], []byte("\n"))
	dec := json.NewDecoder(bytes.NewReader(data))
	var path []step
	for {
		t, err := dec.Token()
		if err != nil {
			return pointer(path), line
		}
		path = follow(path, t)
		if dec.InputOffset() >= offset {
			return pointer(path), line
		}
	}
}

// A step is where one open object or list stands: the member or element read last.
type step struct {
	list    bool
	index   int
	name    string
	isValue bool // of an object: the name was read, its value comes next or was read
	done    bool
}

func follow(path []step, t json.Token) []step {
	if t == json.Delim('}') || t == json.Delim(']') {
		path = path[:max(0, len(path)-1)]
		return path
	}
	if top := len(path) - 1; top >= 0 {
		s := &path[top]
		switch {
		case s.list:
			s.index++
		case !s.isValue || s.done:
			s.name, _ = t.(string)
			s.isValue, s.done = true, false
			return path
		default:
			s.done = true
		}
	}
	switch t {
	case json.Delim('{'):
		return append(path, step{})
	case json.Delim('['):
		return append(path, step{list: true, index: -1})
	}
	return path
}

func pointer(path []step) string {
	var b strings.Builder
	for _, s := range path {
		switch {
		case s.list && s.index >= 0:
			fmt.Fprintf(&b, "/%d", s.index)
		case !s.list && s.isValue:
			b.WriteString("/" + s.name)
		}
	}
	return b.String()
}
