package port

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"holdfast/kind"
)

// A Row is a record ready to be written: references are known by their keys.
type Row struct {
	Kind   *kind.Kind
	Record kind.Record
	keys   map[string]string   // of the records referred to, by id
	links  map[string][]string // keys by relation; only relations that this kind declares
	full   bool                // with computed fields, for a restore
	tree   bool                // only references to what a tree holds
}

// Text is the value of a field as text; a reference is the key it leads to.
func (r Row) Text(f *kind.Field) string {
	text := f.Text(r.Record)
	if text != "" && refersTo(r.Kind, f, r.Record) != "" {
		if key := r.keys[text]; key != "" {
			return key
		}
	}
	return text
}

// said tells whether a document names the field: empty and computed ones it leaves
// out, and those that mean something only here.
func (r Row) said(f *kind.Field) bool {
	if f.Hidden || bookkeeping[f.Name] || f.IsZero(r.Record) || f.Computed && !r.full {
		return false
	}
	return !r.tree || refersTo(r.Kind, f, r.Record) == "" || r.keys[f.Text(r.Record)] != ""
}

// node is the document as YAML, with the fields in their declared order; of those
// said here, with the ones that are wanted.
func (r Row) node(wanted func(field string) bool) *yaml.Node {
	doc := &yaml.Node{Kind: yaml.MappingNode}
	put := func(name string, value *yaml.Node) { doc.Content = append(doc.Content, text(name), value) }
	put("kind", text(r.Kind.Name))
	put("key", text(r.Record.GetBase().Key))
	for _, f := range r.Kind.Fields {
		if !r.said(f) || !wanted(f.Name) {
			continue
		}
		if f.Type == kind.WordList {
			put(f.Name, words(f.Of(r.Record).([]string)))
			continue
		}
		put(f.Name, r.scalar(f))
	}
	all := &yaml.Node{Kind: yaml.MappingNode}
	for _, name := range sortedKeys(r.links) {
		if len(r.links[name]) > 0 {
			all.Content = append(all.Content, text(name), words(r.links[name]))
		}
	}
	if len(all.Content) > 0 {
		put("links", all)
	}
	return doc
}

func everyField(string) bool { return true }

func (r Row) scalar(f *kind.Field) *yaml.Node {
	switch f.Type {
	case kind.Number, kind.Amount, kind.Decimal, kind.Flag, kind.Grade, kind.Span, kind.Day, kind.Instant:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: r.Text(f)}
	}
	return text(r.Text(f))
}

// text is a string that YAML reads back as one: quoted where it must be, and as a
// block where it has several lines.
func text(s string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(s)
	if strings.ContainsAny(s, "\n") && strings.TrimSpace(s) != "" {
		n.Style = yaml.LiteralStyle
	}
	return n
}

func words(list []string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.SequenceNode}
	for _, w := range list {
		n.Content = append(n.Content, text(w))
	}
	return n
}

// document is the record in the same form as JSON, for programs: with what the
// product computed, which a reader of documents leaves out again.
func (r Row) document() json.Marshaler {
	return orderedJSON(func(put func(string, any)) {
		put("kind", r.Kind.Name)
		put("key", r.Record.GetBase().Key)
		for _, f := range r.Kind.Fields {
			switch {
			case f.Hidden, f.Name == "key", f.IsZero(r.Record):
			case refersTo(r.Kind, f, r.Record) != "" || f.Type == kind.Instant:
				put(f.Name, r.Text(f))
			default:
				put(f.Name, f.Of(r.Record))
			}
		}
		if len(r.links) > 0 {
			put("links", r.links)
		}
	})
}

// orderedJSON is a JSON object whose members keep their order.
type orderedJSON func(put func(string, any))

// MarshalJSON implements json.Marshaler.
func (o orderedJSON) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	var failed error
	o(func(name string, v any) {
		sep := byte(',')
		if b.Len() == 0 {
			sep = '{'
		}
		b.WriteByte(sep)
		for i, part := range []any{name, v} {
			data, err := json.Marshal(part)
			if err != nil {
				failed = err
			}
			if i == 1 {
				b.WriteByte(':')
			}
			b.Write(data)
		}
	})
	b.WriteByte('}')
	return b.Bytes(), failed
}

// An exporter reads records with what they refer to.
type exporter struct {
	ctx   context.Context
	a     App
	links bool
	full  bool
}

// batch is how many records are looked up together.
const batch = 500

// each calls do for every record that matches.
func (e *exporter) each(k *kind.Kind, q kind.Query, do func(Row) error) error {
	var page []kind.Record
	flush := func() error {
		rows, err := e.rows(k, page)
		page = page[:0]
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := do(r); err != nil {
				return err
			}
		}
		return nil
	}
	err := e.a.All(e.ctx, k, q, func(r kind.Record) error {
		if page = append(page, r); len(page) < batch {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}

// rows looks up what the records refer to.
func (e *exporter) rows(k *kind.Kind, page []kind.Record) ([]Row, error) {
	keys, err := Keys(e.ctx, e.a, k, page)
	if err != nil {
		return nil, err
	}
	rows := make([]Row, len(page))
	for i, r := range page {
		rows[i] = Row{Kind: k, Record: r, keys: keys, full: e.full}
		if e.links {
			if rows[i].links, err = e.linksOf(k, r); err != nil {
				return nil, err
			}
		}
	}
	return rows, nil
}

// Keys finds the keys of everything that the records refer to, by id. What the
// actor may not read is left out.
func Keys(ctx context.Context, a App, k *kind.Kind, page []kind.Record) (map[string]string, error) {
	ids := map[string][]string{}
	for _, f := range k.Fields {
		for _, r := range page {
			if to := refersTo(k, f, r); to != "" && !f.IsZero(r) {
				ids[to] = append(ids[to], f.Text(r))
			}
		}
	}
	keys := map[string]string{}
	for _, name := range sortedKeys(ids) {
		other := a.Registry().Named(name)
		if other == nil {
			continue
		}
		slices.Sort(ids[name])
		found, err := a.Many(ctx, other, slices.Compact(ids[name]))
		if err != nil && kind.CodeOf(err) != kind.Forbidden {
			return nil, err
		}
		for id, r := range found {
			keys[id] = r.GetBase().Key
		}
	}
	return keys, nil
}

// linksOf reads the links that start at the record.
func (e *exporter) linksOf(k *kind.Kind, r kind.Record) (map[string][]string, error) {
	links := map[string][]string{}
	for _, rel := range e.a.Registry().Relations(k) {
		if !rel.Forward {
			continue
		}
		q := kind.Query{Linked: &kind.LinkedTo{Relation: rel, ID: r.GetBase().ID}, Sort: "key"}
		err := e.a.All(e.ctx, rel.Other, q, func(other kind.Record) error {
			links[rel.Name] = append(links[rel.Name], other.GetBase().Key)
			return nil
		})
		if err != nil && kind.CodeOf(err) != kind.Forbidden {
			return nil, err
		}
	}
	return links, nil
}
