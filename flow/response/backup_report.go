package response

import (
	"context"
	"fmt"
	"strings"
	"time"

	"holdfast/app"
	"holdfast/flow"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// A CopyReport is what a backup tool says after it ran.
type CopyReport struct {
	Backup     string    // id or key of the arrangement
	Taken      time.Time // the moment of which the copy holds the data; zero: now
	Identifier string    // how the tool names the copy; reporting it twice changes nothing
	Size       int64     // bytes
	SHA256     string
	Place      string
	KeepUntil  kind.Date
	Failure    string // what went wrong; then there is no copy
}

// ReportCopy takes in the word of a backup tool: a new restore point, and the time of
// the last copy; or that it failed. It returns the restore point, nil for a failure.
func (f *Flow) ReportCopy(ctx context.Context, in CopyReport) (*isms.RestorePoint, error) {
	now := f.app.Now()
	if in.Taken.IsZero() {
		in.Taken = now
	}
	if in.Taken.After(now.Add(5 * time.Minute)) {
		return nil, kind.Fieldf("taken", "lies in the future; look at the clock of the backup tool")
	}
	var point *isms.RestorePoint
	err := f.app.Atomic(ctx, func(ctx context.Context) error {
		b, err := app.Of[isms.Backup](f.app, isms.Backups).Get(ctx, in.Backup)
		if err != nil {
			return err
		}
		if b.Status == "stopped" {
			return kind.Errorf(kind.Conflict, "the backup “%s” was stopped; resume it first", b.Title)
		}
		if in.Failure != "" {
			return f.copyFailed(ctx, b, prose.Clean(in.Failure))
		}
		point, err = f.takeCopy(ctx, b, in)
		return err
	})
	return point, err
}

func (f *Flow) copyFailed(ctx context.Context, b *isms.Backup, why string) error {
	why = prose.Cut(strings.TrimSpace(why), 900)
	if b.Status == "failing" {
		b.Failure = why
		return f.app.SaveBecause(ctx, b, "it failed again")
	}
	_, err := f.app.Do(ctx, isms.Backups, b.ID, "fail", 0, kind.Input{Reason: why})
	return err
}

func (f *Flow) takeCopy(ctx context.Context, b *isms.Backup, in CopyReport) (*isms.RestorePoint, error) {
	repo := app.Of[isms.RestorePoint](f.app, isms.RestorePoints)
	name := in.Identifier
	if name == "" {
		name = kind.FormatTime(in.Taken)
	}
	key := flow.StableKey("copy", b.ID, name)
	p, err := repo.Get(ctx, key)
	if kind.CodeOf(err) != kind.NotFound {
		return p, err // told twice, or an error
	}
	p = &isms.RestorePoint{Base: isms.Base{Key: key, Origin: "import"}, BackupID: b.ID, TakenAt: in.Taken, Identifier: prose.Cut(prose.Clean(in.Identifier), 300),
		Size: in.Size, SHA256: prose.Cut(prose.Clean(in.SHA256), 128), Place: prose.Cut(prose.Clean(prose.FirstOf(in.Place, b.Place)), 300), KeepUntil: in.KeepUntil}
	if p.KeepUntil == "" && b.KeepDays > 0 {
		p.KeepUntil = kind.DateOf(in.Taken.AddDate(0, 0, b.KeepDays))
	}
	if err := repo.Save(ctx, p); err != nil {
		return nil, err
	}
	if !in.Taken.After(b.LastSuccess) && b.Status != "failing" {
		return p, nil // an older copy that was told late
	}
	after, err := f.app.Do(ctx, isms.Backups, b.ID, "succeed", 0, kind.Input{})
	if err != nil {
		return nil, err
	}
	done := after.(*isms.Backup)
	done.LastSuccess = later(b.LastSuccess, in.Taken)
	return p, f.app.Save(ctx, done)
}

// A RestoreReport is the result of a restore that was tried.
type RestoreReport struct {
	Backup  string // id or key of the arrangement
	Point   string // id, key or identifier of the copy; empty: the newest
	Good    bool   // what came back was compared and is complete
	Minutes int    // from the order to restore until it worked; 0: not measured
	Result  string // what was compared and what was found
}

// ReportRestore takes in that a copy was restored, and proves it or the contrary: the
// copy, the arrangement, and, where the time was measured, the recovery target of the
// asset. A good restore leaves evidence. All or nothing.
func (f *Flow) ReportRestore(ctx context.Context, in RestoreReport) (*isms.RestorePoint, error) {
	if strings.TrimSpace(in.Result) == "" {
		return nil, kind.Fieldf("result", "say what was compared and what was found; a restore nobody looked at proves nothing")
	}
	if in.Minutes < 0 {
		return nil, kind.Fieldf("minutes", "cannot be negative")
	}
	var point *isms.RestorePoint
	err := f.app.Atomic(ctx, func(ctx context.Context) error {
		b, err := app.Of[isms.Backup](f.app, isms.Backups).Get(ctx, in.Backup)
		if err != nil {
			return err
		}
		p, err := f.pointOf(ctx, b, in.Point)
		if err != nil {
			return err
		}
		in.Result = prose.Cut(prose.Clean(strings.TrimSpace(in.Result)), 2000)
		if !in.Good {
			point, err = f.restoreFailed(ctx, b, p, in)
			return err
		}
		point, err = f.restoreProved(ctx, b, p, in)
		return err
	})
	return point, err
}

// pointOf finds the copy that was restored.
func (f *Flow) pointOf(ctx context.Context, b *isms.Backup, name string) (*isms.RestorePoint, error) {
	list, err := app.Of[isms.RestorePoint](f.app, isms.RestorePoints).All(ctx, kind.Query{Sort: "-taken_at"}.Where("backup_id", b.ID).With("status", kind.Not, "expired"))
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		if name == "" || p.ID == name || p.Key == name || p.Identifier == name {
			return p, nil
		}
	}
	if name == "" {
		return nil, kind.Fieldf("point", "“%s” has no copy yet; report it first", b.Title)
	}
	return nil, kind.Fieldf("point", "“%s” has no copy %q", b.Title, prose.Cut(name, 80))
}

