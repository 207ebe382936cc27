package eventstore_test

import (
	"testing"
	"time"

	"holdfast/engine/event"
	"holdfast/eventstore"
)

func TestACursorBeginsWhereATimeBegan(t *testing.T) {
	s := open(t, t.TempDir(), eventstore.Config{})
	hour := func(h int) time.Time { return noon.Add(time.Duration(h) * time.Hour) }
	arrive := func(from, to int) {
		for h := from; h < to; h++ {
			_, err := s.Append(ctx, event.Line{Source: "s1", Received: hour(h), Raw: []byte("x")})
			must(t, err)
		}
	}
	arrive(0, 10)
	must(t, s.Seal(true))
	arrive(10, 20)
	must(t, s.Seal(true))
	arrive(20, 30)
	for at, want := range map[int]eventstore.Position{-5: 1, 0: 1, 11: 11, 15: 13, 20: 21, 25: 26, 29: 30} {
		c, err := s.Since(hour(at))
		must(t, err)
		lines, err := c.Next(ctx)
		must(t, err)
		if lines[0].Position != want {
			t.Errorf("since hour %d the first line is %d, want %d: the hours of a sealed day come together", at, lines[0].Position, want)
		}
		if err := c.Commit(); err == nil {
			t.Error("a cursor that only looks remembered something")
		}
	}
	c, err := s.Since(hour(30))
	must(t, err)
	if c.Position() != s.Last() {
		t.Errorf("when nothing arrived since, it stands at %d of %d", c.Position(), s.Last())
	}
}
