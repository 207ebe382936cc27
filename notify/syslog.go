package notify

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// maxDatagram is the longest syslog message over UDP that every receiver takes whole
// (RFC 5426, section 3.2).
const maxDatagram = 2048

// syslog sends a message as a line of syslog (RFC 5424) whose text is the event in OCSF.
// The address says how: udp://host:514, tcp://host:601, tls://host:6514 with octet
// counting (RFC 6587), or https:// for OCSF as a JSON document. Without a scheme it is UDP.
func (n *Notifier) syslog(ctx context.Context, to string, m Message) error {
	if !strings.Contains(to, "://") {
		to = "udp://" + to
	}
	u, err := url.Parse(to)
	if err != nil || u.Host == "" {
		return setUp("the address is none; write udp://host:514, tcp://, tls:// or https://")
	}
	record, err := json.Marshal(ocsf(m, n.cfg.Version))
	if err != nil {
		return setUp("the message cannot be written as JSON: %v", err)
	}
	switch u.Scheme {
	case "http", "https":
		return n.post(ctx, u, http.Header{"Content-Type": {"application/json"}}, record)
	case "udp":
		return n.write(ctx, "udp", hostPort(u, "514"), nil, fit(m, record, n.cfg.Now()))
	case "tcp":
		return n.write(ctx, "tcp", hostPort(u, "601"), nil, counted(syslogLine(m, string(record), n.cfg.Now())))
	case "tls":
		return n.write(ctx, "tcp", hostPort(u, "6514"), n.secure(u.Hostname()), counted(syslogLine(m, string(record), n.cfg.Now())))
	}
	return setUp("%q is no way to send syslog; udp, tcp, tls and https are", u.Scheme)
}

func hostPort(u *url.URL, port string) string {
	if p := u.Port(); p != "" {
		port = p
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// fit is a line short enough for a datagram; where the event in full has no room, its
// subject stands in.
func fit(m Message, record []byte, now time.Time) []byte {
	if line := syslogLine(m, string(record), now); len(line) <= maxDatagram {
		return line
	}
	line := syslogLine(m, m.Subject+" "+m.Link, now)
	return []byte(strings.ToValidUTF8(string(line[:min(len(line), maxDatagram)]), ""))
}

// counted is a line in its frame.
func counted(line []byte) []byte { return append([]byte(strconv.Itoa(len(line))+" "), line...) }

// syslogLine is a line of RFC 5424: facility 13 (log alert), a severity, no structured
// data, and the text in one line.
func syslogLine(m Message, text string, now time.Time) []byte {
	const facility = 13
	level := map[Severity]int{Critical: 2, High: 3, Medium: 4, Low: 5}[m.Severity]
	if level == 0 {
		level = 6
	}
	at := m.At
	if at.IsZero() {
		at = now
	}
	return fmt.Appendf(nil, "<%d>1 %s - holdfast - %s - %s", facility*8+level, at.UTC().Format("2006-01-02T15:04:05.000000Z"), messageID(m.Kind), oneLine(text))
}

// messageID is the kind of a message, as RFC 5424 wants it.
func messageID(kind string) string {
	if kind = idPart(kind); kind == "" {
		return "-"
	}
	return kind[:min(len(kind), 32)]
}

func (n *Notifier) write(ctx context.Context, network, address string, secure *tls.Config, data []byte) error {
	conn, err := n.out.dial(ctx, network, address)
	if err != nil {
		return err
	}
	if end, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(end); err != nil {
			return err
		}
	}
	if secure != nil {
		conn = tls.Client(conn, secure)
	}
	if _, err = conn.Write(data); err != nil {
		_ = conn.Close()
		return err
	}
	return conn.Close()
}

// Finding is a detection finding of OCSF 1.3 (class 2004), with the fields that its
// readers need.
type Finding struct {
	ActivityID  int         `json:"activity_id"`
	CategoryUID int         `json:"category_uid"`
	ClassUID    int         `json:"class_uid"`
	TypeUID     int         `json:"type_uid"`
	SeverityID  int         `json:"severity_id"`
	StatusID    int         `json:"status_id"`
	Time        int64       `json:"time"` // milliseconds
	Message     string      `json:"message"`
	Metadata    metadata    `json:"metadata"`
	Info        findingInfo `json:"finding_info"`
	Unmapped    any         `json:"unmapped,omitempty"`
}

type metadata struct {
	Version string  `json:"version"`
	Product product `json:"product"`
}

type product struct {
	Name    string `json:"name"`
	Vendor  string `json:"vendor_name"`
	Version string `json:"version,omitempty"`
}

type findingInfo struct {
	UID   string `json:"uid"`
	Title string `json:"title"`
	Desc  string `json:"desc,omitempty"`
	Link  string `json:"src_url,omitempty"`
}

// ocsf says a message in the words of OCSF.
func ocsf(m Message, version string) Finding {
	const class = 2004
	return Finding{
		ActivityID: 1, CategoryUID: 2, ClassUID: class, TypeUID: class*100 + 1, SeverityID: int(m.Severity), StatusID: 1,
		Time: m.At.UnixMilli(), Message: m.Subject,
		Metadata: metadata{Version: "1.3.0", Product: product{Name: "Holdfast", Vendor: "Holdfast", Version: version}},
		Info:     findingInfo{UID: m.ID, Title: m.Subject, Desc: m.Text, Link: m.Link}, Unmapped: m.Data,
	}
}
