package keep

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The child is this very test program, which lives in one of these ways.
const (
	childLives = "HOLDFAST_KEEP_CHILD"
	childTells = "HOLDFAST_KEEP_FILE"
)

var lives = map[string]func(s *Store) int{
	"says what it was given and dies": func(s *Store) int {
		_, kept, err := s.Listener("web", func() (net.Listener, error) { return net.Listen("tcp", "127.0.0.1:0") })
		tell(fmt.Sprint(s.Given(), kept, err))
		_, _ = s.Listener2("other")
		s.Ready()
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		return 0
	},
	"dies at once":   func(s *Store) int { tell("born"); s.Ready(); return 9 },
	"is never ready": func(*Store) int { tell("born"); return 2 },
	"ends properly":  func(s *Store) int { tell("born"); s.Ready(); s.Stopping(); return 0 },
	"works": func(s *Store) int {
		stop := make(chan os.Signal, 1)
		signal.Notify(stop, syscall.SIGTERM)
		s.Ready()
		tell("born")
		<-stop
		s.Stopping()
		tell("asked to stop")
		return 0
	},
	"tells its environment": func(s *Store) int {
		tell(strings.Join(slices.DeleteFunc(os.Environ(), func(e string) bool {
			return !strings.Contains(e, "LISTEN") && !strings.Contains(e, "NOTIFY") && !strings.Contains(e, "FDSTORE")
		}), " "))
		return 0
	},
}

// tell writes a line for the test.
func tell(text string) {
	f, err := os.OpenFile(os.Getenv(childTells), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = fmt.Fprintln(f, text)
	}
	if err != nil {
		panic(err)
	}
}

// Listener2 is a listener whose name Keep has a second time for another socket.
func (s *Store) Listener2(name string) (net.Listener, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	return l, s.Keep(name, l.(*net.TCPListener))
}

func TestMain(m *testing.M) {
	if live := lives[os.Getenv(childLives)]; live != nil {
		os.Exit(live(FromEnvironment(time.Now)))
	}
	os.Exit(m.Run())
}

// A keeping is a keeper at work, and what its children tell.
type keeping struct {
	*testing.T
	file string
	stop context.CancelFunc
	over chan error
	log  *lockedBuffer
}

type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func keepOf(t *testing.T, life string, edit func(*Keeper)) *keeping {
	t.Helper()
	k := &keeping{T: t, file: filepath.Join(t.TempDir(), "told"), over: make(chan error, 1), log: &lockedBuffer{}}
	keeper := Keeper{Program: os.Args[0], Args: os.Args[:1], Env: append(os.Environ(), childLives+"="+life, childTells+"="+k.file), Now: time.Now,
		Log: slog.New(slog.NewTextHandler(k.log, nil))}
	if edit != nil {
		edit(&keeper)
	}
	var ctx context.Context
	ctx, k.stop = context.WithCancel(t.Context())
	go func() { k.over <- keeper.Run(ctx) }()
	return k
}

func (k *keeping) told() []string {
	data, _ := os.ReadFile(k.file)
	return strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
}

