package server

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"syscall"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/engine/decoy"
	"holdfast/isms"
	"holdfast/kind"
)

// TrapPlace says where traps are reached from outside. The zero value serves tokens at
// the address of the product itself and answers for no zone.
type TrapPlace struct {
	URL    string // under which tokens call home; empty: the address of the product, /share
	Listen string // a further address on which tokens are answered and nothing else; empty: none
	Zone   string // name of DNS that is delegated to us; empty: none
	Server string // our name in that delegation
	Names  string // address on which names of the zone are answered, such as 0.0.0.0:5353
}

// How often the traps are compared with their records even when nobody tells of a
// change: another process may have made it, or an address may have become free.
const trapPatience = 30 * time.Second

// A trapHouse runs the decoys of all workspaces, and answers tokens. It is a
// detection.TrapHouse.
type trapHouse struct {
	l     *Local
	place TrapPlace
	base  string // under which tokens call home
	log   *slog.Logger
	decoy *decoy.Server
	seed  []byte // from which the keys of decoys are made, so that they outlive a restart

	visits chan decoy.Visit
	rings  chan ringing
	names  chan decoy.Hit
	sieve  *sieve

	mu        sync.Mutex
	standing  map[string]*standing // by the id of the trap
	owner     map[string]string    // workspace of every trap that ever stood
	complaint string               // what of the place does not work
	answersAt string               // where names are answered
}

// A standing is a decoy that listens.
type standing struct {
	spec string // what it was made of
	at   string
	stop context.CancelFunc
	done chan struct{}
}

// newTrapHouse prepares the place where traps wait. own is the address of the product.
func (l *Local) newTrapHouse(ctx context.Context, place TrapPlace, own string, log *slog.Logger) (*trapHouse, error) {
	h := &trapHouse{
		l: l, place: place, base: place.URL, log: log, visits: make(chan decoy.Visit, 256), rings: make(chan ringing, 256), names: make(chan decoy.Hit, 256),
		sieve: newSieve(), standing: map[string]*standing{}, owner: map[string]string{},
	}
	if h.base == "" {
		h.base = own + strings.TrimSuffix(sharePath, "/")
	}
	var err error
	if h.seed, err = l.trapSeed(ctx); err != nil {
		return nil, err
	}
	h.decoy = decoy.NewServer(decoy.Config{Now: l.now, Random: rand.Reader, Visits: h.visits, Announce: true})
	l.Detection.KeepTrapsIn(h)
	return h, nil
}

const trapSeedSetting = "seed of the keys of decoys"

// trapSeed reads the secret from which the keys of decoys are made, or makes it.
func (l *Local) trapSeed(ctx context.Context) ([]byte, error) {
	text, err := l.Store.Setting(ctx, trapSeedSetting)
	if err != nil && kind.CodeOf(err) != kind.NotFound {
		return nil, err
	}
	if seed, err := hex.DecodeString(text); err == nil && len(seed) == sha256.Size {
		return seed, nil
	}
	seed := make([]byte, sha256.Size)
	if _, err := rand.Read(seed); err != nil {
		return nil, err
	}
	return seed, l.Store.SetSetting(ctx, trapSeedSetting, hex.EncodeToString(seed))
}

// run keeps the decoys as the records want them, and takes in who touches traps, until
// the context ends. What was learnt by then is still taken in.
func (h *trapHouse) run(ctx context.Context) {
	done := make(chan struct{})
	var taking, serving sync.WaitGroup
	taking.Go(func() { h.takeAll(context.WithoutCancel(ctx), done) })
	serving.Go(func() { h.serveNames(ctx) })
	serving.Go(func() { h.serveTokens(ctx) })
	patience := time.NewTicker(trapPatience)
	defer patience.Stop()
	for ctx.Err() == nil {
		if err := h.sync(ctx); err != nil && ctx.Err() == nil {
			h.log.Error("traps", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-patience.C:
		case <-h.l.trapsChanged:
		}
	}
	h.stopAll()
	serving.Wait()
	close(done)
	taking.Wait()
}

// hearOfTraps wakes the traps when a record of one changes. What they write themselves
// while somebody touches them changes nothing about who listens where.
func (l *Local) hearOfTraps(_ context.Context, e app.Event) {
	if e.Kind != isms.Traps || e.Verb == "spring" || e.Verb == "prove" {
		return
	}
	select {
	case l.trapsChanged <- struct{}{}:
	default:
	}
}

// sync starts and stops decoys until they are what the records want.
func (h *trapHouse) sync(ctx context.Context) error {
	spaces, err := h.l.App.Workspaces(ctx)
	if err != nil {
		return err
	}
	wanted := map[string]bool{}
	for _, ws := range spaces {
		machine := trapMachine(ctx, ws.ID)
		traps, err := app.Of[isms.Trap](h.l.App, isms.Traps).All(machine, kind.Query{}.Where("status", string(isms.TrapArmed), string(isms.TrapSprung)))
		if err != nil {
			return err
		}
		for _, t := range traps {
			if !t.Type.Decoy() {
				continue
			}
			wanted[t.ID] = true
			if err := h.keep(machine, ctx, ws.ID, t); err != nil {
				return err
			}
		}
	}
	for _, s := range h.unwanted(wanted) {
		s.end()
	}
	return nil
}

func trapMachine(ctx context.Context, workspace string) context.Context {
	return access.With(ctx, access.Actor{Name: "holdfast", Workspace: workspace, Machine: true, Via: "trap"})
}

// unwanted takes out the decoys that no record wants any more.
func (h *trapHouse) unwanted(wanted map[string]bool) (list []*standing) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for id, s := range h.standing {
		if !wanted[id] {
			list = append(list, s)
			delete(h.standing, id)
		}
	}
	return list
}

