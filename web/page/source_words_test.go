package page

import (
	"strings"
	"testing"

	"holdfast/flow/detection"
	"holdfast/intake"
	"holdfast/isms"
)

func TestThePageOfASourceSaysWhatAKillCosts(t *testing.T) {
	for _, c := range []struct {
		transport isms.Transport
		live      intake.State
		want      string
	}{
		{"syslog_relp", intake.State{}, "there once"},
		{"syslog_relp_tls", intake.State{}, "there once"},
		{"syslog_tcp", intake.State{}, "serve --keep"},
		{"syslog_tcp", intake.State{Kept: true}, "outlive the process"},
		{"syslog_tcp", intake.State{Kept: true, Loose: 2}, "but for 2 connections"},
		{"syslog_tls", intake.State{Kept: true}, "are lost"},
		{"syslog_udp", intake.State{}, "is lost"},
		{"file", intake.State{}, "Each line"},
		{"http", intake.State{}, "Idempotency-Key"},
		{"import", intake.State{}, "acknowledged"},
	} {
		if got := survivalWords(detection.SourceLook{Source: &isms.EventSource{Transport: c.transport}, Live: c.live}); !strings.Contains(got, c.want) {
			t.Errorf("%s %+v: %q does not say %q", c.transport, c.live, got, c.want)
		}
	}
}
