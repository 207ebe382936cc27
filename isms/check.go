package isms

import (
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"slices"

	"holdfast/kind"
)

// refuse complains about the field when something is wrong with it.
func refuse(wrong bool, field, message string) error {
	if wrong {
		return kind.Fieldf(field, "%s", message)
	}
	return nil
}

// A shape is how a text must look, with the words for people who wrote it otherwise.
type shape struct {
	pattern *regexp.Regexp
	hint    string
}

// check complains about text of another shape; empty text is accepted.
func (s shape) check(field, text string) error {
	return refuse(text != "" && !s.pattern.MatchString(text), field, s.hint)
}

var (
	countryCode  = shape{regexp.MustCompile(`^[A-Z]{2}$`), "is a country code of two capital letters (ISO 3166), such as DE"}
	currencyCode = shape{regexp.MustCompile(`^[A-Z]{3}$`), "is a currency code of three capital letters (ISO 4217), such as EUR"}
	languageTag  = shape{regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`), "is a language tag (BCP 47), such as en-GB"}
	zoneName     = shape{regexp.MustCompile(`^[A-Za-z_]+(/[A-Za-z0-9_+-]+){0,2}$`), "is a time zone of the IANA database, such as Europe/Berlin"}
	hexColour    = shape{regexp.MustCompile(`^#[0-9a-fA-F]{6}$`), "is a colour, such as #1f6feb"}
)

// mailAddress complains about what is not a bare mail address; empty is accepted.
func mailAddress(field, text string) error {
	if text == "" {
		return nil
	}
	parsed, err := mail.ParseAddress(text)
	return refuse(err != nil || parsed.Address != text, field, "is not a mail address, such as ana@example.org")
}

// webAddress complains about what is not an absolute address of one of the schemes
// with a host and without a name or password in it; empty is accepted.
func webAddress(field, text string, schemes ...string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	return refuse(err != nil || u.Host == "" || u.User != nil || !slices.Contains(schemes, u.Scheme), field,
		"is not a web address, such as https://example.org/path")
}

// notItself complains about a record that refers to itself.
func notItself(b *Base, field, ref string) error {
	return refuse(b.ID != "" && ref == b.ID, field, "cannot be the record itself")
}

// networksAreValid complains about entries that are not networks in CIDR notation.
func networksAreValid(field string, networks []string) error {
	for _, n := range networks {
		if _, err := netip.ParsePrefix(n); err != nil {
			return kind.Fieldf(field, "has an entry that is not a network, such as 192.0.2.0/24")
		}
	}
	return nil
}
