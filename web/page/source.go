package page

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/flow/detection"
	"holdfast/intake"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/report/chart"
	"holdfast/web"
	"holdfast/web/ui"

	"github.com/a-h/templ"
)

// seesSources: whoever may read all sources of events.
func seesSources(a access.Actor) bool { return web.MayRead(isms.EventSources)(a) }

// connects: whoever may set up a source.
func connects(a access.Actor) bool { return a.May(kind.Write, isms.EventSources) == access.All }

// A sourcesView is the list of sources, those that need somebody first.
type sourcesView struct {
	*web.Request
	figures
	looks  []detection.SourceLook
	assets map[string]string // titles by id
}

func (c Config) sourceList(r *web.Request) error {
	looks, err := c.Detection.Sources(r.Ctx())
	if err != nil {
		return err
	}
	v := &sourcesView{Request: r, figures: figures{r.Format}, looks: looks, assets: map[string]string{}}
	for _, l := range looks {
		if id := l.Source.AssetID; id != "" && v.assets[id] == "" {
			if a, err := app.Of[isms.Asset](r.App(), isms.Assets).Get(r.Ctx(), id); err == nil {
				v.assets[id] = a.Title // of one that may not be read nothing is shown
			}
		}
	}
	if r.Fragment() {
		return r.RenderPart(sourceTable(v))
	}
	r.Wide()
	return r.Render("Log sources", sourcesBody(v))
}

func (v *sourcesView) stats() []ui.StatProps {
	silent, waiting, broken, dropped, today := 0, 0, 0, int64(0), 0
	for _, l := range v.looks {
		switch {
		case l.Source.Status == isms.SourceSilent:
			silent++
		case l.Source.Status == isms.SourceWaiting:
			waiting++
		}
		if l.Live.Trouble != "" && l.Source.Status != isms.SourceDisabled {
			broken++
		}
		dropped += l.Dropped()
		today += l.Today()
	}
	list := []ui.StatProps{
		{Label: "Events in the last day", Value: v.Format.Count(int64(today)), Note: "From " + v.plural(int64(len(v.looks)), "source", "sources")},
		{Label: "Silent", Value: v.Format.Count(int64(silent)), Note: "Nobody would notice what happens there"},
		{Label: "Waiting for the first event", Value: v.Format.Count(int64(waiting)), Note: "Set up here, not yet on the other side"},
		{Label: "Left out", Value: v.Format.Count(dropped), Note: "By rate limits and full queues, since they were set up"},
	}
	if broken > 0 {
		list[2] = ui.StatProps{Label: "Do not work", Value: v.Format.Count(int64(broken)), Note: "Why stands beside each"}
	}
	return list
}

func (v *sourcesView) columns() []ui.Column {
	return []ui.Column{{Label: "Source", Main: true}, {Label: "State", Narrow: true}, {Label: "Last day"}, {Label: "Events", Align: ui.End, Narrow: true}, {Label: "Last event", Narrow: true}, {Label: "About"}}
}

func (v *sourcesView) rows() []ui.Row {
	var rows []ui.Row
	for _, l := range v.looks {
		tone := ui.Plain
		switch {
		case l.Source.Status == isms.SourceSilent:
			tone = ui.Negative
		case l.Live.Trouble != "" && l.Source.Status != isms.SourceDisabled:
			tone = ui.Attention
		}
		about := ui.None()
		if l.Source.AssetID != "" {
			about = linkTo(assetURL(l.Source.AssetID), ui.Text(v.assets[l.Source.AssetID]))
		}
		rows = append(rows, ui.Row{ID: l.Source.ID, Href: sourceURL(l.Source), Label: l.Source.Title, Tone: tone, Cells: []templ.Component{
			sourceName(v, l), v.Show(isms.EventSources, l.Source, "status"), v.spark(l), ui.Number(v.Format.Count(int64(l.Today()))), lastEvent(v.Request, l), about,
		}})
	}
	return rows
}

// spark is the rate of the last day, as small as a word.
func (v *sourcesView) spark(l detection.SourceLook) templ.Component {
	line := chart.Line{Name: l.Source.Title}
	for i, n := range l.Rates {
		line.Points = append(line.Points, chart.Moment{At: v.Now().Add(time.Duration(i-len(l.Rates)) * time.Hour), Value: float64(n)})
	}
	return svg(chart.Trend{Title: "Events of the last day: " + l.Source.Title, Series: []chart.Line{line}, Spark: true}, 110, "plot spark")
}

