package standin

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"path"
	"slices"
	"strings"
)

// openSearchBody is what a search may say.
type openSearchBody struct {
	Size        *int                               `json:"size"`
	TrackTotal  bool                               `json:"track_total_hits"`
	Query       map[string]json.RawMessage         `json:"query"`
	Source      []string                           `json:"_source"`
	Sort        []map[string]map[string]string     `json:"sort"`
	SearchAfter []int64                            `json:"search_after"`
	Aggs        map[string]map[string]openAggQuery `json:"aggs"`
}

type openAggQuery struct {
	Field    string  `json:"field"`
	Interval float64 `json:"interval"`
	MinCount *int    `json:"min_doc_count"`
	Size     int     `json:"size"`
}

func (o *OpenSearch) search(w http.ResponseWriter, r *http.Request) {
	var body openSearchBody
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	d.UseNumber()
	if err := d.Decode(&body); err != nil || r.Header.Get("Content-Type") != "application/json" {
		openError(w, 400, "parsing_exception", fmt.Sprint(err))
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	match, err := openQuery(body.Query, o.fieldsOf(r.PathValue("pattern")))
	if err != nil {
		openError(w, 400, "parsing_exception", err.Error())
		return
	}
	var found []*openDocument
	for index, docs := range o.indexes {
		if ok, _ := path.Match(r.PathValue("pattern"), index); !ok {
			continue
		}
		for _, doc := range docs {
			if match(doc) {
				found = append(found, doc)
			}
		}
	}
	aggs := map[string]any{}
	for name, q := range body.Aggs {
		a, err := openAggregate(q, found)
		if err != nil {
			openError(w, 400, "illegal_argument_exception", err.Error())
			return
		}
		aggs[name] = a
	}
	answer := map[string]any{"took": 1, "timed_out": false, "_shards": map[string]any{"total": 1, "successful": 1, "skipped": 0, "failed": 0}}
	hits := map[string]any{"hits": body.page(found)}
	if body.TrackTotal {
		hits["total"] = map[string]any{"value": len(found), "relation": "eq"}
	}
	answer["hits"] = hits
	if body.Aggs != nil {
		answer["aggregations"] = aggs
	}
	openJSON(w, 200, answer)
}

// page sorts, goes on behind a place, and cuts.
func (b *openSearchBody) page(found []*openDocument) []any {
	key := func(d *openDocument) []int64 {
		var k []int64
		for _, s := range b.Sort {
			for field := range s {
				n, _ := d.values[field][0].(int64)
				k = append(k, n)
			}
		}
		return k
	}
	desc := func(a, b []int64) int { return slices.Compare(b, a) } // all are sorted downwards
	slices.SortFunc(found, func(x, y *openDocument) int { return desc(key(x), key(y)) })
	size := 10
	if b.Size != nil {
		size = *b.Size
	}
	list := []any{}
	for _, d := range found {
		if len(list) == size {
			break
		}
		if b.SearchAfter != nil && desc(b.SearchAfter, key(d)) >= 0 {
			continue
		}
		source := map[string]any{}
		for name, v := range d.source {
			if b.Source == nil || slices.Contains(b.Source, name) {
				source[name] = v
			}
		}
		list = append(list, map[string]any{"_source": source, "sort": key(d)})
	}
	return list
}

func openAggregate(q map[string]openAggQuery, found []*openDocument) (any, error) {
	for kind, a := range q {
		counts := map[any]int{}
		low, high := math.Inf(1), math.Inf(-1)
		for _, d := range found {
			if f := d.fields[a.Field]; !f.columnar() {
				return nil, fmt.Errorf("Fielddata is disabled on [%s]", a.Field) //nolint:staticcheck // as it is said there
			}
			for _, v := range d.values[a.Field] {
				if n, ok := v.(int64); ok {
					low, high = min(low, float64(n)), max(high, float64(n))
					if kind == "histogram" {
						v = math.Floor(float64(n)/a.Interval) * a.Interval
					}
				}
				counts[v]++
			}
		}
		switch kind {
		case "min", "max":
			if len(counts) == 0 {
				return map[string]any{"value": nil}, nil
			}
			return map[string]any{"value": map[string]float64{"min": low, "max": high}[kind]}, nil
		case "histogram", "terms":
			return map[string]any{"buckets": openBuckets(kind, counts, a.Size)}, nil
		}
	}
	return nil, fmt.Errorf("unknown aggregation")
}

func openBuckets(kind string, counts map[any]int, size int) []any {
	keys := []any{}
	for k := range counts {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b any) int {
		if kind == "histogram" {
			return cmp.Compare(a.(float64), b.(float64))
		}
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a.(string), b.(string)))
	})
	if kind == "terms" {
		keys = keys[:min(len(keys), size)]
	}
	list := []any{}
	for _, k := range keys {
		list = append(list, map[string]any{"key": k, "doc_count": counts[k]})
	}
	return list
}

// An openMatch tells whether a document is found.
type openMatch func(*openDocument) bool

