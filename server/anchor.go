package server

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"holdfast/journal"
)

// anchorFile lies beside the database. Whoever wants to be safe from somebody who
// can change both copies it to another machine now and then.
func (p Place) anchorFile() string { return filepath.Join(p.Data, "anchors.jsonl") }

// Anchor writes down where the journal of each workspace ends, if it has grown.
// Later verification proves that what was there then is there still.
func (l *Local) Anchor(ctx context.Context) error {
	known, err := ReadAnchors(l.Place)
	if err != nil {
		return err
	}
	last := map[string]int64{}
	for _, a := range known {
		last[a.Workspace] = max(last[a.Workspace], a.Seq)
	}
	heads, err := l.Store.Heads(ctx)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(l.Place.anchorFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write anchors: %w", err)
	}
	enc := json.NewEncoder(f)
	for _, h := range heads {
		if h.Seq > last[h.Workspace] {
			err = errors.Join(err, enc.Encode(h))
		}
	}
	return errors.Join(err, f.Sync(), f.Close())
}

// ReadAnchors reads the anchors of an installation; none when none were written.
// A last line that a crash cut short is left out.
func ReadAnchors(p Place) ([]journal.Head, error) {
	f, err := os.Open(p.anchorFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var list []journal.Head
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		var h journal.Head
		if err := json.Unmarshal(lines.Bytes(), &h); err != nil {
			if !lines.Scan() {
				break
			}
			return nil, fmt.Errorf("%s:%d: not an anchor: %w", p.anchorFile(), n, err)
		}
		list = append(list, h)
	}
	return list, lines.Err()
}

// Verify checks every journal against its hashes and anchors.
func (l *Local) Verify(ctx context.Context, tell func(workspace string, seq int64)) ([]journal.Head, error) {
	anchors, err := ReadAnchors(l.Place)
	if err != nil {
		return nil, err
	}
	return l.Store.VerifyJournals(ctx, anchors, tell)
}
