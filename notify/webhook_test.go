package notify

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"
)

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
