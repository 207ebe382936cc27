package stream_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"holdfast/eventstore/stream"
	"holdfast/testkit/clients"
)

// identity writes a certificate that an authority signed, itself where there is none, and
// its key.
func identity(t *testing.T, dir, name string, authority *x509.Certificate, by *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	form := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: authority == nil, BasicConstraintsValid: true,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	if authority == nil {
		authority, by, form.KeyUsage = form, key, x509.KeyUsageCertSign
	}
	der, err := x509.CreateCertificate(rand.Reader, form, authority, &key.PublicKey, by)
	must(t, err)
	secret, err := x509.MarshalECPrivateKey(key)
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, name+".pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, name+".key"), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: secret}), 0o600))
	made, err := x509.ParseCertificate(der)
	must(t, err)
	return made, key
}

func TestAServerIsTrustedByItsAuthorityAndTrustsUsByCertificateAndToken(t *testing.T) {
	dir := t.TempDir()
	authority, by := identity(t, dir, "ca", nil, nil)
	identity(t, dir, "nats", authority, by)
	identity(t, dir, "us", authority, by)
	file := func(name string) string { return filepath.Join(dir, name) }
	nats := clients.StartNATS(t, large+fmt.Sprintf("\nauthorization { token: \"s3cret\" }\ntls { cert_file: %q, key_file: %q, ca_file: %q, verify: true }", file("nats.pem"), file("nats.key"), file("ca.pem")))
	good := config(strings.Replace(nats.URL, "nats:", "tls:", 1))
	good.Authority, good.Certificate, good.Key, good.Token = file("ca.pem"), file("us.pem"), file("us.key"), "s3cret"
	s, err := stream.Open(t.Context(), good)
	must(t, err)
	if err := s.Away(); err != nil {
		t.Error(err)
	}
	must(t, s.Close())
	if s.Away() == nil {
		t.Error("a connection that was closed is there")
	}
	for name, spoil := range map[string]func(*stream.Config){
		"without the authority":  func(c *stream.Config) { c.Authority = "" },
		"without a certificate":  func(c *stream.Config) { c.Certificate, c.Key = "", "" },
		"with another token":     func(c *stream.Config) { c.Token = "guess" },
		"with a file that lacks": func(c *stream.Config) { c.NKey = file("none.nk") },
	} {
		bad := good
		spoil(&bad)
		s, err := stream.Open(t.Context(), bad)
		if err == nil {
			t.Errorf("%s it is open", name)
			_ = s.Close()
		} else if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s the token is told: %v", name, err)
		}
	}
}

func TestWhoOnlyJoinsMakesNoStream(t *testing.T) {
	cfg := config(server(t, large))
	cfg.Join = true
	if _, err := stream.Open(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "the machine that publishes makes it") {
		t.Errorf("%v", err)
	}
	must(t, open(t, cfg.URL).Close())
	s, err := stream.Open(t.Context(), cfg)
	must(t, err)
	must(t, s.Close())
}
