package port

import (
	"fmt"
	"strings"
)

// diffContext is how many lines of a unified diff stand around a change.
const diffContext = 3

// maxDiffCells bounds the table in which two texts are compared; larger ones are
// told as removed and added whole.
const maxDiffCells = 4 << 20

// unified tells how one text becomes another, as a unified diff without head.
func unified(before, after string) string {
	a, b := lines(before), lines(after)
	edits := compareLines(a, b)
	var out strings.Builder
	for from := 0; from < len(edits); {
		first, last := nextHunk(edits, from)
		if first < 0 {
			break
		}
		writeHunk(&out, edits[first:last])
		from = last
	}
	return out.String()
}

func lines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(s, "\n"), "\n")
}

// An edit is one line: kept (' '), removed ('-') or added ('+'), with the numbers of
// the lines that come next in both texts.
type edit struct {
	op   byte
	line string
	a, b int
}

// nextHunk finds the next changes that lie close together, with their context.
func nextHunk(edits []edit, from int) (first, last int) {
	first = -1
	for i := from; i < len(edits); i++ {
		switch {
		case edits[i].op != ' ' && first < 0:
			first, last = max(from, i-diffContext), i+1
		case edits[i].op != ' ':
			last = i + 1
		case first >= 0 && i-last >= 2*diffContext:
			return first, last + diffContext
		}
	}
	return first, min(last+diffContext, len(edits))
}

func writeHunk(out *strings.Builder, hunk []edit) {
	na, nb := 0, 0
	for _, e := range hunk {
		if e.op != '+' {
			na++
		}
		if e.op != '-' {
			nb++
		}
	}
	fmt.Fprintf(out, "@@ -%d,%d +%d,%d @@\n", hunk[0].a+1, na, hunk[0].b+1, nb)
	for _, e := range hunk {
		fmt.Fprintf(out, "%c%s\n", e.op, e.line)
	}
}

// compareLines finds a shortest way from one text to the other (longest common
// subsequence, after what is the same at both ends).
func compareLines(a, b []string) []edit {
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	var edits []edit
	for i := range head {
		edits = append(edits, edit{' ', a[i], i, i})
	}
	edits = append(edits, middle(a[head:len(a)-tail], b[head:len(b)-tail], head)...)
	for i := range tail {
		x, y := len(a)-tail+i, len(b)-tail+i
		edits = append(edits, edit{' ', a[x], x, y})
	}
	return edits
}

func middle(a, b []string, at int) []edit {
	long := make([][]int32, len(a)+1) // of the common subsequence of the rest
	if (len(a)+1)*(len(b)+1) > maxDiffCells {
		long = nil
	}
	for i := range long {
		long[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0 && long != nil; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				long[i][j] = long[i+1][j+1] + 1
			} else {
				long[i][j] = max(long[i+1][j], long[i][j+1])
			}
		}
	}
	var edits []edit
	for i, j := 0, 0; i < len(a) || j < len(b); {
		switch {
		case long != nil && i < len(a) && j < len(b) && a[i] == b[j]:
			edits = append(edits, edit{' ', a[i], at + i, at + j})
			i, j = i+1, j+1
		case i < len(a) && (j == len(b) || long == nil || long[i+1][j] >= long[i][j+1]):
			edits = append(edits, edit{'-', a[i], at + i, at + j})
			i++
		default:
			edits = append(edits, edit{'+', b[j], at + i, at + j})
			j++
		}
	}
	return edits
}
