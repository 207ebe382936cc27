package decoy

import (
	"context"
	"crypto/rand"
	"io"
	"net"
	"testing"
	"time"
)

// bareAccept is the reference: a loop that accepts, reads what comes and closes.
func bareAccept(b *testing.B) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				io.Copy(io.Discard, c)
			}()
		}
	}()
	return l.Addr().String()
}

func standForBench(b *testing.B, service string) string {
	visits := make(chan Visit, 1024)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	b.Cleanup(stop)
	go func() {
		for range visits {
		}
	}()
	s := NewServer(Config{Limits: Limits{Connections: 4096, PerAddress: 4096}, Now: time.Now, Random: rand.Reader, Visits: visits})
	go s.Serve(ctx, l, Trap{Service: service, MaxVisits: 4096})
	return l.Addr().String()
}

// BenchmarkConnections opens a connection, sends a line, and waits until it is closed.
func BenchmarkConnections(b *testing.B) {
	for _, c := range []struct{ name, text string }{{"bare", "GET / HTTP/1.0\r\n\r\n"}, {"port", "GET / HTTP/1.0\r\n\r\n"}, {"http", "GET / HTTP/1.0\r\n\r\n"}, {"redis", "QUIT\r\n"}, {"ftp", "QUIT\r\n"}} {
		b.Run(c.name, func(b *testing.B) {
			at := ""
			if c.name == "bare" {
				at = bareAccept(b)
			} else {
				at = standForBench(b, c.name)
			}
			b.ReportAllocs()
			for b.Loop() {
				conn, err := net.Dial("tcp", at)
				if err != nil {
					b.Fatal(err)
				}
				io.WriteString(conn, c.text)
				conn.(*net.TCPConn).CloseWrite()
				io.Copy(io.Discard, conn)
				conn.Close()
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "conns/s")
		})
	}
}
