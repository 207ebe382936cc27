package catalog

import (
	"strings"
	"testing"
)

func TestEveryPartOfTheManagementPlanHasASkeletonThatReadsWell(t *testing.T) {
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	full := PlanData{DocumentData: DocumentData{Organisation: DocumentOrganisation{Name: "Fern_hill"}, Lead: "Ada", Crown: []CrownJewel{{Name: "Shop", RTO: "4 hours", RPO: "1 hour"}},
		Vendors: []DocumentVendor{{Name: "Cloud", Service: "servers"}}},
		Processes: []PlanProcess{{Name: "Orders", Owner: "Lena", RTO: "4 hours", MTPD: "2 days", Workaround: "On paper."}}, Order: []string{"Database", "Shop"}}
	seen := map[string]bool{}
	for i := range c.Plans {
		p := &c.Plans[i]
		seen[p.Type] = true
		for name, data := range map[string]PlanData{"full": full, "empty": {}} {
			got, err := p.Fill(data)
			if err != nil {
				t.Fatalf("%s: %v", p.ID, err)
			}
			all := strings.Join([]string{got.Activation, got.Scope, got.Body, got.Workaround, got.StandDown}, "\n")
			for _, m := range got.Messages {
				all += m.Statement + m.Channel + m.Never
			}
			for _, bad := range []string{"{{", "}}", "<no value>", "\n\n\n", ": :", "Fern_hill"} { // an underscore must not become emphasis
				if strings.Contains(all, bad) {
					t.Errorf("%s for a %s organisation holds %q", p.ID, name, bad)
				}
			}
		}
	}
	for _, want := range planTypes {
		if !seen[want] {
			t.Errorf("there is no skeleton of type %s", want)
		}
	}
	if full.Order[0] != "Database" || full.Processes[0].Name != "Orders" {
		t.Error("filling changed what it was given")
	}
}

func TestAPlanThatCannotBeFilledIsRefusedWithItsPlace(t *testing.T) {
	p := Plan{ID: "x", Body: "{{.Nothing}}"}
	if _, err := p.Fill(PlanData{}); err == nil || !strings.Contains(err.Error(), "plans/x.yaml") {
		t.Errorf("%v", err)
	}
}
