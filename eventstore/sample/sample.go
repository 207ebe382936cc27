// Package sample writes believable lines of logs, the same for the same seed: for the
// demo, and for measurements. The names, addresses and stories are ours; the addresses
// are those set aside for documentation and private networks.
package sample

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"holdfast/engine/event"
)

// The sources that lines come from.
const (
	Auth  = "auth"  // sshd and sudo of Linux servers, syslog
	Web   = "web"   // access log of a shop
	Win   = "win"   // Sysmon and logons of Windows machines, JSON
	Cloud = "cloud" // CloudTrail of an account, JSON
	DNS   = "dns"   // look-ups, as Zeek writes them
)

// Sources lists the sources.
var Sources = []string{Auth, Web, Win, Cloud, DNS}

// A maker writes lines.
type maker struct{ *rand.Rand }

// Lines writes n lines that were received between two instants, in order of time. Each
// is its own; whoever keeps one need not copy it.
func Lines(seed uint64, n int, from, to time.Time) iter.Seq[event.Line] {
	return func(yield func(event.Line) bool) {
		m := maker{rand.New(rand.NewPCG(seed, 8420))} //nolint:gosec // the same every time, on purpose
		step := to.Sub(from) / time.Duration(max(n, 1))
		attack := n / 2 // a guesser of passwords comes by in the middle
		for i := range n {
			at := from.Add(time.Duration(i)*step + time.Duration(m.Int64N(int64(step/2+1)))).UTC()
			var l event.Line
			if i >= attack && i < attack+min(n/20, 4_000) && i%2 == 0 {
				l = m.guess(at)
			} else {
				l = m.line(at)
			}
			l.Received = at
			if !yield(l) {
				return
			}
		}
	}
}

// line is what a quiet day writes.
func (m maker) line(at time.Time) event.Line {
	switch p := m.IntN(100); {
	case p < 15:
		return m.auth(at)
	case p < 60:
		return m.web(at)
	case p < 75:
		return m.win(at)
	case p < 85:
		return m.cloud(at)
	default:
		return m.dns(at)
	}
}

func of(source, peer, format string, args ...any) event.Line {
	return event.Line{Source: source, Peer: peer, Raw: fmt.Appendf(nil, format, args...)}
}

func (m maker) pick(list ...string) string {
	// The first are met most, as in life.
	return list[min(m.IntN(len(list)), m.IntN(len(list)))]
}

func (m maker) server() string {
	return m.pick("web-1", "app-1", "web-2", "bastion", "app-2", "db-1")
}

func (m maker) person() string {
	return m.pick("deploy", "marek", "j.tanaka", "m.okafor", "n.silva", "backup", "s.ferreira", "postgres")
}

func (m maker) inside() string { return fmt.Sprintf("10.20.%d.%d", m.IntN(4), 1+m.IntN(250)) }

// outside is an address of a visitor. The guesser of passwords has one that nobody else has.
func (m maker) outside() string {
	net, host := m.pick("198.51.100", "203.0.113", "192.0.2"), 1+m.IntN(254)
	if host == 66 {
		host = 65
	}
	return fmt.Sprintf("%s.%d", net, host)
}

func (m maker) hex(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = "0123456789abcdef"[m.IntN(16)]
	}
	return string(b)
}

func (m maker) uuid() string {
	return m.hex(8) + "-" + m.hex(4) + "-4" + m.hex(3) + "-a" + m.hex(3) + "-" + m.hex(12)
}

const stamp = "2006-01-02T15:04:05.000000Z07:00"

// syslog is a line of RFC 5424.
func (m maker) syslog(at time.Time, severity int, host, app, text string, args ...any) event.Line {
	return of(Auth, "10.20.0.5", "<%d>1 %s %s %s %d - - %s", 10*8+severity, at.Format(stamp), host, app, 900+m.IntN(60_000), fmt.Sprintf(text, args...))
}

func (m maker) auth(at time.Time) event.Line {
	host, who := m.server(), m.person()
	switch m.IntN(6) {
	case 0:
		return m.syslog(at, 6, host, "sshd", "Accepted publickey for %s from %s port %d ssh2: ED25519 SHA256:%s", who, m.inside(), 1024+m.IntN(64_000), m.pick("Rz0m1cQe7hPpV3xw", "k9Qd2LmTf0aYbN5c", "Hy7uJx4sWe1oPz8v"))
	case 1:
		return m.syslog(at, 6, host, "sudo", "%s : TTY=pts/%d ; PWD=/home/%s ; USER=root ; COMMAND=/usr/bin/%s", who, m.IntN(4), who, m.pick("systemctl restart nginx", "journalctl -u app", "apt-get upgrade", "tail -f /var/log/syslog"))
	case 2:
		return m.syslog(at, 6, host, "sshd", "Failed password for %s from %s port %d ssh2", who, m.inside(), 1024+m.IntN(64_000))
	case 3:
		return m.syslog(at, 6, host, "systemd-logind", "New session %d of user %s.", m.IntN(90_000), who)
	default:
		return m.syslog(at, 6, host, "sshd", "pam_unix(sshd:session): session %s for user %s", m.pick("opened", "closed"), who)
	}
}

// guess is one try of somebody who guesses passwords.
func (m maker) guess(at time.Time) event.Line {
	name := m.pick("root", "admin", "test", "oracle", "ubuntu", "git", "postgres", "guest")
	known := ""
	if name != "root" && name != "postgres" {
		known = "invalid user "
	}
	return m.syslog(at, 6, "bastion", "sshd", "Failed password for %s%s from 203.0.113.66 port %d ssh2", known, name, 1024+m.IntN(64_000))
}

