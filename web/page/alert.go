package page

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"holdfast/access"
	"holdfast/flow/detection"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/web"
	"holdfast/web/ui"
)

// seesAlerts: whoever may read all alerts with what they are about.
func seesAlerts(a access.Actor) bool {
	return web.MayRead(isms.Alerts, isms.Assets, isms.DetectionRules, isms.Incidents)(a)
}

// inboxShown is how many alerts the inbox takes in at once; the list has the rest.
const inboxShown = 500

// alertViews are the parts of the inbox. The first is what waits.
var alertViews = []struct {
	name, label string
	states      []string
}{
	{"", "Open", []string{"new", "acknowledged", "escalated"}},
	{"new", "Nobody looks yet", []string{"new"}},
	{"mine", "Mine", []string{"acknowledged", "escalated"}},
	{"suppressed", "Suppressed", []string{"suppressed"}},
	{"closed", "Closed", []string{"closed"}},
}

// An inboxView is the page.
type inboxView struct {
	*web.Request
	figures
	view    int // of alertViews
	query   kind.Query
	stories []*detection.Story
	shown   int
	total   int64
	titles  map[string]string // of assets, by id
	counts  map[string]int64  // of new alerts, by severity
	watch   *WatchFigures     // nil: nothing is known
}

// inbox shows alerts by story, worst first.
func (c Config) inbox(r *web.Request) error {
	v := &inboxView{Request: r, figures: figures{r.Format}}
	v.view = slices.IndexFunc(alertViews, func(x struct {
		name, label string
		states      []string
	}) bool {
		return x.name == r.URL.Query().Get("show")
	})
	if v.view < 0 {
		return kind.Fieldf("show", "is new, mine, suppressed or closed")
	}
	if err := v.read(c); err != nil {
		return err
	}
	r.Wide()
	return r.Render("Alert inbox", inboxBody(v))
}

func (v *inboxView) read(c Config) error {
	q := kind.Query{Sort: "-last_seen", Limit: inboxShown, Count: true, Search: v.URL.Query().Get("q")}.Where("status", alertViews[v.view].states...)
	if alertViews[v.view].name == "mine" {
		q = q.Where("owner_id", v.Actor.ID)
	}
	if s := v.URL.Query()["severity"]; len(s) > 0 {
		q = q.Where("severity", s...)
	}
	v.query = q
	if err := q.Check(isms.Alerts); err != nil {
		return err
	}
	page, err := v.App().List(v.Ctx(), isms.Alerts, q)
	if err != nil {
		return err
	}
	var list []*isms.Alert
	for _, rec := range page.Records {
		list = append(list, rec.(*isms.Alert))
	}
	v.shown, v.total = len(list), page.Total
	if v.stories, err = c.Detection.Stories(v.Ctx(), list); err != nil {
		return err
	}
	if v.titles, err = assetTitles(v.Request, list); err != nil {
		return err
	}
	if v.counts, err = v.countNew(); err != nil || c.Watch == nil {
		return err
	}
	v.watch, err = c.Watch(v.Ctx())
	return err
}

// assetTitles names the assets of alerts.
func assetTitles(r *web.Request, list []*isms.Alert) (map[string]string, error) {
	var ids []string
	for _, a := range list {
		if a.AssetID != "" {
			ids = append(ids, a.AssetID)
		}
	}
	slices.Sort(ids)
	found, err := r.App().Many(r.Ctx(), isms.Assets, slices.Compact(ids))
	titles := map[string]string{}
	for id, rec := range found {
		titles[id] = rec.GetBase().Title
	}
	return titles, err
}

// countNew counts the alerts that nobody looks at yet, by severity.
func (v *inboxView) countNew() (map[string]int64, error) {
	groups, err := v.App().Groups(v.Ctx(), isms.Alerts, kind.Query{}.Where("status", string(isms.AlertNew)), "severity", 10)
	counts := map[string]int64{}
	for _, g := range groups {
		counts[g.Value] = g.Count
	}
	return counts, err
}

// address is that of the inbox with some parameters set.
func (v *inboxView) address(pairs ...string) string {
	q := url.Values{}
	for _, name := range []string{"show", "q", "severity"} {
		if list := v.URL.Query()[name]; len(list) > 0 && list[0] != "" {
			q[name] = list
		}
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Del(pairs[i])
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return "/inbox"
	}
	return "/inbox?" + q.Encode()
}

func (v *inboxView) tabs() []ui.TabItem {
	var items []ui.TabItem
	for i, x := range alertViews {
		items = append(items, ui.TabItem{Label: x.label, Href: v.address("show", x.name), Current: i == v.view})
	}
	return items
}

