package vulnmatch

import "holdfast/feed"

// inRange reports whether a version lies in a range.
//
// The events of nearly all records are pairs of a start and an end, and the range
// is the union of the stretches between. Read so, pairs that overlap or touch,
// which sorting would mix up, mean what their publisher meant. Events in any other
// order are sorted, as the OSV schema says.
func inRange(events []feed.Event, version string, compare comparer) bool {
	affected, paired := inPairs(events, version, compare)
	if !paired {
		affected = atLastEvent(events, version, compare)
	}
	return affected && belowLimits(events, version, compare)
}

// inPairs reads the events two by two. paired is false when they do not alternate
// or when an end lies before its start.
func inPairs(events []feed.Event, version string, compare comparer) (affected, paired bool) {
	start, open := "", false
	for _, e := range events {
		switch {
		case e.Kind == feed.Limit:
			continue
		case (e.Kind == feed.Introduced) == open:
			return false, false
		case !open:
			start, open = e.Version, true
			continue
		}
		open = false
		if start != "0" && (e.Version == "0" || compare(start, e.Version) > 0) {
			return false, false
		}
		affected = affected || (reached(version, start, compare) && !ended(version, e, compare))
	}
	return affected || (open && reached(version, start, compare)), true
}

// reached reports whether a version is not older than the start of a range; "0"
// is before every version.
func reached(version, start string, compare comparer) bool {
	return start == "0" || compare(version, start) >= 0
}

// ended reports whether a fix or the last affected version lies behind.
func ended(version string, e feed.Event, compare comparer) bool {
	if e.Version == "0" {
		return true
	}
	order := compare(version, e.Version)
	return order > 0 || (order == 0 && e.Kind == feed.Fixed)
}

func belowLimits(events []feed.Event, version string, compare comparer) bool {
	limited := false
	for _, e := range events {
		if e.Kind != feed.Limit {
			continue
		}
		if e.Version == "*" || compare(version, e.Version) < 0 {
			return true
		}
		limited = true
	}
	return !limited
}

// atLastEvent lets the last event at or before the version decide.
func atLastEvent(events []feed.Event, version string, compare comparer) bool {
	affected, latest := false, ""
	for _, e := range events {
		starts := e.Kind == feed.Introduced
		if e.Kind == feed.Limit || (starts && !reached(version, e.Version, compare)) || (!starts && !ended(version, e, compare)) {
			continue
		}
		if later(latest, e.Version, compare) {
			affected, latest = starts, e.Version
		}
	}
	return affected
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

	said   []feed.Affected // their ranges are not valid any more, see ranges
	ranges []feed.Range
	events []feed.Event
}

// start forgets the advisory before.
func (j *judgement) start() { j.said, j.ranges, j.events = j.said[:0], j.ranges[:0], j.events[:0] }

// add takes over a statement of the same advisory.
func (j *judgement) add(a *feed.Affected) {
	for _, r := range a.Ranges {
		n := len(j.events)
		j.events = append(j.events, r.Events...)
		// An earlier range may point into memory that was left when the list
		// grew; its events there are unchanged.
		j.ranges = append(j.ranges, feed.Range{SemVer: r.SemVer, Events: j.events[n:]})
	}
	j.said = append(j.said, *a)
}

func (j *judgement) affected() bool {
	if j.named && j.namedFixed() {
		return false
	}
	return j.covers(j.version)
}

// covers reports whether the advisory says of a version that it is affected.
func (j *judgement) covers(version string) bool {
	for _, r := range j.ranges {
		if inRange(r.Events, version, j.compare) {
			return true
		}
	}
	for i := range j.said {
		if j.lists(&j.said[i], version) {
			return true
		}
	}
	return false
}

// lists looks for the version among those named one by one. Where no ranges are
// known, spellings of the same version count as one.
func (j *judgement) lists(a *feed.Affected, version string) bool {
	for v := range a.Versions() {
		if v == version || (len(j.ranges) == 0 && j.compare(v, version) == 0) {
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
