package feed

import (
	"errors"
	"fmt"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// yamlToJSON rewrites a YAML document as JSON in which every scalar is the text
// as written. So 1.10 stays "1.10" and a date stays a date. Anchors are refused:
// no advisory needs them, and they can blow up a small file.
func yamlToJSON(data []byte) ([]byte, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, err
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 {
		return nil, errors.New("is not one YAML document")
	}
	return appendNode(make([]byte, 0, len(data)+len(data)/4), doc.Content[0], 0)
}

// maxYAMLDepth is far more than any advisory nests.
const maxYAMLDepth = 100

func appendNode(out []byte, n *yaml.Node, depth int) (_ []byte, err error) {
	if depth > maxYAMLDepth {
		return nil, fmt.Errorf("line %d: is nested too deep", n.Line)
	}
	switch n.Kind {
	case yaml.MappingNode:
		out = append(out, '{')
		for i := 0; i+1 < len(n.Content); i += 2 {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(appendString(out, n.Content[i].Value), ':')
			if out, err = appendNode(out, n.Content[i+1], depth+1); err != nil {
				return nil, err
			}
		}
		return append(out, '}'), nil
	case yaml.SequenceNode:
		out = append(out, '[')
		for i, entry := range n.Content {
			if i > 0 {
				out = append(out, ',')
			}
			if out, err = appendNode(out, entry, depth+1); err != nil {
				return nil, err
			}
		}
		return append(out, ']'), nil
	case yaml.ScalarNode:
		if n.Tag == "!!null" {
			return append(out, "null"...), nil
		}
		return appendString(out, n.Value), nil
	}
	return nil, fmt.Errorf("line %d: anchors and aliases are not accepted", n.Line)
}

const hexDigits = "0123456789abcdef"

// appendString writes a JSON string; only what JSON demands is escaped.
func appendString(out []byte, s string) []byte {
	out = append(out, '"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c < 0x20:
			out = append(out, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		default:
			out = append(out, c)
		}
	}
	return append(out, '"')
}

// lineOf says where in a text an offset is, for error messages.
func lineOf(data []byte, offset int64) string {
	line, column := 1, 1
	for _, c := range data[:min(int(offset), len(data))] {
		if column++; c == '\n' {
			line, column = line+1, 1
		}
	}
	return "line " + strconv.Itoa(line) + ", column " + strconv.Itoa(column)
}