func (v *inboxView) filter() ui.FilterBarProps {
	f := ui.Facet{Label: "Severity"}
	chosen := v.URL.Query()["severity"]
	for _, s := range severities {
		active := slices.Contains(chosen, s)
		href := v.address("severity", s)
		if active {
			href = v.address("severity", "")
		}
		f.Values = append(f.Values, ui.FacetValue{Label: kind.Humanise(s), Count: -1, Href: href, Active: active})
	}
	p := ui.FilterBarProps{Action: "/inbox", Query: v.query.Search, Placeholder: "Search alerts", Facets: []ui.Facet{f}}
	for _, name := range []string{"show", "severity"} {
		for _, value := range v.URL.Query()[name] {
			p.Keep = append(p.Keep, ui.Hidden{Name: name, Value: value})
		}
	}
	if v.filtered() {
		p.ClearURL = v.address("q", "", "severity", "")
	}
	return p
}

func (v *inboxView) filtered() bool {
	return v.query.Search != "" || len(v.URL.Query()["severity"]) > 0
}

func (v *inboxView) nothing() ui.EmptyProps {
	if v.filtered() {
		return ui.EmptyProps{Icon: "search", Title: "No alert fits", Text: "Take a filter away, or search for something else.", Actions: ui.Button(ui.ButtonProps{Label: "Show all", Href: v.address("q", "", "severity", "")})}
	}
	if v.view != 0 {
		return ui.EmptyProps{Icon: "bell", Title: "Nothing here"}
	}
	return ui.EmptyProps{Icon: "success", Title: "Nothing rings", Text: "Alerts of rules, traps and indicators arrive here, the gravest first. Whether anything could ring is another question: see what is watched.",
		Actions: ui.Button(ui.ButtonProps{Label: "Detection rules", Href: "/detection-rules"})}
}

// pick is the value of the box that selects a story: the ids of its alerts.
func pick(s *detection.Story) string {
	var ids []string
	for _, a := range s.Alerts {
		ids = append(ids, a.ID)
	}
	return strings.Join(ids, ",")
}

// where is the place of an alert in words.
func (v *inboxView) where(a *isms.Alert) string { return v.titles[a.AssetID] }

// actors are the different actors of a story, the first few by name.
func actors(s *detection.Story) string {
	var names []string
	for _, a := range s.Alerts {
		if a.Actor != "" && !slices.Contains(names, a.Actor) {
			names = append(names, a.Actor)
		}
	}
	if len(names) > 3 {
		return strings.Join(names[:3], ", ") + " …"
	}
	return strings.Join(names, ", ")
}

// alertStage is the state of an alert as a shape.
func alertStage(s isms.AlertStatus) ui.Stage {
	switch s {
	case isms.AlertNew:
		return ui.Waiting
	case isms.AlertAcknowledged, isms.AlertEscalated:
		return ui.Doing
	case isms.AlertClosed:
		return ui.Done
	}
	return ui.Stopped
}

// decideAlerts takes what was selected, alerts and whole stories, to the page of the
// action, which asks for what it needs and runs it over all of them.
func (c Config) decideAlerts(r *web.Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	to := url.Values{"back": {"/inbox"}}
	for _, picked := range append(form["story"], form["alert"]...) {
		for id := range strings.SplitSeq(picked, ",") {
			if id != "" && !slices.Contains(to["id"], id) {
				to.Add("id", id)
			}
		}
	}
	if len(to["id"]) == 0 {
		return r.Redirect("/inbox", ui.ToastProps{Text: "Select some alerts first.", Tone: ui.Attention})
	}
	http.Redirect(r.W, r.Request, "/alerts/bulk?"+to.Encode(), http.StatusTemporaryRedirect) // a POST goes on as a POST
	return nil
}

// ring answers what rang since the inbox was opened. It is asked every other second.
func (c Config) ring(r *web.Request) error {
	since, err := kind.ParseTime(r.URL.Query().Get("since"))
	if err != nil {
		return kind.Fieldf("since", "is no time")
	}
	page, err := r.App().List(r.Ctx(), isms.Alerts, kind.Query{Sort: "-created_at", Limit: 20}.Where("status", string(isms.AlertNew), string(isms.AlertEscalated)).
		With("first_seen", kind.AtLeast, kind.FormatTime(since.Add(-ringSlack))))
	if err != nil {
		return err
	}
	v := &inboxView{Request: r, figures: figures{r.Format}}
	var fresh []*isms.Alert
	for _, rec := range page.Records {
		if a := rec.(*isms.Alert); a.CreatedAt.After(since) {
			fresh = append(fresh, a)
		}
	}
	return r.RenderPart(freshAlerts(v, fresh, kind.FormatTime(since)))
}

// ringSlack is how much earlier than its alert an event may have happened and still be
// noticed as new on a page that stands open.
const ringSlack = 24 * time.Hour

// now is the time that the page was made.
func (v *inboxView) now() string { return kind.FormatTime(v.Request.Now().UTC()) }
