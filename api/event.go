package api

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"

	"holdfast/access"
	"holdfast/api/client"
	"holdfast/eventstore"
	"holdfast/kind"
)

// The limits of an export of events.
const (
	exportPage = 1_000
	exportMost = 1_000_000
)

// eventStore is where the events of the caller's workspace are, if it may read them.
func (a *api) eventStore(r *http.Request) (*eventstore.Store, error) {
	actor, err := access.From(r.Context())
	if err != nil {
		return nil, err
	}
	if !actor.MayReadEvents() {
		return nil, actor.RefuseEvents()
	}
	if a.Events == nil {
		return nil, kind.Errorf(kind.Unavailable, "events are not kept here")
	}
	return a.Events(actor.Workspace)
}

// reader is what is searched: the store, or what looks further.
func (a *api) reader(r *http.Request, s *eventstore.Store) (eventstore.Reader, error) {
	if a.EventReader == nil {
		return s, nil
	}
	actor, err := access.From(r.Context())
	if err != nil {
		return nil, err
	}
	return a.EventReader(actor.Workspace)
}

// events searches.
func (a *api) events(w http.ResponseWriter, r *http.Request) error {
	s, err := a.eventStore(r)
	if err != nil {
		return err
	}
	v, err := params(r, "q", "limit", "cursor", "behind", "buckets", "facet")
	if err != nil {
		return err
	}
	q, err := eventstore.ParseQuery(v.Get("q"), a.Now())
	if err != nil {
		return err
	}
	if q.Limit, err = number(v, "limit", 50, kind.MaxLimit); err != nil {
		return err
	}
	if v.Has("buckets") {
		if q.Buckets, err = number(v, "buckets", 60, 500); err != nil {
			return err
		}
	}
	if q.After, err = eventCursor(v.Get("cursor")); err != nil {
		return err
	}
	if behind := v.Get("behind"); behind != "" {
		n, err := strconv.ParseUint(behind, 10, 64)
		if err != nil {
			return kind.Fieldf("behind", "%q is no position", behind)
		}
		q.Behind = eventstore.Position(n)
	}
	q.Facets = v["facet"]
	last := s.Last() // before the search: what comes meanwhile is asked for again
	reader, err := a.reader(r, s)
	if err != nil {
		return err
	}
	res, err := reader.Search(r.Context(), q)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, eventPage(res, last))
}

func eventPage(res eventstore.Result, last eventstore.Position) client.EventPage {
	p := client.EventPage{Events: []client.Event{}, Total: res.Total, AtLeast: res.AtLeast, Last: uint64(last), Note: res.Note, Partial: res.Partial}
	for _, h := range res.Hits {
		p.Events = append(p.Events, eventView(h))
	}
	for _, b := range res.Buckets {
		p.Buckets = append(p.Buckets, client.EventBucket{From: b.From, Seconds: b.Width.Seconds(), Count: b.Count})
	}
	for name, counts := range res.Facets {
		if p.Facets == nil {
			p.Facets = map[string][]client.EventCount{}
		}
		p.Facets[name] = []client.EventCount{}
		for _, c := range counts {
			p.Facets[name] = append(p.Facets[name], client.EventCount(c))
		}
	}
	if res.More {
		m := res.Hits[len(res.Hits)-1].Marker()
		p.Next = fmt.Sprintf("%d-%d", m.Time.UnixMicro(), m.Position)
	}
	return p
}

func eventCursor(text string) (*eventstore.Marker, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // no cursor is the first page
	}
	var at int64
	var p eventstore.Position
	if _, err := fmt.Sscanf(text, "%d-%d", &at, &p); err != nil {
		return nil, kind.Fieldf("cursor", "%q is no cursor of a list of events", text)
	}
	return &eventstore.Marker{Time: time.UnixMicro(at).UTC(), Position: p}, nil
}

func eventView(h eventstore.Hit) client.Event {
	e := client.Event{Position: uint64(h.Position), Time: h.Event.Time, Received: h.Event.Received, Source: h.Event.Source, Peer: h.Event.Peer, Fields: map[string]string{}}
	for name, value := range h.Event.Fields() {
		e.Fields[name] = value
	}
	if utf8.Valid(h.Event.Raw) {
		e.Raw = string(h.Event.Raw)
	} else {
		e.Base64 = h.Event.Raw
	}
	return e
}

// event answers one event.
func (a *api) event(w http.ResponseWriter, r *http.Request) error {
	s, err := a.eventStore(r)
	if err != nil {
		return err
	}
	if _, err := params(r); err != nil {
		return err
	}
	p, err := strconv.ParseUint(r.PathValue("position"), 10, 64)
	if err != nil {
		return kind.Errorf(kind.NotFound, "there is no event %q", r.PathValue("position"))
	}
	reader, err := a.reader(r, s)
	if err != nil {
		return err
	}
	h, err := reader.At(r.Context(), eventstore.Position(p))
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, eventView(h))
}

// eventStats tells what is kept.
func (a *api) eventStats(w http.ResponseWriter, r *http.Request) error {
	s, err := a.eventStore(r)
	if err != nil {
		return err
	}
	if _, err := params(r); err != nil {
		return err
	}
	st, err := s.Stats()
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, client.EventStats{
		Count: st.Count, Raw: st.Raw, Size: st.Size, Oldest: st.Oldest, Newest: st.Newest, Segments: st.Segments, Unsealed: st.Unsealed,
		Sources: statView(st.Sources), Days: statView(st.Days), Dropped: statView(st.Dropped),
	})
}

