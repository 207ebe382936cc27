package catalog

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// A SampleRecord is one record of the sample organisation, ready to be stored.
//
// Kind and the names in Fields are those of package isms. A field that refers to
// another record (name_id) holds the key of that record, which stands earlier in
// the list; so does subject_id, whose kind stands in subject_kind. Links name
// records by key too, of the kind that the link leads to, and may point ahead:
// store all documents first, then their links.
type SampleRecord struct {
	Kind   string
	Key    string
	Fields map[string]any      // without kind, key and links
	Links  map[string][]string // link name to keys
	Place  string              // file and line, for messages
}

// JSON is the record as an object with its key, as the API and kind.Decode take it.
func (d SampleRecord) JSON() ([]byte, error) {
	object := map[string]any{"key": d.Key}
	for name, v := range d.Fields {
		object[name] = v
	}
	return json.Marshal(object)
}

// Sample returns the records of the sample organisation as they stand on the day
// of now. Days in the files are relative and are resolved here:
//
//	today  -30d  +6w  -3m  +1y    a day, "2026-10-22"
//	-3d 15:25                     an instant of that day, in UTC
//	… until {+35d} …              a day inside a text
//
// Two more shorthands make many records of one: series (a list of values, one every
// thirty days up to now, for measurements) and each (a field with a list of values, one
// record for each). Safeguards, threat actors and threat vectors whose key is an
// entry of the catalogue take from it what they do not say themselves.
func Sample(now time.Time) ([]SampleRecord, error) {
	c, err := Load()
	if err != nil {
		return nil, err
	}
	return SampleFS(files, c, now)
}

// SampleFS is Sample for another set of files in the folder sample.
func SampleFS(fsys fs.FS, c *Catalog, now time.Time) ([]SampleRecord, error) {
	names, err := fs.Glob(fsys, "sample/*.yaml")
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("sample: the folder holds no .yaml file")
	}
	s := sampler{catalog: c, now: now.UTC(), seen: map[string]string{}}
	for _, name := range names {
		if err := s.file(fsys, name); err != nil {
			return nil, err
		}
	}
	return s.list, nil
}

type sampler struct {
	catalog *Catalog
	now     time.Time
	list    []SampleRecord
	seen    map[string]string // "kind/key" to place
}

func (s *sampler) file(fsys fs.FS, name string) error {
	var entries []map[string]any
	root, err := decodeFile(fsys, name, &entries)
	if err != nil {
		return err
	}
	for i, fields := range entries {
		place := where{name, root.Content[i].Line}.String()
		if err := s.entry(fields, root.Content[i], place); err != nil {
			return fmt.Errorf("%s: %w", place, err)
		}
	}
	return nil
}

func (s *sampler) entry(fields map[string]any, n *yaml.Node, place string) error {
	d := SampleRecord{Fields: fields, Place: place}
	var err error
	if d.Kind, err = take[string](fields, "kind"); err != nil {
		return err
	}
	if d.Key, err = take[string](fields, "key"); err != nil {
		return err
	}
	if v := valueOf(n, "links"); v.Kind != 0 {
		if err := v.Decode(&d.Links); err != nil {
			return inFile("links", err)
		}
		delete(fields, "links")
	}
	if err := s.resolve(d.Fields); err != nil {
		return err
	}
	s.inherit(&d)
	made, err := s.multiply(d)
	if err != nil {
		return err
	}
	for _, m := range made {
		id := m.Kind + "/" + m.Key
		if before, ok := s.seen[id]; ok {
			return fmt.Errorf("%s stands already at %s", id, before)
		}
		s.seen[id] = place
		s.list = append(s.list, m)
	}
	return nil
}

// take removes a required field.
func take[T any](fields map[string]any, name string) (T, error) {
	v, ok := fields[name].(T)
	if !ok {
		return v, fmt.Errorf("%s is missing or of the wrong form", name)
	}
	delete(fields, name)
	return v, nil
}

// multiply makes the records that series and each stand for.
func (s *sampler) multiply(d SampleRecord) ([]SampleRecord, error) {
	switch {
	case d.Fields["series"] != nil:
		values, err := take[[]any](d.Fields, "series")
		if err != nil {
			return nil, err
		}
		var list []SampleRecord
		for i, v := range values {
			at := s.day("today").AddDate(0, 0, 30*(i+1-len(values)))
			list = append(list, d.with(fmt.Sprintf("%s-%d", d.Key, i+1), map[string]any{"value": v, "at": at.Format(time.RFC3339)}))
		}
		return list, nil
	case d.Fields["each"] != nil:
		each, err := take[map[string]any](d.Fields, "each")
		if err != nil {
			return nil, err
		}
		var list []SampleRecord
		for field, values := range each {
			items, ok := values.([]any)
			if !ok || len(each) != 1 {
				return nil, fmt.Errorf("each names one field with a list of values")
			}
			for _, v := range items {
				list = append(list, d.with(fmt.Sprintf("%s-%v", d.Key, v), map[string]any{field: v}))
			}
		}
		return list, nil
	}
	return []SampleRecord{d}, nil
}

