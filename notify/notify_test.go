package notify

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"net/netip"
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

func TestAWebhookIsSigned(t *testing.T) {
	url, got := serveWeb(t, nil)
	n := New(Config{Now: clock, Network: inHouse, Secret: "s3cret", Version: "1"})
	must(t, n.Send(t.Context(), ByWebhook, url+"/hook", message))
	r := got()[0]
	var h Hook
	must(t, json.Unmarshal(r.body, &h))
	want := "v1," + Sign("s3cret", "id7", fmt.Sprint(at.Unix()), r.body)
	if r.header.Get("Webhook-Signature") != want || r.header.Get("Webhook-Id") != "id7" || h.Subject != message.Subject || h.Severity != "high" || h.Data == nil {
		t.Errorf("%v %+v", r.header, h)
	}
	if Sign("other", "id7", fmt.Sprint(at.Unix()), r.body) == strings.TrimPrefix(want, "v1,") {
		t.Error("another secret signs the same")
	}
}

// Computed by hand for this form with
// openssl dgst -sha256 -hmac.
const signatureOfOpenSSL = "KSgv0SSgWzG5LPnm9tfWJRfBlWqAqHz+OlObgspQi/g="

func TestTheSignatureIsThatOfOpenSSL(t *testing.T) {
	if got := Sign("key", "msg_1", "1700000000", []byte(`{"a":1}`)); got != signatureOfOpenSSL {
		t.Errorf("%s", got)
	}
}

func TestNothingInsideIsSpokenToUnlessItIsAllowed(t *testing.T) {
	url, got := serveWeb(t, nil)
	port := url[strings.LastIndex(url, ":"):]
	n := New(Config{Now: clock})
	for _, to := range []string{url, "http://localhost" + port, "http://[::1]" + port, "http://0.0.0.0" + port, "http://[::ffff:127.0.0.1]" + port} {
		for _, by := range []Channel{ByWebhook, ByChat} {
			if err := n.Send(t.Context(), by, to, message); err == nil {
				t.Errorf("%s to %s arrived", by, to)
			}
		}
	}
	if err := n.Send(t.Context(), BySyslog, "tcp://127.0.0.1"+port, message); !errors.Is(err, ErrSetUp) {
		t.Errorf("syslog to the machine itself: %v", err)
	}
	if len(got()) != 0 {
		t.Errorf("%d messages arrived", len(got()))
	}
	for _, a := range []string{"10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "fd00::1", "fe80::1", "64:ff9b::a00:1", "224.0.0.1", "255.255.255.255", "::"} {
		if public(netip.MustParseAddr(a)) {
			t.Errorf("%s counts as public", a)
		}
	}
	if !public(netip.MustParseAddr("203.0.114.1")) || !public(netip.MustParseAddr("2a00:1450::1")) {
		t.Error("the internet counts as inside")
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	secret, got := serveWeb(t, nil)
	url, _ := serveWeb(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, secret, http.StatusTemporaryRedirect)
	})
	n := New(Config{Now: clock, Network: inHouse})
	if err := n.Send(t.Context(), ByWebhook, url, message); !errors.Is(err, ErrSetUp) || len(got()) != 0 {
		t.Errorf("%v, %d arrived elsewhere", err, len(got()))
	}
}

func TestAnAnswerSaysWhetherItIsWorthTryingAgain(t *testing.T) {
	for code, final := range map[int]bool{400: true, 404: true, 410: true, 408: false, 429: false, 500: false, 503: false} {
		url, _ := serveWeb(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(code)
			_, _ = io.WriteString(w, "why\nnot")
		})
		err := New(Config{Now: clock, Network: inHouse}).Send(t.Context(), ByWebhook, url+"/T0K3N", message)
		if err == nil || errors.Is(err, ErrSetUp) != final || strings.Contains(err.Error(), "T0K3N") || !strings.Contains(err.Error(), "why not") {
			t.Errorf("%d: %v", code, err)
		}
	}
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	must(t, closed.Close())
	err = New(Config{Now: clock, Network: inHouse}).Send(t.Context(), ByWebhook, "http://"+closed.Addr().String()+"/T0K3N", message)
	if err == nil || errors.Is(err, ErrSetUp) || strings.Contains(err.Error(), "T0K3N") {
		t.Errorf("nobody there: %v", err)
	}
}

