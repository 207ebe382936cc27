package eventstore

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"holdfast/kind"
)

// The folders and files of a store.
const (
	logDir     = "log"
	segmentDir = "segments"
	cursorDir  = "cursors"
	tmpDir     = "tmp"
	keyFile    = "keys"
	tableFile  = "tables"
	logSuffix  = ".log"
)

// The head of a file of the log: eight letters, four bytes of seed, and room.
const (
	logMagic = "HFEVENT1"
	logHead  = 16
)

// A logFile is one file of the write-ahead log. Its name is the position of its first
// line.
type logFile struct {
	path  string
	first Position // of its first line
	seed  uint32   // of the checksums
	size  int64    // bytes that are durable; what lies behind them was never acknowledged
	file  *os.File // open for writing; nil when it is full
}

func (s *Store) active() *logFile { return s.logs[len(s.logs)-1] }

func logName(first Position) string { return fmt.Sprintf("%020d%s", first, logSuffix) }

// startLog begins a new file of the log.
func (s *Store) startLog(first Position) (*logFile, error) {
	path := s.path(logDir, logName(first))
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	head := make([]byte, logHead)
	_, _ = rand.Read(head) // never fails
	copy(head, logMagic)
	_, err = f.Write(head)
	if err = errors.Join(err, f.Sync(), syncDir(s.path(logDir))); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &logFile{path: path, first: first, seed: seedOf(head), size: logHead, file: f}, nil
}

func seedOf(head []byte) uint32 { return binary.LittleEndian.Uint32(head[len(logMagic):]) }

// write puts a frame at the end of the log and waits for the disk. After an error the
// log is as it was before: what may have been written of the frame is cut off now, or
// by the next write.
func (s *Store) write(g *group, first Position) error {
	if err := s.rotate(first, false); err != nil {
		return full(err)
	}
	f := s.active() // only the writer replaces it
	for _, k := range g.keys {
		g.frame = appendText(appendText(g.frame, k.Name), k.Value)
	}
	sealFrame(f.seed, g.frame, first, g.lines, len(g.keys))
	_, err := f.file.WriteAt(g.frame, f.size)
	if err == nil {
		err = f.file.Sync()
	}
	if err != nil {
		return full(errors.Join(err, f.file.Truncate(f.size)))
	}
	s.mu.Lock()
	f.size += int64(len(g.frame))
	s.mu.Unlock()
	return nil
}

// full says what to do about a log that cannot be written.
func full(err error) error {
	return kind.Errorf(kind.Unavailable, "events cannot be kept: %w (make room on the disk of the data folder, or let its owner write there; senders keep what was not acknowledged)", err)
}

// rotate goes on in a new file when the present one is full, or when it must and there
// is anything in it.
func (s *Store) rotate(first Position, must bool) error {
	f := s.active()
	if f.first == first || !must && f.size < s.cfg.LogFile {
		return nil
	}
	fresh, err := s.startLog(first)
	if err != nil {
		return err
	}
	s.mu.Lock()
	old := f.file
	f.file = nil
	s.logs = append(s.logs, fresh)
	s.mu.Unlock()
	return old.Close()
}

// recover takes over what the last process left.
func (s *Store) recover() error {
	for _, step := range []func() error{s.clearTmp, s.readManifest, s.readKeys, s.readTables, s.recoverLog, s.clearShelf} {
		if err := step(); err != nil {
			return err
		}
	}
	s.swap(s.manifest)
	s.head.last = s.manifest.Sealed
	return s.dropLog(s.manifest.Sealed)
}

// recoverLog reads the log.
func (s *Store) recoverLog() error {
	names, err := filepath.Glob(s.path(logDir, "*"+logSuffix))
	if err != nil {
		return err
	}
	slices.Sort(names)
	next := s.manifest.Sealed + 1
	for i, path := range names {
		first, err := strconv.ParseUint(strings.TrimSuffix(filepath.Base(path), logSuffix), 10, 64)
		if err != nil || first == 0 {
			return fmt.Errorf("%s is no file of the log: move it elsewhere", path)
		}
		f := &logFile{path: path, first: Position(first)}
		s.missing(path, next, f.first)
		if i == 0 {
			next = f.first
		}
		if next, err = s.scan(f, max(next, f.first)); err != nil {
			return err
		}
		s.logs = append(s.logs, f)
	}
	next = max(next, s.manifest.Sealed+1)
	s.durable = next - 1
	return s.openLast(next)
}

