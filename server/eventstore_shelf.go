package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"time"

	"go.yaml.in/yaml/v3"

	"holdfast/eventstore"
	"holdfast/eventstore/remote"
	"holdfast/kind"
)

// SegmentsFile says where segments of events are kept, when not in the data folder. It
// holds the keys of the store, so only its owner may read it.
func (p Place) SegmentsFile() string { return filepath.Join(p.Data, "events.yaml") }

// segmentPlace is what the file says.
type segmentPlace struct {
	S3 *struct {
		Endpoint  string `yaml:"endpoint"`
		Bucket    string `yaml:"bucket"`
		Prefix    string `yaml:"prefix"`
		Region    string `yaml:"region"`
		AccessKey string `yaml:"access_key"`
		SecretKey string `yaml:"secret_key"`
		Insecure  bool   `yaml:"insecure"`
	} `yaml:"s3"`
}

// bucketPatience is how long a bucket may take to answer when a store is opened.
const bucketPatience = 20 * time.Second

// segmentShelf is where the segments of a workspace are kept; nil: in its folder.
func (l *Local) segmentShelf(workspace string) (eventstore.Shelf, error) {
	file := l.Place.SegmentsFile()
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // without the file segments lie in the data folder
	}
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(file); err == nil && info.Mode().Perm()&lettersOfOthers != 0 {
		return nil, fmt.Errorf("%s holds keys and can be read by others: chmod 600 %s", file, file)
	}
	var p segmentPlace
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(&p); err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", file, err)
	}
	if p.S3 == nil {
		return nil, fmt.Errorf("%s names no store: write s3: with endpoint, bucket, access_key and secret_key, or remove the file", file)
	}
	ctx, cancel := context.WithTimeout(context.Background(), bucketPatience)
	defer cancel()
	return remote.NewS3(ctx, remote.S3{
		Endpoint: p.S3.Endpoint, Bucket: p.S3.Bucket, Prefix: path.Join(p.S3.Prefix, kind.Slug(workspace)), Region: p.S3.Region,
		AccessKey: p.S3.AccessKey, SecretKey: p.S3.SecretKey, Insecure: p.S3.Insecure,
	})
}
