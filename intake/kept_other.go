//go:build !linux

package intake

// A keptConn is a connection that outlives the process. There is none here.
type keptConn struct {
	name  string
	slot  int
	leave bool
}

// keep keeps nothing.
func (p *port) keep(*conn) {}

// resume finds nothing.
func (p *port) resume() []*conn { return nil }

// streamKept is never called.
func (c *conn) streamKept() {}
