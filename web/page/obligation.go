package page

import (
	"slices"

	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/web"
	"holdfast/web/ui"
)

// A dutyView is the register of obligations: law or contract → requirement →
// safeguard → evidence.
type dutyView struct {
	*web.Request
	st     *flow.Statement
	duties []flow.Duty
	others []flow.Duty // that do not bind
	today  kind.Date
}

func (c Config) obligationRegister(r *web.Request) error {
	st, err := c.statements.of(r, "")
	if err != nil {
		return err
	}
	duties, err := c.Flow.Duties(r.Ctx(), st)
	if err != nil {
		return err
	}
	v := &dutyView{Request: r, st: st, today: r.Format.Today(r.Now())}
	for _, d := range duties {
		if d.Obligation.Status == isms.ObligationApplies || d.Obligation.Status == isms.ObligationProposed {
			v.duties = append(v.duties, d)
		} else {
			v.others = append(v.others, d)
		}
	}
	r.Wide()
	return r.Render("Obligations register", dutyBody(v))
}

func (v *dutyView) stats() []ui.StatProps {
	binding, kept, due, unmet := 0, 0, 0, 0
	for _, d := range v.duties {
		if d.Obligation.Status != isms.ObligationApplies {
			continue
		}
		binding++
		unmet += len(d.Unmet)
		if d.Measured == isms.MeasuredMet {
			kept++
		}
		if d.ReviewDue {
			due++
		}
	}
	return []ui.StatProps{
		{Label: "They bind us", Value: v.Format.Count(int64(binding))},
		{Label: "Shown to be kept", Value: v.Format.Count(int64(kept)), Note: "All that answers them is proven"},
		{Label: "Open points", Value: v.Format.Count(int64(unmet))},
		{Label: "Reviews overdue", Value: v.Format.Count(int64(due))},
	}
}

// disagrees tells whether people say that it is kept although something is missing, or
// the other way round.
func disagrees(d flow.Duty) bool {
	return d.Measured != isms.MeasuredUnknown && (d.Obligation.Compliance == "kept") != (d.Measured == isms.MeasuredMet)
}

// chain lists the safeguards behind the requirements of a duty, each once.
func dutySafeguards(d flow.Duty) []flow.Proof {
	list := slices.Clone(d.Safeguards)
	for _, s := range d.Requirements {
		for _, p := range s.Of("safeguard") {
			if !slices.ContainsFunc(list, func(x flow.Proof) bool { return x.ID == p.ID }) {
				list = append(list, p)
			}
		}
	}
	return list
}
