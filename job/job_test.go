package job_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"holdfast/app"
	"holdfast/isms"
	"holdfast/job"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

var machine = testkit.Machine()

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func runner(a *app.App) *job.Runner { return job.New(a, slog.New(slog.DiscardHandler)) }

// databases runs the test on both databases at the same time.
func databases(t *testing.T, test func(t *testing.T, w *testkit.World)) {
	t.Parallel()
	for name, open := range map[string]func(testing.TB) *store.Store{"sqlite": testkit.SQLite, "postgres": testkit.Postgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, testkit.New(open(t)))
		})
	}
}

func enqueue(t testing.TB, a *app.App, r app.Request) string {
	t.Helper()
	id, err := a.Enqueue(machine, r)
	must(t, err)
	return id
}

func look(t testing.TB, a *app.App, id string) store.Job {
	t.Helper()
	var j store.Job
	must(t, a.View(machine, func(tx *store.Tx) (err error) {
		j, err = tx.JobByID(id)
		return err
	}))
	return j
}

// one does the next job and tells whether there was one.
func one(t testing.TB, r *job.Runner) bool {
	t.Helper()
	did, err := r.RunOne(context.Background())
	must(t, err)
	return did
}

func TestAFailingJobIsRepeatedWithGrowingPausesAndThenGivenUp(t *testing.T) {
	databases(t, func(t *testing.T, w *testkit.World) {
		r := runner(w.App)
		runs := 0
		r.Register("broken", func(context.Context, *job.Work) error {
			runs++
			return fmt.Errorf("no answer, try %d", runs)
		})
		id := enqueue(t, w.App, app.Request{Name: "broken", Title: "Ask"})
		for attempt, pause := range []time.Duration{10 * time.Second, 20 * time.Second, 40 * time.Second, 80 * time.Second} {
			if !one(t, r) {
				t.Fatalf("attempt %d: nothing to do", attempt+1)
			}
			j := look(t, w.App, id)
			if wait := j.RunAt.Sub(w.Clock.Now()); j.State != store.JobWaiting || wait != pause || j.Error == "" {
				t.Errorf("attempt %d: %s, pause %s, error %q", attempt+1, j.State, wait, j.Error)
			}
			w.Clock.Advance(pause - time.Second)
			if one(t, r) {
				t.Errorf("attempt %d: repeated before the pause was over", attempt+1)
			}
			w.Clock.Advance(time.Second)
		}
		if !one(t, r) {
			t.Fatal("no last attempt")
		}
		j := look(t, w.App, id)
		if j.State != store.JobFailed || j.Error != "no answer, try 5" || runs != 5 || !j.Finished.Equal(w.Clock.Now()) {
			t.Errorf("%d runs, %+v", runs, j)
		}
		w.Clock.Advance(24 * time.Hour)
		if one(t, r) {
			t.Error("a job that was given up is done again")
		}
	})
}

func TestWhatRepeatingCannotMendFailsAtOnce(t *testing.T) {
	databases(t, func(t *testing.T, w *testkit.World) {
		r := runner(w.App)
		r.Register("final", func(context.Context, *job.Work) error { return fmt.Errorf("gone: %w", job.ErrFinal) })
		r.Register("invalid", func(context.Context, *job.Work) error { return kind.Fieldf("url", "is no address") })
		r.Register("payload", func(_ context.Context, w *job.Work) error { var n int; return w.Payload(&n) })
		for name, want := range map[string]string{"final": "gone", "invalid": "url", "payload": "payload", "nobody knows": "no function"} {
			id := enqueue(t, w.App, app.Request{Name: name, Payload: "text"})
			one(t, r)
			if j := look(t, w.App, id); j.State != store.JobFailed || !strings.Contains(j.Error, want) || j.Attempt != 1 {
				t.Errorf("%s: %+v", name, j)
			}
		}
	})
}

func TestAPanicOfAJobDoesNotEndTheServer(t *testing.T) {
	databases(t, func(t *testing.T, w *testkit.World) {
		r := runner(w.App)
		r.Register("wild", func(context.Context, *job.Work) error { panic("nil map") })
		id := enqueue(t, w.App, app.Request{Name: "wild"})
		one(t, r)
		if j := look(t, w.App, id); j.State != store.JobWaiting || !strings.Contains(j.Error, "nil map") {
			t.Errorf("%+v", j)
		}
	})
}

// A job that takes the whole process down each time must not do so for ever.
func TestAJobThatKillsItsRunnerIsGivenUp(t *testing.T) {
	databases(t, func(t *testing.T, w *testkit.World) {
		id := enqueue(t, w.App, app.Request{Name: "deadly"})
		for range 5 { // five processes that took it and were never heard of again
			_, found, err := w.Store.TakeJob(context.Background(), w.Clock.Now(), w.Clock.Now().Add(30*time.Second))
			must(t, err)
			if !found {
				t.Fatal("not handed out again")
			}
			w.Clock.Advance(31 * time.Second)
		}
		r := runner(w.App)
		r.Register("deadly", func(context.Context, *job.Work) error { t.Error("it was done once more"); return nil })
		one(t, r)
		if j := look(t, w.App, id); j.State != store.JobFailed || !strings.Contains(j.Error, "5 times") {
			t.Errorf("%+v", j)
		}
	})
}

