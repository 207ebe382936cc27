package inventory

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// spdxPackage is what we read of a package of SPDX 2.
type spdxPackage struct {
	ID       string `json:"SPDXID"`
	Name     string `json:"name"`
	Version  string `json:"versionInfo"`
	Declared string `json:"licenseDeclared"`
	Conclude string `json:"licenseConcluded"`
	Purpose  string `json:"primaryPackagePurpose"`
	Refs     []struct {
		Type    string `json:"referenceType"`
		Locator string `json:"referenceLocator"`
	} `json:"externalRefs"`
}

func (j *jsonReader) spdxPackage(i int) error {
	var p spdxPackage
	where := fmt.Sprintf("package %d", i+1)
	if ok, err := j.decode(where, &p); !ok {
		return err
	}
	c := component{id: p.ID, name: p.Name, version: p.Version, where: where, licenses: spdxLicenses(p.Declared, p.Conclude)}
	for _, r := range p.Refs {
		if isPURLType(r.Type) && c.purl == "" {
			c.purl = r.Locator
		}
	}
	j.spdxSystem(p.Purpose, p.Name, p.Version)
	return j.take(c)
}

// spdxSystem keeps the operating system that the packages belong to.
func (b *bill) spdxSystem(purpose, name, version string) {
	if purpose == "OPERATING-SYSTEM" {
		b.system(name, version)
	}
}

// isPURLType tells whether a reference is a package URL. SPDX 2 writes the type
// as a word or as an address that ends in the word.
func isPURLType(t string) bool { return t == "purl" || strings.HasSuffix(t, "/purl") }

// spdxLicenses prefers what the authors declared; the two words that say nothing
// are left out.
func spdxLicenses(declared, concluded string) []string {
	for _, l := range []string{declared, concluded} {
		if l = strings.TrimSpace(l); l != "" && l != "NOASSERTION" && l != "NONE" {
			return []string{l}
		}
	}
	return nil
}

func (j *jsonReader) spdxRelationship(i int) error {
	var r struct {
		From string `json:"spdxElementId"`
		Type string `json:"relationshipType"`
		To   string `json:"relatedSpdxElement"`
	}
	if ok, err := j.decode(fmt.Sprintf("relationship %d", i+1), &r); !ok {
		return err
	}
	j.relate(r.From, r.Type, r.To)
	return nil
}

func (j *jsonReader) spdxDescribes(i int) error {
	return j.text(func(id string) { j.roots[id] = true })
}

// relate keeps the relationships that tell what is used directly.
func (b *bill) relate(from, kind, to string) {
	switch kind {
	case "DESCRIBES":
		b.roots[to] = true
	case "DESCRIBED_BY":
		b.roots[from] = true
	case "DEPENDS_ON":
		b.uses[from] = append(b.uses[from], to)
	case "DEPENDENCY_OF":
		b.uses[to] = append(b.uses[to], from)
	}
}

// context reads the @context of a JSON-LD document: a text, or a list with one.
func (j *jsonReader) context() error {
	var v any
	if ok, err := j.decode("the context", &v); !ok {
		return err
	}
	list, isList := v.([]any)
	if !isList {
		list = []any{v}
	}
	for _, e := range list {
		if s, ok := e.(string); ok && strings.Contains(s, "spdx.org/rdf/3") {
			j.format = formatSPDX3
		}
	}
	return nil
}

