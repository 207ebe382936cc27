package port

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A page is a YAML file that is edited in place: what does not change keeps every
// byte, and comments stay where they are.
type page struct {
	name    string
	lines   []string // each with its end
	roots   []*yaml.Node
	entries []*entry
	edits   []lineEdit
	added   []addition
	rough   bool // some edit cannot be made in lines
}

// An addition is a record that is put into a list.
type addition struct{ list, node *yaml.Node }

// An entry is a record on a page.
type entry struct {
	doc  *Doc
	node *yaml.Node // the map
	list *yaml.Node // the list in which it stands; nil: a document of its own
	root *yaml.Node
	gone bool
}

// A lineEdit replaces the lines from first up to, not including, last; counted from 0.
type lineEdit struct {
	first, last int
	text        string
}

// readPage reads a file for editing. It must hold nothing but records.
func readPage(name string, data []byte) (*page, error) {
	docs, err := ReadYAML(name, bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	p := &page{name: name, lines: strings.SplitAfter(string(data), "\n")}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	for {
		root := &yaml.Node{}
		if err := dec.Decode(root); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, explainYAML(name, err)
		}
		p.roots = append(p.roots, root)
		if len(root.Content) == 1 {
			p.find(root.Content[0], nil, root)
		}
	}
	if len(docs) != len(p.entries) {
		return nil, wrong(Place{File: name}, "cannot be edited in place; write one record after the other")
	}
	for i := range docs {
		p.entries[i].doc = &docs[i]
	}
	return p, nil
}

// find mirrors yamlReader.top.
func (p *page) find(n, list, root *yaml.Node) {
	switch records := member(n, "records"); {
	case n.Kind == yaml.SequenceNode:
		for _, item := range n.Content {
			p.find(item, n, root)
		}
	case records != nil:
		p.find(records, nil, root)
	case n.Kind == yaml.MappingNode:
		p.entries = append(p.entries, &entry{node: n, list: list, root: root})
	}
}

// set changes a record to what the wanted map says, where same is false for the name
// of a field; names that are in neither are removed.
func (p *page) set(e *entry, want *yaml.Node, same func(field string) bool) {
	if e.node.Style&yaml.FlowStyle != 0 {
		end := p.endOf(e.node, e.node.Column-1, len(p.lines))
		mergeMap(e.node, want, same)
		p.replaceNode(e.node, end)
		return
	}
	p.setMap(e.node, want, same)
}

// setMap edits a map in block style entry by entry.
func (p *page) setMap(have, want *yaml.Node, same func(field string) bool) {
	spans := p.spans(have)
	for i := 0; i+1 < len(have.Content); i += 2 {
		name, value := have.Content[i], have.Content[i+1]
		wanted := member(want, name.Value)
		switch span := spans[i/2]; {
		case same(name.Value):
		case wanted == nil && i == 0:
			p.rough = true
		case wanted == nil:
			p.edits = append(p.edits, lineEdit{span.first, span.last, ""})
		case value.Kind == yaml.MappingNode && wanted.Kind == yaml.MappingNode && value.Style&yaml.FlowStyle == 0 && len(value.Content) > 0:
			p.setMap(value, wanted, func(field string) bool { return sameWords(member(value, field), member(wanted, field)) })
		default:
			p.edits = append(p.edits, lineEdit{span.first, span.last, p.prefix(name) + indentBelow(pairText(name, mergeValue(value, wanted)), name.Column-1)})
		}
	}
	p.insert(have, want, spans)
	mergeMap(have, want, same)
}

// insert adds the entries that are new, each behind the one before which it is wanted.
func (p *page) insert(have, want *yaml.Node, spans []span) {
	if len(spans) == 0 {
		p.rough = true
		return
	}
	at := spans[0].last
	for i := 0; i+1 < len(want.Content); i += 2 {
		name := want.Content[i]
		if j := indexOf(have, name.Value); j >= 0 {
			at = spans[j/2].last
			continue
		}
		indent := have.Content[0].Column - 1
		text := strings.Repeat(" ", indent) + indentBelow(pairText(name, want.Content[i+1]), indent)
		if at > 0 && !strings.HasSuffix(p.lines[at-1], "\n") {
			text = "\n" + text
		}
		p.edits = append(p.edits, lineEdit{at, at, text})
	}
}

// remove takes a record off the page.
func (p *page) remove(e *entry) {
	e.gone = true
	if e.list == nil || e.list.Style&yaml.FlowStyle != 0 {
		p.rough = true
		return
	}
	first := e.node.Line - 1
	last := p.endOf(e.node, e.list.Column-1, len(p.lines))
	for last < len(p.lines) && strings.TrimSpace(p.lines[last]) == "" && p.lines[last] != "" {
		last++
	}
	p.edits = append(p.edits, lineEdit{first, last, ""})
}

// add puts a record, as sheets hold it, at the end of the list of the page. It tells
// whether there is one.
func (p *page) add(text []byte) bool {
	if len(p.entries) == 0 {
		return false
	}
	e := p.entries[len(p.entries)-1]
	if e.list == nil || e.list.Style&yaml.FlowStyle != 0 {
		return false
	}
	at := len(p.lines)
	for at > 0 && strings.TrimSpace(p.lines[at-1]) == "" {
		at--
	}
	var root yaml.Node
	if yaml.Unmarshal(text, &root) != nil || len(root.Content) != 1 {
		return false
	}
	p.added = append(p.added, addition{e.list, root.Content[0]})
	indent := e.list.Column - 1
	body := "\n" + strings.Repeat(" ", indent) + "- " + indentBelow(string(text), indent+2)
	if at > 0 && !strings.HasSuffix(p.lines[at-1], "\n") {
		body = "\n" + body
	}
	p.edits = append(p.edits, lineEdit{at, at, body})
	return true
}

