package intake

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"holdfast/keep"
)

// Config is what an Intake works with. Now and Store are required.
type Config struct {
	Now         func() time.Time
	Store       func(workspace string) (Store, error)
	Certificate func() (*tls.Certificate, error) // of the server, asked for at every connection; nil: no TLS
	Roots       []string                         // folders below which files may be followed; none: no files
	Keep        *keep.Store                      // where sockets outlive the process; nil: they end with it
	Limits      Limits
}

// Limits bound what senders can ask of us. Zero values are the defaults.
type Limits struct {
	Connections int           // open at the same time, on one address; 0: 1024
	PerSender   int           // of those, from one address; 0: 64
	Idle        time.Duration // between two messages; 0: six hours
	Slow        time.Duration // from the beginning of a message to its end, and for a greeting; 0: a minute
	Drain       time.Duration // at the end, for what is on its way; 0: five seconds
	Poll        time.Duration // between two looks at files; 0: half a second
	Linger      time.Duration // a file is read on after a new one has its name: programs write to the old one until they are told; 0: three seconds
	Settle      time.Duration // how long a session of RELP may leave open whether it repeats; 0: two seconds
}

func (l Limits) orDefaults() Limits {
	l.Connections, l.PerSender = cmp.Or(l.Connections, 1024), cmp.Or(l.PerSender, 64)
	l.Idle, l.Slow, l.Drain = cmp.Or(l.Idle, 6*time.Hour), cmp.Or(l.Slow, time.Minute), cmp.Or(l.Drain, 5*time.Second)
	l.Poll, l.Settle = cmp.Or(l.Poll, 500*time.Millisecond), cmp.Or(l.Settle, 2*time.Second)
	l.Linger = cmp.Or(l.Linger, 3*time.Second)
	return l
}

// An Intake listens and follows on behalf of sources, which may change at any time.
type Intake struct {
	cfg    Config
	limits Limits

	ctx  context.Context // ends when the intake is closed and has drained
	stop context.CancelFunc
	work sync.WaitGroup

	mu     sync.Mutex
	gates  map[string]*gate // by source
	ports  map[string]*port // by transport and address
	tails  map[string]*follower
	lanes  map[string]*lane
	keyed  atomic.Uint64 // posts that left a key since the start
	closed bool
}

// New returns an Intake that has no sources yet.
func New(cfg Config) (*Intake, error) {
	if cfg.Now == nil || cfg.Store == nil {
		return nil, errors.New("the intake needs a clock and a store")
	}
	in := &Intake{cfg: cfg, limits: cfg.Limits.orDefaults(), gates: map[string]*gate{}, ports: map[string]*port{}, tails: map[string]*follower{}, lanes: map[string]*lane{}}
	in.ctx, in.stop = context.WithCancel(context.Background())
	return in, nil
}

// Use makes these the sources: what is new is started, what is gone is stopped, what
// stays the same is not disturbed. What cannot be started says so in its State and is
// tried again at the next call.
func (in *Intake) Use(sources []Source) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.closed {
		return
	}
	wanted := map[string][]*gate{}
	named := map[string]bool{} // also those that cannot be served now
	here := map[string]bool{}
	for _, s := range sources {
		g := in.admit(s)
		here[s.ID] = true
		switch s.Transport {
		case UDP, TCP, TLS, RELP, RELPS:
			place := string(s.Transport) + " " + s.Address()
			named[place] = true
			if g.store != nil {
				wanted[place] = append(wanted[place], g)
			}
		}
	}
	for id, g := range in.gates {
		if !here[id] {
			g.gone.Store(true)
			delete(in.gates, id)
		}
	}
	in.usePorts(wanted)
	in.useFollowers()
	letGo(in.cfg.Keep, named)
}

// admit makes or changes the gate of a source. The lock is held.
func (in *Intake) admit(s Source) *gate {
	g := in.gates[s.ID]
	if g == nil {
		g = &gate{id: s.ID}
		in.gates[s.ID] = g
	}
	s.Certificate = plainPrint(s.Certificate)
	nets, bad := networks(s.Senders)
	g.senders.Store(&nets)
	g.source.Store(&s)
	g.rate.set(s.Rate)
	trouble := ""
	if len(bad) > 0 {
		trouble = fmt.Sprintf("%s is neither an address nor a network such as 10.1.0.0/16, so nothing is taken from there", strings.Join(bad, ", "))
	}
	if g.store == nil {
		var err error
		if g.store, err = in.cfg.Store(s.Workspace); err != nil {
			trouble = err.Error()
		}
	}
	g.complain(trouble)
	return g
}

// usePorts opens and closes listeners. The lock is held.
func (in *Intake) usePorts(wanted map[string][]*gate) {
	for place, p := range in.ports {
		if wanted[place] == nil {
			delete(in.ports, place)
			in.work.Go(func() { p.close(in.limits.Drain) })
		}
	}
	for _, place := range slices.Sorted(maps.Keys(wanted)) {
		gates := wanted[place]
		p := in.ports[place]
		if p == nil {
			var err error
			if p, err = in.open(place, gates); err != nil {
				for _, g := range gates {
					g.complain(err.Error())
				}
				continue
			}
			in.ports[place] = p
		}
		p.gates.Store(&gates)
		for _, g := range gates {
			g.outlive.Store(p.kept && p.transport == TCP)
		}
		p.review()
	}
}

// State is what is known of a source since the start; false when it is not in use.
func (in *Intake) State(source string) (State, bool) {
	in.mu.Lock()
	g := in.gates[source]
	in.mu.Unlock()
	if g == nil {
		return State{}, false
	}
	return g.state(), true
}

// Listens is the address that the source is served on, with the port that the system
// chose when it was left open; empty when it does not listen.
func (in *Intake) Listens(source string) string {
	in.mu.Lock()
	defer in.mu.Unlock()
	g := in.gates[source]
	if g == nil {
		return ""
	}
	s := g.source.Load()
	if p := in.ports[string(s.Transport)+" "+s.Address()]; p != nil {
		return p.address()
	}
	return ""
}

// Close stops listening and waits until what is on its way is kept, as long as the
// limits allow. Senders are told the end of their connection first, so that they stop.
func (in *Intake) Close() {
	in.mu.Lock()
	in.closed = true
	ports, tails := slices.Collect(maps.Values(in.ports)), slices.Collect(maps.Values(in.tails))
	clear(in.ports)
	clear(in.tails)
	in.mu.Unlock()
	closing := make(chan struct{})
	go func() {
		defer close(closing)
		var each sync.WaitGroup
		for _, p := range ports {
			each.Go(func() { p.close(in.limits.Drain) })
		}
		for _, f := range tails {
			each.Go(f.close)
		}
		each.Wait()
	}()
	select {
	case <-closing:
	case <-time.After(2 * in.limits.Drain): // the store refuses: what was not acknowledged is with the sender
	}
	in.stop()
	<-closing
	in.work.Wait()
}

// retryAfter is how long we wait when the store refuses: nothing is read meanwhile.
const retryAfter = time.Second

// persist calls keep until it succeeds: rather stop reading than lose. It gives up
// only when the intake ends.
func (in *Intake) persist(g *gate, keep func(ctx context.Context) error) error {
	for {
		err := keep(in.ctx)
		if err == nil || in.ctx.Err() != nil {
			return err
		}
		g.complain("events wait because they cannot be kept: " + err.Error())
		select {
		case <-time.After(retryAfter):
		case <-in.ctx.Done():
			return err
		}
	}
}
