package port

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"

	"holdfast/kind"
)

// LockFile is the name of the file in which a tree remembers what it was made of.
const LockFile = "holdfast.lock"

const lockHead = `# Written by holdfast export and apply: what each record held when this folder was in
# step with the database. plan and apply tell by it who changed what. Do not edit it.
`

// A Lock says of every record of a tree what it held when it was written: a hash of
// its content, by kind and key (see nameOf).
type Lock map[string]string

// maxLock bounds how much of a lock is read.
const maxLock = 32 << 20

// write writes one line for each record, in an order that no database decides.
func (l Lock) write() []byte {
	var b bytes.Buffer
	b.WriteString(lockHead)
	lines := make([]string, 0, len(l))
	for name, hash := range l {
		kindName, key, _ := strings.Cut(name, "\x00")
		lines = append(lines, kindName+" "+key+" "+hash+"\n")
	}
	slices.Sort(lines)
	for _, line := range lines {
		b.WriteString(line)
	}
	return b.Bytes()
}

func readLock(name string, r io.Reader) (Lock, error) {
	l := Lock{}
	in := bufio.NewScanner(&bounded{r: r, left: maxLock, name: name})
	for n := 1; in.Scan(); n++ {
		line := strings.TrimSpace(in.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		f := strings.Fields(line)
		if len(f) != 3 || len(f[2]) != hashDigits {
			return nil, wrong(Place{name, n}, "is not a line of a lock (kind, key, hash); after a merge with conflicts take either side, or restore the file")
		}
		l[nameOf(f[0], f[1])] = f[2]
	}
	return l, in.Err()
}

// CountLock counts the records of a lock file; 0 when it cannot be read.
func CountLock(data []byte) int {
	l, err := readLock(LockFile, bytes.NewReader(data))
	if err != nil {
		return 0
	}
	return len(l)
}

// hashDigits is the length of a hash: 128 bits, which tells changes apart and is
// no protection against forgery; nothing rests on that.
const hashDigits = 32

// A digest makes the hash of a record's content: of every field that a tree holds
// and of the links, no matter how they are written down.
type digest struct{ b strings.Builder }

func (d *digest) add(name string, values ...string) {
	fmt.Fprintf(&d.b, "%q %q\n", name, values)
}

func (d *digest) sum() string {
	sum := sha256.Sum256([]byte(d.b.String()))
	return hex.EncodeToString(sum[:hashDigits/2])
}

// hash is the hash of the row's content.
func (r Row) hash() string {
	var d digest
	for _, f := range r.Kind.Fields {
		if r.said(f) && !f.Computed {
			d.add(f.Name, r.values(f)...)
		}
	}
	for _, name := range sortedKeys(r.links) {
		if len(r.links[name]) > 0 {
			d.add("links "+name, r.links[name]...)
		}
	}
	return d.sum()
}

// values are what a field holds, as text.
func (r Row) values(f *kind.Field) []string {
	if f.Type == kind.WordList {
		return f.Of(r.Record).([]string)
	}
	return []string{r.Text(f)}
}
