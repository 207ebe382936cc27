package intake

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A sibling is a file that a rotation made of the one that is followed.
type sibling struct {
	path    string
	id      fileID
	size    int64
	written time.Time
}

// siblings lists them, oldest first.
func siblings(path string) ([]sibling, error) {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	var list []sibling
	for _, e := range entries {
		name := filepath.Join(filepath.Dir(path), e.Name())
		if !isRotated(name, path) || !e.Type().IsRegular() {
			continue
		}
		if info, err := e.Info(); err == nil {
			list = append(list, sibling{name, idOf(info), info.Size(), info.ModTime()})
		}
	}
	slices.SortFunc(list, func(a, b sibling) int { return a.written.Compare(b.written) })
	return list, nil
}

// readRotated reads the end of the file that the cursor is of, wherever it is now,
// and those between it and the file with the number now, which has the name.
func (f *follower) readRotated(ctx context.Context, w *followed, now fileID) error {
	list, err := siblings(w.path)
	if err != nil {
		return err
	}
	for _, way := range []func(sibling) bool{
		func(s sibling) bool { return s.id == w.cur.id && s.id != now },
		func(s sibling) bool { return s.id != now && w.cur.head > 0 && !packed(s.path) },
		func(s sibling) bool { return s.id != now && w.cur.head > 0 && packed(s.path) },
	} {
		for _, s := range list {
			if !way(s) {
				continue
			}
			found, err := f.readSibling(ctx, w, s)
			if err != nil {
				return err
			}
			if found {
				return f.readBetween(ctx, w, s.written)
			}
		}
	}
	return nil // it was removed: there is nothing left to read
}

// readBetween reads the files that are younger than the time, oldest first.
func (f *follower) readBetween(ctx context.Context, w *followed, after time.Time) error {
	list, err := siblings(w.path)
	if err != nil {
		return err
	}
	current, err := os.Stat(w.path)
	if err != nil {
		return nil //nolint:nilerr // it comes again, and then this is asked again
	}
	for _, s := range list {
		if !s.written.After(after) || s.id == idOf(current) || s.id == w.cur.id {
			continue
		}
		w.cur = cursor{id: s.id}
		if _, err := f.readSibling(ctx, w, s); err != nil {
			return err
		}
	}
	w.cur, w.known = cursor{id: idOf(current)}, true
	return nil
}

func packed(path string) bool { return strings.HasSuffix(path, ".gz") }

// readSibling reads on in the file from where the cursor stands, if it is the one that
// the cursor is of.
func (f *follower) readSibling(ctx context.Context, w *followed, s sibling) (found bool, err error) {
	file, _, err := openFile(s.path)
	if err != nil {
		return false, nil //nolint:nilerr // removed meanwhile, or not ours to read: then it is not found
	}
	defer func() { _ = file.Close() }()
	if !packed(s.path) {
		if !w.cur.isOf(file) || s.size < w.cur.at {
			return false, nil
		}
		w.cur.id = s.id
		return true, f.readLast(ctx, w, io.NewSectionReader(file, w.cur.at, 1<<62))
	}
	is, err := w.cur.isOfPacked(file)
	if err != nil || !is {
		return false, nil //nolint:nilerr // half written or no archive: not the one we look for
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return false, err
	}
	z, err := gzip.NewReader(file)
	if err != nil {
		return false, nil //nolint:nilerr // as above
	}
	if _, err := io.CopyN(io.Discard, z, w.cur.at); err != nil {
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		return false, fmt.Errorf("%s: %w", s.path, err)
	}
	w.cur.id = s.id
	return true, f.readLast(ctx, w, z)
}

// isOfPacked is isOf for what is inside a gzip file.
func (c cursor) isOfPacked(r io.Reader) (bool, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return false, err
	}
	head := make([]byte, c.head)
	if _, err := io.ReadFull(z, head); err != nil {
		return false, err
	}
	return c.isOf(strings.NewReader(string(head))), nil
}
