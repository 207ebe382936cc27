package ui

import (
	"fmt"
	"time"

	"github.com/a-h/templ"
)

// galleryNow is the moment the gallery plays at; it never changes, so that two
// photographs can be compared.
var galleryNow = time.Date(2026, time.November, 20, 14, 30, 0, 0, time.UTC)

const galleryLong = "A title that somebody pasted from a long report and that therefore goes on well beyond what anybody planned for"

func galleryShell(theme Theme) ShellProps {
	return ShellProps{
		Title: "Components",
		Theme: theme,
		Nav:   MarkCurrent(galleryNav(), "/ui"),
		Crumbs: []Crumb{
			{Label: "Identify", Href: "#"}, {Label: "Risks", Href: "#"}, {Label: "Posture"},
		},
		Workspace:  "Northwind Bookings",
		Workspaces: []MenuItem{{Label: "Northwind Bookings", Href: "#", Current: true}, {Label: "Harbour project", Href: "#"}},
		Person:     Person{Name: "Mira Okafor", Email: "mira@northwind.example"},
		PersonMenu: []MenuItem{{Label: "Profile", Icon: "user", Href: "#"}, {Label: "Tokens", Icon: "key", Href: "#"}, {Label: "Sign out", Icon: "logout", Href: "#", Post: true, Divider: true}},
		AlertsURL:  "#",
		Alerts:     3,
	}
}

func galleryNav() []NavGroup {
	return []NavGroup{
		{Label: "Home", Icon: "home", Href: "/"},
		{Label: "Govern", Icon: "govern", Items: []NavItem{{Label: "Board page", Href: "/board", Workbench: true}, {Label: "Policies", Href: "/policies"}}},
		{Label: "Identify", Icon: "identify", Items: []NavItem{
			{Label: "Posture", Href: "/ui", Workbench: true},
			{Label: "Findings triage", Href: "/triage", Workbench: true, Count: "1,284"},
			{Label: "Architecture", Href: "/architecture", Workbench: true},
			{Label: "Assets", Href: "/assets"},
			{Label: "Vendors", Href: "/vendors"},
			{Label: "Risks", Href: "/risks", Count: "38"},
		}},
		{Label: "Protect", Icon: "protect", Items: []NavItem{{Label: "Safeguards", Href: "/safeguards"}}},
		{Label: "Detect", Icon: "detect", Items: []NavItem{{Label: "Watch", Href: "/watch", Workbench: true}, {Label: "Traps", Href: "/traps"}}},
		{Label: "Respond", Icon: "respond", Items: []NavItem{{Label: "Incidents", Href: "/incidents"}}},
		{Label: "Improve", Icon: "improve", Items: []NavItem{{Label: "Audits", Href: "/audits"}}},
	}
}

func galleryWhy() *WhyProps {
	return &WhyProps{
		About:   "Expected yearly loss",
		Summary: "The mean of 100,000 simulated years over 38 open risks.",
		Formula: "ALE = EAE × SLE, SLE = AV × EF",
		More:    "#",
		Inputs: []WhyInput{
			{Name: "Value of booking-01", Value: "£900k", Source: Estimated, By: "Mira Okafor", At: galleryNow, Href: "#"},
			{Name: "Exposed remote desktop", Value: "found", Source: Measured, By: "configcheck", At: galleryNow.Add(-9 * time.Hour), Href: "#"},
			{Name: "Probability of exploitation", Value: "0.41", Source: Imported, By: "EPSS", At: galleryNow.Add(-30 * time.Hour)},
			{Name: "Loss in one event", Value: "£315k", Source: Computed},
		},
	}
}

func galleryCurveProps() ChartProps {
	return ChartProps{
		ID:       "curve",
		Title:    "Loss exceedance",
		Subtitle: "How likely a year costs more than the amount, before and after the plan",
		Why:      &WhyProps{About: "Loss exceedance", Summary: "The share of simulated years above each amount.", Formula: "P(loss > x)"},
		Legend:   []LegendItem{{Label: "Now", Class: "series-2", Line: true}, {Label: "With the plan", Class: "series-1", Line: true}, {Label: "Risk limit", Class: "series-8", Line: true, Dash: true}},
		Columns:  []string{"Probability", "Now", "With the plan"},
		Rows:     [][]string{{"50 %", "£21k", "£12k"}, {"10 %", "£310k", "£84k"}, {"5 %", "£720k", "£160k"}},
		Note:     "With the plan, one year in twenty still costs more than £160k.",
	}
}

func galleryHistory() []TimelineEntry {
	return []TimelineEntry{
		{At: galleryNow, Who: "Mira Okafor", What: "changed the estimate", Changes: []Change{{Field: "Events per year", Before: "0.9", After: "0.4"}, {Field: "Owner", After: "Mira Okafor"}, {Field: "Vendor", Before: "Contoso"}}, UndoURL: "#"},
		{At: galleryNow.Add(-26 * time.Hour), Who: "Steering committee", What: "approved the plan", Icon: "check", Tone: Positive, Reason: "The limit is exceeded; the plan pays for itself within a year.", Href: "#"},
		{At: galleryNow.Add(-50 * time.Hour), Who: "configcheck", What: "found remote desktop open to the internet", Icon: "bug", Tone: Attention, Href: "#"},
		{At: galleryNow.Add(-51 * time.Hour), Who: "flow", What: "drafted this risk from 14 findings", Icon: "plus", Tone: Accent},
	}
}

