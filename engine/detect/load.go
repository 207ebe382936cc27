package detect

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"holdfast/engine"
)

// Bounds of a folder or archive of rules.
const (
	maxFiles = 50_000
	maxTotal = 256 << 20 // bytes
)

// Load reads every .yml and .yaml file of a file system: a folder (os.DirFS) or an
// archive (zip.Reader). Files that cannot be used are left out and come back as
// problems, each naming file and line. tell may be nil.
func Load(fsys fs.FS, tell engine.Progress) (*Collection, []error) {
	names, err := ruleFiles(fsys)
	if err != nil {
		return &Collection{}, []error{err}
	}
	all := &Collection{}
	var problems []error
	total := 0
	for i, name := range names {
		if tell != nil {
			tell("reading rules", i, len(names))
		}
		data, err := readFile(fsys, name)
		if total += len(data); err == nil && total > maxTotal {
			return all, append(problems, place{name, 0}.errorf("rules of more than %d MB; name a smaller folder", maxTotal>>20))
		}
		if err == nil {
			var c *Collection
			if c, err = Parse(name, data); err == nil {
				all.Add(c)
				continue
			}
		}
		problems = append(problems, err)
	}
	return all, problems
}

func ruleFiles(fsys fs.FS) ([]string, error) {
	var names []string
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		ext := strings.ToLower(path.Ext(name))
		if d.IsDir() || ext != ".yml" && ext != ".yaml" {
			return nil
		}
		if len(names) == maxFiles {
			return place{name, 0}.errorf("more than %d files of rules; name a smaller folder", maxFiles)
		}
		names = append(names, name)
		return nil
	})
	slices.Sort(names)
	return names, err
}

func readFile(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	return engine.ReadAllLimited(f, name, maxFile)
}
