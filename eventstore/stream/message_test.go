package stream

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"holdfast/engine/event"
	"holdfast/eventstore"
)

func TestWhatIsNoMessageOfOursIsRefused(t *testing.T) {
	whole := encode(eventstore.Stored{Position: 7, Line: event.Line{Source: "auth", Peer: "192.0.2.1", Received: time.Unix(1, 2).UTC(), Raw: []byte("line")}})
	for name, data := range map[string][]byte{
		"nothing":                 nil,
		"another form":            {9, 1, 2, 0, 0},
		"position 0":              {messageForm, 0, 2, 0, 0},
		"no end of a number":      {messageForm, 0xff, 0xff},
		"cut behind the position": whole[:2],
		"cut within the source":   whole[:10],
		"a length that is a lie":  {messageForm, 1, 2, 0xff, 0xff, 0xff, 0xff, 0x0f},
		"too long":                append(append([]byte(nil), whole...), make([]byte, event.MaxLine)...),
	} {
		if l, err := decode(data); err == nil {
			t.Errorf("%s is read as %+v", name, l)
		}
	}
}

func FuzzMessage(f *testing.F) {
	f.Add(uint64(7), int64(1_772_625_600_000_000_000), "auth", "192.0.2.1", []byte("line\x00\xff"))
	f.Fuzz(func(t *testing.T, position uint64, received int64, source, peer string, raw []byte) {
		_, _ = decode(raw)
		if position == 0 || len(source) > maxName || len(peer) > maxName || len(raw) > event.MaxLine {
			return
		}
		want := eventstore.Stored{Position: eventstore.Position(position), Line: event.Line{Source: source, Peer: peer, Received: time.Unix(0, received).UTC(), Raw: raw}}
		got, err := decode(encode(want))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}
