//go:build unix

package intake

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"holdfast/engine/event"
	"holdfast/eventstore"
	"holdfast/keep"
	"holdfast/testkit/clients"
)

// The child is this very test program, which serves an intake above a real event store
// until it is killed.
const (
	childDir   = "HOLDFAST_INTAKE_CHILD"
	childPorts = "HOLDFAST_INTAKE_PORTS"
	childDies  = "HOLDFAST_INTAKE_DIES" // after so many writes, between the write and what follows it
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := serveChild(dir, strings.Fields(os.Getenv(childPorts))); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// realStore joins an intake with the event store, as the server does.
type realStore struct {
	*eventstore.Store
	dies *atomic.Int64 // nil: never
}

func (s realStore) Append(ctx context.Context, lines ...event.Line) error {
	_, err := s.Store.Append(ctx, lines...)
	return err
}

func (s realStore) AppendOnce(ctx context.Context, key Key, lines ...event.Line) error {
	_, err := s.Store.AppendOnce(ctx, eventstore.Key{Name: key.Name, Value: key.Value}, lines...)
	if s.dies != nil && s.dies.Add(-1) == 0 {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}
	return err
}

func serveChild(dir string, ports []string) error {
	sockets := keep.FromEnvironment(time.Now)
	store, err := eventstore.Open(filepath.Join(dir, "events"), eventstore.Config{Now: time.Now})
	if err != nil {
		return err
	}
	var dies *atomic.Int64
	if n, err := strconv.ParseInt(os.Getenv(childDies), 10, 64); err == nil {
		dies = new(atomic.Int64)
		dies.Store(n)
	}
	in, err := New(Config{Now: time.Now, Store: func(string) (Store, error) { return realStore{store, dies}, nil }, Roots: []string{dir}, Keep: sockets})
	if err != nil {
		return err
	}
	in.Use([]Source{
		{ID: "relp", Transport: RELP, At: "127.0.0.1:" + ports[0]},
		{ID: "tcp", Transport: TCP, At: "127.0.0.1:" + ports[1]},
		{ID: "file", Transport: File, At: filepath.Join(dir, "app.log")},
	})
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	if err := os.WriteFile(filepath.Join(dir, "pid"), []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
		return err
	}
	sockets.Ready()
	<-stop
	sockets.Stopping()
	in.Close()
	return store.Close()
}

// A killing is a child that is killed and started again, and what it kept.
type killing struct {
	*testing.T
	dir   string
	ports []string
	child *exec.Cmd

	again  func() // kills it and starts it
	finish func() // stops it properly
}

// freePort asks the system for a port that nobody uses.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

func newKilling(t *testing.T) *killing {
	t.Helper()
	k := &killing{T: t, dir: t.TempDir(), ports: []string{freePort(t), freePort(t)}}
	k.start()
	t.Cleanup(func() { k.end(syscall.SIGKILL) })
	k.again = func() {
		k.end(syscall.SIGKILL)
		time.Sleep(300 * time.Millisecond)
		k.start()
	}
	k.finish = func() { k.end(syscall.SIGTERM) }
	return k
}

func (k *killing) start() {
	k.Helper()
	k.child = exec.Command(os.Args[0])
	k.child.Env = append(os.Environ(), childDir+"="+k.dir, childPorts+"="+strings.Join(k.ports, " "))
	k.child.Stderr = os.Stderr
	if err := k.child.Start(); err != nil {
		k.Fatal(err)
	}
	for range 500 {
		if c, err := net.Dial("tcp", "127.0.0.1:"+k.ports[1]); err == nil {
			_ = c.Close()
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	k.Fatal("the child does not listen")
}

func (k *killing) end(how syscall.Signal) {
	if k.child.ProcessState == nil {
		_ = k.child.Process.Signal(how)
		_ = k.child.Wait()
	}
}

// kept counts each number that the lines of the child carry.
func (k *killing) kept() map[int]int {
	k.Helper()
	found := map[int]int{}
	for _, l := range k.lines() {
		_, number, ok := strings.Cut(l, "number ")
		n, err := strconv.Atoi(strings.TrimSpace(number))
		if !ok || err != nil {
			continue // what the client says of itself
		}
		found[n]++
	}
	return found
}

// lines opens the store of the child, which must not run, and reads it.
func (k *killing) lines() (found []string) {
	k.Helper()
	store, err := eventstore.Open(filepath.Join(k.dir, "events"), eventstore.Config{Now: time.Now})
	if err != nil {
		k.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	cursor, err := store.Follow("count")
	if err != nil {
		k.Fatal(err)
	}
	for read := eventstore.Position(0); read < store.Last(); {
		list, err := cursor.Next(k.Context())
		if err != nil {
			k.Fatal(err)
		}
		for _, l := range list {
			found = append(found, string(l.Raw))
		}
		read = cursor.Position()
	}
	return found
}

// size is about how much the child has kept, while it runs.
func (k *killing) size() int64 {
	var sum int64
	_ = filepath.WalkDir(filepath.Join(k.dir, "events"), func(_ string, d os.DirEntry, err error) error {
		if err == nil {
			if info, err := d.Info(); err == nil && !d.IsDir() {
				sum += info.Size()
			}
		}
		return nil
	})
	return sum
}

// killTwice kills the child when a third, and when two thirds of about so many bytes
// are kept, or when nothing more comes: a sender without acknowledgement has given its
// messages away by then.
func (k *killing) killTwice(bytes int64) {
	k.Helper()
	for i := range int64(2) {
		last, since := k.size(), time.Now()
		k.wait("enough to be kept", func() bool {
			if now := k.size(); now != last {
				last, since = now, time.Now()
			}
			return last > (i+1)*bytes/3 || last > 4<<10 && time.Since(since) > 3*time.Second
		})
		k.again()
	}
}

func (k *killing) wait(what string, is func() bool) {
	k.Helper()
	for deadline := time.Now().Add(90 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if is() {
			return
		}
	}
	k.Fatalf("waited in vain for %s", what)
}

// settle waits until nothing more arrives, and counts.
func (k *killing) settle() map[int]int {
	k.Helper()
	last, since := int64(-1), time.Now()
	k.wait("the end", func() bool {
		if now := k.size(); now != last {
			last, since = now, time.Now()
		}
		return time.Since(since) > 4*time.Second
	})
	k.finish()
	return k.kept()
}

// messages is how many the clients send: fewer than the 200 000 of the full proof,
// which HOLDFAST_KILL_MESSAGES asks for.
func messages(t *testing.T) int {
	t.Helper()
	text := os.Getenv("HOLDFAST_KILL_MESSAGES")
	if text == "" {
		return 20_000
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1000 {
		t.Fatalf("HOLDFAST_KILL_MESSAGES=%q is no number from 1000", text)
	}
	return n
}

func numbered(t *testing.T, path string, n int) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	for i := range n {
		fmt.Fprintf(w, "sshd[811]: Failed password for invalid user admin from 203.0.113.7 port 50122, number %d\n", i)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// rsyslog runs rsyslogd, which reads the numbered file and sends it on.
func (k *killing) rsyslog(action string, n int) {
	k.Helper()
	path := clients.Need(k.T, "rsyslog", "rsyslogd")
	numbered(k.T, filepath.Join(k.dir, "numbered"), n)
	conf := filepath.Join(k.dir, "rsyslog.conf")
	text := `global(workDirectory="` + k.dir + `")
module(load="imfile")
input(type="imfile" File="` + filepath.Join(k.dir, "numbered") + `" Tag="proof:" addMetadata="off")
` + action
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		k.Fatal(err)
	}
	cmd := exec.Command(path, "-n", "-f", conf, "-i", filepath.Join(k.dir, "rsyslog.pid"))
	if err := cmd.Start(); err != nil {
		k.Fatal(err)
	}
	k.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
}

// lineBytes is about how much of the log of the store a message takes.
const lineBytes = 160

func TestEveryMessageOfRsyslogOverRELPIsThereOnceThoughWeAreKilledTwice(t *testing.T) {
	clients.Need(t, "rsyslog and rsyslog-relp", "rsyslogd")
	n := messages(t)
	k := newKilling(t)
	k.rsyslog(`module(load="omrelp")
action(type="omrelp" target="127.0.0.1" port="`+k.ports[0]+`" template="RSYSLOG_SyslogProtocol23Format" timeout="5"
  queue.type="LinkedList" queue.size="300000" queue.dequeueBatchSize="512" action.resumeRetryCount="-1" action.resumeInterval="1")
`, n)
	k.killTwice(int64(n) * lineBytes)
	found := k.settle()
	missing, twice := tally(found, n)
	t.Logf("%d messages over RELP, killed twice: %d missing, %d there twice", n, missing, twice)
	if missing > 0 || twice > 0 {
		t.Errorf("%d messages are missing, %d are there more than once", missing, twice)
	}
}

func tally(found map[int]int, n int) (missing, twice int) {
	for i := range n {
		switch c := found[i]; {
		case c == 0:
			missing++
		case c > 1:
			twice += c - 1
		}
	}
	return missing, twice
}

func TestPlainTCPOfRsyslogLosesWhatLiesInBuffersWhenWeAreKilled(t *testing.T) {
	clients.Need(t, "rsyslog", "rsyslogd")
	n := messages(t)
	k := newKilling(t)
	k.rsyslog(`action(type="omfwd" target="127.0.0.1" port="`+k.ports[1]+`" protocol="tcp" TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format"
  queue.type="LinkedList" queue.size="300000" queue.dequeueBatchSize="`+strconv.Itoa(batch)+`" action.resumeRetryCount="-1" action.resumeInterval="1")
`, n)
	k.killTwice(int64(n) * lineBytes / 2) // earlier: it sends faster than we look
	missing, twice := tally(k.settle(), n)
	t.Logf("%d messages over plain TCP, killed twice: %d lost in buffers, %d there twice", n, missing, twice)
	if twice > 2*batch { // rsyslog begins its batch anew, for nobody told it what was kept
		t.Errorf("%d messages are there more than once", twice)
	}
	if most := 2 * maxLoss / lineBytes; missing > most {
		t.Errorf("%d messages are lost, which is more than the buffers of two connections hold (%d)", missing, most)
	}
}

// batch is how many messages rsyslog takes from its queue at once.
const batch = 128

// maxLoss is the most bytes that a SIGKILL can cost one connection of plain syslog: our
// buffers, that of the kernel, and what the sender's kernel has taken from the sender.
const maxLoss = readSize + 4*kernelSize + 1<<20

func TestPlainTCPOfLoggerDoublesNothingThoughWeAreKilledTwice(t *testing.T) {
	path := clients.Need(t, "bsdutils", "logger")
	n := messages(t)
	k := newKilling(t)
	numbered(t, filepath.Join(k.dir, "numbered"), n)
	over := k.logger(path, "--octet-count")
	k.killTwice(int64(n) * lineBytes / 3)
	over()
	missing, twice := tally(k.settle(), n)
	t.Logf("%d messages of logger over plain TCP, killed twice: %d lost, %d there twice", n, missing, twice)
	if twice > 0 {
		t.Errorf("%d messages are there more than once", twice)
	}
}

// logger sends the numbered file. The result waits until it has ended.
func (k *killing) logger(path string, args ...string) (over func()) {
	k.Helper()
	cmd := exec.Command(path, append(args, "--tcp", "--server", "127.0.0.1", "--port", k.ports[1], "--rfc5424", "--tag", "proof", "--file", filepath.Join(k.dir, "numbered"))...)
	if err := cmd.Start(); err != nil {
		k.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	return func() {
		select {
		case <-ended:
		case <-time.After(2 * time.Minute):
			_ = cmd.Process.Kill()
			<-ended
		}
	}
}

func TestALogFileIsReadOnceThoughWeAreKilledTwice(t *testing.T) {
	n := messages(t)
	k := newKilling(t)
	path := filepath.Join(k.dir, "app.log")
	written := make(chan error, 1)
	go func() { written <- writeRotating(path, n) }()
	k.killTwice(int64(n) * lineBytes)
	if err := <-written; err != nil {
		t.Fatal(err)
	}
	missing, twice := tally(k.settle(), n)
	t.Logf("%d lines of a file that was rotated, killed twice: %d missing, %d there twice", n, missing, twice)
	if missing > 0 || twice > 0 {
		t.Errorf("%d lines are missing, %d are there more than once", missing, twice)
	}
}

// writeRotating writes lines for about three seconds and renames the file now and then.
func writeRotating(path string, n int) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	for i := range n {
		if i%(n/4) == n/4-1 {
			if err := f.Close(); err != nil {
				return err
			}
			for old := 3; old >= 1; old-- {
				_ = os.Rename(path+"."+strconv.Itoa(old), path+"."+strconv.Itoa(old+1))
			}
			if err := os.Rename(path, path+".1"); err != nil {
				return err
			}
			if f, err = os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
				return err
			}
		}
		if _, err := fmt.Fprintf(f, "sshd[811]: Failed password for invalid user admin from 203.0.113.7 port 50122, number %d\n", i); err != nil {
			return err
		}
		if i%(n/100) == 0 {
			time.Sleep(30 * time.Millisecond)
		}
	}
	return f.Close()
}
