package eventstore_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"holdfast/engine/event"
	"holdfast/eventstore"
)

var (
	noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	ctx  = context.Background()
)

func clock() time.Time { return noon }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB, dir string, cfg eventstore.Config) *eventstore.Store {
	t.Helper()
	if cfg.Now == nil {
		cfg.Now = clock
	}
	s, err := eventstore.Open(dir, cfg)
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

func line(text string) event.Line {
	return event.Line{Source: "s1", Received: noon, Peer: "10.0.0.1", Raw: []byte(text)}
}

func keep(t testing.TB, s *eventstore.Store, texts ...string) eventstore.Position {
	t.Helper()
	var lines []event.Line
	for _, text := range texts {
		lines = append(lines, line(text))
	}
	last, err := s.Append(ctx, lines...)
	must(t, err)
	return last
}

// texts reads everything behind a new cursor, up to the last line that there is.
func texts(t testing.TB, s *eventstore.Store, cursor string) []string {
	t.Helper()
	c, err := s.Follow(cursor)
	must(t, err)
	var list []string
	for want := s.Last(); c.Position() < want; {
		before := c.Position()
		lines, err := c.Next(ctx)
		must(t, err)
		for i, l := range lines {
			if l.Position != before+eventstore.Position(i)+1 {
				t.Fatalf("position %d follows %d", l.Position, before+eventstore.Position(i))
			}
			list = append(list, string(l.Raw))
		}
	}
	return list
}

func TestALineIsReadAsItWasAppended(t *testing.T) {
	s := open(t, t.TempDir(), eventstore.Config{})
	want := []event.Line{
		{Source: "s1", Received: noon, Peer: "10.0.0.1", Raw: []byte("one")},
		{Source: "s2", Received: noon.Add(time.Nanosecond), Raw: []byte{}},
		{Received: noon, Raw: []byte("\x00\xff\n\x1b[2J")},
		{Source: "s1", Received: noon, Raw: bytes.Repeat([]byte("x"), event.MaxLine)},
	}
	last, err := s.Append(ctx, want...)
	must(t, err)
	if last != 4 || s.Last() != 4 {
		t.Fatalf("last %d, %d", last, s.Last())
	}
	c, err := s.Follow("reader")
	must(t, err)
	lines, err := c.Next(ctx)
	must(t, err)
	for i, l := range lines {
		w := want[i]
		if l.Position != eventstore.Position(i+1) || l.Source != w.Source || l.Peer != w.Peer || !l.Received.Equal(w.Received) || !bytes.Equal(l.Raw, w.Raw) {
			t.Errorf("line %d: %.60q, want %.60q", i, fmt.Sprint(l), fmt.Sprint(w))
		}
	}
	if len(lines) != len(want) {
		t.Errorf("%d lines", len(lines))
	}
}

func TestWhatIsOutOfBoundsIsRefusedAndNothingOfItIsKept(t *testing.T) {
	s := open(t, t.TempDir(), eventstore.Config{})
	for name, lines := range map[string][]event.Line{
		"a long line":   {line("good"), line(strings.Repeat("x", event.MaxLine+1))},
		"a long source": {line("good"), {Source: strings.Repeat("x", 2_000)}},
		"too much":      slicesRepeat(line(strings.Repeat("x", event.MaxLine)), 40),
	} {
		if _, err := s.Append(ctx, lines...); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if _, err := s.AppendOnce(ctx, eventstore.Key{}, line("good")); err == nil {
		t.Error("a key without a name is taken")
	}
	if s.Last() != 0 {
		t.Errorf("%d lines are kept", s.Last())
	}
	if _, err := s.Follow("../elsewhere"); err == nil {
		t.Error("a cursor leaves its folder")
	}
}

func slicesRepeat(l event.Line, n int) []event.Line {
	list := make([]event.Line, n)
	for i := range list {
		list[i] = l
	}
	return list
}

func TestManyCallersAtOnceAreServedEachInItsOwnOrder(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, eventstore.Config{LogFile: 4 << 10, MaxPending: 2 << 10})
	var wg sync.WaitGroup
	for caller := range 16 {
		wg.Go(func() {
			var last eventstore.Position
			for i := range 50 {
				p, err := s.Append(ctx, line(fmt.Sprintf("%d %d a", caller, i)), line(fmt.Sprintf("%d %d b", caller, i)))
				if err != nil || p <= last {
					t.Errorf("caller %d, %d: position %d after %d, %v", caller, i, p, last, err)
				}
				last = p
			}
		})
	}
	wg.Wait()
	check := func(s *eventstore.Store) {
		next := map[string]int{}
		all := texts(t, s, "reader")
		for i, text := range all {
			caller, _, _ := strings.Cut(text, " ")
			n := next[caller]
			next[caller]++
			if want := fmt.Sprintf("%s %d %c", caller, n/2, 'a'+rune(n%2)); text != want {
				t.Fatalf("line %d is %q, want %q", i, text, want)
			}
		}
		if len(all) != 16*50*2 {
			t.Errorf("%d lines", len(all))
		}
	}
	check(s)
	must(t, s.Close())
	check(open(t, dir, eventstore.Config{}))
	files, err := filepath.Glob(filepath.Join(dir, "log", "*"))
	must(t, err)
	if len(files) < 5 {
		t.Errorf("the log has %d files, though each holds 4 KB", len(files))
	}
}

func TestTheSameKeyIsHeardOnce(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, eventstore.Config{})
	send := func(s *eventstore.Store, value, text string) {
		t.Helper()
		_, err := s.AppendOnce(ctx, eventstore.Key{Name: "sender 1", Value: value}, line(text))
		must(t, err)
	}
	send(s, "1", "one")
	send(s, "1", "one again")
	send(s, "2", "two")
	must(t, s.Close())
	s = open(t, dir, eventstore.Config{})
	send(s, "2", "two again")
	send(s, "3", "three")
	if v, known := s.KeyValue("sender 1"); !known || v != "3" {
		t.Errorf("the key is %q", v)
	}
	if _, known := s.KeyValue("sender 2"); known {
		t.Error("a key is known that nobody used")
	}
	_, err := s.AppendOnce(ctx, eventstore.Key{Name: "file", Value: "17"})
	must(t, err)
	if v, _ := s.KeyValue("file"); v != "17" {
		t.Errorf("a key without lines is %q", v)
	}
	if got := strings.Join(texts(t, s, "reader"), ","); got != "one,two,three" {
		t.Errorf("kept: %s", got)
	}
}

