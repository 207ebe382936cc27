package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"holdfast/engine/event"
)

// chunk is how much of a file is read at once: the longest line and a little more.
const chunk = event.MaxLine + 64<<10

// readAll reads the whole lines that are new in a file.
func (f *follower) readAll(ctx context.Context, w *followed, r io.ReaderAt) error {
	for {
		n, err := f.readChunk(ctx, w, io.NewSectionReader(r, w.cur.at, 1<<62), r, false)
		if err != nil || n == 0 {
			return errors.Join(err, f.refresh(ctx, w))
		}
		w.grown = f.in.cfg.Now()
	}
}

// readLast reads to the end of something that does not grow any more, a last line
// without an end as well. R begins where the cursor stands.
func (f *follower) readLast(ctx context.Context, w *followed, r io.Reader) error {
	rest := &rereader{r: r}
	for {
		rest.rewind()
		n, err := f.readChunk(ctx, w, rest, nil, true)
		if err != nil || n == 0 {
			return err
		}
		rest.use(n)
	}
}

// A rereader gives again what was read and not used. Of a line that is too long it
// holds the end only.
type rereader struct {
	r       io.Reader
	buf     []byte
	offset  int
	dropped int64 // before buf
}

func (r *rereader) Read(p []byte) (int, error) {
	if r.offset < len(r.buf) {
		n := copy(p, r.buf[r.offset:])
		r.offset += n
		return n, nil
	}
	if over := len(r.buf) - 2*chunk; over > 0 {
		r.buf = append(r.buf[:0], r.buf[over:]...)
		r.offset, r.dropped = r.offset-over, r.dropped+int64(over)
	}
	n, err := r.r.Read(p)
	r.buf = append(r.buf, p[:n]...)
	r.offset += n
	return n, err
}

func (r *rereader) rewind() { r.offset = 0 }

func (r *rereader) use(n int64) {
	r.buf = append(r.buf[:0], r.buf[n-r.dropped:]...)
	r.dropped = 0
}

// readChunk keeps the next lines together with the cursor after them, and returns how
// many bytes that were. Last: no more will be written.
func (f *follower) readChunk(ctx context.Context, w *followed, r io.Reader, head io.ReaderAt, last bool) (int64, error) {
	if f.buf == nil {
		f.buf = make([]byte, chunk)
	}
	n, err := io.ReadFull(r, f.buf)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return 0, fmt.Errorf("%s: %w", w.path, err)
	}
	data := f.buf[:n]
	used, whole := bytes.LastIndexByte(data, '\n')+1, 0
	if used == 0 && n < chunk && last {
		used = n
	}
	if used == 0 && n == chunk {
		used, whole, err = longLine(r, n, last)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", w.path, err)
		}
		data = data[:room]
	} else {
		data = data[:used]
	}
	if used == 0 {
		return 0, nil
	}
	return int64(used), f.keep(ctx, w, f.lines(w, data, whole), int64(used), head)
}

// longLine reads to the end of a line that is too long. Used is 0 when it has none yet.
func longLine(r io.Reader, n int, last bool) (used, whole int, err error) {
	buf := make([]byte, readSize)
	for {
		m, err := r.Read(buf)
		if i := bytes.IndexByte(buf[:m], '\n'); i >= 0 {
			return n + i + 1, n + i, nil
		}
		n += m
		switch {
		case errors.Is(err, io.EOF) && last:
			return n, n, nil
		case errors.Is(err, io.EOF):
			return 0, 0, nil
		case err != nil:
			return 0, 0, err
		}
	}
}

func (f *follower) lines(w *followed, data []byte, whole int) []event.Line {
	var list []event.Line
	for line := range bytes.Lines(data) {
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			continue
		}
		if size := max(whole, len(line)); size > room {
			f.gate.cut.Add(1)
			line = marked(line[:room:room], size)
		}
		list = append(list, event.Line{Raw: line})
	}
	list = f.gate.pass(list, f.in.cfg.Now(), netip.Addr{})
	if f.several {
		for i := range list {
			list[i].Peer = w.name
		}
	}
	return list
}

// keep makes the lines and the cursor after them durable.
func (f *follower) keep(ctx context.Context, w *followed, lines []event.Line, used int64, head io.ReaderAt) error {
	next := w.cur
	next.at += used
	if next.head < headSize && head != nil {
		print, have, err := printOfHead(head, int(min(next.at, headSize)))
		if err != nil {
			return fmt.Errorf("%s: %w", w.path, err)
		}
		next.print, next.head = print, have
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := f.gate.keepOnce(ctx, Key{w.key, next.value()}, lines); err != nil {
		return fmt.Errorf("events wait because they cannot be kept: %w", err)
	}
	w.cur, w.seen = next, f.in.keyed.Load()
	return nil
}

// refresh writes the cursor again when many others were written since.
func (f *follower) refresh(ctx context.Context, w *followed) error {
	if now := f.in.keyed.Load(); now-w.seen < refreshEvery || w.cur.at == 0 {
		return nil
	}
	w.cur.turn++
	return f.keep(ctx, w, nil, 0, nil)
}

// A pipe is a file that a program writes into and nobody can read twice. What was read
// and not kept when the process is killed is lost.
type pipe struct {
	file   *os.File
	framer framer
}

// readPipe reads what waits in a pipe.
func (f *follower) readPipe(_ context.Context, path string) error {
	p := f.pipes[path]
	if p == nil {
		file, err := os.OpenFile(path, os.O_RDWR, 0) // for writing too: then it does not end when the writer does
		if err != nil {
			return err
		}
		p = &pipe{file: file}
		f.pipes[path] = p
	}
	buf := make([]byte, readSize)
	for {
		if err := p.file.SetReadDeadline(f.in.cfg.Now().Add(f.in.limits.Poll / 4)); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		n, err := p.file.Read(buf)
		var lines []event.Line
		p.framer.push(buf[:n], func(line []byte, whole int) {
			if len(line) > 0 {
				lines = append(lines, event.Line{Raw: marked(bytes.Clone(line), whole)})
			}
		})
		lines = f.gate.pass(lines, f.in.cfg.Now(), netip.Addr{})
		if lost := f.in.persist(f.gate, func(ctx context.Context) error { return f.gate.keep(ctx, lines) }); lost != nil {
			return lost
		}
		if err != nil {
			if isTimeout(err) {
				return nil
			}
			return fmt.Errorf("%s: %w", path, err)
		}
	}
}

// mayFollow tells whether files at the path may be followed: what a source names
// would otherwise show any file of the machine to whoever may read events.
func (in *Intake) mayFollow(path string) error {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil //nolint:nilerr // it is not there; nothing is opened
	}
	if real, err = filepath.Abs(real); err != nil {
		return err
	}
	for _, root := range in.cfg.Roots {
		if below, err := filepath.EvalSymlinks(root); err == nil && (real == below || strings.HasPrefix(real, strings.TrimSuffix(below, "/")+"/")) {
			return nil
		}
	}
	return fmt.Errorf("%s lies in none of the folders from which files may be followed (%s)", path, strings.Join(in.cfg.Roots, ", "))
}
