package feed

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"sort"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"
)

// An Index finds the advisories for a package without scanning, and what is known
// of the exploitation of a CVE. It never changes; it may be used from several
// goroutines. A nil Index is empty.
type Index struct {
	part  [sections]string
	stats Stats
	holds map[string]bool
	texts textReader
}

// A textReader reads blocks of long text. The last one is kept, since neighbours are
// asked for one after another.
type textReader struct {
	mu    sync.Mutex
	from  io.ReaderAt
	close func() error
	zstd  *zstd.Decoder
	last  int
	block string
}

// newIndex takes over the resident part of an index. Strings that it hands out
// share that memory.
func newIndex(resident string, from io.ReaderAt, close func() error) (*Index, error) {
	x := &Index{holds: map[string]bool{}, texts: textReader{from: from, close: close, last: -1}}
	if len(resident) < sections*16 {
		return nil, errors.New("is too short for an index")
	}
	for i := range x.part {
		at, n := u64(resident, i*16), u64(resident, i*16+8)
		if at > uint64(len(resident)) || n > uint64(len(resident))-at {
			return nil, fmt.Errorf("section %d lies outside of the index", i)
		}
		x.part[i] = resident[at : at+n]
	}
	if err := json.Unmarshal([]byte(x.part[secMeta]), &x.stats); err != nil {
		return nil, fmt.Errorf("the statistics of the index: %w", err)
	}
	for _, e := range x.stats.Ecosystems {
		x.holds[e.Name] = true
	}
	var err error
	x.texts.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(64<<20))
	return x, err
}

// Close releases the file of the index. Advisories can then no longer be read in
// full; look-ups still work.
func (x *Index) Close() error {
	if x == nil || x.texts.close == nil {
		return nil
	}
	return x.texts.close()
}

// Stats says what the index holds.
func (x *Index) Stats() Stats {
	if x == nil {
		return Stats{}
	}
	return x.stats
}

// Holds reports whether there are advisories for an ecosystem and release.
func (x *Index) Holds(ecosystem string) bool { return x != nil && x.holds[Canonical(ecosystem)] }

// A RecordID is the number of an advisory in one index. It has no meaning in
// another one.
type RecordID uint32

// Affected is what one advisory says of one package.
type Affected struct {
	Record  RecordID
	Streams []string // RPM module streams the advisory is for; empty: not told or not modular
	Ranges  []Range

	rating   rating
	versions string // the numbers of the listed versions, packed
	listed   int
	table    string
	events   []Event
}

// Lists reports whether the advisory names this very version as affected.
func (a *Affected) Lists(version string) bool {
	for v := range a.Versions() {
		if v == version {
			return true
		}
	}
	return false
}

// Versions yields the versions that the advisory names as affected one by one.
func (a *Affected) Versions() iter.Seq[string] {
	return func(yield func(string) bool) {
		c := cursor{s: a.versions}
		for range a.listed {
			if !yield(stringAt(a.table, ref(c.uint()))) {
				return
			}
		}
	}
}

// Affected yields what the advisories say of a package. The ecosystem is matched
// with its release, see Canonical. The value is reused: it and its slices are
// valid until the next step of the loop; the strings in it stay valid.
func (x *Index) Affected(ecosystem, name string) iter.Seq[*Affected] {
	return func(yield func(*Affected) bool) {
		place, ok := x.find(Canonical(ecosystem), canonicalName(ecosystem, name))
		if !ok {
			return
		}
		c := cursor{x.part[secAffected], place}
		var a Affected
		for range c.int() {
			a.Record = RecordID(c.uint())
			size := c.int()
			x.decode(&a, cursor{c.s, c.at})
			c.at += size
			if !yield(&a) {
				return
			}
		}
	}
}

// find looks up a package in the sorted table by halving.
func (x *Index) find(ecosystem, name string) (place int, ok bool) {
	if x == nil {
		return 0, false
	}
	table := x.part[secPackages]
	n := len(table) / packageRow
	i := sort.Search(n, func(i int) bool {
		e := x.string(u32(table, i*packageRow))
		return e > ecosystem || (e == ecosystem && x.string(u32(table, i*packageRow+4)) >= name)
	})
	if i == n || x.string(u32(table, i*packageRow)) != ecosystem || x.string(u32(table, i*packageRow+4)) != name {
		return 0, false
	}
	return int(u32(table, i*packageRow+8)), true
}

// Packages yields every ecosystem and package name with advisories, sorted.
func (x *Index) Packages() iter.Seq2[string, string] {
	return func(yield func(ecosystem, name string) bool) {
		if x == nil {
			return
		}
		table := x.part[secPackages]
		for at := 0; at < len(table); at += packageRow {
			if !yield(x.string(u32(table, at)), x.string(u32(table, at+4))) {
				return
			}
		}
	}
}

func (x *Index) string(r ref) string { return stringAt(x.part[secStrings], r) }

func (x *Index) decode(a *Affected, c cursor) {
	a.table = x.part[secStrings]
	a.Streams = a.Streams[:0]
	for range c.int() {
		a.Streams = append(a.Streams, x.string(ref(c.uint())))
	}
	a.rating = x.rating(&c)
	a.Ranges, a.events = a.Ranges[:0], a.events[:0]
	for range c.int() {
		semVer := c.byte() == 1
		n := c.int()
		start := len(a.events)
		for range n {
			a.events = append(a.events, Event{EventKind(c.byte()), x.string(ref(c.uint()))})
		}
		a.Ranges = append(a.Ranges, Range{SemVer: semVer, Events: a.events[start:]})
	}
	// The list of events may have moved while it grew.
	at := 0
	for i := range a.Ranges {
		n := len(a.Ranges[i].Events)
		a.Ranges[i].Events = a.events[at : at+n : at+n]
		at += n
	}
	a.listed = c.int()
	a.versions = c.s[c.at:]
}

