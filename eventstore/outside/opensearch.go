package outside

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"holdfast/engine/event"
	"holdfast/eventstore"
	"holdfast/forward"
)

// openSearch is OpenSearch 2.15 or later, or Elasticsearch 7.10 or later. Each day of
// receipt has an index of its own, by which the organisation drops what is old. The id of
// a document is the identity of the store and the position: what is written again takes
// the place of what was there.
type openSearch struct {
	*client
	set   *Settings
	store string

	mu    sync.Mutex
	ready bool // the template of the indexes is there
}

// searchDocument is a document as it is written. Texts to find by are in small letters.
type searchDocument struct {
	Timestamp string              `json:"@timestamp"`
	Store     string              `json:"store"`
	Position  eventstore.Position `json:"position"`
	Time      int64               `json:"time"` // microseconds
	Received  string              `json:"received"`
	Source    string              `json:"source,omitempty"`
	Peer      string              `json:"peer,omitempty"`
	Raw       string              `json:"raw"`
	Base64    []byte              `json:"base64,omitempty"` // instead of raw, where the line is no text
	Cut       bool                `json:"cut,omitempty"`
	Line      string              `json:"line,omitempty"` // raw in small letters; not sent back
	OCSF      map[string]string   `json:"ocsf,omitempty"`
	Marks     []string            `json:"marks,omitempty"`
}

// Render writes the two lines of a document in a request that writes many.
func (o *openSearch) Render(e *event.Event, _ string, p eventstore.Position) ([]byte, bool) {
	d := describe(e, p)
	return d.fit(o.set.Largest, o.render)
}

func (o *openSearch) render(d *document) []byte {
	text, raw := d.text()
	doc := searchDocument{
		Timestamp: d.shown().Format(time.RFC3339Nano), Store: o.store, Position: d.position, Time: d.time, Received: d.received.Format(time.RFC3339Nano),
		Source: d.source, Peer: d.peer, Raw: text, Base64: raw, Cut: d.cut, Line: fold(text), OCSF: map[string]string{}, Marks: d.marks,
	}
	for _, v := range d.values {
		doc.OCSF[v.path] = v.text
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "{\"index\":{\"_index\":%q,\"_id\":%q}}\n", o.set.Index+"-"+d.received.Format("2006.01.02"), o.id(d.position))
	if err := json.NewEncoder(&b).Encode(doc); err != nil {
		panic(fmt.Sprintf("no JSON: %v", err)) // counted as poison by the caller
	}
	return b.Bytes()
}

func (o *openSearch) id(p eventstore.Position) string {
	return o.store + "-" + strconv.FormatUint(uint64(p), 10)
}

// Send writes documents. Each has an answer of its own.
func (o *openSearch) Send(ctx context.Context, items []forward.Item) error {
	if err := o.prepare(ctx); err != nil {
		return err
	}
	var body []byte
	for _, it := range items {
		body = append(body, it.Data...)
	}
	data, err := o.do(ctx, request{method: http.MethodPost, path: "_bulk", media: "application/x-ndjson", body: body, most: maxBulk})
	if err != nil {
		return o.refused(err)
	}
	return o.untaken(items, data)
}

// bulkAnswer is what is read of the answer to a request that wrote.
type bulkAnswer struct {
	Errors bool `json:"errors"`
	Items  []struct {
		Index struct {
			ID     string `json:"_id"`
			Status int    `json:"status"`
			Error  struct {
				Type   string `json:"type"`
				Reason string `json:"reason"`
			} `json:"error"`
		} `json:"index"`
	} `json:"items"`
}

