package api_test

import (
	"testing"

	"holdfast/isms"
	"holdfast/testkit"
)

func TestWhatPagesComputeAboutGoverningIsReadByOthersToo(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.person("auditor", testkit.Workspace, []string{isms.RoleAdministrator}, "*:read")
		w.person("staff", testkit.Workspace, []string{isms.RoleAdministrator}, "task:read")
		w.do("admin", "POST", "/interested-parties", `{"key": "clinic", "title": "Clinic", "category": "customers", "needs": "Open at eight."}`).is(201)
		party := w.do("auditor", "GET", "/parties", "").is(200).data()[0]
		if party["key"] != "clinic" || party["measured"] != "unknown" || len(party["lacks"].([]any)) != 1 {
			t.Errorf("the party is told of as %v", party)
		}
		w.do("admin", "POST", "/assets", `{"key": "shop", "title": "Shop", "nature": "intangible", "type": "application"}`).is(201)
		w.do("admin", "POST", "/assets", `{"key": "host", "title": "Host", "nature": "tangible", "type": "host"}`).is(201)
		w.do("admin", "POST", "/asset-dependencies", `{"asset_id": "shop", "needs_id": "host", "nature": "runs_on"}`).is(201)
		w.do("admin", "POST", "/assets", `{"key": "moon", "title": "Moon", "nature": "tangible", "type": "host"}`).is(201)
		w.do("admin", "POST", "/scopes", `{"key": "company", "title": "Company"}`).is(201)
		w.do("admin", "PUT", "/scopes/company/links/includes/shop", "").is(204)
		b := w.do("auditor", "GET", "/scopes/company/boundary", "").is(200).json()
		if len(b["in"].([]any)) != 2 || len(b["out"].([]any)) != 1 {
			t.Errorf("inside %v, outside %v", b["in"], b["out"])
		}
		w.do("admin", "GET", "/scopes/nowhere/boundary", "").is(404)
		if c := w.do("auditor", "GET", "/business-case", "").is(200).json(); c["return"] != 0.0 || len(c["measures"].([]any)) != 0 {
			t.Errorf("without risks the case is %v", c)
		}
		w.do("admin", "POST", "/indicators", `{"key": "patched", "title": "Patched", "type": "control", "unit": "%", "direction": "higher", "target": 95}`).is(201)
		for at, value := range map[string]string{"2026-11-01T00:00:00Z": "50", "2026-11-10T00:00:00Z": "70"} {
			w.do("admin", "POST", "/measurements", `{"indicator_id": "patched", "at": "`+at+`", "value": `+value+`}`).is(201)
		}
		if tr := w.do("auditor", "GET", "/trends?days=3660", "").is(200).data()[0]; tr["change"] != 20.0 || len(tr["points"].([]any)) != 2 {
			t.Errorf("the trend is %v", tr)
		}
		w.do("admin", "GET", "/trends?days=lots", "").is(422)
		for _, path := range []string{"/parties", "/scopes/company/boundary", "/business-case", "/trends"} {
			w.do("staff", "GET", path, "").is(403)
		}
	})
}
