package page

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/valyala/fastjson"

	"holdfast/engine/event"
	"holdfast/eventstore"
	"holdfast/isms"
	"holdfast/web"
	"holdfast/web/ui"
)

// url is the page with another search.
func (v *eventsView) url(text, span string, more ...string) string {
	return link("/events", append([]string{"q", text, "span", span}, more...)...)
}

// with is the page whose search has a further condition, or has it no more.
func (v *eventsView) with(t eventstore.Term) string {
	q := v.terms()
	if i := slices.Index(q.Terms, t); i >= 0 {
		q.Terms = slices.Delete(slices.Clone(q.Terms), i, i+1)
	} else {
		q.Terms = append(slices.Clone(q.Terms), t)
	}
	return v.url(q.String(), v.span)
}

// terms is what was typed, without the chosen span.
func (v *eventsView) terms() eventstore.Query {
	q := v.q
	if v.span != "" {
		q.From, q.To = time.Time{}, time.Time{}
	}
	return q
}

// within is the page of a bar of the histogram.
func (v *eventsView) within(b eventstore.Bucket) string {
	q := v.terms()
	q.From, q.To = b.From, b.From.Add(b.Width)
	return v.url(q.String(), "")
}

func (v *eventsView) spans() []ui.TabItem {
	var tabs []ui.TabItem
	for _, s := range eventSpans {
		q := v.terms()
		q.From, q.To = time.Time{}, time.Time{}
		tabs = append(tabs, ui.TabItem{Label: s.label, Href: v.url(q.String(), s.name), Current: s.name == v.span})
	}
	if v.span == "" {
		tabs = append(tabs, ui.TabItem{Label: v.between(), Href: v.url(v.text, ""), Current: true})
	}
	return tabs
}

// between is the time that the search names itself.
func (v *eventsView) between() string {
	if v.q.From.IsZero() && v.q.To.IsZero() {
		return "As searched"
	}
	from, to := "the beginning", "now"
	if !v.q.From.IsZero() {
		from = v.clock(v.q.From, "2 Jan 15:04:05")
	}
	if !v.q.To.IsZero() {
		to = v.clock(v.q.To, "2 Jan 15:04:05")
	}
	return from + " to " + to
}

func (v *eventsView) clock(t time.Time, layout string) string {
	return v.Format.Time(t).Format(layout)
}

// sourceName is what people call a source.
func (v *eventsView) sourceName(id string) string {
	if s := v.sources[id]; s != nil {
		return s.Title
	}
	return plainly(id, 40)
}

// facets offers the values that were met most.
func (v *eventsView) facets() []ui.Facet {
	var list []ui.Facet
	for _, f := range eventFacets {
		facet := ui.Facet{ID: "facet-" + f.name, Label: f.label}
		for _, c := range v.result.Facets[f.name] {
			t := eventstore.Term{Field: f.name, Op: eventstore.Is, Value: c.Value}
			label := plainly(c.Value, 40)
			if f.name == "source" {
				label = v.sourceName(c.Value)
			}
			facet.Values = append(facet.Values, ui.FacetValue{Label: label, Count: c.Count, Href: v.with(t), Active: slices.Contains(v.q.Terms, t)})
		}
		if len(facet.Values) > 0 {
			list = append(list, facet)
		}
	}
	return list
}

func (v *eventsView) filter() ui.FilterBarProps {
	p := ui.FilterBarProps{Action: "/events", Query: v.text, Placeholder: `Search: user:root "failed password" -host:web-01`, Facets: v.facets()}
	if v.span != "" {
		p.Keep = []ui.Hidden{{Name: "span", Value: v.span}}
	}
	if v.text != "" {
		p.ClearURL = v.url("", v.span)
	}
	return p
}

// found says how many there are.
func (v *eventsView) found() string {
	text := plainCount(v.result.Total, "event", "events")
	if v.result.Total >= 1_000 {
		text = v.Format.Count(int64(v.result.Total)) + " events"
	}
	if v.result.AtLeast {
		return "At least " + text + ", looked back to " + v.clock(v.result.Looked, "2 Jan 2006 15:04") + ": name a field or a time to look further"
	}
	return text
}