// untaken reads which documents were not taken, and why the first was not.
func (o *openSearch) untaken(items []forward.Item, data []byte) error {
	var a bulkAnswer
	if err := json.Unmarshal(data, &a); err != nil {
		return o.refused(fmt.Errorf("the answer is no JSON: %w", err))
	}
	if len(a.Items) != len(items) {
		return o.refused(fmt.Errorf("it answers for %d of %d documents", len(a.Items), len(items)))
	}
	left := &forward.Untaken{Refused: true}
	for i, it := range items {
		one := a.Items[i].Index
		if one.ID != o.id(it.Position) {
			return o.refused(fmt.Errorf("it answers for a document %.80q that was not sent", one.ID))
		}
		if one.Status >= 200 && one.Status < 300 && one.Error.Type == "" {
			continue
		}
		left.Left = append(left.Left, it)
		later := !aboutDocument(one.Status)
		if left.Why == nil || later && left.Refused {
			left.Why = o.refused(o.refusal(one.Status, []byte(one.Error.Type+": "+one.Error.Reason)))
		}
		left.Refused = left.Refused && !later
	}
	if left.Left == nil {
		return nil
	}
	return left
}

// Close closes the connections.
func (o *openSearch) Close() { o.close() }

// prepare makes sure that indexes to come have the mapping. One that may not set the
// template is content with one that is there.
func (o *openSearch) prepare(ctx context.Context) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ready {
		return nil
	}
	body, err := json.Marshal(template(o.set.Index))
	if err != nil {
		return err
	}
	path := "_index_template/" + o.set.Index
	_, err = o.do(ctx, request{method: http.MethodPut, path: path, media: "application/json", body: body, most: maxError})
	var r *refusal
	if errors.As(err, &r) && r.code == http.StatusForbidden {
		if _, found := o.do(ctx, request{method: http.MethodGet, path: path, most: maxBulk}); found == nil {
			err = nil
		}
	}
	if err != nil {
		return o.named(fmt.Errorf("the template of the indexes cannot be set: %w", err))
	}
	o.ready = true
	return nil
}

// template is the mapping of the indexes: what is not named in it is kept, not searched.
func template(index string) node {
	word, hidden := node{"type": "keyword"}, node{"type": "keyword", "index": false, "doc_values": false}
	fields := node{
		"@timestamp": node{"type": "date"}, "received": node{"type": "date"}, "time": node{"type": "long"}, "position": node{"type": "long"},
		"store": word, "source": word, "peer": word, "raw": hidden, "base64": hidden, "cut": node{"type": "boolean"},
		"line": node{"type": "wildcard"}, "marks": node{"type": "keyword", "doc_values": false},
	}
	for _, f := range eventstore.FieldNames() {
		if p := (eventstore.Term{Field: f.Short}).Place(); len(p.Columns) == 1 {
			fields[searchField(p.Columns[0])] = word
		}
	}
	return node{
		"index_patterns": []string{index + "-*"}, "priority": 200, "_meta": node{"description": "Events of Holdfast"},
		"template": node{"mappings": node{"dynamic": false, "properties": fields}},
	}
}

// searchAnswer is what is read of the answer to a search.
type searchAnswer struct {
	TimedOut bool `json:"timed_out"`
	Shards   struct {
		Failed int `json:"failed"`
	} `json:"_shards"`
	Hits struct {
		Total struct {
			Value    int    `json:"value"`
			Relation string `json:"relation"`
		} `json:"total"`
		Hits []struct {
			Source searchDocument `json:"_source"`
		} `json:"hits"`
	} `json:"hits"`
	Aggregations map[string]struct {
		Value   *float64 `json:"value"`
		Buckets []struct {
			Key   any `json:"key"`
			Count int `json:"doc_count"`
		} `json:"buckets"`
	} `json:"aggregations"`
}

// search asks. An answer of a part of the shards is none: what is missing would not be
// seen.
func (o *openSearch) search(ctx context.Context, body node) (*searchAnswer, error) {
	data, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	data, err = o.do(ctx, request{method: http.MethodPost, path: o.set.Index + "-*/_search", media: "application/json", body: data, query: url.Values{"ignore_unavailable": {"true"}, "allow_partial_search_results": {"false"}}, most: maxAnswer})
	if err != nil {
		return nil, err
	}
	var a searchAnswer
	if err := json.Unmarshal(data, &a); err != nil {
		return nil, fmt.Errorf("the answer cannot be read: %w", err)
	}
	if a.TimedOut || a.Shards.Failed > 0 {
		return nil, fmt.Errorf("it could search a part only: %d shards failed", a.Shards.Failed)
	}
	return &a, nil
}

