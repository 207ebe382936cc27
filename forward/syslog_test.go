package forward

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"holdfast/engine/event"
)

// A loghost takes lines of syslog with octet counting, over TCP or TLS.
type loghost struct {
	net.Listener
	mu    sync.Mutex
	seen  map[string]int // by the text behind the head
	lines []string
	conns []net.Conn
	bad   string // what was no frame
}

func listen(t *testing.T, address string, secure *tls.Config) *loghost {
	t.Helper()
	l, err := net.Listen("tcp", address)
	must(t, err)
	if secure != nil {
		l = tls.NewListener(l, secure)
	}
	h := &loghost{Listener: l, seen: map[string]int{}}
	t.Cleanup(h.stop)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			h.mu.Lock()
			h.conns = append(h.conns, conn)
			h.mu.Unlock()
			go h.read(conn)
		}
	}()
	return h
}

func (h *loghost) read(conn net.Conn) {
	r := bufio.NewReader(conn)
	for {
		size, err := r.ReadString(' ')
		if err != nil {
			return
		}
		n, err := strconv.Atoi(strings.TrimSpace(size))
		if err != nil {
			h.mu.Lock()
			h.bad = size
			h.mu.Unlock()
			return
		}
		line := make([]byte, n)
		if _, err := io.ReadFull(r, line); err != nil {
			return
		}
		_, body, _ := strings.Cut(string(line), "] ")
		h.mu.Lock()
		h.seen[body]++
		h.lines = append(h.lines, string(line))
		h.mu.Unlock()
	}
}

// stop ends the receiver as a restart does.
func (h *loghost) stop() {
	_ = h.Close()
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range h.conns {
		_ = c.Close()
	}
}

func (h *loghost) kinds() int { h.mu.Lock(); defer h.mu.Unlock(); return len(h.seen) }

// identity makes a certificate for 127.0.0.1, and the file that says to trust it.
func identity(t *testing.T) (secure *tls.Config, file string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	must(t, err)
	file = filepath.Join(t.TempDir(), "ca.pem")
	must(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}, file
}

func TestLinesArriveAsTheyAreOverTCPAndTLS(t *testing.T) {
	secure, ca := identity(t)
	for _, scheme := range []string{"tcp", "tls"} {
		t.Run(scheme, func(t *testing.T) {
			with, more := (*tls.Config)(nil), "batch: 50"
			if scheme == "tls" {
				with, more = secure, "ca: "+ca
			}
			h := listen(t, "127.0.0.1:0", with)
			s := openStore(t, t.TempDir())
			arrive(t, s, "id-gate", 0, 300)
			odd := "two\nlines, ] and \"quotes\", 日本"
			_, err := s.Append(t.Context(), event.Line{Source: "id-gate", Received: time.Now(), Raw: []byte(odd)})
			must(t, err)
			f := newForwarder(t, s, target(t, "to: "+scheme+"://"+h.Addr().String(), more))
			run(t, f)
			eventually(t, "all lines arrive", func() bool { return h.kinds() == 301 && f.Stats().Behind == 0 })
			h.mu.Lock()
			defer h.mu.Unlock()
			if h.seen[text(0)] != 1 || h.seen[odd] != 1 || h.bad != "" {
				t.Errorf("the lines are not as they were; what is no frame: %q", h.bad)
			}
			if first := h.lines[0]; !strings.HasPrefix(first, "<13") || !strings.Contains(first, ">1 ") || !strings.Contains(first, " bastion sshd 77 gate [meta sequenceId=\"1\"] ") {
				t.Errorf("the head is %q", first)
			}
		})
	}
}

func TestNothingIsSentToAStranger(t *testing.T) {
	secure, _ := identity(t)
	_, other := identity(t)
	h := listen(t, "127.0.0.1:0", secure)
	s := openStore(t, t.TempDir())
	arrive(t, s, "id-a", 0, 3)
	f := newForwarder(t, s, target(t, "to: tls://"+h.Addr().String(), "ca: "+other))
	run(t, f)
	eventually(t, "it says why", func() bool { return strings.Contains(f.Stats().Trouble, "certificate") })
	if f.Stats().Position != 0 || h.kinds() != 0 {
		t.Error("lines went to a receiver with a certificate that nobody trusts")
	}
}

func TestAReceiverThatRestartsLosesNothing(t *testing.T) {
	h := listen(t, "127.0.0.1:0", nil)
	address := h.Addr().String()
	s := openStore(t, t.TempDir())
	f := newForwarder(t, s, target(t, "to: tcp://"+address, "batch: 20"))
	run(t, f)
	all := map[string]bool{}
	gather := func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		for line := range h.seen {
			all[line] = true
		}
	}
	const rounds, each = 5, 200
	for i := range rounds {
		arrive(t, s, "id-a", i*each, each)
		eventually(t, "they arrive", func() bool { gather(); return len(all) == (i+1)*each })
		h.stop()
		arrive(t, s, "id-a", rounds*each+i, 1) // while it is away
		time.Sleep(10 * time.Millisecond)
		h = listen(t, address, nil)
		eventually(t, "it goes on", func() bool { gather(); return all[text(rounds*each+i)] })
		delete(all, text(rounds*each+i))
		h.mu.Lock()
		delete(h.seen, text(rounds*each+i))
		h.mu.Unlock()
	}
	eventually(t, "nothing waits", func() bool { return f.Stats().Behind == 0 })
}

func TestADatagramIsCutWhereItMustAndThatIsCounted(t *testing.T) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	must(t, err)
	defer func() { must(t, conn.Close()) }()
	s := openStore(t, t.TempDir())
	arrive(t, s, "id-a", 0, 1)
	_, err = s.Append(t.Context(), event.Line{Received: time.Now(), Raw: []byte(strings.Repeat("ä", 3000))})
	must(t, err)
	f := newForwarder(t, s, target(t, "to: udp://"+conn.LocalAddr().String()))
	run(t, f)
	buffer := make([]byte, 65536)
	must(t, conn.SetReadDeadline(time.Now().Add(10*time.Second)))
	n, _, err := conn.ReadFrom(buffer)
	must(t, err)
	if !strings.HasSuffix(string(buffer[:n]), "] "+text(0)) {
		t.Errorf("the first datagram is %q", buffer[:n])
	}
	if n, _, err = conn.ReadFrom(buffer); err != nil || n > maxDatagram || n < maxDatagram-2 {
		t.Errorf("the second has %d bytes, %v", n, err)
	}
	eventually(t, "nothing waits", func() bool { return f.Stats().Behind == 0 })
	if st := f.Stats(); st.Cut != 1 || st.Sent != 2 {
		t.Errorf("figures: %+v", st)
	}
}
