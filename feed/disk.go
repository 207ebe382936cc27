package feed

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Below the data folder: feed/sources holds the files as they were fetched or put
// there by hand, feed/index what was made of them. The index can always be
// removed; the next Open makes it again.
func sourcesFolder(dir string) string { return filepath.Join(dir, "feed", "sources") }

func indexFile(dir string) string { return filepath.Join(dir, "feed", "index") }

// The file of an index: header, compressed texts, resident part.
const (
	magic         = "HOLDFEED"
	formatVersion = 1
	headerSize    = 64 // magic, version, 4 spare, length of texts, of resident part, SHA-256 of the rest of the header and the resident part
	summedHeader  = 32
)

// errIndex is the cause when the file of an index cannot be used.
var errIndex = errors.New("the stored index cannot be used")

// Open loads the index of a data folder. When its sources have changed or the
// stored index is damaged or of another version, it is made again from the
// sources, and Stats().Notes says so. Without sources the index is empty, which
// is no error.
func Open(dir string) (*Index, error) {
	sources, err := listSources(sourcesFolder(dir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("feed: %w", err)
	}
	stored, err := readIndex(indexFile(dir))
	if err == nil && sameSources(stored.stats.Sources, sources) {
		return stored, nil
	}
	if len(sources) == 0 {
		_ = stored.Close()
		return emptyIndex("there are no advisory sources yet: fetch them, or put an OSV export into " + sourcesFolder(dir))
	}
	note := "the advisory sources have changed: the index was made again"
	if errors.Is(err, errIndex) {
		note = err.Error() + ": it was made again from the sources"
	}
	x, err := reopen(dir, sources)
	switch {
	case err == nil:
		_ = stored.Close()
	case stored != nil:
		x, note = stored, "the advisory sources have changed but could not be read, the old index is used: "+err.Error()
	default:
		return nil, fmt.Errorf("feed: %w", err)
	}
	x.stats.Notes = append(x.stats.Notes, note)
	return x, nil
}

// reopen makes the index again; where it cannot be stored it is kept in memory.
func reopen(dir string, sources []SourceStats) (*Index, error) {
	err := storeIndex(context.Background(), dir, sources, nil)
	if err == nil {
		return readIndex(indexFile(dir))
	}
	if errors.Is(err, ErrArchive) || errors.Is(err, errTooBig) {
		return nil, err // memory would not help
	}
	x, loadErr := Load(context.Background(), sourcesFolder(dir), nil)
	if loadErr != nil {
		return nil, errors.Join(err, loadErr)
	}
	x.stats.Notes = append(x.stats.Notes, "the index could not be stored and is kept in memory: "+err.Error())
	return x, nil
}

func sameSources(a, b []SourceStats) bool {
	return slices.EqualFunc(a, b, func(x, y SourceStats) bool {
		return x.Name == y.Name && x.Bytes == y.Bytes && x.Modified.Equal(y.Modified)
	})
}

func emptyIndex(note string) (*Index, error) {
	b, err := newBuilder(io.Discard)
	if err != nil {
		return nil, err
	}
	resident, err := b.finish(nil, unixTime(0))
	if err != nil {
		return nil, err
	}
	x, err := newIndex(asString(resident), nil, nil)
	if err == nil {
		x.stats.Notes = append(x.stats.Notes, note)
	}
	return x, err
}

// storeIndex builds the index of a data folder and puts it in the place of the
// old one in one step; on an error the old one stays.
func storeIndex(ctx context.Context, dir string, sources []SourceStats, tell Progress) error {
	return replaceFile(indexFile(dir), func(f *os.File) error {
		if _, err := f.Write(make([]byte, headerSize)); err != nil {
			return err
		}
		resident, err := build(ctx, []string{sourcesFolder(dir)}, sources, f, usual, tell)
		if err != nil {
			return err
		}
		end, err := f.Seek(0, io.SeekCurrent)
		if err != nil {
			return err
		}
		if _, err := f.Write(resident); err != nil {
			return err
		}
		_, err = f.WriteAt(header(uint64(end-headerSize), resident), 0)
		return err
	})
}

func header(texts uint64, resident []byte) []byte {
	h := make([]byte, 0, headerSize)
	h = append(h, magic...)
	h = binary.LittleEndian.AppendUint32(h, formatVersion)
	h = binary.LittleEndian.AppendUint32(h, 0)
	h = binary.LittleEndian.AppendUint64(h, texts)
	h = binary.LittleEndian.AppendUint64(h, uint64(len(resident)))
	return append(h, checksum(h, resident)...)
}

func checksum(header, resident []byte) []byte {
	sum := sha256.New()
	sum.Write(header[:summedHeader])
	sum.Write(resident)
	return sum.Sum(nil)
}

// readIndex loads a stored index. The error wraps errIndex when there is a file
// but it cannot be used.
func readIndex(name string) (*Index, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	x, err := readIndexFile(f)
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("%w (%s: %w)", errIndex, name, err)
	}
	return x, nil
}

func readIndexFile(f *os.File) (*Index, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	h := make([]byte, headerSize)
	if _, err := io.ReadFull(f, h); err != nil {
		return nil, err
	}
	if string(h[:len(magic)]) != magic {
		return nil, errors.New("it is no index")
	}
	if v := binary.LittleEndian.Uint32(h[8:]); v != formatVersion {
		return nil, fmt.Errorf("it has format %d, this program reads %d", v, formatVersion)
	}
	texts, size := binary.LittleEndian.Uint64(h[16:]), binary.LittleEndian.Uint64(h[24:])
	whole := uint64(info.Size())
	if texts > whole || size > whole || headerSize+texts+size != whole {
		return nil, errors.New("its length is wrong")
	}
	resident := make([]byte, size)
	if _, err := f.ReadAt(resident, int64(headerSize+texts)); err != nil {
		return nil, err
	}
	if string(checksum(h, resident)) != string(h[summedHeader:]) {
		return nil, errors.New("its checksum is wrong")
	}
	return newIndex(asString(resident), io.NewSectionReader(f, headerSize, int64(texts)), f.Close)
}

// replaceFile writes a file beside its place, brings it to the disk and moves it
// there. When write fails, nothing has changed.
func replaceFile(name string, write func(*os.File) error) (err error) {
	folder := filepath.Dir(name)
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return err
	}
	f, err := os.CreateTemp(folder, ".new-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if err := write(f); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return err
	}
	return syncFolder(folder)
}

func syncFolder(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
