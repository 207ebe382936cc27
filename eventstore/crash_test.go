package eventstore_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"holdfast/eventstore"
)

// The environment of this test binary when it is started once more as a child.
const (
	crashChild = "HOLDFAST_TEST_EVENTS_CRASH" // appends to this folder until it is killed
	fullChild  = "HOLDFAST_TEST_EVENTS_FULL"  // appends to this folder until files may not grow
	roundOf    = "HOLDFAST_TEST_EVENTS_ROUND"
)

func TestMain(m *testing.M) {
	for name, child := range map[string]func(string) error{crashChild: appendUntilKilled, fullChild: appendUntilFull} {
		if dir := os.Getenv(name); dir != "" {
			if err := child(dir); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			os.Exit(0)
		}
	}
	os.Exit(m.Run())
}

// appendUntilKilled appends from several goroutines and says on standard output what
// was acknowledged.
func appendUntilKilled(dir string) error {
	s, err := eventstore.Open(dir, eventstore.Config{Now: time.Now, LogFile: 64 << 10})
	if err != nil {
		return err
	}
	fail := make(chan error)
	go func() {
		for {
			if err := s.Seal(true); err != nil {
				fail <- err
			}
			if _, err := s.Merge(ctx); err != nil {
				fail <- err
			}
		}
	}()
	for writer := range 4 {
		go func() {
			for i := 0; ; i++ {
				text := fmt.Sprintf("%s-%d-%d", os.Getenv(roundOf), writer, i)
				last, err := s.Append(ctx, line(text+"-a"), line(text+"-b "+strings.Repeat("x", rand.IntN(3_000))))
				if err != nil {
					fail <- err
					return
				}
				fmt.Println(text, last)
			}
		}()
	}
	return <-fail
}

func TestNothingAcknowledgedIsLostOrDoubledWhenTheProcessIsKilled(t *testing.T) {
	dir := t.TempDir()
	rounds := 8
	if testing.Short() {
		rounds = 3
	}
	acked := map[string]eventstore.Position{}
	for round := range rounds {
		writeAndKill(t, dir, round, acked)
		s := open(t, dir, eventstore.Config{})
		if len(s.Damages()) != 0 {
			t.Fatalf("damage: %+v", s.Damages())
		}
		all := texts(t, s, fmt.Sprintf("round-%d", round))
		at := map[string]int{}
		for i, text := range all {
			name, _, _ := strings.Cut(text, " ")
			if at[name] != 0 {
				t.Fatalf("%s is there twice", name)
			}
			at[name] = i + 1
		}
		for name, p := range acked {
			if at[name+"-a"] != int(p)-1 || at[name+"-b"] != int(p) {
				t.Fatalf("round %d: %s was acknowledged at %d and is at %d and %d", round, name, p, at[name+"-a"], at[name+"-b"])
			}
		}
		must(t, s.Close())
	}
	t.Logf("%d acknowledged calls in %d rounds", len(acked), rounds)
}

// writeAndKill starts the child, kills it at a random moment, and adds what it was told
// to be kept.
func writeAndKill(t *testing.T, dir string, round int, acked map[string]eventstore.Position) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashChild+"="+dir, fmt.Sprintf("%s=%d", roundOf, round))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	lines := bufio.NewReader(out)
	var once sync.Once
	for n := 0; ; n++ {
		text, err := lines.ReadString('\n')
		if err != nil {
			if n == 0 {
				t.Errorf("round %d: nothing was acknowledged", round)
			}
			break // a line that was cut short was not acknowledged
		}
		once.Do(func() { time.AfterFunc(rand.N(300*time.Millisecond), func() { _ = cmd.Process.Kill() }) })
		var name string
		var p eventstore.Position
		if _, err := fmt.Sscan(text, &name, &p); err != nil {
			t.Fatalf("the child said %q", text)
		}
		acked[name] = p
	}
	_ = cmd.Wait() // it was killed, and says so
}

// appendUntilFull appends until files may not grow any more, then allows it again.
func appendUntilFull(dir string) error {
	signal.Ignore(syscall.SIGXFSZ)
	s, err := eventstore.Open(dir, eventstore.Config{Now: time.Now})
	if err != nil {
		return err
	}
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		return err
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 100_000, Max: old.Max}); err != nil {
		return err
	}
	for i := 0; ; i++ {
		if _, err = s.Append(ctx, line(fmt.Sprintf("%d %s", i, strings.Repeat("x", 3_000)))); err != nil {
			fmt.Println("refused", i, strings.ReplaceAll(err.Error(), "\n", " "))
			break
		}
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		return err
	}
	last, err := s.Append(ctx, line("room again"))
	fmt.Println("last", last)
	return errors.Join(err, s.Close())
}

func TestAFullDiskIsAClearErrorAndNothingHalfIsKept(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), fullChild+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	said, err := io.ReadAll(out)
	must(t, err)
	must(t, cmd.Wait())
	var refused, last int
	first, second, _ := strings.Cut(string(said), "\n")
	if _, err := fmt.Sscanf(first, "refused %d", &refused); err != nil || refused < 10 || !strings.Contains(first, "make room on the disk") {
		t.Fatalf("the child said %q", said)
	}
	if _, err := fmt.Sscanf(second, "last %d", &last); err != nil || last != refused+1 {
		t.Fatalf("the child said %q", said)
	}
	all := texts(t, open(t, dir, eventstore.Config{}), "reader")
	if len(all) != refused+1 || all[refused] != "room again" {
		t.Errorf("%d lines are kept, %d were acknowledged", len(all), refused+1)
	}
}
