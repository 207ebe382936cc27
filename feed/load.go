package feed

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// ErrEmpty says that a source holds nothing that is read here.
var ErrEmpty = errors.New("holds no advisories, KEV or EPSS data")

// Load reads advisories, KEV and EPSS data from a directory, an archive or a file
// into memory, without a data folder. tell may be nil. Records that cannot be
// read are counted in Stats; a damaged archive is an error that wraps ErrArchive.
func Load(ctx context.Context, path string, tell Progress) (*Index, error) {
	sources, err := listSources(path)
	if err != nil {
		return nil, fmt.Errorf("advisories: %w", err)
	}
	var spool bytes.Buffer
	resident, err := build(ctx, []string{path}, sources, &spool, usual, tell)
	if err != nil {
		return nil, fmt.Errorf("advisories: %w", err)
	}
	x, err := newIndex(asString(resident), bytes.NewReader(spool.Bytes()), nil)
	if err != nil {
		return nil, fmt.Errorf("advisories: %w", err)
	}
	if x.stats.Advisories+x.stats.KEV+x.stats.EPSS == 0 {
		return nil, emptyError(path, x.stats)
	}
	return x, nil
}

// emptyError tells also the first problem, which usually is the reason.
func emptyError(path string, s Stats) error {
	if len(s.Problems) > 0 {
		return fmt.Errorf("%s: %w; the first of %d problems: %s", path, ErrEmpty, s.Rejected, s.Problems[0])
	}
	return fmt.Errorf("%s: %w; expected OSV records (.json, .yaml), an OSV export (.zip), a KEV catalogue or an EPSS table", path, ErrEmpty)
}

// build reads the paths and returns the resident part of the index. The long
// texts go to spool.
func build(ctx context.Context, paths []string, sources []SourceStats, spool io.Writer, l limits, tell Progress) ([]byte, error) {
	b, err := newBuilder(spool)
	if err != nil {
		return nil, err
	}
	if err := readSources(ctx, paths, b, l, meter("reading advisories", sources, tell)); err != nil {
		return nil, err
	}
	return b.finish(sources, newestSource(sources))
}

// meter turns bytes done into calls of tell, some hundred for the whole.
func meter(step string, sources []SourceStats, tell Progress) func(done int64) {
	total := int64(0)
	for _, s := range sources {
		total += s.Bytes
	}
	next := int64(0)
	return func(done int64) {
		if tell != nil && done >= next {
			tell(step, int(min(done, total)), int(total))
			next = done + total/200
		}
	}
}

func newestSource(sources []SourceStats) time.Time {
	var newest time.Time
	for _, s := range sources {
		if s.Modified.After(newest) {
			newest = s.Modified
		}
	}
	return newest
}

// listSources lists the regular files below a path, sorted, with names relative
// to it. Hidden files are not sources.
func listSources(root string) ([]SourceStats, error) {
	var out []SourceStats
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name != root && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		case !d.Type().IsRegular():
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		short, err := filepath.Rel(root, name)
		if err != nil || short == "." {
			short = filepath.Base(name)
		}
		out = append(out, SourceStats{Name: filepath.ToSlash(short), Bytes: info.Size(), Modified: info.ModTime().UTC().Truncate(time.Microsecond)})
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", root, os.ErrNotExist)
	}
	return out, err
}