func TestEachChatIsSpokenToInItsOwnWay(t *testing.T) {
	url, got := serveWeb(t, nil)
	n := New(Config{Now: clock, Network: inHouse})
	m := message
	m.Subject = "<!channel> @here [click](http://evil)"
	for _, to := range []string{url, url + "#teams", url + "#ntfy"} {
		must(t, n.Send(t.Context(), ByChat, to, m))
	}
	slack, card, push := got()[0], got()[1], got()[2]
	var text struct{ Text string }
	must(t, json.Unmarshal(slack.body, &text))
	if !strings.Contains(text.Text, "🟠") || strings.Contains(text.Text, "<!channel>") || strings.Contains(text.Text, "@here") || strings.Contains(text.Text, "](") || !strings.Contains(text.Text, m.Link) {
		t.Errorf("chat: %s", text.Text)
	}
	if !strings.Contains(string(card.body), `"AdaptiveCard"`) || strings.Contains(string(card.body), "](http") {
		t.Errorf("card: %s", card.body)
	}
	if push.header.Get("Priority") != "4" || push.header.Get("Title") != m.Subject || string(push.body) != m.Text || push.header.Get("Click") != m.Link {
		t.Errorf("push: %v %s", push.header, push.body)
	}
	for address, want := range map[string]chatService{"https://hooks.slack.com/x": slackLike, "https://x.webhook.office.com/y": teams, "https://ntfy.sh/t": ntfy, "https://chat.corp.example/hooks/x": slackLike} {
		u, err := webAddress(address)
		must(t, err)
		if chatOf(u) != want {
			t.Errorf("%s is %v", address, chatOf(u))
		}
	}
}

func TestSyslogArrivesOverEveryTransport(t *testing.T) {
	cert, trust := certificate(t)
	n := New(Config{Now: clock, Network: inHouse, TLS: trust, Version: "1"})
	packets, err := net.ListenPacket("udp", "127.0.0.1:0")
	must(t, err)
	defer packets.Close() //nolint:errcheck // the test ends
	must(t, n.Send(t.Context(), BySyslog, packets.LocalAddr().String(), message))
	buffer := make([]byte, 4096)
	must(t, packets.SetReadDeadline(time.Now().Add(5*time.Second)))
	size, _, err := packets.ReadFrom(buffer)
	must(t, err)
	event(t, string(buffer[:size]))

	plain, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	safe, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12})
	must(t, err)
	for scheme, l := range map[string]net.Listener{"tcp": plain, "tls": safe} {
		got := make(chan string, 1)
		go func() {
			c, err := l.Accept()
			if err != nil {
				got <- err.Error()
				return
			}
			data, _ := io.ReadAll(c)
			_ = c.Close()
			got <- string(data)
		}()
		must(t, n.Send(t.Context(), BySyslog, scheme+"://"+l.Addr().String(), message))
		line := <-got
		length, rest, _ := strings.Cut(line, " ")
		if length != fmt.Sprint(len(rest)) {
			t.Errorf("%s: the frame says %s of %d", scheme, length, len(rest))
		}
		event(t, rest)
		must(t, l.Close())
	}
}

// event reads a line of syslog that holds a finding of OCSF.
func event(t *testing.T, line string) {
	t.Helper()
	head, body, ok := strings.Cut(line, " - alert - ")
	var f Finding
	if err := json.Unmarshal([]byte(body), &f); err != nil || !ok {
		t.Fatalf("%v: %s", err, line)
	}
	if head != "<107>1 2026-03-02T09:00:00.000000Z - holdfast" || f.ClassUID != 2004 || f.TypeUID != 200401 || f.SeverityID != 4 || f.Info.UID != "id7" || f.Time != at.UnixMilli() {
		t.Errorf("%s %+v", head, f)
	}
}

func TestALongMessageFitsIntoADatagram(t *testing.T) {
	m := message
	m.Text = strings.Repeat("ä", 5000)
	if line := fit(m, []byte(m.Text), at); len(line) > maxDatagram || !strings.Contains(string(line), m.Subject) {
		t.Errorf("%d bytes: %.80s", len(line), line)
	}
}

func TestASlowReceiverHoldsNobodyForEver(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close() //nolint:errcheck // the test ends
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	n := New(Config{Now: clock, Network: inHouse, Mail: Mail{Server: l.Addr().String(), From: "a@example.org", Plain: true}})
	begun := time.Now()
	for _, err := range []error{n.Send(ctx, ByWebhook, "http://"+l.Addr().String(), message), n.Send(ctx, ByMail, "b@example.org", message)} {
		if err == nil || errors.Is(err, ErrSetUp) {
			t.Errorf("silence is %v", err)
		}
	}
	if d := time.Since(begun); d > 5*time.Second {
		t.Errorf("it took %s", d)
	}
}
