package page

import (
	"errors"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"holdfast/flow/response"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/web"
	"holdfast/web/ui"
)

// told leads back to the room: with a word of success, or with what was wrong, so
// that nobody stands before an error page at three in the morning.
func told(r *web.Request, back, done string, err error) error {
	switch kind.CodeOf(err) {
	case "":
		return r.Redirect(back, ui.ToastProps{Text: done, Tone: ui.Positive})
	case kind.Invalid, kind.Conflict, kind.Forbidden, kind.TooLarge:
		return r.Redirect(back, ui.ToastProps{Text: "Not done: " + err.Error() + ".", Tone: ui.Attention})
	}
	return err
}

// roomOf is the address of the room of the request.
func roomOf(r *web.Request) string { return web.RecordURL(isms.Incidents, r.PathValue("id")) }

// lockOf is the version that the page showed.
func lockOf(form url.Values) (int64, error) {
	if form.Get("version") == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(form.Get("version"), 10, 64)
	if err != nil {
		return 0, kind.Fieldf("version", "is no version of a record")
	}
	return n, nil
}

// wholeOf reads a whole number that may be left out.
func wholeOf(form url.Values, name string) (int, error) {
	text := strings.TrimSpace(form.Get(name))
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > 1e6 {
		return 0, kind.Fieldf(name, "is a whole number from 0 to 1000000")
	}
	return n, nil
}

// moment reads a time as a form sends it: in the zone of the organisation.
func moment(r *web.Request, form url.Values, name string) (time.Time, error) {
	text := strings.TrimSpace(form.Get(name))
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04"} {
		if t, err := time.ParseInLocation(layout, text, r.Format.Zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, kind.Fieldf(name, "is a time such as 2026-11-21 09:00")
}

// declareIncident takes the short form: a title, and whatever else is known.
func (c Config) declareIncident(r *web.Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	id, err := c.Response.DeclareIncident(r.Ctx(), response.IncidentCall{Title: form.Get("title"), AssetID: form.Get("asset_id"), Category: isms.IncidentType(form.Get("category")),
		Severity: isms.Severity(form.Get("severity")), Summary: isms.Markdown(form.Get("summary")), AlertIDs: present(form["alert_id"]), ConcernID: form.Get("concern_id"),
		Exercise: last(form, "exercise") == "true"})
	if err != nil {
		return told(r, "/response", "", err)
	}
	return r.Redirect(web.RecordURL(isms.Incidents, id), ui.ToastProps{Text: "Declared. What was guessed stands in the timeline; change what is wrong.", Tone: ui.Positive})
}

func present(list []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == "" })
}

// last is the value of a flag: it is posted twice when it is set.
func last(form url.Values, name string) string {
	if list := form[name]; len(list) > 0 {
		return list[len(list)-1]
	}
	return ""
}

func (c Config) movePhase(r *web.Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	lock, err := lockOf(form)
	if err == nil {
		_, err = c.Response.MovePhase(r.Ctx(), r.PathValue("id"), lock, form.Get("action"), form.Get("reason"), strings.ReplaceAll(form.Get("lessons"), "\r\n", "\n"))
	}
	return told(r, roomOf(r), "The phase is changed; its clock runs.", err)
}

func (c Config) tickStep(r *web.Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	minutes, err := wholeOf(form, "minutes")
	if err == nil {
		err = c.Response.TickStep(r.Ctx(), r.PathValue("id"), r.PathValue("step"), response.Tick{Outcome: form.Get("outcome"), Note: form.Get("note"), Minutes: minutes})
	}
	return told(r, roomOf(r)+"#steps", "It stands in the timeline.", err)
}

func (c Config) writeNote(r *web.Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	n := response.Note{Type: isms.EntryType(form.Get("type")), What: form.Get("what"), Result: form.Get("result")}
	if n.Minutes, err = wholeOf(form, "minutes"); err == nil {
		n.At, err = moment(r, form, "at")
	}
	if text := strings.TrimSpace(form.Get("cost")); text != "" && err == nil {
		n.Cost, err = kind.ParseMoney(text)
		if err != nil {
			err = kind.Fieldf("cost", "%s", err)
		}
	}
	if err == nil {
		_, err = c.Response.WriteNote(r.Ctx(), r.PathValue("id"), n)
	}
	return told(r, roomOf(r)+"#timeline", "Written down.", err)
}

