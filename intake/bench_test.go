//go:build unix

package intake

import (
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"holdfast/eventstore"
)

// cpu is how long this process has used the processors.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func heard(b *testing.B) (*Intake, *eventstore.Store) {
	b.Helper()
	store, err := eventstore.Open(filepath.Join(b.TempDir(), "events"), eventstore.Config{Now: time.Now})
	if err != nil {
		b.Fatal(err)
	}
	in, err := New(Config{Now: time.Now, Store: func(string) (Store, error) { return realStore{Store: store}, nil }})
	if err != nil {
		b.Fatal(err)
	}
	in.Use([]Source{{ID: "tcp", Transport: TCP, At: "127.0.0.1:0"}, {ID: "http", Transport: HTTP}})
	b.Cleanup(func() {
		in.Close()
		_ = store.Close()
	})
	return in, store
}

// sizes of messages: a short one, the usual one, a Windows event, a page.
var sizes = []int{100, 200, 1000, 4000}

func messageOf(size int) string {
	const head = "<38>Mar  4 10:00:00 bastion sshd[811]: Failed password for invalid user admin from 203.0.113.7 port 50122 ssh2 "
	return (head + strings.Repeat("x", size))[:size-1] + "\n"
}

// BenchmarkDurableTCP sends syslog over TCP; the sender runs in the same process, and
// its share of the processors counts too.
func BenchmarkDurableTCP(b *testing.B) {
	for _, size := range sizes {
		b.Run(fmt.Sprintf("%d bytes", size), func(b *testing.B) {
			in, store := heard(b)
			sendTCP(b, in, store, size)
		})
	}
}

// sendTCP sends messages of the size until b.N are durable.
func sendTCP(b *testing.B, in *Intake, store *eventstore.Store, size int) {
	b.Helper()
	c, err := net.Dial("tcp", in.Listens("tcp"))
	if err != nil {
		b.Fatal(err)
	}
	block := []byte(strings.Repeat(messageOf(size), max(1, 64<<10/size)))
	b.ReportAllocs()
	b.ResetTimer()
	used := cpu()
	for sent := 0; sent < b.N; {
		n := min(b.N-sent, len(block)/size)
		if _, err := c.Write(block[:n*size]); err != nil {
			b.Fatal(err)
		}
		sent += n
	}
	for int(store.Last()) < b.N {
		time.Sleep(time.Millisecond)
	}
	b.ReportMetric(float64(b.N)/(cpu()-used).Seconds(), "events/cpu-s")
}

// BenchmarkDurablePost hands bodies of about a megabyte over, as a post does.
func BenchmarkDurablePost(b *testing.B) {
	for _, size := range sizes {
		b.Run(fmt.Sprintf("%d bytes", size), func(b *testing.B) {
			in, _ := heard(b)
			per := max(1, 1<<20/size)
			body := []byte(strings.Repeat(messageOf(size), per))
			b.ReportAllocs()
			b.ResetTimer()
			used := cpu()
			for sent := 0; sent < b.N; {
				n := min(b.N-sent, per)
				if _, _, err := in.Take(b.Context(), Post{Source: "http", Body: body[:n*size]}); err != nil {
					b.Fatal(err)
				}
				sent += n
			}
			b.ReportMetric(float64(b.N)/(cpu()-used).Seconds(), "events/cpu-s")
		})
	}
}