func (x *Index) rating(c *cursor) rating {
	r := rating{vector: x.string(ref(c.uint())), score: float64(c.byte()) / 10}
	r.word = x.string(ref(c.uint()))
	return r
}

// An Advisory is what is publicly known of a vulnerability. Severity is one of
// none, low, medium, high, critical, or empty when nobody told.
type Advisory struct {
	ID                  string
	Aliases             []string // other names of the same vulnerability
	Upstream            []string // vulnerabilities that a distribution's advisory is about
	Related             []string
	CVSS                string  // the vector
	Score               float64 // of the vector, 0 to 10
	Severity            string
	Published, Modified time.Time

	// The long part, empty in what Facts returns.
	Summary, Details string
	CWEs, URLs       []string

	block, offset int
}

// Facts are the short facts of the advisory that said a, with the severity for
// that package. They are in memory; see Advisory for the rest.
func (x *Index) Facts(a *Affected) Advisory {
	facts := x.facts(a.Record)
	if !a.rating.empty() && (a.rating.vector != "" || facts.CVSS == "") {
		facts.CVSS, facts.Score, facts.Severity = a.rating.vector, a.rating.score, a.rating.word
	}
	return facts
}

func (x *Index) facts(id RecordID) Advisory {
	c := cursor{x.part[secRecords], int(u32(x.part[secRecordIndex], int(id)*4))}
	a := Advisory{ID: x.string(ref(c.uint()))}
	for _, list := range []*[]string{&a.Aliases, &a.Upstream, &a.Related} {
		n := c.int()
		if n == 0 {
			continue
		}
		*list = make([]string, n)
		for i := range n {
			(*list)[i] = x.string(ref(c.uint()))
		}
	}
	r := x.rating(&c)
	a.CVSS, a.Score, a.Severity = r.vector, r.score, r.word
	a.Published, a.Modified = unixTime(int64(c.uint())), unixTime(int64(c.uint()))
	a.block, a.offset = c.int(), c.int()
	return a
}

// Complete reads the long part of an advisory from disk. It is fastest when
// called in the order of RecordID.
func (x *Index) Complete(a *Advisory) error {
	block, err := x.texts.read(x.part[secBlocks], a.block)
	if err != nil {
		return fmt.Errorf("text of %s: %w", a.ID, err)
	}
	c := cursor{block, a.offset}
	a.Summary, a.Details = c.text(), c.text()
	for _, list := range []*[]string{&a.CWEs, &a.URLs} {
		*list = nil
		for range c.int() {
			*list = append(*list, c.text())
		}
	}
	return nil
}

// read unpacks a block. It fails when the file was damaged after it was opened.
func (t *textReader) read(blocks string, n int) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.last == n {
		return t.block, nil
	}
	if (n+1)*blockRow > len(blocks) {
		return "", errors.New("there is no such block")
	}
	packed := make([]byte, u32(blocks, n*blockRow+8))
	if _, err := t.from.ReadAt(packed, int64(u64(blocks, n*blockRow))); err != nil {
		return "", err
	}
	block, err := t.zstd.DecodeAll(packed, nil)
	if err != nil {
		return "", err
	}
	t.last, t.block = n, asString(block)
	return t.block, nil
}

// Find returns the advisories that have this id or alias, in full.
func (x *Index) Find(id string) ([]Advisory, error) {
	if x == nil {
		return nil, nil
	}
	table := x.part[secNames]
	n := len(table) / nameRow
	i := sort.Search(n, func(i int) bool { return x.string(u32(table, i*nameRow)) >= id })
	var out []Advisory
	for ; i < n && x.string(u32(table, i*nameRow)) == id; i++ {
		a := x.facts(RecordID(u32(table, i*nameRow+4)))
		if err := x.Complete(&a); err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

// Exploitation is what is known of the use of a vulnerability by attackers.
type Exploitation struct {
	KEV        bool   // in CISA's catalogue of known exploited vulnerabilities
	KEVAdded   string // dates, 2006-01-02
	KEVDue     string // until when CISA wants it repaired
	Ransomware bool   // used by ransomware, as CISA knows

	EPSS       float64 // probability of exploitation within 30 days, 0 to 1
	Percentile float64 // share of all vulnerabilities with a lower probability
}

// Enrich looks up ids (a CVE, its aliases, the upstream names of a distribution's
// record) in KEV and EPSS. Of several it returns the worst.
func (x *Index) Enrich(ids ...string) Exploitation {
	var out Exploitation
	if x == nil {
		return out
	}
	for _, id := range ids {
		cve, ok := cveKey(CVEOf(id))
		if !ok {
			continue
		}
		if at, ok := findCVE(x.part[secKEV], kevRow, cve); ok {
			due := x.string(u32(x.part[secKEV], at+12))
			if !out.KEV || due < out.KEVDue {
				out.KEVAdded, out.KEVDue = x.string(u32(x.part[secKEV], at+8)), due
			}
			out.KEV = true
			out.Ransomware = out.Ransomware || u32(x.part[secKEV], at+16) == 1
		}
		if at, ok := findCVE(x.part[secEPSS], epssRow, cve); ok {
			if p := float64(u32(x.part[secEPSS], at+8)) / billion; p >= out.EPSS {
				out.EPSS, out.Percentile = p, float64(u32(x.part[secEPSS], at+12))/billion
			}
		}
	}
	return out
}

func findCVE(table string, row int, cve uint64) (at int, ok bool) {
	n := len(table) / row
	i := sort.Search(n, func(i int) bool { return u64(table, i*row) >= cve })
	if i == n || u64(table, i*row) != cve {
		return 0, false
	}
	return i * row, true
}
