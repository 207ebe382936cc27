// Package keep lets sockets outlive the process that serves them. A process hands its
// listening and connected sockets to whoever started it; when it dies, that one holds
// them, with everything that the kernel received on them, and hands them to the next
// process.
//
// The protocol is that of the service manager systemd (sd_notify(3), FDSTORE): a
// process that is started with NOTIFY_SOCKET sends descriptors there, and finds those
// that are kept for it behind LISTEN_FDS. A Keeper speaks the other side of it, for
// machines without systemd. There is no difference for a Store.
//
// It works on Linux only. Elsewhere, and where nobody keeps sockets, a Store is nil, and
// says so.
package keep

import (
	"errors"
	"log/slog"
	"time"
)

// The reasons for which a socket is not kept.
var (
	// ErrNone says that nobody keeps sockets for this process.
	ErrNone = errors.New("nobody keeps sockets for this process")
	// ErrFull says that as many are kept as may be.
	ErrFull = errors.New("as many sockets are kept as whoever started this process allows")
	// ErrName is a name that the protocol cannot carry.
	ErrName = errors.New("the name of a kept socket has 1 to 255 visible ASCII characters and no colon")
)

// maxName is the longest name of a descriptor, in bytes.
const maxName = 255

// validName tells whether the protocol can carry the name.
func validName(name string) bool {
	if name == "" || len(name) > maxName {
		return false
	}
	for i := range len(name) {
		if c := name[i]; c < ' ' || c > '~' || c == ':' {
			return false
		}
	}
	return true
}

// A Keeper starts a program, again when it dies, and holds its sockets meanwhile.
type Keeper struct {
	Program string   // path
	Args    []string // the name of the program first
	Env     []string // as of os.Environ; what the protocol needs is added
	Now     func() time.Time
	Log     *slog.Logger

	Sockets  int           // that may be kept; 0: MaxSockets
	First    time.Duration // to wait after the first death; 0: a tenth of a second
	Most     time.Duration // to wait at most: it doubles with every death; 0: half a minute
	Patience time.Duration // for the program to end after it was asked to; 0: 90 seconds
}

// MaxSockets is how many sockets a Keeper holds unless it is told otherwise.
const MaxSockets = 4096

// settled is how long a program has to run for its death to count as the first again.
const settled = time.Minute

// An Ended error says that the program ended otherwise than properly, and is not started
// again: it never was ready, or it was asked to stop.
type Ended struct{ Status int }

func (e *Ended) Error() string { return "the server ended with an error; it says above why" }
