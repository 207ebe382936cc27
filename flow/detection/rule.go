package detection

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"holdfast/app"
	"holdfast/engine/detect"
	"holdfast/flow"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// MaxRule bounds the text of one rule, in bytes.
const MaxRule = 256 << 10

// A RuleText is what the text of a detection rule says of itself. A text may hold several
// documents, of which the last correlation, else the last rule, is the one that rings.
type RuleText struct {
	ID, Title, Description, Author, Status string
	Level                                  isms.Severity
	Maturity                               isms.RuleMaturity
	Type                                   isms.RuleType
	Product, Service, Category             string
	Techniques, References, Doubts         []string
	Collection                             *detect.Collection
}

// ReadRule reads the text of a rule and makes sure that it can run as far as that can be
// said without the other rules. name stands for the file in complaints, which name the
// line and the remedy.
func ReadRule(name, text string) (*RuleText, error) {
	if len(text) > MaxRule {
		return nil, fmt.Errorf("%s: a rule of more than %d KB; take parts out", name, MaxRule>>10)
	}
	c, err := detect.Parse(name, []byte(text))
	if err != nil {
		return nil, err
	}
	t := &RuleText{Collection: c}
	switch {
	case len(c.Correlations) > 0:
		t.Type = "correlation"
		t.about(&c.Correlations[len(c.Correlations)-1].About)
	case len(c.Rules) > 0:
		t.Type = "single"
		t.about(&c.Rules[len(c.Rules)-1].About)
	case len(c.Filters) > 0:
		t.Type = "single"
		t.about(&c.Filters[len(c.Filters)-1].About)
	default:
		return nil, fmt.Errorf("%s:1: there is no rule in it; a rule has the parts title, logsource and detection", name)
	}
	if len(c.Rules) > 0 {
		source := c.Rules[len(c.Rules)-1].LogSource
		t.Product, t.Service, t.Category = source.Product, source.Service, source.Category
	}
	_, problems := detect.Compile(c, detect.Options{})
	return t, errors.Join(slices.DeleteFunc(problems, refersElsewhere)...)
}

// refersElsewhere tells whether a problem is only that another rule is needed, which may
// be a record of its own.
func refersElsewhere(err error) bool {
	return strings.Contains(err.Error(), "there is no such rule")
}

var techniqueTag = regexp.MustCompile(`^attack\.(t[0-9]{4}(\.[0-9]{3})?)$`)

func (t *RuleText) about(a *detect.About) {
	t.ID, t.Title, t.Description, t.Author, t.Status = a.ID, a.Title, a.Description, a.Author, a.Status
	t.References, t.Doubts = a.References, a.FalsePositives
	t.Level = severityOf(a.Level)
	for _, tag := range a.Tags {
		if m := techniqueTag.FindStringSubmatch(strings.ToLower(tag)); m != nil {
			t.Techniques = append(t.Techniques, strings.ToUpper(m[1]))
		}
	}
	switch m := isms.RuleMaturity(strings.ToLower(a.Status)); m {
	case "stable", "test", "experimental", "deprecated", "unsupported":
		t.Maturity = m
	}
}

// severityOf is the level of a rule in the words of the records.
func severityOf(l detect.Level) isms.Severity {
	switch l {
	case detect.Informational:
		return isms.SeverityNone
	case detect.Low, detect.Medium, detect.High, detect.Critical:
		return isms.Severity(l)
	}
	return ""
}

// fill writes what the text says into the record: always what only the text can say, and
// what people may say better only where they have said nothing.
func (t *RuleText) fill(r *isms.DetectionRule) {
	r.RuleID, r.Type, r.Product, r.Service, r.Category = t.ID, t.Type, t.Product, t.Service, t.Category
	r.Level = cmp.Or(r.Level, t.Level)
	r.Maturity = cmp.Or(r.Maturity, t.Maturity)
	r.Description = cmp.Or(r.Description, isms.Markdown(t.Description))
	r.Author = cmp.Or(r.Author, t.Author)
	if len(r.Techniques) == 0 {
		r.Techniques = t.Techniques
	}
	if len(r.References) == 0 {
		r.References = prose.FirstWords(t.References, 50)
	}
	if r.Doubts == "" && len(t.Doubts) > 0 {
		r.Doubts = isms.Markdown("- " + strings.Join(prose.FirstWords(t.Doubts, 50), "\n- "))
	}
}

// FollowRules is a Settler: a rule whose text changes says at once whether it can run, and
// takes its log source and kind from its text.
func (f *Flow) FollowRules(ctx context.Context, changed []app.Event) error {
	for _, e := range changed {
		if e.Kind != isms.DetectionRules || e.Record == nil || e.Verb == "delete" {
			continue
		}
		if before, ok := e.Before.(*isms.DetectionRule); ok && before.Body == e.Record.(*isms.DetectionRule).Body {
			continue
		}
		if err := f.examineRule(flow.AsIfProduct(ctx), e.ID); err != nil {
			return err
		}
	}
	return nil
}

func (f *Flow) examineRule(ctx context.Context, id string) error {
	r, err := f.rules().Get(ctx, id)
	if err != nil {
		return err
	}
	t, bad := ReadRule(r.Key, string(r.Body))
	if t != nil {
		t.fill(r)
	}
	r.Complaint = complaintOf(bad)
	return f.rules().Save(ctx, r)
}

const maxComplaint = 500

func complaintOf(err error) string {
	if err == nil {
		return ""
	}
	return prose.Cut(prose.Clean(err.Error()), maxComplaint)
}

// Complain notes why a rule cannot run, or that it can, where that is news.
func (f *Flow) Complain(ctx context.Context, ruleID string, problem error) error {
	r, err := f.rules().Get(ctx, ruleID)
	if err != nil || r.Complaint == complaintOf(problem) {
		return err
	}
	r.Complaint = complaintOf(problem)
	return f.rules().Save(ctx, r)
}

// RunningRules lists the rules that are matched with events: active ones and those that
// are tried.
func (f *Flow) RunningRules(ctx context.Context) ([]*isms.DetectionRule, error) {
	return f.rules().All(ctx, kind.Query{Sort: "created_at"}.Where("status", string(isms.RuleActive), string(isms.RuleTesting)))
}

// CountTrial counts what a rule that is only tried has matched: nobody is called.
func (f *Flow) CountTrial(ctx context.Context, ruleID string, n int, at time.Time) error {
	r, err := f.rules().Get(ctx, ruleID)
	if err != nil {
		return err
	}
	r.Hits += n
	if at.After(r.LastHit) {
		r.LastHit = at
	}
	return f.rules().Save(ctx, r)
}
