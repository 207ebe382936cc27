package response

import (
	"context"
	"fmt"

	"holdfast/engine"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
)

// The checks of backups. Their ids begin with "backup-", by which the catalogue knows
// which scenarios they feed.
const (
	checkUnproved = "backup-unproved"
	checkLate     = "backup-late"
	checkReach    = "backup-in-reach"
)

// backupEngine is under which name the checks run.
const backupEngine = "continuity"

// BackupChecks are the checks of backups, which explain themselves.
func BackupChecks() []engine.Check {
	return []engine.Check{
		{ID: checkUnproved, Title: "No restore was ever shown", Severity: engine.High, Principle: "impact", Topic: "backup",
			Why:            "A copy from which nobody ever restored is a hope. Untested copies turn out to be incomplete, too old or locked by a lost key on the day they are needed.",
			Fix:            "Restore the newest copy to an empty place, compare what came back, write down how long it took, and report it with `holdfast backup verify`.",
			FalsePositives: "The restore was done and nobody reported it. Report it."},
		{ID: checkLate, Title: "Copies do not arrive", Severity: engine.Medium, Principle: "impact", Topic: "backup",
			Why:            "The newest copy is older than the rhythm allows or than the business can bear. What was made since is lost when the original is.",
			Fix:            "Look why the tool does not run or does not report, and make a copy now.",
			FalsePositives: "The copies are there and the tool does not report them: let it call `holdfast backup report`."},
		{ID: checkReach, Title: "Every copy is in reach of an intruder", Severity: engine.Medium, Principle: "impact", Topic: "backup", Techniques: []string{"T1490"},
			Why:            "Who encrypts the originals looks for the copies first. A copy that an administrator can delete is deleted by whoever takes the administrator.",
			Fix:            "Keep one copy offline, or in a store that refuses deletion before its time.",
			FalsePositives: "The place refuses deletion, and the record does not say so."},
	}
}

// FindBackups turns the state of the backups into findings and takes them back when
// a restore proves them, through the same pipeline as every scan. It is idempotent
// and returns what it changed. It is the work of the product, on a day's schedule.
func (f *Flow) FindBackups(ctx context.Context) (flow.Outcome, error) {
	var sum flow.Outcome
	err := f.app.Atomic(ctx, func(ctx context.Context) error {
		sum = flow.Outcome{}
		if err := f.explainBackups(ctx); err != nil {
			return err
		}
		board, err := f.Backups(ctx)
		if err != nil {
			return err
		}
		for _, l := range board.Assets {
			if err := f.findBackup(ctx, l, &sum); err != nil {
				return fmt.Errorf("backups of %s: %w", l.Record.Title, err)
			}
		}
		return nil
	})
	return sum, err
}

func (f *Flow) findBackup(ctx context.Context, l *BackupLine, sum *flow.Outcome) error {
	now := f.app.Now()
	run := engine.Run{Engine: backupEngine, Target: l.Asset.Title, Started: now, Finished: now, Observations: observeBackup(l)}
	target := &engine.Target{Name: l.Asset.Title, Now: now}
	out := flow.Outcome{}
	if err := f.Find(ctx, l.Asset, target, "", run, &out); err != nil {
		return err
	}
	sum.Opened, sum.Reopened, sum.Resolved = sum.Opened+out.Opened, sum.Reopened+out.Reopened, sum.Resolved+out.Resolved
	if out.Opened+out.Reopened+out.Resolved == 0 {
		return nil
	}
	return f.Assess(ctx, l.Asset.ID, sum)
}

// observeBackup is what the three checks say of an asset.
func observeBackup(l *BackupLine) []engine.Observation {
	var list []engine.Observation
	say := func(id string, fails bool, detail string) {
		o := engine.Observation{Engine: backupEngine, Check: id, Outcome: engine.Pass, Principle: "impact", Detail: detail}
		for _, c := range BackupChecks() {
			if c.ID == id {
				o.Title, o.Severity = c.Title, c.Severity
			}
		}
		if fails {
			o.Outcome = engine.Fail
			if id == checkUnproved && l.Asset.Criticality < flow.CrownLevel {
				o.Severity = engine.Medium
			}
		}
		list = append(list, o)
	}
	say(checkUnproved, l.LastVerified.IsZero(), "last verified restore: "+dayOrNever(l.LastVerified.IsZero(), kind.DateOf(l.LastVerified)))
	if len(l.Backups) == 0 {
		return list
	}
	tooRare := l.RPO > 0 && l.Every > l.RPO
	late := l.LastCopy.IsZero() || l.Every > 0 && l.AgeHours > copyGrace*l.Every || failed(l)
	detail := "newest copy: " + dayOrNever(l.LastCopy.IsZero(), kind.DateOf(l.LastCopy))
	if tooRare {
		detail = fmt.Sprintf("copied every %s, and at most %s may be lost", lasting(l.Every), lasting(l.RPO))
	}
	say(checkLate, late || tooRare, detail)
	apart := false
	for _, b := range l.Backups {
		apart = apart || b.Offline || b.Immutable
	}
	say(checkReach, !apart, fmt.Sprintf("%d arranged, one offline or unchangeable: %t", len(l.Backups), apart))
	return list
}

func dayOrNever(never bool, d kind.Date) string {
	if never {
		return "never"
	}
	return string(d)
}

// explainBackups writes what the checks say of themselves into their weaknesses.
func (f *Flow) explainBackups(ctx context.Context) error {
	for _, c := range BackupChecks() {
		v, err := f.vulnerabilities.Get(ctx, c.ID)
		if kind.CodeOf(err) == kind.NotFound {
			v, err = &isms.Vulnerability{Base: isms.Base{Key: c.ID, Origin: "engine"}}, nil
		}
		if err != nil {
			return err
		}
		if v.ID != "" && v.Origin != "engine" {
			continue
		}
		v.Title, v.Identifier, v.Detector, v.Type, v.Topic = c.Title, c.ID, backupEngine, "configuration", c.Topic
		v.Severity, v.Principle, v.Techniques = isms.Severity(c.Severity), isms.Principle(c.Principle), c.Techniques
		v.Summary, v.Fix, v.Doubts = isms.Markdown(c.Why), isms.Markdown(c.Fix), isms.Markdown(c.FalsePositives)
		if err := f.vulnerabilities.Save(ctx, v); err != nil {
			return fmt.Errorf("check %s: %w", c.ID, err)
		}
	}
	return nil
}
