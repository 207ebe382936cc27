package catalog

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxFile bounds one file of the catalogue.
const maxFile = 4 << 20

// where is the place of an entry.
type where struct {
	file string
	line int
}

func (w where) String() string { return fmt.Sprintf("%s:%d", w.file, w.line) }

// reader reads the files one after another and stops at the first error.
type reader struct {
	fsys    fs.FS
	catalog *Catalog
	err     error
}

func (r *reader) read() {
	c := r.catalog
	readFolder(r, "safeguards", "safeguard", &c.Safeguards)
	readFolder(r, "scenarios", "scenario", &c.Scenarios)
	readFolder(r, "frameworks", "framework", &c.Frameworks)
	if names, _ := fs.Glob(r.fsys, "mappings/*.yaml"); len(names) > 0 {
		readFolder(r, "mappings", "mapping", &c.Mappings)
	}
	if names, _ := fs.Glob(r.fsys, "playbooks/*.yaml"); len(names) > 0 {
		readFolder(r, "playbooks", "playbook", &c.Playbooks)
	}
	if names, _ := fs.Glob(r.fsys, "plans/*.yaml"); len(names) > 0 {
		readFolder(r, "plans", "plan", &c.Plans)
	}
	if names, _ := fs.Glob(r.fsys, "exercises/*.yaml"); len(names) > 0 {
		readFolder(r, "exercises", "story", &c.Stories)
	}
	for i := range c.Playbooks {
		c.Playbooks[i].completeSteps()
	}
	readList(r, "glossary.yaml", "term", &c.Terms)
	readThreats(r)
	readDocuments(r)
}

func readThreats(r *reader) {
	if r.err != nil {
		return
	}
	var doc struct {
		Actors  []Actor  `yaml:"actors"`
		Vectors []Vector `yaml:"vectors"`
	}
	const name = "threats.yaml"
	root, err := decodeFile(r.fsys, name, &doc)
	if r.err = err; err != nil {
		return
	}
	r.catalog.Actors, r.catalog.Vectors = doc.Actors, doc.Vectors
	register(r, name, "actor", valueOf(root, "actors"), doc.Actors)
	register(r, name, "vector", valueOf(root, "vectors"), doc.Vectors)
}

func readFolder[T any, P interface {
	*T
	entry
}](r *reader, folder, kind string, into *[]T) {
	if r.err != nil {
		return
	}
	names, err := fs.Glob(r.fsys, folder+"/*.yaml")
	if err == nil && len(names) == 0 {
		err = fmt.Errorf("%s: the folder holds no .yaml file", folder)
	}
	r.err = err
	for _, name := range names {
		readList[T, P](r, name, kind, into)
	}
}

func readList[T any, P interface {
	*T
	entry
}](r *reader, name, kind string, into *[]T) {
	if r.err != nil {
		return
	}
	var list []T
	root, err := decodeFile(r.fsys, name, &list)
	if r.err = err; err == nil {
		register[T, P](r, name, kind, root, list)
		*into = append(*into, list...)
	}
}

// register notes where each entry of a list stands and refuses a second one of
// the same id.
func register[T any, P interface {
	*T
	entry
}](r *reader, name, kind string, list *yaml.Node, entries []T) {
	for i := range entries {
		if r.err != nil {
			return
		}
		here, id := where{name, list.Content[i].Line}, P(&entries[i]).id()
		if id == "" {
			r.err = fmt.Errorf("%s: the %s has no id", here, kind)
		} else if before, ok := r.catalog.place[kind+"/"+id]; ok {
			r.err = fmt.Errorf("%s: the %s %q stands already at %s", here, kind, id, before)
		}
		r.catalog.place[kind+"/"+id] = here
	}
}

// valueOf finds the value of a key in a mapping.
func valueOf(mapping *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i+1]
		}
	}
	return &yaml.Node{}
}

// decodeFile reads the single document of a file strictly, and gives its tree as
// well, which knows the lines.
func decodeFile(fsys fs.FS, name string, into any) (*yaml.Node, error) {
	b, err := readBounded(fsys, name)
	if err != nil {
		return nil, err
	}
	dec := yaml.NewDecoder(bytes.NewReader(b))
	dec.KnownFields(true)
	if err := dec.Decode(into); err != nil {
		return nil, inFile(name, err)
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: one YAML document is expected, there are more", name)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(b, &doc); err != nil {
		return nil, inFile(name, err)
	}
	return doc.Content[0], nil
}

func readBounded(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if len(b) > maxFile {
		return nil, fmt.Errorf("%s: larger than the limit of %d MB", name, maxFile>>20)
	}
	return b, nil
}

// inFile puts the name of the file before the messages of the YAML decoder,
// which know the line.
func inFile(name string, err error) error {
	if list := new(yaml.TypeError); errors.As(err, &list) {
		return fmt.Errorf("%s: %s", name, strings.Join(list.Errors, "; "))
	}
	return fmt.Errorf("%s: %w", name, err)
}

// UnmarshalYAML reads a number, or a list of two or three ascending numbers.
func (r *Range) UnmarshalYAML(n *yaml.Node) error {
	var v []float64
	if n.Kind == yaml.ScalarNode {
		v = make([]float64, 1)
		if err := n.Decode(&v[0]); err != nil {
			return fmt.Errorf("line %d: %q is not a number", n.Line, n.Value)
		}
	} else if err := n.Decode(&v); err != nil {
		return err
	}
	switch len(v) {
	case 1:
		*r = Range{Low: v[0], Likely: v[0], High: v[0]}
	case 2:
		*r = Range{Low: v[0], High: v[1]}
	case 3:
		*r = Range{Low: v[0], Likely: v[1], High: v[2]}
	default:
		return fmt.Errorf("line %d: a range has one, two or three numbers, not %d", n.Line, len(v))
	}
	if r.Low < 0 || r.Low > r.High || len(v) == 3 && (r.Likely < r.Low || r.Likely > r.High) {
		return fmt.Errorf("line %d: the numbers of a range are not negative and ascend", n.Line)
	}
	return nil
}

// validPattern tells whether a pattern of check ids can be matched.
func validPattern(p string) bool {
	_, err := path.Match(p, "")
	return err == nil && p != ""
}
