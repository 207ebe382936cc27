package oscal

import (
	"slices"
	"strconv"
	"strings"
)

var blocks = strings.Fields("p ul ol pre table blockquote h1 h2 h3 h4 h5 h6")

func isBlock(name string) bool { return slices.Contains(blocks, name) }

// markdown writes the markup of OSCAL's XML as the Markdown that its JSON uses.
func markdown(list []*element) string {
	var paragraphs []string
	var line []*element
	end := func() {
		if s := strings.TrimSpace(inline(line)); s != "" {
			paragraphs = append(paragraphs, s)
		}
		line = nil
	}
	for _, e := range list {
		if !isBlock(e.name) {
			line = append(line, e)
			continue
		}
		end()
		if s := block(e); s != "" {
			paragraphs = append(paragraphs, s)
		}
	}
	end()
	return strings.Join(paragraphs, "\n\n")
}

func block(e *element) string {
	switch e.name {
	case "ul", "ol":
		return items(e)
	case "pre":
		return "```\n" + strings.Trim(e.plain(), "\n") + "\n```"
	case "table":
		return table(e)
	case "blockquote":
		return "> " + strings.ReplaceAll(markdown(e.inner), "\n", "\n> ")
	case "p":
		return strings.TrimSpace(inline(e.inner))
	}
	level, _ := strconv.Atoi(e.name[1:])
	return strings.Repeat("#", level) + " " + strings.TrimSpace(inline(e.inner))
}

func items(list *element) string {
	var lines []string
	for _, li := range list.inner {
		if li.name != "li" {
			continue
		}
		mark := "- "
		if list.name == "ol" {
			mark = strconv.Itoa(len(lines)+1) + ". "
		}
		lines = append(lines, mark+strings.ReplaceAll(markdown(li.inner), "\n", "\n"+strings.Repeat(" ", len(mark))))
	}
	return strings.Join(lines, "\n")
}

func table(e *element) string {
	var lines []string
	for _, tr := range e.inner {
		if tr.name != "tr" {
			continue
		}
		row, rule := "|", "|"
		for _, cell := range tr.inner {
			if cell.name == "td" || cell.name == "th" {
				row += " " + strings.ReplaceAll(strings.TrimSpace(inline(cell.inner)), "|", `\|`) + " |"
				rule += " --- |"
			}
		}
		if lines = append(lines, row); len(lines) == 1 {
			lines = append(lines, rule)
		}
	}
	return strings.Join(lines, "\n")
}

// inline writes text with emphasis, links and insertions; spaces run together.
func inline(list []*element) string {
	var b strings.Builder
	for _, e := range list {
		b.WriteString(span(e))
	}
	return collapse(b.String())
}

func span(e *element) string {
	inner := inline(e.inner)
	switch e.name {
	case "":
		return collapse(e.text)
	case "em", "i":
		return "*" + inner + "*"
	case "strong", "b":
		return "**" + inner + "**"
	case "code":
		return "`" + inner + "`"
	case "q":
		return `"` + inner + `"`
	case "sub":
		return "~" + inner + "~"
	case "sup":
		return "^" + inner + "^"
	case "a":
		return "[" + inner + "](" + e.flags().Text("href") + ")"
	case "img":
		return "![" + e.flags().Text("alt") + "](" + e.flags().Text("src") + ")"
	case "insert":
		return "{{ insert: " + e.flags().Text("type") + ", " + e.flags().Text("id-ref") + " }}"
	case "br":
		return " "
	}
	return inner
}

// collapse makes one space of every run of white space.
func collapse(s string) string {
	if s == "" {
		return s
	}
	words := strings.Join(strings.Fields(s), " ")
	if words == "" {
		return " "
	}
	if strings.ContainsAny(s[:1], " \t\r\n") {
		words = " " + words
	}
	if strings.ContainsAny(s[len(s)-1:], " \t\r\n") {
		words += " "
	}
	return words
}
