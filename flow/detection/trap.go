package detection

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/engine/decoy"
	"holdfast/flow"
	"holdfast/flow/prose"
	"holdfast/flow/response"
	"holdfast/isms"
	"holdfast/kind"
)

// A TrapHouse is where traps wait: the part of the server that runs decoys and answers
// tokens. A flow without one keeps records of traps all the same.
type TrapHouse interface {
	// Home is where tokens call home: an address of the web, and a zone of DNS that is
	// delegated to us. Either may be empty.
	Home() (base, zone string)
	// Stands tells where a decoy listens; empty: it does not.
	Stands(trapID string) string
	// Knock touches a decoy as a visitor would.
	Knock(ctx context.Context, trapID string) error
	// Complaint tells what of the place does not work; empty: all does.
	Complaint() string
}

// KeepTrapsIn gives the flow the place where traps wait. Call it before use.
func (f *Flow) KeepTrapsIn(h TrapHouse) { f.house = h }

// TrapHouse is where traps wait; nil: nowhere here.
func (f *Flow) TrapHouse() TrapHouse { return f.house }

// A Touch is what is known of somebody who touched a trap: exactly one of a visit to a
// decoy, a token that called home, and a line of events in which a token stands. Every
// text but the sample of a visit and the line is safe to show.
type Touch struct {
	ID     string       `json:"id,omitempty"` // of the evidence under which it is kept
	TrapID string       `json:"trap_id"`
	At     time.Time    `json:"at"`
	Remote string       `json:"remote"` // address of the visitor, perhaps with a port
	Test   bool         `json:"test,omitempty"`
	Visit  *decoy.Visit `json:"visit,omitempty"`
	Hit    *decoy.Hit   `json:"hit,omitempty"`
	Event  string       `json:"event,omitempty"` // the line in which the token stands
	Where  string       `json:"where,omitempty"` // of a token: the decoy or the source where it was seen

	Statement string `json:"statement,omitempty"` // what the evidence says of it, when it is read
}

// Actor is the address from which it came, without the port.
func (t Touch) Actor() string {
	if at, err := netip.ParseAddrPort(t.Remote); err == nil {
		return at.Addr().Unmap().WithZone("").String()
	}
	return t.Remote
}

// under tells whether the visitor is still there: an announcement.
func (t Touch) under() bool { return t.Visit != nil && t.Visit.Open }

// Rang is what became of a touch. It is empty when no trap waits there.
type Rang struct {
	TrapID     string `json:"trap_id,omitempty"`
	AlertID    string `json:"alert_id,omitempty"`    // empty: a scanner of our own
	IncidentID string `json:"incident_id,omitempty"` // the incident that it opened or joined
	EvidenceID string `json:"evidence_id,omitempty"`
	Scanner    bool   `json:"scanner,omitempty"` // counted, no alarm
	Test       bool   `json:"test,omitempty"`    // somebody had announced a test
}

// KeptTouches is how many touches of one trap a day are kept in full. Whoever knocks
// more often is counted, so that a flood cannot fill the disk.
const KeptTouches = 200

func (f *Flow) traps() app.Repo[isms.Trap] { return app.Of[isms.Trap](f.app, isms.Traps) }

// Visit takes in a visit to a decoy; its Trap is the id of the record. The announcement
// rings at once; the end completes the alert of the announcement, and rings by itself
// where none came. Tokens that the visitor showed ring too.
func (f *Flow) Visit(ctx context.Context, v decoy.Visit) (Rang, error) {
	t := Touch{TrapID: v.Trap, At: v.Start, Remote: v.Remote, Visit: &v}
	rang, err := f.touch(ctx, t)
	if err != nil || v.Open {
		return rang, err
	}
	for _, id := range v.Tokens {
		if _, err := f.Ring(ctx, id, Touch{At: v.Start, Remote: v.Remote, Visit: &v, Where: "the decoy " + v.Service}); err != nil {
			return rang, err
		}
	}
	return rang, nil
}

// Ring takes in the touch of a token by its id or mark. A token that is not ours, or
// whose trap does not wait, is no error: nothing rings.
func (f *Flow) Ring(ctx context.Context, token string, t Touch) (Rang, error) {
	trap, err := f.trapOf(ctx, token)
	if err != nil || trap == nil {
		return Rang{}, err
	}
	t.TrapID = trap.ID
	return f.touch(ctx, t)
}

