package keep

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// What the environment says of the protocol. keeperVar names the process of a Keeper: it
// cannot know the number of its child before that runs, which LISTEN_PID would be.
const (
	notifyVar = "NOTIFY_SOCKET"
	countVar  = "LISTEN_FDS"
	namesVar  = "LISTEN_FDNAMES"
	ownerVar  = "LISTEN_PID"
	limitVar  = "FDSTORE"
	watchVar  = "WATCHDOG_USEC"
	watchPID  = "WATCHDOG_PID"
	keeperVar = "HOLDFAST_KEEPER"
)

// firstGiven is the number of the first descriptor that is handed over.
const firstGiven = 3

// maxGiven bounds how many descriptors are looked at.
const maxGiven = 1 << 16

// patience is how long whoever keeps the sockets may take to listen.
const patience = 5 * time.Second

// A Store is where sockets are kept while the process is away. All its methods work on
// nil, which keeps nothing.
type Store struct {
	now   func() time.Time
	conn  *net.UnixConn
	limit int
	watch time.Duration // how often a sign of life is wanted; 0: never

	mu    sync.Mutex
	given map[string]int // descriptors of the last process that nobody has taken
	held  map[string]bool
}

// FromEnvironment is what whoever started this process keeps for it; nil when that is
// nothing. It is called once, before anything else is opened, and takes the variables
// out of the environment, so that no program that this one starts believes them.
//
// That sockets are kept is believed only when FDSTORE says how many: systemd sets it
// since version 254; before that the unit has to.
func FromEnvironment(now func() time.Time) *Store {
	env := map[string]string{}
	for _, name := range []string{notifyVar, countVar, namesVar, ownerVar, limitVar, watchVar, watchPID, keeperVar} {
		env[name] = os.Getenv(name)
		_ = os.Unsetenv(name)
	}
	s := &Store{now: now, given: map[string]int{}, held: map[string]bool{}}
	if env[ownerVar] == strconv.Itoa(os.Getpid()) || env[keeperVar] != "" && env[keeperVar] == strconv.Itoa(os.Getppid()) {
		s.inherit(env[countVar], env[namesVar])
	}
	if env[notifyVar] == "" {
		s.closeGiven()
		return nil
	}
	var err error
	if s.conn, err = net.DialUnix("unixgram", nil, &net.UnixAddr{Name: env[notifyVar], Net: "unixgram"}); err != nil {
		s.closeGiven()
		return nil
	}
	if s.limit, err = strconv.Atoi(env[limitVar]); err != nil {
		s.limit = 0
	}
	if usec, err := strconv.ParseInt(env[watchVar], 10, 64); err == nil && usec > 0 && (env[watchPID] == "" || env[watchPID] == strconv.Itoa(os.Getpid())) {
		s.watch = time.Duration(usec) * time.Microsecond
	}
	return s
}

// inherit takes over the descriptors that begin at firstGiven. What is no socket is not
// touched: it is not ours. Of two with one name the second is closed.
func (s *Store) inherit(count, names string) {
	n, err := strconv.Atoi(count)
	if err != nil {
		return
	}
	list := strings.Split(names, ":")
	for i := range min(n, maxGiven) {
		fd := firstGiven + i
		if _, is := socketOf("", fd); !is {
			continue
		}
		syscall.CloseOnExec(fd)
		name := ""
		if i < len(list) {
			name = list[i]
		}
		if _, twice := s.given[name]; twice || !validName(name) {
			_ = unix.Close(fd)
			continue
		}
		s.given[name], s.held[name] = fd, true
	}
}

func (s *Store) closeGiven() {
	for _, fd := range s.given {
		_ = unix.Close(fd)
	}
}

// Able tells whether sockets are kept.
func (s *Store) Able() bool { return s != nil && s.limit > 0 }

