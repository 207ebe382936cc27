package decoy

import (
	"fmt"
	"net/netip"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
)

// A Zone is what our name server answers for: a name that the owner of the domain
// above has delegated to it.
type Zone struct {
	Name      string       // c.example.org
	Server    string       // name of the name server, as in the delegation: ns.example.org
	Addresses []netip.Addr // what every name below the zone leads to: our callback; may be empty
	Mail      string       // whom to write to about the zone; empty: hostmaster@ the zone
	Serial    uint32
}

// The answers live shortly, so that a second look rings again.
const (
	dnsLife    = 5     // seconds
	dnsKeep    = 86400 // of what belongs to the zone itself
	dnsRefuse  = 60    // of a no
	dnsUDPSize = 1232  // bytes of an answer over UDP where the client takes so many
	dnsTCPSize = 1 << 14
)

// Check tells whether the zone can be served.
func (z Zone) Check() error {
	for _, name := range []string{z.Name, z.Server} {
		if _, err := zoneName(name); err != nil {
			return err
		}
		if _, err := dnsmessage.NewName(name + "."); err != nil {
			return fmt.Errorf("%s: %w", visible(name, 80), err)
		}
	}
	if len(z.Addresses) > 8 {
		return fmt.Errorf("the zone leads to %d addresses; give at most 8", len(z.Addresses))
	}
	if z.Mail != "" && (strings.Count(z.Mail, "@") != 1 || len(z.Mail) > 100) {
		return fmt.Errorf("%s is not an address of mail", visible(z.Mail, 80))
	}
	return nil
}

// Answer answers one question as the authority for the zone. The hit is set when the
// name holds a token. It is false when the message deserves no answer at all: it is
// itself an answer, or no question can be read. The answer has at most size bytes;
// when that is too few it says so and the client comes again over TCP.
func (z Zone) Answer(query []byte, size int) (answer []byte, hit Hit, ok bool) {
	var p dnsmessage.Parser
	head, err := p.Start(query)
	if err != nil || head.Response {
		return nil, Hit{}, false
	}
	reply := dnsmessage.Header{ID: head.ID, Response: true, OpCode: head.OpCode, RecursionDesired: head.RecursionDesired}
	question, err := p.Question()
	if err != nil {
		reply.RCode = dnsmessage.RCodeFormatError
		answer, err = (&dnsmessage.Message{Header: reply}).Pack()
		return answer, Hit{}, err == nil
	}
	m := &dnsmessage.Message{Header: reply, Questions: []dnsmessage.Question{question}}
	name := strings.ToLower(strings.TrimSuffix(question.Name.String(), "."))
	if head.OpCode != 0 {
		m.RCode = dnsmessage.RCodeNotImplemented
	} else if zone := strings.ToLower(strings.TrimSuffix(z.Name, ".")); name != zone && !strings.HasSuffix(name, "."+zone) {
		m.RCode = dnsmessage.RCodeRefused
	} else {
		id, found := RecogniseName(zone, name)
		if found {
			hit = Hit{ID: id, How: "dns", Name: visible(name, 255), Query: strings.TrimPrefix(question.Type.String(), "Type")}
		}
		z.fill(m, question, name == zone, found)
	}
	answer, err = m.Pack()
	if err == nil && len(answer) > size {
		m.Answers, m.Authorities, m.Truncated = nil, nil, true
		answer, err = m.Pack()
	}
	return answer, hit, err == nil
}

// fill puts what the zone knows into the answer. Only names with a token exist below
// the zone, so that nobody fills caches with names of his own.
func (z Zone) fill(m *dnsmessage.Message, q dnsmessage.Question, apex, token bool) {
	m.Authoritative = true
	if q.Class != dnsmessage.ClassINET && q.Class != dnsmessage.ClassANY {
		m.RCode = dnsmessage.RCodeRefused
		m.Authoritative = false
		return
	}
	switch {
	case apex && q.Type == dnsmessage.TypeSOA:
		m.Answers = append(m.Answers, z.start(dnsKeep))
	case apex && q.Type == dnsmessage.TypeNS:
		m.Answers = append(m.Answers, z.resource(z.Name, dnsKeep, dnsmessage.TypeNS, &dnsmessage.NSResource{NS: dnsmessage.MustNewName(strings.TrimSuffix(z.Server, ".") + ".")}))
	case token || apex:
		m.Answers = z.addresses(q)
	default:
		m.RCode = dnsmessage.RCodeNameError
	}
	if len(m.Answers) == 0 {
		m.Authorities = append(m.Authorities, z.start(dnsRefuse))
	}
}

// addresses are those that the type of the question asks for.
func (z Zone) addresses(q dnsmessage.Question) []dnsmessage.Resource {
	var list []dnsmessage.Resource
	for _, a := range z.Addresses {
		a = a.Unmap()
		switch {
		case a.Is4() && q.Type == dnsmessage.TypeA:
			list = append(list, resourceOf(q.Name, dnsLife, q.Type, &dnsmessage.AResource{A: a.As4()}))
		case a.Is6() && q.Type == dnsmessage.TypeAAAA:
			list = append(list, resourceOf(q.Name, dnsLife, q.Type, &dnsmessage.AAAAResource{AAAA: a.As16()}))
		}
	}
	return list
}

// start is the record that begins a zone.
func (z Zone) start(life uint32) dnsmessage.Resource {
	mail := "hostmaster." + z.Name
	if user, host, ok := strings.Cut(z.Mail, "@"); ok {
		mail = strings.ReplaceAll(user, ".", "-") + "." + host // a dot before the at sign has no place here
	}
	box, err := dnsmessage.NewName(strings.TrimSuffix(mail, ".") + ".")
	if err != nil {
		box = dnsmessage.MustNewName(z.Name + ".")
	}
	return z.resource(z.Name, life, dnsmessage.TypeSOA, &dnsmessage.SOAResource{NS: dnsmessage.MustNewName(strings.TrimSuffix(z.Server, ".") + "."), MBox: box,
		Serial: z.Serial, Refresh: 3600, Retry: 600, Expire: 604800, MinTTL: dnsRefuse})
}

func (z Zone) resource(name string, life uint32, kind dnsmessage.Type, body dnsmessage.ResourceBody) dnsmessage.Resource {
	return resourceOf(dnsmessage.MustNewName(strings.TrimSuffix(name, ".")+"."), life, kind, body)
}

func resourceOf(name dnsmessage.Name, life uint32, kind dnsmessage.Type, body dnsmessage.ResourceBody) dnsmessage.Resource {
	return dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: name, Type: kind, Class: dnsmessage.ClassINET, TTL: life}, Body: body}
}
