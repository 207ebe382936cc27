package page

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"

	"holdfast/access"
	"holdfast/feed"
	"holdfast/flow/detection"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/port/stix"
	"holdfast/store"
	"holdfast/web"
	"holdfast/web/ui"
)

// seesMarks: whoever may read all indicators of compromise and all alerts.
func seesMarks(a access.Actor) bool {
	return web.MayRead(isms.ThreatIndicators)(a) && web.MayRead(isms.Alerts)(a)
}

// takesMarks: whoever may write indicators of compromise.
func takesMarks(a access.Actor) bool { return a.May(kind.Write, isms.ThreatIndicators) == access.All }

// maxMarkFile bounds a file of indicators on the page; larger ones come over the API.
// maxMarkForm is the file, as text, with the form around it.
const (
	maxMarkFile = 32 << 20
	maxMarkForm = maxMarkFile + maxMarkFile/2 + 64<<10
)

// A marksView is the page on indicators of compromise.
type marksView struct {
	*web.Request
	figures
	types     []store.Group // active ones, the most frequent type first
	active    int64
	ending    int64 // within a week
	seen      int64 // here, within thirty days
	sources   int
	feeds     []feed.TellerState
	job       *store.Job // that fetches
	sightings []sighting

	// The upload: what was asked for, and what would come of it.
	form   markForm
	taken  *detection.IndicatorsTaken
	packed string // the file, compressed, as text
	errors []ui.FieldError
}

// A markForm is what the upload says beside the file.
type markForm struct {
	name, source, severity string
	context                bool
}

// A sighting is an indicator that was seen here, with its latest alert.
type sighting struct {
	mark   *isms.ThreatIndicator
	alerts []*isms.Alert
}

// shownSightings is how many the page shows; the list has all.
const shownSightings = 10

func (c Config) compromisePage(r *web.Request) error {
	return c.showMarks(&marksView{Request: r, figures: figures{r.Format}}, http.StatusOK)
}

func (c Config) showMarks(v *marksView, status int) error {
	for _, step := range []func(*marksView) error{c.countMarks, c.readSightings, c.readFeeds} {
		if err := step(v); err != nil {
			return err
		}
	}
	return v.RenderAs(status, "Indicators of compromise", marksBody(v))
}

func (c Config) countMarks(v *marksView) error {
	a, ctx, now := v.App(), v.Ctx(), v.Now().UTC()
	active := kind.Query{}.Where("status", "active")
	types, err := a.Groups(ctx, isms.ThreatIndicators, active, "type", 20)
	if err != nil {
		return err
	}
	v.types = types
	for _, g := range types {
		v.active += g.Count
	}
	for _, part := range []struct {
		into *int64
		q    kind.Query
	}{
		{&v.ending, active.With("valid_until", kind.Empty, "false").With("valid_until", kind.Less, kind.FormatTime(now.AddDate(0, 0, 7)))},
		{&v.seen, kind.Query{}.With("last_seen", kind.AtLeast, kind.FormatTime(now.AddDate(0, 0, -30)))},
	} {
		groups, err := a.Groups(ctx, isms.ThreatIndicators, part.q, "status", 10)
		if err != nil {
			return err
		}
		for _, g := range groups {
			*part.into += g.Count
		}
	}
	sources, err := a.Groups(ctx, isms.ThreatIndicators, active, "source", 1000)
	for _, g := range sources {
		if g.Value != "" {
			v.sources++
		}
	}
	return err
}

// readSightings finds the indicators that were seen last, each with its alerts.
func (c Config) readSightings(v *marksView) error {
	marks, err := v.App().List(v.Ctx(), isms.ThreatIndicators, kind.Query{Sort: "-last_seen", Limit: shownSightings}.With("last_seen", kind.Empty, "false"))
	if err != nil {
		return err
	}
	for _, rec := range marks.Records {
		s := sighting{mark: rec.(*isms.ThreatIndicator)}
		alerts, err := v.App().List(v.Ctx(), isms.Alerts, kind.Query{Sort: "-last_seen", Limit: 3}.Where("threat_indicator_id", s.mark.ID))
		if err != nil {
			return err
		}
		for _, a := range alerts.Records {
			s.alerts = append(s.alerts, a.(*isms.Alert))
		}
		v.sightings = append(v.sightings, s)
	}
	return nil
}

func (c Config) readFeeds(v *marksView) error {
	if c.IndicatorFeeds == nil {
		return nil
	}
	var err error
	if v.feeds, err = c.IndicatorFeeds(v.Ctx()); err != nil || v.URL.Query().Get("job") == "" || !takesMarks(v.Actor) {
		return err
	}
	v.job, err = jobOf(v.Request, v.URL.Query().Get("job"))
	return err
}

