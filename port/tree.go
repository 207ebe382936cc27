package port

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"holdfast/kind"
)

// keptHere are kinds that mean something only in this installation: they hold
// secrets, or are the workspace itself.
var keptHere = []string{"api_token", "passkey", "workspace"}

// TreeOptions say what an export of a whole workspace holds.
type TreeOptions struct {
	Computed bool // figures that the product computes too, for a restore; not for review in git
	Tell     func(kindName string, done, total int)
}

// Tree writes the whole workspace as far as the actor may read it: one YAML file
// for each record, "risks/ransomware.yaml", the same bytes for the same content.
// It returns how many records it wrote.
func Tree(ctx context.Context, a App, put func(name string, data []byte) error, opts TreeOptions) (int, error) {
	e := exporter{ctx: ctx, a: a, links: true, full: opts.Computed}
	kinds, n := a.Registry().All(), 0
	for i, k := range kinds {
		if opts.Tell != nil {
			opts.Tell(k.Plural, i, len(kinds))
		}
		if slices.Contains(keptHere, k.Name) {
			continue
		}
		err := e.each(k, kind.Query{Sort: "key"}, func(r Row) error {
			var b bytes.Buffer
			if err := writeYAML(&b, r.node()); err != nil {
				return fmt.Errorf("%s %s: %w", k.Name, r.Record.GetBase().Key, err)
			}
			n++
			return put(path.Join(k.Plural, fileName(r.Record.GetBase().Key)), b.Bytes())
		})
		if err != nil && kind.CodeOf(err) != kind.Forbidden {
			return n, err
		}
	}
	return n, nil
}

// fileName makes a file name of a key: what is not safe everywhere is written as
// %XX.
func fileName(key string) string {
	var b strings.Builder
	for i := range len(key) {
		c := key[i]
		plain := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-_@+~=#", c) >= 0 || c == '.' && i > 0
		if plain {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String() + ".yaml"
}

// ReadTree reads every .yaml, .yml and .json file below the root of the file
// system, in the order of their names. Files and folders whose names begin with a
// dot are left out. Mistakes in several files are told together.
func ReadTree(fsys fs.FS) ([]Doc, error) {
	var docs []Doc
	var bad problems
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name != "." && strings.HasPrefix(d.Name(), ".") {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		read := readerFor(name)
		if read == nil || d.IsDir() {
			return nil
		}
		more, err := read(fsys, name)
		if fields := kind.FieldsOf(err); fields != nil {
			for _, f := range fields {
				bad.add(Place{File: f.Field}, "%s", f.Message)
			}
			return nil
		}
		if docs = append(docs, more...); len(docs) > MaxDocs {
			return kind.Errorf(kind.TooLarge, "more than %d records; apply them in parts", MaxDocs)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return docs, bad.err()
}

func readerFor(name string) func(fs.FS, string) ([]Doc, error) {
	switch strings.ToLower(path.Ext(name)) {
	case ".yaml", ".yml", ".json":
		return func(fsys fs.FS, name string) ([]Doc, error) {
			f, err := fsys.Open(name)
			if err != nil {
				return nil, err
			}
			defer f.Close()
			if strings.HasSuffix(strings.ToLower(name), ".json") {
				return ReadJSON(name, f)
			}
			return ReadYAML(name, f)
		}
	}
	return nil
}
