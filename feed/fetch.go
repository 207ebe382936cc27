package feed

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Fetched says what became of one source.
type Fetched struct {
	Source  Source
	Changed bool  // a new file was taken over
	Bytes   int64 // of that file
	Entries int   // advisories or table rows in it
	Err     error // the old file, if there was one, is still in place
}

// maxDownload bounds one source. The largest public one has some 1.5 GB.
const maxDownload = 4 << 30

// stallLimit ends a download that brings nothing for so long.
const stallLimit = time.Minute

// validators are what the server told of a file, to ask for it only when it has
// changed. They are kept by the name of the source.
type validators struct {
	URL          string `json:"url"`
	ETag         string `json:"etag,omitempty"`
	LastModified string `json:"last_modified,omitempty"`
}

func validatorsFile(dir string) string { return filepath.Join(dir, "feed", "fetched.json") }

// Fetch brings sources into the data folder and makes the index again when one
// has changed. Each file is read in full before it takes the place of the old
// one, so a broken download changes nothing. A source that fails does not stop
// the others; the error joins all failures. A nil client means NewClient(), nil
// tell that nobody listens. Call Open for the new index.
func Fetch(ctx context.Context, dir string, sources []Source, client *http.Client, tell Progress) ([]Fetched, error) {
	if client == nil {
		client = NewClient()
	}
	if err := os.MkdirAll(sourcesFolder(dir), 0o750); err != nil {
		return nil, fmt.Errorf("feed: %w", err)
	}
	known := readValidators(dir)
	f := fetcher{dir: dir, client: client, tell: tell, known: known, stall: stallLimit}
	var out []Fetched
	var failures []error
	changed := false
	for _, s := range sources {
		got := f.fetch(ctx, s)
		if got.Err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", s.Name, got.Err))
		}
		changed = changed || got.Changed
		out = append(out, got)
	}
	if changed {
		failures = append(failures, f.finish(ctx))
	}
	return out, errors.Join(failures...)
}

type fetcher struct {
	dir    string
	client *http.Client
	tell   Progress
	known  map[string]validators
	stall  time.Duration
}

// finish records what was fetched and makes the index.
func (f *fetcher) finish(ctx context.Context) error {
	data, err := json.MarshalIndent(f.known, "", "  ")
	if err != nil {
		return err
	}
	if err := replaceFile(validatorsFile(f.dir), func(w *os.File) error { _, err := w.Write(data); return err }); err != nil {
		return fmt.Errorf("feed: %w", err)
	}
	sources, err := listSources(sourcesFolder(f.dir))
	if err != nil {
		return fmt.Errorf("feed: %w", err)
	}
	if err := storeIndex(ctx, f.dir, sources, f.tell); err != nil {
		return fmt.Errorf("feed: the index could not be made: %w", err)
	}
	return nil
}

// readValidators forgets everything when the file is damaged; then all sources
// are simply fetched in full.
func readValidators(dir string) map[string]validators {
	known := map[string]validators{}
	data, err := os.ReadFile(validatorsFile(dir))
	if err != nil || len(data) > 1<<20 || json.Unmarshal(data, &known) != nil {
		return map[string]validators{}
	}
	return known
}

func (f *fetcher) fetch(ctx context.Context, s Source) (got Fetched) {
	got.Source = s
	if got.Err = checkSource(s); got.Err != nil {
		return got
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	response, err := f.request(ctx, s)
	if err != nil {
		got.Err = err
		return got
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusNotModified:
		return got
	case http.StatusOK:
	default:
		got.Err = fmt.Errorf("the server answered %s", response.Status)
		return got
	}
	stall := time.AfterFunc(f.stall, func() { cancel(errStalled) })
	defer stall.Stop()
	body := &download{from: response.Body, name: s.Name, total: response.ContentLength, tell: f.tell, alive: func() { stall.Reset(f.stall) }}
	got.Err = f.take(ctx, s, body, stall.Stop, &got)
	if cause := context.Cause(ctx); got.Err != nil && errors.Is(cause, errStalled) {
		got.Err = cause
	}
	if got.Err == nil {
		got.Changed = true
		f.known[s.Name] = validators{URL: s.URL, ETag: response.Header.Get("ETag"), LastModified: response.Header.Get("Last-Modified")}
	}
	return got
}

var errStalled = errors.New("the download stood still")

// checkSource refuses names that would lead out of the folder.
func checkSource(s Source) error {
	if s.Name == "" || s.Name != filepath.Base(s.Name) || strings.HasPrefix(s.Name, ".") || strings.ContainsAny(s.Name, `/\:`) {
		return fmt.Errorf("%q is no name for a source", shorten(s.Name))
	}
	switch s.Kind {
	case Advisories, KnownExploit, Predictions:
		return nil
	}
	return fmt.Errorf("%q is no kind of source", shorten(string(s.Kind)))
}

func (f *fetcher) request(ctx context.Context, s Source) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("User-Agent", "holdfast-feed")
	r.Header.Set("Accept-Encoding", "identity")
	_, missing := os.Stat(filepath.Join(sourcesFolder(f.dir), s.Name))
	if v := f.known[s.Name]; missing == nil && v.URL == s.URL {
		if v.ETag != "" {
			r.Header.Set("If-None-Match", v.ETag)
		}
		if v.LastModified != "" {
			r.Header.Set("If-Modified-Since", v.LastModified)
		}
	}
	return f.client.Do(r)
}

