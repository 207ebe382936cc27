package api

import (
	"bufio"
	"bytes"
	"context"
	"net/http"
	"strings"

	"holdfast/access"
	"holdfast/api/client"
	"holdfast/engine"
	"holdfast/engine/inventory"
	"holdfast/engine/quantify"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/port"
)

// scanTypes are what a scan may be sent as: our own result, or a bill of materials
// in one of its forms.
var scanTypes = []string{mediaJSON, "application/vnd.cyclonedx+json", "application/vnd.cyclonedx+xml", "application/spdx+json",
	"application/xml", "text/xml", "text/spdx", "text/plain"}

// scan takes in the result of "holdfast scan … -o json", or a bill of materials,
// which is compared with the advisories of the server.
func (a *api) scan(w http.ResponseWriter, r *http.Request) error {
	v, err := params(r, "target")
	if err != nil {
		return err
	}
	machine, err := scanner(r.Context())
	if err != nil {
		return err
	}
	if _, err := mediaType(r, scanTypes...); err != nil {
		return err
	}
	target, runs, err := a.readScan(r.Context(), bufio.NewReaderSize(http.MaxBytesReader(w, r.Body, maxUpload), 4096), v.Get("target"))
	if err != nil {
		return err
	}
	out, err := a.Flow.Observe(machine, target, runs)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, out)
}

// scanner is the product acting for somebody who may write assets and findings: a
// scan sets what no person may type.
func scanner(ctx context.Context) (context.Context, error) {
	actor, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	for _, k := range []*kind.Kind{isms.Assets, isms.Findings} {
		if actor.May(kind.Write, k) != access.All {
			return nil, actor.Refuse(kind.Write, k)
		}
	}
	return access.With(ctx, access.Actor{ID: actor.ID, Name: actor.Name, Workspace: actor.Workspace, Via: actor.Via, Machine: true}), nil
}

// readScan recognises the form by the first bytes.
func (a *api) readScan(ctx context.Context, in *bufio.Reader, name string) (*engine.Target, []engine.Run, error) {
	head, _ := in.Peek(512) // a shorter body is fine, and an error comes again with the next read
	if bytes.Contains(head, []byte(`"`+strings.TrimSuffix(port.ScanForm, "1"))) {
		t, runs, err := port.ReadScan("body", in, a.App.Now())
		if err == nil && name != "" {
			t.Name = name
		}
		return t, runs, err
	}
	if a.Look == nil {
		return nil, nil, kind.Errorf(kind.Unavailable, "bills of materials are not compared here; send the result of holdfast scan sbom FILE -o json")
	}
	if name == "" {
		return nil, nil, kind.Fieldf("target", "say what the bill of materials is of: ?target=billing-service")
	}
	t, err := inventory.SBOM(ctx, "body", in, a.App.Now())
	if err != nil {
		return nil, nil, kind.Errorf(kind.Invalid, "%w", err)
	}
	t.Name = name
	runs, err := a.Look(ctx, t)
	return t, runs, err
}

// why tells what the figures of a risk follow from.
func (a *api) why(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	v, err := a.Flow.View(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	risk, err := isms.Risks.Encode(v.Risk)
	if err != nil {
		return err
	}
	out := client.Why{
		Risk: risk, Now: v.Figures.Now, Inherent: v.Figures.Inherent, Target: v.Figures.Target, P95: v.Figures.P95, Weakness: v.Figures.Weakness,
		Findings: []client.Named{}, Operating: []client.Named{}, Planned: []client.Named{}, Rating: v.Rating, Explanation: v.Why,
	}
	if v.Now != nil {
		out.Simulation = &v.Now.Total
	}
	for _, f := range v.Open {
		out.Findings = append(out.Findings, named(f))
	}
	for _, s := range v.Operating {
		out.Operating = append(out.Operating, named(s))
	}
	for _, p := range v.Planned {
		out.Planned = append(out.Planned, named(p.Safeguard))
	}
	return answer(w, http.StatusOK, out)
}

func named(r kind.Record) client.Named {
	return client.Named{Key: r.GetBase().Key, Title: r.GetBase().Title}
}

// whatIf tells what safeguards would be worth. It writes nothing.
func (a *api) whatIf(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	var in client.WhatIfInput
	if err := decode(w, r, &in); err != nil {
		return err
	}
	if len(in.Safeguards) == 0 || len(in.Safeguards) > 100 {
		return kind.Fieldf("safeguards", "name 1 to 100 safeguards by their keys")
	}
	c, err := a.Flow.WhatIf(r.Context(), r.PathValue("id"), in.Safeguards)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, client.WhatIf{
		Before: c.Before.Total, After: c.After.Total, Reduction: c.Reduction, ReductionErr: c.ReductionErr,
		AnnualCost: c.AnnualCost, RoSI: c.RoSI, PaysInYear: c.PaysInYear, Pays: c.Pays(),
	})
}

// portfolio sums up all open risks.
func (a *api) portfolio(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	p, err := a.Flow.Portfolio(r.Context())
	if err != nil {
		return err
	}
	out := client.Portfolio{Risks: len(p.Risks), Priced: p.Priced, Now: total(p.Now), Target: total(p.Target), Inherent: total(p.Inherent), Curve: []quantify.CurvePoint{}}
	if p.Now != nil {
		out.Curve = p.Now.Curve
	}
	if p.Appetite != nil {
		bands := client.Appetite(p.Bands)
		out.Appetite, out.Position, out.Words = &bands, p.Position.String(), p.Position.Words()
	}
	return answer(w, http.StatusOK, out)
}

func total(r *quantify.Result) quantify.Summary {
	if r == nil {
		return quantify.Summary{}
	}
	return r.Total
}
