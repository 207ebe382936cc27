package eventstore

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// A Shelf is where segments are kept. Names have one slash: 2026-03-04/….parquet.
type Shelf interface {
	// Put takes over a finished local file, whole or not at all, durable when it
	// returns.
	Put(name, file string) error
	// Open opens a segment for reading.
	Open(name string) (ShelfFile, error)
	// Remove removes a segment; one that is not there is no error.
	Remove(name string) error
	// List names all segments.
	List() ([]string, error)
}

// A ShelfFile is a segment that is open for reading.
type ShelfFile interface {
	io.ReaderAt
	io.Closer
	Size() int64
}

// suffix of segments.
const suffix = ".parquet"

// A diskShelf keeps segments in a folder, one folder for each day.
type diskShelf struct{ dir string }

// DiskShelf keeps segments in a folder, which is where they are unless a store is told
// otherwise.
func DiskShelf(dir string) Shelf { return diskShelf{dir} }

func (d diskShelf) Put(name, file string) error {
	to := filepath.Join(d.dir, filepath.FromSlash(name))
	day := filepath.Dir(to)
	if err := os.MkdirAll(day, 0o700); err != nil {
		return err
	}
	if err := os.Rename(file, to); err != nil {
		return err
	}
	return errors.Join(syncDir(day), syncDir(d.dir))
}

// A diskFile knows its size.
type diskFile struct {
	*os.File
	size int64
}

func (f diskFile) Size() int64 { return f.size }

func (d diskShelf) Open(name string) (ShelfFile, error) {
	f, err := os.Open(filepath.Join(d.dir, filepath.FromSlash(name)))
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return diskFile{f, info.Size()}, nil
}

func (d diskShelf) Remove(name string) error {
	file := filepath.Join(d.dir, filepath.FromSlash(name))
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	_ = os.Remove(filepath.Dir(file)) // the day, when it was the last; otherwise it is not empty
	return nil
}

func (d diskShelf) List() ([]string, error) {
	var names []string
	err := fs.WalkDir(os.DirFS(d.dir), ".", func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && strings.HasSuffix(name, suffix) && path.Dir(name) != "." {
			names = append(names, name)
		}
		return err
	})
	return names, err
}
