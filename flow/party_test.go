package flow_test

import (
	"strings"
	"testing"

	"holdfast/access"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

func (w *world) heed(key string) flow.Heed {
	w.Helper()
	ctx := testkit.As(access.Auditor)
	st, err := w.Flow.Statement(ctx, "")
	w.Must(err)
	list, err := w.Flow.Parties(ctx, st)
	w.Must(err)
	for _, h := range list {
		if h.Party.Key == key {
			return h
		}
	}
	w.Fatalf("party %s is not told of", key)
	return flow.Heed{}
}

func TestAPartyIsSatisfiedByWhatWorksAndNotByWords(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		ctx := testkit.Machine()
		w.Save(&isms.InterestedParty{Base: isms.Base{Key: "clinic", Title: "Clinic"}, Category: "customers", Needs: "Open at eight."})
		w.Save(&isms.InterestedParty{Base: isms.Base{Key: "crew", Title: "Crew"}, Category: "criminals", Needs: "An open door."})
		w.Save(&isms.InterestedParty{Base: isms.Base{Key: "quiet", Title: "Quiet"}, Category: "society"})
		lacks := func(key, want string) {
			t.Helper()
			if h := w.heed(key); h.Measured != isms.MeasuredUnknown || !strings.Contains(strings.Join(h.Lacks, "\n"), want) {
				t.Errorf("%s is %s and lacks %q, want %q", key, h.Measured, h.Lacks, want)
			}
		}
		lacks("clinic", "Nobody has said how")
		lacks("crew", "holds them off")
		lacks("quiet", "Nobody has written down")
		guard := w.safeguard("standby", isms.SafeguardProposed)
		w.Must(w.App.Link(ctx, isms.InterestedParties, "clinic", "satisfied by", guard.ID))
		lacks("clinic", "not in operation")
		rec, err := w.App.Get(ctx, isms.Safeguards, guard.ID)
		w.Must(err)
		guard = rec.(*isms.Safeguard)
		guard.Status, guard.TestedOn = isms.SafeguardOperating, kind.DateOf(w.Clock.Now())
		w.Must(w.App.Save(ctx, guard))
		if h := w.heed("clinic"); h.Measured != isms.MeasuredMet || len(h.Lacks) != 0 || h.Hostile() {
			t.Errorf("with a safeguard that works the clinic is %s, lacks %q", h.Measured, h.Lacks)
		}
		party := w.heed("clinic").Party
		w.Save(&isms.Obligation{Base: isms.Base{Key: "contract", Title: "Contract"}, PartyID: party.ID, Type: "contract", Status: isms.ObligationApplies})
		if h := w.heed("clinic"); h.Measured != isms.MeasuredPartly || len(h.Duties) != 1 {
			t.Errorf("a promise that nothing answers leaves it %s with %d duties", h.Measured, len(h.Duties))
		}
		w.Must(w.App.Link(ctx, isms.InterestedParties, "crew", "satisfied by", guard.ID))
		if h := w.heed("crew"); h.Measured != isms.MeasuredMet || !h.Hostile() {
			t.Errorf("held off: %s", h.Measured)
		}
	})
}
