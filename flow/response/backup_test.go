package response_test

import (
	"testing"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/flow/response"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

// vaulted is a world with one asset that is copied every day, and copied well.
func vaulted(t *testing.T, s *store.Store) (*world, *isms.Backup) {
	w := newWorld(t, s)
	db := &isms.Asset{Base: isms.Base{Key: "db", Title: "Database"}, Type: "service", Criticality: 5, Lifecycle: "operating", Value: kind.Exactly(500_000)}
	w.Save(db)
	w.Save(&isms.RecoveryTarget{Base: isms.Base{Key: "t-db"}, AssetID: db.ID, RTO: 8, RPO: 24})
	b := &isms.Backup{Base: isms.Base{Key: "b-db", Title: "Nightly"}, AssetID: db.ID, Status: "operating", EveryHours: 24, VerifyEvery: 30,
		Place: "Vault", Offsite: true, Immutable: true, Encrypted: true, KeyPlace: "Safe of the office"}
	w.Save(b)
	w.Save(&isms.Backup{Base: isms.Base{Key: "b-disk", Title: "Disk"}, AssetID: db.ID, Status: "operating", EveryHours: 168, Place: "Cellar", Offline: true, Encrypted: true, KeyPlace: "Safe of the office"})
	return w, b
}

func (w *world) backup() *response.BackupLine {
	w.Helper()
	board, err := w.Response.Backups(testkit.As(access.Auditor))
	w.Must(err)
	if len(board.Assets) != 1 {
		w.Fatalf("%d assets on the board", len(board.Assets))
	}
	return board.Assets[0]
}

func (w *world) copied(name string) *isms.RestorePoint {
	w.Helper()
	p, err := w.Response.ReportCopy(testkit.As(access.Contributor), response.CopyReport{Backup: "b-db", Identifier: name, Size: 1 << 30})
	w.Must(err)
	return p
}

func TestACopyCountsOnlyWhenARestoreHasProvedIt(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w, _ := vaulted(t, s)
		if l := w.backup(); l.Health != isms.HealthBad || l.Verdict != "Arranged, and never done." {
			t.Errorf("before the first copy: %s, %s", l.Health, l.Verdict)
		}
		first := w.copied("snap-1")
		if again := w.copied("snap-1"); again.ID != first.ID {
			t.Error("a copy that was told twice is two")
		}
		if l := w.backup(); l.Health != isms.HealthBad || l.Verdict != "Copied, and never restored: that counts as no backup." || l.LastCopy.IsZero() {
			t.Errorf("copied: %s, %s", l.Health, l.Verdict)
		}
		w.Clock.Advance(time.Hour)
		p, err := w.Response.ReportRestore(w.Actor("tool", access.Contributor), response.RestoreReport{Backup: "b-db", Point: "snap-1", Good: true, Minutes: 330, Result: "All tables, counts equal."})
		w.Must(err)
		if p.Status != "verified" || p.RestoreMinutes != 330 {
			t.Errorf("the copy is %s, %d minutes", p.Status, p.RestoreMinutes)
		}
		l := w.backup()
		if l.Health != isms.HealthGood || l.Took != 5.5 || l.Next != "" {
			t.Errorf("proved: %s, %s, %v hours, next %q", l.Health, l.Verdict, l.Took, l.Next)
		}
		for _, r := range l.Rules {
			if !r.Holds {
				t.Errorf("%s (%s): %s", r.ID, r.Name, r.Why)
			}
		}
		target := w.Record(isms.RecoveryTargets, "t-db").(*isms.RecoveryTarget)
		if target.MeasuredRTO != 5.5 || target.Result != isms.TargetMet || target.TestedOn != "2026-03-02" {
			t.Errorf("the target was not measured: %+v", target)
		}
		w.Clock.Advance(72 * time.Hour)
		if l := w.backup(); l.Health != isms.HealthBad || l.AgeHours < 72 {
			t.Errorf("no copy for three days: %s, %s", l.Health, l.Verdict)
		}
		_, err = w.Response.ReportCopy(testkit.As(access.Contributor), response.CopyReport{Backup: "b-db", Failure: "disk full"})
		w.Must(err)
		if b := w.Record(isms.Backups, "b-db").(*isms.Backup); b.Status != "failing" || b.Failure != "disk full" {
			t.Errorf("after a failure the backup is %s, %q", b.Status, b.Failure)
		}
	})
}

