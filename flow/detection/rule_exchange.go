package detection

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"holdfast/access"
	"holdfast/catalog"
	"holdfast/engine"
	"holdfast/flow"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// Bounds of what is imported at once.
const (
	maxRuleFiles   = 20_000
	maxRulesAtOnce = 256 << 20
)

// A RuleFile is one file of rules.
type RuleFile struct {
	Name string
	Text string
}

// ReadRuleFiles reads every .yml and .yaml file of a folder (os.DirFS) or an archive
// (zip.Reader), in the order of their names.
func ReadRuleFiles(fsys fs.FS) ([]RuleFile, error) {
	var list []RuleFile
	total := 0
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		ext := strings.ToLower(path.Ext(name))
		if err != nil || d.IsDir() || ext != ".yml" && ext != ".yaml" {
			return err
		}
		if len(list) == maxRuleFiles {
			return kind.Fieldf("file", "holds more than %d rules; take a part of it", maxRuleFiles)
		}
		in, err := fsys.Open(name)
		if err != nil {
			return err
		}
		data, err := engine.ReadAllLimited(in, name, MaxRule)
		if err = errors.Join(err, in.Close()); err != nil {
			return err
		}
		if total += len(data); total > maxRulesAtOnce {
			return kind.Fieldf("file", "holds rules of more than %d MB; take a part of it", maxRulesAtOnce>>20)
		}
		list = append(list, RuleFile{name, string(data)})
		return nil
	})
	return list, err
}

// RuleFiles reads what somebody handed over under a name: a ZIP archive of rules or one
// YAML file.
func RuleFiles(name string, data []byte) ([]RuleFile, error) {
	if !bytes.HasPrefix(data, []byte("PK\x03\x04")) {
		return []RuleFile{{path.Base(name), string(data)}}, nil
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, kind.Fieldf("file", "%s is no whole ZIP archive: %v", path.Base(name), err)
	}
	return ReadRuleFiles(z)
}

// RuleImport tells what an import did, or would do.
type RuleImport struct {
	Added, Changed, Same int
	Refused              []string   // with file, line and remedy
	Rules                []RuleNews // each that is new or changed, in the order of the files
}

// RuleNews is a rule that an import brings.
type RuleNews struct {
	File, Title string
	Level       isms.Severity
	Source      string // log source in words
	Key         string // of the record that it changes; empty: it is new
}

// ImportRules makes a record of each file of rules, or brings the one up to date that has
// the same Sigma id: its text and what follows from it, never what people decided. New
// rules begin in the state that is named; empty: draft. What cannot be read is left out
// and named. Everything else is one transaction.
func (f *Flow) ImportRules(ctx context.Context, files []RuleFile, state isms.RuleStatus) (RuleImport, error) {
	return f.takeRules(ctx, files, state, false)
}

// PreviewRules tells what ImportRules would do, and writes nothing. The actor must be
// allowed to import.
func (f *Flow) PreviewRules(ctx context.Context, files []RuleFile) (RuleImport, error) {
	return f.takeRules(ctx, files, "", true)
}

func (f *Flow) takeRules(ctx context.Context, files []RuleFile, state isms.RuleStatus, dry bool) (RuleImport, error) {
	var out RuleImport
	if !slices.Contains([]isms.RuleStatus{"", isms.RuleDraft, isms.RuleTesting, isms.RuleActive}, state) {
		return out, kind.Fieldf("state", "is draft, testing or active")
	}
	actor, err := access.From(ctx)
	if err != nil {
		return out, err
	}
	if actor.May(kind.Write, isms.DetectionRules) != access.All {
		return out, actor.Refuse(kind.Write, isms.DetectionRules)
	}
	err = f.app.Atomic(flow.AsMachine(ctx, actor), func(ctx context.Context) error {
		out = RuleImport{}
		known, err := f.knownRules(ctx)
		if err != nil {
			return err
		}
		for _, file := range files {
			if err := f.importRule(ctx, file, state, known, &out, dry); err != nil {
				return fmt.Errorf("%s: %w", file.Name, err)
			}
		}
		return nil
	})
	return out, err
}

