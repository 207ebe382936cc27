package page

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"holdfast/access"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/web"
	"holdfast/web/ui"
)

// mayBegin: whoever may write all that the assistant asks for.
func mayBegin(a access.Actor) bool {
	for _, k := range []*kind.Kind{isms.Organisations, isms.Assets, isms.Obligations, isms.Appetites} {
		if a.May(kind.Write, k) != access.All {
			return false
		}
	}
	return seesLedger(a)
}

// beginSteps are the questions of the assistant, in their order.
var beginSteps = []struct{ id, title string }{
	{"organisation", "Your organisation"}, {"jewels", "What matters most"}, {"duties", "Obligations"}, {"appetite", "Appetite"}, {"go", "Look and plan"},
}

// A beginView is one question of the set-up assistant.
type beginView struct {
	*web.Request
	figures
	*flow.Beginning
	step     string
	form     url.Values // what was typed, when it has to be shown again
	problems []ui.FieldError
	canScan  bool
}

// begin asks the question that is named, else the first that has no answer yet.
func (c Config) begin(r *web.Request) error {
	v, err := c.beginning(r)
	if err != nil {
		return err
	}
	if v.step = r.URL.Query().Get("step"); stepIndex(v.step) < 0 {
		v.step = v.open()
	}
	return r.Render("Set-up assistant", beginBody(v))
}

func (c Config) beginning(r *web.Request) (*beginView, error) {
	v := &beginView{Request: r, figures: figures{r.Format}, canScan: c.ScanHost != nil && mayScan(r.Actor)}
	var err error
	v.Beginning, err = c.Flow.Beginning(r.Ctx())
	return v, err
}

func stepIndex(id string) int {
	for i, s := range beginSteps {
		if s.id == id {
			return i
		}
	}
	return -1
}

// open is the first question without an answer.
func (v *beginView) open() string {
	switch {
	case v.Organisation == nil || v.Organisation.Sector == "":
		return "organisation"
	case len(v.Jewels) == 0:
		return "jewels"
	case len(v.Obligations) == 0 && v.Appetite == nil:
		return "duties"
	case v.Appetite == nil:
		return "appetite"
	}
	return "go"
}

func (v *beginView) answered(step string) bool {
	switch step {
	case "organisation":
		return v.Organisation != nil && v.Organisation.Sector != ""
	case "jewels":
		return len(v.Jewels) > 0
	case "duties":
		return len(v.Obligations) > 0
	case "appetite":
		return v.Appetite != nil
	}
	return false
}

func (v *beginView) stepper() []ui.Step {
	var list []ui.Step
	for _, s := range beginSteps {
		st := ui.Step{Label: s.title, Href: link("/begin", "step", s.id)}
		switch {
		case s.id == v.step:
			st.Stage = ui.Doing
		case v.answered(s.id):
			st.Stage = ui.Done
		}
		list = append(list, st)
	}
	return list
}

// answerBegin takes the answer to one question and asks the next.
func (c Config) answerBegin(r *web.Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	v, err := c.beginning(r)
	if err != nil {
		return err
	}
	v.step, v.form = form.Get("step"), form
	at := stepIndex(v.step)
	if at < 0 || v.step == "go" {
		return kind.Errorf(kind.NotFound, "there is no question %q", v.step)
	}
	err = c.take(v)
	if fields := kind.FieldsOf(err); fields != nil {
		for _, f := range fields {
			v.problems = append(v.problems, ui.FieldError{Field: f.Field, Label: kind.Humanise(f.Field), Text: f.Message})
		}
		return r.RenderAs(http.StatusUnprocessableEntity, "Set-up assistant", beginBody(v))
	}
	if err != nil {
		return err
	}
	return r.Redirect(link("/begin", "step", beginSteps[at+1].id))
}

func (c Config) take(v *beginView) error {
	switch v.step {
	case "organisation":
		people, err := strconv.Atoi(strings.TrimSpace("0" + v.form.Get("headcount")))
		if err != nil {
			return kind.Fieldf("headcount", "is a number of people")
		}
		return c.Flow.DescribeOrganisation(v.Ctx(), flow.Profile{Name: v.form.Get("title"), Sector: isms.Sector(v.form.Get("sector")),
			Country: v.form.Get("country"), Currency: v.form.Get("currency"), Headcount: people})
	case "jewels":
		list, err := readJewels(v.form)
		if err != nil {
			return err
		}
		_, err = c.Flow.NameJewels(v.Ctx(), list)
		return err
	case "duties":
		_, err := c.Flow.TakeDuties(v.Ctx(), v.form["duty"])
		return err
	}
	yearly, err := amountOf(v.form.Get("appetite"))
	if err != nil {
		return kind.Fieldf("appetite", "%v", err)
	}
	if err := c.Flow.StateAppetite(v.Ctx(), isms.Posture(v.form.Get("posture")), yearly); err != nil {
		return err
	}
	if mayKeepPlaybooks(v.Actor) {
		if _, err := c.Response.AdoptPlaybooks(v.Ctx()); err != nil {
			return err
		}
	}
	if mayMeasure(v.Actor) {
		_, err = c.measureFromNow(v.Request)
	}
	return err
}

