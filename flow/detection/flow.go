// Package detection turns what was noticed into alerts that know where they stand:
// rules and their trial, sources of events, traps, what can be seen of ATT&CK and
// where one is blind, marks of attackers.
//
// It stands on package flow and hands what is serious to package response.
package detection

import (
	"context"

	"holdfast/app"
	"holdfast/flow"
	"holdfast/flow/response"
	"holdfast/isms"
	"holdfast/kind"
)

// A Flow is the pipeline's watch.
type Flow struct {
	*flow.Flow

	app      *app.App
	response *response.Flow
	house    TrapHouse   // nil: no traps wait here
	intake   SourceHouse // nil: no events are taken in here
	bait     bait

	assets          app.Repo[isms.Asset]
	vulnerabilities app.Repo[isms.Vulnerability]
	findings        app.Repo[isms.Finding]
	risks           app.Repo[isms.Risk]
	evidence        app.Repo[isms.Evidence]
	actors          app.Repo[isms.ThreatActor]
}

// New returns the watch that stands on a pipeline and declares incidents to a response.
func New(f *flow.Flow, r *response.Flow) *Flow {
	a := f.App()
	return &Flow{
		Flow: f, app: a, response: r,
		assets:          app.Of[isms.Asset](a, isms.Assets),
		vulnerabilities: app.Of[isms.Vulnerability](a, isms.Vulnerabilities),
		findings:        app.Of[isms.Finding](a, isms.Findings),
		risks:           app.Of[isms.Risk](a, isms.Risks),
		evidence:        app.Of[isms.Evidence](a, isms.Evidences),
		actors:          app.Of[isms.ThreatActor](a, isms.ThreatActors),
	}
}

// A survey reads registers, each once, and knows where traps wait.
type survey struct {
	*flow.Survey
	f *Flow
}

func (f *Flow) survey(ctx context.Context) *survey { return &survey{f.Survey(ctx), f} }

func every[T any](s *survey, k *kind.Kind) []*T { return flow.Every[T](s.Survey, k) }
