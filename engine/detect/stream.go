package detect

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"github.com/valyala/fastjson"
)

// An Event is one event of a file and where it stands there.
type Event struct {
	JSON   []byte // valid until the next
	Number int64  // 1 is the first event
	Line   int    // on which it begins
	Offset int64  // in bytes, of the unpacked file; of a record in an envelope that of the envelope
}

// A Stream reads events from a file: a JSON object on each line, objects one after
// another, arrays of objects, CloudTrail's {"Records": […]}, and each of these packed
// with gzip. It holds one event at a time; only an envelope is held as a whole.
type Stream struct {
	name   string
	in     *bufio.Reader
	line   int
	offset int64
	number int64

	event   []byte
	inArray bool
	records []*fastjson.Value // of an envelope, still to be given
	parser  fastjson.Parser
	at      Event
}

// NewStream returns a stream of the events of a file. name is for messages.
func NewStream(name string, r io.Reader) (*Stream, error) {
	in := bufio.NewReaderSize(r, 1<<16)
	if magic, _ := in.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		unpacked, err := gzip.NewReader(in)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		in = bufio.NewReaderSize(unpacked, 1<<16)
	}
	skipped := int64(0)
	if bom, _ := in.Peek(3); bytes.Equal(bom, []byte("\xef\xbb\xbf")) {
		if _, err := in.Discard(3); err != nil {
			return nil, err
		}
		skipped = 3
	}
	return &Stream{name: name, in: in, line: 1, offset: skipped}, nil
}

// errEnvelope says that an object was read which only holds records.
var errEnvelope = errors.New("an envelope")

// A BadEvent is a part of a file that is no event. The stream can go on behind it.
type BadEvent struct {
	File string
	Line int
	Err  error
}

func (b *BadEvent) Error() string { return fmt.Sprintf("%s:%d: %v", b.File, b.Line, b.Err) }

func (b *BadEvent) Unwrap() error { return b.Err }

// Next returns the next event, io.EOF at the end, or a *BadEvent, after which the
// stream continues on the following line.
func (s *Stream) Next() (Event, error) {
	for {
		if e, ok := s.record(); ok {
			return e, nil
		}
		c, err := s.skipSpace()
		switch {
		case errors.Is(err, io.EOF):
			if s.inArray {
				s.inArray = false
				return Event{}, s.bad(errors.New("the file ends within an array"))
			}
			return Event{}, io.EOF
		case err != nil:
			return Event{}, fmt.Errorf("%s: %w", s.name, err)
		case c == '{':
			if e, err := s.object(); !errors.Is(err, errEnvelope) {
				return e, err
			}
		case c == '[' && !s.inArray, c == ']' && s.inArray, c == ',':
			s.inArray = c == '[' || c == ',' && s.inArray
			s.take(c)
		default:
			return Event{}, s.skipLine(fmt.Errorf("an event begins with {, not with %q; plain text cannot be read here", c))
		}
	}
}

func (s *Stream) bad(err error) error { return &BadEvent{s.name, s.line, err} }

// skipSpace looks at the next character that is no space.
func (s *Stream) skipSpace() (byte, error) {
	for {
		c, err := s.in.ReadByte()
		if err != nil {
			return 0, err
		}
		if c != ' ' && c != '\t' && c != '\r' && c != '\n' && c != 0x1e {
			return c, s.in.UnreadByte()
		}
		s.count(c)
	}
}

// take reads a character that was looked at.
func (s *Stream) take(c byte) {
	_, _ = s.in.ReadByte() // it was unread just before
	s.count(c)
}

func (s *Stream) count(c byte) {
	s.offset++
	if c == '\n' {
		s.line++
	}
}

// skipLine drops the rest of the line, so that one bad line does not hide the others.
func (s *Stream) skipLine(err error) error {
	bad := s.bad(err)
	for {
		c, err := s.in.ReadByte()
		if err != nil {
			return bad
		}
		s.count(c)
		if c == '\n' {
			return bad
		}
	}
}

// object reads one object, which begins here.
func (s *Stream) object() (Event, error) {
	s.at = Event{Line: s.line, Offset: s.offset}
	s.event = s.event[:0]
	depth, quoted, escaped := 0, false, false
	for {
		c, err := s.in.ReadByte()
		if errors.Is(err, io.EOF) {
			return Event{}, &BadEvent{s.name, s.at.Line, errors.New("the file ends within this event")}
		}
		if err != nil {
			return Event{}, fmt.Errorf("%s: %w", s.name, err)
		}
		s.count(c)
		if len(s.event) == MaxEvent {
			return Event{}, s.skipLine(fmt.Errorf("an event of more than %d MB", MaxEvent>>20))
		}
		s.event = append(s.event, c)
		switch {
		case escaped:
			escaped = false
		case quoted:
			escaped = c == '\\'
			quoted = c != '"'
		case c == '"':
			quoted = true
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth--; depth == 0 {
				return s.whole()
			}
		}
	}
}

// whole gives the object that was read, or the records it is the envelope of.
func (s *Stream) whole() (Event, error) {
	if bytes.Contains(s.event[:min(len(s.event), 64)], []byte(`"Records"`)) {
		v, err := s.parser.ParseBytes(s.event)
		if err != nil {
			return Event{}, &BadEvent{s.name, s.at.Line, err}
		}
		if list := v.Get("Records"); list != nil && list.Type() == fastjson.TypeArray {
			s.records = list.GetArray()
			return Event{}, errEnvelope
		}
	}
	s.number++
	s.at.JSON, s.at.Number = s.event, s.number
	return s.at, nil
}

func (s *Stream) record() (Event, bool) {
	if len(s.records) == 0 {
		return Event{}, false
	}
	s.event = s.records[0].MarshalTo(s.event[:0])
	s.records = s.records[1:]
	s.number++
	s.at.JSON, s.at.Number = s.event, s.number
	return s.at, true
}

// Offset is how much of the unpacked file has been read, in bytes.
func (s *Stream) Offset() int64 { return s.offset }
