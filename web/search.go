package web

import (
	"slices"
	"strings"

	"holdfast/kind"
	"holdfast/web/ui"
)

// How much a search shows.
const (
	paletteHits = 8
	pageHits    = 50
)

// searchPage answers the palette with a fragment and everybody else with a page.
func searchPage(r *Request) error {
	query := cut(strings.TrimSpace(r.FormValue("q")), 200)
	limit := pageHits
	if r.Fragment() {
		limit = paletteHits
	}
	groups, err := r.search(query, limit)
	if err != nil {
		return err
	}
	if r.Fragment() {
		return r.RenderPart(ui.PaletteResults(query, groups))
	}
	return r.Render("Search", searchBody(query, groups))
}

// search finds records, actions and pages.
func (r *Request) search(query string, limit int) ([]ui.PaletteGroup, error) {
	var groups []ui.PaletteGroup
	add := func(label string, hits []ui.PaletteHit) {
		if len(hits) > 0 {
			groups = append(groups, ui.PaletteGroup{Label: label, Hits: hits})
		}
	}
	pages, actions := r.pageHits(query, limit), r.actionHits(query, limit)
	if query == "" {
		add("Pages", pages)
		add("Actions", actions)
		return groups, nil
	}
	records, err := r.recordHits(query, limit)
	if err != nil {
		return nil, err
	}
	// Whoever types the name of a page wants the page; otherwise records come first.
	if len(pages) > 0 && strings.HasPrefix(strings.ToLower(pages[0].Title), strings.ToLower(query)) {
		add("Pages", pages)
		add("Actions", actions)
		add("Records", records)
		return groups, nil
	}
	add("Records", records)
	add("Actions", actions)
	add("Pages", pages)
	return groups, nil
}

func (r *Request) recordHits(query string, limit int) ([]ui.PaletteHit, error) {
	found, err := r.App().Search(r.Ctx(), query, limit)
	if err != nil {
		return nil, err
	}
	var hits []ui.PaletteHit
	for _, h := range found {
		k := r.Kind(h.Kind)
		hits = append(hits, ui.PaletteHit{Icon: k.Icon, Title: or(h.Title, h.Key), Href: keyURL(k, h.ID, h.Key), Hint: k.Label})
	}
	return hits, nil
}

// actionHits are the things that can be done from anywhere.
func (r *Request) actionHits(query string, limit int) []ui.PaletteHit {
	var hits []ui.PaletteHit
	for _, k := range r.App().Registry().All() {
		if title := "New " + lower(k.Label); r.mayCreate(k) && !slices.Contains(unlisted, k.Name) && matches(query, title+" add create "+k.Plural) {
			hits = append(hits, ui.PaletteHit{Icon: "plus", Title: title, Href: "/" + k.Plural + "/new", Hint: "Action"})
		}
	}
	return ranked(hits, query, limit)
}

// pageHits are workbenches, lists and the pages of the account.
func (r *Request) pageHits(query string, limit int) []ui.PaletteHit {
	var hits []ui.PaletteHit
	for _, p := range r.Site.menu {
		if p.allows(r.Actor) && matches(query, p.Title+" "+p.Words) {
			hits = append(hits, ui.PaletteHit{Icon: or(p.Icon, "grid"), Title: p.Title, Href: pathOf(p.Pattern), Hint: or(groupNames[p.Group], "Page")})
		}
	}
	for _, k := range r.App().Registry().All() {
		if title := pluralLabel(k); r.MaySome(kind.Read, k) && matches(query, title+" "+k.Label) && (query != "" || !slices.Contains(unlisted, k.Name)) {
			hits = append(hits, ui.PaletteHit{Icon: k.Icon, Title: title, Href: "/" + k.Plural, Hint: groupNames[k.Group]})
		}
	}
	return ranked(hits, query, limit)
}

// matches tells whether every word of the query begins a word of the text.
func matches(query, text string) bool {
	words := strings.Fields(strings.ToLower(text))
	for _, want := range strings.Fields(strings.ToLower(query)) {
		if !slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, want) }) {
			return false
		}
	}
	return true
}

// ranked puts titles that begin as the query does before the others.
func ranked(hits []ui.PaletteHit, query string, limit int) []ui.PaletteHit {
	q := strings.ToLower(query)
	rank := func(h ui.PaletteHit) int {
		title := strings.ToLower(h.Title)
		switch {
		case title == q, title == q+"s":
			return 0
		case strings.HasPrefix(title, q):
			return 1
		case strings.HasPrefix(strings.TrimPrefix(title, "new "), q):
			return 2
		}
		return 3
	}
	slices.SortStableFunc(hits, func(a, b ui.PaletteHit) int { return rank(a) - rank(b) })
	return hits[:min(len(hits), limit)]
}
