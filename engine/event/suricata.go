package event

import (
	"strings"

	"github.com/valyala/fastjson"
)

// suricata reads one event of Suricata's EVE log.
func (p *Parser) suricata(v *fastjson.Value, e *Event) {
	kind := p.at(v, "event_type")
	e.Product, e.Service = "suricata", kind
	p.when(e, p.at(v, "timestamp"))
	e.Host = p.at(v, "host")
	e.Src, e.Dst = address(p.at(v, "src_ip")), address(p.at(v, "dest_ip"))
	e.SrcPort, e.DstPort = port(p.at(v, "src_port")), port(p.at(v, "dest_port"))
	e.Message = kind
	p.suricataHTTP(v.Get("http"), e)
	if d := v.Get("dns"); d != nil {
		p.suricataDNS(d, e)
	}
	if t := v.Get("tls"); t != nil {
		e.Domain = firstOf(e.Domain, p.at(t, "sni"))
		p.certificate(strings.ReplaceAll(p.at(t, "fingerprint"), ":", ""), e)
	}
	if f := v.Get("fileinfo"); f != nil {
		e.File = p.at(f, "filename")
		for _, name := range [...]string{"md5", "sha1", "sha256"} {
			e.setHash(p.at(f, name))
		}
	}
	if m := v.Get("email"); m != nil {
		e.Mail = strings.Trim(p.at(m, "from"), "<>")
	}
	switch kind {
	case "alert", "anomaly", "drop":
		p.suricataAlert(v, e)
	case "http":
		e.is(HTTPActivity, methodActivity(p.at(v, "http", "http_method")))
		e.Message = strings.TrimSpace("http " + p.at(v, "http", "http_method") + " " + e.URL)
	case "dns":
		e.Category = "dns"
		e.Message = "dns " + p.at(v, "dns", "type") + " " + e.Domain
	case "smb":
		e.is(SMBActivity, activityOther)
		e.File = firstOf(e.File, p.at(v, "smb", "filename"))
	case "ssh":
		e.is(SSHActivity, 6)
	case "rdp":
		e.is(RDPActivity, 6)
	case "ftp", "ftp_data":
		e.is(FTPActivity, activityOther)
	case "smtp":
		e.is(EmailActivity, 4)
	case "dhcp":
		e.is(DHCPActivity, activityOther)
	case "stats":
	case "krb5":
		e.is(Authentication, 3)
		e.User = p.at(v, "krb5", "cname")
	default:
		e.is(NetworkActivity, 6)
	}
}

func (p *Parser) suricataAlert(v *fastjson.Value, e *Event) {
	e.is(DetectionFinding, 1)
	e.Message = firstOf(p.at(v, "alert", "signature"), p.at(v, "anomaly", "event"), e.Message)
	switch p.at(v, "alert", "severity") {
	case "1":
		e.Severity = 4
	case "2":
		e.Severity = 3
	case "3":
		e.Severity = 2
	}
	if p.at(v, "alert", "action") == "blocked" {
		e.Outcome = Failure
	}
}

func (p *Parser) suricataHTTP(h *fastjson.Value, e *Event) {
	if h == nil {
		return
	}
	e.Domain, e.UserAgent = p.at(h, "hostname"), p.at(h, "http_user_agent")
	e.URL = p.at(h, "url")
	if strings.HasPrefix(e.URL, "/") && e.Domain != "" {
		e.URL = "http://" + e.Domain + e.URL
	}
	e.Outcome = statusOutcome(p.at(h, "status"))
}

func (p *Parser) suricataDNS(d *fastjson.Value, e *Event) {
	e.is(DNSActivity, 1)
	if kind := p.at(d, "type"); kind == "answer" || kind == "response" {
		e.is(DNSActivity, 2)
	}
	e.Domain = strings.ToLower(firstOf(p.at(d, "rrname"), p.firstAt(d.Get("queries", "0"), "rrname")))
	if code := p.at(d, "rcode"); code != "" {
		e.Outcome = Failure
		if code == "NOERROR" {
			e.Outcome = Success
		}
	}
	for _, answer := range d.GetArray("answers") {
		p.answer(p.at(answer, "rdata"), e)
	}
}

// answer keeps what a question about a name was answered with.
func (p *Parser) answer(data string, e *Event) {
	if data == "" || len(e.Also) >= mostAlso {
		return
	}
	if a := address(data); a.IsValid() {
		e.Also = append(e.Also, Observable{ObservableAddress, a.String(), "answers.rdata"})
	} else if strings.IndexByte(data, '.') > 0 && !strings.ContainsAny(data, " /=") {
		e.Also = append(e.Also, Observable{ObservableDomain, strings.ToLower(strings.TrimSuffix(data, ".")), "answers.rdata"})
	}
}

func (p *Parser) certificate(fingerprint string, e *Event) {
	if fingerprint != "" && len(e.Also) < mostAlso {
		e.Also = append(e.Also, Observable{ObservableCertificate, strings.ToLower(fingerprint), "tls.certificate.fingerprints"})
	}
}
