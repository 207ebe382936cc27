package intake

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// A fileID is what a file is known by, whatever its name; empty where the system has
// no such thing.
type fileID struct{ Device, Node uint64 }

func (id fileID) String() string {
	return strconv.FormatUint(id.Device, 36) + "." + strconv.FormatUint(id.Node, 36)
}

// headSize is how much of the beginning of a file is part of what it is known by.
const headSize = 1 << 10

// A cursor is how far a file is read. It is kept with the lines it stands after.
type cursor struct {
	id    fileID
	head  int    // how many bytes of the beginning
	print uint64 // have this hash
	at    int64
	turn  uint64 // changes when the cursor is only written again
}

func (c cursor) value() string {
	return fmt.Sprintf("%s %d %x %d %d", c.id, c.head, c.print, c.at, c.turn)
}

func readCursor(value string) (c cursor, ok bool) {
	f := strings.Fields(value)
	if len(f) != 5 {
		return c, false
	}
	device, node, _ := strings.Cut(f[0], ".")
	var err [6]error
	c.id.Device, err[0] = strconv.ParseUint(device, 36, 64)
	c.id.Node, err[1] = strconv.ParseUint(node, 36, 64)
	c.head, err[2] = strconv.Atoi(f[1])
	c.print, err[3] = strconv.ParseUint(f[2], 16, 64)
	c.at, err[4] = strconv.ParseInt(f[3], 10, 64)
	c.turn, err[5] = strconv.ParseUint(f[4], 10, 64)
	for _, e := range err {
		if e != nil {
			return cursor{}, false
		}
	}
	return c, c.head >= 0 && c.head <= headSize && c.at >= 0
}

// printOfHead is the hash of the first n bytes, of which there may be fewer.
func printOfHead(r io.ReaderAt, n int) (print uint64, have int, err error) {
	buf := make([]byte, n)
	have, err = r.ReadAt(buf, 0)
	if err == io.EOF {
		err = nil
	}
	sum := sha256.Sum256(buf[:have])
	return binary.LittleEndian.Uint64(sum[:]), have, err
}

// isOf tells whether the file begins as the cursor remembers it.
func (c cursor) isOf(r io.ReaderAt) bool {
	if c.head == 0 {
		return true
	}
	print, have, err := printOfHead(r, c.head)
	return err == nil && have == c.head && print == c.print
}
