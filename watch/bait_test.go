package watch

import (
	"testing"

	"holdfast/app"
	"holdfast/engine/decoy"
	"holdfast/flow/detection"
	"holdfast/isms"
	"holdfast/store"
	"holdfast/testkit"
)

func TestATokenInAnEventRingsItsTrapAndOthersDoNot(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		w.save(&isms.Trap{Base: isms.Base{Key: "key", Title: "Fake key"}, Type: "api_token", Quiet: true})
		token, err := w.detection.MakeToken(testkit.Machine(), detection.TokenWish{TrapID: "key", Place: decoy.Place{Base: "https://files.example.org", Zone: "c.example.org", Host: "mail.example.org"}})
		must(t, err)
		hits := func() int {
			t.Helper()
			trap, err := app.Of[isms.Trap](w.App, isms.Traps).Get(testkit.Machine(), "key")
			must(t, err)
			return trap.Hits
		}
		innocent := "<38>Nov 22 11:59:00 bastion sshd[1]: Accepted publickey for root from 203.0.113.9 port 4000 ssh2: ED25519 SHA256:abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
		w.arrive(innocent, innocent)
		must(t, w.w.step(testkit.Machine()))
		if hits() != 0 {
			t.Errorf("a key of somebody else rang %d times", hits())
		}
		w.arrive(innocent, "<38>Nov 22 11:59:01 bastion app[1]: request with bearer "+token.ID+" from 203.0.113.9")
		must(t, w.w.step(testkit.Machine()))
		if hits() != 1 || len(w.alerts()) != 1 || w.alerts()[0].TrapID == "" {
			t.Errorf("%d hits, alerts %+v", hits(), w.alerts())
		}
	})
}
