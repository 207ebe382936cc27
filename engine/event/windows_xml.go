package event

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// windowsXML reads an event as Windows itself writes it, in XML. The fields of System,
// EventData and UserData become one flat object, with the names that rules use.
func (p *Parser) windowsXML(raw []byte, e *Event) bool {
	var o object
	o.open(e.buffer)
	if err := writeXML(&o, raw); err != nil {
		e.complain("this Windows event in XML cannot be read: %s", shorten(err.Error(), 200))
		return false
	}
	e.native(o.close())
	v, err := p.json.ParseBytes(e.Native)
	if err != nil {
		e.complain("this Windows event in XML cannot be read: %s", shorten(err.Error(), 200))
		return false
	}
	e.Format = Windows
	p.windows(v, e)
	return true
}

// deepestXML bounds how deep elements may stand in each other.
const deepestXML = 32

// writeXML writes the leaves of an event.
func writeXML(o *object, raw []byte) error {
	d := xml.NewDecoder(bytes.NewReader(raw))
	var path []string
	var text strings.Builder
	name, seen := "", false
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			if !seen {
				return errors.New("there is no element Event")
			}
			return nil
		}
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if len(path) == deepestXML {
				return errors.New("its elements stand too deep in each other")
			}
			path = append(path, t.Name.Local)
			seen = seen || t.Name.Local == "Event"
			name = startXML(o, path, t)
			text.Reset()
		case xml.CharData:
			text.Write(t)
		case xml.EndElement:
			if said := strings.TrimSpace(text.String()); name != "" && said != "" {
				o.always(name, said)
			}
			name = ""
			path = path[:max(len(path)-1, 0)]
		}
	}
}

// startXML writes the attributes of an element and returns the name of its text.
func startXML(o *object, path []string, t xml.StartElement) string {
	if len(path) < 3 {
		return ""
	}
	name := t.Name.Local
	if path[1] != "System" {
		for _, a := range t.Attr {
			if a.Name.Local == "Name" {
				return a.Value
			}
		}
		return name
	}
	for _, a := range t.Attr {
		if a.Value != "" && a.Name.Local != "xmlns" {
			o.always(name+"_"+a.Name.Local, a.Value)
		}
	}
	return name
}