// holds says how much is kept.
func (v *eventsView) holds() string {
	return v.Format.Count(v.count) + " events are kept, in " + v.Format.Quantity(float64(v.size), "bytes") + " on disk."
}

// A bar is a bucket as it is drawn.
type bar struct {
	x, y, width, height float64
	href, words         string
}

// The size of the histogram.
const (
	barsWidth  = 1040.0
	barsHeight = 96.0
)

func (v *eventsView) bars() []bar { return barsOf(v.result.Buckets, v.within, v.bucketWords) }

// barsOf draws buckets as bars that lead somewhere.
func barsOf(buckets []eventstore.Bucket, href, words func(eventstore.Bucket) string) []bar {
	top := 1
	for _, b := range buckets {
		top = max(top, b.Count)
	}
	var list []bar
	step := barsWidth / float64(max(1, len(buckets)))
	for i, b := range buckets {
		if b.Count == 0 {
			continue
		}
		h := max(2, barsHeight*float64(b.Count)/float64(top))
		list = append(list, bar{x: float64(i) * step, y: barsHeight - h, width: max(1, step-2), height: h, href: href(b), words: words(b)})
	}
	return list
}

func (v *eventsView) bucketWords(b eventstore.Bucket) string {
	return v.clock(b.From, bucketLayout(b)) + ": " + plainCount(b.Count, "event", "events")
}

// bucketLayout is as exact as the width of the buckets asks for.
func bucketLayout(b eventstore.Bucket) string {
	switch {
	case b.Width >= 24*time.Hour:
		return "2 Jan 2006"
	case b.Width >= time.Minute:
		return "2 Jan 15:04"
	case b.Width >= time.Second:
		return "15:04:05"
	}
	return "15:04:05.000"
}

func (v *eventsView) histogram() ui.ChartProps {
	p := ui.ChartProps{ID: "events-over-time", Title: v.found(), Columns: []string{"From", "Events"}}
	for _, b := range v.result.Buckets {
		if b.Count > 0 {
			p.Rows = append(p.Rows, []string{v.clock(b.From, "2006-01-02 15:04:05"), strconv.Itoa(b.Count)})
		}
	}
	if n := len(v.result.Buckets); n > 0 {
		p.Subtitle = "One bar is " + spanWords(v.result.Buckets[0].Width) + ", the first from " + v.clock(v.result.Buckets[0].From, "2 Jan 15:04") + ". Choose a bar to look into it."
	}
	return p
}

func spanWords(d time.Duration) string {
	switch {
	case d >= 24*time.Hour:
		return plainCount(int(d/(24*time.Hour)), "day", "days")
	case d >= time.Hour:
		return plainCount(int(d/time.Hour), "hour", "hours")
	case d >= time.Minute:
		return plainCount(int(d/time.Minute), "minute", "minutes")
	case d >= time.Second:
		return plainCount(int(d/time.Second), "second", "seconds")
	}
	return plainCount(int(d/time.Millisecond), "millisecond", "milliseconds")
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) }

// liveAttrs make the result fetch itself again.
func (v *eventsView) liveAttrs() templ.Attributes {
	if !v.live {
		return nil
	}
	return templ.Attributes{"hx-get": v.url(v.text, v.span, "live", "1"), "hx-trigger": "every 2s", "hx-swap": "outerHTML"}
}

// table lists what was found.
func (v *eventsView) table() ui.TableProps {
	p := ui.TableProps{ID: "events", Caption: "Events, the newest first", Dense: true, Columns: []ui.Column{
		{Key: "time", Label: "Time", Narrow: true}, {Key: "message", Label: "What", Main: true},
		{Key: "host", Label: "Where", Narrow: true}, {Key: "user", Label: "Who", Narrow: true}, {Key: "source", Label: "Source", Narrow: true},
	}, Empty: ui.EmptyProps{Icon: "search", Title: "Nothing was found", Text: "Look further back, or leave out a condition."}}
	for _, h := range v.result.Hits {
		p.Rows = append(p.Rows, v.row(h))
	}
	if v.result.More && !v.live {
		p.Pager = &ui.PagerProps{First: 1, Last: len(v.result.Hits), Total: v.result.Total, Approximate: v.result.AtLeast, NextURL: v.url(v.text, v.span, "after", markerText(v.result.Hits[len(v.result.Hits)-1].Marker()))}
	}
	return p
}

