package sample

import (
	"bytes"
	"testing"
	"time"

	"holdfast/engine/event"
)

func TestEveryLineOfAHostIsAnEntryOfItsJournal(t *testing.T) {
	from := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	p := event.NewParser(event.Options{Format: "journald"})
	var e event.Event
	var all [2]bytes.Buffer
	for round := range all {
		last := from
		for l := range HostLines(1, 500, from, from.Add(time.Hour)) {
			p.Parse(l, &e)
			if e.Complaint != "" || e.Host == "" || e.Service == "" || e.Message == "" || e.Time.Sub(l.Received).Abs() > time.Millisecond || l.Source != Hosts {
				t.Fatalf("%s: host %q, service %q, at %s, %s", l.Raw, e.Host, e.Service, e.Time, e.Complaint)
			}
			if l.Received.Before(last) || l.Received.After(from.Add(time.Hour)) {
				t.Fatalf("received at %s after %s", l.Received, last)
			}
			last = l.Received
			all[round].Write(l.Raw)
		}
	}
	if !bytes.Equal(all[0].Bytes(), all[1].Bytes()) {
		t.Error("the same seed tells another story")
	}
}
