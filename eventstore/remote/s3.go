// Package remote keeps the segments of events where several machines reach them.
package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"holdfast/eventstore"
)

// S3 says where segments are kept in a store that speaks the protocol of S3.
type S3 struct {
	Endpoint  string // host and port
	Bucket    string // must be there
	Prefix    string // before the names of segments; a workspace needs one of its own
	Region    string // empty: the store is asked
	AccessKey string
	SecretKey string
	Insecure  bool // http instead of https; for a store on the same machine
}

// patience is how long one request may take.
const patience = 2 * time.Minute

// A bucket is a shelf in S3. An object is there whole or not at all: the protocol sees
// to that.
type bucket struct {
	client       *minio.Client
	name, prefix string
}

// NewS3 returns the shelf, after making sure that the bucket is there.
func NewS3(ctx context.Context, o S3) (eventstore.Shelf, error) {
	client, err := minio.New(o.Endpoint, &minio.Options{Creds: credentials.NewStaticV4(o.AccessKey, o.SecretKey, ""), Secure: !o.Insecure, Region: o.Region})
	if err != nil {
		return nil, fmt.Errorf("the store of segments at %q: %w", o.Endpoint, err)
	}
	there, err := client.BucketExists(ctx, o.Bucket)
	if err != nil {
		return nil, fmt.Errorf("the store of segments at %s does not answer: %w", o.Endpoint, err)
	}
	if !there {
		return nil, fmt.Errorf("there is no bucket %q at %s: make it, readable by nobody else, and encrypted", o.Bucket, o.Endpoint)
	}
	return &bucket{client, o.Bucket, strings.Trim(o.Prefix, "/")}, nil
}

func (b *bucket) object(name string) string { return path.Join(b.prefix, name) }

// Put sends a file and then removes it here.
func (b *bucket) Put(name, file string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*patience)
	defer cancel()
	if _, err := b.client.FPutObject(ctx, b.name, b.object(name), file, minio.PutObjectOptions{ContentType: "application/vnd.apache.parquet"}); err != nil {
		return fmt.Errorf("send segment %s: %w", name, err)
	}
	return os.Remove(file)
}

// Remove removes a segment.
func (b *bucket) Remove(name string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return b.client.RemoveObject(ctx, b.name, b.object(name), minio.RemoveObjectOptions{})
}

// List names all segments.
func (b *bucket) List() ([]string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	prefix := b.prefix
	if prefix != "" {
		prefix += "/"
	}
	var names []string
	for o := range b.client.ListObjects(ctx, b.name, minio.ListObjectsOptions{Prefix: prefix, Recursive: true}) {
		if o.Err != nil {
			return nil, fmt.Errorf("list the segments: %w", o.Err)
		}
		if name := strings.TrimPrefix(o.Key, prefix); strings.HasSuffix(name, ".parquet") && strings.Count(name, "/") == 1 {
			names = append(names, name)
		}
	}
	return names, nil
}

// Open opens a segment for reading.
func (b *bucket) Open(name string) (eventstore.ShelfFile, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	info, err := b.client.StatObject(ctx, b.name, b.object(name), minio.StatObjectOptions{})
	if err != nil {
		return nil, err
	}
	return &object{bucket: b, key: b.object(name), size: info.Size, pieces: map[int64][]byte{}}, nil
}

// A segment is fetched in pieces, of which the latest are kept: a reader of Parquet asks
// for many small parts that lie side by side.
const (
	piece      = 1 << 20
	mostPieces = 16
)

// An object is a segment that is open.
type object struct {
	bucket *bucket
	key    string
	size   int64

	mu     sync.Mutex
	pieces map[int64][]byte // by number
	order  []int64          // the latest last
}

// Size of the segment in bytes.
func (o *object) Size() int64 { return o.size }

// Close forgets what was fetched.
func (o *object) Close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	clear(o.pieces)
	o.order = nil
	return nil
}

// ReadAt reads from the pieces, fetching those that are missing.
func (o *object) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, errors.New("a read before the start of a segment")
	}
	for n < len(p) && off < o.size {
		data, err := o.piece(off / piece)
		if err != nil {
			return n, err
		}
		c := copy(p[n:], data[off%piece:])
		n, off = n+c, off+int64(c)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (o *object) piece(i int64) ([]byte, error) {
	o.mu.Lock()
	data := o.pieces[i]
	o.mu.Unlock()
	if data != nil {
		return data, nil
	}
	data, err := o.fetch(i*piece, min(piece, o.size-i*piece))
	if err != nil {
		return nil, fmt.Errorf("fetch %s: %w", o.key, err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.pieces[i] == nil {
		o.pieces[i], o.order = data, append(o.order, i)
	}
	if len(o.order) > mostPieces {
		delete(o.pieces, o.order[0])
		o.order = o.order[1:]
	}
	return data, nil
}

func (o *object) fetch(off, size int64) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var opts minio.GetObjectOptions
	if err := opts.SetRange(off, off+size-1); err != nil {
		return nil, err
	}
	body, _, _, err := minio.Core{Client: o.bucket.client}.GetObject(ctx, o.bucket.name, o.key, opts)
	if err != nil {
		return nil, err
	}
	defer body.Close() //nolint:errcheck // it was only read
	data := make([]byte, size)
	if _, err := io.ReadFull(body, data); err != nil {
		return nil, err
	}
	return data, nil
}
