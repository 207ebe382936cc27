package detection

import (
	"cmp"
	"crypto/x509"
	"encoding/pem"
	"net"
	"strings"

	"holdfast/isms"
)

// A SourceRecipe is one kind of thing that can be connected, and how.
type SourceRecipe struct {
	ID    string
	Title string
	Says  string // in one sentence what it does and what it needs

	Transport isms.Transport
	Format    isms.EventFormat
	Product   string
	Service   string
	Category  string

	Where string // what the text below is: a file on the other machine, a command
	Text  string // with {host} {port} {url} {token} {file} {pem} in it
	After string // what to run afterwards, and what makes the first event
}

// listens tells whether events come to a port of ours, from senders that prove nothing.
func (r SourceRecipe) listens() bool { return strings.HasPrefix(string(r.Transport), "syslog_") }

const relpForward = `action(type="omrelp" target="{host}" port="{port}"
       template="RSYSLOG_SyslogProtocol23Format"
       queue.type="LinkedList" queue.filename="holdfast" queue.maxDiskSpace="1g"
       queue.saveOnShutdown="on" action.resumeRetryCount="-1")
`

// fileForward follows a log file on the other machine and sends its lines as they are.
func fileForward(file, tag string) string {
	return `module(load="imfile")
module(load="omrelp")
template(name="holdfast-raw" type="string" string="%msg%\n")
input(type="imfile" File="` + file + `" Tag="` + tag + `" Ruleset="holdfast-` + tag + `")
ruleset(name="holdfast-` + tag + `") {
  ` + strings.ReplaceAll(strings.Replace(relpForward, "RSYSLOG_SyslogProtocol23Format", "holdfast-raw", 1), "queue.filename=\"holdfast\"", `queue.filename="holdfast-`+tag+`"`) + `}
`
}

