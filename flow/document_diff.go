package flow

import (
	"slices"
	"strings"
	"unicode"

	"github.com/aymanbagabas/go-udiff"
	"github.com/aymanbagabas/go-udiff/lcs"
)

// A Difference tells two texts apart, line by line and, inside changed lines, word
// by word. Lines far from any change are folded.
type Difference struct {
	Rows           []DifferenceRow
	Added, Removed int // lines
}

// A DifferenceRow is a line of both texts beside each other.
type DifferenceRow struct {
	Op           DifferenceOp
	OldAt, NewAt int // number of the line, from 1; 0: not in this text
	Old, New     []DifferencePart
	Folded       int // how many equal lines are not shown here
}

// A DifferencePart is a run of a line that is new, gone or equal.
type DifferencePart struct {
	Text    string
	Changed bool
}

// DifferenceOp says what happened to a line.
type DifferenceOp string

// What happens to lines.
const (
	LineSame    DifferenceOp = "same"
	LineChanged DifferenceOp = "changed"
	LineAdded   DifferenceOp = "added"
	LineRemoved DifferenceOp = "removed"
	LineFolded  DifferenceOp = "folded"
)

const (
	contextLines = 3
	maxWords     = 4000 // of a line; longer ones are compared as a whole
	alikeEnough  = 0.35 // share of equal text from which two lines are one changed line
)

// Compare tells the difference between two texts.
func Compare(old, new string) Difference {
	a, b := textLines(old), textLines(new)
	var d Difference
	at, to := 0, 0
	for _, edit := range lcs.DiffLines(a, b) {
		d.same(a, at, edit.Start, to)
		d.replaced(a[edit.Start:edit.End], b[edit.ReplStart:edit.ReplEnd], edit.Start, edit.ReplStart)
		at, to = edit.End, edit.ReplEnd
	}
	d.same(a, at, len(a), to)
	d.fold()
	return d
}

// Empty tells whether the texts are equal.
func (d Difference) Empty() bool { return d.Added == 0 && d.Removed == 0 }

// textLines are the lines without their ends; a text that ends in a line break has no line after it.
func textLines(text string) []string {
	text = strings.TrimSuffix(tidyLines(text), "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// tidyLines makes every line end with one line feed, as forms do not.
func tidyLines(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }

func (d *Difference) same(a []string, from, until, to int) {
	for i := from; i < until; i++ {
		part := []DifferencePart{{Text: a[i]}}
		d.Rows = append(d.Rows, DifferenceRow{Op: LineSame, OldAt: i + 1, NewAt: to + i - from + 1, Old: part, New: part})
	}
}

// replaced pairs lines that resemble each other; the rest is gone or new.
func (d *Difference) replaced(old, new []string, oldAt, newAt int) {
	d.Removed += len(old)
	d.Added += len(new)
	for len(old) > 0 && len(new) > 0 {
		before, after, alike := compareWords(old[0], new[0])
		if alike < alikeEnough {
			break
		}
		oldAt, newAt = oldAt+1, newAt+1
		d.Rows = append(d.Rows, DifferenceRow{Op: LineChanged, OldAt: oldAt, NewAt: newAt, Old: before, New: after})
		old, new = old[1:], new[1:]
	}
	for i, line := range old {
		d.Rows = append(d.Rows, DifferenceRow{Op: LineRemoved, OldAt: oldAt + i + 1, Old: []DifferencePart{{line, true}}})
	}
	for i, line := range new {
		d.Rows = append(d.Rows, DifferenceRow{Op: LineAdded, NewAt: newAt + i + 1, New: []DifferencePart{{line, true}}})
	}
}

// compareWords compares two lines and tells how much of them is equal, 0 to 1.
func compareWords(old, new string) (before, after []DifferencePart, alike float64) {
	a, b := wordsOf(old), wordsOf(new)
	if len(a) > maxWords || len(b) > maxWords {
		return []DifferencePart{{old, true}}, []DifferencePart{{new, true}}, 1
	}
	at, to, equal := 0, 0, 0
	add := func(list *[]DifferencePart, words []string, changed bool) int {
		text := strings.Join(words, "")
		if text != "" {
			*list = append(*list, DifferencePart{text, changed})
		}
		return len(strings.TrimSpace(text))
	}
	for _, e := range lcs.DiffLines(a, b) {
		equal += add(&before, a[at:e.Start], false)
		add(&after, b[to:e.ReplStart], false)
		add(&before, a[e.Start:e.End], true)
		add(&after, b[e.ReplStart:e.ReplEnd], true)
		at, to = e.End, e.ReplEnd
	}
	equal += add(&before, a[at:], false)
	add(&after, b[to:], false)
	return before, after, 2 * float64(equal) / float64(max(len(old)+len(new), 1))
}

// wordsOf are the words, runs of spaces, and single signs.
func wordsOf(line string) []string {
	class := func(r rune) int {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r):
			return 1
		case unicode.IsSpace(r):
			return 2
		}
		return 0
	}
	var out []string
	start, last := 0, -1
	for i, r := range line {
		c := class(r)
		if i > 0 && (c != last || c == 0) {
			out = append(out, line[start:i])
			start = i
		}
		last = c
	}
	if start < len(line) {
		out = append(out, line[start:])
	}
	return out
}

