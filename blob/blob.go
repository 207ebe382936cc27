// Package blob keeps files on disk: each under the SHA-256 of its content, encrypted
// with age, written whole or not at all. It knows nothing of records; who may read a
// file is asked through the record it belongs to.
//
// The folder holds ab/cdef… for each file, and tmp for those on their way. The key lies
// in a file of its own beside the folder, never in the database: a copy of the database
// and of the files is worth nothing without it.
package blob

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"sync"
	"time"

	"filippo.io/age"

	"holdfast/kind"
)

// MaxFile is the most that one file may hold, in bytes.
const MaxFile = 64 << 20

// tmp holds files on their way.
const tmp = "tmp"

// A Store keeps files below one folder. Many may use it at once, other processes too.
type Store struct {
	root    *os.Root
	keyPath string

	mu     sync.Mutex
	keys   []age.Identity // the newest first: it encrypts, all decrypt
	loaded time.Time      // of the key file as it was read
	size   int64
}

// Info describes a kept file.
type Info struct {
	Address string // SHA-256 of the content, hexadecimal
	Size    int64  // of the content, in bytes
}

// Open opens the folder, making it and the key when neither exists. A folder with files
// but without its key is refused: a new key could not read them.
func Open(dir, keyPath string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of files: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	s := &Store{root: root, keyPath: keyPath}
	if err := s.prepare(); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return s, nil
}

func (s *Store) prepare() error {
	if err := s.root.MkdirAll(tmp, 0o700); err != nil {
		return err
	}
	_, err := os.Stat(s.keyPath)
	if errors.Is(err, fs.ErrNotExist) {
		empty := true
		if err := s.Each(func(Kept) error { empty = false; return fs.SkipAll }); err != nil {
			return err
		}
		if !empty {
			return fmt.Errorf("the key %s is gone, but files are encrypted with it: put it back from its copy", s.keyPath)
		}
		if err := s.firstKey(); err != nil {
			return err
		}
	}
	_, err = s.identities()
	return err
}

// Close lets go of the folder.
func (s *Store) Close() error { return s.root.Close() }

// Put keeps what is read, at most limit bytes (0: MaxFile). What is there already is
// kept once. An error leaves nothing behind.
func (s *Store) Put(in io.Reader, limit int64) (Info, error) {
	if limit <= 0 {
		limit = MaxFile
	}
	name := path.Join(tmp, rand.Text())
	f, err := s.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return Info{}, err
	}
	info, err := s.encrypt(f, in, limit)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = s.settle(name, info.Address)
	}
	if err != nil {
		return Info{}, errors.Join(err, ignoreGone(s.root.Remove(name)))
	}
	return info, nil
}

// encrypt writes the content to f. The keys are read after the file is there, so that a
// rotation sees who may still write with an older one.
func (s *Store) encrypt(f io.Writer, in io.Reader, limit int64) (Info, error) {
	keys, err := s.identities()
	if err != nil {
		return Info{}, err
	}
	out, err := age.Encrypt(f, recipient(keys[0]))
	if err != nil {
		return Info{}, err
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(out, sum), io.LimitReader(in, limit+1))
	if err != nil {
		return Info{}, err
	}
	if n > limit {
		return Info{}, kind.Errorf(kind.TooLarge, "the file is larger than %d MB; split it, or keep it elsewhere and link to it", limit>>20)
	}
	return Info{Address: hex.EncodeToString(sum.Sum(nil)), Size: n}, out.Close()
}

// settle gives a whole file its name, and makes sure that the name is on disk.
func (s *Store) settle(from, address string) error {
	to, err := place(address)
	if err != nil {
		return err
	}
	if err := s.root.MkdirAll(path.Dir(to), 0o700); err != nil {
		return err
	}
	if err := s.root.Rename(from, to); err != nil {
		return err
	}
	return errors.Join(s.syncDir(path.Dir(to)), s.syncDir("."))
}

func (s *Store) syncDir(dir string) error {
	f, err := s.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func ignoreGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// place is where a file lies. An address that is none leads nowhere.
func place(address string) (string, error) {
	if b, err := hex.DecodeString(address); err != nil || len(b) != sha256.Size || hex.EncodeToString(b) != address {
		return "", kind.Errorf(kind.NotFound, "there is no such file")
	}
	return path.Join(address[:2], address[2:]), nil
}

// Get reads a file. The reader fails at its end when the content is not what the
// address says; close it when done.
func (s *Store) Get(address string) (io.ReadCloser, error) {
	name, err := place(address)
	if err != nil {
		return nil, err
	}
	keys, err := s.identities()
	if err != nil {
		return nil, err
	}
	f, err := s.root.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, kind.Errorf(kind.NotFound, "the file %s… is not in the store; take it from a backup", address[:12])
	}
	if err != nil {
		return nil, err
	}
	plain, err := age.Decrypt(f, keys...)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("file %s… cannot be decrypted with the keys in %s: %w", address[:12], s.keyPath, err), f.Close())
	}
	return &checked{plain: plain, file: f, sum: sha256.New(), want: address}, nil
}

// checked compares what was read with the address.
type checked struct {
	plain io.Reader
	file  io.Closer
	sum   hash.Hash
	want  string
}

func (c *checked) Read(p []byte) (int, error) {
	n, err := c.plain.Read(p)
	c.sum.Write(p[:n])
	if errors.Is(err, io.EOF) && hex.EncodeToString(c.sum.Sum(nil)) != c.want {
		return n, fmt.Errorf("file %s… holds something else than it should: it was changed behind the product", c.want[:12])
	}
	return n, err
}

func (c *checked) Close() error { return c.file.Close() }

// Kept is a file as it lies on disk.
type Kept struct {
	Address string
	Bytes   int64 // on disk, encrypted
	At      time.Time
}

// Each calls do for every kept file; fs.SkipAll ends it.
func (s *Store) Each(do func(Kept) error) error {
	return fs.WalkDir(s.root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name == tmp {
				return fs.SkipDir
			}
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return ignoreGone(err)
		}
		dir, rest := path.Split(name)
		address := path.Clean(dir) + rest
		if want, err := place(address); err != nil || want != name {
			return nil // not ours
		}
		return do(Kept{Address: address, Bytes: info.Size(), At: info.ModTime()})
	})
}

// Remove drops a file for ever; one that is not there is no error.
func (s *Store) Remove(address string) error {
	name, err := place(address)
	if err != nil {
		return err
	}
	return ignoreGone(s.root.Remove(name))
}

// Litter lists what a crash left in the folder of files on their way: older than the
// given moment, so that nobody is still writing them.
func (s *Store) Litter(before time.Time) ([]string, error) {
	list, err := fs.ReadDir(s.root.FS(), tmp)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, d := range list {
		if info, err := d.Info(); err == nil && info.ModTime().Before(before) {
			out = append(out, d.Name())
		}
	}
	return out, nil
}

// Sweep removes litter older than the given moment and tells how much there was.
func (s *Store) Sweep(before time.Time) (int, error) {
	list, err := s.Litter(before)
	for i, name := range list {
		if err := ignoreGone(s.root.Remove(path.Join(tmp, name))); err != nil {
			return i, err
		}
	}
	return len(list), err
}
