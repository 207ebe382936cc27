package event

import (
	"bytes"
	"encoding/csv"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/valyala/fastjson"
)

func TestEveryEventOfThePublicDataIsRead(t *testing.T) {
	for _, c := range []struct {
		prefix string
		format Format
		count  int
	}{
		{"cloudtrail/invictus", CloudTrail, 1293},
		{"cloudtrail/stratus", CloudTrail, 142},
		{"log-lines/auth.log", Syslog, 7121},
		{"log-lines/nginxplus", JSON, 500},
		{"log-lines/web_attack", AccessLog, 2661},
		{"suricata/alaajili", Suricata, 4192},
		{"suricata/mkhairin", Suricata, 38},
		{"security-datasets/atomic__aws", CloudTrail, 103},
		{"security-datasets/atomic__linux", Auditd, 12},
		{"security-datasets/atomic__windows__credential_access__host__empire", Windows, 6026},
		{"security-datasets/atomic__windows__credential_access__host__psh", Windows, 184},
		{"security-datasets/atomic__windows__defense_evasion", Windows, 424},
		{"security-datasets/atomic__windows__discovery", Windows, 451},
		{"security-datasets/atomic__windows__lateral", Windows, 1041}, // and an empty line
		{"security-datasets/atomic__windows__persistence", Windows, 122},
		{"security-datasets/compound__GoldenSAMLADFSMailAccess__AAD", JSON, 4},
		{"security-datasets/compound__GoldenSAMLADFSMailAccess__Windows", Windows, 38},
		{"security-datasets/compound__Log4Shell__syslog_auoms", JSON, 50},
		{"security-datasets/compound__Log4Shell__syslog_sysmon", JSON, 93},
		{"security-datasets/compound__Log4Shell__vminsights", JSON, 5},
		// The README counts the nine lines of the head and the foot too.
		{"zeek/zed-sample_notice", Zeek, 216 - 9}, {"zeek/zed-sample_rdp", Zeek, 4131 - 9}, {"zeek/zed-sample_smb", Zeek, 402 - 9},
		{"zeek/zed-sample_ssh", Zeek, 31 - 9}, {"zeek/zed-sample_syslog", Zeek, 2387 - 9},
	} {
		t.Run(c.prefix, func(t *testing.T) {
			total := 0
			for _, f := range dataFiles(t, c.prefix) {
				total += parseAll(t, Options{}, f.data, func(e *Event) {
					if e.Format != c.format || e.Complaint != "" && !strings.Contains(e.Complaint, "1970") {
						t.Fatalf("%s: %s: %s", f.name, e.Complaint, e.Raw)
					}
				})
			}
			if total != c.count {
				t.Errorf("%d events, not %d", total, c.count)
			}
		})
	}
}

func TestTheKindsOfSuricataAreCountedAsTheyAre(t *testing.T) {
	got := map[string]int{}
	parseAll(t, Options{}, dataFiles(t, "suricata/alaajili")[0].data, func(e *Event) { got[e.Service]++ })
	for kind, want := range map[string]int{"flow": 1469, "tls": 748, "alert": 653, "smb": 477, "dns": 473} {
		if got[kind] != want {
			t.Errorf("%d of %s, not %d", got[kind], kind, want)
		}
	}
}

func TestLinesOfSSHAreReadAsTheirStructuredTableSays(t *testing.T) {
	var lines, table []byte
	for _, f := range dataFiles(t, "log-lines/loghub") {
		switch {
		case strings.HasSuffix(f.name, ".log"):
			lines = f.data
		case strings.HasSuffix(f.name, "structured.csv"):
			table = f.data
		}
	}
	rows := must(csv.NewReader(bytes.NewReader(table)).ReadAll())(t)[1:]
	from := regexp.MustCompile(`(?:from|rhost=|\[)\s?(\d+\.\d+\.\d+\.\d+)(?:[\]: ]|$)`)
	i, failed, addresses := 0, 0, 0
	parseAll(t, Options{}, lines, func(e *Event) {
		row := rows[i]
		i++
		if e.Host != row[4] || strconv.FormatInt(e.PID, 10) != row[5] || e.Message != strings.TrimSpace(row[6]) || e.Time.Format("Jan 2 15:04:05") != row[1]+" "+row[2]+" "+row[3] {
			t.Fatalf("%s is read as %s, %s, %d, %q; the table says %q", e.Raw, e.Time, e.Host, e.PID, e.Message, row)
		}
		if strings.HasPrefix(row[6], "Failed password") {
			failed++
			if e.Class != Authentication || e.Outcome != Failure || e.User == "" || !e.Src.IsValid() || e.SrcPort == 0 {
				t.Fatalf("%s: %s %s %s %s", e.Raw, e.Class.Name(), e.Outcome, e.User, e.Src)
			}
		}
		if m := from.FindStringSubmatch(row[6]); m != nil {
			addresses++
			if e.Src.String() != m[1] {
				t.Errorf("%s: address %s, not %s", e.Raw, e.Src, m[1])
			}
		}
	})
	if i != len(rows) || failed < 500 || addresses < 1500 {
		t.Errorf("%d lines, %d failed passwords, %d addresses of %d rows", i, failed, addresses, len(rows))
	}
}

