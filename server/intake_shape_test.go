package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"holdfast/intake"
)

// shapes are all ways in which events are wrapped in a post.
var shapes = map[string]shape{"plain": plainShape, "otel": otelShape, "splunk": splunkShape, "splunk raw": splunkRawShape, "bulk": bulkShape}

// Whatever is posted to whichever address: it is taken apart within bounds, or refused.
func FuzzPosts(f *testing.F) {
	for name := range shapes {
		for _, body := range []string{
			`{"event":"x"}{"event":{"a":1}}`, "{\"index\":{}}\n{\"a\":1}\n{\"delete\":{}}\n", "a\nb",
			`{"resourceLogs":[{"resource":{"a":1},"scopeLogs":[{"scope":{},"logRecords":[{"body":{}},null]}]}]}`, "[", "",
		} {
			f.Add(name, []byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, name string, body []byte) {
		s, ok := shapes[name]
		if !ok {
			return
		}
		events := body
		if s.unwrap != nil {
			out, err := s.unwrap(body)
			if err != nil {
				return
			}
			events = out
		}
		if len(events) > 2*intake.MaxPost+len(body) {
			t.Fatalf("%d bytes became %d", len(body), len(events))
		}
		if answer := s.answer(body, bytes.Count(events, []byte("\n")), false); !json.Valid(answer) {
			t.Fatalf("the answer is no JSON: %q", answer)
		}
	})
}

// A resource that is said once and belongs to a million records must not become a
// million times its size.
func TestAPostDoesNotGrowWithoutBounds(t *testing.T) {
	records := bytes.Repeat([]byte("{},"), 200_000)
	body := fmt.Appendf(nil, `{"resourceLogs":[{"resource":{"a":%q},"scopeLogs":[{"logRecords":[%s{}]}]}]}`, bytes.Repeat([]byte("x"), 1<<20), records)
	if _, err := otelShape.unwrap(body); !errors.Is(err, intake.ErrTooLarge) {
		t.Errorf("%d bytes with a large resource and many records: %v", len(body), err)
	}
}