// spdx3Element takes one element of the graph of SPDX 3. Models and data sets are
// packages too.
func (j *jsonReader) spdx3Element(i int) error {
	var e struct {
		ID      string `json:"spdxId"`
		Type    string `json:"type"`
		Name    string `json:"name"`
		Version string `json:"software_packageVersion"`
		PURL    string `json:"software_packageUrl"`
		Refs    []struct {
			Type       string `json:"externalIdentifierType"`
			Identifier string `json:"identifier"`
		} `json:"externalIdentifier"`
		Roots []string `json:"rootElement"`
		From  string   `json:"from"`
		Kind  string   `json:"relationshipType"`
		To    []string `json:"to"`
	}
	where := fmt.Sprintf("element %d", i+1)
	if ok, err := j.decode(where, &e); !ok {
		return err
	}
	switch e.Type {
	case "software_Package", "ai_AIPackage", "dataset_DatasetPackage":
		c := component{id: e.ID, name: e.Name, version: e.Version, purl: e.PURL, where: where}
		for _, r := range e.Refs {
			if (r.Type == "packageUrl" || r.Type == "purl") && c.purl == "" {
				c.purl = r.Identifier
			}
		}
		return j.take(c)
	case "SpdxDocument", "software_Sbom":
		for _, r := range e.Roots {
			j.roots[r] = true
		}
	case "Relationship", "LifecycleScopedRelationship":
		if e.Kind == "dependsOn" {
			j.uses[e.From] = append(j.uses[e.From], e.To...)
		}
	}
	return nil
}

// readTagValue reads SPDX 2 in its tag-value form: "Tag: value" lines, and texts
// over several lines between <text> and </text>.
func (b *bill) readTagValue(r *bufio.Reader) error {
	t := tagReader{bill: b}
	for n := 1; ; n++ {
		line, err := r.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if e := t.line(strings.TrimSpace(line), n); e != nil {
			return e
		}
		if err != nil {
			break
		}
	}
	if t.inText > 0 {
		return fmt.Errorf("line %d: a <text> is never closed: the file was cut off; export or download it again", t.inText)
	}
	return t.flush()
}

type tagReader struct {
	*bill
	inText int // the line where a text over several lines begins; 0 outside of one
	open   bool
	pkg    spdxPackage
	purl   string
	at     int
}

func (t *tagReader) line(line string, n int) error {
	if t.inText > 0 {
		if strings.Contains(line, "</text>") {
			t.inText = 0
		}
		return nil
	}
	if line == "" || line[0] == '#' {
		return nil
	}
	tag, value, ok := strings.Cut(line, ":")
	if !ok {
		t.log.line(t.name, n, "expected \"Tag: value\"")
		return nil
	}
	value = strings.TrimSpace(value)
	if strings.Contains(value, "<text>") && !strings.Contains(value, "</text>") {
		t.inText = n
	}
	return t.tag(tag, value, n)
}

func (t *tagReader) tag(tag, value string, n int) error {
	switch tag {
	case "SPDXVersion":
		if !strings.HasPrefix(value, "SPDX-2.") {
			return fmt.Errorf("line %d: it is %s; SPDX 2.x is read in this form", n, clip(value))
		}
	case "PackageName":
		err := t.flush()
		t.open, t.at, t.pkg.Name = true, n, value
		return err
	case "FileName", "SnippetSPDXID", "LicenseID": // the package ends here
		return t.flush()
	case "SPDXID":
		t.pkg.ID = value
	case "PackageVersion":
		t.pkg.Version = value
	case "PackageLicenseDeclared":
		t.pkg.Declared = value
	case "PackageLicenseConcluded":
		t.pkg.Conclude = value
	case "PrimaryPackagePurpose":
		t.pkg.Purpose = value
	case "ExternalRef":
		if f := strings.Fields(value); len(f) == 3 && isPURLType(f[1]) {
			t.purl = f[2]
		}
	case "Relationship":
		if f := strings.Fields(value); len(f) == 3 {
			t.relate(f[0], f[1], f[2])
		}
	}
	return nil
}

// flush keeps the package that was being read.
func (t *tagReader) flush() error {
	p, purl, open := t.pkg, t.purl, t.open
	t.pkg, t.purl, t.open = spdxPackage{}, "", false
	if !open {
		return nil
	}
	t.spdxSystem(p.Purpose, p.Name, p.Version)
	return t.take(component{id: p.ID, name: p.Name, version: p.Version, purl: purl,
		licenses: spdxLicenses(p.Declared, p.Conclude), where: fmt.Sprintf("line %d", t.at)})
}
