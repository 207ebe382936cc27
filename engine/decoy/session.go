package decoy

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"time"
)

// A session is what a service has in hand during one visit.
type session struct {
	server  *Server
	conn    *guard
	rec     *record
	r       *bufio.Reader
	w       io.Writer // conn, or the layer of TLS above it
	options Options
	keys    *keys
	tries   int // attempts to sign in so far
}

func newSession(s *Server, g *guard, rec *record, p *prepared) *session {
	return &session{server: s, conn: g, rec: rec, r: bufio.NewReaderSize(g, 4096), w: g, options: p.options, keys: p.keys}
}

func (s *session) now() time.Time { return s.server.config.Now() }

// say writes to the visitor and tells whether he still listens.
func (s *session) say(format string, args ...any) bool {
	_, err := fmt.Fprintf(s.w, format, args...)
	return err == nil
}

func (s *session) send(p []byte) bool {
	_, err := s.w.Write(p)
	return err == nil
}

// admits counts an attempt to sign in, and tells whether this one succeeds.
func (s *session) admits() bool {
	s.tries++
	return s.options.LetIn > 0 && s.tries >= s.options.LetIn
}

// line begins a phase and reads up to a line feed; the rest of a line that is too
// long is read and dropped. The end of the line is cut off.
func (s *session) line() (string, bool) {
	s.conn.next()
	return readLine(s.r, s.server.config.Limits.Line)
}

// readLine tells false when there is nothing more. A last line without an end counts.
func readLine(r *bufio.Reader, limit int) (string, bool) {
	var kept []byte
	for {
		part, err := r.ReadSlice('\n')
		kept = append(kept, part[:min(len(part), limit+2-len(kept))]...)
		switch {
		case err == nil, err != nil && !errors.Is(err, bufio.ErrBufferFull) && len(kept) > 0:
			return cutEnd(kept, limit), true
		case !errors.Is(err, bufio.ErrBufferFull):
			return "", false
		}
	}
}

func cutEnd(line []byte, limit int) string {
	for len(line) > 0 && (line[len(line)-1] == '\n' || line[len(line)-1] == '\r') {
		line = line[:len(line)-1]
	}
	return string(line[:min(len(line), limit)])
}

// take begins a phase and reads exactly n bytes.
func (s *session) take(n int) ([]byte, bool) {
	s.conn.next()
	return s.more(n)
}

// more reads exactly n bytes in the same phase. n is bounded by the caller.
func (s *session) more(n int) ([]byte, bool) {
	b := make([]byte, n)
	_, err := io.ReadFull(s.r, b)
	return b, err == nil
}