func (o *openSearch) span(ctx context.Context, q question) (eventstore.Span, error) {
	body, err := spanBody(question{Query: eventstore.Query{From: q.From, To: q.To}, upTo: q.upTo}, o.store)
	if err != nil {
		return eventstore.Span{}, err
	}
	a, err := o.search(ctx, body)
	if err != nil {
		return eventstore.Span{}, err
	}
	first, last := a.Aggregations["first"].Value, a.Aggregations["last"].Value
	if first == nil || last == nil {
		return eventstore.Span{}, nil
	}
	return spanOf(*first, *last)
}

// spanOf makes a span of microseconds.
func spanOf(first, last float64) (eventstore.Span, error) {
	if !(first <= last) || math.Abs(first) > 1<<53 || math.Abs(last) > 1<<53 {
		return eventstore.Span{}, fmt.Errorf("the answer cannot be right: events from %g to %g", first, last)
	}
	return eventstore.Span{First: time.UnixMicro(int64(first)).UTC(), Last: time.UnixMicro(int64(last)).UTC()}, nil
}

func (o *openSearch) count(ctx context.Context, q question) (int, error) {
	filter, err := searchFilter(q, o.store)
	if err != nil {
		return 0, err
	}
	a, err := o.search(ctx, node{"size": 0, "track_total_hits": true, "query": filter})
	if err != nil {
		return 0, err
	}
	return a.Hits.Total.Value, nil
}

func (o *openSearch) find(ctx context.Context, q question) (answer, error) {
	body, err := searchBody(q, o.store)
	if err != nil {
		return answer{}, err
	}
	a, err := o.search(ctx, body)
	if err != nil {
		return answer{}, err
	}
	if a.Hits.Total.Relation != "eq" {
		return answer{}, errors.New("it does not count what it finds")
	}
	out := answer{total: a.Hits.Total.Value, counts: map[int64]int{}, facets: map[string][]eventstore.Count{}}
	for i := range a.Hits.Hits {
		r, err := a.Hits.Hits[i].Source.row()
		if err != nil {
			return answer{}, err
		}
		out.rows = append(out.rows, r)
	}
	for _, b := range a.Aggregations["histogram"].Buckets {
		if key, ok := b.Key.(float64); ok && math.Abs(key) <= 1<<53 {
			out.counts[int64(key)] += b.Count
		}
	}
	for _, name := range q.Facets {
		counts := map[string]int{}
		for _, b := range a.Aggregations["facet-"+name].Buckets {
			if key, ok := b.Key.(string); ok {
				counts[key] += b.Count
			}
		}
		out.facets[name] = eventstore.TopCounts(counts)
	}
	return out, nil
}

// row reads a document back.
func (d *searchDocument) row() (row, error) {
	received, err := time.Parse(time.RFC3339Nano, d.Received)
	if err != nil {
		return row{}, fmt.Errorf("event %d has no time of receipt: %w", d.Position, err)
	}
	raw := []byte(strings.ToValidUTF8(d.Raw, "\ufffd"))
	if d.Base64 != nil {
		raw = d.Base64
	}
	if len(raw) > event.MaxLine {
		return row{}, fmt.Errorf("event %d has a line of %d bytes", d.Position, len(raw))
	}
	return row{
		store: d.Store, position: d.Position, time: time.UnixMicro(d.Time).UTC(), cut: d.Cut,
		line: event.Line{Source: d.Source, Peer: d.Peer, Received: received.UTC(), Raw: raw},
	}, nil
}
