package event

import (
	"strings"
	"testing"
)

// hostile are lines that somebody sends to break what reads them.
func hostile() map[string]string {
	return map[string]string{
		"nothing":                    "",
		"NUL":                        "Oct 11 22:14:15 h\x00x p[1\x00]: a\x00b",
		"a megabyte of one letter":   strings.Repeat("a", MaxLine),
		"more than a megabyte":       "<13>Oct 11 22:14:15 h p: " + strings.Repeat("é", MaxLine),
		"no UTF-8":                   "Oct 11 22:14:15 h\xff p\xfe[1]: \xc3\x28 user=\x80",
		"terminal escapes":           "Oct 11 22:14:15 h sshd[1]: Failed password for \x1b[2J\x1b]0;x\x07 from 10.0.0.9 port 3 ssh2",
		"right to left":              "Oct 11 22:14:15 h p: \u202e\u2066gpj.exe",
		"deep objects":               strings.Repeat(`{"a":`, 200_000) + "1" + strings.Repeat("}", 200_000),
		"deep lists":                 `{"a":` + strings.Repeat("[", 500_000) + strings.Repeat("]", 500_000) + "}",
		"deep, but just allowed":     strings.Repeat(`{"a":`, 250) + "1" + strings.Repeat("}", 250),
		"deep XML":                   "<Event>" + strings.Repeat("<a>", 100_000),
		"XML with entities":          `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Event><System><EventID>&b;</EventID></System></Event>`,
		"huge numbers":               `{"class_uid":1e999,"category_uid":-1,"activity_id":99999999999999999999,"severity_id":1e18,"time":1e400}`,
		"numbers that are no JSON":   `{"a":007,"b":+1,"c":.5,"d":inf,"e":nan,"EventID":0x10,"Channel":"x"}`,
		"control characters in JSON": "{\"message\":\"a\x01\nb\",\"user\":\"\xff\"}",
		"broken escapes in JSON":     `{"message":"\q \u12 \ud800","user":"\ud800\udc00"}`,
		"the same name many times":   "{" + strings.Repeat(`"user":"x",`, 50_000) + `"user":"y"}`,
		"types that are not":         `{"EventID":{"a":[]},"Channel":[[[]]],"Event":[1],"winlog":"x","UserData":5}`,
		"a list for every value":     `{"eventSource":["a"],"eventName":[],"eventVersion":{},"userIdentity":[{}],"responseElements":7,"eventTime":[]}`,
		"suricata without sense":     `{"event_type":["dns"],"flow_id":{},"src_ip":5,"dns":[],"http":"x","tls":7,"fileinfo":[],"alert":3}`,
		"ECS without sense":          `{"ecs":5,"event":{"category":{"a":1},"type":7},"dns":{"resolved_ip":"x","question":[]}}`,
		"audit without end":          "type=EXECVE msg=audit(1604994496.155:1): argc=99999999 a0=\"" + strings.Repeat("a0=", 100_000),
		"audit with an odd number":   "type=PROCTITLE msg=audit(99999999999999999999.1:1): proctitle=ABC",
		"audit with quotes":          `type=USER_CMD msg=audit(1.5:1): msg='cwd="/" cmd=6C73 ' acct="` + "\x1d",
		"structured data without":    "<13>1 - - - - - [[[[[[" + strings.Repeat("[a ", 10_000),
		"a wrong priority":           "<999>1 x",
		"half a priority":            "<1",
		"access without end":         `1.2.3.4 - - [10/Oct/2000:13:55:36 -0700] "` + strings.Repeat(`\"`, 100_000),
		"a head of Zeek alone":       "#fields\t" + strings.Repeat("\t", 10_000),
		"a wrong separator":          `#separator \xzz`,
		"journal":                    "__CURSOR=\n=\nX\n\x01",
		"many hashes":                `{"Hashes":"` + strings.Repeat("SHA1=,", 10_000) + `","EventID":1,"Channel":"x"}`,
		"many answers":               `{"event_type":"dns","flow_id":1,"dns":{"answers":[` + strings.Repeat(`{"rdata":"1.1.1.1"},`, 10_000) + `{}]}}`,
	}
}

func TestNoLineBreaksAnyParserWhateverItIsTakenFor(t *testing.T) {
	for name, line := range hostile() {
		t.Run(name, func(t *testing.T) {
			for _, format := range Formats {
				p := NewParser(Options{Format: format})
				var e Event
				p.Parse(Line{Raw: []byte(line), Received: arrival}, &e)
				sound(t, &e)
				if len(e.Also) > mostAlso+4 {
					t.Errorf("%s: %d further observables", format, len(e.Also))
				}
				if e.Time.IsZero() || e.Time.After(arrival.Add(ahead)) {
					t.Errorf("%s: the time is %s", format, e.Time)
				}
			}
			for raw := range Split([]byte(line)) {
				if len(raw) == 0 {
					t.Error("an event of nothing")
				}
			}
		})
	}
}

func TestALineThatIsTooLongIsCutAndSaysSo(t *testing.T) {
	var e Event
	NewParser(Options{}).Parse(Line{Raw: []byte("Oct 11 22:14:15 h p: " + strings.Repeat("a", MaxLine))}, &e)
	if !strings.Contains(e.Complaint, "was cut") || len(e.Message) > MaxLine || e.Host != "h" {
		t.Errorf("%q, %d bytes, host %q", e.Complaint, len(e.Message), e.Host)
	}
}

func TestWhatIsNotInTheFormatOfItsSourceBecomesTextWithAReason(t *testing.T) {
	for _, format := range []Format{OCSF, ECS, CloudTrail, Windows, Suricata, JSON, Zeek, Journald, Auditd, AccessLog} {
		var e Event
		NewParser(Options{Format: format}).Parse(Line{Raw: []byte("plain words"), Received: arrival}, &e)
		if e.Format != Text || e.Complaint == "" || e.Message != "plain words" {
			t.Errorf("%s: %s %q %q", format, e.Format, e.Complaint, e.Message)
		}
	}
}

func TestAnEventThatIsUsedAgainKeepsNothingOfTheOneBefore(t *testing.T) {
	p := NewParser(Options{})
	var used Event
	for _, line := range hostile() {
		p.Parse(Line{Raw: []byte(line), Received: arrival}, &used)
	}
	fresh := Event{}
	line := Line{Raw: []byte("just words"), Received: arrival}
	p.Parse(line, &used)
	NewParser(Options{}).Parse(line, &fresh)
	for _, name := range FieldNames() {
		if used.Field(name) != fresh.Field(name) {
			t.Errorf("%s is %q, not %q", name, used.Field(name), fresh.Field(name))
		}
	}
	if string(used.Native) != string(fresh.Native) || used.Complaint != "" || len(used.Also) != 0 || used.Meta {
		t.Errorf("%s %s", used.Native, used.Complaint)
	}
}
