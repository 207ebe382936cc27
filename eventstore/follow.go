package eventstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
)

// How much Next returns at once at most.
const (
	nextLines = 4096
	nextBytes = 4 << 20
)

// A Cursor reads the store line by line, in order, and remembers how far it came. It
// is used by one goroutine. What was read but not committed is read again after a
// restart: whoever acts on lines makes sure that doing it twice does no harm, by the
// position.
type Cursor struct {
	store     *Store
	path      string
	read      Position // the last that Next returned
	committed Position
	at        place
	ahead     []Stored // read from a segment, not returned yet
	skipped   uint64
}

var cursorName = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,63}$`)

// Follow opens the cursor of that name. A new one begins with the oldest line there is.
func (s *Store) Follow(name string) (*Cursor, error) {
	if !cursorName.MatchString(name) {
		return nil, fmt.Errorf("%q is no name for a cursor: small letters, digits, - and _ are", name)
	}
	c := &Cursor{store: s, path: s.path(cursorDir, name)}
	data, err := readOptional(c.path)
	if err != nil {
		return nil, err
	}
	if len(data) > 0 {
		n, err := strconv.ParseUint(strings.TrimSpace(string(data)), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%s does not hold a position: %w (remove it to begin with the oldest line)", c.path, err)
		}
		c.read, c.committed = Position(n), Position(n)
	}
	return c, nil
}

// Next returns the next lines, some thousand at most, and waits while there are none.
func (c *Cursor) Next(ctx context.Context) ([]Stored, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		c.store.mu.Lock()
		grown, last := c.store.grown, c.store.durable
		c.store.mu.Unlock()
		if c.read < last {
			lines, err := c.more()
			if err != nil || len(lines) > 0 {
				return lines, err
			}
		}
		if err := c.store.await(ctx, grown); err != nil {
			return nil, err
		}
	}
}

// more reads the next lines: from a segment when they are sealed, else from the log.
func (c *Cursor) more() ([]Stored, error) {
	for try := 0; ; try++ {
		lines, err := c.sealed()
		if err == nil && len(lines) == 0 {
			lines, c.at, err = c.store.readLog(c.read, c.at, nextLines, nextBytes)
			moved := errors.Is(err, fs.ErrNotExist) || err == nil && len(lines) > 0 && lines[0].Position != c.read+1
			if moved && try == 0 {
				continue // they may have been sealed in between
			}
		}
		if err != nil || len(lines) == 0 {
			return nil, err
		}
		c.store.headAll(lines)
		c.skipped += uint64(lines[0].Position - c.read - 1)
		c.read = lines[len(lines)-1].Position
		return lines, nil
	}
}

// sealed reads the next lines that are in a segment.
func (c *Cursor) sealed() (lines []Stored, err error) {
	if len(c.ahead) == 0 {
		if c.ahead, err = c.store.readSealed(c.read); err != nil {
			return nil, err
		}
	}
	n := min(nextLines, len(c.ahead))
	lines, c.ahead = c.ahead[:n:n], c.ahead[n:]
	return lines, nil
}

// Skipped is how many lines were dropped by retention before they could be read, at
// the starts of what Next returned.
func (c *Cursor) Skipped() uint64 { return c.skipped }

// Position is the last line that Next returned.
func (c *Cursor) Position() Position { return c.read }

// Behind tells how many lines are not committed, which is how far a consumer lags.
func (c *Cursor) Behind() uint64 { return uint64(c.store.Last() - min(c.committed, c.store.Last())) }

// Commit remembers durably that everything that Next returned is dealt with.
func (c *Cursor) Commit() error {
	if c.path == "" {
		return errNameless
	}
	if c.read == c.committed {
		return nil
	}
	if err := replaceFile(c.path, []byte(strconv.FormatUint(uint64(c.read), 10)+"\n")); err != nil {
		return fmt.Errorf("remember how far was read: %w", err)
	}
	c.committed = c.read
	return nil
}

// Seek makes the cursor go on behind a position: to look at lines again, or to leave
// some out.
func (c *Cursor) Seek(p Position) { c.read, c.at, c.ahead = p, place{}, nil }
