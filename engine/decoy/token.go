package decoy

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
)

// A Token is bait without a service: a thing that calls home when it is used.
type Token struct {
	Kind   string
	ID     string
	Name   string   // of the file
	Type   string   // media type of Data
	Data   []byte   // the file
	Value  string   // what is used of it: an address, a name, a key
	Advice string   // what to do with it, in one sentence
	Marks  []string // further texts by which it is recognised: the id of a cloud key, the fingerprint of a key
}

// A Place says where a token calls home, and how it is dressed.
type Place struct {
	Base   string // address under which the callback is served: https://files.example.org/share
	Zone   string // name that is delegated to our name server: c.example.org
	Host   string // page_clone: where the real page is; elsewhere the machine that the bait speaks of
	Format string // document: docx or pdf
	Title  string // document: what it is about
}

// A maker makes one kind of token.
type maker struct {
	kind  string // value of isms.TrapType
	needs string // base, zone or either
	make  func(bait) (Token, error)
}

func makers() []maker {
	return []maker{
		{"web_link", "base", makeLink}, {"dns_name", "zone", makeName}, {"document", "base", makeDocument},
		{"cloud_key", "base", makeCloudKey}, {"api_token", "base", makeAPIToken}, {"database_row", "either", makeRow},
		{"qr_code", "base", makeQR}, {"ssh_key", "either", makeSSHKey}, {"kubeconfig", "base", makeKubeconfig},
		{"hidden_file", "base", makeHiddenFile}, {"page_clone", "base", makePageClone}, {"mail_address", "zone", makeMailAddress},
	}
}

// TokenKinds lists what Make can make.
func TokenKinds() []string {
	var list []string
	for _, m := range makers() {
		list = append(list, m.kind)
	}
	return list
}

// Make makes the token of an id from NewID. The same arguments make the same bytes.
func Make(kind, id string, p Place) (Token, error) {
	at := slices.IndexFunc(makers(), func(m maker) bool { return m.kind == kind })
	if at < 0 {
		return Token{}, fmt.Errorf("there is no token %q; choose %s", visible(kind, 40), strings.Join(TokenKinds(), ", "))
	}
	if !isID(id) {
		return Token{}, errors.New("the id of the token was not made by NewID")
	}
	m := makers()[at]
	b, err := newBait(kind, id, p)
	switch {
	case err != nil:
		return Token{}, err
	case m.needs == "base" && b.base == nil:
		return Token{}, fmt.Errorf("a token of kind %s calls home over the web: give the address where the callback is served", kind)
	case m.needs == "zone" && b.zone == "":
		return Token{}, fmt.Errorf("a token of kind %s needs a zone that is delegated to our name server", kind)
	case b.base == nil && b.zone == "":
		return Token{}, fmt.Errorf("a token of kind %s needs an address or a zone to call home", kind)
	}
	t, err := m.make(b)
	t.Kind, t.ID = kind, id
	return t, err
}

// bait is a place that was checked.
type bait struct {
	id   string
	base *url.URL
	zone string
	Place
}

func newBait(kind, id string, p Place) (bait, error) {
	b := bait{id: id, Place: p}
	if p.Base != "" {
		u, err := url.Parse(p.Base)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || len(p.Base) > 150 {
			return b, fmt.Errorf("the address %s is not http:// or https:// with a host and perhaps a path, of at most 150 bytes", visible(p.Base, 150))
		}
		b.base = u
	}
	if p.Zone != "" {
		zone, err := zoneName(p.Zone)
		if err != nil {
			return b, err
		}
		b.zone = zone
	}
	if b.Host == "" && kind == "page_clone" {
		return b, errors.New("a token of kind page_clone needs the name of the host where the real page is")
	}
	if b.Host == "" {
		b.Host = usualHost
	}
	if _, err := zoneName(b.Host); err != nil {
		return b, err
	}
	if len(p.Title) > 200 {
		return b, fmt.Errorf("the title has %d bytes; give at most 200", len(p.Title))
	}
	return b, nil
}

// zoneName checks a name of DNS and writes it in lower case without the last dot.
func zoneName(name string) (string, error) {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	bad := name == "" || len(name) > 200
	for label := range strings.SplitSeq(name, ".") {
		bad = bad || label == "" || len(label) > 63 || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") ||
			strings.ContainsFunc(label, func(r rune) bool { return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789-_", r) })
	}
	if bad {
		return "", fmt.Errorf("%s is not a name of DNS", visible(name, 80))
	}
	return name, nil
}

// link is where the token calls home.
func (b bait) link(name string) string { return b.base.JoinPath(b.id, name).String() }

// derive makes bytes for one purpose out of the id, so that no second secret has to
// be kept: whoever has the id has the token.
func (b bait) derive(purpose string) []byte {
	h := hmac.New(sha256.New, []byte(b.id))
	h.Write([]byte(purpose))
	return h.Sum(nil)
}

// Shape of an id: 120 random bits in 24 letters, then 2 letters of a checksum, by
// which most chance finds are told from ids without a table.
const (
	idRandom  = 15
	idLetters = 26
)

var idEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// NewID makes an id that nobody can guess. It is fit for a path, a name of DNS and
// an address of mail.
func NewID(random io.Reader) (string, error) {
	raw := make([]byte, idRandom)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", fmt.Errorf("no randomness for a token: %w", err)
	}
	letters := idEncoding.EncodeToString(raw)
	return letters + checkLetters(letters), nil
}

func checkLetters(letters string) string {
	sum := sha256.Sum256([]byte("holdfast token " + letters))
	return idEncoding.EncodeToString(sum[:])[:idLetters-24]
}

func isID(text string) bool {
	if len(text) != idLetters || strings.ContainsFunc(text, func(r rune) bool { return !isIDLetter(byte(r)) || r > 127 }) {
		return false
	}
	return text[24:] == checkLetters(text[:24])
}

func isIDLetter(b byte) bool { return b >= 'a' && b <= 'z' || b >= '2' && b <= '7' }

// Hash is what is kept of an id or a mark, so that a copy of the records does not
// tell which bait is bait.
func Hash(id string) string {
	sum := sha256.Sum256([]byte("holdfast canary " + id))
	return hex.EncodeToString(sum[:])
}
