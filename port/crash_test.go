package port_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"holdfast/app"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/port"
	"holdfast/store"
	"holdfast/testkit"
)

// applyEnv names the database to which this test binary, started once more, applies a
// folder until it is killed.
const applyEnv = "HOLDFAST_TEST_APPLY_CHILD"

func TestMain(m *testing.M) {
	if source := os.Getenv(applyEnv); source != "" {
		fmt.Fprintln(os.Stderr, applyUntilKilled(source))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

const (
	applyRecords = 120
	applyRounds  = 3
)

// round is a folder of one round: each record has a partner, to which it is linked.
func round(n int) *port.Folder {
	f := &port.Folder{}
	for i := range applyRecords {
		risk, guard := fmt.Sprintf("r%d-%d", n, i), fmt.Sprintf("s%d-%d", n, i)
		f.Docs = append(f.Docs,
			port.Doc{Kind: "risk", Key: risk, Values: []port.Value{port.Text("title", "Risk"), port.Text("status", "open")}, Links: []port.Link{{Relation: "treated by", Key: guard}}},
			port.Doc{Kind: "safeguard", Key: guard, Values: []port.Value{port.Text("title", "Safeguard")}})
	}
	return f
}

func applyUntilKilled(source string) error {
	s, err := store.Open(context.Background(), source, isms.Registry)
	if err != nil {
		return err
	}
	a := app.New(s, time.Now, app.IDs(time.Now))
	for n := int(time.Now().UnixNano() % 1e9); ; n++ {
		fmt.Println("begin")
		if _, err := port.Apply(operator(testkit.Workspace), a, round(n), port.PlanOptions{}); err != nil {
			return err
		}
		fmt.Println("done", n)
	}
}

// killed starts the child and kills it at a random moment in the middle of an apply;
// it returns the rounds that were acknowledged.
func killed(t *testing.T, source string) []int {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), applyEnv+"="+source)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var rounds []int
	begun := 0
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		var n int
		if _, err := fmt.Sscanf(lines.Text(), "done %d", &n); err == nil {
			rounds = append(rounds, n)
			continue
		}
		if begun++; begun == 2 {
			time.AfterFunc(rand.N(250*time.Millisecond), func() { _ = cmd.Process.Kill() })
		}
	}
	_ = cmd.Wait() // it was killed, and says so
	return rounds
}

func TestAnApplyThatIsKilledLeavesNothing(t *testing.T) {
	for name, fresh := range map[string]func(testing.TB) string{"sqlite": testkit.SQLiteFile, "postgres": testkit.PostgresURL} {
		t.Run(name, func(t *testing.T) {
			source := fresh(t)
			acknowledged := map[string]bool{}
			for range applyRounds {
				for _, n := range killed(t, source) {
					acknowledged[fmt.Sprint(n)] = true
				}
				whole(t, source, acknowledged)
			}
			t.Logf("%d applies were acknowledged, %d killed", len(acknowledged), applyRounds)
		})
	}
}

// whole looks for rounds that are there in part, or acknowledged and not there.
func whole(t *testing.T, source string, acknowledged map[string]bool) {
	t.Helper()
	s, err := store.Open(context.Background(), source, isms.Registry)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // it only read
	a := app.New(s, time.Now, app.IDs(time.Now))
	there := map[string]int{}
	rel, err := a.Relation(isms.Risks, "treated by")
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	rounds := map[string]string{}
	for _, k := range []*kind.Kind{isms.Risks, isms.Safeguards} {
		err := a.All(lead, k, kind.Query{}, func(r kind.Record) error {
			n, _, ok := strings.Cut(r.GetBase().Key[1:], "-")
			if !ok {
				return fmt.Errorf("%s is not one of ours", r.GetBase().Key)
			}
			there[n]++
			if k == isms.Risks {
				ids = append(ids, r.GetBase().ID)
				rounds[r.GetBase().ID] = n
				if k.State(r) != "open" {
					return fmt.Errorf("%s is %s", r.GetBase().Key, k.State(r))
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	links, err := a.LinkedIDs(lead, rel, ids)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if len(links[id]) != 1 {
			t.Errorf("round %s: a risk has %d links", rounds[id], len(links[id]))
		}
	}
	for n, count := range there {
		if count != 2*applyRecords {
			t.Errorf("round %s is there in part: %d of %d records", n, count, 2*applyRecords)
		}
	}
	for n := range acknowledged {
		if there[n] == 0 {
			t.Errorf("round %s was acknowledged and is lost", n)
		}
	}
	if _, err := s.VerifyJournals(context.Background(), nil, nil); err != nil {
		t.Error(err)
	}
}