func TestTheSameKeyAtTheSameTimeIsHeardOnce(t *testing.T) {
	s := open(t, t.TempDir(), eventstore.Config{})
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			if _, err := s.AppendOnce(ctx, eventstore.Key{Name: "sender", Value: "1"}, line("one")); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if s.Last() != 1 {
		t.Errorf("%d lines", s.Last())
	}
}

func TestACursorGoesOnWhereItCommitted(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, eventstore.Config{})
	keep(t, s, "one", "two")
	c, err := s.Follow("detector")
	must(t, err)
	_, err = c.Next(ctx)
	must(t, err)
	if c.Behind() != 2 {
		t.Errorf("behind by %d before the commit", c.Behind())
	}
	must(t, c.Commit())
	keep(t, s, "three")
	_, err = c.Next(ctx) // read, not committed
	must(t, err)
	must(t, s.Close())
	s = open(t, dir, eventstore.Config{})
	if got := strings.Join(texts(t, s, "detector"), ","); got != "three" {
		t.Errorf("after a restart: %s", got)
	}
}

func TestNextWaitsForALineAndNoLongerThanItIsAskedTo(t *testing.T) {
	s := open(t, t.TempDir(), eventstore.Config{})
	c, err := s.Follow("detector")
	must(t, err)
	short, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
	defer cancel()
	if _, err := c.Next(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("nothing there: %v", err)
	}
	go func() {
		time.Sleep(10 * time.Millisecond)
		_, _ = s.Append(ctx, line("late"))
	}()
	lines, err := c.Next(ctx)
	if err != nil || len(lines) != 1 {
		t.Errorf("%v, %v", lines, err)
	}
	go func() {
		time.Sleep(10 * time.Millisecond)
		_ = s.Close()
	}()
	if _, err := c.Next(ctx); !errors.Is(err, eventstore.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
	if _, err := s.Append(ctx, line("too late")); !errors.Is(err, eventstore.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

func TestAppendWaitsWhenTooMuchIsNotSealed(t *testing.T) {
	s := open(t, t.TempDir(), eventstore.Config{MaxBacklog: 1 << 10})
	keep(t, s, strings.Repeat("x", 2_000))
	short, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
	defer cancel()
	if _, err := s.Append(short, line("more")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	if s.Last() != 1 {
		t.Errorf("%d lines are kept", s.Last())
	}
}

func TestASecondProcessIsKeptOut(t *testing.T) {
	dir := t.TempDir()
	open(t, dir, eventstore.Config{})
	if _, err := eventstore.Open(dir, eventstore.Config{Now: clock}); !errors.Is(err, eventstore.ErrLocked) {
		t.Errorf("%v", err)
	}
}

// lastLog is the newest file of the log.
func lastLog(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "log", "*.log"))
	must(t, err)
	return files[len(files)-1]
}

func TestATornEndIsCutAtEveryByteAndNothingBeforeItIsLost(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, eventstore.Config{})
	keep(t, s, "one")
	keep(t, s, "two")
	must(t, s.Close())
	whole, err := os.ReadFile(lastLog(t, dir))
	must(t, err)
	firstFrame := bytes.Index(whole, []byte("one")) + len("one")
	for cut := firstFrame; cut <= len(whole); cut++ {
		dir := t.TempDir()
		must(t, os.MkdirAll(filepath.Join(dir, "log"), 0o700))
		must(t, os.WriteFile(filepath.Join(dir, "log", "00000000000000000001.log"), whole[:cut], 0o600))
		s := open(t, dir, eventstore.Config{})
		want := "one,three"
		if cut == len(whole) {
			want = "one,two,three"
		}
		keep(t, s, "three")
		must(t, s.Close())
		s = open(t, dir, eventstore.Config{})
		if got := strings.Join(texts(t, s, "reader"), ","); got != want || len(s.Damages()) != 0 {
			t.Fatalf("cut at %d: %s, %v", cut, got, s.Damages())
		}
		must(t, s.Close())
	}
}

func TestADamagedPartIsNamedAndWhatFollowsIsRead(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, eventstore.Config{})
	keep(t, s, "one")
	keep(t, s, "two", "three")
	keep(t, s, "four")
	must(t, s.Close())
	file := lastLog(t, dir)
	data, err := os.ReadFile(file)
	must(t, err)
	data[bytes.Index(data, []byte("two"))] ^= 1
	must(t, os.WriteFile(file, data, 0o600))
	s = open(t, dir, eventstore.Config{})
	if len(s.Damages()) != 1 || s.Damages()[0].From != 2 || s.Damages()[0].Lines != 2 {
		t.Errorf("damage: %+v", s.Damages())
	}
	if s.Last() != 4 {
		t.Errorf("the last is %d", s.Last())
	}
}

func TestALineThatLooksLikeAFrameIsOnlyALine(t *testing.T) {
	forged := t.TempDir()
	f := open(t, forged, eventstore.Config{})
	keep(t, f, "padding", "padding")
	keep(t, f, "forged")
	must(t, f.Close())
	frames, err := os.ReadFile(lastLog(t, forged))
	must(t, err)

	dir := t.TempDir()
	s := open(t, dir, eventstore.Config{})
	keep(t, s, "one")
	_, err = s.Append(ctx, event.Line{Received: noon, Raw: append(frames[16:], "tail"...)})
	must(t, err)
	must(t, s.Close())
	file := lastLog(t, dir)
	data, err := os.ReadFile(file)
	must(t, err)
	must(t, os.WriteFile(file, data[:len(data)-3], 0o600)) // torn, so that the rest is searched
	s = open(t, dir, eventstore.Config{})
	if got := strings.Join(texts(t, s, "reader"), ","); got != "one" {
		t.Errorf("kept: %q", got)
	}
}
