package port

import (
	"context"

	"holdfast/kind"
)

// TreeOptions say what an export of a whole workspace holds.
type TreeOptions struct {
	Computed bool // everything, with figures that the product computes too: for a restore, not for review in git
	Tell     func(kindName string, done, total int)
}

// Tree writes the workspace as far as the actor may read it: YAML and Markdown files,
// the same bytes for the same content, and the lock. written.go says what it holds,
// layout.go where. It returns how many records it wrote. Memory is bounded by what is
// named by other records, not by the size of the workspace.
func Tree(ctx context.Context, a App, put func(name string, data []byte) error, opts TreeOptions) (int, error) {
	s, lock := newSource(ctx, a), Lock{}
	kinds := a.Registry().All()
	for i, k := range kinds {
		if opts.Tell != nil {
			opts.Tell(k.Plural, i, len(kinds))
		}
		if keptHere[k.Name] || happened[k.Name] && !opts.Computed {
			continue
		}
		if err := s.file(k, put, lock, opts.Computed); err != nil && kind.CodeOf(err) != kind.Forbidden {
			return len(lock), err
		}
	}
	return len(lock), put(LockFile, lock.write())
}

// file writes one kind.
func (s *source) file(k *kind.Kind, put func(name string, data []byte) error, lock Lock, full bool) error {
	g := filing{k: k, put: put, stems: stems{}}
	err := s.each(k, kind.Query{Sort: "key"}, full, func(r Row) error {
		b := r.Record.GetBase()
		r.full = full
		page, err := sheetOf(r, s.known[b.ID].root)
		if err != nil {
			return err
		}
		lock[nameOf(k.Name, b.Key)] = r.hash()
		return g.add(page)
	})
	if err != nil {
		return err
	}
	return g.close()
}
