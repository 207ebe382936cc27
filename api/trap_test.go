package api_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"holdfast/isms"
	"holdfast/testkit"
)

func trapWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, testkit.SQLite(t), 1_000_000)
	w.person("lead", testkit.Workspace, []string{isms.RoleSecurityLead}, "*:admin")
	w.person("auditor", testkit.Workspace, []string{isms.RoleAdministrator}, "*:read")
	w.person("staff", testkit.Workspace, []string{isms.RoleAdministrator}, "asset:read")
	w.person("stranger", "ws2", []string{isms.RoleAdministrator}, "*:admin")
	w.do("lead", "POST", "/assets", `{"key":"db","title":"Database","type":"data_set","lifecycle":"operating","criticality":5,"zone":"data"}`).is(201)
	w.do("lead", "POST", "/traps", `{"key":"row","title":"Nobody","type":"database_row","asset_id":"db"}`).is(201)
	w.do("lead", "POST", "/traps", `{"key":"quiet","title":"Quiet","type":"ssh","asset_id":"db","address":"127.0.0.1:0"}`).is(201)
	w.do("lead", "POST", "/traps/quiet/actions/arm", "").is(200)
	return w
}

func TestATokenIsMadeOverTheAPIAndItsHashIsNeverShown(t *testing.T) {
	w := trapWorld(t)
	made := w.do("lead", "POST", "/traps/row/token", `{"base":"https://files.example.org/share"}`).is(201)
	var token struct{ Name, Value, Advice, Data string }
	if err := json.Unmarshal(made.body, &token); err != nil {
		t.Fatal(err)
	}
	data, err := base64.StdEncoding.DecodeString(token.Data)
	if err != nil || !strings.Contains(string(data), "INSERT INTO customers") || token.Advice == "" {
		t.Errorf("the token is %+v, %v", token, err)
	}
	trap, err := w.App.Get(testkit.Machine(), isms.Traps, "row")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/trap-map", "/traps", "/traps/row", "/export", "/coverage"} {
		if got := w.do("auditor", "GET", path, ""); strings.Contains(string(got.body), trap.(*isms.Trap).Token) {
			t.Errorf("%s shows the hash of a token", path)
		}
	}
	w.do("lead", "POST", "/traps/row/token", `{"base":"https://files.example.org/share"}`).is(409)
	w.do("auditor", "POST", "/traps/row/token", `{"base":"https://files.example.org/share","replace":true}`).is(403)
	w.do("stranger", "POST", "/traps/row/token", `{"base":"https://files.example.org/share","replace":true}`).is(404)
	w.do("lead", "POST", "/traps/row/token", `{"base":"javascript:alert(1)","replace":true}`).is(422)
}

func TestAVisitToADecoyElsewhereIsReportedAndRead(t *testing.T) {
	w := trapWorld(t)
	visit := `{"id":"v1","service":"ssh","remote":"10.0.3.44:50222","local":"x","start":"2026-03-02T08:59:00Z","end":"2026-03-02T08:59:09Z","ended":"left",
		"credentials":[{"user":"root\u001b[2J","secret":"<script>alert(1)</script>","method":"password"}],"commands":["id\u202e"],"received":4,"sent":9,"sample":"G1sySg=="}`
	w.do("auditor", "POST", "/traps/quiet/visits", visit).is(403)
	w.do("stranger", "POST", "/traps/quiet/visits", visit).is(404)
	w.do("lead", "POST", "/traps/quiet/visits", `{"start": 7}`).is(422)
	if got := w.do("auditor", "GET", "/trap-touches?trap=quiet", "").is(200); strings.Contains(string(got.body), "10.0.3.44") {
		t.Error("a refused visit was kept")
	}
	rang := w.do("lead", "POST", "/traps/quiet/visits", visit).is(200)
	if !strings.Contains(string(rang.body), `"alert_id"`) || !strings.Contains(string(rang.body), `"incident_id"`) {
		t.Errorf("it came to %s", rang.body)
	}
	list := w.do("auditor", "GET", "/trap-touches?trap=quiet", "").is(200)
	if !strings.Contains(string(list.body), "tried 1 name with password and 1 command") {
		t.Errorf("the list says %s", list.body)
	}
	w.do("staff", "GET", "/trap-touches", "").is(403)
	w.do("staff", "GET", "/trap-map", "").is(403)
	w.do("staff", "GET", "/coverage", "").is(403)
	w.do("auditor", "POST", "/coverage/findings", "").is(403)
	w.do("auditor", "POST", "/traps/quiet/test", "").is(403)
	if got := w.do("lead", "POST", "/traps/quiet/test", "").is(200); !strings.Contains(string(got.body), `"knocked":false`) {
		t.Errorf("a test without a server says %s", got.body)
	}
}

func TestTrapsAndCoverageAnswerAsTheDescriptionSays(t *testing.T) {
	w := trapWorld(t)
	doc := spec(t, w)
	for _, path := range []string{"/trap-map", "/trap-touches", "/coverage", "/coverage/layer"} {
		s := schemaOf(t, doc, "/paths/"+strings.ReplaceAll(path, "/", "~1")+"/get/responses/200/content/application~1json/schema")
		if err := valid(t, s, w.do("admin", "GET", path, "").is(200).body); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	w.do("lead", "POST", "/trap-map/plan", `{"suggestion":"on/nothing/ssh"}`).is(404)
}