func statView(m map[string]eventstore.SourceInfo) map[string]client.EventSourceStat {
	out := map[string]client.EventSourceStat{}
	for name, i := range m {
		out[name] = client.EventSourceStat(i)
	}
	return out
}

// exportEvents writes what a search finds, the newest first, one a line.
func (a *api) exportEvents(w http.ResponseWriter, r *http.Request) error {
	s, err := a.eventStore(r)
	if err != nil {
		return err
	}
	v, err := params(r, "q", "format")
	if err != nil {
		return err
	}
	q, err := eventstore.ParseQuery(v.Get("q"), a.Now())
	if err != nil {
		return err
	}
	write, media, ending := writeEventJSON, "application/x-ndjson", "jsonl"
	switch v.Get("format") {
	case "", "json":
	case "ocsf":
		write = writeEventOCSF
	case "raw":
		write, media, ending = writeEventRaw, "application/octet-stream", "log"
	default:
		return kind.Fieldf("format", "choose json, ocsf or raw")
	}
	q.Limit = exportPage
	reader, err := a.reader(r, s)
	if err != nil {
		return err
	}
	res, err := wholly(reader.Search(r.Context(), q))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", media)
	w.Header().Set("Content-Disposition", `attachment; filename="events.`+ending+`"`)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	out := bufio.NewWriterSize(w, 64<<10)
	for n := 0; ; n += exportPage {
		for _, h := range res.Hits {
			if err := write(out, h); err != nil {
				panic(http.ErrAbortHandler) // what broke off must not pass for the whole
			}
		}
		if !res.More || n+exportPage >= exportMost {
			break
		}
		m := res.Hits[len(res.Hits)-1].Marker()
		q.After = &m
		if res, err = wholly(reader.Search(r.Context(), q)); err != nil {
			panic(http.ErrAbortHandler)
		}
	}
	if err := out.Flush(); err != nil {
		panic(http.ErrAbortHandler)
	}
	return nil
}

// wholly refuses a result that is known to lack events: a file must not pass for all
// there is.
func wholly(res eventstore.Result, err error) (eventstore.Result, error) {
	if err == nil && res.Partial {
		err = kind.Errorf(kind.Unavailable, "%s Name a later time with after: to have what is kept here", res.Note)
	}
	return res, err
}

func writeEventJSON(w io.Writer, h eventstore.Hit) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(eventView(h))
}

func writeEventOCSF(w io.Writer, h eventstore.Hit) error {
	_, err := fmt.Fprintf(w, "%s\n", h.Event.OCSF())
	return err
}

// writeEventRaw writes the line; what would begin a new one in the middle is kept out.
func writeEventRaw(w io.Writer, h eventstore.Hit) error {
	line := bytes.ReplaceAll(h.Event.Raw, []byte("\n"), []byte(" "))
	_, err := w.Write(append(line, '\n'))
	return err
}

// addEventPaths describes the operations on events.
func addEventPaths(paths object) {
	str, integer := object{"type": "string"}, object{"type": "integer"}
	count := shape("How much.", object{"count": integer, "bytes": integer, "last": object{"type": "string", "format": "date-time"}})
	byName := object{"type": "object", "additionalProperties": count}
	when := object{"type": "string", "format": "date-time"}
	one := shape("What a line says, and the line.", object{"position": integer, "time": when, "received": when, "source": str, "peer": str,
		"fields": object{"type": "object", "description": "By their paths in OCSF.", "additionalProperties": str}, "raw": str, "base64": str})
	page := shape("What was found, the newest first.", object{"events": arrayOf(one), "total": integer, "at_least": object{"type": "boolean"}, "next": str, "last": integer, "note": str, "partial": object{"type": "boolean"},
		"buckets": arrayOf(shape("A span of time.", object{"from": when, "seconds": object{"type": "number"}, "count": integer})),
		"facets":  object{"type": "object", "additionalProperties": arrayOf(shape("A value.", object{"value": str, "count": integer}))}})
	stats := shape("What is kept.", object{"count": integer, "raw_bytes": integer, "size_bytes": integer, "oldest": when, "newest": when, "segments": integer, "unsealed": integer,
		"sources": byName, "days": byName, "dropped": byName})
	search := query("q", `What to look for, such as: src:10.0.0.0/8 user:root "failed password" -host:x after:2h`, str)
	paths["/events"] = object{"get": op("areas", "searchEvents", "Find events, the newest first", []object{search,
		query("limit", "How many at most.", object{"type": "integer", "minimum": 1, "maximum": kind.MaxLimit, "default": 50}), query("cursor", "Where the page before ended.", str),
		query("behind", "Only what was kept behind this position: to follow what arrives.", integer), query("buckets", "Count over time in about so many spans.", integer),
		query("facet", "Count the values of this field; may be repeated.", object{"type": "array", "items": str})}, nil, ok("200", "What was found.", page))}
	paths["/events/stats"] = object{"get": op("areas", "eventStats", "How many events are kept, by source and day", nil, nil, ok("200", "What is kept.", stats))}
	paths["/events/export"] = object{"get": op("areas", "exportEvents", "What a search finds, one event a line, a million at most",
		[]object{search, query("format", "How an event is written.", object{"type": "string", "enum": []string{"json", "ocsf", "raw"}, "default": "json"})}, nil, fileResponse("application/x-ndjson"))}
	paths["/events/{position}"] = object{"parameters": []object{{"name": "position", "in": "path", "required": true, "description": "Place in the order in which events were kept.", "schema": integer}},
		"get": op("areas", "getEvent", "One event", nil, nil, ok("200", "The event.", one))}
}
