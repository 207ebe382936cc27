package detection

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"holdfast/catalog"
	"holdfast/flow"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// A TrapSuggestion is a place where a trap would pay: on a way that an attacker has to
// take, or in a zone in which nothing waits.
type TrapSuggestion struct {
	ID         string        `json:"id"` // stable: the same place tomorrow
	Type       isms.TrapType `json:"type"`
	Title      string        `json:"title"`
	Zone       string        `json:"zone"`
	AssetID    string        `json:"asset_id,omitempty"`
	Asset      string        `json:"asset,omitempty"`
	Before     []flow.Named  `json:"before"` // to what the way leads
	Why        string        `json:"why"`
	Placement  string        `json:"placement"`
	Techniques []string      `json:"techniques"`
	Score      float64       `json:"score"` // 0 to 100 against the best

	raw float64
}

// How suggestions are computed. A door is what leads to an asset: what uses it, and what
// it runs on, stores in, signs in with or is managed by. Each step away from a crown
// jewel halves what a trap is worth there; a trap that waits in the zone halves it again.
const (
	doorSteps      = 3
	maxSuggestions = 10
)

// holds are the natures of a dependency by which whoever has the other has the asset.
var holds = []isms.DependencyNature{"runs_on", "stores_in", "signs_in_with", "managed_by", "restored_from", "contains"}

// suggestTraps lists where traps would pay, best first.
func (s *survey) suggestTraps(m *TrapMap) []TrapSuggestion {
	assets := flow.ByID(every[isms.Asset](s, isms.Assets))
	deps := every[isms.AssetDependency](s, isms.AssetDependencies)
	traps := every[isms.Trap](s, isms.Traps)
	if s.Err != nil {
		return nil
	}
	taken, waits := map[string]bool{}, map[string]bool{}
	for _, t := range traps {
		if t.Status != isms.TrapDisarmed {
			taken[t.AssetID] = true
		}
	}
	for _, z := range m.Zones {
		waits[z.Name] = !z.Blind
	}
	var list []TrapSuggestion
	doors := doorsOf(assets, deps)
	for id, d := range doors {
		a := assets[id]
		if a == nil || taken[id] || !baitable(a) {
			continue
		}
		if a.Zone != "" && waits[a.Zone] {
			d.worth /= 2
		}
		list = append(list, suggestOn(a, d, assets))
	}
	for _, z := range m.Zones {
		if z.Blind && z.Name != "" {
			list = append(list, suggestZone(z, assets, doors))
		}
	}
	return rankSuggestions(list)
}

func rankSuggestions(list []TrapSuggestion) []TrapSuggestion {
	slices.SortFunc(list, func(a, b TrapSuggestion) int { return cmp.Or(cmp.Compare(b.raw, a.raw), cmp.Compare(a.ID, b.ID)) })
	list = list[:min(len(list), maxSuggestions)]
	for i := range list {
		if list[0].raw > 0 {
			list[i].Score = 100 * list[i].raw / list[0].raw
		}
	}
	return list
}

// baitable tells whether something can be laid on an asset.
func baitable(a *isms.Asset) bool {
	return a.Lifecycle != "disposed" && a.Lifecycle != "planned" && baitFor(a) != ""
}

// A doorway is an asset on ways to crown jewels.
type doorway struct {
	worth  float64
	jewels []string // ids, those that count most first
}

// doorsOf finds the assets on the ways to the crown jewels, and the jewels themselves.
func doorsOf(assets map[string]*isms.Asset, deps []*isms.AssetDependency) map[string]doorway {
	leads := map[string][]string{}
	for _, d := range deps {
		leads[d.NeedsID] = append(leads[d.NeedsID], d.AssetID)
		if slices.Contains(holds, d.Nature) {
			leads[d.AssetID] = append(leads[d.AssetID], d.NeedsID)
		}
	}
	doors := map[string]doorway{}
	for _, j := range jewels(assets) {
		seen, front := map[string]bool{j.ID: true}, []string{j.ID}
		worth := jewelWorth(j)
		for step := 0; step <= doorSteps && len(front) > 0; step++ {
			var next []string
			for _, id := range front {
				d := doors[id]
				d.worth += worth
				d.jewels = append(d.jewels, j.ID)
				doors[id] = d
				for _, to := range leads[id] {
					if !seen[to] {
						seen[to] = true
						next = append(next, to)
					}
				}
			}
			front, worth = next, worth/2
		}
	}
	return doors
}

