//go:build linux

package intake

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"holdfast/keep"
	"holdfast/testkit/clients"
)

// newKeptKilling is newKilling with a keeper, which holds the sockets of the child and starts
// it again.
func newKeptKilling(t *testing.T, edit func(*keep.Keeper)) *killing {
	t.Helper()
	k := &killing{T: t, dir: t.TempDir(), ports: []string{freePort(t), freePort(t)}}
	ctx, stop := context.WithCancel(context.Background())
	keeper := keep.Keeper{Program: os.Args[0], Args: os.Args[:1], Now: time.Now, Log: slog.New(slog.DiscardHandler),
		Env: append(os.Environ(), childDir+"="+k.dir, childPorts+"="+strings.Join(k.ports, " "))}
	if edit != nil {
		edit(&keeper)
	}
	over := make(chan error, 1)
	go func() { over <- keeper.Run(ctx) }()
	k.finish = func() {
		stop()
		<-over
		over <- nil
	}
	t.Cleanup(func() { stop(); <-over })
	k.wait("the child", func() bool { return k.pid() > 0 })
	k.again = func() {
		before := k.pid()
		_ = syscall.Kill(before, syscall.SIGKILL)
		k.wait("another child", func() bool { now := k.pid(); return now > 0 && now != before })
	}
	return k
}

// pid is the process that serves; 0 while none does.
func (k *killing) pid() int {
	text, err := os.ReadFile(filepath.Join(k.dir, "pid"))
	if err != nil {
		return 0
	}
	n, _ := strconv.Atoi(string(text))
	return n
}

func (k *killing) eachOnce(n int, what string) {
	k.Helper()
	missing, twice := tally(k.settle(), n)
	k.Logf("%d messages of %s over plain TCP with a keeper, killed twice: %d missing, %d there twice", n, what, missing, twice)
	if missing > 0 || twice > 0 {
		k.Errorf("%d messages are missing, %d are there more than once", missing, twice)
	}
}

func TestEveryMessageOfRsyslogOverPlainTCPIsThereOnceWhereSocketsAreKept(t *testing.T) {
	clients.Need(t, "rsyslog", "rsyslogd")
	for _, framing := range []string{"octet-counted", "traditional"} {
		t.Run(framing, func(t *testing.T) {
			t.Parallel()
			n := messages(t)
			k := newKeptKilling(t, nil)
			k.rsyslog(`action(type="omfwd" target="127.0.0.1" port="`+k.ports[1]+`" protocol="tcp" TCP_Framing="`+framing+`" template="RSYSLOG_SyslogProtocol23Format"
  queue.type="LinkedList" queue.size="300000" queue.dequeueBatchSize="`+strconv.Itoa(batch)+`" action.resumeRetryCount="-1" action.resumeInterval="1")
`, n)
			k.killTwice(int64(n) * lineBytes / 2)
			k.eachOnce(n, "rsyslog ("+framing+")")
		})
	}
}

func TestEveryMessageOfLoggerOverPlainTCPIsThereOnceWhereSocketsAreKept(t *testing.T) {
	t.Parallel()
	path := clients.Need(t, "bsdutils", "logger")
	n := messages(t)
	k := newKeptKilling(t, nil)
	numbered(t, filepath.Join(k.dir, "numbered"), n)
	over := k.logger(path, "--octet-count")
	k.killTwice(int64(n) * lineBytes / 3)
	over()
	k.eachOnce(n, "logger")
}

func TestAKillBetweenTheDurableWriteAndTakingItFromTheKernelDoublesNothing(t *testing.T) {
	t.Parallel()
	// Each child dies in that very instant, at its second write.
	k := newKeptKilling(t, func(k *keep.Keeper) { k.Env = append(k.Env, childDies+"=2") })
	c, err := net.Dial("tcp", "127.0.0.1:"+k.ports[1])
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	n, begun := 0, ""
	for range 3 {
		before := k.pid()
		k.wait("the child to die", func() bool {
			if _, err := fmt.Fprintf(c, "%snumber %d\n<13>", begun, n); err != nil {
				t.Fatal(err)
			}
			n++
			begun = "a message that had begun, "
			time.Sleep(50 * time.Millisecond)
			now := k.pid()
			return now > 0 && now != before
		})
	}
	missing, twice := tally(k.settle(), n)
	if missing > 0 || twice > 0 {
		t.Errorf("%d messages are missing, %d are there more than once", missing, twice)
	}
}

