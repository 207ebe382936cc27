package vulnmatch

import "holdfast/feed"

// inRange follows the evaluation of the OSV schema: the last event at or before
// the version decides, and a limit ends what the range speaks of.
func inRange(events []feed.Event, version string, compare comparer) bool {
	affected, latest, limited, below := false, "", false, false
	for _, e := range events {
		order := 1 // of the version against the event; "0" is before every version
		if e.Version != "0" {
			order = compare(version, e.Version)
		}
		switch {
		case e.Kind == feed.Limit:
			limited = true
			below = below || e.Version == "*" || order < 0
			continue
		case order < 0, order == 0 && e.Kind == feed.LastAffected:
			continue // the event lies ahead
		}
		if later(latest, e.Version, compare) {
			affected, latest = e.Kind == feed.Introduced, e.Version
		}
	}
	return affected && (!limited || below)
}

// later reports whether an event takes the place of the latest one so far; of two
// at the same version the one that stands behind counts.
func later(latest, version string, compare comparer) bool {
	switch {
	case latest == "", latest == "0":
		return true
	case version == "0":
		return false
	}
	return compare(version, latest) >= 0
}

// A judgement collects what one advisory says of one package, which may be in
// several statements, and decides on one version. Its memory is reused.
type judgement struct {
	compare comparer
	version string
	named   bool // a version that is named as fixed is fixed, whatever other builds are listed

	first  feed.Affected
	ranges []feed.Range
	events []feed.Event
	listed bool
}

// start forgets the advisory before and begins the one of a.
func (j *judgement) start(a *feed.Affected) {
	j.first = *a
	j.ranges, j.events, j.listed = j.ranges[:0], j.events[:0], false
}

// add takes over a statement of the same advisory.
func (j *judgement) add(a *feed.Affected) {
	for _, r := range a.Ranges {
		n := len(j.events)
		j.events = append(j.events, r.Events...)
		// An earlier range may point into memory that was left when the list
		// grew; its events there are unchanged.
		j.ranges = append(j.ranges, feed.Range{SemVer: r.SemVer, Events: j.events[n:]})
	}
	j.listed = j.listed || j.lists(a)
}

// lists looks for the version among those named one by one. Where nothing but
// these is known, spellings of the same version count as one.
func (j *judgement) lists(a *feed.Affected) bool {
	if a.Lists(j.version) {
		return true
	}
	if len(a.Ranges) > 0 {
		return false
	}
	for v := range a.Versions() {
		if j.compare(v, j.version) == 0 {
			return true
		}
	}
	return false
}

func (j *judgement) affected() bool {
	if j.named && j.namedFixed() {
		return false
	}
	return j.listed || j.covers(j.version)
}

func (j *judgement) covers(version string) bool {
	for _, r := range j.ranges {
		if inRange(r.Events, version, j.compare) {
			return true
		}
	}
	return false
}

func (j *judgement) namedFixed() bool {
	for _, e := range j.events {
		if e.Kind == feed.Fixed && e.Version != "0" && j.compare(e.Version, j.version) == 0 {
			return true
		}
	}
	return false
}

// fix is the smallest version behind the installed one at which the weakness is
// gone by everything this advisory says; empty when there is none.
func (j *judgement) fix() string {
	best := ""
	for _, e := range j.events {
		if e.Kind != feed.Fixed || j.compare(e.Version, j.version) <= 0 {
			continue
		}
		if (best == "" || j.compare(e.Version, best) < 0) && (j.named || !j.covers(e.Version)) {
			best = e.Version
		}
	}
	return best
}

// last is the newest version that is known to be affected, where no fix is told.
func (j *judgement) last() string {
	best := ""
	for _, e := range j.events {
		if e.Kind == feed.LastAffected && j.compare(e.Version, j.version) >= 0 && (best == "" || j.compare(e.Version, best) < 0) {
			best = e.Version
		}
	}
	return best
}
