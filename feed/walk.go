package feed

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
)

// ErrArchive is the cause when a zip or gzip file is cut short, damaged, or
// unpacks to more than the limits. Nothing of the whole source is used then.
var ErrArchive = errors.New("archive cannot be trusted")

// limits bound what one source may unpack to.
type limits struct {
	member  int64 // bytes of one file
	total   int64 // bytes of all files together
	entries int64 // number of files
	ratio   int64 // unpacked to packed, for files of more than a megabyte
	depth   int   // archives within archives
}

// usual is far above the public data: the largest file is the Debian tracker with
// some 70 MB, the export of all ecosystems holds some 5 GB in half a million files.
var usual = limits{member: 512 << 20, total: 32 << 30, entries: 4_000_000, ratio: 250, depth: 3}

// A file is one file to parse, found in a source.
type file struct {
	name   string
	packed int64 // its share of the source, for progress
	read   func() ([]byte, error)
}

// A walker finds the files of a source, in archives too.
type walker struct {
	limits
	ctx     context.Context
	emit    func(file)
	used    atomic.Int64 // bytes unpacked; files are read by several workers
	entries int64
}

// walk emits the files below a path: a directory, an archive or a single file.
// Only regular files are read, and no link is followed.
func (w *walker) walk(path string) error {
	return filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		if err == nil {
			err = w.ctx.Err()
		}
		if err != nil {
			return err
		}
		if d.IsDir() && name != path && strings.HasPrefix(d.Name(), ".") {
			return filepath.SkipDir
		}
		if !d.Type().IsRegular() {
			return nil
		}
		return w.disk(name, d)
	})
}

func (w *walker) disk(name string, d fs.DirEntry) error {
	info, err := d.Info()
	if err != nil {
		return err
	}
	if !isZip(name) {
		return w.plain(name, info.Size(), 0, func() (io.ReadCloser, error) { return os.Open(name) })
	}
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	// The file stays open until the workers have read all members.
	context.AfterFunc(w.ctx, func() { _ = f.Close() })
	return w.zip(name, f, info.Size(), 0)
}

func isZip(name string) bool { return strings.EqualFold(filepath.Ext(name), ".zip") }

func isGzip(name string) bool { return strings.EqualFold(filepath.Ext(name), ".gz") }

// withoutGzip is the name of what is in a gzip file.
func withoutGzip(name string) string {
	if isGzip(name) {
		return name[:len(name)-len(".gz")]
	}
	return name
}

// zip emits the members of an archive.
func (w *walker) zip(name string, r io.ReaderAt, size int64, depth int) error {
	if depth >= w.depth {
		return fmt.Errorf("%s: %w: more than %d archives within each other", name, ErrArchive, w.depth)
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return fmt.Errorf("%s: %w: %w", name, ErrArchive, err)
	}
	for _, f := range z.File {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		if f.FileInfo().IsDir() {
			continue
		}
		member := name + "/" + f.Name
		packed, unpacked := int64(f.CompressedSize64), int64(f.UncompressedSize64)
		if unpacked > w.member || (unpacked > 1<<20 && unpacked/max(packed, 1) > w.ratio) {
			return fmt.Errorf("%s: %w: %d bytes unpack to %d", member, ErrArchive, packed, unpacked)
		}
		if err := w.archived(member, packed, depth+1, f.Open); err != nil {
			return err
		}
	}
	return nil
}

// archived emits one member of an archive, or walks it when it is one itself.
func (w *walker) archived(name string, packed int64, depth int, open func() (io.ReadCloser, error)) error {
	if isZip(name) {
		return w.nested(name, depth, open)
	}
	return w.plain(name, packed, depth, open)
}

func (w *walker) nested(name string, depth int, open func() (io.ReadCloser, error)) error {
	data, err := w.readAll(name, open)
	if err != nil {
		return err
	}
	return w.zip(name, bytes.NewReader(data), int64(len(data)), depth)
}

// plain emits a file that is no zip; gzip is unpacked when it is read.
func (w *walker) plain(name string, packed int64, depth int, open func() (io.ReadCloser, error)) error {
	if w.entries++; w.entries > w.limits.entries {
		return fmt.Errorf("%s: %w: more than %d files", name, ErrArchive, w.limits.entries)
	}
	if isGzip(name) {
		under := open
		open = func() (io.ReadCloser, error) { return openGzip(packed, w.ratio, under) }
		if isZip(withoutGzip(name)) {
			return w.nested(name, depth, open)
		}
	}
	w.emit(file{name: name, packed: packed, read: func() ([]byte, error) { return w.readAll(name, open) }})
	return nil
}

// readAll reads a file within the limits.
func (w *walker) readAll(name string, open func() (io.ReadCloser, error)) ([]byte, error) {
	r, err := open()
	if err != nil {
		return nil, archiveError(name, err)
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, w.member+1))
	if err != nil {
		return nil, archiveError(name, err)
	}
	if int64(len(data)) > w.member {
		return nil, fmt.Errorf("%s: %w: is larger than %d MB", name, ErrArchive, w.member>>20)
	}
	if w.used.Add(int64(len(data))) > w.total {
		return nil, fmt.Errorf("%s: %w: the source holds more than %d GB", name, ErrArchive, w.total>>30)
	}
	return data, nil
}

// archiveError tells damage of an archive from other failures of reading.
func archiveError(name string, err error) error {
	for _, damage := range []error{zip.ErrFormat, zip.ErrChecksum, zip.ErrAlgorithm, gzip.ErrHeader, gzip.ErrChecksum, io.ErrUnexpectedEOF, errRatio} {
		if errors.Is(err, damage) {
			return fmt.Errorf("%s: %w: %w", name, ErrArchive, err)
		}
	}
	if s := err.Error(); strings.HasPrefix(s, "flate:") {
		return fmt.Errorf("%s: %w: %w", name, ErrArchive, err)
	}
	return fmt.Errorf("%s: %w", name, err)
}

var errRatio = errors.New("unpacks to far more than its size")

// A gzipFile stops when it unpacks to more than the ratio allows.
type gzipFile struct {
	*gzip.Reader
	under io.Closer
	left  int64
}

func openGzip(packed, ratio int64, open func() (io.ReadCloser, error)) (io.ReadCloser, error) {
	under, err := open()
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(under)
	if err != nil {
		_ = under.Close()
		if err == io.EOF { //nolint:errorlint // returned as it is, never wrapped
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	return &gzipFile{z, under, max(1<<20, packed*ratio)}, nil
}

func (g *gzipFile) Read(p []byte) (int, error) {
	n, err := g.Reader.Read(p)
	if g.left -= int64(n); g.left < 0 {
		return n, errRatio
	}
	return n, err
}

func (g *gzipFile) Close() error {
	_ = g.Reader.Close()
	return g.under.Close()
}
