package web_test

import (
	"strings"

	"golang.org/x/net/html"
)

// inputs reads what a browser would send of the form with the id "record".
func inputs(page string) []string {
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return nil
	}
	var pairs []string
	var walk func(n *html.Node, inside bool)
	walk = func(n *html.Node, inside bool) {
		inside = inside || n.Data == "form" && attr(n, "id") == "record"
		if inside && n.Type == html.ElementNode && attr(n, "name") != "" && !has(n, "disabled") {
			if value, sent := valueOf(n); sent {
				pairs = append(pairs, attr(n, "name"), value)
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, inside)
		}
	}
	walk(root, false)
	return pairs
}

func valueOf(n *html.Node) (string, bool) {
	switch n.Data {
	case "input":
		if t := attr(n, "type"); (t == "checkbox" || t == "radio") && !has(n, "checked") {
			return "", false
		}
		return attr(n, "value"), true
	case "textarea":
		return inner(n), true
	case "select":
		value, first := "", true
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if c.Data == "option" && (has(c, "selected") || first) {
				value, first = attr(c, "value"), false
			}
		}
		return value, true
	}
	return "", false
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

func inner(n *html.Node) string {
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}
