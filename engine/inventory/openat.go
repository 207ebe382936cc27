package inventory

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"

	"holdfast/engine"
)

// A randomFile can be read at any place.
type randomFile interface {
	io.ReaderAt
	io.Closer
}

// openAt opens a file of at most limit bytes for reading at any place. A file
// system that cannot do that has the file read into memory.
func openAt(fsys fs.FS, name string, limit int64) (randomFile, int64, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("it is not a regular file")
	}
	if err == nil && info.Size() > limit {
		err = fmt.Errorf("%w of %d MB", engine.ErrTooLarge, limit>>20)
	}
	if err != nil {
		_ = f.Close()
		return nil, 0, err
	}
	if r, ok := f.(randomFile); ok {
		return r, info.Size(), nil
	}
	defer f.Close()
	data, err := engine.ReadAllLimited(f, name, limit)
	if err != nil {
		return nil, 0, err
	}
	return memoryFile{bytes.NewReader(data)}, int64(len(data)), nil
}

type memoryFile struct{ *bytes.Reader }

func (memoryFile) Close() error { return nil }