func sourceURL(s *isms.EventSource) string { return "/sources/" + s.ID }

// transportWords are how the events arrive, and where.
func transportWords(l detection.SourceLook) string {
	text := isms.EventSources.Field("transport").Choice(string(l.Source.Transport)).Label
	if at := l.At; at != "" {
		return text + ", " + at
	}
	if l.Source.Address != "" {
		return text + ", " + l.Source.Address
	}
	return text
}

// A connectView is the assistant: choose, name, and set up the other side.
type connectView struct {
	*web.Request
	wish   detection.SourceWish
	recipe *detection.SourceRecipe
	assets []ui.Option
	errors []ui.FieldError
}

func (c Config) connectPage(r *web.Request) error {
	q := r.URL.Query()
	v := &connectView{Request: r, wish: detection.SourceWish{Recipe: q.Get("recipe"), AssetID: q.Get("asset")}}
	return c.showConnect(v, http.StatusOK)
}

func (c Config) showConnect(v *connectView, status int) error {
	if v.wish.Recipe != "" {
		r, ok := detection.SourceRecipeOf(v.wish.Recipe)
		if !ok {
			return kind.Errorf(kind.NotFound, "there is no recipe %q", v.wish.Recipe)
		}
		v.recipe = &r
		if v.wish.Title == "" {
			v.wish.Title = r.Title
		}
		if v.MaySome(kind.Read, isms.Assets) {
			list, err := v.App().List(v.Ctx(), isms.Assets, kind.Query{Limit: kind.MaxLimit, Sort: "title"})
			if err != nil {
				return err
			}
			v.assets = []ui.Option{{Label: "Nothing in particular"}}
			for _, a := range list.Records {
				v.assets = append(v.assets, ui.Option{Value: a.GetBase().ID, Label: a.GetBase().Title})
			}
		}
	}
	v.Crumbs(ui.Crumb{Label: "Log sources", Href: "/sources"})
	return v.RenderAs(status, "Connect a source", connectBody(v))
}

