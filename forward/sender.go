package forward

import (
	"context"
	"errors"

	"holdfast/engine/event"
	"holdfast/eventstore"
)

// An Item is an event as it is sent.
type Item struct {
	Position eventstore.Position
	Data     []byte
}

// A Sender brings events to a receiver.
type Sender interface {
	// Render writes an event as it is sent, and tells whether it had to be cut.
	Render(e *event.Event, source string, p eventstore.Position) (data []byte, cut bool)
	// Send returns when the receiver has taken all of them. An error that is ErrRefused says
	// that it will not take them together, an Untaken which of them it has not taken.
	Send(ctx context.Context, items []Item) error
	Close()
}

// ErrRefused marks that the receiver will not take these events, while it may take others.
var ErrRefused = errors.New("refused")

// Untaken is the error of a receiver that answers for each event: all that are not Left
// were taken.
type Untaken struct {
	Left    []Item
	Refused bool // it will not take them; else it may when they are offered again
	Why     error
}

func (u *Untaken) Error() string { return u.Why.Error() }

// Unwrap gives the reason.
func (u *Untaken) Unwrap() error { return u.Why }

// Is makes it ErrRefused where the receiver will not take what is left.
func (u *Untaken) Is(target error) bool { return target == ErrRefused && u.Refused }
