package event

import (
	"encoding/binary"
	"strings"
	"testing"
)

func TestEventsInJSONAreReadByTheNamesOfTheirMakers(t *testing.T) {
	sysmon := map[string]string{"format": "windows", "class_name": "Process Activity", "activity_name": "Launch", "category": "process_creation", "metadata.log_name": "sysmon",
		"process.file.path": `C:\a\b.exe`, "process.name": "b.exe", "process.cmd_line": "b -x", "actor.user.name": `D\u`, "device.hostname": "w1", "file.hashes.sha256": strings.Repeat("0a", 32),
		"time": "2026-10-11T22:14:15.5Z", "metadata.product.name": "windows"}
	fields := `"Image":"C:\\a\\b.exe","CommandLine":"b -x","User":"D\\u","UtcTime":"2026-10-11 22:14:15.5","Hashes":"IMPHASH=00,SHA256=` + strings.Repeat("0A", 32) + `"`
	tryCases(t, Options{}, []parseCase{
		{"Windows, flat", `{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Hostname":"w1",` + fields + `}`, sysmon},
		{"Windows, Winlogbeat", `{"@timestamp":"2026-10-11T22:14:16Z","winlog":{"channel":"Microsoft-Windows-Sysmon/Operational","event_id":"1","computer_name":"w1","event_data":{` + fields + `}},"event":{},"ecs":{}}`, sysmon},
		{"Windows, EVTX", `{"Event":{"#attributes":{},"System":{"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":{"#text":1},"Computer":"w1"},"EventData":{` + fields + `}}}`, sysmon},
		{"Windows, a list of named data", `{"Event":{"System":{"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,"Computer":"w1"},"EventData":{"Data":[{"@Name":"Image","#text":"C:\\a\\b.exe"},{"@Name":"CommandLine","#text":"b -x"},{"@Name":"User","#text":"D\\u"},{"@Name":"UtcTime","#text":"2026-10-11 22:14:15.5"},{"@Name":"Hashes","#text":"SHA256=` + strings.Repeat("0a", 32) + `"}]}}}`, sysmon},
		{"a failed logon", `{"EventID":4625,"Channel":"Security","Computer":"w1","TargetUserName":"bob","SubjectUserName":"-","IpAddress":"::ffff:10.0.0.9","IpPort":"44","TimeCreated":"/Date(1604994496155)/"}`,
			map[string]string{"class_name": "Authentication", "status": "failure", "actor.user.name": "bob", "src_endpoint.ip": "10.0.0.9", "time": "2020-11-10T07:48:16.155Z"}},
		{"a question about a name", `{"EventID":22,"Channel":"Microsoft-Windows-Sysmon/Operational","QueryName":"Evil.Example.","QueryResults":"type:  5 a;::ffff:203.0.113.9;"}`,
			map[string]string{"class_name": "DNS Activity", "dst_endpoint.hostname": "evil.example"}},
		{"CloudTrail", `{"eventVersion":"1.08","eventTime":"2026-10-11T22:14:15Z","eventSource":"iam.amazonaws.com","eventName":"CreateUser","sourceIPAddress":"203.0.113.9","userAgent":"aws-cli","errorCode":"AccessDenied","userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::1:assumed-role/Admin/bob"}}`,
			map[string]string{"format": "cloudtrail", "class_name": "Account Change", "activity_name": "Create", "actor.user.name": "Admin/bob", "status": "failure", "src_endpoint.ip": "203.0.113.9", "metadata.product.name": "aws", "metadata.log_name": "cloudtrail"}},
		{"a login to the console", `{"eventVersion":"1.08","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","responseElements":{"ConsoleLogin":"Failure"},"userIdentity":{"userName":"bob"}}`,
			map[string]string{"class_name": "Authentication", "status": "failure", "actor.user.name": "bob"}},
		{"Suricata", `{"timestamp":"2026-10-11T22:14:15.000001+0200","event_type":"alert","src_ip":"10.0.0.1","src_port":5,"dest_ip":"203.0.113.9","dest_port":80,"alert":{"signature":"S","severity":1},"http":{"hostname":"Evil.example","url":"/x","http_user_agent":"u"}}`,
			map[string]string{"format": "suricata", "class_name": "Detection Finding", "message": "S", "severity_id": "4", "dst_endpoint.ip": "203.0.113.9", "http_request.url.url_string": "http://Evil.example/x", "time": "2026-10-11T20:14:15.000001Z"}},
		{"Zeek", `{"_path":"dns","ts":1604994496.155,"uid":"C1","id.orig_h":"10.0.0.1","id.orig_p":5,"id.resp_h":"10.0.0.2","id.resp_p":53,"query":"evil.example","answers":["203.0.113.9","c.example"]}`,
			map[string]string{"format": "zeek", "class_name": "DNS Activity", "dst_endpoint.hostname": "evil.example", "src_endpoint.ip": "10.0.0.1", "dst_endpoint.port": "53", "metadata.log_name": "dns"}},
		{"ECS, nested", `{"@timestamp":"2026-10-11T22:14:15Z","ecs":{"version":"8"},"event":{"category":["authentication"],"outcome":"failure"},"user":{"name":"bob"},"source":{"ip":"10.0.0.9"},"host":{"name":"h"},"message":"m"}`,
			map[string]string{"format": "ecs", "class_name": "Authentication", "actor.user.name": "bob", "src_endpoint.ip": "10.0.0.9", "status": "failure", "device.hostname": "h"}},
		{"ECS, with dots", `{"@timestamp":"2026-10-11T22:14:15Z","ecs.version":"8","event.category":"process","process.command_line":"x y","process.executable":"/bin/x","file.hash.md5":"0123456789ABCDEF0123456789abcdef"}`,
			map[string]string{"format": "ecs", "process.cmd_line": "x y", "process.file.path": "/bin/x", "file.hashes.md5": "0123456789abcdef0123456789abcdef", "category": "process_creation"}},
		{"OCSF", `{"class_uid":4001,"category_uid":4,"activity_id":1,"severity_id":3,"time":1604994496155,"metadata":{"product":{"name":"P","vendor_name":"V"}},"src_endpoint":{"ip":"10.0.0.1","port":7},"dst_endpoint":{"ip":"203.0.113.9"},"status_id":2}`,
			map[string]string{"format": "ocsf", "class_name": "Network Activity", "activity_name": "Open", "severity_id": "3", "src_endpoint.port": "7", "status": "failure", "time": "2020-11-10T07:48:16.155Z"}},
		{"the journal", `{"__REALTIME_TIMESTAMP":"1604994496155000","_HOSTNAME":"h","SYSLOG_IDENTIFIER":"sshd","_PID":"7","PRIORITY":"6","_EXE":"/usr/sbin/sshd","MESSAGE":"Failed password for root from 10.0.0.9 port 3 ssh2"}`,
			map[string]string{"format": "journald", "class_name": "Authentication", "actor.user.name": "root", "src_endpoint.ip": "10.0.0.9", "process.file.path": "/usr/sbin/sshd", "metadata.log_name": "sshd", "time": "2020-11-10T07:48:16.155Z"}},
		{"the journal with a message of bytes", `{"__REALTIME_TIMESTAMP":"1604994496155000","MESSAGE":[72,105,255]}`, map[string]string{"message": "Hi\ufffd"}},
		{"Kubernetes", `{"kind":"Event","apiVersion":"audit.k8s.io/v1","verb":"create","user":{"username":"bob"},"sourceIPs":["10.0.0.9"],"requestURI":"/api/v1/pods","responseStatus":{"code":403},"requestReceivedTimestamp":"2026-10-11T22:14:15.5Z"}`,
			map[string]string{"format": "json", "metadata.product.name": "kubernetes", "class_name": "API Activity", "status": "failure", "actor.user.name": "bob", "src_endpoint.ip": "10.0.0.9"}},
		{"anything", `{"level":"warn","msg":"disk","host":"h","user":"bob","sha1":"0123456789012345678901234567890123456789"}`,
			map[string]string{"format": "json", "message": "disk", "severity_id": "3", "device.hostname": "h", "file.hashes.sha1": "0123456789012345678901234567890123456789"}},
	})
}

