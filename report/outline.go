package report

import (
	"fmt"
	"strconv"
	"strings"

	"holdfast/report/font"
)

// section is a heading with its place in the outline.
type section struct {
	level  int    // 1 to 4, without gaps
	number string // "2.1", empty when plain
	text   string
	id     string
}

// maxLevel is the deepest heading.
const maxLevel = 4

// outline numbers the headings of the document, in the order of its blocks.
// Headings inside other blocks are set, but are no part of the outline.
func (d Document) outline() []section {
	var (
		out      []section
		counters [maxLevel + 1]int
		level    int
		plain    int // level of the plain heading we are under; what is below it is plain too
		used     = map[string]bool{}
	)
	for _, b := range d.Blocks {
		h, ok := b.(Heading)
		if !ok {
			continue
		}
		level = min(max(h.Level, 1), level+1, maxLevel)
		s := section{level: level, text: font.OneLine(h.Text)}
		if plain == 0 || level <= plain {
			plain = 0
			if h.Plain {
				plain = level
			}
		}
		if plain == 0 {
			counters[level]++
			for i := level + 1; i <= maxLevel; i++ {
				counters[i] = 0
			}
			s.number = dotted(counters[1 : level+1])
		}
		s.id = uniqueID(h, s, len(out), used)
		out = append(out, s)
	}
	return out
}

func dotted(counters []int) string {
	parts := make([]string, len(counters))
	for i, c := range counters {
		parts[i] = strconv.Itoa(c)
	}
	return strings.Join(parts, ".")
}

// uniqueID keeps the heading's own id when it is a word of letters, digits and
// dashes that nobody took before.
func uniqueID(h Heading, s section, place int, used map[string]bool) string {
	id := h.ID
	if id == "" || strings.Trim(strings.ToLower(id), "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" || used[id] {
		id = "s-" + strings.ReplaceAll(s.number, ".", "-")
		if s.number == "" || used[id] {
			id = fmt.Sprintf("h-%d", place+1)
		}
		for used[id] {
			id += "x"
		}
	}
	used[id] = true
	return id
}

// title of a table of contents.
func (t Toc) title() string {
	if s := font.OneLine(t.Title); s != "" {
		return s
	}
	return "Contents"
}

func (t Toc) depth() int {
	if t.Depth <= 0 {
		return 2
	}
	return min(t.Depth, maxLevel)
}

// captions number figures and tables as they come.
type captions struct{ figures, tables int }

func (c *captions) figure(caption string) string {
	c.figures++
	return numbered("Figure", c.figures, caption)
}

func (c *captions) table(caption string) string {
	if font.OneLine(caption) == "" {
		return ""
	}
	c.tables++
	return numbered("Table", c.tables, caption)
}

func numbered(kind string, n int, caption string) string {
	s := fmt.Sprintf("%s %d", kind, n)
	if caption = font.OneLine(caption); caption != "" {
		s += ": " + caption
	}
	return s
}