func (m maker) web(at time.Time) event.Line {
	from := m.outside()
	path := m.pick("/", "/shop", "/api/v1/basket", "/api/v1/items/", "/static/app.js", "/static/app.css", "/login", "/images/", "/search?q=", "/checkout")
	if strings.HasSuffix(path, "s/") || strings.HasSuffix(path, "=") {
		path += strconv.Itoa(m.IntN(9_000))
	}
	status := m.pick("200", "200", "304", "404", "302", "401", "500")
	if m.IntN(80) == 0 { // one visitor tries the doors
		from, path, status = "203.0.113.250", m.pick("/wp-login.php", "/.env", "/admin", "/.git/config"), "404"
	}
	agent := m.pick("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1", "curl/8.14.1", "monitor/2.3")
	return of(Web, "10.20.0.7", `%s - - [%s] "%s %s HTTP/1.1" %s %d "https://shop.example/" "%s"`, from, at.Format("02/Jan/2006:15:04:05 -0700"), m.pick("GET", "GET", "POST", "HEAD"), path, status, m.IntN(80_000), agent)
}

func (m maker) win(at time.Time) event.Line {
	host := fmt.Sprintf("WS-%03d.corp.example", 1+m.IntN(120))
	user := `CORP\\` + m.person()
	if m.IntN(4) == 0 {
		return of(Win, "10.20.1.9", `{"EventID":%s,"Channel":"Security","Provider_Name":"Microsoft-Windows-Security-Auditing","Computer":"%s","UtcTime":"%s","TargetUserName":"%s","LogonType":%s,"IpAddress":"%s","LogonProcessName":"Kerberos","RecordNumber":%d}`,
			m.pick("4624", "4624", "4625", "4634"), host, at.Format("2006-01-02 15:04:05.000"), m.person(), m.pick("3", "2", "10", "5"), m.inside(), m.IntN(9_000_000))
	}
	exe := m.pick(`C:\\Windows\\System32\\svchost.exe`, `C:\\Program Files\\Mozilla Firefox\\firefox.exe`, `C:\\Windows\\System32\\cmd.exe`, `C:\\Windows\\explorer.exe`, `C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe`)
	return of(Win, "10.20.1.9", `{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Provider_Name":"Microsoft-Windows-Sysmon","Computer":"%s","UtcTime":"%s","ProcessGuid":"{%s}","ProcessId":%d,"Image":"%s","CommandLine":"\"%s\" %s","User":"%s","ParentImage":"C:\\Windows\\System32\\services.exe","Hashes":"SHA256=%s","IntegrityLevel":"%s"}`,
		host, at.Format("2006-01-02 15:04:05.000"), m.uuid(), 4*(100+m.IntN(5_000)), exe, exe, m.pick("-k netsvcs", "-contentproc", "/c dir", "-NoProfile"), user, knownHash(exe), m.pick("Medium", "System", "High"))
}

// knownHash is the fingerprint of a program: the same program has the same.
func knownHash(exe string) string {
	var seed uint64
	for _, b := range []byte(exe) {
		seed = seed*31 + uint64(b)
	}
	return maker{rand.New(rand.NewPCG(seed, 1))}.hex(64) //nolint:gosec // no secret
}

func (m maker) cloud(at time.Time) event.Line {
	name := m.pick("DescribeInstances", "AssumeRole", "GetObject", "ListBuckets", "ConsoleLogin", "PutObject")
	if m.IntN(200) == 0 {
		name = "StopLogging"
	}
	service := m.pick("ec2", "sts", "s3", "iam", "signin")
	return of(Cloud, "", `{"eventVersion":"1.10","userIdentity":{"type":"IAMUser","principalId":"AIDAEXAMPLE%s","arn":"arn:aws:iam::123456789012:user/%s","accountId":"123456789012","userName":"%[2]s"},"eventTime":"%[3]s","eventSource":"%[4]s.amazonaws.com","eventName":"%[5]s","awsRegion":"%[6]s","sourceIPAddress":"%[7]s","userAgent":"aws-cli/2.31","requestID":"%[8]s","eventID":"%[9]s","readOnly":%[10]t,"eventType":"AwsApiCall","recipientAccountId":"123456789012"}`,
		m.pick("JQ4", "8ZT", "M2C"), m.person(), at.Format(time.RFC3339), service, name, m.pick("eu-central-1", "us-east-1"), m.outside(), m.uuid(), m.uuid(), m.IntN(3) > 0)
}

func (m maker) dns(at time.Time) event.Line {
	name := m.pick("shop.example", "mail.example", "updates.vendor.example", "cdn.example.net", "time.example.org", "telemetry.vendor.example")
	if m.IntN(5) == 0 {
		name = m.hex(10) + "." + name
	}
	return of(DNS, "10.20.0.2", `{"_path":"dns","ts":%.6f,"uid":"C%s","id.orig_h":"%s","id.orig_p":%d,"id.resp_h":"10.20.0.2","id.resp_p":53,"proto":"udp","trans_id":%d,"query":"%s","qtype_name":"%s","rcode_name":"%s","rejected":false}`,
		float64(at.UnixMicro())/1e6, m.hex(17), m.inside(), 1024+m.IntN(64_000), m.IntN(65_536), name, m.pick("A", "AAAA", "PTR"), m.pick("NOERROR", "NXDOMAIN"))
}
