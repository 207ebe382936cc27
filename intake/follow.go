package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// maxFiles is how many files one source may follow.
const maxFiles = 256

// mostName is how many bytes of a path lines carry; of a longer one the end.
const mostName = 512

// refreshEvery is after how many keys of others a cursor is written again, so that a
// store which forgets the oldest keys does not forget where a quiet file was.
const refreshEvery = 20_000

// A follower reads the files of one source as they grow.
type follower struct {
	in    *Intake
	gate  *gate
	stop  context.CancelFunc
	ended chan struct{}
	files map[string]*followed // by path
	pipes map[string]*pipe
	buf   []byte

	several bool // files are named by a pattern: each line says of which it is
}

// A followed file is a name under which a program writes, now one file and, after it
// was rotated, another.
type followed struct {
	path  string
	name  string // as lines call it
	key   string // name of the key of its cursor
	file  *os.File
	cur   cursor
	known bool      // the cursor says which file it is of
	moved time.Time // when another file was first seen under the name; zero: it was not
	seen  uint64    // keys of others when the cursor was written
	grown time.Time // when it grew last
	gone  time.Time // when there was nothing under the name any more; zero: there is
}

// useFollowers starts and stops followers. The lock is held.
func (in *Intake) useFollowers() {
	for id, f := range in.tails {
		g := in.gates[id]
		if g == f.gate && g.source.Load().Transport == File {
			continue
		}
		delete(in.tails, id)
		f.stop()
	}
	for id, g := range in.gates {
		if g.source.Load().Transport != File || g.store == nil || in.tails[id] != nil {
			continue
		}
		ctx, stop := context.WithCancel(in.ctx)
		f := &follower{in: in, gate: g, stop: stop, ended: make(chan struct{}), files: map[string]*followed{}, pipes: map[string]*pipe{}}
		in.tails[id] = f
		in.work.Go(func() { f.run(ctx) })
	}
}

func (f *follower) close() {
	f.stop()
	<-f.ended
}

