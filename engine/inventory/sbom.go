package inventory

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"holdfast/engine"
)

// The bounds of a bill of materials.
const (
	maxSBOM       = 256 << 20
	maxRun        = 16 << 20 // of one text in it
	maxComponents = 500_000
	maxNestedSBOM = 512
)

// SBOM reads a bill of materials: CycloneDX 1.x in JSON or XML, SPDX 2.x in JSON
// or tag-value, SPDX 3.x in JSON, or Syft's own JSON. The format is recognised by
// the content, never by the name; name is only for messages and for the target.
//
// The document is read as a stream, so that its size costs no memory. It fails
// when the document is none of these, is cut off or is too large, with the place
// in the file and what to do. A single component that is not as it should be, and
// components that cannot be matched to advisories, are problems of the inventory.
func SBOM(ctx context.Context, name string, r io.Reader, now time.Time) (*engine.Target, error) {
	b, err := readBill(ctx, name, r, maxSBOM)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &engine.Target{
		Kind: engine.SBOM, Name: name, Now: now,
		Inventory: &engine.Inventory{Host: engine.HostFacts{OS: b.os}, Packages: b.pkgs, Problems: b.log.all()},
	}, nil
}

// readBill reads a document of at most limit bytes.
func readBill(ctx context.Context, name string, r io.Reader, limit int64) (*bill, error) {
	in := &boundedReader{ctx: ctx, r: r, limit: limit}
	b := &bill{name: name, in: in}
	if err := b.read(bufio.NewReaderSize(in, 64<<10)); err != nil {
		return nil, b.explain(err)
	}
	b.finish()
	return b, nil
}

// A bill collects what a reader of one of the formats finds.
type bill struct {
	name string
	in   *boundedReader
	log  problems
	os   engine.OS

	pkgs  []engine.Package
	refs  map[string][]int    // packages by their id in the document
	roots map[string]bool     // ids of what the document is about
	uses  map[string][]string // ids that an id depends on
}

var (
	utf8BOM  = []byte("\xef\xbb\xbf")
	errEmpty = errors.New("the file is empty; export the bill of materials again")
)

const expected = "expected CycloneDX (JSON or XML), SPDX (JSON or tag-value) or Syft JSON"

// read recognises the format by its first bytes and reads the document.
func (b *bill) read(r *bufio.Reader) error {
	b.refs, b.roots, b.uses = map[string][]int{}, map[string]bool{}, map[string][]string{}
	head, err := r.Peek(4096)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if bytes.HasPrefix(head, utf8BOM) {
		_, _ = r.Discard(len(utf8BOM))
		head = head[len(utf8BOM):]
	}
	text := bytes.TrimSpace(head)
	switch {
	case len(text) == 0 && errors.Is(err, io.EOF):
		return errEmpty
	case len(text) == 0:
		return errors.New("it begins with over 4000 blanks and is no bill of materials; " + expected)
	case text[0] == '{':
		b.in.stop = '"'
		return b.readJSON(r)
	case text[0] == '[':
		return errors.New("it is a JSON array, not a bill of materials; " + expected)
	case isHTML(text):
		return errors.New("it is a web page, not a bill of materials; download the file itself, you may have to sign in first")
	case text[0] == '<':
		b.in.stop = '<'
		return b.readXML(r)
	case isTagValue(text):
		b.in.stop = '\n'
		return b.readTagValue(r)
	}
	return fmt.Errorf("it is %s, not a bill of materials; %s", whatIs(head), expected)
}

func isHTML(text []byte) bool {
	low := bytes.ToLower(text[:min(len(text), 64)])
	return bytes.HasPrefix(low, []byte("<!doctype html")) || bytes.HasPrefix(low, []byte("<html"))
}

func isTagValue(text []byte) bool {
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		if len(line) > 0 && line[0] != '#' {
			return bytes.HasPrefix(line, []byte("SPDXVersion:"))
		}
	}
	return false
}

// whatIs names other kinds of file that people pick by mistake.
func whatIs(head []byte) string {
	for _, k := range []struct{ magic, what string }{
		{"\x1f\x8b", "a gzip archive (unpack it first)"}, {"PK\x03\x04", "a zip archive (unpack it first)"},
		{"\xfd7zXZ", "an xz archive (unpack it first)"}, {"BZh", "a bzip2 archive (unpack it first)"},
		{"\x28\xb5\x2f\xfd", "a zstd archive (unpack it first)"}, {"%PDF", "a PDF document"}, {"\x7fELF", "a program"},
		{"\xff\xfe", "text in UTF-16 (save it as UTF-8)"}, {"\xfe\xff", "text in UTF-16 (save it as UTF-8)"},
		{"SQLite format 3", "an SQLite database"}, {"spdxVersion:", "SPDX in YAML (convert it to JSON)"},
		{"SPDXID:", "SPDX in YAML (convert it to JSON)"}, {"bomFormat:", "YAML (CycloneDX is JSON or XML)"},
	} {
		if bytes.HasPrefix(head, []byte(k.magic)) {
			return k.what
		}
	}
	if bytes.IndexByte(head, 0) >= 0 {
		return "a binary file"
	}
	line, _ := cutLine(bytes.TrimSpace(head))
	return fmt.Sprintf("text that begins with %q", clip(string(line)))
}

// add keeps a package under its id in the document, if it has one.
func (b *bill) add(p engine.Package, id string) error {
	if len(b.pkgs) == maxComponents {
		return fmt.Errorf("it has more than %d components; split it", maxComponents)
	}
	if id != "" {
		b.refs[id] = append(b.refs[id], len(b.pkgs))
	}
	b.pkgs = append(b.pkgs, p)
	return nil
}

