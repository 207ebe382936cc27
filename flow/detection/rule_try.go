package detection

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"holdfast/engine/detect"
	"holdfast/engine/event"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// Bounds of a trial.
const (
	MaxTrial      = 4 << 20 // bytes of pasted events
	maxTrialLines = 50_000
	maxTrialHits  = 200
)

// A Trial is what a rule says about some events.
type Trial struct {
	Lines    int
	Matches  int // all of them, also those that are not listed
	Hits     []TrialHit
	Together []string // what a correlation found
	Elapsed  time.Duration
}

// A TrialHit is one event that a rule matches, with the reason.
type TrialHit struct {
	Line    int // from 1
	Rule    string
	Raw     string
	Reasons []detect.Reason
}

// TryRule matches a rule with events as they would arrive, with the same engine that
// watches the stream. It writes nothing.
func (f *Flow) TryRule(ctx context.Context, text string, lines []event.Line, o event.Options) (*Trial, error) {
	t, err := ReadRule("rule", text)
	if err != nil {
		return nil, kind.Fieldf("body", "%s", complaintOf(err))
	}
	if len(lines) > maxTrialLines {
		return nil, kind.Fieldf("events", "are more than %d lines; take a part of them", maxTrialLines)
	}
	compiled, problems := detect.Compile(t.Collection, detect.Options{})
	if len(problems) > 0 {
		return nil, kind.Fieldf("body", "%s", complaintOf(problems[0]))
	}
	trial := &Trial{Lines: len(lines)}
	return trial, trial.run(ctx, compiled, lines, o)
}

func (t *Trial) run(ctx context.Context, compiled *detect.Engine, lines []event.Line, o event.Options) error {
	matcher, parser := NewEventMatcher(compiled), event.NewParser(o)
	correlator := compiled.NewCorrelator(detect.Limits{Groups: maxTrialLines, Entries: 4 * maxTrialLines})
	var e event.Event
	for i, line := range lines {
		if err := ctx.Err(); err != nil {
			return err
		}
		parser.Parse(line, &e)
		matches, err := matcher.Match(&e)
		if err != nil {
			continue
		}
		for _, m := range matches {
			t.hit(i+1, m, matcher.Matcher, &e)
		}
		t.together(correlator.Add(matcher.Matcher, matches, int64(i+1), line.Received))
	}
	t.together(correlator.Close())
	return nil
}

func (t *Trial) hit(number int, m detect.Match, matcher *detect.Matcher, e *event.Event) {
	t.Matches++
	if len(t.Hits) < maxTrialHits {
		t.Hits = append(t.Hits, TrialHit{Line: number, Rule: m.Rule.Title, Raw: prose.Cut(strings.ToValidUTF8(string(e.Raw), "�"), 4000), Reasons: matcher.Reasons(m)})
	}
}

func (t *Trial) together(found []detect.Found) {
	for _, c := range found {
		if len(t.Together) >= maxTrialHits || c.Silent {
			continue
		}
		t.Together = append(t.Together, prose.Cut(DescribeFound(c), 500))
	}
}

// DescribeFound tells in words what a correlation found.
func DescribeFound(c detect.Found) string {
	var group []string
	for _, g := range c.Group {
		group = append(group, g.Field+" "+prose.Clean(g.Value))
	}
	text := fmt.Sprintf("%s: %d within %s", c.Correlation.Title, c.Count, c.Last.Sub(c.First).Round(time.Second))
	if len(group) > 0 {
		text += ", " + strings.Join(group, ", ")
	}
	return text
}

// TrialLines takes pasted text apart into lines as if they had just arrived.
func (f *Flow) TrialLines(text []byte) ([]event.Line, error) {
	if len(text) > MaxTrial {
		return nil, kind.Fieldf("events", "are more than %d MB; take a part of them", MaxTrial>>20)
	}
	now := f.app.Now()
	var lines []event.Line
	for raw := range bytes.Lines(text) {
		raw = bytes.TrimRight(raw, "\r\n")
		if len(bytes.TrimSpace(raw)) > 0 {
			lines = append(lines, event.Line{Received: now, Raw: raw})
		}
	}
	return lines, nil
}

// SourceOptions is how the lines of an event source are read.
func SourceOptions(s *isms.EventSource) event.Options {
	o := event.Options{Format: event.Format(s.Format), Product: s.Product, Service: s.Service, Category: s.Category}
	if zone, err := time.LoadLocation(s.TimeZone); err == nil && s.TimeZone != "" {
		o.Zone = zone
	}
	return o
}
