package app_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/isms"
	"holdfast/journal"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

// childEnv names the database into which this test binary, started once more,
// writes until it is killed.
const childEnv = "HOLDFAST_TEST_CRASH_CHILD"

func TestMain(m *testing.M) {
	if source := os.Getenv(childEnv); source != "" {
		fmt.Fprintln(os.Stderr, writeUntilKilled(source))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// batch is how many findings one batch holds.
const batch = 6

// A writer writes as fast as it can and says on standard output what was
// acknowledged, one line for each.
type writer struct {
	a   *app.App
	ctx context.Context
	n   int
}

func writeUntilKilled(source string) error {
	s, err := store.Open(context.Background(), source, isms.Registry)
	if err != nil {
		return err
	}
	w := &writer{a: app.New(s, time.Now, app.IDs(time.Now)), ctx: testkit.As(access.Administrator)}
	for {
		for _, step := range []func() error{w.record, w.join, w.batch} {
			if err := step(); err != nil {
				return err
			}
		}
		w.n++
	}
}

// record creates a risk and changes it twice.
func (w *writer) record() error {
	r := &isms.Risk{Base: kind.Base{Title: "Risk 1"}}
	for v := 1; v <= 3; v++ {
		r.Title = fmt.Sprintf("Risk %d", v)
		if err := w.a.Save(w.ctx, r); err != nil {
			return err
		}
		fmt.Println("saved", r.ID, r.Version)
	}
	return nil
}

func (w *writer) join() error {
	r, g := &isms.Risk{Base: kind.Base{Title: "Joined"}}, &isms.Safeguard{Base: kind.Base{Title: "Backup"}}
	if err := errors.Join(w.a.Save(w.ctx, r), w.a.Save(w.ctx, g), w.a.Link(w.ctx, isms.Risks, r.ID, "treated by", g.ID)); err != nil {
		return err
	}
	fmt.Println("joined", r.ID, g.ID)
	return nil
}

// batch writes what a scan writes: an asset, its findings, software and a job, in
// one transaction.
func (w *writer) batch() error {
	var id string
	err := w.a.Atomic(w.ctx, func(ctx context.Context) error {
		asset := &isms.Asset{Base: kind.Base{Title: "Server"}, Type: "host"}
		hole := &isms.Vulnerability{Base: kind.Base{Title: "Hole"}, Type: "advisory"}
		if err := errors.Join(w.a.Save(ctx, asset), w.a.Save(ctx, hole)); err != nil {
			return err
		}
		id = asset.ID
		var ids []string
		for i := range batch {
			f := &isms.Finding{Base: kind.Base{Title: fmt.Sprintf("Finding %d", i)}, AssetID: asset.ID, VulnerabilityID: hole.ID, Severity: "high"}
			if err := w.a.Save(ctx, f); err != nil {
				return err
			}
			ids = append(ids, f.ID)
		}
		if _, err := w.a.Enqueue(ctx, app.Request{Name: "after", Title: asset.ID}); err != nil {
			return err
		}
		return w.a.Write(ctx, func(tx *store.Tx) error {
			soft := []store.Component{{Ecosystem: "deb", Name: "bash", Version: "5"}, {Ecosystem: "deb", Name: "dash", Version: "1"}}
			return errors.Join(tx.Touch(isms.Findings, ids, w.a.Now()), tx.ReplaceComponents(asset.ID, soft, w.a.Now()))
		})
	})
	if err == nil {
		fmt.Println("batch", id)
	}
	return err
}

// An acknowledged write, as the child printed it.
type ack struct{ what, id, detail string }

// writeAndKill starts the child and kills it at a random moment while it writes.
func writeAndKill(t *testing.T, source string, within time.Duration) []ack {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+source)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	var acks []ack
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			break // a line that was cut short was not acknowledged
		}
		if len(acks) == 0 {
			time.AfterFunc(rand.N(within), func() { _ = cmd.Process.Kill() })
		}
		var a ack
		_, _ = fmt.Sscan(line, &a.what, &a.id, &a.detail) // a batch has no detail
		acks = append(acks, a)
	}
	_ = cmd.Wait() // it was killed, and says so
	return acks
}

func TestNothingAcknowledgedIsLostWhenTheProcessIsKilled(t *testing.T) {
	t.Parallel()
	rounds := 5
	if testing.Short() {
		rounds = 2
	}
	for name, fresh := range map[string]func(testing.TB) string{"sqlite": testkit.SQLiteFile, "postgres": testkit.PostgresURL} {
		t.Run(name, func(t *testing.T) {
			source := fresh(t)
			var all []ack
			var anchors []journal.Head
			for round := range rounds {
				fresh := writeAndKill(t, source, 400*time.Millisecond)
				if len(fresh) == 0 {
					t.Fatalf("round %d: nothing was acknowledged", round)
				}
				all = append(all, fresh...)
				anchors = inspect(t, source, all, anchors)
			}
			t.Logf("%d acknowledged writes in %d rounds, journal of %d entries", len(all), rounds, anchors[0].Seq)
		})
	}
}

