package eventstore

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"
)

// Identity is a name of the store that no other has, 32 hexadecimal digits. It is made
// when it is first asked for and stays: positions and identity together name a line
// wherever it is copied to. A store that was made anew has another.
func (s *Store) Identity() (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	path := s.path("identity")
	data, err := readOptional(path)
	if err != nil {
		return "", err
	}
	if len(data) > 0 {
		id := strings.TrimSpace(string(data))
		if raw, err := hex.DecodeString(id); err != nil || len(raw) != 16 {
			return "", fmt.Errorf("%s does not hold the identity of the event store: take it from a backup, or remove it to begin with a new one", path)
		}
		return id, nil
	}
	var raw [16]byte
	if _, err := rand.Read(raw[:]); err != nil {
		return "", err
	}
	id := hex.EncodeToString(raw[:])
	if err := replaceFile(path, []byte(id+"\n")); err != nil {
		return "", fmt.Errorf("remember the identity of the event store: %w", err)
	}
	return id, nil
}