func TestATableOfZeekIsReadByItsHead(t *testing.T) {
	head := strings.Join([]string{`#separator \x09`, "#set_separator\t,", "#empty_field\t(empty)", "#unset_field\t-", "#path\thttp",
		"#fields\tts\tid.orig_h\tid.orig_p\tmethod\thost\turi\ttags\tflag\tuser_agent\tusername", "#types\ttime\taddr\tport\tstring\tstring\tstring\tset[enum]\tbool\tstring\tstring"}, "\x00next\x00")
	next := "\x00next\x00"
	tryCases(t, Options{}, []parseCase{
		{"a row", head + next + "1604994496.155\t10.0.0.1\t5\tGET\tEvil.example\t/x\\x09y\ta,b\tT\t(empty)\t-",
			map[string]string{"format": "zeek", "class_name": "HTTP Activity", "time": "2020-11-10T07:48:16.155Z", "src_endpoint.ip": "10.0.0.1", "native.uri": "/x\ty", "native.tags": `["a","b"]`,
				"native.flag": "true", "native.user_agent": "", "native.id.orig_p": "5", "http_request.url.url_string": "http://evil.example/x\ty", "actor.user.name": "", "complaint": ""}},
		{"a row that is too short", head + next + "1604994496.155\t10.0.0.1", map[string]string{"format": "text", "complaint": "this row has 2 cells, the head of the table names 10"}},
	})
	tryCases(t, Options{Format: Zeek}, []parseCase{
		{"a row before any head", "1604994496.155\t10.0.0.1", map[string]string{"format": "text", "complaint": "this row of a table of Zeek came before its head, which names the columns"}},
	})
	p := NewParser(Options{})
	var e Event
	if p.Parse(Line{Raw: []byte("#path\thttp")}, &e); !e.Meta {
		t.Error("a line of the head counts as an event")
	}
}