// inspect opens the database as after a crash and looks for everything that was
// acknowledged, and for anything half-done.
func inspect(t *testing.T, source string, acks []ack, anchors []journal.Head) []journal.Head {
	t.Helper()
	awaitSilence(t, source)
	s, err := store.Open(context.Background(), source, isms.Registry)
	must(t, err)
	defer func() { must(t, s.Close()) }()
	a := app.New(s, time.Now, app.IDs(time.Now))
	for _, k := range acks {
		must(t, stillThere(a, k))
	}
	noHalfBatch(t, a)
	heads, err := s.VerifyJournals(context.Background(), anchors, nil)
	must(t, err)
	sound(t, s)
	return heads
}

// sound fails the test when the doctor finds anything in the database.
func sound(t *testing.T, s *store.Store) {
	t.Helper()
	wrong, err := s.CheckRecords(context.Background(), nil)
	must(t, err)
	more, err := s.Examine(context.Background())
	must(t, err)
	for _, p := range append(wrong, more...) {
		t.Errorf("%s %s", p.Where, p.What)
	}
}

// awaitSilence waits until the server has noticed that the child is dead.
func awaitSilence(t *testing.T, source string) {
	t.Helper()
	if !strings.HasPrefix(source, "postgres") {
		return
	}
	db, err := sql.Open("pgx", source)
	must(t, err)
	defer db.Close() //nolint:errcheck // it only read
	for range 200 {
		var others int
		must(t, db.QueryRow("SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()").Scan(&others))
		if others == 0 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("the connections of the dead process stay open")
}

func stillThere(a *app.App, k ack) error {
	switch k.what {
	case "saved":
		r, err := a.Get(admin, isms.Risks, k.id)
		if err != nil {
			return fmt.Errorf("acknowledged as version %s: %w", k.detail, err)
		}
		b := r.GetBase()
		if kind.Itoa(b.Version) < k.detail || b.Title != fmt.Sprintf("Risk %d", b.Version) {
			return fmt.Errorf("risk %s was acknowledged as version %s and is %q, version %d", k.id, k.detail, b.Title, b.Version)
		}
	case "joined":
		rel, err := a.Relation(isms.Risks, "treated by")
		if err != nil {
			return err
		}
		list, err := a.Linked(admin, rel, k.id, 10)
		if err != nil || len(list) != 1 || list[0].GetBase().ID != k.detail {
			return fmt.Errorf("the link %s to %s is lost: %v, %w", k.id, k.detail, list, err)
		}
	case "batch":
		if _, err := a.Get(admin, isms.Assets, k.id); err != nil {
			return fmt.Errorf("acknowledged batch: %w", err)
		}
	default:
		return fmt.Errorf("the child said %q", k)
	}
	return nil
}

// noHalfBatch makes sure that each batch is there with all its parts.
func noHalfBatch(t *testing.T, a *app.App) {
	t.Helper()
	groups, err := a.Groups(admin, isms.Findings, kind.Query{}, "asset_id", 100_000)
	must(t, err)
	whole := map[string]bool{}
	for _, g := range groups {
		if g.Count != batch {
			t.Errorf("asset %s has %d of %d findings", g.Value, g.Count, batch)
		}
		whole[g.Value] = true
	}
	queued := map[string]bool{}
	must(t, a.View(admin, func(tx *store.Tx) error {
		jobs, err := tx.Jobs(100_000)
		for _, j := range jobs {
			queued[j.Title] = true
		}
		return err
	}))
	assets := 0
	must(t, a.All(admin, isms.Assets, kind.Query{}, func(r kind.Record) error {
		id := r.GetBase().ID
		assets++
		if !whole[id] || !queued[id] {
			t.Errorf("asset %s: findings %v, job %v", id, whole[id], queued[id])
		}
		return a.View(admin, func(tx *store.Tx) error {
			if _, n, err := tx.Components(id, "", 10, 0); err != nil || n != 2 {
				t.Errorf("asset %s: %d pieces of software, %v", id, n, err)
			}
			return nil
		})
	}))
	if assets != len(groups) || assets != len(queued) {
		t.Errorf("%d assets, %d with findings, %d with jobs", assets, len(groups), len(queued))
	}
}