// connect makes the record and shows what to do on the other side, with the token:
// this once.
func (c Config) connect(r *web.Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	v := &connectView{Request: r, wish: detection.SourceWish{Recipe: form.Get("recipe"), Title: form.Get("title"), AssetID: form.Get("asset_id"),
		Senders: strings.FieldsFunc(form.Get("senders"), func(c rune) bool { return c == ',' || c == ' ' || c == '\n' || c == '\r' || c == ';' }), File: form.Get("file")}}
	src, token, err := c.Detection.ConnectSource(r.Ctx(), v.wish)
	if v.errors = mistakes(err); v.errors != nil {
		return c.showConnect(v, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	if token == "" {
		return r.Redirect(sourceURL(src), ui.ToastProps{Text: "The source is set up. It waits for its first event.", Tone: ui.Positive})
	}
	return c.showSource(r, src.ID, token, http.StatusCreated)
}

// mistakes are what is wrong with the fields of a form; nil when it is something else.
func mistakes(err error) []ui.FieldError {
	var e *kind.Error
	if kind.CodeOf(err) != kind.Invalid || !errors.As(err, &e) {
		return nil
	}
	var list []ui.FieldError
	for _, f := range e.Fields {
		list = append(list, ui.FieldError{Field: f.Field, Label: fieldWords(f.Field), Text: f.Message})
	}
	if list == nil {
		list = []ui.FieldError{{Text: err.Error()}}
	}
	return list
}

func fieldWords(name string) string {
	if name == "" {
		return ""
	}
	return strings.ToUpper(name[:1]) + strings.ReplaceAll(name[1:], "_", " ")
}

func (v *connectView) wrong(field string) string {
	for _, e := range v.errors {
		if e.Field == field {
			return e.Text
		}
	}
	return ""
}

// A sourceView is one source: what it says now, and how it is connected.
type sourceView struct {
	*web.Request
	figures
	look   detection.SourceLook
	guide  detection.SourceGuide
	token  string // made just now; shown once, kept nowhere
	parsed []ui.KeyValueItem
	raw    templ.Component // the newest line, safe to look at
	may    bool
	errors []ui.FieldError
}

func (c Config) sourcePage(r *web.Request) error {
	return c.showSource(r, r.PathValue("id"), "", http.StatusOK)
}

func (c Config) sourceView(r *web.Request, id, token string) (*sourceView, error) {
	look, err := c.Detection.Source(r.Ctx(), id)
	if err != nil {
		return nil, err
	}
	v := &sourceView{Request: r, figures: figures{r.Format}, look: look, token: token, may: connects(r.Actor)}
	v.guide = c.Detection.GuideTo(look, baseOf(r), token)
	v.raw, v.parsed = c.lastLine(r, look)
	return v, nil
}

func (c Config) showSource(r *web.Request, id, token string, status int) error {
	v, err := c.sourceView(r, id, token)
	if err != nil {
		return err
	}
	r.Crumbs(ui.Crumb{Label: "Log sources", Href: "/sources"})
	return r.RenderAs(status, v.look.Source.Title, sourceBody(v))
}

// sourceLive is the part of the page that changes by itself.
func (c Config) sourceLive(r *web.Request) error {
	v, err := c.sourceView(r, r.PathValue("id"), "")
	if err != nil {
		return err
	}
	return r.RenderPart(sourceNow(v))
}

// baseOf is the address under which the person reached the product.
func baseOf(r *web.Request) string {
	scheme := "http"
	if r.TLS != nil || r.Site.Secure {
		scheme = "https"
	}
	return (&url.URL{Scheme: scheme, Host: r.Host}).String()
}

// renewToken makes another token and shows it, this once.
func (c Config) renewToken(r *web.Request) error {
	src, token, err := c.Detection.RenewSourceToken(r.Ctx(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return c.showSource(r, src.ID, token, http.StatusOK)
}

// takeEvents keeps the events of an uploaded file.
func (c Config) takeEvents(r *web.Request) error {
	v, err := c.sourceView(r, r.PathValue("id"), "")
	if err != nil {
		return err
	}
	body, name, err := uploadedEvents(r)
	if err != nil {
		return v.refuse(err)
	}
	n, repeated, err := c.Detection.ImportEvents(r.Ctx(), v.look.Source.ID, intake.HashOf(string(body)), body)
	if err != nil {
		return v.refuse(err)
	}
	text := v.plural(int64(n), "event", "events") + " of " + name + " kept."
	if repeated {
		text = "This file was taken in before; nothing was kept twice."
	}
	return r.Redirect(sourceURL(v.look.Source), ui.ToastProps{Text: text, Tone: ui.Positive})
}

func uploadedEvents(r *web.Request) (body []byte, name string, err error) {
	if err := r.ParseMultipartForm(1 << 20); err != nil {
		return nil, "", kind.Fieldf("file", "did not arrive whole, or is larger than %d MB; use holdfast source import for larger ones", intake.MaxPost>>20)
	}
	file, head, err := r.FormFile("file")
	if err != nil {
		return nil, "", kind.Fieldf("file", "choose the file to take in")
	}
	defer func() { _ = file.Close() }()
	in, err := intake.Unpack(file, intake.MaxPost)
	if err == nil {
		body, err = io.ReadAll(in)
	}
	if err != nil {
		return nil, "", kind.Fieldf("file", "%s: %v", head.Filename, err)
	}
	return body, head.Filename, nil
}

func (v *sourceView) refuse(err error) error {
	switch kind.CodeOf(err) {
	case kind.Invalid, kind.TooLarge, kind.Conflict, kind.Unavailable:
		if v.errors = mistakes(err); v.errors == nil {
			v.errors = []ui.FieldError{{Field: "file", Label: "File", Text: err.Error()}}
		}
		v.Crumbs(ui.Crumb{Label: "Log sources", Href: "/sources"})
		return v.RenderAs(http.StatusUnprocessableEntity, v.look.Source.Title, sourceBody(v))
	}
	return err
}

// sourceCertificate answers the certificate that TLS senders trust.
func (c Config) sourceCertificate(r *web.Request) error {
	pem, _, err := c.Detection.SourceCertificate(r.Ctx())
	if err != nil {
		return err
	}
	r.W.Header().Set("Content-Type", "application/x-pem-file")
	r.W.Header().Set("Content-Disposition", `attachment; filename="holdfast.pem"`)
	_, err = io.WriteString(r.W, pem)
	return err
}

// renewCertificate makes another certificate of the server.
func (c Config) renewCertificate(r *web.Request) error {
	if _, err := c.Detection.RenewSourceCertificate(r.Ctx()); err != nil {
		return err
	}
	return r.Back("/sources", ui.ToastProps{Text: "The certificate is new. Give it to every sender over TLS.", Tone: ui.Positive})
}