func TestOneJobOfAKindIsEnough(t *testing.T) {
	databases(t, func(t *testing.T, w *testkit.World) {
		r := runner(w.App)
		ask := app.Request{Name: "scan", Once: "host"}
		r.Register("scan", func(ctx context.Context, work *job.Work) error {
			if work.Job.Once == "host" && enqueue(t, w.App, ask) != "" {
				t.Error("a second one was added while it ran")
			}
			return nil
		})
		if enqueue(t, w.App, ask) == "" {
			t.Fatal("none was added")
		}
		if enqueue(t, w.App, ask) != "" {
			t.Error("a second one was added while it waited")
		}
		if enqueue(t, w.App, app.Request{Name: "scan", Once: "other"}) == "" || enqueue(t, w.App, app.Request{Name: "scan"}) == "" {
			t.Error("another one was refused")
		}
		for one(t, r) {
		}
		id := enqueue(t, w.App, ask)
		if id == "" {
			t.Fatal("none could be added afterwards")
		}
		must(t, w.App.Write(machine, func(tx *store.Tx) error { return tx.CancelJob(id, w.Clock.Now()) }))
		if enqueue(t, w.App, ask) == "" {
			t.Error("none could be added after one was cancelled")
		}
	})
}

func TestAJobIsAddedWithTheChangeThatCausesItOrNotAtAll(t *testing.T) {
	databases(t, func(t *testing.T, w *testkit.World) {
		undone := errors.New("undone")
		err := w.App.Atomic(machine, func(ctx context.Context) error {
			if _, err := w.App.Enqueue(ctx, app.Request{Name: "mail"}); err != nil {
				return err
			}
			return undone
		})
		if !errors.Is(err, undone) {
			t.Fatal(err)
		}
		if one(t, runner(w.App)) {
			t.Error("the job of a change that was undone is done")
		}
	})
}

func TestProgressIsSeenAndCancellingStopsTheWork(t *testing.T) {
	databases(t, func(t *testing.T, w *testkit.World) {
		r := runner(w.App)
		r.Register("long", func(ctx context.Context, work *job.Work) error {
			work.Progress("Reading the machine", 3, 10)
			<-ctx.Done()
			return ctx.Err()
		})
		id := enqueue(t, w.App, app.Request{Name: "long", Once: "long"})
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			if _, err := r.RunOne(context.Background()); err != nil {
				t.Error(err)
			}
		}()
		await(t, func() bool {
			j := look(t, w.App, id)
			return j.State == store.JobRunning && j.Step == "Reading the machine" && j.Done == 3 && j.Total == 10
		})
		must(t, w.App.Write(machine, func(tx *store.Tx) error { return tx.CancelJob(id, w.Clock.Now()) }))
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			t.Fatal("the work goes on")
		}
		if j := look(t, w.App, id); j.State != store.JobCancelled {
			t.Errorf("%+v", j)
		}
		err := w.App.Write(machine, func(tx *store.Tx) error { return tx.CancelJob(id, w.Clock.Now()) })
		if kind.CodeOf(err) != kind.Conflict {
			t.Errorf("cancelled twice: %v", err)
		}
		if !r.Idle() {
			t.Error("the runner says that it is busy")
		}
	})
}

