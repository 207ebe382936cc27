package detect

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"holdfast/kind"
)

// Bounds of a file of rules or pipelines. The largest public rule has 30 KB.
const (
	maxFile  = 1 << 20 // bytes
	maxDocs  = 1000    // documents in one file
	maxNodes = 200_000 // values in one document, aliases counted wherever they are used
	maxDepth = 32      // nesting of values and of conditions
)

// A reader walks the nodes of one document strictly and keeps the first error.
type reader struct {
	file string
	left int // nodes that may still be visited
	err  error
}

// documents splits a file into the roots of its documents.
func documents(file string, data []byte) ([]*yaml.Node, error) {
	if len(data) > maxFile {
		return nil, place{file, 0}.errorf("larger than %d KB; split it", maxFile>>10)
	}
	dec := yaml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))))
	var roots []*yaml.Node
	for {
		var doc yaml.Node
		err := dec.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return roots, nil
		}
		if err != nil {
			return nil, yamlError(file, err)
		}
		if len(roots) == maxDocs {
			return nil, place{file, doc.Line}.errorf("more than %d documents; split the file", maxDocs)
		}
		if len(doc.Content) == 1 && doc.Content[0].Tag != "!!null" {
			roots = append(roots, doc.Content[0])
		}
	}
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// yamlError puts the line of a syntax error where all other errors have it.
func yamlError(file string, err error) error {
	text := strings.ReplaceAll(err.Error(), "\n", " ")
	m := yamlLine.FindStringSubmatch(text)
	if m == nil {
		return place{file, 0}.errorf("not YAML: %s", text)
	}
	line, _ := strconv.Atoi(m[1])
	return place{file, line}.errorf("not YAML: %s", m[2])
}

func (r *reader) fail(n *yaml.Node, format string, args ...any) {
	if r.err == nil {
		r.err = place{r.file, n.Line}.errorf(format, args...)
	}
}

// visit resolves an alias and counts the node, so that aliases of aliases end.
func (r *reader) visit(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	r.left--
	if r.left < 0 {
		r.fail(n, "more than %d values in one document", maxNodes)
	}
	return n
}

// A pair is one entry of a map.
type pair struct {
	key   string
	at    *yaml.Node
	value *yaml.Node
}

// pairs returns the entries of a map; a key that stands twice is an error.
func (r *reader) pairs(n *yaml.Node, what string) []pair {
	n = r.visit(n)
	if n.Kind != yaml.MappingNode {
		r.fail(n, "%s must be a map of names and values", what)
		return nil
	}
	list := make([]pair, 0, len(n.Content)/2)
	seen := make(map[string]bool, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content) && r.err == nil; i += 2 {
		k := r.visit(n.Content[i])
		if k.Kind != yaml.ScalarNode {
			r.fail(k, "a name in %s must be plain text", what)
			return nil
		}
		if seen[k.Value] {
			r.fail(k, "%q stands twice in %s; YAML would keep only one", k.Value, what)
			return nil
		}
		seen[k.Value] = true
		list = append(list, pair{k.Value, k, n.Content[i+1]})
	}
	return list
}

// items returns the entries of a list, or the single value as a list of one.
func (r *reader) items(n *yaml.Node) []*yaml.Node {
	n = r.visit(n)
	if n.Kind == yaml.SequenceNode {
		return n.Content
	}
	return []*yaml.Node{n}
}

// text returns a scalar as text; null is the empty text.
func (r *reader) text(n *yaml.Node, what string) string {
	n = r.visit(n)
	if n.Kind != yaml.ScalarNode {
		r.fail(n, "%s must be text", what)
		return ""
	}
	if n.Tag == "!!null" {
		return ""
	}
	return n.Value
}

// texts returns a list of texts, or a single one.
func (r *reader) texts(n *yaml.Node, what string) []string {
	var list []string
	for _, item := range r.items(n) {
		if s := r.text(item, what); s != "" {
			list = append(list, s)
		}
	}
	return list
}

func (r *reader) bool(n *yaml.Node, what string) bool {
	n = r.visit(n)
	var b bool
	if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" || n.Decode(&b) != nil {
		r.fail(n, "%s must be true or false", what)
	}
	return b
}

// unknown reports a name that means nothing here, with the one that was meant.
func (r *reader) unknown(p pair, what string, known ...string) {
	hint := ""
	for _, k := range known {
		if kind.Distance(p.key, k) <= 2 {
			hint = fmt.Sprintf("; did you mean %s?", k)
			break
		}
	}
	if hint == "" {
		hint = "; known are " + strings.Join(known, ", ")
	}
	r.fail(p.at, "%q is not known in %s%s", p.key, what, hint)
}
