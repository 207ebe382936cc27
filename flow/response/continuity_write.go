package response

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"holdfast/app"
	"holdfast/catalog"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
)

// WritePlans makes drafts of the plans that are missing from the shipped skeletons,
// filled from the records, with draft messages for audiences that have none. What is
// there stays as it is. It returns the plans that it made.
func (f *Flow) WritePlans(ctx context.Context) ([]*isms.Plan, error) {
	var made []*isms.Plan
	err := f.app.Atomic(ctx, func(ctx context.Context) error {
		made = nil
		data, owner, err := f.planData(ctx)
		if err != nil {
			return err
		}
		plans := app.Of[isms.Plan](f.app, isms.Plans)
		have, err := plans.All(ctx, kind.Query{})
		if err != nil {
			return err
		}
		for i := range f.cat.Plans {
			sk := &f.cat.Plans[i]
			if slices.ContainsFunc(have, func(p *isms.Plan) bool { return string(p.Type) == sk.Type && p.Status != "retired" }) {
				continue
			}
			p, err := f.writePlan(ctx, sk, data, owner)
			if err != nil {
				return fmt.Errorf("plan %s: %w", sk.ID, err)
			}
			made = append(made, p)
		}
		return nil
	})
	return made, err
}

func (f *Flow) writePlan(ctx context.Context, sk *catalog.Plan, data catalog.PlanData, owner string) (*isms.Plan, error) {
	text, err := sk.Fill(data)
	if err != nil {
		return nil, err
	}
	p := &isms.Plan{Base: isms.Base{Title: text.Title, Origin: "catalogue"}, Type: isms.PlanType(text.Type), OwnerID: owner, Number: "0.1",
		Activation: isms.Markdown(text.Activation), Body: isms.Markdown(text.Body), Scope: isms.Markdown(text.Scope), Workaround: isms.Markdown(text.Workaround), StandDown: isms.Markdown(text.StandDown),
		ReviewEvery: text.ReviewMonths * 30, ReviewBy: kind.DateOf(f.app.Now().AddDate(0, text.ReviewMonths, 0))}
	if err := f.app.SaveBecause(ctx, p, "written from the skeleton "+sk.ID); err != nil {
		return nil, err
	}
	messages := app.Of[isms.PlanMessage](f.app, isms.PlanMessages)
	for _, m := range text.Messages {
		there, err := messages.List(ctx, kind.Query{Limit: 1}.Where("audience", m.Audience).With("status", kind.Not, string(isms.MessageRetired)))
		if err != nil {
			return nil, err
		}
		if len(there) > 0 {
			continue
		}
		msg := &isms.PlanMessage{Base: isms.Base{Origin: "catalogue"}, PlanID: p.ID, Audience: isms.NotifiedParty(m.Audience), WithinHours: m.WithinHours, Channel: m.Channel, Repeat: m.Repeat,
			Statement: isms.Markdown(m.Statement), Never: isms.Markdown(m.Never)}
		if err := messages.Save(ctx, msg); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// planData gathers what skeletons are filled with, and who owns the plans.
func (f *Flow) planData(ctx context.Context) (catalog.PlanData, string, error) {
	known, owner, err := f.DocumentData(ctx)
	if err != nil {
		return catalog.PlanData{}, "", err
	}
	data := catalog.PlanData{DocumentData: known}
	s := f.survey(ctx)
	people := flow.ByID(every[isms.Person](s, isms.People))
	for _, l := range s.impactLines() {
		a := l.Assessment
		if a == nil {
			continue
		}
		pr := catalog.PlanProcess{Name: cmp.Or(a.Process, a.Title), RTO: timeOrNothing(l.RTO), MTPD: timeOrNothing(l.MTPD), Workaround: strings.TrimSpace(string(a.Workaround))}
		if who := people[a.OwnerID]; who != nil {
			pr.Owner = who.Title
		}
		data.Processes = append(data.Processes, pr)
	}
	for _, r := range s.impact().Assets {
		if slices.Contains(keeps, r.Asset.Type) && len(data.Order) < flow.MaxCrown {
			data.Order = append(data.Order, r.Record.Title)
		}
	}
	return data, owner, s.Err
}

func timeOrNothing(h float64) string {
	if h <= 0 {
		return ""
	}
	return lasting(h)
}
