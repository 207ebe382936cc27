package access_test

import (
	"testing"

	"holdfast/access"
)

func TestOnlyThoseWhoInvestigateReadEvents(t *testing.T) {
	for _, r := range access.Roles {
		want := r == access.Administrator || r == access.SecurityLead || r == access.Contributor
		if as(r).MayReadEvents() != want {
			t.Errorf("%s: %v", r, !want)
		}
	}
	for scope, want := range map[string]bool{"event:read": true, "*:read": true, "event:write": true, "risk:read": false, "event:delete": false} {
		a := as(access.Administrator)
		a.Scopes = []string{scope}
		if a.MayReadEvents() != want {
			t.Errorf("a token with %s: %v", scope, !want)
		}
	}
	if (access.Actor{Workspace: "ws1"}).MayReadEvents() {
		t.Error("an account without a role reads events")
	}
}