// component is what the formats have in common.
type component struct {
	group, name, version, purl string
	licenses                   []string
	id, where                  string // where names the place for a message
}

// take turns a component into a package. A broken package URL is a problem and
// the component is kept by its name.
func (b *bill) take(c component) error {
	p := engine.Package{}
	if c.purl != "" {
		var err error
		if p, err = fromPURL(strings.TrimSpace(c.purl)); err != nil {
			b.log.add(b.name, fmt.Sprintf("%s: %v; it is kept without an ecosystem and cannot be checked", c.where, err))
		}
	}
	if p.Name == "" {
		p.Name = joined(c.group, "/", c.name)
	}
	if p.Version == "" {
		p.Version = c.version
		if p.Ecosystem == languages["golang"] {
			p.Version = goVersion(c.version)
		}
	}
	if p.Name == "" {
		b.log.add(b.name, c.where+": it has no name and was left out")
		return nil
	}
	p.Licenses = c.licenses
	return b.add(p, c.id)
}

// system keeps the operating system that the document names, the first if there
// are several. A name of several words is no identifier.
func (b *bill) system(name, version string) {
	if b.os.PrettyName != "" {
		return
	}
	b.os = engine.OS{VersionID: version, PrettyName: strings.TrimSpace(name + " " + version)}
	if !strings.Contains(name, " ") {
		b.os.ID = strings.ToLower(name)
	}
}

// finish fills in what only the whole document tells: the release of the
// distribution, what is used directly, and how much cannot be checked.
func (b *bill) finish() {
	for kind, base := range map[string]string{typeDeb: "pkg:deb/", typeAPK: "pkg:apk/", typeRPM: "pkg:rpm/"} {
		eco := ecosystem(kind, b.os)
		for i := range b.pkgs {
			p := &b.pkgs[i]
			if strings.HasPrefix(p.PURL, base) && !strings.Contains(p.Ecosystem, ":") && strings.HasPrefix(eco, p.Ecosystem) {
				p.Ecosystem = eco
			}
		}
	}
	for root := range b.roots {
		for _, id := range b.uses[root] {
			for _, i := range b.refs[id] {
				b.pkgs[i].Direct = true
			}
		}
	}
	b.noteUncheckable()
}

// noteUncheckable counts the components that no advisory can be found for.
func (b *bill) noteUncheckable() {
	kind, release, version := 0, 0, 0
	for _, p := range b.pkgs {
		switch {
		case p.Ecosystem == "":
			kind++
		case needsRelease[p.Ecosystem]:
			release++
		case p.Version == "":
			version++
		}
	}
	for _, c := range []struct {
		n    int
		what string
	}{
		{kind, "have no package URL of a known kind"},
		{release, "do not tell the release of their distribution (qualifier distro of the package URL)"},
		{version, "have no version"},
	} {
		if c.n > 0 {
			b.log.add(b.name, fmt.Sprintf("%d of %d components %s and cannot be checked against advisories", c.n, len(b.pkgs), c.what))
		}
	}
}

// explain adds to an error of a decoder what it means for people.
func (b *bill) explain(err error) error {
	if in := b.in.err; in != nil && !errors.Is(in, io.EOF) { // a decoder may hide it
		return in
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return fmt.Errorf("it ends in the middle, after %d bytes (line %d): it was cut off; export or download it again", b.in.read, b.in.lines+1)
	}
	return err
}

// boundedReader stops a reader of hostile text in time: when the whole is too
// large, when one text in it is, or when the context ends.
type boundedReader struct {
	ctx   context.Context
	r     io.Reader
	limit int64
	stop  byte // ends a text: the quote of JSON, the bracket of XML, the end of a line
	run   int64
	read  int64
	lines int
	marks []int64 // offset of each line end, up to maxMarks
	err   error
}

const maxMarks = 1 << 20

func (b *boundedReader) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	n, err := b.r.Read(p)
	b.note(p[:n])
	switch {
	case b.ctx.Err() != nil:
		err = b.ctx.Err()
	case b.run > maxRun:
		err = fmt.Errorf("near byte %d (line %d): one text is longer than %d MB; it is not a bill of materials, or is broken", b.read, b.lines+1, maxRun>>20)
	case b.read > b.limit:
		err = fmt.Errorf("it is larger than %d MB, which no bill of materials needs to be; export it without files and evidence, or split it", b.limit>>20)
	}
	b.err = err
	return n, err
}

func (b *boundedReader) note(p []byte) {
	if b.stop != 0 {
		if i := bytes.LastIndexByte(p, b.stop); i >= 0 {
			b.run = int64(len(p) - i - 1)
		} else {
			b.run += int64(len(p))
		}
	}
	for at := 0; ; at++ {
		i := bytes.IndexByte(p[at:], '\n')
		if i < 0 {
			break
		}
		at += i
		b.lines++
		if len(b.marks) < maxMarks {
			b.marks = append(b.marks, b.read+int64(at))
		}
	}
	b.read += int64(len(p))
}

// place names an offset for people, with the line where it is known.
func (b *boundedReader) place(offset int64) string {
	if line := lineAt(b.marks, offset); line > 0 {
		return fmt.Sprintf("line %d (byte %d)", line, offset)
	}
	return fmt.Sprintf("byte %d", offset)
}

// lineAt counts the line ends before an offset; 0 when that is not known.
func lineAt(marks []int64, offset int64) int {
	i, found := slices.BinarySearch(marks, offset)
	if i == len(marks) && len(marks) == maxMarks && !found {
		return 0
	}
	return i + 1
}
