package eventstore

import (
	"encoding/json"
	"fmt"

	"holdfast/engine/event"
)

// A headLine is a line of a group that belongs to the head of a table.
type headLine struct {
	at   int // its place in the group, from 0
	line event.Line
}

// headLines picks them out of lines that are taken in. Where there are none, and that is
// nearly always, it costs one look at one byte of each line.
func headLines(lines []event.Line, before int) (found []headLine) {
	for i, l := range lines {
		if event.IsTableHead(l.Raw) {
			found = append(found, headLine{before + i, l})
		}
	}
	return found
}

// seeHeads remembers the heads of a group that is on disk. It does so before anybody
// reads the lines of the group.
func (s *Store) seeHeads(list []headLine, first Position) {
	if len(list) == 0 {
		return
	}
	s.tableMu.Lock()
	defer s.tableMu.Unlock()
	for _, h := range list {
		s.tables.See(uint64(first)+uint64(h.at), h.line) //nolint:gosec // a place in a group
	}
}

// headed gives a line the head of the table of which it is a row.
func (s *Store) headed(l Stored) Stored {
	s.tableMu.RLock()
	defer s.tableMu.RUnlock()
	l.Head = s.tables.Head(uint64(l.Position), l.Line)
	return l
}

// headAll does so for many lines.
func (s *Store) headAll(lines []Stored) {
	s.tableMu.RLock()
	defer s.tableMu.RUnlock()
	for i := range lines {
		lines[i].Head = s.tables.Head(uint64(lines[i].Position), lines[i].Line)
	}
}

// Headed gives a line that has just arrived the head of the table of which it is a row,
// if one is known.
func (s *Store) Headed(l event.Line) event.Line { return s.headed(Stored{s.Last() + 1, l}).Line }

// readTables reads the heads whose lines are no longer in the log.
func (s *Store) readTables() error {
	data, err := readOptional(s.path(tableFile))
	if err != nil || len(data) == 0 {
		return err
	}
	if err := json.Unmarshal(data, &s.tables); err != nil {
		return fmt.Errorf("%s cannot be read: %w (remove it; rows of tables are then text until their next head)", s.path(tableFile), err)
	}
	return nil
}

// writeTables keeps the heads before lines are removed from the log.
func (s *Store) writeTables() error {
	s.tableMu.RLock()
	data, err := json.Marshal(&s.tables)
	s.tableMu.RUnlock()
	if err != nil || string(data) == s.tablesKept || string(data) == "[]" {
		return err
	}
	if err := replaceFile(s.path(tableFile), data); err != nil {
		return err
	}
	s.tablesKept = string(data)
	return nil
}
