// Package stix reads what others know of attackers: STIX 2.0 and 2.1 bundles, events of
// MISP, and tables. What can be looked for becomes Marks; what cannot is named with the
// reason, so that nothing is lost in silence.
package stix

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"holdfast/engine/indicator"
)

// MaxFile bounds what is read at once, in bytes; MaxMarks what comes of it.
const (
	MaxFile  = 128 << 20
	MaxMarks = 1_000_000
)

// A Mark is one indicator as somebody tells of it.
type Mark struct {
	Type       indicator.Type
	Value      string // in its normal form
	Pattern    string // the STIX pattern it stood in
	ExternalID string // id of the STIX object or uuid of the MISP attribute
	Title      string
	Note       string
	Campaign   string   // malware family or campaign
	Actor      string   // name of the threat actor
	Techniques []string // ATT&CK ids, sorted
	Source     string   // who tells
	Sharing    string   // clear, green, amber, amber_strict or red; empty: not said
	Confidence int      // 0 to 100; −1: not said
	From       time.Time
	Until      time.Time
	Revoked    bool // its author took it back
}

// A Skip is something that was read and cannot be looked for.
type Skip struct {
	Where string // id, line or attribute
	What  string
	Why   string
}

// A Result is what a file holds.
type Result struct {
	Format  string         // stix, misp or table
	Marks   []Mark         // each value of a type once
	Skipped []Skip         // at most maxSkipped of them
	Left    int            // how many were skipped in all
	Objects map[string]int // of each type that the file holds
}

const maxSkipped = 1000

// Options change what is taken. The zero value takes what its authors call signs of an
// attack.
type Options struct {
	Context bool // also attributes that MISP marks as context only (to_ids), as less sure
}

// Read reads a file by what it holds. The name is for messages.
func Read(name string, data []byte, o Options) (*Result, error) {
	if len(data) > MaxFile {
		return nil, fmt.Errorf("%s: has %d MiB; at most %d are read", name, len(data)>>20, MaxFile>>20)
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	c := &collector{options: o, Result: Result{Objects: map[string]int{}}, at: map[string]int{}}
	trimmed := bytes.TrimSpace(data)
	var err error
	switch {
	case len(trimmed) == 0:
		return nil, fmt.Errorf("%s: is empty", name)
	case trimmed[0] == '{' || trimmed[0] == '[':
		err = c.document(trimmed)
	case trimmed[0] == '<':
		return nil, fmt.Errorf("%s: is XML; STIX 1 is not read, export it as STIX 2.1 or MISP JSON", name)
	default:
		c.Format = "table"
		err = c.table(data)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &c.Result, nil
}

// A collector gathers what is found, each value once.
type collector struct {
	Result
	options Options
	at      map[string]int // place of a mark by type and value
}

func (c *collector) skip(where, what, why string) {
	if c.Left++; len(c.Skipped) < maxSkipped {
		c.Skipped = append(c.Skipped, Skip{where, shorten(what), why})
	}
}

func shorten(s string) string {
	if len(s) > 200 {
		return strings.ToValidUTF8(s[:200], "") + "…"
	}
	return s
}

// add takes a mark in, or says why not. Of two for the same value the more confident
// one stays, with what either knows.
func (c *collector) add(where string, m Mark) error {
	v, err := indicator.Normal(m.Type, m.Value)
	if err != nil {
		c.skip(where, string(m.Type)+" "+m.Value, err.Error())
		return nil
	}
	if why := indicator.Harmless(m.Type, v); why != "" {
		c.skip(where, string(m.Type)+" "+v, why)
		return nil
	}
	m.Value, m.Title, m.Note = v, clean(m.Title, 300), clean(m.Note, 4000)
	m.Campaign, m.Actor, m.Source, m.Pattern = clean(m.Campaign, 200), clean(m.Actor, 200), clean(m.Source, 200), clean(m.Pattern, 4000)
	m.ExternalID = clean(m.ExternalID, 200)
	key := string(m.Type) + " " + v
	if at, ok := c.at[key]; ok {
		c.Marks[at] = merge(c.Marks[at], m)
		return nil
	}
	if len(c.Marks) >= MaxMarks {
		return fmt.Errorf("holds more than %d indicators; take it in parts", MaxMarks)
	}
	c.at[key] = len(c.Marks)
	c.Marks = append(c.Marks, m)
	return nil
}

func merge(a, b Mark) Mark {
	if b.Confidence > a.Confidence {
		a, b = b, a
	}
	a.Title, a.Note, a.Campaign, a.Actor = cmp.Or(a.Title, b.Title), cmp.Or(a.Note, b.Note), cmp.Or(a.Campaign, b.Campaign), cmp.Or(a.Actor, b.Actor)
	a.Techniques = slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(a.Techniques), b.Techniques...))))
	if a.Sharing == "" || rank(b.Sharing) > rank(a.Sharing) {
		a.Sharing = b.Sharing // the stricter one holds
	}
	a.Revoked = a.Revoked && b.Revoked
	return a
}

var sharings = []string{"clear", "green", "amber", "amber_strict", "red"}

func rank(s string) int { return slices.Index(sharings, s) }

// clean drops what a record may not hold and shortens.
func clean(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r == '\uFFFD' {
			return -1
		}
		return r
	}, strings.TrimSpace(s))
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}

// sharing reads a traffic light in any of its spellings: TLP:AMBER+STRICT, tlp:white.
func sharing(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	s, ok := strings.CutPrefix(s, "tlp:")
	switch {
	case !ok:
		return ""
	case s == "white":
		return "clear"
	case s == "amber+strict":
		return "amber_strict"
	case rank(s) >= 0:
		return s
	}
	return ""
}

// document reads JSON of either kind.
func (c *collector) document(data []byte) error {
	var probe struct {
		Type     string            `json:"type"`
		Objects  []json.RawMessage `json:"objects"`
		Event    json.RawMessage   `json:"Event"`
		Response json.RawMessage   `json:"response"`
		Info     json.RawMessage   `json:"info"`
		List     json.RawMessage   `json:"Attribute"`
	}
	if data[0] == '[' {
		var list []json.RawMessage
		if err := json.Unmarshal(data, &list); err != nil {
			return fmt.Errorf("is no JSON: %w", err)
		}
		return c.list(list)
	}
	if err := json.Unmarshal(data, &probe); err != nil {
		return fmt.Errorf("is no JSON: %w", err)
	}
	switch {
	case probe.Event != nil:
		c.Format = "misp"
		return c.event(probe.Event)
	case probe.Response != nil:
		return c.document(bytes.TrimSpace(probe.Response))
	case probe.Info != nil || probe.List != nil:
		c.Format = "misp"
		return c.event(data)
	case probe.Objects != nil:
		c.Format = "stix"
		return c.bundle(probe.Objects)
	case probe.Type != "":
		c.Format = "stix"
		return c.bundle([]json.RawMessage{data})
	}
	return fmt.Errorf("is JSON, but neither a STIX bundle (objects) nor an event of MISP (Event)")
}

// list reads an array: of events of MISP, of attributes, or of STIX objects.
func (c *collector) list(list []json.RawMessage) error {
	for i, raw := range list {
		var probe struct {
			Event json.RawMessage `json:"Event"`
			Type  string          `json:"type"`
		}
		if json.Unmarshal(raw, &probe) != nil {
			return fmt.Errorf("entry %d is no object", i+1)
		}
		if probe.Event == nil {
			c.Format = "stix"
			return c.bundle(list)
		}
		c.Format = "misp"
		if err := c.event(probe.Event); err != nil {
			return fmt.Errorf("event %d: %w", i+1, err)
		}
	}
	return nil
}
