package outside

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
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

// victoria is VictoriaLogs 1.0 or later. It keeps whatever arrives as often as it arrives:
// searches count positions, not documents.
type victoria struct {
	*client
	set   *Settings
	store string
}

// How far the time of an event may lie from its receipt to be that of its document.
const (
	mostBefore = 24 * time.Hour
	mostAhead  = time.Hour
)

// stamp writes an instant with all digits, so that it means no longer span.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000000Z") }

// Render writes a document as a line of JSON: texts all of them, nothing nested.
func (v *victoria) Render(e *event.Event, _ string, p eventstore.Position) ([]byte, bool) {
	d := describe(e, p)
	return d.fit(v.set.Largest, v.render)
}

func (v *victoria) render(d *document) []byte {
	text, raw := d.text()
	at := time.UnixMicro(d.time).UTC()
	doc := map[string]string{
		"stream": v.set.Index, "store": v.store, "position": strconv.FormatUint(uint64(d.position), 10), "time": strconv.FormatInt(d.time, 10),
		"received": d.received.Format(time.RFC3339Nano), "_time": stamp(at), "_msg": text, "source": d.source, "peer": d.peer,
	}
	for _, value := range d.values {
		doc[value.path] = value.text
	}
	if at.Before(d.received.Add(-mostBefore)) || at.After(d.received.Add(mostAhead)) {
		doc["late"], doc["_time"] = "1", stamp(d.received)
	}
	if text == "" {
		doc["empty"], doc["_msg"] = "1", " " // an empty message would be replaced
	}
	if raw != nil {
		doc["base64"] = base64.StdEncoding.EncodeToString(raw)
	}
	if d.cut {
		doc["cut"] = "1"
	}
	if len(d.marks) > 0 {
		var b strings.Builder
		for _, m := range d.marks {
			b.WriteString(newline + markLine(m))
		}
		doc["marks"] = b.String() + newline
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(doc); err != nil {
		panic(fmt.Sprintf("no JSON: %v", err)) // counted as poison by the caller
	}
	return b.Bytes()
}

// Send writes documents.
func (v *victoria) Send(ctx context.Context, items []forward.Item) error {
	var body []byte
	for _, it := range items {
		body = append(body, it.Data...)
	}
	_, err := v.do(ctx, request{method: http.MethodPost, path: "insert/jsonline", query: url.Values{"_stream_fields": {"stream,store"}}, media: "application/stream+json", body: body, most: maxBulk})
	return v.refused(err)
}

// Close closes the connections.
func (v *victoria) Close() { v.close() }

// query asks and calls fn with each line of the answer.
func (v *victoria) query(ctx context.Context, text string, fn func(line map[string]string) error) error {
	form := url.Values{"query": {text}, "timeout": {fmt.Sprintf("%dms", v.set.Timeout.Milliseconds())}}
	data, err := v.do(ctx, request{method: http.MethodPost, path: "select/logsql/query", media: "application/x-www-form-urlencoded", body: []byte(form.Encode()), most: maxAnswer})
	if err != nil {
		return err
	}
	for raw := range bytes.Lines(data) {
		if len(bytes.TrimSpace(raw)) == 0 {
			continue
		}
		var line map[string]string
		if err := json.Unmarshal(raw, &line); err != nil {
			return fmt.Errorf("the answer cannot be read: %w", err)
		}
		if err := fn(line); err != nil {
			return err
		}
	}
	return nil
}

func (v *victoria) filter(q question) (string, error) { return logsFilter(q, v.set.Index, v.store) }

func (v *victoria) span(ctx context.Context, q question) (eventstore.Span, error) {
	filter, err := v.filter(question{Query: eventstore.Query{From: q.From, To: q.To}, upTo: q.upTo})
	if err != nil {
		return eventstore.Span{}, err
	}
	var span eventstore.Span
	err = v.query(ctx, logsSpan(filter), func(line map[string]string) error {
		if none := line["low"]; none == "" || none == "NaN" {
			return nil
		}
		first, err := strconv.ParseFloat(line["low"], 64)
		last, err2 := strconv.ParseFloat(line["high"], 64)
		if err := errors.Join(err, err2); err != nil {
			return err
		}
		span, err = spanOf(first, last)
		return err
	})
	return span, err
}

func (v *victoria) count(ctx context.Context, q question) (int, error) {
	filter, err := v.filter(q)
	if err != nil {
		return 0, err
	}
	return v.number(ctx, logsTotal(filter))
}

// number asks for one number.
func (v *victoria) number(ctx context.Context, text string) (n int, err error) {
	err = v.query(ctx, text, func(line map[string]string) error {
		n, err = strconv.Atoi(line["n"])
		return err
	})
	return n, err
}

// find asks for the parts of an answer at once.
func (v *victoria) find(ctx context.Context, q question) (answer, error) {
	filter, err := v.filter(q)
	if err != nil {
		return answer{}, err
	}
	var a answer
	facets := make([][]eventstore.Count, len(q.Facets))
	parts := []func() error{
		func() (err error) { a.rows, err = v.hits(ctx, filter, q); return err },
		func() (err error) { a.total, a.counts, err = v.counts(ctx, filter, q); return err },
	}
	for i, name := range q.Facets {
		parts = append(parts, func() (err error) { facets[i], err = v.facet(ctx, filter, columnOf(name)); return err })
	}
	err = together(parts)
	a.facets = map[string][]eventstore.Count{}
	for i, name := range q.Facets {
		a.facets[name] = facets[i]
	}
	return a, err
}

// atOnce bounds the queries of one search that run at a time.
const atOnce = 4

// together runs the parts, some at a time, and returns the first error.
func together(parts []func() error) error {
	errs := make([]error, len(parts))
	places := make(chan struct{}, atOnce)
	var wg sync.WaitGroup
	for i, part := range parts {
		places <- struct{}{}
		wg.Go(func() {
			errs[i] = part()
			<-places
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// counts tells how many events there are, and in which buckets.
func (v *victoria) counts(ctx context.Context, filter string, q question) (total int, buckets map[int64]int, err error) {
	if q.layout == nil {
		total, err = v.number(ctx, logsTotal(filter))
		return total, nil, err
	}
	buckets = map[int64]int{}
	err = v.query(ctx, logsHistogram(filter, *q.layout), func(line map[string]string) error {
		at, err := strconv.ParseFloat(line["time"], 64)
		n, err2 := strconv.Atoi(line["n"])
		if err := errors.Join(err, err2); err != nil || n < 0 {
			return fmt.Errorf("the histogram cannot be read: %q, %q", line["time"], line["n"])
		}
		buckets[int64(at)] += n
		total += n
		return nil
	})
	return total, buckets, err
}

func (v *victoria) facet(ctx context.Context, filter, path string) ([]eventstore.Count, error) {
	counts := map[string]int{}
	err := v.query(ctx, logsFacet(filter, path), func(line map[string]string) error {
		n, err := strconv.Atoi(line["n"])
		counts[line[path]] += n
		return err
	})
	return eventstore.TopCounts(counts), err
}

// mostRounds bounds how often hits are asked for again because some came twice.
const mostRounds = 16

// hits asks for the newest events. Those that were written twice stand beside each other;
// where they take the place of others, it asks for these.
func (v *victoria) hits(ctx context.Context, filter string, q question) ([]row, error) {
	var list []row
	after, want := q.After, q.Most()+1
	for range mostRounds {
		n := 0
		err := v.query(ctx, logsHits(filter, after, want), func(line map[string]string) error {
			if n++; n > want {
				return errors.New("the answer is longer than was asked for")
			}
			r, err := logsRow(line)
			if err == nil && (len(list) == 0 || list[len(list)-1].marker() != r.marker()) {
				list = append(list, r)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		if n < want || len(list) >= want {
			return list[:min(len(list), want)], nil
		}
		m := list[len(list)-1].marker()
		after = &m
	}
	return nil, errors.New("it answers the same again and again")
}

// logsRow reads a document back.
func logsRow(line map[string]string) (row, error) {
	position, err := strconv.ParseUint(line["position"], 10, 64)
	at, err2 := strconv.ParseInt(line["time"], 10, 64)
	received, err3 := time.Parse(time.RFC3339Nano, line["received"])
	raw := []byte(line["_msg"])
	var err4 error
	if line["base64"] != "" {
		raw, err4 = base64.StdEncoding.DecodeString(line["base64"])
	}
	if line["empty"] != "" {
		raw = []byte{}
	}
	if len(raw) > event.MaxLine {
		err4 = fmt.Errorf("its line has %d bytes", len(raw))
	}
	if err := errors.Join(err, err2, err3, err4); err != nil {
		return row{}, fmt.Errorf("event %.30q cannot be read: %w", line["position"], err)
	}
	return row{
		store: line["store"], position: eventstore.Position(position), time: time.UnixMicro(at).UTC(), cut: line["cut"] != "",
		line: event.Line{Source: line["source"], Peer: line["peer"], Received: received.UTC(), Raw: raw},
	}, nil
}
