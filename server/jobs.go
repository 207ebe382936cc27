package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/engine/inventory"
	"holdfast/feed"
	"holdfast/flow"
	"holdfast/flow/detection"
	"holdfast/job"
	"holdfast/kind"
	"holdfast/watch"
)

// The names of jobs.
const (
	JobScanHost = "scan-host"
	JobFeed     = "feed"
	JobReview   = "review"
	JobGovern   = "govern"
)

// runner knows how to do every job of the product.
func (l *Local) runner(log *slog.Logger) *job.Runner {
	r := job.New(l.App, log)
	r.Register(JobScanHost, l.scanHost)
	r.Register(JobFeed, l.fetchFeed)
	r.Register(flow.JobMeasure, func(ctx context.Context, w *job.Work) error {
		n, err := l.Flow.Measure(ctx)
		w.Progress(fmt.Sprintf("%d requirements changed", n), n, n)
		w.Result("/soa")
		return err
	})
	r.Register(JobSample, l.sampleFrameworks)
	r.Register(JobReview, func(ctx context.Context, w *job.Work) error {
		n, err := l.Flow.Review(ctx)
		if err != nil {
			return err
		}
		loud, err := l.Detection.CareForAlerts(ctx)
		w.Progress(fmt.Sprintf("%d decisions had expired, %d alerts call again", n, loud), n+loud, n+loud)
		return err
	})
	r.Register(JobGovern, l.govern)
	r.Register(JobEvents, l.careForEvents)
	r.Register(detection.JobHunt, l.hunt)
	r.Register(JobIndicators, l.fetchIndicators)
	r.Register(watch.JobRehearse, l.rehearseRule)
	l.newCaller().register(r)
	return r
}

// govern brings what people steer by up to date: questions that nobody answered in
// time, the readings of the day, and the roadmap against reality.
func (l *Local) govern(ctx context.Context, w *job.Work) error {
	expired, err := l.Flow.ExpireApprovals(ctx)
	if err != nil {
		return err
	}
	readings, err := l.Flow.ReadIndicators(ctx)
	if err != nil {
		return err
	}
	if _, err := l.Flow.CareForDocuments(ctx, l.newCaller().remind); err != nil {
		return err
	}
	if err := l.provide(ctx); err != nil {
		return err
	}
	if _, err := l.Detection.FindBlindSpots(ctx); err != nil {
		return err
	}
	if _, err := l.Detection.ExpireIndicators(ctx); err != nil {
		return err
	}
	moves, err := l.Flow.Replan(ctx, false)
	w.Progress(fmt.Sprintf("%d questions expired, %d readings taken, %d milestones moved", expired, readings, len(moves)), 1, 1)
	w.Result("/roadmap")
	return errors.Join(err, l.did(ctx, lastGovern+w.Job.Workspace))
}

// provide looks whether we could go on after the worst: backups that no restore has
// proved, and corrections of which nobody knows whether they worked.
func (l *Local) provide(ctx context.Context) error {
	if _, err := l.Response.FindBackups(ctx); err != nil {
		return err
	}
	_, err := l.Response.CheckCorrections(ctx)
	return err
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
	return l.did(ctx, lastScan+w.Job.Workspace)
}

// fetchFeed brings the advisories up to date and looks at the machine again.
func (l *Local) fetchFeed(ctx context.Context, w *job.Work) error {
	if err := l.did(ctx, lastFetch); err != nil {
		return err
	}
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

// daily is how often advisories are fetched and known machines looked at again.
const daily = 24 * time.Hour

// keepTime asks for the recurring jobs and writes anchors until the context ends.
func (l *Local) keepTime(ctx context.Context, log *slog.Logger) {
	tick := time.NewTicker(time.Hour)
	defer tick.Stop()
	for {
		if err := errors.Join(l.plan(ctx), l.Anchor(ctx)); err != nil && ctx.Err() == nil {
			log.Error("recurring work", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// plan asks for the jobs that come round by themselves, in every workspace. A job
// that still waits is not asked for twice.
func (l *Local) plan(ctx context.Context) error {
	spaces, err := l.App.Workspaces(ctx)
	if err != nil {
		return err
	}
	var complaints []error // a wrong file of sources holds up nothing else
	for i, ws := range spaces {
		machine := access.With(ctx, access.Actor{Name: "holdfast", Workspace: ws.ID, Machine: true, Via: "flow"})
		wanted := []app.Request{{Name: JobReview, Title: "Re-open decisions and suppressions that have expired", Once: "review"}}
		if l.stale(ctx, lastMeasure+ws.ID) {
			if err := l.measureDaily(machine, ws.ID); err != nil {
				return err
			}
		}
		if l.stale(ctx, lastGovern+ws.ID) {
			wanted = append(wanted, app.Request{Name: JobGovern, Title: "Take the readings of the day and hold the roadmap against reality", Once: "govern"})
		}
		if l.stale(ctx, lastEvents+ws.ID) {
			wanted = append(wanted, app.Request{Name: JobEvents, Title: "Drop events whose time is over", Once: "events"})
		}
		if i == 0 && l.stale(ctx, lastFetch) {
			wanted = append(wanted, app.Request{Name: JobFeed, Title: "Fetch advisories", Once: "feed"})
		}
		if l.known(ctx, lastScan+ws.ID) && l.stale(ctx, lastScan+ws.ID) {
			wanted = append(wanted, app.Request{Name: JobScanHost, Title: "Look at this machine again", Once: "host"})
		}
		due, complaint := l.tellersDue(ctx, ws.ID, ws.Slug)
		if complaint != nil {
			complaints = append(complaints, complaint)
		}
		for _, r := range append(wanted, due...) {
			if _, err := l.App.Enqueue(machine, r); err != nil {
				return err
			}
		}
	}
	return errors.Join(complaints...)
}

// Settings that remember when something was done last.
const (
	lastFetch   = "advisories asked for"
	lastScan    = "machine looked at for "
	lastGovern  = "roadmap held against reality for "
	lastMeasure = "requirements measured for "
)

// measureDaily asks for a measurement of the requirements: proofs age even when nothing
// changes.
func (l *Local) measureDaily(ctx context.Context, workspace string) error {
	if err := l.Flow.AskToMeasure(ctx); err != nil {
		return err
	}
	return l.did(ctx, lastMeasure+workspace)
}

// did notes that something was done now.
func (l *Local) did(ctx context.Context, what string) error {
	return l.Store.SetSetting(ctx, what, kind.FormatTime(l.App.Now()))
}

func (l *Local) known(ctx context.Context, what string) bool {
	text, err := l.Store.Setting(ctx, what)
	return err == nil && text != ""
}

// stale tells whether something was done more than a day ago, or never.
func (l *Local) stale(ctx context.Context, what string) bool {
	text, err := l.Store.Setting(ctx, what)
	if err != nil {
		return false
	}
	at, err := kind.ParseTime(text)
	return err != nil || l.App.Now().Sub(at) > daily
}

// askForScan asks for a look at this machine in the workspace of the actor.
func (l *Local) askForScan(ctx context.Context) (string, error) {
	return l.App.Enqueue(ctx, app.Request{Name: JobScanHost, Title: "Look at this machine", Once: "host"})
}
