package inventory

import (
	"errors"
	"fmt"
	"io/fs"
	"path"

	"holdfast/engine"
)

// problemsPerPath bounds what one broken file can add to the report.
const problemsPerPath = 20

// problems collects what could not be read.
type problems struct {
	base  string // put before every path: "/" for a file system
	list  []engine.Problem
	count map[string]int
	more  []string // paths over the bound, in the order they went over it
}

// add notes a problem with a file.
func (p *problems) add(file, reason string) {
	if p.base != "" {
		file = path.Join(p.base, file)
	}
	if p.count == nil {
		p.count = map[string]int{}
	}
	p.count[file]++
	switch n := p.count[file]; {
	case n <= problemsPerPath:
		p.list = append(p.list, engine.Problem{Path: file, Reason: reason})
	case n == problemsPerPath+1:
		p.more = append(p.more, file)
	}
}

// line notes a problem at a line of a file.
func (p *problems) line(file string, line int, reason string) {
	p.add(file, fmt.Sprintf("line %d: %s", line, reason))
}

// fail notes that a file could not be read. A file that does not exist is no
// problem: most targets have only some of the files we look for.
func (p *problems) fail(file string, err error) {
	switch {
	case err == nil || errors.Is(err, fs.ErrNotExist):
	case errors.Is(err, fs.ErrPermission):
		p.add(file, "may not be read; run as root to include it")
	default:
		var at *fs.PathError
		if errors.As(err, &at) {
			err = at.Err
		}
		p.add(file, "could not be read: "+err.Error())
	}
}

// all returns the problems, with one more for each file that had too many.
func (p *problems) all() []engine.Problem {
	out := p.list
	for _, file := range p.more {
		out = append(out, engine.Problem{Path: file,
			Reason: fmt.Sprintf("and %d more problems", p.count[file]-problemsPerPath)})
	}
	return out
}
