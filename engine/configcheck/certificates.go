package configcheck

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"
	"time"

	"holdfast/engine"
)

// Limits of the search for certificates.
const (
	maxBundle        = 20 // a file with more certificates is a list of authorities
	maxCertFiles     = 2000
	maxCertLevels    = 4
	soonExpired      = 21 * 24 * time.Hour
	smallestRSA      = 2048
	smallestElliptic = 224
)

// certRoots are searched for certificates. The bundles of authorities that the
// distribution keeps are not.
var (
	certRoots   = []string{"etc/ssl", "etc/pki/tls", "etc/pki/nginx", "etc/letsencrypt/live", "etc/nginx", "etc/apache2", "etc/httpd", "etc/postfix", "etc/dovecot", "etc/haproxy", "etc/exim4", "etc/openvpn", "etc/mysql", "etc/postgresql"}
	certSkipped = map[string]bool{"etc/ssl/certs": true, "etc/pki/tls/certs/ca-bundle.crt": true, "etc/pki/tls/certs/ca-bundle.trust.crt": true, "etc/ssl/cert.pem": true}
)

// certDirectives name certificate files in the configuration of servers.
var certDirectives = []struct {
	files   []string
	pattern *regexp.Regexp
}{
	{[]string{"etc/nginx/nginx.conf", "etc/nginx/conf.d/*", "etc/nginx/sites-enabled/*"}, regexp.MustCompile(`(?i)^\s*ssl_certificate\s+"?([^";\s]+)`)},
	{[]string{"etc/apache2/apache2.conf", "etc/apache2/conf-enabled/*", "etc/apache2/sites-enabled/*", "etc/httpd/conf/*.conf", "etc/httpd/conf.d/*.conf"}, regexp.MustCompile(`(?i)^\s*SSLCertificateFile\s+"?([^"\s]+)`)},
	{[]string{"etc/postfix/main.cf"}, regexp.MustCompile(`^\s*smtpd_tls_cert_file\s*=\s*(\S+)`)},
	{[]string{"etc/dovecot/dovecot.conf", "etc/dovecot/conf.d/*.conf"}, regexp.MustCompile(`^\s*ssl_cert\s*=\s*<?\s*(\S+)`)},
	{[]string{"etc/haproxy/haproxy.cfg"}, regexp.MustCompile(`\scrt\s+(\S+)`)},
}

// A certificate is the first one of a file: the one that a server shows.
type certificate struct {
	file string
	used string // configuration that names it; empty: found by searching
	cert *x509.Certificate
	err  error // the file could not be read
}

func (h *host) certificates() ([]certificate, error) { return h.certs.get(h.findCertificates) }

func (h *host) findCertificates() ([]certificate, error) {
	f := certFinder{h: h, seen: map[string]bool{}, shown: map[string]bool{}}
	for _, d := range certDirectives {
		for _, pattern := range d.files {
			f.configured(pattern, d.pattern)
		}
	}
	for _, dir := range certRoots {
		f.search(dir, 0)
	}
	return f.list, nil
}

type certFinder struct {
	h     *host
	seen  map[string]bool // files
	shown map[string]bool // certificates; one that stands in two files is one
	list  []certificate
}

// configured adds the certificates that configuration files name.
func (f *certFinder) configured(pattern string, directive *regexp.Regexp) {
	files, err := f.h.glob(pattern)
	if err != nil {
		f.list = append(f.list, certificate{file: pattern, err: err})
	}
	for _, file := range files {
		body, err := f.h.read(file)
		if err != nil && !isMissing(err) {
			f.list = append(f.list, certificate{file: file, err: err})
		}
		for _, l := range lines(body, "#") {
			if m := directive.FindStringSubmatch(l.text); m != nil && !strings.Contains(m[1], "$") {
				f.add(relative(m[1]), where(seen(file, l.no, "")))
			}
		}
	}
}

