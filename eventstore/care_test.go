package eventstore_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"holdfast/engine/event"
	"holdfast/eventstore"
)

// aging appends lines of two sources on each of some days before noon, and seals them.
func aging(t *testing.T, s *eventstore.Store, days int) {
	t.Helper()
	for d := days - 1; d >= 0; d-- {
		at := noon.AddDate(0, 0, -d)
		for _, source := range []string{"short", "long"} {
			_, err := s.Append(ctx, event.Line{Source: source, Received: at, Raw: fmt.Appendf(nil, "%s %d", source, d)})
			must(t, err)
		}
		must(t, s.Seal(true))
	}
}

func found(t *testing.T, s *eventstore.Store, text string) []string {
	t.Helper()
	q, err := eventstore.ParseQuery(text, noon)
	must(t, err)
	r, err := s.Search(ctx, q)
	must(t, err)
	var list []string
	for _, h := range r.Hits {
		list = append(list, string(h.Event.Raw))
	}
	slices.Sort(list)
	return list
}

func TestEachSourceIsKeptAsLongAsItMayBeAndWhatGoesIsCounted(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, eventstore.Config{})
	aging(t, s, 5)
	d, err := s.Retain(ctx, eventstore.Retention{Days: 3, Sources: map[string]int{"short": 1}})
	must(t, err)
	if d.Sources["short"].Count != 3 || d.Sources["long"].Count != 1 || d.Segments != 1 || d.Written != 2 {
		t.Errorf("dropped: %+v", d)
	}
	want := "long 0,long 1,long 2,long 3,short 0,short 1"
	if got := strings.Join(found(t, s, ""), ","); got != want {
		t.Errorf("left: %s", got)
	}
	must(t, s.Close())
	s = open(t, dir, eventstore.Config{})
	st, err := s.Stats()
	must(t, err)
	if st.Dropped["short"].Count != 3 || st.Sources["long"].Count != 4 || st.Count != 6 || len(st.Days) != 4 {
		t.Errorf("after a restart: %+v", st)
	}
	if got := strings.Join(found(t, s, ""), ","); got != want {
		t.Errorf("after a restart: %s", got)
	}
	c, err := s.Follow("late")
	must(t, err)
	n := 0
	for c.Position() < s.Last() {
		lines, err := c.Next(ctx)
		must(t, err)
		n += len(lines)
	}
	if n != 6 || c.Skipped() != 4 {
		t.Errorf("a late reader sees %d lines and is told of %d that are gone", n, c.Skipped())
	}
	again, err := s.Retain(ctx, eventstore.Retention{Days: 3, Sources: map[string]int{"short": 1}})
	must(t, err)
	if len(again.Sources) != 0 {
		t.Errorf("the second time: %+v", again)
	}
}

func TestTheOldestGoWhenThereIsTooMuch(t *testing.T) {
	s := open(t, t.TempDir(), eventstore.Config{})
	aging(t, s, 4)
	size := s.Segments()[0].Size
	_, err := s.Retain(ctx, eventstore.Retention{MaxBytes: 2*size + size/2})
	must(t, err)
	if got := strings.Join(found(t, s, ""), ","); got != "long 0,long 1,short 0,short 1" {
		t.Errorf("left: %s", got)
	}
	keep(t, s, "not sealed")
	_, err = s.Retain(ctx, eventstore.Retention{MaxBytes: 1})
	must(t, err)
	if got := strings.Join(found(t, s, ""), ","); got != "not sealed" {
		t.Errorf("left: %s", got)
	}
}

func TestSmallSegmentsOfADayBecomeOneAndNothingIsLostOrDoubled(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, eventstore.Config{})
	var want []string
	for i := range 9 {
		at := noon
		if i < 3 {
			at = noon.AddDate(0, 0, -1)
		}
		text := fmt.Sprintf("line %d", i)
		want = append(want, text)
		_, err := s.Append(ctx, event.Line{Source: "s", Received: at, Raw: []byte(text)})
		must(t, err)
		must(t, s.Seal(true))
	}
	n, err := s.Merge(ctx)
	must(t, err)
	if n != 9 || len(s.Segments()) != 2 {
		t.Errorf("%d replaced, %d segments", n, len(s.Segments()))
	}
	check := func(s *eventstore.Store) {
		t.Helper()
		if got := found(t, s, ""); !slices.Equal(got, want) {
			t.Errorf("found: %v", got)
		}
	}
	check(s)
	if got := texts(t, s, "reader"); !slices.Equal(got, want) {
		t.Errorf("read: %v", got)
	}
	must(t, s.Close())
	check(open(t, dir, eventstore.Config{}))
}

