package port

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"

	"holdfast/kind"
)

// ReadJSON reads documents in the form of ReadYAML as JSON: one object, a list of
// objects, or one object after another (JSON lines). What the API returns for a
// list ({"data": […]}) is read too.
func ReadJSON(name string, r io.Reader) ([]Doc, error) {
	data, err := io.ReadAll(&bounded{r: r, left: MaxFile, name: name})
	if err != nil {
		return nil, err
	}
	j := jsonReader{file: name, data: data}
	dec := json.NewDecoder(bytes.NewReader(data))
	for {
		var raw json.RawMessage
		err := dec.Decode(&raw)
		if errors.Is(err, io.EOF) {
			return j.docs, j.bad.err()
		}
		if err != nil {
			return nil, j.explain(err, dec.InputOffset())
		}
		if err := j.top(raw, int(dec.InputOffset())-len(raw)); err != nil {
			return nil, err
		}
	}
}

type jsonReader struct {
	file string
	data []byte
	docs []Doc
	bad  problems
}

// at is the line of an offset.
func (j *jsonReader) at(offset int) Place {
	return Place{j.file, 1 + bytes.Count(j.data[:min(max(offset, 0), len(j.data))], []byte("\n"))}
}

func (j *jsonReader) explain(err error, offset int64) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		offset = syntax.Offset
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || strings.Contains(err.Error(), "unexpected end") {
		return wrong(j.at(len(j.data)), "the file ends in the middle of the JSON: it was cut off")
	}
	return wrong(j.at(int(offset)), "this is not JSON: %v", err)
}

func (j *jsonReader) top(raw json.RawMessage, offset int) error {
	if raw[0] != '[' {
		return j.object(raw, offset)
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	if _, err := dec.Token(); err != nil {
		return j.explain(err, int64(offset))
	}
	for dec.More() {
		var item json.RawMessage
		if err := dec.Decode(&item); err != nil {
			return j.explain(err, int64(offset))
		}
		if err := j.object(item, offset+int(dec.InputOffset())-len(item)); err != nil {
			return err
		}
	}
	return nil
}

func (j *jsonReader) object(raw json.RawMessage, offset int) error {
	if len(j.docs) >= MaxDocs {
		return kind.Errorf(kind.TooLarge, "%s: holds more than %d records; split it", j.file, MaxDocs)
	}
	at := j.at(offset)
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil || fields == nil {
		j.bad.add(at, "expected a record: an object with kind, key and fields")
		return nil
	}
	if data := fields["data"]; len(data) > 0 && data[0] == '[' && fields["kind"] == nil {
		return j.top(data, offset)
	}
	d := Doc{At: at}
	for _, name := range sortedKeys(fields) {
		j.field(&d, name, fields[name])
	}
	j.docs = append(j.docs, d)
	return nil
}

func sortedKeys[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (j *jsonReader) field(d *Doc, name string, raw json.RawMessage) {
	v := Value{Field: name, At: d.At}
	if name == "links" {
		j.links(d, raw)
		return
	}
	if !j.value(&v, raw) {
		j.bad.add(d.At, "%s: is nested deeper than a record can hold", name)
		return
	}
	switch name {
	case "kind":
		d.Kind = v.text
	case "key":
		d.Key = v.text
	default:
		d.Values = append(d.Values, v)
	}
}

func (j *jsonReader) value(v *Value, raw json.RawMessage) bool {
	switch raw[0] {
	case '[':
		var items []json.RawMessage
		if json.Unmarshal(raw, &items) != nil {
			return false
		}
		v.shape = list
		for _, item := range items {
			s, ok := jsonText(item)
			if !ok {
				return false
			}
			v.words = append(v.words, s)
		}
		return true
	case '{':
		var items map[string]json.RawMessage
		if json.Unmarshal(raw, &items) != nil {
			return false
		}
		v.shape, v.parts = object, map[string]string{}
		for name, item := range items {
			s, ok := jsonText(item)
			if !ok {
				return false
			}
			v.parts[name] = s
		}
		return true
	}
	var ok bool
	v.text, ok = jsonText(raw)
	return ok
}

// jsonText is a scalar as text; null is empty.
func jsonText(raw json.RawMessage) (string, bool) {
	switch raw[0] {
	case '"':
		var s string
		err := json.Unmarshal(raw, &s)
		return s, err == nil
	case '[', '{':
		return "", false
	case 'n':
		return "", true
	}
	return string(raw), true
}

func (j *jsonReader) links(d *Doc, raw json.RawMessage) {
	var relations map[string]json.RawMessage
	if json.Unmarshal(raw, &relations) != nil {
		j.bad.add(d.At, "links is an object: the name of a relation and a list of keys")
		return
	}
	for _, name := range sortedKeys(relations) {
		var v Value
		if !j.value(&v, relations[name]) || v.shape == object {
			j.bad.add(d.At, "links: %s: expected a list of keys", name)
			continue
		}
		if v.shape == scalar {
			v.words = []string{v.text}
		}
		for _, key := range v.words {
			d.Links = append(d.Links, Link{name, key, d.At})
		}
	}
}