// jewels are the crown jewels, worthiest first.
func jewels(assets map[string]*isms.Asset) []*isms.Asset {
	var list []*isms.Asset
	for _, a := range assets {
		if a.Criticality >= flow.CrownLevel && a.Lifecycle != "disposed" {
			list = append(list, a)
		}
	}
	slices.SortFunc(list, func(a, b *isms.Asset) int {
		return cmp.Or(cmp.Compare(jewelWorth(b), jewelWorth(a)), cmp.Compare(a.ID, b.ID))
	})
	return list
}

// jewelWorth is the value of an asset, weighed by how critical it is. One without a value
// counts by its criticality alone.
func jewelWorth(a *isms.Asset) float64 {
	return (1 + flow.Mean(a.Value)) * float64(max(a.Criticality, 1)) / 5
}

// baitFor is the trap that fits on an asset; empty: none does.
func baitFor(a *isms.Asset) isms.TrapType {
	name := strings.ToLower(a.Title + " " + a.Platform)
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(name, w) })
	}
	switch a.Type {
	case "data_set":
		return "database_row"
	case "host", "device":
		if has("windows") {
			return "hidden_file"
		}
		return "ssh_key"
	case "supplier_service":
		if has("cloud", "aws", "azure", "hosting") {
			return "cloud_key"
		}
		if has("mail", "office", "share", "file") {
			return "document"
		}
		return "api_token"
	case "application", "service":
		switch {
		case has("identity", "sign-in", "login", "mail"):
			return "page_clone"
		case has("kubernetes", "cluster"):
			return "kubeconfig"
		}
		return "api_token"
	case "software":
		return "api_token"
	case "network":
		return "smb"
	case "facility":
		return "qr_code"
	}
	return ""
}

// placements say where bait of a type lies best.
var placements = map[isms.TrapType]string{
	"ssh_key": "In the .ssh folder of a service account on it, trusted by no server.", "hidden_file": "In the home folder of an administrator on it.",
	"database_row": "As a row among the others, of a person who does not exist.", "cloud_key": "As a profile in the settings of an account that can reach it.",
	"document": "In a shared folder where only somebody who looks for more would open it.", "api_token": "In a file of settings beside the code.",
	"page_clone": "As a script in the sign-in page.", "kubeconfig": "As .kube/config of an account that runs no cluster.", "qr_code": "On a label inside the cabinet.",
	"smb": "On an unused address beside the real servers.", "ssh": "On an unused address beside the real servers.",
}

// suggestOn proposes a trap on an asset.
func suggestOn(a *isms.Asset, d doorway, assets map[string]*isms.Asset) TrapSuggestion {
	t := baitFor(a)
	s := TrapSuggestion{ID: flow.StableKey("on", a.Key, string(t)), Type: t, AssetID: a.ID, Asset: a.Title, Zone: a.Zone, Placement: placements[t], raw: d.worth}
	s.Title = prose.Cut(typeLabel(t)+" on "+a.Title, 200)
	for _, id := range d.jewels[:min(len(d.jewels), 3)] {
		s.Before = append(s.Before, flow.NamedOf("asset", &assets[id].Base, ""))
	}
	switch own := a.Criticality >= flow.CrownLevel; {
	case own && len(d.jewels) == 1:
		s.Why = "It is a crown jewel itself: whoever takes it takes the bait with it."
	case own:
		s.Why = fmt.Sprintf("It is a crown jewel itself, and on the way to %s.", prose.Plural(len(d.jewels)-1, "other", "others"))
	default:
		s.Why = fmt.Sprintf("It is on the way to %s: whoever goes there comes past.", prose.Plural(len(d.jewels), "crown jewel", "crown jewels"))
	}
	s.Techniques = wouldNotice(t)
	return s
}

