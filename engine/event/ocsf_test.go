package event

import (
	"testing"

	"github.com/valyala/fastjson"
)

// required are the objects that OCSF 1.5 insists on, by class.
var required = map[Class][][]string{
	FileActivity:     {{"file", "name"}, {"device", "type_id"}, {"actor"}},
	KernelActivity:   {{"kernel", "name"}, {"device", "type_id"}, {"actor"}},
	ModuleActivity:   {{"module", "file"}, {"device", "type_id"}, {"actor"}},
	JobActivity:      {{"job", "name"}, {"device", "type_id"}},
	ProcessActivity:  {{"process"}, {"device", "type_id"}, {"actor"}},
	DetectionFinding: {{"finding_info", "title"}, {"finding_info", "uid"}},
	AccountChange:    {{"user", "name"}},
	Authentication:   {{"user", "name"}, {"dst_endpoint"}},
	AuthorizeSession: {{"user", "name"}},
	GroupManagement:  {{"group", "name"}},
	HTTPActivity:     {{"http_request"}},
	EmailActivity:    {{"email", "from"}, {"direction_id"}},
	APIActivity:      {{"api", "operation"}, {"actor"}, {"src_endpoint"}},
	RegistryKey:      {{"reg_key", "path"}, {"device", "type_id"}, {"actor"}},
	RegistryValue:    {{"reg_value", "path"}, {"device", "type_id"}, {"actor"}},
}

// conforms fails the test where a document lacks what the schema insists on.
func conforms(t *testing.T, e *Event) {
	t.Helper()
	doc := e.OCSF()
	v := fastjson.MustParseBytes(doc)
	for _, path := range append(required[e.Class], []string{"metadata", "product", "vendor_name"}, []string{"metadata", "version"}, []string{"time"},
		[]string{"severity_id"}, []string{"activity_id"}, []string{"category_uid"}) {
		if !v.Exists(path...) {
			t.Errorf("%s: %v is missing in %s", e.Class.Name(), path, doc)
		}
	}
	if got, want := v.GetInt("type_uid"), int(e.Class)*100+e.ActivityID; got != want {
		t.Errorf("type_uid %d, not %d, in %s", got, want, doc)
	}
	if e.Class.Name() == "" || e.Class.activity(e.ActivityID) != e.Activity && e.Class != Base {
		t.Errorf("class %d, activity %d is called %q", e.Class, e.ActivityID, e.Activity)
	}
	seen := map[string]bool{}
	v.GetObject().Visit(func(key []byte, _ *fastjson.Value) {
		if seen[string(key)] {
			t.Errorf("%s stands twice in %s", key, doc)
		}
		seen[string(key)] = true
	})
}

func TestADocumentOfOCSFHasWhatItsClassMustHave(t *testing.T) {
	for class := range classes {
		e := Event{Format: Text, Severity: 1}
		e.is(class, 1)
		if e.Activity == "Other" { // the class knows no such activity
			e.is(class, activityOther)
		}
		conforms(t, &e)
	}
}

func TestDocumentsOfThePublicDataHaveWhatTheirClassMustHave(t *testing.T) {
	n := 0
	for _, prefix := range []string{"cloudtrail/stratus", "log-lines/loghub_OpenSSH", "suricata/mkhairin", "security-datasets/atomic__linux",
		"security-datasets/atomic__windows__discovery", "zeek/zed-sample_ssh", "log-lines/auth.log"} {
		for _, f := range dataFiles(t, prefix) {
			parseAll(t, Options{}, f.data, func(e *Event) {
				n++
				conforms(t, e)
			})
		}
	}
	if n < 5000 {
		t.Errorf("only %d documents", n)
	}
}

func TestWhatArrivedAsOCSFIsGivenBackAsItWas(t *testing.T) {
	const line = `{"class_uid":4001,"category_uid":4,"activity_id":1,"vendor_words":{"x":[1,2]},"time":1604994496155}`
	var e Event
	NewParser(Options{}).Parse(Line{Raw: []byte(line), Received: arrival}, &e)
	if got := string(e.OCSF()); got != line {
		t.Errorf("%s became %s", line, got)
	}
}