func (f *certFinder) search(dir string, level int) {
	names, err := f.h.list(dir)
	if err != nil {
		if !strings.HasSuffix(dir, "/private") { // only keys are kept there
			f.list = append(f.list, certificate{file: dir, err: err})
		}
		return
	}
	for _, n := range names {
		file := path.Join(dir, n)
		if certSkipped[file] || len(f.seen) > maxCertFiles {
			continue
		}
		m, err := f.h.mode(file)
		if err != nil {
			continue
		}
		switch ext := strings.ToLower(path.Ext(n)); {
		case m.info.IsDir() && level < maxCertLevels:
			f.search(file, level+1)
		case n == "chain.pem" || n == "fullchain.pem" && strings.HasPrefix(dir, "etc/letsencrypt/"): // cert.pem is beside it
		case m.info.Mode().IsRegular() && (ext == ".pem" || ext == ".crt" || ext == ".cer"):
			f.add(file, "")
		}
	}
}

// add reads a file and keeps its first certificate. Files that nobody uses and
// that hold authorities are left out.
func (f *certFinder) add(file, used string) {
	if f.seen[file] {
		return
	}
	f.seen[file] = true
	body, err := f.h.read(file)
	if isMissing(err) {
		return
	}
	if err != nil {
		f.list = append(f.list, certificate{file: file, used: used, err: err})
		return
	}
	first, n := parseCertificates(body)
	if first == nil || n > maxBundle || used == "" && (first.IsCA || strings.HasSuffix(file, "snakeoil.pem")) || f.shown[string(first.Raw)] {
		return
	}
	f.shown[string(first.Raw)] = true
	f.list = append(f.list, certificate{file: file, used: used, cert: first})
}

// parseCertificates returns the first certificate of a PEM text and how many
// there are.
func parseCertificates(body string) (first *x509.Certificate, n int) {
	rest := []byte(body)
	for n <= maxBundle {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		if n++; first == nil {
			first, _ = x509.ParseCertificate(block.Bytes)
		}
	}
	return first, n
}

// judgeCertificates asks find what is wrong with each certificate.
func (h *host) judgeCertificates(good string, find func(c certificate) (string, engine.Severity)) []verdict {
	list, err := h.certificates()
	if err != nil {
		return unknown(err)
	}
	if h.now.IsZero() {
		return unknown(errors.New("the time of the run is not known"))
	}
	var t tally
	for _, c := range list {
		if c.err != nil {
			t.doubt(c.err)
			continue
		}
		t.looked++
		if problem, severity := find(c); problem != "" {
			if c.used != "" {
				problem += ", used at " + c.used
			}
			t.failAs(severity, "/"+c.file, problem, engine.Seen{Path: "/" + c.file, Value: c.cert.Subject.String()})
		}
	}
	return t.verdicts(good, "no certificate of a server was found")
}

var certificateExpired = check{
	Check: engine.Check{
		ID:             "certificate-expired",
		Title:          "A certificate has expired or will within three weeks",
		Why:            "Clients refuse the service, or people learn to click the warning away, and then no longer notice an impostor.",
		Fix:            "Renew the certificate and automate the renewal (ACME); watch the date from outside too.",
		Remedy:         `if command -v certbot >/dev/null 2>&1; then certbot renew --quiet; fi`,
		FalsePositives: "A file that no service uses any more: delete it.",
		References:     []string{"CWE-298", "CWE-324", "T1557", "RFC 5280", "Lynis CRYP-7902"},
		Severity:       engine.High, Principle: "disruption", CWE: "CWE-298",
		Techniques: []string{"T1557"}, Topic: "cryptography",
	},
	look: func(h *host) []verdict {
		return h.judgeCertificates("no certificate expires within three weeks", func(c certificate) (string, engine.Severity) {
			end := c.cert.NotAfter
			switch left := end.Sub(h.now); {
			case left <= 0:
				return "expired on " + end.Format(time.DateOnly), ""
			case left < soonExpired:
				return "expires on " + end.Format(time.DateOnly), engine.Medium
			}
			return "", ""
		})
	},
}

