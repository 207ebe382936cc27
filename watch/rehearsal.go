package watch

import (
	"cmp"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"holdfast/engine/detect"
	"holdfast/eventstore"
	"holdfast/kind"
)

// tallied is how many of a tally are told.
const tallied = 10

// result puts together what was found.
func (r *rehearsing) result() *Rehearsal {
	out := r.out
	if out.Read > 0 {
		r.fillBars()
	}
	out.Assets = tally(r.assets, func(id string) Tally { return Tally{ID: id, Name: r.place.titles[id]} })
	out.Sources = tally(r.sources, func(id string) Tally {
		if s := r.place.sources[id]; s != nil {
			return Tally{ID: s.ID, Name: s.Title}
		}
		return Tally{Name: lineOf([]byte(id))}
	})
	out.Actors = tally(r.actors, func(who string) Tally { return Tally{Name: lineOf([]byte(who))} })
	out.Took = r.app.Now().Sub(r.begun)
	return out
}

// fillBars adds the empty bars up to the end of what was looked at.
func (r *rehearsing) fillBars() {
	end := r.out.To
	if r.out.Stopped == StopTime {
		end = r.out.Last
	}
	start := r.out.First.Truncate(r.width)
	for at := start.Add(time.Duration(len(r.out.Buckets)) * r.width); at.Before(end) && len(r.out.Buckets) <= 2*rehearsalBars; at = at.Add(r.width) {
		r.out.Buckets = append(r.out.Buckets, eventstore.Bucket{From: at, Width: r.width})
	}
}

// tally lists the most frequent first.
func tally(counts map[string]int, name func(key string) Tally) []Tally {
	keys := slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) })
	list := []Tally{}
	for _, key := range keys[:min(len(keys), tallied)] {
		t := name(key)
		t.Count = counts[key]
		list = append(list, t)
	}
	return list
}

// lineOf is the beginning of a line as text.
func lineOf(raw []byte) string {
	return strings.ToValidUTF8(string(raw[:min(len(raw), hitLetters)]), "�")
}

// reasonLetters is how much of a value of an event a reason tells.
const reasonLetters = 300

// shortReasons are reasons whose values are cut.
func shortReasons(list []detect.Reason) []detect.Reason {
	out := make([]detect.Reason, 0, len(list))
	for _, r := range list {
		r.Value = strings.ToValidUTF8(r.Value[:min(len(r.Value), reasonLetters)], "")
		out = append(out, r)
	}
	return out
}

// rehearsalAge is how long what was found is kept: it repeats events, which have a time
// of their own.
const rehearsalAge = 24 * time.Hour

// The last rehearsal of each rule lies beside the events that it tells of, readable by
// whoever may read these.
func rehearsalFile(events *eventstore.Store, rule string) string {
	return filepath.Join(events.Dir(), "rehearsals", kind.Slug(rule)+".json")
}

// KeepRehearsal keeps a rehearsal as the last one of its rule.
func KeepRehearsal(events *eventstore.Store, r *Rehearsal) error {
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	file := rehearsalFile(events, r.Rule)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	fresh, err := os.CreateTemp(filepath.Dir(file), "*.tmp")
	if err != nil {
		return err
	}
	_, err = fresh.Write(data)
	if err = errors.Join(err, fresh.Close()); err == nil {
		err = os.Rename(fresh.Name(), file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(fresh.Name()))
	}
	return nil
}

// KeptRehearsal is the last rehearsal of a rule, by the id of its record; nil: there is
// none that is younger than a day.
func KeptRehearsal(events *eventstore.Store, rule string, now time.Time) (*Rehearsal, error) {
	data, err := os.ReadFile(rehearsalFile(events, rule))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // that there is none is no error
	}
	if err != nil {
		return nil, err
	}
	var r Rehearsal
	if err := json.Unmarshal(data, &r); err != nil || now.Sub(r.At) > rehearsalAge {
		return nil, nil //nolint:nilerr,nilnil // a damaged one is none: it is made anew in seconds
	}
	return &r, nil
}

// DropRehearsals removes those whose time is over.
func DropRehearsals(events *eventstore.Store, now time.Time) error {
	files, err := filepath.Glob(filepath.Join(events.Dir(), "rehearsals", "*"))
	if err != nil {
		return err
	}
	for _, file := range files {
		info, e := os.Stat(file)
		if e == nil && now.Sub(info.ModTime()) > rehearsalAge {
			e = os.Remove(file)
		}
		if !errors.Is(e, fs.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	return err
}
