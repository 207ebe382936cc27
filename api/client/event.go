package client

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// An Event is what a line says, and the line.
type Event struct {
	Position uint64            `json:"position"` // its place in the order in which lines were kept
	Time     time.Time         `json:"time"`     // when it happened
	Received time.Time         `json:"received"`
	Source   string            `json:"source"` // id of the event source
	Peer     string            `json:"peer,omitempty"`
	Fields   map[string]string `json:"fields"` // by their paths in OCSF
	Raw      string            `json:"raw,omitempty"`
	Base64   []byte            `json:"base64,omitempty"` // instead of raw, where the line is no text
}

// Line is the line as it arrived.
func (e Event) Line() []byte {
	if e.Base64 != nil {
		return e.Base64
	}
	return []byte(e.Raw)
}

// EventPage is what a search found, the newest first.
type EventPage struct {
	Events  []Event                 `json:"events"`
	Total   int                     `json:"total"`
	AtLeast bool                    `json:"at_least,omitempty"` // older ones were not looked at
	Buckets []EventBucket           `json:"buckets,omitempty"`
	Facets  map[string][]EventCount `json:"facets,omitempty"`
	Next    string                  `json:"next,omitempty"`    // cursor of the next page; empty: there is none
	Last    uint64                  `json:"last"`              // position of the last line that is kept at all
	Note    string                  `json:"note,omitempty"`    // where it was looked, or why it could not be; empty: here
	Partial bool                    `json:"partial,omitempty"` // a store outside did not answer: older events may be missing
}

// An EventBucket counts what happened in a span of time.
type EventBucket struct {
	From    time.Time `json:"from"`
	Seconds float64   `json:"seconds"`
	Count   int       `json:"count"`
}

// An EventCount is how often a value was met.
type EventCount struct {
	Value string `json:"value"`
	Count int    `json:"count"`
}

// EventStats says what is kept.
type EventStats struct {
	Count    int64                      `json:"count"`
	Raw      int64                      `json:"raw_bytes"`
	Size     int64                      `json:"size_bytes"` // on disk
	Oldest   time.Time                  `json:"oldest,omitzero"`
	Newest   time.Time                  `json:"newest,omitzero"`
	Segments int                        `json:"segments"`
	Unsealed int64                      `json:"unsealed"` // lines that are in the log only
	Sources  map[string]EventSourceStat `json:"sources"`
	Days     map[string]EventSourceStat `json:"days"`    // by the day of receipt
	Dropped  map[string]EventSourceStat `json:"dropped"` // by retention, by source
}

// EventSourceStat says how much came from a source, or on a day.
type EventSourceStat struct {
	Count int64     `json:"count"`
	Bytes int64     `json:"bytes"`
	Last  time.Time `json:"last"`
}

// An EventQuery asks for events.
type EventQuery struct {
	Text    string // as people type it; see docs/recipes/events.md
	Limit   int
	Cursor  string
	Behind  uint64 // only what was kept behind this position
	Buckets int
	Facets  []string
}

func (q EventQuery) values() url.Values {
	v := url.Values{}
	set := func(name, value string) {
		if value != "" && value != "0" {
			v.Set(name, value)
		}
	}
	set("q", q.Text)
	set("limit", strconv.Itoa(q.Limit))
	set("cursor", q.Cursor)
	set("behind", strconv.FormatUint(q.Behind, 10))
	set("buckets", strconv.Itoa(q.Buckets))
	for _, f := range q.Facets {
		v.Add("facet", f)
	}
	return v
}

// Events searches.
func (c *Client) Events(ctx context.Context, q EventQuery) (EventPage, error) {
	var p EventPage
	err := c.Do(ctx, Request{Method: http.MethodGet, Path: []string{"events"}, Query: q.values()}, &p)
	return p, err
}

// Event reads one event.
func (c *Client) Event(ctx context.Context, position uint64) (Event, error) {
	var e Event
	err := c.Do(ctx, Request{Method: http.MethodGet, Path: []string{"events", strconv.FormatUint(position, 10)}}, &e)
	return e, err
}

// EventStats tells what is kept.
func (c *Client) EventStats(ctx context.Context) (EventStats, error) {
	var s EventStats
	err := c.Do(ctx, Request{Method: http.MethodGet, Path: []string{"events", "stats"}}, &s)
	return s, err
}

// ExportEvents writes what a search finds, one a line: json, ocsf or raw.
func (c *Client) ExportEvents(ctx context.Context, text, format string, w io.Writer) error {
	return c.Copy(ctx, Request{Method: http.MethodGet, Path: []string{"events", "export"}, Query: url.Values{"q": {text}, "format": {format}}}, w)
}
