package forward

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
	"time"

	"holdfast/engine/event"
	"holdfast/eventstore"
)

// childFolder and childTarget name the store that this program forwards, and where to,
// until it is killed.
const (
	childFolder = "HOLDFAST_TEST_FORWARD"
	childTarget = "HOLDFAST_TEST_FORWARD_TO"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childFolder); dir != "" {
		if err := forwardIn(dir, os.Getenv(childTarget)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func forwardIn(dir, to string) error {
	s, err := eventstore.Open(dir, eventstore.Config{Now: time.Now})
	if err != nil {
		return err
	}
	list, err := ReadTargets(fmt.Appendf(nil, "targets: [{name: siem, workspace: w, to: %q, batch: 100}]", to), os.Getenv)
	if err != nil {
		return err
	}
	f, err := New(Config{Target: list[0], Events: s, Now: time.Now, Parse: event.NewParser(event.Options{}).Parse, SourceKey: func(string) string { return "" }})
	if err != nil {
		return err
	}
	f.Run(context.Background())
	return nil
}

func TestKilledAtAnyMomentNothingIsLost(t *testing.T) {
	for _, scheme := range []string{"http", "tcp"} {
		t.Run(scheme, func(t *testing.T) {
			const lines = 20_000
			c, h := newCollector(t, nil), listen(t, "127.0.0.1:0", nil)
			to, kinds := c.URL, c.kinds
			if scheme == "tcp" {
				to, kinds = "tcp://"+h.Addr().String(), h.kinds
			}
			dir := t.TempDir()
			s := openStore(t, dir)
			for i := 0; i < lines; i += 1000 {
				arrive(t, s, "id-a", i, 1000)
			}
			must(t, s.Close())
			kills, life := 0, 100*time.Millisecond
			for ; kinds() < lines && kills < 200; kills++ {
				before := kinds()
				killInTheMiddle(t, dir, to, life)
				if kinds() == before { // a slow machine needs longer for anything to happen
					life += 50 * time.Millisecond
				}
			}
			if kinds() != lines {
				t.Errorf("after %d kills %d lines of %d arrived", kills, kinds(), lines)
			}
			if kills < 3 {
				t.Errorf("it was done after %d kills: too fast to be killed in the middle", kills)
			}
			t.Logf("%d lines, %d kills", lines, kills)
		})
	}
}

// killInTheMiddle lets a process forward for some part of a time and kills it.
func killInTheMiddle(t *testing.T, dir, to string, life time.Duration) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childFolder+"="+dir, childTarget+"="+to)
	cmd.Stderr = os.Stderr
	must(t, cmd.Start())
	time.Sleep(life/4 + time.Duration(rand.Int64N(int64(life))))
	must(t, cmd.Process.Kill())
	_ = cmd.Wait() // it was killed
}