func (f *Flow) restoreFailed(ctx context.Context, b *isms.Backup, p *isms.RestorePoint, in RestoreReport) (*isms.RestorePoint, error) {
	after, err := f.app.Do(ctx, isms.RestorePoints, p.ID, "fail", 0, kind.Input{Reason: in.Result})
	if err != nil {
		return nil, err
	}
	return after.(*isms.RestorePoint), f.copyFailed(ctx, b, "restore: "+in.Result)
}

func (f *Flow) restoreProved(ctx context.Context, b *isms.Backup, p *isms.RestorePoint, in RestoreReport) (*isms.RestorePoint, error) {
	after, err := f.app.Do(ctx, isms.RestorePoints, p.ID, "verify", 0, kind.Input{Reason: in.Result})
	if err != nil {
		return nil, err
	}
	p = after.(*isms.RestorePoint)
	p.RestoreMinutes = in.Minutes
	if err := f.app.Save(ctx, p); err != nil {
		return nil, err
	}
	if _, err := f.app.Do(ctx, isms.Backups, b.ID, "verify", 0, kind.Input{}); err != nil {
		return nil, err
	}
	now := f.app.Now()
	e := &isms.Evidence{Base: isms.Base{Title: prose.Cut("Restored: "+b.Title, 300), Origin: "engine"}, Source: "imported", At: now, AssetID: b.AssetID, Check: checkUnproved,
		Statement: isms.Markdown(fmt.Sprintf("The copy of %s was restored in %d minutes. %s", kind.FormatTime(p.TakenAt), in.Minutes, in.Result)), ValidUntil: kind.DateOf(now.AddDate(0, 0, restoreTestDays))}
	if err := f.evidence.Save(ctx, e); err != nil {
		return nil, err
	}
	if err := f.app.Link(ctx, isms.RestorePoints, p.ID, "evidenced by", e.ID); err != nil {
		return nil, err
	}
	return p, f.measureTarget(ctx, b, in.Minutes)
}

// measureTarget writes the measured times into the recovery target of the asset.
func (f *Flow) measureTarget(ctx context.Context, b *isms.Backup, minutes int) error {
	if minutes == 0 {
		return nil
	}
	repo := app.Of[isms.RecoveryTarget](f.app, isms.RecoveryTargets)
	list, err := repo.List(ctx, kind.Query{Limit: 1}.Where("asset_id", b.AssetID))
	if err != nil || len(list) == 0 {
		return err
	}
	t := list[0]
	t.MeasuredRTO, t.MeasuredRPO, t.TestedOn = flow.Round4(float64(minutes)/60), b.EveryHours, kind.DateOf(f.app.Now())
	return f.app.SaveBecause(ctx, t, "measured by a restore")
}
