// Package job runs work that outlives the request which asked for it. Jobs are
// rows in the same database as the records: they survive a restart, are repeated
// with growing pauses when they fail, show their progress and can be cancelled.
// A function that does a job must be safe to repeat.
package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/kind"
	"holdfast/store"
)

// A Func does jobs of one name. Its context carries the product itself as the
// actor, in the workspace of the job, and ends when the job is cancelled.
type Func func(ctx context.Context, w *Work) error

// ErrFinal marks a failure that repeating cannot mend.
var ErrFinal = errors.New("will not be repeated")

// Work is one run of a job.
type Work struct {
	Job store.Job

	mu     sync.Mutex
	result string
}

// Payload reads what Enqueue was given.
func (w *Work) Payload(into any) error {
	if err := json.Unmarshal([]byte(w.Job.Payload), into); err != nil {
		return fmt.Errorf("job payload: %w: %w", err, ErrFinal)
	}
	return nil
}

// Progress tells people how far the work is; total 0 means unknown.
func (w *Work) Progress(step string, done, total int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.Job.Step, w.Job.Done, w.Job.Total = step, done, total
}

// Result is where people look when the work is done: a path in the UI.
func (w *Work) Result(path string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.result = path
}

func (w *Work) snapshot() store.Job {
	w.mu.Lock()
	defer w.mu.Unlock()
	j := w.Job
	j.Result = w.result
	return j
}

// A Runner takes jobs out of the database and does them.
type Runner struct {
	a     *app.App
	log   *slog.Logger
	funcs map[string]Func
	wake  chan struct{}
	busy  atomic.Int32
}

// The times by which a runner goes. A runner that dies is noticed after the lease.
const (
	lease       = 30 * time.Second
	heartbeat   = 2 * time.Second
	poll        = time.Second
	maxAttempts = 5
	firstPause  = 10 * time.Second
)

// New returns a Runner without functions.
func New(a *app.App, log *slog.Logger) *Runner {
	return &Runner{a: a, log: log, funcs: map[string]Func{}, wake: make(chan struct{}, 1)}
}

// Register says which function does the jobs of a name.
func (r *Runner) Register(name string, f Func) { r.funcs[name] = f }

// Wake makes the runner look for work at once.
func (r *Runner) Wake() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Run does jobs with the number of workers until the context ends. A job that is
// interrupted by this waits for the next runner and loses no attempt.
func (r *Runner) Run(ctx context.Context, workers int) {
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() { r.work(ctx) })
	}
	wg.Wait()
}

func (r *Runner) work(ctx context.Context) {
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for ctx.Err() == nil {
		did, err := r.RunOne(ctx)
		if err != nil && ctx.Err() == nil {
			r.log.Error("jobs", "error", err)
		}
		if did && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		case <-r.wake:
		}
	}
}

// RunOne does the next job that is due. It tells whether there was one.
func (r *Runner) RunOne(ctx context.Context) (bool, error) {
	now := r.a.Now()
	j, found, err := r.a.Store().TakeJob(ctx, now, now.Add(lease))
	if err != nil || !found {
		return false, err
	}
	r.busy.Add(1)
	defer r.busy.Add(-1)
	return true, r.do(ctx, j)
}

// Idle tells whether no job is being done right now.
func (r *Runner) Idle() bool { return r.busy.Load() == 0 }

func (r *Runner) do(ctx context.Context, j store.Job) error {
	w := &Work{Job: j}
	jobCtx, cancel := context.WithCancelCause(access.With(ctx, access.Actor{
		Name: "holdfast", Workspace: j.Workspace, Machine: true, Via: "flow",
	}))
	defer cancel(nil)
	beating := make(chan struct{})
	go func() {
		defer close(beating)
		r.keep(jobCtx, w, cancel)
	}()
	err := r.call(jobCtx, w)
	cancelled := errors.Is(context.Cause(jobCtx), errCancelled)
	cancel(nil)
	<-beating
	if cancelled {
		return nil
	}
	return r.end(ctx, w.snapshot(), err)
}

var errCancelled = errors.New("the job was cancelled")

// call turns a panic into a failure: one broken job must not end the server.
func (r *Runner) call(ctx context.Context, w *Work) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	f := r.funcs[w.Job.Name]
	if f == nil {
		return fmt.Errorf("no function does jobs named %q: %w", w.Job.Name, ErrFinal)
	}
	if w.Job.Attempt > maxAttempts { // nobody ended the runs before: it takes its runner down
		return fmt.Errorf("the product ended %d times while it did this job: %w", maxAttempts, ErrFinal)
	}
	return f(ctx, w)
}

// keep renews the lease and stores progress until the job ends.
func (r *Runner) keep(ctx context.Context, w *Work, cancel context.CancelCauseFunc) {
	tick := time.NewTicker(heartbeat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			alive, err := r.a.Store().KeepJob(ctx, w.snapshot(), r.a.Now().Add(lease))
			if err == nil && !alive {
				cancel(errCancelled)
				return
			}
		}
	}
}

// end stores how the run ended. It does so also when the server is stopping.
func (r *Runner) end(ctx context.Context, j store.Job, err error) error {
	now := r.a.Now()
	j.State, j.Error, j.Finished = store.JobDone, "", now
	switch {
	case err == nil:
		j.Done = j.Total
	case ctx.Err() != nil:
		j.State, j.Finished, j.RunAt = store.JobWaiting, time.Time{}, now
	case errors.Is(err, ErrFinal) || j.Attempt >= maxAttempts || kind.CodeOf(err) == kind.Invalid:
		j.State, j.Error = store.JobFailed, err.Error()
		r.log.Warn("job failed", "job", j.Name, "error", err)
	default:
		j.State, j.Error, j.Finished = store.JobWaiting, err.Error(), time.Time{}
		j.RunAt = now.Add(firstPause << (j.Attempt - 1))
		r.log.Info("job will be repeated", "job", j.Name, "attempt", j.Attempt, "error", err)
	}
	interrupted := err != nil && ctx.Err() != nil
	return r.a.Store().EndJob(context.WithoutCancel(ctx), j, !interrupted)
}
