package port

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"holdfast/kind"
)

// ReadYAML reads documents: one record, a list of records, or several YAML
// documents of either. name is for messages. JSON is YAML too.
func ReadYAML(name string, r io.Reader) ([]Doc, error) {
	in := &bounded{r: r, left: MaxFile, name: name}
	dec := yaml.NewDecoder(in)
	y := yamlReader{file: name}
	for {
		var root yaml.Node
		err := dec.Decode(&root)
		if errors.Is(err, io.EOF) {
			return y.docs, y.bad.err()
		}
		if in.err != nil {
			return nil, in.err
		}
		if err != nil {
			return nil, explainYAML(name, err)
		}
		if len(root.Content) == 1 {
			y.top(root.Content[0])
		}
		if len(y.docs) > MaxDocs {
			return nil, kind.Errorf(kind.TooLarge, "%s: holds more than %d records; split it", name, MaxDocs)
		}
	}
}

// bounded refuses to read on after a number of bytes.
type bounded struct {
	r    io.Reader
	left int64
	name string
	err  error
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	n, err := b.r.Read(p)
	if b.left -= int64(n); b.left < 0 {
		b.err = kind.Errorf(kind.TooLarge, "%s: is larger than %d MB; split it", b.name, MaxFile>>20)
		return 0, b.err
	}
	if err != nil && !errors.Is(err, io.EOF) {
		b.err = fmt.Errorf("%s: %w", b.name, err)
	}
	return n, err
}

var yamlLine = regexp.MustCompile(`^yaml: (?:unmarshal errors:\s*)?(?:line (\d+): )?`)

// explainYAML puts the place first, where people and editors look for it.
func explainYAML(name string, err error) error {
	text := err.Error()
	at := Place{File: name}
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		text = strings.TrimPrefix(text, m[0])
		at.Line, _ = strconv.Atoi(m[1]) // digits by the pattern, or empty
	}
	return wrong(at, "this is not YAML: %s", text)
}

type yamlReader struct {
	file string
	docs []Doc
	bad  problems
}

func (y *yamlReader) at(n *yaml.Node) Place { return Place{y.file, n.Line} }

func (y *yamlReader) top(n *yaml.Node) {
	switch {
	case n.Kind == yaml.SequenceNode:
		for _, item := range n.Content {
			y.record(item)
		}
	case n.Kind == yaml.ScalarNode && n.Tag == "!!null": // only comments
	default:
		y.record(n)
	}
}

func (y *yamlReader) record(n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		y.bad.add(y.at(n), "expected a record: a map with kind, key and fields")
		return
	}
	if records := member(n, "records"); records != nil {
		y.records(n, records)
		return
	}
	d := Doc{At: y.at(n)}
	y.members(n, func(name, value *yaml.Node) { y.field(&d, name, value) })
	y.docs = append(y.docs, d)
}

// members calls do for every member of a map, and tells of names that are given twice.
func (y *yamlReader) members(n *yaml.Node, do func(name, value *yaml.Node)) {
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		switch {
		case name.Kind != yaml.ScalarNode:
			y.bad.add(y.at(name), "the name of a field is one word")
		case seen[name.Value]:
			y.bad.add(y.at(name), "%s is given twice", name.Value)
		default:
			seen[name.Value] = true
			do(name, value)
		}
	}
}

// records reads a file of one kind: kind, and the list of its records.
func (y *yamlReader) records(n, list *yaml.Node) {
	var kindName string
	y.members(n, func(name, value *yaml.Node) {
		switch name.Value {
		case "kind":
			kindName = y.word(value, "kind")
		case "records":
		default:
			y.bad.add(y.at(name), "beside records there is only kind; %s belongs into a record", name.Value)
		}
	})
	if list.Kind != yaml.SequenceNode {
		y.bad.add(y.at(list), "records is a list; begin each record with a dash")
		return
	}
	first := len(y.docs)
	for _, item := range list.Content {
		y.record(item)
	}
	Default(y.docs[first:], kindName)
}

// member is the value of a name in a map; nil when it has none.
func member(n *yaml.Node, name string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Kind == yaml.MappingNode && n.Content[i].Value == name {
			return n.Content[i+1]
		}
	}
	return nil
}

func (y *yamlReader) field(d *Doc, name, value *yaml.Node) {
	switch name.Value {
	case "kind":
		d.Kind = y.word(value, "kind")
	case "key":
		d.Key = y.word(value, "key")
	case "links":
		y.links(d, value)
	default:
		v := Value{Field: name.Value, At: y.at(name)}
		if y.value(&v, value) {
			d.Values = append(d.Values, v)
		}
	}
}

// plainTags are the types of YAML itself; others may construct things.
var plainTags = map[string]bool{"!!str": true, "!!int": true, "!!float": true, "!!bool": true, "!!null": true, "!!timestamp": true}

// text is the text of a scalar as it is written; ok is false when it is none.
func (y *yamlReader) text(n *yaml.Node) (string, bool) {
	switch {
	case n.Kind == yaml.AliasNode:
		y.bad.add(y.at(n), "aliases (*%s) are not read; write the value", n.Value)
	case n.Kind != yaml.ScalarNode:
		y.bad.add(y.at(n), "expected one value")
	case !plainTags[n.ShortTag()]:
		y.bad.add(y.at(n), "the type %s is not read; write the value", n.ShortTag())
	case n.ShortTag() == "!!null":
		return "", true
	default:
		return n.Value, true
	}
	return "", false
}

func (y *yamlReader) word(n *yaml.Node, what string) string {
	s, ok := y.text(n)
	if ok && strings.TrimSpace(s) == "" {
		y.bad.add(y.at(n), "%s is empty", what)
	}
	return strings.TrimSpace(s)
}

func (y *yamlReader) value(v *Value, n *yaml.Node) bool {
	var ok bool
	switch n.Kind {
	case yaml.SequenceNode:
		v.shape = list
		for _, item := range n.Content {
			s, fine := y.text(item)
			if !fine {
				return false
			}
			v.words = append(v.words, s)
		}
		return true
	case yaml.MappingNode:
		v.shape, v.parts = object, map[string]string{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			s, fine := y.text(n.Content[i+1])
			if !fine {
				return false
			}
			v.parts[n.Content[i].Value] = s
		}
		return true
	}
	v.text, ok = y.text(n)
	return ok
}

func (y *yamlReader) links(d *Doc, n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		y.bad.add(y.at(n), "links is a map: the name of a relation and a list of keys")
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, keys := n.Content[i], []*yaml.Node{n.Content[i+1]}
		if keys[0].Kind == yaml.SequenceNode {
			keys = keys[0].Content
		}
		for _, key := range keys {
			if s, ok := y.text(key); ok {
				d.Links = append(d.Links, Link{name.Value, strings.TrimSpace(s), y.at(key)})
			}
		}
	}
}
