package stix

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"

	"holdfast/engine/indicator"
)

// tableTypes are the words by which tables name types, without spaces and signs.
var tableTypes = map[string]indicator.Type{
	"ip": indicator.Address, "ipaddress": indicator.Address, "ipv4": indicator.Address, "ipv6": indicator.Address, "ipport": indicator.Address, "address": indicator.Address, "ipdst": indicator.Address, "ipsrc": indicator.Address,
	"network": indicator.Network, "cidr": indicator.Network, "range": indicator.Network,
	"domain": indicator.Domain, "domainport": indicator.Domain, "hostname": indicator.Domain, "host": indicator.Domain, "fqdn": indicator.Domain,
	"url": indicator.URL, "uri": indicator.URL,
	"md5": indicator.MD5, "sha1": indicator.SHA1, "sha256": indicator.SHA256, "sha256hash": indicator.SHA256, "sha1hash": indicator.SHA1, "md5hash": indicator.MD5, "hash": "hash", "filehash": "hash",
	"email": indicator.Email, "mail": indicator.Email, "emailaddress": indicator.Email,
	"filename": indicator.FileName, "filepath": indicator.FileName, "filepathname": indicator.FileName, "useragent": indicator.UserAgent, "certificate": indicator.Certificate, "certsha256": indicator.Certificate,
}

// the heads of columns, without spaces and signs.
var columns = map[string]string{
	"type": "type", "indicatortype": "type", "ioctype": "type", "threattype": "note", "indicator": "value", "value": "value", "data": "value", "ioc": "value", "iocvalue": "value",
	"note": "note", "notes": "note", "comment": "note", "description": "note", "campaign": "campaign", "malware": "campaign", "malwareprintable": "campaign", "family": "campaign", "signature": "campaign", "actor": "actor", "threatactor": "actor",
	"source": "source", "reporter": "source", "confidence": "confidence", "confidencelevel": "confidence", "firstseen": "from", "firstseenutc": "from", "validfrom": "from", "validuntil": "until", "expires": "until", "tlp": "tlp",
}

func plainWord(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(s))
}

// table reads rows parted by commas, semicolons or tabs, with or without a head: with
// one it says which column is what; without one each line is a value, or a type and a
// value. Lines that begin with # are remarks.
func (c *collector) table(data []byte) error {
	r := csv.NewReader(bytes.NewReader(data))
	r.Comma, r.Comment, r.FieldsPerRecord, r.LazyQuotes, r.TrimLeadingSpace = separator(data), '#', -1, true, true
	head := map[string]int{}
	for first := true; ; {
		row, err := r.Read()
		if err == io.EOF {
			break
		}
		line, _ := r.FieldPos(0)
		if err != nil {
			var bad *csv.ParseError
			if errors.As(err, &bad) {
				line = bad.Line
			}
			return fmt.Errorf("line %d: %w", line, err)
		}
		if len(row) == 0 || strings.TrimSpace(strings.Join(row, "")) == "" {
			continue
		}
		if first {
			first = false
			if head = headOf(row); head["value"] > 0 {
				continue
			}
			head = nil
		}
		c.Objects["row"]++
		if err := c.row(fmt.Sprintf("line %d", line), row, head); err != nil {
			return err
		}
	}
	return nil
}

// separator is the sign that stands most often in the first lines.
func separator(data []byte) rune {
	top := data[:min(len(data), 4096)]
	best, sign := bytes.Count(top, []byte(",")), ','
	for _, s := range []rune{';', '\t'} {
		if n := bytes.Count(top, []byte(string(s))); n > best {
			best, sign = n, s
		}
	}
	return sign
}

// headOf numbers the known columns from 1; without a value column there is no head.
// Where a table calls both the type and the value "indicator", the first is the type.
func headOf(row []string) map[string]int {
	head := map[string]int{}
	for i, cell := range row {
		if name := columns[plainWord(cell)]; name != "" && head[name] == 0 {
			head[name] = i + 1
		}
	}
	if head["value"] == 1 && head["type"] == 0 && len(row) > 1 && plainWord(row[1]) == "data" {
		head["type"], head["value"] = 1, 2
	}
	return head
}

func (c *collector) row(where string, row []string, head map[string]int) error {
	cell := func(name string) string {
		if i := head[name]; i > 0 && i <= len(row) {
			return strings.TrimSpace(row[i-1])
		}
		return ""
	}
	typ, value := cell("type"), cell("value")
	if head == nil {
		typ, value = "", strings.TrimSpace(row[0])
		if len(row) > 1 && tableTypes[plainWord(row[0])] != "" {
			typ, value = row[0], strings.TrimSpace(row[1])
		}
	}
	t := tableTypes[plainWord(typ)]
	if value == "" {
		c.skip(where, strings.Join(row, ","), "it has no value")
		return nil
	}
	if typ != "" && t == "" && !strings.EqualFold(typ, "ioc") {
		c.skip(where, value, "the type "+typ+" cannot be looked for")
		return nil
	}
	m := Mark{Type: t, Value: value, Note: cell("note"), Campaign: cell("campaign"), Actor: cell("actor"), Source: cell("source"), Sharing: sharing("tlp:" + strings.TrimPrefix(strings.ToLower(cell("tlp")), "tlp:")),
		Confidence: percent(cell("confidence")), From: instant(cell("from")), Until: instant(cell("until"))}
	if m.Type = guess(t, value); m.Type == "" {
		c.skip(where, value, "nothing tells what it is")
		return nil
	}
	m.Value = withoutPort(m.Type, value)
	return c.add(where, m)
}

func percent(s string) int {
	n := -1
	if _, err := fmt.Sscanf(s, "%d", &n); err != nil || n < 0 || n > 100 {
		return -1
	}
	return n
}

// guess finds the type of a value where the table does not say it, or says something
// that the value cannot be.
func guess(t indicator.Type, value string) indicator.Type {
	if h := indicator.TypeOfHash(value); h != "" && t != indicator.Certificate {
		return h
	}
	switch t {
	case "", "hash":
	case indicator.Address:
		return typeFor(t, withoutPort(t, value))
	case indicator.Domain:
		if _, err := indicator.Normal(indicator.Address, value); err == nil {
			return indicator.Address
		}
		if strings.Contains(value, "/") {
			return indicator.URL
		}
		return t
	default:
		return t
	}
	for _, try := range []indicator.Type{indicator.Address, indicator.Network} {
		if _, err := indicator.Normal(try, withoutPort(try, value)); err == nil && t == "" {
			return try
		}
	}
	switch {
	case t == "hash":
		return ""
	case strings.Contains(value, "://"):
		return indicator.URL
	case strings.Contains(value, "@"):
		return indicator.Email
	case strings.Contains(value, ".") && !strings.ContainsAny(value, " \\/"):
		return indicator.Domain
	case strings.Contains(value, "/") && strings.Contains(value, "."):
		return indicator.URL
	}
	return ""
}

// withoutPort takes the port away that some tables write behind an address or a name.
func withoutPort(t indicator.Type, value string) string {
	plain := strings.NewReplacer("[.]", ".", "[:]", ":").Replace(value)
	if a, err := netip.ParseAddrPort(plain); err == nil && t == indicator.Address {
		return a.Addr().String()
	}
	if host, port, ok := strings.Cut(plain, ":"); ok && t == indicator.Domain && strings.Trim(port, "0123456789") == "" {
		return host
	}
	return value
}
