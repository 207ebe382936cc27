package watch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"holdfast/app"
	"holdfast/engine/detect"
	"holdfast/engine/event"
	"holdfast/eventstore"
	"holdfast/flow/detection"
	"holdfast/isms"
)

// A rehearsing is a rehearsal under way.
type rehearsing struct {
	app   *app.App
	in    Rehearse
	rule  *isms.DetectionRule
	rules *ruleSet
	place *places
	tell  func(step string, done, total int)
	begun time.Time
	out   *Rehearsal

	width                   time.Duration // of a bar
	assets, sources, actors map[string]int
	batch                   *batch // of one day
	day                     int64
	seen                    map[alertDay]bool
}

// An alertDay is what one alert stands for in the estimate.
type alertDay struct {
	day          int64
	asset, actor string
}

// readPatience is how long it waits for lines that should be there and are not: they
// were dropped meanwhile.
const readPatience = time.Second

// read looks at the events.
func (r *rehearsing) read(ctx context.Context, events *eventstore.Store) error {
	r.assets, r.sources, r.actors = map[string]int{}, map[string]int{}, map[string]int{}
	r.batch, r.seen = newBatch(), map[alertDay]bool{}
	cursor, err := events.Since(r.in.From)
	if err != nil {
		return err
	}
	until := events.Last()
	if cursor.Position() < until {
		r.out.Stored = uint64(until - cursor.Position())
	}
	if most := eventstore.Position(r.in.MostEvents); r.out.Stored > uint64(most) { //nolint:gosec // positive
		cursor.Seek(until - most)
		r.out.Stopped = StopEvents
	}
	from := cursor.Position()
	for cursor.Position() < until {
		if r.app.Now().Sub(r.begun) >= r.in.MostTime {
			r.out.Stopped = StopTime
			break
		}
		waiting, cancel := context.WithTimeout(ctx, readPatience)
		lines, err := cursor.Next(waiting)
		cancel()
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			break
		}
		if err != nil {
			return err
		}
		for i := range lines {
			if lines[i].Position <= until && !lines[i].Received.Before(r.in.From) && lines[i].Received.Before(r.in.To) {
				r.look(&lines[i])
			}
		}
		r.settle()
		r.tell(fmt.Sprintf("%d events, %d match", r.out.Read, r.out.Matches), int(cursor.Position()-from), int(until-from)) //nolint:gosec // counts
	}
	for _, found := range r.rules.correlator.Close() {
		r.together(found)
	}
	r.settle()
	return ctx.Err()
}

// look matches one event.
func (r *rehearsing) look(l *eventstore.Stored) {
	defer func() {
		if p := recover(); p != nil { // one event must not end it for all others
			r.out.Unread++
		}
	}()
	e := &r.rules.event
	r.place.parser(l.Source).Parse(l.Line, e)
	if e.Meta {
		return // the head of a table tells of no event
	}
	if r.out.Read == 0 {
		r.out.First = l.Received
		r.width = barWidth(r.in.To.Sub(l.Received))
	}
	r.out.Read, r.out.Last = r.out.Read+1, l.Received
	matches, err := r.rules.matcher.Match(e)
	if err != nil {
		r.out.Unread++
		return
	}
	number := int64(l.Position) //nolint:gosec // far below the limit
	if len(matches) > 0 {
		r.out.Matches++
		r.rules.memory.keep(number, remembered{raw: e.Raw, asset: r.place.where(e, ""), actor: actorOf(e), host: hostOf(e), user: e.User, source: e.Source, at: e.Time})
	}
	for _, m := range matches {
		if !m.Silent && m.Rule.File == r.rule.Key {
			r.alone(l, m, e)
		}
	}
	if r.rules.engine.Correlations() > 0 {
		for _, found := range r.rules.correlator.Add(r.rules.matcher.Matcher, matches, number, e.Received) {
			r.together(found)
		}
	}
}

// alone is one event by which the rule rings.
func (r *rehearsing) alone(l *eventstore.Stored, m detect.Match, e *event.Event) {
	asset, actor := r.place.where(e, ""), actorOf(e)
	title := titleOf(firstOf(r.rule.Title, m.Rule.Title), hostOf(e), actor, e.User)
	if len(r.out.Hits) < r.in.MostHits {
		r.out.Hits = append(r.out.Hits, RehearsalHit{Position: l.Position, At: e.Time, Title: title, Line: lineOf(e.Raw), Reasons: shortReasons(r.rules.matcher.Reasons(m)), Events: 1})
	}
	r.ring(asset, actor, e.Source, l.Received)
}

// together is what a correlation finds, by which the rule rings.
func (r *rehearsing) together(f detect.Found) {
	if f.Silent || f.Correlation.File != r.rule.Key {
		return
	}
	var last remembered
	var at int64
	for _, number := range f.Events {
		if m, ok := r.rules.memory.recall(number); ok {
			last, at = m, number
		}
	}
	actor := firstOf(addressOf(f.Group), last.actor)
	if len(r.out.Hits) < r.in.MostHits {
		title := fmt.Sprintf("%s (%d times)", titleOf(firstOf(r.rule.Title, f.Correlation.Title), last.host, actor, last.user), f.Count)
		r.out.Hits = append(r.out.Hits, RehearsalHit{Position: eventstore.Position(max(at, 0)), At: firstTime(last.at, f.Last), Title: title, Line: lineOf(last.raw), //nolint:gosec // a position
			Reasons: []detect.Reason{}, Together: detection.DescribeFound(f), Events: max(1, f.Count)})
	}
	r.ring(last.asset, actor, last.source, f.Last)
}

// ring counts.
func (r *rehearsing) ring(asset, actor, source string, at time.Time) {
	r.out.Rings++
	r.bar(at)
	for _, t := range []struct {
		in  map[string]int
		key string
	}{{r.assets, asset}, {r.sources, source}, {r.actors, actor}} {
		if _, known := t.in[t.key]; known || len(t.in) < mostTallied {
			t.in[t.key]++
		}
	}
	if day := at.Unix() / (24 * 60 * 60); day != r.day {
		r.settle()
		r.day = day
	}
	r.batch.add(detection.Detection{RuleID: r.rule.ID, AssetID: asset, Actor: actor, At: at})
}

// settle counts the alerts of a batch, as the watch would have raised them.
func (r *rehearsing) settle() {
	for _, d := range r.batch.detections() {
		key := alertDay{r.day, d.AssetID, d.Actor}
		if !r.seen[key] && len(r.seen) < mostAlerts {
			r.seen[key] = true
			r.out.Alerts++
		}
	}
	r.batch.clear()
}

// barWidths are the spans that a bar may stand for.
var barWidths = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour}

// barWidth is the least width with which bars cover a span.
func barWidth(span time.Duration) time.Duration {
	for _, w := range barWidths {
		if span <= w*rehearsalBars {
			return w
		}
	}
	return span/rehearsalBars + 1
}

// bar counts in the histogram. Bars begin at full spans, and cover what was looked at.
func (r *rehearsing) bar(at time.Time) {
	if at.Before(r.out.First) {
		at = r.out.First
	}
	start := r.out.First.Truncate(r.width)
	i := int(at.Sub(start) / r.width)
	for len(r.out.Buckets) <= i && len(r.out.Buckets) <= 2*rehearsalBars {
		r.out.Buckets = append(r.out.Buckets, eventstore.Bucket{From: start.Add(time.Duration(len(r.out.Buckets)) * r.width), Width: r.width})
	}
	r.out.Buckets[min(i, len(r.out.Buckets)-1)].Count++
}