// run looks at the files again and again until the context ends.
func (f *follower) run(ctx context.Context) {
	defer close(f.ended)
	defer f.letGo()
	tick := time.NewTicker(f.in.limits.Poll)
	defer tick.Stop()
	for {
		f.gate.complain(f.look(ctx))
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (f *follower) letGo() {
	for _, w := range f.files {
		w.shut()
	}
	for _, p := range f.pipes {
		_ = p.file.Close()
	}
	f.gate.open.Store(0)
}

// look reads what is new in every file, and says what is wrong.
func (f *follower) look(ctx context.Context) (trouble string) {
	paths, err := f.match()
	if err != nil {
		return err.Error()
	}
	if len(paths) == 0 && len(f.files)+len(f.pipes) == 0 {
		trouble = "waits for " + f.gate.source.Load().At + " to appear"
	}
	for _, path := range paths {
		if err := f.visit(ctx, path); err != nil && ctx.Err() == nil {
			trouble = err.Error()
		}
	}
	for path, w := range f.files {
		if !slices.Contains(paths, path) { // gone, or renamed and not made again yet
			if err := f.readOn(ctx, w); err != nil && ctx.Err() == nil {
				trouble = err.Error()
			}
			if f.abandon(w) {
				delete(f.files, path)
			}
		} else {
			w.gone = time.Time{}
		}
	}
	f.gate.open.Store(int64(len(f.files) + len(f.pipes)))
	return trouble
}

// abandon lets go of a file that was removed, so that its room on the disk is given
// back. Its cursor stays.
func (f *follower) abandon(w *followed) bool {
	now := f.in.cfg.Now()
	if w.gone.IsZero() {
		w.gone = now
	}
	if now.Sub(w.gone) < 20*f.in.limits.Linger {
		return false
	}
	w.shut()
	return true
}

// match lists the files to follow. What is the rotated form of another that matches
// is read under the name of that one.
func (f *follower) match() ([]string, error) {
	pattern := f.gate.source.Load().At
	f.several = strings.ContainsAny(pattern, `*?[\`)
	paths, err := filepath.Glob(pattern)
	if err != nil {
		return nil, fmt.Errorf("%q is no pattern of file names: %w", pattern, err)
	}
	if len(paths) > 4*maxFiles {
		return nil, fmt.Errorf("%q matches %d files; at most %d are followed", pattern, len(paths), maxFiles)
	}
	slices.Sort(paths)
	all := paths
	paths = slices.DeleteFunc(slices.Clone(paths), func(p string) bool {
		return slices.ContainsFunc(all, func(of string) bool { return isRotated(p, of) })
	})
	if len(paths) > maxFiles {
		return nil, fmt.Errorf("%q matches %d files; at most %d are followed", pattern, len(paths), maxFiles)
	}
	return paths, nil
}

// isRotated tells whether the name is one that a rotation gives to the file: app.log.1,
// app.log-20260131, app.log.2.gz.
func isRotated(name, of string) bool {
	rest, ok := strings.CutPrefix(name, of)
	return ok && rest != "" && strings.ContainsRune(".-_", rune(rest[0])) && strings.ContainsAny(rest, "0123456789og")
}

func (f *follower) visit(ctx context.Context, path string) error {
	if err := f.in.mayFollow(path); err != nil {
		return err
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode()&fs.ModeNamedPipe != 0:
		return f.readPipe(ctx, path)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is neither a file nor a pipe", path)
	}
	w := f.files[path]
	if w == nil {
		w = f.begin(path)
		f.files[path] = w
	}
	return f.readOn(ctx, w)
}

// begin remembers where the file was.
func (f *follower) begin(path string) *followed {
	w := &followed{path: path, name: strings.ToValidUTF8(path[max(0, len(path)-mostName):], ""), key: "file/" + f.gate.id + "/" + path, seen: f.in.keyed.Load()}
	if len(w.key) > MaxKey {
		sum := sha256.Sum256([]byte(path))
		w.key = "file/" + f.gate.id + "/" + hex.EncodeToString(sum[:])
	}
	if value, known := f.gate.store.KeyValue(w.key); known {
		w.cur, w.known = readCursor(value)
	}
	return w
}

// readOn reads what is new, and goes on to the next file when the name moved on.
func (f *follower) readOn(ctx context.Context, w *followed) error {
	for range 64 { // rotations that happened while nobody looked
		if w.file == nil {
			if err := f.find(ctx, w); err != nil || w.file == nil {
				return err
			}
		}
		if err := f.restart(ctx, w); err != nil {
			return err
		}
		if err := f.readAll(ctx, w, w.file); err != nil {
			return err
		}
		next, err := f.movedOn(ctx, w)
		if err != nil || !next {
			return err
		}
	}
	return nil
}

// find opens the file that the cursor is of: under the name, or where a rotation put
// it.
func (f *follower) find(ctx context.Context, w *followed) error {
	if err := f.in.mayFollow(w.path); err != nil {
		return err
	}
	file, id, err := openFile(w.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if !w.known {
		w.file, w.cur, w.known = file, cursor{id: id}, true
		return nil
	}
	if info, err := file.Stat(); err == nil && id == w.cur.id && w.cur.isOf(file) && info.Size() >= w.cur.at {
		w.file = file
		return nil
	}
	if err := f.readRotated(ctx, w, id); err != nil {
		return errors.Join(err, file.Close())
	}
	w.file, w.cur = file, cursor{id: id}
	return nil
}

func openFile(path string) (*os.File, fileID, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fileID{}, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, fileID{}, errors.Join(err, file.Close())
	}
	return file, idOf(info), nil
}

// restart goes to the beginning of a file that was emptied or written anew, after what
// was not read of it before, which a copy may hold.
func (f *follower) restart(ctx context.Context, w *followed) error {
	info, err := w.file.Stat()
	if err != nil {
		return err
	}
	if info.Size() >= w.cur.at && w.cur.isOf(w.file) {
		return nil
	}
	if err := f.readRotated(ctx, w, idOf(info)); err != nil {
		return err
	}
	w.cur = cursor{id: idOf(info)}
	return nil
}

// movedOn tells whether the file under the name is another one by now, and prepares
// for reading that.
func (f *follower) movedOn(ctx context.Context, w *followed) (bool, error) {
	info, err := os.Stat(w.path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil // renamed; the new one is not there yet
	}
	if err != nil {
		return false, err
	}
	if idOf(info) == w.cur.id {
		w.moved = time.Time{}
		return false, nil
	}
	if now := f.in.cfg.Now(); w.moved.IsZero() {
		w.moved = now
	}
	if f.in.cfg.Now().Sub(later(w.moved, w.grown)) < f.in.limits.Linger {
		return false, nil
	}
	return true, f.finish(ctx, w)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// finish reads the end of a file that was renamed, and those between it and the one
// that has the name now.
func (f *follower) finish(ctx context.Context, w *followed) error {
	info, err := w.file.Stat()
	if err != nil {
		return err
	}
	if err := f.readLast(ctx, w, io.NewSectionReader(w.file, w.cur.at, 1<<62)); err != nil {
		return err
	}
	w.shut()
	return f.readBetween(ctx, w, info.ModTime())
}

func (w *followed) shut() {
	if w.file != nil {
		_ = w.file.Close()
	}
	w.file, w.moved = nil, time.Time{}
}
