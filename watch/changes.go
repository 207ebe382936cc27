package watch

import (
	"context"
	"slices"

	"holdfast/isms"
	"holdfast/kind"
)

// concerns are the fields by which a record changes what the watch does. Others, such as
// the count of hits, it writes itself.
var concerns = map[*kind.Kind][]string{
	isms.DetectionRules:   {"body", "status", "title"},
	isms.Assets:           {"address", "target", "title", "key", "lifecycle"},
	isms.EventSources:     {"format", "asset_id", "product", "service", "category", "time_zone"},
	isms.ThreatIndicators: {"status", "value", "type", "valid_until", "valid_from", "severity"},
}

// Concerns tells whether a change of a record changes what the watch does. changed is
// asked only when it matters.
func Concerns(k *kind.Kind, verb string, changed func() []kind.Change) bool {
	fields, ok := concerns[k]
	if !ok {
		return false
	}
	switch verb {
	case "create", "delete", "restore":
		return true
	case "link", "unlink":
		return false
	}
	return slices.ContainsFunc(changed(), func(c kind.Change) bool { return slices.Contains(fields, c.Field) })
}

// mostEntries is how many changes are read one by one; of more it is assumed that they
// concern us.
const mostEntries = 200

// listen finds out what other processes have changed since the last time, in the journal.
func (w *Watcher) listen(ctx context.Context) error {
	now := w.cfg.App.Now()
	if now.Sub(w.listened) < listenEvery {
		return nil
	}
	head, err := w.cfg.App.JournalHead(ctx)
	if err != nil {
		return err
	}
	known, first := w.heard, w.listened.IsZero()
	w.heard, w.listened = head, now
	if head <= known || first { // at the start everything is read anyhow
		return nil
	}
	if head-known > mostEntries {
		w.hear(isms.DetectionRules)
		w.hear(isms.ThreatIndicators)
		return nil
	}
	list, err := w.cfg.App.Recent(ctx, head+1, int(head-known))
	for _, e := range list {
		if k := w.cfg.App.Registry().Named(e.Kind); Concerns(k, e.Verb, func() []kind.Change { return e.Changes }) {
			w.hear(k)
		}
	}
	return err
}

// hear is told that records of a kind have changed.
func (w *Watcher) hear(k *kind.Kind) {
	if k != isms.ThreatIndicators {
		w.Changed()
	} else if known, ok := w.cfg.Indicators.(*Known); ok {
		known.Changed()
	}
}