func await(t *testing.T, ready func() bool) {
	t.Helper()
	for range 400 {
		if ready() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("it does not happen")
}

func TestStoppingTheServerCostsAJobNoAttempt(t *testing.T) {
	databases(t, func(t *testing.T, w *testkit.World) {
		ctx, stop := context.WithCancel(context.Background())
		r := runner(w.App)
		r.Register("long", func(ctx context.Context, _ *job.Work) error {
			stop()
			<-ctx.Done()
			return ctx.Err()
		})
		id := enqueue(t, w.App, app.Request{Name: "long"})
		if _, err := r.RunOne(ctx); err != nil {
			t.Fatal(err)
		}
		if j := look(t, w.App, id); j.State != store.JobWaiting || j.Attempt != 0 || j.RunAt.After(w.Clock.Now()) {
			t.Errorf("%+v", j)
		}
	})
}

func TestARunnerThatComesBackTooLateChangesNothing(t *testing.T) {
	databases(t, func(t *testing.T, w *testkit.World) {
		ctx := context.Background()
		id := enqueue(t, w.App, app.Request{Name: "slow"})
		late, found, err := w.Store.TakeJob(ctx, w.Clock.Now(), w.Clock.Now().Add(30*time.Second))
		if err != nil || !found {
			t.Fatal(found, err)
		}
		w.Clock.Advance(20 * time.Second)
		if _, found, _ := w.Store.TakeJob(ctx, w.Clock.Now(), w.Clock.Now().Add(30*time.Second)); found {
			t.Error("handed out twice within the lease")
		}
		w.Clock.Advance(11 * time.Second)
		next, found, err := w.Store.TakeJob(ctx, w.Clock.Now(), w.Clock.Now().Add(30*time.Second))
		if err != nil || !found || next.Attempt != 2 {
			t.Fatal(next, found, err)
		}
		if alive, err := w.Store.KeepJob(ctx, late, w.Clock.Now().Add(time.Hour)); alive || err != nil {
			t.Error("the late runner is told to go on", err)
		}
		late.State = store.JobFailed
		must(t, w.Store.EndJob(ctx, late, true))
		if j := look(t, w.App, id); j.State != store.JobRunning || j.Attempt != 2 {
			t.Errorf("%+v", j)
		}
	})
}

func TestManyRunnersDoEachJobOnce(t *testing.T) {
	databases(t, func(t *testing.T, w *testkit.World) {
		const jobs, runners = 30, 6
		var mu sync.Mutex
		done := map[string]int{}
		for range jobs {
			enqueue(t, w.App, app.Request{Name: "count"})
		}
		var left atomic.Int32
		left.Store(jobs)
		var wg sync.WaitGroup
		for range runners {
			r := runner(w.App)
			r.Register("count", func(_ context.Context, w *job.Work) error {
				mu.Lock()
				defer mu.Unlock()
				done[w.Job.ID]++
				left.Add(-1)
				return nil
			})
			wg.Go(func() {
				for tries := 0; left.Load() > 0 && tries < 2000; tries++ {
					if _, err := r.RunOne(context.Background()); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		for id, n := range done {
			if n != 1 {
				t.Errorf("%s was done %d times", id, n)
			}
		}
		if len(done) != jobs {
			t.Errorf("%d of %d jobs were done", len(done), jobs)
		}
	})
}

// childEnv names the database on which this test binary, started once more, does a
// job until it is killed.
const childEnv = "HOLDFAST_TEST_JOB_CHILD"

func TestMain(m *testing.M) {
	if source := os.Getenv(childEnv); source != "" {
		fmt.Fprintln(os.Stderr, workUntilKilled(source))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func workUntilKilled(source string) error {
	s, err := store.Open(context.Background(), source, isms.Registry)
	if err != nil {
		return err
	}
	a := app.New(s, time.Now, app.IDs(time.Now))
	r := runner(a)
	r.Register("half", func(ctx context.Context, w *job.Work) error {
		w.Progress("Half-way", 1, 2)
		if err := a.Save(ctx, &isms.Team{Base: kind.Base{Title: "First half"}}); err != nil {
			return err
		}
		fmt.Println("working")
		select {}
	})
	_, err = r.RunOne(context.Background())
	return err
}

func TestAJobWhoseProcessWasKilledIsTakenAgainAndEndsDone(t *testing.T) {
	t.Parallel()
	for name, fresh := range map[string]func(testing.TB) string{"sqlite": testkit.SQLiteFile, "postgres": testkit.PostgresURL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := fresh(t)
			s, err := store.Open(context.Background(), source, isms.Registry)
			must(t, err)
			defer s.Close() //nolint:errcheck // the test is over
			var ahead atomic.Int64
			now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
			a := app.New(s, now, app.IDs(now))
			id := enqueue(t, a, app.Request{Name: "half", Title: "Two halves", Once: "half"})

			killWhenWorking(t, source)
			r := runner(a)
			runs := 0
			r.Register("half", func(ctx context.Context, w *job.Work) error {
				runs++
				w.Progress("Whole", 2, 2)
				w.Result("/teams")
				return nil
			})
			if one(t, r) {
				t.Error("taken while the dead runner still held its lease")
			}
			if enqueue(t, a, app.Request{Name: "half", Once: "half"}) != "" {
				t.Error("a second one was added meanwhile")
			}
			ahead.Store(int64(31 * time.Second))
			if !one(t, r) {
				t.Fatal("not taken again")
			}
			j := look(t, a, id)
			if runs != 1 || j.State != store.JobDone || j.Attempt != 2 || j.Result != "/teams" || j.Step != "Whole" || j.Error != "" {
				t.Errorf("%d runs: %+v", runs, j)
			}
		})
	}
}

// killWhenWorking starts a process that takes the job, and kills it half-way.
func killWhenWorking(t *testing.T, source string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+source)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	if !bufio.NewScanner(out).Scan() {
		t.Error("the child says nothing")
	}
	must(t, cmd.Process.Kill())
	_ = cmd.Wait() // it was killed, and says so
}
