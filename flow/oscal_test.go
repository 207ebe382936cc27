package flow_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/port/oscal"
	"holdfast/store"
	"holdfast/testkit"

	"github.com/defenseunicorns/go-oscal/src/pkg/validation"
)

// oscalWorld is a small organisation of which every document can be made.
func oscalWorld(t *testing.T, s *store.Store) *world {
	w := newWorld(t, s)
	machine := testkit.Machine()
	admin := testkit.As(access.Administrator)
	ann := &isms.Person{Base: isms.Base{Key: "ann", Title: "Ann Example"}, Email: "ann@example.org"}
	w.Must(w.App.Save(machine, ann))
	w.Must(w.App.Save(machine, &isms.Organisation{Base: isms.Base{Key: "us", Title: "Example Ltd"}, LegalName: "Example Limited", Mission: "We make examples.", SecurityLeadID: ann.ID}))
	guard := w.safeguard("mfa", isms.SafeguardOperating)
	server := &isms.Asset{Base: isms.Base{Key: "payroll", Title: "Payroll"}, Type: "application", OwnerID: ann.ID, Confidentiality: 5, Availability: 3}
	data := &isms.Asset{Base: isms.Base{Key: "wages", Title: "Wages"}, Type: "data_set", Confidentiality: 4}
	gone := &isms.Asset{Base: isms.Base{Key: "old", Title: "Old one"}, Type: "host", Lifecycle: "disposed"}
	for _, a := range []*isms.Asset{server, data, gone} {
		w.Must(w.App.Save(machine, a))
	}
	w.adopt(admin, small())
	vuln := &isms.Vulnerability{Base: isms.Base{Key: "weak", Title: "A weak thing"}, Type: "configuration"}
	w.Must(w.App.Save(machine, vuln))
	for i, state := range []isms.FindingState{isms.FindingOpen, isms.FindingOpen, isms.FindingResolved} {
		f := &isms.Finding{Base: isms.Base{Key: "f" + string(rune('1'+i)), Title: "Finding " + string(rune('1'+i))}, AssetID: server.ID, VulnerabilityID: vuln.ID,
			Severity: isms.SeverityHigh, Status: state, FirstSeen: w.Clock.Now(), LastSeen: w.Clock.Now(), Check: "sshd-root-login", Engine: "configcheck", Detail: " Seen\nthere. "}
		w.Must(w.App.Save(machine, f))
	}
	risk := &isms.Risk{Base: isms.Base{Key: "theft", Title: "Theft of wages"}, AssetID: server.ID, Status: isms.RiskTreating, OwnerID: ann.ID, ImpactLevel: 4}
	w.Must(w.App.Save(machine, risk))
	w.Must(w.App.Save(machine, &isms.Risk{Base: isms.Base{Key: "closed", Title: "Over"}, Status: isms.RiskClosed}))
	w.Must(w.App.Link(machine, isms.Risks, risk.ID, "uses", "f1"))
	treat := &isms.Treatment{Base: isms.Base{Key: "t", Title: "Two factors"}, RiskID: risk.ID, SafeguardID: guard.ID, Status: isms.TreatmentApproved, Due: "2027-01-31", OwnerID: ann.ID}
	w.Must(w.App.Save(machine, treat))
	w.Must(w.App.Save(machine, &isms.Task{Base: isms.Base{Key: "buy", Title: "Buy keys"}, AssigneeID: ann.ID, Due: "2027-01-15", SubjectKind: "treatment", SubjectID: treat.ID}))
	w.Must(w.App.Save(machine, &isms.Milestone{Base: isms.Base{Key: "go", Title: "Live"}, Due: "2027-02-28"}))
	w.Must(w.App.Save(machine, &isms.Evidence{Base: isms.Base{Key: "e", Title: "A list"}, Source: "stated", At: w.Clock.Now(), Statement: "There is a list.", AssetID: server.ID, ValidUntil: "2027-05-01"}))
	return w
}

func (w *world) oscal(what, scope string) *oscal.Document {
	w.Helper()
	d, err := w.Flow.OSCAL(testkit.As(access.Auditor), what, scope)
	w.Must(err)
	return d
}

func writtenOSCAL(t *testing.T, d *oscal.Document) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := d.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// isValid holds a document against the schemas that NIST publishes with OSCAL 1.1.3.
func isValid(t *testing.T, data []byte) {
	t.Helper()
	v, err := validation.NewValidatorDesiredVersion(data, oscal.Version)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Validate(); err != nil {
		result, _ := v.GetValidationResult()
		detail, _ := json.MarshalIndent(result.Errors, "", " ")
		t.Errorf("not valid: %v\n%.3000s", err, detail)
	}
}

func TestEveryOSCALDocumentIsValidStableAndReadAgain(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := oscalWorld(t, s)
		for _, doc := range flow.OSCALDocuments {
			first := writtenOSCAL(t, w.oscal(doc.Name, ""))
			isValid(t, first)
			w.Clock.Advance(time.Second)
			if again := writtenOSCAL(t, w.oscal(doc.Name, "")); !bytes.Equal(first, again) {
				t.Errorf("%s: the same records gave other bytes", doc.Name)
			}
			back, err := oscal.Parse(doc.Name, first)
			w.Must(err)
			if again := writtenOSCAL(t, back); !bytes.Equal(first, again) {
				t.Errorf("%s: read and written again it differs", doc.Name)
			}
			refersToWhatIsThere(t, doc.Name, first)
		}
		if _, err := oscal.Parse("x", []byte(`{"system-security-plan":{}}`)); err == nil {
			t.Error("an empty plan was read")
		}
	})
}

