package page

import (
	"holdfast/access"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/web"
	"holdfast/web/ui"
)

// seesParties: whoever may read all on which the answer rests.
func seesParties(a access.Actor) bool {
	return seesStatement(a) && web.MayRead(isms.InterestedParties)(a)
}

// A partyView is every interested party with how its needs are met.
type partyView struct {
	*web.Request
	served  []flow.Heed
	hostile []flow.Heed
}

func (c Config) parties(r *web.Request) error {
	st, err := c.statements.of(r, "")
	if err != nil {
		return err
	}
	list, err := c.Flow.Parties(r.Ctx(), st)
	if err != nil {
		return err
	}
	v := &partyView{Request: r}
	for _, h := range list {
		if h.Hostile() {
			v.hostile = append(v.hostile, h)
		} else {
			v.served = append(v.served, h)
		}
	}
	r.Wide()
	return r.Render("Interested parties", partyBody(v))
}

func (v *partyView) stats() []ui.StatProps {
	met, words, off := 0, 0, 0
	for _, h := range v.served {
		if h.Measured == isms.MeasuredMet {
			met++
		}
		if len(h.Proofs) == 0 {
			words++
		}
	}
	for _, h := range v.hostile {
		if h.Measured == isms.MeasuredMet {
			off++
		}
	}
	count := func(n int) string { return v.Format.Count(int64(n)) }
	return []ui.StatProps{
		{Label: "With needs to meet", Value: count(len(v.served))},
		{Label: "Shown to be met", Value: count(met), Note: "All that answers them works"},
		{Label: "Words only, or nothing", Value: count(words), Note: "Nothing is linked that does it"},
		{Label: "Hostile, held off", Value: count(off), Unit: "of " + count(len(v.hostile))},
	}
}

// partyFacts are the category, and how much they matter and can do.
func partyFacts(h flow.Heed) string {
	p := h.Party
	text := isms.InterestedParties.Field("category").Choice(string(p.Category)).Label
	for _, part := range []struct{ name, value string }{{"influence", p.Influence.String()}, {"interest", p.Interest.String()}} {
		if part.value != "" {
			text += " · " + part.name + " " + part.value
		}
	}
	if p.Channel != "" {
		text += " · " + p.Channel
	}
	return text
}

func partyTone(h flow.Heed) ui.Tone {
	if h.Measured == isms.MeasuredFails || h.ReviewDue {
		return ui.Negative
	}
	return ui.Plain
}

// heldMark says of a hostile party whether it is held off, of others whether they are
// served.
func heldLabel(h flow.Heed) string {
	if !h.Hostile() {
		return measuredLabel(h.Measured)
	}
	switch h.Measured {
	case isms.MeasuredMet:
		return "Held off"
	case isms.MeasuredUnknown:
		return "Not shown"
	}
	return "Partly held off"
}
