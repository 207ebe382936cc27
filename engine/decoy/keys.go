package decoy

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

// keys are the identity of a decoy, derived from one secret, so that it is the same
// after a restart: a server whose key changes every night is no server.
type keys struct {
	secret []byte
	host   string
	now    func() time.Time

	hostKeys func() ([]ssh.Signer, error)
	tls      func() (*tls.Config, error)
}

func newKeys(secret []byte, host string, now func() time.Time) *keys {
	k := &keys{secret: secret, host: host, now: now}
	k.hostKeys = sync.OnceValues(k.makeHostKeys)
	k.tls = sync.OnceValues(k.makeTLS)
	return k
}

// derive makes 32 bytes for one purpose.
func (k *keys) derive(purpose string) ([]byte, error) {
	return hkdf.Key(sha256.New, k.secret, nil, "holdfast decoy "+purpose, 32)
}

// curveKey is a key on P-256. One derived value in 2³² is no key; then the next is.
func (k *keys) curveKey(purpose string) (*ecdsa.PrivateKey, error) {
	for i := 0; ; i++ {
		raw, err := k.derive(fmt.Sprintf("%s %d", purpose, i))
		if err != nil {
			return nil, err
		}
		key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), raw)
		if err == nil || i == 8 {
			return key, err
		}
	}
}

func (k *keys) makeHostKeys() ([]ssh.Signer, error) {
	seed, err := k.derive("ssh ed25519")
	if err != nil {
		return nil, err
	}
	curve, err := k.curveKey("ssh ecdsa")
	if err != nil {
		return nil, err
	}
	var list []ssh.Signer
	for _, key := range []any{ed25519.NewKeyFromSeed(seed), curve} {
		signer, err := ssh.NewSignerFromKey(key)
		if err != nil {
			return nil, err
		}
		list = append(list, signer)
	}
	return list, nil
}

// makeTLS signs its own certificate for the name of the host. It begins with the
// year, as one that somebody made at some time.
func (k *keys) makeTLS() (*tls.Config, error) {
	key, err := k.curveKey("tls")
	if err != nil {
		return nil, err
	}
	serial, err := k.derive("serial")
	if err != nil {
		return nil, err
	}
	start := time.Date(k.now().UTC().Year(), time.January, 9, 8, 0, 0, 0, time.UTC)
	cert := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(serial[:16]), Subject: pkix.Name{CommonName: k.host}, DNSNames: []string{k.host},
		NotBefore: start.AddDate(-1, 0, 0), NotAfter: start.AddDate(9, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(nil, cert, cert, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("the certificate of the decoy: %w", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
		Time: k.now, MinVersion: tls.VersionTLS10, SessionTicketsDisabled: true}, nil
}