// takeMarks shows what would come of a file, and takes in what was shown.
func (c Config) takeMarks(r *web.Request) error {
	v := &marksView{Request: r, figures: figures{r.Format}}
	if err := r.ParseMultipartForm(maxMarkForm); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return kind.Errorf(kind.TooLarge, "the file is larger than %d MB, or did not arrive whole; larger ones come in over the API or the command line: %w", maxMarkFile>>20, err)
	}
	v.form = markForm{name: path.Base(r.PostFormValue("name")), source: strings.TrimSpace(r.PostFormValue("source")), severity: r.PostFormValue("severity"), context: r.PostFormValue("context") == "true"}
	data, err := v.marksFile()
	if err != nil {
		return c.refuseMarks(v, err)
	}
	marks, err := stix.Read(v.form.name, data, stix.Options{Context: v.form.context})
	if err != nil {
		return c.refuseMarks(v, kind.Errorf(kind.Invalid, "%w", err))
	}
	sure := r.PostFormValue("sure") == "yes"
	taken, err := c.Detection.TakeInIndicators(r.Ctx(), marks, detection.IndicatorIntake{Source: v.form.source, Severity: isms.Severity(v.form.severity), DryRun: !sure})
	if err != nil {
		return c.refuseMarks(v, err)
	}
	if sure {
		text := plainCount(taken.Created, "new indicator is", "new indicators are") + " looked for from now on, and in what is stored; " + plainCount(taken.Changed, "changed", "changed")
		return r.Redirect("/compromise", ui.ToastProps{Text: text, Tone: ui.Positive})
	}
	v.taken = &taken
	if v.packed, err = packMarks(data); err != nil {
		return err
	}
	return c.showMarks(v, http.StatusOK)
}

// refuseMarks shows the form again with what is wrong with the file.
func (c Config) refuseMarks(v *marksView, err error) error {
	if code := kind.CodeOf(err); code != kind.Invalid && code != kind.TooLarge {
		return err
	}
	v.errors = []ui.FieldError{{Field: "file", Label: "File", Text: err.Error()}}
	return c.showMarks(v, http.StatusUnprocessableEntity)
}

func (v *marksView) mistake() string {
	if len(v.errors) == 0 {
		return ""
	}
	return v.errors[0].Text
}

// marksFile is the uploaded file, or the one that the preview carries.
func (v *marksView) marksFile() ([]byte, error) {
	if packed := v.PostFormValue("packed"); packed != "" {
		return unpackMarks(packed)
	}
	f, head, err := v.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) || err == nil && head.Filename == "" {
		return nil, kind.Errorf(kind.Invalid, "choose a file first")
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	v.form.name = path.Base(head.Filename)
	return boundedMarks(f)
}

func boundedMarks(from io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(from, maxMarkFile+1))
	if err == nil && len(data) > maxMarkFile {
		return nil, kind.Errorf(kind.TooLarge, "is larger than %d MB; take it in over the API or the command line", maxMarkFile>>20)
	}
	return data, err
}

func packMarks(data []byte) (string, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write(data)
	err = errors.Join(err, z.Close())
	return base64.RawURLEncoding.EncodeToString(b.Bytes()), err
}

func unpackMarks(packed string) ([]byte, error) {
	data, err := base64.RawURLEncoding.DecodeString(packed)
	if err == nil {
		var z *gzip.Reader
		if z, err = gzip.NewReader(bytes.NewReader(data)); err == nil {
			data, err = boundedMarks(z)
		}
	}
	if err != nil {
		return nil, kind.Errorf(kind.Invalid, "the preview did not come back whole; choose the file again")
	}
	return data, nil
}

func (v *marksView) stats() []ui.StatProps {
	list := "/threat-indicators"
	return []ui.StatProps{
		{Label: "Looked for", Value: v.format.Count(v.active), Note: v.typeWords(), Href: list + "?filter%5Bstatus%5D=active"},
		{Label: "End this week", Value: v.format.Count(v.ending), Note: "their authors say nothing after that"},
		{Label: "Seen here", Value: v.format.Count(v.seen), Unit: "in 30 days", Note: "indicators that an event showed"},
		{Label: "Who tells", Value: strconv.Itoa(v.sources), Unit: "sources", Note: v.feedWords()},
	}
}

// typeWords says how many there are of the most frequent types.
func (v *marksView) typeWords() string {
	var parts []string
	for i, g := range v.types {
		if i == 3 {
			parts = append(parts, "and "+plainCount(len(v.types)-3, "more type", "more types"))
			break
		}
		parts = append(parts, v.plural(g.Count, markType(isms.ThreatIndicatorType(g.Value)), markTypes(isms.ThreatIndicatorType(g.Value))))
	}
	return strings.Join(parts, ", ")
}

