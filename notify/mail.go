package notify

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"html"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"net/smtp"
	"net/textproto"
	"strings"
	"time"
)

// Mail is how mail leaves.
type Mail struct {
	Server   string // host and port; port 465 speaks TLS from the start
	From     string // "Holdfast <alarms@example.org>"
	User     string
	Password string // never shown; sent over TLS only
	Plain    bool   // STARTTLS is not insisted on: for a relay on this machine or in a closed network
	Hello    string // the name by which the product introduces itself; empty: localhost
}

// mail hands one message to the server.
func (n *Notifier) mail(ctx context.Context, to string, m Message) error {
	c := n.cfg.Mail
	if c.Server == "" || c.From == "" {
		return setUp("mail is not set up: name the server in HOLDFAST_SMTP_SERVER and the sender in HOLDFAST_SMTP_FROM")
	}
	from, err := mail.ParseAddress(c.From)
	if err != nil {
		return setUp("HOLDFAST_SMTP_FROM is no mail address")
	}
	rcpt, err := mail.ParseAddress(to)
	if err != nil {
		return setUp("%q is no mail address", to)
	}
	body, err := compose(from, rcpt, m, n.cfg.Now())
	if err != nil {
		return err
	}
	if err := c.deliver(ctx, n.secure, from.Address, rcpt.Address, body); err != nil {
		return fmt.Errorf("mail server %s: %w", c.Server, err)
	}
	return nil
}

// deliver speaks SMTP. The server is the operator's own choice, so it may lie inside.
func (c Mail) deliver(ctx context.Context, secure func(host string) *tls.Config, from, to string, body []byte) error {
	host, port, err := net.SplitHostPort(c.Server)
	if err != nil {
		return setUp("HOLDFAST_SMTP_SERVER is no host with a port, such as mail.example.org:587")
	}
	conn, err := (&net.Dialer{Timeout: 10 * time.Second}).DialContext(ctx, "tcp", c.Server)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // after Quit it is closed already
	if end, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(end); err != nil {
			return err
		}
	}
	if port == "465" {
		conn = tls.Client(conn, secure(host))
	}
	s, err := smtp.NewClient(conn, host)
	if err != nil {
		return err
	}
	if err := c.introduce(s, secure, host, port); err != nil {
		return permanent(err)
	}
	if err := s.Mail(from); err != nil {
		return permanent(err)
	}
	if err := s.Rcpt(to); err != nil {
		return permanent(err)
	}
	w, err := s.Data()
	if err != nil {
		return permanent(err)
	}
	if _, err := w.Write(body); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return permanent(err)
	}
	_ = s.Quit() // the message is taken; how the server says goodbye does not matter
	return nil
}

// introduce greets, makes the line safe and signs in.
func (c Mail) introduce(s *smtp.Client, secure func(host string) *tls.Config, host, port string) error {
	if c.Hello != "" {
		if err := s.Hello(c.Hello); err != nil {
			return err
		}
	}
	if port != "465" {
		safe, _ := s.Extension("STARTTLS")
		switch {
		case safe:
			if err := s.StartTLS(secure(host)); err != nil {
				return err
			}
		case !c.Plain || c.Password != "":
			return setUp("the server offers no STARTTLS; use one that does, or set HOLDFAST_SMTP_PLAIN for a relay without password in a closed network")
		}
	}
	if c.User == "" {
		return nil
	}
	return s.Auth(smtp.PlainAuth("", c.User, c.Password, host))
}

// permanent marks answers of the server that will be the same next time (5xx).
func permanent(err error) error {
	var answer *textproto.Error
	if errors.As(err, &answer) && answer.Code >= 500 {
		return setUp("%w", err)
	}
	return err
}

// compose writes the message with a plain and an HTML part.
func compose(from, to *mail.Address, m Message, now time.Time) ([]byte, error) {
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	for _, p := range []struct{ media, text string }{{"text/plain", plainBody(m)}, {"text/html", htmlBody(m)}} {
		w, err := parts.CreatePart(textproto.MIMEHeader{"Content-Type": {p.media + "; charset=utf-8"}, "Content-Transfer-Encoding": {"quoted-printable"}})
		if err != nil {
			return nil, err
		}
		q := quotedprintable.NewWriter(w)
		if _, err := q.Write([]byte(p.text)); err != nil {
			return nil, err
		}
		if err := q.Close(); err != nil {
			return nil, err
		}
	}
	if err := parts.Close(); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	head := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, value) }
	head("From", from.String())
	head("To", to.String())
	head("Subject", mime.QEncoding.Encode("utf-8", oneLine(m.Subject)))
	head("Date", now.Format(time.RFC1123Z))
	head("Message-ID", "<"+idPart(m.ID)+"@"+domainOf(from.Address)+">")
	head("Auto-Submitted", "auto-generated")
	if m.Severity >= High {
		head("X-Priority", "1")
		head("Importance", "high")
	}
	head("MIME-Version", "1.0")
	head("Content-Type", "multipart/alternative; boundary="+parts.Boundary())
	b.WriteString("\r\n")
	b.Write(body.Bytes())
	return b.Bytes(), nil
}

// oneLine keeps a header in its line.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func idPart(id string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '.' {
			return r
		}
		return '-'
	}, id)
}

func domainOf(address string) string {
	_, domain, _ := strings.Cut(address, "@")
	return idPart(domain)
}

func plainBody(m Message) string {
	text := m.Text
	if m.Link != "" {
		text += "\n" + m.Link + "\n"
	}
	return strings.ReplaceAll(text, "\n", "\r\n")
}

var tones = map[Severity]string{Critical: "#b3001e", High: "#b34700", Medium: "#7a5c00", Low: "#0b5ea8"}

// htmlBody is the message for a mail program: one column, no picture, nothing that is
// fetched.
func htmlBody(m Message) string {
	var b strings.Builder
	tone := tones[m.Severity]
	if tone == "" {
		tone = "#444444"
	}
	fmt.Fprintf(&b, `<!doctype html><html lang="en"><body style="margin:0;padding:16px;font:16px/1.5 sans-serif;color:#1a1a1a;background:#ffffff">`)
	fmt.Fprintf(&b, `<div style="max-width:640px"><h1 style="font-size:20px;border-left:6px solid %s;padding-left:12px">%s</h1>`, tone, html.EscapeString(m.Subject))
	for _, p := range strings.Split(strings.TrimSpace(m.Text), "\n\n") {
		fmt.Fprintf(&b, "<p>%s</p>", strings.ReplaceAll(html.EscapeString(p), "\n", "<br>"))
	}
	if m.Link != "" {
		fmt.Fprintf(&b, `<p><a href="%s" style="display:inline-block;padding:10px 18px;background:#1a1a1a;color:#ffffff;text-decoration:none;border-radius:6px">Open</a></p>`, html.EscapeString(m.Link))
	}
	b.WriteString("</div></body></html>\r\n")
	return b.String()
}
