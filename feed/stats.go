package feed

import (
	"slices"
	"strings"
	"time"
)

// Stats says what an index holds, where it is from and what was left out.
type Stats struct {
	Advisories int              `json:"advisories"`      // that can match; without withdrawn ones
	Ecosystems []EcosystemStats `json:"ecosystems"`      // sorted by name
	Newest     time.Time        `json:"newest,omitzero"` // when the latest advisory was modified
	Built      time.Time        `json:"built,omitzero"`  // when the index was made of its sources
	Sources    []SourceStats    `json:"sources"`

	KEV        int    `json:"kev"` // known exploited vulnerabilities
	KEVVersion string `json:"kev_version,omitempty"`
	EPSS       int    `json:"epss"` // vulnerabilities with a prediction
	EPSSDate   string `json:"epss_date,omitempty"`

	Withdrawn   int      `json:"withdrawn"`    // advisories taken back by their publisher
	NotSecurity int      `json:"not_security"` // updates that repair no vulnerability
	Ignored     int      `json:"ignored"`      // files of other kinds
	Rejected    int      `json:"rejected"`     // records and files that could not be read
	Problems    []string `json:"problems,omitempty"`
	Notes       []string `json:"notes,omitempty"` // what happened on opening, for the operator
}

// EcosystemStats counts one ecosystem and release, "Debian:12".
type EcosystemStats struct {
	Name       string    `json:"name"`
	Advisories int       `json:"advisories"`
	Packages   int       `json:"packages"`
	Newest     time.Time `json:"newest,omitzero"`
}

// SourceStats is one file from which an index was built.
type SourceStats struct {
	Name     string    `json:"name"`
	Bytes    int64     `json:"bytes"`
	Modified time.Time `json:"modified,omitzero"` // of the file
}

// ecosystemCounter counts advisories once for each ecosystem. Statements come
// sorted by ecosystem.
type ecosystemCounter struct {
	packages map[string]int
	newest   map[string]int64
	seen     map[string]map[uint32]struct{}
}

func newEcosystemCounter() *ecosystemCounter {
	return &ecosystemCounter{packages: map[string]int{}, newest: map[string]int64{}, seen: map[string]map[uint32]struct{}{}}
}

func (c *ecosystemCounter) add(ecosystem string, row uint32, modified int64) {
	if c.seen[ecosystem] == nil {
		c.seen[ecosystem] = map[uint32]struct{}{}
	}
	c.seen[ecosystem][row] = struct{}{}
	c.newest[ecosystem] = max(c.newest[ecosystem], modified)
}

func (c *ecosystemCounter) list() []EcosystemStats {
	out := make([]EcosystemStats, 0, len(c.seen))
	for name, rows := range c.seen {
		// The name shares memory with the index; the statistics outlive it.
		name = strings.Clone(name)
		out = append(out, EcosystemStats{Name: name, Advisories: len(rows), Packages: c.packages[name], Newest: unixTime(c.newest[name])})
	}
	slices.SortFunc(out, func(a, b EcosystemStats) int { return strings.Compare(a.Name, b.Name) })
	return out
}

func unixTime(seconds int64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}