// fold leaves a few equal lines around each change.
func (d *Difference) fold() {
	near := make([]bool, len(d.Rows))
	for i, r := range d.Rows {
		if r.Op != LineSame {
			for j := max(0, i-contextLines); j < min(len(near), i+contextLines+1); j++ {
				near[j] = true
			}
		}
	}
	var out []DifferenceRow
	for i, r := range d.Rows {
		switch {
		case near[i]:
			out = append(out, r)
		case len(out) > 0 && out[len(out)-1].Op == LineFolded:
			out[len(out)-1].Folded++
		default:
			out = append(out, DifferenceRow{Op: LineFolded, Folded: 1})
		}
	}
	d.Rows = out
}

// Unified is the difference as programs and people on a terminal know it; empty
// when the texts are equal.
func Unified(oldName, newName, old, new string) string {
	return udiff.Unified(oldName, newName, withEnd(tidyLines(old)), withEnd(tidyLines(new)))
}

func withEnd(text string) string {
	if text == "" || strings.HasSuffix(text, "\n") {
		return text
	}
	return text + "\n"
}

// mergeTexts takes what changed from base to theirs into ours. Where both changed the same
// lines, ours stays, and kept counts such places.
func mergeTexts(base, ours, theirs string) (text string, kept int) {
	b, o, t := textLines(base), textLines(ours), textLines(theirs)
	mine, other := lcs.DiffLines(b, o), lcs.DiffLines(b, t)
	type edit struct {
		start, end int
		lines      []string
	}
	var edits []edit
	for _, e := range mine {
		edits = append(edits, edit{e.Start, e.End, o[e.ReplStart:e.ReplEnd]})
	}
	for _, e := range other {
		new := edit{e.Start, e.End, t[e.ReplStart:e.ReplEnd]}
		touches := func(x lcs.Diff) bool { return x.Start <= e.End && e.Start <= x.End }
		if i := slices.IndexFunc(mine, touches); i < 0 {
			edits = append(edits, new)
		} else if x := mine[i]; x.Start != new.start || x.End != new.end || !slices.Equal(o[x.ReplStart:x.ReplEnd], new.lines) {
			kept++
		}
	}
	slices.SortStableFunc(edits, func(x, y edit) int { return x.start - y.start })
	var out []string
	at := 0
	for _, e := range edits {
		out = append(append(out, b[at:e.start]...), e.lines...)
		at = e.end
	}
	if out = append(out, b[at:]...); len(out) == 0 {
		return "", kept
	}
	return strings.Join(out, "\n") + "\n", kept
}
