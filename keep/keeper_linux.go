package keep

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Run starts the program and starts it again whenever it dies, later and later when it
// does so at once. It returns when the program ends properly, when it never came to be
// ready, or when the context ends: then the program is asked to stop and waited for.
func (k Keeper) Run(ctx context.Context) error {
	k.Sockets, k.First = cmp.Or(k.Sockets, MaxSockets), cmp.Or(k.First, 100*time.Millisecond)
	k.Most, k.Patience = cmp.Or(k.Most, 30*time.Second), cmp.Or(k.Patience, 90*time.Second)
	dir, err := os.MkdirTemp("", "holdfast-keep-") // which nobody else may enter
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	h, err := openHoard(filepath.Join(dir, "notify"), k.Sockets, k.Log)
	if err != nil {
		return err
	}
	defer h.close()
	runtime.LockOSThread() // the program is told of the end of this thread, not of this process
	defer runtime.UnlockOSThread()
	return k.tend(ctx, h)
}

// tend lives through the lives of the program.
func (k Keeper) tend(ctx context.Context, h *hoard) error {
	wait := k.First
	for {
		begun := k.Now()
		status, how, err := k.live(ctx, h)
		if err != nil {
			return err
		}
		h.hearOut()
		if status == 0 {
			return nil
		}
		ready, stopping, n := h.state()
		if stopping || ctx.Err() != nil || !ready && status > 0 {
			return &Ended{status}
		}
		if k.Now().Sub(begun) >= settled {
			wait = k.First
		}
		k.Log.Error("the server died and is started again", "how", how, "in", wait, "sockets kept", n)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
		wait = min(2*wait, k.Most)
	}
}

// live is one life of the program. Status is what it ended with, -1 after a signal; how
// says it for people.
func (k Keeper) live(ctx context.Context, h *hoard) (status int, how string, err error) {
	p, err := k.start(h)
	if err != nil {
		return 0, "", err
	}
	over := make(chan struct{})
	var state *os.ProcessState
	go func() {
		defer close(over)
		state, err = p.Wait()
	}()
	select {
	case <-over:
	case <-ctx.Done():
		_ = p.Signal(syscall.SIGTERM)
		select {
		case <-over:
		case <-time.After(k.Patience):
			_ = p.Kill()
			<-over
		}
	}
	if err != nil {
		return 0, "", err
	}
	return state.ExitCode(), state.String(), nil
}

// start runs the program with the sockets that are held as its descriptors from 3 on.
// They are passed by number: files of package os would change how they block.
func (k Keeper) start(h *hoard) (*os.Process, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	files, names := []uintptr{0, 1, 2}, make([]string, 0, len(h.held))
	for _, s := range h.held {
		files, names = append(files, uintptr(s.fd)), append(names, s.name)
	}
	h.stopping = false
	env := slices.DeleteFunc(slices.Clone(k.Env), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return slices.Contains([]string{notifyVar, countVar, namesVar, ownerVar, limitVar, watchVar, watchPID, keeperVar}, name)
	})
	env = append(env, notifyVar+"="+h.path, limitVar+"="+strconv.Itoa(h.limit), keeperVar+"="+strconv.Itoa(os.Getpid()),
		countVar+"="+strconv.Itoa(len(names)), namesVar+"="+strings.Join(names, ":"))
	// Its own group, so that a key that is pressed reaches it through us, once; and it
	// stops properly when we are killed, for then nobody holds its sockets.
	pid, _, err := syscall.StartProcess(k.Program, k.Args, &syscall.ProcAttr{Env: env, Files: files,
		Sys: &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}})
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", k.Program, err)
	}
	return os.FindProcess(pid)
}

// A socket that is held.
type socket struct {
	name         string
	fd           int
	device, node uint64 // what it is known by
}

// A hoard holds sockets and hears what the program says.
type hoard struct {
	path  string
	conn  *net.UnixConn
	limit int
	log   *slog.Logger
	ended chan struct{}

	mu              sync.Mutex
	held            []socket
	ready, stopping bool
	full            bool // it was said that there are too many
	barrier         int  // the last that was heard
	heard           *sync.Cond
}

