package page

import (
	"cmp"
	"encoding/base64"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strings"

	"holdfast/flow/detection"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/web"
	"holdfast/web/ui"

	"github.com/a-h/templ"
)

// Bounds of what is taken in from the page; more comes in over the API or the command
// line. The preview carries the rules as text, with the form around them.
const (
	maxRuleUpload = 32 << 20
	maxRuleImport = maxRuleUpload + maxRuleUpload/2 + 64<<10
	ruleNewsShown = 200
)

// A ruleImport is the page that takes rules in.
type ruleImport struct {
	*web.Request
	figures
	shipped *detection.RuleImport // what of the rules that ship with the product is missing
	problem string
	state   string

	// The preview, or what was done.
	what    string // is taken in: a file, or the rules that ship
	preview *detection.RuleImport
	done    *detection.RuleImport
	packed  string // the rules as text; empty: those that ship
}

func (c Config) ruleImportPage(r *web.Request) error {
	return c.showRuleImport(&ruleImport{Request: r}, http.StatusOK)
}

func (c Config) showRuleImport(v *ruleImport, status int) error {
	v.figures, v.state = figures{v.Format}, cmp.Or(v.state, string(isms.RuleTesting))
	files, err := detection.ShippedRules()
	if err != nil {
		return err
	}
	shipped, err := c.Detection.PreviewRules(v.Ctx(), files)
	if err != nil {
		return err
	}
	v.shipped = &shipped
	return v.RenderAs(status, "Adopt and import rules", ruleImportBody(v))
}

