package detection_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/flow/detection"
	"holdfast/intake"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

// A quietHouse takes in events that the test tells of.
type quietHouse struct {
	since time.Time
	heard map[string]time.Time
}

func (h *quietHouse) State(id string) (intake.State, bool) {
	return intake.State{LastSeen: h.heard[id]}, true
}
func (h *quietHouse) Listens(string) string { return "" }
func (h *quietHouse) Since() time.Time      { return h.since }
func (h *quietHouse) Rates(context.Context, string, string, int) ([]int, error) {
	return []int{1, 2}, nil
}
func (h *quietHouse) Take(_ context.Context, p intake.Post) (int, bool, error) {
	return strings.Count(string(p.Body), "\n"), false, nil
}
func (h *quietHouse) Certificate() (string, string, error) { return "PEM", "ab", nil }
func (h *quietHouse) RenewCertificate() error              { return nil }
func (h *quietHouse) Settle(context.Context) error         { return nil }

func heardWorld(t *testing.T, s *store.Store) (*world, *quietHouse) {
	t.Helper()
	w := newWorld(t, s)
	h := &quietHouse{since: w.Clock.Now(), heard: map[string]time.Time{}}
	w.Detection.KeepSourcesIn(h)
	w.Save(&isms.Asset{Base: isms.Base{Key: "door", Title: "Bastion"}, Type: "host", Lifecycle: "operating", Criticality: 3})
	return w, h
}

func TestASourceThatFallsSilentIsAnAlertAndAWeaknessUntilItTalksAgain(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w, h := heardWorld(t, s)
		src := &isms.EventSource{Base: isms.Base{Key: "auth", Title: "Bastion log"}, Transport: "http", AssetID: "door", SilentAfter: 30}
		w.Save(src)
		silence := func(want int) {
			t.Helper()
			n, err := w.Detection.Silence(testkit.Machine())
			w.Must(err)
			if n != want {
				t.Fatalf("%d fell silent, want %d", n, want)
			}
		}
		w.Clock.Advance(2 * time.Hour)
		silence(0) // it was never heard: it waits
		w.Must(w.Detection.Heard(testkit.Machine(), []detection.Hearing{{SourceID: src.ID, LastSeen: w.Clock.Now(), PerDay: 12, Dropped: 3}}))
		got := w.Record(isms.EventSources, "auth").(*isms.EventSource)
		if got.Status != isms.SourceActive || got.PerDay != 12 || got.Dropped != 3 || got.LastSeen.IsZero() {
			t.Fatalf("after the first event: %+v", got)
		}
		w.Clock.Advance(29 * time.Minute)
		silence(0)
		w.Clock.Advance(2 * time.Minute)
		h.heard[src.ID] = w.Clock.Now().Add(-time.Minute) // heard, and not written yet
		silence(0)
		w.Clock.Advance(30 * time.Minute)
		silence(1)
		silence(0)
		alerts := w.alerts()
		if len(alerts) != 1 || alerts[0].Source != "silence" || alerts[0].EventSourceID != src.ID || alerts[0].Title != "Bastion log has said nothing for 31 minutes" {
			t.Fatalf("alerts: %+v", alerts)
		}
		find := w.Record(isms.Findings, "silent-event-source/auth").(*isms.Finding)
		if find.Status != isms.FindingOpen || find.Kind != "monitoring" || find.AssetID != got.AssetID {
			t.Errorf("the weakness is %+v", find)
		}
		w.Must(w.Detection.Heard(testkit.Machine(), []detection.Hearing{{SourceID: src.ID, LastSeen: w.Clock.Now(), PerDay: 12}}))
		if got := w.Record(isms.EventSources, "auth").(*isms.EventSource); got.Status != isms.SourceActive || got.Dropped != 3 {
			t.Errorf("after it talked again: %+v", got)
		}
		if find := w.Record(isms.Findings, "silent-event-source/auth").(*isms.Finding); find.Status != isms.FindingResolved {
			t.Errorf("the weakness is still %s", find.Status)
		}
	})
}

