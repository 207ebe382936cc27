package eventstore_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"holdfast/engine/event"
	"holdfast/eventstore"
	"holdfast/eventstore/sample"
)

// sizes of the measurements; -short leaves out the large ones. 3 000 000 lines are
// measured when HOLDFAST_BENCH_LARGE is set.
func sizes() []int {
	switch {
	case testing.Short():
		return []int{10_000}
	case os.Getenv("HOLDFAST_BENCH_LARGE") != "":
		return []int{10_000, 100_000, 1_000_000, 3_000_000}
	}
	return []int{10_000, 100_000, 1_000_000}
}

// rareUser is in one line of all that are measured.
const rareUser = "zbigniew.rare"

// rareAt is where it stands.
func rareAt(n int) int { return n * 2 / 5 }

func benchLines(n int) func(yield func(int, event.Line) bool) {
	return func(yield func(int, event.Line) bool) {
		i := 0
		for l := range sample.Lines(3, n, noon.Add(-24*time.Hour), noon) {
			if i == rareAt(n) {
				l = event.Line{Source: "auth", Received: l.Received, Raw: fmt.Appendf(nil, "<86>1 %s web-1 sshd 77 - - Failed password for %s from 10.20.0.9 port 4711 ssh2", l.Received.Format(time.RFC3339Nano), rareUser)}
			}
			if !yield(i, l) {
				return
			}
			i++
		}
	}
}

// cpu is how long this process has been computing.
func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkIntake measures durable appends: many callers, each with some lines. The
// reference writes the same bytes into a file without a promise.
func BenchmarkIntake(b *testing.B) {
	for _, perCall := range []int{1, 100} {
		b.Run(fmt.Sprintf("callers=64/lines=%d", perCall), func(b *testing.B) {
			var lines []event.Line
			for _, l := range benchLines(10_000) {
				lines = append(lines, l)
			}
			s := open(b, b.TempDir(), eventstore.Config{})
			start := cpu()
			b.ResetTimer()
			var wg sync.WaitGroup
			for caller := range 64 {
				wg.Go(func() {
					for i := caller * perCall; i < b.N; i += 64 * perCall {
						at := i % (len(lines) - perCall)
						if _, err := s.Append(ctx, lines[at:at+min(perCall, b.N-i)]...); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/(cpu()-start).Seconds(), "events/cpu-s")
		})
	}
}

// A filled store with the plain packed text of the same lines beside it.
type filled struct {
	s       *eventstore.Store
	n       int
	text    []byte // packed with zstd
	raw     int
	size    int64
	sealing time.Duration // of the processor
}

func fill(b *testing.B, n int) *filled {
	b.Helper()
	f := &filled{n: n}
	var text bytes.Buffer
	pack, err := zstd.NewWriter(&text)
	must(b, err)
	f.s = open(b, b.TempDir(), eventstore.Config{MaxBacklog: 8 << 30})
	var some []event.Line
	flush := func() {
		_, err := f.s.Append(ctx, some...)
		must(b, err)
		some = nil
		start := cpu()
		must(b, f.s.Seal(false))
		f.sealing += cpu() - start
	}
	for _, l := range benchLines(n) {
		f.raw += len(l.Raw) + 1
		_, err := pack.Write(append(l.Raw, '\n'))
		must(b, err)
		if some = append(some, l); len(some) == 10_000 {
			flush()
		}
	}
	flush()
	start := cpu()
	must(b, f.s.Seal(true))
	f.sealing += cpu() - start
	must(b, pack.Close())
	f.text = text.Bytes()
	for _, i := range f.s.Segments() {
		f.size += i.Size
	}
	return f
}

// scan is the reference: the packed text, read from the start to the end.
func (f *filled) scan(b *testing.B, want string) int {
	b.Helper()
	r, err := zstd.NewReader(bytes.NewReader(f.text))
	must(b, err)
	defer r.Close()
	text, err := io.ReadAll(r)
	must(b, err)
	return bytes.Count(text, []byte(want))
}

// BenchmarkSearch measures what is on disk and how fast it is found, beside a scan of
// the packed text in the same run.
func BenchmarkSearch(b *testing.B) {
	for _, n := range sizes() {
		b.Run(fmt.Sprintf("events=%d", n), func(b *testing.B) {
			f := fill(b, n)
			b.Run("size", func(b *testing.B) {
				b.ReportMetric(float64(f.size)/float64(len(f.text)), "of-zstd")
				b.ReportMetric(float64(f.size)/float64(f.raw), "of-raw")
				b.ReportMetric(float64(n)/f.sealing.Seconds(), "sealed/cpu-s")
				b.ReportMetric(0, "ns/op")
			})
			b.Run("reference/scan", func(b *testing.B) {
				for b.Loop() {
					if f.scan(b, rareUser) != 1 {
						b.Fatal("not found")
					}
				}
			})
			for _, q := range []struct{ name, text string }{
				{"rare-user", "user:" + rareUser}, {"rare-absent", "host:nosuchhost"}, {"common-status", "status:failure"},
				{"network", "src:203.0.113.0/24"}, {"rare-text", `"` + rareUser + `"`}, {"common-text", `"failed password"`}, {"all", ""},
			} {
				b.Run(q.name, func(b *testing.B) { f.measure(b, q.text) })
			}
		})
	}
}

func (f *filled) measure(b *testing.B, text string) {
	q, err := eventstore.ParseQuery(text, noon)
	must(b, err)
	q.Buckets = 60
	var took []time.Duration
	for b.Loop() {
		start := time.Now()
		r, err := f.s.Search(ctx, q)
		must(b, err)
		took = append(took, time.Since(start))
		if strings.Contains(text, rareUser) && r.Total != 1 || text == "" && r.Total != f.n {
			b.Fatalf("%d found", r.Total)
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1_000, "ms-median")
}
