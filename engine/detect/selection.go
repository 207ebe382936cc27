package detect

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A selection is a named part of a detection, as it was written.
type selection struct {
	name string
	body body
}

// A body is either a list, of which one entry must hold, or a map, of which all must.
type body struct {
	any   []body
	all   []item
	every []body // further parts that must hold, made by pipelines
}

// An item is one line of a map: a field, its modifiers and the values to compare
// with. Keywords, which are looked for in all values of an event, have no field.
type item struct {
	field     string
	modifiers []string
	values    []scalar
	listed    bool // the values were written as a list
	at        place
}

// said is the field with its modifiers, as it was written.
func (it *item) said() string {
	return strings.Join(append([]string{it.field}, it.modifiers...), "|")
}

// A scalar is one value, as it was written.
type scalar struct {
	text string
	is   scalarKind
}

type scalarKind uint8

const (
	isText scalarKind = iota
	isNumber
	isBool
	isNull
)

// body reads what a selection says.
func (r *reader) body(n *yaml.Node, depth int) body {
	n = r.visit(n)
	if depth > maxDepth {
		r.fail(n, "nested more than %d deep", maxDepth)
	}
	if r.err != nil {
		return body{}
	}
	switch n.Kind {
	case yaml.MappingNode:
		return r.mapBody(n)
	case yaml.SequenceNode:
		return r.listBody(n, depth)
	default:
		return body{all: []item{r.keywords(n, []scalar{r.scalar(n)})}}
	}
}

func (r *reader) mapBody(n *yaml.Node) body {
	var b body
	for _, p := range r.pairs(n, "a selection") {
		parts := strings.Split(p.key, "|")
		it := item{field: parts[0], modifiers: parts[1:], at: place{r.file, p.at.Line}}
		it.listed = r.visit(p.value).Kind == yaml.SequenceNode
		for _, v := range r.items(p.value) {
			it.values = append(it.values, r.scalar(v))
		}
		b.all = append(b.all, it)
	}
	if r.err == nil && len(b.all) == 0 {
		r.fail(n, "an empty selection would match everything")
	}
	return b
}

// listBody gathers the plain values of a list into one item of keywords.
func (r *reader) listBody(n *yaml.Node, depth int) body {
	var b body
	var words []scalar
	for _, v := range n.Content {
		if r.err != nil {
			return body{}
		}
		if v := r.visit(v); v.Kind == yaml.ScalarNode {
			words = append(words, r.scalar(v))
			continue
		}
		b.any = append(b.any, r.body(v, depth+1))
	}
	if len(words) > 0 {
		b.any = append(b.any, body{all: []item{r.keywords(n, words)}})
	}
	if r.err == nil && len(b.any) == 0 {
		r.fail(n, "an empty list would match nothing")
	}
	return b
}

func (r *reader) keywords(n *yaml.Node, words []scalar) item {
	return item{values: words, listed: true, at: place{r.file, n.Line}}
}

// scalar reads a value. Numbers are brought into the form that numbers of events are
// brought into (plainNumber), so that both can be compared as text.
func (r *reader) scalar(n *yaml.Node) scalar {
	n = r.visit(n)
	if n.Kind != yaml.ScalarNode {
		r.fail(n, "a value must be text, a number, true, false or null")
		return scalar{}
	}
	switch n.Tag {
	case "!!null":
		return scalar{is: isNull}
	case "!!bool":
		return scalar{strings.ToLower(n.Value), isBool}
	case "!!int", "!!float":
		return scalar{yamlNumber(n), isNumber}
	}
	return scalar{n.Value, isText}
}

func yamlNumber(n *yaml.Node) string {
	var i int64
	if n.Tag == "!!int" && n.Decode(&i) == nil {
		return strconv.FormatInt(i, 10)
	}
	var u uint64
	if n.Tag == "!!int" && n.Decode(&u) == nil {
		return strconv.FormatUint(u, 10)
	}
	return string(plainNumber(nil, []byte(n.Value)))
}

// plainNumber appends a decimal number without exponent and without needless zeros,
// as far as that is short: 4.0 and 4e0 become 4. Plain integers are kept digit by
// digit, however long they are.
func plainNumber(dst, text []byte) []byte {
	plain := len(text) > 0
	for i, c := range text {
		if (c < '0' || c > '9') && (c != '-' || i > 0 || len(text) == 1) {
			plain = false
			break
		}
	}
	if plain && string(text) != "-0" {
		return append(dst, text...)
	}
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return append(dst, text...)
	}
	if f == 0 {
		return append(dst, '0')
	}
	format := byte('f')
	if f >= 1e21 || f <= -1e21 || f < 1e-6 && f > -1e-6 {
		format = 'g'
	}
	return strconv.AppendFloat(dst, f, format, -1, 64)
}
