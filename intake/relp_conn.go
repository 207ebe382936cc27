package intake

import (
	"context"
	"maps"
	"time"

	"holdfast/engine/event"
)

// A session is one connection of RELP. A message is acknowledged when it is durable,
// in the order of arrival.
type session struct {
	*conn
	lane    *lane // nil: more sessions of this sender than are remembered
	earlier []*lane
	repeats repeats
	opened  bool
	closing bool
	fresh   []message // that wait to be kept
	answers []byte
}

func newSession(c *conn) *session { return &session{conn: c} }

// run serves the session until it ends.
func (s *session) run() {
	defer s.release()
	var r relpReader
	var begun time.Time
	buf := make([]byte, readSize)
	for !s.closing {
		begun = s.patience(r.begun(), begun)
		if len(s.repeats.held) > 0 {
			_ = s.SetReadDeadline(s.port.in.cfg.Now().Add(s.port.in.limits.Settle))
		}
		n, err := s.Read(buf)
		bad := r.push(buf[:n], s.take)
		if err != nil && isTimeout(err) && len(s.repeats.held) > 0 {
			err = nil
			s.fresh = append(s.fresh, s.repeats.giveUp()...)
		}
		if s.keep() != nil {
			return
		}
		if err != nil || bad != nil {
			s.answers = relpAnswer(s.answers, 0, "serverclose", "")
		}
		if s.answer() != nil || err != nil || bad != nil {
			return
		}
	}
}

// maxHeld is how many bytes of messages are held back while it is undecided whether
// they are repeats.
const maxHeld = 16 << 20

// take takes one frame.
func (s *session) take(f relpFrame) error {
	switch {
	case f.command == "open" && !s.opened:
		s.opened = true
		s.begin()
		s.answers = relpAnswer(s.answers, f.number, "rsp", relpWelcome)
	case f.command == "close":
		s.closing = true
		s.fresh = append(s.fresh, s.repeats.giveUp()...)
		if err := s.keep(); err != nil {
			return err
		}
		s.finish()
		s.answers = relpAnswer(relpAnswer(s.answers, f.number, "rsp", ""), 0, "serverclose", "")
	case !s.opened:
		s.answers = relpAnswer(s.answers, f.number, "rsp", "500 open the session first")
		return errRELP
	case f.command == "syslog":
		return s.takeMessage(f)
	default:
		s.answers = relpAnswer(s.answers, f.number, "rsp", "500 unknown command")
	}
	return nil
}

func (s *session) takeMessage(f relpFrame) error {
	line := f.data
	for len(line) > 0 && line[len(line)-1] == '\n' {
		line = line[:len(line)-1]
	}
	m := message{number: f.number, line: s.hold(line, f.whole-len(f.data)+len(line))}
	m.print = printOf(m.line)
	old, of, fresh := s.repeats.take(m)
	if len(s.arena) > maxHeld {
		fresh = append(fresh, s.repeats.giveUp()...)
	}
	if old != nil {
		if err := s.adopt(s.earlier[of]); err != nil {
			return err
		}
		s.gate.repeated.Add(int64(len(old)))
		for _, m := range old {
			s.acknowledge(m)
		}
	}
	s.fresh = append(s.fresh, fresh...)
	return nil
}

func (s *session) acknowledge(m message) {
	s.answers = relpAnswer(s.answers, m.number, "rsp", "200 OK")
}

