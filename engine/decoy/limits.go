package decoy

import "time"

// Limits bound what visitors can cost. A zero field takes the value of the defaults.
// The budget of goroutines follows from them: one for each visitor, and for a visitor of
// ssh four more, and two for each of his shells, of which he has at most four.
type Limits struct {
	Connections int           // open at the same time, over all traps of a server
	PerAddress  int           // of those, from one address (IPv6: one /64 network)
	Received    int64         // bytes read from one visitor
	Sent        int64         // bytes written to one visitor
	Phase       time.Duration // for each thing a visitor is asked for: a greeting, a password, a command
	Visit       time.Duration // for a whole visit
	Line        int           // bytes of one line; the rest of it is read and dropped
	Entries     int           // kept in each list of a visit: credentials, commands, paths, headers
	Sample      int           // bytes kept of what was received
	HandOver    time.Duration // how long a full channel may hold up the end of a visit before it is dropped
}

// DefaultLimits are those of a small machine: at most 128 visitors, so that memory
// stays below 32 MB whatever they send.
var DefaultLimits = Limits{
	Connections: 128, PerAddress: 16, Received: 1 << 20, Sent: 2 << 20,
	Phase: 30 * time.Second, Visit: 5 * time.Minute,
	Line: 4096, Entries: 100, Sample: 4096, HandOver: time.Second,
}

func (l Limits) orDefault() Limits {
	d := DefaultLimits
	return Limits{
		Connections: positive(l.Connections, d.Connections), PerAddress: positive(l.PerAddress, d.PerAddress),
		Received: positive(l.Received, d.Received), Sent: positive(l.Sent, d.Sent),
		Phase: positive(l.Phase, d.Phase), Visit: positive(l.Visit, d.Visit),
		Line: positive(l.Line, d.Line), Entries: positive(l.Entries, d.Entries),
		Sample: positive(l.Sample, d.Sample), HandOver: positive(l.HandOver, d.HandOver),
	}
}

func positive[T int | int64 | time.Duration](v, otherwise T) T {
	if v > 0 {
		return v
	}
	return otherwise
}
