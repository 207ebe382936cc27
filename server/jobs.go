package server

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/engine/inventory"
	"holdfast/feed"
	"holdfast/flow"
	"holdfast/job"
)

// The names of jobs.
const (
	JobScanHost = "scan-host"
	JobFeed     = "feed"
	JobReview   = "review"
)

// runner knows how to do every job of the product.
func (l *Local) runner(log *slog.Logger) *job.Runner {
	r := job.New(l.App, log)
	r.Register(JobScanHost, l.scanHost)
	r.Register(JobFeed, l.fetchFeed)
	r.Register(JobReview, func(ctx context.Context, w *job.Work) error {
		n, err := l.Flow.Review(ctx)
		w.Progress(fmt.Sprintf("%d decisions had expired", n), n, n)
		return err
	})
	return r
}

// scanHost looks at the machine that the product runs on.
func (l *Local) scanHost(ctx context.Context, w *job.Work) error {
	idx, err := l.Advisories()
	if err != nil {
		return err
	}
	w.Progress("Reading the machine", 0, 0)
	t, err := inventory.Host(ctx, l.App.Now(), w.Progress)
	if err != nil {
		return err
	}
	runs := flow.Look(ctx, t, idx, l.App.Now, w.Progress)
	if err := ctx.Err(); err != nil {
		return err
	}
	w.Progress("Taking in what was seen", 0, 0)
	if err := l.Flow.Checks(ctx, flow.KnownChecks()); err != nil {
		return err
	}
	out, err := l.Flow.Observe(ctx, t, runs)
	if err != nil {
		return err
	}
	w.Progress(fmt.Sprintf("%d packages, %d open findings, %d risks", out.Packages, out.Open, out.Risks), 1, 1)
	w.Result("/assets/" + out.AssetID)
	return nil
}

// fetchFeed brings the advisories up to date and looks at the machine again.
func (l *Local) fetchFeed(ctx context.Context, w *job.Work) error {
	_, err := feed.Fetch(ctx, l.Place.Data, feed.DefaultSources(), nil, w.Progress)
	if err != nil {
		return fmt.Errorf("fetch advisories: %w: %w", err, job.ErrFinal)
	}
	idx, err := feed.Open(l.Place.Data)
	if err != nil {
		return err
	}
	l.UseAdvisories(idx)
	_, err = l.App.Enqueue(ctx, app.Request{Name: JobScanHost, Title: "Look at this machine again, with fresh advisories", Once: "host"})
	return err
}

// plan asks for the jobs that come round by themselves. A job that still waits is
// not asked for twice.
func (l *Local) plan(ctx context.Context, every map[string]app.Request) error {
	spaces, err := l.App.Workspaces(ctx)
	if err != nil {
		return err
	}
	for _, ws := range spaces {
		machine := access.With(ctx, access.Actor{Name: "holdfast", Workspace: ws.ID, Machine: true, Via: "flow"})
		for _, r := range every {
			if _, err := l.App.Enqueue(machine, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// keepTime asks for the recurring jobs and writes anchors until the context ends.
func (l *Local) keepTime(ctx context.Context, log *slog.Logger) {
	tick := time.NewTicker(time.Hour)
	defer tick.Stop()
	for {
		if err := l.plan(ctx, map[string]app.Request{
			JobReview: {Name: JobReview, Title: "Re-open decisions that have expired", Once: "review"},
		}); err != nil && ctx.Err() == nil {
			log.Error("plan recurring jobs", "error", err)
		}
		if err := l.Anchor(ctx); err != nil && ctx.Err() == nil {
			log.Error("write anchors", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// askForScan asks for a look at this machine in the workspace of the actor.
func (l *Local) askForScan(ctx context.Context) (string, error) {
	return l.App.Enqueue(ctx, app.Request{Name: JobScanHost, Title: "Look at this machine", Once: "host"})
}
