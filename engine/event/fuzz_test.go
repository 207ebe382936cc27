package event

import "testing"

// fuzz tries lines as one format.
func fuzz(f *testing.F, format Format, seeds ...string) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p := NewParser(Options{Format: format})
		var e Event
		for raw := range Split(data) {
			p.Parse(Line{Raw: raw, Received: arrival}, &e)
			sound(t, &e)
		}
	})
}

func FuzzSyslog(f *testing.F) {
	fuzz(f, Syslog, `<34>1 2003-10-11T22:14:15.003Z m su - ID47 [a@1 x="3" y="q\"]\\"][b n=""] x`, `<165>Aug 24 05:34:00.25 CST 1987 h p[10]: x`,
		`Oct 11 22:14:15 h sshd[1]: Failed password for a from 1.2.3.4 port 22 ssh2`, `Oct 11 22:14:15 h sudo: a : TTY=x ; COMMAND=/x`, `Oct 11 22:14:15 h kernel: [ 1] IN= SRC=1.2.3.4 DST=1.2.3.5`,
		`Oct 11 22:14:15 h x: {"a":1}`, `<189>29: *Mar  1 18:46:11: %ASA-5-302013: Built x for a:1.2.3.4/5 to b:1.2.3.4/6`, `Oct 11 22:14:15 h x: <Event><System><a b="c">d</a></System></Event>`)
}

func FuzzAudit(f *testing.F) {
	fuzz(f, Auditd, `node=a type=SYSCALL msg=audit(1.5:1): a0="x" a1=2D61 msg='b=c'`+"\x1d"+`UID="r"`, `type=SOCKADDR msg=audit(1.5:1): saddr=020001BBCB007109`)
}

func FuzzAccessLog(f *testing.F) {
	fuzz(f, AccessLog, `v 1.2.3.4 - u [10/Oct/2000:13:55:36 -0700] "GET /a?b HTTP/1.0" 200 1 "r" "a\"b"`, `[Tue Sep 30 11:30:13.26 2014] [core:error] [client 1.2.3.4:5] x`,
		`2026/10/11 06:07:37 [error] 80#2: x, client: 1.2.3.4`, `1140701230.827    781 192.168.1.210 TCP_DENIED/407 1785 GET http://www.example.org/x bob NONE/- text/html`)
}

func FuzzZeek(f *testing.F) {
	fuzz(f, Zeek, "#separator \\x09\n#set_separator\t,\n#path\tdns\n#fields\tts\tquery\tanswers\n#types\ttime\tstring\tset[string]\n1.5\ta\\x41\tb,c", `{"_path":"http","ts":1.5,"host":"a"}`)
}

func FuzzJournal(f *testing.F) {
	fuzz(f, Journald, "__CURSOR=a\nMESSAGE\n\x02\x00\x00\x00\x00\x00\x00\x00hi\n\n__CURSOR=b\nMESSAGE=x", `{"__REALTIME_TIMESTAMP":"1604994496155000","MESSAGE":[72]}`)
}

func FuzzWindows(f *testing.F) {
	fuzz(f, Windows, `{"Event":{"System":{"EventID":1,"Channel":"Security"},"EventData":{"Data":[{"@Name":"Image","#text":"x"}]}}}`,
		`<Event><System><EventID>1</EventID></System><EventData><Data Name="a">b</Data></EventData></Event>`)
}

func FuzzJSON(f *testing.F) {
	fuzz(f, Auto, `{"Records":[{"eventSource":"a","eventName":"b","eventVersion":"1"}]}`, `{"event_type":"dns","flow_id":1,"dns":{"answers":[{"rdata":"1.1.1.1"}]}}`,
		`{"class_uid":4001,"category_uid":4,"observables":[{"type_id":2,"value":"x"}]}`, `{"ecs":{},"event":{"category":["file"]}}`, `[{"a":007},{"SyslogMessage":"x","ProcessName":"sshd"}]`)
}

func FuzzNamedJSON(f *testing.F) {
	fuzz(f, JSON, `{"time":1.5,"level":"warn","user":{"name":"bob"},"src":"192.0.2.1"}`, `{"kind":"Event","verb":"get","sourceIPs":["::1"]}`)
}

func FuzzOCSF(f *testing.F) {
	fuzz(f, OCSF, `{"class_uid":3002,"time":1604994496155,"actor":{"user":{"name":"a"}},"observables":[{"type_id":2,"value":"x"}],"metadata":{"product":{"name":"p"}}}`, `{"class_uid":"x","time":{}}`)
}

func FuzzECS(f *testing.F) {
	fuzz(f, ECS, `{"@timestamp":"2026-01-01T00:00:00Z","ecs":{},"event":{"category":["process"],"type":"start"},"process":{"pid":1,"hash":{"md5":"x"}}}`, `{"event.category":"file","file.path":["a"]}`)
}

func FuzzCloudTrail(f *testing.F) {
	fuzz(f, CloudTrail, `{"eventTime":"2026-01-01T00:00:00Z","eventSource":"iam.amazonaws.com","eventName":"CreateUser","userIdentity":{"arn":"a","sessionContext":{}},"sourceIPAddress":"192.0.2.1"}`, `{"Records":[{"eventName":[]}]}`)
}

func FuzzSuricata(f *testing.F) {
	fuzz(f, Suricata, `{"event_type":"alert","src_ip":"192.0.2.1","alert":{"severity":1,"signature":"x"}}`, `{"event_type":"tls","tls":{"sni":"a","fingerprint":"00:11"}}`, `{"event_type":"dns","dns":{"type":"answer","answers":[{"rrname":"a","rdata":"::1"}]}}`)
}

func FuzzText(f *testing.F) {
	fuzz(f, Text, "words\x1b[2J\u202e", "\xff\xfe\x00", "#fields\ta")
}
