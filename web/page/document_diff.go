package page

import (
	"html"
	"strings"

	"github.com/a-h/templ"

	"holdfast/flow"
	"holdfast/isms"
	"holdfast/web"
	"holdfast/web/ui"
)

// maxDifference bounds the lines of a difference that a page draws.
const maxDifference = 3000

// A differenceView is the difference between two versions of a document.
type differenceView struct {
	document *isms.Document
	versions []*isms.DocumentVersion
	from, to *isms.DocumentVersion
	inline   bool
	diff     flow.Difference
}

// difference shows what changed between two versions: without a choice, between the
// version in force, or the one before, and the newest.
func (c Config) difference(r *web.Request) error {
	d, list, err := c.documentOf(r)
	if err != nil {
		return err
	}
	v := differenceView{document: d, versions: list, inline: r.FormValue("view") == "inline"}
	if v.from, v.to, err = flow.Pair(list, r.FormValue("from"), r.FormValue("to")); err != nil {
		return err
	}
	v.diff = flow.Compare(string(v.from.Body), string(v.to.Body))
	r.Crumbs(documentCrumbs(d)...)
	r.Wide()
	return r.Render("Difference", differenceBody(v))
}

// versionAmong finds a version by its number or id; nil: it is not there.
func versionAmong(list []*isms.DocumentVersion, idOrNumber string) *isms.DocumentVersion {
	for _, v := range list {
		if idOrNumber != "" && (v.ID == idOrNumber || v.Number == idOrNumber) {
			return v
		}
	}
	return nil
}

// differenceParts marks what is gone ("del") or new ("ins") inside a line, exactly.
func differenceParts(parts []flow.DifferencePart, mark string) templ.Component {
	says := map[string]string{"del": "gone: ", "ins": "new: "}[mark]
	var b strings.Builder
	for _, p := range parts {
		text := html.EscapeString(visible(p.Text))
		if p.Changed && mark != "" {
			text = "<" + mark + `><span class="sr-only">` + says + "</span>" + text + "</" + mark + ">"
		}
		b.WriteString(text)
	}
	return templ.Raw(b.String()) // every piece was escaped above
}

func (v differenceView) url(view string) string {
	return link(documentURL(v.document)+"/difference", "from", v.from.ID, "to", v.to.ID, "view", view)
}

func (v differenceView) tabs() []ui.TabItem {
	return []ui.TabItem{
		{Label: "Side by side", Href: v.url("side"), Current: !v.inline},
		{Label: "One below the other", Href: v.url("inline"), Current: v.inline},
	}
}
