package blob

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"
)

// maxKeyFile bounds the key file: a handful of keys.
const maxKeyFile = 64 << 10

// farFuture is after anything that was written.
var farFuture = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

func recipient(id age.Identity) age.Recipient { return id.(*age.X25519Identity).Recipient() }

func (s *Store) firstKey() error {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return err
	}
	return s.writeKeys([]age.Identity{id})
}

// writeKeys replaces the key file, whole or not at all. Only its owner can read it.
func (s *Store) writeKeys(keys []age.Identity) error {
	var b strings.Builder
	b.WriteString("# The key of the files beside this one. Keep a copy elsewhere: without it they\n# are lost. The first line encrypts; the others are older and only decrypt.\n")
	for _, id := range keys {
		b.WriteString(id.(*age.X25519Identity).String() + "\n")
	}
	dir := filepath.Dir(s.keyPath)
	f, err := os.CreateTemp(dir, ".key-*") // with 0600
	if err != nil {
		return err
	}
	_, err = io.WriteString(f, b.String())
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), s.keyPath)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write the key %s: %w", s.keyPath, err), ignoreGone(os.Remove(f.Name())))
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// identities are the keys, read again when the file has changed: somebody else may have
// rotated them.
func (s *Store) identities() ([]age.Identity, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	info, err := os.Stat(s.keyPath)
	if err != nil {
		return nil, fmt.Errorf("the key of the files: %w", err)
	}
	if s.keys != nil && info.ModTime().Equal(s.loaded) && info.Size() == s.size {
		return s.keys, nil
	}
	if info.Size() > maxKeyFile {
		return nil, fmt.Errorf("%s is no key file: it has %d bytes", s.keyPath, info.Size())
	}
	text, err := os.ReadFile(s.keyPath)
	if err != nil {
		return nil, err
	}
	keys, err := age.ParseIdentities(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w; put the file back from its copy", s.keyPath, err)
	}
	for _, id := range keys {
		if _, ok := id.(*age.X25519Identity); !ok {
			return nil, fmt.Errorf("%s: only X25519 keys are used here; put the file back from its copy", s.keyPath)
		}
	}
	s.keys, s.loaded, s.size = keys, info.ModTime(), info.Size()
	return keys, nil
}

// Rotate makes a new key, encrypts every file with it, and forgets the older ones. It
// goes on where one before was cut off, and may run while others read and write: what
// is written meanwhile is written with the new key. progress may be nil. It returns how
// many files were encrypted anew.
func (s *Store) Rotate(progress func(done int)) (int, error) {
	keys, err := s.identities()
	if err != nil {
		return 0, err
	}
	if len(keys) == 1 { // more than one: an earlier rotation was cut off
		id, err := age.GenerateX25519Identity()
		if err != nil {
			return 0, err
		}
		keys = append([]age.Identity{id}, keys...)
		if err := s.writeKeys(keys); err != nil {
			return 0, err
		}
	}
	total := 0
	for {
		n, err := s.renew(keys, func(done int) {
			if progress != nil {
				progress(total + done)
			}
		})
		total += n
		if err != nil {
			return total, err
		}
		writing, err := s.Litter(farFuture)
		if err != nil {
			return total, err
		}
		if n == 0 && len(writing) == 0 {
			return total, s.writeKeys(keys[:1])
		}
		if n == 0 {
			return total, fmt.Errorf("%d files are being written, perhaps with the older key, which is kept: run it again in a moment", len(writing))
		}
	}
}

// renew encrypts anew what the first key cannot read.
func (s *Store) renew(keys []age.Identity, progress func(int)) (int, error) {
	n := 0
	err := s.Each(func(k Kept) error {
		old, err := s.isOld(k.Address, keys[0])
		if err != nil || !old {
			return err
		}
		if err := s.renewOne(k.Address, keys); err != nil {
			return fmt.Errorf("file %s…: %w", k.Address[:12], err)
		}
		n++
		progress(n)
		return nil
	})
	return n, err
}

func (s *Store) isOld(address string, newest age.Identity) (bool, error) {
	name, err := place(address)
	if err != nil {
		return false, err
	}
	f, err := s.root.Open(name)
	if err != nil {
		return false, ignoreGone(err)
	}
	_, err = age.Decrypt(f, newest)
	closing := f.Close()
	var other *age.NoIdentityMatchError
	if errors.As(err, &other) {
		return true, closing
	}
	return false, errors.Join(err, closing)
}

func (s *Store) renewOne(address string, keys []age.Identity) error {
	in, err := s.Get(address)
	if err != nil {
		return err
	}
	name := path.Join(tmp, rand.Text())
	f, err := s.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return errors.Join(err, in.Close())
	}
	err = func() error {
		out, err := age.Encrypt(f, recipient(keys[0]))
		if err != nil {
			return err
		}
		if _, err := io.Copy(out, in); err != nil {
			return err
		}
		return errors.Join(out.Close(), f.Sync())
	}()
	if err = errors.Join(err, in.Close(), f.Close()); err == nil {
		err = s.settle(name, address)
	}
	if err != nil {
		return errors.Join(err, ignoreGone(s.root.Remove(name)))
	}
	return nil
}