func (v *eventsView) row(h eventstore.Hit) ui.Row {
	e := &h.Event
	who := ui.None()
	if e.User != "" || e.Src.IsValid() {
		var lines []templ.Component
		if e.User != "" {
			lines = append(lines, seen([]byte(e.User), 40))
		}
		if e.Src.IsValid() {
			lines = append(lines, ui.Muted(e.Src.String()))
		}
		who = ui.Lines(lines...)
	}
	where := ui.None()
	if e.Host != "" {
		where = seen([]byte(e.Host), 40)
	}
	return ui.Row{ID: strconv.FormatUint(uint64(h.Position), 10), Href: eventURL(h.Position), Label: "event " + strconv.FormatUint(uint64(h.Position), 10), Tone: eventTone(e),
		Cells: []templ.Component{
			ui.Number(v.clock(e.Time, "2 Jan 15:04:05.000")), seen([]byte(eventTitle(e)), eventLetters), where, who, ui.Muted(v.sourceName(e.Source)),
		}}
}

func eventURL(p eventstore.Position) string {
	return "/events/" + strconv.FormatUint(uint64(p), 10)
}

// eventTitle is the event in one line.
func eventTitle(e *event.Event) string {
	if e.Message != "" {
		return e.Message
	}
	if len(e.Raw) == 0 {
		return "(an empty line)"
	}
	return string(e.Raw[:min(len(e.Raw), 4*eventLetters)])
}

func eventTone(e *event.Event) ui.Tone {
	switch {
	case e.Severity >= 4:
		return ui.Negative
	case e.Severity == 3 || e.Outcome == event.Failure:
		return ui.Attention
	}
	return ""
}

func (v *eventView) title() string { return eventTitle(&v.hit.Event) }

// searchable gives the short name of a path of OCSF, by which it can be searched.
func searchable(path string) string {
	for _, f := range eventstore.FieldNames() {
		if f.Path == path {
			return f.Short
		}
	}
	return ""
}

// The limits of what is shown of one event.
const (
	valueLetters = 400
	lineLetters  = 16_000
	mostFields   = 200
)

// fields are the normalised values, each a way to others like it.
func (v *eventView) fields() []ui.KeyValueItem {
	var list []ui.KeyValueItem
	for name, value := range v.hit.Event.Fields() {
		if name == "time" {
			value = v.Format.Time(v.hit.Event.Time).Format("2 Jan 2006 15:04:05.000000 MST")
		}
		item := ui.KeyValueItem{Label: name, Value: seen([]byte(value), valueLetters), Wide: len(value) > 60}
		if short := searchable(name); short != "" && len(value) < valueLetters {
			t := eventstore.Term{Field: short, Op: eventstore.Is, Value: value}
			item.Value = linkTo(link("/events", "q", t.String(), "span", "all"), item.Value)
		}
		list = append(list, item)
	}
	return list
}

// linkTo puts a link around a component.
func linkTo(href string, inside templ.Component) templ.Component {
	return ui.Join(templ.Raw(`<a href="`+templ.EscapeString(href)+`">`), inside, templ.Raw("</a>"))
}

// native are the values as the product names them, with the names of nested ones joined
// by dots.
func (v *eventView) native() []ui.KeyValueItem {
	root, err := fastjson.ParseBytes(v.hit.Event.Native)
	if err != nil {
		return nil
	}
	found := map[string]string{}
	flatten("", root, found)
	var list []ui.KeyValueItem
	for _, name := range slices.Sorted(maps.Keys(found)) {
		if len(list) == mostFields {
			break
		}
		list = append(list, ui.KeyValueItem{Label: plainly(name, 80), Value: seen([]byte(found[name]), valueLetters), Wide: len(found[name]) > 60})
	}
	return list
}

