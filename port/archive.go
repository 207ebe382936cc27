package port

import (
	"archive/zip"
	"bytes"
	"io"

	"holdfast/kind"
)

// maxFolder bounds what a folder or an archive may hold when it is unpacked, so that
// a small one cannot exhaust the memory.
const maxFolder = 4 * MaxFile

// Unzip opens an archive of files. One that would unpack to too much, or outside of
// its folder, is refused.
func Unzip(name string, data []byte) (*zip.Reader, error) {
	return OpenArchive(name, bytes.NewReader(data), int64(len(data)))
}

// OpenArchive is Unzip for an archive that is not in memory.
func OpenArchive(name string, in io.ReaderAt, size int64) (*zip.Reader, error) {
	files, err := zip.NewReader(in, size)
	if err != nil {
		return nil, kind.Errorf(kind.Invalid, "%s: is not a ZIP archive: %w", name, err)
	}
	return files, checkArchive(name, files)
}

func checkArchive(name string, files *zip.Reader) error {
	if len(files.File) > 2*MaxDocs {
		return kind.Errorf(kind.TooLarge, "%s: holds more than %d files", name, 2*MaxDocs)
	}
	var total uint64
	for _, f := range files.File {
		if err := inside(f.Name); err != nil {
			return err
		}
		if total += f.UncompressedSize64; total > maxFolder || f.UncompressedSize64 > maxFolder {
			return kind.Errorf(kind.TooLarge, "%s: unpacks to more than %d MB", name, maxFolder>>20)
		}
	}
	return nil
}

// A ration is what all files of a folder may hold together.
type ration struct {
	r    io.Reader
	left *int64
}

func (r ration) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if *r.left -= int64(n); *r.left < 0 {
		return 0, kind.Errorf(kind.TooLarge, "the folder holds more than %d MB; apply it in parts", maxFolder>>20)
	}
	return n, err
}