func TestTheChosenCopyIsTheNewestProvedOneFromBeforeTheyCameIn(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w, _ := vaulted(t, s)
		for _, name := range []string{"proved", "later", "after"} {
			w.copied(name)
			if name == "proved" {
				_, err := w.Response.ReportRestore(testkit.Machine(), response.RestoreReport{Backup: "b-db", Point: name, Good: true, Minutes: 60, Result: "Compared."})
				w.Must(err)
			}
			w.Clock.Advance(24 * time.Hour)
		}
		began := w.Clock.Now().Add(-30 * time.Hour) // between "later" and "after"
		i := &isms.Incident{Base: isms.Base{Key: "in", Title: "They are in"}, Severity: "critical", AssetID: "db", StartedAt: began}
		w.Save(i)
		lead := w.Actor("lead", access.SecurityLead)
		c, err := w.Response.ChooseRestore(lead, "db", "in", time.Time{})
		w.Must(err)
		if c.Chosen == nil || c.Chosen.Point.Identifier != "proved" || c.TryFirst == nil || c.TryFirst.Point.Identifier != "later" || len(c.Options) != 3 || c.Options[0].Verdict != response.PointTainted {
			t.Fatalf("choice: %+v", c)
		}
		if c.LostHours != 42 || c.Minutes != 60 {
			t.Errorf("%v hours are lost, %d minutes", c.LostHours, c.Minutes)
		}
		if _, _, err := w.Response.TaintAfter(testkit.As(access.Auditor), "db", "in", time.Time{}); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("an auditor marks copies: %v", err)
		}
		if p, err := app.Of[isms.RestorePoint](w.App, isms.RestorePoints).Get(lead, c.Options[0].Point.ID); err != nil || p.Status != "unverified" {
			t.Errorf("a refused mark left %v, %v", p.Status, err)
		}
		_, n, err := w.Response.TaintAfter(lead, "db", "in", time.Time{})
		w.Must(err)
		after := w.Record(isms.RestorePoints, c.Options[0].Point.ID).(*isms.RestorePoint)
		held := w.Record(isms.RestorePoints, c.Chosen.Point.ID).(*isms.RestorePoint)
		if n != 1 || after.Status != "tainted" || after.Result == "" || after.IncidentID != i.ID || !held.Hold || held.IncidentID != i.ID {
			t.Errorf("%d marked: %+v; held %v", n, after, held.Hold)
		}
		length := w.JournalLength()
		if _, n, err := w.Response.TaintAfter(lead, "db", "in", time.Time{}); err != nil || n != 0 || w.JournalLength() != length {
			t.Errorf("marked again: %d, %v", n, err)
		}
		if _, err := w.App.Do(lead, isms.RestorePoints, held.ID, "expire", 0, kind.Input{}); err == nil {
			t.Error("the last good copy was thrown away")
		}
		list, err := w.Response.RestoreChoices(lead, "in")
		w.Must(err)
		if len(list) != 1 || list[0].Chosen == nil {
			t.Errorf("choices of the incident: %+v", list)
		}
	})
}

func TestBackupsWithoutARestoreAreFindingsUntilOneProvesThem(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w, _ := vaulted(t, s)
		w.copied("snap-1")
		out, err := w.Response.FindBackups(testkit.Machine())
		w.Must(err)
		fd := w.OneFinding()
		if out.Opened != 1 || fd.Check != "backup-unproved" || fd.Severity != isms.SeverityHigh || fd.Status != isms.FindingOpen {
			t.Fatalf("%+v: %+v", out, fd)
		}
		fed := false
		for _, r := range w.Risks() {
			fed = fed || r.Scenario == "failed-restore" && r.LossNow > 0
		}
		if !fed {
			t.Error("the finding feeds no risk of a restore that fails")
		}
		length := w.JournalLength()
		if out, err := w.Response.FindBackups(testkit.Machine()); err != nil || out.Opened != 0 || w.JournalLength() != length {
			t.Errorf("the second look wrote %d entries: %+v, %v", w.JournalLength()-length, out, err)
		}
		_, err = w.Response.ReportRestore(testkit.Machine(), response.RestoreReport{Backup: "b-db", Good: true, Minutes: 90, Result: "Complete."})
		w.Must(err)
		out, err = w.Response.FindBackups(testkit.Machine())
		w.Must(err)
		if got := w.OneFinding(); out.Resolved != 1 || got.Status != isms.FindingResolved {
			t.Errorf("after the restore: %+v, %s", out, got.Status)
		}
	})
}

func TestABackupToolCannotSayWhatNobodyMayKnowOrWrite(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w, _ := vaulted(t, s)
		tool := testkit.As(access.Contributor)
		for name, call := range map[string]struct {
			want kind.Code
			do   func() error
		}{
			"auditor": {kind.Forbidden, func() error {
				_, err := w.Response.ReportCopy(testkit.As(access.Auditor), response.CopyReport{Backup: "b-db"})
				return err
			}},
			"stranger": {kind.NotFound, func() error {
				_, err := w.Response.ReportCopy(testkit.In("ws2", access.Contributor), response.CopyReport{Backup: "b-db"})
				return err
			}},
			"future": {kind.Invalid, func() error {
				_, err := w.Response.ReportCopy(tool, response.CopyReport{Backup: "b-db", Taken: w.Clock.Now().Add(time.Hour)})
				return err
			}},
			"no words": {kind.Invalid, func() error {
				_, err := w.Response.ReportRestore(tool, response.RestoreReport{Backup: "b-db", Good: true})
				return err
			}},
			"no copy": {kind.Invalid, func() error {
				_, err := w.Response.ReportRestore(tool, response.RestoreReport{Backup: "b-db", Good: true, Result: "x"})
				return err
			}},
		} {
			if err := call.do(); kind.CodeOf(err) != call.want {
				t.Errorf("%s: %v", name, err)
			}
		}
		if l := w.backup(); !l.LastCopy.IsZero() || len(l.Points) != 0 {
			t.Error("something that was refused was written")
		}
	})
}