// suggestZone proposes a decoy in a zone in which nothing waits. It is worth as much as
// the best door in the zone: whoever looks around on the way to it meets the decoy.
func suggestZone(z TrapZone, assets map[string]*isms.Asset, doors map[string]doorway) TrapSuggestion {
	t, worth := isms.TrapType("ssh"), 0.0
	for id, a := range assets {
		if a.Zone != z.Name {
			continue
		}
		worth = max(worth, jewelWorth(a), doors[id].worth)
		if strings.Contains(strings.ToLower(a.Platform), "windows") {
			t = "smb"
		}
	}
	return TrapSuggestion{
		ID: flow.StableKey("zone", z.Name, string(t)), Type: t, Title: prose.Cut(typeLabel(t)+" in the zone "+z.Name, 200), Zone: z.Name, Before: z.Crown[:min(len(z.Crown), 3)],
		Why:       fmt.Sprintf("Nothing waits in this zone, in which %s: an intruder who looks around would not be noticed.", prose.Plural(z.Assets, "asset lies", "assets lie")),
		Placement: placements[t], Techniques: wouldNotice(t), raw: worth,
	}
}

func wouldNotice(t isms.TrapType) []string {
	table, err := catalog.LoadAttack()
	if err != nil {
		return nil // the catalogue is checked when it is loaded
	}
	return table.Notices(string(t))
}

func typeLabel(t isms.TrapType) string { return trapNames([]string{string(t)})[0] }

// PlanTrap makes a planned trap of a suggestion. What was planned before is returned as
// it is. The actor needs the right to write traps.
func (f *Flow) PlanTrap(ctx context.Context, suggestion string) (*isms.Trap, error) {
	key := flow.StableKey("trap", suggestion)
	trap, err := f.traps().Get(ctx, key)
	if err == nil && trap.DeletedAt.IsZero() || err != nil && kind.CodeOf(err) != kind.NotFound {
		return trap, err
	}
	m, err := f.TrapMap(ctx)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(m.Suggestions, func(s TrapSuggestion) bool { return s.ID == suggestion })
	if at < 0 {
		return nil, kind.Errorf(kind.NotFound, "there is no suggestion %q any more; look at the map again", suggestion)
	}
	s := m.Suggestions[at]
	trap = &isms.Trap{
		Base: isms.Base{Key: key, Title: s.Title}, Type: s.Type, Status: isms.TrapPlanned, AssetID: s.AssetID, Zone: s.Zone, Level: isms.SeverityHigh,
		Placement: isms.Markdown(s.Placement + " " + s.Why), Techniques: s.Techniques,
	}
	if trap.PlaybookID, err = f.trapPlaybook(ctx); err != nil {
		return nil, err
	}
	return trap, f.app.Atomic(ctx, func(ctx context.Context) error {
		if err := f.app.SaveBecause(ctx, trap, s.Why); err != nil {
			return err
		}
		for _, n := range s.Before {
			if n.ID == s.AssetID {
				continue
			}
			if err := f.app.Link(ctx, isms.Traps, trap.ID, "stands before", n.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// trapPlaybook is the playbook for a trap that was touched; empty: there is none.
func (f *Flow) trapPlaybook(ctx context.Context) (string, error) {
	page, err := f.app.List(ctx, isms.Playbooks, kind.Query{Limit: 1, Sort: "-updated_at"}.Where("scenario", "trap_hit").Where("status", "ready"))
	if err != nil || len(page.Records) == 0 {
		return "", err
	}
	return page.Records[0].GetBase().ID, nil
}
