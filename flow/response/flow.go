// Package response answers what happened and learns from it: incidents with their
// room, legal clocks and playbooks, concerns of staff, exercises, the plans and
// backups one falls back on, and root causes that re-price risks.
//
// It stands on package flow, whose registers and pipeline it reads and feeds, and
// writes through the waist like everybody else.
package response

import (
	"context"

	"holdfast/app"
	"holdfast/catalog"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
)

// A Flow is the pipeline's answer to incidents.
type Flow struct {
	*flow.Flow

	app *app.App
	cat *catalog.Catalog

	assets          app.Repo[isms.Asset]
	vulnerabilities app.Repo[isms.Vulnerability]
	risks           app.Repo[isms.Risk]
	evidence        app.Repo[isms.Evidence]
}

// New returns the answer to incidents that stands on a pipeline.
func New(f *flow.Flow) *Flow {
	a := f.App()
	return &Flow{
		Flow: f, app: a, cat: f.Catalogue(),
		assets:          app.Of[isms.Asset](a, isms.Assets),
		vulnerabilities: app.Of[isms.Vulnerability](a, isms.Vulnerabilities),
		risks:           app.Of[isms.Risk](a, isms.Risks),
		evidence:        app.Of[isms.Evidence](a, isms.Evidences),
	}
}

// A survey reads registers, each once, and judges what it read.
type survey struct{ *flow.Survey }

func (f *Flow) survey(ctx context.Context) *survey { return &survey{f.Survey(ctx)} }

func every[T any](s *survey, k *kind.Kind) []*T { return flow.Every[T](s.Survey, k) }
