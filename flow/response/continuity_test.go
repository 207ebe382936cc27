package response_test

import (
	"context"
	"strings"
	"testing"

	"holdfast/access"
	"holdfast/flow"
	"holdfast/flow/response"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

func planPart(t *testing.T, p *response.SecurityPlan, name isms.PlanType) response.PlanPart {
	t.Helper()
	for _, part := range p.Parts {
		if part.Type == name {
			return part
		}
	}
	t.Fatalf("the plan has no part %s", name)
	return response.PlanPart{}
}

func fact(t *testing.T, p response.PlanPart, name string) flow.Part {
	t.Helper()
	for _, f := range p.Parts {
		if f.Name == name {
			return f
		}
	}
	t.Fatalf("%s does not ask for %q", p.Title, name)
	return flow.Part{}
}

func TestTheManagementPlanIsWrittenFromSkeletonsOnceAndCountsWhatIsMissing(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		w.shop()
		lead := w.Actor("lead", access.SecurityLead)
		p, err := w.Response.SecurityPlan(lead)
		w.Must(err)
		if len(p.Parts) != 6 || p.Next == nil || p.Next.Page != "plan" || planPart(t, p, "recovery").Plan != nil {
			t.Fatalf("an empty plan: %+v", p)
		}
		if _, err := w.Response.WritePlans(testkit.As(access.Auditor)); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("an auditor writes plans: %v", err)
		}
		made, err := w.Response.WritePlans(lead)
		w.Must(err)
		if len(made) != 5 {
			t.Fatalf("made %d plans", len(made))
		}
		length := w.JournalLength()
		if again, err := w.Response.WritePlans(lead); err != nil || len(again) != 0 || w.JournalLength() != length {
			t.Errorf("written again: %d, %v", len(again), err)
		}
		p, err = w.Response.SecurityPlan(lead)
		w.Must(err)
		recovery := planPart(t, p, "recovery")
		if !strings.Contains(string(recovery.Plan.Body), "1. Vault") || !strings.Contains(string(recovery.Plan.Scope), "Shop") {
			t.Errorf("the skeleton does not know the organisation:\n%s", recovery.Plan.Body)
		}
		if f := fact(t, recovery, "Written"); !f.Done() {
			t.Errorf("written: %+v", f)
		}
		if f := fact(t, recovery, "Approved"); f.Done() {
			t.Error("a skeleton is approved")
		}
		if f := fact(t, recovery, "Promises can be kept"); f.Done() || len(f.Lacks) == 0 {
			t.Errorf("a broken promise is not missed: %+v", f)
		}
		messages := planPart(t, p, "communication")
		if f := fact(t, messages, "Approved words for everybody"); f.Have != 0 || f.Want < 2 || len(messages.Messages) < 5 {
			t.Errorf("drafts count as approved: %+v", f)
		}
		chief := w.Actor("chief", access.Approver)
		for _, m := range messages.Messages {
			if m.Audience != "staff" && m.Audience != "customers" {
				continue
			}
			m.SpeakerID = mustActor(t, lead).ID
			w.Must(w.App.Save(lead, m))
			_, err := w.App.Do(chief, isms.PlanMessages, m.ID, "approve", 0, kind.Input{})
			w.Must(err)
		}
		p, err = w.Response.SecurityPlan(lead)
		w.Must(err)
		if f := fact(t, planPart(t, p, "communication"), "Approved words for everybody"); !f.Done() {
			t.Errorf("approved words are not counted: %+v", f)
		}
		if other, err := w.Response.SecurityPlan(testkit.In("ws2", access.Administrator)); err != nil || other.Parts[0].Plan != nil || other.Progress != 0 {
			t.Errorf("another workspace: %v, %v", other, err)
		}
		if _, err := w.Response.SecurityPlan(testkit.As(access.Staff)); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("staff: %v", err)
		}
	})
}

func mustActor(t *testing.T, ctx context.Context) access.Actor {
	t.Helper()
	a, err := access.From(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return a
}