func TestTheJournalsExportIsReadWithBinaryValues(t *testing.T) {
	binaryField := func(name, value string) string {
		return name + "\n" + string(binary.LittleEndian.AppendUint64(nil, uint64(len(value)))) + value + "\n"
	}
	entry := "__CURSOR=s=1\n__REALTIME_TIMESTAMP=1604994496155000\n_HOSTNAME=h\nSYSLOG_IDENTIFIER=app\n" + binaryField("MESSAGE", "two\nlines\xff")
	doc := entry + "\n" + "__CURSOR=s=2\nMESSAGE=second\n\n"
	var messages []string
	n := parseAll(t, Options{}, []byte(doc), func(e *Event) {
		if e.Format != Journald || e.Complaint != "" {
			t.Errorf("%s: %s", e.Format, e.Complaint)
		}
		messages = append(messages, e.Message)
	})
	if n != 2 || messages[0] != "two\nlines\ufffd" || messages[1] != "second" {
		t.Errorf("%d entries: %q", n, messages)
	}
	var e Event
	NewParser(Options{Format: Journald}).Parse(Line{Raw: []byte("__CURSOR=s\nMESSAGE\n\xff\xff\xff\xff\xff\xff\xff\x7fx")}, &e)
	sound(t, &e)
	if !strings.Contains(e.Complaint, "ends too soon") {
		t.Errorf("a length beyond the end passes: %q", e.Complaint)
	}
}

