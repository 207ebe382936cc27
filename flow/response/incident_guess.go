package response

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"holdfast/app"
	"holdfast/isms"
	"holdfast/kind"
)

// grounds are what an incident is declared on: the call, with the records that it
// names and those that can be told from them.
type grounds struct {
	call     IncidentCall
	asset    *isms.Asset   // where it began, or what suffers most
	others   []*isms.Asset // further assets that the alerts name
	worth    float64       // share of the asset in the value of all
	alerts   []*isms.Alert
	trap     *isms.Trap
	rules    []*isms.DetectionRule
	concern  *isms.Concern
	playbook *isms.Playbook
	intruder bool // the asset was taken from the address of the actor
}

// groundsOf reads the records of a call. A name that leads nowhere is an error.
func (f *Flow) groundsOf(ctx context.Context, call IncidentCall) (*grounds, error) {
	g := &grounds{call: call}
	for _, id := range call.AlertIDs {
		a, err := app.Of[isms.Alert](f.app, isms.Alerts).Get(ctx, id)
		if err != nil {
			return nil, err
		}
		g.alerts = append(g.alerts, a)
		if g.call.TrapID == "" {
			g.call.TrapID = a.TrapID
		}
		if a.RuleID != "" {
			r, err := app.Of[isms.DetectionRule](f.app, isms.DetectionRules).Get(ctx, a.RuleID)
			if err != nil {
				return nil, err
			}
			g.rules = append(g.rules, r)
		}
	}
	if err := f.readTrapAndConcern(ctx, g); err != nil {
		return nil, err
	}
	if g.call.PlaybookID != "" {
		p, err := app.Of[isms.Playbook](f.app, isms.Playbooks).Get(ctx, g.call.PlaybookID)
		if err != nil {
			return nil, err
		}
		g.playbook = p
	}
	return g, f.findAssets(ctx, g)
}

func (f *Flow) readTrapAndConcern(ctx context.Context, g *grounds) (err error) {
	if g.call.TrapID != "" {
		if g.trap, err = app.Of[isms.Trap](f.app, isms.Traps).Get(ctx, g.call.TrapID); err != nil {
			return err
		}
	}
	if g.call.ConcernID != "" {
		if g.concern, err = app.Of[isms.Concern](f.app, isms.Concerns).Get(ctx, g.call.ConcernID); err != nil {
			return err
		}
	}
	return nil
}

// findAssets tells which asset the incident is about. The one that is named comes
// first; then one of ours from whose address the actor came, for it is taken; then
// those of the alerts and of the trap.
func (f *Flow) findAssets(ctx context.Context, g *grounds) error {
	ours, err := f.assets.All(ctx, kind.Query{})
	if err != nil {
		return err
	}
	byID, total := map[string]*isms.Asset{}, 0.0
	for _, a := range ours {
		byID[a.ID] = a
		total += max(a.Value.Mid(), 0)
		if g.call.AssetID != "" && (a.ID == g.call.AssetID || a.Key == g.call.AssetID) {
			g.asset = a
		}
	}
	if g.call.AssetID != "" && g.asset == nil {
		return kind.Fieldf("asset_id", "there is no asset %q", g.call.AssetID)
	}
	for _, a := range g.alerts {
		if home := assetAt(ours, a.Actor); home != nil {
			g.intruder = g.intruder || g.asset == nil
			g.add(home)
		}
	}
	for _, a := range g.alerts {
		g.add(byID[a.AssetID])
	}
	if g.trap != nil {
		g.add(byID[g.trap.AssetID])
	}
	if g.asset == nil && len(g.alerts) == 0 && g.trap == nil {
		g.add(mentioned(ours, g.call.Title))
	}
	if g.asset != nil && total > 0 {
		g.worth = max(g.asset.Value.Mid(), 0) / total
	}
	return nil
}

// add takes an asset in: the first is the one that the incident is about.
func (g *grounds) add(a *isms.Asset) {
	switch {
	case a == nil || g.asset != nil && g.asset.ID == a.ID:
	case g.asset == nil:
		g.asset = a
	case !slices.ContainsFunc(g.others, func(o *isms.Asset) bool { return o.ID == a.ID }):
		g.others = append(g.others, a)
	}
}

// assetAt is the asset that has the address; nil when it is none of ours.
func assetAt(ours []*isms.Asset, address string) *isms.Asset {
	if address == "" {
		return nil
	}
	for _, a := range ours {
		if hasAddress(a, address) {
			return a
		}
	}
	return nil
}

func hasAddress(a *isms.Asset, address string) bool {
	for _, own := range append(strings.FieldsFunc(a.Address, func(r rune) bool { return r == ' ' || r == ',' || r == ';' }), a.Target) {
		if own != "" && strings.EqualFold(own, address) {
			return true
		}
	}
	return false
}

// mentioned is the asset whose name stands in the text; the longest name wins.
func mentioned(ours []*isms.Asset, text string) (found *isms.Asset) {
	text = " " + strings.ToLower(text) + " "
	longest := 3
	for _, a := range ours {
		for _, name := range []string{a.Title, a.Key, a.Target} {
			if len(name) > longest && strings.Contains(text, strings.ToLower(name)) {
				found, longest = a, len(name)
			}
		}
	}
	return found
}