// flatten collects the values of an object.
func flatten(path string, v *fastjson.Value, into map[string]string) {
	if len(into) > mostFields {
		return
	}
	switch v.Type() {
	case fastjson.TypeObject:
		o, _ := v.Object() // it is one
		o.Visit(func(key []byte, v *fastjson.Value) { flatten(strings.TrimPrefix(path+"."+string(key), "."), v, into) })
	case fastjson.TypeString:
		text, _ := v.StringBytes() // it is one
		into[path] = string(text)
	default:
		into[path] = v.String()
	}
}

// about says where the line came from.
func (v *eventView) about() []ui.KeyValueItem {
	e := &v.hit.Event
	source := ui.Muted(plainly(e.Source, 60))
	if v.source != nil {
		source = linkTo(web.RecordURL(isms.EventSources, v.source.ID), ui.Text(v.source.Title))
	}
	list := []ui.KeyValueItem{
		{Label: "Source", Value: source}, {Label: "Received", Value: ui.Text(v.Format.Time(e.Received).Format("2 Jan 2006 15:04:05.000 MST"))},
		{Label: "Sent by", Value: ui.Text(plainly(e.Peer, 80))}, {Label: "Read as", Value: ui.Text(string(e.Format))},
		{Label: "Position", Value: ui.Number(strconv.FormatUint(uint64(v.hit.Position), 10)), Help: "Its place in the order in which events were kept."},
		{Label: "Length", Value: ui.Number(v.Format.Quantity(float64(len(e.Raw)), "bytes"))},
		{Label: "SHA-256 of the line", Value: ui.Mono(hashOf(e.Raw)), Wide: true},
	}
	if e.Complaint != "" {
		list = append(list, ui.KeyValueItem{Label: "Could not be read", Value: ui.Text(plainly(e.Complaint, 200)), Wide: true})
	}
	return list
}

func hashOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// around is the search for what else happened there at the time.
func (v *eventView) around() string {
	e := &v.hit.Event
	q := eventstore.Query{From: e.Time.Add(-5 * time.Minute), To: e.Time.Add(5 * time.Minute)}
	if e.Host != "" {
		q.Terms = []eventstore.Term{{Field: "host", Op: eventstore.Is, Value: e.Host}}
	}
	return link("/events", "q", q.String())
}

// statement is the event in words, for evidence.
func (v *eventView) statement() string {
	e := &v.hit.Event
	var b strings.Builder
	fmt.Fprintf(&b, "An event of %s, kept from position %d. SHA-256 of the line: `%s`\n\n", e.Time.Format(time.RFC3339Nano), v.hit.Position, hashOf(e.Raw))
	for name, value := range e.Fields() {
		fmt.Fprintf(&b, "- %s: `%s`\n", name, strings.ReplaceAll(plainly(value, valueLetters), "`", "'"))
	}
	return b.String()
}

// eventHelp explains the search by examples.
var eventHelp = []struct{ example, means string }{
	{`failed "invalid user"`, "Words and phrases anywhere in the line, in any case. All must be there."},
	{`user:root`, "A field has this value."},
	{`host:web-* process:*powershell*`, "It begins with this; it has this somewhere in it. user:* is any user."},
	{`src:10.0.0.0/8`, "An address lies in a network. ip: looks at every address of the event."},
	{`-host:build-03 -"health check"`, "A minus leaves out what it finds."},
	{`severity:>=4 port:<=1024`, "A number is at least, or at most, this."},
	{`after:2h before:2026-03-04T12:00`, "When it happened: how long ago, a day, or an instant in your zone."},
	{`EventID:4625`, "A field as the product names it; dots lead into nested ones. Takes longer."},
}

func fieldNames() []eventstore.FieldName { return eventstore.FieldNames() }

// download is what was searched, as JSON lines.
func (v *eventsView) download() string {
	q := v.terms()
	q.From, q.To = v.q.From, v.q.To
	return link("/api/v1/events/export", "q", q.String())
}
