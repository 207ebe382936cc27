package eventstore

import (
	"encoding/json"
	"fmt"
)

// readKeys reads the keys whose frames are no longer in the log.
func (s *Store) readKeys() error {
	data, err := readOptional(s.path(keyFile))
	if err != nil || len(data) == 0 {
		return err
	}
	var keys []Key
	if err := json.Unmarshal(data, &keys); err != nil {
		return fmt.Errorf("%s cannot be read: %w (remove it; senders that repeat themselves may then be heard twice)", s.path(keyFile), err)
	}
	for _, k := range keys {
		s.keys.put(k)
	}
	return nil
}

// writeKeys keeps the keys before frames are removed from the log.
func (s *Store) writeKeys() error {
	s.mu.Lock()
	keys := s.keys.all()
	s.mu.Unlock()
	data, err := json.Marshal(keys)
	if err != nil {
		return err
	}
	return replaceFile(s.path(keyFile), data)
}
