package inventory

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// cdxComponent is what we read of a component of CycloneDX, in JSON and in XML.
// The library for CycloneDX decodes whole documents into memory and refuses a
// document for a mistake in a field that we do not need; it is the oracle of the
// tests instead.
type cdxComponent struct {
	Ref        string         `json:"bom-ref" xml:"bom-ref,attr"`
	Type       string         `json:"type" xml:"type,attr"`
	Group      string         `json:"group" xml:"group"`
	Name       string         `json:"name" xml:"name"`
	Version    string         `json:"version" xml:"version"`
	PURL       string         `json:"purl" xml:"purl"`
	Licenses   cdxLicenses    `json:"licenses" xml:"licenses"`
	Components []cdxComponent `json:"components" xml:"components>component"`
}

type cdxLicense struct {
	ID   string `json:"id" xml:"id"`
	Name string `json:"name" xml:"name"`
}

// cdxLicenses are the names of licences. The two encodings differ in form, and
// neither is worth losing a component for: what is not understood is left out.
type cdxLicenses []string

func (l *cdxLicenses) UnmarshalJSON(data []byte) error {
	var list []struct {
		License    cdxLicense `json:"license"`
		Expression string     `json:"expression"`
	}
	if json.Unmarshal(data, &list) != nil {
		return nil
	}
	for _, e := range list {
		l.add(e.License, e.Expression)
	}
	return nil
}

func (l *cdxLicenses) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	var v struct {
		License    []cdxLicense `xml:"license"`
		Expression []string     `xml:"expression"`
	}
	if err := d.DecodeElement(&v, &start); err != nil {
		return err
	}
	for _, e := range v.License {
		l.add(e, "")
	}
	for _, e := range v.Expression {
		l.add(cdxLicense{}, e)
	}
	return nil
}

func (l *cdxLicenses) add(license cdxLicense, expression string) {
	for _, s := range []string{license.ID, license.Name, expression} {
		if s = strings.TrimSpace(s); s != "" {
			*l = append(*l, s)
			return
		}
	}
}

// takeCDX keeps a component and those inside it. A file is no software by itself
// and is left out, unless it has a package URL.
func (b *bill) takeCDX(c *cdxComponent, where string) error {
	if c.Type == "operating-system" {
		b.system(c.Name, c.Version)
	}
	if c.Type != "file" || c.PURL != "" {
		err := b.take(component{group: c.Group, name: c.Name, version: c.Version, purl: c.PURL, licenses: c.Licenses, id: c.Ref, where: where})
		if err != nil {
			return err
		}
	}
	return b.takeNested(c.Components, where)
}

func (b *bill) takeNested(list []cdxComponent, where string) error {
	for i := range list {
		if err := b.takeCDX(&list[i], fmt.Sprintf("%s, part %d", where, i+1)); err != nil {
			return err
		}
	}
	return nil
}

// takeSubject keeps what the document is about: it is the root of the
// dependencies, and its parts are components. It is not one itself.
func (b *bill) takeSubject(c *cdxComponent) error {
	if c.Ref != "" {
		b.roots[c.Ref] = true
	}
	return b.takeNested(c.Components, "the described component")
}

func (j *jsonReader) cdxMetadata(key string) error {
	if key != "component" {
		return j.skip()
	}
	var c cdxComponent
	if ok, err := j.decode("the described component", &c); !ok {
		return err
	}
	return j.takeSubject(&c)
}

func (j *jsonReader) cdxComponent(i int) error {
	var c cdxComponent
	where := fmt.Sprintf("component %d", i+1)
	if ok, err := j.decode(where, &c); !ok {
		return err
	}
	return j.takeCDX(&c, where)
}

func (j *jsonReader) cdxDependency(i int) error {
	var d struct {
		Ref       string   `json:"ref"`
		DependsOn []string `json:"dependsOn"`
	}
	if ok, err := j.decode(fmt.Sprintf("dependency %d", i+1), &d); !ok {
		return err
	}
	j.uses[d.Ref] = append(j.uses[d.Ref], d.DependsOn...)
	return nil
}

