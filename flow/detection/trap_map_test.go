package detection_test

import (
	"slices"
	"testing"

	"holdfast/access"
	"holdfast/flow/detection"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

func (w *world) trapMap() *detection.TrapMap {
	w.Helper()
	m, err := w.Detection.TrapMap(testkit.As(access.Auditor))
	w.Must(err)
	return m
}

func zoneOf(m *detection.TrapMap, name string) detection.TrapZone {
	at := slices.IndexFunc(m.Zones, func(z detection.TrapZone) bool { return z.Name == name })
	if at < 0 {
		return detection.TrapZone{}
	}
	return m.Zones[at]
}

func TestTheMapShowsWhatWaitsAndWhereNothingDoes(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := trapped(t, s)
		w.Save(&isms.Asset{Base: isms.Base{Key: "desk", Title: "Desk"}, Type: "device", Lifecycle: "operating", Zone: "office", Platform: "Windows 11"})
		w.Save(&isms.Trap{Base: isms.Base{Key: "mute", Title: "Mute"}, Type: "web_link", Status: isms.TrapArmed, Zone: "office"})
		m := w.trapMap()
		data, office := zoneOf(m, "data"), zoneOf(m, "office")
		if data.Blind || len(data.Traps) != 1 || data.Assets != 2 || len(data.Crown) != 1 || !office.Blind || office.Traps[0].Waits() || m.Waiting != 1 || m.Mute != 1 || m.Unproved != 1 {
			t.Errorf("the map is %+v", m)
		}
		if m.Zones[0].Name != "office" {
			t.Errorf("the blind zone is not on top: %v", m.Zones[0].Name)
		}
		_, end := w.visitFrom("quiet", "10.0.3.44:1")
		_, err := w.Detection.Visit(testkit.Machine(), end)
		w.Must(err)
		if m := w.trapMap(); m.Sprung != 1 || zoneOf(m, "data").Traps[0].Trap.Status != isms.TrapSprung {
			t.Errorf("a sprung trap is not on top: %+v", m)
		}
		if _, err := w.Detection.TrapMap(testkit.As(access.Staff)); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("staff sees where the traps are: %v", err)
		}
		if m, err := w.Detection.TrapMap(testkit.In("elsewhere", access.Administrator)); err != nil || len(m.Zones) != 0 {
			t.Errorf("another workspace sees %+v, %v", m, err)
		}
		path, err := w.Detection.TrapPath(testkit.As(access.Auditor), "quiet")
		w.Must(err)
		if path.Asset.Key != "door" || len(path.Needs) != 1 || path.Needs[0].Key != "jewel" || len(path.Containment) != 1 {
			t.Errorf("the path is %+v", path)
		}
	})
}

func TestTrapsAreProposedOnTheWaysToWhatMatters(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := trapped(t, s)
		w.Save(&isms.Asset{Base: isms.Base{Key: "desk", Title: "Desk"}, Type: "device", Lifecycle: "operating", Zone: "office", Platform: "Windows 11"})
		w.Save(&isms.Asset{Base: isms.Base{Key: "db", Title: "Database host"}, Type: "host", Lifecycle: "operating", Zone: "data"})
		w.Save(&isms.AssetDependency{AssetID: "jewel", NeedsID: "db", Nature: "stores_in", Strength: 5})
		m := w.trapMap()
		var ids []string
		for _, x := range m.Suggestions {
			ids = append(ids, x.ID)
		}
		if want := []string{"on/jewel/database_row", "on/db/ssh_key", "zone/office/smb"}; !slices.Equal(ids, want) { // not on the door: a trap is there
			t.Errorf("suggested are %v, want %v", ids, want)
		}
		if x := m.Suggestions[1]; x.Before[0].Key != "jewel" || len(x.Techniques) == 0 || x.Score <= 0 || x.Score > 50 {
			t.Errorf("the second is %+v", x)
		}
		trap, err := w.Detection.PlanTrap(w.Actor("lead", access.SecurityLead), "on/db/ssh_key")
		w.Must(err)
		if trap.Status != isms.TrapPlanned || trap.PlaybookID == "" || trap.AssetID != w.Record(isms.Assets, "db").GetBase().ID {
			t.Errorf("planned is %+v", trap)
		}
		again, err := w.Detection.PlanTrap(testkit.As(access.SecurityLead), "on/db/ssh_key")
		w.Must(err)
		if again.ID != trap.ID || slices.ContainsFunc(w.trapMap().Suggestions, func(x detection.TrapSuggestion) bool { return x.ID == "on/db/ssh_key" }) {
			t.Error("what is planned is proposed or planned again")
		}
		if _, err := w.Detection.PlanTrap(testkit.As(access.Auditor), "zone/office/smb"); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("an auditor plans a trap: %v", err)
		}
		if _, err := w.Detection.PlanTrap(testkit.As(access.SecurityLead), "on/nothing/ssh"); kind.CodeOf(err) != kind.NotFound {
			t.Errorf("what was not proposed is planned: %v", err)
		}
	})
}
