package web

import (
	"net/url"
	"slices"
	"strings"

	"holdfast/access"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/web/ui"
)

// unlisted kinds are reached from the record they belong to, or by search; the
// menu would only be longer with them.
var unlisted = []string{
	"acknowledgement", "asset_dependency", "assignment", "attachment", "audit_check", "comment", "document", "document_version",
	"exercise_inject", "incident_action", "measurement", "passkey", "plan_message", "playbook_step", "recovery_target",
	"requirement_mapping", "restore_point", "root_cause", "saved_view",
}

var groupNames = map[kind.Group]string{
	kind.Govern: "Govern", kind.Identify: "Identify", kind.Protect: "Protect", kind.Detect: "Detect",
	kind.Respond: "Respond", kind.Improve: "Improve", kind.System: "System",
}

// GroupName is the name of a part of the menu.
func GroupName(g kind.Group) string { return groupNames[g] }

func groupIcon(g kind.Group) string {
	if g == kind.System {
		return "settings"
	}
	return string(g)
}

// nav is the menu as the actor may see it: workbenches first, then registers.
func (r *Request) nav() []ui.NavGroup {
	groups := []ui.NavGroup{{Label: "Home", Icon: "home", Href: "/"}}
	for _, p := range r.Site.menu {
		if p.Tasks && p.allows(r.Actor) {
			groups = append(groups, ui.NavGroup{Label: p.Title, Icon: p.Icon, Href: pathOf(p.Pattern), Count: r.badge(p)})
		}
	}
	for _, g := range kind.Groups {
		group := ui.NavGroup{Label: groupNames[g], Icon: groupIcon(g)}
		for _, p := range r.Site.menu {
			if p.Group == g && p.allows(r.Actor) {
				group.Items = append(group.Items, ui.NavItem{Label: p.Title, Href: pathOf(p.Pattern), Workbench: true, Count: r.badge(p)})
			}
		}
		for _, k := range r.App().Registry().In(g) {
			if !slices.Contains(unlisted, k.Name) && r.MaySome(kind.Read, k) && !listed(group.Items, "/"+k.Plural) {
				group.Items = append(group.Items, ui.NavItem{Label: pluralLabel(k), Href: "/" + k.Plural})
			}
		}
		if len(group.Items) > 0 {
			groups = append(groups, group)
		}
	}
	return ui.MarkCurrent(groups, r.URL.Path)
}

// listed tells whether a workbench has taken the place of a register.
func listed(items []ui.NavItem, href string) bool {
	return slices.ContainsFunc(items, func(it ui.NavItem) bool { return it.Href == href })
}

func (p Page) allows(a access.Actor) bool { return p.Needs == nil || p.Needs(a) }

func (r *Request) badge(p Page) string {
	if p.Badge == nil {
		return ""
	}
	return p.Badge(r)
}

// pathOf is the path of a pattern that has no wildcards.
func pathOf(pattern string) string {
	path := strings.TrimPrefix(pattern, "GET ")
	return strings.TrimSuffix(path, "{$}")
}

// pluralLabel is the name of a list for people: the plural in words.
func pluralLabel(k *kind.Kind) string {
	label := kind.Humanise(k.Plural)
	if abbreviation, _, ok := strings.Cut(k.Label, " "); ok && strings.ToUpper(abbreviation) == abbreviation {
		_, rest, _ := strings.Cut(label, " ")
		return abbreviation + " " + rest
	}
	return label
}

// maxCrumb keeps the way to the page on one line.
const maxCrumb = 44

// shell is what surrounds the page.
func (r *Request) shell(title string) ui.ShellProps {
	p := ui.ShellProps{
		Title: title, Theme: r.theme(), Nav: r.nav(), Workspace: r.Format.Workspace, Workspaces: r.workspaces(),
		Person: ui.Person{Name: r.Actor.Name}, ThemeURL: "/preferences/theme", Wide: r.wide,
		PersonMenu: []ui.MenuItem{
			{Label: "Account", Icon: "user", Href: "/account"},
			{Label: "API tokens", Icon: "key", Href: "/account#tokens"},
		},
		Toasts: append(r.Site.takeNotices(r.Ctx()), r.notices...),
	}
	for _, page := range r.Site.menu {
		if page.Tasks && page.allows(r.Actor) {
			p.TasksURL = pathOf(page.Pattern)
		}
	}
	if insider(r.Actor) {
		p.PersonMenu = append(p.PersonMenu, ui.MenuItem{Label: "Background jobs", Icon: "clock", Href: "/jobs"})
	}
	p.PersonMenu = append(p.PersonMenu, ui.MenuItem{Label: "Sign out", Icon: "logout", Href: "/signout", Post: true, Divider: true})
	r.ringing(&p)
	if r.crumbs != nil {
		for _, c := range append(r.crumbs, ui.Crumb{Label: or(r.here, title)}) {
			c.Label = cut(c.Label, maxCrumb)
			p.Crumbs = append(p.Crumbs, c)
		}
	}
	return p
}

// ringing puts the alerts that nobody has looked at yet on the bell.
func (r *Request) ringing(p *ui.ShellProps) {
	if !r.May(kind.Read, isms.Alerts) {
		return
	}
	fresh := isms.Alerts.States()[0]
	p.AlertsURL = "/alerts?" + url.Values{"filter[" + isms.Alerts.StateField + "]": {fresh}}.Encode()
	page, err := r.App().List(r.Ctx(), isms.Alerts, kind.Query{Limit: 1, Count: true}.Where(isms.Alerts.StateField, fresh))
	if err != nil { // the page itself is fine: only its bell is silent, and the log says why
		r.Site.Log.WarnContext(r.Ctx(), "alerts not counted", "request", r.ID, "error", err)
		return
	}
	p.Alerts = int(page.Total)
}

// workspaces are those that the person may change to; none when there is one.
func (r *Request) workspaces() []ui.MenuItem {
	members := r.Site.members(r.Ctx())
	if len(members) < 2 {
		return nil
	}
	var items []ui.MenuItem
	for _, m := range members {
		items = append(items, ui.MenuItem{
			Label: r.Site.places.format(r.Ctx(), m.Workspace).Workspace, Href: "/workspace/" + m.Workspace,
			Post: true, Current: m.Workspace == r.Actor.Workspace,
		})
	}
	return items
}
