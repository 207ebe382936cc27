// Package server wires the product together: configuration → store → waist →
// engines → jobs → HTTP. It holds no rules of its own.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"holdfast/app"
	"holdfast/blob"
	"holdfast/catalog"
	"holdfast/feed"
	"holdfast/flow"
	"holdfast/flow/detection"
	"holdfast/flow/response"
	"holdfast/isms"
	"holdfast/store"
)

// A Place is where an installation keeps its data.
type Place struct {
	Data     string // folder: database, advisories, anchors, files
	Database string // postgres:// URL; empty: SQLite in the folder

	Follow []string // folders from which log files may be followed, beside /var/log and the inbox

	Templates string // folder of own templates of reports and of brand.yaml; empty: "templates" in the data folder
}

// DatabaseFile is the SQLite database inside the data folder.
func (p Place) DatabaseFile() string { return filepath.Join(p.Data, "holdfast.db") }

// FeedDir holds the advisories: sources and the index made of them.
func (p Place) FeedDir() string { return filepath.Join(p.Data, "feed") }

// source is what the store opens.
func (p Place) source() string {
	if p.Database != "" {
		return p.Database
	}
	return p.DatabaseFile()
}

// A Local is an open installation.
type Local struct {
	Place     Place
	Store     *store.Store
	App       *app.App
	Flow      *flow.Flow
	Response  *response.Flow
	Detection *detection.Flow
	Files     *blob.Store

	trapsChanged   chan struct{} // holds one word when a record of a trap has changed
	sourcesChanged chan struct{} // the same for sources of events

	now    func() time.Time
	mu     sync.Mutex
	index  *feed.Index
	events openEvents

	watching watching
	sharing  sharing
	copies   copies
	quiet    bool // the demo calls nobody
}

// Open opens the installation, making the folder and the database when they do not
// exist. The folder is readable by its owner only: it holds the map of the
// organisation's weaknesses.
func Open(ctx context.Context, p Place) (*Local, error) { return openAt(ctx, p, time.Now) }

func openAt(ctx context.Context, p Place, now func() time.Time) (*Local, error) {
	if p.Data == "" {
		return nil, errors.New("name the data folder with --data")
	}
	if err := os.MkdirAll(p.Data, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	s, err := store.Open(ctx, p.source(), isms.Registry)
	if err != nil {
		return nil, err
	}
	cat, err := catalog.Load()
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	a := app.New(s, now, app.IDs(now))
	f, err := flow.New(a, cat)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	answer := response.New(f)
	guard := detection.New(f, answer)
	files, err := openFiles(p, now())
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	f.KeepFilesIn(files)
	a.Settle(f.React)
	a.Settle(f.ReactMeasure)
	a.Settle(f.Approve)
	a.Settle(f.KeepReadings)
	a.Settle(f.Reopen)
	a.Settle(answer.LearnFromCauses)
	a.Settle(guard.FollowAlerts)
	a.Settle(guard.FollowRules)
	a.Settle(answer.FollowIncidents)
	a.Settle(answer.KeepClocks)
	l := &Local{Place: p, Store: s, App: a, Flow: f, Response: answer, Detection: guard, Files: files, now: now, trapsChanged: make(chan struct{}, 1), sourcesChanged: make(chan struct{}, 1)}
	l.sharing.part, l.sharing.err = p.streamPart(os.Getenv)
	a.Watch(l.hearOfTraps)
	a.Watch(l.hearOfSources)
	a.Watch(l.wakeIntake)
	a.Watch(l.hearOfRules)
	a.Watch(l.hearOfSignIns)
	a.Watch(l.hearOfIndicators)
	return l, nil
}

// Close writes the anchor of the journal and closes the database.
func (l *Local) Close() error {
	return errors.Join(l.closeStreams(), l.closeEvents(), l.Anchor(context.Background()), l.Files.Close(), l.Store.Close())
}

// Advisories returns the index of advisories, read on first use; nil when none were
// fetched yet.
func (l *Local) Advisories() (*feed.Index, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.index == nil {
		idx, err := feed.Open(l.Place.Data)
		if err != nil {
			return nil, err
		}
		l.index = idx
	}
	if l.index.Stats().Advisories == 0 {
		return nil, nil
	}
	return l.index, nil
}

// UseAdvisories replaces the index.
func (l *Local) UseAdvisories(idx *feed.Index) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.index = idx
}

func logger(to *slog.Logger) *slog.Logger {
	if to != nil {
		return to
	}
	return slog.New(slog.DiscardHandler)
}