// cdxNamespace begins the name space of every version of CycloneDX in XML.
const cdxNamespace = "http://cyclonedx.org/schema/bom/"

// readXML reads CycloneDX in XML.
func (b *bill) readXML(r io.Reader) error {
	raw := xml.NewDecoder(r)
	x := &xmlReader{bill: b, raw: raw}
	x.dec = xml.NewTokenDecoder(x)
	err := x.document()
	var syntax *xml.SyntaxError
	switch {
	case errors.As(err, &syntax) && syntax.Msg == "unexpected EOF":
		return io.ErrUnexpectedEOF
	case errors.As(err, &syntax): // its line is that of the tokens, not of the text
		line, column := raw.InputPos()
		return fmt.Errorf("line %d, column %d: it is not correct XML: %s", line, column, syntax.Msg)
	}
	return err
}

type xmlReader struct {
	*bill
	raw, dec *xml.Decoder
	depth    int
	n        int  // components seen
	rooted   bool // the first element was seen
}

// Token is the source of the decoder: the raw tokens, up to a depth.
func (x *xmlReader) Token() (xml.Token, error) {
	t, err := x.raw.RawToken()
	switch t.(type) {
	case xml.StartElement:
		x.depth++
	case xml.EndElement:
		x.depth--
	}
	if x.depth > maxNestedSBOM {
		line, _ := x.raw.InputPos()
		return nil, fmt.Errorf("line %d: it is nested more than %d deep", line, maxNestedSBOM)
	}
	return t, err
}

// document goes through the elements and decodes those that count.
func (x *xmlReader) document() error {
	var path []string
	for {
		t, err := x.dec.Token()
		if err == io.EOF && x.rooted { //nolint:errorlint // returned as it is, never wrapped; the decoder refuses an end inside an element
			return nil
		}
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if len(path) == 0 {
				if err := x.root(t); err != nil {
					return err
				}
				x.rooted = true
			}
			path = append(path, t.Name.Local)
			done, err := x.element(strings.Join(path, "/"), t)
			if err != nil {
				return err
			}
			if done {
				path = path[:len(path)-1]
			}
		case xml.EndElement:
			path = path[:len(path)-1]
		}
	}
}

// root refuses a document of another kind.
func (x *xmlReader) root(t xml.StartElement) error {
	switch {
	case t.Name.Local == "bom" && strings.HasPrefix(t.Name.Space, cdxNamespace):
		if v := t.Name.Space[len(cdxNamespace):]; !strings.HasPrefix(v, "1.") {
			return fmt.Errorf("it is CycloneDX %s; versions 1.x are read", clip(v))
		}
		return nil
	case t.Name.Local == "bom":
		return fmt.Errorf("it is XML with the element bom, but not in the name space of CycloneDX (%s1.x)", cdxNamespace)
	case t.Name.Local == "RDF":
		return errors.New("it is RDF in XML, perhaps SPDX; convert it to SPDX in JSON")
	}
	return fmt.Errorf("it is XML with the root element %s, not a bill of materials; %s", clip(t.Name.Local), expected)
}

// element decodes an element that counts; done is false for one to go into.
func (x *xmlReader) element(path string, t xml.StartElement) (done bool, err error) {
	switch path {
	case "bom/components/component":
		var c cdxComponent
		if err := x.dec.DecodeElement(&c, &t); err != nil {
			return true, err
		}
		x.n++
		return true, x.takeCDX(&c, fmt.Sprintf("component %d", x.n))
	case "bom/metadata/component":
		var c cdxComponent
		if err := x.dec.DecodeElement(&c, &t); err != nil {
			return true, err
		}
		return true, x.takeSubject(&c)
	case "bom/dependencies/dependency":
		type dependency struct {
			Ref string       `xml:"ref,attr"`
			On  []dependency `xml:"dependency"`
		}
		var d dependency
		if err := x.dec.DecodeElement(&d, &t); err != nil {
			return true, err
		}
		for _, on := range d.On {
			x.uses[d.Ref] = append(x.uses[d.Ref], on.Ref)
		}
		return true, nil
	}
	return false, nil
}
