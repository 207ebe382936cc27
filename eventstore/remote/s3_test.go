package remote_test

import (
	"bufio"
	"context"
	"crypto/md5" //nolint:gosec // the protocol asks for it
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"holdfast/engine/event"
	"holdfast/eventstore"
	"holdfast/eventstore/remote"
	"holdfast/eventstore/sample"
)

var (
	ctx  = context.Background()
	noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A bucketServer speaks as much of S3 over HTTP as the shelf needs: it keeps objects in
// memory and believes every signature. It is no stand-in for a real store in anything
// but these calls.
type bucketServer struct {
	mu      sync.Mutex
	objects map[string][]byte
	broken  bool
	gets    int
}

func (s *bucketServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken {
		http.Error(w, "no", http.StatusForbidden)
		return
	}
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch {
	case bucket != "events":
		w.WriteHeader(http.StatusNotFound)
	case key == "" && r.URL.Query().Has("location"):
		_, _ = io.WriteString(w, `<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"></LocationConstraint>`)
	case key == "" && r.Method == http.MethodGet:
		s.list(w, r.URL.Query().Get("prefix"))
	case key == "":
	case r.Method == http.MethodPut:
		data, err := unchunked(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		s.objects[key] = data
		w.Header().Set("ETag", etag(data))
	case r.Method == http.MethodDelete:
		delete(s.objects, key)
		w.WriteHeader(http.StatusNoContent)
	default:
		data, there := s.objects[key]
		if !there {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		if r.Method == http.MethodGet {
			s.gets++
		}
		w.Header().Set("ETag", etag(data))
		http.ServeContent(w, r, "", noon, strings.NewReader(string(data)))
	}
}

func etag(data []byte) string {
	sum := md5.Sum(data) //nolint:gosec // the protocol asks for it
	return `"` + hex.EncodeToString(sum[:]) + `"`
}

// unchunked reads a body in signed chunks: a length in hexadecimal, a signature, data.
func unchunked(r *http.Request) ([]byte, error) {
	if !strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
		return io.ReadAll(r.Body)
	}
	in := bufio.NewReader(r.Body)
	var data []byte
	for {
		head, err := in.ReadString('\n')
		if err != nil {
			return nil, err
		}
		length, _, _ := strings.Cut(strings.TrimSpace(head), ";")
		n, err := strconv.ParseInt(length, 16, 32)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			return data, nil
		}
		part := make([]byte, n+2)
		if _, err := io.ReadFull(in, part); err != nil {
			return nil, err
		}
		data = append(data, part[:n]...)
	}
}

func (s *bucketServer) list(w http.ResponseWriter, prefix string) {
	type content struct {
		Key, LastModified, ETag, StorageClass string
		Size                                  int
	}
	var out struct {
		XMLName  xml.Name `xml:"ListBucketResult"`
		Name     string
		Prefix   string
		KeyCount int
		Contents []content
	}
	out.Name, out.Prefix = "events", prefix
	for key, data := range s.objects {
		if strings.HasPrefix(key, prefix) {
			out.Contents = append(out.Contents, content{Key: key, LastModified: noon.Format(time.RFC3339), ETag: etag(data), Size: len(data)})
		}
	}
	out.KeyCount = len(out.Contents)
	w.Header().Set("Content-Type", "application/xml")
	_ = xml.NewEncoder(w).Encode(out)
}

func shelf(t *testing.T) (*bucketServer, eventstore.Shelf) {
	t.Helper()
	s := &bucketServer{objects: map[string][]byte{}}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	sh, err := remote.NewS3(ctx, remote.S3{Endpoint: strings.TrimPrefix(srv.URL, "http://"), Bucket: "events", Prefix: "/ws1/", Region: "us-east-1", AccessKey: "a", SecretKey: "b", Insecure: true})
	must(t, err)
	return s, sh
}

func TestSegmentsInABucketAreSearchedLikeThoseOnDisk(t *testing.T) {
	server, sh := shelf(t)
	dir := t.TempDir()
	open := func() *eventstore.Store {
		s, err := eventstore.Open(dir, eventstore.Config{Now: func() time.Time { return noon }, Shelf: sh})
		must(t, err)
		t.Cleanup(func() { _ = s.Close() })
		return s
	}
	s := open()
	var lines []event.Line
	for l := range sample.Lines(1, 3_000, noon.Add(-24*time.Hour), noon) {
		lines = append(lines, l)
	}
	for i, part := range [][]event.Line{lines[:1_000], lines[1_000:2_000], lines[2_000:]} {
		last, err := s.Append(ctx, part...)
		if err != nil || int(last) != (i+1)*1_000 {
			t.Fatalf("%d, %v", last, err)
		}
		must(t, s.Seal(true))
	}
	for key := range server.objects {
		if !strings.HasPrefix(key, "ws1/2026-03-0") {
			t.Errorf("an object lies at %s", key)
		}
	}
	must(t, s.Close())
	s = open()
	r, err := s.Search(ctx, eventstore.Query{Terms: []eventstore.Term{{Op: eventstore.Contains, Value: "failed password"}}, Limit: 5})
	must(t, err)
	want := 0
	for _, l := range lines {
		if strings.Contains(strings.ToLower(string(l.Raw)), "failed password") {
			want++
		}
	}
	if r.Total != want || len(r.Hits) != 5 {
		t.Errorf("%d found, there are %d", r.Total, want)
	}
	before := len(server.objects)
	n, err := s.Merge(ctx)
	must(t, err)
	if n == 0 || len(server.objects) >= before {
		t.Errorf("%d merged, %d objects before, %d after", n, before, len(server.objects))
	}
	wrong, err := s.Verify(ctx)
	if err != nil || len(wrong) > 0 {
		t.Errorf("%v, %v", wrong, err)
	}
	if r, err := s.Search(ctx, eventstore.Query{}); err != nil || r.Total != 3_000 {
		t.Errorf("%d found, %v", r.Total, err)
	}
}

func TestALargeObjectIsFetchedInFewPieces(t *testing.T) {
	server, sh := shelf(t)
	server.objects["ws1/2026-03-04/x.parquet"] = []byte(strings.Repeat("0123456789", 300_000))
	f, err := sh.Open("2026-03-04/x.parquet")
	must(t, err)
	if f.Size() != 3_000_000 {
		t.Errorf("size %d", f.Size())
	}
	buf := make([]byte, 10)
	for off := int64(0); off < 3_000_000; off += 1_000 {
		if _, err := f.ReadAt(buf, off); err != nil || string(buf) != "0123456789" {
			t.Fatalf("at %d: %q, %v", off, buf, err)
		}
	}
	if n, err := f.ReadAt(buf, 2_999_995); n != 5 || err != io.EOF { //nolint:errorlint // the contract of ReaderAt
		t.Errorf("at the end: %d, %v", n, err)
	}
	if server.gets != 3 {
		t.Errorf("%d requests", server.gets)
	}
	must(t, f.Close())
}

func TestAStoreThatRefusesLosesNothing(t *testing.T) {
	server, sh := shelf(t)
	s, err := eventstore.Open(t.TempDir(), eventstore.Config{Now: func() time.Time { return noon }, Shelf: sh})
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	for i := range 10 {
		_, err := s.Append(ctx, event.Line{Received: noon, Raw: fmt.Appendf(nil, "line %d", i)})
		must(t, err)
	}
	server.broken = true
	if err := s.Seal(true); err == nil {
		t.Error("a segment is said to be kept, though the store refused it")
	}
	if r, err := s.Search(ctx, eventstore.Query{}); err != nil || r.Total != 10 {
		t.Errorf("%d found, %v", r.Total, err)
	}
	server.broken = false
	must(t, s.Seal(true))
	if r, err := s.Search(ctx, eventstore.Query{}); err != nil || r.Total != 10 || len(s.Segments()) != 1 {
		t.Errorf("%d found in %d segments, %v", r.Total, len(s.Segments()), err)
	}
	if _, err := remote.NewS3(ctx, remote.S3{Endpoint: "127.0.0.1:1", Bucket: "events", Insecure: true}); err == nil {
		t.Error("a store that does not answer is taken")
	}
}
