package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"holdfast/feed"
	"holdfast/store"
)

// Limits beyond which the doctor speaks.
const (
	leastSpace      = 1 << 30 // bytes free on the disk of the data folder
	mostWAL         = 256 << 20
	oldAdvisories   = 8 * 24 * time.Hour
	clockMayDiffer  = 2 * time.Minute // between the machines that share a database
	mostLooseFiles  = 20
	lettersOfOthers = 0o077
)

// Doctor examines the installation: the database, the journal and the records
// against it, the data folder, the disk, the clock and the advisories. It changes
// nothing. An error means that it could not finish; what it found until then is
// returned with it.
func (l *Local) Doctor(ctx context.Context) ([]store.Problem, error) {
	var all []store.Problem
	for _, examine := range l.examinations(l.sharing.part.detectsOnly()) {
		found, err := examine(ctx)
		all = append(all, found...)
		if err != nil {
			return all, err
		}
	}
	return all, nil
}

// examinations are what there is to look at. A machine that only detects keeps neither
// files nor events.
func (l *Local) examinations(detectsOnly bool) []func(context.Context) ([]store.Problem, error) {
	if detectsOnly {
		return []func(context.Context) ([]store.Problem, error){l.examineFolder, l.examineSpace, l.examineDatabase, l.examineClock, l.examineStream}
	}
	return []func(context.Context) ([]store.Problem, error){
		l.examineFolder, l.examineSpace, l.examineLog, l.examineDatabase, l.examineJournal, l.examineRecords, l.examineClock, l.examineAdvisories, l.examineFiles, l.examineEvents, l.examineWatch, l.examineForward, l.examineCopies, l.examineTellers, l.examineStream,
	}
}

// Repair makes anew what can be made of the records: the search index.
func (l *Local) Repair(ctx context.Context) error { return l.Store.RebuildSearch(ctx) }

func (l *Local) examineDatabase(ctx context.Context) ([]store.Problem, error) {
	return l.Store.Examine(ctx)
}

func (l *Local) examineRecords(ctx context.Context) ([]store.Problem, error) {
	return l.Store.CheckRecords(ctx, nil)
}

func ailment(what, where, remedy string) store.Problem {
	return store.Problem{Where: where, What: what, Remedy: remedy}
}

// advice is something to know that damages nothing.
func advice(what, where, remedy string) store.Problem {
	return store.Problem{Where: where, What: what, Remedy: remedy, Minor: true}
}

// examineJournal checks the chains against their hashes and anchors.
func (l *Local) examineJournal(ctx context.Context) ([]store.Problem, error) {
	anchors, err := ReadAnchors(l.Place)
	if err != nil {
		return []store.Problem{ailment(err.Error(), l.Place.anchorFile(), "take the file from its copy on another machine; remove it only if you know who changed it")}, nil
	}
	if _, err := l.Store.VerifyJournals(ctx, anchors, nil); err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		return []store.Problem{ailment(err.Error(), "journal", "the history was changed behind the product; find out who, and restore the last backup that verifies")}, nil
	}
	return nil, nil
}

// examineFolder makes sure that nobody else on the machine can read the data: it is
// the map of the organisation's weaknesses.
func (l *Local) examineFolder(context.Context) ([]store.Problem, error) {
	var list []store.Problem
	err := filepath.WalkDir(l.Place.Data, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a temporary file that is gone by now
		}
		if err != nil {
			list = append(list, ailment(err.Error(), path, "let the account that runs the product own the data folder"))
			return nil
		}
		if path == l.Place.FeedDir() {
			return fs.SkipDir // advisories are public
		}
		info, err := d.Info()
		if err != nil || info.Mode().Perm()&lettersOfOthers == 0 || info.Mode()&fs.ModeSymlink != 0 {
			return nil
		}
		want := "0600"
		if d.IsDir() {
			want = "0700"
		}
		list = append(list, ailment(fmt.Sprintf("others on this machine may use it: its mode is %04o", info.Mode().Perm()), path, "chmod "+want+" "+path))
		if len(list) >= mostLooseFiles {
			return fs.SkipAll
		}
		return nil
	})
	return list, err
}

func (l *Local) examineSpace(context.Context) ([]store.Problem, error) {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(l.Place.Data, &disk); err != nil {
		return []store.Problem{ailment("the disk cannot be asked for its free space: "+err.Error(), l.Place.Data, "check the disk")}, nil
	}
	return spaceAilments(l.Place.Data, disk.Bavail*uint64(disk.Bsize)), nil //nolint:gosec // a block size is never negative
}

func spaceAilments(folder string, free uint64) []store.Problem {
	if free >= leastSpace {
		return nil
	}
	return []store.Problem{ailment(fmt.Sprintf("only %d MB are free on its disk; when it is full, nothing can be saved", free>>20), folder, "make room or move the data folder to a larger disk")}
}

// examineLog looks at the write-ahead log of SQLite, which grows when a reader
// never ends.
func (l *Local) examineLog(context.Context) ([]store.Problem, error) {
	if l.Place.Database != "" {
		return nil, nil
	}
	path := l.Place.DatabaseFile() + "-wal"
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() <= mostWAL {
		return nil, nil
	}
	if err != nil {
		return []store.Problem{ailment(err.Error(), path, "let the account that runs the product own the data folder")}, nil
	}
	return []store.Problem{ailment(fmt.Sprintf("the log of changes has grown to %d MB: something reads without end", info.Size()>>20), path, "restart the server; never delete this file by hand")}, nil
}

// examineClock finds a clock that was set back: entries of the journal would lie
// in the future.
func (l *Local) examineClock(ctx context.Context) ([]store.Problem, error) {
	heads, err := l.Store.Heads(ctx)
	if err != nil {
		return nil, err
	}
	for _, h := range heads {
		if now := l.now(); h.At.After(now.Add(clockMayDiffer)) {
			return []store.Problem{ailment(fmt.Sprintf("the clock shows %s, but the last change was made at %s", now.UTC().Format(time.DateTime), h.At.Format(time.DateTime)),
				"clock of this machine", "set the clock and keep it by NTP")}, nil
		}
	}
	return nil, nil
}

func (l *Local) examineAdvisories(context.Context) ([]store.Problem, error) {
	idx, err := l.Advisories()
	if err != nil {
		return []store.Problem{ailment("the advisories cannot be read: "+err.Error(), l.Place.FeedDir(), "remove the damaged file; the server fetches it again")}, nil
	}
	return advisoryAilments(idx, l.Place.FeedDir(), l.now()), nil
}

func advisoryAilments(idx *feed.Index, folder string, now time.Time) []store.Problem {
	const fetch = "let this machine reach the sources, which the server asks every day, or put an export into the folder sources there"
	var s feed.Stats
	if idx != nil {
		s = idx.Stats()
	}
	if s.Advisories == 0 {
		return []store.Problem{advice("there are no advisories: scans find no known vulnerability", folder, fetch)}
	}
	var fetched time.Time
	for _, source := range s.Sources {
		if source.Modified.After(fetched) {
			fetched = source.Modified
		}
	}
	if age := now.Sub(fetched); !fetched.IsZero() && age > oldAdvisories {
		return []store.Problem{advice(fmt.Sprintf("the advisories are %d days old", int(age.Hours()/24)), folder, fetch)}
	}
	return nil
}
