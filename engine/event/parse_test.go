package event

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/valyala/fastjson"
)

// said are the values of an event that a case is about, by their names in OCSF, with
// native.NAME for a field of the product.
func said(e *Event, names map[string]string) map[string]string {
	got := map[string]string{}
	for name := range names {
		switch {
		case name == "format":
			got[name] = string(e.Format)
		case name == "complaint":
			got[name] = e.Complaint
		case strings.HasPrefix(name, "native."):
			v := dig(fastjson.MustParseBytes(e.Native), name[len("native."):])
			if v != nil && v.Type() == fastjson.TypeString {
				got[name] = string(v.GetStringBytes())
			} else if v != nil {
				got[name] = v.String()
			}
		default:
			got[name] = e.Field(name)
		}
	}
	return got
}

type parseCase struct {
	name, line string
	want       map[string]string
}

func tryCases(t *testing.T, o Options, cases []parseCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := NewParser(o)
			var e Event
			for line := range strings.SplitSeq(c.line, "\x00next\x00") {
				p.Parse(Line{Raw: []byte(line), Received: arrival}, &e)
				sound(t, &e)
			}
			if diff := cmp.Diff(c.want, said(&e, c.want)); diff != "" {
				t.Errorf("%s\n(-want +got)\n%s\nnative %s\ncomplaint %s", c.line, diff, e.Native, e.Complaint)
			}
		})
	}
}