// Keep hands a socket to the store under a name that no other has. When it returns nil
// the socket outlives this process.
func (s *Store) Keep(name string, c syscall.Conn) error {
	if !s.Able() {
		return ErrNone
	}
	if !validName(name) {
		return ErrName
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.held[name] && len(s.held) >= s.limit {
		return ErrFull
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	// Without FDPOLL=0 the manager lets go of a connection that the peer has broken,
	// with what it sent before.
	failed := raw.Control(func(fd uintptr) {
		err = s.say("FDSTORE=1\nFDPOLL=0\nFDNAME="+name, unix.UnixRights(int(fd)))
	})
	if err = errors.Join(failed, err); err != nil {
		return fmt.Errorf("keep %s: %w", name, err)
	}
	s.held[name] = true
	return nil
}

// Drop lets the store forget a socket. One that this process holds stays open.
func (s *Store) Drop(name string) {
	if !s.Able() || !validName(name) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if fd, ok := s.given[name]; ok {
		_ = unix.Close(fd)
		delete(s.given, name)
	}
	if !s.held[name] {
		return
	}
	if s.say("FDSTOREREMOVE=1\nFDNAME="+name, nil) == nil {
		delete(s.held, name)
	}
}

// Take gives a socket that the last process left, or nil. The file is the caller's; it
// stays in the store until it is dropped.
func (s *Store) Take(name string) *os.File {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	fd, ok := s.given[name]
	if !ok {
		return nil
	}
	delete(s.given, name)
	return os.NewFile(uintptr(fd), name)
}

// Given are the names of the sockets that the last process left and nobody has taken,
// sorted.
func (s *Store) Given() []string {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	names := make([]string, 0, len(s.given))
	for name := range s.given {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Listener is the listening socket that the last process left under the name, with the
// connections that wait in it, or what listen opens. It is kept, if it can be.
func (s *Store) Listener(name string, listen func() (net.Listener, error)) (l net.Listener, kept bool, err error) {
	if f := s.Take(name); f != nil {
		if listens(f) {
			l, err = net.FileListener(f)
		}
		_ = f.Close()
		if l != nil && err == nil {
			return l, true, nil
		}
		s.Drop(name)
	}
	if l, err = listen(); err != nil {
		return nil, false, err
	}
	if c, ok := l.(syscall.Conn); ok {
		kept = s.Keep(name, c) == nil
	}
	return l, kept, nil
}

// listens tells whether it is a TCP socket that listens.
func listens(f *os.File) bool {
	raw, err := f.SyscallConn()
	if err != nil {
		return false
	}
	is := false
	err = raw.Control(func(fd uintptr) {
		accepts, err := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_ACCEPTCONN)
		protocol, err2 := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_PROTOCOL)
		is = err == nil && err2 == nil && accepts == 1 && (protocol == unix.IPPROTO_TCP || protocol == unix.IPPROTO_MPTCP)
	})
	return err == nil && is
}

// Ready says that the process does its work.
func (s *Store) Ready() { s.tell("READY=1") }

// Stopping says that the process ends because it was asked to.
func (s *Store) Stopping() { s.tell("STOPPING=1") }

func (s *Store) tell(what string) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = s.say(what, nil) // whoever asked to be told is gone
}

// say sends one message. The lock is held.
func (s *Store) say(text string, rights []byte) error {
	if err := s.conn.SetWriteDeadline(s.now().Add(patience)); err != nil {
		return err
	}
	raw, err := s.conn.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Write(func(fd uintptr) bool { // WriteMsgUnix wants an address, which this socket has
		failed = unix.Sendmsg(int(fd), []byte(text), rights, nil, unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL)
		return !errors.Is(failed, unix.EAGAIN) && !errors.Is(failed, unix.EINTR)
	})
	return errors.Join(err, failed)
}

// WatchEvery is how often whoever started this process wants a sign of life; 0: never.
func (s *Store) WatchEvery() time.Duration {
	if s == nil {
		return 0
	}
	return s.watch
}

// Watch gives a sign of life, twice as often as it is wanted, while the process is well,
// until the context ends.
func (s *Store) Watch(ctx context.Context, well func(context.Context) error) {
	if s.WatchEvery() == 0 {
		return
	}
	tick := time.NewTicker(s.watch / 2)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if well(ctx) == nil {
				s.tell("WATCHDOG=1")
			}
		}
	}
}