// missing notes lines that are neither in the log nor sealed.
func (s *Store) missing(path string, from, to Position) {
	if from = max(from, s.manifest.Sealed+1); from < to {
		s.lost = append(s.lost, Damage{path, from, uint64(to - from)})
	}
}

// openLast opens the newest file for writing and cuts off its torn end.
func (s *Store) openLast(next Position) error {
	if len(s.logs) == 0 {
		f, err := s.startLog(next)
		s.logs = append(s.logs, f)
		return err
	}
	f := s.active()
	if f.size < logHead { // it was being made
		fresh, err := s.startLog(f.first)
		s.logs[len(s.logs)-1] = fresh
		return err
	}
	var err error
	if f.file, err = os.OpenFile(f.path, os.O_RDWR, 0o600); err != nil {
		return err
	}
	return errors.Join(f.file.Truncate(f.size), f.file.Sync())
}

// scan reads a file of the log from its start, remembers the keys, and tells which
// position comes next. It goes on behind a damaged part when whole frames follow, and
// notes what is missing.
func (s *Store) scan(f *logFile, next Position) (Position, error) {
	data, err := os.ReadFile(f.path)
	if err != nil {
		return 0, err
	}
	if len(data) < logHead || string(data[:len(logMagic)]) != logMagic {
		return next, nil
	}
	f.seed, f.size = seedOf(data), logHead
	for at := int64(logHead); at < int64(len(data)); {
		h, err := checkFrame(f.seed, data[at:])
		if err != nil || h.first < next {
			skip := findFrame(f.seed, data[at+1:], next)
			if skip < 0 {
				break // a torn end
			}
			at += 1 + skip
			continue
		}
		s.missing(f.path, next, h.first)
		see := func(l Stored) { s.tables.See(uint64(l.Position), l.Line) }
		if err := readBody(h, data[at:], see, s.keys.put); err != nil {
			return 0, err
		}
		next = h.last() + 1
		at += h.size()
		f.size = at
	}
	return next, nil
}

// findFrame finds the next whole frame that does not start before a position; -1 for
// none.
func findFrame(seed uint32, data []byte, next Position) int64 {
	mark := binary.LittleEndian.AppendUint32(nil, frameMark)
	for at := 0; ; at++ {
		i := bytes.Index(data[at:], mark)
		if i < 0 {
			return -1
		}
		at += i
		if h, err := checkFrame(seed, data[at:]); err == nil && h.first >= next {
			return int64(at)
		}
	}
}

// A place in the log is where a frame begins.
type place struct {
	file   Position // the first position of the file
	offset int64
}

// readLog reads lines behind a position from the log, beginning at a hint when it still
// stands, until there are enough: whole frames, which are never larger than a group. It
// tells where to go on.
func (s *Store) readLog(after Position, hint place, lines, size int) (found []Stored, at place, err error) {
	f, until := s.logWith(after + 1)
	if f == nil {
		return nil, place{}, nil
	}
	file, err := os.Open(f.path)
	if err != nil {
		return nil, place{}, err
	}
	defer file.Close()
	at = place{file: f.first, offset: logHead}
	if hint.file == f.first {
		at.offset = hint.offset
	}
	for at.offset < until && len(found) < lines && size > 0 {
		frame, h, err := readFrame(f.seed, file, at.offset)
		if err == nil {
			err = readBody(h, frame, func(l Stored) {
				if l.Position > after {
					found = append(found, l)
					size -= len(l.Raw) + lineHead
				}
			}, nil)
		}
		if err != nil {
			return nil, place{}, fmt.Errorf("%s at byte %d: %w", f.path, at.offset, err)
		}
		at.offset += h.size()
	}
	return found, at, nil
}

// logWith finds the file that holds a position, and how many bytes of it are durable.
func (s *Store) logWith(p Position) (*logFile, int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range slices.Backward(s.logs) {
		if f.first <= p || i == 0 {
			if p > s.durable {
				return nil, 0
			}
			return f, f.size
		}
	}
	return nil, 0
}

func readFrame(seed uint32, r io.ReaderAt, at int64) ([]byte, frameInfo, error) {
	head := make([]byte, frameHead)
	if _, err := r.ReadAt(head, at); err != nil {
		return nil, frameInfo{}, err
	}
	h, err := readHead(head)
	if err != nil {
		return nil, h, err
	}
	frame := make([]byte, h.size())
	if _, err := r.ReadAt(frame, at); err != nil {
		return nil, h, err
	}
	_, err = checkFrame(seed, frame)
	return frame, h, err
}
