package decoy

import (
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"
)

// settle waits until no more goroutines run than before.
func settle(t *testing.T, before int) {
	t.Helper()
	until(func() bool { return runtime.NumGoroutine() <= before })
	if n := runtime.NumGoroutine(); n > before {
		stacks := make([]byte, 1<<16)
		t.Errorf("%d goroutines, before %d\n%s", n, before, stacks[:runtime.Stack(stacks, true)])
	}
}

func TestEveryVisitorLeavesNoGoroutineBehind(t *testing.T) {
	before := runtime.NumGoroutine()
	for _, service := range serviceNames() {
		t.Run(service, func(t *testing.T) {
			s := stand(t, service, Options{LetIn: 1}, quick)
			for i := range 8 {
				c := s.dial(t)
				io.WriteString(c, garbage[i%len(garbage)])
				if i%2 == 0 {
					c.Close()
				}
			}
			for range 8 {
				s.visit(t)
			}
			if got := s.Stats(); got.Faults != 0 || got.Visits != 8 {
				t.Errorf("%+v", got)
			}
		})
	}
	t.Run("ssh inside", func(t *testing.T) {
		s := stand(t, "ssh", Options{LetIn: 1}, quick)
		c := sshInto(t, s)
		for range 6 { // more than it opens at the same time
			if session, err := c.NewSession(); err == nil {
				session.StdinPipe()
				session.Shell()
			}
		}
		s.visit(t) // ends by itself, though nobody closes anything
	})
	settle(t, before)
}

var garbage = []string{
	"", "\x00", strings.Repeat("\xff", 5000), "GET / HTTP/1.1\r\n\r\n", "SSH-2.0-x\r\n" + strings.Repeat("\x00", 500),
	"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "*2147483647\r\n", "\x03\x00\xff\xff\x0e\xe0", "\x00\x00\xff\xff\xfeSMB", "\r\n\r\n\r\n", "%s%n\x1b[2J\u202e\n",
}

func TestAFloodIsRefusedAndMemoryStaysWhereItIs(t *testing.T) {
	if testing.Short() {
		t.Skip("NOT RUN: takes seconds, because of -short")
	}
	s := stand(t, "ssh", Options{}, Limits{Connections: 64, PerAddress: 64, Phase: 2 * time.Second})
	go func() {
		for range s.visits { // takes everything away
		}
	}()
	load := func(rounds int) uint64 {
		for range rounds {
			for range 100 {
				if c, err := net.Dial("tcp", s.at); err == nil {
					c.Write([]byte(garbage[4]))
					c.Close()
				}
			}
		}
		until(func() bool { return s.Stats().Open <= 0 })
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := load(5)
	after := load(30)
	t.Logf("heap %d KB after 500 connections, %d KB after 3500; %+v", before>>10, after>>10, s.Stats())
	if after > before+4<<20 {
		t.Errorf("the heap grew from %d to %d bytes", before, after)
	}
	if s.Stats().Faults > 0 {
		t.Errorf("%+v", s.Stats())
	}
}

// heaviest is what costs a service the most memory while it waits for more.
var heaviest = map[string]string{
	"port": strings.Repeat("a", 1<<20-1), "redis": "*64\r\n" + strings.Repeat("$4096\r\n"+strings.Repeat("b", 4096)+"\r\n", 63),
	"http": "GET /" + strings.Repeat("a", 60_000), "smb": "\x00\x00\xff\xff" + strings.Repeat("c", 65_000), "telnet": strings.Repeat("d", 100_000),
	"ssh": "SSH-2.0-x\r\n", "https": "\x16\x03\x01\x3f\xff" + strings.Repeat("e", 16_000), "rdp": "\x03\x00\x3f\xff" + strings.Repeat("f", 16_000),
}

func TestAFullHouseFitsIntoTheMemoryThatIsPromised(t *testing.T) {
	if testing.Short() {
		t.Skip("NOT RUN: takes seconds, because of -short")
	}
	for service, text := range heaviest {
		started := runtime.NumGoroutine()
		s := standTrap(t, Trap{Service: service, MaxVisits: 128}, Config{Limits: Limits{PerAddress: 128}})
		runtime.GC()
		var before, full runtime.MemStats
		runtime.ReadMemStats(&before)
		for range 128 {
			c := s.dial(t)
			go c.Write([]byte(text))
		}
		until(func() bool { return s.Stats().Open >= 128 })
		time.Sleep(300 * time.Millisecond)
		runtime.GC()
		runtime.ReadMemStats(&full)
		used := int64(full.HeapInuse+full.StackInuse) - int64(before.HeapInuse+before.StackInuse)
		goroutines := runtime.NumGoroutine() - started
		t.Logf("%s: 128 visitors hold %d KB and %d goroutines", service, used>>10, goroutines)
		if goroutines > 128*5+8 { // the tellers of this test are among them
			t.Errorf("%s: 128 visitors hold %d goroutines", service, goroutines)
		}
		if s.Stats().Open == 128 && used > 32<<20 {
			t.Errorf("%s: 128 visitors hold %d bytes", service, used)
		}
	}
}
