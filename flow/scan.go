package flow

import (
	"context"
	"time"

	"holdfast/engine"
	"holdfast/engine/configcheck"
	"holdfast/engine/vulnmatch"
	"holdfast/feed"
)

// Engines is the one list of engines that look at a target. Inventory is not among
// them: it makes the target that they look at.
func Engines(advisories *feed.Index) []engine.Engine {
	return []engine.Engine{
		configcheck.New(),
		vulnmatch.New(advisories),
	}
}

// KnownChecks are all checks that explain themselves.
func KnownChecks() []engine.Check { return configcheck.Checks() }

// Look runs every engine that can say something about the target. A bill of
// materials has no file system to check the configuration of.
func Look(ctx context.Context, t *engine.Target, advisories *feed.Index, now func() time.Time, tell engine.Progress) []engine.Run {
	var able []engine.Engine
	for _, e := range Engines(advisories) {
		if e.Name() == "configcheck" && t.FS == nil {
			continue
		}
		able = append(able, e)
	}
	return engine.RunAll(ctx, able, t, now, tell)
}
