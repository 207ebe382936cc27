package feed

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A record is one advisory as read from a source, before it is indexed.
type record struct {
	key       string // what makes two copies the same advisory
	file      string // where it was read
	id        string
	aliases   []string // other names of the same vulnerability
	upstream  []string // the vulnerabilities that this distribution record is about
	related   []string
	summary   string
	details   string
	cwes      []string
	urls      []string
	rating    rating
	published int64 // seconds since 1970, 0: not told
	modified  int64
	withdrawn bool
	affected  []affected
}

// affected is what a record says of one package.
type affected struct {
	ecosystem, name string
	streams         []string // RPM module streams, "nodejs:16"
	rating          rating   // where it differs from that of the record
	ranges          []Range
	versions        []string
}

// A Range is a list of events on the line of versions of one package.
type Range struct {
	SemVer bool // ordered by SemVer whatever the ecosystem
	Events []Event
}

// An Event is a version at which a package starts or stops being affected.
type Event struct {
	Kind    EventKind
	Version string
}

// An EventKind says what happens at the version of an event.
type EventKind uint8

// The events of the OSV schema.
const (
	Introduced   EventKind = iota + 1 // affected from here on; "0" is before every version
	Fixed                             // not affected from here on
	LastAffected                      // not affected behind this version
	Limit                             // nothing is said of this version and later ones
)

var eventKeys = [...]string{Introduced: "introduced", Fixed: "fixed", LastAffected: "last_affected", Limit: "limit"}

// IsCVE reports whether an identifier is a CVE id.
func IsCVE(id string) bool {
	_, ok := cveKey(id)
	return ok
}

// CVEOf is the CVE id that an identifier is or contains as distributions write
// it: "CVE-2024-1" of "DEBIAN-CVE-2024-1" and "UBUNTU-CVE-2024-1"; "" when none.
func CVEOf(id string) string {
	if i := strings.Index(id, "CVE-"); i == 0 || (i > 0 && id[i-1] == '-') {
		if IsCVE(id[i:]) {
			return id[i:]
		}
	}
	return ""
}

// cveKey packs a CVE id into a number that sorts by year, then by number.
func cveKey(id string) (uint64, bool) {
	rest, ok := strings.CutPrefix(id, "CVE-")
	if !ok {
		return 0, false
	}
	year, number, ok := strings.Cut(rest, "-")
	if !ok || len(year) != 4 || len(number) < 1 || len(number) > 12 {
		return 0, false
	}
	y, err := strconv.ParseUint(year, 10, 16)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseUint(number, 10, 44)
	if err != nil {
		return 0, false
	}
	return y<<44 | n, true
}

// cves lists the CVE ids that a record names as its own or as what it fixes.
func (r *record) cves() []string {
	var out []string
	for _, list := range [][]string{{r.id}, r.aliases, r.upstream, r.related} {
		for _, id := range list {
			if cve := CVEOf(id); cve != "" {
				out = append(out, cve)
			}
		}
	}
	return out
}

// errataPrefixes start the ids of updates that repair faults or add functions.
// Distributions publish them beside the security updates.
var errataPrefixes = [...]string{"ALBA-", "ALEA-", "RLBA-", "RLEA-", "RHBA-", "RHEA-", "ELBA-", "ELEA-"}

// security reports whether the record is about a vulnerability at all.
func (r *record) security() bool {
	for _, p := range errataPrefixes {
		if strings.HasPrefix(r.id, p) {
			return len(r.cves()) > 0
		}
	}
	return true
}

// moduleMark is in the release of every RPM that was built for a module stream.
const moduleMark = ".module"

// setStreams notes which module streams an update is for. RPM advisories tell it
// only in their summary: "Important: nodejs:16 security update".
func (r *record) setStreams() {
	streams := streamsOf(r.summary)
	for i := range r.affected {
		if a := &r.affected[i]; a.modular() {
			a.streams = streams
		}
	}
}

func (a *affected) modular() bool {
	for _, g := range a.ranges {
		for _, e := range g.Events {
			if strings.Contains(e.Version, moduleMark) {
				return true
			}
		}
	}
	return false
}

// streamsOf finds the words of the form name:stream.
func streamsOf(summary string) []string {
	if !strings.Contains(summary, ":") {
		return nil
	}
	var out []string
	for _, word := range strings.Fields(summary) {
		word = strings.Trim(word, ",;.()")
		name, stream, ok := strings.Cut(word, ":")
		if ok && name != "" && stream != "" && !strings.ContainsAny(stream, ":/") {
			out = append(out, word)
		}
	}
	return out
}

// parseTime reads the times of OSV, also those that YAML writers change a little.
func parseTime(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	for _, layout := range [...]string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02"} {
		if t, err := time.Parse(layout, s); err == nil {
			if t.Year() < 1970 {
				return 0, nil
			}
			return t.Unix(), nil
		}
	}
	return 0, fmt.Errorf("%q is not a time in the form 2006-01-02T15:04:05Z", shorten(s))
}

// shorten keeps error messages readable whatever the input holds.
func shorten(s string) string {
	if len(s) > 60 {
		return s[:60] + "…"
	}
	return s
}