// SourceRecipes are the things that can be connected, the usual first.
var SourceRecipes = []SourceRecipe{
	{ID: "linux", Title: "Linux with rsyslog", Transport: "syslog_relp", Format: "syslog", Product: "linux",
		Says:  "Everything that the system logs, acknowledged line by line: nothing is lost when either side restarts. Needs the package rsyslog-relp.",
		Where: "/etc/rsyslog.d/60-holdfast.conf", Text: "module(load=\"omrelp\")\n" + relpForward,
		After: "systemctl restart rsyslog && logger \"Holdfast can hear me\""},
	{ID: "linux-tls", Title: "Linux with rsyslog over TLS", Transport: "syslog_tls", Format: "syslog", Product: "linux",
		Says:  "For networks that others can read. Encrypted, but not acknowledged. Needs the package rsyslog-gnutls.",
		Where: "/etc/rsyslog.d/60-holdfast.conf, with the certificate below it in /etc/rsyslog.d/holdfast.pem",
		Text: `global(DefaultNetstreamDriverCAFile="/etc/rsyslog.d/holdfast.pem")
action(type="omfwd" target="{host}" port="{port}" protocol="tcp" TCP_Framing="octet-counted"
       StreamDriver="gtls" StreamDriverMode="1" StreamDriverAuthMode="x509/certvalid"
       template="RSYSLOG_SyslogProtocol23Format"
       queue.type="LinkedList" queue.filename="holdfast" queue.saveOnShutdown="on" action.resumeRetryCount="-1")

# /etc/rsyslog.d/holdfast.pem
{pem}`,
		After: "systemctl restart rsyslog && logger \"Holdfast can hear me\""},
	{ID: "linux-relp-tls", Title: "Linux with rsyslog, RELP over TLS", Transport: "syslog_relp_tls", Format: "syslog", Product: "linux",
		Says:  "For networks that others can read: encrypted, and acknowledged line by line. The sender has a certificate of its own; name its fingerprint in the source to let in nobody else. Needs the package rsyslog-relp.",
		Where: "/etc/rsyslog.d/60-holdfast.conf, with the certificate below it in /etc/rsyslog.d/holdfast.pem",
		Text: "module(load=\"omrelp\")\n" + strings.Replace(relpForward, "port=\"{port}\"\n", "port=\"{port}\"\n       tls=\"on\" tls.authMode=\"name\" tls.permittedPeer=[\"{name}\"]\n       tls.caCert=\"/etc/rsyslog.d/holdfast.pem\"\n       tls.myCert=\"/etc/rsyslog.d/sender.pem\" tls.myPrivKey=\"/etc/rsyslog.d/sender.key\"\n", 1) + `# The certificate of the sender, made once:
# openssl req -x509 -newkey rsa:3072 -nodes -days 3650 -subj "/CN=$(hostname)" -keyout /etc/rsyslog.d/sender.key -out /etc/rsyslog.d/sender.pem

# /etc/rsyslog.d/holdfast.pem
{pem}`,
		After: "systemctl restart rsyslog && logger \"Holdfast can hear me\""},
	{ID: "nginx", Title: "nginx or Apache", Transport: "syslog_relp", Format: "access_log", Category: "webserver",
		Says:  "The access log of a web server on another Linux machine, sent by its rsyslog. Needs the package rsyslog-relp.",
		Where: "/etc/rsyslog.d/61-holdfast-web.conf (for Apache: /var/log/apache2/access.log)", Text: fileForward("/var/log/nginx/access.log", "web"),
		After: "systemctl restart rsyslog && curl -s http://localhost/ > /dev/null"},
	{ID: "windows", Title: "Windows with NXLog", Transport: "syslog_tls", Format: "windows", Product: "windows",
		Says:  "The event logs of Windows as JSON over TLS, with the free edition of NXLog.",
		Where: `C:\Program Files\nxlog\conf\nxlog.conf, with the certificate below it in C:\Program Files\nxlog\cert\holdfast.pem`,
		Text: `<Extension json>
  Module xm_json
</Extension>
<Input events>
  Module im_msvistalog
  Exec   to_json();
</Input>
<Output holdfast>
  Module       om_ssl
  Host         {host}
  Port         {port}
  CAFile       C:\Program Files\nxlog\cert\holdfast.pem
  AllowUntrusted FALSE
</Output>
<Route all>
  Path events => holdfast
</Route>

# C:\Program Files\nxlog\cert\holdfast.pem
{pem}`,
		After: "Restart-Service nxlog"},
	{ID: "winlogbeat", Title: "Windows or Linux with a Beat", Transport: "http", Format: "ecs",
		Says:  "Winlogbeat, Filebeat or Auditbeat: it speaks to Holdfast as it would to Elasticsearch.",
		Where: "winlogbeat.yml",
		Text: `output.elasticsearch:
  hosts: ["{url}"]
  headers:
    Authorization: "Bearer {token}"
  compression_level: 5
setup.ilm.enabled: false
setup.template.enabled: false
`,
		After: "Restart-Service winlogbeat"},
	{ID: "cloudtrail", Title: "AWS CloudTrail", Transport: "http", Format: "cloudtrail", Product: "aws", Service: "cloudtrail",
		Says:  "The files that CloudTrail puts into a bucket, fetched every few minutes by a machine that may read it. The name of a file is its key, so none is taken twice.",
		Where: "holdfast-cloudtrail.sh, run by cron every five minutes; put in the name of your bucket",
		Text: `#!/bin/sh
set -eu
dir=/var/lib/holdfast-cloudtrail
aws s3 sync --only-show-errors s3://YOUR-BUCKET/AWSLogs "$dir"
find "$dir" -name '*.json.gz' | while read -r f; do
  [ -e "$f.sent" ] && continue
  curl --fail --silent --show-error --max-time 60 --output /dev/null \
    -H "Authorization: Bearer {token}" -H "Idempotency-Key: $(basename "$f")" \
    --data-binary "@$f" {url} && touch "$f.sent"
done
`,
		After: "sh holdfast-cloudtrail.sh"},
	{ID: "suricata", Title: "Suricata", Transport: "syslog_relp", Format: "suricata", Product: "suricata", Category: "network",
		Says:  "eve.json of an intrusion detection sensor, sent by its rsyslog. Needs the package rsyslog-relp.",
		Where: "/etc/rsyslog.d/61-holdfast-suricata.conf", Text: fileForward("/var/log/suricata/eve.json", "suricata"),
		After: "systemctl restart rsyslog"},
	{ID: "zeek", Title: "Zeek", Transport: "syslog_relp", Format: "zeek", Product: "zeek", Category: "network",
		Says:  "The logs of Zeek as JSON, sent by its rsyslog. Load policy/tuning/json-logs in local.zeek first. Needs the package rsyslog-relp.",
		Where: "/etc/rsyslog.d/61-holdfast-zeek.conf", Text: fileForward("/opt/zeek/logs/current/*.log", "zeek"),
		After: "zeekctl deploy && systemctl restart rsyslog"},
	{ID: "file", Title: "A file on this machine", Transport: "file", Format: "auto",
		Says:  "A log file on the machine that Holdfast runs on, followed as it grows and when it is rotated.",
		Where: "Nothing to set up", Text: "Holdfast follows {file} by itself. It must be able to read it.\n",
		After: "echo \"Holdfast can read me\" >> {file}"},
	{ID: "http", Title: "Anything over HTTP", Transport: "http", Format: "auto",
		Says:  "Whatever can post lines or JSON: scripts, cloud functions, Vector, Fluent Bit, OpenTelemetry, Splunk forwarders.",
		Where: "A command; each line is an event, also packed with gzip or zstd",
		Text: `curl -H "Authorization: Bearer {token}" --data-binary @events.jsonl {url}

# or, from a pipe:
HOLDFAST_SOURCE_TOKEN={token} holdfast source send {url} < events.jsonl

# OpenTelemetry (otlphttp, JSON):  {url}/v1/logs
# Splunk HTTP event collector:     {url}/services/collector/event
`,
		After: `echo '{"message":"Holdfast can hear me"}' | curl -H "Authorization: Bearer {token}" --data-binary @- {url}`},
}