func (g *grounds) assetID() string {
	if g.asset == nil {
		return ""
	}
	return g.asset.ID
}

func (g *grounds) assetIDs() (ids []string) {
	if g.asset != nil {
		ids = append(ids, g.asset.ID)
	}
	for _, a := range g.others {
		ids = append(ids, a.ID)
	}
	return ids
}

func (g *grounds) title() string {
	switch {
	case strings.TrimSpace(g.call.Title) != "":
		return strings.TrimSpace(g.call.Title)
	case len(g.alerts) > 0:
		return g.alerts[0].Title
	case g.trap != nil:
		return "Somebody touched the trap " + g.trap.Title
	case g.concern != nil:
		return g.concern.Title
	}
	return ""
}

// started is when the first event of the alerts happened, as far as one knows.
func (g *grounds) started() time.Time {
	t := g.call.StartedAt
	for _, a := range g.alerts {
		if t.IsZero() || !a.FirstSeen.IsZero() && a.FirstSeen.Before(t) {
			t = a.FirstSeen
		}
	}
	return t
}

// detected is when the first sign was noticed: when the first alert was raised, or
// somebody reported it; now when nothing tells.
func (g *grounds) detected(now time.Time) time.Time {
	t := g.call.DetectedAt
	if t.IsZero() && g.concern != nil {
		t = g.concern.CreatedAt
	}
	for _, a := range g.alerts {
		if t.IsZero() || a.CreatedAt.Before(t) {
			t = a.CreatedAt
		}
	}
	if t.IsZero() || t.After(now) {
		return now
	}
	return t
}