// keep makes the messages that wait durable and acknowledges them. Each append fills
// at most one slot of the lane.
func (s *session) keep() error {
	if len(s.fresh) == 0 {
		return s.tidy()
	}
	if s.lane == nil {
		s.lane = s.port.in.freeLane(s)
	}
	for rest := s.fresh; len(rest) > 0; {
		n := len(rest)
		if s.lane != nil {
			n = min(n, s.lane.room())
		}
		if err := s.keepPart(rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	s.fresh = s.fresh[:0]
	return s.tidy()
}

// tidy gives up the memory of messages when none is held back.
func (s *session) tidy() error {
	if len(s.repeats.held) == 0 {
		if s.arena = s.arena[:0]; cap(s.arena) > 4*readSize {
			s.arena = nil
		}
	}
	return nil
}

func (s *session) keepPart(part []message) error {
	s.lines = s.lines[:0]
	prints := make([]uint32, 0, len(part))
	for _, m := range part {
		if len(m.line) > 0 {
			s.lines = append(s.lines, event.Line{Raw: m.line})
		}
		prints = append(prints, m.print)
	}
	lines := s.gate.pass(s.lines, s.port.in.cfg.Now(), s.peer)
	if err := s.keepLines(prints, lines); err != nil {
		return err
	}
	for _, m := range part {
		s.acknowledge(m)
	}
	return nil
}

func (s *session) keepLines(prints []uint32, lines []event.Line) error {
	if s.lane == nil {
		return s.port.in.persist(s.gate, func(ctx context.Context) error { return s.gate.keep(ctx, lines) })
	}
	s.lane.mu.Lock()
	defer s.lane.mu.Unlock()
	key := s.lane.with(prints)
	err := s.port.in.persist(s.gate, func(ctx context.Context) error { return s.gate.keepOnce(ctx, key, lines) })
	if err == nil {
		s.lane.add(prints)
	}
	return err
}

// answer sends the acknowledgements.
func (s *session) answer() error {
	if len(s.answers) == 0 {
		return nil
	}
	_ = s.SetWriteDeadline(s.port.in.cfg.Now().Add(s.port.in.limits.Slow))
	_, err := s.Write(s.answers)
	s.answers = s.answers[:0]
	return err
}

// begin looks at what earlier sessions of the sender brought.
func (s *session) begin() {
	for _, l := range s.port.in.lanesOf(s.gate, s.peer.String()) {
		l.mu.Lock() // not while messages are on their way to the store
		prints := l.prints
		l.mu.Unlock()
		if len(prints) > 0 {
			s.earlier = append(s.earlier, l)
			s.repeats.earlier = append(s.repeats.earlier, prints)
		}
	}
	s.repeats.decided = len(s.earlier) == 0
}

// adopt goes on with the lane of the session that this one repeats.
func (s *session) adopt(l *lane) error {
	for {
		holder := s.port.in.takeLane(l, s.conn)
		if holder == nil || holder == s.conn {
			s.lane = l
			return nil
		}
		_ = holder.end() // it is dead, and we are told before the network tells
		select {
		case <-holder.over:
		case <-s.port.in.ctx.Done():
			return s.port.in.ctx.Err()
		}
	}
}

// finish forgets what nobody will repeat: the sender saw every acknowledgement.
func (s *session) finish() {
	if s.lane != nil {
		s.lane.mu.Lock()
		s.lane.begin(uint64(s.port.in.cfg.Now().UnixMicro()))
		s.lane.mu.Unlock()
	}
}

func (s *session) release() {
	if s.lane != nil {
		s.port.in.leaveLane(s.lane, s.conn)
	}
}

// lanesOf are the lanes of a sender, those that are used and the next.
func (in *Intake) lanesOf(g *gate, peer string) []*lane {
	in.mu.Lock()
	defer in.mu.Unlock()
	list := make([]*lane, 0, maxLanes)
	for n := range maxLanes {
		name := laneName(g.id, peer, n)
		if in.lanes[name] == nil {
			in.lanes[name] = openLane(g.store, name)
		}
		list = append(list, in.lanes[name])
		if in.lanes[name].session == 0 && in.lanes[name].holder == nil {
			break
		}
	}
	return list
}

// freeLane gives the session a lane that no other holds: an empty one, or the oldest.
func (in *Intake) freeLane(s *session) *lane {
	list := in.lanesOf(s.gate, s.peer.String())
	in.mu.Lock()
	defer in.mu.Unlock()
	var best *lane
	for _, l := range list {
		if l.holder != nil {
			continue
		}
		if best == nil || len(best.prints) > 0 && (len(l.prints) == 0 || l.session < best.session) {
			best = l
		}
	}
	if best != nil {
		best.holder = s.conn
		best.begin(uint64(in.cfg.Now().UnixMicro()))
	}
	return best
}

// takeLane gives the lane to the connection and returns nil, or returns who holds it.
func (in *Intake) takeLane(l *lane, c *conn) *conn {
	in.mu.Lock()
	defer in.mu.Unlock()
	if l.holder == nil {
		l.holder = c
		return nil
	}
	return l.holder
}

func (in *Intake) leaveLane(l *lane, c *conn) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if l.holder == c {
		l.holder = nil
	}
	if len(in.lanes) > maxLanesKnown { // the store remembers them too
		maps.DeleteFunc(in.lanes, func(_ string, l *lane) bool { return l.holder == nil })
	}
}

// maxLanesKnown is how many lanes are kept in memory.
const maxLanesKnown = 512
