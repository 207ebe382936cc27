package intake

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"holdfast/engine/event"
)

var local = netip.MustParseAddr("127.0.0.1")

func TestAPostWithAKeyIsThereOnceAlsoAfterARestart(t *testing.T) {
	w := newWorld(t, nil)
	src := Source{ID: "h", Transport: HTTP, Token: HashOf("secret")}
	w.in.Use([]Source{src})
	post := Post{Source: "h", Peer: local, Key: "k1", Body: []byte("{\"a\":1}\n{\"a\":2}\n")}
	for i, again := range []bool{false, true, true} {
		if i == 2 {
			w.again(src)
		}
		n, repeated, err := w.in.Take(t.Context(), post)
		if err != nil || n != 2 || repeated != again {
			t.Errorf("%d: %d lines, repeated %v: %v", i, n, repeated, err)
		}
	}
	w.wants(`{"a":1}`, `{"a":2}`)
	post.Body = []byte("something else")
	if _, _, err := w.in.Take(t.Context(), post); !errors.Is(err, ErrReused) {
		t.Errorf("the key was taken for another post: %v", err)
	}
	post.Key = ""
	for range 2 {
		if _, _, err := w.in.Take(t.Context(), post); err != nil {
			t.Error(err)
		}
	}
	w.wants(`{"a":1}`, `{"a":2}`, "something else", "something else")
}

func TestAPostIsTakenFromWhoHasTheTokenOnly(t *testing.T) {
	w := newWorld(t, nil)
	w.in.Use([]Source{{ID: "h", Transport: HTTP, Token: HashOf("secret"), Senders: []string{"127.0.0.0/8"}}, {ID: "none", Transport: HTTP}})
	other := netip.MustParseAddr("192.0.2.1")
	for _, c := range []struct {
		source, token string
		peer          netip.Addr
		want          error
	}{
		{"h", "secret", local, nil}, {"h", "Secret", local, ErrToken}, {"h", "", local, ErrToken}, {"h", HashOf("secret"), local, ErrToken},
		{"h", "secret", other, ErrSender}, {"x", "secret", local, ErrUnknown}, {"none", "", local, ErrToken}, {"none", "secret", local, ErrToken},
	} {
		if err := w.in.Prove(c.source, c.token, c.peer); !errors.Is(err, c.want) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestMoreThanTheLimitIsAskedToWait(t *testing.T) {
	w := newWorld(t, nil)
	w.in.Use([]Source{{ID: "h", Transport: HTTP, Rate: 5}})
	if _, _, err := w.in.Take(t.Context(), Post{Source: "h", Body: []byte(strings.Repeat("x\n", 50))}); err != nil {
		t.Fatalf("a post larger than a second's worth can never be sent: %v", err)
	}
	_, _, err := w.in.Take(t.Context(), Post{Source: "h", Body: []byte("x")})
	var busy *Busy
	if !errors.As(err, &busy) || busy.Wait <= 0 {
		t.Errorf("%v", err)
	}
}

func TestWhatIsTooLargeIsRefusedWholeAndALongLineIsCut(t *testing.T) {
	w := newWorld(t, nil)
	w.in.Use([]Source{{ID: "h", Transport: HTTP}})
	if _, _, err := w.in.Take(t.Context(), Post{Source: "h", Body: []byte(strings.Repeat("x\n", MaxPost/2+1))}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("%v", err)
	}
	if _, _, err := w.in.Take(t.Context(), Post{Source: "h", Body: []byte(strings.Repeat("x\n", MaxPost/4))}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("six million events in one post were taken: %v", err)
	}
	if n := len(w.store.lines()); n > 0 {
		t.Fatalf("%d lines of them are there", n)
	}
	if _, _, err := w.in.Take(t.Context(), Post{Source: "h", Body: []byte(strings.Repeat("x", 2*event.MaxLine))}); err != nil {
		t.Fatal(err)
	}
	if got := w.store.lines(); len(got) != 1 || len(got[0]) > event.MaxLine || !strings.Contains(got[0], "[cut here: 2097152 bytes arrived]") {
		t.Error("the long line is not cut and marked")
	}
}
