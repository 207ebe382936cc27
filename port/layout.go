package port

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"slices"
	"strings"

	"holdfast/kind"
)

// How a tree is laid out, so that people like to read it and to review changes:
//
//	identify/vendors.yaml              a kind that fits into 250 lines: one file
//	govern/requirements/iso27001.yaml  a larger kind that belongs to another: one file
//	                                   for each topmost owner
//	identify/risks/ransomware.yaml     any other: one file for each record
//	govern/document-versions/use-1.body.md
//	                                   long text: a Markdown file beside, which says
//	                                   in its front matter what it belongs to
//	holdfast.lock                      what each record held when it was written
//
// Files that are there already keep their place: see Update.

const (
	maxLines    = 250    // of a file that holds a whole kind
	maxTogether = 10_000 // records of a kind that are sorted to their owners
	apartLines  = 8      // text with more lines stands in a file of its own
	apartBytes  = 800    // and so does text that is longer
)

// isApart tells whether a text stands in a file of its own. One that begins or ends
// with empty lines cannot: there they mean nothing.
func isApart(f *kind.Field, text string) bool {
	if f.Type != kind.LongText || strings.HasPrefix(text, "\n") || strings.HasSuffix(text, "\n") {
		return false
	}
	return len(text) > apartBytes || strings.Count(text, "\n") >= apartLines
}

// A sheet is a record on its way into a file.
type sheet struct {
	key, root string
	text      []byte            // fields as YAML, beginning with the key
	apart     map[string][]byte // long text by field
}

// sheetOf renders a row, without its kind.
func sheetOf(r Row, root string) (sheet, error) {
	s := sheet{key: r.Record.GetBase().Key, root: root, apart: map[string][]byte{}}
	for _, f := range r.Kind.Fields {
		if text := r.Text(f); r.said(f) && isApart(f, text) {
			s.apart[f.Name] = markdown(r.Kind.Name, s.key, f.Name, text)
		}
	}
	node := r.node(func(field string) bool { return s.apart[field] == nil })
	node.Content = node.Content[2:] // the kind
	var b bytes.Buffer
	err := writeYAML(&b, node)
	s.text = b.Bytes()
	return s, err
}

// markdown is the file of a long text.
func markdown(kindName, key, field, text string) []byte {
	return fmt.Appendf(nil, "---\nkind: %s\nkey: %s\nfield: %s\n---\n\n%s\n", kindName, yamlWord(key), field, text)
}

// yamlWord is a key as YAML reads it back.
func yamlWord(s string) string {
	var b bytes.Buffer
	if err := writeYAML(&b, text(s)); err != nil {
		return s
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// together is a file of several records of one kind.
func together(k *kind.Kind, sheets []sheet) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "kind: %s\nrecords:\n", k.Name)
	for i, s := range sheets {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.Write(indented(s.text))
	}
	return b.Bytes()
}

// indented makes an entry of a list of a record.
func indented(record []byte) []byte {
	var b bytes.Buffer
	for i, line := range bytes.SplitAfter(record, []byte("\n")) {
		switch {
		case i == 0:
			b.WriteString("  - ")
		case len(bytes.TrimRight(line, "\n")) > 0: // spaces alone are a part of some text
			b.WriteString("    ")
		}
		b.Write(line)
	}
	return b.Bytes()
}

// alone is a file of one record.
func alone(k *kind.Kind, s sheet) []byte {
	return append(fmt.Appendf(nil, "kind: %s\n", k.Name), s.text...)
}

func folderOf(k *kind.Kind) string { return path.Join(string(k.Group), k.Plural) }

// A filing writes the records of one kind.
type filing struct {
	k       *kind.Kind
	put     func(name string, data []byte) error
	waiting []sheet // nil once one file for each record is being written
	lines   int
	over    bool
	stems   stems
}

func (g *filing) add(s sheet) error {
	for _, field := range sortedKeys(s.apart) {
		if err := g.put(path.Join(folderOf(g.k), g.stems.of(s.key)+"."+field+".md"), s.apart[field]); err != nil {
			return err
		}
	}
	if g.over {
		return g.one(s)
	}
	g.waiting = append(g.waiting, s)
	g.lines += bytes.Count(s.text, []byte("\n")) + 1
	if g.k.ParentField == "" && g.lines > maxLines || len(g.waiting) > maxTogether {
		return g.spill()
	}
	return nil
}

func (g *filing) one(s sheet) error {
	return g.put(path.Join(folderOf(g.k), g.stems.of(s.key)+".yaml"), alone(g.k, s))
}

// spill goes over to one file for each record.
func (g *filing) spill() error {
	for _, s := range g.waiting {
		if err := g.one(s); err != nil {
			return err
		}
	}
	g.waiting, g.over = nil, true
	return nil
}

// close writes what waits, in one file or in one for each owner.
func (g *filing) close() error {
	if len(g.waiting) == 0 {
		return nil
	}
	slices.SortFunc(g.waiting, func(a, b sheet) int { return strings.Compare(a.key, b.key) })
	if g.lines <= maxLines {
		return g.put(folderOf(g.k)+".yaml", together(g.k, g.waiting))
	}
	owned := map[string][]sheet{}
	roots := stems{}
	for _, s := range g.waiting {
		stem := strings.ToLower(fileStem(s.root)) // a file system may not tell A from a
		roots.keep(stem, fileStem(s.root))
		owned[stem] = append(owned[stem], s)
	}
	for _, stem := range sortedKeys(owned) {
		if err := g.put(path.Join(folderOf(g.k), roots[stem]+".yaml"), together(g.k, owned[stem])); err != nil {
			return err
		}
	}
	return nil
}

// stems are the names of files without ending, by what a file system that ignores
// case makes of them.
type stems map[string]string

func (s stems) keep(lower, stem string) {
	if s[lower] == "" {
		s[lower] = stem
	}
}

// of is the stem for a key, different from those of all other keys.
func (s stems) of(key string) string {
	stem := fileStem(key)
	lower := strings.ToLower(stem)
	if taken, ok := s[lower]; ok && taken != key {
		return stem + "~" + brief(key)
	}
	s[lower] = key
	return stem
}

// longStem bounds a stem, for file systems and for archives.
const longStem = 120

// fileStem makes the name of a file of a key: what is not safe everywhere is written
// as %XX.
func fileStem(key string) string {
	stem := escape(key, plainByte)
	base, _, _ := strings.Cut(strings.ToLower(stem), ".")
	if reserved[base] || stem == "" || stem[0] == '.' {
		stem = escape(key[:min(1, len(key))], func(byte) bool { return false }) + escape(key[min(1, len(key)):], plainByte)
	}
	if len(stem) > longStem {
		stem = strings.TrimRight(stem[:longStem-20], "%") + "~" + brief(key)
	}
	return stem
}

// brief is a few letters that tell one key from another.
func brief(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:6])
}

// reserved are names that Windows keeps for devices.
var reserved = map[string]bool{
	"con": true, "prn": true, "aux": true, "nul": true,
	"com1": true, "com2": true, "com3": true, "com4": true, "com5": true, "com6": true, "com7": true, "com8": true, "com9": true,
	"lpt1": true, "lpt2": true, "lpt3": true, "lpt4": true, "lpt5": true, "lpt6": true, "lpt7": true, "lpt8": true, "lpt9": true,
}

func plainByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-_@+~=#.", c) >= 0
}

func escape(s string, plain func(byte) bool) string {
	var b strings.Builder
	for i := range len(s) {
		if plain(s[i]) {
			b.WriteByte(s[i])
			continue
		}
		fmt.Fprintf(&b, "%%%02X", s[i])
	}
	return b.String()
}