// openQuery reads a query. What it does not know is refused.
func openQuery(q map[string]json.RawMessage, fields map[string]openField) (openMatch, error) {
	if len(q) != 1 {
		return nil, fmt.Errorf("[bool] malformed query, expected one query, found %d", len(q))
	}
	for kind, raw := range q {
		switch kind {
		case "bool":
			return openBool(raw, fields)
		case "exists":
			var e struct{ Field string }
			if err := strict(raw, &e); err != nil {
				return nil, err
			}
			return func(d *openDocument) bool { return len(d.values[e.Field]) > 0 }, nil
		default:
			return openTerm(kind, raw, fields)
		}
	}
	return nil, nil
}

func openBool(raw json.RawMessage, fields map[string]openField) (openMatch, error) {
	var b struct {
		Filter  []map[string]json.RawMessage `json:"filter"`
		Should  []map[string]json.RawMessage `json:"should"`
		MustNot []map[string]json.RawMessage `json:"must_not"`
		Minimum int                          `json:"minimum_should_match"`
	}
	if err := strict(raw, &b); err != nil {
		return nil, err
	}
	var lists [3][]openMatch
	for i, part := range [][]map[string]json.RawMessage{b.Filter, b.Should, b.MustNot} {
		for _, q := range part {
			m, err := openQuery(q, fields)
			if err != nil {
				return nil, err
			}
			lists[i] = append(lists[i], m)
		}
	}
	return func(d *openDocument) bool {
		some := 0
		for _, m := range lists[1] {
			if m(d) {
				some++
			}
		}
		fails := func(m openMatch) bool { return !m(d) }
		finds := func(m openMatch) bool { return m(d) }
		return some >= b.Minimum && !slices.ContainsFunc(lists[0], fails) && !slices.ContainsFunc(lists[2], finds)
	}, nil
}

func strict(raw json.RawMessage, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	d.UseNumber()
	return d.Decode(into)
}

// openTerm reads the queries of one field.
func openTerm(kind string, raw json.RawMessage, fields map[string]openField) (openMatch, error) {
	var q map[string]map[string]any
	if err := strict(raw, &q); err != nil || len(q) != 1 {
		return nil, fmt.Errorf("[%s] query malformed: %w", kind, cmp.Or(err, errors.New("one field is named")))
	}
	for field, how := range q {
		if f, ok := fields[field]; ok && !f.indexed() {
			return nil, fmt.Errorf("Cannot search on field [%s] since it is not indexed", field) //nolint:staticcheck // as it is said there
		}
		match, err := openCompare(kind, how)
		return func(d *openDocument) bool { return slices.ContainsFunc(d.values[field], match) }, err
	}
	return nil, nil
}

func openCompare(kind string, how map[string]any) (func(any) bool, error) {
	fold := func(s string) string { return s }
	text, isText := how["value"].(string)
	for key, v := range how {
		switch {
		case key == "value" && kind != "range":
		case key == "case_insensitive" && (kind == "prefix" || kind == "wildcard") && v == true:
			fold = strings.ToLower
		case kind == "range" && slices.Contains([]string{"gt", "gte", "lt", "lte"}, key):
		default:
			return nil, fmt.Errorf("[%s] query does not support [%s]", kind, key)
		}
	}
	switch kind {
	case "term":
		return func(v any) bool { return isText && v == text }, nil
	case "prefix":
		return func(v any) bool { s, _ := v.(string); return isText && strings.HasPrefix(fold(s), fold(text)) }, nil
	case "wildcard":
		return func(v any) bool { s, _ := v.(string); return isText && wildcard([]rune(fold(text)), []rune(fold(s))) }, nil
	case "range":
		return func(v any) bool {
			for key, bound := range how {
				if c, ok := openOrder(v, bound); !ok || key == "gt" && c <= 0 || key == "gte" && c < 0 || key == "lt" && c >= 0 || key == "lte" && c > 0 {
					return false
				}
			}
			return true
		}, nil
	}
	return nil, fmt.Errorf("unknown query [%s]", kind)
}

// openOrder compares a value with a bound of its type.
func openOrder(v, bound any) (int, bool) {
	switch b := bound.(type) {
	case string:
		s, ok := v.(string)
		return strings.Compare(s, b), ok
	case json.Number:
		i, err := b.Int64()
		n, ok := v.(int64)
		return cmp.Compare(n, i), ok && err == nil
	}
	return 0, false
}

// wildcard matches a pattern: * is any text, ? any letter, a backslash takes the meaning
// from what follows.
func wildcard(pattern, text []rune) bool {
	if len(pattern) == 0 {
		return len(text) == 0
	}
	switch c := pattern[0]; {
	case c == '*':
		for i := range len(text) + 1 {
			if wildcard(pattern[1:], text[i:]) {
				return true
			}
		}
		return false
	case len(text) == 0:
		return false
	case c == '?':
		return wildcard(pattern[1:], text[1:])
	case c == '\\' && len(pattern) > 1:
		return pattern[1] == text[0] && wildcard(pattern[2:], text[1:])
	default:
		return c == text[0] && wildcard(pattern[1:], text[1:])
	}
}