// trapOf finds the trap whose token has the id or mark; nil: none in this workspace.
func (f *Flow) trapOf(ctx context.Context, token string) (*isms.Trap, error) {
	id, err := f.baited(ctx, token)
	if err != nil || id == "" {
		return nil, err
	}
	return f.waiting(flow.AsIfProduct(ctx), id)
}

func firstOr[T any](list []*T) *T {
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

// touch does what follows from a touch, whole or not at all. The actor needs the right
// to write traps and alerts.
func (f *Flow) touch(ctx context.Context, t Touch) (Rang, error) {
	actor, err := access.From(ctx)
	if err != nil {
		return Rang{}, err
	}
	for _, k := range []*kind.Kind{isms.Traps, isms.Alerts} {
		if actor.May(kind.Write, k) != access.All {
			return Rang{}, actor.Refuse(kind.Write, k)
		}
	}
	var rang Rang
	err = f.app.Atomic(flow.AsMachine(ctx, actor), func(ctx context.Context) error {
		rang = Rang{}
		trap, err := f.waiting(ctx, t.TrapID)
		if err != nil || trap == nil {
			return err
		}
		rang, err = f.spring(ctx, trap, f.dated(t))
		return err
	})
	return rang, err
}

// dated brings the time of a touch to what records keep, and never into the future.
func (f *Flow) dated(t Touch) Touch {
	t.At = t.At.UTC().Truncate(time.Microsecond)
	if now := f.app.Now(); t.At.IsZero() || t.At.After(now) {
		t.At = now
	}
	t.Remote = prose.Cut(prose.Clean(t.Remote), maxActor)
	return t
}

// waiting reads a trap that is armed; nil: nothing waits there (any more).
func (f *Flow) waiting(ctx context.Context, id string) (*isms.Trap, error) {
	trap, err := f.traps().Get(ctx, id)
	if kind.CodeOf(err) == kind.NotFound {
		return nil, nil
	}
	if err != nil || !trap.DeletedAt.IsZero() || trap.Status != isms.TrapArmed && trap.Status != isms.TrapSprung {
		return nil, err
	}
	return trap, nil
}

// spring counts the touch and raises the alarm.
func (f *Flow) spring(ctx context.Context, trap *isms.Trap, t Touch) (Rang, error) {
	rang := Rang{TrapID: trap.ID}
	a, err := f.announced(ctx, trap, t)
	if err != nil {
		return rang, err
	}
	if a == nil {
		if rang.Scanner = isScanner(trap, t); rang.Scanner {
			return rang, f.countScan(ctx, trap, t)
		}
		if a, err = f.ring(ctx, trap, &t); err != nil {
			return rang, err
		}
	}
	rang.AlertID, rang.Test = a.ID, a.Verdict == "test"
	t.Test = rang.Test
	if !t.under() {
		if rang.EvidenceID, err = f.keepTouch(ctx, trap, a, t); err != nil {
			return rang, err
		}
	}
	rang.IncidentID, err = f.declareTouch(ctx, trap, a, t)
	return rang, err
}

// countScan counts a scanner of our own, once its visit is over.
func (f *Flow) countScan(ctx context.Context, trap *isms.Trap, t Touch) error {
	if t.under() {
		return nil
	}
	trap.Scans++
	return f.traps().Save(ctx, trap)
}

// CountTouches counts touches that came too fast to be heard one by one, on the trap and
// on the last alert of the same actor. The actor of the context needs the right to write
// traps and alerts.
func (f *Flow) CountTouches(ctx context.Context, trapID, actor string, n int) error {
	return f.app.Atomic(ctx, func(ctx context.Context) error {
		trap, err := f.waiting(ctx, trapID)
		if err != nil || trap == nil || n <= 0 {
			return err
		}
		if isScanner(trap, Touch{Remote: actor, At: f.app.Now()}) {
			trap.Scans += n
			return f.traps().Save(ctx, trap)
		}
		trap.Hits += n
		if err := f.traps().Save(ctx, trap); err != nil {
			return err
		}
		list, err := f.alerts().List(ctx, kind.Query{Limit: 1, Sort: "-last_seen"}.Where("trap_id", trap.ID).Where("actor", actor))
		if a := firstOr(list); err == nil && a != nil {
			a.Count, a.LastSeen = a.Count+n, f.app.Now()
			err = f.alerts().Save(ctx, a)
		}
		return err
	})
}

// isScanner tells whether the visitor is listed as one of our own. A test that somebody
// announced rings whoever makes it.
func isScanner(trap *isms.Trap, t Touch) bool {
	if t.At.Before(trap.TestUntil) {
		return false
	}
	nets, _ := decoy.ParseScanners(trap.Scanners) // what cannot be read lists nobody
	return decoy.Listed(nets, t.Remote)
}

// announced is the alert that the announcement of the same visit raised; nil: there was
// none, or nobody has told of the visit before.
func (f *Flow) announced(ctx context.Context, trap *isms.Trap, t Touch) (*isms.Alert, error) {
	if t.Visit == nil || t.Visit.Open || t.Visit.Trap != trap.ID {
		return nil, nil
	}
	at := kind.FormatTime(t.At)
	list, err := f.alerts().List(ctx, kind.Query{Limit: 1, Sort: "-last_seen"}.Where("trap_id", trap.ID).Where("actor", t.Actor()).
		With("first_seen", kind.AtMost, at).With("last_seen", kind.AtLeast, at))
	return firstOr(list), err
}

// ring springs the trap and raises the alert. A touch that was announced as a test
// proves the trap instead, once.
func (f *Flow) ring(ctx context.Context, trap *isms.Trap, t *Touch) (*isms.Alert, error) {
	t.Test = t.At.Before(trap.TestUntil)
	action := "spring"
	if t.Test {
		action = "prove"
		trap.TestUntil = time.Time{}
		if err := f.traps().Save(ctx, trap); err != nil {
			return nil, err
		}
	}
	if _, err := f.app.Do(ctx, isms.Traps, trap.ID, action, 0, kind.Input{}); err != nil {
		return nil, err
	}
	noticed, err := Notices(trap)
	if err != nil {
		return nil, err
	}
	id, _, err := f.RaiseAlert(ctx, Detection{
		Source: "trap", TrapID: trap.ID, AssetID: trap.AssetID, Actor: t.Actor(), Title: t.sentence(trap), Level: trap.Level,
		Techniques: noticed, At: t.At, Test: t.Test, FirstStep: f.firstContainment(ctx, trap),
	})
	if err != nil {
		return nil, err
	}
	if id == "" {
		return nil, kind.Errorf(kind.Invalid, "the trap %s raised no alert", trap.Key)
	}
	return f.alerts().Get(ctx, id)
}

// declareTouch opens an incident, or joins that of the same story, unless the trap only
// alerts, it was a test, or somebody has closed or suppressed the alert.
func (f *Flow) declareTouch(ctx context.Context, trap *isms.Trap, a *isms.Alert, t Touch) (string, error) {
	if trap.Quiet || t.Test || a.IncidentID != "" || a.Status == isms.AlertSuppressed || a.Status == isms.AlertClosed {
		return a.IncidentID, nil
	}
	return f.response.DeclareIncident(ctx, response.IncidentCall{
		Title: prose.Cut("Somebody touched the trap “"+trap.Title+"”", 200), TrapID: trap.ID, AlertIDs: []string{a.ID}, PlaybookID: trap.PlaybookID, StartedAt: t.At,
	})
}

// sentence says what happened.
func (t Touch) sentence(trap *isms.Trap) string {
	who, name := t.Actor(), "the trap “"+prose.Cut(trap.Title, 120)+"”"
	if who == "" {
		who = "Somebody"
	}
	switch v := t.Visit; {
	case v != nil && v.Trap != trap.ID:
		return fmt.Sprintf("%s showed %s to %s", who, name, t.Where)
	case v != nil && v.Open:
		return fmt.Sprintf("%s is speaking to %s", who, name)
	case v != nil:
		return fmt.Sprintf("%s %s %s", who, deeds(v), name)
	case t.Event != "":
		return fmt.Sprintf("%s stands in an event of %s", prose.Upper(name), prose.FirstOf(t.Where, "a log"))
	case t.Hit != nil && trap.Type == "page_clone" && t.Hit.From != "":
		return fmt.Sprintf("Our sign-in page is shown from a foreign address: %s rang", name)
	}
	return fmt.Sprintf("%s used %s", who, name)
}

// deeds says in a few words what a visitor did.
func deeds(v *decoy.Visit) string {
	var parts []string
	add := func(n int, one, many string) {
		if n > 0 {
			parts = append(parts, prose.Plural(n, one, many))
		}
	}
	add(len(v.Credentials), "name with password", "names with passwords")
	add(len(v.Commands), "command", "commands")
	if len(v.Credentials) == 0 {
		add(len(v.Paths), "path", "paths")
	}
	if len(parts) == 0 {
		return "looked at"
	}
	return "tried " + strings.Join(parts, " and ") + " on"
}