// knownRules finds rules by their Sigma id and by their key.
func (f *Flow) knownRules(ctx context.Context) (map[string]*isms.DetectionRule, error) {
	all, err := f.rules().All(ctx, kind.Query{})
	known := map[string]*isms.DetectionRule{}
	for _, r := range all {
		known["key "+r.Key] = r
		if r.RuleID != "" {
			known["id "+strings.ToLower(r.RuleID)] = r
		}
	}
	return known, err
}

func (f *Flow) importRule(ctx context.Context, file RuleFile, state isms.RuleStatus, known map[string]*isms.DetectionRule, out *RuleImport, dry bool) error {
	t, err := ReadRule(file.Name, file.Text)
	if err != nil {
		out.Refused = append(out.Refused, prose.Cut(prose.Clean(err.Error()), maxComplaint))
		return nil
	}
	key := kind.Slug(strings.TrimSuffix(path.Base(file.Name), path.Ext(file.Name)))
	r := known["key "+key]
	if t.ID != "" {
		r = known["id "+strings.ToLower(t.ID)]
	}
	body := isms.Markdown(strings.ReplaceAll(file.Text, "\r\n", "\n"))
	news := RuleNews{File: file.Name, Level: cmp.Or(t.Level, isms.SeverityMedium), Source: strings.Join(slices.DeleteFunc([]string{t.Product, t.Category, t.Service}, func(s string) bool { return s == "" }), ", ")}
	switch {
	case r == nil:
		r = &isms.DetectionRule{Base: isms.Base{Origin: "import"}, Status: state, Level: t.Level}
		if known["key "+key] == nil {
			r.Key = key
		}
		out.Added++
	case r.Body == body:
		out.Same++
		return nil
	default:
		out.Changed++
		news.Key = r.Key
	}
	r.Title, r.Body = prose.Cut(prose.Clean(prose.FirstOf(t.Title, path.Base(file.Name))), 300), body
	t.fill(r)
	r.Complaint = ""
	news.Title = r.Title
	out.Rules = append(out.Rules, news)
	if !dry {
		if err := f.rules().Save(ctx, r); err != nil {
			return err
		}
	}
	known["key "+cmp.Or(r.Key, key)] = r
	if t.ID != "" {
		known["id "+strings.ToLower(t.ID)] = r
	}
	return nil
}

// ExportRules writes the texts of rules as a ZIP archive, one file each, as they are:
// what was imported comes out letter for letter.
func (f *Flow) ExportRules(ctx context.Context, q kind.Query, w io.Writer) (n int, err error) {
	z := zip.NewWriter(w)
	taken := map[string]bool{}
	err = f.app.All(ctx, isms.DetectionRules, q, func(rec kind.Record) error {
		r := rec.(*isms.DetectionRule)
		name := kind.Slug(r.Key)
		for taken[name] || name == "" {
			name += "-" + strings.ToLower(r.ID[max(0, len(r.ID)-6):])
		}
		taken[name] = true
		out, err := z.Create(name + ".yml")
		if err != nil {
			return err
		}
		n++
		_, err = io.WriteString(out, string(r.Body))
		return err
	})
	return n, errors.Join(err, z.Close())
}

// ShippedRules are the rules that ship with the product.
func ShippedRules() ([]RuleFile, error) {
	shipped, err := catalog.Rules()
	if err != nil {
		return nil, err
	}
	return ReadRuleFiles(shipped)
}

// AdoptRules takes in the rules that ship with the product, in the state that is named.
// What is there already stays.
func (f *Flow) AdoptRules(ctx context.Context, state isms.RuleStatus) (RuleImport, error) {
	files, err := ShippedRules()
	if err != nil {
		return RuleImport{}, err
	}
	return f.ImportRules(ctx, files, state)
}

// PackRules makes one archive of files of rules, which RuleFiles reads again.
func PackRules(files []RuleFile) ([]byte, error) {
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	for _, f := range files {
		w, err := z.Create(f.Name)
		if err != nil {
			return nil, err
		}
		if _, err := io.WriteString(w, f.Text); err != nil {
			return nil, err
		}
	}
	err := z.Close()
	return packed.Bytes(), err
}