// take writes the download beside the old file, reads it, and only then replaces
// the old one. The hidden directory keeps the real name, which says what it is.
func (f *fetcher) take(ctx context.Context, s Source, body *download, arrived func() bool, got *Fetched) error {
	if body.total > maxDownload {
		return fmt.Errorf("%w: is larger than %d GB", ErrArchive, maxDownload>>30)
	}
	folder, err := os.MkdirTemp(sourcesFolder(f.dir), ".fetch-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	name := filepath.Join(folder, s.Name)
	err = replaceFile(name, func(w *os.File) error {
		n, err := io.Copy(w, io.LimitReader(body, maxDownload+1))
		got.Bytes = n
		switch {
		case err != nil:
			return err
		case n > maxDownload:
			return fmt.Errorf("%w: is larger than %d GB", ErrArchive, maxDownload>>30)
		}
		return nil
	})
	if err != nil {
		return err
	}
	arrived() // from here on the time is ours
	if got.Entries, err = verify(ctx, name, s.Kind); err != nil {
		return err
	}
	if err := os.Rename(name, filepath.Join(sourcesFolder(f.dir), s.Name)); err != nil {
		return err
	}
	return syncFolder(sourcesFolder(f.dir))
}

// verify reads a file in full and counts what it is meant to hold.
func verify(ctx context.Context, name string, kind SourceKind) (int, error) {
	var c counter
	err := readSources(ctx, []string{name}, &c, usual, func(int64) {})
	if err != nil {
		return 0, err
	}
	n := map[SourceKind]int{Advisories: c.records, KnownExploit: c.kev, Predictions: c.epss}[kind]
	switch {
	case n == 0 && c.first != nil:
		return 0, fmt.Errorf("holds nothing that can be read: %w", c.first)
	case n == 0:
		return 0, fmt.Errorf("holds no %s", kind)
	case c.rejected > n:
		return 0, fmt.Errorf("more than half of it cannot be read, first: %w", c.first)
	}
	return n, nil
}

// A counter is a sink that keeps nothing.
type counter struct {
	records, kev, epss, rejected int
	first                        error
}

func (c *counter) add(name string, p parsed) error {
	c.records, c.kev, c.epss = c.records+len(p.records), c.kev+len(p.kev), c.epss+len(p.epss)
	for _, err := range p.problems {
		c.problem(name, err)
	}
	return nil
}

func (c *counter) problem(name string, err error) {
	c.rejected++
	if c.first == nil {
		c.first = fmt.Errorf("%s: %w", filepath.Base(name), err)
	}
}

// A download tells how far it is and that it is alive.
type download struct {
	from  io.Reader
	name  string
	total int64 // -1: not told
	done  int64
	next  int64
	tell  Progress
	alive func()
}

func (d *download) Read(p []byte) (int, error) {
	n, err := d.from.Read(p)
	if n > 0 {
		d.alive()
	}
	d.done += int64(n)
	if d.tell != nil && (d.done >= d.next || errors.Is(err, io.EOF)) {
		d.tell("fetching "+d.name, int(d.done), int(max(d.total, 0)))
		d.next = d.done + max(d.total/200, 1<<20)
	}
	return n, err
}
