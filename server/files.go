package server

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"holdfast/blob"
	"holdfast/store"
)

// FilesDir holds the files of records, encrypted.
func (p Place) FilesDir() string { return filepath.Join(p.Data, "files") }

// KeyFile is the key of the files. Keep a copy elsewhere.
func (p Place) KeyFile() string { return filepath.Join(p.Data, "files.key") }

// abandoned is the age from which a file on its way is one that a crash left.
const abandoned = 24 * time.Hour

// openFiles opens the store of files and clears away what a crash left.
func openFiles(p Place, now time.Time) (*blob.Store, error) {
	s, err := blob.Open(p.FilesDir(), p.KeyFile())
	if err != nil {
		return nil, err
	}
	if _, err := s.Sweep(now.Add(-abandoned)); err != nil {
		return nil, fmt.Errorf("clear the folder of files: %w", err)
	}
	return s, nil
}

// examineFiles compares the store of files with the records.
func (l *Local) examineFiles(ctx context.Context) ([]store.Problem, error) {
	c, err := l.Flow.CheckFiles(ctx, false)
	if err != nil {
		return []store.Problem{ailment(err.Error(), l.Place.FilesDir(), "let the account that runs the product own the data folder")}, nil
	}
	var list []store.Problem
	for i, name := range c.Missing {
		if i == mostLooseFiles {
			list = append(list, ailment(fmt.Sprintf("%d more files are missing", len(c.Missing)-i), l.Place.FilesDir(), "take the folder from the last backup"))
			break
		}
		list = append(list, ailment(fmt.Sprintf("the file %q is in the records but not on disk", name), l.Place.FilesDir(), "take the folder from the last backup"))
	}
	if n := len(c.Garbage); n > 0 {
		list = append(list, advice(fmt.Sprintf("%d files belong to no record", n), l.Place.FilesDir(), "remove them with: holdfast file sweep"))
	}
	return list, nil
}

// RotateFiles gives the files a new key.
func (l *Local) RotateFiles(progress func(done int)) (int, error) { return l.Files.Rotate(progress) }

// SweepFiles removes the files that no record names and tells how many there were.
func (l *Local) SweepFiles(ctx context.Context) (int, error) {
	c, err := l.Flow.CheckFiles(ctx, true)
	return len(c.Garbage), err
}
