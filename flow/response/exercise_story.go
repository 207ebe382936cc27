package response

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"holdfast/catalog"
	"holdfast/flow"
	"holdfast/flow/prose"
	"holdfast/isms"
)

// name gathers the names of the organisation for the story, with plain words where it
// has none, and finds the playbook and the plan that are tried.
func (w *storyteller) name(e *isms.Exercise) {
	people := flow.ByID(every[isms.Person](w.s, isms.People))
	title := func(id, other string) string {
		if p := people[id]; p != nil {
			return p.Title
		}
		return other
	}
	w.names = map[string]string{
		"asset": "the most important system", "next": "a neighbouring system", "base": "the system below it", "owner": "the owner", "vendor": "the provider",
		"customer": "the largest customer", "backup": "the backup", "duty": "The authority", "hours": "72", "organisation": "the organisation",
		"lead": title(e.LeadID, "The lead"), "hour": []string{"02:10", "06:50", "11:25", "16:45", "17:40", "23:05"}[w.rand.IntN(6)],
	}
	if o := w.s.Organisation(); o != nil {
		w.names["organisation"] = o.Title
		w.names["lead"] = title(o.SecurityLeadID, w.names["lead"])
	}
	if w.asset != nil {
		w.names["asset"], w.names["base"] = w.asset.Title, w.asset.Title
		w.names["owner"] = title(w.asset.OwnerID, "the owner of "+w.asset.Title)
		w.neighbours()
	}
	w.outside()
	w.playbook(e)
}

// neighbours names what depends on the asset, what it stands on, and its copies.
func (w *storyteller) neighbours() {
	assets := flow.ByID(every[isms.Asset](w.s, isms.Assets))
	deps := slices.Clone(every[isms.AssetDependency](w.s, isms.AssetDependencies))
	slices.SortStableFunc(deps, func(a, b *isms.AssetDependency) int {
		return cmp.Or(cmp.Compare(b.Strength, a.Strength), strings.Compare(a.Key, b.Key))
	})
	technical := func(a *isms.Asset) bool {
		return a != nil && slices.Contains([]isms.AssetType{"host", "application", "service", "network", "software", "device"}, a.Type)
	}
	var below, beside []string
	for _, d := range deps {
		switch a, b := assets[d.AssetID], assets[d.NeedsID]; {
		case d.AssetID == w.asset.ID && technical(b):
			below = append(below, b.Title)
		case d.NeedsID == w.asset.ID && technical(a):
			beside = append(beside, a.Title)
		}
	}
	if len(below) > 0 && !w.order.Restore {
		w.names["base"] = below[0]
	}
	if len(beside) == 0 {
		beside = below[min(1, len(below)):]
	}
	if len(beside) > 0 {
		w.names["next"] = beside[w.rand.IntN(len(beside))]
	}
	for _, b := range every[isms.Backup](w.s, isms.Backups) {
		if w.point != nil && b.ID == w.point.BackupID || w.point == nil && b.AssetID == w.asset.ID {
			w.names["backup"] = b.Title
			break
		}
	}
}

// outside names supplier, customer and duty.
func (w *storyteller) outside() {
	vendors := slices.Clone(every[isms.Vendor](w.s, isms.Vendors))
	slices.SortStableFunc(vendors, func(a, b *isms.Vendor) int {
		return cmp.Or(cmp.Compare(b.Criticality, a.Criticality), strings.Compare(a.Key, b.Key))
	})
	if len(vendors) > 0 {
		w.names["vendor"] = vendors[w.rand.IntN(min(3, len(vendors)))].Title
	}
	parties := flow.Those(every[isms.InterestedParty](w.s, isms.InterestedParties), func(p *isms.InterestedParty) bool { return p.Category == "customers" })
	slices.SortStableFunc(parties, func(a, b *isms.InterestedParty) int {
		return cmp.Or(cmp.Compare(b.Influence, a.Influence), strings.Compare(a.Key, b.Key))
	})
	if len(parties) > 0 {
		w.names["customer"] = parties[w.rand.IntN(min(2, len(parties)))].Title
	}
	duties := flow.Those(every[isms.Obligation](w.s, isms.Obligations), func(o *isms.Obligation) bool {
		return o.Status == isms.ObligationApplies && o.NotifyHours > 0
	})
	slices.SortStableFunc(duties, func(a, b *isms.Obligation) int {
		return cmp.Or(cmp.Compare(a.NotifyHours, b.NotifyHours), strings.Compare(a.Key, b.Key))
	})
	if len(duties) > 0 {
		w.names["duty"], w.names["hours"] = duties[0].Title, strconv.Itoa(duties[0].NotifyHours)
	}
}

// playbook finds the playbook that is tried: ready ones first.
func (w *storyteller) playbook(e *isms.Exercise) {
	list := flow.Those(every[isms.Playbook](w.s, isms.Playbooks), func(p *isms.Playbook) bool { return p.Scenario == e.Category && p.Status != "retired" })
	slices.SortStableFunc(list, func(a, b *isms.Playbook) int {
		return cmp.Or(strings.Compare(string(b.Status), string(a.Status)), strings.Compare(a.Key, b.Key))
	})
	if p := flow.First(list); p != nil {
		e.PlaybookID = p.ID
	}
}

func (w *storyteller) tellAll(list []string) string {
	if w.names == nil {
		return ""
	}
	return catalog.Tell(string(bullets(list)), w.names)
}

// injects choose those of the story and as many twists as there is time for, and lay
// them out in time, phase after phase.
func (w *storyteller) injects() []*isms.ExerciseInject {
	chosen := slices.Clone(w.story.Injects)
	if common, ok := w.f.cat.Story("common"); ok && !w.order.Restore {
		want := min(max(w.order.Minutes/10, fewestInjects), mostInjects)
		for _, k := range w.rand.Perm(len(common.Twists)) {
			if len(chosen) >= want {
				break
			}
			chosen = append(chosen, common.Twists[k])
		}
	}
	slices.SortStableFunc(chosen, func(a, b catalog.Inject) int {
		return cmp.Compare(slices.Index(catalog.PlaybookPhases, a.Phase), slices.Index(catalog.PlaybookPhases, b.Phase))
	})
	var out []*isms.ExerciseInject
	step := w.order.Minutes / max(1, len(chosen))
	for n, c := range chosen {
		minute := n * step
		if n > 0 && step > 4 {
			minute += w.rand.IntN(3) - 1 // nobody can set a clock by it
		}
		title, _, _ := strings.Cut(catalog.Tell(c.News, w.names), ".")
		out = append(out, &isms.ExerciseInject{
			Base:   isms.Base{Title: prose.Cut(fmt.Sprintf("%d · %s", n+1, title), 120)},
			Minute: minute, News: isms.Markdown(catalog.Tell(c.News, w.names)), Phase: isms.IncidentPhase(c.Phase), Audience: c.To,
			Expected: isms.Markdown(w.tellAll(c.Expects)), WithinMin: c.Within,
		})
	}
	return out
}

// Criteria are the things that a prepared team does: the points of what is expected,
// else its lines.
func Criteria(i *isms.ExerciseInject) []string {
	var out []string
	for line := range strings.Lines(string(i.Expected)) {
		line = strings.TrimSpace(line)
		for _, mark := range []string{"- ", "* ", "• "} {
			line = strings.TrimPrefix(line, mark)
		}
		if line != "" && !slices.Contains(out, line) {
			out = append(out, line)
		}
	}
	return out
}
