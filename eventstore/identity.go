package eventstore

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strings"
)

// Identity is a name of the store that no other has, 32 hexadecimal digits. It is made
// when it is first asked for and stays: positions and identity together name a line
// wherever it is copied to. A store that was made anew has another.
func (s *Store) Identity() (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if id, err := IdentityIn(s.dir); err != nil || id != "" {
		return id, err
	}
	var raw [16]byte
	if _, err := rand.Read(raw[:]); err != nil {
		return "", err
	}
	id := hex.EncodeToString(raw[:])
	if err := replaceFile(s.path(identityFile), []byte(id+"\n")); err != nil {
		return "", fmt.Errorf("remember the identity of the event store: %w", err)
	}
	return id, nil
}

const identityFile = "identity"

// IdentityIn is the identity of the store in a folder, whoever has it open; empty: it has
// none yet.
func IdentityIn(dir string) (string, error) {
	path := filepath.Join(dir, identityFile)
	data, err := readOptional(path)
	if err != nil || len(data) == 0 {
		return "", err
	}
	id := strings.TrimSpace(string(data))
	if raw, err := hex.DecodeString(id); err != nil || len(raw) != 16 {
		return "", fmt.Errorf("%s does not hold the identity of the event store: take it from a backup, or remove it to begin with a new one", path)
	}
	return id, nil
}