// with is a copy under another key with some more fields.
func (d SampleRecord) with(key string, more map[string]any) SampleRecord {
	fields := make(map[string]any, len(d.Fields)+len(more))
	for _, m := range []map[string]any{d.Fields, more} {
		for name, v := range m {
			fields[name] = v
		}
	}
	d.Key, d.Fields = key, fields
	return d
}

// inherit fills what a record takes from the catalogue.
func (s *sampler) inherit(d *SampleRecord) {
	var from map[string]any
	switch d.Kind {
	case "safeguard":
		if g, ok := s.catalog.Safeguard(d.Key); ok {
			from = g.fields()
		}
	case "threat_actor":
		if a, ok := s.catalog.Actor(d.Key); ok {
			from = map[string]any{"title": a.Title, "type": a.Type, "motivations": a.Motivations, "objectives": a.Objectives,
				"capability": a.Capability, "opportunity": a.Opportunity, "description": a.Description, "catalogue": a.ID}
		}
	case "threat_vector":
		if v, ok := s.catalog.Vector(d.Key); ok {
			from = v.fields()
		}
	}
	for name, v := range from {
		if _, said := d.Fields[name]; !said {
			d.Fields[name] = v
		}
	}
}

func (s *Safeguard) fields() map[string]any {
	return map[string]any{
		"title": s.Title, "description": s.Does, "how_tested": s.Test, "function": s.Function, "means": s.Means,
		"principles": s.Principles, "quick_win": s.QuickWin, "effort": s.Effort, "annual_cost": s.AnnualCost,
		"on_frequency": s.OnFrequency, "on_loss": s.OnLoss, "references": s.References.All(),
		"checks": append(append([]string{}, s.Resolves.Checks...), s.Resolves.Topics...), "catalogue": s.ID,
	}
}

func (v *Vector) fields() map[string]any {
	f := map[string]any{"title": v.Title, "technique": v.Technique, "description": v.Description, "tool": v.Tools,
		"hazard": v.Tactic == "hazard", "catalogue": v.ID}
	if v.Tactic != "hazard" {
		f["tactics"] = []string{v.Tactic}
	}
	return f
}

// MarshalJSON writes the range as records do.
func (r Range) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]float64{"low": r.Low, "likely": r.Likely, "high": r.High})
}

const dayPattern = `today|[+-](?:\d{1,4}[dwm]|\d{1,2}y)`

var (
	relativeDay = regexp.MustCompile(`^(` + dayPattern + `)(?: (\d\d:\d\d))?$`)
	dayInText   = regexp.MustCompile(`\{(` + dayPattern + `)\}`)
)

// resolve replaces relative days and turns lists of two or three numbers into
// ranges, in place.
func (s *sampler) resolve(fields map[string]any) error {
	for name, v := range fields {
		switch v := v.(type) {
		case string:
			text, err := s.text(v)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			fields[name] = text
		case []any:
			if r, ok := rangeOf(v); ok && name != "series" {
				fields[name] = r
			}
		}
	}
	return nil
}

func rangeOf(list []any) (Range, bool) {
	var v []float64
	for _, e := range list {
		switch n := e.(type) {
		case int:
			v = append(v, float64(n))
		case float64:
			v = append(v, n)
		default:
			return Range{}, false
		}
	}
	switch len(v) {
	case 2:
		return Range{Low: v[0], High: v[1]}, true
	case 3:
		return Range{Low: v[0], Likely: v[1], High: v[2]}, true
	}
	return Range{}, false
}

func (s *sampler) text(v string) (string, error) {
	m := relativeDay.FindStringSubmatch(v)
	if m == nil {
		return dayInText.ReplaceAllStringFunc(v, func(found string) string {
			return s.day(found[1 : len(found)-1]).Format(time.DateOnly)
		}), nil
	}
	day := s.day(m[1])
	if m[2] == "" {
		return day.Format(time.DateOnly), nil
	}
	clock, err := time.Parse("15:04", m[2])
	if err != nil {
		return "", fmt.Errorf("%q is not a time of day", m[2])
	}
	return day.Add(time.Duration(clock.Hour())*time.Hour + time.Duration(clock.Minute())*time.Minute).Format(time.RFC3339), nil
}

// day is midnight of a relative day that matched relativeDay or dayInText.
func (s *sampler) day(v string) time.Time {
	today := s.now.Truncate(24 * time.Hour)
	if v == "today" {
		return today
	}
	n, _ := strconv.Atoi(strings.TrimPrefix(v[:len(v)-1], "+")) // at most four digits
	switch v[len(v)-1] {
	case 'w':
		return today.AddDate(0, 0, 7*n)
	case 'm':
		return today.AddDate(0, n, 0)
	case 'y':
		return today.AddDate(n, 0, 0)
	default:
		return today.AddDate(0, 0, n)
	}
}
