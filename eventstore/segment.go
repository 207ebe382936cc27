package eventstore

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/parquet-go/parquet-go"
)

// SourceInfo says how much came from one source.
type SourceInfo struct {
	Count int64     `json:"count"`
	Bytes int64     `json:"bytes"` // of the lines
	Last  time.Time `json:"last"`  // when the last was received
}

func (i SourceInfo) plus(o SourceInfo) SourceInfo {
	i.Count, i.Bytes = i.Count+o.Count, i.Bytes+o.Bytes
	if o.Last.After(i.Last) {
		i.Last = o.Last
	}
	return i
}

// SegmentInfo describes a segment.
type SegmentInfo struct {
	Name    string                `json:"name"`
	First   Position              `json:"first"` // the range of positions it stands for
	Last    Position              `json:"last"`
	Day     string                `json:"day"`    // on which its lines were received
	From    time.Time             `json:"from"`   // when the first of its events happened
	To      time.Time             `json:"to"`     // when the last did
	Rows    int64                 `json:"rows"`   // fewer than the range where some were dropped
	Raw     int64                 `json:"raw"`    // bytes of its lines
	Size    int64                 `json:"size"`   // bytes on the shelf
	Groups  int                   `json:"groups"` // row groups
	SHA256  string                `json:"sha256"` // of the file
	Sources map[string]SourceInfo `json:"sources"`
}

// A manifest is the list of segments. What it does not name is no segment: it is
// written after a segment is on the shelf, and before what the segment replaces goes.
type manifest struct {
	Sealed   Position              `json:"sealed"` // up to here the log is not needed
	Made     uint64                `json:"made"`   // segments so far, for their names
	Segments []SegmentInfo         `json:"segments"`
	Dropped  map[string]SourceInfo `json:"dropped"` // by retention, by source
}

const manifestFile = "segments.json"

func (s *Store) readManifest() error {
	s.manifest = manifest{Dropped: map[string]SourceInfo{}}
	data, err := readOptional(s.path(manifestFile))
	if err != nil || len(data) == 0 {
		return err
	}
	if err := json.Unmarshal(data, &s.manifest); err != nil {
		return fmt.Errorf("%s cannot be read: %w (take it from the last backup)", s.path(manifestFile), err)
	}
	if s.manifest.Dropped == nil {
		s.manifest.Dropped = map[string]SourceInfo{}
	}
	return nil
}

// writeManifest makes a list of segments the valid one.
func (s *Store) writeManifest(m manifest) error {
	data, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return replaceFile(s.path(manifestFile), data)
}

// clone is a manifest that can be changed.
func (m manifest) clone() manifest {
	m.Segments, m.Dropped = slices.Clone(m.Segments), maps.Clone(m.Dropped)
	return m
}

// clearShelf removes what a crash left: segments on their way, and those that others
// have replaced. What has no place in the list and none in the log either is kept, and
// told by Verify.
func (s *Store) clearShelf() error {
	names, err := s.shelf.List()
	if err != nil {
		return err
	}
	for _, name := range names {
		known := slices.ContainsFunc(s.manifest.Segments, func(i SegmentInfo) bool { return i.Name == name })
		if !known && s.superfluous(name) {
			if err := s.shelf.Remove(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// superfluous tells whether the lines of a segment that is not in the list are
// elsewhere: in the log, or in segments of the list.
func (s *Store) superfluous(name string) bool {
	var day string
	var first, last Position
	var made uint64
	if len(name) < 11 {
		return false
	}
	day = name[:10]
	if _, err := fmt.Sscanf(name[11:], "%d-%d-%d"+suffix, &first, &last, &made); err != nil || segmentName(day, first, last, made) != name {
		return false
	}
	if last <= s.manifest.Sealed {
		return made < s.manifest.Made || s.covered(first, last)
	}
	return first > s.manifest.Sealed && s.logs[0].first <= first
}

// covered tells whether all lines of a range are in segments of the list.
func (s *Store) covered(first, last Position) bool {
	for _, i := range s.manifest.Segments {
		if i.First <= first && first <= i.Last {
			first = i.Last + 1
		}
	}
	return first > last
}

func segmentName(day string, first, last Position, made uint64) string {
	return fmt.Sprintf("%s/%020d-%020d-%08d%s", day, first, last, made, suffix)
}

// A segment is opened when it is first read.
type segment struct {
	SegmentInfo
	shelf Shelf

	mu     sync.Mutex
	file   ShelfFile
	groups []rowGroup
}

// open opens the segment and gives its row groups.
func (g *segment) open() ([]rowGroup, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.file != nil {
		return g.groups, nil
	}
	file, err := g.shelf.Open(g.Name)
	if err != nil {
		return nil, fmt.Errorf("segment %s cannot be opened: %w", g.Name, err)
	}
	f, err := parquet.OpenFile(file, file.Size(), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true), parquet.FileSchema(theLayout.schema))
	if err == nil && len(f.Schema().Columns()) != len(theLayout.schema.Columns()) {
		err = errors.New("it has other columns")
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("segment %s is damaged: %w", g.Name, err), file.Close())
	}
	for _, group := range f.RowGroups() {
		g.groups = append(g.groups, rowGroup{g.Name, group})
	}
	g.file = file
	return g.groups, nil
}

func (g *segment) close() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.file == nil {
		return nil
	}
	err := g.file.Close()
	g.file, g.groups = nil, nil
	return err
}

// each hands blocks over as a sequence.
func each(blocks []*block) iter.Seq2[*block, error] {
	return func(yield func(*block, error) bool) {
		for _, b := range blocks {
			if !yield(b, nil) {
				return
			}
		}
	}
}

// counted notes in the info what passes by.
func (i *SegmentInfo) counted(blocks iter.Seq2[*block, error]) iter.Seq2[*block, error] {
	i.Sources = map[string]SourceInfo{}
	return func(yield func(*block, error) bool) {
		for b, err := range blocks {
			if err == nil {
				i.count(b)
			}
			if !yield(b, err) {
				return
			}
		}
	}
}

func (i *SegmentInfo) count(b *block) {
	from, to := time.UnixMicro(b.from).UTC(), time.UnixMicro(b.to).UTC()
	if i.Groups == 0 || from.Before(i.From) {
		i.From = from
	}
	if i.Groups == 0 || to.After(i.To) {
		i.To = to
	}
	i.Groups++
	i.Rows += int64(b.len())
	i.Raw += int64(b.bytes)
	for name, info := range b.sources {
		i.Sources[name] = i.Sources[name].plus(info)
	}
}

// makeSegment writes blocks into a file on the shelf. The info says which day and range
// it stands for; the rest is filled in. Until the manifest names it, it does not count.
func (s *Store) makeSegment(i SegmentInfo, blocks iter.Seq2[*block, error]) (SegmentInfo, error) {
	f, err := os.CreateTemp(s.path(tmpDir), "segment")
	if err != nil {
		return i, err
	}
	sum := sha256.New()
	err = writeSegment(io.MultiWriter(f, sum), i.counted(blocks))
	if err == nil {
		i.Size, err = f.Seek(0, io.SeekEnd)
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = s.shelf.Put(i.Name, f.Name())
	}
	if err != nil {
		return i, errors.Join(fmt.Errorf("keep segment %s: %w", i.Name, err), removeQuietly(f.Name()))
	}
	i.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return i, nil
}

// named is the info of a segment that is to be made.
func named(day string, first, last Position, made uint64) SegmentInfo {
	return SegmentInfo{Name: segmentName(day, first, last, made), Day: day, First: first, Last: last}
}