func (k *keeping) waitFor(n int) {
	k.Helper()
	for range 1000 {
		if told := k.told(); len(told) >= n && told[0] != "" {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	k.Fatalf("told %q, want %d lines", k.told(), n)
}

func (k *keeping) end() error {
	k.Helper()
	select {
	case err := <-k.over:
		return err
	case <-time.After(10 * time.Second):
		k.Fatal("the keeper does not end")
		return nil
	}
}

func TestWhatAProcessHandedOverTheNextOneFinds(t *testing.T) {
	k := keepOf(t, "says what it was given and dies", nil)
	k.waitFor(2)
	k.stop()
	_ = k.end()
	if told := k.told(); told[0] != "[] true <nil>" || told[1] != "[other] true <nil>" {
		t.Errorf("told %q", told)
	}
}

func TestAChildThatDiesAtOnceIsStartedLaterAndLater(t *testing.T) {
	k := keepOf(t, "dies at once", func(k *Keeper) { k.First, k.Most = 20*time.Millisecond, 300*time.Millisecond })
	time.Sleep(time.Second)
	k.stop()
	_ = k.end()
	if n := len(k.told()); n < 3 || n > 9 { // after 20, 60, 140, 300, 600, 900 ms
		t.Errorf("it was started %d times in a second", n)
	}
	if !strings.Contains(k.log.String(), "exit status 9") {
		t.Errorf("nobody was told: %s", k.log.String())
	}
}

func TestTheKeeperEndsWithAChildThatEnds(t *testing.T) {
	k := keepOf(t, "ends properly", nil)
	if err := k.end(); err != nil {
		t.Error(err)
	}
	var ended *Ended
	k = keepOf(t, "is never ready", nil)
	if err := k.end(); !errors.As(err, &ended) || ended.Status != 2 || len(k.told()) != 1 {
		t.Errorf("a child that was never ready was started %d times: %v", len(k.told()), err)
	}
	k = keepOf(t, "is never ready", func(k *Keeper) { k.Program = "/nowhere/holdfast" })
	if err := k.end(); err == nil {
		t.Error("a program that is not there was started")
	}
}

func TestAKeeperThatIsStoppedStopsItsChildProperly(t *testing.T) {
	k := keepOf(t, "works", nil)
	k.waitFor(1)
	k.stop()
	if err := k.end(); err != nil || !slices.Equal(k.told(), []string{"born", "asked to stop"}) {
		t.Errorf("told %q, %v", k.told(), err)
	}
}

func TestNothingOfTheProtocolIsInherited(t *testing.T) {
	k := keepOf(t, "tells its environment", func(k *Keeper) {
		k.Env = append(k.Env, "LISTEN_FDS=7", "LISTEN_PID=1", "NOTIFY_SOCKET=/nowhere", "FDSTORE=9")
	})
	_ = k.end()
	if told := k.told(); told[0] != "" {
		t.Errorf("a child of the child would see %q", told)
	}
}

// manager is the other side of the protocol, as a service manager would be it.
func manager(t *testing.T, limit string) (*net.UnixConn, *Store) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	for _, name := range []string{countVar, namesVar, ownerVar, watchPID, keeperVar} {
		t.Setenv(name, "")
	}
	t.Setenv(notifyVar, path)
	t.Setenv(limitVar, limit)
	t.Setenv(watchVar, "20000")
	return conn, FromEnvironment(time.Now)
}

func heard(t *testing.T, conn *net.UnixConn) (string, []int) {
	t.Helper()
	text, rights := make([]byte, 4096), make([]byte, 256)
	_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	n, rn, _, _, err := conn.ReadMsgUnix(text, rights)
	if err != nil {
		t.Fatal(err)
	}
	return string(text[:n]), descriptors(rights[:rn])
}

func TestAStoreSpeaksTheProtocolOfSystemd(t *testing.T) {
	conn, s := manager(t, "1")
	l, kept, err := s.Listener("web", func() (net.Listener, error) { return net.Listen("tcp", "127.0.0.1:0") })
	if err != nil || !kept {
		t.Fatal(kept, err)
	}
	defer func() { _ = l.Close() }()
	text, fds := heard(t, conn)
	if text != "FDSTORE=1\nFDPOLL=0\nFDNAME=web" || len(fds) != 1 {
		t.Errorf("%q %v", text, fds)
	}
	for _, fd := range fds {
		_ = unix.Close(fd)
	}
	if _, err := s.Listener2("more"); !errors.Is(err, ErrFull) {
		t.Errorf("more than one is kept: %v", err)
	}
	for _, bad := range []string{"", "a:b", "a\nFDSTOREREMOVE=1", "é", strings.Repeat("x", 256)} {
		if err := s.Keep(bad, l.(*net.TCPListener)); !errors.Is(err, ErrName) {
			t.Errorf("the name %q was taken: %v", bad, err)
		}
	}
	s.Ready()
	s.Drop("web")
	s.Drop("web")
	s.Stopping()
	for _, want := range []string{"READY=1", "FDSTOREREMOVE=1\nFDNAME=web", "STOPPING=1"} {
		if text, _ := heard(t, conn); text != want {
			t.Errorf("heard %q, want %q", text, want)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	sick := true
	go s.Watch(ctx, func(context.Context) error {
		if sick = !sick; sick {
			return errors.New("sick")
		}
		return nil
	})
	if text, _ := heard(t, conn); text != "WATCHDOG=1" {
		t.Errorf("heard %q", text)
	}
}

func TestWithoutALimitNobodyIsBelievedToKeepAnything(t *testing.T) {
	for _, limit := range []string{"", "0", "-3", "many"} {
		_, s := manager(t, limit)
		if _, err := s.Listener2("web"); s.Able() || !errors.Is(err, ErrNone) {
			t.Errorf("with FDSTORE=%q: %t %v", limit, s.Able(), err)
		}
	}
	var none *Store
	if err := none.Keep("a", nil); !errors.Is(err, ErrNone) || none.Take("a") != nil || none.Given() != nil || none.Able() {
		t.Error("nobody keeps something")
	}
	none.Drop("a")
	none.Ready()
	none.Watch(t.Context(), nil)
}

func TestAKeeperHoldsNoMoreThanItMayAndOnlySockets(t *testing.T) {
	h, err := openHoard(filepath.Join(t.TempDir(), "notify"), 2, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	dup := func(fd int) int {
		d, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	var pairs []int
	for range 2 {
		p, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
		if err != nil {
			t.Fatal(err)
		}
		pairs = append(pairs, p[0], p[1])
	}
	file, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	for _, step := range []struct {
		text string
		fd   int
		want []string
	}{
		{"FDSTORE=1\nFDNAME=a:b", dup(pairs[0]), nil},
		{"FDSTORE=1\nFDNAME=file", dup(int(file.Fd())), nil},
		{"nonsense\x00\n==\nFDSTORE", dup(pairs[0]), nil},
		{"FDSTORE=1\nFDNAME=one", dup(pairs[0]), []string{"one"}},
		{"FDSTORE=1\nFDNAME=again", dup(pairs[0]), []string{"one"}},
		{"FDSTORE=1", dup(pairs[1]), []string{"one", "stored"}},
		{"FDSTORE=1\nFDNAME=three", dup(pairs[2]), []string{"one", "stored"}},
		{"FDSTOREREMOVE=1\nFDNAME=nobody", -1, []string{"one", "stored"}},
		{"FDSTOREREMOVE=1\nFDNAME=one", -1, []string{"stored"}},
		{"FDSTORE=1\nFDNAME=three", dup(pairs[2]), []string{"stored", "three"}},
	} {
		var fds []int
		if step.fd >= 0 {
			fds = []int{step.fd}
		}
		h.hear(step.text, fds)
		var got []string
		holds := false
		for _, s := range h.held {
			got, holds = append(got, s.name), holds || s.fd == step.fd
		}
		if !slices.Equal(got, step.want) {
			t.Errorf("after %q it holds %q, want %q", step.text, got, step.want)
		}
		if _, err := unix.FcntlInt(uintptr(step.fd), unix.F_GETFD, 0); step.fd >= 0 && !holds && err == nil {
			t.Errorf("after %q the descriptor is open though it is not held", step.text)
		}
	}
	for _, fd := range pairs {
		_ = unix.Close(fd)
	}
}

func TestDescriptorsWithNamesThatAreNoneAreClosed(t *testing.T) {
	p, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Close(p[1]) }()
	// Wherever the descriptor lies, it is among those from 3 on; what lies before it gets
	// a name that is refused only when it is a socket, of which this test has no other.
	s := &Store{now: time.Now, given: map[string]int{}, held: map[string]bool{}}
	names := strings.Repeat("gone:", p[0]-firstGiven) + "bad\x01name"
	before := map[int]bool{}
	for fd := firstGiven; fd < p[0]; fd++ {
		if _, is := socketOf("", fd); is {
			before[fd] = true
		}
	}
	if len(before) > 0 {
		t.Skip("NOT TRIED: this test program was started with sockets of others")
	}
	s.inherit(fmt.Sprint(p[0]-firstGiven+1), names)
	if len(s.given) > 0 {
		t.Errorf("it was given %v", s.given)
	}
	if _, err := unix.FcntlInt(uintptr(p[0]), unix.F_GETFD, 0); err == nil {
		t.Error("the descriptor is still open")
	}
	for _, count := range []string{"", "-1", "99999999999999999999", "x", "0"} {
		s.inherit(count, "a:b:c")
		if len(s.given) > 0 {
			t.Errorf("LISTEN_FDS=%q gave %v", count, s.given)
		}
	}
}
