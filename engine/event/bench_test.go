package event

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"
)

// benchLines are lines of each format, as they come from real machines.
var benchLines = map[Format][]string{
	Syslog: {
		"Mar 27 13:06:56 ip-10-77-20-248 sshd[1291]: Failed password for invalid user admin from 203.0.113.9 port 4711 ssh2",
		"<86>Oct 11 22:14:15 web1 CRON[812]: pam_unix(cron:session): session opened for user root by (uid=0)",
		"<34>1 2026-10-11T22:14:15.003Z db2.example.org postgres 4242 - - connection authorized: user=app database=shop",
		"<30>Oct 11 22:14:16 web1 systemd[1]: Started Daily apt download activities.",
	},
	AccessLog: {
		`203.0.113.9 - - [11/Oct/2026:22:14:15 +0000] "GET /products/42?ref=home HTTP/1.1" 200 5120 "https://www.example.org/" "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"`,
	},
	Auditd: {
		`type=SYSCALL msg=audit(1604994496.155:92733): arch=c000003e syscall=59 success=yes exit=0 a0=558e251634a0 a1=558e25162a50 a2=558e25160800 a3=8 items=2 ppid=29002 pid=1631 auid=1000 uid=1000 gid=1000 euid=1000 suid=1000 fsuid=1000 egid=1000 sgid=1000 fsgid=1000 tty=pts0 ses=104 comm="arp" exe="/usr/sbin/arp" key=(null)`,
	},
	Windows: {
		`{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Hostname":"w1.example.org","UtcTime":"2026-10-11 22:14:15.500","ProcessGuid":"{9f85ce58-5a6a-5f2b-a900-000000000400}","ProcessId":4711,"Image":"C:\\Windows\\System32\\cmd.exe","CommandLine":"cmd.exe /c whoami /all","CurrentDirectory":"C:\\Windows\\","User":"EXAMPLE\\bob","LogonId":"0x3e7","IntegrityLevel":"High","Hashes":"SHA1=0123456789012345678901234567890123456789,MD5=01234567890123456789012345678901","ParentImage":"C:\\Windows\\explorer.exe","ParentCommandLine":"explorer.exe","Message":"Process Create"}`,
	},
	CloudTrail: {
		`{"eventVersion":"1.08","userIdentity":{"type":"AssumedRole","principalId":"AROA:bob","arn":"arn:aws:sts::123456789012:assumed-role/Admin/bob","accountId":"123456789012"},"eventTime":"2026-10-11T22:14:15Z","eventSource":"ec2.amazonaws.com","eventName":"DescribeInstances","awsRegion":"eu-central-1","sourceIPAddress":"203.0.113.9","userAgent":"aws-cli/2.15","requestParameters":{"instancesSet":{}},"responseElements":null,"requestID":"2db6a7b5-876c-4995-8258-e6f09d9ef934","eventID":"fd4f1042-c7f6-4107-a6ee-d841d92596e7"}`,
	},
	Suricata: {
		`{"timestamp":"2026-10-11T22:14:15.936753+0100","flow_id":1771524860999348,"event_type":"dns","src_ip":"172.17.0.153","src_port":57769,"dest_ip":"172.17.0.7","dest_port":53,"proto":"UDP","dns":{"type":"query","id":12483,"rrname":"www.example.org","rrtype":"A","tx_id":0,"opcode":0}}`,
	},
	Zeek: {
		`{"_path":"conn","ts":1604994496.155,"uid":"CmC9kY1X0u9nP78KZc","id.orig_h":"10.164.94.120","id.orig_p":39611,"id.resp_h":"10.47.3.200","id.resp_p":443,"proto":"tcp","service":"ssl","duration":0.5,"orig_bytes":517,"resp_bytes":1024,"conn_state":"SF"}`,
	},
	JSON: {`{"time":"2026-10-11T22:14:15Z","level":"info","msg":"request done","host":"web1","user":"bob","path":"/x","status":"ok","duration_ms":12}`},
	Text: {`a line of a program that has no form at all, but says something a person may want to read`},
}

// BenchmarkParse measures each format in time of the processor at four sizes of line: as
// it is, and with a message that makes it so long.
func BenchmarkParse(b *testing.B) {
	for _, format := range Formats[1:] {
		lines := benchLines[format]
		if lines == nil {
			continue
		}
		for _, extra := range []int{0, 1 << 10, 8 << 10, 64 << 10} {
			b.Run(fmt.Sprintf("%s/%d", format, extra), func(b *testing.B) {
				p := NewParser(Options{Format: format, Zone: time.UTC})
				var raws [][]byte
				size := 0
				for _, line := range lines {
					raws = append(raws, longer(format, line, extra))
					size += len(raws[len(raws)-1])
				}
				b.SetBytes(int64(size / len(lines)))
				b.ReportAllocs()
				var e Event
				start := processorTime(b)
				n := 0
				for b.Loop() {
					p.Parse(Line{Raw: raws[n%len(raws)], Received: arrival}, &e)
					n++
				}
				if e.Format != format {
					b.Fatalf("read as %s: %s", e.Format, e.Complaint)
				}
				b.ReportMetric(float64(n)/(processorTime(b)-start).Seconds(), "events/cpu-s")
			})
		}
	}
}

// longer makes a line longer where its format has room for text.
func longer(format Format, line string, extra int) []byte {
	words := strings.Repeat("more words ", extra/11)
	switch {
	case extra == 0:
		return []byte(line)
	case strings.HasPrefix(line, "{"):
		return []byte(line[:len(line)-1] + `,"more":"` + words + `"}`)
	case format == Auditd:
		return []byte(line + ` more="` + words + `"`)
	}
	return []byte(line + " " + words)
}

func processorTime(tb testing.TB) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