func TestADocumentIsSplitIntoItsEvents(t *testing.T) {
	for name, c := range map[string]struct {
		doc  string
		want []string
	}{
		"lines":                          {"a\r\n\nb\n", []string{"a", "b"}},
		"JSON lines":                     {"{\"a\":1}\n{\"a\":2}\n", []string{`{"a":1}`, `{"a":2}`}},
		"objects over several lines":     {"{\n\"a\": \"}\\\"\"\n}\n{\"b\":[{}]}", []string{"{\n\"a\": \"}\\\"\"\n}", `{"b":[{}]}`}},
		"an array":                       {` [ {"a":1}, {"a":[2]} ]`, []string{`{"a":1}`, `{"a":[2]}`}},
		"an envelope":                    {`{"Records":[{"a":1},{"a":2}]}`, []string{`{"a":1}`, `{"a":2}`}},
		"an empty envelope":              {`{"Records":[]}`, nil},
		"a name that only looks like it": {`{"events":[1,2]}`, []string{`{"events":[1,2]}`}},
		"an object that never ends":      {"{\"a\":\n{\"b\":1}", []string{`{"a":`, `{"b":1}`}},
		"XML":                            {"<?xml version=\"1.0\"?><Events><Event><a/></Event>\n<Event x='1'/></Event></Events>", []string{"<Event><a/></Event>", "<Event x='1'/></Event>"}},
		"nothing":                        {" \n", nil},
		"a byte order mark":              {"\xef\xbb\xbfx", []string{"x"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for raw := range Split([]byte(c.doc)) {
				got = append(got, string(raw))
			}
			if strings.Join(got, "|") != strings.Join(c.want, "|") {
				t.Errorf("got %q, want %q", got, c.want)
			}
			for range Split([]byte(c.doc)) {
				break // stopping early must not go on
			}
		})
	}
}

func TestAFileOfBracesIsSplitInOnePass(t *testing.T) {
	n := 0
	for range Split([]byte(strings.Repeat("{\n", 1<<20))) {
		n++
	}
	if n != 1<<20 {
		t.Errorf("%d lines", n)
	}
}

func TestObservablesAreGivenWithTheirType(t *testing.T) {
	var e Event
	line := `{"EventID":22,"Channel":"Microsoft-Windows-Sysmon/Operational","Image":"C:\\a\\b.exe","QueryName":"evil.example","QueryResults":"203.0.113.9;","Hashes":"MD5=0123456789abcdef0123456789abcdef"}`
	NewParser(Options{}).Parse(Line{Raw: []byte(line)}, &e)
	got := map[Observable]bool{}
	for o := range e.Observables() {
		got[o] = true
	}
	for _, want := range []Observable{{ObservableDomain, "evil.example", "dst_endpoint.hostname"}, {ObservableAddress, "203.0.113.9", "answers.rdata"},
		{ObservableMD5, "0123456789abcdef0123456789abcdef", "file.hashes.md5"}, {ObservableFileName, `C:\a\b.exe`, "process.file.path"}, {ObservableFileName, "b.exe", "process.file.name"}} {
		if !got[want] {
			t.Errorf("%v is missing in %v", want, got)
		}
	}
}

func TestTheRecordOfTheSourceHasTheLastWord(t *testing.T) {
	var e Event
	NewParser(Options{Product: "fortinet", Service: "vpn", Category: "firewall"}).Parse(Line{Raw: []byte("Oct 11 22:14:15 h sshd[1]: x")}, &e)
	if e.Product != "fortinet" || e.Service != "vpn" || e.Category != "firewall" {
		t.Errorf("%s %s %s", e.Product, e.Service, e.Category)
	}
}

func TestRecogniseNamesTheFormatOfMostLines(t *testing.T) {
	for want, lines := range map[Format][]string{
		Syslog:     {"Oct 11 22:14:15 h sshd[1]: x", "", "and a line of its own", "Oct 11 22:14:16 h cron: y"},
		AccessLog:  {`1.2.3.4 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 1`},
		CloudTrail: {`{"eventVersion":"1","eventSource":"a","eventName":"b"}`},
		Zeek:       {"#separator \\x09", "#fields\tts"},
		JSON:       {`{"a":1}`},
		Auditd:     {"type=CWD msg=audit(1.5:1): cwd=\"/\""},
		Text:       {"words", "2024 was a year", "Mar went by"},
	} {
		var raw [][]byte
		for _, l := range lines {
			raw = append(raw, []byte(l))
		}
		if got := Recognise(raw); got != want {
			t.Errorf("%q are %s, not %s", lines, got, want)
		}
	}
}