// refersToWhatIsThere checks that every reference by UUID inside a document has its
// end in it.
func refersToWhatIsThere(t *testing.T, name string, data []byte) {
	t.Helper()
	var root any
	if err := json.Unmarshal(data, &root); err != nil {
		t.Fatal(err)
	}
	defined, wanted := map[string]bool{}, map[string]string{}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			for k, e := range v {
				s, isText := e.(string)
				switch {
				case k == "uuid" && isText:
					if defined[s] {
						t.Errorf("%s: the UUID %s is given twice", name, s)
					}
					defined[s] = true
				case strings.HasSuffix(k, "-uuid") && isText:
					wanted[s] = k
				case (k == "href" || k == "source") && strings.HasPrefix(s, "#"):
					wanted[s[1:]] = k
				case k == "party-uuids":
					for _, p := range e.([]any) {
						wanted[p.(string)] = k
					}
				}
				walk(e)
			}
		}
	}
	walk(root)
	for id, from := range wanted {
		if !defined[id] {
			t.Errorf("%s: %s points to %s, which is not there", name, from, id)
		}
	}
}

func TestTheOSCALDocumentsSayWhatTheRecordsSay(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := oscalWorld(t, s)
		var ssp oscal.SystemSecurityPlan
		w.Must(w.oscal(flow.OSCALPlan, "").Decode(&ssp))
		if len(ssp.Implementation.Inventory) != 2 || len(ssp.Controls.Implemented) != 4 || ssp.System.SensitivityLevel != "fips-199-high" {
			t.Errorf("%d assets, %d controls, sensitivity %s", len(ssp.Implementation.Inventory), len(ssp.Controls.Implemented), ssp.System.SensitivityLevel)
		}
		first := ssp.Controls.Implemented[0]
		if first.ControlID != "_1.1" || len(first.ByComponents) != 1 || first.ByComponents[0].ImplementationStatus.State != "implemented" {
			t.Errorf("the first control: %+v", first)
		}
		if last := ssp.Controls.Implemented[3]; last.ByComponents[0].ImplementationStatus.State != "planned" {
			t.Errorf("a control without anything: %+v", last)
		}

		var poam oscal.ActionPlan
		w.Must(w.oscal(flow.OSCALActions, "").Decode(&poam))
		titles := []string{}
		for _, item := range poam.Items {
			titles = append(titles, item.Title)
		}
		if !slices.Equal(titles, []string{"Theft of wages", "Finding 2", "Live"}) || len(poam.Observations) != 2 {
			t.Errorf("items %q, %d observations", titles, len(poam.Observations))
		}
		r := poam.Risks[0]
		if r.Status != "remediating" || r.Deadline != "2027-01-31T00:00:00Z" || len(r.Remediations) != 1 || len(r.Remediations[0].Tasks) != 2 || r.Remediations[0].Tasks[1].Timing.OnDate.Date != "2027-01-15T00:00:00Z" {
			t.Errorf("risk: %+v", r)
		}

		var ar oscal.AssessmentResults
		w.Must(w.oscal(flow.OSCALResults, "").Decode(&ar))
		if res := ar.Results[0]; len(res.ReviewedControls.Selections[0].Include) != 4 || len(res.Observations) != 3 || len(res.Findings) != 1 ||
			res.Findings[0].Target.Status.State != "not-satisfied" || len(res.Findings[0].RelatedObservations) != 2 {
			t.Errorf("results: %d observations, findings %+v", len(res.Observations), res.Findings)
		}
		for _, f := range poam.Observations {
			if strings.Contains(f.Title, "Finding 3") {
				t.Error("a resolved finding is planned for")
			}
		}
	})
}

func TestOSCALDocumentsAreOfTheOwnWorkspaceAndRefusedToWhoMayNotRead(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := oscalWorld(t, s)
		for _, doc := range flow.OSCALDocuments {
			if _, err := w.Flow.OSCAL(testkit.In("elsewhere", access.Administrator), doc.Name, ""); kind.CodeOf(err) != kind.Invalid {
				t.Errorf("%s of an empty workspace: %v", doc.Name, err)
			}
			if _, err := w.Flow.OSCAL(testkit.As(access.Staff), doc.Name, ""); kind.CodeOf(err) != kind.Forbidden {
				t.Errorf("%s for staff: %v", doc.Name, err)
			}
		}
		if _, err := w.Flow.OSCAL(testkit.As(access.Auditor), "novel", ""); kind.CodeOf(err) != kind.NotFound {
			t.Errorf("an unknown document: %v", err)
		}
		if _, err := w.Flow.OSCAL(testkit.As(access.Auditor), flow.OSCALPlan, "nowhere"); kind.CodeOf(err) != kind.NotFound {
			t.Errorf("an unknown scope: %v", err)
		}
	})
}