func (k *killing) dial() net.Conn {
	k.Helper()
	c, err := net.Dial("tcp", "127.0.0.1:"+k.ports[1])
	if err != nil {
		k.Fatal(err)
	}
	k.Cleanup(func() { _ = c.Close() })
	return c
}

func (k *killing) say(c net.Conn, text string) {
	k.Helper()
	_ = c.SetWriteDeadline(time.Now().Add(20 * time.Second))
	if _, err := c.Write([]byte(text)); err != nil {
		k.Fatal(err)
	}
}

// ends stops the child properly when it has kept so much, and wants these lines, shortened,
// in any order.
func (k *killing) ends(bytes int64, want ...string) {
	k.Helper()
	k.wait("everything to be kept", func() bool { return k.size() >= bytes })
	time.Sleep(100 * time.Millisecond) // for what must not come
	k.finish()
	got := shorten(k.lines())
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		k.Fatalf("kept %q\nwant %q", got, want)
	}
}

func TestLongMessagesThatHaveBegunGoOnAfterAKill(t *testing.T) {
	t.Parallel()
	k := newKeptKilling(t, nil)
	long, tooLong := strings.Repeat("a", room-4), strings.Repeat("b", 3<<20)
	lines, counts := k.dial(), k.dial()
	// A connection is kept once something of it is; before, in the instant after it was
	// accepted, a kill ends it.
	none := k.size()
	k.say(lines, "<13>hello\n")
	k.wait("the first to be kept", func() bool { return k.size() >= none+int64(len("<13>hello")) })
	one := k.size()
	k.say(counts, "10 <13>hello!")
	k.wait("the second to be kept", func() bool { return k.size() >= one+int64(len("<13>hello!")) })
	k.say(lines, "<13>"+long[:len(long)/2])
	k.say(counts, fmt.Sprintf("%d <13>%s", len(long)+4, long[:len(long)/3]))
	k.again()
	k.say(lines, long[len(long)/2:]+"\n<13>"+tooLong[:2<<20])
	k.say(counts, long[len(long)/3:]+fmt.Sprintf("%d <13>%s", len(tooLong)+4, tooLong[:2<<20]))
	k.wait("the beginnings to be kept", func() bool { return k.size() > 4*room })
	k.again()
	k.say(lines, tooLong[2<<20:]+"\n<13>the next\n")
	k.say(counts, tooLong[2<<20:]+"12 <13>the last")
	begins := func(c string) string { return "<13>" + strings.Repeat(c, 76) }
	k.ends(4*room+20, "<13>hello", "<13>hello!", begins("a"), begins("a"), begins("b"), begins("b"), "<13>the next", "<13>the last")
}

func TestWhoComesWhileTheProcessIsAwayIsHeardAfterwards(t *testing.T) {
	t.Parallel()
	k := newKeptKilling(t, func(k *keep.Keeper) { k.First = time.Second })
	stays := k.dial()
	none := k.size()
	k.say(stays, "<13>one\n<13>tw")
	k.wait("the first", func() bool { return k.size() >= none+int64(len("<13>one")) })
	dead := k.pid()
	_ = syscall.Kill(dead, syscall.SIGKILL)
	k.wait("nobody to be there", func() bool { return syscall.Kill(dead, 0) != nil })
	comes, leaves := k.dial(), k.dial()
	k.say(comes, "<13>three\n")
	k.say(leaves, "<13>four\n<13>five, without an end")
	_ = leaves.Close()
	k.say(stays, "o\n")
	if k.pid() != dead {
		t.Fatal("the next process was there too early for this test")
	}
	k.wait("another child", func() bool { now := k.pid(); return now > 0 && now != dead })
	k.ends(0, "<13>one", "<13>two", "<13>three", "<13>four", "<13>five, without an end")
}

func TestMoreConnectionsThanAreKeptAreServedAsWithoutAKeeper(t *testing.T) {
	t.Parallel()
	k := newKeptKilling(t, func(k *keep.Keeper) { k.Sockets = 3 }) // two of them listen
	first, second := k.dial(), k.dial()
	k.say(first, "<13>one\n")
	time.Sleep(200 * time.Millisecond)
	k.say(second, "<13>two\n")
	k.wait("both", func() bool { return k.size() > 150 })
	time.Sleep(200 * time.Millisecond)
	k.again()
	_ = second.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, err := second.Read(make([]byte, 1)); err == nil || isTimeout(err) {
		t.Errorf("the connection that was not kept lives on: %v", err)
	}
	k.say(first, "<13>three\n")
	k.ends(200, "<13>one", "<13>two", "<13>three")
}
