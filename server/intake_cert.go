package server

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"holdfast/intake"
)

// The files of the certificate of syslog over TLS. Whoever has one of their own puts it
// there; it is read again when it changes.
const (
	certFile = "tls.crt"
	keyFile  = "tls.key"
)

// certYears is how long a certificate that we make is good for: a sender that trusts it
// has to be told of the next by hand.
const certYears = 5

// A selfMade certificate is read from files, which are made when there are none.
type selfMade struct {
	dir string
	now func() time.Time

	mu   sync.Mutex
	cert *tls.Certificate
	read time.Time // when the file was written that cert was read from
}

// tls is the certificate as it is now.
func (s *selfMade) tls() (*tls.Certificate, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	path := filepath.Join(s.dir, certFile)
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = s.make(); err == nil {
			info, err = os.Stat(path)
		}
	}
	if err != nil {
		return nil, err
	}
	if s.cert != nil && info.ModTime().Equal(s.read) {
		return s.cert, nil
	}
	c, err := tls.LoadX509KeyPair(path, filepath.Join(s.dir, keyFile))
	if err != nil {
		return nil, fmt.Errorf("the certificate of syslog over TLS in %s: %w", s.dir, err)
	}
	s.cert, s.read = &c, info.ModTime()
	return s.cert, nil
}

// public is what senders are given.
func (s *selfMade) public() (text, fingerprint string, err error) {
	c, err := s.tls()
	if err != nil {
		return "", "", err
	}
	for _, der := range c.Certificate {
		text += string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	}
	return text, intake.Fingerprint(c.Certificate[0]), nil
}

// renew makes another, with a new key.
func (s *selfMade) renew() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cert = nil
	return s.make()
}

// make writes a certificate that signs itself, the key first: a crash between leaves
// none.
func (s *selfMade) make() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return err
	}
	names, addresses := whoWeAre()
	now := s.now().UTC()
	card := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: names[0], Organization: []string{"Holdfast intake of events"}},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(certYears, 0, 0), DNSNames: names, IPAddresses: addresses,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true, IsCA: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, card, card, key.Public(), key)
	if err != nil {
		return err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	if err := replace(filepath.Join(s.dir, keyFile), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})); err != nil {
		return err
	}
	return replace(filepath.Join(s.dir, certFile), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// replace writes a file so that it is there whole or not at all.
func replace(path string, data []byte) error {
	if err := os.WriteFile(path+".new", data, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// whoWeAre are the names and addresses under which senders may know this machine.
func whoWeAre() (names []string, addresses []net.IP) {
	if host, err := os.Hostname(); err == nil && host != "" {
		names = append(names, host)
	}
	names = append(names, "localhost")
	list, err := net.InterfaceAddrs()
	if err != nil {
		return names, []net.IP{net.IPv4(127, 0, 0, 1)}
	}
	for _, a := range list {
		if n, ok := a.(*net.IPNet); ok {
			addresses = append(addresses, n.IP)
		}
	}
	return names, addresses
}
