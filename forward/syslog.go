package forward

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"holdfast/engine/event"
	"holdfast/eventstore"
)

// maxDatagram is the longest syslog message over UDP that every receiver takes whole
// (RFC 5426, section 3.2).
const maxDatagram = 2048

// The ports of syslog where the address names none.
var syslogPorts = map[string]string{"udp": "514", "tcp": "601", "tls": "6514"}

// A stream sends lines of syslog over a connection that stays.
type stream struct {
	scheme, host, name, port string
	secure                   *tls.Config
	conn                     net.Conn
	socket                   *net.TCPConn  // below conn; nil: UDP
	gone                     chan struct{} // closed when the receiver has closed; nil: UDP
	buffer                   []byte
}

func (s *stream) Render(e *event.Event, source string, p eventstore.Position) ([]byte, bool) {
	line := syslogLine(e, source, p)
	if s.scheme != "udp" || len(line) <= maxDatagram {
		return line, false
	}
	return []byte(strings.ToValidUTF8(string(line[:maxDatagram]), "")), true
}

// syslogLevels are the severities of syslog (RFC 5424, table 2) by those of OCSF.
var syslogLevels = [...]int{6, 6, 5, 4, 3, 2, 1}

// maxSequence is the highest sequenceId (RFC 5424, section 7.3.1); after it comes 1.
const maxSequence = 1<<31 - 1

// syslogLine is an event as a message of RFC 5424: the head says what is known of it, the
// text is the line as it arrived. Facility 16 (local0); MSGID is the key of the source;
// sequenceId is the position, by which a receiver knows what it has had before.
func syslogLine(e *event.Event, source string, p eventstore.Position) []byte {
	const facility = 16
	pid := ""
	if e.PID > 0 {
		pid = strconv.FormatInt(e.PID, 10)
	}
	level := syslogLevels[min(max(e.Severity, 0), len(syslogLevels)-1)]
	line := make([]byte, 0, len(e.Raw)+256)
	line = fmt.Appendf(line, "<%d>1 %s %s %s %s %s [meta sequenceId=\"%d\"] ", facility*8+level, e.Time.UTC().Format("2006-01-02T15:04:05.000000Z"),
		word(cmp.Or(e.Host, e.Peer), 255), word(cmp.Or(e.Service, e.Product), 48), word(pid, 128), word(source, 32), (uint64(p)-1)%maxSequence+1)
	return append(line, e.Raw...)
}

// word is a field of the head: visible ASCII without spaces, bounded, "-" for nothing.
func word(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if r < '!' || r > '~' {
			return -1
		}
		return r
	}, s)
	if s == "" {
		return "-"
	}
	return s[:min(len(s), most)]
}

// Send writes the lines, with their lengths before them over TCP (RFC 6587), and waits
// until the other machine has acknowledged the bytes where this one can tell. Whatever
// goes wrong ends the connection: the lines are sent again over a new one.
func (s *stream) Send(ctx context.Context, items []Item) error {
	if s.closed() {
		s.Close()
	}
	if s.conn == nil {
		if err := s.connect(ctx); err != nil {
			return err
		}
	}
	conn := s.conn
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	err := s.write(ctx, items)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		s.Close()
		return fmt.Errorf("%s://%s: %w", s.scheme, s.host, err)
	}
	return nil
}

func (s *stream) write(ctx context.Context, items []Item) error {
	if s.socket == nil {
		for _, it := range items {
			if _, err := s.conn.Write(it.Data); err != nil {
				return err
			}
		}
		return nil
	}
	s.buffer = s.buffer[:0]
	for _, it := range items {
		s.buffer = strconv.AppendInt(s.buffer, int64(len(it.Data)), 10)
		s.buffer = append(append(s.buffer, ' '), it.Data...)
	}
	if _, err := s.conn.Write(s.buffer); err != nil {
		return err
	}
	if err := drained(ctx, s.socket); err != nil {
		return err
	}
	if s.closed() {
		return errors.New("the receiver closed the connection")
	}
	return nil
}

// closed tells whether the receiver has closed the connection.
func (s *stream) closed() bool {
	select {
	case <-s.gone: // never for nil
		return true
	default:
		return false
	}
}

func (s *stream) connect(ctx context.Context) error {
	network := "tcp"
	if s.scheme == "udp" {
		network = "udp"
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, network, net.JoinHostPort(s.name, cmp.Or(s.port, syslogPorts[s.scheme])))
	if err != nil {
		return err
	}
	s.socket, _ = conn.(*net.TCPConn)
	if s.scheme == "tls" {
		over := tls.Client(conn, s.secure)
		if err := over.HandshakeContext(ctx); err != nil {
			_ = conn.Close()
			return fmt.Errorf("%s://%s: %w", s.scheme, s.host, err)
		}
		conn = over
	}
	s.conn = conn
	if s.socket != nil {
		gone := make(chan struct{})
		s.gone = gone
		go func() { // receivers say nothing: what comes is the end
			_, _ = io.Copy(io.Discard, conn)
			close(gone)
		}()
	}
	return nil
}

func (s *stream) Close() {
	if s.conn != nil {
		_ = s.conn.Close()
	}
	s.conn, s.socket, s.gone = nil, nil, nil
}
