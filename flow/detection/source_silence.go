package detection

import (
	"context"
	"time"

	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
)

// silenceCheck names the weakness that a silent source is.
const silenceCheck = "silent-event-source"

// Silence looks for sources that have stopped talking and returns how many fell silent:
// each is marked, an alert is raised, and on its asset there is a weakness of
// monitoring until it talks again. The time in which nobody listened does not count.
func (f *Flow) Silence(ctx context.Context) (int, error) {
	active, err := f.sources().All(ctx, kind.Query{}.Where("status", string(isms.SourceActive)))
	if err != nil {
		return 0, err
	}
	fell := 0
	for _, s := range active {
		since, listening := f.lastHeard(s)
		quiet := f.app.Now().Sub(since)
		if !listening || quiet <= silentAfter(s) {
			continue
		}
		if err := f.app.Atomic(ctx, func(ctx context.Context) error { return f.fallSilent(ctx, s, quiet) }); err != nil {
			return fell, err
		}
		fell++
	}
	return fell, nil
}

// lastHeard is when the source was last heard, and not before we could hear it. Not
// listening: nobody here would hear it if it spoke.
func (f *Flow) lastHeard(s *isms.EventSource) (since time.Time, listening bool) {
	since = s.LastSeen
	if since.IsZero() {
		since = s.CreatedAt
	}
	if f.intake == nil {
		return since, false
	}
	if open := f.intake.Since(); open.After(since) {
		since = open
	}
	live, _ := f.intake.State(s.ID)
	if live.LastSeen.After(since) {
		since = live.LastSeen
	}
	return since, s.Transport != "import" && s.Transport != "trap"
}

func (f *Flow) fallSilent(ctx context.Context, s *isms.EventSource, quiet time.Duration) error {
	if _, err := f.app.Do(ctx, isms.EventSources, s.ID, "miss", 0, kind.Input{}); err != nil {
		return err
	}
	if _, _, err := f.RaiseAlert(ctx, Detection{
		Source: "silence", EventSourceID: s.ID, AssetID: s.AssetID, Level: "medium", At: f.app.Now(),
		Title:     s.Title + " has said nothing for " + SpanWords(quiet),
		FirstStep: "See whether the machine runs and whether its log is still sent. Until it talks again, nobody notices what happens there.",
	}); err != nil {
		return err
	}
	return f.openSilence(ctx, s, quiet)
}

func silenceKey(s *isms.EventSource) string { return flow.StableKey(silenceCheck, s.Key) }

// openSilence puts the weakness on the asset of the source, if it has one.
func (f *Flow) openSilence(ctx context.Context, s *isms.EventSource, quiet time.Duration) error {
	if s.AssetID == "" {
		return nil
	}
	v, err := f.silentWeakness(ctx)
	if err != nil {
		return err
	}
	key, now := silenceKey(s), f.app.Now()
	fd, err := f.findings.Get(ctx, key)
	if kind.CodeOf(err) == kind.NotFound {
		fd, err = &isms.Finding{Base: isms.Base{Key: key, Origin: "engine"}, AssetID: s.AssetID, VulnerabilityID: v.ID, FirstSeen: now, Check: silenceCheck, Kind: v.Type}, nil
	}
	if err != nil {
		return err
	}
	fd.Title, fd.Severity, fd.LastSeen = "No events from "+s.Title, "medium", now
	fd.Subject, fd.Fix = s.Title, "Make "+s.Title+" send again"
	fd.Detail = "The last event arrived " + SpanWords(quiet) + " ago; it counts as silent after " + SpanWords(silentAfter(s)) + "."
	if err := f.findings.Save(ctx, fd); err != nil {
		return err
	}
	if fd.Status == isms.FindingResolved {
		_, err = f.app.Do(ctx, isms.Findings, fd.ID, "reopen", 0, kind.Input{Reason: "It fell silent again."})
	}
	return err
}

func (f *Flow) silentWeakness(ctx context.Context) (*isms.Vulnerability, error) {
	v, err := f.vulnerabilities.Get(ctx, silenceCheck)
	if kind.CodeOf(err) != kind.NotFound {
		return v, err
	}
	v = &isms.Vulnerability{
		Base: isms.Base{Key: silenceCheck, Title: "Nothing is heard of a source of events", Origin: "engine"},
		Type: "monitoring", Severity: "medium", Identifier: silenceCheck, Principle: isms.Detection,
		Summary: "A log that should arrive does not. An intruder who stops it is not seen, and neither is one who comes while it is stopped.",
		Fix:     "See whether the machine runs, whether the program that sends the log does, and whether the way to Holdfast is open. Then send a line by hand.",
		Doubts:  "A machine that was retired on purpose: disable its source.",
	}
	return v, f.vulnerabilities.Save(ctx, v)
}

// endSilence resolves the weakness of a source that talks again.
func (f *Flow) endSilence(ctx context.Context, s *isms.EventSource) error {
	fd, err := f.findings.Get(ctx, silenceKey(s))
	if kind.CodeOf(err) == kind.NotFound {
		return nil
	}
	if err != nil || fd.Status == isms.FindingResolved {
		return err
	}
	_, err = f.app.Do(ctx, isms.Findings, fd.ID, "resolve", 0, kind.Input{Reason: "Events arrive again."})
	return err
}