func TestTheTimeInWhichNobodyListenedIsNoSilence(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w, h := heardWorld(t, s)
		src := &isms.EventSource{Base: isms.Base{Key: "auth", Title: "Bastion log"}, Transport: "http", SilentAfter: 30}
		w.Save(src)
		w.Must(w.Detection.Heard(testkit.Machine(), []detection.Hearing{{SourceID: src.ID, LastSeen: w.Clock.Now()}}))
		w.Clock.Advance(48 * time.Hour)
		h.since = w.Clock.Now().Add(-time.Minute) // the server was just started
		if n, err := w.Detection.Silence(testkit.Machine()); err != nil || n != 0 {
			t.Errorf("%d sources fell silent while we were away: %v", n, err)
		}
	})
}

func TestASourceIsConnectedByWhoMayAndItsTokenIsToldOnce(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w, _ := heardWorld(t, s)
		lead, auditor := testkit.As(access.SecurityLead), testkit.As(access.Auditor)
		src, token, err := w.Detection.ConnectSource(lead, detection.SourceWish{Recipe: "http", Title: "Shop", AssetID: "door"})
		w.Must(err)
		stored := w.Record(isms.EventSources, src.Key).(*isms.EventSource)
		if !strings.HasPrefix(token, "hfs_") || stored.Token != intake.HashOf(token) || stored.Status != isms.SourceWaiting || stored.AssetID == "" {
			t.Fatalf("token %q, stored %+v", token, stored)
		}
		_, second, err := w.Detection.RenewSourceToken(lead, src.ID)
		w.Must(err)
		if second == token || w.Record(isms.EventSources, src.Key).(*isms.EventSource).Token != intake.HashOf(second) {
			t.Error("the token was not renewed")
		}
		look, err := w.Detection.Source(lead, src.ID)
		w.Must(err)
		if g := w.Detection.GuideTo(look, "https://holdfast.example:8420", second); g.URL != "https://holdfast.example:8420/intake/"+src.ID || !strings.Contains(g.Text, second) {
			t.Errorf("the guide says %+v", g)
		}
		if g := w.Detection.GuideTo(look, "https://holdfast.example", ""); strings.Contains(g.Text, second) || !strings.Contains(g.Text, "TOKEN") {
			t.Errorf("the guide knows the token: %s", g.Text)
		}
		for name, refused := range map[string]error{
			"an auditor connects":      second2(w.Detection.ConnectSource(auditor, detection.SourceWish{Recipe: "http"})),
			"an auditor renews":        second2(w.Detection.RenewSourceToken(auditor, src.ID)),
			"an auditor hands over":    second2(w.Detection.ImportEvents(auditor, src.ID, "k", []byte("x\n"))),
			"a lead renews the common": only(w.Detection.RenewSourceCertificate(auditor)),
		} {
			if kind.CodeOf(refused) != kind.Forbidden {
				t.Errorf("%s: %v", name, refused)
			}
		}
		for name, wish := range map[string]detection.SourceWish{
			"no such recipe": {Recipe: "telepathy"}, "syslog from anywhere": {Recipe: "linux"}, "a name for a network": {Recipe: "linux", Senders: []string{"web-1"}}, "no file": {Recipe: "file"},
		} {
			if _, _, err := w.Detection.ConnectSource(lead, wish); kind.CodeOf(err) != kind.Invalid {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func second2[A, B any](_ A, _ B, err error) error { return err }
func only[A any](_ A, err error) error            { return err }

func TestSilentSourcesStandFirst(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w, _ := heardWorld(t, s)
		for key, status := range map[string]isms.SourceStatus{"a": isms.SourceActive, "b": isms.SourceDisabled, "c": isms.SourceSilent, "d": isms.SourceWaiting} {
			w.Save(&isms.EventSource{Base: isms.Base{Key: key, Title: key}, Transport: "http", Status: status})
		}
		looks, err := w.Detection.Sources(testkit.Machine())
		w.Must(err)
		order := ""
		for _, l := range looks {
			order += l.Source.Key
		}
		if order != "cdab" || looks[0].Today() != 3 {
			t.Errorf("the order is %s", order)
		}
	})
}
