// Package notify carries messages out of the product: by mail, to webhooks, into chats, to
// syslog. It sends one message once and says whether it arrived; repeating is the work of
// package job. It knows nothing of records.
//
// Nothing that is sent here is trusted to be harmless at the other end: addresses are
// checked each time, a name that leads into the own network is refused unless it is
// allowed, no redirect is followed, answers are read up to a bound, and no error repeats a
// secret.
package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"time"
)

// A Message is what people or machines are told.
type Message struct {
	ID       string    // stays the same when the message is sent again, so that the receiver can tell
	Kind     string    // what it is about: alert, reminder, test
	At       time.Time // when it happened
	Severity Severity
	Subject  string // one line
	Text     string // plain; paragraphs are parted by an empty line
	Link     string // where to look; may be empty
	Data     any    // for machines: JSON of what happened; nil: only the words
}

// Severity is how grave a message is: the scale of OCSF from 1 to 5.
type Severity int

// The severities.
const (
	Informational Severity = iota + 1
	Low
	Medium
	High
	Critical
)

// String is the word for it.
func (s Severity) String() string {
	if s < Informational || s > Critical {
		return "unknown"
	}
	return [...]string{"informational", "low", "medium", "high", "critical"}[s-1]
}

// A Channel is a means of sending.
type Channel string

// The channels.
const (
	ByMail    Channel = "mail"
	ByWebhook Channel = "webhook"
	ByChat    Channel = "chat"
	BySyslog  Channel = "syslog"
)

// Config says how messages leave. Fields that are empty switch off what needs them.
type Config struct {
	Mail    Mail
	Network Network
	TLS     *tls.Config // whom to trust, where it is not the usual authorities; nil: those
	Secret  string      // signs webhooks; empty: they carry no signature
	Version string      // of the product, for the header that names the sender
	Now     func() time.Time
}

// A Notifier sends messages. It may be used by many at once.
type Notifier struct {
	cfg Config
	out *outside
}

// New returns a Notifier. Now is required.
func New(cfg Config) *Notifier { return &Notifier{cfg: cfg, out: newOutside(cfg.Network)} }

// ErrSetUp marks a failure that sending again cannot mend: something is not set up, or an
// address is none.
var ErrSetUp = errors.New("cannot be sent as things are set up")

func setUp(format string, args ...any) error {
	return fmt.Errorf("%w: %w", fmt.Errorf(format, args...), ErrSetUp)
}

// Send sends the message to one address and returns when the other side has taken it.
func (n *Notifier) Send(ctx context.Context, by Channel, to string, m Message) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	switch by {
	case ByMail:
		return n.mail(ctx, to, m)
	case ByWebhook:
		return n.webhook(ctx, to, m)
	case ByChat:
		return n.chat(ctx, to, m)
	case BySyslog:
		return n.syslog(ctx, to, m)
	}
	return setUp("%q is no means of sending", by)
}

// patience is how long one attempt may take.
const patience = 30 * time.Second

// secure is how TLS is spoken with a host.
func (n *Notifier) secure(host string) *tls.Config {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if n.cfg.TLS != nil {
		c = n.cfg.TLS.Clone()
	}
	c.ServerName = host
	return c
}