// entryPage shows one entry of the timeline with the form that puts it right.
func (c Config) entryPage(r *web.Request) error {
	v, err := c.roomView(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	at := slices.IndexFunc(v.Timeline, func(e *isms.IncidentAction) bool { return e.ID == r.PathValue("entry") })
	if at < 0 {
		return kind.Errorf(kind.NotFound, "this incident has no such entry")
	}
	r.Crumbs(ui.Crumb{Label: "Incident rooms", Href: "/response"}, ui.Crumb{Label: v.Incident.Title, Href: v.url()})
	return r.Render("Entry of the timeline", entryBody(v, v.Timeline[at]))
}

func (c Config) correctEntry(r *web.Request) error {
	form, err := r.Form()
	if err == nil {
		_, err = c.Response.CorrectEntry(r.Ctx(), r.PathValue("entry"), form.Get("what"))
	}
	return told(r, roomOf(r)+"#timeline", "Corrected; what stood there stays.", err)
}

func (c Config) handOver(r *web.Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	lock, err := lockOf(form)
	if err == nil {
		err = c.Response.HandOver(r.Ctx(), r.PathValue("id"), lock, form.Get("role"), form.Get("person_id"), form.Get("note"))
	}
	return told(r, roomOf(r)+"#roles", "Handed over.", err)
}

// stateFacts takes over the facts that this person changed. What somebody else
// changed meanwhile stays; what both changed is told and not written.
func (c Config) stateFacts(r *web.Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	v, err := c.roomView(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	inc := *v.Incident
	clash, err := v.mergeFacts(&inc, form)
	if err != nil {
		return told(r, roomOf(r)+"#facts", "", err)
	}
	if len(clash) > 0 {
		return told(r, roomOf(r)+"#facts", "", kind.Errorf(kind.Conflict, "%s changed meanwhile what you changed too: %s. Look at it, and say it again where it is still wrong", inc.UpdatedBy, strings.Join(clash, "; ")))
	}
	return told(r, roomOf(r)+"#facts", "The facts are kept; the clocks follow them.", r.App().Save(r.Ctx(), &inc))
}

func (v *roomView) mergeFacts(inc *isms.Incident, form url.Values) (clash []string, err error) {
	for _, f := range v.facts() {
		want, seen := strings.TrimSpace(last(form, f.name)), form.Get("seen_"+f.name)
		if want == seen || !form.Has(f.name) {
			continue
		}
		if f.value != seen && f.value != want {
			clash = append(clash, f.label+" is now “"+f.value+"”")
			continue
		}
		if err := v.setFact(inc, f.name, want, form); err != nil {
			return nil, err
		}
	}
	return clash, nil
}

func (v *roomView) setFact(inc *isms.Incident, name, value string, form url.Values) (err error) {
	flags := map[string]*bool{"personal_data": &inc.PersonalData, "high_risk": &inc.HighRisk, "card_data": &inc.CardData, "health_data": &inc.HealthData, "significant": &inc.Significant}
	times := map[string]*time.Time{"started_at": &inc.StartedAt, "aware_at": &inc.AwareAt, "major_at": &inc.MajorAt}
	switch {
	case flags[name] != nil:
		*flags[name] = value == "true"
	case times[name] != nil:
		*times[name], err = moment(v.Request, form, name)
	case name == "data_subjects":
		inc.DataSubjects, err = wholeOf(form, name)
	case name == "data_categories":
		inc.DataCategories = nil
		for _, w := range strings.Split(value, ",") {
			if w = strings.TrimSpace(w); w != "" {
				inc.DataCategories = append(inc.DataCategories, w)
			}
		}
	case name == "operational":
		inc.Impacts = slices.DeleteFunc(slices.Clone(inc.Impacts), func(s string) bool { return s == "operational" })
		if value == "true" {
			inc.Impacts = append(inc.Impacts, "operational")
		}
	}
	return err
}

// noticeDo approves, sends, waives or fills a message of the incident again.
func (c Config) noticeDo(r *web.Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	id, done := r.PathValue("notice"), "Done."
	switch form.Get("do") {
	case "approve":
		done, err = "The text is approved.", c.Response.ApproveNotification(r.Ctx(), id, 0)
	case "refill":
		done, err = "The draft is filled again from the record.", c.Response.RefillDraft(r.Ctx(), id, 0)
	case "waive":
		done = "Not needed; the reason is kept."
		_, err = r.App().Do(r.Ctx(), isms.Notifications, id, "waive", 0, kind.Input{Reason: form.Get("remark")})
	case "send":
		call := response.SendCall{Channel: form.Get("channel"), Reference: form.Get("reference"), Remark: form.Get("remark")}
		if call.At, err = moment(r, form, "at"); err == nil {
			_, err = c.Response.SendNotification(r.Ctx(), id, 0, call)
		}
		done = "Sent, and sealed with its hash."
	default:
		err = kind.Fieldf("do", "is approve, refill, send or waive")
	}
	return told(r, roomOf(r)+"#clocks", done, err)
}

// takeExhibit takes a piece of evidence with its file. The text fields stand before
// the file in the form.
func (c Config) takeExhibit(r *web.Request) error {
	call := response.ExhibitCall{}
	err := eachPart(r, func(name, file, value string, in io.Reader) (bool, error) {
		switch name {
		case "title":
			call.Title = value
		case "statement":
			call.Statement = value
		case "holder":
			call.Holder = value
		case "file":
			call.FileName, call.File = file, in
			_, err := c.Response.TakeExhibit(r.Ctx(), r.PathValue("id"), call)
			return true, err
		}
		return false, nil
	})
	if errors.Is(err, errNoFile) {
		call.File = nil
		_, err = c.Response.TakeExhibit(r.Ctx(), r.PathValue("id"), call)
	}
	return told(r, roomOf(r)+"#evidence", "Kept, with its hash and who holds it.", err)
}

func (c Config) handExhibit(r *web.Request) error {
	form, err := r.Form()
	if err == nil {
		err = c.Response.HandExhibit(r.Ctx(), r.PathValue("id"), form.Get("evidence_id"), form.Get("to"), form.Get("note"))
	}
	return told(r, roomOf(r)+"#evidence", "Handed over.", err)
}

// errNoFile tells that a form with a file field came without a file.
var errNoFile = errors.New("no file was chosen")

// maxPart bounds a text field of a form with files.
const maxPart = 64 << 10

// eachPart reads a form with a file, part by part, until take says that it is done.
func eachPart(r *web.Request, take func(name, file, value string, in io.Reader) (bool, error)) error {
	parts, err := r.MultipartReader()
	if err != nil {
		return kind.Errorf(kind.Invalid, "send the form of the page: %w", err)
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return errNoFile
		}
		if err != nil {
			return uploadError(err)
		}
		var value []byte
		if part.FileName() == "" {
			if part.FormName() == "file" {
				continue
			}
			if value, err = io.ReadAll(io.LimitReader(part, maxPart)); err != nil {
				return uploadError(err)
			}
		}
		if done, err := take(part.FormName(), part.FileName(), string(value), part); err != nil || done {
			return err
		}
	}
}