// markType is the type of an indicator in words.
func markType(t isms.ThreatIndicatorType) string {
	for _, c := range t.Choices() {
		if c.Value == string(t) {
			if word := cmp.Or(c.Label, kind.Humanise(c.Value)); word != strings.ToUpper(word) {
				return strings.ToLower(word)
			}
			return c.Label
		}
	}
	return string(t)
}

// markTypes is the type of several indicators in words.
func markTypes(t isms.ThreatIndicatorType) string {
	word := markType(t)
	switch {
	case word == strings.ToUpper(word):
		return word
	case strings.HasSuffix(word, "s"):
		return word + "es"
	}
	return word + "s"
}

func (v *marksView) feedWords() string {
	if len(v.feeds) == 0 {
		return "none is asked by itself"
	}
	return plainCount(len(v.feeds), "is asked by itself", "are asked by themselves")
}

// feedDetail says how a server goes.
func (v *marksView) feedDetail(f feed.TellerState) string {
	every := "Every " + plainCount(f.Every, "hour", "hours")
	switch {
	case f.Kind == "":
		return f.Trouble
	case f.At.IsZero() && f.Trouble == "":
		return every + "; not asked yet."
	case f.At.IsZero():
		return every + "; it never answered. " + upperFirst(f.Trouble)
	}
	text := every + "; last at " + v.format.Time(f.At).Format("2 Jan 15:04") + ": " + v.format.Count(int64(f.Read)) + " read, " + v.format.Count(int64(f.Created)) + " new."
	if f.Trouble != "" {
		text += " Since then: " + f.Trouble
	}
	return text
}

func feedBadge(f feed.TellerState) ui.BadgeProps {
	switch {
	case f.Trouble != "":
		return ui.BadgeProps{Text: "Failed", Tone: ui.Negative}
	case f.At.IsZero():
		return ui.BadgeProps{Text: "Not asked yet"}
	}
	return ui.BadgeProps{Text: "Works", Tone: ui.Positive}
}

// fetchMarks has a server asked now, and shows how that goes.
func (c Config) fetchMarks(r *web.Request) error {
	if c.FetchFeed == nil {
		return kind.Errorf(kind.Unavailable, "indicators are not fetched here")
	}
	job, err := c.FetchFeed(r.Ctx(), r.PostFormValue("name"))
	if err != nil {
		return err
	}
	if job == "" {
		return r.Redirect("/compromise", ui.ToastProps{Text: "It is being fetched already."})
	}
	return r.Redirect(link("/compromise", "job", job))
}

// sightingItems are the indicators seen last, each followed by its alerts.
func (v *marksView) sightingItems() []ui.ListItem {
	var items []ui.ListItem
	for _, s := range v.sightings {
		m := s.mark
		detail := markType(m.Type) + ", seen " + plainCount(m.Sightings, "time", "times") + ", last " + v.format.Time(m.LastSeen).Format("2 Jan 15:04")
		if m.Source != "" {
			detail += ", told by " + m.Source
		}
		items = append(items, ui.ListItem{Title: m.Value, Href: web.RecordURL(isms.ThreatIndicators, m.ID), Detail: detail, Aside: ui.Severity(string(m.Severity))})
		for _, a := range s.alerts {
			items = append(items, ui.ListItem{Title: "→ " + a.Title, Href: web.RecordURL(isms.Alerts, a.ID), Detail: "alert, " + strings.ToLower(stateWord(a)) + ", " + plainCount(a.Count, "event", "events")})
		}
	}
	return items
}

func (v *marksView) severities() []ui.Option {
	var list []ui.Option
	for _, c := range isms.Severity("").Choices() {
		list = append(list, ui.Option{Value: c.Value, Label: cmp.Or(c.Label, kind.Humanise(c.Value))})
	}
	return list
}

// chosenSeverity is what the form shows: medium unless somebody said otherwise.
func (v *marksView) chosenSeverity() string {
	return cmp.Or(v.form.severity, string(isms.SeverityMedium))
}

func (v *marksView) contextFlag() string {
	if v.form.context {
		return "true"
	}
	return ""
}

// skippedItems are the first of what cannot be looked for.
func (v *marksView) skippedItems() []ui.ListItem {
	var items []ui.ListItem
	for _, s := range v.taken.Skipped[:min(len(v.taken.Skipped), 10)] {
		items = append(items, ui.ListItem{Title: cmp.Or(safe(s.What), s.Where), Detail: s.Why})
	}
	return items
}
