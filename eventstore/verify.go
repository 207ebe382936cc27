package eventstore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
)

// A Problem is something wrong with a store, and what to do about it.
type Problem struct {
	Where  string // a segment, or a file of the log
	What   string
	Remedy string
}

// Verify reads every segment and compares it with the hash that was noted when it was
// made, and the list of segments with what is on the shelf.
func (s *Store) Verify(ctx context.Context) ([]Problem, error) {
	var wrong []Problem
	for _, d := range s.lost {
		wrong = append(wrong, Problem{d.File, fmt.Sprintf("%d lines from position %d cannot be read", d.Lines, d.From), "look after the disk; what was lost is not in any copy unless the senders still have it"})
	}
	s.sealing.Lock() // nothing is added or replaced meanwhile
	defer s.sealing.Unlock()
	names, err := s.shelf.List()
	if err != nil {
		return wrong, err
	}
	for _, i := range s.manifest.Segments {
		if err := ctx.Err(); err != nil {
			return wrong, err
		}
		names = slices.DeleteFunc(names, func(name string) bool { return name == i.Name })
		if sum, err := s.sumOf(i.Name); err != nil {
			wrong = append(wrong, Problem{i.Name, "it cannot be read: " + err.Error(), "take it from the last backup"})
		} else if sum != i.SHA256 {
			wrong = append(wrong, Problem{i.Name, "its content is not what was written: its hash differs", "take it from the last backup, and find out who changed it"})
		}
	}
	for _, name := range names {
		wrong = append(wrong, Problem{name, "it is not in the list of segments, and its lines are not in the log", "move it elsewhere, or take " + manifestFile + " from the backup that it belongs to"})
	}
	return wrong, nil
}

func (s *Store) sumOf(name string) (string, error) {
	f, err := s.shelf.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close() //nolint:errcheck // it was only read
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(f, 0, f.Size())); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
