package server

import (
	"context"
	"path"
	"time"

	"holdfast/eventstore"
	"holdfast/eventstore/remote"
	"holdfast/kind"
)

// s3Part says where segments of events are kept, when not in the data folder.
type s3Part struct {
	Endpoint  string `yaml:"endpoint"`
	Bucket    string `yaml:"bucket"`
	Prefix    string `yaml:"prefix"`
	Region    string `yaml:"region"`
	AccessKey string `yaml:"access_key"`
	SecretKey string `yaml:"secret_key"`
	Insecure  bool   `yaml:"insecure"`
}

// bucketPatience is how long a bucket may take to answer when a store is opened.
const bucketPatience = 20 * time.Second

// segmentShelf is where the segments of a workspace are kept; nil: in its folder.
func (l *Local) segmentShelf(workspace string) (eventstore.Shelf, error) {
	parts, err := l.Place.readEvents()
	if err != nil || parts.S3 == nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), bucketPatience)
	defer cancel()
	return remote.NewS3(ctx, remote.S3{
		Endpoint: parts.S3.Endpoint, Bucket: parts.S3.Bucket, Prefix: path.Join(parts.S3.Prefix, kind.Slug(workspace)), Region: parts.S3.Region,
		AccessKey: parts.S3.AccessKey, SecretKey: parts.S3.SecretKey, Insecure: parts.S3.Insecure,
	})
}