func (g *grounds) techniques() (all []string) {
	for _, a := range g.alerts {
		all = append(all, a.Techniques...)
	}
	if g.trap != nil {
		all = append(all, g.trap.Techniques...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// categoryOfTechnique tells of what kind an incident is in which a technique of
// MITRE ATT&CK was seen. The first that fits wins, so the gravest stand first.
var categoryOfTechnique = []struct {
	prefix   string
	category isms.IncidentType
}{
	{"T1486", "ransomware"}, {"T1490", "ransomware"}, {"T1498", "denial_of_service"}, {"T1499", "denial_of_service"},
	{"T1195", "supplier_breach"}, {"T1199", "supplier_breach"}, {"T1528", "cloud_key_leak"}, {"T1552", "cloud_key_leak"},
	{"T1041", "data_leak"}, {"T1048", "data_leak"}, {"T1567", "data_leak"}, {"T1114", "mail_compromise"},
	{"T1190", "web_compromise"}, {"T1505", "web_compromise"}, {"T1566", "phishing"}, {"T1110", "phishing"}, {"T1078", "phishing"},
	{"T1059", "malware"}, {"T1204", "malware"}, {"T1543", "malware"}, {"T1547", "malware"},
}

// categoryOfWord tells it from the words of people.
var categoryOfWord = []struct {
	words    []string
	category isms.IncidentType
}{
	{[]string{"ransom", "encrypted files", "files are encrypted", "decrypt"}, "ransomware"},
	{[]string{"phish", "password", "credential", "brute force", "sign-in", "log-in", "login"}, "phishing"},
	{[]string{"invoice", "payment", "bank detail", "mailbox", "chief executive"}, "mail_compromise"},
	{[]string{"lost", "stolen laptop", "stolen phone", "theft", "left in the train"}, "lost_device"},
	{[]string{"denial of service", "ddos", "flood", "overload"}, "denial_of_service"},
	{[]string{"access key", "api key", "secret in", "token leaked", "leaked key"}, "cloud_key_leak"},
	{[]string{"web shell", "webshell", "sql injection", "defaced", "web site", "website"}, "web_compromise"},
	{[]string{"leak", "wrong recipient", "published", "exposed data", "exfiltrat"}, "data_leak"},
	{[]string{"supplier", "vendor", "provider"}, "supplier_breach"},
	{[]string{"zero-day", "zero day", "cve-"}, "zero_day"},
	{[]string{"insider", "former employee"}, "insider"},
	{[]string{"malware", "virus", "trojan", "backdoor", "miner"}, "malware"},
	{[]string{"break-in", "burglar", "intruder in the building", "badge"}, "physical"},
	{[]string{"outage", "disk", "power", "failure", "down"}, "failure"},
	{[]string{"mistake", "by accident", "deleted"}, "mistake"},
}

// category is what was named, else what the trap, the playbook, the techniques and
// at last the words say.
func (g *grounds) category() isms.IncidentType {
	switch {
	case g.call.Category != "":
		return g.call.Category
	case g.trap != nil:
		return "trap_hit"
	case g.playbook != nil && g.playbook.Scenario != "":
		return g.playbook.Scenario
	}
	seen := g.techniques()
	for _, c := range categoryOfTechnique {
		if slices.ContainsFunc(seen, func(t string) bool { return strings.HasPrefix(t, c.prefix) }) {
			return c.category
		}
	}
	text := strings.ToLower(g.title() + " " + string(g.call.Summary))
	if g.concern != nil {
		text += " " + strings.ToLower(string(g.concern.What))
	}
	for _, c := range categoryOfWord {
		if slices.ContainsFunc(c.words, func(w string) bool { return strings.Contains(text, w) }) {
			return c.category
		}
	}
	return "other"
}

// playbookFor chooses what to follow: what was named, else that of the trap, else
// that of a rule, else the newest one that is ready for the category.
func (f *Flow) playbookFor(ctx context.Context, g *grounds, category isms.IncidentType) (*isms.Playbook, error) {
	if g.playbook != nil {
		return g.playbook, nil
	}
	playbooks := app.Of[isms.Playbook](f.app, isms.Playbooks)
	named := []string{}
	if g.trap != nil {
		named = append(named, g.trap.PlaybookID)
	}
	for _, r := range g.rules {
		named = append(named, r.PlaybookID)
	}
	for _, id := range named {
		if id == "" {
			continue
		}
		p, err := playbooks.Get(ctx, id)
		if err != nil && kind.CodeOf(err) != kind.NotFound {
			return nil, err
		}
		if err == nil && p.DeletedAt.IsZero() && p.Status != "retired" {
			return p, nil
		}
	}
	list, err := playbooks.List(ctx, kind.Query{Limit: 1, Sort: "-updated_at"}.Where("scenario", string(category)).Where("status", "ready"))
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

// ofAsset is how bad it is when something happens to the asset: by its criticality,
// else by its share in the value of everything we have.
func (g *grounds) ofAsset() isms.Severity {
	if g.asset == nil {
		return ""
	}
	switch c := g.asset.Criticality; {
	case c >= 5 || c == 0 && g.worth >= 0.25:
		return isms.SeverityCritical
	case c == 4 || c == 0 && g.worth >= 0.10:
		return isms.SeverityHigh
	case c == 3 || c == 0 && g.worth >= 0.02:
		return isms.SeverityMedium
	case c > 0 || g.worth > 0:
		return isms.SeverityLow
	}
	return ""
}

// ofSigns is how bad the signs are by themselves.
func (g *grounds) ofSigns() isms.Severity {
	worst := isms.Severity("")
	for _, a := range g.alerts {
		worst = worstSeverity(worst, a.Severity)
	}
	if g.trap != nil {
		worst = worstSeverity(worst, cmp.Or(g.trap.Level, isms.SeverityHigh))
	}
	if worst == "" && g.playbook != nil {
		worst = g.playbook.Severity
	}
	return worst
}

// severity is what was named, else the middle between how bad the signs are and how
// much the asset matters, rounded up; medium when nothing tells.
func (g *grounds) severity() isms.Severity {
	if g.call.Severity != "" {
		return g.call.Severity
	}
	signs, asset := severityRank(g.ofSigns()), severityRank(g.ofAsset())
	switch {
	case signs > 0 && asset > 0:
		return severities[max((signs+asset+1)/2, severityRank(isms.SeverityLow))]
	case signs > 0 || asset > 0:
		return severities[max(signs, asset, severityRank(isms.SeverityLow))]
	}
	return isms.SeverityMedium
}

// because says in a sentence or two how what was not named came about.
func (g *grounds) because() string {
	var parts []string
	if g.call.Severity == "" {
		parts = append(parts, g.severityWhy())
	}
	switch {
	case g.intruder && g.asset != nil:
		parts = append(parts, "The actor came from the address of "+g.asset.Title+", so that is taken to be where they are.")
	case g.call.AssetID == "" && g.asset != nil:
		parts = append(parts, "The asset is the one that the signs name.")
	}
	if g.call.Category == "" {
		parts = append(parts, fmt.Sprintf("The category %s is a guess from %s.", strings.ToLower(isms.Incidents.Field("category").Choice(string(g.category())).Label), g.categorySource()))
	}
	if g.call.PlaybookID == "" && g.playbook != nil {
		parts = append(parts, "The playbook "+g.playbook.Title+" fits it.")
	}
	return strings.Join(parts, " ")
}

func (g *grounds) categorySource() string {
	switch {
	case g.trap != nil:
		return "the trap"
	case len(g.techniques()) > 0:
		return "the techniques that were seen"
	}
	return "the words"
}

func (g *grounds) severityWhy() string {
	signs, asset := g.ofSigns(), g.ofAsset()
	switch {
	case signs != "" && asset != "":
		return fmt.Sprintf("Severity %s lies between the signs (%s) and the worth of %s (%s).", g.severity(), signs, g.asset.Title, asset)
	case asset != "":
		return fmt.Sprintf("Severity %s follows from the worth of %s.", g.severity(), g.asset.Title)
	case signs != "":
		return fmt.Sprintf("Severity %s follows from the signs; no asset with a known worth is named.", g.severity())
	}
	return "Severity medium, because neither signs nor an asset with a known worth say more."
}