func TestASegmentThatSomebodyChangedIsFound(t *testing.T) {
	s := open(t, t.TempDir(), eventstore.Config{})
	aging(t, s, 3)
	wrong, err := s.Verify(ctx)
	if err != nil || len(wrong) != 0 {
		t.Fatalf("untouched: %v, %v", wrong, err)
	}
	list := s.Segments()
	file := filepath.Join(s.Dir(), "segments", list[0].Name)
	data, err := os.ReadFile(file)
	must(t, err)
	data[len(data)/2] ^= 1
	must(t, os.WriteFile(file, data, 0o600))
	must(t, os.Remove(filepath.Join(s.Dir(), "segments", list[1].Name)))
	foreign := filepath.Join(s.Dir(), "segments", "2020-01-01", "x.parquet")
	must(t, os.MkdirAll(filepath.Dir(foreign), 0o700))
	must(t, os.WriteFile(foreign, nil, 0o600))
	wrong, err = s.Verify(ctx)
	must(t, err)
	if len(wrong) != 3 || !strings.Contains(wrong[0].What, "hash differs") || !strings.Contains(wrong[1].What, "cannot be read") || !strings.Contains(wrong[2].What, "not in the list") {
		t.Errorf("%+v", wrong)
	}
}

// A witness is a shelf that takes a picture of the whole store after each thing that
// is put there and before each that is removed: what a crash at that instant leaves.
type witness struct {
	eventstore.Shelf
	dir      string
	pictures *[]string
	t        *testing.T
}

func (w witness) Put(name, file string) error {
	err := w.Shelf.Put(name, file)
	w.picture()
	return err
}

func (w witness) Remove(name string) error {
	w.picture()
	return w.Shelf.Remove(name)
}

func (w witness) picture() {
	to := filepath.Join(w.t.TempDir(), "picture")
	must(w.t, os.CopyFS(to, os.DirFS(w.dir)))
	*w.pictures = append(*w.pictures, to)
}

func TestACrashBetweenAnyTwoStepsOfSealingMergingAndDroppingLosesAndDoublesNothing(t *testing.T) {
	dir := t.TempDir()
	var pictures []string
	s := open(t, dir, eventstore.Config{LogFile: 1, Shelf: witness{eventstore.DiskShelf(filepath.Join(dir, "segments")), dir, &pictures, t}})
	seen := map[string]int{} // how many lines there were at each picture
	note := func(lines int) {
		for _, p := range pictures {
			if _, known := seen[p]; !known {
				seen[p] = lines
			}
		}
	}
	for i := range 6 {
		keep(t, s, fmt.Sprintf("line %d", i))
		must(t, s.Seal(true))
		note(i + 1)
	}
	_, err := s.Merge(ctx)
	must(t, err)
	note(6)
	if len(pictures) < 10 {
		t.Fatalf("only %d pictures", len(pictures))
	}
	for _, p := range pictures {
		s := open(t, p, eventstore.Config{})
		var want []string
		for i := range seen[p] {
			want = append(want, fmt.Sprintf("line %d", i))
		}
		if got := found(t, s, ""); !slices.Equal(got, want) {
			t.Errorf("found %v, there are %v", got, want)
		}
		if got := texts(t, s, "reader"); !slices.Equal(got, want) {
			t.Errorf("read %v, there are %v", got, want)
		}
		wrong, err := s.Verify(ctx)
		if err != nil || len(wrong) > 0 {
			t.Errorf("%v, %v", wrong, err)
		}
		if last := keep(t, s, "after"); last != eventstore.Position(len(want)+1) {
			t.Errorf("the next line is %d", last)
		}
		must(t, s.Close())
	}
}

func TestRunSealsByItselfAndNeverStopsAppending(t *testing.T) {
	now := noon
	s := open(t, t.TempDir(), eventstore.Config{Now: func() time.Time { return now }})
	keep(t, s, "one")
	now = now.Add(time.Hour)
	running, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { s.Run(running, func(err error) { t.Error(err) }); close(done) }()
	for range 100 {
		if len(s.Segments()) > 0 {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	stop()
	<-done
	if len(s.Segments()) != 1 {
		t.Errorf("%d segments", len(s.Segments()))
	}
}