// SourceRecipeOf finds a recipe by its id.
func SourceRecipeOf(id string) (SourceRecipe, bool) {
	for _, r := range SourceRecipes {
		if r.ID == id {
			return r, true
		}
	}
	return SourceRecipe{}, false
}

// RecipeFor is the recipe that fits a source best.
func RecipeFor(s *isms.EventSource) SourceRecipe {
	best, score := SourceRecipes[len(SourceRecipes)-1], -1
	for _, r := range SourceRecipes {
		if r.Transport != s.Transport {
			continue
		}
		n := 0
		if r.Format == s.Format {
			n = 4 // what is written says most about who writes it
			if r.Format == "auto" {
				n = 1
			}
		}
		for _, same := range []bool{r.Product == s.Product, r.Category == s.Category, r.Service == s.Service} {
			if same {
				n++
			}
		}
		if n > score {
			best, score = r, n
		}
	}
	return best
}

// A SourceGuide is what to do on the other side.
type SourceGuide struct {
	Recipe SourceRecipe
	URL    string // where to post; empty for other transports
	Text   string
	After  string
}

// OverTLS tells whether senders of the source check our certificate.
func OverTLS(s *isms.EventSource) bool { return strings.HasSuffix(string(s.Transport), "_tls") }

// hiddenToken stands where the token was: it is not known any more.
const hiddenToken = "TOKEN"

// GuideTo fills the recipe of a source. base is the address under which the product is
// reached; token is empty when it is not known any more.
func (f *Flow) GuideTo(l SourceLook, base, token string) SourceGuide {
	g := SourceGuide{Recipe: RecipeFor(l.Source)}
	host, port := hostOf(base), portOf(l)
	if l.Source.Transport == "http" {
		g.URL = strings.TrimSuffix(base, "/") + "/intake/" + l.Source.ID
	}
	text, name := "", ""
	if OverTLS(l.Source) && f.intake != nil {
		text, _, _ = f.intake.Certificate() // without it the rest of the guide stands
		name = nameIn(text)
	}
	fill := strings.NewReplacer("{host}", host, "{port}", port, "{url}", g.URL, "{token}", cmp.Or(token, hiddenToken), "{file}", l.Source.Address, "{pem}", text, "{name}", cmp.Or(name, host))
	g.Text, g.After = fill.Replace(g.Recipe.Text), fill.Replace(g.Recipe.After)
	return g
}

// nameIn is the name that a certificate carries; empty when it has none.
func nameIn(text string) string {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return ""
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return ""
	}
	return cmp.Or(strings.Join(c.DNSNames[:min(1, len(c.DNSNames))], ""), c.Subject.CommonName)
}

func hostOf(base string) string {
	_, rest, ok := strings.Cut(base, "://")
	if !ok {
		rest = base
	}
	rest, _, _ = strings.Cut(rest, "/")
	if host, _, err := net.SplitHostPort(rest); err == nil {
		return host
	}
	return strings.Trim(rest, "[]")
}

// portOf is the port on which the source is served, or would be.
func portOf(l SourceLook) string {
	if _, port, err := net.SplitHostPort(cmp.Or(l.At, l.Source.Address)); err == nil {
		return port
	}
	switch l.Source.Transport {
	case "syslog_relp":
		return "2514"
	case "syslog_relp_tls":
		return "2515"
	case "syslog_tls":
		return "6514"
	}
	return "5514"
}
