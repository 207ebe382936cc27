package server

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"

	"holdfast/eventstore/outside"
)

// EventsFile says where events are kept and shared beside the data folder. It may hold
// keys, so only its owner may read it.
func (p Place) EventsFile() string { return filepath.Join(p.Data, "events.yaml") }

// eventsPlace is what the file says. A part that is left out is nil.
type eventsPlace struct {
	S3     *s3Part     `yaml:"s3"`
	Stream *streamPart `yaml:"stream"`

	Outside *outside.Settings `yaml:"outside"`
}

// mostEventsFile is how long the file may be, in bytes.
const mostEventsFile = 1 << 20

// readEvents reads the file; without one every part is nil.
func (p Place) readEvents() (eventsPlace, error) {
	var parts eventsPlace
	file := p.EventsFile()
	data, err := readPrivate(file, mostEventsFile)
	if errors.Is(err, fs.ErrNotExist) {
		return parts, nil
	}
	if err != nil {
		return parts, err
	}
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(&parts); err != nil && !errors.Is(err, io.EOF) {
		return parts, fmt.Errorf("%s cannot be read: %w", file, err)
	}
	if parts == (eventsPlace{}) {
		return parts, fmt.Errorf("%s names no store: write s3: with endpoint, bucket, access_key and secret_key, stream: with urls, or outside: with kind and url, or remove the file", file)
	}
	return parts, nil
}

// readPrivate reads a file that nobody else on the machine may read.
func readPrivate(file string, limit int64) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case info.Mode().Perm()&lettersOfOthers != 0:
		return nil, fmt.Errorf("%s holds keys and can be read by others: chmod 600 %s", file, file)
	case info.Size() > limit:
		return nil, fmt.Errorf("%s is longer than %d bytes", file, limit)
	}
	return io.ReadAll(io.LimitReader(f, limit))
}
