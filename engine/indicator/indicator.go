// Package indicator recognises in events what is known of attackers: addresses and
// networks, domains with all below them, URLs, hashes, mail addresses and names.
//
// It is pure: indicators in, a Set out that does not change; values in, matches out.
// A set of five million costs hardly more to ask than one of five thousand, because
// almost every question is answered by one byte of a table that fits into the caches
// (table.go). Read in this order:
//
//	indicator.go   what an indicator is, and its one form
//	table.go       finding exact values
//	set.go         building a set, and asking it about the values of an event
//	harmless.go    what must never be an indicator, whoever says so
package indicator

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// A Type is what an indicator looks like. The words are those of the records.
type Type string

// The types that can be looked for.
const (
	Address     Type = "address"
	Network     Type = "network"
	Domain      Type = "domain" // with everything below it
	URL         Type = "url"
	MD5         Type = "md5"
	SHA1        Type = "sha1"
	SHA256      Type = "sha256"
	Email       Type = "email"
	UserAgent   Type = "user_agent"
	FileName    Type = "file_name"
	Certificate Type = "certificate" // SHA-256 fingerprint
)

// Types lists them.
func Types() []Type {
	return []Type{Address, Network, Domain, URL, MD5, SHA1, SHA256, Email, UserAgent, FileName, Certificate}
}

// An Indicator is one mark. From and Until bound the time in which it counts, to the
// minute; zero: no bound.
type Indicator struct {
	Type  Type
	Value string
	From  time.Time
	Until time.Time
}

// MaxValue bounds the length of a value in bytes.
const MaxValue = 8 << 10

// ErrUnknown is for a type that cannot be looked for.
var ErrUnknown = errors.New("cannot be looked for")

// digits are the lengths of hashes in hexadecimal.
var digits = map[Type]int{MD5: 32, SHA1: 40, SHA256: 64, Certificate: 64}

// Normal writes a value in the one form in which it is compared, or says why it is
// none of that type. What reports write so that nobody clicks on it is undone:
// hxxp://evil[.]example is http://evil.example.
func Normal(t Type, value string) (string, error) {
	v := strings.TrimSpace(value)
	if v == "" || len(v) > MaxValue {
		return "", fmt.Errorf("a value has 1 to %d bytes, this one %d", MaxValue, len(v))
	}
	switch t {
	case Address, Network:
		return normalPrefix(t, refang(v))
	case Domain:
		return normalDomain(refang(v))
	case URL:
		return normalURL(refang(v))
	case MD5, SHA1, SHA256, Certificate:
		return normalHash(t, v)
	case Email:
		v = lower(refang(v))
		if at := strings.LastIndexByte(v, '@'); at < 0 || at == len(v)-1 {
			return "", fmt.Errorf("%q is not a mail address", short(v))
		}
		return v, nil
	case FileName:
		return lower(v), nil
	case UserAgent:
		return v, nil
	}
	return "", fmt.Errorf("%s %w", t, ErrUnknown)
}

var refanger = strings.NewReplacer("[.]", ".", "(.)", ".", "{.}", ".", "[dot]", ".", "(dot)", ".", "[:]", ":", "[:/", ":/", "[@]", "@", "[at]", "@", "(at)", "@", `\.`, ".")

func refang(v string) string {
	v = refanger.Replace(v)
	if l := lower(v); strings.HasPrefix(l, "hxxp") || strings.HasPrefix(l, "meow") {
		v = "http" + v[4:]
	} else if strings.HasPrefix(l, "fxp:") {
		v = "ftp:" + v[4:]
	}
	return v
}

func normalPrefix(t Type, v string) (string, error) {
	if t == Address {
		a, err := netip.ParseAddr(strings.Trim(v, "[]"))
		if err != nil || a.Zone() != "" {
			return "", fmt.Errorf("%q is not an address, such as 192.0.2.7 or 2001:db8::7", short(v))
		}
		return a.Unmap().String(), nil
	}
	p, err := netip.ParsePrefix(v)
	if err != nil {
		return "", fmt.Errorf("%q is not a network, such as 192.0.2.0/24", short(v))
	}
	return p.Masked().String(), nil
}

func normalDomain(v string) (string, error) {
	v = strings.TrimRight(strings.TrimLeft(lower(v), "*."), ".")
	if v == "" || len(v) > 253 || strings.ContainsAny(v, " /:@\t\n\\\"'<>") {
		return "", fmt.Errorf("%q is not a domain", short(v))
	}
	if _, err := netip.ParseAddr(v); err == nil {
		return "", fmt.Errorf("%q is an address, not a domain", v)
	}
	return v, nil
}

// normalURL keeps what a client sends: no fragment, no default port, scheme and host
// in small letters, and a path even where it is only the root.
func normalURL(v string) (string, error) {
	if !strings.Contains(v, "://") {
		v = "http://" + v
	}
	u, err := url.Parse(v)
	if err != nil || u.Host == "" {
		return "", fmt.Errorf("%q is not a URL", short(v))
	}
	u.Scheme, u.Host, u.Fragment, u.RawFragment, u.User = lower(u.Scheme), lower(u.Host), "", "", nil
	if port := map[string]string{"http": ":80", "https": ":443"}[u.Scheme]; port != "" {
		u.Host = strings.TrimSuffix(u.Host, port)
	}
	if u.Path == "" {
		u.Path = "/"
	}
	return u.String(), nil
}

func normalHash(t Type, v string) (string, error) {
	v = lower(strings.ReplaceAll(v, ":", ""))
	if len(v) != digits[t] || strings.Trim(v, "0123456789abcdef") != "" {
		return "", fmt.Errorf("%q is not %s in hexadecimal", short(v), t)
	}
	return v, nil
}

// TypeOfHash is the type of a hash by its length; empty: it is none.
func TypeOfHash(v string) Type {
	for _, t := range []Type{MD5, SHA1, SHA256} {
		if _, err := normalHash(t, v); err == nil {
			return t
		}
	}
	return ""
}

// lower folds A to Z only and allocates nothing where there is nothing to fold.
func lower(s string) string {
	for i := range len(s) {
		if c := s[i]; c >= 'A' && c <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				if c := b[i]; c >= 'A' && c <= 'Z' {
					b[i] = c + 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return s
}

func short(s string) string {
	if len(s) > 80 {
		return s[:80] + "…"
	}
	return s
}
