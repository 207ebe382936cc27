package catalog

import (
	"fmt"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// aFullOrganisation answers everything a template may ask for.
func aFullOrganisation() DocumentData {
	return DocumentData{
		Organisation: DocumentOrganisation{Name: "Fernhill", Trade: "software for clinics", Size: 48, Currency: "EUR", Country: "Ireland"},
		Scope:        "The portal *Rondo* with all that runs it.\n\nThe shop in the ground floor is out.",
		Lead:         "Aoife Keane, Head of Security",
		Board:        "Security Board",
		Reporter:     "security@fernhill.example or extension 112",
		Crown:        []CrownJewel{{"Patient records", "Sorcha Nolan", "4 hours", "15 minutes"}, {Name: "Source code"}},
		Vendors:      []DocumentVendor{{"Cloud Nine", "hosting"}, {Name: "Payslip Ltd"}},
		Objectives:   []string{"Restore within four hours", "Every sign-in with a second factor"},
		Obligations:  []DocumentObligation{{"GDPR", "Data Protection Commission"}, {Title: "Contract with St Brendan's"}},
		Frameworks:   []string{"ISO/IEC 27001", "NIST CSF"},
	}
}

func filled(t testing.TB, d *Document, data DocumentData) string {
	t.Helper()
	text, err := d.Fill(data)
	if err != nil {
		t.Fatalf("%s: %v", d.ID, err)
	}
	return text
}

func TestTheTemplatesThatAnISMSNeedsAreShipped(t *testing.T) {
	c := shipped(t)
	for _, id := range words(`information-security acceptable-use access-control password-and-authentication cryptography
		asset-management classification-and-handling backup logging-and-monitoring vulnerability-management
		secure-development change-management supplier-security incident-response business-continuity remote-work
		physical-security data-protection ai-use security-awareness isms-scope risk-management-method`) {
		if d, ok := c.Document(id); !ok || d.Title == "" {
			t.Errorf("there is no template %s", id)
		}
	}
	if _, ok := c.Document("nothing"); ok {
		t.Error("an unknown template must not be found")
	}
}

// sections every document has, in this order; a plan may have more between them.
var sections = []string{"Purpose", "Who it holds for", "Rules", "Who does what", "Exceptions", "How we check", "Review"}

func TestEveryTemplateReadsWellForAFullAndForAnEmptyOrganisation(t *testing.T) {
	full := aFullOrganisation()
	for i := range shipped(t).Documents {
		d := &shipped(t).Documents[i]
		for name, data := range map[string]DocumentData{"full": full, "empty": {}} {
			t.Run(d.ID+" "+name, func(t *testing.T) {
				text := filled(t, d, data)
				for _, flaw := range flawsOf(text) {
					t.Error(flaw)
				}
				n := len(strings.Fields(text))
				if n < 350 || n > 1500 {
					t.Errorf("%d words are not one to three pages", n)
				}
				if name == "full" && !strings.Contains(text, "Fernhill") {
					t.Error("the organisation is not named")
				}
			})
		}
	}
}

// flawsOf names what no document may have.
func flawsOf(text string) (flaws []string) {
	flaw := func(format string, args ...any) { flaws = append(flaws, fmt.Sprintf(format, args...)) }
	for _, bad := range []string{"{{", "}}", "\n\n\n", "<no value>", "  \n", "()", " .", " ,", ", .", "..", " :", "%!", "the the "} {
		if strings.Contains(text, bad) {
			flaw("holds %q", bad)
		}
	}
	var headings []string
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, line := range lines {
		next := ""
		for _, l := range lines[i+1:] {
			if next = l; l != "" {
				break
			}
		}
		if strings.HasPrefix(line, "#") {
			headings = append(headings, strings.TrimLeft(line, "# "))
			if next == "" || strings.HasPrefix(next, "##") && !strings.HasPrefix(next, "###") {
				flaw("nothing stands under %q", line)
			}
		}
		if strings.HasSuffix(line, ":") && !regexp.MustCompile(`^( *- |\||\d+\. )`).MatchString(next) {
			flaw("nothing follows %q but %q", line, next)
		}
		if strings.HasPrefix(line, "|---") && !strings.HasPrefix(next, "| ") {
			flaw("a table has no rows")
		}
		if startsSmall(line) {
			flaw("a sentence starts with a small letter: %q", line)
		}
	}
	at := 0
	for _, s := range sections {
		i := slices.Index(headings[at:], s)
		if i < 0 {
			flaw("section %q is missing or stands elsewhere", s)
			continue
		}
		at += i + 1
	}
	return flaws
}

var afterSign = regexp.MustCompile(`^[a-z]|^\d+\. [a-z]|[^.][.?!] [a-z]`)

func startsSmall(line string) bool { return afterSign.MatchString(line) }

func TestAFlawIsSeen(t *testing.T) {
	good := "## Purpose\n\nWhy.\n\n## Who it holds for\n\nAll.\n\n## Rules\n\n1. Do.\n\n## Who does what\n\nWe.\n\n## Exceptions\n\nNone.\n\n## How we check\n\nSo.\n\n## Review\n\nYearly.\n"
	if flaws := flawsOf(good); len(flaws) > 0 {
		t.Fatalf("the good one has flaws: %v", flaws)
	}
	for _, change := range [][2]string{{"Why.", ""}, {"## Rules", "## Laws"}, {"Do.", "Do {{.X}}."}, {"All.", "These:"}, {"So.", "So\n\n\nit is."},
		{"None.", "None. not one."}, {"We.", "| a |\n|---|\n"}, {"1. Do", "1. do"}} {
		if len(flawsOf(strings.Replace(good, change[0], change[1], 1))) == 0 {
			t.Errorf("nobody sees that %q became %q", change[0], change[1])
		}
	}
}

func TestNoLongSentenceStandsInTwoTemplates(t *testing.T) {
	end := regexp.MustCompile(`[.!?:]\**\s|\n|\|`)
	owner := map[string]string{}
	c := shipped(t)
	for i := range c.Documents {
		d := &c.Documents[i]
		for _, sentence := range end.Split(d.About+"\n"+d.Body, -1) {
			low := strings.Join(strings.Fields(strings.ToLower(strings.TrimLeft(sentence, "-0123456789.* "))), " ")
			if len(strings.Fields(low)) <= 12 {
				continue
			}
			if before, ok := owner[low]; ok {
				t.Errorf("%s and %s both say: %s", before, d.ID, low)
			}
			owner[low] = d.ID
		}
	}
	if len(owner) < 300 {
		t.Errorf("only %d long sentences were compared", len(owner))
	}
}

// checkIDs are the configuration checks that docs/checks.md lists.
func checkIDs(t testing.TB) (ids []string) {
	t.Helper()
	b, err := os.ReadFile("../docs/checks.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^### (\S+)$`).FindAllSubmatch(b, -1) {
		ids = append(ids, string(m[1]))
	}
	return ids
}

func TestEveryMeasurementThatATemplateNamesIsMade(t *testing.T) {
	ids := checkIDs(t)
	named := 0
	c := shipped(t)
	for i := range c.Documents {
		for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(c.Documents[i].Body, -1) {
			named++
			if !slices.ContainsFunc(ids, func(id string) bool { ok, err := path.Match(m[1], id); return ok && err == nil }) {
				t.Errorf("%s names the check %q, which is not in docs/checks.md", c.Documents[i].ID, m[1])
			}
		}
	}
	if named < 20 {
		t.Errorf("only %d checks are named", named)
	}
}

// template makes a small document for the cases below.
func aTemplate(body string) *Document {
	return &Document{ID: "small", ReviewMonths: 12, Body: body, Settings: []Setting{{"patch_days", 7, "days", "Time to patch."}}}
}

func TestFillingATemplate(t *testing.T) {
	own := DocumentData{Settings: map[string]int{"patch_days": 1, "another": -3}}
	named := aFullOrganisation()
	named.Organisation.Name = "A*B | <i>\n# C_D"
	for _, test := range []struct {
		name, body, want string
		data             DocumentData
	}{
		{"the default figure", "Within {{.Settings.patch_days}}.", "Within 7 days.\n", DocumentData{}},
		{"an own figure, one", "Within {{.Settings.patch_days}}.", "Within 1 day.\n", own},
		{"the number alone", "{{.Settings.patch_days.Value}}", "1\n", own},
		{"the review", "Every {{.Every}}.", "Every 12 months.\n", DocumentData{}},
		{"rules are numbered in each section", "1. A\n{{if .Lead}}1. B\n{{end}}1. C\n## D\n1. E", "1. A\n2. C\n## D\n1. E\n", DocumentData{}},
		{"blank lines close up", "\n\nA  \n{{if .Lead}}B{{end}}\n\n\nC\n\n", "A\n\nC\n", DocumentData{}},
		{"an article of its own", "By the {{.Board}}.", "By the board.\n", DocumentData{Board: "The board"}},
		{"no name", "At {{.Organisation.Name}}.", "At the organisation.\n", DocumentData{}},
		{"a name cannot become a heading, a table or markup", "At {{.Organisation.Name}}.", `At A\*B \| \<i\> \# C\_D.` + "\n", named},
	} {
		if diff := cmp.Diff(test.want, filled(t, aTemplate(test.body), test.data)); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

func TestFillingDoesNotChangeWhatWasHandedIn(t *testing.T) {
	data, before := aFullOrganisation(), aFullOrganisation()
	data.Crown[0].Name, before.Crown[0].Name = "A_B", "A_B"
	d, _ := shipped(t).Document("information-security")
	if one, two := filled(t, d, data), filled(t, d, data); one != two {
		t.Error("two fillings differ")
	}
	if diff := cmp.Diff(before, data); diff != "" {
		t.Error(diff)
	}
}

func TestATemplateThatCannotBeFilledIsAnError(t *testing.T) {
	for body, want := range map[string]string{
		"a\n{{.Settings.unknown}}": `small:2:`,
		"{{.Nothing}}":             "Nothing",
		"{{if .Lead}}":             "unexpected EOF",
	} {
		if text, err := aTemplate(body).Fill(DocumentData{}); err == nil || text != "" || !strings.Contains(err.Error(), want) {
			t.Errorf("%q must be refused with %q: %q, %v", body, want, text, err)
		}
	}
	zero := DocumentData{Settings: map[string]int{"patch_days": 0}}
	if _, err := aTemplate("{{.Settings.patch_days}}").Fill(zero); err == nil || !strings.Contains(err.Error(), "setting patch_days: 0 is not above zero") {
		t.Errorf("a figure of nought must be refused: %v", err)
	}
}

func TestASlipInATemplateIsRefusedWithItsPlace(t *testing.T) {
	const file = "documents/backup.md"
	for name, c := range map[string]struct{ old, new, want string }{
		"unknown field":         {"title:", "titel:", file + ": line 3: field titel"},
		"no front matter":       {"---\n", "", file + ":1: front matter"},
		"id of another file":    {"id: backup", "id: backups", file + `:1: the id "backups"`},
		"unknown requirement":   {"iso27001-2022:A.8.13", "iso27001-2022:A.8.39", file + `:1: document "backup": meets: "iso27001-2022:A.8.39" does not exist`},
		"a chapter is not met":  {"iso27001-2022:A.8.13", "iso27001-2022:8", `"iso27001-2022:8" does not exist`},
		"unknown framework":     {"iso27001-2022:A.8.13", "iso:A.8.13", `"iso:A.8.13" does not exist`},
		"unknown safeguard":     {"offline-backups", "online-backups", `safeguards: "online-backups" does not exist`},
		"unknown kind":          {"kind: policy", "kind: advice", `kind: "advice" is not one of`},
		"unknown audience":      {"audience: administrators", "audience: friends", `audience: "friends" is not one of`},
		"no review":             {"review_months: 12", "review_months: 0", "review_months: between 1 and 36"},
		"unknown unit":          {"unit: days", "unit: moons", `"moons" is not one of`},
		"a setting nobody uses": {"name: backup_keep_days", "name: backup_kept_days", "setting backup_kept_days: the text does not use it"},
		"a setting of another":  {"name: backup_keep_days", "name: log_keep_days", "setting log_keep_days: stands in document logging-and-monitoring too"},
		"an unknown setting":    {"{{.Settings.backup_keep_days}}", "{{.Settings.backup_keep}}", file + ":"},
		"a broken action":       {"{{.Settings.backup_keep_days}}", "{{.Settings.backup_keep_days", file + ":"},
	} {
		t.Run(name, func(t *testing.T) {
			m := copyOf(t)
			text := string(m[file].Data)
			if !strings.Contains(text, c.old) {
				t.Fatalf("%s does not hold %q", file, c.old)
			}
			m[file].Data = []byte(strings.Replace(text, c.old, c.new, 1))
			got, err := LoadFS(m)
			if err == nil || got != nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("must be refused with %q: %v", c.want, err)
			}
		})
	}
	m := copyOf(t)
	text := string(m[file].Data)
	m[file].Data = []byte(text + "{{.Typo}}")
	line := strings.Count(text, "\n") + 1
	if _, err := LoadFS(m); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%s:%d:", file, line)) {
		t.Errorf("the message must name line %d of the file: %v", line, err)
	}
}

func FuzzTemplatesNeverPanic(f *testing.F) {
	f.Add([]byte("---\nid: a\n---\n## {{.Every}}\n"))
	f.Add([]byte("---\nid: [a]\n---\n"))
	f.Add([]byte("---\nsettings: [{name: a, value: 1}]\n---\n{{range .Crown}}{{.Name}}{{end}}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := reader{fsys: fstest.MapFS{"documents/a.md": {Data: b}}, catalog: &Catalog{place: map[string]where{}}}
		readDocuments(&r)
		if r.err == nil {
			_ = r.catalog.check()
		}
	})
}
