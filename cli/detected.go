package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"holdfast/engine/detect"
)

// A detected is one match as it is printed.
type detected struct {
	Rule        detect.About    `json:"rule"`
	Event       *eventAt        `json:"event,omitempty"`
	Correlation *correlated     `json:"correlation,omitempty"`
	Reason      []detect.Reason `json:"reason,omitempty"`
}

type eventAt struct {
	File   string          `json:"file"`
	Line   int             `json:"line"`
	Offset int64           `json:"offset,omitempty"`
	Time   *time.Time      `json:"time,omitempty"`
	Data   json.RawMessage `json:"data,omitempty"`
}

type correlated struct {
	Type   string              `json:"type"`
	Group  []detect.GroupValue `json:"group"`
	Count  int                 `json:"count"`
	First  time.Time           `json:"first"`
	Last   time.Time           `json:"last"`
	Events []eventAt           `json:"events"`
}

// raw is an event as it is repeated. What a stricter reader would not take as JSON is
// repeated as text.
func raw(event []byte) json.RawMessage {
	if json.Valid(event) {
		return bytes.Clone(event)
	}
	text, err := json.Marshal(string(event))
	if err != nil {
		return nil
	}
	return text
}

// where is the place of the match in the files of events.
func (d *detected) where() string {
	at := d.Event
	if at == nil && len(d.Correlation.Events) > 0 {
		at = &d.Correlation.Events[len(d.Correlation.Events)-1]
	}
	if at == nil {
		return ""
	}
	return fmt.Sprintf("%s:%d", filepath.Base(at.File), at.Line)
}

// why is the reason in one line.
func (d *detected) why() string {
	if f := d.Correlation; f != nil {
		var group []string
		for _, g := range f.Group {
			group = append(group, g.Field+" "+g.Value)
		}
		return strings.TrimSpace(fmt.Sprintf("%d in %s %s", f.Count, f.Last.Sub(f.First), strings.Join(group, ", ")))
	}
	var parts []string
	for _, r := range d.Reason {
		switch {
		case r.Not:
			parts = append(parts, "not "+r.Selection)
		case r.Field == "":
			parts = append(parts, fmt.Sprintf("%s in %s", r.Asked, shorten(oneLine(r.Value))))
		default:
			parts = append(parts, fmt.Sprintf("%s = %s", r.Field, shorten(oneLine(r.Value))))
		}
	}
	return strings.Join(parts, "; ")
}

// A matchWriter prints matches as they come.
type matchWriter interface {
	match(d detected) error
	end(e *detect.Engine, events int) error
}

func (c *cmdline) matchWriter(format string) matchWriter {
	if format == "json" {
		return &matchJSON{c: c}
	}
	return &matchTable{c: c, counts: map[detect.Level]int{}}
}

// A matchTable prints rows in batches, so that a long run needs no more memory than a
// short one.
type matchTable struct {
	c      *cmdline
	t      table
	counts map[detect.Level]int
	n      int
}

func (w *matchTable) match(d detected) error {
	w.n++
	w.counts[d.Rule.Level]++
	w.t.add(string(d.Rule.Level), oneLine(d.Rule.Title), oneLine(d.where()), oneLine(d.why()))
	if len(w.t.rows) == 1000 {
		return w.flush()
	}
	return nil
}

func (w *matchTable) flush() error {
	if len(w.t.rows) == 0 {
		return nil
	}
	w.t.head = []string{"LEVEL", "RULE", "EVENT", "REASON"}
	err := w.t.write(w.c.Out)
	w.t.rows = nil
	return err
}

func (w *matchTable) end(e *detect.Engine, events int) error {
	if err := w.flush(); err != nil {
		return err
	}
	var parts []string
	levels := detect.Levels()
	for i := len(levels) - 1; i >= 0; i-- {
		if n := w.counts[levels[i]]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, levels[i]))
		}
	}
	if n := w.counts[""]; n > 0 {
		parts = append(parts, fmt.Sprintf("%d without a level", n))
	}
	summary := "nothing found"
	if len(parts) > 0 {
		summary = strings.Join(parts, ", ")
	}
	if w.n > 0 {
		fmt.Fprintln(w.c.Out)
	}
	_, err := fmt.Fprintf(w.c.Out, "%s in %d events with %d rules and %d correlations\n", summary, events, e.Rules(), e.Correlations())
	return err
}

// A matchJSON prints one document, match by match.
type matchJSON struct {
	c *cmdline
	n int
}

func (w *matchJSON) match(d detected) error {
	var data bytes.Buffer
	enc := json.NewEncoder(&data)
	enc.SetIndent("    ", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(d); err != nil {
		return err
	}
	before := ",\n    "
	if w.n == 0 {
		before = "{\n  \"matches\": [\n    "
	}
	w.n++
	_, err := fmt.Fprintf(w.c.Out, "%s%s", before, bytes.TrimSpace(data.Bytes()))
	return err
}

func (w *matchJSON) end(e *detect.Engine, events int) error {
	head := "\n  ]"
	if w.n == 0 {
		head = "{\n  \"matches\": []"
	}
	_, err := fmt.Fprintf(w.c.Out, "%s,\n  \"rules\": %d,\n  \"correlations\": %d,\n  \"events\": %d\n}\n", head, e.Rules(), e.Correlations(), events)
	return err
}