func galleryActions() TableProps {
	row := func(id, title, where, saves, hours string) Row {
		return Row{ID: id, Href: "#", Label: title, Cells: []templ.Component{Lines(Text(title), Muted(where)), Number(saves), Number(hours)}}
	}
	return TableProps{
		ID: "first", Caption: "What to do first",
		Columns: []Column{{Key: "what", Label: "Task"}, {Key: "saves", Label: "Avoids", Align: End, Help: "Expected loss avoided per year"}, {Key: "hours", Label: "Effort", Align: End}},
		Rows: []Row{
			row("1", "Close remote desktop to the internet", "booking-01", "£61k", "1 h"),
			row("2", "Move backups off the network", "nas-02 and 3 more", "£48k", "6 h"),
			row("3", "Patch OpenSSL", "12 hosts", "£22k", "2 h"),
			row("4", "Turn on the second factor for admins", "5 people", "£19k", "1 h"),
		},
	}
}

var gallerySamples = []struct{ title, where, severity, stage, epss string }{
	{"Remote desktop is reachable from the internet", "booking-01", "critical", "Open", "0.94"},
	{"OpenSSL 3.0.11: possible remote code execution", "web-01, web-02", "high", "Treating", "0.41"},
	{"Passwords of service accounts never expire", "directory", "medium", "In approval", "–"},
	{"Server banner shows its version", "web-02", "low", "Accepted", "0.02"},
	{"Package is newer than every known advisory", "build-07", "none", "Resolved", "0.00"},
}

var galleryStages = map[string]Stage{"Open": Todo, "Treating": Doing, "In approval": Waiting, "Accepted": Stopped, "Resolved": Done}

func galleryFindings(id string, n int) TableProps {
	p := TableProps{
		ID: id, Caption: "Findings of the gallery", BulkURL: "#", Choose: true,
		Columns: []Column{
			{Key: "title", Label: "Finding", SortURL: "?sort=title", Main: true},
			{Key: "severity", Label: "Severity", Sort: Descending, SortURL: "?sort=severity"},
			{Key: "state", Label: "State", SortURL: "?sort=state"},
			{Key: "owner", Label: "Owner"},
			{Key: "epss", Label: "EPSS", Align: End, SortURL: "?sort=epss", Help: "Probability of exploitation within 30 days"},
			{Key: "due", Label: "Due", Align: End, SortURL: "?sort=due"},
			{Key: "cwe", Label: "CWE", Hidden: true},
		},
		Bulk: []BulkAction{{Label: "Assign", Icon: "user", Value: "assign"}, {Label: "Accept", Icon: "flag", Value: "accept"}, {Label: "Delete", Icon: "trash", Value: "delete", Danger: true}},
		Tools: Join(Button(ButtonProps{Label: "Export", Icon: "download", Size: Small, Href: "#"}),
			Button(ButtonProps{Label: "New finding", Icon: "plus", Size: Small, Variant: Primary, Href: "#"})),
		Filters: FilterBar(galleryFilter(id)),
		Pager:   &PagerProps{First: 1, Last: n, Total: 12480, NextURL: "?after=x"},
		Dense:   n > 100,
	}
	for i := range n {
		p.Rows = append(p.Rows, galleryFinding(id, i))
	}
	return p
}

func galleryFinding(id string, i int) Row {
	s := gallerySamples[i%len(gallerySamples)]
	row := Row{
		ID: fmt.Sprintf("%s-%d", id, i), Href: fmt.Sprintf("#%s-%d", id, i), Label: s.title,
		Cells: []templ.Component{
			Lines(Text(s.title), Muted(s.where)), Severity(s.severity), State(s.stage, galleryStages[s.stage]),
			PersonLine(Person{Name: "Jonas Weber"}), Number(s.epss), Date(galleryNow.AddDate(0, 0, i%40)), Mono("CWE-306"),
		},
	}
	if i == 2 {
		row.Cells[3], row.Tone = nil, Attention
	}
	return row
}

func galleryFilter(id string) FilterBarProps {
	return FilterBarProps{
		Action: "#" + id, Placeholder: "Filter findings", ClearURL: "#", SaveURL: "#",
		Views: []SavedView{{Label: "All", Href: "#"}, {Label: "Due this week", Href: "#", Current: true, Count: "23"}, {Label: "Exploited in the wild", Href: "#", Count: "17"}},
		Facets: []Facet{
			{ID: id + "-severity", Label: "Severity", Values: []FacetValue{{Label: "Critical", Count: 4, Href: "#", Active: true}, {Label: "High", Count: 31, Href: "#"}}},
			{ID: id + "-owner", Label: "Owner", Values: []FacetValue{{Label: "Jonas Weber", Count: 212, Href: "#"}}},
		},
	}
}
