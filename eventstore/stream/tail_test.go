package stream_test

import (
	"context"
	"testing"
	"time"

	"holdfast/eventstore"
	"holdfast/eventstore/stream"
	"holdfast/testkit/clients"
)

// readAll reads a tail up to a line.
func readAll(t *testing.T, tail *stream.Tail, upTo eventstore.Position) (got []eventstore.Position) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for tail.Mark().Position < upTo {
		lines, err := tail.Next(ctx)
		must(t, err)
		for _, l := range lines {
			got = append(got, l.Position)
		}
	}
	return got
}

func inOrder(t *testing.T, got []eventstore.Position, from, to eventstore.Position) {
	t.Helper()
	if len(got) != int(to-from+1) {
		t.Fatalf("%d lines instead of %d to %d", len(got), from, to)
	}
	for i, p := range got {
		if p != from+eventstore.Position(i) {
			t.Fatalf("line %d stands where line %d should", p, from+eventstore.Position(i))
		}
	}
}

func TestATailSeesEachLineOnceInOrderAndGoesOnAtItsMark(t *testing.T) {
	nats := clients.StartNATS(t, large)
	s, store := open(t, nats.URL), newStore(t, 5_000)
	go func() {
		for t.Context().Err() == nil { // it ends with the connection, and again goes on
			_ = s.Publish(t.Context(), store, 0, nil)
			time.Sleep(100 * time.Millisecond)
		}
	}()
	tail, err := s.Tail(t.Context(), stream.Mark{})
	must(t, err)
	inOrder(t, readAll(t, tail, 5_000), 1, 5_000)

	nats.Stop()
	nats.Start()
	add(t, store, 1_000)
	var got []eventstore.Position
	for end := time.Now().Add(30 * time.Second); tail.Mark().Position < 6_000 && time.Now().Before(end); {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		lines, _ := tail.Next(ctx) // it fails while the connection is away
		cancel()
		for _, l := range lines {
			got = append(got, l.Position)
		}
	}
	inOrder(t, got, 5_001, 6_000)

	mark := tail.Mark()
	tail.Close()
	add(t, store, 10)
	for name, from := range map[string]stream.Mark{"its mark": mark, "a position alone": {Position: mark.Position}, "the mark of another stream": {Position: mark.Position, Sequence: 17}} {
		next, err := s.Tail(t.Context(), from)
		must(t, err)
		inOrder(t, readAll(t, next, 6_010), 6_001, 6_010)
		next.Close()
		if t.Failed() {
			t.Fatal(name)
		}
	}
	if n, lost, err := s.After(t.Context(), mark); err != nil || n != 10 || lost != 0 {
		t.Errorf("%d lines behind the mark, %d lost, %v", n, lost, err)
	}
	if n, known, err := s.Behind(t.Context(), "nobody"); err != nil || known || n != 0 {
		t.Errorf("a group that nobody joined: %d %v %v", n, known, err)
	}
}

func TestAReplayEndsAtTheMarkAndIsAsLongAsAllowed(t *testing.T) {
	s, store := open(t, server(t, large)), newStore(t, 3_000)
	defer publish(t, s, store)()
	tail, err := s.Tail(t.Context(), stream.Mark{})
	must(t, err)
	readAll(t, tail, 3_000)
	mark := tail.Mark()
	add(t, store, 500)
	readAll(t, tail, 3_500)
	received, err := s.Received(t.Context(), mark)
	if err != nil || !received.Equal(noon) {
		t.Errorf("received %v, %v", received, err)
	}
	for _, c := range []struct {
		from        time.Time
		most        uint64
		first, last eventstore.Position
	}{{time.Time{}, 10_000, 1, 3_000}, {time.Time{}, 200, 2_801, 3_000}, {time.Now().Add(time.Hour), 10_000, 1, 0}} {
		var got []eventstore.Position
		must(t, s.Replay(t.Context(), mark, c.from, c.most, func(l *eventstore.Stored) error {
			got = append(got, l.Position)
			return nil
		}))
		inOrder(t, got, c.first, c.last)
	}
}

func TestAStreamThatTheServersLostBeginsWhereItsReadersAre(t *testing.T) {
	nats := clients.StartNATS(t, large)
	store := newStore(t, 300)
	stop := publish(t, open(t, nats.URL), store)
	tail, err := open(t, nats.URL).Tail(t.Context(), stream.Mark{})
	must(t, err)
	readAll(t, tail, 300)
	stop()

	s := open(t, clients.StartNATS(t, large).URL) // another, which has nothing
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Publish(ctx, store, 120, nil) }()
	again, err := s.Tail(t.Context(), tail.Mark())
	must(t, err)
	add(t, store, 5)
	inOrder(t, readAll(t, again, 305), 301, 305)
	whole, err := s.Tail(t.Context(), stream.Mark{})
	must(t, err)
	inOrder(t, readAll(t, whole, 305), 121, 305)
	cancel()
	<-done
}