// importRules shows what would come of an upload or of the rules that ship, and takes in
// what was shown.
func (c Config) importRules(r *web.Request) error {
	v := &ruleImport{Request: r}
	if err := r.ParseMultipartForm(maxRuleImport); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return kind.Errorf(kind.TooLarge, "the rules are more than %d MB, too many files, or did not arrive whole; pack them as one ZIP archive, or take them in with “holdfast rules import”: %w", maxRuleUpload>>20, err)
	}
	v.state = r.PostFormValue("state")
	files, err := v.files()
	if err == nil {
		err = c.takeRules(v, files)
	}
	if kind.CodeOf(err) == kind.Invalid {
		v.problem, v.preview, v.done = err.Error(), nil, nil
		return c.showRuleImport(v, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	return c.showRuleImport(v, http.StatusOK)
}

// takeRules previews the rules, or takes them in when that is what was pressed.
func (c Config) takeRules(v *ruleImport, files []detection.RuleFile) error {
	if v.PostFormValue("sure") == "yes" {
		done, err := c.Detection.ImportRules(v.Ctx(), files, isms.RuleStatus(v.state))
		v.done = &done
		return err
	}
	preview, err := c.Detection.PreviewRules(v.Ctx(), files)
	if err != nil {
		return err
	}
	v.preview = &preview
	if v.PostFormValue("shipped") == "yes" {
		return nil
	}
	packed, err := detection.PackRules(files)
	v.packed = base64.RawURLEncoding.EncodeToString(packed)
	return err
}

// files are the rules that ship, those that a preview carries, or those that were chosen.
func (v *ruleImport) files() ([]detection.RuleFile, error) {
	if v.PostFormValue("shipped") == "yes" {
		v.what = "the rules that ship with the product"
		return detection.ShippedRules()
	}
	if packed := v.PostFormValue("packed"); packed != "" {
		data, err := base64.RawURLEncoding.DecodeString(packed)
		if err != nil {
			return nil, kind.Fieldf("file", "did not come back whole; choose the files again")
		}
		return detection.RuleFiles("rules.zip", data)
	}
	return v.uploaded()
}

// uploaded reads the files of the form, of a folder too, or the text that was pasted.
func (v *ruleImport) uploaded() ([]detection.RuleFile, error) {
	var heads []*multipart.FileHeader
	if v.MultipartForm != nil {
		heads = append(v.MultipartForm.File["file"], v.MultipartForm.File["folder"]...)
	}
	var all []detection.RuleFile
	left := int64(maxRuleUpload)
	for _, head := range heads {
		if head.Filename == "" {
			continue
		}
		data, err := boundedFile(head, left)
		if err != nil {
			return nil, err
		}
		left -= int64(len(data))
		if !ruleLike(head.Filename) {
			continue
		}
		files, err := detection.RuleFiles(head.Filename, data)
		if err != nil {
			return nil, err
		}
		all, v.what = append(all, files...), head.Filename
	}
	if text := v.PostFormValue("text"); strings.TrimSpace(text) != "" {
		all, v.what = append(all, detection.RuleFile{Name: "pasted.yml", Text: text}), "the text"
	}
	if len(all) == 0 {
		return nil, kind.Fieldf("file", "holds no rules; choose YAML files, a folder or a ZIP archive, or paste a rule")
	}
	if len(heads) > 1 {
		v.what = v.Format.Count(int64(len(heads))) + " files"
	}
	return all, nil
}

func boundedFile(head *multipart.FileHeader, most int64) ([]byte, error) {
	in, err := head.Open()
	if err != nil {
		return nil, err
	}
	defer in.Close() //nolint:errcheck // it was only read
	data, err := io.ReadAll(io.LimitReader(in, most+1))
	if err == nil && int64(len(data)) > most {
		return nil, kind.Fieldf("file", "is larger than %d MB; take it in with “holdfast rules import”", maxRuleUpload>>20)
	}
	return data, err
}

// ruleLike tells whether a file of a folder may hold rules: others that lie there are
// passed over.
func ruleLike(name string) bool {
	for _, ending := range []string{".yml", ".yaml", ".zip"} {
		if strings.HasSuffix(strings.ToLower(name), ending) {
			return true
		}
	}
	return false
}

func (v *ruleImport) states() []ui.Option {
	return []ui.Option{
		{Value: string(isms.RuleDraft), Label: "Draft: they do not run"}, {Value: string(isms.RuleTesting), Label: "Tried: they count and call nobody"}, {Value: string(isms.RuleActive), Label: "Active: they call"},
	}
}

// counts says what an import brings in a line.
func (v *ruleImport) counts(x *detection.RuleImport) string {
	n := func(i int) string { return v.format.Count(int64(i)) }
	return n(x.Added) + " new, " + n(x.Changed) + " changed, " + n(x.Same) + " as they were."
}

// shippedWords says what of the rules that ship is missing.
func (v *ruleImport) shippedWords() string {
	x := v.shipped
	all := v.format.Count(int64(x.Added + x.Changed + x.Same))
	switch {
	case x.Added == 0 && x.Changed == 0:
		return "All " + all + " are here."
	case x.Added == 0:
		return "All " + all + " are here; " + v.plural(int64(x.Changed), "text is", "texts are") + " not as it ships."
	}
	return v.format.Count(int64(x.Added)) + " of " + all + " are not here yet."
}

func (v *ruleImport) previewStats() []ui.StatProps {
	x := v.preview
	count := func(n int) string { return v.format.Count(int64(n)) }
	return []ui.StatProps{
		{Label: "New", Value: count(x.Added)}, {Label: "Changed", Value: count(x.Changed), Note: "what you decided about them stays"},
		{Label: "As they are", Value: count(x.Same)}, {Label: "Unreadable", Value: count(len(x.Refused)), Note: "left out, with the reason below"},
	}
}

// newsTable lists what would come.
func (v *ruleImport) newsTable() ui.TableProps {
	p := ui.TableProps{ID: "rule-news", Caption: "Rules that would come", Dense: true, Columns: []ui.Column{
		{Key: "title", Label: "Rule", Main: true}, {Key: "what", Label: "What", Narrow: true}, {Key: "level", Label: "Level", Narrow: true}, {Key: "source", Label: "Log source"}, {Key: "file", Label: "File"},
	}}
	for _, n := range v.preview.Rules[:min(len(v.preview.Rules), ruleNewsShown)] {
		row := ui.Row{ID: n.File, Cells: []templ.Component{ui.Text(plainly(n.Title, 120)), ui.Text("New"), ui.Severity(string(n.Level)), ui.Text(plainly(n.Source, 60)), ui.Muted(plainly(n.File, 80))}}
		if n.Key != "" {
			row.Cells[1], row.Href, row.Label = ui.Text("Changed"), web.RecordURL(isms.DetectionRules, n.Key), plainly(n.Title, 120)
		}
		p.Rows = append(p.Rows, row)
	}
	return p
}