func openHoard(path string, limit int, log *slog.Logger) (*hoard, error) {
	h := &hoard{path: path, limit: limit, log: log, ended: make(chan struct{})}
	h.heard = sync.NewCond(&h.mu)
	var err error
	if h.conn, err = net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"}); err != nil {
		return nil, err
	}
	go h.listen()
	return h, nil
}

// close lets go of everything.
func (h *hoard) close() {
	_ = h.conn.Close()
	<-h.ended
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range h.held {
		_ = unix.Close(s.fd)
	}
	h.held = nil
}

// state tells what the program said of itself, and how many sockets are held. Ready: it
// was, in this life or one before.
func (h *hoard) state() (ready, stopping bool, sockets int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.ready, h.stopping, len(h.held)
}

// The bounds of one message: of its text, and of the descriptors with it.
const (
	maxMessage = 4096
	maxRights  = 64
)

// barrierVar is what the Keeper says to itself.
const barrierVar = "X_BARRIER"

// hearOut waits until everything is heard that the program said before it died: what
// it sent waits in the order in which it was sent.
func (h *hoard) hearOut() {
	h.mu.Lock()
	next := h.barrier + 1
	h.mu.Unlock()
	to, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: h.path, Net: "unixgram"})
	if err != nil {
		return
	}
	defer func() { _ = to.Close() }()
	if _, err := fmt.Fprintf(to, "%s=%d", barrierVar, next); err != nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for h.barrier < next {
		h.heard.Wait()
	}
}

// listen takes messages until the hoard is closed.
func (h *hoard) listen() {
	defer close(h.ended)
	text, rights := make([]byte, maxMessage), make([]byte, unix.CmsgSpace(4*maxRights))
	for {
		n, rn, _, _, err := h.conn.ReadMsgUnix(text, rights)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			h.log.Error("what the server says cannot be heard", "error", err)
			time.Sleep(100 * time.Millisecond)
			continue
		}
		h.hear(string(text[:n]), descriptors(rights[:rn]))
	}
}

// descriptors are those that came with a message.
func descriptors(rights []byte) []int {
	var fds []int
	messages, err := unix.ParseSocketControlMessage(rights)
	if err != nil {
		return nil
	}
	for _, m := range messages {
		if list, err := unix.ParseUnixRights(&m); err == nil {
			fds = append(fds, list...)
		}
	}
	return fds
}

// hear takes one message. What it does not hold of the descriptors it closes.
func (h *hoard) hear(text string, fds []int) {
	said := map[string]string{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "="); ok {
			said[name] = value
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ready = h.ready || said["READY"] == "1"
	h.stopping = h.stopping || said["STOPPING"] == "1"
	if said["FDSTORE"] == "1" && (said["FDNAME"] == "" || validName(said["FDNAME"])) {
		for _, fd := range fds {
			h.hold(cmp.Or(said["FDNAME"], "stored"), fd)
		}
		fds = nil
	}
	for _, fd := range fds {
		_ = unix.Close(fd)
	}
	if said["FDSTOREREMOVE"] == "1" {
		h.held = slices.DeleteFunc(h.held, func(s socket) bool {
			if s.name != said["FDNAME"] {
				return false
			}
			_ = unix.Close(s.fd)
			return true
		})
	}
	if n, err := strconv.Atoi(said[barrierVar]); err == nil {
		h.barrier = max(h.barrier, n)
		h.heard.Broadcast()
	}
}

// hold keeps a descriptor, if it is a socket that is not held already. The lock is held.
func (h *hoard) hold(name string, fd int) {
	s, ok := socketOf(name, fd)
	if ok && len(h.held) >= h.limit && !h.full {
		h.full = true
		h.log.Warn("no more sockets are kept; further ones end with the server", "limit", h.limit)
	}
	if !ok || len(h.held) >= h.limit || slices.ContainsFunc(h.held, func(o socket) bool { return o.device == s.device && o.node == s.node }) {
		_ = unix.Close(fd)
		return
	}
	h.held = append(h.held, s)
}

// socketOf is the socket behind a descriptor; not ok when it is something else.
func socketOf(name string, fd int) (s socket, ok bool) {
	var st unix.Stat_t
	if unix.Fstat(fd, &st) != nil || st.Mode&unix.S_IFMT != unix.S_IFSOCK {
		return s, false
	}
	return socket{name, fd, st.Dev, st.Ino}, true
}