func TestSyslogIsReadWhateverItsSenderMakesOfTheRule(t *testing.T) {
	tryCases(t, Options{}, []parseCase{
		{"RFC 5424 with structured data and a byte order mark",
			`<34>1 2003-10-11T22:14:15.003Z m.example.com su - ID47 [a@1 x="3" y="q\"]\\"][b n=""] ` + "\ufeff'su root' failed for lonvick on /dev/pts/8",
			map[string]string{"format": "syslog", "time": "2003-10-11T22:14:15.003Z", "device.hostname": "m.example.com", "process.name": "su", "native.msgid": "ID47",
				"native.structured_data.a@1.y": `q"]\`, "native.structured_data.b.n": "", "message": "'su root' failed for lonvick on /dev/pts/8",
				"actor.user.name": "lonvick", "status": "failure", "severity_id": "5", "native.facility": "auth", "complaint": ""}},
		{"RFC 5424 with nothing but its marks", `<165>1 - - - - - -`,
			map[string]string{"format": "syslog", "device.hostname": "", "message": "", "time": "2026-11-22T12:00:00Z", "complaint": ""}},
		{"RFC 5424 whose structured data never ends", `<165>1 - h p - - [a b="c`, map[string]string{"format": "syslog", "device.hostname": "h", "message": `[a b="c`}},
		{"RFC 5424 with an offset", `<165>1 2024-02-29T23:59:59.123456-07:00 h p 1 - - x`, map[string]string{"time": "2024-03-01T06:59:59.123456Z", "process.pid": "1"}},
		{"RFC 5424 with a broken time", `<165>1 yesterday h p 1 - - x`, map[string]string{"format": "syslog", "time": "2026-11-22T12:00:00Z",
			"complaint": "the header of RFC 5424 is broken; the line is read as one of RFC 3164"}},
		{"RFC 3164", `<34>Oct 11 22:14:15 mymachine su: x`, map[string]string{"time": "2026-10-11T22:14:15Z", "device.hostname": "mymachine", "process.name": "su"}},
		{"a month that is still to come was last year's", `<34>Dec 31 23:59:59 h p: x`, map[string]string{"time": "2025-12-31T23:59:59Z"}},
		{"a 29th of February is of a leap year", `Feb 29 01:00:00 h p: x`, map[string]string{"time": "2024-02-29T01:00:00Z"}},
		{"without a priority, a day with a space", `Mar  7 13:06:56 ip-10-0-0-1 systemd-logind[1118]: New session 4 of user alice.`,
			map[string]string{"time": "2026-03-07T13:06:56Z", "actor.user.name": "alice", "metadata.log_name": "auth", "process.pid": "1118"}},
		{"without a host", `<13>Feb  5 17:32:18 su[12]: x`, map[string]string{"device.hostname": "", "process.name": "su", "message": "x"}},
		{"without a program", `<13>Feb  5 17:32:18 10.0.0.99 Use the BFG!`, map[string]string{"device.hostname": "10.0.0.99", "process.name": "", "message": "Use the BFG!"}},
		{"without a time", `<13>just words`, map[string]string{"format": "syslog", "message": "just words", "severity_id": "2"}},
		{"a zone and a year behind the time", `<165>Aug 24 05:34:00 CST 1987 mymachine myproc[10]: x`, map[string]string{"time": "1987-08-24T11:34:00Z", "device.hostname": "mymachine"}},
		{"a year within the time", `<165>Aug 24 2024 05:34:00 h p: x`, map[string]string{"time": "2024-08-24T05:34:00Z", "device.hostname": "h"}},
		{"a year before the time", `2015 Nov 13 13:40:01 ether p: x`, map[string]string{"time": "2015-11-13T13:40:01Z", "device.hostname": "ether"}},
		{"a fraction and an offset", `<165>Aug 24 05:34:00.250 +02:00 h p: x`, map[string]string{"time": "2026-08-24T03:34:00.25Z"}},
		{"ISO 8601 instead", `2013-10-30T14:51:24.140565+01:00 srv sshd[12664]: x`, map[string]string{"time": "2013-10-30T13:51:24.140565Z", "device.hostname": "srv", "metadata.log_name": "sshd"}},
		{"a number and an unsure clock before", `<189>29: *Mar  1 18:46:11: %SYS-5-CONFIG_I: Configured from console`, map[string]string{"time": "2026-03-01T18:46:11Z", "message": "Configured from console"}},
		{"a module behind the name", `Nov 11 22:46:29 localhost su(pam_unix)[23164]: authentication failure; logname= uid=1 euid=0 tty= ruser=dcid rhost=  user=osaudit`,
			map[string]string{"actor.user.name": "osaudit", "status": "failure", "process.pid": "23164"}},
		{"Solaris", `Aug 18 07:30:25 192.168.1.5 sshd[20247]: [ID 800047 auth.notice] Failed none for root from 192.168.1.1 port 36942 ssh2`,
			map[string]string{"actor.user.name": "root", "src_endpoint.ip": "192.168.1.1", "src_endpoint.port": "36942", "native.facility": "auth"}},
		{"a message that is a JSON object", `<13>Feb  5 17:32:18 web app: @cee: {"user":"bob","src_ip":"10.0.0.7"}`,
			map[string]string{"format": "json", "device.hostname": "web", "actor.user.name": "bob", "src_endpoint.ip": "10.0.0.7", "native.user": "bob"}},
		{"a message of the audit system", `<13>Feb  5 17:32:18 web audispd: type=EXECVE msg=audit(1604994496.155:1): argc=2 a0="cat" a1="/etc/shadow"`,
			map[string]string{"format": "auditd", "device.hostname": "web", "process.cmd_line": "cat /etc/shadow", "native.a1": "/etc/shadow"}},
		{"a line of an access log", `<190>Oct 11 22:14:15 web nginx: 203.0.113.9 - - [11/Oct/2026:22:14:15 +0000] "GET /x HTTP/1.1" 404 1 "-" "curl"`,
			map[string]string{"format": "access_log", "device.hostname": "web", "src_endpoint.ip": "203.0.113.9", "status": "failure"}},
		{"a packet filter", `Oct 11 22:14:15 gw kernel: [ 12.5] [UFW BLOCK] IN=eth0 OUT= MAC=00 SRC=203.0.113.9 DST=10.0.0.1 LEN=40 PROTO=TCP SPT=4711 DPT=22 SYN`,
			map[string]string{"class_name": "Network Activity", "activity_name": "Refuse", "src_endpoint.ip": "203.0.113.9", "dst_endpoint.port": "22", "status": "failure", "category": "firewall"}},
		{"Cisco", `Oct 10 2018 12:34:56 localhost CiscoASA[999]: %ASA-6-302013: Built outbound TCP connection 1 for outside:100.66.205.104/80 (100.66.205.104/80) to inside:172.31.98.44/1772 (172.31.98.44/1772)`,
			map[string]string{"class_name": "Network Activity", "src_endpoint.ip": "172.31.98.44", "dst_endpoint.ip": "100.66.205.104", "dst_endpoint.port": "80", "metadata.log_name": "asa"}},
		{"Postfix", `May  8 08:26:55 mail postfix/smtpd[2]: NOQUEUE: reject: RCPT from unknown[203.0.113.9]: 550; from=<a@b.example> to=<c@d.example>`,
			map[string]string{"class_name": "Email Activity", "src_endpoint.ip": "203.0.113.9", "email.from": "a@b.example", "status": "failure"}},
		{"a name server", `Aug 29 15:33:13 ns3 named[464]: client @0x7f 217.148.39.3#1036 (Example.org): query: Example.org IN A + (10.0.0.1)`,
			map[string]string{"class_name": "DNS Activity", "src_endpoint.ip": "217.148.39.3", "dst_endpoint.hostname": "example.org"}},
		{"Sysmon for Linux", `Oct 11 22:14:15 u sysmon: <Event><System><EventID>1</EventID><Channel>Linux-Sysmon/Operational</Channel><TimeCreated SystemTime="2026-10-11T22:14:15.5Z"/></System><EventData><Data Name="Image">/bin/ls</Data><Data Name="CommandLine">ls &amp;</Data></EventData></Event>`,
			map[string]string{"format": "windows", "process.cmd_line": "ls &", "native.Image": "/bin/ls", "metadata.product.name": "linux", "class_name": "Process Activity", "time": "2026-10-11T22:14:15.5Z"}},
	})
}

func TestWhoComesInOrDoesNotIsAnAuthentication(t *testing.T) {
	line := func(program, message string) string { return "Oct 11 22:14:15 h " + program + "[1]: " + message }
	auth := func(user, address, outcome string) map[string]string {
		return map[string]string{"class_name": "Authentication", "activity_name": "Logon", "actor.user.name": user, "src_endpoint.ip": address, "status": outcome}
	}
	tryCases(t, Options{}, []parseCase{
		{"a password is right", line("sshd", "Accepted password for bob from 10.0.0.9 port 33 ssh2"), auth("bob", "10.0.0.9", "success")},
		{"a key is right", line("sshd-session", "Accepted publickey for bob from 2001:db8::1 port 33 ssh2: ED25519 SHA256:abc"), auth("bob", "2001:db8::1", "success")},
		{"a password is wrong", line("sshd", "Failed password for root from 10.0.0.9 port 33 ssh2"), auth("root", "10.0.0.9", "failure")},
		{"a user is unknown", line("sshd", "Invalid user a b from 10.0.0.9 port 33"), auth("a b", "10.0.0.9", "failure")},
		{"a name that says it comes from elsewhere", line("sshd", "Failed password for invalid user x from 8.8.8.8 port 1 ssh2 from 10.0.0.9 port 33 ssh2"),
			auth("x from 8.8.8.8 port 1 ssh2", "10.0.0.9", "failure")},
		{"a user is not allowed", line("sshd", "User root from 10.0.0.9 not allowed because not listed in AllowUsers"), auth("root", "10.0.0.9", "failure")},
		{"too many attempts", line("sshd", "error: maximum authentication attempts exceeded for invalid user x from 10.0.0.9 port 3 ssh2 [preauth]"), auth("x", "10.0.0.9", "failure")},
		{"PAM", line("sshd", "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=10.0.0.9  user=root"), auth("root", "10.0.0.9", "failure")},
		{"a session", line("cron", "pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)"), auth("root", "", "success")},
		{"sudo", line("sudo", "   alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/bin/cat /etc/shadow"), auth("alice", "", "success")},
		{"sudo refuses", line("sudo", "   alice : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/ls"), auth("alice", "", "failure")},
		{"su refuses", line("su", "FAILED SU (to root) alice on pts/0"), auth("alice", "", "failure")},
		{"dovecot", line("dovecot", "imap-login: Login: user=<a@b.example>, method=PLAIN, rip=10.0.0.9, lip=10.0.0.1, TLS"), auth("a@b.example", "10.0.0.9", "success")},
		{"vsftpd's own file", `Mon Oct 24 11:32:53 2016 [pid 1] [bob] FAIL LOGIN: Client "fe80::1"`, auth("bob", "fe80::1", "failure")},
		{"a small SSH server", line("dropbear", "Bad password attempt for 'root' from 10.0.0.9:44"), auth("root", "10.0.0.9", "failure")},
	})
}

func TestConnectionsToSSHAreTold(t *testing.T) {
	line := func(message string) string { return "Oct 11 22:14:15 h sshd[1]: " + message }
	tryCases(t, Options{}, []parseCase{
		{"one begins", line("Connection from 10.0.0.9 port 33 on 10.0.0.1 port 22 rdomain"),
			map[string]string{"class_name": "SSH Activity", "activity_name": "Open", "src_endpoint.ip": "10.0.0.9", "src_endpoint.port": "33", "dst_endpoint.ip": "10.0.0.1", "dst_endpoint.port": "22"}},
		{"one ends before anybody came in", line("Connection closed by invalid user a b 10.0.0.9 port 33 [preauth]"),
			map[string]string{"activity_name": "Close", "src_endpoint.ip": "10.0.0.9", "actor.user.name": "a b", "status": "failure"}},
		{"one ends after that", line("Disconnected from user bob 10.0.0.9 port 33"),
			map[string]string{"activity_name": "Close", "src_endpoint.ip": "10.0.0.9", "actor.user.name": "bob", "status": ""}},
		{"one is reset", line("Connection reset by 10.0.0.9 port 33"), map[string]string{"activity_name": "Reset", "src_endpoint.ip": "10.0.0.9"}},
		{"no agreement", line("fatal: Unable to negotiate with 10.0.0.9 port 33: no matching cipher found."), map[string]string{"activity_name": "Fail", "src_endpoint.ip": "10.0.0.9", "src_endpoint.port": "33"}},
		{"a goodbye", line("Received disconnect from 10.0.0.9: 11: Bye Bye [preauth]"), map[string]string{"activity_name": "Close", "src_endpoint.ip": "10.0.0.9"}},
		{"a name that does not fit", line("reverse mapping checking getaddrinfo for x.example [10.0.0.9] failed - POSSIBLE BREAK-IN ATTEMPT!"),
			map[string]string{"src_endpoint.ip": "10.0.0.9", "dst_endpoint.hostname": "x.example", "severity_id": "3"}},
	})
}

func TestTheAuditSystemIsReadRawAndEnriched(t *testing.T) {
	tryCases(t, Options{Format: Auditd}, []parseCase{
		{"a system call", `type=SYSCALL msg=audit(1604994496.155:92733): arch=c000003e syscall=59 success=yes exit=0 a0=558e a1=1 ppid=29002 pid=1631 auid=1000 uid=0 tty=pts0 comm="arp" exe="/usr/sbin/arp" key=(null)` + "\x1d" + `ARCH=x86_64 SYSCALL=execve AUID="alice" UID="root"`,
			map[string]string{"class_name": "Process Activity", "process.file.path": "/usr/sbin/arp", "process.pid": "1631", "actor.user.name": "alice", "status": "success", "time": "2020-11-10T07:48:16.155Z",
				"native.a0": "558e", "native.type": "SYSCALL", "native.SYSCALL": "execve"}},
		{"arguments in hexadecimal", `type=EXECVE msg=audit(1604994496.155:1): argc=3 a0="sh" a1="-c" a2=6375726C20687474703A2F2F78`,
			map[string]string{"process.cmd_line": "sh -c curl http://x", "native.a2": "curl http://x"}},
		{"a title in hexadecimal", `type=PROCTITLE msg=audit(1604994496.155:1): proctitle=617270002D61`, map[string]string{"process.cmd_line": "arp -a", "native.proctitle": "arp -a"}},
		{"a login", `node=web type=USER_LOGIN msg=audit(1604994496.155:1): pid=5 uid=0 auid=4294967295 msg='op=login acct="root" exe="/usr/sbin/sshd" hostname=? addr=203.0.113.9 terminal=ssh res=failed'`,
			map[string]string{"class_name": "Authentication", "actor.user.name": "root", "src_endpoint.ip": "203.0.113.9", "status": "failure", "device.hostname": "web"}},
		{"a socket address", `type=SOCKADDR msg=audit(1604994496.155:1): saddr=020001BBCB0071090000000000000000`,
			map[string]string{"dst_endpoint.ip": "203.0.113.9", "dst_endpoint.port": "443", "class_name": "Network Activity"}},
		{"a file", `type=PATH msg=audit(1604994496.155:1): item=0 name="/etc/shadow" nametype=NORMAL`, map[string]string{"file.path": "/etc/shadow", "file.name": "shadow"}},
		{"something else", `hello`, map[string]string{"format": "text", "complaint": "this is no record of the Linux audit system"}},
	})
}

func TestAccessLogsAreReadWithWhatServersAddToThem(t *testing.T) {
	tryCases(t, Options{}, []parseCase{
		{"common", `127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif?x=1 HTTP/1.0" 200 2326`,
			map[string]string{"format": "access_log", "time": "2000-10-10T20:55:36Z", "actor.user.name": "frank", "http_request.url.url_string": "/a.gif?x=1", "status": "success",
				"activity_name": "Get", "native.cs-uri-stem": "/a.gif", "native.cs-uri-query": "x=1", "native.sc-status": "200", "native.sc-bytes": "2326", "category": "webserver"}},
		{"combined with a quote in the agent", `203.0.113.9 - - [1/Apr/2014:00:00:01 -0500] "POST /wp HTTP/1.1" 403 - "http://r" "a \"b\" ${jndi:ldap://x}"`,
			map[string]string{"http_request.user_agent": `a \"b\" ${jndi:ldap://x}`, "native.cs-referer": "http://r", "status": "failure", "activity_name": "Post"}},
		{"a virtual host", `www.example.org:443 203.0.113.9 - - [10/Oct/2000:13:55:36 +0000] "GET / HTTP/2.0" 200 5 "-" "x"`,
			map[string]string{"device.hostname": "www.example.org:443", "src_endpoint.ip": "203.0.113.9", "native.cs-host": "www.example.org:443"}},
		{"no request at all", `203.0.113.9 - - [10/Oct/2000:13:55:36 +0000] "\x16\x03\x01" 400 226`, map[string]string{"activity_name": "Unknown", "http_request.url.url_string": `\x16\x03\x01`}},
		{"an error of nginx", `2026/10/11 06:07:37 [error] 80#2: *1 open() "/x" failed (2: No such file or directory), client: 203.0.113.9, server: x`,
			map[string]string{"src_endpoint.ip": "203.0.113.9", "severity_id": "4", "time": "2026-10-11T06:07:37Z", "metadata.log_name": "nginx"}},
		{"an error of Apache", `[Tue Sep 30 14:25:44.895897 2014] [authz_core:error] [pid 31858] [client 99.47.227.95:38870] AH01630: client denied`,
			map[string]string{"src_endpoint.ip": "99.47.227.95", "src_endpoint.port": "38870", "time": "2014-09-30T14:25:44.895897Z"}},
		{"Squid", `1140701230.827    781 192.168.1.210 TCP_DENIED/407 1785 GET http://www.example.org/x bob NONE/- text/html`,
			map[string]string{"src_endpoint.ip": "192.168.1.210", "http_request.url.url_string": "http://www.example.org/x", "dst_endpoint.hostname": "www.example.org", "status": "failure", "category": "proxy"}},
	})
	tryCases(t, Options{Format: AccessLog}, []parseCase{
		{"something else", `hello`, map[string]string{"format": "text", "message": "hello", "complaint": "this is no line of a web server's access log"}},
	})
}

func TestTimesWithoutAZoneAreThoseOfTheSource(t *testing.T) {
	berlin := must(time.LoadLocation("Europe/Berlin"))(t)
	tryCases(t, Options{Zone: berlin}, []parseCase{
		{"RFC 3164 in summer", `Jul 11 22:14:15 h p: x`, map[string]string{"time": "2026-07-11T20:14:15Z"}},
		{"RFC 3164 in winter", `Jan 11 22:14:15 h p: x`, map[string]string{"time": "2026-01-11T21:14:15Z"}},
		{"RFC 3164 with a zone", `Jul 11 22:14:15 UTC h p: x`, map[string]string{"time": "2026-07-11T22:14:15Z"}},
		{"ISO 8601", `2026-07-11 22:14:15 h p: x`, map[string]string{"time": "2026-07-11T20:14:15Z"}},
		{"ISO 8601 with a zone", `2026-07-11T22:14:15Z h p: x`, map[string]string{"time": "2026-07-11T22:14:15Z"}},
		{"JSON", `{"timestamp":"2026-07-11 22:14:15","msg":"x"}`, map[string]string{"time": "2026-07-11T20:14:15Z"}},
		{"Sysmon is always UTC", `{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","UtcTime":"2026-07-11 22:14:15.5"}`, map[string]string{"time": "2026-07-11T22:14:15.5Z"}},
	})
}

func TestATimeThatCannotBeIsNotTaken(t *testing.T) {
	at := map[string]string{"time": "2026-11-22T12:00:00Z"}
	tryCases(t, Options{}, []parseCase{
		{"year 1", `<13>1 0001-01-01T00:00:00Z h p - - - x`, at},
		{"year 9999", `<13>1 9999-12-31T23:59:59Z h p - - - x`, at},
		{"tomorrow and more", `<13>1 2026-11-24T00:00:00Z h p - - - x`, at},
		{"the 30th of February", `<13>1 2026-02-30T00:00:00Z h p - - - x`, at},
		{"a huge number", `{"class_uid":1,"category_uid":1,"time":1e308}`, at},
		{"a negative number", `{"class_uid":1,"category_uid":1,"time":-5}`, at},
		{"no number", `{"eventSource":"a","eventName":"b","eventVersion":"1","eventTime":"soon"}`, at},
	})
}
