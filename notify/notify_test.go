package notify

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"
)

var at = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func clock() time.Time { return at }

var message = Message{ID: "id7", Kind: "alert", At: at, Severity: High, Subject: "Somebody guesses – on web", Text: "Why: EUR 1,000.\n\nFirst: <b>call</b>.", Link: "https://isms.example.org/alerts/x", Data: map[string]any{"count": 3}}

// certificate makes a certificate for 127.0.0.1 and the configuration of who trusts it.
func certificate(t *testing.T) (tls.Certificate, *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	must(t, err)
	parsed, err := x509.ParseCertificate(der)
	must(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A mailServer speaks enough of SMTP to be a server.
type mailServer struct {
	t        *testing.T
	listener net.Listener
	cert     *tls.Certificate // nil: no STARTTLS
	refuse   string           // answer to RCPT
	mu       sync.Mutex
	commands []string
	secret   string
	data     string
}

func serveMail(t *testing.T, s *mailServer) string {
	t.Helper()
	s.t = t
	var err error
	s.listener, err = net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	var work sync.WaitGroup
	t.Cleanup(func() { _ = s.listener.Close(); work.Wait() })
	work.Go(func() {
		for {
			c, err := s.listener.Accept()
			if err != nil {
				return
			}
			s.talk(c)
		}
	})
	return s.listener.Addr().String()
}

func (s *mailServer) talk(c net.Conn) {
	defer func() { _ = c.Close() }()
	in := bufio.NewReader(c)
	say := func(line string) { _, _ = io.WriteString(c, line+"\r\n") }
	say("220 test")
	safe := false
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		s.mu.Lock()
		s.commands = append(s.commands, strings.Fields(line)[0])
		s.mu.Unlock()
		switch verb := strings.ToUpper(strings.Fields(line)[0]); verb {
		case "EHLO":
			if s.cert != nil && !safe {
				say("250-test")
				say("250 STARTTLS")
			} else {
				say("250-test")
				say("250 AUTH PLAIN")
			}
		case "STARTTLS":
			say("220 go on")
			c = tls.Server(c, &tls.Config{Certificates: []tls.Certificate{*s.cert}, MinVersion: tls.VersionTLS12})
			in, safe = bufio.NewReader(c), true
		case "AUTH":
			s.mu.Lock()
			s.secret = strings.Fields(line)[2]
			s.mu.Unlock()
			say("235 welcome")
		case "RCPT":
			if s.refuse != "" {
				say(s.refuse)
				continue
			}
			say("250 ok")
		case "DATA":
			say("354 go on")
			var b strings.Builder
			for {
				line, err := in.ReadString('\n')
				if err != nil || line == ".\r\n" {
					break
				}
				b.WriteString(strings.TrimPrefix(line, "."))
			}
			s.mu.Lock()
			s.data = b.String()
			s.mu.Unlock()
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

func TestAMailIsSentOverTLSWithBothFormsOfItsText(t *testing.T) {
	cert, trust := certificate(t)
	s := &mailServer{cert: &cert}
	n := New(Config{Now: clock, TLS: trust, Mail: Mail{Server: serveMail(t, s), From: "Holdfast <alarms@example.org>", User: "holdfast", Password: "correct horse"}})
	must(t, n.Send(t.Context(), ByMail, "duty@example.org", message))
	s.mu.Lock()
	defer s.mu.Unlock()
	if got := strings.Join(s.commands, " "); got != "EHLO STARTTLS EHLO AUTH MAIL RCPT DATA QUIT" {
		t.Errorf("the conversation: %s", got)
	}
	if secret, _ := base64.StdEncoding.DecodeString(s.secret); string(secret) != "\x00holdfast\x00correct horse" {
		t.Errorf("signed in as %q", secret)
	}
	m, err := mail.ReadMessage(strings.NewReader(s.data))
	must(t, err)
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	must(t, err)
	if subject != message.Subject || m.Header.Get("Message-Id") != "<id7@example.org>" || m.Header.Get("Auto-Submitted") != "auto-generated" || m.Header.Get("Importance") != "high" {
		t.Errorf("headers %v", m.Header)
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	must(t, err)
	parts := multipart.NewReader(m.Body, params["boundary"])
	for _, want := range []string{"First: <b>call</b>.", "<p>First: &lt;b&gt;call&lt;/b&gt;.</p>"} {
		p, err := parts.NextRawPart()
		must(t, err)
		text, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil || !strings.Contains(string(text), want) || !strings.Contains(string(text), message.Link) {
			t.Errorf("part %s lacks %q: %v\n%s", p.Header.Get("Content-Type"), want, err, text)
		}
	}
}

func TestAPasswordNeverTravelsInTheClear(t *testing.T) {
	for name, m := range map[string]Mail{
		"without STARTTLS":               {User: "u", Password: "geheim"},
		"plain is allowed, not with one": {User: "u", Password: "geheim", Plain: true},
	} {
		s := &mailServer{}
		m.Server, m.From = serveMail(t, s), "a@example.org"
		err := New(Config{Now: clock, Mail: m}).Send(t.Context(), ByMail, "b@example.org", message)
		s.mu.Lock()
		if !errors.Is(err, ErrSetUp) || s.secret != "" || s.data != "" || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%s: %v, signed in %q", name, err, s.secret)
		}
		s.mu.Unlock()
	}
	s := &mailServer{}
	relay := Mail{Server: serveMail(t, s), From: "a@example.org", Plain: true}
	must(t, New(Config{Now: clock, Mail: relay}).Send(t.Context(), ByMail, "b@example.org", message))
	cert, _ := certificate(t)
	strange := &mailServer{cert: &cert}
	err := New(Config{Now: clock, Mail: Mail{Server: serveMail(t, strange), From: "a@example.org", User: "u", Password: "geheim"}}).Send(t.Context(), ByMail, "b@example.org", message)
	if err == nil || strange.secret != "" {
		t.Errorf("a certificate that nobody signed is trusted: %v", err)
	}
}

func TestAMailThatIsRefusedForGoodIsNotSentAgain(t *testing.T) {
	for refusal, final := range map[string]bool{"550 nobody here": true, "451 try later": false} {
		s := &mailServer{refuse: refusal}
		n := New(Config{Now: clock, Mail: Mail{Server: serveMail(t, s), From: "a@example.org", Plain: true}})
		if err := n.Send(t.Context(), ByMail, "b@example.org", message); err == nil || errors.Is(err, ErrSetUp) != final {
			t.Errorf("%s: %v", refusal, err)
		}
	}
	n := New(Config{Now: clock})
	if err := n.Send(t.Context(), ByMail, "b@example.org", message); !errors.Is(err, ErrSetUp) || !strings.Contains(err.Error(), "HOLDFAST_SMTP_SERVER") {
		t.Errorf("without a server: %v", err)
	}
}

func TestNobodyWritesHeadersThroughASubject(t *testing.T) {
	s := &mailServer{}
	n := New(Config{Now: clock, Mail: Mail{Server: serveMail(t, s), From: "a@example.org", Plain: true}})
	m := message
	m.Subject, m.ID = "hello\r\nBcc: everybody@example.org", "x>\r\nX: y"
	must(t, n.Send(t.Context(), ByMail, "b@example.org", m))
	got, err := mail.ReadMessage(strings.NewReader(s.data))
	if err != nil || got.Header.Get("Bcc") != "" || got.Header.Get("X") != "" {
		t.Errorf("%v %v", got.Header, err)
	}
	if err := n.Send(t.Context(), ByMail, "b@example.org\r\nDATA", m); !errors.Is(err, ErrSetUp) {
		t.Errorf("an address with a line in it: %v", err)
	}
}

// taken is what a web server was sent.
type taken struct {
	header http.Header
	body   []byte
	path   string
}

func serveWeb(t *testing.T, answer http.HandlerFunc) (string, func() []taken) {
	t.Helper()
	var mu sync.Mutex
	var list []taken
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		list = append(list, taken{r.Header, body, r.URL.Path})
		mu.Unlock()
		if answer != nil {
			answer(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL, func() []taken { mu.Lock(); defer mu.Unlock(); return list }
}

var inHouse = Network{Private: []string{"127.0.0.1"}}