var certificateWeak = check{
	Check: engine.Check{
		ID:             "certificate-weak",
		Title:          "A certificate uses a short key or a broken signature",
		Why:            "A short key can be calculated and a SHA-1 or MD5 signature forged; then somebody on the path is the server.",
		Fix:            "Have a new certificate issued, with an RSA key of 2048 bits or more or an elliptic one, signed with SHA-256.",
		Remedy:         `if command -v certbot >/dev/null 2>&1; then certbot renew --quiet --force-renewal --key-type ecdsa; fi`,
		FalsePositives: "The signature of a self-signed certificate proves nothing either way, only its key is judged.",
		References:     []string{"CWE-326", "CWE-327", "CWE-328", "T1557", "NIST SP 800-57", "RFC 8996"},
		Severity:       engine.Medium, Principle: "compromise", CWE: "CWE-326",
		Techniques: []string{"T1557"}, Topic: "cryptography",
	},
	look: func(h *host) []verdict {
		return h.judgeCertificates("every certificate has a long key and a sound signature", func(c certificate) (string, engine.Severity) {
			return weakCertificate(c.cert), ""
		})
	},
}

func weakCertificate(c *x509.Certificate) string {
	switch k := c.PublicKey.(type) {
	case *rsa.PublicKey:
		if k.N.BitLen() < smallestRSA {
			return fmt.Sprintf("RSA key of %d bits", k.N.BitLen())
		}
	case *ecdsa.PublicKey:
		if k.Curve.Params().BitSize < smallestElliptic {
			return fmt.Sprintf("elliptic key of %d bits", k.Curve.Params().BitSize)
		}
	}
	if c.PublicKeyAlgorithm == x509.DSA {
		return "DSA key"
	}
	selfSigned := c.Issuer.String() == c.Subject.String()
	switch c.SignatureAlgorithm {
	case x509.MD2WithRSA, x509.MD5WithRSA, x509.SHA1WithRSA, x509.DSAWithSHA1, x509.ECDSAWithSHA1:
		if !selfSigned {
			return "signed with " + c.SignatureAlgorithm.String()
		}
	}
	return ""
}

var privateKeyOpen = check{
	Check: engine.Check{
		ID:             "certificate-key-readable",
		Title:          "The private key of a server is readable by everybody",
		Why:            "Who copies the key can pretend to be the server for as long as the certificate is valid.",
		Fix:            "chmod 0640 or less, then have the certificate replaced, because the key may have been copied.",
		Remedy:         `find /etc/ssl /etc/pki/tls /etc/nginx /etc/apache2 /etc/httpd /etc/letsencrypt /etc/haproxy /etc/postfix /etc/dovecot -type f \( -name '*.key' -o -name '*privkey*.pem' -o -name '*-key.pem' \) -exec chmod o-rwx {} + 2>/dev/null || true`,
		FalsePositives: "A key of a test certificate that protects nothing.",
		References:     []string{"CWE-732", "CWE-522", "T1552.004", "Lynis CRYP-7902"},
		Severity:       engine.High, Principle: "compromise", CWE: "CWE-732",
		Techniques: []string{"T1552.004", "T1557"}, Topic: "cryptography",
	},
	look: lookPrivateKeys,
}

func lookPrivateKeys(h *host) []verdict {
	var t tally
	for _, dir := range append([]string{"etc/letsencrypt/archive"}, certRoots...) {
		h.judgeKeys(&t, dir, true, 0)
	}
	return t.verdicts("private keys of servers are closed to others", "no private key of a server was found")
}

// judgeKeys goes down the directories. open says whether others can get here.
func (h *host) judgeKeys(t *tally, dir string, open bool, level int) {
	d, err := h.mode(dir)
	if isMissing(err) {
		return
	}
	if err != nil {
		t.doubt(err)
		return
	}
	open = open && d.perm&0o001 != 0
	names, err := h.list(dir)
	if err != nil {
		t.doubt(err)
	}
	for _, n := range names {
		file := path.Join(dir, n)
		m, err := h.mode(file)
		if err != nil || certSkipped[file] {
			continue
		}
		isKey := strings.HasSuffix(n, ".key") || strings.Contains(n, "privkey") || strings.HasSuffix(n, "-key.pem")
		switch {
		case m.info.IsDir() && level < maxCertLevels:
			h.judgeKeys(t, file, open, level+1)
		case isKey && m.info.Mode().IsRegular():
			if t.looked++; open && m.perm&0o004 != 0 {
				t.fail("/"+file, "mode and owner "+m.String(), m.seen(file))
			}
		}
	}
}
