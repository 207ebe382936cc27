package oscal

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"

	"holdfast/kind"
)

// xmlNamespace is that of every OSCAL element.
const xmlNamespace = "http://csrc.nist.gov/ns/oscal/1.0"

// An element is one XML element, or a run of text (name "").
type element struct {
	name  string
	text  string
	attrs []xml.Attr
	inner []*element
	line  int
}

// parseXML reads a catalogue in XML into the form that it has in JSON.
func parseXML(name string, data []byte) (*Document, error) {
	root, err := readElements(name, data)
	if err != nil {
		return nil, err
	}
	if root.name != string(CatalogModel) {
		return nil, bad(name, root.line, "/"+root.name, "only catalogues are read from XML; export the document as JSON")
	}
	body := root.object()
	d, err := documentOf(name, object(root.name, body))
	if err != nil {
		return nil, err
	}
	return d, d.Decode(&Catalog{})
}

func readElements(name string, data []byte) (*element, error) {
	dec := xml.NewDecoder(bytes.NewReader(data))
	top := &element{}
	open := []*element{top}
	for nodes := 0; ; nodes++ {
		line, _ := dec.InputPos()
		t, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, bad(name, line, "", "not XML: %v", err)
		}
		if nodes > MaxNodes {
			return nil, kind.Errorf(kind.TooLarge, "%s: more than %d elements; split it into several documents", name, MaxNodes)
		}
		here := open[len(open)-1]
		switch t := t.(type) {
		case xml.Directive:
			return nil, bad(name, line, "", "it declares a document type; remove the <!DOCTYPE …> line")
		case xml.StartElement:
			if len(open) > MaxDepth {
				return nil, bad(name, line, "", "nested more than %d deep", MaxDepth)
			}
			if t.Name.Space != xmlNamespace {
				return nil, bad(name, line, "/"+t.Name.Local, "not an OSCAL element: its namespace is %q, not %q", t.Name.Space, xmlNamespace)
			}
			e := &element{name: t.Name.Local, attrs: slices.Clone(t.Attr), line: line}
			here.inner = append(here.inner, e)
			open = append(open, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			here.inner = append(here.inner, &element{text: string(t)})
		}
	}
	for _, e := range top.inner {
		if e.name != "" {
			return e, nil
		}
	}
	return nil, bad(name, 1, "", "there is no element in the file")
}

// plurals names the member of JSON that collects the elements of one name.
var plurals = map[string]string{
	"prop": "props", "link": "links", "role": "roles", "party": "parties", "location": "locations", "action": "actions",
	"responsible-party": "responsible-parties", "document-id": "document-ids", "external-id": "external-ids",
	"email-address": "email-addresses", "telephone-number": "telephone-numbers", "address": "addresses",
	"addr-line": "addr-lines", "party-uuid": "party-uuids", "location-uuid": "location-uuids", "url": "urls",
	"member-of-organization": "member-of-organizations", "group": "groups", "control": "controls", "param": "params",
	"part": "parts", "constraint": "constraints", "test": "tests", "guideline": "guidelines", "value": "values",
	"choice": "choice", "resource": "resources", "rlink": "rlinks", "hash": "hashes",
}

// valued names the member of JSON that holds the text of an element with attributes.
var valued = map[string]string{
	"hash": "value", "base64": "value", "telephone-number": "number", "document-id": "identifier", "external-id": "id",
}

// marked are elements whose content is Markdown in JSON.
var marked = []string{"title", "description", "remarks", "label", "usage", "text", "choice", "rationale"}

// containers are elements that are objects even when they are empty.
var containers = []string{
	"catalog", "metadata", "group", "control", "param", "part", "prop", "link", "role", "party", "location", "address",
	"responsible-party", "constraint", "test", "guideline", "select", "back-matter", "resource", "citation", "rlink",
	"revision", "action",
}

// value is what an element is in JSON.
func (e *element) value() any {
	switch {
	case slices.Contains(marked, e.name):
		return markdown(e.inner)
	case e.name == "revisions":
		var list []any
		for _, c := range e.inner {
			if c.name == "revision" {
				list = append(list, c.object())
			}
		}
		return list
	case valued[e.name] != "":
		o := e.flags()
		o.Set(valued[e.name], strings.TrimSpace(e.plain()))
		return o
	case slices.Contains(containers, e.name):
		return e.object()
	}
	return strings.TrimSpace(e.plain())
}

// flags makes an object of the attributes, those of other namespaces left out.
func (e *element) flags() *Object {
	o := &Object{}
	for _, a := range e.attrs {
		if a.Name.Space == "" && a.Name.Local != "xmlns" {
			o.Set(a.Name.Local, a.Value)
		}
	}
	return o
}

func (e *element) object() *Object {
	o := e.flags()
	var prose []*element
	for _, c := range e.inner {
		switch {
		case c.name == "":
		case isBlock(c.name):
			if prose = append(prose, c); len(prose) == 1 {
				o.Set("prose", "")
			}
		case plurals[c.name] != "":
			list, _ := o.Get(plurals[c.name]).([]any)
			o.Set(plurals[c.name], append(list, c.value()))
		default:
			o.Set(c.name, c.value())
		}
	}
	if len(prose) > 0 {
		o.Set("prose", markdown(prose))
	}
	return o
}

// plain is the text of an element without markup.
func (e *element) plain() string {
	if e.name == "" {
		return e.text
	}
	var b strings.Builder
	for _, c := range e.inner {
		b.WriteString(c.plain())
	}
	return b.String()
}
