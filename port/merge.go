package port

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// mergeMap makes a map like the wanted one, with the order, style and comments it has.
func mergeMap(have, want *yaml.Node, same func(field string) bool) {
	var content []*yaml.Node
	for i := 0; i+1 < len(have.Content); i += 2 {
		name := have.Content[i].Value
		switch wanted := member(want, name); {
		case same(name):
			content = append(content, have.Content[i], have.Content[i+1])
		case wanted != nil:
			content = append(content, have.Content[i], mergeValue(have.Content[i+1], wanted))
		}
	}
	for i := 0; i+1 < len(want.Content); i += 2 {
		if indexOf(have, want.Content[i].Value) < 0 {
			content = append(content, want.Content[i], want.Content[i+1])
		}
	}
	have.Content = content
}

// mergeValue is the wanted value in the style of the one that is there.
func mergeValue(have, want *yaml.Node) *yaml.Node {
	merged := *want
	merged.HeadComment, merged.LineComment, merged.FootComment = have.HeadComment, have.LineComment, have.FootComment
	switch {
	case have.Kind != want.Kind:
	case want.Kind == yaml.ScalarNode:
		quoted := have.Style & (yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle)
		if quoted != 0 && !strings.Contains(want.Value, "\n") {
			merged.Style = quoted
		}
	case want.Kind == yaml.SequenceNode:
		merged.Style = have.Style
		merged.Content = nil
		for _, item := range want.Content {
			if i := slices.IndexFunc(have.Content, func(n *yaml.Node) bool { return n.Value == item.Value }); i >= 0 {
				item = have.Content[i]
			}
			merged.Content = append(merged.Content, item)
		}
	case want.Kind == yaml.MappingNode:
		copied := *have
		mergeMap(&copied, want, func(field string) bool { return sameWords(member(have, field), member(want, field)) })
		return &copied
	}
	return &merged
}

// sameWords tells whether two lists of links name the same, in any order.
func sameWords(a, b *yaml.Node) bool {
	if a == nil || b == nil {
		return a == b
	}
	x, y := wordsOf(a), wordsOf(b)
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}

func wordsOf(n *yaml.Node) []string {
	if n.Kind != yaml.SequenceNode {
		return []string{n.Value}
	}
	var list []string
	for _, item := range n.Content {
		list = append(list, item.Value)
	}
	return list
}

func indexOf(n *yaml.Node, name string) int {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return i
		}
	}
	return -1
}

// sameNode tells whether two nodes say the same, in whatever style and order of names.
func sameNode(a, b *yaml.Node) bool {
	if a.Kind != b.Kind || len(a.Content) != len(b.Content) || a.Kind == yaml.ScalarNode && a.Value != b.Value {
		return false
	}
	for i := range a.Content {
		other := b.Content[i]
		if a.Kind == yaml.MappingNode {
			if i%2 == 0 {
				continue
			}
			if other = member(b, a.Content[i-1].Value); other == nil {
				return false
			}
		}
		if !sameNode(a.Content[i], other) {
			return false
		}
	}
	return true
}
