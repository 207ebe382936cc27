package api_test

import (
	"encoding/json"
	"strings"
	"testing"

	"holdfast/isms"
	"holdfast/store"
	"holdfast/testkit"
)

const houseTable = "code,title,text,parent\n1,Doors,,\n1.1,Locks,Lock them.,1\n1.2,Keys,Count them.,1\n"

func TestAFrameworkOfOthersIsPreviewedThenTakenIn(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, 1_000_000)
		w.person("reader", testkit.Workspace, []string{isms.RoleAdministrator}, "*:read")
		send := func(who, query, text string) *reply {
			return w.do(who, "POST", "/frameworks/import"+query, text, "Content-Type", "text/csv")
		}
		first := send("admin", "?name=house.csv&dry_run=true", houseTable).is(200)
		if !strings.Contains(string(first.body), `"created":3`) || len(w.do("admin", "GET", "/frameworks", "").is(200).data()) != 0 {
			t.Errorf("preview: %s", first.body)
		}
		if err := valid(t, schemaOf(t, spec(t, w), "/paths/~1frameworks~1import/post/responses/200/content/application~1json/schema"), first.body); err != nil {
			t.Errorf("not described: %v", err)
		}
		send("admin", "?name=house.csv", houseTable).is(200)
		if n := len(w.do("admin", "GET", "/requirements", "").is(200).data()); n != 3 {
			t.Errorf("%d requirements", n)
		}
		if bad := send("admin", "?name=house.csv", "code,text\n1,a\n1,b\n").is(422); !strings.Contains(string(bad.body), "house.csv: line 3") {
			t.Errorf("the place is not told: %s", bad.body)
		}
		send("reader", "", houseTable).is(403)
		send("", "", houseTable).is(401)
		w.do("admin", "POST", "/frameworks/import", houseTable, "Content-Type", "image/png").is(415)

		got := w.do("admin", "GET", "/oscal/catalog", "").is(200)
		var doc map[string]any
		if err := json.Unmarshal(got.body, &doc); err != nil || doc["catalog"] == nil {
			t.Errorf("no catalogue: %v", err)
		}
		w.do("admin", "GET", "/oscal/novel", "").is(404)
		w.do("admin", "GET", "/oscal/ssp?scope=nowhere", "").is(404)
		w.do("", "GET", "/oscal/catalog", "").is(401)
	})
}