func (s *standing) end() {
	s.stop()
	<-s.done
}

func (h *trapHouse) stopAll() {
	for _, s := range h.unwanted(nil) {
		s.end()
	}
}

// keep makes one decoy stand as its record wants. Where that cannot be, the record says
// why and what to do about it.
func (h *trapHouse) keep(machine, ctx context.Context, workspace string, t *isms.Trap) error {
	trap, err := h.dress(t)
	spec := fmt.Sprintf("%s %+v %s", t.Address, trap.Options, t.Scanners) + fmt.Sprint(t.MaxVisits)
	h.mu.Lock()
	old := h.standing[t.ID]
	h.owner[t.ID] = workspace
	h.mu.Unlock()
	if err == nil && old != nil && old.spec == spec && !old.over() {
		return h.complain(machine, t, "")
	}
	if old != nil {
		old.end()
		h.mu.Lock()
		delete(h.standing, t.ID)
		h.mu.Unlock()
	}
	if err == nil {
		err = h.stand(ctx, spec, t.Address, trap)
	}
	if err != nil {
		return h.complain(machine, t, err.Error())
	}
	return h.complain(machine, t, "")
}

func (s *standing) over() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// dress makes a decoy of a record.
func (h *trapHouse) dress(t *isms.Trap) (decoy.Trap, error) {
	trap := decoy.Trap{ID: t.ID, Service: string(t.Type), MaxVisits: t.MaxVisits, Options: decoy.Options{Host: t.Host, LetIn: t.LetIn, Secret: h.secretOf(t.ID)}}
	if t.Type == "http" || t.Type == "https" {
		trap.Options.Title = t.Bait
	}
	var err error
	if trap.Scanners, err = decoy.ParseScanners(t.Scanners); err != nil {
		return trap, fmt.Errorf("known scanners: %w", err)
	}
	return trap, trap.Check()
}

// secretOf is what the keys of one decoy are made from.
func (h *trapHouse) secretOf(id string) []byte {
	m := hmac.New(sha256.New, h.seed)
	m.Write([]byte(id))
	return m.Sum(nil)
}

// stand lets a decoy listen.
func (h *trapHouse) stand(ctx context.Context, spec, address string, t decoy.Trap) error {
	at := addressFor(t.Service, address)
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", at)
	if err != nil {
		return errors.New(whyNotListening(at, err))
	}
	inside, stop := context.WithCancel(ctx)
	s := &standing{spec: spec, at: listener.Addr().String(), stop: stop, done: make(chan struct{})}
	go func() {
		defer close(s.done)
		defer stop()
		if err := h.decoy.Serve(inside, listener, t); err != nil {
			h.log.Error("decoy", "trap", t.ID, "error", err)
		}
	}()
	h.mu.Lock()
	h.standing[t.ID] = s
	h.mu.Unlock()
	return nil
}

// addressFor adds the port at which people expect the service to an address without one.
func addressFor(service, address string) string {
	if _, _, err := net.SplitHostPort(address); err == nil {
		return address
	}
	for _, s := range decoy.Services() {
		if s.Name == service {
			return net.JoinHostPort(strings.Trim(address, "[]"), fmt.Sprint(s.Port))
		}
	}
	return address
}

// whyNotListening says what is in the way, and what to do about it.
func whyNotListening(at string, err error) string {
	_, port, _ := net.SplitHostPort(at)
	switch {
	case errors.Is(err, syscall.EACCES):
		return fmt.Sprintf("May not listen on %s: ports below 1024 take rights that the product does not have. Give a high port, and let the firewall lead port %s to it.", at, port)
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Sprintf("Another program listens on %s already. Give another port or address.", at)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Sprintf("%s is no address of this machine. Give one that it has, or run the decoy where the address is, with “holdfast decoy run”.", at)
	}
	return fmt.Sprintf("Cannot listen on %s: %v. Give an address of this machine with a port, such as 0.0.0.0:2222.", at, err)
}

// complain writes into the record why the trap does not wait; empty: it does.
func (h *trapHouse) complain(machine context.Context, t *isms.Trap, why string) error {
	if t.Complaint == why {
		return nil
	}
	t.Complaint = why
	err := app.Of[isms.Trap](h.l.App, isms.Traps).Save(machine, t)
	if kind.CodeOf(err) == kind.Conflict || kind.CodeOf(err) == kind.NotFound {
		return nil // it has changed since; the change wakes us again
	}
	return err
}

// Home is where tokens call home.
func (h *trapHouse) Home() (base, zone string) { return h.base, h.place.Zone }

// Stands tells where a decoy listens; empty: it does not.
func (h *trapHouse) Stands(id string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s := h.standing[id]; s != nil && !s.over() {
		return s.at
	}
	return ""
}

// Complaint tells what of the place where traps wait does not work; empty: all does.
func (h *trapHouse) Complaint() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.complaint
}

func (h *trapHouse) lament(text string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.complaint = strings.TrimSpace(h.complaint + " " + text)
	h.log.Error("traps", "error", text)
}

// knockTime bounds the touch of a test.
const knockTime = 5 * time.Second

// Knock connects to a decoy, says nothing of note and leaves.
func (h *trapHouse) Knock(ctx context.Context, id string) error {
	at := h.Stands(id)
	if at == "" {
		return kind.Errorf(kind.Unavailable, "the decoy does not listen here")
	}
	ctx, stop := context.WithTimeout(ctx, knockTime)
	defer stop()
	host, port, _ := net.SplitHostPort(at)
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	c, err := new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return kind.Errorf(kind.Unavailable, "the decoy at %s does not answer: %v", at, err)
	}
	defer c.Close() //nolint:errcheck // nothing more is said
	_, err = c.Write([]byte("\r\n"))
	return err
}