// wazuhLine are the lines of the rule tests.
var wazuhLine = regexp.MustCompile(`(?m)^log \d+ (?:pass|fail) = (.+)$`)

func TestUsersAndAddressesAreFoundInTheLinesOfTheWazuhTests(t *testing.T) {
	user := regexp.MustCompile(`(?:invalid user|illegal user|Invalid user|exceeded for|Failed none for|session (?:opened|closed) for user|  user=|sudo:\s+)\s*([\w]+)`)
	addr := regexp.MustCompile(`(?:from|client|rhost=|Client ")\s?\[?(\d+\.\d+\.\d+\.\d+|fe80[\w:]+)`)
	users, addresses, lines := 0, 0, 0
	for _, f := range dataFiles(t, "log-lines/wazuh") {
		p := NewParser(Options{})
		for _, m := range wazuhLine.FindAllStringSubmatch(string(f.data), -1) {
			lines++
			var e Event
			p.Parse(Line{Raw: []byte(m[1]), Received: arrival}, &e)
			sound(t, &e)
			if u := user.FindStringSubmatch(m[1]); u != nil {
				users++
				if e.User != u[1] {
					t.Errorf("%s: user %q, not %q", m[1], e.User, u[1])
				}
			}
			if a := addr.FindStringSubmatch(m[1]); a != nil && !strings.Contains(m[1], "183.106.179.x") && !strings.Contains(m[1], " name[") { // hidden in part; of an unknown program
				addresses++
				if e.Src != netip.MustParseAddr(a[1]) {
					t.Errorf("%s: address %s, not %s", m[1], e.Src, a[1])
				}
			}
		}
	}
	if lines < 89 || users < 15 || addresses < 15 {
		t.Errorf("%d lines, %d users, %d addresses", lines, users, addresses)
	}
}

func TestSamplesOfOCSFKeepWhatTheySayAndTheirLinesAreOfTheSameClass(t *testing.T) {
	read, pairs := 0, 0
	for _, f := range dataFiles(t, "ocsf/") {
		if strings.HasSuffix(f.name, "v1.5.0/EKS Audit Logs/samples/eks.ocsf") || strings.HasSuffix(f.name, ".xml") {
			continue // they are not well-formed
		}
		parseAll(t, Options{}, f.data, func(e *Event) {
			read++
			v := fastjson.MustParseBytes(e.Raw)
			if e.Format != OCSF || int(e.Class) != v.GetInt("class_uid") || e.ActivityID != v.GetInt("activity_id") || e.Complaint != "" {
				t.Errorf("%s: %s, class %d, %s", f.name, e.Format, e.Class, e.Complaint)
			}
			if want := address(string(v.GetStringBytes("src_endpoint", "ip"))); want.IsValid() && want != e.Src {
				t.Errorf("%s: from %s, not %s", f.name, e.Src, want)
			}
			if v.Exists("time") && e.Time.Equal(arrival) {
				t.Errorf("%s: the time is lost", f.name)
			}
			raw := v.GetStringBytes("raw_data")
			if raw == nil || int(e.Class) == 2001 { // an older class of findings
				return
			}
			pairs++
			var own Event
			NewParser(Options{}).Parse(Line{Raw: raw, Received: arrival}, &own)
			ends := map[netip.Addr]bool{e.Src: true, e.Dst: true}
			if own.Class != e.Class || own.ActivityID != e.ActivityID || !ends[own.Src] || !ends[own.Dst] {
				t.Errorf("%s: our reading of its line is %s %s → %s", f.name, own.Class.Name(), own.Src, own.Dst)
			}
		})
	}
	if read != 48 || pairs != 3 {
		t.Errorf("%d samples, %d pairs", read, pairs)
	}
}