// jewelRows is how many things the page asks for at once.
const jewelRows = 6

func readJewels(form url.Values) ([]flow.Jewel, error) {
	var list []flow.Jewel
	for i := range jewelRows + 4 {
		n := strconv.Itoa(i + 1)
		name := strings.TrimSpace(form.Get("name-" + n))
		if name == "" {
			continue
		}
		value, err := amountOf(form.Get("value-" + n))
		if err != nil {
			return nil, kind.Fieldf("value-"+n, "%s: %v", name, err)
		}
		list = append(list, flow.Jewel{Name: name, Type: isms.AssetType(form.Get("type-" + n)), Value: kind.Range{Low: value * 0.5, Likely: value, High: value * 2}})
	}
	return list, nil
}

// amountOf reads a rough amount of money as people write it: 900k, 1.2m, 900 000.
func amountOf(text string) (float64, error) {
	s := strings.ToLower(strings.NewReplacer(" ", "", ",", "", "\u00a0", "", "_", "").Replace(strings.TrimSpace(text)))
	unit := 1.0
	switch {
	case strings.HasSuffix(s, "k"):
		s, unit = s[:len(s)-1], 1e3
	case strings.HasSuffix(s, "m"):
		s, unit = s[:len(s)-1], 1e6
	}
	x, err := strconv.ParseFloat(s, 64)
	if err != nil || x <= 0 || math.IsInf(x, 0) || math.IsNaN(x) || x*unit > 1e13 {
		return 0, fmt.Errorf("write a rough amount, such as 900k or 1.2m")
	}
	return x * unit, nil
}

func (v *beginView) problem(field string) string {
	for _, p := range v.problems {
		if p.Field == field {
			return p.Text
		}
	}
	return ""
}

// value is what was typed, else what is known.
func (v *beginView) value(field, known string) string {
	if v.form != nil {
		return v.form.Get(field)
	}
	return known
}

func (v *beginView) known() isms.Organisation {
	if v.Organisation == nil {
		return isms.Organisation{Base: isms.Base{Title: v.Format.Workspace}, Currency: v.Format.Currency}
	}
	return *v.Organisation
}

func (v *beginView) headcount() string {
	if n := v.known().Headcount; n > 0 {
		return strconv.Itoa(n)
	}
	return ""
}

func options(list []kind.Choice) []ui.Option {
	var out []ui.Option
	for _, c := range list {
		label := c.Label
		if label == "" {
			label = kind.Humanise(c.Value)
		}
		out = append(out, ui.Option{Value: c.Value, Label: label, Help: c.Doc})
	}
	return out
}

// A jewelRow is one line of the question what matters most.
type jewelRow struct{ n, name, typ, value, hint string }

// hints show what could stand there.
var hints = []struct{ name, typ string }{
	{"Customer portal", "application"}, {"Customer data", "data_set"}, {"Source code", "intellectual_property"}, {"Mail and files", "supplier_service"}, {"Bank accounts and payments", "service"}, {"Our good name", "reputation"},
}

func (v *beginView) jewelRows() []jewelRow {
	var rows []jewelRow
	count := max(jewelRows, min(len(v.Jewels)+2, jewelRows+4))
	for i := range count {
		n := strconv.Itoa(i + 1)
		row := jewelRow{n: n, hint: hints[i%len(hints)].name, typ: hints[i%len(hints)].typ}
		if i < len(v.Jewels) {
			a := v.Jewels[i]
			row.name, row.typ, row.value = a.Title, string(a.Type), strconv.FormatFloat(a.Value.Mid(), 'f', 0, 64)
		}
		if v.form != nil {
			row.name, row.typ, row.value = v.form.Get("name-"+n), v.form.Get("type-"+n), v.form.Get("value-"+n)
		}
		rows = append(rows, row)
	}
	return rows
}

func (v *beginView) duties() (list []ui.Option, chosen []string) {
	for _, d := range flow.UsualDuties() {
		list = append(list, ui.Option{Value: d.Key, Label: d.Title, Help: d.Doc})
		if _, known := v.Obligations[d.Key]; known || len(v.Obligations) == 0 && d.Usual(v.Organisation) {
			chosen = append(chosen, d.Key)
		}
	}
	return list, chosen
}

func (v *beginView) appetite() string {
	if v.Appetite != nil {
		return strconv.FormatFloat(v.Appetite.Wanted.Float(), 'f', 0, 64)
	}
	return strconv.FormatFloat(flow.SuggestedAppetite(v.Beginning), 'f', 0, 64)
}

func (v *beginView) posture() string {
	if v.Appetite != nil {
		return string(v.Appetite.Posture)
	}
	return "cautious"
}