// bytes is the page with all edits made; nil when no record is left.
func (p *page) bytes() ([]byte, error) {
	if len(p.added) == 0 && !slices.ContainsFunc(p.entries, func(e *entry) bool { return !e.gone }) {
		return nil, nil
	}
	if p.rough {
		return p.encode()
	}
	lines := slices.Clone(p.lines)
	order := slices.Clone(p.edits)
	slices.Reverse(order)                                  // what comes to one place keeps its order
	slices.SortStableFunc(order, func(a, b lineEdit) int { // from the bottom up; what is replaced before what comes above it
		return cmp.Or(b.first-a.first, b.last-a.last)
	})
	for _, e := range order {
		lines = slices.Replace(lines, e.first, e.last, e.text)
	}
	return []byte(strings.Join(lines, "")), nil
}

// encode writes the page anew: comments survive, empty lines do not.
func (p *page) encode() ([]byte, error) {
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	for _, e := range p.entries {
		if e.gone && e.list != nil {
			e.list.Content = slices.DeleteFunc(e.list.Content, func(n *yaml.Node) bool { return n == e.node })
		}
	}
	for _, more := range p.added {
		more.list.Content = append(more.list.Content, more.node)
	}
	for _, root := range p.roots {
		if slices.ContainsFunc(p.entries, func(e *entry) bool { return e.gone && e.list == nil && e.root == root }) {
			continue
		}
		if err := enc.Encode(root); err != nil {
			return nil, err
		}
	}
	err := enc.Close()
	return b.Bytes(), err
}

// A span is where an entry of a map stands, in lines counted from 0.
type span struct{ first, last int }

func (p *page) spans(n *yaml.Node) []span {
	var list []span
	for i := 0; i+1 < len(n.Content); i += 2 {
		limit := len(p.lines)
		if i+2 < len(n.Content) {
			limit = n.Content[i+2].Line - 1
		}
		list = append(list, span{n.Content[i].Line - 1, p.endOf(n.Content[i], n.Content[i].Column-1, limit)})
	}
	return list
}

// endOf is the line behind what begins at the node: everything that is indented
// deeper, without empty lines at the end.
func (p *page) endOf(n *yaml.Node, indent, limit int) int {
	last := n.Line
	for i := n.Line; i < limit; i++ {
		line := p.lines[i]
		trimmed := strings.TrimLeft(line, " ")
		deep := len(line) - len(trimmed)
		switch {
		case strings.TrimSpace(line) == "", deep == indent && trimmed[0] == '#': // perhaps between two items
			continue
		case deep > indent, deep == indent && strings.HasPrefix(trimmed, "- ") && !strings.HasPrefix(strings.TrimLeft(p.lines[n.Line-1], " "), "- "),
			deep == indent && (trimmed[0] == '}' || trimmed[0] == ']'):
			last = i + 1
		default:
			return last
		}
	}
	return last
}

// prefix is what stands before the name on its line: indentation, perhaps a dash.
func (p *page) prefix(name *yaml.Node) string { return p.lines[name.Line-1][:name.Column-1] }

func (p *page) replaceNode(n *yaml.Node, end int) {
	var b bytes.Buffer
	bare := *n
	bare.HeadComment, bare.FootComment = "", ""
	if err := writeYAML(&b, &bare); err != nil {
		p.rough = true
		return
	}
	p.edits = append(p.edits, lineEdit{n.Line - 1, end, p.prefix(n) + indentBelow(b.String(), n.Column-1)})
}

// indentBelow indents all lines but the first.
func indentBelow(text string, by int) string {
	parts := strings.SplitAfter(text, "\n")
	for i := range parts {
		if i > 0 && strings.TrimRight(parts[i], "\n") != "" {
			parts[i] = strings.Repeat(" ", by) + parts[i]
		}
	}
	return strings.Join(parts, "")
}

// pairText is one entry of a map as YAML.
func pairText(name, value *yaml.Node) string {
	bare := *name
	bare.HeadComment, bare.FootComment = "", ""
	var b bytes.Buffer
	if err := writeYAML(&b, &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{&bare, value}}); err != nil {
		return name.Value + ": " + value.Value + "\n"
	}
	return b.String()
}

// sheet is the record as text of its own, without its kind.
func (p *page) sheet(e *entry) []byte {
	node := *e.node
	if i := indexOf(&node, "kind"); i >= 0 {
		node.Content = slices.Delete(slices.Clone(node.Content), i, i+2)
	}
	var b bytes.Buffer
	if err := writeYAML(&b, &node); err != nil {
		return nil
	}
	return b.Bytes()
}

// checked is the page with its edits. Where edits of lines would not say what is
// meant, the page is written anew.
func (p *page) checked() ([]byte, error) {
	if len(p.edits) == 0 && !p.rough {
		return []byte(strings.Join(p.lines, "")), nil
	}
	data, err := p.bytes()
	if err != nil || data == nil || p.rough {
		return data, err
	}
	if got, err := readPage(p.name, data); err == nil && p.means(got) {
		return data, nil
	}
	return p.encode()
}

// means tells whether the page as read again says what the nodes say. Records that
// were added stand behind the others.
func (p *page) means(got *page) bool {
	i := 0
	for _, e := range p.entries {
		if e.gone {
			continue
		}
		if i == len(got.entries) || !sameNode(e.node, got.entries[i].node) {
			return false
		}
		i++
	}
	return true
}
